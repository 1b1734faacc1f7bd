//! Sets of tasks that run only while somebody waits for the set.

use super::{AbortHandle, JoinHandle, put_aside};
use crate::{decision::TypeName, executor::Name, run::Standing};
use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    future::Future,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

thread_local! {
    static CURRENT: RefCell<Option<Rc<Members>>> = {
        put_aside(&CURRENT);
        RefCell::new(None)
    };
    /// Whether a future of a set is polled or dropped.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Returns the one before. When the thread ends there is none any more.
fn set_current(members: Option<Rc<Members>>) -> Option<Rc<Members>> {
    CURRENT.try_with(|current| current.replace(members)).ok().flatten()
}

/// Whether what runs is a future of a set; from now on, whether it is.
pub(crate) fn swap_in_local_set(is_inside: bool) -> bool {
    INSIDE.replace(is_inside)
}

/// A set of tasks that need not be `Send`. They run while the set, or its [`run_until`](Self::run_until), is awaited. Dropped,
/// it drops their futures at once.
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
    alive: RefCell<BTreeMap<u64, Rc<dyn Alive>>>,
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

    /// Spawns a task into the set. It first runs when the set is awaited. In plain code it is of the thread's world, which begins
    /// with it if there is none yet, and ends with the last runtime that the thread uses.
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
        LocalEnterGuard { before: set_current(Some(self.members.clone())), _not_send: PhantomData }
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
        let alive: Vec<_> = self.members.alive.borrow().values().cloned().collect();
        alive.iter().for_each(|member| member.end());
    }
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish_non_exhaustive()
    }
}

impl Drop for LocalEnterGuard {
    fn drop(&mut self) {
        set_current(self.before.take());
    }
}

impl Members {
    fn spawn<F>(self: &Rc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let nth = self.spawned.replace(self.spawned.get() + 1);
        let name = Name::Type(TypeName::of(std::any::type_name::<F>()));
        let content = RefCell::new(Content::Future(Box::pin(future)));
        let kept = Rc::new(Kept { members: self.clone(), content, abort: RefCell::default() });
        self.alive.borrow_mut().insert(nth, kept.clone());
        let member = Member { nth, kept: kept.clone() };
        let handle = Standing::anywhere(|core| JoinHandle::new(core.spawn(Some(name), false, member)));
        kept.abort.replace(Some(handle.abort_handle()));
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

/// The set is the current one while its future is polled or dropped.
struct Polled {
    _entered: LocalEnterGuard,
    before: bool,
}

impl Polled {
    fn start(members: &Rc<Members>) -> Self {
        let before = set_current(Some(members.clone()));
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

/// The future of a task of the set, which the set can drop too.
struct Kept<F> {
    members: Rc<Members>,
    content: RefCell<Content<F>>,
    abort: RefCell<Option<AbortHandle>>,
}

enum Content<F> {
    Future(Pin<Box<F>>),
    /// The set dropped it, and its destructor panicked.
    Panic(Box<dyn Any + Send>),
    /// Dropped, or taken out to be polled.
    Nothing,
}

/// A task of the set that has not ended.
trait Alive {
    /// Drops its future, unless that runs, and ends the task.
    fn end(&self);
}

impl<F> Alive for Kept<F> {
    fn end(&self) {
        let Some(abort) = self.abort.borrow().clone() else { return };
        let content = self.content.replace(Content::Nothing);
        let drops = || {
            let _inside = Polled::start(&self.members);
            drop(content);
        };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| abort.as_task(drops))) {
            // The task's, as in tokio.
            self.content.replace(Content::Panic(payload));
        }
        abort.abort();
    }
}

/// A task of the set.
struct Member<F> {
    nth: u64,
    kept: Rc<Kept<F>>,
}

impl<F: Future> Future for Member<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Kept { members, content, .. } = &*self.kept;
        if members.runs.get() == 0 {
            members.wait(cx);
            return Poll::Pending;
        }
        let _inside = Polled::start(members);
        let Content::Future(mut future) = content.replace(Content::Nothing) else { return Poll::Pending };
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            content.replace(Content::Future(future));
        }
        polled
    }
}

impl<F> Drop for Member<F> {
    fn drop(&mut self) {
        let Kept { members, content, .. } = &*self.kept;
        members.alive.borrow_mut().remove(&self.nth);
        if members.alive.borrow().is_empty() {
            members.wake();
        }
        let _inside = Polled::start(members);
        if let Content::Panic(payload) = content.replace(Content::Nothing) {
            resume_unwind(payload);
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
