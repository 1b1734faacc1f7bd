//! All sockets of a world, and what processes ask of them.

use super::{
    address::{Hosts, ip_of, ipv6_of, is_near, is_own, loopback_like, source_for},
    datagram::Datagrams,
    endpoint::{Endpoint, Phase, is_in_vain_now},
    event::{NetAct, NetEvent, Protocol},
    fault::NetFault,
    link::{Links, Way, latency, nanos},
    listening::Listening,
    ports::Ports,
    readiness::{Interest, Ready},
    segment::Kind,
    socket::{Family, Options, SocketId, refused},
    waiters::Waiter,
};
use crate::{
    decision::{Distribution, Draws, Entity, Site, below, hash_str, mix},
    disk::MachineId,
    executor::{Core, NodeId},
    world::FaultFamily,
};
use std::{
    collections::BTreeMap,
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    task::Waker,
    time::Duration,
};
use tokio::io::ReadBuf;

pub(super) use super::endpoint::Outcome;

#[derive(Debug, Default)]
pub(crate) struct Network {
    world: u32,
    pub(super) hosts: Hosts,
    pub(super) links: Links,
    faults: BTreeMap<NetFault, FaultFamily>,
    opened: u64,
    ports: Ports,
    fresh: BTreeMap<u64, Fresh>,
    pub(super) listening: BTreeMap<u64, Listening>,
    pub(super) ends: BTreeMap<u64, Endpoint>,
    pub(super) datagrams: Datagrams,
    pub(super) effects: Effects,
}

/// Neither listens nor connects yet.
#[derive(Debug)]
struct Fresh {
    machine: usize,
    process: NodeId,
    options: Options,
    local: Option<SocketAddr>,
}

/// What is to be done once nothing of the network is borrowed: a waker may run anything.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) woken: Vec<Waker>,
    pub(crate) dropped: Vec<Waker>,
}

/// Where nobody answers for an address (ARP, RFC 1122 2.3.2.1), Linux says so after three attempts.
const NOBODY_ANSWERS: u64 = 3_000_000_000;
/// What one segment carries at most: what Linux hands to a network card in one piece.
const SEGMENT_MAX: usize = 64 << 10;
/// Linux's `net.core.somaxconn`.
const BACKLOG_MAX: usize = 4_096;

impl Network {
    pub(crate) fn of_world(world: u32) -> Self {
        Self { world, ..Self::default() }
    }

    pub(crate) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// The vectors again, empty, so that the next ones are not allocated.
    pub(crate) fn give_effects(&mut self, effects: Effects) {
        if self.effects.woken.capacity() == 0 {
            self.effects = effects;
        }
    }

    // Machines.

    /// Its number.
    ///
    /// # Panics
    /// If it is a machine of another world.
    fn host(&self, machine: MachineId) -> usize {
        assert!(machine.is_of(self.world), "a machine was used in another world than its own");
        machine.number
    }

    /// # Panics
    /// If another machine has that name.
    pub(crate) fn add_host(&mut self, machine: MachineId, name: Option<String>) {
        self.hosts.add(self.host(machine), name);
    }

    pub(crate) fn ip_of(machine: MachineId) -> Ipv4Addr {
        ip_of(machine.number)
    }

    pub(crate) fn ipv6_of(machine: MachineId) -> Ipv6Addr {
        ipv6_of(machine.number)
    }

    pub(crate) fn resolve(&self, name: &str) -> Option<Ipv4Addr> {
        self.hosts.resolve(name)
    }

    /// The machine that was given this name.
    pub(crate) fn machine_named(&self, name: &str) -> Option<MachineId> {
        self.hosts.named(name).map(|number| MachineId::of(self.world, number))
    }

    /// All machines with their names, in the order of making.
    pub(crate) fn machines(&self) -> Vec<(MachineId, String)> {
        self.hosts.names().map(|(number, name)| (MachineId::of(self.world, number), name)).collect()
    }

    pub(crate) fn may_fail(&mut self, fault: NetFault, family: FaultFamily) {
        self.faults.insert(fault, family);
    }

