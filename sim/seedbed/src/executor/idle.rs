//! What the real tokio sees while a world's tasks run: a runtime of its own, entered and idle. So what it refuses in async
//! code it refuses there too: to block, and to make or drop a runtime. Nothing runs on it. A task that is given to it shows
//! after the turn; a call that wants a thread of it panics.
//!
//! tokio has no public call that forbids blocking and leaves the current runtime as it is.

use crate::real_tokio::NO_RUNTIME;
use std::{
    cell::{Cell, RefCell},
    collections::hash_map::RandomState,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};
use tokio::{
    runtime::{Builder, Handle, Runtime, RuntimeMetrics},
    task::{block_in_place, coop::unconstrained},
};

/// Those that no world uses: to build one costs a tenth of a small run.
static UNUSED: Mutex<Vec<Parts>> = Mutex::new(Vec::new());

thread_local! {
    static IS_ENTERED: Cell<bool> = const { Cell::new(false) };
    static WAS_ENTERED: Cell<bool> = const { Cell::new(false) };
}

struct Parts {
    runtime: Runtime,
    metrics: RuntimeMetrics,
    was_asked: Arc<AtomicBool>,
}

impl Parts {
    fn new() -> Option<Self> {
        let was_asked = Arc::new(AtomicBool::new(false));
        let asked = was_asked.clone();
        // tokio asks for a thread's name before it starts it, and on the stack of the call that wants it.
        let refuse = move || -> String {
            asked.store(true, Relaxed);
            panic!("{NO_RUNTIME}")
        };
        let runtime = Builder::new_current_thread().thread_name_fn(refuse).build().ok()?;
        Some(Self { metrics: runtime.metrics(), runtime, was_asked })
    }

    fn has_tasks(&self) -> bool {
        self.metrics.num_alive_tasks() > 0
    }
}

/// A runtime of the real tokio that runs nothing.
pub(crate) struct IdleRuntime(RefCell<Option<Parts>>);

impl IdleRuntime {
    /// An unused one, or a new one; one without effect if the system has no thread for that.
    ///
    /// To be called outside any world: inside one, madsim refuses threads.
    pub(crate) fn take() -> Self {
        let unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // On a thread of its own: tokio seeds a runtime by std's hash keys, and the caller's are the world's.
        let built = || thread::Builder::new().spawn(Parts::new).ok()?.join().ok()?;
        Self(RefCell::new(unused.or_else(built)))
    }

    /// One without effect: to the real tokio, what runs is no async code and has no runtime.
    pub(crate) fn absent() -> Self {
        Self(RefCell::new(None))
    }

    /// tokio's first use of a thread takes one of std's hash keys. Here it does so at a world's start, and each further world of
    /// the thread takes one too.
    pub(super) fn take_hash_keys(&self) {
        if WAS_ENTERED.replace(true) || self.0.borrow().is_none() {
            let _ = RandomState::new();
        } else {
            self.enter(|| ());
        }
    }

    /// Runs `f` as async code, without a budget. Where a runtime is current already, `f` is of that one.
    pub(super) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Entered;
        impl Drop for Entered {
            fn drop(&mut self) {
                IS_ENTERED.set(false);
            }
        }
        match &*self.0.borrow() {
            Some(parts) if Handle::try_current().is_err() => parts.runtime.handle().block_on(unconstrained(async {
                IS_ENTERED.set(true);
                let _entered = Entered;
                f()
            })),
            _ => f(),
        }
    }

    /// Whether it was given a task that it still has.
    #[inline]
    pub(super) fn has_tasks(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(Parts::has_tasks)
    }

    /// Drops the tasks that it was given; says whether there were any. To be called inside the world, where their
    /// destructors belong, but not inside [`enter`](Self::enter).
    pub(super) fn drop_tasks(&self) -> bool {
        let parts = self.0.borrow_mut().take_if(|parts| parts.has_tasks());
        // Its own statement: a destructor may enter.
        parts.map(|parts| parts.runtime.shutdown_background()).is_some()
    }
}

impl Drop for IdleRuntime {
    fn drop(&mut self) {
        let Some(parts) = self.0.take() else { return };
        if parts.has_tasks() || parts.was_asked.load(Relaxed) {
            parts.runtime.shutdown_background();
        } else {
            UNUSED.lock().unwrap_or_else(PoisonError::into_inner).push(parts);
        }
    }
}

/// Runs `f` where the real tokio, too, lets a thread block.
pub(crate) fn where_blocking_is_allowed<R>(f: impl FnOnce() -> R) -> R {
    if IS_ENTERED.get() { block_in_place(f) } else { f() }
}
