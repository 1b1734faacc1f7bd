//! What becomes of what was sent: it arrives, is lost and sent again, or is refused.

use super::{
    endpoint::Phase,
    event::NetAct,
    fault::NetFault,
    network::{Network, tell},
    segment::{Kind, Segment},
};
use crate::executor::Core;

/// What became of a segment that has arrived.
enum Arrived {
    /// It is done with.
    Whole,
    /// It asks for a connection or grants one, again and again until it hears of it.
    Asked,
    /// There is no room for more of it.
    Blocked,
    /// There, but whoever sent it does not hear of it.
    Unheard,
    /// Nobody was there to take it.
    Lost,
    /// Somebody was, and says that there is no such connection.
    Refused,
}

impl Network {
    /// Puts a segment on the way, after all that are.
    pub(super) fn send(&mut self, core: &Core, number: u64, kind: Kind) {
        let is_lost = self.is_lost(core, number) || self.loses(core, number, kind);
        let at = if is_lost { 0 } else { self.arrival(core, number, kind) };
        let Some(end) = self.ends.get_mut(&number) else { return };
        let mut segment = Segment::arriving(kind, at);
        if is_lost {
            tell(core, NetAct::Lost, end.local, end.remote, kind.bytes() as usize);
            segment.lose(core.now().as_nanos(), end.is_orphan);
        }
        end.flight.push_back(segment);
        if end.timer.is_none() || end.flight.len() == 1 {
            self.arm(core, number);
        }
    }

    fn loses(&mut self, core: &Core, number: u64, kind: Kind) -> bool {
        let Some(end) = self.ends.get_mut(&number).filter(|_| matches!(kind, Kind::Data(_))) else { return false };
        let (entity, nth) = (end.entity, end.segments);
        end.segments += 1;
        self.strikes(core, NetFault::Loss, entity, nth)
    }

    /// What `number` sends finds nobody from now on: it is told so as soon as that can be.
    pub(super) fn refuse(&mut self, core: &Core, number: u64, error: Option<i32>) {
        let at = self.arrival(core, number, Kind::Rst);
        if let Some(end) = self.ends.get_mut(&number).filter(|end| end.phase != Phase::Broken) {
            end.refusal.get_or_insert((at, error));
            self.arm(core, number);
        }
    }

    /// Has the timer of what is due next.
    pub(super) fn arm(&mut self, core: &Core, number: u64) {
        let Some(end) = self.ends.get_mut(&number) else { return };
        end.timer.take().into_iter().for_each(|timer| core.cancel_wire(timer));
        end.timer = end.due_at().map(|at| core.set_wire(at, super::Wire::Flight(number)));
    }

    /// Something may be due of what `number` has sent.
    pub(crate) fn due(&mut self, core: &Core, number: u64) {
        let now = core.now().as_nanos();
        if let Some(end) = self.ends.get_mut(&number) {
            end.timer = None;
        }
        while let Some(end) = self.ends.get_mut(&number) {
            if end.due_at().is_none_or(|at| at > now) {
                break;
            }
            if let Some((_, error)) = end.refusal {
                self.learn_of_reset(core, number, error);
                break;
            }
            if end.unheard.is_some_and(|unheard| unheard.at <= now) {
                self.say_again(core, number, now);
                continue;
            }
            let Some(first) = end.flight.front().copied() else { break };
            if first.is_lost {
                self.resend(core, number, now);
                continue;
            }
            match self.arrive(core, number, first.kind) {
                Arrived::Whole => {
                    // Who hears of this has heard of all before it.
                    if matches!(first.kind, Kind::Data(_) | Kind::Fin)
                        && let Some(end) = self.ends.get_mut(&number)
                    {
                        end.has_heard();
                    }
                    self.arrived(core, number);
                }
                Arrived::Asked => self.lose_first(core, number, now),
                Arrived::Blocked => {
                    if let Some(end) = self.ends.get_mut(&number) {
                        end.is_blocked = true;
                    }
                }
                Arrived::Unheard => {
                    self.arrived_unheard(core, number, first.kind, now);
                    self.arrived(core, number);
                }
                Arrived::Lost => {
                    self.tell_lost(core, number);
                    self.lose_first(core, number, now);
                }
                Arrived::Refused => self.refuse(core, number, None),
            }
        }
        if self.ends.get(&number).is_some_and(|end| end.timer.is_none()) {
            self.arm(core, number);
        }
    }

