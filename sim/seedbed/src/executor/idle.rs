//! What the real tokio sees while a world's tasks run: a runtime of its own, entered and idle. So what it refuses in async
//! code it refuses there too: to block, and to make or drop a runtime. Nothing runs on it. Who gives it work goes astray: a
//! call that wants a thread of it panics, and a task that was spawned on it shows after the turn.
//!
//! tokio has no public call that forbids blocking and leaves the current runtime as it is. So two things are not told as they
//! are: a task that another world spawns by a handle it has kept, of which is told whose the runtime is by then, if anybody's;
//! and what blocks on such a handle where blocking is allowed, which parks the thread until the watchdog names the case.

use crate::real_tokio::{self, NO_RUNTIME};
use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};
use tokio::{
    runtime::{Builder, Handle, Runtime, RuntimeMetrics},
    task::{block_in_place, coop::unconstrained},
};

/// Those that no world uses: to build one costs a tenth of a small run.
static UNUSED: Mutex<Vec<Idle>> = Mutex::new(Vec::new());

/// Whether what runs is async code to the real tokio.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Outside,
    Inside,
    /// Inside, where a thread may block.
    MayBlock,
}

thread_local! {
    static STANDS: Cell<Stands> = const { Cell::new(Stands::Outside) };
}

/// Runs `f` as what stands there.
fn standing<R>(there: Stands, f: impl FnOnce() -> R) -> R {
    struct Before(Stands);
    impl Drop for Before {
        fn drop(&mut self) {
            STANDS.set(self.0);
        }
    }
    let _before = Before(STANDS.replace(there));
    f()
}

struct Idle {
    runtime: Runtime,
    metrics: RuntimeMetrics,
    /// Whether a thread was wanted. The runtime has it as long as anybody has a handle.
    wanted: Arc<AtomicBool>,
}

impl Idle {
    fn new() -> Self {
        let wanted = Arc::new(AtomicBool::new(false));
        let is_wanted = wanted.clone();
        // tokio asks for a thread's name before it starts it, and on the stack of the call that wants it.
        let refuse = move || -> String {
            is_wanted.store(true, Relaxed);
            panic!("{NO_RUNTIME}")
        };
        let runtime = Builder::new_current_thread().thread_name_fn(refuse).build();
        let runtime = runtime.expect("tokio asks the system for nothing to make a runtime without drivers");
        Self { metrics: runtime.metrics(), runtime, wanted }
    }

    /// An unused one, or a new one.
    fn take() -> Self {
        let unused = || UNUSED.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(idle) = unused() {
            if !idle.has_strays() {
                return idle;
            }
            // By a handle that was kept.
            idle.shut_elsewhere();
        }
        // On a thread of its own: tokio seeds a runtime by std's hash keys, and the caller's are the world's.
        let building = thread::Builder::new().spawn(Self::new).expect("the system grants one more thread");
        building.join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn has_tasks(&self) -> bool {
        self.metrics.num_alive_tasks() > 0
    }

    fn has_strays(&self) -> bool {
        self.has_tasks() || self.wanted.load(Relaxed)
    }

    /// Drops what it was given too.
    fn shut(self) {
        // tokio catches the panic of a task's destructor, and none of what wanted a thread.
        let _ = catch_unwind(AssertUnwindSafe(|| self.runtime.shutdown_background()));
    }

    /// [`shut`](Self::shut) outside any world, by a thread whose hash keys are nobody's: tokio makes a map.
    fn shut_elsewhere(self) {
        let shut = thread::Builder::new().spawn(|| self.shut());
        let _ = shut.expect("the system grants one more thread").join();
    }
}

/// What a runtime was given.
pub(crate) enum Strays {
    Nothing,
    /// Tasks, which were dropped. Whoever has a handle of their runtime has one of `handles` too.
    Tasks {
        handles: Arc<AtomicBool>,
    },
    /// What wanted a thread, and has panicked.
    Calls {
        _of: Called,
    },
}

impl Strays {
    pub(crate) fn are_any(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    pub(crate) fn are_tasks(&self) -> bool {
        matches!(self, Self::Tasks { .. })
    }

    /// Whether somebody can still spawn such tasks, after their world is gone. Where it is a thread-local that keeps the handle
    /// that may be for nothing.
    pub(crate) fn have_a_handle_kept(&self) -> bool {
        matches!(self, Self::Tasks { handles } if Arc::strong_count(handles) > 1)
    }
}

/// A runtime that was asked for a thread. As long as it lives, who asks again by a handle that was kept panics again. To be
/// dropped outside any world.
pub(crate) struct Called(Option<Idle>);

impl Drop for Called {
    fn drop(&mut self) {
        if let Some(idle) = self.0.take() {
            idle.shut_elsewhere();
        }
    }
}

/// A runtime of the real tokio that runs nothing.
pub(crate) struct IdleRuntime {
    idle: RefCell<Option<Idle>>,
    /// Whether the real tokio sees it.
    is_seen: bool,
}

impl IdleRuntime {
    /// An unused one, or a new one. Without effect, where the environment wants that.
    ///
    /// To be called outside any world: inside one, madsim refuses threads.
    ///
    /// # Panics
    /// If the system refuses another thread.
    pub(crate) fn take() -> Self {
        static IS_WANTED_ABSENT: LazyLock<bool> = LazyLock::new(real_tokio::is_wanted_absent);
        Self { idle: RefCell::new(Some(Idle::take())), is_seen: !*IS_WANTED_ABSENT }
    }

