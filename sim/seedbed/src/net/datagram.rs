//! Datagrams: each arrives whole, or not at all; and what waits to be read.

use super::{
    address::{is_own, source_for},
    event::{NetAct, NetEvent, Protocol},
    fault::NetFault,
    link::{Way, latency, nanos},
    network::{Network, Outcome, draws, reached, way_from},
    ports::Ports,
    segment::Wire,
    socket::{Family, SocketId, refused},
    waiters::{Waiter, Waiters},
};
use crate::{
    decision::{Entity, LogNormal, Site},
    executor::{Core, NodeId},
};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::io::ReadBuf;

#[derive(Debug, Default)]
pub(super) struct Datagrams {
    ports: Ports,
    mailboxes: BTreeMap<u64, Mailbox>,
    on_the_way: BTreeMap<u64, Datagram>,
    sent: u64,
}

#[derive(Debug)]
struct Mailbox {
    machine: usize,
    process: NodeId,
    bound: SocketAddr,
    /// The only one it hears, once it is connected.
    peer: Option<SocketAddr>,
    letters: VecDeque<(SocketAddr, Box<[u8]>)>,
    /// Of all letters.
    len: usize,
    /// To be told once.
    error: Option<i32>,
    readers: Waiters,
    /// As tokio, whoever waits for it takes it for ready until a call has found nothing.
    seems_readable: bool,
    /// Whom the decisions of what it sends are about.
    entity: Entity,
    sends: u64,
    /// When the last arrives that was sent to each machine.
    arrivals: BTreeMap<usize, u64>,
}

#[derive(Debug)]
struct Datagram {
    from: SocketAddr,
    to: SocketAddr,
    way: Way,
    cargo: Cargo,
}

#[derive(Clone, Debug)]
enum Cargo {
    Letter(Box<[u8]>),
    /// Nobody was there for what this socket sent (ICMP, RFC 1122 4.1.3.3).
    Unreachable(u64),
}

/// Linux's `net.core.rmem_default`.
const MAILBOX_LEN_MAX: usize = 212_992;

const DELAY: Site = Site::new("net.datagram-delay");
/// How much later one that is overtaken comes.
const OVERTAKEN: Site = Site::new("net.reorder-by");
const OVERTAKEN_BY: LogNormal = LogNormal { median: Duration::from_millis(2), sigma_percent: 150 };

impl Datagrams {
    pub(super) fn numbers(&self, is_wanted: impl Fn(usize, NodeId) -> bool) -> Vec<u64> {
        let wanted = self.mailboxes.iter().filter(|(_, mailbox)| is_wanted(mailbox.machine, mailbox.process));
        wanted.map(|(number, _)| *number).collect()
    }

    pub(super) fn local(&self, number: u64) -> Option<SocketAddr> {
        self.mailboxes.get(&number).map(Mailbox::local)
    }

    /// Takes an address; whose it is then.
    pub(super) fn open(
        &mut self,
        number: u64,
        (machine, process): (usize, NodeId),
        address: SocketAddr,
        entity: Entity,
    ) -> io::Result<()> {
        if !is_own(address.ip(), machine) {
            return refused(libc::EADDRNOTAVAIL);
        }
        let port = self.ports.take(machine, address, number, false)?;
        let mailbox = Mailbox {
            machine,
            process,
            bound: SocketAddr::new(address.ip(), port),
            peer: None,
            letters: VecDeque::new(),
            len: 0,
            error: None,
            readers: Waiters::default(),
            seems_readable: false,
            entity,
            sends: 0,
            arrivals: BTreeMap::new(),
        };
        self.mailboxes.insert(number, mailbox);
        Ok(())
    }

    /// Whose a letter is: who is connected hears nobody else.
    fn receiver(&self, machine: usize, from: SocketAddr, to: SocketAddr) -> Option<u64> {
        let hears =
            |number| self.mailboxes.get(&number).is_some_and(|mailbox| mailbox.peer.is_none_or(|it| it == from));
        self.ports.owner(machine, to, hears)
    }
}

impl Mailbox {
    /// Where it is: once it is connected, where its peer sees it.
    fn local(&self) -> SocketAddr {
        self.peer.map_or(self.bound, |peer| self.source(peer.ip()))
    }

    /// Where what it sends to `to` comes from.
    fn source(&self, to: IpAddr) -> SocketAddr {
        let own = self.bound.ip();
        let ip = if own.is_unspecified() { source_for(to, self.machine) } else { own };
        SocketAddr::new(ip, self.bound.port())
    }

    /// The next letter, cut off at the end of the buffer, as Linux does.
    fn read(&mut self, buffer: &mut ReadBuf<'_>, keep: bool) -> Outcome<SocketAddr> {
        if let Some(error) = self.error.take() {
            return Some(refused(error));
        }
        let (from, letter) = self.letters.front()?;
        let from = *from;
        buffer.put_slice(&letter[..letter.len().min(buffer.remaining())]);
        if !keep && let Some((_, letter)) = self.letters.pop_front() {
            self.len -= letter.len();
        }
        Some(Ok(from))
    }
}

