//! What is asked of a history: with which keys, and for how long.

use super::{
    Counterexample, Failure, Operation,
    search::{Span, Steps, Verdict, search},
};
use std::{collections::BTreeMap, fmt::Debug, hash::Hash};

/// How many steps a check may take by default: 0.2 s on a register, some seconds where states are large. Most take microseconds.
pub const STEPS: u64 = 5_000_000;

/// A check of a history as it was when this was made.
#[must_use = "nothing is checked before `check`"]
#[derive(Clone, Debug)]
pub struct Checker<Op, Ret> {
    parts: Vec<Part<Op, Ret>>,
    steps_max: u64,
}

/// The operations on one key.
#[derive(Clone, Debug)]
struct Part<Op, Ret> {
    key: Option<String>,
    operations: Vec<Operation<Op, Ret>>,
}

impl<Op, Ret> Checker<Op, Ret> {
    pub(super) fn new(operations: Vec<Operation<Op, Ret>>) -> Self {
        Self { parts: vec![Part { key: None, operations }], steps_max: STEPS }
    }

    /// Each key is an object of its own, checked alone: much faster, and the same answer if no operation reads or
    /// changes anything of another key.
    pub fn by_key<K: Ord + Debug>(self, key: impl Fn(&Op) -> K) -> Self {
        let mut parts = BTreeMap::<K, Vec<_>>::new();
        for operation in self.parts.into_iter().flat_map(|part| part.operations) {
            parts.entry(key(&operation.op)).or_default().push(operation);
        }
        let part = |(key, operations)| Part { key: Some(format!("{key:?}")), operations };
        Self { parts: parts.into_iter().map(part).collect(), ..self }
    }

    /// A bound on the search: how often it may call the step function, and take a state from it. What fails may take
    /// four times as many again to become small.
    pub const fn steps_max(mut self, steps: u64) -> Self {
        self.steps_max = steps;
        self
    }

    /// Whether the object may have behaved like this, from its `initial` state.
    ///
    /// `step` is its sequential specification: the states in which an operation may leave it that finds it in this state
    /// and returns this; none if it may not return this there. Usually an `Option`; any finite iterator for an object
    /// that has a choice. For a pending operation the return is `None`: whatever it may return, its states count. It
    /// must be a function of its arguments alone. Only what a later operation can tell belongs into a state.
    ///
    /// # Errors
    /// [`Failure::NotLinearizable`] if no order explains what was returned. [`Failure::Undecided`] if none was found,
    /// and not all were tried.
    pub fn check<S, N>(self, initial: S, step: impl Fn(&S, &Op, Option<&Ret>) -> N) -> Result<(), Failure<Op, Ret, S>>
    where
        Op: Clone,
        Ret: Clone,
        S: Clone + Eq + Hash,
        N: IntoIterator<Item = S>,
    {
        let mut steps = Steps::new(self.steps_max);
        let mut is_decided = true;
        for part in self.parts {
            let spans: Vec<_> = part.operations.iter().filter_map(Span::of).collect();
            match search(&spans, &initial, &step, &mut steps) {
                Verdict::Linearizable(_) => {}
                Verdict::Not => {
                    let Part { key, operations } = &part;
                    let search = |spans: &[Span<'_, Op, Ret>], steps: &mut Steps| search(spans, &initial, &step, steps);
                    let found = Counterexample::new(key.clone(), operations, initial.clone(), &search, self.steps_max)
                        .with_allowed(operations, &step);
                    return Err(Failure::NotLinearizable(Box::new(found)));
                }
                Verdict::Undecided => is_decided = false,
            }
        }
        if is_decided { Ok(()) } else { Err(Failure::Undecided { steps: steps.taken }) }
    }
}
