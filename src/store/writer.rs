//! Brings what was asked for to the disk, many requests with one sync, and compacts the log. Whoever asked may go away; what
//! is begun is brought to its end.

use super::{
    change::{Receipt, Request},
    commit::Commit,
    error::{Failure, WriteError},
    events,
    lock::{Line, Mark, Marker, Turn},
    log::{Log, NotAppended, Tail},
    paths::Paths,
    payload::Encoding,
    plan::Draft,
    queue::{Batch, Queue},
    replica::Replica,
    rotate::{self, Lineage, NotRotated},
    settings::Settings,
    stock,
};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Owns a process's place in the line.
pub(super) struct Writer {
    pub(super) paths: Paths,
    pub(super) settings: Settings,
    pub(super) line: Line,
    pub(super) marker: Marker,
    pub(super) replica: Arc<Mutex<Replica>>,
    /// How many bytes others had written before the last turn, since the one before it.
    missed: u64,
    /// Why nothing is written any more.
    poison: Option<Arc<Failure>>,
}

/// What has to be read before a turn is read early if it is more than this.
const READ_EARLY_BYTES: u64 = 32 << 10;

/// How a turn ends that is not brought to its end.
pub(super) enum Broken {
    /// Nothing was written that will ever be seen; another turn may get through.
    Undone(Failure),
    /// Nothing was written of what was asked for, but what is there is in doubt: this handle writes no more.
    Poisoned(Failure),
    /// What was asked for may be written.
    InDoubt(Failure),
}

impl Writer {
    pub(super) fn new(paths: Paths, settings: Settings, line: Line, replica: Arc<Mutex<Replica>>) -> Self {
        let marker = line.marker();
        Self { paths, settings, line, marker, replica, missed: 0, poison: None }
    }

    /// One turn for what was asked for first, unless another one has served it meanwhile. Whether the log is to be
    /// compacted then.
    ///
    /// Nothing is taken from the queue before it is this handle's turn: until then whoever asked may take it back.
    pub(super) async fn serve(&mut self, queue: &Queue) -> bool {
        if queue.is_empty() {
            return false;
        }
        let turn = self.turn().await;
        let is_due = self.serve_in(turn, queue).await;
        self.replica.lock().await.pending = None;
        is_due
    }

    async fn serve_in(&mut self, turn: Result<Turn, WriteError>, queue: &Queue) -> bool {
        match queue.take(self.settings.commit_requests_max) {
            Batch::Nothing => {
                // Whoever asked has taken it back meanwhile.
                if let Ok(turn) = turn {
                    turn.leave().await;
                }
                false
            }
            Batch::Writes(requests, replies) => {
                seam::sometimes!(requests.len() > 1, "several requests written with one sync");
                let answers = match turn {
                    Ok(turn) => self.commit(turn, &requests).await,
                    Err(error) => vec![Err(error); requests.len()],
                };
                // Who asked may have gone.
                replies.into_iter().zip(answers).for_each(|(reply, answer)| drop(reply.send(answer)));
                self.is_due().await
            }
            Batch::Compact(reply) => {
                let compacted = match turn {
                    Ok(turn) => self.compact(turn, |_| true).await,
                    Err(error) => Err(error),
                };
                let _ = reply.send(compacted);
                false
            }
        }
    }

    async fn commit(&mut self, turn: Turn, requests: &[Request]) -> Vec<Result<Receipt, WriteError>> {
        let (commit, basis) = self.plan(requests, &turn).await;
        let is_known = basis.is_durable();
        let (written, is_known) = match self.write(turn, &commit, &basis).await {
            Ok(Written { tail, durable }) => match self.sync(&tail, durable).await {
                Ok(()) => (Ok(()), true),
                Err(failure) => (Err(Broken::InDoubt(failure)), is_known),
            },
            // What was not asked for anew is answered all the same, once it is sure.
            Err(Broken::Undone(failure)) => match self.sync(&basis.tail, basis.durable).await {
                Ok(()) => (Err(Broken::Undone(failure)), true),
                Err(failure) => (Err(Broken::InDoubt(failure)), false),
            },
            Err(broken) => (Err(broken), is_known),
        };
        commit.answers(written.map_err(|broken| self.broken(broken)), is_known)
    }

