//! The package below `target/` that holds the copies, and what of tokio's tests is not in it.

use crate::{
    list::{Apart, LeftOut, List, Name},
    problem::Problem,
    source,
};
use sim_patch::{Asked, copy_folder, write_changed};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

pub(crate) struct Package {
    /// Where it is.
    pub(crate) folder: PathBuf,
    reasons: Vec<LeftOut>,
    /// For each file how many of its tests are left out, for each reason that has any.
    left_out: BTreeMap<String, BTreeMap<usize, usize>>,
    /// For each file its tests that run apart.
    apart: BTreeMap<String, Vec<(String, Apart)>>,
}

impl Package {
    /// Makes it; `here`: where its manifest and lock file are kept.
    ///
    /// # Errors
    /// The list names what is not there, or cargo says no.
    pub(crate) fn make(here: &Path, list: List) -> Result<Self, Problem> {
        let root = sim_patch::workspace_root(&here.join("Cargo.toml"))?;
        let folder = root.join("target/strangers");
        let (tests, manifest) = (folder.join("tests"), folder.join("Cargo.toml"));
        for made in [&tests, &folder.join("src")] {
            fs::create_dir_all(made).map_err(Problem::io(made))?;
        }
        write_changed(&folder.join("src/lib.rs"), b"")?;
        for (kept, name) in [("package.toml", "Cargo.toml"), ("package.lock", "Cargo.lock")] {
            let kept = here.join(kept);
            write_changed(&folder.join(name), &fs::read(&kept).map_err(Problem::io(kept))?)?;
        }
        sim_patch::patch(&manifest, Asked::Named(&[]))?;
        let sources = sim_patch::tokio_sources(&manifest)?.join("tests");
        copy_folder(&sources.join("support"), &tests.join("support"), &|_| true)?;
        let mut files = texts(&sources)?;
        files.retain(|file, _| list.has(file));
        all_are_there(&list, &files)?;
        let apart = files.keys().map(|file| Ok((file.clone(), apart(&list, file)?))).collect::<Result<_, Problem>>()?;
        let mut package = Self { folder, left_out: BTreeMap::new(), apart, reasons: list.left_out };
        let mut kept = BTreeSet::new();
        for (file, text) in &files {
            if let Some(text) = package.leave_out(file, text)? {
                let text = begin(source::TASKS_MAY_PANIC, &list.planned_panics, file, text)?;
                let text = begin(source::TURNS_TAKE_TIME, &list.busy, file, text)?;
                let name = format!("{file}.rs");
                write_changed(&tests.join(&name), text.as_bytes())?;
                kept.insert(name);
            }
        }
        remove_others(&tests, &kept)?;
        Ok(package)
    }

    /// Each reason, and how many tests of all files are left out for it.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (&str, usize)> {
        self.reasons.iter().enumerate().map(|(nth, left_out)| {
            let counts = self.left_out.values().filter_map(|counts| counts.get(&nth));
            (left_out.why.as_str(), counts.sum())
        })
    }

    /// How many tests of a file are left out.
    pub(crate) fn left_out_of(&self, file: &str) -> usize {
        self.left_out.get(file).map_or(0, |counts| counts.values().sum())
    }

    /// The tests of a file that run apart, and how.
    pub(crate) fn apart_of(&self, file: &str) -> &[(String, Apart)] {
        self.apart.get(file).map_or(&[], Vec::as_slice)
    }

    /// What is left of a file; `None` if nothing is.
    fn leave_out(&mut self, file: &str, text: &str) -> Result<Option<String>, Problem> {
        let mut left = Some(text.to_owned());
        let counts = self.left_out.entry(file.to_owned()).or_default();
        for (nth, reason) in self.reasons.iter().enumerate() {
            for name in reason.tests.iter().filter(|name| name.is_of(file)) {
                let count = counts.entry(nth).or_default();
                match (&name.test, left.take()) {
                    (None, text) => *count += source::count_tests(&text.unwrap_or_default()),
                    (Some(test), text) => {
                        let text = text.and_then(|text| source::without(&text, test));
                        left = Some(text.ok_or_else(|| gone(name))?);
                        *count += 1;
                    }
                }
            }
        }
        Ok(left)
    }
}

fn gone(name: &Name) -> Problem {
    Problem::Gone { name: name.to_string() }
}

/// The tests of a file that run apart, and how.
fn apart(list: &List, file: &str) -> Result<Vec<(String, Apart)>, Problem> {
    list.apart(file).map(|(name, how)| Ok((name.test.clone().ok_or_else(|| gone(name))?, how))).collect()
}

/// With that statement as the first of the file's tests that are named.
fn begin(statement: &str, named: &[Name], file: &str, text: String) -> Result<String, Problem> {
    named.iter().filter(|name| name.is_of(file)).try_fold(text, |text, name| {
        let begun = name.test.as_ref().and_then(|test| source::beginning_with(statement, &text, test));
        begun.ok_or_else(|| gone(name))
    })
}

/// Each file's name, without its ending, and text.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>, Problem> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(Problem::io(folder))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            texts.insert(name, fs::read_to_string(&path).map_err(Problem::io(&path))?);
        }
    }
    Ok(texts)
}

/// Whether each name of the list is of a file; of which of its tests is seen when that is left out.
fn all_are_there(list: &List, files: &BTreeMap<String, String>) -> Result<(), Problem> {
    let names = list.left_out.iter().flat_map(|left_out| &left_out.tests).chain(&list.planned_panics);
    let mut names = names.chain(&list.busy).chain(&list.alone).chain(&list.in_order);
    names.find(|name| !files.keys().any(|file| name.is_of(file))).map_or(Ok(()), |name| Err(gone(name)))
}

/// Of an earlier tokio, or left out since.
fn remove_others(tests: &Path, kept: &BTreeSet<String>) -> Result<(), Problem> {
    for entry in fs::read_dir(tests).map_err(Problem::io(tests))?.flatten() {
        let path = entry.path();
        if path.is_file() && !kept.contains(&*entry.file_name().to_string_lossy()) {
            fs::remove_file(&path).map_err(Problem::io(&path))?;
        }
    }
    Ok(())
}
