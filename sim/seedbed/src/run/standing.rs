//! The world of a program that blocks on futures by itself, with runtimes of its own making. It stands still between those
//! calls, serves all runtimes that its thread uses, and ends with the last of them.

use super::Outcome;
use crate::{
    case::Case,
    context,
    executor::{Core, Group, GuestEnd, Home, IdleRuntime, Limits, Noting, Setup, poll_or_drop},
    finding::Finding,
    history::{self, Keep},
    panics::{self, Panicked},
    replay, strategy,
    sweep::only_case,
    thread::{HashKeys, tokio_random},
    watchdog::Watchdog,
};
use std::{
    cell::{Cell, RefCell},
    future::{Future, pending},
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// While it lives, its world runs, and spawns nothing on a runtime that plain code has entered.
struct Driven<'a> {
    core: &'a Core,
    was_driven: bool,
    entered: Option<Arc<Group>>,
}

impl<'a> Driven<'a> {
    fn new(core: &'a Core) -> Self {
        let was_driven = core.is_driven();
        core.set_driven(true);
        Self { core, was_driven, entered: core.enter_group(None) }
    }
}

impl Drop for Driven<'_> {
    fn drop(&mut self) {
        self.core.enter_group(self.entered.take());
        self.core.set_driven(self.was_driven);
    }
}

thread_local! {
    /// Never dropped by the thread's end, when destructors would have no world.
    static STANDING: RefCell<Option<ManuallyDrop<Rc<Standing>>>> = const { RefCell::new(None) };
    /// Whether the thread's destructors have come to what a world is made of, so that none can run any more.
    static HAS_ENDED: Cell<bool> = const { Cell::new(false) };
    static END: ThreadEnd = const { ThreadEnd };
}

struct ThreadEnd;

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        HAS_ENDED.set(true);
    }
}

/// A thread's standing world.
pub(crate) struct Standing {
    core: Rc<Core>,
    madsim: madsim::runtime::Runtime,
    case: Case,
    /// The runtimes that it ends with.
    groups: RefCell<Vec<Arc<Group>>>,
    watchdog: Watchdog,
}

impl Standing {
    /// This thread's, if it has one that can still run.
    fn here() -> Option<Rc<Self>> {
        if HAS_ENDED.get() {
            return None;
        }
        STANDING.try_with(|standing| standing.borrow().as_deref().cloned()).ok().flatten()
    }

    /// The world of `group`, whose first use may be this; `call` is the one that needs it.
    ///
    /// # Panics
    /// On another thread than the group's, and after it was shut down.
    pub(crate) fn of(group: &Arc<Group>, call: &str) -> Rc<Self> {
        assert!(
            group.is_of_this_thread(),
            "{call}: the runtime was first used on another thread, and a simulated world has one; use it there, or build one \
             here"
        );
        assert!(!group.is_shut(), "{call}: the runtime was shut down; build another one");
        let standing = Self::of_thread();
        standing.adopt(group);
        standing
    }

    /// Runs `f` on the world that runs, or else on the thread's standing one: the one that plain code has entered may be over.
    pub(crate) fn anywhere<R>(f: impl FnOnce(&Rc<Core>) -> R) -> R {
        if context::is_driving() { context::with(f) } else { f(Self::of_thread().core()) }
    }

    /// The thread's, which begins if there is none.
    pub(crate) fn of_thread() -> Rc<Self> {
        Self::here().unwrap_or_else(Self::start)
    }

    fn start() -> Rc<Self> {
        let name = std::thread::current().name().unwrap_or("main").to_owned();
        let case = only_case(&name);
        let decisions = case.decisions().unwrap_or_else(|error| panic!("case of `{name}`: {error}"));
        let named = case.strategy_name().unwrap_or_else(|error| panic!("case of `{name}`: {error}"));
        let schedule = strategy::draw(named, &decisions);
        panics::install_hook();
        history::install_subscriber();
        set_hash_keys(case.entropy_seed());
        let madsim = madsim::runtime::Runtime::with_seed_and_config(case.entropy_seed(), madsim::Config::default());
        let (limits, noting) = (Limits::BASE, Noting::Nothing);
        let idle = IdleRuntime::take();
        let (checks, keep, stacks) = (Vec::new(), Keep::Nothing, None);
        let setup = Setup { decisions, schedule, checks, keep, limits, stacks, noting, idle };
        let core = madsim.block_on(async { Core::new(setup) });
        assert!(!core.rides(), "case of `{name}`: a runtime's world has no strategy `madsim`");
        // The parent of all: it never ends.
        drop(core.spawn(None, false, pending::<()>()));
        core.record_grain();
        core.set_driven(false);
        core.forget_tokens();
        context::set_standing(Some(core.clone()));
        let watchdog = Watchdog::start(&name, replay::test_command);
        watchdog.rests();
        // After madsim's own, and so before them at the thread's end.
        END.with(|_| ());
        let standing = Rc::new(Self { core, madsim, case, groups: RefCell::default(), watchdog });
        STANDING.set(Some(ManuallyDrop::new(standing.clone())));
        standing
    }

    pub(crate) fn core(&self) -> &Rc<Core> {
        &self.core
    }