    async fn plan(&self, requests: &[Request], turn: &Turn) -> (Commit, Basis) {
        let replica = self.replica.lock().await;
        let Replica { log, state, pending, .. } = &*replica;
        let basis = Basis {
            durable: turn.mark().unwrap_or(log.written_to()),
            tail: replica.tail(),
            may_hand_on: log.format >= HANDED_ON_SINCE,
        };
        let behind = pending.as_ref().map_or(&[][..], |pending| &pending.entries);
        let draft = Draft::of(state, behind, now_ms());
        (Commit::of(requests, draft, Encoding::of_format(log.format), basis.durable.len), basis)
    }

    /// Writes what the requests came to, and gives the turn back: before it is synced, so that others write meanwhile,
    /// unless it is much.
    async fn write(&mut self, mut turn: Turn, commit: &Commit, basis: &Basis) -> Result<Written, Broken> {
        let Basis { durable, mut tail, may_hand_on } = basis.clone();
        if commit.bytes.is_empty() {
            turn.leave().await;
            return Ok(Written { tail, durable });
        }
        match tail.append(commit.bytes.clone(), self.settings.grow_bytes).await {
            Ok(()) => self.replica.lock().await.wrote(basis.tail.end, &commit.entries, &tail),
            Err(NotAppended::Undone(failure)) => return Err(self.leave(turn, failure).await),
            // The turn is dropped: whoever comes next must not take it for granted that all is well.
            Err(NotAppended::InDoubt(failure)) => return Err(Broken::InDoubt(failure)),
        }
        let (written, is_little) = (tail.written(), tail.end - durable.len <= HANDED_ON_BYTES_MAX);
        // Nobody else needs a sync now.
        if basis.is_durable() && !(turn.has_waited && is_little && may_hand_on) {
            tail.sync().await.map_err(Broken::InDoubt)?;
            turn.over_durable(written).await.map_err(Broken::InDoubt)?;
            self.catch_up(written).await;
            return Ok(Written { tail, durable: written });
        }
        // Who cannot say how far the log is written keeps the turn: the next one would take it for what a dead one left.
        if may_hand_on && is_little && turn.over(written).await.is_ok() {
            return Ok(Written { tail, durable });
        }
        self.sync(&tail, durable).await.map_err(Broken::InDoubt)?;
        turn.knows(written);
        let _ = turn.over(written).await;
        Ok(Written { tail, durable: written })
    }

    /// A turn, in which all that was written before is known.
    async fn turn(&mut self) -> Result<Turn, WriteError> {
        if let Some(why) = &self.poison {
            return Err(WriteError::Failed(Failure::Poisoned(why.clone())));
        }
        let read = self.replica.lock().await.log.end;
        let mut turn = self.take_turn().await.map_err(WriteError::Failed)?;
        match self.take_stock(&mut turn).await {
            Ok(()) => {
                self.missed = self.replica.lock().await.log.end.saturating_sub(read);
                Ok(turn)
            }
            Err(Broken::Undone(failure)) => {
                let broken = self.leave(turn, failure).await;
                Err(self.broken(broken))
            }
            Err(broken) => Err(self.broken(broken)),
        }
    }

    /// A turn. If there is much to be read before it, most of that is read while the one before writes and syncs, and not
    /// while others wait: with ten processes and batches of 100 that is worth two thirds more, but to be woken once more
    /// costs appends of one item a quarter.
    async fn take_turn(&mut self) -> Result<Turn, Failure> {
        let mut waiting = self.line.join().await?;
        if self.missed > READ_EARLY_BYTES && self.line.until_one_is_left(&mut waiting).await? {
            self.replica.lock().await.refresh().await?;
        }
        self.line.turn(waiting).await
    }

    /// Gives the turn back, after a failure that has changed nothing.
    async fn leave(&self, turn: Turn, failure: Failure) -> Broken {
        turn.leave().await;
        Broken::Undone(failure)
    }

