//! Which port of which machine is whose.

use super::socket::refused;
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
};

/// The ports of one protocol.
#[derive(Debug, Default)]
pub(super) struct Ports {
    taken: BTreeMap<(usize, u16), Vec<Taken>>,
    /// By machine: where the search for a port that nobody asked for by number goes on.
    next: BTreeMap<usize, u16>,
}

#[derive(Clone, Copy, Debug)]
struct Taken {
    ip: IpAddr,
    socket: u64,
    may_be_shared: bool,
}

/// What Linux gives to those who ask for any.
const EPHEMERAL: RangeInclusive<u16> = 32_768..=60_999;

impl Ports {
    /// Takes a port for `socket`: any that is free for 0. One that `may_be_shared` (`SO_REUSEADDR`) is free as long as
    /// all others that have it say the same.
    pub(super) fn take(
        &mut self,
        machine: usize,
        address: SocketAddr,
        socket: u64,
        may_be_shared: bool,
    ) -> io::Result<u16> {
        let ip = address.ip();
        let port = if address.port() == 0 { self.any_free(machine)? } else { address.port() };
        let taken = self.taken.entry((machine, port)).or_default();
        if taken.iter().filter(|other| overlap(other.ip, ip)).any(|other| !other.may_be_shared || !may_be_shared) {
            return refused(libc::EADDRINUSE);
        }
        taken.push(Taken { ip, socket, may_be_shared });
        Ok(port)
    }

    fn any_free(&mut self, machine: usize) -> io::Result<u16> {
        let next = self.next.entry(machine).or_insert(*EPHEMERAL.start());
        for _ in EPHEMERAL {
            let port = *next;
            *next = if port == *EPHEMERAL.end() { *EPHEMERAL.start() } else { port + 1 };
            if !self.taken.contains_key(&(machine, port)) {
                return Ok(port);
            }
        }
        refused(libc::EADDRINUSE)
    }

    /// It is for this address alone from now on.
    pub(super) fn narrow(&mut self, machine: usize, to: SocketAddr, socket: u64) {
        let taken = self.taken.get_mut(&(machine, to.port()));
        let own = taken.and_then(|taken| taken.iter_mut().find(|taken| taken.socket == socket));
        own.into_iter().for_each(|own| own.ip = to.ip());
    }

    /// Who listens shares it with nobody who comes later, and with nobody else who listens.
    pub(super) fn keep_alone(&mut self, machine: usize, port: u16, socket: u64) -> io::Result<()> {
        let taken = self.taken.entry((machine, port)).or_default();
        let Some(own) = taken.iter().position(|taken| taken.socket == socket) else { return refused(libc::EINVAL) };
        let ip = taken[own].ip;
        if taken.iter().any(|other| other.socket != socket && overlap(other.ip, ip) && !other.may_be_shared) {
            return refused(libc::EADDRINUSE);
        }
        taken[own].may_be_shared = false;
        Ok(())
    }

    pub(super) fn give_back(&mut self, machine: usize, port: u16, socket: u64) {
        if let Some(taken) = self.taken.get_mut(&(machine, port)) {
            taken.retain(|taken| taken.socket != socket);
            if taken.is_empty() {
                self.taken.remove(&(machine, port));
            }
        }
    }

    /// Whose a packet for it is: the one that named the address, before the one that takes any.
    pub(super) fn owner(&self, machine: usize, address: SocketAddr, fits: impl Fn(u64) -> bool) -> Option<u64> {
        let ip = address.ip();
        let taken = self.taken.get(&(machine, address.port()))?;
        let fitting = || taken.iter().filter(|taken| fits(taken.socket));
        let exact = fitting().find(|taken| taken.ip == ip);
        exact.or_else(|| fitting().find(|taken| covers(taken.ip, ip))).map(|taken| taken.socket)
    }
}

/// Whether something could be for both.
fn overlap(one: IpAddr, other: IpAddr) -> bool {
    one == other || covers(one, other) || covers(other, one)
}

/// Whether `any` stands for `ip` too. As on Linux, IPv6's stands for both kinds.
fn covers(any: IpAddr, ip: IpAddr) -> bool {
    any.is_unspecified() && (any.is_ipv6() || ip.is_ipv4())
}
