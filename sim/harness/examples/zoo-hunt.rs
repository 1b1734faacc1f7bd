//! `zoo-hunt SCENARIO FIRST-SEED CAP METHOD [this KIND CHECK..|alone KIND CHECK]`: hunts in this build by that method, for
//! anything or for that one kind and one of these checks, and prints what came of it as JSON; with `shrink` as METHOD it shrinks what
//! FIRST-SEED finds, and tells of it. The zoo builds it from patched sources.

#[cfg(madsim)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use shardwright_sim::zoo::{Ground, Method, Wanted, hunt, tell};

    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let usage = "usage: zoo-hunt SCENARIO FIRST-SEED CAP METHOD [this KIND CHECK..|alone KIND CHECK]";
    let (first, rest) = arguments.split_at_checked(4).ok_or(usage)?;
    let [name, first_seed, cap, method] = first else { return Err(usage.into()) };
    let kind = |kind: &String| serde_json::from_value(kind.as_str().into());
    let wanted = match rest {
        [] => Wanted::Any,
        [how, what, checks @ ..] if how == "this" => Wanted::This(kind(what)?, checks.to_vec()),
        [how, what, check] if how == "alone" => Wanted::Alone(kind(what)?, check.clone()),
        _ => return Err(usage.into()),
    };
    let ground = Ground { first_seed: first_seed.parse()?, cap: cap.parse()? };
    let scenario = shardwright_sim::ALL.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    if method == "shrink" {
        println!("{}", serde_json::to_string(&tell(scenario, ground.first_seed, &wanted)?)?);
        return Ok(());
    }
    let method = Method::named(method).ok_or(usage)?;
    println!("{}", serde_json::to_string(&hunt(scenario, method, ground, &wanted)?)?);
    Ok(())
}

#[cfg(not(madsim))]
fn main() {}
