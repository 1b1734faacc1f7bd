//! What may go wrong with a call: fault families, how often they strike, and what they do.

use seedbed::decision::{Ratio, Site, ratio};

/// Something that may go wrong with a call. All of a preset's hazards of one family are on or off together.
#[derive(Clone, Copy, Debug)]
pub struct Hazard {
    /// The family.
    pub family: Family,
    /// Its name within the family.
    pub variant: &'static str,
    /// In how many calls of a run with the family on.
    pub in_calls: Ratio,
    /// What happens.
    pub effect: Effect,
}

/// A fault family of the provider.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name, as in sweeps.
    pub name: &'static str,
    /// In how many runs it is on.
    pub in_runs: Ratio,
    pub(super) site: Site,
}

impl Family {
    /// Errors that may pass.
    pub const ERROR: Self = Self::new("llm.error", ratio(1, 2));
    /// Errors that will not pass.
    pub const REFUSAL: Self = Self::new("llm.refusal", ratio(1, 4));
    /// No answer, ever.
    pub const STALL: Self = Self::new("llm.stall", ratio(1, 4));
    /// Streams that end without a last chunk.
    pub const CUT: Self = Self::new("llm.stream-cut", ratio(1, 3));
    /// The client's own code panics.
    pub const PANIC: Self = Self::new("llm.panic", ratio(1, 4));

    const fn new(name: &'static str, in_runs: Ratio) -> Self {
        Self { name, in_runs, site: Site::new(name) }
    }
}

/// What a hazard does to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// 429.
    Throttle,
    /// 429 with a wish to wait for up to so many seconds.
    ThrottleFor {
        /// At most.
        secs_max: u64,
    },
    /// 529.
    Overload,
    /// The connection breaks.
    Disconnect,
    /// A success without any text.
    Empty,
    /// An error for good.
    Refuse,
    /// Never an answer; a stream falls silent half way.
    Stall,
    /// The stream ends half way, without a last chunk. Harmless to a call without streaming.
    Cut,
    /// The client's own code panics.
    Panic,
}
