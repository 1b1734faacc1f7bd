//! Plays a story: builds the service, lets clients and operator act, and asks for rest.

use super::{
    shard::Crew,
    story::{Story, Wave},
};
use crate::{fact, mock::MockModel};
use seedbed::{
    Params, World,
    decision::{Draws, Site, ratio},
    ensure,
    task::JoinHandle,
};
use shardwright::{
    llm::{CallError, ScheduledClient},
    scheduler::{self, Scheduler},
    shard::{self, Fleet, ShardError, ShardHandle, ShardResult, SpawnError, SpawnOptions},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

const CLIENT: Site = Site::new("client");
/// How the harness's own panics begin.
const INJECTED: &str = "injected";
const STOPS: Site = Site::new("operator.stops-all");
const STOPS_AT: Site = Site::new("operator.stops-at");
const IS_GENTLE: Site = Site::new("operator.is-gentle");
const GRACE: Site = Site::new("operator.grace");
/// How long a client waits before it asks a full fleet again.
const FULL_PAUSE: Duration = Duration::from_millis(700);

/// Plays `story` from its beginning until everything rests.
pub(super) async fn play(world: World, story: &'static Story, params: Params) -> seedbed::check::Result {
    let slots = usize::try_from(params.get("slots"))?;
    let shards_max = usize::try_from(params.get("shards_max"))?;
    let scheduler = Scheduler::new(scheduler::Settings { slots, ..story.scheduler });
    fact::waits_limited(story.scheduler.slot_timeout);
    let model = Arc::new(MockModel::new(world, story.provider));
    let client = ScheduledClient::new(scheduler.clone(), model.clone(), story.llm);
    let fleet = Fleet::new(scheduler.clone(), shard::Settings { shards_max });
    let crew = Arc::new(Crew::new(world, scheduler.clone(), model, client, story.panics));

    for wave in story.waves {
        let (fleet, crew) = (fleet.clone(), crew.clone());
        let clients = world
            .spawn_each(wave.name, 0..wave.clients, move |nth| follow(world, fleet.clone(), crew.clone(), wave, nth));
        if wave.may_go {
            world.may_cancel(&clients);
        }
    }
    operate(world, story, &scheduler, &fleet);

    sleep(story.faults_last).await;
    world.settle().await;
    at_rest(&scheduler, &fleet)
}

/// One client's life: comes, asks for its shards one after the other, takes their results.
async fn follow(world: World, fleet: Fleet, crew: Arc<Crew>, wave: &'static Wave, nth: u64) {
    let client = format!("{}-{nth}", wave.name);
    let mut draws = world.draws(CLIENT, &client);
    sleep(wave.starts + wave.spacing * u32::try_from(nth).unwrap_or(u32::MAX)).await;
    for nth in 0..wave.shards_each {
        let name = format!("{client}, shard {nth}");
        let Some(handle) = ask(&fleet, &crew, wave, &name).await else { return };
        Client { handle, is_done: false }.take_result(wave, &mut draws).await;
    }
}

/// A shard of that name, as soon as there is room for it; `None` from a fleet that was stopped.
async fn ask(fleet: &Fleet, crew: &Arc<Crew>, wave: &'static Wave, name: &str) -> Option<ShardHandle> {
    let options = SpawnOptions { execution_timeout: wave.execution_timeout };
    loop {
        let (crew, name) = (crew.clone(), name.to_owned());
        match fleet.spawn(wave.name, options, move |shard| crew.work(shard, name, &wave.work)) {
            Ok(handle) => {
                fact::asked_for(handle.shard());
                fact::time_limited(handle.shard(), options.execution_timeout);
                if options != SpawnOptions::BASE {
                    fact::excused(handle.shard(), "it has little time");
                }
                return Some(handle);
            }
            Err(SpawnError::TooMany { .. }) => sleep(FULL_PAUSE).await,
            Err(SpawnError::Stopped) => return None,
        }
    }
}

/// A client with a claim to a result. Dropped before it has that, it has given the shard up.
struct Client {
    handle: ShardHandle,
    is_done: bool,
}

impl Client {
    async fn take_result(mut self, wave: &Wave, draws: &mut Draws) {
        if let Some(patience) = wave.gives_up_after
            && timeout(patience, self.handle.result()).await.map(|result| self.end(result)).is_err()
        {
            // Half of those who give up want to hear how it ended.
            if draws.range(0..2) == 0 {
                return;
            }
            fact::given_up(self.handle.shard());
            self.handle.cancel();
        }
        if !self.is_done {
            let result = self.handle.result().await;
            self.end(result);
        }
    }

    fn end(&mut self, result: Option<ShardResult>) {
        self.is_done = true;
        let (shard, result) = (self.handle.shard(), result.expect("nobody else takes this result"));
        fact::ended(shard, &result);
        // The service keeps panics inside their shard, so only here an assertion of the work is heard of.
        if let Some(message) = panic_message(&result).filter(|message| !message.starts_with(INJECTED)) {
            panic!("{shard} panicked: {message}");
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !self.is_done {
            fact::given_up(self.handle.shard());
        }
    }
}

fn panic_message(result: &ShardResult) -> Option<&str> {
    match result {
        ShardResult::Panicked(message) | ShardResult::Failed(ShardError::Call(CallError::Panicked { message })) => {
            Some(message)
        }
        ShardResult::Finished(_) | ShardResult::Failed(_) | ShardResult::Cancelled | ShardResult::TimedOut { .. } => {
            None
        }
    }
}

/// In some runs somebody stops the scheduler, or first the fleet, in the middle of the work.
fn operate(world: World, story: &'static Story, scheduler: &Scheduler, fleet: &Fleet) {
    let draws = |site| world.draws(site, "operator");
    if !draws(STOPS).chance(story.stops_in_runs) {
        return;
    }
    let at = draws(STOPS_AT).duration(Duration::ZERO..story.busy());
    let is_gentle = draws(IS_GENTLE).chance(ratio(1, 2));
    let grace = draws(GRACE).duration(Duration::ZERO..Duration::from_secs(20));
    let (scheduler, fleet) = (scheduler.clone(), fleet.clone());
    let _operator: JoinHandle<()> = world.spawn("operator", async move {
        sleep(at).await;
        fact::stop_asked();
        if is_gentle {
            fact::fleet_stops(grace);
            fleet.stop(grace).await;
            fact::fleet_stopped();
        }
        scheduler.stop();
        fact::scheduler_stopped();
        scheduler.stop();
        scheduler.idle().await;
        fact::scheduler_idle();
    });
}

/// What the service says of itself when nothing is left to do.
fn at_rest(scheduler: &Scheduler, fleet: &Fleet) -> seedbed::check::Result {
    let metrics = scheduler.metrics();
    fact::counters(&metrics);
    ensure!(metrics.active == 0, "slots are held at rest: {metrics:?}");
    ensure!(metrics.waiting == 0, "waits are queued at rest: {metrics:?}");
    ensure!(metrics.registered == 0, "shards are registered at rest: {metrics:?}");
    ensure!(fleet.living().is_empty(), "shards live at rest: {:?}", fleet.living());
    Ok(())
}
