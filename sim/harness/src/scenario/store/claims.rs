//! Agents that all want the same few items: what each was told must be explained by one order of claims.

use super::{
    agent, work,
    yard::{self, Size, Yard},
};
use futures::future::join_all;
use seedbed::{
    FaultFamily, Machine, World,
    decision::{Draws, Site, ratio},
    linear::History,
};
use shardwright::store::{Change, Item, ItemId, NewItem, Refusal, Request, Store, Target, Version, WriteError};
use std::{future::pending, time::Duration};
use tokio::time::sleep;

const WHICH: Site = Site::new("claimant.item");
const HOLD: Site = Site::new("claimant.hold");
const HOLD_MAX: Duration = Duration::from_millis(5);
const KILL: Site = Site::new("process.is-killed");
const KILLED_AFTER: Site = Site::new("process.is-killed-after");
const LIFE_MAX: Duration = Duration::from_millis(40);
const ITEMS: u64 = 3;

/// What a client does with an item.
#[derive(Clone, Debug)]
enum Op {
    Read(ItemId),
    Claim { id: ItemId, by: String, at: Version },
    Release { id: ItemId, by: String },
}

/// What it is told.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Is { version: Version, owner: Option<String> },
    Done(Version),
    Mismatch,
}

/// An item; the version is not known after a change that nobody heard of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Claimed {
    version: Option<Version>,
    owner: Option<String>,
}

#[derive(Clone)]
struct Race {
    world: World,
    yard: &'static Yard,
    machine: Machine,
    history: History<Op, Told>,
    rounds: u64,
}

pub(super) async fn play(world: World, yard: &'static Yard, size: Size) -> seedbed::check::Result {
    let machine = world.machine();
    yard::declare_scratch(machine);
    let race = Race { world, yard, machine, history: History::new(), rounds: size.writes };
    machine.node().spawn("founder", found(yard)).await?;
    machine.may_lose_power(yard.power);
    yard.trouble_disks(world);
    let kill = world.fault_family("process.kill", yard.kills);
    let racing = race.clone();
    world.spawn("machine", async move {
        join_all((1..=size.agents).map(|nth| racing.keep(nth, kill))).await;
    });
    world.settle().await;
    let initial = Claimed { version: None, owner: None };
    race.history.checker().by_key(Op::item).check(initial, step)?;
    Ok(())
}

async fn found(yard: &'static Yard) {
    let store = agent::open(yard).await;
    let add = |number| Change::Add(NewItem { title: work::title(number), ..NewItem::default() });
    let items: Vec<_> = (1..=ITEMS).map(add).collect();
    store.apply(Request::new(items)).await.expect("nothing fails yet");
}

impl Race {
    /// A claimant, started anew when it is killed.
    async fn keep(&self, nth: u64, kill: FaultFamily) {
        let entity = format!("claimant-{nth}");
        let (mut kills, mut after) = (self.world.draws(KILL, &entity), self.world.draws(KILLED_AFTER, &entity));
        for life in 0.. {
            let is_killed = kill.strikes(&mut kills, ratio(1, 2), "killed");
            let node = self.machine.node();
            let process = node.spawn(&entity, self.clone().claim_again_and_again(nth, life));
            let killed = async {
                if is_killed { sleep(after.duration(Duration::ZERO..LIFE_MAX)).await } else { pending().await }
            };
            tokio::select! {
                biased;
                () = self.machine.power_lost() => {}
                done = process => match done {
                    Ok(()) => return,
                    // It panicked, which is a finding.
                    Err(_) => pending().await,
                },
                () = killed => node.kill(),
            }
        }
    }

    async fn claim_again_and_again(self, nth: u64, life: u64) {
        let me = work::name(nth);
        let mut store = agent::open(self.yard).await;
        let entity = format!("{me}, life {life}");
        let (mut which, mut hold) = (self.world.draws(WHICH, &entity), self.world.draws(HOLD, &entity));
        for _ in 0..self.rounds {
            let id = ItemId(1 + which.range(0..ITEMS));
            if self.round(&store, &me, id, &mut hold).await.is_none() {
                store = agent::open(self.yard).await;
            }
        }
    }

