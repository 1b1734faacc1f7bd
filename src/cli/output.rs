//! What a command says. A reader of stdout who has gone, as `head` does, ends the command and is no error.

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
            complain(&format!("error: stdout: {error}\n"));
            process::exit(2);
        }
    }
}

/// A text on stderr. If nobody reads it, the exit status says enough.
pub(super) fn complain(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
