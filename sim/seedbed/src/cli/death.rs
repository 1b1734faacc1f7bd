//! Of what a process died, as a finding about the case it was running.

use crate::finding::Finding;
use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus, time::Duration};

/// Of what a process died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Death {
    /// In a few words that are the same for the same cause.
    cause: String,
    /// What it said last.
    last_words: Option<String>,
}

impl Death {
    pub(super) fn new(status: Option<ExitStatus>, stderr: &[String]) -> Self {
        let said = |words: &str| stderr.iter().find(|line| line.contains(words));
        let end = status.map_or_else(|| "lost".to_owned(), describe);
        let (overflow, memory) = (said("has overflowed its stack"), said("memory allocation of"));
        let cause = match (overflow, memory) {
            (Some(_), _) => format!("{end} (stack overflow)"),
            (None, Some(_)) => format!("{end} (out of memory)"),
            (None, None) => end,
        };
        Self { cause, last_words: memory.or_else(|| last_words(stderr)).cloned() }
    }

    pub(super) fn finding(&self) -> Finding {
        let words = self.last_words.as_ref().map(|words| format!("; its last words: {words}")).unwrap_or_default();
        Finding::abort(&self.cause, format!("the process ended{words}"))
    }

    pub(super) fn words(&self) -> String {
        self.last_words.as_ref().map_or_else(|| self.cause.clone(), |words| format!("{}: {words}", self.cause))
    }
}

/// The last line but for a backtrace and the advice around it.
fn last_words(stderr: &[String]) -> Option<&String> {
    let before_backtrace = stderr.iter().take_while(|line| !line.starts_with("stack backtrace:"));
    before_backtrace.filter(|line| !line.trim().is_empty() && !line.starts_with("note:")).last()
}

/// The finding about a case that had to be cut.
pub(super) fn never_returned(limit: Duration) -> Finding {
    let seconds = limit.as_secs();
    Finding::abort("did not return", format!("did not return in {seconds} s of real time, and was cut"))
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("killed by {}", signal_name(signal)),
        (None, Some(code)) => format!("ended by its own exit, status {code}"),
        (None, None) => "ended".to_owned(),
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGTERM => "SIGTERM",
        libc::SIGTRAP => "SIGTRAP",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
