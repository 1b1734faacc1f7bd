//! `zoo-hunt SCENARIO CAP REPS`: hunts in this build by every method and prints what each caught as JSON, a
//! list of hunts per repetition. The zoo builds it from patched sources.

#[cfg(madsim)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use shardwright_sim::zoo::{Method, hunt};
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [name, cap, reps] = arguments.as_slice() else {
        return Err("usage: zoo-hunt SCENARIO CAP REPS".into());
    };
    let (cap, reps): (u64, u64) = (cap.parse()?, reps.parse()?);
    let scenario = shardwright_sim::ALL.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    let by_all = |rep| Method::ALL.map(|method| hunt(scenario, method, rep * cap, cap)).into_iter().collect();
    let hunts = (0..reps).map(by_all).collect::<Result<Vec<Vec<_>>, _>>()?;
    println!("{}", serde_json::to_string(&hunts)?);
    Ok(())
}

#[cfg(not(madsim))]
fn main() {}
