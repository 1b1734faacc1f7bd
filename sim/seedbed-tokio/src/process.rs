//! Processes, with tokio's API, which a simulated one cannot start: the first call says so. Their types are there so that code
//! compiles, and have no values.
#![expect(missing_docs, reason = "nobody can call what has no value")]

use crate::refused::{Never, refused};
use real_tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    ffi::OsStr,
    future::Future,
    io,
    path::Path,
    pin::Pin,
    process::{ExitStatus, Output, Stdio},
    task::{Context, Poll},
};

/// A process that cannot be started.
#[derive(Debug)]
pub struct Command(Never);

/// A process that cannot have been started.
#[derive(Debug)]
pub struct Child {
    pub stdin: Option<ChildStdin>,
    pub stdout: Option<ChildStdout>,
    pub stderr: Option<ChildStderr>,
    never: Never,
}

/// Its input.
#[derive(Debug)]
pub struct ChildStdin(Never);

/// Its output.
#[derive(Debug)]
pub struct ChildStdout(Never);

/// Its errors.
#[derive(Debug)]
pub struct ChildStderr(Never);

const WHY: &str = "a simulated process cannot start a real one. Give the caller what stands for the process as a value, \
                   and make that a task of a node of its own here";

impl Command {
    /// Refused.
    ///
    /// # Panics
    /// Always.
    #[track_caller]
    #[must_use]
    pub fn new<S: AsRef<OsStr>>(program: S) -> Self {
        refused(&format!("tokio::process::Command::new({:?})", program.as_ref()), WHY)
    }

    #[must_use]
    pub fn as_std(&self) -> &std::process::Command {
        match self.0 {}
    }

    pub fn as_std_mut(&mut self) -> &mut std::process::Command {
        match self.0 {}
    }

    #[must_use]
    pub fn into_std(self) -> std::process::Command {
        match self.0 {}
    }

    pub fn arg<S: AsRef<OsStr>>(&mut self, _arg: S) -> &mut Self {
        match self.0 {}
    }

    pub fn args<I, S>(&mut self, _args: I) -> &mut Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        match self.0 {}
    }

    pub fn arg0<S: AsRef<OsStr>>(&mut self, _arg: S) -> &mut Self {
        match self.0 {}
    }

    pub fn env<K: AsRef<OsStr>, V: AsRef<OsStr>>(&mut self, _key: K, _val: V) -> &mut Self {
        match self.0 {}
    }

    pub fn envs<I, K, V>(&mut self, _vars: I) -> &mut Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        match self.0 {}
    }

    pub fn env_remove<K: AsRef<OsStr>>(&mut self, _key: K) -> &mut Self {
        match self.0 {}
    }

    pub fn env_clear(&mut self) -> &mut Self {
        match self.0 {}
    }

    pub fn current_dir<P: AsRef<Path>>(&mut self, _dir: P) -> &mut Self {
        match self.0 {}
    }

    pub fn stdin<T: Into<Stdio>>(&mut self, _cfg: T) -> &mut Self {
        match self.0 {}
    }

    pub fn stdout<T: Into<Stdio>>(&mut self, _cfg: T) -> &mut Self {
        match self.0 {}
    }

    pub fn stderr<T: Into<Stdio>>(&mut self, _cfg: T) -> &mut Self {
        match self.0 {}
    }

    pub fn kill_on_drop(&mut self, _kill_on_drop: bool) -> &mut Self {
        match self.0 {}
    }

    #[must_use]
    pub fn get_kill_on_drop(&self) -> bool {
        match self.0 {}
    }

    pub fn uid(&mut self, _id: u32) -> &mut Self {
        match self.0 {}
    }

    pub fn gid(&mut self, _id: u32) -> &mut Self {
        match self.0 {}
    }

    pub fn process_group(&mut self, _pgroup: i32) -> &mut Self {
        match self.0 {}
    }

    pub fn spawn(&mut self) -> io::Result<Child> {
        match self.0 {}
    }

    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + use<> {
        match self.0 {}
        #[expect(unreachable_code, reason = "says the type")]
        std::future::pending()
    }

    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + use<> {
        match self.0 {}
        #[expect(unreachable_code, reason = "says the type")]
        std::future::pending()
    }
}

/// Refused.
impl From<std::process::Command> for Command {
    #[track_caller]
    fn from(_: std::process::Command) -> Self {
        refused("tokio::process::Command::from", WHY)
    }
}

impl Child {
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        match self.never {}
    }

    pub fn start_kill(&mut self) -> io::Result<()> {
        match self.never {}
    }

    pub async fn kill(&mut self) -> io::Result<()> {
        match self.never {}
    }

    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        match self.never {}
    }

    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match self.never {}
    }

    pub async fn wait_with_output(self) -> io::Result<Output> {
        match self.never {}
    }
}

impl AsyncWrite for ChildStdin {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match self.0 {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

impl AsyncRead for ChildStdout {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

impl AsyncRead for ChildStderr {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}