    /// The first segment is done with; with the last one of a socket that nobody holds, so is the socket.
    fn arrived(&mut self, core: &Core, number: u64) {
        let Some(end) = self.ends.get_mut(&number) else { return };
        end.acknowledged();
        if end.is_orphan && end.is_done() {
            return self.forget(core, number);
        }
        self.wake_writers(number);
    }

    fn wake_writers(&mut self, number: u64) {
        let Some(end) = self.ends.get_mut(&number) else { return };
        if end.has_room_to_send() && !end.has_ended {
            end.seems_writable = true;
            end.writers.move_to(&mut self.effects.woken);
        }
    }

    /// It will be sent again, as long as nobody says that it is there: once for all that follows.
    fn arrived_unheard(&mut self, core: &Core, number: u64, kind: Kind, now: u64) {
        let Some(end) = self.ends.get_mut(&number).filter(|end| !end.has_reset) else { return };
        let mut again = Segment::arriving(Kind::Again, now);
        again.lose(now, end.is_orphan);
        end.has_not_heard(kind, again);
        self.arm(core, number);
    }

    fn say_again(&mut self, core: &Core, number: u64, now: u64) {
        let Some(end) = self.ends.get(&number) else { return };
        let (there, peer) = (end.remote_machine, end.peer);
        let is_heard =
            !self.is_lost(core, number) && !self.hosts.is_down(there) && !self.is_way_back_lost(core, number);
        let has_peer = peer.and_then(|peer| self.ends.get(&peer)).is_some_and(|peer| peer.phase != Phase::Broken);
        let Some(end) = self.ends.get_mut(&number) else { return };
        match &mut end.unheard {
            Some(again) if !is_heard => {
                if again.lose(now, end.is_orphan) {
                    self.give_up(core, number);
                }
            }
            _ => {
                end.has_heard();
                if end.is_orphan && end.is_done() {
                    self.forget(core, number);
                } else if !has_peer && !end.is_ended {
                    self.refuse(core, number, None);
                } else {
                    self.wake_writers(number);
                }
            }
        }
    }

    /// Whether what the other machine answers now is lost.
    fn is_way_back_lost(&mut self, core: &Core, number: u64) -> bool {
        let Some(end) = self.ends.get(&number) else { return false };
        let (way, peer) = ((end.remote_machine, end.machine), end.peer);
        let is_void = peer.and_then(|peer| self.ends.get(&peer)).is_some_and(|peer| peer.is_void);
        is_void && !core.is_healing() || self.links.is_cut(core, way)
    }

    /// What was lost is sent again, all that is waiting at once.
    fn resend(&mut self, core: &Core, number: u64, now: u64) {
        if self.is_lost(core, number) {
            self.tell_lost(core, number);
            return self.lose_first(core, number, now);
        }
        let kind = self.ends.get(&number).and_then(|end| end.flight.front()).map(|first| first.kind);
        let Some(kind) = kind else { return };
        // Nobody waits for an answer to a reset, so it is sent once.
        if kind == Kind::Rst {
            return self.forget(core, number);
        }
        let at = self.arrival(core, number, kind);
        let Some(end) = self.ends.get_mut(&number) else { return };
        for segment in end.flight.iter_mut().filter(|segment| segment.is_lost) {
            (segment.is_lost, segment.at) = (false, at);
        }
    }

    fn lose_first(&mut self, core: &Core, number: u64, now: u64) {
        let Some(end) = self.ends.get_mut(&number) else { return };
        let Some(first) = end.flight.front_mut() else { return };
        // Of a connection that it has reset a kernel knows nothing that it could send again.
        if end.has_reset {
            return self.forget(core, number);
        }
        if first.lose(now, end.is_orphan) {
            self.give_up(core, number);
        }
    }

    fn tell_lost(&mut self, core: &Core, number: u64) {
        if let Some(end) = self.ends.get(&number)
            && let Some(first) = end.flight.front()
        {
            tell(core, NetAct::Lost, end.local, end.remote, first.kind.bytes() as usize);
        }
    }

