//! Which seeds are still to be run, and in what portions. Knows no workers.

use super::seeds::Span;
use std::{collections::VecDeque, time::Duration};

/// How long a portion should take: long against the trip between processes, short for a person who waits.
const PORTION: Duration = Duration::from_millis(100);
/// Runs of a portion before anything is known about a scenario's pace.
const FIRST_PORTION: u64 = 4;
const PORTION_MAX: u64 = 20_000;

/// Scenarios take turns by portion; as portions take equal times, they get equal shares of it.
#[derive(Debug)]
pub(super) struct Plan {
    scenarios: Vec<Todo>,
    turn: usize,
    jobs: u64,
}

#[derive(Debug, Default)]
struct Todo {
    spans: VecDeque<Span>,
    run_takes: Option<Duration>,
}

impl Plan {
    pub(super) fn new(spans: impl IntoIterator<Item = Vec<Span>>, jobs: u64) -> Self {
        let scenarios = spans.into_iter().map(|spans| Todo { spans: spans.into(), run_takes: None }).collect();
        Self { scenarios, turn: 0, jobs }
    }

    /// The next portion: the scenario's index and seeds of it.
    pub(super) fn next(&mut self) -> Option<(usize, Span)> {
        for _ in 0..self.scenarios.len() {
            let index = self.turn % self.scenarios.len();
            self.turn += 1;
            if let Some(span) = self.scenarios[index].next(self.jobs) {
                return Some((index, span));
            }
        }
        None
    }

    /// A portion has taken this long.
    pub(super) fn learn(&mut self, scenario: usize, runs: u64, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.scenarios[scenario].run_takes = nanos.checked_div(runs).map(Duration::from_nanos);
    }

    /// These seeds were handed out, and have not been run.
    pub(super) fn put_back(&mut self, scenario: usize, spans: impl IntoIterator<Item = Span>) {
        for span in spans.into_iter().filter(|span| span.count() > 0) {
            self.scenarios[scenario].spans.push_front(span);
        }
    }

    /// No more of this scenario.
    pub(super) fn give_up(&mut self, scenario: usize) {
        self.scenarios[scenario].spans.clear();
    }

    pub(super) fn seeds_left(&self) -> u64 {
        self.scenarios.iter().map(Todo::seeds_left).fold(0, u64::saturating_add)
    }
}

impl Todo {
    fn next(&mut self, jobs: u64) -> Option<Span> {
        let left = self.seeds_left();
        let span = self.spans.pop_front()?;
        // Near the end smaller ones, so that all workers end together.
        let count = self.portion().min(left.div_ceil(jobs * 2)).max(1);
        let cut = span.start.saturating_add(count.saturating_mul(span.step)).min(span.end);
        if cut < span.end {
            self.spans.push_front(Span { start: cut, ..span });
        }
        Some(Span { end: cut, ..span })
    }

    fn portion(&self) -> u64 {
        let runs = |takes: Duration| PORTION.as_nanos() / takes.as_nanos().max(1);
        self.run_takes
            .map_or(FIRST_PORTION, |takes| u64::try_from(runs(takes)).unwrap_or(PORTION_MAX).clamp(1, PORTION_MAX))
    }

    fn seeds_left(&self) -> u64 {
        self.spans.iter().map(|span| span.count()).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_cover_every_seed_once_whatever_the_pace() {
        let span = Span { start: 3, end: 10_000, step: 7 };
        let mut plan = Plan::new([vec![span], vec![span]], 2);
        let mut seen = [Vec::new(), Vec::new()];
        let mut paces = [1, 900, 40_000, 5_000_000].map(Duration::from_micros).into_iter().cycle();
        while let Some((scenario, portion)) = plan.next() {
            seen[scenario].extend(portion.seeds());
            plan.learn(scenario, portion.count(), paces.next().unwrap());
        }
        assert_eq!(seen[0], span.seeds().collect::<Vec<_>>());
        assert_eq!(seen[0], seen[1]);
    }

    #[test]
    fn what_is_put_back_comes_again() {
        let span = Span { start: 0, end: 10, step: 1 };
        let mut plan = Plan::new([vec![span]], 1);
        let (_, first) = plan.next().unwrap();
        plan.put_back(0, first.without(first.start));
        let mut rest = Vec::new();
        while let Some((_, portion)) = plan.next() {
            rest.extend(portion.seeds());
        }
        rest.sort_unstable();
        assert_eq!(rest, (1..10).collect::<Vec<_>>());
    }
}
