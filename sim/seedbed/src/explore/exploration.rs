//! What came of an exploration, told by place in the code.

use super::{point::Listed, survey::Survey, trial::Trial};
use crate::{case::Case, finding::Finding};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What came of one trial.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) finding: Option<Finding>,
    /// Which of the case's decisions did not come up.
    pub(crate) unmatched: Vec<String>,
}

/// A finding, under the first case that has it.
#[derive(Clone, Debug)]
pub(crate) struct Discovery {
    pub(crate) finding: Finding,
    pub(crate) case: Case,
    /// What was done, a line each.
    pub(crate) deeds: Vec<String>,
    pub(crate) runs: u64,
}

/// Trials at one place: their means, and how many of each found something.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    runs: u64,
    found: u64,
}

/// The trials so far.
#[derive(Debug, Default)]
pub(crate) struct Exploration {
    survey: Survey,
    pub(crate) runs: u64,
    alone: usize,
    /// Points that did not come up again, though nothing was different before them.
    missed: u64,
    /// Points that were gone before they could happen: the task had ended in another way.
    gone: u64,
    /// Samples, and those in which both parts happened.
    samples: u64,
    samples_whole: u64,
    /// By awaits, then by means.
    places: BTreeMap<Vec<String>, BTreeMap<String, Tried>>,
    pub(crate) discoveries: Vec<Discovery>,
}

impl Exploration {
    pub(crate) fn new(survey: Survey) -> Self {
        let mut exploration = Self { runs: survey.runs, survey, ..Self::default() };
        for (case, finding) in exploration.survey.findings.clone() {
            exploration.discover(finding, &case, vec!["nothing: it is a base run".to_owned()]);
        }
        exploration
    }

    pub(crate) fn survey(&self) -> &Survey {
        &self.survey
    }

    /// What was tried alone at each place: its awaits, the means, how many runs, how many found something.
    #[cfg(feature = "cli")]
    pub(crate) fn places(&self) -> Vec<serde_json::Value> {
        let tried = |awaits: &Vec<String>, (means, tried): (&String, &Tried)| serde_json::json!({ "awaits": awaits, "means": means, "runs": tried.runs, "findings": tried.found });
        self.places.iter().flat_map(|(awaits, means)| means.iter().map(move |entry| tried(awaits, entry))).collect()
    }

    /// How many points there are, without those that are known to be gone before they can happen.
    pub(crate) fn points(&self) -> usize {
        self.survey.points.len() - usize::try_from(self.gone).unwrap_or(usize::MAX)
    }

    /// How many samples were made, and in how many of them both parts happened.
    #[cfg(feature = "cli")]
    pub(crate) fn samples(&self) -> (u64, u64) {
        (self.samples, self.samples_whole)
    }

    /// Whether every point was tried alone, and happened.
    pub(crate) fn is_complete(&self) -> bool {
        self.gaps().is_empty()
    }

    /// What it lacks to be complete: of what, and how many.
    pub(crate) fn gaps(&self) -> Vec<(&'static str, u64)> {
        let untried = self.survey.points.len().saturating_sub(self.alone);
        let gaps = [
            ("base run that failed, with nothing tried around it", self.survey.findings.len() as u64),
            ("point not tried", untried as u64),
            ("point that did not come again", self.missed),
        ];
        gaps.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// Takes in what came of a trial.
    pub(crate) fn add(&mut self, trial: &Trial, probe: Probe) {
        self.runs += 1;
        if let ([point], None) = (trial.points.as_slice(), trial.fault) {
            self.add_alone(*point, &probe);
        } else {
            self.samples += 1;
            self.samples_whole += u64::from(probe.unmatched.is_empty());
        }
        let deeds = self.deeds(trial, &probe.unmatched);
        if let Some(finding) = probe.finding {
            self.discover(finding, &trial.case, deeds);
        }
    }

    fn add_alone(&mut self, point: usize, probe: &Probe) {
        let point = &self.survey.points[point];
        self.alone += 1;
        if !happened(&point.decisions, &probe.unmatched) {
            let count = if point.may_be_gone { &mut self.gone } else { &mut self.missed };
            *count += 1;
            return;
        }
        let tried = self.places.entry(point.awaits.clone()).or_default().entry(point.means.clone()).or_default();
        tried.runs += 1;
        tried.found += u64::from(probe.finding.is_some());
    }

    fn discover(&mut self, finding: Finding, case: &Case, deeds: Vec<String>) {
        match self.discoveries.iter_mut().find(|known| known.finding.signature == finding.signature) {
            Some(known) => known.runs += 1,
            None => self.discoveries.push(Discovery { finding, case: case.clone(), deeds, runs: 1 }),
        }
    }

    /// What the trial did. In a run that found something before, a part of it may not have happened.
    fn deeds(&self, trial: &Trial, unmatched: &[String]) -> Vec<String> {
        let happened = |decisions: &Listed| happened(decisions, unmatched);
        let points =
            trial.points.iter().filter(|&&point| happened(&self.survey.points[point].decisions)).map(|&point| {
                let point = &self.survey.points[point];
                let place = point.awaits.last().map_or("", String::as_str);
                format!("{} {} at {place}", point.task, point.means)
            });
        let fault = trial.fault.filter(|&fault| happened(&self.survey.faults[fault].decisions)).map(|fault| {
            let fault = &self.survey.faults[fault];
            format!("fault {}: {}", fault.family, fault.variant)
        });
        points.chain(fault).collect()
    }
}

fn happened(decisions: &Listed, unmatched: &[String]) -> bool {
    unmatched.iter().all(|name| !decisions.contains_key(name))
}

/// The places by source line, what was tried at each, and the awaits at which nobody waited.
impl fmt::Display for Exploration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (awaits, tried) in &self.places {
            let mut inwards = awaits.iter().rev();
            inwards.next().iter().try_for_each(|innermost| writeln!(f, "  {innermost}"))?;
            inwards.try_for_each(|line| writeln!(f, "      in {line}"))?;
            for (means, Tried { runs, found }) in tried {
                let verdict = if *found == 0 { "clean".to_owned() } else { format!("{found} FAILED") };
                writeln!(f, "        {runs:>5} x {means}: {verdict}")?;
            }
        }
        let missed = self.survey.reach.missed();
        if !missed.is_empty() {
            writeln!(f, "  awaits of these files at which no task that may be cancelled waited in a base run:")?;
            missed.iter().try_for_each(|line| writeln!(f, "      {line}"))?;
        }
        let untouched = self.survey.reach.untouched();
        if !untouched.is_empty() {
            let files: Vec<_> = untouched.iter().map(|(file, awaits)| format!("{file} ({awaits})")).collect();
            writeln!(f, "  files of the same crates in which none waited, and their awaits: {}", files.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_it_lacks_to_be_complete() {
        assert!(Exploration::new(Survey::default()).is_complete());
        let finding = Finding::abort("died", "it died".to_owned());
        let broken = Survey::broken(Case::of_seed("any", 0), finding);
        let lacks = Exploration::new(broken.clone()).gaps();
        assert_eq!(lacks, [("base run that failed, with nothing tried around it", 1)]);
        let exploration = Exploration { missed: 2, ..Exploration::new(broken) };
        assert_eq!((exploration.gaps().len(), exploration.is_complete()), (2, false));
    }
}
