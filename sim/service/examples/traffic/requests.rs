//! What is asked for, and what came of it. Knows no connection.

use seedbed::{
    World,
    decision::{Site, ratio},
};
use std::{cell::RefCell, collections::BTreeMap, fmt, io, rc::Rc};
use tokio::sync::Semaphore;

/// One request of a run, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    /// An order, which is not to be carried out twice.
    Order(u64),
    /// A body that is to come back.
    Copy { number: u64, len: usize, chunk: usize, is_slow: bool },
}

/// More than both sockets' buffers hold.
const LARGE: std::ops::Range<u64> = 100_000..400_000;
const SMALL: std::ops::Range<u64> = 0..4_000;
const CHUNKS: std::ops::Range<u64> = 500..20_000;

impl Request {
    /// Half are orders; one copy in 20 is large, and one in 20 comes slowly.
    pub(crate) fn drawn(world: World, number: u64) -> Self {
        const REQUEST: Site = Site::new("traffic.request");
        if number.is_multiple_of(2) {
            return Self::Order(number);
        }
        let mut draws = world.draws(REQUEST, &format!("request-{number}"));
        let size = if draws.chance(ratio(1, 20)) { LARGE } else { SMALL };
        let (is_slow, len, chunk) = (draws.chance(ratio(1, 20)), draws.range(size), draws.range(CHUNKS));
        Self::Copy { number, len: len as usize, chunk: chunk as usize, is_slow }
    }

    pub(crate) const fn number(&self) -> u64 {
        match *self {
            Self::Order(number) | Self::Copy { number, .. } => number,
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection came about.
    Connect(io::Error),
    /// It broke, or what came over it was no answer.
    Http(hyper::Error),
    /// The server refused, with this status.
    Refused(u16),
    /// The server does not know what came of the order.
    Unknown,
    /// Nothing came for too long.
    TimedOut,
    /// Whoever asked gave up.
    GivenUp,
    /// The answer is not what was sent: a finding.
    Corrupt { at: usize },
}

impl Failure {
    /// Whether it is worth asking again.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Http(_) | Self::TimedOut | Self::GivenUp => true,
            Self::Refused(_) | Self::Unknown | Self::Corrupt { .. } => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "no connection: {error}"),
            Self::Http(error) => write!(f, "the connection: {error}"),
            Self::Refused(status) => write!(f, "refused with {status}"),
            Self::Unknown => f.write_str("nobody knows what came of it"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::GivenUp => f.write_str("given up"),
            Self::Corrupt { at } => write!(f, "byte {at} is another than was sent"),
        }
    }
}

/// What came of the requests of a run: outlives the clients that ask.
#[derive(Clone)]
pub(crate) struct Book(Rc<Kept>);

struct Kept {
    outcomes: RefCell<BTreeMap<u64, Result<(), Failure>>>,
    done: Semaphore,
}

impl Book {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Kept { outcomes: RefCell::default(), done: Semaphore::new(0) }))
    }

    pub(crate) fn has(&self, number: u64) -> bool {
        self.0.outcomes.borrow().contains_key(&number)
    }

    pub(crate) fn note(&self, number: u64, outcome: Result<(), Failure>) {
        if let Err(failure) = &outcome {
            tracing::info!(number, %failure, "request failed");
        }
        self.0.outcomes.borrow_mut().insert(number, outcome);
        seedbed::count("requests", 1);
        self.0.done.add_permits(1);
    }

    /// Returns when so many have come to something.
    pub(crate) async fn all(&self, requests: u32) {
        let _all = self.0.done.acquire_many(requests).await;
    }

    /// The first answer that is not what was sent.
    pub(crate) fn corrupt(&self) -> Option<(u64, usize)> {
        self.0.outcomes.borrow().iter().find_map(|(number, outcome)| match outcome {
            Err(Failure::Corrupt { at }) => Some((*number, *at)),
            _ => None,
        })
    }
}
