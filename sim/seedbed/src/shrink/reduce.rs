//! The search for a smaller case. Knows what to try and in which order; not how a case is run.

use super::{
    budget::{Budget, Spent},
    look::Look,
    runs::Runs,
    shrunk::{Shrunk, Unshrinkable},
    story::without_lines,
    values::simpler,
};
use crate::{
    case::{Case, Seed},
    scenario::Param,
};
use std::collections::{BTreeMap, BTreeSet};

/// Rounds of decisions, parameters and values: each makes the next one's work smaller.
const ROUNDS_MAX: u32 = 8;

/// A case of so few decisions is worth no second attempt.
const FEW: usize = 2;
/// Other seeds with the same finding that are shrunk as well: each begins elsewhere, and ends at another
/// minimum.
const ATTEMPTS_MAX: u32 = 8;
/// Seeds that are looked at for that.
const SEEDS_MAX: u64 = 200;
/// How many times smaller parameters are at first, how many of them, and under how many seeds that is tried.
const DIVISOR: u64 = 6;
const PARAMS_MAX: usize = 4;
const SMALL_SEEDS: u64 = 16;

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
    let mut search = Search { runs, params, signature: &finding.signature, spent: &mut spent };
    let small = search.smaller_world(case)?;
    let best = match small {
        Some(reached) if reached.is_minimal && reached.case.decisions.len() <= FEW => Some(reached),
        small => search.attempt(case, first.explicit)?.into_iter().chain(small).min_by_key(Reached::size),
    };
    let Some(mut best) = best else { return Ok(Err(Unshrinkable::Unwritable)) };
    search.try_other_seeds(case, &mut best)?;
    let Some(Look { finding: Some(finding), story, .. }) = runs.look(&best.case)? else {
        return Ok(Err(Unshrinkable::Unwritable));
    };
    let smallest = Case { story: Some(without_lines(&story.join("\n"))), ..best.case };
    Ok(Ok(Shrunk {
        case: smallest,
        finding,
        story,
        decisions_before: best.decisions_before,
        other_run: Some(best.of).filter(|of| of != case),
        runs: spent.runs,
        is_minimal: best.is_minimal,
    }))
}

/// What all attempts of one search share.
struct Search<'a, R> {
    runs: &'a mut R,
    params: &'a [Param],
    signature: &'a str,
    spent: &'a mut Spent,
}

/// Where one attempt ended.
struct Reached {
    case: Case,
    /// The run that it began with, and how many decisions that one had.
    of: Case,
    decisions_before: usize,
    is_minimal: bool,
}

impl Reached {
    /// Fewer decisions, then smaller ones.
    fn size(&self) -> (bool, usize, usize, u64) {
        let Case { decisions, params, entropy, .. } = &self.case;
        let values = decisions.values().fold(0, |sum: u64, value| sum.saturating_add(*value));
        (entropy.is_some(), decisions.len(), params.len(), values)
    }
}

