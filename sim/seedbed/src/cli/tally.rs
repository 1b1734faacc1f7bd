//! What some runs of one scenario came to. Tallies add up to the same sum in any order.

use crate::{
    decision::fold,
    finding::{Finding, FindingKind},
    run::Outcome,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) runs: u64,
    pub(super) virtual_us: u64,
    pub(super) polls: u64,
    /// Real time that workers spent on them.
    pub(super) busy_us: u64,
    /// .. and processor time.
    #[serde(default)]
    pub(super) processor_us: u64,
    /// Of the digests of all runs; a dead run has none.
    pub(super) digest: u64,
    /// How many runs reached each mark.
    pub(super) marks: BTreeMap<String, u64>,
    /// Injected faults by family.
    pub(super) injections: BTreeMap<String, u64>,
    /// What the runs counted.
    #[serde(default)]
    pub(super) counts: BTreeMap<String, u64>,
    /// How many runs had each fault family on.
    pub(super) families_on: BTreeMap<String, u64>,
    /// One per signature.
    pub(super) findings: Vec<Found>,
}

/// All findings of one signature: how many runs had one, and the one of the least seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) seed: u64,
    pub(super) runs: u64,
    pub(super) finding: Finding,
}

impl Tally {
    /// One more run; what it found is added apart.
    pub(super) fn add_run(&mut self, seed: u64, outcome: &Outcome) {
        self.runs += 1;
        self.virtual_us += u64::try_from(outcome.virtual_time.as_micros()).unwrap_or(u64::MAX);
        self.polls += outcome.polls;
        self.digest = self.digest.wrapping_add(fold(outcome.digest.bits(), seed));
        outcome.marks.iter().for_each(|mark| add(&mut self.marks, mark, 1));
        outcome.injections.iter().for_each(|(family, count)| add(&mut self.injections, family, *count));
        outcome.counts.iter().for_each(|(what, count)| add(&mut self.counts, what, *count));
        outcome.families_on.iter().for_each(|family| add(&mut self.families_on, family, 1));
    }

    /// A run that ended its process, or was cut.
    pub(super) fn add_death(&mut self, seed: u64, finding: Finding) {
        self.runs += 1;
        self.add_found(Found { seed, runs: 1, finding });
    }

    /// Counts a finding whose signature is known already; `false` if it is not, or if only a second look
    /// gives the signature.
    pub(super) fn count_known(&mut self, seed: u64, finding: &Finding) -> bool {
        let known = self.findings.iter_mut().find(|found| found.finding.signature == finding.signature);
        match known {
            Some(found) if finding.kind != FindingKind::Stall && found.seed <= seed => {
                found.runs += 1;
                true
            }
            _ => false,
        }
    }

    pub(super) fn add_found(&mut self, new: Found) {
        match self.findings.iter_mut().find(|found| found.finding.signature == new.finding.signature) {
            Some(known) => {
                let runs = known.runs + new.runs;
                if new.seed < known.seed {
                    *known = new;
                }
                known.runs = runs;
            }
            None => self.findings.push(new),
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.virtual_us += other.virtual_us;
        self.polls += other.polls;
        self.busy_us += other.busy_us;
        self.processor_us += other.processor_us;
        self.digest = self.digest.wrapping_add(other.digest);
        for (sum, counts) in [
            (&mut self.marks, other.marks),
            (&mut self.injections, other.injections),
            (&mut self.counts, other.counts),
            (&mut self.families_on, other.families_on),
        ] {
            counts.iter().for_each(|(name, count)| add(sum, name, *count));
        }
        other.findings.into_iter().for_each(|found| self.add_found(found));
    }
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str, count: u64) {
    match counts.get_mut(name) {
        Some(sum) => *sum = sum.saturating_add(count),
        None => {
            counts.insert(name.to_owned(), count);
        }
    }
}
