//! Which copies are to be made of which packages.

use crate::{
    graph::{Graph, Package},
    problem::Problem,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is changed in a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Its tokio is the drop-in.
    Patched,
    /// It is one of the simulator's own, which is not built on the real side: these go that it names for there, as nothing
    /// may be built of itself.
    RealSideGone(BTreeSet<String>),
}

/// A copy to be made.
#[derive(Debug)]
pub(crate) struct Planned<'a> {
    pub(crate) package: &'a Package,
    pub(crate) change: Change,
}

/// The copies that make the named crates use the drop-in.
///
/// # Errors
/// One of them cannot.
pub(crate) fn of<'a>(graph: &'a Graph, names: &[String]) -> Result<Vec<Planned<'a>>, Problem> {
    let drop_in = graph.drop_in()?;
    let mut changes: BTreeMap<&str, Planned<'_>> = BTreeMap::new();
    for name in names {
        for package in graph.named(name)? {
            can_be_patched(graph, package, drop_in)?;
            changes.insert(&package.id, Planned { package, change: Change::Patched });
        }
    }
    let mut gone: BTreeMap<&str, (&Package, BTreeSet<String>)> = BTreeMap::new();
    for (owner, dependency) in graph.ways_back(&changes.keys().copied().collect()) {
        gone.entry(&owner.id).or_insert((owner, BTreeSet::new())).1.insert(dependency.to_owned());
    }
    for (id, (package, names)) in gone {
        changes.insert(id, Planned { package, change: Change::RealSideGone(names) });
    }
    Ok(changes.into_values().collect())
}

fn can_be_patched(graph: &Graph, package: &Package, drop_in: &Package) -> Result<(), Problem> {
    if package.source.is_none() {
        let manifest = package.manifest_path.clone();
        return Err(Problem::OwnSources { package: package.to_string(), manifest });
    }
    let found = graph.tokio_of(package).ok_or_else(|| Problem::NoTokio { package: package.to_string() })?;
    if !found.version.starts_with("1.") {
        return Err(Problem::OtherTokio { package: package.to_string(), found: found.version.clone() });
    }
    if graph.is_the_simulator_s(package) {
        return Err(Problem::OfTheSimulator { package: package.to_string() });
    }
    let known: BTreeSet<_> = drop_in.features.keys().cloned().collect();
    let missing: Vec<_> = graph.asked_of_tokio(package).difference(&known).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(Problem::Features { package: package.to_string(), missing }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    /// A package, and what it is built of: names, features asked for, and targets.
    fn package(name: &str, source: Option<&str>, built_of: &[(&str, &[&str], Option<&str>)]) -> [Value; 2] {
        let version = if name == "old-tokio" { "0.2.25" } else { "1.0.0" };
        let named = |id: &str| if id == "old-tokio" { "tokio".to_owned() } else { id.to_owned() };
        let dependencies: Vec<_> = built_of
            .iter()
            .map(|(id, features, _)| json!({ "name": named(id), "rename": null, "kind": null, "features": features }))
            .collect();
        let edges: Vec<_> = built_of
            .iter()
            .map(|(id, _, target)| json!({ "pkg": id, "dep_kinds": [{ "kind": null, "target": target }] }))
            .collect();
        let features = if name == "seedbed-tokio" { json!({ "rt": [], "time": [] }) } else { json!({}) };
        let package = json!({
            "id": name, "name": named(name), "version": version, "source": source, "features": features,
            "manifest_path": format!("/sources/{name}/Cargo.toml"), "dependencies": dependencies,
        });
        [package, json!({ "id": name, "deps": edges, "features": [] })]
    }

    /// A simulator that on the real side would be built of `codec`, and what else may be named.
    fn graph() -> Graph {
        let registry = Some(REGISTRY);
        let (packages, nodes): (Vec<_>, Vec<_>) = [
            package("mine", None, &[("tokio", &["time"], None), ("pool", &[], None)]),
            package("seedbed-tokio", None, &[("engine", &[], None)]),
            package("engine", registry, &[("tokio", &["rt"], None), ("codec", &[], Some(crate::graph::REAL_SIDE))]),
            package("codec", registry, &[("tokio", &["time"], None)]),
            package("pool", registry, &[("tokio", &["rt"], None)]),
            package("locks", registry, &[("tokio", &["sync"], None)]),
            package("ring", registry, &[("tokio", &["io-uring"], None)]),
            package("old", registry, &[("old-tokio", &["time"], None)]),
            package("plain", registry, &[]),
            package("tokio", registry, &[]),
            package("old-tokio", registry, &[]),
        ]
        .map(|[package, node]| (package, node))
        .into_iter()
        .unzip();
        Graph::of(&json!({ "packages": packages, "resolve": { "nodes": nodes } }).to_string()).unwrap()
    }

    fn planned(names: &[&str]) -> Result<Vec<String>, String> {
        let (graph, names) = (graph(), names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let plan = of(&graph, &names).map_err(|problem| problem.to_string())?;
        Ok(plan.iter().map(|planned| format!("{}: {:?}", planned.package, planned.change)).collect())
    }

    #[test]
    fn a_crate_is_copied_and_with_it_what_would_be_built_of_itself() {
        assert_eq!(planned(&["pool@1.0.0"]), Ok(vec!["pool 1.0.0: Patched".to_owned()]));
        let both = ["codec 1.0.0: Patched", "engine 1.0.0: RealSideGone({\"codec\"})"];
        assert_eq!(planned(&["codec"]), Ok(both.map(str::to_owned).into()));
    }

    #[test]
    fn what_cannot_be_is_told_why() {
        for (name, why) in [
            ("poo", "`poo` is not among the dependencies (but pool 1.0.0 is); `cargo tree` shows them"),
            ("pool@2.0.0", "`pool@2.0.0` is not among the dependencies (but pool 1.0.0 is); `cargo tree` shows them"),
            ("plain", "plain 1.0.0 does not depend on tokio, so that there is nothing to patch in it"),
            ("old", "old 1.0.0 depends on tokio 0.2.25, and the drop-in is one for tokio 1"),
            ("ring", "ring 1.0.0 asks for features of tokio that the drop-in does not have: io-uring"),
            ("engine", "engine 1.0.0 cannot be patched: the simulator itself is built of it"),
            (
                "mine",
                "mine 1.0.0 is not from a registry: name the drop-in in its own manifest, /sources/mine/Cargo.toml",
            ),
        ] {
            assert_eq!(planned(&[name]), Err(why.to_owned()));
        }
    }

    #[test]
    fn those_are_in_need_who_ask_for_more_than_is_the_same_in_a_world() {
        let graph = graph();
        let in_need: Vec<_> =
            graph.in_need().map(|(package, asked)| format!("{package}: {}", asked.join(", "))).collect();
        assert_eq!(
            in_need,
            ["codec 1.0.0: time", "mine 1.0.0: time", "old 1.0.0: time", "pool 1.0.0: rt", "ring 1.0.0: io-uring"]
        );
    }
}
