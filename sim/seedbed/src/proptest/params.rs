//! A scenario's declared parameters as a strategy.

use crate::{
    case::{Case, CaseError},
    scenario::{Params, Scenario},
};
use ::proptest::strategy::{BoxedStrategy, Strategy};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// All of the scenario's parameters, each from its least to its greatest value. Mind the greatest: they
/// are what the scenario can take, and a run of all of them at once may be long.
#[must_use]
pub fn declared(scenario: &Scenario) -> Vec<(&'static str, RangeInclusive<u64>)> {
    scenario.params.iter().map(|param| (param.name, param.min..=param.max)).collect()
}

/// A strategy of the scenario's parameters: each in `ranges` is drawn evenly from its range (of one that is
/// named twice, the later) and shrinks to the range's first value; the others stay at their defaults.
///
/// ```
/// # use seedbed::{Param, Scenario, proptest::{Config, check_scenario, declared, params}};
/// const STORM: Scenario = Scenario {
///     name: "storm",
///     params: &[
///         Param { name: "clients", help: "how many", default: 60, min: 1, max: 1_200 },
///         Param { name: "lost_percent", help: "lost messages, in 100", default: 5, min: 0, max: 100 },
///     ],
///     ..Scenario::CALM
/// };
/// let all_but_few_clients = declared(&STORM).into_iter().chain([("clients", 1..=8)]);
/// let strategy = params(&STORM, all_but_few_clients)?;
/// check_scenario(&STORM, &Config::BASE, strategy).assert_clean();
/// # Ok::<(), seedbed::case::CaseError>(())
/// ```
///
/// # Errors
/// [`CaseError::Param`] for a name that the scenario does not declare, [`CaseError::Bounds`] for a range that
/// leaves the declared bounds, [`CaseError::Empty`] for one without a value.
pub fn params<'a>(
    scenario: &Scenario,
    ranges: impl IntoIterator<Item = (&'a str, RangeInclusive<u64>)>,
) -> Result<BoxedStrategy<Params>, CaseError> {
    let ranges: BTreeMap<String, _> = ranges.into_iter().map(|(name, range)| (name.to_owned(), range)).collect();
    ranges.iter().try_for_each(|(name, range)| fits(scenario, name, range))?;
    let (names, ranges): (Vec<_>, Vec<_>) = ranges.into_iter().unzip();
    let defaults = scenario.defaults();
    let named = move |values: Vec<u64>| {
        let mut params = defaults.clone();
        params.values_mut().extend(names.iter().cloned().zip(values));
        params
    };
    Ok(ranges.prop_map(named).boxed())
}

fn fits(scenario: &Scenario, name: &str, range: &RangeInclusive<u64>) -> Result<(), CaseError> {
    let (first, last) = (*range.start(), *range.end());
    if first > last {
        return Err(CaseError::Empty { name: name.to_owned(), first, last });
    }
    [first, last].into_iter().try_for_each(|value| {
        let params = [(name.to_owned(), value)].into();
        Case { params, ..Case::of_seed(scenario.name, 0) }.params_for(scenario).map(drop)
    })
}
