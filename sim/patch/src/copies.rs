//! The copies on the disk.

use crate::{
    graph::{Graph, Package},
    manifest::{self, DropIn},
    plan::{Change, Planned},
    problem::Problem,
};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Component, Path, PathBuf},
};
use toml::{Table, Value};

/// By this the folder is known as ours; and nothing in it is the repository's.
const IGNORED: &str = "# Copies, made by `cargo sim-patch`.\n*\n";
/// Of a registry's sources: what cargo wrote beside them, and what is made anew.
const LEFT_OUT: [&str; 3] = ["Cargo.lock", "Cargo.toml", "Cargo.toml.orig"];

/// What a copy's folder is called.
pub(crate) fn folder_name(package: &Package) -> String {
    format!("{}-{}", package.name, package.version)
}

/// Makes `folder` hold the planned copies and nothing else. Files that are as they should be stay untouched, so that
/// nothing is built anew.
///
/// # Errors
/// A file cannot be read or written, or the folder is somebody else's.
pub(crate) fn write(plan: &[Planned<'_>], graph: &Graph, folder: &Path) -> Result<(), Problem> {
    let mark = folder.join(".gitignore");
    if folder.exists() && fs::read_to_string(&mark).ok().as_deref() != Some(IGNORED) {
        return Err(Problem::NotOurs(folder.to_owned()));
    }
    fs::create_dir_all(folder).map_err(Problem::io(folder))?;
    write_changed(&mark, IGNORED.as_bytes())?;
    remove_others(plan, folder)?;
    let drop_in = graph.drop_in()?;
    for planned in plan {
        let copy = folder.join(folder_name(planned.package));
        copy_sources(planned.package.folder(), &copy)?;
        let manifest = read_manifest(&planned.package.manifest_path)?;
        let manifest = match &planned.change {
            Change::Patched => manifest::patched(manifest, &located(drop_in, &copy)),
            Change::RealSideGone(names) => manifest::without_real_side(manifest, names),
        };
        write_changed(&copy.join("Cargo.toml"), manifest.to_string().as_bytes())?;
    }
    Ok(())
}

fn remove_others(plan: &[Planned<'_>], folder: &Path) -> Result<(), Problem> {
    let kept: BTreeSet<OsString> = plan.iter().map(|planned| folder_name(planned.package).into()).collect();
    for entry in fs::read_dir(folder).map_err(Problem::io(folder))?.flatten() {
        let path = entry.path();
        if path.is_dir() && !kept.contains(&entry.file_name()) {
            fs::remove_dir_all(&path).map_err(Problem::io(path))?;
        }
    }
    Ok(())
}

fn copy_sources(from: &Path, to: &Path) -> Result<(), Problem> {
    let is_kept = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        let is_made_anew =
            LEFT_OUT.iter().any(|left_out| name == *left_out) || name.as_encoded_bytes().starts_with(b".");
        path.is_dir() || !(path.parent() == Some(from) && is_made_anew)
    };
    copy_folder(from, to, &is_kept)
}

/// Copies what is kept of a folder. Files that are the same already stay untouched.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path, is_kept: &dyn Fn(&Path) -> bool) -> Result<(), Problem> {
    fs::create_dir_all(to).map_err(Problem::io(to))?;
    for entry in fs::read_dir(from).map_err(Problem::io(from))? {
        let entry = entry.map_err(Problem::io(from))?;
        let (copy, path) = (to.join(entry.file_name()), entry.path());
        if !is_kept(&path) {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &copy, is_kept)?;
        } else {
            write_changed(&copy, &fs::read(&path).map_err(Problem::io(&path))?)?;
        }
    }
    Ok(())
}

/// Writes the file, if it says something else.
///
/// # Errors
/// It cannot be written.
pub fn write_changed(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    if fs::read(path).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(Problem::io(path))
}

fn read_manifest(path: &Path) -> Result<Table, Problem> {
    let text = fs::read_to_string(path).map_err(Problem::io(path))?;
    text.parse().map_err(|error: toml::de::Error| Problem::Manifest { path: path.to_owned(), why: error.to_string() })
}

/// The drop-in as a copy names it: where cargo found it for the workspace, so that there is one.
fn located(drop_in: &Package, copy: &Path) -> DropIn {
    let location = match drop_in.source.as_deref().map(|source| (source, source.strip_prefix("git+"))) {
        None => Table::from_iter([("path".to_owned(), relative(drop_in.folder(), copy).display().to_string().into())]),
        Some((_, Some(git))) => git_location(git),
        Some((_, None)) => Table::from_iter([("version".to_owned(), format!("={}", drop_in.version).into())]),
    };
    DropIn { location, features: drop_in.features.keys().cloned().collect() }
}

/// `URL?tag=v1#REVISION`
fn git_location(git: &str) -> Table {
    let url = git.split_once('#').map_or(git, |(url, _revision)| url);
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let asked = query.split_once('=').map(|(key, value)| (key.to_owned(), Value::from(value)));
    Table::from_iter([("git".to_owned(), Value::from(url))].into_iter().chain(asked))
}

/// The way from one absolute path to another.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let shared = to.components().zip(from.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_from_the_copy_to_the_drop_in() {
        let to = relative(Path::new("/w/seedbed/sim/seedbed-tokio"), Path::new("/w/mine/patched/bb8-0.9.1"));
        assert_eq!(to, Path::new("../../../seedbed/sim/seedbed-tokio"));
    }

    #[test]
    fn a_repository_is_named_as_the_workspace_names_it() {
        let location = git_location("https://example.org/seedbed?tag=v1#0123456789");
        assert_eq!(location, "git = \"https://example.org/seedbed\"\ntag = \"v1\"".parse().unwrap());
        assert_eq!(git_location("file:///seedbed#01"), "git = \"file:///seedbed\"".parse().unwrap());
    }
}
