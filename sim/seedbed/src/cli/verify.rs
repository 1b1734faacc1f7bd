//! `verify`: one case under several circumstances must give one digest.

use super::{
    app::{App, Verdict},
    arguments::{Limits, VerifyArguments},
    circumstance::{self, Circumstance, Skipped, Visits},
    difference::Difference,
    errand::Errands,
    interrupt,
    output::{self, say},
    problem::Problem,
    process::Recipe,
    protocol::{Answer, Order},
    scratch::Scratch,
    selection,
};
use crate::{
    case::{Case, Seed},
    finding::Finding,
    history::Digest,
};
use serde_json::{Map, Value, json};

pub(super) fn run(app: &App<'_>, arguments: &VerifyArguments) -> Result<Verdict, Problem> {
    let cases = cases(app, arguments)?;
    interrupt::ends_process()?;
    let scratch = Scratch::new()?;
    let (circumstances, skipped) = circumstance::all(&Recipe::same(arguments.limits.memory)?, &scratch);
    let Some((base, others)) = circumstances.split_first() else {
        unreachable!("the circumstance to compare with is always there")
    };
    let mut report = Report::over(cases, base, arguments.limits)?;
    report.skipped = skipped;
    for circumstance in others {
        report.compare(base, circumstance)?;
    }
    if arguments.json {
        say!("{:#}", report.document())
    } else {
        report.print()
    }
    let clean = report.divergences.is_empty() && report.deaths.is_empty();
    Ok(if clean { Verdict::Clean } else { Verdict::Findings })
}

fn cases(app: &App<'_>, arguments: &VerifyArguments) -> Result<Vec<Case>, Problem> {
    let selected = selection::select(app, &arguments.scenarios, &arguments.variation)?;
    let seeds = arguments.seeds.start..arguments.seeds.end;
    let of_scenario = |template: &Case| {
        seeds.clone().map(|seed| Case { seed: Some(Seed(seed)), ..template.clone() }).collect::<Vec<_>>()
    };
    Ok(selected.iter().flat_map(|selected| of_scenario(&selected.template)).collect())
}

struct Report {
    limits: Limits,
    circumstances: Vec<String>,
    skipped: Vec<Skipped>,
    /// Cases that have a digest, and it.
    cases: Vec<Case>,
    digests: Vec<Digest>,
    /// Cases that ended their process.
    deaths: Vec<(Case, Finding)>,
    divergences: Vec<Divergence>,
}

/// Cases of one scenario whose digest is another one under a circumstance.
struct Divergence {
    scenario: String,
    seeds: Vec<u64>,
    base: String,
    circumstance: String,
    finding: Finding,
    difference: Option<Difference>,
}

/// One run of a case under a circumstance.
type Run = Result<Digest, Finding>;

impl Report {
    /// With the digests that all others are compared with.
    fn over(cases: Vec<Case>, base: &Circumstance, limits: Limits) -> Result<Self, Problem> {
        let mut report = Self {
            limits,
            circumstances: vec![base.name.clone()],
            skipped: Vec::new(),
            cases: Vec::new(),
            digests: Vec::new(),
            deaths: Vec::new(),
            divergences: Vec::new(),
        };
        let runs = measure(base, &cases, limits)?;
        for (case, run) in cases.into_iter().zip(runs) {
            match run {
                Ok(digest) => {
                    report.cases.push(case);
                    report.digests.push(digest);
                }
                Err(finding) => report.deaths.push((case, finding)),
            }
        }
        Ok(report)
    }

    fn compare(&mut self, base: &Circumstance, circumstance: &Circumstance) -> Result<(), Problem> {
        let runs = match measure(circumstance, &self.cases, self.limits) {
            Ok(runs) => runs,
            Err(problem) => {
                self.skipped.push(Skipped { name: circumstance.name.clone(), why: problem.to_string() });
                return Ok(());
            }
        };
        self.circumstances.push(circumstance.name.clone());
        for (position, (index, run)) in circumstance.visits.order(self.cases.len()).into_iter().zip(runs).enumerate() {
            if run.as_ref() != Ok(&self.digests[index]) {
                self.add(base, circumstance, position, index, run)?;
            }
        }
        Ok(())
    }

    /// The first of a scenario under a circumstance gets a closer look, the others are counted.
    fn add(
        &mut self,
        base: &Circumstance,
        circumstance: &Circumstance,
        position: usize,
        index: usize,
        run: Run,
    ) -> Result<(), Problem> {
        let case = &self.cases[index];
        let seed = case.seed.map_or(0, |seed| seed.0);
        let known = self
            .divergences
            .iter_mut()
            .find(|known| known.scenario == case.scenario && known.circumstance == circumstance.name);
        if let Some(known) = known {
            if !known.seeds.contains(&seed) {
                known.seeds.push(seed);
            }
            return Ok(());
        }
        let (how, difference) = match run {
            Ok(digest) => self.look_closer(base, circumstance, position, index, digest)?,
            Err(death) => (death.to_string(), None),
        };
        let message = format!("{}: digest {}; {}: {how}", base.name, self.digests[index], circumstance.name);
        self.divergences.push(Divergence {
            scenario: case.scenario.clone(),
            seeds: vec![seed],
            base: base.name.clone(),
            circumstance: circumstance.name.clone(),
            finding: Finding::divergence(message),
            difference,
        });
        Ok(())
    }