    /// What is told of it; unless nothing happened, the handle is poisoned.
    fn broken(&mut self, broken: Broken) -> WriteError {
        let (failure, error): (_, fn(Failure) -> WriteError) = match broken {
            Broken::Undone(failure) => {
                events::failed(&failure);
                return WriteError::Failed(failure);
            }
            Broken::Poisoned(failure) => (failure, WriteError::Failed),
            Broken::InDoubt(failure) => (failure, WriteError::Unknown),
        };
        events::poisoned(&failure);
        seam::sometimes!("a handle was poisoned");
        self.poison = Some(Arc::new(failure.clone()));
        error(failure)
    }

    async fn is_due(&self) -> bool {
        let replica = self.replica.lock().await;
        is_due(&self.settings, &replica)
    }

    /// Whoever comes to it first does it; by the time that it is another one's turn it may be done.
    pub(super) async fn compact_if_due(&mut self) {
        let settings = self.settings;
        let compacted = match self.turn().await {
            Ok(turn) => self.compact(turn, move |replica| is_due(&settings, replica)).await,
            Err(error) => Err(error),
        };
        self.replica.lock().await.pending = None;
        if let Err(error) = compacted {
            events::not_compacted(&error);
        }
    }

    async fn compact(&mut self, turn: Turn, is_wanted: impl Fn(&Replica) -> bool) -> Result<(), WriteError> {
        let is_wanted = is_wanted(&*self.replica.lock().await);
        seam::sometimes!(!is_wanted, "somebody else had compacted the log meanwhile");
        if !is_wanted {
            turn.leave().await;
            return Ok(());
        }
        if let Err(failure) = self.sync_pending(&turn).await {
            return Err(self.broken(Broken::Poisoned(failure)));
        }
        let (state, lineage) = {
            let replica = self.replica.lock().await;
            (replica.state.clone(), Lineage::after(replica.log.generation))
        };
        let compacted = match rotate::rotate(&self.paths, &state, lineage).await {
            Ok(log) => self.go_on_with(log, turn).await.map_err(Broken::Poisoned),
            Err(NotRotated::Undone(failure)) => Err(self.leave(turn, failure).await),
            Err(NotRotated::InDoubt(failure)) => Err(Broken::Poisoned(failure)),
        };
        compacted.map_err(|broken| self.broken(broken))
    }
}

impl Writer {
    /// Tells all of the new log.
    async fn go_on_with(&mut self, log: Log, mut turn: Turn) -> Result<(), Failure> {
        let mark = log.written_to();
        events::compacted(mark.generation, mark.len);
        self.replica.lock().await.begin(log);
        stock::note(&self.marker, &mut turn, mark).await?;
        let _ = turn.over(mark).await;
        Ok(())
    }
}

/// What a commit is decided by.
#[derive(Clone)]
struct Basis {
    durable: Mark,
    /// Behind all that is written.
    tail: Tail,
    may_hand_on: bool,
}

/// What a commit has written.
struct Written {
    durable: Mark,
    /// Behind it.
    tail: Tail,
}

impl Basis {
    fn is_durable(&self) -> bool {
        self.tail.written() <= self.durable
    }
}

/// The first format in which a turn is handed on before what was written in it is synced. A program that knows only those
/// before would write over it.
pub(super) const HANDED_ON_SINCE: u32 = 3;
/// So much at most waits for a sync outside a turn, in bytes: it is held in memory by each who writes behind it.
const HANDED_ON_BYTES_MAX: u64 = 1 << 20;

/// As long as most of what was written is kept, a file without the rest would hardly be shorter.
/// What is mostly kept is written anew less often: it would be about as long again.
const GROWN_MAX: u64 = 4;

fn is_due(settings: &Settings, Replica { log, state, .. }: &Replica) -> bool {
    let (grown, enough) = (log.end - log.base, settings.compact_bytes.max(log.base));
    grown > GROWN_MAX * enough || grown > enough && state.wear.is_mostly_stale()
}

/// By the wall clock, which is written down and never compared.
fn now_ms() -> u64 {
    let since = seam::clock::wall().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