    /// The world lasts as long as `group`. Those that were shut down elsewhere are let go.
    fn adopt(&self, group: &Arc<Group>) {
        let shut: Vec<_> = {
            let mut groups = self.groups.borrow_mut();
            if !groups.iter().any(|known| Arc::ptr_eq(known, group)) {
                groups.push(group.clone());
                if group.is_paused {
                    self.core.set_paused(true);
                }
            }
            groups.extract_if(.., |group| group.is_shut()).collect()
        };
        for group in shut {
            if self.core.is_driven() {
                self.core.abort_group(&group);
            } else {
                self.inside(|core| core.drop_group(&group));
            }
        }
    }

    /// The running world lasts as long as `group`, if it is this thread's standing one.
    pub(crate) fn adopt_if_running(core: &Rc<Core>, group: &Arc<Group>) {
        if let Some(standing) = Self::here().filter(|standing| Rc::ptr_eq(&standing.core, core)) {
            standing.adopt(group);
        }
    }

    /// Runs `f` inside the world, where clock and entropy are its own.
    fn inside<R>(&self, f: impl FnOnce(&Rc<Core>) -> R) -> R {
        self.watchdog.run_starts(self.case.seed);
        let result = self.madsim.block_on(async {
            let _entered = context::enter_standing(self.core.clone());
            let _driven = Driven::new(&self.core);
            f(&self.core)
        });
        self.watchdog.rests();
        result
    }

    /// Runs the world until `future` is ready.
    ///
    /// # Panics
    /// If the future does; if the world finds something.
    #[track_caller]
    pub(crate) fn block_on<F: Future>(&self, home: Home, future: F) -> F::Output {
        let (mut future, mut output) = (Some(Box::pin(future)), None);
        let end = self.inside(|core| {
            let mut guest = |cx: &mut Context<'_>| {
                let ready = ready!(poll_or_drop(Pin::new(&mut future), cx));
                output = Some(ready);
                future = None;
                Poll::Ready(())
            };
            let end = core.drive_guest(home, &mut guest);
            drop(future.take());
            end
        });
        match (end, output) {
            (GuestEnd::Ready, Some(output)) if !self.core.is_over() => output,
            (GuestEnd::Panicked(payload, panicked), _) if !self.core.is_over() => raise(payload, &panicked),
            (_, output) => {
                // In its world, and not while the failure unwinds.
                let _ = catch_unwind(AssertUnwindSafe(|| self.inside(|_| drop(output))));
                self.fail()
            }
        }
    }

    /// The world has found something: it ends, and its caller is told.
    #[track_caller]
    fn fail(&self) -> ! {
        let text = self.end().map_or_else(|| "the world is over".to_owned(), |finding| self.told(&finding));
        panic!("{text}")
    }

    fn told(&self, finding: &Finding) -> String {
        let command = replay::test_command(self.case.seed.map(|seed| seed.0));
        format!("FAILED {finding}\nreplay: {command}")
    }

    /// Ends the world; what it found, if it did.
    fn end(&self) -> Option<Finding> {
        drop(STANDING.take().map(ManuallyDrop::into_inner));
        let (finding, _strays) = self.inside(|core| {
            core.end_with_strays_of_plain_code();
            let finding = Outcome::seal(core).finding;
            core.leave_results();
            core.tear_down(finding.is_some());
            (finding, core.take_strays())
        });
        context::set_standing(None);
        finding
    }

    /// Shuts `group` down in the standing world of this thread, if it has one: its tasks are dropped, and the world with its
    /// last runtime.
    ///
    /// # Panics
    /// If a destructor panics, unless the thread panics already.
    pub(crate) fn shut(group: &Arc<Group>) {
        let Some(standing) = Self::here() else { return };
        standing.inside(|core| core.drop_group(group));
        standing.groups.borrow_mut().retain(|known| !Arc::ptr_eq(known, group));
        // Those that were shut down from within the world, or elsewhere, do not keep it.
        if standing.groups.borrow().iter().all(|group| group.is_shut()) {
            standing.end_or_panic();
        }
    }

    /// Gives `f` the thread's world for a runtime that is gone, and then drops what that runtime has been given; the world
    /// too, if it began with this.
    ///
    /// # Panics
    /// As [`shut`](Self::shut).
    pub(crate) fn after<R>(group: &Arc<Group>, f: impl FnOnce(&Rc<Core>) -> R) -> R {
        let has_begun = Self::here().is_some();
        let standing = Self::of_thread();
        let result = f(&standing.core);
        standing.inside(|core| core.drop_group(group));
        if !has_begun {
            standing.end_or_panic();
        }
        result
    }

    fn end_or_panic(&self) {
        if let Some(finding) = self.end()
            && !std::thread::panicking()
        {
            panic!("{}", self.told(&finding));
        }
    }
}

/// Looks for them only once: a world's keys are small numbers, which may stand in other places of a thread too.
fn set_hash_keys(seed: u64) {
    thread_local! {
        static KEYS: Option<HashKeys> = {
            tokio_random::seed();
            HashKeys::locate()
        };
    }
    KEYS.with(|keys| keys.iter().for_each(|keys| keys.set(seed, seed)));
}

/// A future's panic goes on in its caller. The hook told of it already, but for what the world knows better.
fn raise(payload: Box<dyn std::any::Any + Send>, panicked: &Panicked) -> ! {
    let Panicked { file, line, advice, .. } = panicked;
    if let Some(advice) = advice {
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("<unnamed>");
        eprintln!("\nthread '{thread}' panicked at {file}:{line}:\n{}\n{advice}", panicked.told());
    }
    std::panic::resume_unwind(payload)
}
