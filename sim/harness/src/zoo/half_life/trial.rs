//! What became of one find under one edit, and how many of them survived.

use super::Edit;
use crate::zoo::sim::Replayed;
use serde::Serialize;

/// What a run found, held against what was found before the edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    /// The same signature.
    Same,
    /// The same but for what the edit renames.
    Renamed,
    /// Something else.
    Other,
    /// Nothing.
    Nothing,
    /// It could not be run.
    Refused,
}

impl Mark {
    pub(super) fn sign(self) -> char {
        match self {
            Self::Same => '+',
            Self::Renamed => '~',
            Self::Other => '!',
            Self::Nothing => '-',
            Self::Refused => '?',
        }
    }
}

/// One run under one edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Trial {
    pub(super) mark: Mark,
    /// What was found, if it is not the same, or why it could not be run.
    pub(super) found: Option<String>,
    /// The listed decisions that changed nothing.
    pub(super) unmatched: Vec<String>,
}

impl Trial {
    /// `signature`: what was found before `edit`.
    pub(super) fn of(replayed: Result<Replayed, String>, signature: &str, edit: &Edit) -> Self {
        let Replayed { finding, unmatched } = match replayed {
            Ok(replayed) => replayed,
            Err(why) => return Self { mark: Mark::Refused, found: Some(why), unmatched: Vec::new() },
        };
        let found = finding.map(|finding| finding.signature);
        let mark = match &found {
            None => Mark::Nothing,
            Some(found) if found == signature => Mark::Same,
            Some(found) if *found == edit.renamed(signature) => Mark::Renamed,
            Some(_) => Mark::Other,
        };
        Self { mark, found: found.filter(|_| mark != Mark::Same), unmatched }
    }
}

/// All that was tried of one member under one edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cell {
    Tried {
        case: Trial,
        seed: Trial,
        /// `None` if the baseline had found nothing.
        baseline: Option<Trial>,
    },
    /// Bug and edit do not go together, for this reason.
    NotBuilt(String),
}

/// How many of some trials survived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Survival {
    pub(super) tried: u64,
    /// Under the very same signature.
    pub(super) same: u64,
    /// Under another name.
    pub(super) renamed: u64,
}

impl Survival {
    pub(super) fn of<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let mut survival = Self::default();
        for trial in trials {
            survival.tried += 1;
            survival.same += u64::from(trial.mark == Mark::Same);
            survival.renamed += u64::from(trial.mark == Mark::Renamed);
        }
        survival
    }

    pub(super) fn survived(&self) -> u64 {
        self.same + self.renamed
    }

    /// `None` of none.
    pub(super) fn percent(&self) -> Option<f64> {
        (self.tried > 0).then(|| self.survived() as f64 * 100.0 / self.tried as f64)
    }

    /// None reaches no aim.
    pub(super) fn reaches(&self, aim: f64) -> bool {
        self.percent().is_some_and(|percent| percent >= aim)
    }
}

/// The survival of the three finds over some cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    pub(super) cases: Survival,
    pub(super) seeds: Survival,
    pub(super) baseline: Survival,
    pub(super) not_built: u64,
}

impl Totals {
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a Cell> + Clone) -> Self {
        let tried = cells.clone().filter_map(|cell| match cell {
            Cell::Tried { case, seed, baseline } => Some((case, seed, baseline)),
            Cell::NotBuilt(_) => None,
        });
        Self {
            cases: Survival::of(tried.clone().map(|(case, ..)| case)),
            seeds: Survival::of(tried.clone().map(|(_, seed, _)| seed)),
            baseline: Survival::of(tried.filter_map(|(.., baseline)| baseline.as_ref())),
            not_built: cells.filter(|cell| matches!(cell, Cell::NotBuilt(_))).count() as u64,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use seedbed::Finding;

    pub(in super::super) fn trial(mark: Mark) -> Trial {
        Trial { mark, found: None, unmatched: Vec::new() }
    }

    fn mark(before: &str, after: Option<&str>, edit: &str) -> Mark {
        let finding = after.map(|signature| Finding {
            signature: signature.to_owned(),
            ..Finding::abort("never read", String::new())
        });
        let edit = Edit::named(edit).expect("an edit of the table");
        Trial::of(Ok(Replayed { finding, unmatched: Vec::new() }), before, edit).mark
    }

    #[test]
    fn another_name_is_forgiven_to_the_edit_that_gives_it_and_to_no_other() {
        let (before, after) = ("Panic: src/scheduler/ledger.rs: it broke", "Panic: src/scheduler/books.rs: it broke");
        assert_eq!(mark(before, Some(before), "moved-file"), Mark::Same);
        assert_eq!(mark(before, Some(after), "moved-file"), Mark::Renamed);
        assert_eq!(mark(before, Some(after), "log-line"), Mark::Other);
        assert_eq!(mark(before, Some("Panic: src/scheduler/books.rs: it tore"), "moved-file"), Mark::Other);
        assert_eq!(mark(before, None, "moved-file"), Mark::Nothing);
    }

    #[test]
    fn what_could_not_be_tried_is_in_no_total() {
        let tried = |baseline: Option<Mark>| Cell::Tried {
            case: trial(Mark::Same),
            seed: trial(Mark::Other),
            baseline: baseline.map(trial),
        };
        let cells = [tried(Some(Mark::Renamed)), tried(None), Cell::NotBuilt("it does not compile".to_owned())];
        let totals = Totals::of(cells.iter());
        assert_eq!(totals.cases, Survival { tried: 2, same: 2, renamed: 0 });
        assert_eq!((totals.seeds.tried, totals.seeds.survived()), (2, 0));
        assert_eq!(totals.baseline, Survival { tried: 1, same: 0, renamed: 1 });
        assert_eq!((totals.baseline.percent(), totals.not_built), (Some(100.0), 1));
        assert_eq!(Survival::default().percent(), None);
        assert!(!Survival::default().reaches(0.0));
    }
}
