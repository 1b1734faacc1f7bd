//! Nodes by name, and the programs on them: when one crashes, and when it is started anew.
//! Knows nothing of what a program does.

use crate::{
    context,
    decision::{Draws, LogNormal, Site, ratio},
    task::JoinHandle,
    time::sleep,
    world::{FaultFamily, Machine, Node, World},
};
use std::{
    cell::{Cell, RefCell},
    fmt,
    future::{Future, pending, poll_fn},
    ops::Range,
    pin::{Pin, pin},
    rc::Rc,
    task::Poll,
    time::Duration,
};

/// A node that is found by its name, on a machine of that name: see [`World::node`].
#[derive(Clone, Debug)]
pub struct NamedNode {
    name: String,
    node: Node,
}

impl NamedNode {
    pub(crate) const fn new(name: String, node: Node) -> Self {
        Self { name, node }
    }

    /// The node itself, to be killed, stopped or sent a signal by hand.
    #[must_use]
    pub const fn node(&self) -> Node {
        self.node
    }

    /// The machine that it is on.
    #[must_use]
    pub fn machine(&self) -> Machine {
        self.node.machine()
    }

    /// Runs this program on the node: it is called for each start, and what it gives is a process. What the program is to
    /// keep over its death is on the machine's disk, or with the scenario. It is started in a turn of its own, so what is
    /// said of the [`Program`] at once holds from the first start on. `settle` does not wait for it.
    ///
    /// # Panics
    /// If a program was run on the node before: who starts it anew is the first one's to say.
    pub fn run<F>(&self, start: impl Fn() -> F + 'static) -> Program
    where
        F: Future<Output = ()> + 'static,
    {
        context::with(|core| core.takes_program(&self.name));
        let kept = Rc::new(Kept {
            name: self.name.clone(),
            node: self.node,
            start: Box::new(move || Box::pin(start())),
            crashes: Cell::new(None),
            restarts_after: RefCell::new(None),
            starts: Cell::new(0),
        });
        // On the scenario's own node: what starts programs does not die with one.
        World::new().own_node().spawn(&format!("keeper of {}", self.name), keep(kept.clone()));
        Program(kept)
    }
}

/// A program that runs on a node of its own: see [`World::node`]. A clone is the same one.
#[derive(Clone)]
pub struct Program(Rc<Kept>);

struct Kept {
    name: String,
    node: Node,
    start: Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>,
    crashes: Cell<Option<FaultFamily>>,
    restarts_after: RefCell<Option<Range<Duration>>>,
    starts: Cell<u64>,
}

impl Program {
    /// Its process may be [killed](Node::kill) from its next start on, 20 times at most, each a decision about the node: the
    /// fault family `node.crash` is on in about half of the seeds. Once faults stop it is not killed any more.
    pub fn may_crash(self) -> Self {
        self.0.crashes.set(Some(World::new().fault_family("node.crash", ratio(1, 2))));
        self
    }

    /// Whenever its process was killed, by a crash, by hand or by a loss of power, it is started anew, after a while that is
    /// drawn from this range; by default its start. Without this it stays down. A program that has returned is done.
    ///
    /// # Panics
    /// If the range ends before it starts.
    pub fn restarts_after(self, delay: Range<Duration>) -> Self {
        assert!(delay.start <= delay.end, "{} is started anew after {delay:?}, which ends first", self.0.name);
        self.0.restarts_after.replace(Some(delay));
        self
    }

    /// How often it was started.
    #[must_use]
    pub fn starts(&self) -> u64 {
        self.0.starts.get()
    }

    /// The node that it runs on.
    #[must_use]
    pub fn node(&self) -> Node {
        self.0.node
    }

    /// The machine that it runs on.
    #[must_use]
    pub fn machine(&self) -> Machine {
        self.0.node.machine()
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("name", &self.0.name).field("starts", &self.starts()).finish_non_exhaustive()
    }
}

/// So often in a run: who never has peace is never done.
const CHANCES_MAX: u64 = 20;
/// Between one and the next chance of a crash: for short runs and for long ones.
const GAPS: [Duration; 3] = [Duration::from_millis(20), Duration::from_secs(1), Duration::from_secs(60)];
const GAPS_ARE: Site = Site::new("node.crashes-are-rare");
const GAP: Site = Site::new("node.crash-after");
const CRASH: Site = Site::new("node.crash");
const RESTART: Site = Site::new("node.restarts-after");

/// When the process is killed, if it is: drawn as its life goes on.
struct Crashes {
    family: FaultFamily,
    gaps: LogNormal,
    gap: Draws,
    crash: Draws,
    chances: u64,
}

impl Crashes {
    fn new(family: FaultFamily, name: &str) -> Self {
        let world = World::new();
        let rare = world.draws(GAPS_ARE, name).range(0..GAPS.len() as u64);
        let median = usize::try_from(rare).map_or(GAPS[0], |rare| GAPS[rare]);
        let gaps = LogNormal { median, sigma_percent: 100 };
        Self { family, gaps, gap: world.draws(GAP, name), crash: world.draws(CRASH, name), chances: 0 }
    }

    /// Returns when a crash is due, or never.
    async fn next(&mut self) {
        while self.family.is_striking() && self.chances < CHANCES_MAX {
            self.chances += 1;
            sleep(self.gap.log_normal(&self.gaps)).await;
            if self.family.strikes(&mut self.crash, ratio(1, 2), "the process is killed") {
                return;
            }
        }
        pending().await
    }
}

/// Starts the program, lets it crash, and starts it anew, until it has returned or stays down.
async fn keep(kept: Rc<Kept>) {
    let mut restarts = World::new().draws(RESTART, &kept.name);
    let mut crashes = None;
    loop {
        kept.starts.set(kept.starts.get() + 1);
        let running = kept.node.spawn(&kept.name, (kept.start)());
        let crashes = kept.crashes.get().map(|family| crashes.get_or_insert_with(|| Crashes::new(family, &kept.name)));
        if has_returned(running, crashes, kept.node).await {
            return;
        }
        let Some(delay) = kept.restarts_after.borrow().clone() else { return };
        sleep(restarts.duration(delay)).await;
    }
}

/// Waits for the end of a process; says whether it was its own.
async fn has_returned(mut running: JoinHandle<()>, crashes: Option<&mut Crashes>, node: Node) -> bool {
    let mut crash = pin!(async {
        match crashes {
            Some(crashes) => crashes.next().await,
            None => pending().await,
        }
    });
    let end = poll_fn(|cx| match Pin::new(&mut running).poll(cx) {
        Poll::Ready(end) => Poll::Ready(Some(end)),
        Poll::Pending => crash.as_mut().poll(cx).map(|()| None),
    });
    match end.await {
        Some(end) => end.is_ok(),
        None => {
            node.kill();
            false
        }
    }
}
