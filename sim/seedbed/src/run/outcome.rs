//! What came of a run.

use crate::{
    executor::{Core, CrashPoint, Offer, Traced},
    finding::Finding,
    history::{Digest, History},
    strategy::StrategyName,
    time::Duration,
};

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The fingerprint of its history.
    pub digest: Digest,
    /// What was found, if anything was.
    pub finding: Option<Finding>,
    /// How it picked.
    pub strategy: StrategyName,
    /// Virtual time at its end.
    pub virtual_time: Duration,
    /// Polls of tasks.
    pub polls: u64,
    /// Events of its history.
    pub events: u64,
    /// Tasks spawned.
    pub tasks: u32,
    /// The marks it reached.
    pub marks: Vec<&'static str>,
    /// Injected faults by family.
    pub injections: Vec<(&'static str, u64)>,
    /// What [`count`](crate::count) counted.
    pub counts: Vec<(&'static str, u64)>,
    /// Fault families that were on.
    pub families_on: Vec<&'static str>,
    /// The case's decisions that changed nothing: none of that name came up, or it has that value by default,
    /// or cannot have it.
    pub unmatched: Vec<String>,
    /// The kept history.
    pub history: Option<History>,
    pub(crate) traced: Traced,
    pub(crate) offers: Vec<Offer>,
    pub(crate) crash_points: Vec<CrashPoint>,
}

impl Outcome {
    /// Closes the books: nothing that happens later counts.
    pub(crate) fn seal(core: &Core) -> Self {
        let mut recorder = core.recorder.borrow_mut();
        recorder.seal();
        Self {
            digest: recorder.digest(),
            finding: core.take_verdict(),
            strategy: core.schedule().name,
            virtual_time: Duration::from_nanos(core.now().as_nanos()),
            polls: core.polls(),
            events: recorder.events(),
            tasks: core.tasks_spawned(),
            marks: recorder.take_marks(),
            injections: recorder.take_injections(),
            counts: core.take_counts(),
            families_on: core.families_on(),
            unmatched: Vec::new(),
            history: recorder.take_history(),
            traced: core.take_traced(),
            offers: core.take_offers(),
            crash_points: core.take_crash_points(),
        }
    }
}
