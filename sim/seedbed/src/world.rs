//! The world as a scenario sees it.

use crate::{
    cancellable::Cancellable,
    check,
    clock::Clock,
    context,
    decision::{Distribution, Draws, Entity, Ratio, Site},
    disk::{DiskFault, MachineId},
    executor::{Home, Name, NodeId},
    machines::{Machines, pairs},
    net::{Network, fault::NetFault},
    program::NamedNode,
    run::Standing,
    signal::unix::SignalKind,
    task::JoinHandle,
    time::Instant,
};
use std::{
    future::{Future, poll_fn},
    net::{Ipv4Addr, Ipv6Addr},
    path::Path,
    task::Poll,
    time::Duration,
};

/// A handle to the current world. Copy it anywhere; it works only inside its run.
#[derive(Clone, Copy, Debug)]
pub struct World(());

impl World {
    pub(crate) const fn new() -> Self {
        Self(())
    }

    /// The world that the caller is in: for a test that is given none, as a `#[tokio::test]`. In plain code it is the thread's,
    /// which begins with this if there is none yet, and ends with the last of its runtimes; until one of them blocks on
    /// something it can be asked [`now`](Self::now), and told what [`turns_take`](Self::turns_take) and whether
    /// [`tasks_may_panic`](Self::tasks_may_panic).
    ///
    /// # Panics
    /// On a thread where neither can be.
    #[track_caller]
    #[must_use]
    pub fn current() -> Self {
        Standing::anywhere(|_| Self(()))
    }

    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::now()
    }

    /// Spawns a task of the scenario's own work, under a name that appears in timelines and keys.
    /// [`settle`](Self::settle) waits for it.
    ///
    /// # Panics
    /// If the name has a `/` or `#`, which paths are made of.
    pub fn spawn<F>(&self, name: &str, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        context::with(|core| JoinHandle::new(core.spawn(Some(given(name)), true, future)))
    }

    /// Spawns one task per number, named `name-0`, `name-1`, ..
    ///
    /// # Panics
    /// As [`spawn`](Self::spawn).
    pub fn spawn_each<F, N>(
        &self,
        name: &'static str,
        numbers: impl IntoIterator<Item = N>,
        mut work: impl FnMut(N) -> F,
    ) -> Vec<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
        N: Copy + Into<u64>,
    {
        given(name);
        let spawn = |number: N| {
            context::with(|core| {
                JoinHandle::new(core.spawn(Some(Name::Member(name, number.into())), true, work(number)))
            })
        };
        numbers.into_iter().map(spawn).collect()
    }

    /// Declares tasks cancellable: the schedule may drop them before their first poll, between wake and
    /// run, or while they wait.
    ///
    /// # Panics
    /// If no task of `handles` lives: nothing would ever be cancelled, and nobody would notice.
    pub fn may_cancel<'a, T: 'a>(&self, handles: impl IntoIterator<Item = &'a JoinHandle<T>>) {
        let mut any = false;
        context::with(|core| {
            for handle in handles {
                any |= core.set_may_cancel(handle.right_to_abort());
            }
        });
        assert!(any, "may_cancel was given no task that lives");
    }

    /// A future that may be dropped before its first poll, between wake and run, or while it waits: `None` if it was.
    /// For what loses a `select!` or a race in a service, and is no task of its own.
    ///
    /// # Cancel safety
    /// Dropped, it drops the future.
    pub fn cancellable<F: Future>(&self, future: F) -> Cancellable<F> {
        context::with(|core| core.has_cancellable());
        Cancellable::new(future)
    }

    /// A new node: a group of tasks that die together, as a process's do. Tasks spawned by its tasks are its
    /// own too.
    #[must_use]
    pub fn new_node(&self) -> Node {
        Node(context::with(|core| core.new_node()))
    }

    /// The node of this name, on the machine of this name: each is made if it is not there.
    ///
    /// ```
    /// use seedbed::{World, ensure, time::{Duration, sleep}};
    ///
    /// let report = seedbed::sweep("it comes back", 0..20, |world: World| async move {
    ///     let serve = || async { sleep(Duration::from_secs(60)).await };
    ///     let store = world.node("store").run(serve).may_crash();
    ///     let store = store.restarts_after(Duration::from_millis(10)..Duration::from_secs(1));
    ///     sleep(Duration::from_secs(600)).await;
    ///     ensure!(store.starts() >= 1, "it was never started");
    ///     Ok(())
    /// });
    /// report.assert_clean();
    /// ```
    ///
    /// # Panics
    /// If it is no name for a machine, or one has it whatever is made, as `machine-1`.
    #[must_use]
    pub fn node(&self, name: &str) -> NamedNode {
        NamedNode::new(name.to_owned(), Node(context::with(|core| core.node_named(name))))
    }

    /// The node of the scenario itself, which cannot die.
    pub(crate) fn own_node(&self) -> Node {
        Node(NodeId::default())
    }

    /// A new machine: a disk, a wall clock and an address that its nodes share. Nodes that are made without a machine
    /// are on the scenario's own, whose power stays on. The n-th, from 1, is `10.0.0.n` and found by the name
    /// `machine-n`.
    #[must_use]
    pub fn machine(&self) -> Machine {
        Machine(context::with(|core| core.new_machine(None)))
    }

    /// A new machine that is found by this name too.
    ///
    /// # Panics
    /// If another one has it, or it is no name for a machine.
    #[must_use]
    pub fn machine_named(&self, name: &str) -> Machine {
        Machine(context::with(|core| core.new_machine(Some(name.to_owned()))))
    }

    /// The network may fail from now on in all ways that there are: each fault family is on in about `odds` of the seeds.
    pub fn nets_may_fail(&self, odds: Ratio) {
        NetFault::ALL.into_iter().for_each(|fault| self.net_may_fail(fault, odds));
    }

    /// The network may fail in this way from now on, in about `odds` of the seeds.
    pub fn net_may_fail(&self, fault: NetFault, odds: Ratio) {
        let family = self.fault_family(fault.family(), odds);
        context::with(|core| core.network(|network| network.may_fail(fault, family)));
    }

    /// Two machines may be cut off from each other from now on, one way or both, up to 20 times and for a drawn while: the
    /// fault family `net.partition` is on in about `odds` of the seeds. What was sent on a connection meanwhile arrives
    /// once it is sent again after the link has healed. Once faults stop nobody is cut off. Each side is one machine or
    /// [several](Machines), and each pair is cut off by itself: `world.may_partition("client-*", &store, ratio(1, 4))`.
    ///
    /// # Panics
    /// If they are one machine: it is never cut off from itself; and if no machine's name is like a pattern.
    pub fn may_partition(&self, one: &(impl Machines + ?Sized), other: &(impl Machines + ?Sized), odds: Ratio) {
        let pairs = pairs(one, other);
        assert!(!pairs.is_empty(), "may_partition was given one machine twice, which is never cut off from itself");
        let family = self.fault_family("net.partition", odds);
        context::with(|core| {
            core.network(|network| pairs.into_iter().for_each(|pair| network.may_partition(core, pair, family)));
        });
    }

    /// Nothing that `from` sends to `to` arrives from now on. The other way is another.
    ///
    /// # Panics
    /// If they are one machine.
    pub fn cut(&self, from: &Machine, to: &Machine) {
        assert!(from.0 != to.0, "cut was given one machine twice, which is never cut off from itself");
        context::with(|core| core.network(|network| network.cut(from.0, to.0)));
    }

    /// What `from` sends to `to` arrives again. What was sent on a connection meanwhile is sent again when its turn comes.
    pub fn mend(&self, from: &Machine, to: &Machine) {
        context::with(|core| core.network(|network| network.mend(from.0, to.0)));
    }

    /// Calls to the file system may fail, stall, or do less than they were asked for from now on, in all ways that a correct
    /// program lives with: each of these [fault](DiskFault) families is on in about `odds` of the seeds.
    pub fn disks_may_fail(&self, odds: Ratio) {
        DiskFault::COMMON.into_iter().for_each(|fault| self.disk_may_fail(fault, odds));
    }

    /// Disks may do this from now on, in about `odds` of the seeds.
    pub fn disk_may_fail(&self, fault: DiskFault, odds: Ratio) {
        let family = self.fault_family(fault.family(), odds);
        context::with(|core| core.disk_may_fail(fault, family));
    }

    /// The wall clock of the scenario's own machine, which nodes without a machine are on too.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Node(NodeId::default()).clock()
    }

    /// Wall clocks may go wrong from now on, the one of the scenario's own machine too: the fault family `clock` is on in
    /// about `odds` of the seeds. A clock may then be wrong from its first reading on, and drift, and it may be stepped
    /// before any reading: up to hours, forward or back. Once faults stop no clock is put wrong any more, and none is
    /// put right. [`now`](Self::now) stays the true time.
    pub fn clocks_may_jump(&self, odds: Ratio) {
        let family = self.fault_family("clock", odds);
        context::with(|core| core.clocks_may_jump(family));
    }

    /// From now on each turn of a task takes this much virtual time, which otherwise passes only while all tasks wait. So
    /// what spins until a deadline comes to it, as a loop around `yield_now` or one that keeps to a budget of time; and who is
    /// kept waiting by others' turns shows by the clock. `Duration::ZERO` ends it.
    ///
    /// What comes due in the midst of a turn fires at its own instant, but after the turn. Two million turns without a moment
    /// at which all tasks wait are a spin, and so a finding. No effect while time is paused, or under the strategy `madsim`,
    /// whose clock moves by itself.
    pub fn turns_take(&self, duration: Duration) {
        Standing::anywhere(|core| core.set_turn_takes(duration));
    }

    /// From now on a task's panic is its result and no finding, as tokio has it: for tests of what watches over tasks. That of
    /// a scenario or a test itself stays one.
    pub fn tasks_may_panic(&self) {
        Standing::anywhere(|core| core.let_tasks_panic());
    }

    /// A rule that must hold after every poll of every task. Keep it cheap. It may not block, as async code may not: what
    /// tokio's lock guards it reads by `try_lock`.
    pub fn always(&self, name: &'static str, rule: impl Fn() -> check::Result + 'static) {
        context::with(|core| core.always(name, Box::new(rule)));
    }

    /// The decisions of `entity` at `site`, to be kept with the entity.
    #[must_use]
    pub fn draws(&self, site: Site, entity: &str) -> Draws {
        let key = Entity::of(entity);
        context::with(|core| {
            core.recorder.borrow_mut().name_entity(key, entity);
            Draws::new(site, key, core.subkey(&site, key))
        })
    }

    /// The running task's next decision at `site`.
    ///
    /// # Panics
    /// Outside a task.
    pub fn draw(&self, site: Site, distribution: &impl Distribution) -> u64 {
        context::with(|core| core.decide_here(&site, distribution))
    }

    /// A fault family, on or off for the whole run: on in about `odds` of the seeds, off by default.
    #[must_use]
    pub fn fault_family(&self, name: &'static str, odds: Ratio) -> FaultFamily {
        const FAMILY: Site = Site::new("fault family");
        context::with(|core| core.offer_family(FAMILY, name));
        let on = self.draws(FAMILY, name).chance(odds);
        if on {
            context::with(|core| core.family_is_on(name));
        }
        FaultFamily { name, on }
    }

    /// Waits until all work has ended and nothing can run, then asks the checks' `at_rest`. Faults go on
    /// for up to an hour of virtual time meanwhile and then stop; if the work has not ended six hours
    /// after that, or can never end, the run ends with a stall that says who waits.
    ///
    /// # Cancel safety
    /// Dropped, no check is asked and no bound is left; faults that have stopped stay stopped.
    pub async fn settle(&self) {
        context::with(|core| core.start_settling());
        let _bounds = Bounds;
        loop {
            work_end().await;
            context::with(|core| core.heal());
            rest().await;
            if context::with(|core| core.work_left()) == 0 {
                break;
            }
        }
        context::with(|core| core.settled());
    }
}

