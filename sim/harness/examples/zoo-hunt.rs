//! `zoo-hunt SCENARIO STRATEGY FROM TO`: hunts in this build and prints what it caught as JSON. The zoo
//! builds it from patched sources.

#[cfg(madsim)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [name, strategy, from, to] = arguments.as_slice() else {
        return Err("usage: zoo-hunt SCENARIO STRATEGY FROM TO".into());
    };
    let scenario = shardwright_sim::ALL.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    let hunt = shardwright_sim::zoo::hunt(scenario, strategy, from.parse()?..to.parse()?)?;
    println!("{}", serde_json::to_string(&hunt)?);
    Ok(())
}

#[cfg(not(madsim))]
fn main() {}
