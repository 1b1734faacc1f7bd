//! One visit to the zoo: each member is built, hunted, and compared with its twin without the bug.
#![expect(clippy::disallowed_methods, reason = "watches real processes, outside every world")]

use super::{
    error::ZooError,
    hunt::{Catch, End, Ground, Hunt, Method, Wanted, hunt},
    member::{Member, Source},
    score::Scores,
    sim::{Shrunk, Sim},
    tell::Told,
    tree::{Product, Tree},
};
use crate::ALL;
use seedbed::Scenario;
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    io,
    num::NonZero,
    panic::resume_unwind,
    path::Path,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

/// What became of one member.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The member.
    pub member: &'static Member,
    /// Whether its twin without the bug is clean on the same seeds.
    pub twin_is_clean: bool,
    /// The hunts in the patched build.
    pub scores: Scores,
    /// The smallest case of what the portfolio caught first, if it was asked for and could be shrunk.
    pub told: Option<Told>,
}

impl Visit {
    /// Whether the default portfolio found the bug every time, as what it is, and nothing was found without it.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        let is_it = |catch: &Catch| self.member.is_shown_by(catch.kind, &catch.check);
        self.twin_is_clean && self.scores.of(Method::Portfolio).all(|hunt| hunt.catch().is_some_and(is_it))
    }
}

/// How, and how long, is looked.
#[derive(Clone, Debug)]
pub struct Effort {
    /// By what methods.
    pub methods: Vec<Method>,
    /// Runs of a hunt that finds nothing.
    pub cap: u64,
    /// Hunts by each method, each from other seeds.
    pub reps: u64,
    /// Whether the portfolio's first catch is shrunk.
    pub shrinks: bool,
}

/// Visits `members` one after the other and tells `each` what became of it. The twin is this process.
///
/// # Errors
/// [`ZooError`]: the zoo itself is broken, which says nothing about the checks.
pub fn visit(
    members: &[&'static Member],
    effort: &Effort,
    mut each: impl FnMut(&Visit),
) -> Result<Vec<Visit>, ZooError> {
    let tree = Tree::new()?;
    let mut twins = BTreeMap::new();
    let mut visits = Vec::new();
    for &member in members {
        let twin_is_clean = match twins.get(member.scenario) {
            Some(is_clean) => *is_clean,
            None => twin_is_clean(member, effort)?,
        };
        twins.insert(member.scenario, twin_is_clean);
        let (scores, told) = hunt_patched(&tree, member, effort)?;
        let visit = Visit { member, twin_is_clean, scores, told };
        each(&visit);
        visits.push(visit);
    }
    Ok(visits)
}

fn twin_is_clean(member: &Member, effort: &Effort) -> Result<bool, ZooError> {
    let ground = Ground { first_seed: 0, cap: effort.cap * effort.reps };
    let twin = hunt(scenario(member.scenario)?, Method::Portfolio, ground, &Wanted::Any);
    Ok(twin.map_err(|error| ZooError::Answer { message: error.to_string() })?.catch().is_none())
}

/// The hunts by method, then by repetition.
fn hunt_patched(tree: &Tree, member: &'static Member, effort: &Effort) -> Result<(Scores, Option<Told>), ZooError> {
    tree.restore()?;
    tree.plant(member)?;
    let hunter = tree.build(Product::Hunter)?;
    let jobs = effort.methods.iter().flat_map(|&method| (0..effort.reps).map(move |rep| (method, rep)));
    let hunts = side_by_side(jobs.collect(), |(method, rep)| hunt_by(&hunter, member, method, rep, effort.cap));
    let scores = Scores::new(effort.cap, hunts.into_iter().collect::<Result<_, _>>()?);
    let first_seed = scores.of(Method::Portfolio).find_map(|hunt| hunt.catch()?.seed);
    let told = match first_seed {
        Some(seed) if effort.shrinks => shrunk_by(tree, &hunter, member, seed)?,
        _ => None,
    };
    Ok((scores, told))
}

/// Does all jobs, one at a time on each core: hunts are scored by runs and processor time. The results are in the
/// order of the jobs.
fn side_by_side<J: Copy + Sync, R: Send>(jobs: Vec<J>, work: impl Fn(J) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let nth = next.fetch_add(1, Relaxed);
            let Some(job) = jobs.get(nth) else { return done };
            done.push((nth, work(*job)));
        }
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.flatten().collect()
    });
    done.sort_by_key(|(nth, _)| *nth);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Real time for one hunt, and what is added for each of its runs: most take less than a millisecond.