    /// The two histories again, line by line.
    fn look_closer(
        &self,
        base: &Circumstance,
        circumstance: &Circumstance,
        position: usize,
        index: usize,
        digest: Digest,
    ) -> Result<(String, Option<Difference>), Problem> {
        let case = &self.cases[index];
        let order = circumstance.visits.order(self.cases.len());
        let earlier: Vec<_> = order[..position].iter().map(|&index| &self.cases[index]).collect();
        let left = lines(base, &[], case, self.limits)?;
        let right = lines(circumstance, &earlier, case, self.limits)?;
        let (Ok(left), Ok(right)) = (left, right) else {
            return Ok((format!("digest {digest}; a second look did not come back"), None));
        };
        let how = match (left.0 == right.0, Difference::between(&left.1, &right.1)) {
            (true, _) => (format!("digest {digest}, but not at a second look"), None),
            (false, None) => (format!("digest {digest}, though the lines are the same"), None),
            (false, difference) => (format!("digest {digest}"), difference),
        };
        Ok(how)
    }

    fn document(&self) -> Value {
        let divergence = |divergence: &Divergence| {
            json!({
                "scenario": divergence.scenario,
                "seed": divergence.seeds[0],
                "seeds": divergence.seeds,
                "circumstances": [divergence.base, divergence.circumstance],
                "kind": divergence.finding.kind,
                "signature": divergence.finding.signature,
                "message": divergence.finding.message,
                "difference": divergence.difference,
            })
        };
        let death = |(case, finding): &(Case, Finding)| {
            json!({ "scenario": case.scenario, "seed": case.seed.map(|seed| seed.0), "kind": finding.kind,
                    "signature": finding.signature, "message": finding.message })
        };
        let skipped = |Skipped { name, why }: &Skipped| json!({ "circumstance": name, "why": why });
        let digests = self.cases.iter().zip(&self.digests).map(|(case, digest)| (label(case), json!(digest)));
        json!({
            "cases": self.cases.len() + self.deaths.len(),
            "circumstances": self.circumstances,
            "skipped": self.skipped.iter().map(skipped).collect::<Vec<_>>(),
            "divergences": self.divergences.iter().map(divergence).collect::<Vec<_>>(),
            "findings": self.deaths.iter().map(death).collect::<Vec<_>>(),
            "digests": digests.collect::<Map<_, _>>(),
        })
    }

    fn print(&self) {
        say!("{} cases, each:", self.cases.len() + self.deaths.len());
        self.circumstances.iter().for_each(|name| say!("  {name}"));
        self.skipped.iter().for_each(|Skipped { name, why }| say!("  skipped: {name}: {why}"));
        for (case, finding) in &self.deaths {
            say!("\nFAILED {}: {finding}", label(case));
        }
        for divergence in &self.divergences {
            let Divergence { scenario, seeds, finding, difference, .. } = divergence;
            let (seed, more) = (Seed(seeds[0]), seeds.len() - 1);
            say!("\nFAILED {scenario}: {finding}\n  under seed {seed} and {more} more");
            if let Some(difference) = difference {
                output::text(format_args!("  - {}\n  + {}\n{difference}", divergence.base, divergence.circumstance));
            }
        }
        let (diverged, died) = (self.divergences.len(), self.deaths.len());
        say!("\n{diverged} divergences, {died} cases without a digest");
    }
}

/// `scenario/seed`.
fn label(case: &Case) -> String {
    format!("{}/{}", case.scenario, case.seed.map_or(0, |seed| seed.0))
}

/// Runs every case as the circumstance wants, in its order.
fn measure(circumstance: &Circumstance, cases: &[Case], limits: Limits) -> Result<Vec<Run>, Problem> {
    let mut errands = Errands::new(circumstance.recipe.clone(), limits, false)?;
    let run = |index: usize| {
        if circumstance.visits == Visits::Alone {
            errands.start_anew();
        }
        digest(&mut errands, circumstance, &cases[index])
    };
    circumstance.visits.order(cases.len()).into_iter().map(run).collect()
}

fn digest(errands: &mut Errands, circumstance: &Circumstance, case: &Case) -> Result<Run, Problem> {
    let Circumstance { threads, kept, .. } = *circumstance;
    match errands.ask(&Order::Digest { case: case.clone(), threads, kept })? {
        Ok(Answer::Digest(digest)) => Ok(Ok(digest)),
        Ok(other) => unreachable!("a worker that was asked for a digest answered {other:?}"),
        Err(finding) => Ok(Err(finding)),
    }
}

/// Digest and lines of a case that a process runs after the `earlier` ones.
fn lines(
    circumstance: &Circumstance,
    earlier: &[&Case],
    case: &Case,
    limits: Limits,
) -> Result<Result<(Digest, Vec<String>), Finding>, Problem> {
    let mut errands = Errands::new(circumstance.recipe.clone(), limits, false)?;
    for case in earlier {
        // A death among them would show in its own place.
        let _ = digest(&mut errands, circumstance, case)?;
    }
    match errands.ask(&Order::Lines { case: case.clone(), threads: circumstance.threads })? {
        Ok(Answer::Lines { digest, lines }) => Ok(Ok((digest, lines))),
        Ok(other) => unreachable!("a worker that was asked for lines answered {other:?}"),
        Err(finding) => Ok(Err(finding)),
    }
}
