//! A socket that connections are made to.

use super::waiters::Waiters;
use crate::executor::NodeId;
use std::{
    collections::{BTreeSet, VecDeque},
    net::SocketAddr,
};

#[derive(Debug)]
pub(super) struct Listening {
    pub(super) machine: usize,
    pub(super) process: NodeId,
    pub(super) local: SocketAddr,
    pub(super) backlog: usize,
    /// Granted, and not yet taken by whoever asked.
    pub(super) arriving: BTreeSet<u64>,
    /// To be accepted.
    pub(super) queue: VecDeque<u64>,
    pub(super) waiters: Waiters,
}

impl Listening {
    pub(super) fn new((machine, process): (usize, NodeId), local: SocketAddr, backlog: usize) -> Self {
        let (arriving, queue, waiters) = (BTreeSet::new(), VecDeque::new(), Waiters::default());
        Self { machine, process, local, backlog, arriving, queue, waiters }
    }

    /// As Linux counts: one more than the backlog says.
    pub(super) fn is_full(&self) -> bool {
        self.arriving.len() + self.queue.len() > self.backlog
    }
}