    /// [`take`](Self::take), without effect: to the real tokio, what runs is no async code and has no runtime.
    pub(crate) fn absent() -> Self {
        Self { idle: RefCell::new(Some(Idle::take())), is_seen: false }
    }

    /// Runs `f` as async code, without a budget. Where a runtime is current already that is none of a world, `f` is of that one.
    pub(super) fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        let may_enter = || STANDS.get() == Stands::MayBlock || Handle::try_current().is_err();
        match &*self.idle.borrow() {
            Some(idle) if self.is_seen && may_enter() => {
                idle.runtime.handle().block_on(unconstrained(async { standing(Stands::Inside, f) }))
            }
            _ => f(),
        }
    }

    /// Whether it was given tasks.
    #[inline]
    pub(super) fn has_tasks(&self) -> bool {
        self.idle.borrow().as_ref().is_some_and(Idle::has_tasks)
    }

    /// What can block on nothing but to see whether this thread has been unparked; `None` where nothing can, or as what
    /// blocks on another runtime already.
    pub(super) fn parks(&self) -> Option<Handle> {
        let idle = self.idle.borrow();
        let handle = idle.as_ref()?.runtime.handle();
        let is_current = |current: Handle| current.id() == handle.id();
        Handle::try_current().map_or(true, is_current).then(|| handle.clone())
    }

    /// What it was given; if that is anything, it has no effect any more. Tasks are dropped: to be called inside the world,
    /// where their destructors belong, but not inside [`enter`](Self::enter).
    pub(super) fn take_strays(&self) -> Strays {
        // Its own statement: a destructor may enter.
        let idle = self.idle.borrow_mut().take_if(|idle| idle.has_strays());
        match idle {
            None => Strays::Nothing,
            Some(idle) if idle.has_tasks() => {
                let handles = idle.wanted.clone();
                idle.shut();
                Strays::Tasks { handles }
            }
            Some(idle) => Strays::Calls { _of: Called(Some(idle)) },
        }
    }
}

impl Drop for IdleRuntime {
    fn drop(&mut self) {
        let Some(idle) = self.idle.take() else { return };
        if idle.has_strays() {
            idle.shut();
        } else {
            UNUSED.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
        }
    }
}

/// Runs `f` where the real tokio, too, lets a thread block.
pub(super) fn where_blocking_is_allowed<R>(f: impl FnOnce() -> R) -> R {
    if STANDS.get() == Stands::Inside { block_in_place(|| standing(Stands::MayBlock, f)) } else { f() }
}
