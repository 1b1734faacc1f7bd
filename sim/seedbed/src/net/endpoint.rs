//! One end of a connection: its buffers, and what its calls come to. Knows no clock and no other end.

use super::{
    network::way_of,
    segment::{Flight, Kind, Segment},
    socket::{Options, refused},
    waiters::{By, Waiter, Waiters},
};
use crate::{decision::Entity, executor::NodeId, time::timers::TimerKey};
use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    net::SocketAddr,
};
use tokio::io::ReadBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Has asked for the connection.
    Asking,
    /// Has granted it; whose listener it came by.
    Granting(u64),
    Open,
    /// Reset, or given up: nothing is sent or received any more.
    Broken,
}

#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) machine: usize,
    pub(super) process: NodeId,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) remote_machine: usize,
    /// The other end, once it is known; it may be gone by now.
    pub(super) peer: Option<u64>,
    pub(super) phase: Phase,
    /// Its process has closed it, and what it had sent is still on the way.
    pub(super) is_orphan: bool,
    /// Nobody has accepted it yet.
    pub(super) is_queued: bool,
    /// Whether it has taken a port for itself.
    pub(super) has_port: bool,
    received: VecDeque<u8>,
    /// The other end sends no more.
    pub(super) is_ended: bool,
    /// To be told once.
    error: Option<i32>,
    /// The bytes of the flight's segments.
    unacknowledged: VecDeque<u8>,
    pub(super) flight: Flight,
    /// What has arrived, but its acknowledgement has not: it is sent again until one does.
    pub(super) unheard: Option<Segment>,
    /// Its bytes, for which the buffer keeps its room.
    unheard_len: usize,
    /// The flight's first has arrived and finds no room until something is read.
    pub(super) is_blocked: bool,
    /// It is told then that nobody is where its flight goes: by a reset, or by another error.
    pub(super) refusal: Option<(u64, Option<i32>)>,
    /// It has sent its last.
    pub(super) has_ended: bool,
    pub(super) has_reset: bool,
    /// Something of what it sent before that was dropped: nothing after it can arrive.
    pub(super) has_gap: bool,
    /// Nothing that it sends arrives.
    pub(super) is_void: bool,
    pub(super) timer: Option<TimerKey>,
    pub(super) readers: Waiters,
    pub(super) writers: Waiters,
    /// As tokio, whoever waits for it takes it for ready until a call has found out that it is not.
    pub(super) seems_readable: bool,
    pub(super) seems_writable: bool,
    pub(super) options: Options,
    pub(super) connection: Entity,
    /// Whom the decisions of what it sends are about.
    pub(super) entity: Entity,
    pub(super) delays: u64,
    pub(super) segments: u64,
    pub(super) writes: u64,
}

/// What a call comes to.
pub(super) type Outcome<T> = Option<io::Result<T>>;

/// Whether a call's outcome shows that one more would have to wait: nothing could be done, or, as tokio's polls have it,
/// not all of it.
pub(super) fn is_in_vain_now(outcome: &Outcome<usize>, asked: usize, waiter: Option<Waiter<'_>>) -> bool {
    match outcome {
        None => true,
        Some(Ok(count @ 1..)) => *count < asked && matches!(waiter, Some((By::Poll, _))),
        Some(_) => false,
    }
}

impl Endpoint {
    pub(super) fn new(
        (machine, process): (usize, NodeId),
        (local, remote, remote_machine): (SocketAddr, SocketAddr, usize),
        phase: Phase,
        options: Options,
        (connection, way): (Entity, &str),
    ) -> Self {
        Self {
            machine,
            process,
            local,
            remote,
            remote_machine,
            peer: None,
            phase,
            is_orphan: false,
            is_queued: false,
            has_port: false,
            received: VecDeque::new(),
            is_ended: false,
            error: None,
            unacknowledged: VecDeque::new(),
            flight: Flight::new(),
            unheard: None,
            unheard_len: 0,
            is_blocked: false,
            refusal: None,
            has_ended: false,
            has_reset: false,
            has_gap: false,
            is_void: false,
            timer: None,
            readers: Waiters::default(),
            writers: Waiters::default(),
            seems_readable: false,
            seems_writable: true,
            options,
            connection,
            entity: way_of(connection, way),
            delays: 0,
            segments: 0,
            writes: 0,
        }
    }

    /// Whether a process has it open.
    pub(super) fn is_held(&self) -> bool {
        !self.is_orphan && !self.is_queued
    }

    // What its process asks. `None`: it has to wait.

    /// In Linux's order: what is there, the end, an error once, and nothing more after it.
    pub(super) fn read(&mut self, buffer: &mut ReadBuf<'_>) -> Outcome<usize> {
        let result = self.peek(buffer);
        if let Some(Ok(count)) = result {
            self.received.drain(..count);
        }
        result
    }

    pub(super) fn peek(&mut self, buffer: &mut ReadBuf<'_>) -> Outcome<usize> {
        if !self.received.is_empty() || buffer.remaining() == 0 {
            let (front, back) = self.received.as_slices();
            let front = &front[..front.len().min(buffer.remaining())];
            buffer.put_slice(front);
            let back = &back[..back.len().min(buffer.remaining())];
            buffer.put_slice(back);
            return Some(Ok(front.len() + back.len()));
        }
        if self.is_ended {
            return Some(Ok(0));
        }
        match self.error.take() {
            Some(error) => Some(refused(error)),
            None if self.phase == Phase::Broken => Some(Ok(0)),
            None => None,
        }
    }

