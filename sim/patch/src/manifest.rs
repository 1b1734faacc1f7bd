//! A copy's manifest, made of the one that the registry has. Reads and writes no file.

use crate::graph::{DROP_IN, REAL_SIDE, tokio_feature};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// Where dependencies that are built may stand.
const BUILT: [&str; 2] = ["dependencies", "build-dependencies"];
/// What nobody builds of a dependency.
const UNBUILT: [&str; 7] = ["dev-dependencies", "test", "bench", "example", "bin", "badges", "profile"];

/// The drop-in, as the manifests name it.
#[derive(Debug)]
pub(crate) struct DropIn {
    /// `path`, or `git` with what belongs to it, or `version`.
    pub(crate) location: Table,
    pub(crate) features: BTreeSet<String>,
}

/// Puts the drop-in in tokio's place.
pub(crate) fn patched(mut manifest: Table, drop_in: &DropIn) -> Table {
    let mut keys = BTreeSet::new();
    for table in dependency_tables(&mut manifest) {
        for (key, dependency) in table.iter_mut() {
            if package_of(key, dependency) == "tokio" {
                *dependency = in_its_place(dependency, drop_in);
                keys.insert(key.clone());
            }
        }
    }
    if let Some(Value::Table(features)) = manifest.get_mut("features") {
        for named in features.iter_mut().filter_map(|(_, named)| named.as_array_mut()) {
            // What the drop-in does not have nobody has asked for: that would have been an error.
            named.retain(|named| {
                let feature = keys.iter().find_map(|key| tokio_feature(named.as_str()?, key));
                feature.is_none_or(|feature| drop_in.features.contains(feature))
            });
        }
    }
    trimmed(manifest)
}

/// Takes out these dependencies of the real side.
pub(crate) fn without_real_side(mut manifest: Table, names: &BTreeSet<String>) -> Table {
    let real_side = manifest.get_mut("target").and_then(|targets| targets.get_mut(REAL_SIDE)?.as_table_mut());
    let tables =
        real_side.into_iter().flat_map(|target| target.iter_mut().filter_map(|(_, table)| table.as_table_mut()));
    tables.for_each(|table| table.retain(|key, dependency| !names.contains(package_of(key, dependency))));
    trimmed(manifest)
}

/// Without what nobody builds of a dependency; and its warnings are its authors' to heed.
fn trimmed(mut manifest: Table) -> Table {
    manifest.retain(|key, _| !UNBUILT.contains(&key));
    if let Some(Value::Table(targets)) = manifest.get_mut("target") {
        targets.iter_mut().filter_map(|(_, target)| target.as_table_mut()).for_each(|target| {
            target.remove("dev-dependencies");
        });
    }
    let warnings = Table::from_iter([("warnings".to_owned(), Value::from("allow"))]);
    manifest.insert("lints".to_owned(), Table::from_iter([("rust".to_owned(), Value::from(warnings))]).into());
    manifest
}

fn dependency_tables(manifest: &mut Table) -> Vec<&mut Table> {
    let mut tables = Vec::new();
    for (key, value) in manifest.iter_mut().filter_map(|(key, value)| Some((key, value.as_table_mut()?))) {
        if BUILT.contains(&key.as_str()) {
            tables.push(value);
        } else if key == "target" {
            let targets = value.iter_mut().filter_map(|(_, target)| target.as_table_mut());
            let built = targets.flat_map(|target| target.iter_mut().filter(|(key, _)| BUILT.contains(&key.as_str())));
            tables.extend(built.filter_map(|(_, table)| table.as_table_mut()));
        }
    }
    tables
}

fn package_of<'a>(key: &'a str, dependency: &'a Value) -> &'a str {
    dependency.get("package").and_then(Value::as_str).unwrap_or(key)
}

fn in_its_place(dependency: &Value, drop_in: &DropIn) -> Value {
    let mut place = dependency.as_table().cloned().unwrap_or_default();
    place.retain(|key, _| matches!(key, "features" | "optional"));
    place.insert("package".to_owned(), DROP_IN.into());
    place.extend(drop_in.location.clone());
    place.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_in() -> DropIn {
        let location = Table::from_iter([("path".to_owned(), Value::from("../../seedbed-tokio"))]);
        DropIn { location, features: ["rt", "time"].map(str::to_owned).into() }
    }

    fn check(of: impl Fn(Table) -> Table, before: &str, after: &str) {
        let expected: Table = after.parse().unwrap();
        let mut found = of(before.parse().unwrap());
        found.remove("lints");
        assert_eq!(found, expected, "{found}");
    }

    #[test]
    fn tokio_is_the_drop_in_wherever_it_stands() {
        check(
            |manifest| patched(manifest, &drop_in()),
            r#"
            package.name = "pool"
            dependencies = { tokio = "1", bytes = "1" }
            target."cfg(unix)".dependencies.rt = { package = "tokio", version = "1.2", features = ["time"], optional = true }
            target."cfg(unix)".dev-dependencies.tokio = "1"
            dev-dependencies.tokio = "1"
            features = { timers = ["tokio/time", "rt?/rt", "bytes/std"], uring = ["tokio/io-uring", "dep:rt"] }
            test = [{ name = "one" }]
            "#,
            r#"
            package.name = "pool"
            dependencies.tokio = { package = "seedbed-tokio", path = "../../seedbed-tokio" }
            dependencies.bytes = "1"
            target."cfg(unix)".dependencies.rt = { package = "seedbed-tokio", path = "../../seedbed-tokio", features = ["time"], optional = true }
            features = { timers = ["tokio/time", "rt?/rt", "bytes/std"], uring = ["dep:rt"] }
            "#,
        );
    }

    #[test]
    fn the_simulator_s_own_lose_of_their_real_side_what_leads_back() {
        check(
            |manifest| without_real_side(manifest, &["tokio-util".to_owned()].into()),
            r#"
            package.name = "madsim"
            dependencies.bytes = "1"
            target."cfg(madsim)".dependencies.tokio = "1"
            target."cfg(not(madsim))".dependencies = { tokio-util = "0.7", async-ucx = { version = "0.1", optional = true } }
            "#,
            r#"
            package.name = "madsim"
            dependencies.bytes = "1"
            target."cfg(madsim)".dependencies.tokio = "1"
            target."cfg(not(madsim))".dependencies.async-ucx = { version = "0.1", optional = true }
            "#,
        );
    }

    #[test]
    fn warnings_of_a_copy_are_not_ours() {
        let manifest = without_real_side("lints.rust.missing_docs = \"deny\"".parse().unwrap(), &BTreeSet::new());
        assert_eq!(manifest, "lints.rust.warnings = \"allow\"".parse().unwrap());
    }
}
