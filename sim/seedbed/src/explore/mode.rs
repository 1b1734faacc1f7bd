//! What is tried everywhere.

use super::{
    crash::survey_crashes,
    survey::{Survey, survey_cancels},
};
use crate::{
    case::{Case, CaseError},
    run::Program,
};
use serde::{Deserialize, Serialize};

/// What is tried everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// Every cancellation of what was declared cancellable.
    Cancel,
    /// A loss of power before every call of a machine that may lose it, with every state that this may leave.
    Crash,
}

impl Mode {
    #[cfg(feature = "cli")]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Crash => "crash",
        }
    }

    /// How many runs a test explores around. In another than the calm one the power fails by itself.
    pub(super) const fn bases(self) -> u64 {
        match self {
            Self::Cancel => 5,
            Self::Crash => 1,
        }
    }

    /// How many runs of a test are not one point alone.
    pub(super) const fn samples(self) -> u64 {
        match self {
            Self::Cancel => 256,
            Self::Crash => 0,
        }
    }

    /// What a test has to do for there to be anything to try.
    pub(super) const fn needs(self) -> &'static str {
        match self {
            Self::Cancel => {
                "every cancellation is to be tried, and nothing was declared cancellable: call `world.may_cancel`"
            }
            Self::Crash => {
                "every loss of power is to be tried, and no machine that may lose it made a call: call \
                 `machine.may_lose_power`"
            }
        }
    }

    /// Runs `case` and takes note of every place. All fault families are on, though no fault strikes by itself in a case
    /// without a seed.
    ///
    /// # Errors
    /// The case does not fit the program.
    pub(crate) fn survey(self, program: &Program<'_>, case: &Case) -> Result<Survey, CaseError> {
        match self {
            Self::Cancel => survey_cancels(program, case),
            Self::Crash => survey_crashes(program, case),
        }
    }
}
