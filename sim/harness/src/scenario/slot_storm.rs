//! The scheduler alone, under as many callers as wanted.

use crate::{
    check::{self, Expected, Rules},
    fact::{self, Caller, Exchange},
};
use futures::future::join;
use seedbed::{
    FaultFamily, Param, Params, Scenario, World,
    decision::{Draws, Ratio, Site, ratio},
    ensure,
};
use shardwright::{
    ShardId,
    scheduler::{AcquireError, AcquireOptions, Permit, Priority, Scheduler, Settings},
    shard::ShardResult,
};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Callers come, wait, lose patience, are cancelled, panic with a slot in hand.
pub(super) const SLOT_STORM: Scenario = Scenario {
    name: "slot-storm",
    story: "Many callers compete for few slots, with priorities, deadlines and little patience; some are cancelled, \
            some panic while they hold a slot, and the scheduler may be stopped among them.",
    params: &[
        Param { name: "shards", help: "callers", default: 60, min: 1, max: 1_200 },
        Param { name: "slots", help: "API slots", default: 12, min: 1, max: 500 },
        Param { name: "calls", help: "calls of each caller", default: 3, min: 1, max: 1_000 },
        Param { name: "cancel_percent", help: "callers that may be cancelled, in 100", default: 25, min: 0, max: 100 },
    ],
    checks: |params| check::of(rules(params)),
    marks: &[
        "acquire dropped before its first poll",
        "slot granted to a waiter that was cancelled before it ran",
        "grant and timeout in one instant",
        "a waiter aged past a higher class",
        "all slots taken by twice as many shards",
        "permit dropped while unwinding",
        "stopped with waiters",
    ],
    families: &["work.panic", "cancel"],
    run: |world, params| Box::pin(play(world, params)),
};

const SETTINGS: Settings = Settings { rise_after: Duration::from_millis(600), ..Settings::BASE };
/// All spans are multiples of this, so that things happen at one instant.
const STEP: Duration = Duration::from_millis(50);
const HOLD_STEPS_MAX: u64 = 16;
const PAUSE_STEPS_MAX: u64 = 10;
const PATIENCE_STEPS_MAX: u64 = 60;
/// In how many runs nobody may wait for long.
const STRICT_IN_RUNS: Ratio = ratio(1, 4);
const STOPS_IN_RUNS: Ratio = ratio(1, 4);
const PANICS_IN_RUNS: Ratio = ratio(1, 4);
const PANICS_IN_CALLS: Ratio = ratio(1, 64);

/// Who works in two lanes, one in so many.
const TWO_LANES: Ratio = ratio(1, 8);
const LOOKS: u64 = 16;

const LANES: Site = Site::new("caller.lanes");
const PAUSE: Site = Site::new("caller.pause-steps");
const PRIORITY: Site = Site::new("caller.priority");
const PATIENCE: Site = Site::new("caller.patience-steps");
const MANNER: Site = Site::new("caller.manner-of-waiting");
const HOLD: Site = Site::new("caller.hold-steps");
const PANIC: Site = Site::new("caller.panics");
const OBSERVER: Site = Site::new("observer");

const STRICT: Site = Site::new("storm.is-strict");
const STRICT_TIMEOUT: Site = Site::new("storm.timeout-steps");
const STOP: Site = Site::new("storm.is-stopped");
const STOP_AT: Site = Site::new("storm.stop-at-step");
const SPARED: Site = Site::new("caller.is-spared-from-percent");
const CUT: Site = Site::new("caller.cut-at-step");

fn rules(params: &Params) -> Rules {
    Rules {
        slots: params.get("slots"),
        shards_max: params.get("shards"),
        rise_after: SETTINGS.rise_after,
        // The schedule may hold a caller back when it gets its slot and when its call is over.
        hold_max: steps(HOLD_STEPS_MAX) + Duration::from_secs(6),
        retries_max: 0,
        expected: Expected::ALWAYS,
    }
}