    fn give_up(&mut self, core: &Core, number: u64) {
        let Some(end) = self.ends.get(&number) else { return };
        tell(core, NetAct::TimedOut, end.local, end.remote, 0);
        self.break_end(core, number, libc::ETIMEDOUT);
    }

    /// A segment is at the other machine.
    fn arrive(&mut self, core: &Core, number: u64, kind: Kind) -> Arrived {
        let Some(end) = self.ends.get(&number) else { return Arrived::Whole };
        let (there, peer) = (end.remote_machine, end.peer);
        if self.hosts.is_down(there) {
            return Arrived::Lost;
        }
        let arrived = match kind {
            Kind::Syn => self.arrive_syn(core, number),
            Kind::SynAck => self.arrive_syn_ack(core, number, peer),
            Kind::Ack => self.arrive_ack(core, peer),
            Kind::Data(len) => self.arrive_data(core, number, peer, len),
            // Its place is never reached.
            Kind::Fin if end.has_gap => Arrived::Whole,
            Kind::Fin => self.arrive_fin(core, peer),
            Kind::Again => Arrived::Whole,
            Kind::Rst => {
                peer.into_iter().for_each(|peer| self.learn_of_reset(core, peer, None));
                Arrived::Whole
            }
        };
        match arrived {
            // No answer comes: it will be sent again.
            Arrived::Refused if self.is_way_back_lost(core, number) => Arrived::Lost,
            Arrived::Whole if matches!(kind, Kind::Data(_) | Kind::Fin) && self.is_way_back_lost(core, number) => {
                Arrived::Unheard
            }
            arrived => arrived,
        }
    }

    fn arrive_syn(&mut self, core: &Core, number: u64) -> Arrived {
        let Some(end) = self.ends.get(&number) else { return Arrived::Whole };
        // Whoever asks again is answered again, at once.
        let granting = end.peer.and_then(|peer| Some((peer, self.ends.get(&peer)?)));
        if let Some((number, granting)) = granting {
            if granting.flight.front().is_some_and(|granted| granted.is_lost) {
                self.resend(core, number, core.now().as_nanos());
                self.arm(core, number);
            }
            return Arrived::Asked;
        }
        let Some(listener) = self.listener(end.remote_machine, end.remote) else { return Arrived::Refused };
        // As Linux, it says nothing: whoever asks asks again.
        if self.listening.get(&listener).is_some_and(|listening| listening.is_full()) {
            return Arrived::Lost;
        }
        if let Some(granting) = self.grant(number, listener) {
            self.send(core, granting, Kind::SynAck);
        }
        Arrived::Asked
    }

    fn arrive_syn_ack(&mut self, core: &Core, granting: u64, peer: Option<u64>) -> Arrived {
        let Some(asking) = peer.and_then(|peer| self.ends.get_mut(&peer)) else { return Arrived::Refused };
        if asking.phase == Phase::Open && asking.peer == Some(granting) {
            return Arrived::Asked;
        }
        if asking.phase != Phase::Asking {
            return Arrived::Refused;
        }
        asking.phase = Phase::Open;
        // It asks no more.
        asking.flight.clear();
        asking.writers.move_to(&mut self.effects.woken);
        tell(core, NetAct::Connected, asking.local, asking.remote, 0);
        if let Some(peer) = peer {
            self.send(core, peer, Kind::Ack);
            self.arm(core, peer);
        }
        Arrived::Asked
    }

    fn arrive_ack(&mut self, core: &Core, peer: Option<u64>) -> Arrived {
        let Some(number) = peer else { return Arrived::Refused };
        let Some(end) = self.ends.get_mut(&number) else { return Arrived::Refused };
        let Phase::Granting(listener) = end.phase else { return Arrived::Refused };
        let Some(listening) = self.listening.get_mut(&listener) else {
            self.forget(core, number);
            return Arrived::Refused;
        };
        end.phase = Phase::Open;
        // It need not be granted again.
        end.flight.clear();
        listening.arriving.remove(&number);
        listening.queue.push_back(number);
        listening.waiters.move_to(&mut self.effects.woken);
        self.arm(core, number);
        Arrived::Whole
    }

