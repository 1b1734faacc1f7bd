//! The packages that a workspace is built of, as `cargo metadata` knows them.

use crate::problem::Problem;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt,
    path::{Path, PathBuf},
    process::Command,
};

/// Of all that tokio has: what knows no runtime, and is the same in a world.
const AGNOSTIC: [&str; 6] = ["bytes", "default", "io-util", "macros", "parking_lot", "sync"];
/// Where a manifest names what no world is built of.
pub(crate) const REAL_SIDE: &str = "cfg(not(madsim))";
pub(crate) const DROP_IN: &str = "seedbed-tokio";

/// All packages, those for other targets too.
#[derive(Debug)]
pub(crate) struct Graph {
    packages: BTreeMap<String, Package>,
    nodes: BTreeMap<String, Node>,
    /// Those of them that are built on this machine.
    here: BTreeSet<String>,
    drop_in: Option<String>,
    /// What the drop-in is built of in a world, itself included.
    below: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    kind: Option<String>,
    features: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
    features: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    kind: Option<String>,
    target: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

/// The folder of the workspace that the manifest belongs to.
///
/// # Errors
/// There is no such manifest, or it is none.
pub fn workspace_root(manifest: &Path) -> Result<PathBuf, Problem> {
    let text = cargo(&["locate-project", "--workspace", "--message-format", "plain"], manifest)?;
    let path = Path::new(text.trim_end());
    Ok(path.parent().unwrap_or(path).to_owned())
}

fn cargo(arguments: &[&str], manifest: &Path) -> Result<String, Problem> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    let output = command.args(arguments).arg("--manifest-path").arg(manifest).output().map_err(Problem::io(cargo))?;
    if !output.status.success() {
        return Err(Problem::Cargo(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Graph {
    /// The graph with all features of the workspace's own packages.
    ///
    /// # Errors
    /// What cargo says.
    pub(crate) fn read(manifest: &Path) -> Result<Self, Problem> {
        const ALL: [&str; 4] = ["metadata", "--format-version", "1", "--all-features"];
        let here = cargo(&[&ALL[..], &["--filter-platform", "host-tuple"]].concat(), manifest)?;
        let here = Self::of(&here)?.packages.into_keys().collect();
        Ok(Self { here, ..Self::of(&cargo(&ALL, manifest)?)? })
    }

    /// The graph that `cargo metadata` printed.
    ///
    /// # Errors
    /// It did not.
    pub(crate) fn of(metadata: &str) -> Result<Self, Problem> {
        let metadata: Metadata = serde_json::from_str(metadata).map_err(|error| Problem::Cargo(error.to_string()))?;
        let drop_in = metadata.packages.iter().find(|package| package.name == DROP_IN).map(|found| found.id.clone());
        let packages: BTreeMap<_, _> =
            metadata.packages.into_iter().map(|package| (package.id.clone(), package)).collect();
        let here = packages.keys().cloned().collect();
        let nodes = metadata.resolve.nodes.into_iter().map(|node| (node.id.clone(), node)).collect();
        let mut graph = Self { packages, nodes, here, drop_in, below: BTreeSet::new() };
        let in_world = |edge: &Edge| !edge.is_of_the_real_side();
        graph.below = graph.drop_in.iter().flat_map(|id| graph.reached(id, in_world)).collect();
        Ok(graph)
    }

    /// What a package is built of, itself included, by way of these edges.
    fn reached(&self, id: &str, by: impl Fn(&Edge) -> bool) -> BTreeSet<String> {
        let (mut found, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if found.insert(id.to_owned()) {
                open.extend(self.edges(id).filter(|edge| by(edge)).map(|edge| edge.pkg.as_str()));
            }
        }
        found
    }

    /// What a package is built of; its tests are not part of that.
    fn edges(&self, id: &str) -> impl Iterator<Item = &Edge> {
        self.nodes.get(id).into_iter().flat_map(|node| &node.deps).filter(|edge| edge.is_built())
    }

    /// The drop-in.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn drop_in(&self) -> Result<&Package, Problem> {
        self.drop_in.as_ref().and_then(|id| self.packages.get(id)).ok_or(Problem::NoDropIn)
    }

    /// The packages of that name, or that name and version.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn named(&self, spec: &str) -> Result<Vec<&Package>, Problem> {
        let (name, version) = spec.split_once('@').map_or((spec, None), |(name, version)| (name, Some(version)));
        let fits =
            |package: &&Package| package.name == name && version.is_none_or(|version| package.version == version);
        let found: Vec<_> = self.packages.values().filter(fits).collect();
        if found.is_empty() {
            let is_similar = |package: &&Package| package.name.replace('_', "-").contains(&name.replace('_', "-"));
            let similar = self.packages.values().filter(is_similar).map(ToString::to_string).take(5).collect();
            return Err(Problem::NotInGraph { name: spec.to_owned(), similar });
        }
        Ok(found)
    }

    /// Whether a world is built of the package.
    pub(crate) fn is_the_simulator_s(&self, package: &Package) -> bool {
        self.below.contains(&package.id)
    }

    /// The packages that a world is built of and that on the real side, where they are not built at all, would be built of
    /// one of `patched`; with the dependency by which they would.
    pub(crate) fn ways_back<'a>(&'a self, patched: &BTreeSet<&str>) -> Vec<(&'a Package, &'a str)> {
        let owners = self.below.iter().filter_map(|id| self.packages.get(id));
        let edges = owners.flat_map(|owner| self.edges(&owner.id).map(move |edge| (owner, edge)));
        let real_side = edges.filter(|(_, edge)| edge.is_of_the_real_side());
        let back = real_side.filter(|(_, edge)| {
            self.reached(&edge.pkg, |_| true).iter().any(|reached| patched.contains(reached.as_str()))
        });
        back.filter_map(|(owner, edge)| Some((owner, self.packages.get(&edge.pkg)?.name.as_str()))).collect()
    }

    /// The tokio that a package is built of, if of any.
    pub(crate) fn tokio_of(&self, package: &Package) -> Option<&Package> {
        let mut built_of = self.edges(&package.id).filter_map(|edge| self.packages.get(&edge.pkg));
        built_of.find(|package| package.name == "tokio")
    }

    /// Which features of tokio's the package asks for, as it is built here.
    pub(crate) fn asked_of_tokio(&self, package: &Package) -> BTreeSet<String> {
        let mut asked = BTreeSet::new();
        let enabled = self.nodes.get(&package.id).map_or(&[][..], |node| &node.features);
        for tokio in
            package.dependencies.iter().filter(|dependency| dependency.name == "tokio" && dependency.is_built())
        {
            asked.extend(tokio.features.iter().cloned());
            let key = tokio.rename.as_deref().unwrap_or("tokio");
            let named = enabled.iter().filter_map(|feature| package.features.get(feature)).flatten();
            asked.extend(named.filter_map(|named| tokio_feature(named, key)).map(str::to_owned));
        }
        asked
    }

    /// Packages outside the simulator that are built of the real tokio, on this machine, and ask it for more than is the same in a world.
    pub(crate) fn in_need(&self) -> impl Iterator<Item = (&Package, Vec<String>)> {
        let here = self.packages.values().filter(|package| self.here.contains(&package.id));
        let outside = here.filter(|package| !self.is_the_simulator_s(package));
        let on_tokio = outside.filter(|package| package.name != "tokio" && self.tokio_of(package).is_some());
        on_tokio.filter_map(|package| {
            let mut asked = self.asked_of_tokio(package);
            asked.retain(|feature| !AGNOSTIC.contains(&feature.as_str()));
            (!asked.is_empty()).then(|| (package, asked.into_iter().collect()))
        })
    }
}

/// `time` of `tokio/time` or `tokio?/time`.
pub(crate) fn tokio_feature<'a>(named: &'a str, key: &str) -> Option<&'a str> {
    let rest = named.strip_prefix(key)?;
    rest.strip_prefix("?/").or_else(|| rest.strip_prefix('/'))
}

impl Package {
    /// Where its sources are.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl Dependency {
    fn is_built(&self) -> bool {
        self.kind.as_deref() != Some("dev")
    }
}

impl Edge {
    fn built(&self) -> impl Iterator<Item = &EdgeKind> {
        self.dep_kinds.iter().filter(|kind| kind.kind.as_deref() != Some("dev"))
    }

    fn is_built(&self) -> bool {
        self.built().next().is_some()
    }

    fn is_of_the_real_side(&self) -> bool {
        self.built().all(|kind| kind.target.as_deref() == Some(REAL_SIDE))
    }
}
