//! The network of the world, as its tasks and its timers reach it.

use super::{Core, NodeId};
use crate::{
    decision::{Entity, Site, hash_str},
    disk::MachineId,
    net::{BACK, Network, THERE, Wire},
    time::timers::{Target, TimerKey},
};
use std::task::Waker;

impl Core {
    /// Does something with the network; whom that wakes is woken after it.
    pub(crate) fn network<T>(&self, work: impl FnOnce(&mut Network) -> T) -> T {
        let (done, mut effects) = {
            let mut network = self.net.borrow_mut();
            (work(&mut network), network.take_effects())
        };
        effects.woken.drain(..).for_each(Waker::wake);
        effects.dropped.clear();
        self.net.borrow_mut().give_effects(effects);
        done
    }

    /// The running task's process and machine.
    pub(crate) fn whose(&self) -> (NodeId, MachineId) {
        let process = self.current_node().unwrap_or_default();
        (process, self.machine_of(process))
    }

    /// Whom the decisions of the running task's next connection are about.
    pub(crate) fn new_connection(&self) -> Entity {
        const TCP: Site = Site::new("tcp");
        let current = self.current.borrow();
        let Some(task) = &*current else { return Entity::ROOT };
        let (nth, _) = task.next_draw(TCP.hash(), &self.decisions);
        let ordinal = u32::try_from(nth).unwrap_or(u32::MAX);
        let connection = task.identity.entity.child(TCP.hash(), ordinal);
        let mut recorder = self.recorder.borrow_mut();
        if recorder.keeps() {
            let nth = if nth > 0 { format!("#{nth}") } else { String::new() };
            for way in [THERE, BACK] {
                let name = format!("{}/{}{nth}/{way}", task.identity, TCP.name());
                recorder.name_entity(connection.child(hash_str(way), 0), &name);
            }
        }
        connection
    }

    /// A timer of the network's own, which dies with no task.
    pub(crate) fn set_wire(&self, at: u64, wire: Wire) -> TimerKey {
        self.timers.borrow_mut().set(at.max(self.now.get()), None, Target::Wire(wire))
    }

    pub(crate) fn cancel_wire(&self, timer: TimerKey) {
        // Nothing else is dropped with it.
        self.timers.borrow_mut().take_target(timer);
    }

    pub(super) fn wire_is_due(&self, wire: Wire) {
        match wire {
            Wire::Flight(socket) => self.network(|network| network.due(self, socket)),
        }
    }
}
