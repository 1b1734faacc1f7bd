//! From what people write to addresses.

use super::socket::refused;
use crate::{
    context,
    decision::{LogNormal, Site},
    time::pass,
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    time::Duration,
};

/// What stands for one or more addresses, as tokio's; names of the world's machines do.
pub trait ToSocketAddrs: private::Asked {}

impl<T: private::Asked + ?Sized> ToSocketAddrs for T {}

pub(super) mod private {
    use std::net::SocketAddr;

    /// Sealed.
    pub trait Asked {
        #[doc(hidden)]
        fn asked(&self) -> Question;
    }

    #[derive(Debug)]
    pub enum Question {
        Known(Vec<SocketAddr>),
        Name(String, u16),
        /// No name, and no address.
        Nonsense(&'static str),
    }
}

use private::{Asked, Question};

/// The addresses that a name stands for: of a machine by its given name or as `machine-n`, of `localhost`, or a literal
/// one. It takes a moment if it is a name.
///
/// # Errors
/// There is nothing of that name, or there is no port in it.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn lookup_host<T: ToSocketAddrs>(host: T) -> io::Result<impl Iterator<Item = SocketAddr>> {
    Ok(resolve(ask(host)).await?.into_iter())
}

/// Takes what is asked, so that it need not be kept until the answer comes.
pub(super) fn ask(host: impl ToSocketAddrs) -> Question {
    host.asked()
}

pub(super) async fn resolve(question: Question) -> io::Result<Vec<SocketAddr>> {
    let (name, port) = match question {
        Question::Known(addresses) => return Ok(addresses),
        Question::Nonsense(why) => return Err(io::Error::new(io::ErrorKind::InvalidInput, why)),
        Question::Name(name, port) => (name, port),
    };
    const LOOKUP: Site = Site::new("net.lookup");
    const LOOKUPS: LogNormal = LogNormal { median: Duration::from_micros(300), sigma_percent: 100 };
    let nanos = context::with(|core| core.decide_here(&LOOKUP, &LOOKUPS));
    pass(Duration::from_nanos(nanos)).await;
    match context::with(|core| core.network(|network| network.resolve(&name))) {
        Some(ip) => Ok(vec![SocketAddrV4::new(ip, port).into()]),
        // std has no code for it, and one of its private kind: the same as of this code.
        None => refused(libc::ENONET),
    }
}

/// Calls `connect` or `bind` with each address until one does.
pub(super) async fn first_of<T>(
    question: Question,
    mut attempt: impl AsyncFnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut last = None;
    for address in resolve(question).await? {
        match attempt(address).await {
            Ok(done) => return Ok(done),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "could not resolve to any address")))
}

impl<T: Asked + ?Sized> Asked for &T {
    fn asked(&self) -> Question {
        (**self).asked()
    }
}

impl Asked for SocketAddr {
    fn asked(&self) -> Question {
        Question::Known(vec![*self])
    }
}

impl Asked for SocketAddrV4 {
    fn asked(&self) -> Question {
        Question::Known(vec![(*self).into()])
    }
}

impl Asked for SocketAddrV6 {
    fn asked(&self) -> Question {
        Question::Known(vec![(*self).into()])
    }
}

impl Asked for (IpAddr, u16) {
    fn asked(&self) -> Question {
        Question::Known(vec![(*self).into()])
    }
}

impl Asked for (Ipv4Addr, u16) {
    fn asked(&self) -> Question {
        Question::Known(vec![(*self).into()])
    }
}

impl Asked for (Ipv6Addr, u16) {
    fn asked(&self) -> Question {
        Question::Known(vec![(*self).into()])
    }
}

impl Asked for [SocketAddr] {
    fn asked(&self) -> Question {
        Question::Known(self.to_vec())
    }
}

impl Asked for str {
    fn asked(&self) -> Question {
        if let Ok(address) = self.parse() {
            return Question::Known(vec![address]);
        }
        let Some((name, port)) = self.rsplit_once(':') else { return Question::Nonsense("invalid socket address") };
        port.parse().map_or(Question::Nonsense("invalid port value"), |port| (name, port).asked())
    }
}

impl Asked for String {
    fn asked(&self) -> Question {
        self.as_str().asked()
    }
}

impl Asked for (&str, u16) {
    fn asked(&self) -> Question {
        let (name, port) = *self;
        match name.parse::<IpAddr>() {
            Ok(ip) => Question::Known(vec![SocketAddr::new(ip, port)]),
            Err(_) => Question::Name(name.to_owned(), port),
        }
    }
}

impl Asked for (String, u16) {
    fn asked(&self) -> Question {
        (self.0.as_str(), self.1).asked()
    }
}
