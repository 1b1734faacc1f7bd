//! What a command says on stdout. A reader who has gone, as `head` does, ends the command and is no error.

use super::scratch::Scratch;
use std::{
    fmt,
    io::{self, Write as _},
    process,
};

/// What a shell calls a command that wrote to a pipe nobody reads.
const ENDED_BY_PIPE: i32 = 141;

/// `println!` that does not panic.
macro_rules! say {
    () => { $crate::cli::output::text(format_args!("\n")) };
    ($($text:tt)+) => { $crate::cli::output::text(format_args!("{}\n", format_args!($($text)+))) };
}
pub(super) use say;

/// A line on stdout, for a program's own commands. If nobody reads any more, the process ends as one that wrote to
/// such a pipe does (141).
pub fn say_line(line: &str) {
    text(format_args!("{line}\n"));
}

/// `print!` that does not panic.
pub(super) fn text(text: fmt::Arguments<'_>) {
    let mut stdout = io::stdout().lock();
    match stdout.write_fmt(text).and_then(|()| stdout.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => end(ENDED_BY_PIPE),
        Err(error) => {
            eprintln!("error: stdout: {error}");
            end(2);
        }
    }
}

fn end(status: i32) -> ! {
    Scratch::remove_all();
    process::exit(status)
}
