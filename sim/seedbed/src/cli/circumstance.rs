//! The circumstances under which one case must give one digest. Knows what differs, not what comes of it.

use super::{
    problem::Problem,
    process::Recipe,
    protocol::ThreadUse,
    scratch::Scratch,
    twin::{self, Twin},
};
use std::{fs, io, os::unix::fs::PermissionsExt as _};

/// Somebody who is not the superuser; most systems call it `nobody`.
const OTHER_UID: u32 = 65_534;

/// One way to run all cases.
#[derive(Debug)]
pub(super) struct Circumstance {
    pub(super) name: String,
    pub(super) recipe: Recipe,
    pub(super) threads: ThreadUse,
    /// Keep the history of each run.
    pub(super) kept: bool,
    pub(super) visits: Visits,
}

/// In which order a circumstance runs the cases, and in how many processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visits {
    /// Each in a process of its own.
    Alone,
    /// One after the other in one process.
    InOrder,
    /// Each twice in a row.
    Twice,
    /// Last first.
    Reversed,
}

impl Visits {
    /// Indices of the cases, in the order of running.
    pub(super) fn order(self, cases: usize) -> Vec<usize> {
        match self {
            Self::Alone | Self::InOrder => (0..cases).collect(),
            Self::Twice => (0..cases).flat_map(|index| [index, index]).collect(),
            Self::Reversed => (0..cases).rev().collect(),
        }
    }
}

/// A circumstance that cannot be had here.
#[derive(Debug)]
pub(super) struct Skipped {
    pub(super) name: String,
    pub(super) why: String,
}

/// The circumstances, the one that the others are compared with first.
pub(super) fn all(recipe: &Recipe, scratch: &Scratch) -> (Vec<Circumstance>, Vec<Skipped>) {
    let here = |name: &str, threads, visits| Circumstance {
        name: name.to_owned(),
        recipe: recipe.clone(),
        threads,
        kept: false,
        visits,
    };
    let mut circumstances = vec![
        here("alone in a fresh process", ThreadUse::Fresh, Visits::Alone),
        here("twice in a warm process", ThreadUse::Fresh, Visits::Twice),
        here("mid-sweep, its neighbours before it in reverse", ThreadUse::Fresh, Visits::Reversed),
        here("on a reused thread", ThreadUse::Reused, Visits::InOrder),
        Circumstance { kept: true, ..here("with its history kept", ThreadUse::Fresh, Visits::InOrder) },
    ];
    let mut skipped = Vec::new();
    match elsewhere(recipe, scratch) {
        Ok((name, recipe)) => {
            circumstances.push(Circumstance { name, recipe, ..here("", ThreadUse::Fresh, Visits::InOrder) });
        }
        Err(error) => skipped.push(Skipped { name: "elsewhere".to_owned(), why: error.to_string() }),
    }
    match twin::build(&recipe.program) {
        Twin::Built { profile, program } => circumstances.push(Circumstance {
            name: format!("built with profile {profile}"),
            recipe: Recipe { program, ..recipe.clone() },
            ..here("", ThreadUse::Fresh, Visits::InOrder)
        }),
        Twin::Missing(why) => skipped.push(Skipped { name: "debug against release".to_owned(), why }),
    }
    (circumstances, skipped)
}

/// Another working directory, environment and, for the superuser, another user.
fn elsewhere(recipe: &Recipe, scratch: &Scratch) -> Result<(String, Recipe), Problem> {
    let failed = |error| Problem::System { what: "a place for another user", error };
    let directory = scratch.path().join("elsewhere");
    let make = || -> io::Result<()> {
        fs::create_dir(&directory)?;
        for place in [scratch.path(), &directory] {
            fs::set_permissions(place, fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    };
    make().map_err(failed)?;
    let mut recipe = Recipe { directory: Some(directory.clone()), environment: other_environment(), ..recipe.clone() };
    if !rustix::process::geteuid().is_root() {
        return Ok(("with another directory and environment".to_owned(), recipe));
    }
    // The other user may not be allowed to look where the program is.
    let program = directory.join("program");
    let copy = || -> io::Result<()> {
        fs::copy(&recipe.program, &program)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
    };
    copy().map_err(failed)?;
    recipe.program = program;
    recipe.uid = Some(OTHER_UID);
    Ok(("with another directory, environment and user".to_owned(), recipe))
}

fn other_environment() -> Vec<(&'static str, String)> {
    let mut environment: Vec<_> = [
        ("USER", "somebody-else"),
        ("HOME", "/nonexistent"),
        ("TZ", "Asia/Kathmandu"),
        ("LANG", "tr_TR.UTF-8"),
        ("LC_ALL", "tr_TR.UTF-8"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    // Moves every address of the first stack.
    environment.push(("SEEDBED_PADDING", "x".repeat(4321)));
    environment
}
