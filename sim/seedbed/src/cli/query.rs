//! `query`: the operator's questions to one case's history.

use super::{
    app::{App, Verdict},
    arguments::QueryArguments,
    errand::Errands,
    interrupt,
    output::say,
    problem::Problem,
    process::Recipe,
    protocol::{Answer, Order},
    replay, selection,
};
use serde_json::{Map, Value};

pub(super) fn run(app: &App<'_>, arguments: &QueryArguments) -> Result<Verdict, Problem> {
    if app.query.is_none() {
        return Err(Problem::NoQuery);
    }
    let case = selection::one_case(app, &arguments.which)?;
    interrupt::ends_process()?;
    let mut errands = Errands::new(Recipe::same(arguments.limits.memory)?, arguments.limits, true)?;
    match errands.ask(&Order::Query { case: case.clone() })? {
        Ok(Answer::Answers(answers)) => print(&answers, arguments.json),
        Ok(other) => unreachable!("a worker that was asked a query answered {other:?}"),
        Err(finding) => {
            replay::print_death(app, &arguments.which, &case, &finding, arguments.limits, arguments.json);
            return Ok(Verdict::Findings);
        }
    }
    Ok(Verdict::Clean)
}

fn print(answers: &[(String, String)], as_json: bool) {
    if as_json {
        let document: Map<String, Value> =
            answers.iter().map(|(label, value)| (label.clone(), Value::from(value.as_str()))).collect();
        say!("{:#}", Value::Object(document));
        return;
    }
    let width = answers.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, value) in answers {
        say!("{label:width$}  {value}");
    }
}
