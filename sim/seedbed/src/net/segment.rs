//! What is on the way between two ends of a connection, and when it is sent again (RFC 9293, RFC 6298).

use std::{collections::VecDeque, time::Duration};

/// What a timer of the network is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// What one end of a connection has sent.
    Flight(u64),
    /// A datagram.
    Datagram(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Asks for a connection.
    Syn,
    /// Grants it.
    SynAck,
    /// Takes it.
    Ack,
    /// So many bytes of the sender's buffer.
    Data(usize),
    /// Nothing more comes.
    Fin,
    /// The connection is no more.
    Rst,
    /// Something that has arrived, for those who have not heard that it has.
    Again,
}

/// One on the way. It arrives after all that were sent before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) kind: Kind,
    /// When it arrives; if it is lost, when it is sent again.
    pub(super) at: u64,
    /// How often it was lost.
    pub(super) losses: u32,
    pub(super) is_lost: bool,
}

/// In the order of sending.
pub(super) type Flight = VecDeque<Segment>;

/// Linux's: how long it waits for an answer at first, and at most.
const RESEND_MIN: u64 = nanos(Duration::from_millis(200));
const RESEND_MIN_ASKING: u64 = nanos(Duration::from_secs(1));
const RESEND_MAX: u64 = nanos(Duration::from_secs(120));
/// .. and how often, while somebody cares (`tcp_retries2`), or nobody does any more (`tcp_orphan_retries`), ..
const LOSSES_MAX: u32 = 15;
const LOSSES_MAX_ORPHAN: u32 = 8;
/// .. and until a connection is there (`tcp_syn_retries`, `tcp_synack_retries`).
const LOSSES_MAX_ASKING: u32 = 6;
const LOSSES_MAX_GRANTING: u32 = 5;

const fn nanos(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}

impl Kind {
    pub(super) fn bytes(self) -> u32 {
        match self {
            Self::Data(len) => u32::try_from(len).unwrap_or(u32::MAX),
            Self::Syn | Self::SynAck | Self::Ack | Self::Fin | Self::Rst | Self::Again => 0,
        }
    }
}

impl Segment {
    pub(super) const fn arriving(kind: Kind, at: u64) -> Self {
        Self { kind, at, losses: 0, is_lost: false }
    }

    /// It is lost: it is sent again after a while, each time after twice as long (RFC 6298). Says whether it is given up.
    pub(super) fn lose(&mut self, now: u64, is_orphan: bool) -> bool {
        let (first, losses_max) = match self.kind {
            Kind::Syn => (RESEND_MIN_ASKING, LOSSES_MAX_ASKING),
            Kind::SynAck => (RESEND_MIN_ASKING, LOSSES_MAX_GRANTING),
            Kind::Ack | Kind::Data(_) | Kind::Fin | Kind::Rst | Kind::Again if is_orphan => {
                (RESEND_MIN, LOSSES_MAX_ORPHAN)
            }
            Kind::Ack | Kind::Data(_) | Kind::Fin | Kind::Rst | Kind::Again => (RESEND_MIN, LOSSES_MAX),
        };
        let wait = first.saturating_mul(1 << self.losses.min(30)).min(RESEND_MAX);
        self.at = now.saturating_add(wait);
        self.is_lost = true;
        self.losses += 1;
        self.losses > losses_max + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds_until_given_up(kind: Kind) -> u64 {
        let mut segment = Segment::arriving(kind, 0);
        let mut now = 0;
        while !segment.lose(now, false) {
            now = segment.at;
        }
        Duration::from_nanos(now).as_secs()
    }

    #[test]
    fn linux_gives_up_a_connection_after_two_minutes_and_data_after_a_quarter_of_an_hour() {
        assert_eq!(seconds_until_given_up(Kind::Syn), 127);
        assert_eq!(seconds_until_given_up(Kind::Data(1)), 924);
    }
}
