//! Stories: settings and commands, drawn.

use crate::command::{Ask, CALLERS, Caller, Command, SHARDS};
use proptest::{collection::vec, option, prelude::*, sample::select};
use shardwright::{
    ShardId,
    scheduler::{Priority, Settings},
};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Story {
    pub settings: Settings,
    pub commands: Vec<Command>,
}

/// Stories of up to 60 commands. What stands first in a choice is what it shrinks to.
pub fn stories() -> impl Strategy<Value = Story> {
    // A vector loses what can go before its elements shrink; an optional command can go once more after others have.
    let commands = vec(option::weighted(0.99, command()), 0..60);
    (settings(), commands)
        .prop_map(|(settings, commands)| Story { settings, commands: commands.into_iter().flatten().collect() })
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
        32 => ask().prop_map(Command::Ask),
        16 => caller().prop_map(Command::Poll),
        20 => caller().prop_map(Command::Drop),
        16 => (1..=8_u64).prop_map(Command::AdvanceS),
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
    (caller(), shard(), priority, option::weighted(0.3, 0..=12_u64))
        .prop_map(|(caller, shard, priority, patience_s)| Ask { caller, shard, priority, patience_s })
}

fn shard() -> impl Strategy<Value = ShardId> {
    select(SHARDS.to_vec())
}

fn caller() -> impl Strategy<Value = Caller> {
    0..CALLERS
}
