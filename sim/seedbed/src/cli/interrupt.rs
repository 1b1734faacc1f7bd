//! Ctrl-C: asks the command to end and tell what it has; the second one ends the process at once.

use super::{problem::Problem, process::Event};
use std::{
    io, process,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::Sender,
    },
};

/// What a shell calls a command that ctrl-c has ended.
const ENDED_BY_INTERRUPT: i32 = 130;

pub(super) fn send_to(events: Sender<Event>) -> Result<(), Problem> {
    let asked = AtomicBool::new(false);
    let handler = move || {
        // The command may have no more ears: it is about to end anyway.
        if asked.swap(true, Relaxed) || events.send(Event::Interrupted).is_err() {
            process::exit(ENDED_BY_INTERRUPT);
        }
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Problem::System { what: "the handler of ctrl-c", error: io::Error::other(error) })
}