    pub(crate) fn may_partition(&mut self, core: &Core, between: [MachineId; 2], family: FaultFamily) {
        let pair = (self.host(between[0]), self.host(between[1]));
        self.links.may_partition(core, pair, family);
    }

    pub(crate) fn cut(&mut self, from: MachineId, to: MachineId) {
        self.links.cut((self.host(from), self.host(to)));
    }

    pub(crate) fn mend(&mut self, from: MachineId, to: MachineId) {
        self.links.mend((self.host(from), self.host(to)));
    }

    /// How many sockets its processes have open now.
    pub(crate) fn open_sockets(&self, machine: MachineId) -> usize {
        let number = self.host(machine);
        self.fresh.values().filter(|fresh| fresh.machine == number).count()
            + self.listening.values().filter(|listening| listening.machine == number).count()
            + self.datagrams.numbers(|machine, _| machine == number).len()
            + self.ends.values().filter(|end| end.machine == number && end.is_held()).count()
    }

    /// How many its kernel keeps, those included that no process has.
    pub(crate) fn kept_sockets(&self, machine: MachineId) -> usize {
        let number = self.host(machine);
        let unheld = self.ends.values().filter(|end| end.machine == number && !end.is_held()).count();
        self.open_sockets(machine) + unheld
    }

    /// A process is no more: its kernel closes what it had open.
    pub(crate) fn close_all_of(&mut self, core: &Core, process: NodeId) {
        let of = |(number, owner): (&u64, NodeId)| (owner == process).then_some(*number);
        let mut doomed: Vec<u64> = Vec::new();
        // Those who listen first: what they have not accepted is reset with them.
        doomed.extend(self.listening.iter().filter_map(|(number, listening)| of((number, listening.process))));
        doomed.extend(self.fresh.iter().filter_map(|(number, fresh)| of((number, fresh.process))));
        doomed.extend(self.datagrams.numbers(|_, owner| owner == process));
        doomed.extend(self.ends.iter().filter(|(_, end)| end.is_held()).filter_map(|(n, end)| of((n, end.process))));
        doomed.into_iter().for_each(|number| self.close_number(core, number));
    }

    /// The power fails: nobody is told of anything.
    pub(crate) fn power_off(&mut self, core: &Core, machine: MachineId) {
        let number = machine.number;
        self.hosts.set_down(number, true);
        let on = |(socket, of): (&u64, usize)| (of == number).then_some(*socket);
        let mut doomed: Vec<u64> = Vec::new();
        doomed.extend(self.fresh.iter().filter_map(|(socket, fresh)| on((socket, fresh.machine))));
        doomed.extend(self.datagrams.numbers(|machine, _| machine == number));
        doomed.extend(self.listening.iter().filter_map(|(socket, listening)| on((socket, listening.machine))));
        doomed.extend(self.ends.iter().filter_map(|(socket, end)| on((socket, end.machine))));
        doomed.into_iter().for_each(|socket| self.forget(core, socket));
    }

    pub(crate) fn power_on(&mut self, machine: MachineId) {
        self.hosts.set_down(machine.number, false);
    }

    // Sockets.

    pub(super) fn describe(&self, waits_for: &'static str, id: SocketId) -> String {
        let of = match (self.ends.get(&id.number), self.listening.get(&id.number)) {
            (Some(end), _) => Some(end.remote),
            (_, Some(listening)) => Some(listening.local),
            (None, None) => self.datagrams.local(id.number),
        };
        of.map_or_else(|| waits_for.to_owned(), |of| format!("{waits_for} {of}"))
    }

    /// # Errors
    /// `EBADF`: it is another world's.
    pub(super) fn number(&self, id: SocketId) -> io::Result<u64> {
        if id.world == self.world { Ok(id.number) } else { refused(libc::EBADF) }
    }

    fn end(&mut self, id: SocketId) -> io::Result<&mut Endpoint> {
        let number = self.number(id)?;
        self.ends.get_mut(&number).map_or_else(|| refused(libc::EBADF), Ok)
    }