impl<R: Runs> Search<'_, R> {
    /// As far as it goes from the run of `case`, which is written down in `explicit`.
    fn attempt(&mut self, case: &Case, explicit: Case) -> Result<Option<Reached>, R::Error> {
        let decisions_before = explicit.decisions.len();
        let Some(written) = written_down(self.runs, case, explicit, self.signature)? else { return Ok(None) };
        self.spent.runs += 2;
        let Self { runs, params, signature, spent } = self;
        let mut reduction = Reduction { runs: *runs, params, signature, case: written, spent };
        let is_minimal = reduction.reduce()?;
        Ok(Some(Reached { case: reduction.case, of: case.clone(), decisions_before, is_minimal }))
    }

    /// The same finding under the next seeds where parameters are smaller, as many of them as may be: fewer take
    /// part in it, so it shrinks in fewer runs and to less.
    fn smaller_world(&mut self, case: &Case) -> Result<Option<Reached>, R::Error> {
        let Some(Seed(first)) = case.seed else { return Ok(None) };
        for params in smaller_params(self.params, &case.params) {
            for seed in (0..SMALL_SEEDS).map(|further| first.wrapping_add(further)) {
                if !self.spent.may_run() {
                    return Ok(None);
                }
                let small = Case { seed: Some(Seed(seed)), params: params.clone(), ..case.clone() };
                if !self.runs.judge(&small, self.signature)?.is_same {
                    continue;
                }
                let Some(look) = self.runs.look(&small)? else { continue };
                return self.attempt(&small, look.explicit);
            }
        }
        Ok(None)
    }

    /// The next seeds that fail alike: the smallest case of all is kept.
    fn try_other_seeds(&mut self, case: &Case, best: &mut Reached) -> Result<(), R::Error> {
        let Some(Seed(first)) = case.seed else { return Ok(()) };
        let mut attempts = 1;
        for seed in (first..u64::MAX).skip(1).zip(0..SEEDS_MAX).map(|(seed, _)| seed) {
            if attempts >= ATTEMPTS_MAX || best.case.decisions.len() <= FEW || !self.spent.may_run() {
                return Ok(());
            }
            let other = Case { seed: Some(Seed(seed)), ..case.clone() };
            if !self.runs.judge(&other, self.signature)?.is_same {
                continue;
            }
            attempts += 1;
            let Some(look) = self.runs.look(&other)? else { continue };
            if let Some(reached) = self.attempt(&other, look.explicit)?
                && reached.is_minimal
                && reached.size() < best.size()
            {
                *best = reached;
            }
        }
        Ok(())
    }
}

/// Some parameters many times smaller, as far as they may be: first all of them, at last each alone.
fn smaller_params(params: &[Param], given: &BTreeMap<String, u64>) -> Vec<BTreeMap<String, u64>> {
    let value = |param: &Param| given.get(param.name).copied().unwrap_or(param.default);
    let least = |param: &Param| (value(param) / DIVISOR).max(param.min);
    let divisible: Vec<_> = params.iter().filter(|param| least(param) < value(param)).take(PARAMS_MAX).collect();
    let mut choices: Vec<u32> = (1..1 << divisible.len()).collect();
    choices.sort_by_key(|choice| std::cmp::Reverse(choice.count_ones()));
    let with = |choice: u32| {
        let chosen = divisible.iter().enumerate().filter(|(nth, _)| choice >> nth & 1 == 1);
        let mut smaller = given.clone();
        smaller.extend(chosen.map(|(_, param)| (param.name.to_owned(), least(param))));
        smaller
    };
    choices.into_iter().map(with).collect()
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
    spent: &'a mut Spent,
}

impl<R: Runs> Reduction<'_, R> {
    /// Whether the end was reached: each decision was dropped by itself, in vain.
    fn reduce(&mut self) -> Result<bool, R::Error> {
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
                dropped |= self.takes_without([&name])? || self.takes_without_and_earlier(&name)?;
            }
        }
        Ok(dropped)
    }

    /// A decision that only made an entity's later ones come one occurrence later goes with that.
    fn takes_without_and_earlier(&mut self, name: &str) -> Result<bool, R::Error> {
        let Some(nth) = nth_of(name) else { return Ok(false) };
        let mut candidate = Case { decisions: BTreeMap::new(), ..self.case.clone() };
        for (other, value) in self.case.decisions.iter().filter(|(other, _)| *other != name) {
            let later = nth_of(other).filter(|later| *later > nth && entity_of(other) == entity_of(name));
            let moved = later.map(|later| format!("{} / {} / {}", site_of(other), entity_of(other), later - 1));
            candidate.decisions.insert(moved.unwrap_or_else(|| other.clone()), *value);
        }
        let is_moved = candidate.decisions.keys().any(|other| !self.case.decisions.contains_key(other));
        Ok(is_moved && self.takes(candidate)?)
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

fn nth_of(name: &str) -> Option<u64> {
    name.rsplit_once(" / ")?.1.parse().ok()
}
