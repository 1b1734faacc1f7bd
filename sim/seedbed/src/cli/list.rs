//! `list`: what there is to run.

use super::{
    app::{App, Verdict},
    arguments::ListArguments,
    output::say,
    problem::Problem,
};
use crate::{
    scenario::{Param, Scenario},
    strategy::StrategyName,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn run(app: &App<'_>, arguments: &ListArguments) -> Result<Verdict, Problem> {
    if arguments.json {
        say!("{:#}", document(app))
    } else {
        print(app)
    }
    Ok(Verdict::Clean)
}

fn checks(scenario: &Scenario) -> Vec<&'static str> {
    (scenario.checks)(&scenario.defaults()).iter().map(|check| check.name()).collect()
}

fn strategies() -> Vec<&'static str> {
    StrategyName::ALL.iter().map(|strategy| strategy.as_str()).collect()
}

fn document(app: &App<'_>) -> Value {
    let param = |param: &Param| {
        let Param { name, help, default, min, max } = *param;
        (name.to_owned(), json!({ "help": help, "default": default, "min": min, "max": max }))
    };
    let scenario = |scenario: &Scenario| {
        json!({
            "name": scenario.name,
            "story": scenario.story,
            "params": scenario.params.iter().map(param).collect::<Map<_, _>>(),
            "faults": scenario.families,
            "checks": checks(scenario),
            "marks": scenario.marks,
        })
    };
    json!({
        "scenarios": app.scenarios.iter().map(scenario).collect::<Vec<_>>(),
        "strategies": strategies(),
        "faults": app.scenarios.iter().flat_map(|scenario| scenario.families).collect::<BTreeSet<_>>(),
        "checks": app.scenarios.iter().flat_map(checks).collect::<BTreeSet<_>>(),
        "zoo": app.zoo,
    })
}

fn print(app: &App<'_>) {
    for scenario in app.scenarios {
        say!("{}\n  {}", scenario.name, scenario.story);
        for Param { name, help, default, min, max } in scenario.params {
            say!("  --param {name}={default}  {help}; from {min} to {max}");
        }
        print_names("  faults", scenario.families);
        print_names("  checks", &checks(scenario));
        print_names("  marks ", scenario.marks);
    }
    print_names("strategies", &strategies());
    print_names("zoo", app.zoo);
}

fn print_names(title: &str, names: &[&str]) {
    if !names.is_empty() {
        say!("{title}: {}", names.join("; "));
    }
}