/// What processes ask.
impl Network {
    fn mailbox(&mut self, id: SocketId) -> io::Result<&mut Mailbox> {
        let number = self.number(id)?;
        self.datagrams.mailboxes.get_mut(&number).map_or_else(|| refused(libc::EBADF), Ok)
    }

    pub(super) fn open_mailbox(&mut self, core: &Core, address: SocketAddr) -> io::Result<SocketId> {
        let (process, machine) = core.whose();
        let id = self.new_id(Family::of(address));
        let address = id.family.known(address, None)?;
        self.datagrams.open(id.number, (machine.number, process), address, core.new_mailbox())?;
        let local = self.datagrams.local(id.number);
        local.into_iter().for_each(|local| tell(core, NetAct::Listened, local, local, 0));
        Ok(id)
    }

    pub(super) fn connect_mailbox(&mut self, id: SocketId, to: SocketAddr) -> io::Result<()> {
        let to = id.family.known(to, None)?;
        let mailbox = self.mailbox(id)?;
        let to = reached(to, Some(mailbox.bound))?;
        let (source, here) = (mailbox.source(to.ip()), mailbox.machine);
        way_from(source.ip(), self.hosts.at(to.ip(), here), here)?;
        let mailbox = self.mailbox(id)?;
        mailbox.peer = Some(to);
        if to.is_ipv4() {
            // As on Linux: the first peer of IPv4 binds it for good, one of IPv6 leaves it to IPv4 too.
            mailbox.bound = source;
            self.datagrams.ports.narrow(here, source, id.number);
        }
        Ok(())
    }

    pub(super) fn peer_of_mailbox(&mut self, id: SocketId) -> io::Result<SocketAddr> {
        self.mailbox(id)?.peer.map_or_else(|| refused(libc::ENOTCONN), |peer| Ok(id.family.shown(peer)))
    }

    pub(super) fn receive(
        &mut self,
        id: SocketId,
        buffer: &mut ReadBuf<'_>,
        keep: bool,
        waiter: Option<Waiter<'_>>,
    ) -> Outcome<SocketAddr> {
        let mailbox = match self.mailbox(id) {
            Ok(mailbox) => mailbox,
            Err(error) => return Some(Err(error)),
        };
        let read = mailbox.read(buffer, keep);
        mailbox.seems_readable &= read.is_some();
        let replaced = waiter.filter(|_| read.is_none()).and_then(|waiter| mailbox.readers.add(waiter));
        self.effects.dropped.extend(replaced);
        read.map(|read| read.map(|from| id.family.shown(from)))
    }

    pub(super) fn take_mailbox_error(&mut self, id: SocketId) -> io::Result<Option<io::Error>> {
        Ok(self.mailbox(id)?.error.take().map(io::Error::from_raw_os_error))
    }

    pub(super) fn mailbox_readable(&mut self, id: SocketId, waiter: Waiter<'_>) -> Outcome<()> {
        match self.mailbox(id) {
            Err(error) => Some(Err(error)),
            Ok(mailbox) if mailbox.seems_readable || !mailbox.letters.is_empty() || mailbox.error.is_some() => {
                Some(Ok(()))
            }
            Ok(mailbox) => {
                let replaced = mailbox.readers.add(waiter);
                self.effects.dropped.extend(replaced);
                None
            }
        }
    }

    /// Sends one, to whom it is connected if nobody is named. It is gone at once.
    pub(super) fn send_letter(
        &mut self,
        core: &Core,
        id: SocketId,
        to: Option<SocketAddr>,
        letter: &[u8],
    ) -> io::Result<usize> {
        let (from, to, way) = self.address_letter(id, to, letter.len())?;
        let mailbox = self.mailbox(id)?;
        let (entity, nth) = (mailbox.entity, mailbox.sends);
        mailbox.sends += 1;
        tell(core, NetAct::Sent, from, to, letter.len());
        let is_cut = way.is_none_or(|way| self.links.is_cut(core, way));
        let (Some(way), false) = (way, is_cut || self.strikes(core, NetFault::Loss, entity, nth)) else {
            tell(core, NetAct::Lost, from, to, letter.len());
            return Ok(letter.len());
        };
        let datagram = || Datagram { from, to, way, cargo: Cargo::Letter(letter.into()) };
        let at = self.letter_arrives(core, id.number, (entity, nth), way, letter.len());
        self.launch(core, datagram(), at);
        if self.strikes(core, NetFault::Duplicate, entity, nth) {
            let later = draws(core, OVERTAKEN, entity, nth).log_normal(&OVERTAKEN_BY);
            self.launch(core, datagram(), at.saturating_add(nanos(later)));
        }
        Ok(letter.len())
    }

