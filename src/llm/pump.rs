//! The task that carries a stream from the provider to its reader. Owns the slot of the call and
//! decides when that call is over; knows nothing of how slots or streams are made.

use futures::StreamExt;
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

use super::{
    error::CallError,
    limit::{CallLimit, caught},
    model::{Chunk, ChunkStream},
};
use crate::scheduler::Permit;

/// What a stream ends with: its last chunk or an error. `None` when nobody is left to read it.
pub(super) type Ending = Option<Result<Chunk, CallError>>;

pub(super) struct Pump {
    // The order is the order of drops, also of a pump that never ran: the exchange with the
    // provider is closed before its slot is free.
    upstream: ChunkStream,
    room: mpsc::Sender<Chunk>,
    idle: Duration,
    has_text: bool,
    waits_for: Party,
    _permit: Permit,
}

/// On whom the stream depends at the moment.
#[derive(PartialEq)]
enum Party {
    Provider,
    Reader,
}

impl Pump {
    pub(super) fn new(upstream: ChunkStream, room: mpsc::Sender<Chunk>, idle: Duration, permit: Permit) -> Pump {
        Pump { upstream, room, idle, has_text: false, waits_for: Party::Provider, _permit: permit }
    }

    /// Carries chunks until the stream ends, fails or is not read any more. The ending is what the
    /// task returns and not one more item in the buffer: so the slot need not wait for room.
    ///
    /// Dropped at its await: the exchange is closed, then the slot is free.
    pub(super) async fn run(mut self, limit: CallLimit) -> Ending {
        let room = self.room.clone();
        tokio::select! {
            biased;
            () = room.closed() => {
                seam::sometimes!(self.waits_for == Party::Provider, "consumer gone while the provider stalls");
                None
            }
            ending = limit.hold(caught(self.carry())) => Some(ending),
        }
    }

    async fn carry(&mut self) -> Result<Chunk, CallError> {
        loop {
            let chunk = self.next_chunk().await?;
            self.has_text |= !chunk.text.is_empty();
            // The provider's word ends the call, not the end of the connection: that may come late.
            match chunk.finish {
                Some(_) if self.has_text => return Ok(chunk),
                Some(_) => return Err(CallError::Empty),
                None => self.hand_on(chunk).await?,
            }
        }
    }

    async fn next_chunk(&mut self) -> Result<Chunk, CallError> {
        self.waits_for = Party::Provider;
        match timeout(self.idle, self.upstream.next()).await {
            Ok(Some(item)) => item,
            Ok(None) => Err(CallError::Truncated),
            Err(_) => Err(self.stood_still()),
        }
    }

    async fn hand_on(&mut self, chunk: Chunk) -> Result<(), CallError> {
        self.waits_for = Party::Reader;
        match timeout(self.idle, self.room.send(chunk)).await {
            Ok(Ok(())) => Ok(()),
            // The reader went in this very moment; there is nobody to read this error.
            Ok(Err(_)) => Err(CallError::Truncated),
            Err(_) => Err(self.stood_still()),
        }
    }

    fn stood_still(&self) -> CallError {
        seam::sometimes!("stream cut by its idle limit");
        CallError::Idle { limit: self.idle }
    }
}
