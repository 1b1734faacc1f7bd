//! A copy of the workspace's sources that patches may be applied to, and its builds.
#![expect(clippy::disallowed_methods, reason = "works on real files, outside every world")]

use super::{
    error::ZooError,
    member::{Member, Source},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// One copy for all members, one after the other: cargo knows a crate by its path too, so in a copy per
/// member nothing could be shared, and each would build the whole graph.
pub(crate) struct Tree {
    /// The workspace's files as they were when the visit began, whatever is edited meanwhile.
    files: BTreeMap<PathBuf, Vec<u8>>,
    copy: PathBuf,
    target: PathBuf,
    /// Held as long as the tree: two at once would patch one copy.
    _lock: File,
}

/// What is built from the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// The example `zoo-hunt`.
    Hunter,
    /// The command line `sim`.
    Sim,
}

impl Tree {
    /// The tree of the workspace that this package was built from, as its files are now.
    pub(crate) fn new() -> Result<Self, ZooError> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let workspace = fs::canonicalize(&workspace).map_err(|error| ZooError::file(&workspace, &error))?;
        let zoo = workspace.join("target/zoo");
        let tree = Self {
            files: files_of(&workspace)?,
            copy: zoo.join("tree"),
            target: zoo.join("target"),
            _lock: lock(&zoo)?,
        };
        tree.restore()?;
        Ok(tree)
    }

    /// Where patches are applied.
    pub(crate) fn copy(&self) -> &Path {
        &self.copy
    }

    /// Brings the copy back to the files of the beginning. One that is the same is not touched, so it is not built
    /// again; one that a patch has added goes.
    pub(crate) fn restore(&self) -> Result<(), ZooError> {
        let mut known = BTreeSet::new();
        for (name, text) in &self.files {
            let target = self.copy.join(name);
            known.insert(target.clone());
            if fs::read(&target).is_ok_and(|known| known == *text) {
                continue;
            }
            let folder = target.parent().unwrap_or(&self.copy);
            fs::create_dir_all(folder).map_err(|error| ZooError::file(folder, &error))?;
            fs::write(&target, text).map_err(|error| ZooError::file(&target, &error))?;
        }
        keep_only(&known, &self.copy)
    }

    /// # Errors
    /// [`ZooError::Patch`] if it does not apply as it stands: a planted bug that has moved must be looked
    /// at by a person.
    pub(crate) fn plant(&self, member: &'static Member) -> Result<(), ZooError> {
        match member.source {
            Source::Patch => self.apply("zoo", member.name),
            Source::Port(parts) => {
                let ports = self.copy.join("sim/harness/ported");
                parts.iter().try_for_each(|part| put_over(&ports.join(part), &self.copy))
            }
        }
    }

    /// Applies `sim/harness/<folder>/<name>.patch`.
    ///
    /// # Errors
    /// [`ZooError::Patch`] if it does not apply as it stands.
    pub(crate) fn apply(&self, folder: &str, name: &'static str) -> Result<(), ZooError> {
        let patch = self.copy.join(format!("sim/harness/{folder}/{name}.patch"));
        let mut apply = Command::new("git");
        // The copy lies inside a repository, whose root git would take the patch to be about.
        apply.env("GIT_CEILING_DIRECTORIES", self.copy.parent().unwrap_or(&self.copy));
        apply.args(["apply", "--whitespace=nowarn"]).arg(&patch).current_dir(&self.copy);
        run(apply).map(|_| ()).map_err(|error| ZooError::Patch { name, message: error.to_string() })
    }

    /// Builds `product` from the copy, and says where it is.
    pub(crate) fn build(&self, product: Product) -> Result<PathBuf, ZooError> {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--profile", "zoo", "--package", "shardwright-sim"]);
        let path = match product {
            Product::Hunter => {
                build.args(["--example", "zoo-hunt"]);
                "zoo/examples/zoo-hunt"
            }
            Product::Sim => {
                build.args(["--bin", "sim"]);
                "zoo/sim"
            }
        };
        build.arg("--target-dir").arg(&self.target).current_dir(&self.copy);
        run(build)?;
        Ok(self.target.join(path))
    }
}

/// What git knows of the workspace, and what it does not ignore.
fn files_of(workspace: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, ZooError> {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).current_dir(workspace);
    let list = run(list)?;
    let names = list.split('\0').filter(|name| !name.is_empty());
    // A file that was deleted and not yet committed is still listed.
    Ok(names.filter_map(|name| Some((PathBuf::from(name), fs::read(workspace.join(name)).ok()?))).collect())
}

fn lock(zoo: &Path) -> Result<File, ZooError> {
    let path = zoo.join("lock");
    let locked = fs::create_dir_all(zoo).and_then(|()| File::create(&path));
    let file = locked.map_err(|error| ZooError::file(&path, &error))?;
    file.try_lock().map_err(|error| ZooError::Answer {
        message: format!("{}: {error}: another visit goes on in this workspace", path.display()),
    })?;
    Ok(file)
}

/// Removes each file below `folder` that is not `known`.
fn keep_only(known: &BTreeSet<PathBuf>, folder: &Path) -> Result<(), ZooError> {
    let entries = fs::read_dir(folder).map_err(|error| ZooError::file(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| ZooError::file(folder, &error))?.path();
        if path.is_dir() {
            keep_only(known, &path)?;
        } else if !known.contains(&path) {
            fs::remove_file(&path).map_err(|error| ZooError::file(&path, &error))?;
        }
    }
    Ok(())
}

/// Copies all files below `source` to the same paths below `target`.
fn put_over(source: &Path, target: &Path) -> Result<(), ZooError> {
    let entries = fs::read_dir(source).map_err(|error| ZooError::file(source, &error))?;
    for entry in entries {
        let from = entry.map_err(|error| ZooError::file(source, &error))?.path();
        let to = target.join(from.file_name().unwrap_or_default());
        if from.is_dir() {
            put_over(&from, &to)?;
        } else {
            fs::copy(&from, &to).map_err(|error| ZooError::file(&to, &error))?;
        }
    }
    Ok(())
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn run(mut command: Command) -> Result<String, ZooError> {
    let outcome = match command.output() {
        Ok(output) if output.status.success() => return Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    Err(ZooError::Command { command: format!("{command:?}"), message: outcome })
}
