//! Which cases the arguments mean: scenarios with a case each that lacks only its seed, or one whole case.
//! Everything that a case can be wrong about is refused here, before any process is started.

use super::{
    app::App,
    arguments::{Variation, Which},
    problem::Problem,
};
use crate::{
    case::{Case, CaseError},
    scenario::Scenario,
};
use std::path::Path;

/// A scenario to run, and the case of seed 0 that stands for all its cases.
#[derive(Clone, Debug)]
pub(super) struct Selected<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) template: Case,
}

/// The scenarios of these names, each once; all if there are no names.
pub(super) fn select<'a>(app: &App<'a>, names: &[String], variation: &Variation) -> Result<Vec<Selected<'a>>, Problem> {
    let scenarios = scenarios(app, names)?;
    refuse_unused_params(&scenarios, variation)?;
    scenarios.into_iter().map(|scenario| Ok(Selected { scenario, template: template(scenario, variation)? })).collect()
}

fn scenarios<'a>(app: &App<'a>, names: &[String]) -> Result<Vec<&'a Scenario>, Problem> {
    let mut chosen: Vec<&Scenario> = Vec::new();
    for name in names {
        let found = app.scenarios.iter().find(|scenario| scenario.name == name);
        let scenario = found.ok_or_else(|| unknown(app, name))?;
        if !chosen.iter().any(|other| other.name == scenario.name) {
            chosen.push(scenario);
        }
    }
    Ok(if names.is_empty() { app.scenarios.iter().collect() } else { chosen })
}

fn unknown(app: &App<'_>, name: &str) -> Problem {
    let known = app.scenarios.iter().map(|scenario| scenario.name.to_owned()).collect();
    Problem::Case(CaseError::Scenario { name: name.to_owned(), known })
}

/// A parameter is set where it exists; one that exists nowhere is a mistake.
fn refuse_unused_params(scenarios: &[&Scenario], variation: &Variation) -> Result<(), Problem> {
    let declares = |scenario: &Scenario, name: &str| scenario.params.iter().any(|param| param.name == name);
    for setting in &variation.params {
        if !scenarios.iter().any(|scenario| declares(scenario, &setting.name)) {
            let mut known: Vec<_> =
                scenarios.iter().flat_map(|scenario| scenario.params).map(|param| param.name.to_owned()).collect();
            known.sort();
            known.dedup();
            let scenario = scenarios.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
            return Err(CaseError::Param { scenario, name: setting.name.clone(), known }.into());
        }
    }
    Ok(())
}

fn template(scenario: &Scenario, variation: &Variation) -> Result<Case, Problem> {
    let mut case = Case::of_seed(scenario.name, 0);
    case.strategy.clone_from(&variation.strategy);
    for setting in &variation.params {
        if scenario.params.iter().any(|param| param.name == setting.name) {
            case.params.insert(setting.name.clone(), setting.value);
        }
    }
    case.fits(scenario)?;
    Ok(case)
}

/// The scenario's case that lacks only its seed.
pub(super) fn one_template(app: &App<'_>, scenario: &str, variation: &Variation) -> Result<Case, Problem> {
    let scenarios = scenarios(app, &[scenario.to_owned()])?;
    refuse_unused_params(&scenarios, variation)?;
    template(scenarios[0], variation)
}

/// The one case meant: of a file, or of a scenario and a seed. What else is given goes before what the
/// file says.
pub(super) fn one_case(app: &App<'_>, which: &Which) -> Result<Case, Problem> {
    let mut case = named_case(app, which)?;
    case.seed = which.seed.or(case.seed);
    case.strategy = which.variation.strategy.clone().or(case.strategy);
    let settings = which.variation.params.iter().map(|setting| (setting.name.clone(), setting.value));
    case.params.extend(settings);
    let scenario = app.scenario(&case.scenario).ok_or_else(|| unknown(app, &case.scenario))?;
    case.fits(scenario)?;
    Ok(case)
}

/// Whether the case is that of a file, rather than of a scenario and a seed.
pub(super) fn is_file(app: &App<'_>, which: &Which) -> bool {
    app.scenario(&which.case).is_none()
}

fn named_case(app: &App<'_>, which: &Which) -> Result<Case, Problem> {
    if !is_file(app, which) {
        return match which.seed {
            Some(seed) => Ok(Case::of_seed(&which.case, seed.0)),
            None => Err(Problem::Arguments(format!("scenario `{}` needs a seed: add --seed N", which.case))),
        };
    }
    let path = Path::new(&which.case);
    if !path.exists() && !which.case.contains(['/', '.']) {
        return Err(unknown(app, &which.case));
    }
    let in_file = |error| Problem::File { path: path.to_owned(), error };
    let text = std::fs::read_to_string(path).map_err(in_file)?;
    Case::from_toml(&text).map_err(|error| in_file(std::io::Error::other(error)))
}
