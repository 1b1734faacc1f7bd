//! The search for a smaller case. Knows what to try and in which order; not how a case is run.

use super::{
    budget::{Budget, Spent},
    look::Look,
    runs::Runs,
    shrunk::{Shrunk, Unshrinkable},
    story::without_lines,
    values::simpler,
};
use crate::{case::Case, scenario::Param};
use std::collections::BTreeSet;

/// Rounds of decisions, parameters and values: each makes the next one's work smaller.
const ROUNDS_MAX: u32 = 8;

/// The smallest case with the finding of `case` that can be found within `budget`.
///
/// # Errors
/// What running a case may come to.
pub(crate) fn shrink<R: Runs>(
    runs: &mut R,
    case: &Case,
    params: &[Param],
    budget: Budget,
) -> Result<Result<Shrunk, Unshrinkable>, R::Error> {
    let mut spent = Spent::nothing_of(budget);
    let Some(first) = runs.look(case)? else { return Ok(Err(Unshrinkable::Died)) };
    if let Some(why) = Unshrinkable::of(first.finding.as_ref()) {
        return Ok(Err(why));
    }
    let Some(finding) = first.finding else { return Ok(Err(Unshrinkable::Clean)) };
    let signature = finding.signature;
    let decisions_before = first.explicit.decisions.len();
    let Some(written) = written_down(runs, case, first.explicit, &signature)? else {
        return Ok(Err(Unshrinkable::Unwritable));
    };
    spent.runs += 2;
    let mut reduction = Reduction { runs, params, signature: &signature, case: written, spent };
    let is_minimal = reduction.to_the_end()?;
    let Reduction { case, spent, .. } = reduction;
    let Some(Look { finding: Some(finding), story, .. }) = runs.look(&case)? else {
        return Ok(Err(Unshrinkable::Unwritable));
    };
    let case = Case { story: Some(without_lines(&story.join("\n"))), ..case };
    Ok(Ok(Shrunk { case, finding, story, decisions_before, runs: spent.runs, is_minimal }))
}

/// The explicit case if it fails alike, if need be with the entropy of the seed.
fn written_down<R: Runs>(runs: &mut R, case: &Case, explicit: Case, signature: &str) -> Result<Option<Case>, R::Error> {
    let entropy = case.seed.or(case.entropy);
    for entropy in [None, entropy] {
        let mut candidate = Case { entropy, ..explicit.clone() };
        let judged = runs.judge(&candidate, signature)?;
        if judged.is_same {
            drop_all(&mut candidate, &judged.unmatched);
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn drop_all<'a>(case: &mut Case, names: impl IntoIterator<Item = &'a String>) {
    for name in names {
        case.decisions.remove(name);
    }
}

struct Reduction<'a, R> {
    runs: &'a mut R,
    params: &'a [Param],
    signature: &'a str,
    /// The smallest so far: it has the signature, and each of its decisions matches.
    case: Case,
    spent: Spent,
}

impl<R: Runs> Reduction<'_, R> {
    /// Whether the end was reached: each decision was dropped by itself, in vain.
    fn to_the_end(&mut self) -> Result<bool, R::Error> {
        self.drop_groups(site_of)?;
        self.drop_groups(entity_of)?;
        self.drop_chunks()?;
        for _ in 0..ROUNDS_MAX {
            let before = self.case.clone();
            self.halve_params()?;
            self.simplify_values()?;
            let dropped = self.drop_singles()?;
            if self.spent.is_over {
                return Ok(false);
            }
            if !dropped && self.case == before {
                return Ok(true);
            }
        }
        // Rounds are over: only a pass that drops nothing proves anything.
        while self.drop_singles()? {}
        Ok(!self.spent.is_over)
    }

    /// Takes the candidate if it fails alike. What matches nothing in it goes as well.
    fn takes(&mut self, mut candidate: Case) -> Result<bool, R::Error> {
        if !self.spent.may_run() {
            return Ok(false);
        }
        let judged = self.runs.judge(&candidate, self.signature)?;
        if judged.is_same {
            drop_all(&mut candidate, &judged.unmatched);
            self.case = candidate;
        }
        Ok(judged.is_same)
    }

    fn takes_without<'n>(&mut self, names: impl IntoIterator<Item = &'n String>) -> Result<bool, R::Error> {
        let mut candidate = self.case.clone();
        drop_all(&mut candidate, names);
        self.takes(candidate)
    }

    /// Drops all decisions of a site, or of an entity, at once.
    fn drop_groups(&mut self, group_of: fn(&str) -> &str) -> Result<(), R::Error> {
        let groups: BTreeSet<String> = self.case.decisions.keys().map(|name| group_of(name).to_owned()).collect();
        for group in groups {
            let names: Vec<String> =
                self.case.decisions.keys().filter(|name| group_of(name) == group).cloned().collect();
            if !names.is_empty() {
                self.takes_without(&names)?;
            }
        }
        Ok(())
    }

    /// Drops ever smaller chunks of the list, down to two decisions.
    fn drop_chunks(&mut self) -> Result<(), R::Error> {
        let mut size = self.case.decisions.len() / 2;
        while size > 1 && !self.spent.is_over {
            let mut start = 0;
            while start < self.case.decisions.len() && !self.spent.is_over {
                let chunk: Vec<String> = self.case.decisions.keys().skip(start).take(size).cloned().collect();
                if !self.takes_without(&chunk)? {
                    start += size;
                }
            }
            size = (size / 2).min(self.case.decisions.len() / 2);
        }
        Ok(())
    }

    /// Tries each decision by itself. Says whether any could go.
    fn drop_singles(&mut self) -> Result<bool, R::Error> {
        let mut dropped = false;
        for name in self.case.decisions.keys().cloned().collect::<Vec<_>>() {
            if self.case.decisions.contains_key(&name) {
                dropped |= self.takes_without([&name])?;
            }
        }
        Ok(dropped)
    }

    fn halve_params(&mut self) -> Result<(), R::Error> {
        for param in self.params {
            let now = |case: &Case| case.params.get(param.name).copied().unwrap_or(param.default);
            // The least at once, then halves, at last by one.
            let mut steps: Vec<fn(u64) -> u64> =
                vec![|_| 0, |value| value / 2, |value| value - value / 4, |value| value.saturating_sub(1)];
            while let Some(step) = steps.first().copied() {
                let value = now(&self.case);
                let smaller = step(value).max(param.min);
                if smaller >= value || !self.takes_param(param, smaller)? {
                    steps.remove(0);
                }
            }
        }
        Ok(())
    }

    fn takes_param(&mut self, param: &Param, value: u64) -> Result<bool, R::Error> {
        let mut candidate = self.case.clone();
        if value == param.default {
            candidate.params.remove(param.name);
        } else {
            candidate.params.insert(param.name.to_owned(), value);
        }
        self.takes(candidate)
    }

    /// Each value to the simplest that fails alike.
    fn simplify_values(&mut self) -> Result<(), R::Error> {
        for name in self.case.decisions.keys().cloned().collect::<Vec<_>>() {
            let Some(&value) = self.case.decisions.get(&name) else { continue };
            for simpler in simpler(value) {
                let mut candidate = self.case.clone();
                candidate.decisions.insert(name.clone(), simpler);
                if self.takes(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn site_of(name: &str) -> &str {
    name.split_once(" / ").map_or(name, |(site, _)| site)
}

fn entity_of(name: &str) -> &str {
    let rest = name.split_once(" / ").map_or(name, |(_, rest)| rest);
    rest.rsplit_once(" / ").map_or(rest, |(entity, _)| entity)
}
