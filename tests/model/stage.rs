//! The real scheduler, and the futures and permits that a story holds of it.

use crate::command::{Answer, Ask, Caller, Command, KINDS, SHARDS, Seen};
use shardwright::scheduler::{Acquire, AcquireOptions, Permit, Scheduler, Settings};
use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};
use tokio::time::{Duration, Instant, sleep};

pub struct Stage {
    scheduler: Scheduler,
    callers: BTreeMap<Caller, Has>,
    idle: Option<Idle>,
}

/// What a caller has.
enum Has {
    Wait(Wait),
    Permit(#[expect(dead_code, reason = "it is only to be dropped")] Permit),
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
        Stage { scheduler, callers: BTreeMap::new(), idle: None }
    }

    pub async fn take(&mut self, command: &Command) -> Answer {
        match *command {
            Command::Ask(ask) => return if self.make(ask) { self.poll(ask.caller) } else { Answer::Silent },
            Command::Make(ask) => drop(self.make(ask)),
            Command::Poll(caller) => return self.poll(caller),
            Command::Drop(caller) => drop(self.callers.remove(&caller)),
            Command::AdvanceS(seconds) => sleep(Duration::from_secs(seconds)).await,
            Command::Stop => self.scheduler.stop(),
            Command::Register(shard) => self.scheduler.register(shard, KINDS[1]),
            Command::Unregister(shard) => return Answer::Unregistered(self.scheduler.unregister(shard)),
            Command::Save { shard, key, bytes } => {
                return Answer::Saved(self.scheduler.save_checkpoint(shard, key, "x".repeat(bytes)));
            }
        }
        Answer::Silent
    }

    /// Whether the caller had room for it.
    fn make(&mut self, ask: Ask) -> bool {
        let Ask { caller, shard, priority, patience_s } = ask;
        let is_free = !self.callers.contains_key(&caller);
        if is_free {
            let deadline = patience_s.map(|seconds| Instant::now() + Duration::from_secs(seconds));
            let acquire = self.scheduler.acquire(shard, AcquireOptions { priority, deadline });
            self.callers.insert(caller, Has::Wait(Wait { acquire, woken: Arc::default() }));
        }
        is_free
    }

    /// Each poll has a waker of its own: whoever calls an older one wakes nobody.
    fn poll(&mut self, caller: Caller) -> Answer {
        let Some(Has::Wait(wait)) = self.callers.get_mut(&caller) else { return Answer::Silent };
        wait.woken = Arc::default();
        let waker = Waker::from(Arc::clone(&wait.woken));
        let Poll::Ready(outcome) = pin!(&mut wait.acquire).poll(&mut Context::from_waker(&waker)) else {
            return Answer::Waits;
        };
        self.callers.remove(&caller);
        match outcome {
            Err(error) => Answer::Refused(error),
            Ok(permit) => {
                let answer = Answer::Granted { shard: permit.shard(), ticket: permit.ticket() };
                self.callers.insert(caller, Has::Permit(permit));
                answer
            }
        }
    }

    pub fn seen(&mut self) -> Seen {
        let is_woken = |has: &Has| matches!(has, Has::Wait(wait) if wait.woken.0.load(Relaxed));
        Seen {
            metrics: self.scheduler.metrics(),
            shards: SHARDS.map(|shard| self.scheduler.shard_state(shard)),
            queued: SHARDS.map(|shard| self.scheduler.queued(shard)),
            woken: self.callers.iter().filter(|(_, has)| is_woken(has)).map(|(caller, _)| *caller).collect(),
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

impl Drop for Stage {
    /// Somebody is left only when a story has failed. A broken scheduler may panic at each drop, and the second
    /// panic would end the process before anybody heard of the first.
    fn drop(&mut self) {
        std::mem::forget(std::mem::take(&mut self.callers));
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
