//! The state of one world, and what its tasks may ask of it.

use super::{
    Abort, Join, Place,
    address::{self, Address},
    body::Spawned,
    group::{Group, Home},
    idle::{IdleRuntime, Strays},
    inbox::Inbox,
    node::{Graveyard, NamedNodes, NodeId},
    offer::{CrashPoint, Noting, Offer, Offered},
    on_madsim::Rides,
    park::Looks,
    ready::Ready,
    signals::Signals,
    stacks::{StackRequest, Traced},
    table::Table,
    task::{GuestOf, Identity, Key, Name, State, Task},
    waits::Waits,
    worker::{WayBack, Workers},
};
use crate::{
    check::{Check, Violation},
    decision::{Decisions, Distribution, Entity, Ratio, Site, TypeName, mix},
    disk::{DiskFault, MachineId, Machines},
    finding::{Finding, StuckTask},
    history::{Drawn, Event, Keep, Recorder, TaskId, Waking},
    net::Network,
    panics::Panicked,
    real_tokio,
    strategy::{Schedule, StrategyName},
    thread::tokio_random,
    time::{
        Instant,
        timers::{Fired, Timers},
    },
    world::FaultFamily,
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, VecDeque},
    future::Future,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Waker,
    time::Duration,
};

/// What a run may use up. Passing one is a finding, never a hang.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Polls of one task at one instant; more is a spin.
    pub(crate) task_polls_per_instant: u32,
    /// Turns of all tasks at one instant.
    pub(crate) turns_per_instant: u32,
    /// Virtual time until all must be over.
    pub(crate) virtual_time: Duration,
    /// The same while the clock is paused: a test that does so may sleep for years.
    pub(crate) virtual_time_paused: Duration,
    /// Virtual time that `settle` leaves faults on, if the work has not ended before.
    pub(crate) fault_time: Duration,
    /// Virtual time that the work then has to end.
    pub(crate) settle_time: Duration,
}

impl Limits {
    pub(crate) const BASE: Self = Self {
        task_polls_per_instant: 10_000,
        turns_per_instant: 2_000_000,
        virtual_time: Duration::from_secs(30 * 86_400),
        virtual_time_paused: Duration::from_secs(100 * 365 * 86_400),
        fault_time: Duration::from_secs(3_600),
        settle_time: Duration::from_secs(6 * 3_600),
    };
}

/// What a world is made from.
pub(crate) struct Setup {
    pub(crate) decisions: Decisions,
    pub(crate) schedule: Schedule,
    pub(crate) checks: Vec<Box<dyn Check>>,
    pub(crate) keep: Keep,
    pub(crate) limits: Limits,
    pub(crate) stacks: Option<StackRequest>,
    pub(crate) noting: Noting,
    pub(crate) idle: IdleRuntime,
}

/// Which of the schedule's decisions a run makes at all, told once: they come up at every poll.
#[derive(Clone, Copy, Debug)]
pub(super) struct InUse {
    /// Ranks, and the order of timers of one instant.
    pub(super) order: bool,
    pub(super) delays: bool,
    pub(super) yields: bool,
    pub(super) cancels: bool,
    /// Whether madsim picks and this executor only polls.
    pub(super) rides: bool,
}

impl InUse {
    /// A case that lists decisions may list any.
    fn of(schedule: &Schedule, decisions: &Decisions, offers: bool) -> Self {
        let (any, dials) = (decisions.has_listed(), &schedule.dials);
        Self {
            order: any || schedule.strategy.is_drawn(),
            delays: any || dials.delay.is_some(),
            yields: any || dials.extra_yield.is_some(),
            cancels: any || offers || dials.cancel.is_some(),
            rides: schedule.name == StrategyName::Madsim,
        }
    }
}

