//! One `tracing` subscriber for the whole process: hands events to the world on the current thread.
//! Spans get no interest, so they cost nothing.

use super::log::LogBody;
use crate::context;
use std::{cell::Cell, sync::Once};
use tracing::{
    Event, Level, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};

struct WorldSubscriber;

/// Installs it, once a process; a second subscriber would not see a world's events.
///
/// # Panics
/// If the process already has a global subscriber: no check could see an event.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        assert!(
            tracing::subscriber::set_global_default(WorldSubscriber).is_ok(),
            "seedbed must be the process's global `tracing` subscriber, and another one is installed: \
             leave it out under cfg(madsim)"
        );
    });
}

thread_local! {
    static SCRATCH: Cell<Option<Box<LogBody>>> = const { Cell::new(None) };
}

impl WorldSubscriber {
    /// DEBUG and up; madsim speaks of its own inside.
    fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::DEBUG && !metadata.target().starts_with("madsim")
    }
}

impl Subscriber for WorldSubscriber {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        Self::wants(metadata)
    }

    fn event(&self, event: &Event<'_>) {
        if !context::is_inside() {
            return;
        }
        // Out of its place while fields are visited: a field's `Debug` may log in its turn.
        let mut body = SCRATCH.take().unwrap_or_default();
        body.clear();
        event.record(&mut *body);
        context::with(|core| {
            let mut recorder = core.recorder.try_borrow_mut().expect("a check is told of events, and must log none");
            recorder.log(event.metadata(), &body);
        });
        SCRATCH.set(Some(body));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
