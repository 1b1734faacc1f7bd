//! `zoo [NAME..] [--seeds 1000] [--strategy portfolio] [--json]`: builds each planted bug and sees whether
//! the checks find it. Fails if one is not found as what it is, or if its twin is not clean.

#[cfg(madsim)]
fn main() -> std::process::ExitCode {
    match madsim_side::main() {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::from(2)
        }
    }
}

#[cfg(not(madsim))]
fn main() {}

#[cfg(madsim)]
mod madsim_side {
    use serde_json::{Value, json};
    use shardwright_sim::zoo::{MEMBERS, Member, Visit, visit};
    use std::{error::Error, slice};

    struct Asked {
        members: Vec<&'static Member>,
        seeds: u64,
        strategy: String,
        is_json: bool,
    }

    /// Whether all is as expected.
    pub(super) fn main() -> Result<bool, Box<dyn Error>> {
        let Asked { members, seeds, strategy, is_json } = asked()?;
        let visits = visit(&members, &strategy, 0..seeds, |visit| {
            if !is_json {
                println!("{}", row(visit));
            }
        })?;
        if is_json {
            let members: Vec<_> = visits.iter().map(|visit| document(visit, &strategy)).collect();
            println!("{:#}", json!({ "members": members }));
        }
        Ok(visits.iter().all(Visit::is_as_expected))
    }

    fn asked() -> Result<Asked, Box<dyn Error>> {
        let mut asked = Asked { members: Vec::new(), seeds: 1_000, strategy: "portfolio".to_owned(), is_json: false };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--json" => asked.is_json = true,
                "--seeds" => asked.seeds = value()?.parse()?,
                "--strategy" => asked.strategy = value()?,
                name => asked.members.push(Member::named(name).ok_or_else(|| unknown(name))?),
            }
        }
        if asked.members.is_empty() {
            asked.members = MEMBERS.iter().collect();
        }
        Ok(asked)
    }

    fn unknown(name: &str) -> String {
        let names: Vec<_> = MEMBERS.iter().map(|member| member.name).collect();
        format!("there is no member `{name}`; there are: {}", names.join(", "))
    }

    fn row(visit: &Visit) -> String {
        let Visit { member, twin_is_clean, hunt } = visit;
        let verdict = if visit.is_as_expected() { "ok" } else { "NOT AS EXPECTED" };
        let caught = hunt.catch.as_ref().map_or_else(
            || format!("nothing in {} runs", hunt.runs),
            |catch| format!("seed {:>3}, {:.2} s: {}: {}", catch.seed, hunt.cpu_s, catch.kind, catch.check),
        );
        let twin = if *twin_is_clean { "clean" } else { "NOT CLEAN" };
        format!("{:<25} {}  {:<12} twin {twin}  {caught}  {verdict}", member.name, member.id, member.scenario)
    }

    fn document(visit: &Visit, strategy: &str) -> Value {
        let Visit { member, twin_is_clean, hunt } = visit;
        let by_strategy = |value: Value| Value::from_iter(slice::from_ref(&(strategy.to_owned(), value)).to_vec());
        let catch = hunt.catch.as_ref();
        json!({
            "name": member.name,
            "id": member.id,
            "story": member.story,
            "scenario": member.scenario,
            "expected": format!("{}: {}", member.kind, member.check),
            "found": catch.map(|catch| format!("{}: {}", catch.kind, catch.check)),
            "message": catch.map(|catch| &catch.message),
            "as_expected": visit.is_as_expected(),
            "twin_clean": twin_is_clean,
            "seeds_to_find": by_strategy(json!(catch.map(|_| hunt.runs))),
            "cpu_s_to_find": by_strategy(json!(catch.map(|_| hunt.cpu_s))),
        })
    }
}