const HUNT_MAX: Duration = Duration::from_secs(30);
const RUN_MAX: Duration = Duration::from_millis(5);
/// Real time for shrinking, which ends itself after one minute.
const SHRINK_MAX: Duration = Duration::from_secs(120);

/// Each hunt in a process of its own, as its bug may end it.
fn hunt_by(hunter: &Path, member: &Member, method: Method, rep: u64, cap: u64) -> Result<Hunt, ZooError> {
    let mut command = Command::new(hunter);
    command.args([member.scenario, &(rep * cap).to_string(), &cap.to_string(), method.name()]);
    // What a member is taken for, the portfolio's first hunt says: the first finding of all. All other hunts are for
    // that alone. A whole design has other bugs too, and the first to show would end each run.
    let wanted = match (member.source, method) {
        (Source::Port(_), _) => Some("alone"),
        (Source::Patch, Method::Portfolio) if rep == 0 => None,
        (Source::Patch, _) => Some("this"),
    };
    if let Some(how) = wanted {
        command.args([how, &member.kind.to_string()]).args(member.checks);
    }
    let time = HUNT_MAX + RUN_MAX.saturating_mul(u32::try_from(cap).unwrap_or(u32::MAX));
    let without = |end| Ok(Hunt { method, runs: cap, cpu_s: 0.0, end });
    let Some(output) = output_within(command, time).map_err(|error| ZooError::file(hunter, &error))? else {
        return without(End::Cut);
    };
    answer(&output)?.map_or_else(|| without(End::Died), Ok)
}

/// `None` if it could not be shrunk. Where shrinking meets a run that ends the process or does not return, the command
/// line does it, whose runs are in worker processes; it has no way to ask one check alone.
fn shrunk_by(tree: &Tree, hunter: &Path, member: &Member, seed: u64) -> Result<Option<Told>, ZooError> {
    let mut command = Command::new(hunter);
    // The story's lines are then those of the tree.
    command.args([member.scenario, &seed.to_string(), "1", "shrink"]).current_dir(tree.copy());
    if let Source::Port(_) = member.source {
        command.args(["alone", &member.kind.to_string()]).args(member.checks);
    }
    let output = output_within(command, SHRINK_MAX).map_err(|error| ZooError::file(hunter, &error))?;
    let told = output.map(|output| answer(&output)).transpose()?.flatten();
    match (told, member.source) {
        (Some(told), _) => Ok(told),
        (None, Source::Port(_)) => Ok(None),
        (None, Source::Patch) => shrunk_by_workers(tree, member, seed),
    }
}

fn shrunk_by_workers(tree: &Tree, member: &Member, seed: u64) -> Result<Option<Told>, ZooError> {
    let sim = Sim { program: tree.build(Product::Sim)?, directory: tree.copy().to_owned() };
    let case = tree.copy().with_file_name("shrunk.toml").display().to_string();
    Ok(match sim.shrink(member.scenario, seed, &case)? {
        Shrunk::Shrunk { decisions, decisions_before, runs, minimal, story } => {
            Some(Told { decisions: decisions.len(), decisions_before, runs, is_minimal: minimal, story })
        }
        Shrunk::Refused { .. } => None,
    })
}

/// What a hunter says; `None` if its bug ended the process.
fn answer<T: DeserializeOwned>(output: &Output) -> Result<Option<T>, ZooError> {
    match output.status.code() {
        Some(0) => {
            let answer = String::from_utf8_lossy(&output.stdout);
            let answer = serde_json::from_str(&answer);
            answer.map(Some).map_err(|error| ZooError::Answer { message: error.to_string() })
        }
        Some(_) => Err(ZooError::Answer { message: String::from_utf8_lossy(&output.stderr).into_owned() }),
        None => Ok(None),
    }
}

/// Runs a command, which says little; `None` if it took longer, and was killed.
fn output_within(mut command: Command, time: Duration) -> io::Result<Option<Output>> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    while child.try_wait()?.is_none() {
        if started.elapsed() > time {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().map(Some)
}

/// The scenario of that name.
///
/// # Errors
/// [`ZooError::Answer`] if there is none.
pub(super) fn scenario(name: &str) -> Result<&'static Scenario, ZooError> {
    let unknown = || ZooError::Answer { message: format!("there is no scenario `{name}`") };
    ALL.iter().find(|scenario| scenario.name == name).ok_or_else(unknown)
}