    /// Looks, claims what is free or its own, holds it, and releases it. `None`: the handle may be of no more use.
    async fn round(&self, store: &Store, me: &str, id: ItemId, hold: &mut Draws) -> Option<()> {
        let item = self.read(store, me, id).await?;
        if item.owner.as_ref().is_some_and(|owner| owner != me) {
            sleep(hold.duration(Duration::ZERO..HOLD_MAX)).await;
            return Some(());
        }
        let at = item.version;
        let claim = Change::Claim(Target::at(id, at), me.to_owned());
        if !self.ask(store, me, Op::Claim { id, by: me.to_owned(), at }, claim).await? {
            seam::sometimes!("somebody else was quicker to claim");
            return Some(());
        }
        sleep(hold.duration(Duration::ZERO..HOLD_MAX)).await;
        self.ask(store, me, Op::Release { id, by: me.to_owned() }, Change::Release(id.into())).await?;
        Some(())
    }

    async fn read(&self, store: &Store, me: &str, id: ItemId) -> Option<std::sync::Arc<Item>> {
        let call = self.history.call(me, Op::Read(id));
        let Ok(found) = store.item(id).await else {
            call.failed();
            return None;
        };
        let item = found.expect("it was acknowledged");
        call.returned(Told::Is { version: item.version, owner: item.owner.clone() });
        Some(item)
    }

    /// Whether it is done; `None`: that is not known, or the disk fails.
    async fn ask(&self, store: &Store, me: &str, op: Op, change: Change) -> Option<bool> {
        let call = self.history.call(me, op);
        match store.apply(change).await {
            Ok(receipt) => {
                call.returned(Told::Done(receipt.first));
                Some(true)
            }
            Err(WriteError::Refused(Refusal::VersionMismatch { .. } | Refusal::Claimed { .. })) => {
                call.returned(Told::Mismatch);
                Some(false)
            }
            Err(WriteError::Refused(refusal)) => panic!("{me} asked for what cannot be: {refusal}"),
            Err(WriteError::Failed(_)) => {
                call.failed();
                None
            }
            // It may have been done, at any time.
            Err(WriteError::Unknown(_)) => None,
        }
    }
}

impl Op {
    fn item(&self) -> ItemId {
        match self {
            Self::Read(id) | Self::Claim { id, .. } | Self::Release { id, .. } => *id,
        }
    }
}

/// What an item is after an operation, if the operation may be told that of it.
fn step(now: &Claimed, op: &Op, told: Option<&Told>) -> Option<Claimed> {
    let is_newer = |version: Version| now.version.is_none_or(|before| before < version);
    match (op, told) {
        (Op::Read(_), None) => Some(now.clone()),
        (Op::Read(_), Some(Told::Is { version, owner })) => {
            let fits = now.version.is_none_or(|now| now == *version) && now.owner == *owner;
            fits.then(|| Claimed { version: Some(*version), owner: owner.clone() })
        }
        (Op::Claim { by, at, .. }, told) => {
            let may = now.version.is_none_or(|now| now == *at) && now.owner.as_ref().is_none_or(|owner| owner == by);
            match told {
                Some(Told::Done(version)) => {
                    (may && is_newer(*version)).then(|| Claimed { version: Some(*version), owner: Some(by.clone()) })
                }
                Some(Told::Mismatch) => (now.version != Some(*at)).then(|| now.clone()),
                _ => may.then(|| Claimed { version: None, owner: Some(by.clone()) }),
            }
        }
        (Op::Release { by, .. }, told) => {
            let may = now.owner.as_ref() == Some(by);
            match told {
                Some(Told::Done(version)) => {
                    (may && is_newer(*version)).then_some(Claimed { version: Some(*version), owner: None })
                }
                _ => may.then_some(Claimed { version: None, owner: None }),
            }
        }
        (Op::Read(_), Some(_)) => None,
    }
}