    fn arrive_data(&mut self, core: &Core, number: u64, peer: Option<u64>, len: usize) -> Arrived {
        let Some(end) = self.ends.get_mut(&number) else { return Arrived::Whole };
        if end.has_gap {
            end.discard(len);
            return Arrived::Whole;
        }
        let (from, to, has_reset) = (end.local, end.remote, end.has_reset);
        let mut bytes = end.lend_unacknowledged();
        let receiver = peer.and_then(|peer| Some((peer, self.ends.get_mut(&peer)?)));
        let (count, arrived) = match receiver {
            Some((_, receiver)) if receiver.is_open() => {
                let count = receiver.take_from(&mut bytes, len);
                if count > 0 {
                    tell(core, NetAct::Delivered, from, to, count);
                    receiver.readers.move_to(&mut self.effects.woken);
                }
                (count, if count == len { Arrived::Whole } else { Arrived::Blocked })
            }
            // Its process is gone, its kernel is not, and says so after all that it has said.
            Some((receiver, orphan)) if orphan.is_orphan => {
                bytes.drain(..len);
                self.reset(core, receiver);
                (len, Arrived::Whole)
            }
            _ => (0, Arrived::Refused),
        };
        let Some(end) = self.ends.get_mut(&number) else { return Arrived::Whole };
        end.give_unacknowledged(bytes);
        if !matches!(arrived, Arrived::Blocked) {
            return arrived;
        }
        if has_reset {
            // Nobody will send it again, and what follows it finds its place empty.
            end.has_gap = true;
            end.discard(len - count);
            return Arrived::Whole;
        }
        end.acknowledged_part(count);
        arrived
    }

    fn arrive_fin(&mut self, core: &Core, peer: Option<u64>) -> Arrived {
        if let Some(end) = peer.and_then(|peer| self.ends.get_mut(&peer))
            && end.phase != Phase::Broken
        {
            end.is_ended = true;
            end.readers.move_to(&mut self.effects.woken);
            tell(core, NetAct::Ended, end.remote, end.local, 0);
        }
        Arrived::Whole
    }

    /// A reset, or another answer that there is no connection, has come to `number`.
    fn learn_of_reset(&mut self, core: &Core, number: u64, error: Option<i32>) {
        let Some(end) = self.ends.get(&number) else { return };
        if end.phase == Phase::Broken {
            return;
        }
        tell(core, NetAct::Reset, end.remote, end.local, 0);
        self.break_end(core, number, error.unwrap_or(end.reset_error()));
    }

    /// Its kernel tells the other end that there is no connection any more.
    pub(super) fn reset(&mut self, core: &Core, number: u64) {
        let Some(end) = self.ends.get_mut(&number) else { return };
        if std::mem::replace(&mut end.has_reset, true) {
            return;
        }
        end.has_ended = true;
        end.discard_unsent();
        self.send(core, number, Kind::Rst);
        self.arm(core, number);
    }

    /// The connection is no more for this end, whatever the other one knows of it.
    pub(super) fn break_end(&mut self, core: &Core, number: u64, error: i32) {
        let Some(end) = self.ends.get_mut(&number) else { return };
        if end.is_orphan || matches!(end.phase, Phase::Granting(_)) {
            return self.forget(core, number);
        }
        end.break_off(error);
        end.timer.take().into_iter().for_each(|timer| core.cancel_wire(timer));
        end.readers.move_to(&mut self.effects.woken);
        end.writers.move_to(&mut self.effects.woken);
        let peer = end.peer;
        self.unblock(core, peer);
    }

    /// What the other end had no room for is sent again.
    pub(super) fn unblock(&mut self, core: &Core, sender: Option<u64>) {
        let Some(sender) = sender else { return };
        if !self.ends.get_mut(&sender).is_some_and(|end| std::mem::replace(&mut end.is_blocked, false)) {
            return;
        }
        if self.is_lost(core, sender) || self.is_way_back_lost(core, sender) {
            self.tell_lost(core, sender);
            self.lose_first(core, sender, core.now().as_nanos());
            return self.arm(core, sender);
        }
        let at = self.arrival(core, sender, Kind::Ack);
        if let Some(first) = self.ends.get_mut(&sender).and_then(|end| end.flight.front_mut()) {
            first.at = at;
        }
        self.arm(core, sender);
    }
}