    /// How much of `len` bytes may be sent now.
    pub(super) fn may_send(&mut self, len: usize) -> Outcome<usize> {
        if self.phase == Phase::Broken || self.has_ended {
            return Some(refused(self.error.take().unwrap_or(libc::EPIPE)));
        }
        let room = self.room_to_send();
        if room == 0 && len > 0 { None } else { Some(Ok(room.min(len))) }
    }

    /// Puts the first `count` bytes into the buffer.
    pub(super) fn put(&mut self, slices: &[IoSlice<'_>], count: usize) {
        let mut left = count;
        for slice in slices {
            let part = &slice[..slice.len().min(left)];
            self.unacknowledged.extend(part);
            left -= part.len();
        }
    }

    /// Whether the connection that was asked for is there.
    pub(super) fn connected(&mut self) -> Outcome<()> {
        match self.phase {
            Phase::Asking => None,
            Phase::Granting(_) | Phase::Open => Some(Ok(())),
            // As `SO_ERROR`, which is asked for once it is writable.
            Phase::Broken => Some(self.error.take().map_or(Ok(()), refused)),
        }
    }

    pub(super) fn is_readable(&self) -> bool {
        !self.received.is_empty() || self.is_ended || self.phase == Phase::Broken || self.seems_readable
    }

    pub(super) fn is_writable(&self) -> bool {
        self.has_room_to_send() || self.seems_writable
    }

    /// As Linux has it, not before a third of the buffer is free.
    pub(super) fn has_room_to_send(&self) -> bool {
        self.phase == Phase::Broken || self.has_ended || self.room_to_send() * 3 >= self.options.send_buffer
    }

    fn room_to_send(&self) -> usize {
        self.options.send_buffer.saturating_sub(self.unacknowledged.len() + self.unheard_len)
    }

    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take().map(io::Error::from_raw_os_error)
    }

    pub(super) fn has_unread(&self) -> bool {
        !self.received.is_empty()
    }

    // What the wire brings.

    /// Takes as many of the first `len` bytes that `from` has sent as there is room for.
    pub(super) fn take_from(&mut self, from: &mut VecDeque<u8>, len: usize) -> usize {
        let count = len.min(self.room());
        let (front, back) = from.as_slices();
        let front = &front[..front.len().min(count)];
        self.received.extend(front);
        self.received.extend(&back[..count - front.len()]);
        from.drain(..count);
        self.seems_readable |= count > 0;
        count
    }

    fn room(&self) -> usize {
        self.options.receive_buffer.saturating_sub(self.received.len())
    }

    /// Whether it is worth telling the other end of the room there is: not of a few bytes (RFC 9293, 3.8.6.2.2).
    pub(super) fn has_room_again(&self) -> bool {
        self.room() * 2 >= self.options.receive_buffer
    }

    pub(super) fn lend_unacknowledged(&mut self) -> VecDeque<u8> {
        std::mem::take(&mut self.unacknowledged)
    }

    pub(super) fn give_unacknowledged(&mut self, bytes: VecDeque<u8>) {
        self.unacknowledged = bytes;
    }

    /// The first `len` bytes do not arrive any more.
    pub(super) fn discard(&mut self, len: usize) {
        self.unacknowledged.drain(..len);
    }

    /// What has not left yet, or would have to be sent again, never will: all from the first such segment on.
    pub(super) fn discard_unsent(&mut self) {
        let first = if self.is_blocked { Some(0) } else { self.flight.iter().position(|segment| segment.is_lost) };
        let Some(first) = first else { return };
        let dropped: usize = self.flight.drain(first..).map(|segment| segment.kind.bytes() as usize).sum();
        let kept = self.unacknowledged.len().saturating_sub(dropped);
        self.unacknowledged.truncate(kept);
        self.is_blocked = false;
    }

    /// So many bytes have arrived, and it has not heard of it.
    pub(super) fn has_not_heard(&mut self, of: Kind, again: Segment) {
        self.unheard_len += of.bytes() as usize;
        self.unheard.get_or_insert(again);
    }

    /// It has heard of all that has arrived.
    pub(super) fn has_heard(&mut self) {
        (self.unheard, self.unheard_len) = (None, 0);
    }

    /// The connection is no more, for this reason.
    pub(super) fn break_off(&mut self, error: i32) {
        self.phase = Phase::Broken;
        self.error = Some(error);
        self.flight.clear();
        self.has_heard();
        self.unacknowledged = VecDeque::new();
        self.is_blocked = false;
        self.refusal = None;
    }

    /// What a reset means here: who has been told of the end learns it by its next write only.
    pub(super) fn reset_error(&self) -> i32 {
        match self.phase {
            Phase::Asking => libc::ECONNREFUSED,
            _ if self.is_ended => libc::EPIPE,
            _ => libc::ECONNRESET,
        }
    }

    /// Whether a process has it and may read what comes.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open && !self.is_orphan
    }

    /// When something is due of its flight.
    pub(super) fn due_at(&self) -> Option<u64> {
        if let Some((at, _)) = self.refusal {
            return Some(at);
        }
        let first = if self.is_blocked { None } else { self.flight.front().map(|first| first.at) };
        self.unheard.map(|unheard| unheard.at).into_iter().chain(first).min()
    }

    /// Whether nothing of what it has sent needs it any more.
    pub(super) fn is_done(&self) -> bool {
        self.flight.is_empty() && self.unheard.is_none()
    }

    /// The first of its flight has arrived.
    pub(super) fn acknowledged(&mut self) {
        self.flight.pop_front();
    }

    /// Only so much of the first one has arrived.
    pub(super) fn acknowledged_part(&mut self, count: usize) {
        if let Some(first) = self.flight.front_mut()
            && let Kind::Data(len) = &mut first.kind
        {
            *len -= count;
        }
    }
}
