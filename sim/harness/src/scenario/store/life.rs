//! A machine's lives, one after the other: in each its processes go on with what is left of the work, until the power fails or
//! all is done.

use super::{
    agent, reader, trouble,
    work::Work,
    yard::{self, Size, Yard},
};
use crate::fact::store as fact;
use futures::future::{join, join_all, select};
use seedbed::{
    FaultFamily, Machine, World,
    decision::{Site, ratio},
};
use std::{
    cell::{Cell, RefCell},
    future::{Future, pending},
    path::Path,
    pin::pin,
    rc::Rc,
    time::Duration,
};
use tokio::time::sleep;

const KILL: Site = Site::new("process.is-killed");
const KILLED_AFTER: Site = Site::new("process.is-killed-after");
/// A process that is killed lives so long at most.
const LIFE_MAX: Duration = Duration::from_millis(40);

/// So long a process may take to go.
const LINGER_MAX: Duration = Duration::from_secs(600);

/// One run of a scenario of storage.
#[derive(Clone)]
pub(super) struct Play {
    pub(super) world: World,
    pub(super) yard: &'static Yard,
    machine: Machine,
    works: Rc<[Rc<RefCell<Work>>]>,
    /// How many there were.
    pub(super) listings: Rc<Cell<u64>>,
    kill: FaultFamily,
}

pub(super) async fn play(world: World, yard: &'static Yard, size: Size) -> seedbed::check::Result {
    let machine = world.machine();
    yard::declare_scratch(machine);
    machine.may_lose_power(yard.power);
    yard.trouble_disks(world);
    world.clocks_may_jump(yard.clock);
    let work = |agent| Rc::new(RefCell::new(Work::new(agent, size.writes, yard.body_max)));
    let works = (1..=size.agents).map(work).collect();
    let kill = world.fault_family("process.kill", yard.kills);
    let play = Play { world, yard, machine, works, listings: Rc::default(), kill };
    world.spawn("machine", async move { play.lives().await });
    world.settle().await;
    // Who has dropped its last handle is not gone yet.
    sleep(LINGER_MAX).await;
    fact::files_open(machine.open_files() as u64);
    Ok(())
}

impl Play {
    async fn lives(&self) {
        for life in 0.. {
            tokio::select! {
                biased;
                () = self.machine.power_lost() => fact::power_lost(),
                () = self.live(life) => return,
            }
        }
    }

    /// Until all is written.
    async fn live(&self, life: u64) {
        // In the first life there is nothing to look at yet: whoever comes first makes the store.
        if life > 0 {
            self.process("inspector", self.clone().inspect()).await;
        }
        let along = self.machine.node();
        if self.yard.reads_along {
            along.spawn("reader", reader::read_along(self.clone(), life));
        }
        if self.yard.hangs {
            along.spawn("stopped", trouble::hang(self.yard));
        }
        if self.yard.compacts {
            along.spawn("compactor", trouble::compact(self.yard));
        }
        join_all((0..self.yard.processes).map(|nth| self.keep(nth, life))).await;
        along.stop();
        self.process("auditor", self.clone().audit()).await;
    }

    /// A process that has some of the agents, and is started anew when it is killed.
    async fn keep(&self, nth: u64, life: u64) {
        let entity = format!("process-{nth} in life {life}");
        let (mut kills, mut after) = (self.world.draws(KILL, &entity), self.world.draws(KILLED_AFTER, &entity));
        loop {
            let is_killed = self.kill.strikes(&mut kills, ratio(1, 2), "killed");
            let node = self.machine.node();
            let process = node.spawn(&format!("process-{nth}"), self.clone().agents_of(nth));
            let killed = async {
                if is_killed {
                    sleep(after.duration(Duration::ZERO..LIFE_MAX)).await;
                } else {
                    pending().await
                }
            };
            tokio::select! {
                biased;
                done = process => match done {
                    Ok(()) => return,
                    // It panicked, which is a finding, or the power has failed.
                    Err(_) => pending().await,
                },
                () = killed => node.kill(),
            }
        }
    }

    /// All agents of one process, on one handle.
    async fn agents_of(self, nth: u64) {
        let store = agent::open(self.yard).await;
        let its = self.works.iter().filter(|work| work.borrow().agent % self.yard.processes == nth);
        let writes = join_all(its.map(|work| agent::write(self.world, self.yard, work.clone(), store.clone())));
        let reads = reader::read_between(self.clone(), nth, store.clone());
        // Who has written all does not wait for what it reads.
        select(pin!(writes), pin!(join(reads, pending::<()>()))).await;
    }

    /// Somebody looks before anybody writes.
    async fn inspect(self) {
        let store = agent::open(self.yard).await;
        reader::list(&store, &self.listings).await;
    }

    /// Somebody looks when all is written.
    async fn audit(self) {
        let store = agent::open(self.yard).await;
        while !reader::list(&store, &self.listings).await {
            sleep(Duration::from_millis(1)).await;
        }
        self.measure().await;
    }

    /// How long the log is.
    pub(super) async fn measure(&self) {
        const ENTRY_MAX: u64 = 400;
        if self.yard.is_measured() {
            let log = Path::new(agent::STORE).join("items.log");
            let bytes = tokio::fs::metadata(log).await.expect("the store has a log").len();
            let settings = self.yard.settings;
            // Who finds that it is due waits for a turn to compact it, and so does the next one who comes to it.
            let slack = settings.grow_bytes + 2 * self.works.len() as u64 * (ENTRY_MAX + 2 * self.yard.body_max);
            fact::measured(bytes, settings.compact_bytes, slack);
        }
    }

    /// What comes of `work` as a process of its own; never, if the power fails.
    async fn process<T: 'static>(&self, name: &str, work: impl Future<Output = T> + 'static) -> T {
        match self.machine.node().spawn(name, work).await {
            Ok(done) => done,
            Err(_) => pending().await,
        }
    }
}
