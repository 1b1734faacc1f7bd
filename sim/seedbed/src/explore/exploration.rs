//! What came of an exploration, told by place in the code.

use super::{survey::Survey, trial::Trial};
use crate::{case::Case, finding::Finding};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What came of one trial.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) finding: Option<Finding>,
    /// Whether what was listed happened at all.
    pub(crate) was_injected: bool,
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
#[derive(Debug)]
pub(crate) struct Exploration {
    survey: Survey,
    pub(crate) runs: u64,
    alone: usize,
    /// Trials in which nothing of what was listed happened, though it did in the base run.
    missed: u64,
    /// By awaits, then by means.
    places: BTreeMap<Vec<String>, BTreeMap<String, Tried>>,
    pub(crate) discoveries: Vec<Discovery>,
}

impl Exploration {
    pub(crate) fn new(survey: Survey) -> Self {
        let broken = |(case, finding): &(Case, Finding)| {
            let deeds = vec!["nothing: it is a base run".to_owned()];
            Discovery { finding: finding.clone(), case: case.clone(), deeds, runs: 1 }
        };
        let discoveries = survey.findings.iter().map(broken).collect();
        let runs = (survey.bases.len() + survey.findings.len()) as u64;
        Self { runs, alone: 0, missed: 0, places: BTreeMap::new(), discoveries, survey }
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

    /// How many points there are.
    pub(crate) fn points(&self) -> usize {
        self.survey.points.len()
    }

    /// Whether every point was tried alone, and happened.
    pub(crate) fn is_complete(&self) -> bool {
        self.survey.findings.is_empty() && self.alone == self.points() && self.missed == 0
    }

    /// Takes in what came of a trial.
    pub(crate) fn add(&mut self, trial: &Trial, probe: Probe) {
        self.runs += 1;
        if let ([point], None) = (trial.points.as_slice(), trial.fault) {
            let point = &self.survey.points[*point];
            self.alone += 1;
            self.missed += u64::from(point.is_injected && !probe.was_injected);
            let tried = self.places.entry(point.awaits.clone()).or_default().entry(point.means.clone()).or_default();
            tried.runs += 1;
            tried.found += u64::from(probe.finding.is_some());
        }
        let Some(finding) = probe.finding else { return };
        match self.discoveries.iter_mut().find(|known| known.finding.signature == finding.signature) {
            Some(known) => known.runs += 1,
            None => {
                let deeds = self.deeds(trial);
                self.discoveries.push(Discovery { finding, case: trial.case.clone(), deeds, runs: 1 });
            }
        }
    }

    fn deeds(&self, trial: &Trial) -> Vec<String> {
        let points = trial.points.iter().map(|&point| {
            let point = &self.survey.points[point];
            let place = point.awaits.last().map_or("", String::as_str);
            format!("{} {} at {place}", point.task, point.means)
        });
        let fault = trial.fault.map(|fault| {
            let fault = &self.survey.faults[fault];
            format!("fault {}: {}", fault.family, fault.variant)
        });
        points.chain(fault).collect()
    }
}

/// The places by source line, what was tried at each, and the awaits that were never reached.
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
            writeln!(f, "  never reached by a task that may be cancelled:")?;
            missed.iter().try_for_each(|line| writeln!(f, "      {line}"))?;
        }
        Ok(())
    }
}
