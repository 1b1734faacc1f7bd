//! `zoo-hunt SCENARIO CAP REPS METHOD [KIND CHECK]`: hunts in this build by that method, for anything or for that
//! one kind and check, and prints what it caught as JSON, a list of hunts. The zoo builds it from patched sources.

#[cfg(madsim)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use shardwright_sim::zoo::{Ground, Method, Wanted, hunt};

    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let usage = "usage: zoo-hunt SCENARIO CAP REPS METHOD [KIND CHECK]";
    let (first, rest) = arguments.split_at_checked(4).ok_or(usage)?;
    let [name, cap, reps, method] = first else { return Err(usage.into()) };
    let wanted = match rest {
        [] => Wanted::Any,
        [kind, check] => Wanted::Only(serde_json::from_value(kind.as_str().into())?, check.clone()),
        _ => return Err(usage.into()),
    };
    let method = Method::named(method).ok_or(usage)?;
    let (cap, reps): (u64, u64) = (cap.parse()?, reps.parse()?);
    let scenario = shardwright_sim::ALL.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    let hunt = |rep| hunt(scenario, method, Ground { first_seed: rep * cap, cap }, &wanted);
    let hunts = (0..reps).map(hunt).collect::<Result<Vec<_>, _>>()?;
    println!("{}", serde_json::to_string(&hunts)?);
    Ok(())
}

#[cfg(not(madsim))]
fn main() {}