/// A group of tasks that live and die together.
#[derive(Clone, Copy, Debug)]
pub struct Node(NodeId);

impl Node {
    /// Spawns a task on this node. `settle` does not wait for it: a process may serve for ever.
    pub fn spawn<F>(&self, name: &str, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let name = given(name);
        context::with(|core| {
            core.network(|network| network.power_on(core.machine_of(self.0)));
            JoinHandle::new(core.spawn_at(Home::on(self.0), Some(name), false, future))
        })
    }

    /// The machine that it is on.
    #[must_use]
    pub fn machine(&self) -> Machine {
        Machine(context::with(|core| core.machine_of(self.0)))
    }

    /// The wall clock that its tasks read: its machine's.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::of(context::with(|core| core.machine_of(self.0)))
    }

    /// Kills the process: its tasks are gone at once and no destructor runs in this run; their handles say
    /// cancelled. From inside the node, once the poll returns. The node can be spawned on again.
    pub fn kill(&self) {
        context::with(|core| core.kill(self.0));
    }

    /// Sends the process a signal: whoever listens for it (`tokio::signal`) hears it; if nobody does, the process dies of it
    /// as of [`kill`](Self::kill), unless it is one that a process may ignore.
    ///
    /// # Panics
    /// If it is `SIGSTOP`: to stop a process and let it go on is not simulated.
    pub fn signal(&self, kind: SignalKind) {
        assert!(kind.as_raw_value() != libc::SIGSTOP, "a process that is stopped and goes on is not simulated");
        context::with(|core| core.raise(self.0, kind.as_raw_value()));
    }

    /// Asks the process to go: its tasks are aborted, each dropped at its next turn, destructors included. Calls to the
    /// file system that were begun end.
    pub fn stop(&self) {
        context::with(|core| core.stop(self.0));
    }
}

