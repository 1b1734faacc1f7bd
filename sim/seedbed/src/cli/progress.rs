//! How far a sweep is, for a person at a terminal. Writes to stderr only, and only if that is one.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal as _},
    time::Duration,
};

#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// The bar is of time rather than of runs.
    of_time: bool,
}

impl Progress {
    /// Of `runs`, or of a stretch of time if that is what ends the sweep.
    pub(super) fn start(runs: u64, time: Option<Duration>) -> Self {
        if !io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), of_time: false };
        }
        // A sweep with a time limit and few seeds ends with its seeds.
        let of_time = time.filter(|_| runs > u64::MAX >> 8);
        let (length, template) = match of_time {
            Some(time) => (time.as_secs(), "{bar:30} {elapsed} of {len} s, {msg}"),
            None => (runs, "{bar:30} {human_pos}/{human_len} runs, {eta} to go, {msg}"),
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: ProgressBar::new(length).with_style(style), of_time: of_time.is_some() }
    }

    pub(super) fn show(&self, runs: u64, findings: usize, elapsed: Duration) {
        let rate = u128::from(runs) * 1000 / elapsed.as_millis().max(1);
        let found = if findings == 0 { String::new() } else { format!(", {findings} findings") };
        if self.of_time {
            self.bar.set_position(elapsed.as_secs());
            self.bar.set_message(format!("{runs} runs, {rate}/s{found}"));
        } else {
            self.bar.set_position(runs);
            self.bar.set_message(format!("{rate}/s{found}"));
        }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
