//! What a store tells the log, all in one place. Messages are constant, every fact is a field.

use super::error::{Failure, WriteError};
use tracing::{debug, info, warn};

/// The target of every event of this module.
pub const TARGET: &str = "shardwright::store";

pub(super) fn takes_stock(after_death: bool) {
    debug!(target: TARGET, after_death, "takes stock");
}

/// Turns come in the order of tickets, as long as the machine lives.
pub(in crate::store) fn turn(ticket: u64) {
    debug!(target: TARGET, ticket, "has its turn");
}

pub(super) fn rewrites(from: u64, to: u64) {
    info!(target: TARGET, from, to, "made durable what was left");
}

pub(super) fn cuts(at: u64) {
    warn!(target: TARGET, at, "cut a torn end off");
}

pub(super) fn compacted(generation: u64, bytes: u64) {
    info!(target: TARGET, generation, bytes, "compacted");
}

pub(super) fn not_compacted(error: &WriteError) {
    warn!(target: TARGET, %error, "not compacted");
}

pub(super) fn failed(failure: &Failure) {
    warn!(target: TARGET, %failure, "write failed");
}

pub(super) fn poisoned(failure: &Failure) {
    warn!(target: TARGET, %failure, "handle poisoned");
}