/// A disk, a wall clock, an address, and the nodes that share them.
#[derive(Clone, Copy, Debug)]
pub struct Machine(MachineId);

impl Machine {
    pub(crate) const fn id(&self) -> MachineId {
        self.0
    }

    /// A new node on this machine, as [`World::new_node`] makes one.
    #[must_use]
    pub fn node(&self) -> Node {
        Node(context::with(|core| core.new_node_on(self.0)))
    }

    /// Its wall clock: one for all its nodes.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::of(self.0)
    }

    /// Its power may fail before any call to its file system, 20 times at most: the fault family `power` is on in about
    /// `odds` of the seeds. What follows is the scenario's to say, see [`power_lost`](Self::power_lost).
    pub fn may_lose_power(&self, odds: Ratio) {
        let family = World::new().fault_family("power", odds);
        context::with(|core| core.may_lose_power(self.0, family));
    }

    /// Returns when its power fails next after this call, though it is polled later.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub fn power_lost(&self) -> impl Future<Output = ()> + use<> {
        let Self(machine) = *self;
        let before = context::with(|core| core.power_losses(machine));
        poll_fn(move |cx| {
            context::with(|core| {
                if core.power_losses(machine) != before {
                    return Poll::Ready(());
                }
                core.wait_for_power_loss(machine, cx.waker());
                Poll::Pending
            })
        })
    }

    /// Nobody relies on what a power loss leaves of this file, or below this directory: an absolute path without `.` and
    /// `..`. `explore crash` does not try each of its states with each one of all the others, but one that is drawn.
    pub fn has_scratch(&self, path: impl AsRef<Path>) {
        context::with(|core| core.set_scratch(self.0, path.as_ref()));
    }

    /// Its address on the network.
    ///
    /// # Panics
    /// If there are more than sixteen million machines.
    #[must_use]
    pub fn ip(&self) -> Ipv4Addr {
        Network::ip_of(self.0)
    }

    /// Its address of IPv6: the other one behind `fd00::`.
    ///
    /// # Panics
    /// As [`ip`](Self::ip).
    #[must_use]
    pub fn ipv6(&self) -> Ipv6Addr {
        Network::ipv6_of(self.0)
    }

    /// How many sockets its processes have open now.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        context::with(|core| core.network(|network| network.open_sockets(self.0)))
    }

    /// How many sockets its kernel keeps, those included that no process has any more: what they have sent is still on
    /// the way.
    #[must_use]
    pub fn kept_sockets(&self) -> usize {
        context::with(|core| core.network(|network| network.kept_sockets(self.0)))
    }

    /// How many files its processes have open now.
    #[must_use]
    pub fn open_files(&self) -> usize {
        context::with(|core| core.open_files(self.0))
    }

    /// The power fails: all its nodes are [killed](Node::kill), nobody who is connected to them hears of it, and of what
    /// was not synced the disk has lost nothing,
    /// everything, or parts, as is decided: by default nothing. Each sector has one of the contents, and each file one
    /// of the lengths, that it had since it was synced; each change of names has happened or not. The nodes can be
    /// spawned on again.
    ///
    /// # Panics
    /// From inside one of its nodes: whose call would it be?
    pub fn lose_power(&self) {
        context::with(|core| core.lose_power(self.0));
    }
}

