//! The real scheduler, and the futures and permits that a story holds of it.

use crate::step::{Answer, KINDS, SHARDS, Seen, Step, WaitId};
use shardwright::scheduler::{Acquire, Permit, Scheduler, Settings};
use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};
use tokio::time::sleep;

pub struct Stage {
    scheduler: Scheduler,
    waits: BTreeMap<WaitId, Wait>,
    permits: BTreeMap<WaitId, Permit>,
    idle: Option<Idle>,
}

struct Wait {
    acquire: Acquire,
    woken: Arc<Woken>,
}

/// Somebody who waits for all slots to be free, and looks again only when woken.
struct Idle {
    future: Pin<Box<dyn Future<Output = ()>>>,
    woken: Arc<Woken>,
}

/// Whether a waker was called.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

impl Stage {
    pub fn new(settings: Settings) -> Stage {
        let scheduler = Scheduler::new(settings);
        for shard in &SHARDS[..SHARDS.len() - 1] {
            scheduler.register(*shard, KINDS[0]);
        }
        Stage { scheduler, waits: BTreeMap::new(), permits: BTreeMap::new(), idle: None }
    }

    pub async fn take(&mut self, step: &Step) -> Answer {
        match step {
            Step::Make { wait, shard, options } => {
                let acquire = self.scheduler.acquire(*shard, *options);
                self.waits.insert(*wait, Wait { acquire, woken: Arc::default() });
            }
            Step::Poll(wait) => return self.poll(*wait),
            Step::Drop(wait) => drop(self.waits.remove(wait)),
            Step::Release(wait) => drop(self.permits.remove(wait)),
            Step::Advance(span) => sleep(*span).await,
            Step::Stop => self.scheduler.stop(),
            Step::Register(shard) => self.scheduler.register(*shard, KINDS[1]),
            Step::Unregister(shard) => return Answer::Unregistered(self.scheduler.unregister(*shard)),
            Step::Save { shard, key, value } => {
                return Answer::Saved(self.scheduler.save_checkpoint(*shard, *key, value));
            }
        }
        Answer::Silent
    }

    /// Each poll has a waker of its own: whoever calls an older one wakes nobody.
    fn poll(&mut self, wait: WaitId) -> Answer {
        let Some(polled) = self.waits.get_mut(&wait) else { return Answer::Silent };
        polled.woken = Arc::default();
        let waker = Waker::from(Arc::clone(&polled.woken));
        let Poll::Ready(outcome) = pin!(&mut polled.acquire).poll(&mut Context::from_waker(&waker)) else {
            return Answer::Waits;
        };
        self.waits.remove(&wait);
        match outcome {
            Err(error) => Answer::Refused(error),
            Ok(permit) => {
                let answer = Answer::Granted { shard: permit.shard(), ticket: permit.ticket() };
                self.permits.insert(wait, permit);
                answer
            }
        }
    }

    pub fn seen(&mut self) -> Seen {
        let woken = self.waits.iter().filter(|(_, wait)| wait.woken.0.load(Relaxed)).map(|(wait, _)| *wait);
        Seen {
            metrics: self.scheduler.metrics(),
            shards: SHARDS.map(|shard| self.scheduler.shard_state(shard)),
            queued: SHARDS.map(|shard| self.scheduler.queued(shard)),
            woken: woken.collect(),
            is_idle: self.is_idle(),
        }
    }

    fn is_idle(&mut self) -> bool {
        let idle = self.idle.get_or_insert_with(|| Idle::new(self.scheduler.clone()));
        let is_ready = idle.look();
        if is_ready {
            self.idle = None;
        }
        is_ready
    }
}

impl Idle {
    fn new(scheduler: Scheduler) -> Idle {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Idle { future: Box::pin(async move { scheduler.idle().await }), woken }
    }

    fn look(&mut self) -> bool {
        if !self.woken.0.swap(false, Relaxed) {
            return false;
        }
        let waker = Waker::from(Arc::clone(&self.woken));
        self.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
    }
}
