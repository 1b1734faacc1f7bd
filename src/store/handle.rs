//! A process's handle of a store: what its tasks read and write through. Owns no state of its own.

use super::{
    change::{Receipt, Request},
    error::{Corruption, Failure, OpenError, ReadError, Step, WriteError},
    item::{Item, ItemId},
    lock::{Contention, Line, Mark, Marker, Table, Turn, Waits},
    paths::{Paths, above, failed, unread},
    query::{self, Filter},
    queue::{Ask, Place, Queue, Reply},
    replica::Replica,
    rotate::{self, Lineage, NotRotated},
    settings::Settings,
    state::State,
    stored::Stored,
    writer::Writer,
};
use seam::fs::boot_id;
use std::{
    io,
    path::Path,
    sync::{Arc, PoisonError},
};
use tokio::{
    fs,
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, oneshot},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

/// An open store. Clones share it; the last one that is dropped closes it, once what was begun is done.
///
/// Any number of handles, in any number of processes of one machine, may be open at once.
#[derive(Clone)]
pub struct Store {
    settings: Settings,
    queue: Arc<Queue>,
    /// In the queue.
    room: Arc<Semaphore>,
    /// Whoever has it serves what was asked for.
    writer: Arc<Mutex<Writer>>,
    replica: Arc<Mutex<Replica>>,
    waits: Arc<std::sync::Mutex<Waits>>,
}

/// A request that is on its way to be written.
#[must_use = "what came of it is to be asked"]
pub struct Submitted(JoinHandle<Result<Receipt, WriteError>>);

type Replied<T> = oneshot::Receiver<Result<T, WriteError>>;

impl Store {
    /// The store in the directory.
    ///
    /// # Errors
    /// There is none, or its files cannot be read, or are damaged.
    ///
    /// # Cancel safety
    /// Dropped, nothing was opened.
    pub async fn open(directory: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        let paths = Paths::of(directory.as_ref());
        if !exists(&paths.log).await? {
            return Err(missing(&paths).await);
        }
        // A copy of a store may have come without it.
        fs::create_dir_all(&paths.lock).await.map_err(failed(&paths.lock, Step::Open)).map_err(WriteError::Failed)?;
        let (line, waits, boot) = line(&paths).await?;
        let replica = Replica::open(paths.clone(), line.reader(), boot).await?;
        Ok(Self::start(paths, settings, line, waits, replica))
    }

    /// The store in the directory, which is made, with an empty store in it, if there is none.
    ///
    /// # Errors
    /// It could not be made, or its files cannot be read, or are damaged.
    ///
    /// # Cancel safety
    /// Dropped, there may be an empty store, or a part of one that the next to open it completes.
    pub async fn open_or_create(directory: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        let paths = Paths::of(directory.as_ref());
        if !exists(&paths.log).await? {
            create(&paths, settings).await?;
        }
        Self::open(directory, settings).await
    }

    fn start(
        paths: Paths,
        settings: Settings,
        line: Line,
        waits: Arc<std::sync::Mutex<Waits>>,
        replica: Replica,
    ) -> Self {
        let replica = Arc::new(Mutex::new(replica));
        Self {
            settings,
            queue: Arc::default(),
            room: Arc::new(Semaphore::new(settings.queue_max.clamp(1, ROOM_MAX))),
            writer: Arc::new(Mutex::new(Writer::new(paths, settings, line, replica.clone()))),
            replica,
            waits,
        }
    }

    /// Does what is asked for, all of it or nothing. On the disk when it returns, and seen by all who read after that.
    ///
    /// # Errors
    /// [`WriteError::Refused`] and [`WriteError::Failed`]: nothing of it will ever be seen. [`WriteError::Unknown`]: it may
    /// be; this handle writes no more then.
    ///
    /// # Cancel safety
    /// Dropped, it may be done or not: ask again with the same key.
    pub async fn apply(&self, request: impl Into<Request>) -> Result<Receipt, WriteError> {
        let request = request.into();
        self.ask(|reply| Ask::Write(request, reply)).await?.answer().await
    }