async fn play(world: World, params: Params) -> seedbed::check::Result {
    let (shards, slots, calls) = (params.get("shards"), params.get("slots"), params.get("calls"));
    let of_storm = |site| world.draws(site, "storm");
    let is_strict = of_storm(STRICT).chance(STRICT_IN_RUNS);
    let slot_timeout = if is_strict { steps(4 + of_storm(STRICT_TIMEOUT).range(0..40)) } else { SETTINGS.slot_timeout };
    let scheduler = Scheduler::new(Settings { slots: usize::try_from(slots)?, slot_timeout, ..SETTINGS });
    fact::waits_limited(slot_timeout);
    let panic = world.fault_family("work.panic", PANICS_IN_RUNS);

    let of_all = scheduler.clone();
    let callers = world.spawn_each("caller", 1..=shards, move |nth| {
        Storm { world, scheduler: of_all.clone(), slot_timeout, panic, calls }.call(ShardId(nth))
    });
    let of_caller = |site, nth: u64| world.draws(site, &format!("caller-{nth}"));
    let cancellable: Vec<_> = (1..=shards)
        .zip(&callers)
        .filter(|(nth, _)| of_caller(SPARED, *nth).range(0..100) < params.get("cancel_percent"))
        .collect();
    if !cancellable.is_empty() {
        world.may_cancel(cancellable.iter().map(|(_, caller)| *caller));
    }
    // All calls one after the other in all slots: that long the storm goes on, if nothing ends it.
    let busy_steps = HOLD_STEPS_MAX / 2 * calls * shards.div_ceil(slots) + PAUSE_STEPS_MAX;
    // What the schedule's own cancelling misses, somebody does on purpose.
    let cut = |(nth, caller)| match of_caller(CUT, nth).range(0..4 * busy_steps) {
        0 => None,
        step => Some((steps(step - 1), caller)),
    };
    let mut cuts: Vec<_> = cancellable.into_iter().filter_map(cut).collect();
    cuts.sort_by_key(|(at, _)| *at);
    if of_storm(STOP).chance(STOPS_IN_RUNS) {
        let at = steps(of_storm(STOP_AT).range(0..busy_steps));
        let scheduler = scheduler.clone();
        world.spawn("operator", async move {
            sleep(at).await;
            fact::stop_asked();
            scheduler.stop();
            fact::scheduler_stopped();
        });
    }
    observe(world, &scheduler, steps(busy_steps));
    let start = Instant::now();
    for (at, caller) in cuts {
        sleep_until(start + at).await;
        caller.abort();
    }
    sleep(steps(busy_steps)).await;
    world.settle().await;

    let metrics = scheduler.metrics();
    fact::counters(&metrics);
    ensure!(metrics.active == 0, "slots are held at rest: {metrics:?}");
    ensure!(metrics.waiting == 0, "waits are queued at rest: {metrics:?}");
    ensure!(metrics.registered == 0, "shards are registered at rest: {metrics:?}");
    Ok(())
}

/// Somebody looks at the numbers now and then.
fn observe(world: World, scheduler: &Scheduler, busy: Duration) {
    let (mut draws, scheduler) = (world.draws(OBSERVER, "observer"), scheduler.clone());
    world.spawn("observer", async move {
        for _ in 0..LOOKS {
            sleep(draws.duration(Duration::ZERO..2 * busy / u32::try_from(LOOKS).unwrap_or(u32::MAX))).await;
            fact::phases(&scheduler.metrics());
        }
    });
}

fn steps(count: u64) -> Duration {
    STEP * u32::try_from(count).unwrap_or(u32::MAX)
}

#[derive(Clone)]
struct Storm {
    world: World,
    scheduler: Scheduler,
    slot_timeout: Duration,
    panic: FaultFamily,
    calls: u64,
}

impl Storm {
    async fn call(self, shard: ShardId) {
        let _caller = Caller(shard);
        let _place = Place::take(&self.scheduler, shard);
        let mut asked = Asked { shard, is_over: false };
        fact::asked_for(shard);
        if self.world.draws(LANES, &shard.to_string()).chance(TWO_LANES) {
            fact::works_in_lanes(shard, 2);
            join(self.lane(shard, "first"), self.lane(shard, "second")).await;
        } else {
            self.lane(shard, "only").await;
        }
        asked.end();
    }