/// A kind of fault that is on or off for the whole run.
#[derive(Clone, Copy, Debug)]
pub struct FaultFamily {
    name: &'static str,
    on: bool,
}

impl FaultFamily {
    pub(crate) const fn is_on(&self) -> bool {
        self.on
    }

    /// Whether one may strike now: never while the world heals.
    pub(crate) fn is_striking(&self) -> bool {
        self.on && !context::with(|core| core.is_healing())
    }

    /// A fault that was decided before shows now.
    pub(crate) fn shows(&self, variant: &'static str) {
        context::with(|core| core.recorder.borrow_mut().injected(self.name, variant));
    }

    /// Whether a fault strikes now: never while the family is off or the world heals. An injection is
    /// recorded under `variant`.
    pub fn strikes(&self, draws: &mut Draws, ratio: Ratio, variant: &'static str) -> bool {
        if !self.on || context::with(|core| core.is_healing()) {
            return false;
        }
        context::with(|core| core.offer_fault(draws.key(), self.name, variant));
        let strikes = draws.chance(ratio);
        if strikes {
            context::with(|core| core.recorder.borrow_mut().injected(self.name, variant));
        }
        strikes
    }
}

fn given(name: &str) -> Name {
    assert!(!name.contains(['/', '#']), "a task cannot be named `{name}`: paths are made of `/` and `#`");
    Name::Given(name.into())
}