    /// Asks for what [`apply`](Self::apply) does, and does not wait for it: what is submitted through one handle is done in
    /// the order in which it was submitted, as much as there is with one sync.
    ///
    /// # Errors
    /// As many requests as may wait have waited for too long.
    ///
    /// # Cancel safety
    /// Dropped, it is not asked for.
    pub async fn submit(&self, request: impl Into<Request>) -> Result<Submitted, WriteError> {
        let request = request.into();
        let asked = self.ask(|reply| Ask::Write(request, reply)).await?;
        Ok(Submitted(tokio::spawn(asked.answer())))
    }

    /// Writes the log anew, without what was overwritten or deleted. It is done by itself when the log has grown.
    ///
    /// # Errors
    /// The file system refuses: the log stays as it is.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn compact(&self) -> Result<(), WriteError> {
        self.ask(Ask::Compact).await?.answer().await
    }

    /// Waits until all that was asked for through this handle is done, and the log compacted, if that has come due. Only
    /// then may a process end that was to leave nothing half done; what was acknowledged is safe before.
    ///
    /// # Cancel safety
    /// Dropped, all goes on.
    pub async fn close(self) {
        // Each request gives its room back when it is answered, and the writer is free when the log is compacted.
        let room = u32::try_from(self.settings.queue_max.clamp(1, ROOM_MAX)).unwrap_or(u32::MAX);
        let _all = self.room.acquire_many(room).await.expect("nobody closes it");
        let _writer = self.writer.lock().await;
    }

    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<Asked<T>, WriteError> {
        let at = Instant::now();
        let deadline = at + self.settings.lock_wait;
        let Ok(room) = timeout_at(deadline, self.room.clone().acquire_owned()).await else { return Err(self.busy(at)) };
        let _room = room.expect("nobody closes it");
        let (reply, replied) = oneshot::channel();
        let place = self.queue.join(ask(reply));
        Ok(Asked { store: self.clone(), at, place, replied, _room })
    }

    /// Serves what was asked for, or waits until another task of this process has. So a request that nobody else is in the
    /// way of is not handed over to another thread, which costs as much as its sync.
    async fn served<T>(&self, replied: &mut Replied<T>) -> Result<T, WriteError> {
        loop {
            let mut writer = tokio::select! {
                biased;
                answer = &mut *replied => return answered(answer),
                writer = self.writer.clone().lock_owned() => writer,
            };
            let queue = self.queue.clone();
            let served = seam::fs::run(async move {
                let is_due = writer.serve(&queue).await;
                is_due.then_some(writer)
            });
            // It died in the midst of it.
            let Ok(due) = served.await else { return Err(WriteError::Unknown(Failure::Closed)) };
            if let Some(mut writer) = due {
                // Nobody waits for it.
                let _compacted = seam::fs::spawn(async move { writer.compact_if_due().await });
            }
        }
    }

    fn busy(&self, asked: Instant) -> WriteError {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).timed_out();
        WriteError::Failed(Failure::Busy { waited: asked.elapsed() })
    }

    /// The item, as it is now.
    ///
    /// # Errors
    /// The file system refuses, or a file is damaged.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn item(&self, id: ItemId) -> Result<Option<Arc<Item>>, ReadError> {
        self.read(|state| state.items.get(id).map(Stored::item)).await
    }

    /// All items that the filter admits, as they are at one instant, by number; those that are ready by priority first.
    ///
    /// # Errors
    /// The file system refuses, or a file is damaged.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn items(&self, filter: &Filter) -> Result<Vec<Arc<Item>>, ReadError> {
        self.read(|state| query::select(state, filter)).await
    }

    /// The text that is kept under a name.
    ///
    /// # Errors
    /// The file system refuses, or a file is damaged.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn checkpoint(&self, name: &str) -> Result<Option<Arc<str>>, ReadError> {
        self.read(|state| state.checkpoints.get(name).cloned()).await
    }

    pub(super) async fn read<T>(&self, question: impl FnOnce(&mut State) -> T) -> Result<T, ReadError> {
        let mut replica = self.replica.lock().await;
        replica.refresh().await?;
        Ok(question(&mut replica.state))
    }

    /// How long this handle's turns to write were waited for.
    pub fn contention(&self) -> Contention {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).contention()
    }
}

impl Submitted {
    /// What came of it, as [`Store::apply`] tells it.
    ///
    /// # Errors
    /// As of [`Store::apply`].
    ///
    /// # Cancel safety
    /// Dropped, it may be done or not: ask again with the same key.
    pub async fn receipt(self) -> Result<Receipt, WriteError> {
        self.0.await.unwrap_or(Err(WriteError::Unknown(Failure::Closed)))
    }
}