    fn new_number(&mut self) -> u64 {
        self.opened += 1;
        self.opened
    }

    pub(super) fn new_id(&mut self, family: Family) -> SocketId {
        SocketId { world: self.world, number: self.new_number(), family }
    }

    /// A socket of the running task's process.
    pub(super) fn open(&mut self, core: &Core, family: Family) -> SocketId {
        let (process, machine) = core.whose();
        let id = self.new_id(family);
        self.fresh.insert(id.number, Fresh { machine: machine.number, process, options: Options::BASE, local: None });
        id
    }

    /// Its options, whatever it does by now.
    pub(super) fn options(&mut self, id: SocketId) -> io::Result<&mut Options> {
        let number = self.number(id)?;
        let fresh = self.fresh.get_mut(&number).map(|fresh| &mut fresh.options);
        let options = fresh.or_else(|| self.ends.get_mut(&number).map(|end| &mut end.options));
        options.map_or_else(|| refused(libc::EBADF), Ok)
    }

    pub(super) fn bind(&mut self, id: SocketId, address: SocketAddr) -> io::Result<()> {
        let number = self.number(id)?;
        let address = id.family.known(address, Some(libc::EINVAL))?;
        let Some(fresh) = self.fresh.get_mut(&number) else { return refused(libc::EINVAL) };
        if fresh.local.is_some() {
            return refused(libc::EINVAL);
        }
        if !is_own(address.ip(), fresh.machine) {
            return refused(libc::EADDRNOTAVAIL);
        }
        let port = self.ports.take(fresh.machine, address, number, fresh.options.reuse_address)?;
        fresh.local = Some(SocketAddr::new(address.ip(), port));
        Ok(())
    }

    pub(super) fn listen(&mut self, core: &Core, id: SocketId, backlog: u32) -> io::Result<()> {
        let number = self.number(id)?;
        if self.fresh.get(&number).is_some_and(|fresh| fresh.local.is_none()) {
            self.bind(id, id.family.unspecified())?;
        }
        let Some(Fresh { machine, process, local: Some(local), .. }) = self.fresh.get(&number) else {
            return refused(libc::EBADF);
        };
        let (machine, process, local) = (*machine, *process, *local);
        self.ports.keep_alone(machine, local.port(), number)?;
        self.fresh.remove(&number);
        let backlog = usize::try_from(backlog).unwrap_or(BACKLOG_MAX).min(BACKLOG_MAX);
        self.listening.insert(number, Listening::new((machine, process), local, backlog));
        tell(core, NetAct::Listened, local, local, 0);
        Ok(())
    }

    /// Asks for a connection. Whether it comes, [`connected`](Self::connected) says.
    pub(super) fn connect(&mut self, core: &Core, id: SocketId, to: SocketAddr) -> io::Result<()> {
        let number = self.number(id)?;
        let to = id.family.known(to, Some(libc::EINVAL))?;
        let Some(fresh) = self.fresh.get(&number) else { return refused(libc::EISCONN) };
        let to = reached(to, fresh.local)?;
        let machine = fresh.machine;
        let bound = fresh.local.map(|local| local.ip()).filter(|ip| !ip.is_unspecified());
        let source = bound.unwrap_or_else(|| source_for(to.ip(), machine));
        let there = way_from(source, self.hosts.at(to.ip(), machine), machine)?;
        let local = match fresh.local {
            Some(local) => SocketAddr::new(source, local.port()),
            None => {
                let port = self.ports.take(machine, SocketAddr::new(source, 0), number, false);
                SocketAddr::new(source, port.or_else(|_| refused(libc::EADDRNOTAVAIL))?)
            }
        };
        let Some(fresh) = self.fresh.remove(&number) else { return refused(libc::EBADF) };
        let connection = core.new_connection();
        let ends = (local, to, there.unwrap_or(machine));
        let whose = (machine, fresh.process);
        let mut end = Endpoint::new(whose, ends, Phase::Asking, fresh.options, (connection, THERE));
        end.has_port = true;
        if there.is_none() {
            end.refusal = Some((core.now().as_nanos().saturating_add(NOBODY_ANSWERS), Some(libc::EHOSTUNREACH)));
        }
        self.ends.insert(number, end);
        tell(core, NetAct::Asked, local, to, 0);
        if there.is_none() {
            self.arm(core, number);
        } else if self.strikes(core, NetFault::Refuse, way_of(connection, THERE), 0) {
            self.refuse(core, number, None);
        } else {
            self.send(core, number, Kind::Syn);
        }
        Ok(())
    }