/// The bounds of a settling, as long as somebody settles.
struct Bounds;

impl Drop for Bounds {
    fn drop(&mut self) {
        context::try_with(|core| core.stop_settling());
    }
}

async fn work_end() {
    poll_fn(|cx| {
        context::with(|core| {
            if core.work_left() == 0 {
                return Poll::Ready(());
            }
            core.wait_for_work(cx.waker());
            Poll::Pending
        })
    })
    .await;
}

/// Waits until nothing else can run at this instant and nothing is held back.
async fn rest() {
    let before = context::with(|core| core.rests.get());
    poll_fn(|cx| {
        context::with(|core| {
            if core.rests.get() != before {
                return Poll::Ready(());
            }
            core.wait_for_rest(cx.waker());
            Poll::Pending
        })
    })
    .await;
}

/// Marks a state as reached; `seam::sometimes!` calls it. Nothing outside a world.
pub fn mark(name: &'static str) {
    context::try_with(|core| core.recorder.borrow_mut().marked(name));
}

/// Counts what a run does, such as requests: a sweep says how many there were, and the processor time of each. No event: it
/// moves no history. Nothing outside a world, and nobody hears of the counts of one that plain code's own runtimes share.
/// What fits in no `u64` any more stays at its greatest.
pub fn count(what: &'static str, more: u64) {
    context::try_with(|core| core.count(what, more));
}
