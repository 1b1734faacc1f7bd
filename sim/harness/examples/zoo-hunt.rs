//! `zoo-hunt SCENARIO STRATEGY FROM TO [KIND CHECK]`: hunts in this build, for anything or for that one kind
//! and check, and prints what it caught as JSON. The zoo builds it from patched sources.

#[cfg(madsim)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use shardwright_sim::zoo::Wanted;

    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (name, strategy, from, to, wanted) = match arguments.as_slice() {
        [name, strategy, from, to] => (name, strategy, from, to, Wanted::Any),
        [name, strategy, from, to, kind, check] => {
            let kind = serde_json::from_value(kind.as_str().into())?;
            (name, strategy, from, to, Wanted::Only(kind, check.clone()))
        }
        _ => return Err("usage: zoo-hunt SCENARIO STRATEGY FROM TO [KIND CHECK]".into()),
    };
    let scenario = shardwright_sim::ALL.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    let hunt = shardwright_sim::zoo::hunt(scenario, strategy, from.parse()?..to.parse()?, &wanted)?;
    println!("{}", serde_json::to_string(&hunt)?);
    Ok(())
}

#[cfg(not(madsim))]
fn main() {}
