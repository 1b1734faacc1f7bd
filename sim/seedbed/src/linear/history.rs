//! The record of who called what, and what came back. Knows no model.

use super::{Checker, Failure};
use crate::{context, time::Instant};
use std::{
    cell::RefCell,
    fmt::{self, Display},
    hash::Hash,
    rc::Rc,
};

/// The calls of an object's operations, and their returns, in the order in which they were recorded. Clones are one
/// history; it serves the tasks of one world, or a test outside of any.
pub struct History<Op, Ret>(Rc<RefCell<Record<Op, Ret>>>);

struct Record<Op, Ret> {
    operations: Vec<Operation<Op, Ret>>,
    moments: u64,
}

/// One operation of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<Op, Ret> {
    /// Who called it.
    pub client: Rc<str>,
    /// What was called.
    pub op: Op,
    /// When.
    pub called: Moment,
    /// What became of it.
    pub end: End<Ret>,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End<Ret> {
    /// It returned.
    Returned(Ret, Moment),
    /// Nobody knows: it may have taken effect at any time since the call, or never will.
    Pending,
    /// It is known to have had no effect, and counts for nothing.
    Failed,
}

/// A point of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Its place among all calls and returns of the history, from 0.
    pub index: u64,
    /// Virtual time; the world's start if it was outside of one.
    pub at: Instant,
}

impl<Op, Ret> Operation<Op, Ret> {
    /// What it returned, if it did.
    #[must_use]
    pub const fn returned(&self) -> Option<&Ret> {
        match &self.end {
            End::Returned(value, _) => Some(value),
            End::Pending | End::Failed => None,
        }
    }
}

impl<Op, Ret> History<Op, Ret> {
    /// Nothing was called yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(Record { operations: Vec::new(), moments: 0 })))
    }

    /// `client` calls `op` now. Record it before anything of it can happen: an effect before its call cannot be
    /// explained.
    ///
    /// A client is a name to print by; one whose call is pending may call again.
    pub fn call(&self, client: impl Display, op: Op) -> Call<Op, Ret> {
        let mut record = self.0.borrow_mut();
        let called = record.moment();
        let client = client.to_string().into();
        record.operations.push(Operation { client, op, called, end: End::Pending });
        Call { history: self.clone(), index: record.operations.len() - 1 }
    }

    /// All operations so far, in the order of their calls.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<Op, Ret>>
    where
        Op: Clone,
        Ret: Clone,
    {
        self.0.borrow().operations.clone()
    }

    /// Whether the object may have behaved like this, see [`Checker::check`]; one object, [`STEPS`](super::STEPS) steps.
    ///
    /// # Errors
    /// No order of the calls explains what they returned; or none was found and not all were tried.
    pub fn check<S, N>(&self, initial: S, step: impl Fn(&S, &Op, Option<&Ret>) -> N) -> Result<(), Failure<Op, Ret, S>>
    where
        Op: Clone,
        Ret: Clone,
        S: Clone + Eq + Hash,
        N: IntoIterator<Item = S>,
    {
        self.checker().check(initial, step)
    }

    /// To check it by keys, or with another bound.
    pub fn checker(&self) -> Checker<Op, Ret>
    where
        Op: Clone,
        Ret: Clone,
    {
        Checker::new(self.operations())
    }
}

impl<Op, Ret> Default for History<Op, Ret> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Op, Ret> Clone for History<Op, Ret> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Op: fmt::Debug, Ret: fmt::Debug> fmt::Debug for History<Op, Ret> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.borrow().operations).finish()
    }
}

impl<Op, Ret> Record<Op, Ret> {
    fn moment(&mut self) -> Moment {
        let index = self.moments;
        self.moments += 1;
        Moment { index, at: context::try_with(|core| core.now()).unwrap_or(Instant::START) }
    }
}

/// A call on its way. Dropped, it stays pending.
#[must_use = "say how it ended, or `let _call = ..`: what is dropped at once is pending for ever"]
pub struct Call<Op, Ret> {
    history: History<Op, Ret>,
    index: usize,
}

impl<Op, Ret> Call<Op, Ret> {
    /// It returned `value` now. Record it when the client has it, and nothing can happen in between.
    pub fn returned(self, value: Ret) {
        let mut record = self.history.0.borrow_mut();
        let moment = record.moment();
        record.operations[self.index].end = End::Returned(value, moment);
    }

    /// It is known to have had no effect, and to have none later: the history forgets it. An error that may come
    /// after the effect, such as a timeout, is no such knowledge.
    pub fn failed(self) {
        self.history.0.borrow_mut().operations[self.index].end = End::Failed;
    }
}

impl<Op: fmt::Debug, Ret: fmt::Debug> fmt::Debug for Call<Op, Ret> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.history.0.borrow().operations[self.index].fmt(f)
    }
}
