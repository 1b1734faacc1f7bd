//! The program as processes: one for a command, or one that is asked again and again.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};

/// What a process came to.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "one document: {}", self.stdout);
        assert_eq!(self.stderr, "", "nothing else is said");
        serde_json::from_str(&self.stdout).expect("a document")
    }

    pub(crate) fn text(&self) -> &str {
        assert_eq!((self.status, &*self.stderr), (Some(0), ""), "{}", self.stdout);
        &self.stdout
    }

    /// The one line that says what was wrong.
    pub(crate) fn refusal(&self, status: i32) -> &str {
        assert_eq!((self.status, &*self.stdout), (Some(status), ""), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "one line: {}", self.stderr);
        self.stderr.trim_end()
    }
}

pub(crate) fn command(store: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shardwright"));
    command.arg("item").args(arguments).arg("--store").arg(store);
    command
}

pub(crate) fn item(store: &Path, arguments: &[&str]) -> Ended {
    fed(store, arguments, "")
}

/// With something on stdin.
pub(crate) fn fed(store: &Path, arguments: &[&str], stdin: &str) -> Ended {
    let mut command = command(store, arguments);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary is built");
    let mut pipe = child.stdin.take().expect("it is piped");
    // Who fails early reads nothing.
    let _ = pipe.write_all(stdin.as_bytes());
    drop(pipe);
    let output = child.wait_with_output().expect("a child can be waited for");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ended { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// All items, by `list --all`.
pub(crate) fn all(store: &Path) -> Vec<Value> {
    let listed = item(store, &["list", "--all", "--json"]);
    assert_eq!(listed.status, Some(0), "{}", listed.stdout);
    listed.json()["items"].as_array().expect("items").clone()
}

/// An `item apply` that lives as long as it is asked, or until it is killed.
pub(crate) struct Writer {
    pub(crate) child: Arc<Mutex<Child>>,
    stdin: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    pub(crate) fn start(store: &Path) -> Self {
        let mut command = command(store, &["apply"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary is built");
        let stdin = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child: Arc::new(Mutex::new(child)), stdin, answers }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.child.lock().unwrap().try_wait().expect("a child can be asked").is_none()
    }

    /// Its answer; `None`: it is dead.
    pub(crate) fn ask(&mut self, request: &Value) -> Option<Value> {
        writeln!(self.stdin.as_mut()?, "{request}").ok()?;
        self.next()
    }

    fn next(&mut self) -> Option<Value> {
        let line = self.answers.next()?.ok()?;
        Some(serde_json::from_str(&line).expect("an answer is one document in a line"))
    }

    /// How long it waited in all, and its exit status; `None`: it is dead.
    pub(crate) fn end(mut self) -> Option<(Value, i32)> {
        self.stdin = None;
        let last = self.next()?;
        let status = self.child.lock().unwrap().wait().expect("a child can be waited for");
        Some((last["contention"].clone(), status.code()?))
    }
}
