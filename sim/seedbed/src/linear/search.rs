//! The search for an order that explains a history: by depth, on the heap, within a bound.

use super::{Operation, history::End, open::Open, visited::Visited};
use std::{hash::Hash, vec};

/// An operation as the search sees it.
pub(super) struct Span<'a, Op, Ret> {
    pub(super) op: &'a Op,
    pub(super) called: u64,
    /// What it returned, and when. `None`: it is pending.
    pub(super) returned: Option<(&'a Ret, u64)>,
}

impl<'a, Op, Ret> Span<'a, Op, Ret> {
    /// As it was recorded; nothing of what has failed.
    pub(super) fn of(operation: &'a Operation<Op, Ret>) -> Option<Self> {
        let returned = match &operation.end {
            End::Returned(value, moment) => Some((value, moment.index)),
            End::Pending => None,
            End::Failed => return None,
        };
        Some(Self { op: &operation.op, called: operation.called.index, returned })
    }

    /// The same call, and nobody knows what became of it.
    pub(super) const fn pending(self) -> Self {
        Self { returned: None, ..self }
    }
}

impl<Op, Ret> Clone for Span<'_, Op, Ret> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Op, Ret> Copy for Span<'_, Op, Ret> {}

/// A bound on work: calls of the model's step function, and states that they gave.
pub(super) struct Steps {
    pub(super) taken: u64,
    pub(super) max: u64,
}

impl Steps {
    pub(super) const fn new(max: u64) -> Self {
        Self { taken: 0, max }
    }

    const fn take(&mut self) -> Result<(), Spent> {
        if self.taken >= self.max {
            return Err(Spent);
        }
        self.taken += 1;
        Ok(())
    }
}

struct Spent;

/// What a search came to.
pub(super) enum Verdict<S> {
    /// All that returned is explained in this order.
    Linearizable(Vec<Placed<S>>),
    /// By no order.
    Not,
    /// No order was found, and not all were tried.
    Undecided,
}

/// An operation in its place of an order.
pub(super) struct Placed<S> {
    /// Which of the spans.
    pub(super) index: usize,
    /// The state that it left.
    pub(super) state: S,
}

/// Searches for an order of `spans`, which stand in the order of their calls.
pub(super) fn search<Op, Ret, S, N>(
    spans: &[Span<'_, Op, Ret>],
    initial: &S,
    step: &impl Fn(&S, &Op, Option<&Ret>) -> N,
    steps: &mut Steps,
) -> Verdict<S>
where
    S: Clone + Eq + Hash,
    N: IntoIterator<Item = S>,
{
    let mut search = Search { open: Open::new(spans), visited: Visited::new(), step, steps };
    // Each level is a state, and what is tried as the next operation there; below it is what that led to.
    let mut levels = vec![Level::<S, N::IntoIter>::new(initial.clone())];
    while let Some(level) = levels.last_mut() {
        if search.open.is_all_explained() {
            return Verdict::Linearizable(order(levels));
        }
        match search.next(level) {
            Err(Spent) => return Verdict::Undecided,
            Ok(Some(Placed { index, state })) => {
                search.open.place(index);
                levels.push(Level::new(state));
            }
            Ok(None) => {
                levels.pop();
                if let Some(index) = levels.last().and_then(|level| level.placed) {
                    search.open.take_back(index);
                }
            }
        }
    }
    Verdict::Not
}

struct Level<S, I> {
    state: S,
    /// What stands next to this state in the order, at the moment.
    placed: Option<usize>,
    /// Of that, if it returned, the states that it may leave and were not tried yet.
    states: Option<I>,
    /// When all that returned was tried: the pending operations, and the states that they leave.
    pending: Option<vec::IntoIter<Placed<S>>>,
}

impl<S, I> Level<S, I> {
    const fn new(state: S) -> Self {
        Self { state, placed: None, states: None, pending: None }
    }
}

struct Search<'a, 'b, Op, Ret, S, F> {
    open: Open<'a, 'b, Op, Ret>,
    visited: Visited<S>,
    step: &'a F,
    steps: &'a mut Steps,
}

impl<Op, Ret, S, F, N> Search<'_, '_, Op, Ret, S, F>
where
    S: Clone + Eq + Hash,
    F: Fn(&S, &Op, Option<&Ret>) -> N,
    N: IntoIterator<Item = S>,
{
    /// The next operation and state to try at a level: where the search was not yet.
    fn next(&mut self, level: &mut Level<S, N::IntoIter>) -> Result<Option<Placed<S>>, Spent> {
        while level.pending.is_none() {
            if let (Some(index), Some(states)) = (level.placed, &mut level.states) {
                for state in states {
                    self.steps.take()?;
                    if self.is_news(index, &state) {
                        return Ok(Some(Placed { index, state }));
                    }
                }
            }
            match self.open.returned_after(level.placed) {
                Some(index) => (level.placed, level.states) = (Some(index), Some(self.states(&level.state, index)?)),
                None => level.pending = Some(self.pending(&level.state)?.into_iter()),
            }
        }
        let placed = level.pending.as_mut().and_then(Iterator::next);
        level.placed = placed.as_ref().map(|placed| placed.index);
        Ok(placed)
    }

    /// All that pending operations may do next. They are noted as visited before any is tried: so what one does alone is
    /// not tried again as what it does after others.
    fn pending(&mut self, state: &S) -> Result<Vec<Placed<S>>, Spent> {
        let mut found = Vec::new();
        let mut last = None;
        while let Some(index) = self.open.pending_after(last) {
            for next in self.states(state, index)? {
                self.steps.take()?;
                // One that changes nothing explains nothing.
                if next != *state && self.is_news(index, &next) {
                    found.push(Placed { index, state: next });
                }
            }
            last = Some(index);
        }
        Ok(found)
    }

    fn states(&mut self, state: &S, index: usize) -> Result<N::IntoIter, Spent> {
        self.steps.take()?;
        let span = &self.open.spans[index];
        Ok((self.step)(state, span.op, span.returned.map(|(value, _)| value)).into_iter())
    }

    fn is_news(&mut self, index: usize, state: &S) -> bool {
        self.open.place(index);
        let is_news = self.visited.insert(&self.open.returned.placed, &self.open.pending.placed, state);
        self.open.take_back(index);
        is_news
    }
}

/// The order that the levels stand for.
fn order<S, I>(levels: Vec<Level<S, I>>) -> Vec<Placed<S>> {
    let indices: Vec<_> = levels.iter().filter_map(|level| level.placed).collect();
    let states = levels.into_iter().skip(1).map(|level| level.state);
    indices.into_iter().zip(states).map(|(index, state)| Placed { index, state }).collect()
}
