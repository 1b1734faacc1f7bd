//! Signals by their kind.

use crate::{context, executor::NodeId, runtime::assert_io};
use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
};

/// Which signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignalKind(i32);

/// A process's signals of one kind. Those that come before they are asked after count as one.
#[derive(Debug)]
#[must_use = "it only hears what is asked after"]
pub struct Signal {
    node: NodeId,
    kind: SignalKind,
    seen: u64,
}

/// Listens for signals of that kind to the running task's process, which does not die of one any more.
///
/// # Errors
/// Nobody may listen for it, or there is no such signal.
///
/// # Panics
/// Outside a world; and in a runtime that was built without [`enable_io`](crate::runtime::Builder::enable_io).
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    assert_io();
    const FORBIDDEN: [i32; 5] = [libc::SIGKILL, libc::SIGSTOP, libc::SIGILL, libc::SIGFPE, libc::SIGSEGV];
    if kind.0 < 0 || FORBIDDEN.contains(&kind.0) {
        return Err(io::Error::other(format!("Refusing to register signal {}", kind.0)));
    }
    if !(1..=64).contains(&kind.0) {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    let (node, seen) = context::with(|core| core.listen(kind.0));
    Ok(Signal { node, kind, seen })
}

impl Signal {
    /// Waits for the next one.
    ///
    /// # Cancel safety
    /// Dropped, none is lost.
    pub async fn recv(&mut self) -> Option<()> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Whether one has come.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let budget = ready!(tokio::task::coop::poll_proceed(cx));
        let polled = context::with(|core| core.poll_signal(self.node, self.kind.0, &mut self.seen, cx.waker()));
        if polled.is_ready() {
            budget.made_progress();
        }
        polled.map(Some)
    }
}

impl SignalKind {
    /// By its number.
    #[must_use]
    pub const fn from_raw(number: i32) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn as_raw_value(&self) -> i32 {
        self.0
    }

    /// `SIGALRM`.
    #[must_use]
    pub const fn alarm() -> Self {
        Self(libc::SIGALRM)
    }

    /// `SIGCHLD`, of which a process that does not listen does not die.
    #[must_use]
    pub const fn child() -> Self {
        Self(libc::SIGCHLD)
    }

    /// `SIGHUP`.
    #[must_use]
    pub const fn hangup() -> Self {
        Self(libc::SIGHUP)
    }

    /// `SIGINT`, as of ctrl-c.
    #[must_use]
    pub const fn interrupt() -> Self {
        Self(libc::SIGINT)
    }

    /// `SIGIO`.
    #[must_use]
    pub const fn io() -> Self {
        Self(libc::SIGIO)
    }

    /// `SIGPIPE`.
    #[must_use]
    pub const fn pipe() -> Self {
        Self(libc::SIGPIPE)
    }

    /// `SIGQUIT`.
    #[must_use]
    pub const fn quit() -> Self {
        Self(libc::SIGQUIT)
    }

    /// `SIGTERM`.
    #[must_use]
    pub const fn terminate() -> Self {
        Self(libc::SIGTERM)
    }

    /// `SIGUSR1`.
    #[must_use]
    pub const fn user_defined1() -> Self {
        Self(libc::SIGUSR1)
    }

    /// `SIGUSR2`.
    #[must_use]
    pub const fn user_defined2() -> Self {
        Self(libc::SIGUSR2)
    }

    /// `SIGWINCH`, of which a process that does not listen does not die.
    #[must_use]
    pub const fn window_change() -> Self {
        Self(libc::SIGWINCH)
    }
}

impl From<i32> for SignalKind {
    fn from(number: i32) -> Self {
        Self::from_raw(number)
    }
}

impl From<SignalKind> for i32 {
    fn from(kind: SignalKind) -> Self {
        kind.as_raw_value()
    }
}