    /// Where a letter comes from and goes to, and which way: none, if no machine is there.
    fn address_letter(
        &mut self,
        id: SocketId,
        to: Option<SocketAddr>,
        len: usize,
    ) -> io::Result<(SocketAddr, SocketAddr, Option<Way>)> {
        let to = to.map(|to| id.family.known(to, None)).transpose()?;
        let mailbox = self.mailbox(id)?;
        if let Some(error) = mailbox.error.take() {
            return refused(error);
        }
        let Some(to) = to.or(mailbox.peer) else { return refused(libc::EDESTADDRREQ) };
        if len > len_max(to) {
            return refused(libc::EMSGSIZE);
        }
        let to = reached(to, Some(mailbox.bound))?;
        let (from, here) = (mailbox.source(to.ip()), mailbox.machine);
        let there = way_from(from.ip(), self.hosts.at(to.ip(), here), here)?;
        Ok((from, to, there.map(|there| (here, there))))
    }

    /// In the order of sending, but for one that is overtaken.
    fn letter_arrives(&mut self, core: &Core, number: u64, (entity, nth): (Entity, u64), way: Way, len: usize) -> u64 {
        let delay = nanos(draws(core, DELAY, entity, nth).log_normal(&latency(way)));
        let at = self.through_at(core, way, u32::try_from(len).unwrap_or(u32::MAX)).saturating_add(delay);
        if self.strikes(core, NetFault::Reorder, entity, nth) {
            return at.saturating_add(nanos(draws(core, OVERTAKEN, entity, nth).log_normal(&OVERTAKEN_BY)));
        }
        let Some(mailbox) = self.datagrams.mailboxes.get_mut(&number) else { return at };
        let last = mailbox.arrivals.entry(way.1).or_default();
        *last = at.max(*last);
        *last
    }

    fn launch(&mut self, core: &Core, datagram: Datagram, at: u64) {
        self.datagrams.sent += 1;
        let number = self.datagrams.sent;
        self.datagrams.on_the_way.insert(number, datagram);
        core.set_wire(at, Wire::Datagram(number));
    }

    /// One has arrived.
    pub(crate) fn letter_is_due(&mut self, core: &Core, number: u64) {
        let Some(Datagram { from, to, way, cargo }) = self.datagrams.on_the_way.remove(&number) else { return };
        let letter = match cargo {
            Cargo::Letter(letter) => letter,
            Cargo::Unreachable(sender) => return self.learn_of_nobody(sender, from),
        };
        let receiver = self.datagrams.receiver(way.1, from, to);
        let mailbox = receiver.and_then(|receiver| self.datagrams.mailboxes.get_mut(&receiver));
        match mailbox {
            Some(mailbox) if mailbox.len + letter.len() <= MAILBOX_LEN_MAX => {
                tell(core, NetAct::Delivered, from, to, letter.len());
                mailbox.len += letter.len();
                mailbox.letters.push_back((from, letter));
                mailbox.seems_readable = true;
                mailbox.readers.move_to(&mut self.effects.woken);
            }
            Some(_) => tell(core, NetAct::Lost, from, to, letter.len()),
            None => {
                tell(core, NetAct::Lost, from, to, letter.len());
                self.send_back(core, way, from, to);
            }
        }
    }

    /// Who is connected to an address where nobody is is told so, if its machine is up and the way back is.
    fn send_back(&mut self, core: &Core, (here, there): Way, from: SocketAddr, to: SocketAddr) {
        let sender = self.datagrams.receiver(here, to, from);
        let Some(sender) = sender
            .filter(|sender| self.datagrams.mailboxes.get(sender).is_some_and(|mailbox| mailbox.peer == Some(to)))
        else {
            return;
        };
        if self.hosts.is_down(there) || self.links.is_cut(core, (there, here)) {
            return;
        }
        let at = core.now().as_nanos().saturating_add(nanos(latency((there, here)).median));
        self.launch(core, Datagram { from: to, to: from, way: (there, here), cargo: Cargo::Unreachable(sender) }, at);
    }

    fn learn_of_nobody(&mut self, sender: u64, at: SocketAddr) {
        if let Some(mailbox) = self.datagrams.mailboxes.get_mut(&sender)
            && mailbox.peer == Some(at)
        {
            mailbox.error = Some(libc::ECONNREFUSED);
            mailbox.seems_readable = true;
            mailbox.readers.move_to(&mut self.effects.woken);
        }
    }

    /// The kernel knows nothing of it any more.
    pub(super) fn forget_mailbox(&mut self, core: &Core, number: u64) {
        let Some(mut mailbox) = self.datagrams.mailboxes.remove(&number) else { return };
        tell(core, NetAct::Closed, mailbox.local(), mailbox.local(), 0);
        self.datagrams.ports.give_back(mailbox.machine, mailbox.bound.port(), number);
        mailbox.readers.move_to(&mut self.effects.dropped);
    }
}

/// What a packet has room for: IPv4 counts its header too.
fn len_max(to: SocketAddr) -> usize {
    if to.is_ipv4() { 65_507 } else { 65_527 }
}

fn tell(core: &Core, act: NetAct, from: SocketAddr, to: SocketAddr, bytes: usize) {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    core.recorder.borrow_mut().net(NetEvent { protocol: Protocol::Udp, act, from, to, bytes });
}
