//! A method held against the baseline, over all members that were visited.

use super::{Method, Visit, median_ratio};
use serde_json::{Value, json};

/// One method against the baseline, over all members.
pub(super) struct Against {
    pub(super) method: Method,
    /// How many times as many runs the baseline needs, by the median over the members compared.
    times_better: Option<f64>,
    compared: usize,
    /// The same without the members that both find in their very first run, which tell nothing of either.
    times_better_apart: Option<f64>,
    apart: usize,
    /// Members that this method finds and the baseline does not; the other way round; and those not compared.
    gained: Vec<&'static str>,
    lost: Vec<&'static str>,
    left_out: Vec<&'static str>,
}

/// The portfolio and `explore cancel` against the baseline, if they hunted.
pub(super) fn compared(visits: &[Visit]) -> Vec<Against> {
    let hunted = |method| visits.iter().any(|visit| visit.scores.score(method).is_some());
    let methods = [Method::Portfolio, Method::Cancel].into_iter().filter(|method| hunted(*method));
    methods.filter(|_| hunted(Method::Baseline)).map(|method| Against::of(method, visits)).collect()
}

impl Against {
    fn of(method: Method, visits: &[Visit]) -> Self {
        let ratios: Vec<_> = visits.iter().filter_map(|visit| visit.scores.times_better(method)).collect();
        let is_at_once = |visit: &&Visit| {
            [method, Method::Baseline].iter().all(|&method| visit.scores.runs_to_find(method) == Some(1))
        };
        let apart = visits.iter().filter(|visit| !is_at_once(visit));
        let apart: Vec<_> = apart.filter_map(|visit| visit.scores.times_better(method)).collect();
        let among = |is: &dyn Fn(&Visit) -> bool| -> Vec<&'static str> {
            visits.iter().filter(|visit| is(visit)).map(|visit| visit.member.name).collect()
        };
        let is_compared = |visit: &Visit| visit.scores.times_better(method).is_some();
        let finds = |visit: &Visit, method| visit.scores.runs_to_find(method).is_some();
        Self {
            method,
            compared: ratios.len(),
            times_better: median_ratio(ratios),
            apart: apart.len(),
            times_better_apart: median_ratio(apart),
            gained: among(&|visit| is_compared(visit) && finds(visit, method) && !finds(visit, Method::Baseline)),
            lost: among(&|visit| finds(visit, Method::Baseline) && !finds(visit, method)),
            left_out: among(&|visit| !is_compared(visit)),
        }
    }

    pub(super) fn told(&self) -> String {
        let Self { compared, apart, gained, lost, left_out, .. } = self;
        let told = |ratio: Option<f64>| ratio.map_or_else(|| "?".to_owned(), |ratio| format!("{ratio:.1}"));
        let (ratio, ratio_apart) = (told(self.times_better), told(self.times_better_apart));
        let listed = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!(
            "\n{}: the baseline needs {ratio} times as many runs, by the median over {compared} members, and {ratio_apart} \
             times over the {apart} that not both find in their first run\n  \
             found, and never by the baseline (its runs count as all that were made): {}\n  \
             found only by the baseline: {}\n  not compared, as a hunt was cut or died: {}",
            self.method.name(),
            listed(gained),
            listed(lost),
            listed(left_out)
        )
    }

    pub(super) fn document(&self) -> Value {
        let Self { times_better, compared, times_better_apart, apart, gained, lost, left_out, .. } = self;
        json!({
            "times_better": times_better,
            "compared": compared,
            "times_better_not_at_once": times_better_apart,
            "not_at_once": apart,
            "never_by_baseline": gained,
            "only_by_baseline": lost,
            "not_compared": left_out,
        })
    }
}
