//! Keeps the log of a test and checks that it tells one consistent story.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, Once},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Every event in order: its message and its number fields.
#[derive(Clone, Default)]
pub struct Story(Arc<Mutex<Vec<Line>>>);

#[derive(Clone, Debug, Default)]
pub struct Line {
    pub message: String,
    pub numbers: BTreeMap<&'static str, u64>,
    pub words: BTreeMap<&'static str, String>,
}

impl Story {
    /// How many events had this message.
    pub fn count(&self, message: &str) -> u64 {
        self.lines().iter().filter(|line| line.message == message).count() as u64
    }

    /// The sum of one field over all events with this message.
    pub fn sum(&self, message: &str, field: &str) -> u64 {
        self.lines().iter().filter(|line| line.message == message).map(|line| line.numbers[field]).sum()
    }

    pub fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().clone()
    }

    /// Folds the scheduler's events: each ticket waits once, then leaves or acquires, then releases;
    /// `active` and `waiting` are what the fold counts, and never more than `max` hold.
    pub fn assert_consistent(&self) {
        let (mut waiting, mut holding) = (BTreeMap::new(), BTreeMap::new());
        for line in self.lines() {
            let ticket = line.numbers.get("ticket").copied();
            match (line.message.as_str(), ticket) {
                ("waiting for slot", Some(ticket)) => {
                    assert!(waiting.insert(ticket, ()).is_none(), "{line:?}")
                }
                ("left the queue", Some(ticket)) => {
                    assert!(waiting.remove(&ticket).is_some(), "{line:?}")
                }
                ("acquired slot", Some(ticket)) => {
                    assert!(waiting.remove(&ticket).is_some(), "{line:?}");
                    assert!(holding.insert(ticket, ()).is_none(), "{line:?}");
                }
                ("released slot", Some(ticket)) => {
                    assert!(holding.remove(&ticket).is_some(), "{line:?}")
                }
                ("registered" | "unregistered" | "stopped", None) => {}
                ("spawned" | "finished" | "failed" | "panicked" | "cancelled" | "timed out", None) => {}
                _ => panic!("an event nobody has heard of: {line:?}"),
            }
            let counts = [("active", holding.len()), ("waiting", waiting.len())];
            for (field, count) in counts {
                if let Some(told) = line.numbers.get(field) {
                    assert_eq!(*told, count as u64, "{field} in {line:?}");
                }
            }
            if let Some(max) = line.numbers.get("max") {
                assert!(holding.len() as u64 <= *max, "{line:?}");
            }
        }
        assert!(waiting.is_empty() && holding.is_empty(), "left over: {waiting:?} {holding:?}");
    }
}

impl Subscriber for Story {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("shardwright::")
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().unwrap().push(line);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Makes every event of this process be asked for, by nobody in particular. To be called before the
/// first event.
///
/// tracing remembers for each place in the code whether anybody listens. If one test reaches such a
/// place for the first time, with no listener, while another test installs its story, tracing may
/// remember for ever that nobody does. A listener that was always there leaves no such moment.
pub fn listen_from_the_start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Deaf).expect("nothing else sets a global subscriber");
    });
}

struct Deaf;

impl Subscriber for Deaf {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn event(&self, _: &Event<'_>) {}
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.numbers.insert(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.words.insert(field.name(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        assert_eq!(field.name(), "message", "only the message may be formatted");
        self.message = format!("{value:?}");
    }
}
