//! Ctrl-C: asks a sweep to end and tell what it has. Other commands, and a sweep at the second one, end at once.

use super::{problem::Problem, process::Event, scratch::Scratch};
use std::{
    io, process,
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::Sender,
    },
};

/// What a shell calls a command that ctrl-c has ended.
const ENDED_BY_INTERRUPT: i32 = 130;

/// Ctrl-C sends an event; the second one ends the process.
pub(super) fn send_to(events: Sender<Event>) -> Result<(), Problem> {
    let asked = AtomicBool::new(false);
    let handler = move || {
        // The command may have no more ears: it is about to end anyway.
        if asked.swap(true, Relaxed) || events.send(Event::Interrupted).is_err() {
            end();
        }
    };
    on_interrupt(handler)
}

/// Ctrl-C ends the process.
pub(super) fn ends_process() -> Result<(), Problem> {
    on_interrupt(end)
}

fn end() {
    Scratch::remove_all();
    process::exit(ENDED_BY_INTERRUPT);
}

fn on_interrupt(handler: impl FnMut() + Send + 'static) -> Result<(), Problem> {
    ctrlc::set_handler(handler)
        .map_err(|error| Problem::System { what: "the handler of ctrl-c", error: io::Error::other(error) })
}