    /// All calls, one after the other. Before each its shard is made sure to be known.
    async fn lane(&self, shard: ShardId, lane: &str) {
        let entity = format!("{shard}, {lane}");
        let mut whims = Whims::of(self.world, &entity);
        for _ in 0..self.calls {
            sleep(steps(whims.pause.range(0..PAUSE_STEPS_MAX))).await;
            self.scheduler.register(shard, "caller");
            match self.wait(shard, &mut whims).await {
                Waited::For(permit) => self.hold(permit, &mut whims).await,
                Waited::InVain => {}
                Waited::Stopped => break,
            }
        }
    }

    /// One wait of a random kind: patient, with a deadline, or as one arm of a `select!`.
    async fn wait(&self, shard: ShardId, whims: &mut Whims) -> Waited {
        let priority = match whims.priority.range(0..8) {
            0..4 => Priority::Normal,
            4..6 => Priority::Low,
            6 => Priority::High,
            _ => Priority::Critical,
        };
        let patience = steps(whims.patience.range(0..PATIENCE_STEPS_MAX));
        let manner = whims.manner.range(0..8);
        let deadline = (manner == 6).then(|| Instant::now() + patience);
        let began = Instant::now();
        let acquire = self.scheduler.acquire(shard, AcquireOptions { priority, deadline });
        let waited = if manner == 7 {
            tokio::select! {
                waited = acquire => waited,
                () = sleep(patience) => return Waited::InVain,
            }
        } else {
            acquire.await
        };
        match waited {
            Ok(permit) => {
                assert!(deadline.is_none_or(|at| Instant::now() < at), "{shard} got a slot after its deadline");
                Waited::For(permit)
            }
            Err(AcquireError::DeadlineExceeded) if deadline.is_some_and(|at| at <= Instant::now()) => Waited::InVain,
            Err(AcquireError::SlotTimeout { .. }) if began.elapsed() >= self.slot_timeout => Waited::InVain,
            Err(AcquireError::Stopped) => Waited::Stopped,
            Err(error) => panic!("{shard} was refused a slot: {error}"),
        }
    }

    async fn hold(&self, permit: Permit, whims: &mut Whims) {
        let shard = permit.shard();
        let _exchange = Exchange::open(shard);
        sleep(steps(1 + whims.hold.range(0..HOLD_STEPS_MAX))).await;
        if self.panic.strikes(&mut whims.panic, PANICS_IN_CALLS, "with a slot in hand") {
            fact::excused(shard, "its work panicked");
            seedbed::inject_panic("injected into a caller that holds a slot");
        }
    }
}

/// What a caller draws before each call, each of its own site: a case that lists one says which.
struct Whims {
    pause: Draws,
    priority: Draws,
    patience: Draws,
    manner: Draws,
    hold: Draws,
    panic: Draws,
}

impl Whims {
    fn of(world: World, caller: &str) -> Self {
        let of = |site| world.draws(site, caller);
        Self {
            pause: of(PAUSE),
            priority: of(PRIORITY),
            patience: of(PATIENCE),
            manner: of(MANNER),
            hold: of(HOLD),
            panic: of(PANIC),
        }
    }
}

enum Waited {
    For(Permit),
    /// Its own patience or deadline ended the wait.
    InVain,
    Stopped,
}

/// Registered while this lives.
struct Place {
    scheduler: Scheduler,
    shard: ShardId,
}

impl Place {
    fn take(scheduler: &Scheduler, shard: ShardId) -> Self {
        scheduler.register(shard, "caller");
        Self { scheduler: scheduler.clone(), shard }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Registered since `take`, and by nobody else unregistered.
        let known = self.scheduler.unregister(self.shard);
        assert!(known.is_ok() || std::thread::panicking(), "{} was forgotten by the scheduler", self.shard);
    }
}

/// The wish to get through all calls.
struct Asked {
    shard: ShardId,
    is_over: bool,
}

impl Asked {
    fn end(&mut self) {
        self.is_over = true;
        fact::ended(self.shard, &ShardResult::Finished(String::new()));
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.is_over {
            fact::given_up(self.shard);
        }
    }
}