type Always = (&'static str, Box<dyn Fn() -> Result<(), Violation>>);

pub(crate) struct Core {
    /// Which world of this process; never in a history.
    pub(crate) world: u32,
    pub(super) libc_clock: madsim::time::TimeHandle,
    /// What madsim's clock had run before this world.
    pub(super) libc_start: Duration,
    pub(super) rides: Rides,
    pub(super) now: Cell<u64>,
    pub(super) table: RefCell<Table>,
    pub(super) ready: RefCell<Ready>,
    /// Woken and not yet let into the ready list.
    pub(super) woken: RefCell<VecDeque<Rc<Task>>>,
    /// Ready tasks that the schedule holds back.
    pub(super) held_back: Cell<usize>,
    pub(super) is_paused: Cell<bool>,
    /// By how much std's clock is behind that of the world since, in nanoseconds.
    pub(super) std_lag: Cell<i64>,
    /// How long each turn takes, in nanoseconds.
    pub(super) turn_takes: Cell<u64>,
    /// Whether time has passed in the midst of the turn.
    pub(super) is_held_up: Cell<bool>,
    /// Whether its first task is a test on a runtime.
    pub(super) is_test: Cell<bool>,
    pub(super) timers: RefCell<Timers>,
    pub(super) decisions: Decisions,
    pub(super) schedule: Schedule,
    pub(super) in_use: InUse,
    pub(crate) recorder: RefCell<Recorder>,
    pub(super) current: RefCell<Option<Rc<Task>>>,
    pub(super) firing: Cell<bool>,
    /// What fires at one instant, with its drawn place; empty between uses.
    pub(super) due: Cell<Vec<(u32, Fired)>>,
    pub(super) inbox: Inbox,
    pub(super) limits: Limits,
    pub(super) turns_now: Cell<u32>,
    pub(super) polls: Cell<u64>,
    pub(super) nodes: Cell<u32>,
    pub(super) named: RefCell<NamedNodes>,
    /// Whose guard says that what is spawned is its own.
    pub(super) entered: RefCell<Option<Arc<Group>>>,
    pub(super) workers: RefCell<Workers>,
    pub(super) waits: RefCell<Waits>,
    pub(super) looks: RefCell<Looks>,
    /// How often a turn was told that the world is over.
    pub(super) ends: Cell<u32>,
    /// Of the worker that runs.
    pub(super) way_back: Cell<Option<WayBack>>,
    /// As which task what runs is seen, if as another.
    pub(super) seen_as: Cell<Option<TaskId>>,
    /// What the real tokio sees while tasks run.
    pub(super) idle: IdleRuntime,
    /// Runtimes whose ids were asked for, in that order.
    pub(super) groups: RefCell<Vec<Arc<Group>>>,
    pub(super) kill_after_poll: Cell<Option<NodeId>>,
    pub(super) signals: RefCell<Signals>,
    pub(super) graveyard: RefCell<Graveyard>,
    pub(super) machines: RefCell<Machines>,
    pub(super) net: RefCell<Network>,
    /// By fault; none if disks may not fail.
    pub(super) disk_faults: RefCell<BTreeMap<DiskFault, FaultFamily>>,
    /// Of machines that may lose their power.
    pub(super) power_faults: RefCell<BTreeMap<MachineId, (FaultFamily, Ratio)>>,
    pub(super) power_lost_after_poll: Cell<Option<MachineId>>,
    /// If clocks may jump.
    pub(super) clock_faults: Cell<Option<FaultFamily>>,
    /// Apart from the history, which checks are told of while it is borrowed: they may count too.
    counts: RefCell<Vec<(&'static str, u64)>>,
    pub(super) always: RefCell<Vec<Always>>,
    pub(super) verdict: RefCell<Option<Finding>>,
    pub(super) over: Cell<bool>,
    /// Whether it runs now; a standing one does while somebody blocks on it.
    driven: Cell<bool>,
    pub(super) work_left: Cell<usize>,
    pub(super) work_waiters: RefCell<Vec<Waker>>,
    pub(super) rest_waiters: RefCell<Vec<Waker>>,
    pub(crate) rests: Cell<u64>,
    pub(super) healing: Cell<bool>,
    pub(super) heal_by: Cell<u64>,
    pub(super) settle_by: Cell<u64>,
    pub(super) families_on: RefCell<Vec<&'static str>>,
    /// The panics that the hook saw in this turn, those that were caught too.
    pub(super) panics: RefCell<Vec<Panicked>>,
    injected_panics: RefCell<Vec<&'static str>>,
    /// Whether a task's panic is its result and no finding.
    pub(super) tasks_may_panic: Cell<bool>,
    pub(super) stacks: Option<StackRequest>,
    /// The scenario's own task.
    first: OnceCell<Rc<Task>>,
    pub(super) traced: RefCell<Traced>,
    pub(super) offers: RefCell<Option<Vec<Offer>>>,
    pub(super) crash_points: RefCell<Option<Vec<CrashPoint>>>,
}

impl Core {
    /// A world at its start. Must be made inside a madsim runtime.
    pub(crate) fn new(setup: Setup) -> Rc<Self> {
        static WORLDS: AtomicU32 = AtomicU32::new(0);
        let world = WORLDS.fetch_add(1, Ordering::Relaxed) % address::WORLDS;
        let libc_clock = madsim::time::TimeHandle::current();
        tokio_random::take_one_key();
        Rc::new(Self {
            world,
            libc_start: libc_clock.elapsed(),
            libc_clock,
            rides: Rides::default(),
            now: Cell::new(0),
            table: RefCell::default(),
            ready: RefCell::default(),
            woken: RefCell::new(VecDeque::with_capacity(16)),
            held_back: Cell::new(0),
            is_paused: Cell::new(false),
            std_lag: Cell::new(0),
            turn_takes: Cell::new(0),
            is_held_up: Cell::new(false),
            is_test: Cell::new(false),
            timers: RefCell::new(Timers::of_world(world)),
            in_use: InUse::of(&setup.schedule, &setup.decisions, setup.noting != Noting::Nothing),
            decisions: setup.decisions,
            schedule: setup.schedule,
            recorder: RefCell::new(Recorder::new(setup.checks, setup.keep)),
            current: RefCell::new(None),
            firing: Cell::new(false),
            due: Cell::default(),
            inbox: Inbox::of_world(world),
            limits: setup.limits,
            turns_now: Cell::new(0),
            polls: Cell::new(0),
            nodes: Cell::new(0),
            named: RefCell::default(),
            entered: RefCell::default(),
            workers: RefCell::default(),
            waits: RefCell::default(),
            looks: RefCell::default(),
            ends: Cell::new(0),
            way_back: Cell::new(None),
            seen_as: Cell::new(None),
            idle: setup.idle,
            groups: RefCell::default(),
            kill_after_poll: Cell::new(None),
            signals: RefCell::default(),
            graveyard: RefCell::default(),
            machines: RefCell::new(Machines::of_world(world)),
            net: RefCell::new(Network::of_world(world)),
            disk_faults: RefCell::default(),
            power_faults: RefCell::default(),
            power_lost_after_poll: Cell::new(None),
            clock_faults: Cell::new(None),
            always: RefCell::default(),
            verdict: RefCell::new(None),
            counts: RefCell::default(),
            over: Cell::new(false),
            driven: Cell::new(true),
            work_left: Cell::new(0),
            work_waiters: RefCell::default(),
            rest_waiters: RefCell::default(),
            rests: Cell::new(0),
            healing: Cell::new(false),
            heal_by: Cell::new(u64::MAX),
            settle_by: Cell::new(u64::MAX),
            families_on: RefCell::default(),
            panics: RefCell::default(),
            injected_panics: RefCell::default(),
            tasks_may_panic: Cell::new(false),
            stacks: setup.stacks,
            first: OnceCell::new(),
            traced: RefCell::default(),
            offers: RefCell::new((setup.noting != Noting::Nothing).then(Vec::new)),
            crash_points: RefCell::new((setup.noting == Noting::CrashPoints).then(Vec::new)),
        })
    }

    #[inline]
    pub(crate) fn now(&self) -> Instant {
        Instant::from_nanos(self.now.get())
    }

    pub(super) fn is_first(&self, task: TaskId) -> bool {
        self.first.get().is_some_and(|first| first.id == task)
    }

    pub(crate) fn is_driven(&self) -> bool {
        self.driven.get()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.get()
    }

    pub(crate) fn set_driven(&self, driven: bool) {
        self.driven.set(driven);
    }

    pub(crate) fn polls(&self) -> u64 {
        self.polls.get()
    }

    pub(crate) fn tasks_spawned(&self) -> u32 {
        self.table.borrow().spawned()
    }

    /// Whether [`on_madsim::drive`](super::on_madsim::drive) is to run it.
    pub(crate) fn rides(&self) -> bool {
        self.in_use.rides
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(crate) fn take_verdict(&self) -> Option<Finding> {
        self.verdict.borrow_mut().take()
    }

    pub(crate) fn take_traced(&self) -> Traced {
        self.traced.take()
    }

    pub(crate) fn count(&self, what: &'static str, more: u64) {
        let mut counts = self.counts.borrow_mut();
        match counts.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count = count.saturating_add(more),
            None => counts.push((what, more)),
        }
    }

    pub(crate) fn take_counts(&self) -> Vec<(&'static str, u64)> {
        self.counts.take()
    }

    pub(crate) fn families_on(&self) -> Vec<&'static str> {
        self.families_on.take()
    }

    /// Runs `f` as if the scenario's own future did, before its first poll: what it spawns are its children.
    pub(crate) fn as_root<R>(&self, root: &Abort, f: impl FnOnce() -> R) -> R {
        let task = self.task(root.address.place());
        self.current.replace(task);
        let result = f();
        self.current.replace(None);
        result
    }

    // Spawning and aborting.

    /// Spawns a task as a child of the running one, on its node. `None` for `name` means the future's type.
    pub(crate) fn spawn<F>(&self, name: Option<Name>, is_work: bool, future: F) -> Join<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_at(Home::default(), name, is_work, future)
    }

    /// [`spawn`](Self::spawn) on another node, or another runtime. One that was shut down cancels it before it runs.
    pub(crate) fn spawn_at<F>(&self, home: Home, name: Option<Name>, is_work: bool, future: F) -> Join<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (join, task) = self.spawn_anyway(home, name, is_work, future);
        if task.group.borrow().as_ref().is_some_and(|group| group.is_shut()) {
            self.abort_task(&task);
        }
        join
    }

    /// [`spawn_at`](Self::spawn_at), though the runtime was shut down.
    pub(super) fn spawn_anyway<F>(
        &self,
        home: Home,
        name: Option<Name>,
        is_work: bool,
        future: F,
    ) -> (Join<F::Output>, Rc<Task>)
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let name = name.unwrap_or_else(|| Name::Type(TypeName::of(std::any::type_name::<F>())));
        let parent = self.current.borrow().clone();
        // What a rule spawns, between the turns of all tasks, is a child of the first.
        let identity = parent.as_ref().or(self.first.get()).map_or_else(Identity::root, |parent| parent.child(name));
        let (node, group) = self.settle_at(home, parent.as_deref());
        let (place, id) = self.table.borrow_mut().reserve();
        let address = Address::new(self.world, place);
        let body = Box::pin(Spawned::new(future, id));
        let task = Rc::new(Task::new(id, address, identity, body, (node, group), is_work));
        {
            let mut recorder = self.recorder.borrow_mut();
            if recorder.keeps() {
                recorder.name_task(id, task.identity.entity, task.identity.to_string().into());
            }
            recorder.small(Event::Spawned { task: id, by: parent.map(|parent| parent.id) });
        }
        if is_work {
            self.work_left.set(self.work_left.get() + 1);
        }
        self.first.get_or_init(|| task.clone());
        self.table.borrow_mut().fill(task.clone());
        self.wake_task(&task);
        (Join::new(Abort { address, task: id }), task)
    }

    /// Says whether the task lives.
    pub(crate) fn set_may_cancel(&self, abort: &Abort) -> bool {
        let table = self.table.borrow();
        let task = table.get(abort.address.place()).filter(|task| !task.is_done());
        if let Some(task) = task {
            task.may_cancel.set(true);
            self.has_cancellable();
        }
        task.is_some()
    }

    /// Something was declared cancellable.
    pub(crate) fn has_cancellable(&self) {
        if self.schedule.dials.cancel.is_some() {
            self.family_is_on("cancel");
        }
    }

    /// Asks a task to be dropped at its next turn. Nothing if it has ended or was asked already.
    pub(super) fn abort(&self, place: Place) {
        if let Some(task) = self.task(place) {
            self.abort_task(&task);
        }
    }

    pub(super) fn abort_task(&self, task: &Rc<Task>) {
        if !task.is_done() && !task.abort_asked.replace(true) {
            self.recorder.borrow_mut().small(Event::AbortAsked(task.id));
            self.wake_task(task);
        }
    }

    pub(super) fn has_ended(&self, place: Place) -> bool {
        self.table.borrow().get(place).is_none_or(|task| task.is_done())
    }

    /// The task at `place`, unless it is gone.
    #[inline]
    pub(super) fn task(&self, place: Place) -> Option<Rc<Task>> {
        self.table.borrow().get(place).cloned()
    }

    // Waking.

    #[inline]
    pub(super) fn wake(&self, place: Place) {
        if let Some(task) = self.table.borrow().get(place) {
            self.wake_task(task);
        }
    }

    /// Only takes note of it: a waker may be called from anywhere.
    #[inline]
    pub(super) fn wake_task(&self, task: &Rc<Task>) {
        match task.state.get() {
            State::Waiting => {
                task.state.set(State::Woken);
                self.record_wake(task);
                self.woken.borrow_mut().push_back(task.clone());
            }
            State::Running => {
                task.state.set(State::RunningWoken);
                self.record_wake(task);
            }
            State::Woken | State::RunningWoken | State::Done => {}
        }
    }

    #[inline]
    pub(super) fn record_wake(&self, task: &Task) {
        let by = match &*self.current.borrow() {
            Some(task) => Waking::Task(task.id),
            None if self.firing.get() => Waking::Timer,
            None => Waking::World,
        };
        self.recorder.borrow_mut().woken(task.id, by);
    }

    // Decisions.

    pub(crate) fn subkey(&self, site: &Site, entity: Entity) -> u64 {
        self.decisions.subkey(site, entity)
    }

    pub(crate) fn unmatched_decisions(&self) -> Vec<usize> {
        self.decisions.unmatched()
    }

    pub(crate) fn decide_drawn(
        &self,
        site: &Site,
        entity: Entity,
        subkey: u64,
        nth: u64,
        distribution: &impl Distribution,
    ) -> u64 {
        let value = self.decisions.drawn(site, entity, subkey, nth, distribution);
        let default = distribution.default_value();
        if value != default {
            let mut recorder = self.recorder.borrow_mut();
            recorder.decided(*site, entity, nth, value);
            if recorder.keeps() {
                recorder.explain_draw(site, entity, nth, Drawn { default, unit: distribution.unit() });
            }
        }
        value
    }

    /// A decision about the running task, in the order of its draws at this site.
    pub(crate) fn decide_here(&self, site: &Site, distribution: &impl Distribution) -> u64 {
        let current = self.current.borrow();
        let task = current.as_ref().expect("a draw without an entity is about the running task, and none runs");
        let (nth, subkey) = task.next_draw(site.hash(), &self.decisions);
        self.decide_drawn(site, task.identity.entity, subkey, nth, distribution)
    }

    /// The first branch that the running task's next `select!` polls.
    pub(crate) fn select_start(&self, branches: u32) -> u32 {
        const SELECT: Site = Site::new("select");
        let current = self.current.borrow();
        let Some(task) = &*current else { return 0 };
        let nth = u64::from(task.selects.replace(task.selects.get().wrapping_add(1)));
        let entity = task.identity.entity;
        if task.may_cancel.get() {
            self.offer(SELECT, entity, nth, task, || Offered::Select { branches });
        }
        let value = self.decisions.value(&SELECT, entity, nth, 0, || {
            crate::decision::below(mix(task.subkey(Key::Select, &self.decisions), nth), u64::from(branches))
        });
        if value != 0 {
            self.recorder.borrow_mut().decided(SELECT, entity, nth, value);
        }
        u32::try_from(value).unwrap_or(0) % branches
    }

    // Faults and marks.

    pub(crate) fn is_healing(&self) -> bool {
        self.healing.get()
    }

    pub(crate) fn family_is_on(&self, family: &'static str) {
        let mut families = self.families_on.borrow_mut();
        if !families.contains(&family) {
            families.push(family);
        }
    }

    // Settling.

    /// Faults will stop when the work has ended or their time is over. No timer, which would hide a
    /// deadlock until it is due.
    pub(crate) fn start_settling(&self) {
        self.heal_by.set(self.after(self.limits.fault_time));
    }

    /// Stops faults; from here on the work has a bounded time to end. Says whether they were on.
    pub(crate) fn heal(&self) -> bool {
        self.heal_by.set(u64::MAX);
        self.settle_by.set(self.after(self.limits.settle_time));
        !self.healing.replace(true)
    }

    /// Whether `settle` waits for faults to stop.
    pub(super) fn is_settling(&self) -> bool {
        self.heal_by.get() != u64::MAX
    }

    fn after(&self, span: Duration) -> u64 {
        self.now.get().saturating_add(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(crate) fn work_left(&self) -> usize {
        self.work_left.get()
    }

    pub(crate) fn wait_for_work(&self, waker: &Waker) {
        self.work_waiters.borrow_mut().push(waker.clone());
    }

    pub(crate) fn wait_for_rest(&self, waker: &Waker) {
        self.rest_waiters.borrow_mut().push(waker.clone());
    }

    pub(super) fn work_ended(&self) {
        self.work_left.set(self.work_left.get() - 1);
        if self.work_left.get() == 0 {
            self.work_waiters.take().into_iter().for_each(Waker::wake);
        }
    }

    /// Nobody settles any more: no bound is left.
    pub(crate) fn stop_settling(&self) {
        self.heal_by.set(u64::MAX);
        self.settle_by.set(u64::MAX);
    }

    pub(crate) fn settled(&self) {
        let mut recorder = self.recorder.borrow_mut();
        recorder.small(Event::Settled);
        recorder.at_rest();
    }

    pub(crate) fn always(&self, name: &'static str, rule: Box<dyn Fn() -> Result<(), Violation>>) {
        self.always.borrow_mut().push((name, rule));
    }

    /// Says whether it is the world's to tell of.
    pub(crate) fn note_panic(&self, panicked: Panicked) -> bool {
        let is_plain = |task: &Rc<Task>| task.guest_of.get() == Some(GuestOf::PlainCode);
        let is_told = panicked.advice.is_some() || !self.current.borrow().as_ref().is_some_and(is_plain);
        self.panics.borrow_mut().push(panicked);
        is_told
    }

    pub(crate) fn note_injected_panic(&self, message: &'static str) {
        let mut injected = self.injected_panics.borrow_mut();
        if !injected.iter().any(|known| std::ptr::eq(*known, message)) {
            injected.push(message);
        }
    }

    /// The same text in memory, and not one that the hook has seen: injected panics pass it by.
    pub(crate) fn was_injected(&self, message: &'static str) -> bool {
        self.injected_panics.borrow().iter().any(|known| std::ptr::eq(*known, message))
            && !self.panics.borrow().iter().any(|panicked| panicked.message == message)
    }

    /// The panic of this turn that says `message`, with its place if the hook saw it.
    pub(super) fn seen_panic(&self, message: String) -> Panicked {
        let seen = self.panics.take();
        seen.into_iter().find(|panicked| panicked.message == message).unwrap_or_else(|| Panicked::unseen(message))
    }

    /// From now on a task's panic is its result and no finding.
    pub(crate) fn let_tasks_panic(&self) {
        self.tasks_may_panic.set(true);
    }

    // Ending.

    /// Ends the run with this finding; the first one stands.
    pub(crate) fn end_with(&self, finding: Finding) {
        let mut verdict = self.verdict.borrow_mut();
        if verdict.is_none() {
            *verdict = Some(finding);
        }
        self.over.set(true);
    }

    /// Ends the run with a stall: `message` says what kind; the stuck tasks are the scenario's own
    /// work if any lives, else all that live.
    pub(crate) fn end_with_stall(&self, check: &'static str, message: String) {
        let live = self.table.borrow().live();
        let any_work = live.iter().any(|task| task.is_work);
        // One whose turn stands still waits for what stands for itself.
        let is_stuck = |task: &&Rc<Task>| (task.is_work || !any_work) && !task.is_in_a_turn();
        let stuck = live.iter().filter(is_stuck).map(|task| self.stuck(task)).collect();
        let holders = self.recorder.borrow().holders();
        self.end_with(Finding::stall(check, message, self.now(), stuck, holders));
    }

    /// Ends the run because `whose` turn has given the real tokio what no world runs.
    #[cold]
    pub(super) fn end_with_stray(&self, whose: &str) {
        self.end_with(Finding::violation(real_tokio::NO_STRAYS, &real_tokio::stray(whose), self.now()));
    }

    /// Ends the run if plain code has.
    pub(crate) fn end_with_strays_of_plain_code(&self) {
        if self.idle.has_tasks() {
            self.end_with_stray("plain code");
        }
    }

    /// What the real tokio was given; its tasks are dropped.
    pub(crate) fn take_strays(&self) -> Strays {
        self.idle.take_strays()
    }

    /// Ends the run because one task was polled too often at one instant.
    pub(super) fn end_with_spin(&self, task: &Rc<Task>, polls: u32) {
        let message = if polls > self.limits.task_polls_per_instant {
            format!("{} was polled {polls} times at one instant and still wakes", task.identity)
        } else {
            let turns = self.turns_now.get();
            let when = if self.turn_takes.get() == 0 { "at one instant" } else { "without a rest" };
            format!("{turns} turns {when} and no end; the last was that of {}", task.identity)
        };
        let stuck = vec![self.stuck(task)];
        self.end_with(Finding::stall("spin", message, self.now(), stuck, Vec::new()));
    }

    fn stuck(&self, task: &Rc<Task>) -> StuckTask {
        StuckTask::new(task.id, task.identity.to_string(), task.identity.name.kind().to_owned(), task.polls.get())
    }
}
