//! Operations that contradict each other, and how far they can be explained.

use super::{
    End, Operation,
    search::{Placed, Span},
    smallest::{Search, Smallest, smallest},
};

/// A history that is not linearizable, as small as the rules in the [module's documentation](super) allow. Displayed,
/// it is a table of its operations by client and call, and below it the order that explains all but one return.
#[derive(Clone, Debug)]
pub struct Counterexample<Op, Ret, S> {
    /// The key that it is about, as text, if the history was checked by keys.
    pub key: Option<String>,
    /// The operations in the order of their calls. Those that had not returned when `unexplained` did are pending.
    pub operations: Vec<Operation<Op, Ret>>,
    /// How many others on this key it was cut from.
    pub left_out: usize,
    /// The last of them to return: the one without an explanation, if `order` is known.
    pub unexplained: usize,
    /// The state before all of them.
    pub initial: S,
    /// An order that explains what all the others returned. The unexplained one is among them if its effect is needed for
    /// that; else it would come last. `None` if the steps were not enough for it.
    pub order: Option<Vec<Explained<S>>>,
    /// What the unexplained one may return in that order, of all that was returned anywhere in the history.
    pub allowed: Vec<Ret>,
    /// Whether it is the smallest: `false` if the steps were not enough to try everything.
    pub is_smallest: bool,
}

/// An operation in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained<S> {
    /// Which of the operations.
    pub operation: usize,
    /// The state that it left.
    pub state: S,
}

impl<S> Explained<S> {
    fn new(Placed { index, state }: Placed<S>) -> Self {
        Self { operation: index, state }
    }
}

impl<Op: Clone, Ret: Clone, S: Clone> Counterexample<Op, Ret, S> {
    pub(super) fn new(
        key: Option<String>,
        recorded: &[Operation<Op, Ret>],
        initial: S,
        search: Search<'_, Op, Ret, S>,
        steps_max: u64,
    ) -> Self {
        let (recorded, spans): (Vec<_>, Vec<_>) =
            recorded.iter().filter_map(|operation| Some((operation, Span::of(operation)?))).unzip();
        let Smallest { kept, unexplained, order, is_smallest } = smallest(&spans, search, steps_max);
        let operation = |&(index, has_returned): &(usize, bool)| {
            let operation = recorded[index].clone();
            if has_returned { operation } else { Operation { end: End::Pending, ..operation } }
        };
        Self {
            key,
            operations: kept.iter().map(operation).collect(),
            left_out: recorded.len() - kept.len(),
            unexplained,
            initial,
            order: order.map(|order| order.into_iter().map(Explained::new).collect()),
            allowed: Vec::new(),
            is_smallest,
        }
    }

    /// Tries on the unexplained operation what others returned.
    pub(super) fn with_allowed<N>(
        mut self,
        recorded: &[Operation<Op, Ret>],
        step: &impl Fn(&S, &Op, Option<&Ret>) -> N,
    ) -> Self
    where
        S: Eq,
        N: IntoIterator<Item = S>,
    {
        let Some(order) = &self.order else { return self };
        let place = order.iter().position(|explained| explained.operation == self.unexplained);
        let before = place.unwrap_or(order.len()).checked_sub(1);
        let state = before.map_or(&self.initial, |index| &order[index].state);
        let after = place.map(|index| &order[index].state);
        let op = &self.operations[self.unexplained].op;
        let is_allowed =
            |value: &Ret| step(state, op, Some(value)).into_iter().any(|next| after.is_none_or(|after| next == *after));
        let returned = recorded.iter().filter_map(Operation::returned);
        self.allowed = returned.filter(|value| is_allowed(value)).cloned().collect();
        self
    }
}
