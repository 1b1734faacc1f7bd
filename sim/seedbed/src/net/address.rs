//! Whose address is which: one of each kind per machine, by its number, and the names that lead there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Of the scenario's own machine, which has the number 0.
const OWN: Ipv4Addr = Ipv4Addr::new(10, 255, 0, 1);
const FIRST: u32 = Ipv4Addr::new(10, 0, 0, 0).to_bits();
const MACHINES_MAX: usize = 0xff_0000;
/// A machine's address of IPv6 is that of IPv4 behind this (unique local addresses, RFC 4193).
const V6_PREFIX: u128 = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0).to_bits();

/// Machines by number: their names, and whether the power is off.
#[derive(Debug, Default)]
pub(super) struct Hosts(Vec<Host>);

#[derive(Debug, Default)]
struct Host {
    name: Option<String>,
    is_down: bool,
}

impl Hosts {
    fn host(&mut self, machine: usize) -> &mut Host {
        if self.0.len() <= machine {
            self.0.resize_with(machine + 1, Host::default);
        }
        &mut self.0[machine]
    }

    /// # Panics
    /// If another machine has that name, or it cannot be told from an address or a name that is always there.
    pub(super) fn add(&mut self, machine: usize, name: Option<String>) {
        if let Some(name) = &name {
            let is_taken = name == "localhost" || name.parse::<Ipv4Addr>().is_ok() || number_in(name).is_some();
            let is_odd = name.is_empty() || name.contains([':', '/', '#', ' ']);
            assert!(!is_taken && !is_odd, "a machine cannot be named `{name}`");
            assert!(self.resolve(name).is_none(), "two machines cannot both be named `{name}`");
        }
        self.host(machine).name = name;
    }

    /// The number of the machine that was given this name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|host| host.name.as_deref() == Some(name))
    }

    /// All names that machines were given or have anyhow, in the order of making.
    pub(super) fn names(&self) -> impl Iterator<Item = (usize, String)> + '_ {
        let name =
            |(number, host): (usize, &Host)| (number, host.name.clone().unwrap_or_else(|| format!("machine-{number}")));
        self.0.iter().enumerate().map(name)
    }

    pub(super) fn set_down(&mut self, machine: usize, is_down: bool) {
        self.host(machine).is_down = is_down;
    }

    pub(super) fn is_down(&self, machine: usize) -> bool {
        self.0.get(machine).is_some_and(|host| host.is_down)
    }

    /// What a name stands for: a literal address, a machine's given name, or `machine-n`.
    pub(super) fn resolve(&self, name: &str) -> Option<Ipv4Addr> {
        if name == "localhost" {
            return Some(Ipv4Addr::LOCALHOST);
        }
        if let Ok(literal) = name.parse() {
            return Some(literal);
        }
        let numbered = || number_in(name).filter(|number| *number == 0 || *number < self.0.len());
        self.named(name).or_else(numbered).map(ip_of)
    }

    /// The machine that a packet for `ip` goes to, as seen from `own`.
    pub(super) fn at(&self, ip: IpAddr, own: usize) -> Option<usize> {
        if is_own(ip, own) {
            return Some(own);
        }
        let ip = in_v4(ip)?;
        if ip == OWN {
            return Some(0);
        }
        let number = usize::try_from(ip.to_bits().checked_sub(FIRST)?).ok()?;
        (number > 0 && number < self.0.len()).then_some(number)
    }
}

/// The number in a name that every machine has.
fn number_in(name: &str) -> Option<usize> {
    name.strip_prefix("machine-")?.parse().ok()
}

pub(super) fn ip_of(machine: usize) -> Ipv4Addr {
    match u32::try_from(machine) {
        Ok(0) => OWN,
        Ok(number) if machine < MACHINES_MAX => Ipv4Addr::from_bits(FIRST + number),
        _ => panic!("a world has fewer than {MACHINES_MAX} machines"),
    }
}

pub(super) fn ipv6_of(machine: usize) -> Ipv6Addr {
    Ipv6Addr::from_bits(V6_PREFIX | u128::from(ip_of(machine).to_bits()))
}

/// Whether a process of the machine can take it.
pub(super) fn is_own(ip: IpAddr, machine: usize) -> bool {
    ip.is_loopback() || ip.is_unspecified() || in_v4(ip) == Some(ip_of(machine))
}

/// Whether packets for it find a way at all: the world's machines, and one's own, are all there is.
pub(super) fn is_near(ip: IpAddr) -> bool {
    ip.is_loopback() || in_v4(ip).is_some_and(|ip| ip.octets()[0] == FIRST.to_be_bytes()[0])
}

/// Where what the machine sends to `to` comes from.
pub(super) fn source_for(to: IpAddr, machine: usize) -> IpAddr {
    match to {
        _ if to.is_loopback() => loopback_like(to),
        IpAddr::V4(_) => ip_of(machine).into(),
        IpAddr::V6(_) => ipv6_of(machine).into(),
    }
}

/// Where what is sent to no address goes, as on Linux.
pub(super) fn loopback_like(ip: IpAddr) -> IpAddr {
    if ip.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() }
}

/// That of the same machine, of one of its own addresses.
fn in_v4(ip: IpAddr) -> Option<Ipv4Addr> {
    match ip {
        IpAddr::V4(ip) => Some(ip),
        IpAddr::V6(ip) => u32::try_from(ip.to_bits() ^ V6_PREFIX).ok().map(Ipv4Addr::from_bits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_found_by_its_names_and_its_address() {
        let mut hosts = Hosts::default();
        hosts.add(1, None);
        hosts.add(2, Some("store".to_owned()));
        assert_eq!(ip_of(2), Ipv4Addr::new(10, 0, 0, 2));
        for name in ["store", "machine-2", "10.0.0.2"] {
            assert_eq!(hosts.resolve(name), Some(ip_of(2)), "{name}");
        }
        assert_eq!(hosts.resolve("machine-0"), Some(ip_of(0)));
        assert_eq!(hosts.resolve("elsewhere"), None);
        assert_eq!(hosts.resolve("machine-3"), None);
        let at = |ip: &str| hosts.at(ip.parse().expect("an address"), 1);
        assert_eq!((at("10.0.0.2"), at("fd00::a00:2")), (Some(2), Some(2)));
        assert_eq!((at("10.255.0.1"), at("fd00::aff:1")), (Some(0), Some(0)));
        assert_eq!((at("127.0.0.1"), at("::1"), at("::")), (Some(1), Some(1), Some(1)));
        assert_eq!((at("10.0.0.3"), at("9.0.0.2"), at("fd00::a00:3"), at("fd01::a00:2")), (None, None, None, None));
    }

    #[test]
    fn what_is_sent_comes_from_an_address_of_its_kind() {
        let source = |to: &str| source_for(to.parse().expect("an address"), 1).to_string();
        assert_eq!((source("10.0.0.2"), source("fd00::a00:2")), ("10.0.0.1".to_owned(), "fd00::a00:1".to_owned()));
        assert_eq!((source("127.0.0.9"), source("::1")), ("127.0.0.1".to_owned(), "::1".to_owned()));
    }
}
