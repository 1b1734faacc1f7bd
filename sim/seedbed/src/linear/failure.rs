//! Why a check did not pass.

use super::Counterexample;
use crate::check::Violation;
use std::fmt::{self, Debug, Display};

/// Why a check did not pass. As a [`Violation`] it has one signature, whatever the history.
#[derive(Clone, Debug)]
pub enum Failure<Op, Ret, S> {
    /// No order of the calls explains what they returned.
    NotLinearizable(Box<Counterexample<Op, Ret, S>>),
    /// None was found, and not all were tried. Not a bug of the object, and no proof that there is none: check by key,
    /// record less, keep less in a state, or allow more steps.
    Undecided {
        /// How many were taken.
        steps: u64,
    },
}

impl<Op, Ret, S> Failure<Op, Ret, S> {
    const fn form(&self) -> &'static str {
        match self {
            Self::NotLinearizable(_) => "not linearizable",
            Self::Undecided { .. } => "undecided whether it is linearizable",
        }
    }
}

/// The counterexample, several lines.
impl<Op: Debug, Ret: Debug, S: Debug> Display for Failure<Op, Ret, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLinearizable(counterexample) => write!(f, "{}: {counterexample}", self.form()),
            Self::Undecided { steps } => write!(f, "{}: no order was found in {steps} steps", self.form()),
        }
    }
}

impl<Op: Debug, Ret: Debug, S: Debug> From<Failure<Op, Ret, S>> for Violation {
    fn from(failure: Failure<Op, Ret, S>) -> Self {
        Self::of_form(failure.form(), failure.to_string())
    }
}
