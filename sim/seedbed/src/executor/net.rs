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

    /// Whom the decisions of the running task's next connection are about: one way and the other.
    pub(crate) fn new_connection(&self) -> Entity {
        const TCP: Site = Site::new("tcp");
        self.new_socket(TCP, &[THERE, BACK])
    }

    /// Whom the decisions of what the running task's next socket for datagrams sends are about.
    pub(crate) fn new_mailbox(&self) -> Entity {
        const UDP: Site = Site::new("udp");
        self.new_socket(UDP, &[])
    }

    /// A child of the task in name: the n-th of its sort, so that those of other tasks, and their ports, do not matter.
    fn new_socket(&self, sort: Site, ways: &[&str]) -> Entity {
        let current = self.current.borrow();
        let Some(task) = &*current else { return Entity::ROOT };
        let (nth, _) = task.next_draw(sort.hash(), &self.decisions);
        let ordinal = u32::try_from(nth).unwrap_or(u32::MAX);
        let socket = task.identity.entity.child(sort.hash(), ordinal);
        let mut recorder = self.recorder.borrow_mut();
        if recorder.keeps() {
            let nth = if nth > 0 { format!("#{nth}") } else { String::new() };
            let name = format!("{}/{}{nth}", task.identity, sort.name());
            recorder.name_entity(socket, &name);
            for way in ways {
                recorder.name_entity(socket.child(hash_str(way), 0), &format!("{name}/{way}"));
            }
        }
        socket
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
            Wire::Datagram(number) => self.network(|network| network.letter_is_due(self, number)),
        }
    }
}
