//! A worker process as its parent holds it. Its answers and its end arrive as events of a channel; dropped,
//! the process is gone.

use super::{
    announcement::{Announcement, Noticeboard},
    death::Death,
    problem::Problem,
    protocol::{Answer, Order, Setup},
};
use std::{
    collections::VecDeque,
    env, fs,
    io::{self, BufRead as _, BufReader, Read, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::Sender,
    thread::JoinHandle,
};

/// How many last lines of a worker's stderr are kept: enough for what the runtime says of an abort.
const STDERR_LINES: usize = 24;

/// News of a worker.
#[derive(Debug)]
pub(super) enum Event {
    /// The worker of this number has answered.
    Answered(usize, Answer),
    /// The worker of this number says no more.
    Closed(usize),
    /// A person wants the command to end.
    Interrupted,
}

/// How a worker process is started.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) program: PathBuf,
    pub(super) directory: Option<PathBuf>,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) uid: Option<u32>,
    pub(super) memory_mib: u64,
}

impl Recipe {
    /// This very program, as it was started itself.
    pub(super) fn same(memory_mib: u64) -> Result<Self, Problem> {
        let program =
            env::current_exe().map_err(|error| Problem::System { what: "the path of this program", error })?;
        Ok(Self { program, directory: None, environment: Vec::new(), uid: None, memory_mib })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // A group of its own: ctrl-c is for the parent, which then decides about its workers.
        command.arg("worker").process_group(0).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        if let Some(uid) = self.uid {
            command.uid(uid).gid(uid);
        }
        command
    }
}

#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    stdin: Option<ChildStdin>,
    noticeboard: Noticeboard,
    stderr: Option<JoinHandle<Vec<String>>>,
}

impl Worker {
    /// Starts one. `announcement` is a path in a directory of ours where no file is yet.
    pub(super) fn start(
        recipe: &Recipe,
        number: usize,
        announcement: &Path,
        events: &Sender<Event>,
        echo: bool,
    ) -> Result<Self, Problem> {
        let failed = |error| Problem::System { what: "a worker process", error };
        let noticeboard = Noticeboard::create(announcement).map_err(failed)?;
        if recipe.uid.is_some() {
            let everyone = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
            noticeboard.file().set_permissions(everyone).map_err(failed)?;
        }
        let mut child = recipe.command().spawn().map_err(failed)?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            unreachable!("all three were asked to be pipes");
        };
        let events = events.clone();
        std::thread::spawn(move || forward_answers(number, stdout, &events));
        let stderr = Some(std::thread::spawn(move || last_lines(stderr, echo)));
        let mut worker = Self { child, stdin: Some(stdin), noticeboard, stderr };
        worker.say(&Setup { announcement: announcement.to_owned(), memory_mib: recipe.memory_mib });
        Ok(worker)
    }

    pub(super) fn order(&mut self, order: &Order) {
        self.say(order);
    }

    fn say(&mut self, words: &impl serde::Serialize) {
        let mut line = serde_json::to_string(words).expect("set-ups and orders are plain data");
        line.push('\n');
        // A worker that is gone shows as the end of its stdout.
        let _ = self.stdin.as_mut().map(|stdin| stdin.write_all(line.as_bytes()));
    }

    pub(super) fn announced(&self) -> Announcement {
        self.noticeboard.read()
    }

    /// Of what it died, once it says no more.
    pub(super) fn bury(mut self) -> Death {
        // Its stdout has ended, but it may still be on its way out. One that only closed its stdout ends now.
        self.stdin = None;
        let status = self.child.wait();
        let stderr = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        Death::new(status.ok(), &stderr)
    }

    /// Ends it in the middle of what it does.
    pub(super) fn cut(mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        // Both fail only for a process that has ended and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn forward_answers(number: usize, stdout: impl Read, events: &Sender<Event>) {
    let answers = BufReader::new(stdout).lines().map_while(Result::ok).map(|line| serde_json::from_str(&line));
    for answer in answers.map_while(Result::ok) {
        if events.send(Event::Answered(number, answer)).is_err() {
            return;
        }
    }
    let _ = events.send(Event::Closed(number));
}

fn last_lines(stderr: impl Read, echo: bool) -> Vec<String> {
    let mut last = VecDeque::with_capacity(STDERR_LINES);
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        if echo {
            let _ = io::stderr().write_all(&line);
        }
        if last.len() == STDERR_LINES {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
    last.into()
}
