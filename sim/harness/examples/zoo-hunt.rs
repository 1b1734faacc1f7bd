//! `zoo-hunt SCENARIO CAP REPS [KIND CHECK]`: hunts in this build by every method, for anything or for that one
//! kind and check, and prints what each caught as JSON, a list of hunts per repetition. The zoo builds it from
//! patched sources.

#[cfg(madsim)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use shardwright_sim::zoo::{Ground, Method, Wanted, hunt};

    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (name, cap, reps, wanted) = match arguments.as_slice() {
        [name, cap, reps] => (name, cap, reps, Wanted::Any),
        [name, cap, reps, kind, check] => {
            let kind = serde_json::from_value(kind.as_str().into())?;
            (name, cap, reps, Wanted::Only(kind, check.clone()))
        }
        _ => return Err("usage: zoo-hunt SCENARIO CAP REPS [KIND CHECK]".into()),
    };
    let (cap, reps): (u64, u64) = (cap.parse()?, reps.parse()?);
    let scenario = shardwright_sim::ALL.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario `{name}`"))?;
    let by_all = |rep| {
        let ground = Ground { first_seed: rep * cap, cap };
        Method::ALL.map(|method| hunt(scenario, method, ground, &wanted)).into_iter().collect()
    };
    let hunts = (0..reps).map(by_all).collect::<Result<Vec<Vec<_>>, _>>()?;
    println!("{}", serde_json::to_string(&hunts)?);
    Ok(())
}

#[cfg(not(madsim))]
fn main() {}
