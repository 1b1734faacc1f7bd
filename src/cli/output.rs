//! What a command says on stdout. A reader who has gone, as `head` does, ends the command and is no error.

use std::{
    io::{self, Write as _},
    process,
};

/// What a shell calls a command that wrote to a pipe nobody reads.
const ENDED_BY_PIPE: i32 = 141;

/// A line, at once.
pub(super) fn line(line: &str) {
    text(&format!("{line}\n"));
}

/// A text, at once.
pub(super) fn text(text: &str) {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(ENDED_BY_PIPE),
        Err(error) => {
            eprintln!("error: stdout: {error}");
            process::exit(2);
        }
    }
}