    pub(super) fn connected(&mut self, id: SocketId, waiter: Waiter<'_>) -> Outcome<()> {
        let end = match self.end(id) {
            Ok(end) => end,
            Err(error) => return Some(Err(error)),
        };
        let outcome = end.connected();
        if outcome.is_none() {
            let replaced = end.writers.add(waiter);
            self.effects.dropped.extend(replaced);
        }
        outcome
    }

    pub(super) fn accept(&mut self, core: &Core, id: SocketId, waiter: Waiter<'_>) -> Outcome<(SocketId, SocketAddr)> {
        let listening = self.number(id).map(|number| self.listening.get_mut(&number));
        let Ok(Some(listening)) = listening else { return Some(refused(libc::EBADF)) };
        let Some(number) = listening.queue.pop_front() else {
            self.effects.dropped.extend(listening.waiters.add(waiter));
            return None;
        };
        let Some(end) = self.ends.get_mut(&number) else { return Some(refused(libc::ECONNABORTED)) };
        end.process = core.whose().0;
        end.is_queued = false;
        end.seems_readable = true;
        tell(core, NetAct::Accepted, end.local, end.remote, 0);
        Some(Ok((SocketId { number, ..id }, id.family.shown(end.remote))))
    }

    /// Where it is.
    pub(super) fn local_address(&self, id: SocketId) -> io::Result<SocketAddr> {
        let number = self.number(id)?;
        let listening = || self.listening.get(&number).map(|listening| listening.local);
        let fresh = || self.fresh.get(&number).map(|fresh| fresh.local.unwrap_or(id.family.unspecified()));
        let datagrams = || self.datagrams.local(number);
        let local = self.ends.get(&number).map(|end| end.local).or_else(listening).or_else(fresh).or_else(datagrams);
        local.map_or_else(|| refused(libc::EBADF), |local| Ok(id.family.shown(local)))
    }

    pub(super) fn remote_address(&mut self, id: SocketId) -> io::Result<SocketAddr> {
        let end = self.end(id)?;
        if end.phase == Phase::Broken { refused(libc::ENOTCONN) } else { Ok(id.family.shown(end.remote)) }
    }

    pub(super) fn take_error(&mut self, id: SocketId) -> io::Result<Option<io::Error>> {
        Ok(self.end(id)?.take_error())
    }

    /// `keep`: what is read stays to be read again.
    pub(super) fn read(
        &mut self,
        core: &Core,
        id: SocketId,
        buffer: &mut ReadBuf<'_>,
        keep: bool,
        waiter: Option<Waiter<'_>>,
    ) -> Outcome<usize> {
        let end = match self.end(id) {
            Ok(end) => end,
            Err(error) => return Some(Err(error)),
        };
        let room = buffer.remaining();
        let outcome = if keep { end.peek(buffer) } else { end.read(buffer) };
        end.seems_readable &= !is_in_vain_now(&outcome, room, waiter.filter(|_| !keep));
        match (&outcome, waiter) {
            (Some(Ok(1..)), _) if !keep && end.has_room_again() => {
                let peer = end.peer;
                self.unblock(core, peer);
            }
            (None, Some(waiter)) => {
                let replaced = end.readers.add(waiter);
                self.effects.dropped.extend(replaced);
            }
            _ => {}
        }
        outcome
    }

    pub(super) fn readable(&mut self, id: SocketId, waiter: Waiter<'_>) -> Outcome<()> {
        match self.end(id) {
            Err(error) => Some(Err(error)),
            Ok(end) if end.is_readable() => Some(Ok(())),
            Ok(end) => {
                let replaced = end.readers.add(waiter);
                self.effects.dropped.extend(replaced);
                None
            }
        }
    }

