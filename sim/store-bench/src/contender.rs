//! One who takes part: an engine in a program. Starts its processes, and sees to it that nothing is lost.

use crate::{engine::Kind, figures::Load};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// An engine as a program has it.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) engine: Kind,
    pub(crate) program: PathBuf,
}

/// How appends are made.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) processes: usize,
    pub(crate) batch: usize,
}

/// What opening and listing took.
#[derive(Clone, Copy)]
pub(crate) struct Listed {
    pub(crate) micros: u64,
    pub(crate) count: u64,
    pub(crate) peak_kib: u64,
}

impl Contender {
    pub(crate) fn takes_part(&self, point: Point) -> bool {
        self.engine != Kind::Redb || point.processes == 1
    }

    /// Appends to a fresh store for `span`.
    ///
    /// # Panics
    /// If what was acknowledged is not all that is there afterwards.
    pub(crate) fn append(&self, directory: &Path, point: Point, span: Duration) -> Load {
        fresh(directory);
        // The store is made before the processes open it.
        self.fill(directory, 0);
        let (batch, millis) = (point.batch.to_string(), span.as_millis().to_string());
        let mut started: Vec<_> =
            (0..point.processes).map(|_| Started::new(self.command("append", directory, &[&batch, &millis]))).collect();
        started.iter_mut().for_each(|process| assert_eq!(process.line(), "ready"));
        started.iter_mut().for_each(Started::go);
        let load = Load::of(started.into_iter().map(|mut process| numbers(&process.line())).collect());
        let listed = self.list(directory);
        let acknowledged = (load.appends() * point.batch) as u64;
        assert_eq!(listed.count, acknowledged, "{}: items there, items acknowledged", self.name);
        load
    }

    pub(crate) fn fill(&self, directory: &Path, count: usize) {
        let status = self.command("fill", directory, &[&count.to_string()]).status().expect("this program starts");
        assert!(status.success(), "{}: {status}", self.name);
    }

    pub(crate) fn list(&self, directory: &Path) -> Listed {
        let told = numbers(&Started::new(self.command("list", directory, &[])).line());
        let [micros, count, peak_kib] = told[..] else { panic!("{}: told {told:?}", self.name) };
        Listed { micros, count, peak_kib }
    }

    fn command(&self, subcommand: &str, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(subcommand).arg(self.engine.name()).arg(directory).args(arguments);
        command
    }
}

/// An empty directory.
pub(crate) fn fresh(directory: &Path) {
    if directory.exists() {
        fs::remove_dir_all(directory).expect("it is this program's own");
    }
    fs::create_dir_all(directory).expect("a directory");
}

/// A process, with the end of its pipes. It is waited for when this is dropped.
struct Started {
    child: Child,
    told: BufReader<std::process::ChildStdout>,
}

impl Started {
    fn new(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("this program starts");
        let told = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, told }
    }

    fn go(&mut self) {
        self.child.stdin.take().expect("told once").write_all(b"go\n").expect("it lives");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.told.read_line(&mut line).expect("text");
        assert!(line.ends_with('\n'), "a process of the comparison has died");
        line.truncate(line.len() - 1);
        line
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It has told what there was to tell.
        let _ = self.child.wait();
    }
}

fn numbers(line: &str) -> Vec<u64> {
    line.split(' ').map(|word| word.parse().expect("a number")).collect()
}
