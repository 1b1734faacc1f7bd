//! Sets of tasks that run only while somebody waits for the set.

use super::{AbortHandle, JoinHandle};
use crate::{context, decision::TypeName, executor::Name};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Members>>> = const { RefCell::new(None) };
    /// Whether a future of a set is polled or dropped.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A set of tasks that need not be `Send`. They run while the set, or its [`run_until`](Self::run_until), is awaited, and are
/// aborted when it is dropped.
pub struct LocalSet {
    members: Rc<Members>,
    /// While the set itself is awaited.
    running: Option<Running>,
}

/// While it lives, [`spawn_local`](super::spawn_local) spawns into its set.
#[must_use = "dropped, it has no effect"]
pub struct LocalEnterGuard {
    before: Option<Rc<Members>>,
    /// As tokio's, it stays on its thread.
    _not_send: PhantomData<Rc<()>>,
}

#[derive(Default)]
struct Members {
    spawned: Cell<u64>,
    alive: RefCell<BTreeMap<u64, Option<AbortHandle>>>,
    /// How many wait for the set.
    runs: Cell<usize>,
    /// What the set's tasks, and whoever waits for their ends, wait for.
    waiters: RefCell<Vec<Waker>>,
}

impl LocalSet {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self { members: Rc::default(), running: None }
    }

    /// Spawns a task into the set. It first runs when the set is awaited.
    ///
    /// # Panics
    /// Outside a world.
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.members.spawn(future)
    }

    /// Runs `future`, and the set's tasks meanwhile.
    ///
    /// # Cancel safety
    /// Dropped, `future` is dropped and the set's tasks stand still until somebody awaits the set again.
    pub async fn run_until<F: Future>(&self, future: F) -> F::Output {
        let _running = Running::start(&self.members);
        Inside { members: self.members.clone(), future: Box::pin(future) }.await
    }

    /// From now on [`spawn_local`](super::spawn_local) spawns into this set.
    pub fn enter(&self) -> LocalEnterGuard {
        LocalEnterGuard { before: CURRENT.replace(Some(self.members.clone())), _not_send: PhantomData }
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").finish_non_exhaustive()
    }
}

/// Ends when all tasks of the set have.
impl Future for LocalSet {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.members.alive.borrow().is_empty() {
            self.running = None;
            return Poll::Ready(());
        }
        if self.running.is_none() {
            self.running = Some(Running::start(&self.members));
        }
        self.members.wait(cx);
        Poll::Pending
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        let alive: Vec<_> = self.members.alive.borrow().values().flatten().cloned().collect();
        alive.iter().for_each(AbortHandle::abort);
    }
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish_non_exhaustive()
    }
}

impl Drop for LocalEnterGuard {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
    }
}

impl Members {
    fn spawn<F>(self: &Rc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let nth = self.spawned.replace(self.spawned.get() + 1);
        self.alive.borrow_mut().insert(nth, None);
        let name = Name::Type(TypeName::of(std::any::type_name::<F>()));
        let inside = Inside { members: self.clone(), future: Box::pin(future) };
        let member = Member { nth, inside };
        let handle = context::with(|core| JoinHandle::new(core.spawn(Some(name), false, member)));
        if let Some(abort) = self.alive.borrow_mut().get_mut(&nth) {
            *abort = Some(handle.abort_handle());
        }
        handle
    }

    fn wait(&self, cx: &Context<'_>) {
        let mut waiters = self.waiters.borrow_mut();
        if !waiters.iter().any(|waiter| waiter.will_wake(cx.waker())) {
            waiters.push(cx.waker().clone());
        }
    }

    fn wake(&self) {
        let waiters = self.waiters.take();
        waiters.into_iter().for_each(Waker::wake);
    }
}

/// Somebody waits for the set.
struct Running(Rc<Members>);

impl Running {
    fn start(members: &Rc<Members>) -> Self {
        members.runs.set(members.runs.get() + 1);
        members.wake();
        Self(members.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.runs.set(self.0.runs.get() - 1);
    }
}

/// A future during whose polls the set is the current one.
struct Inside<F> {
    members: Rc<Members>,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Inside<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _inside = Polled::start(&self.members);
        self.future.as_mut().poll(cx)
    }
}

/// The set is the current one while its future is polled.
struct Polled {
    _entered: LocalEnterGuard,
    before: bool,
}

impl Polled {
    fn start(members: &Rc<Members>) -> Self {
        let before = CURRENT.replace(Some(members.clone()));
        Self { _entered: LocalEnterGuard { before, _not_send: PhantomData }, before: INSIDE.replace(true) }
    }
}

impl Drop for Polled {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

/// Whether what runs is a future of a set, where no thread may block.
pub(super) fn is_in_local_set() -> bool {
    INSIDE.get()
}

/// A task of the set.
struct Member<F> {
    nth: u64,
    inside: Inside<F>,
}

impl<F: Future> Future for Member<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.inside.members.runs.get() == 0 {
            self.inside.members.wait(cx);
            return Poll::Pending;
        }
        Pin::new(&mut self.inside).poll(cx)
    }
}

impl<F> Drop for Member<F> {
    fn drop(&mut self) {
        let members = &self.inside.members;
        members.alive.borrow_mut().remove(&self.nth);
        if members.alive.borrow().is_empty() {
            members.wake();
        }
    }
}

/// Spawns into the current set, if there is one.
pub(super) fn spawn_into_current<F>(future: F) -> Result<JoinHandle<F::Output>, F>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match CURRENT.with_borrow(Clone::clone) {
        Some(members) => Ok(members.spawn(future)),
        None => Err(future),
    }
}