/// What was asked for. Dropped, it may be done or not.
struct Asked<T> {
    store: Store,
    at: Instant,
    place: Place,
    replied: Replied<T>,
    _room: OwnedSemaphorePermit,
}

impl<T> Asked<T> {
    async fn answer(mut self) -> Result<T, WriteError> {
        let deadline = self.at + self.store.settings.lock_wait;
        match timeout_at(deadline, self.store.served(&mut self.replied)).await {
            Ok(answer) => answer,
            Err(_) if self.place.leave() => Err(self.store.busy(self.at)),
            // It was begun: the wait for others is over.
            Err(_) => answered(self.replied.await),
        }
    }
}

/// Once it is begun, only who serves it knows what came of it.
fn answered<T>(answer: Result<Result<T, WriteError>, oneshot::error::RecvError>) -> Result<T, WriteError> {
    answer.unwrap_or(Err(WriteError::Unknown(Failure::Closed)))
}

/// How many requests may wait at most, whatever is set.
const ROOM_MAX: usize = 1 << 20;

type Opened = (Line, Arc<std::sync::Mutex<Waits>>, u64);

pub(super) async fn line(paths: &Paths) -> Result<Opened, OpenError> {
    let boot = boot_id().await.map_err(unread(&paths.lock))?;
    let waits = Arc::new(std::sync::Mutex::new(Waits::new()));
    let line = Line::open(paths.lock.clone(), boot, waits.clone()).await.map_err(WriteError::Failed)?;
    Ok((line, waits, boot))
}

async fn exists(path: &Path) -> Result<bool, ReadError> {
    fs::try_exists(path).await.map_err(unread(path))
}

/// There is no log, but perhaps there was one.
async fn missing(paths: &Paths) -> OpenError {
    match is_gone(paths).await {
        Ok(None) => OpenError::Missing { path: paths.directory.clone() },
        Ok(Some(corruption)) => OpenError::Read(corruption.into()),
        Err(error) => OpenError::Read(error),
    }
}

async fn is_gone(paths: &Paths) -> Result<Option<Corruption>, ReadError> {
    let what = "there is no file, and something was acknowledged in it";
    Ok(table(paths).await?.mark().map(|_| Corruption { path: paths.log.clone(), at: 0, what }))
}

/// What the door's table says, if there is one; nothing is made.
pub(super) async fn table(paths: &Paths) -> Result<Table, ReadError> {
    match fs::read(&paths.door).await {
        Ok(bytes) => Ok(Table::read(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Table::read(&[])),
        Err(error) => Err(unread(&paths.door)(error)),
    }
}

/// An empty store, unless somebody else makes it first.
async fn create(paths: &Paths, settings: Settings) -> Result<(), OpenError> {
    create_directories(&paths.lock).await.map_err(WriteError::Failed)?;
    let (line, ..) = line(paths).await?;
    let marker = line.marker();
    let turn = line.take_within(settings.lock_wait).await.map_err(WriteError::Failed)?;
    create_in(paths, turn, &marker).await
}

async fn create_in(paths: &Paths, turn: Turn, marker: &Marker) -> Result<(), OpenError> {
    if exists(&paths.log).await? {
        turn.leave().await;
        return Ok(());
    }
    if let Some(corruption) = is_gone(paths).await? {
        return Err(OpenError::Read(corruption.into()));
    }
    let log = rotate::rotate(paths, &State::new(), Lineage::new(1)).await.map_err(|error| match error {
        NotRotated::Undone(failure) | NotRotated::InDoubt(failure) => WriteError::Failed(failure),
    })?;
    let mark = Mark { generation: 1, len: log.end };
    turn.over_mended(marker, mark).await.map_err(WriteError::Failed)?;
    Ok(())
}

/// The directory and all above it, each of which has a name on the disk then.
pub(super) async fn create_directories(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).await.map_err(failed(path, Step::Open))?;
    let mut path = path.to_owned();
    while path.parent().is_some_and(|parent| !parent.as_os_str().is_empty()) {
        path = above(&path);
        match rotate::sync_names(&path).await {
            // What may not be opened was not made by us either.
            Err(Failure::Io { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
            synced => synced?,
        }
    }
    rotate::sync_names(&above(&path)).await
}
