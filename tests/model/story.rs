//! Stories: settings and commands, drawn. A command names a wait by its place among those still there, so that
//! most commands of a random story have something to do.

use crate::{
    reference::Reference,
    step::{SHARDS, Step},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use shardwright::{
    ShardId,
    scheduler::{AcquireOptions, Priority, Settings},
};
use tokio::time::Duration;

#[derive(Clone, Debug)]
pub struct Story {
    pub settings: Settings,
    pub commands: Vec<Command>,
}

/// Time is in whole seconds, and there are few of them: so things happen in one instant.
#[derive(Clone, Debug)]
pub enum Command {
    /// Makes a wait and polls it.
    Ask(Ask),
    /// Makes a wait.
    Make(Ask),
    Poll(Nth),
    Drop(Nth),
    Release(Nth),
    AdvanceS(u64),
    Stop,
    Register(ShardId),
    Unregister(ShardId),
    Save {
        shard: ShardId,
        key: &'static str,
        bytes: usize,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct Ask {
    shard: ShardId,
    priority: Priority,
    patience_s: Option<u64>,
}

/// The n-th of those still there, counted round and round.
#[derive(Clone, Copy, Debug)]
pub struct Nth(usize);

impl Nth {
    fn of<T: Copy>(self, there: &[T]) -> Option<T> {
        there.get(self.0.checked_rem(there.len())?).copied()
    }
}

impl Command {
    /// What is to be done, by what the model knows to be there; nothing if there is nobody to do it to.
    pub fn steps(&self, reference: &Reference) -> Vec<Step> {
        let wait = reference.made();
        match self {
            Self::Ask(ask) => vec![ask.step(reference), Step::Poll(wait)],
            Self::Make(ask) => vec![ask.step(reference)],
            Self::Poll(nth) => nth.of(&reference.waits()).map(Step::Poll).into_iter().collect(),
            Self::Drop(nth) => nth.of(&reference.waits()).map(Step::Drop).into_iter().collect(),
            Self::Release(nth) => nth.of(&reference.permits()).map(Step::Release).into_iter().collect(),
            Self::AdvanceS(seconds) => vec![Step::Advance(Duration::from_secs(*seconds))],
            Self::Stop => vec![Step::Stop],
            Self::Register(shard) => vec![Step::Register(*shard)],
            Self::Unregister(shard) => vec![Step::Unregister(*shard)],
            Self::Save { shard, key, bytes } => vec![Step::Save { shard: *shard, key, value: "x".repeat(*bytes) }],
        }
    }
}

impl Ask {
    fn step(self, reference: &Reference) -> Step {
        let deadline = self.patience_s.map(|seconds| reference.now() + Duration::from_secs(seconds));
        let options = AcquireOptions { priority: self.priority, deadline };
        Step::Make { wait: reference.made(), shard: self.shard, options }
    }
}

/// Stories of up to 60 commands. What stands first in a choice is what it shrinks to.
pub fn stories() -> impl Strategy<Value = Story> {
    (settings(), vec(command(), 0..60)).prop_map(|(settings, commands)| Story { settings, commands })
}

fn settings() -> impl Strategy<Value = Settings> {
    (1..=3_usize, 4..=20_u64, 1..=6_u64).prop_map(|(slots, slot_timeout_s, rise_after_s)| Settings {
        slots,
        slot_timeout: Duration::from_secs(slot_timeout_s),
        rise_after: Duration::from_secs(rise_after_s),
        checkpoint_bytes_max: 8,
        ..Settings::BASE
    })
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        24 => ask().prop_map(Command::Ask),
        24 => nth().prop_map(Command::Poll),
        16 => nth().prop_map(Command::Release),
        16 => (1..=8_u64).prop_map(Command::AdvanceS),
        8 => nth().prop_map(Command::Drop),
        4 => ask().prop_map(Command::Make),
        3 => shard().prop_map(Command::Unregister),
        3 => shard().prop_map(Command::Register),
        2 => (shard(), select(vec!["a", "plan"]), 0..=8_usize)
            .prop_map(|(shard, key, bytes)| Command::Save { shard, key, bytes }),
        1 => Just(Command::Stop),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let priority = select(vec![Priority::Normal, Priority::Low, Priority::High, Priority::Critical]);
    (shard(), priority, option::weighted(0.3, 0..=12_u64)).prop_map(|(shard, priority, patience_s)| Ask {
        shard,
        priority,
        patience_s,
    })
}

fn shard() -> impl Strategy<Value = ShardId> {
    select(SHARDS.to_vec())
}

fn nth() -> impl Strategy<Value = Nth> {
    (0..8_usize).prop_map(Nth)
}