    pub(super) fn writable(&mut self, id: SocketId, waiter: Waiter<'_>) -> Outcome<()> {
        match self.end(id) {
            Err(error) => Some(Err(error)),
            Ok(end) if end.is_writable() => Some(Ok(())),
            Ok(end) => {
                let replaced = end.writers.add(waiter);
                self.effects.dropped.extend(replaced);
                None
            }
        }
    }

    /// What of `interest` can be done.
    pub(super) fn ready(&mut self, id: SocketId, interest: Interest, waiter: Waiter<'_>) -> Outcome<Ready> {
        let mut ready = Ready::EMPTY;
        if interest.is_readable() {
            match self.readable(id, waiter) {
                Some(Ok(())) => ready |= Ready::READABLE,
                Some(Err(error)) => return Some(Err(error)),
                None => {}
            }
        }
        if interest.is_writable() {
            match self.writable(id, waiter) {
                Some(Ok(())) => ready |= Ready::WRITABLE,
                Some(Err(error)) => return Some(Err(error)),
                None => {}
            }
        }
        (!ready.is_empty()).then_some(Ok(ready))
    }

    pub(super) fn write(
        &mut self,
        core: &Core,
        id: SocketId,
        slices: &[IoSlice<'_>],
        waiter: Option<Waiter<'_>>,
    ) -> Outcome<usize> {
        let len = slices.iter().map(|slice| slice.len()).sum();
        let end = match self.end(id) {
            Ok(end) => end,
            Err(error) => return Some(Err(error)),
        };
        let room = end.may_send(len);
        end.seems_writable &= !is_in_vain_now(&room, len, waiter);
        match room {
            None => {
                let replaced = waiter.and_then(|waiter| end.writers.add(waiter));
                self.effects.dropped.extend(replaced);
                None
            }
            Some(Ok(count @ 1..)) => Some(self.write_now(core, id.number, slices, count)),
            Some(done) => Some(done),
        }
    }

    /// Sends the first `count` bytes, for which there is room.
    fn write_now(&mut self, core: &Core, number: u64, slices: &[IoSlice<'_>], count: usize) -> io::Result<usize> {
        let Some(end) = self.ends.get_mut(&number) else { return refused(libc::EBADF) };
        let (entity, nth, peer) = (end.entity, end.writes, end.peer);
        end.writes += 1;
        if self.strikes(core, NetFault::Reset, entity, nth) {
            peer.into_iter().for_each(|peer| self.refuse(core, peer, None));
            self.break_end(core, number, libc::ECONNRESET);
            let end = self.ends.get_mut(&number);
            return end.and_then(Endpoint::take_error).map_or_else(|| refused(libc::EPIPE), Err);
        }
        let is_void = self.strikes(core, NetFault::HalfOpen, entity, nth);
        let Some(end) = self.ends.get_mut(&number) else { return refused(libc::EBADF) };
        end.is_void |= is_void;
        end.put(slices, count);
        tell(core, NetAct::Sent, end.local, end.remote, count);
        let cut = usize::try_from(draws(core, SPLIT, entity, nth).next(&Split { len: count as u64 })).unwrap_or(0);
        for mut part in [cut, count - cut] {
            while part > 0 {
                let len = part.min(SEGMENT_MAX);
                self.send(core, number, Kind::Data(len));
                part -= len;
            }
        }
        Ok(count)
    }

    /// Nothing more is sent. Of a connection that is no more, nothing changes.
    pub(super) fn shut_down(&mut self, core: &Core, id: SocketId) -> io::Result<()> {
        let number = self.number(id)?;
        let Some(end) = self.ends.get_mut(&number) else { return refused(libc::EBADF) };
        if end.phase == Phase::Open && !end.has_ended {
            end.has_ended = true;
            end.writers.move_to(&mut self.effects.woken);
            self.send(core, number, Kind::Fin);
        }
        Ok(())
    }

    /// Its process has done with it.
    pub(super) fn close(&mut self, core: &Core, id: SocketId) {
        if let Ok(number) = self.number(id) {
            self.close_number(core, number);
        }
    }

    fn close_number(&mut self, core: &Core, number: u64) {
        let Some(end) = self.ends.get_mut(&number) else { return self.forget(core, number) };
        if end.is_orphan {
            return;
        }
        tell(core, NetAct::Closed, end.local, end.local, 0);
        end.is_orphan = true;
        let resets = end.has_unread() || end.options.linger == Some(Duration::ZERO);
        match end.phase {
            Phase::Asking | Phase::Broken => self.forget(core, number),
            Phase::Granting(_) | Phase::Open if resets => self.reset(core, number),
            Phase::Granting(_) | Phase::Open if !end.has_ended => {
                end.has_ended = true;
                self.send(core, number, Kind::Fin);
            }
            Phase::Granting(_) | Phase::Open if end.is_done() => self.forget(core, number),
            Phase::Granting(_) | Phase::Open => {}
        }
    }

    /// The kernel knows nothing of it any more, and sends nothing.
    pub(super) fn forget(&mut self, core: &Core, number: u64) {
        self.forget_mailbox(core, number);
        if let Some(fresh) = self.fresh.remove(&number)
            && let Some(local) = fresh.local
        {
            self.ports.give_back(fresh.machine, local.port(), number);
        }
        if let Some(mut listening) = self.listening.remove(&number) {
            tell(core, NetAct::Closed, listening.local, listening.local, 0);
            self.ports.give_back(listening.machine, listening.local.port(), number);
            listening.waiters.move_to(&mut self.effects.dropped);
            // What nobody will accept is reset. What is still arriving finds nobody.
            for queued in listening.queue {
                if let Some(end) = self.ends.get_mut(&queued) {
                    (end.is_orphan, end.is_queued) = (true, false);
                    if end.phase == Phase::Broken { self.forget(core, queued) } else { self.reset(core, queued) }
                }
            }
        }
        let Some(mut end) = self.ends.remove(&number) else { return };
        end.timer.take().into_iter().for_each(|timer| core.cancel_wire(timer));
        end.readers.move_to(&mut self.effects.dropped);
        end.writers.move_to(&mut self.effects.dropped);
        if end.has_port {
            self.ports.give_back(end.machine, end.local.port(), number);
        }
        if let Phase::Granting(listening) = end.phase
            && let Some(listening) = self.listening.get_mut(&listening)
        {
            listening.arriving.remove(&number);
        }
        self.unblock(core, end.peer);
    }

    /// Who listens for what is sent to that address of the machine.
    pub(super) fn listener(&self, machine: usize, to: SocketAddr) -> Option<u64> {
        self.ports.owner(machine, to, |socket| self.listening.contains_key(&socket))
    }

    /// The other end of a connection, which `asking` has asked `listening` for.
    pub(super) fn grant(&mut self, asking: u64, listening: u64) -> Option<u64> {
        let number = self.new_number();
        let listener = self.listening.get_mut(&listening)?;
        let end = self.ends.get_mut(&asking)?;
        let ends = (end.remote, end.local, end.machine);
        let whose = (listener.machine, listener.process);
        let mut granting =
            Endpoint::new(whose, ends, Phase::Granting(listening), Options::BASE, (end.connection, BACK));
        granting.peer = Some(asking);
        granting.is_queued = true;
        end.peer = Some(number);
        listener.arriving.insert(number);
        self.ends.insert(number, granting);
        Some(number)
    }

    // Decisions.

    /// Whether this fault strikes.
    pub(super) fn strikes(&self, core: &Core, fault: NetFault, entity: Entity, nth: u64) -> bool {
        let family = self.faults.get(&fault).filter(|family| family.is_on());
        family.is_some_and(|family| {
            family.strikes(&mut draws(core, fault.site(), entity, nth), fault.odds(), fault.variant())
        })
    }

    /// When so many bytes arrive that `number` sends now.
    pub(super) fn arrival(&mut self, core: &Core, number: u64, kind: Kind) -> u64 {
        let Some(end) = self.ends.get_mut(&number) else { return 0 };
        let (nth, way) = (end.delays, (end.machine, end.remote_machine));
        end.delays += 1;
        let site = if matches!(kind, Kind::Syn | Kind::SynAck) { CONNECT } else { DELAY };
        let delay = draws(core, site, end.entity, nth).log_normal(&latency(way));
        self.through_at(core, way, kind.bytes()).saturating_add(nanos(delay))
    }

    /// When so many bytes that are sent now are through, before the latency.
    pub(super) fn through_at(&mut self, core: &Core, way: Way, bytes: u32) -> u64 {
        let slow = self.faults.get(&NetFault::Slow).filter(|family| family.is_on()).copied();
        self.links.through_at(core, way, bytes, slow)
    }

    /// Whether what `number` sends now is lost on the way.
    pub(super) fn is_lost(&mut self, core: &Core, number: u64) -> bool {
        let Some(end) = self.ends.get(&number) else { return false };
        let way = (end.machine, end.remote_machine);
        end.is_void && !core.is_healing() || self.links.is_cut(core, way)
    }
}

/// The two ways of a connection, whose decisions are each one's own.
pub(crate) const THERE: &str = "there";
pub(crate) const BACK: &str = "back";

/// How long a connection takes to be there, each way.
const CONNECT: Site = Site::new("net.connect");
const DELAY: Site = Site::new("net.delay");
/// After how many bytes what is written is cut in two, which arrive one after the other; 0: it is not.
const SPLIT: Site = Site::new("net.split");

struct Split {
    len: u64,
}

impl Distribution for Split {
    fn default_value(&self) -> u64 {
        0
    }

    fn sample(&self, bits: u64) -> u64 {
        const ONE_IN: u64 = 8;
        if below(bits, ONE_IN) == 0 { below(mix(bits, 1), self.len) } else { 0 }
    }

    fn admits(&self, value: u64) -> bool {
        value < self.len
    }
}

/// Where what is sent to `address` goes, by a socket that is bound to `local`.
///
/// # Errors
/// `ENETUNREACH` or `EAFNOSUPPORT`: it finds no way, or it is bound to an address of the other kind.
pub(super) fn reached(address: SocketAddr, local: Option<SocketAddr>) -> io::Result<SocketAddr> {
    let local = local.map(|local| local.ip()).filter(|local| *local != Ipv6Addr::UNSPECIFIED);
    let ip = address.ip();
    let ip = if ip.is_unspecified() { loopback_like(local.unwrap_or(ip)) } else { ip };
    match local {
        Some(IpAddr::V4(_)) if ip.is_ipv6() => refused(libc::EAFNOSUPPORT),
        Some(IpAddr::V6(_)) if ip.is_ipv4() => refused(libc::ENETUNREACH),
        _ if !is_near(ip) => refused(libc::ENETUNREACH),
        _ => Ok(SocketAddr::new(ip, address.port())),
    }
}

/// The machine that packets for `to` go to from a process of `own`, if there is one: what comes from the loopback leaves
/// no machine.
///
/// # Errors
/// `EINVAL`: from IPv4's it is refused.
pub(super) fn way_from(source: IpAddr, there: Option<usize>, own: usize) -> io::Result<Option<usize>> {
    match source {
        _ if !source.is_loopback() || there == Some(own) => Ok(there),
        IpAddr::V4(_) => refused(libc::EINVAL),
        IpAddr::V6(_) => Ok(None),
    }
}

/// One way of a connection.
pub(super) fn way_of(connection: Entity, way: &str) -> Entity {
    connection.child(hash_str(way), 0)
}

pub(super) fn draws(core: &Core, site: Site, entity: Entity, nth: u64) -> Draws {
    Draws::new(site, entity, core.subkey(&site, entity)).from(nth)
}

/// Tells the history.
pub(super) fn tell(core: &Core, act: NetAct, from: SocketAddr, to: SocketAddr, bytes: usize) {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    core.recorder.borrow_mut().net(NetEvent { protocol: Protocol::Tcp, act, from, to, bytes });
}
