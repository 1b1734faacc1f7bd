//! What the shrinker wants to know of a case: whether it fails alike, quickly; and everything, once.

use super::story;
use crate::{
    case::{Case, CaseError},
    finding::{Finding, FindingKind},
    history::Keep,
    run::{self, Outcome, Program},
};
use serde::{Deserialize, Serialize};

/// Whether a case fails with the signature that was asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Judged {
    pub(crate) is_same: bool,
    /// The listed decisions that changed nothing.
    pub(crate) unmatched: Vec<String>,
}

/// A case with everything that can be told of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) finding: Option<Finding>,
    /// The run without a seed.
    pub(crate) explicit: Case,
    pub(crate) unmatched: Vec<String>,
    pub(crate) story: Vec<String>,
}

/// One run, and for a stall that may be the one a second to see who waits for what.
///
/// # Errors
/// The case names something that does not exist.
pub(crate) fn judge(program: &Program<'_>, case: &Case, signature: &str) -> Result<Judged, CaseError> {
    let Outcome { finding, unmatched, .. } = run::on_fresh_thread(program, case, Keep::Nothing, None)?;
    let is_same = match finding {
        None => false,
        Some(mut finding) if finding.kind == FindingKind::Stall => {
            signature.starts_with(&format!("Stall: {}: ", finding.check)) && {
                run::trace_stall(program, case, &mut finding)?;
                finding.signature == signature
            }
        }
        Some(finding) => finding.signature == signature,
    };
    Ok(Judged { is_same, unmatched })
}

/// The whole run, and its story.
///
/// # Errors
/// As [`judge`].
pub(crate) fn look(program: &Program<'_>, case: &Case) -> Result<Look, CaseError> {
    let outcome = run::explain(program, case, None)?;
    let story = story::tell(program, case, &outcome)?;
    let explicit = outcome.history.as_ref().map_or_else(|| case.clone(), |history| case.explicit(history));
    Ok(Look { finding: outcome.finding, explicit, unmatched: outcome.unmatched, story })
}
