//! Checks: small named folds over a run's events.

use crate::{history::Event, time::Instant};
use std::fmt;

/// What was found wrong, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    message: String,
    /// The message before its arguments went in.
    form: Option<&'static str>,
}

/// What a scenario's body and every check return.
pub type Result = std::result::Result<(), Violation>;

impl Violation {
    /// A violation in these words; [`ensure!`](crate::ensure) makes one from a condition.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), form: None }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn of_form(form: &'static str, message: String) -> Self {
        Self { message, form: Some(form) }
    }

    pub(crate) const fn form(&self) -> Option<&'static str> {
        self.form
    }

    /// The words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// So that a scenario can use `?` on any error.
impl<E: std::error::Error> From<E> for Violation {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}

/// Returns a [`Violation`] from the enclosing function if the condition does not hold.
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        if !$condition {
            const FORM: &str = concat!("not true: ", stringify!($condition));
            return ::core::result::Result::Err($crate::check::Violation::of_form(FORM, FORM.to_owned()));
        }
    };
    ($condition:expr, $form:literal $($arguments:tt)*) => {
        if !$condition {
            return ::core::result::Result::Err($crate::check::Violation::of_form($form, format!($form $($arguments)*)));
        }
    };
}

/// Which events a check wants to see: a smaller interest makes a faster sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// The service's own `tracing` events, marks and injected faults.
    Logs,
    /// Everything, polls and timers included; but no wakes, whose order within one poll may be the process's own.
    All,
}

/// A rule about the whole world: a fold over its events that keeps its own evidence. Made anew for each
/// run. Must be a function of the events alone, or replays will differ; and it may not block, as it is asked in the
/// middle of a task's turn.
pub trait Check {
    /// The rule in a few words, e.g. `holders never exceed slots`; part of a finding's signature.
    fn name(&self) -> &'static str;

    /// Which events [`on_event`](Self::on_event) gets.
    fn interest(&self) -> Interest {
        Interest::Logs
    }

    /// Called for each event, in order, at virtual time `now`.
    ///
    /// # Errors
    /// The rule is broken: the run ends with a `Violation` finding.
    fn on_event(&mut self, now: Instant, event: &Event<'_>) -> Result {
        let _ = (now, event);
        Ok(())
    }

    /// Called by `World::settle` when faults have stopped and all work has ended.
    ///
    /// # Errors
    /// As above.
    fn at_rest(&mut self, now: Instant) -> Result {
        let _ = now;
        Ok(())
    }

    /// Called once, when the scenario's body has returned `Ok`.
    ///
    /// # Errors
    /// As above.
    fn at_end(&mut self, now: Instant) -> Result {
        let _ = now;
        Ok(())
    }

    /// For a stall: who holds what others wait for, one phrase each (`slot 2: shard-7 for 31 s`).
    fn holders(&self, now: Instant) -> Vec<String> {
        let _ = now;
        Vec::new()
    }
}
