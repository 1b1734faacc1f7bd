//! A process's handle of a store. Before each change all is loaded, without the lock, and then the change is appended.

use super::{
    change::{Change, NewItem, Receipt, Request},
    compactor,
    error::{OpenError, ReadError, Refusal, Step, WriteError},
    item::{Item, ItemId, Status, Version},
    main_file,
    paths::{Paths, date, failed, temporary},
    process::Process,
    query::{self, Filter},
    settings::Settings,
    state::{Entry, Op, State},
    wal::{self, Wal},
};
use seam::fs::sync_directory;
use std::{path::Path, sync::Arc};
use tokio::fs;

/// An open store. Clones share it.
#[derive(Clone)]
pub struct Store {
    paths: Paths,
    settings: Settings,
    process: Arc<Process>,
    wal: Arc<Wal>,
}

impl Store {
    /// The store in the directory.
    ///
    /// # Errors
    /// There is none.
    pub async fn open(directory: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        let paths = Paths::of(directory.as_ref());
        if !fs::try_exists(&paths.main).await.map_err(failed(&paths.main, Step::Open))? {
            return Err(OpenError::Missing { path: paths.directory });
        }
        let process = Process::new(&paths).await.map_err(failed(&paths.processes, Step::Open))?;
        let wal = Wal::new(paths.clone()).await;
        Ok(Self { paths, settings, process: Arc::new(process), wal: Arc::new(wal) })
    }

    /// The store in the directory, which is made, with an empty store in it, if there is none.
    ///
    /// # Errors
    /// It could not be made.
    pub async fn open_or_create(directory: impl AsRef<Path>, settings: Settings) -> Result<Self, OpenError> {
        let paths = Paths::of(directory.as_ref());
        if !fs::try_exists(&paths.main).await.map_err(failed(&paths.main, Step::Open))? {
            create(&paths).await?;
        }
        Self::open(directory, settings).await
    }

    /// Does what is asked for, one change after the other.
    ///
    /// # Errors
    /// [`WriteError::Refused`]: there is no such item. [`WriteError::Failed`]: whatever else it is;
    /// [`WriteError::Unknown`] if a part is done.
    pub async fn apply(&self, request: impl Into<Request>) -> Result<Receipt, WriteError> {
        let request = request.into();
        let mut done = Vec::new();
        for (nth, change) in request.changes.into_iter().enumerate() {
            let external_ref = request.key.as_ref().map(|key| format!("{key}, {nth}"));
            match self.change(change, external_ref).await {
                Ok(changed) => done.push(changed),
                // What came before it is done.
                Err(WriteError::Failed(failure)) if nth > 0 => return Err(WriteError::Unknown(failure)),
                Err(error) => return Err(error),
            }
        }
        let first = done.first().ok_or(Refusal::Nothing)?.0;
        Ok(Receipt { first, items: done.into_iter().map(|(_, item)| item).collect() })
    }

    /// Writes what the log comes to into the main file.
    ///
    /// # Errors
    /// The file system refuses.
    pub async fn compact(&self) -> Result<(), WriteError> {
        compactor::compact(&self.paths, &self.process, self.settings.lock_wait).await
    }

    /// The item, as it is now.
    ///
    /// # Errors
    /// None.
    pub async fn item(&self, id: ItemId) -> Result<Option<Arc<Item>>, ReadError> {
        Ok(self.load().await.items.remove(&id))
    }

    /// All items that the filter admits.
    ///
    /// # Errors
    /// None.
    pub async fn items(&self, filter: &Filter) -> Result<Vec<Arc<Item>>, ReadError> {
        Ok(query::select(&self.load().await, filter))
    }

    /// The text that is kept under a name.
    ///
    /// # Errors
    /// None.
    pub async fn checkpoint(&self, name: &str) -> Result<Option<Arc<str>>, ReadError> {
        Ok(self.load().await.checkpoints.remove(name))
    }

    /// What cannot be read is taken for empty.
    async fn load(&self) -> State {
        let mut state = main_file::load(&self.paths.main).await.unwrap_or_default();
        if let Ok(entries) = self.wal.read().await {
            state.replay(entries);
        }
        state
    }

    /// What its number is, and which item it is of.
    async fn change(
        &self,
        change: Change,
        external_ref: Option<String>,
    ) -> Result<(Version, Option<ItemId>), WriteError> {
        let mut state = self.load().await;
        let find = |id: ItemId| state.items.get(&id).map(|item| Item::clone(item)).ok_or(Refusal::NoItem(id));
        let update = |item: Item| (Op::Update, item.id, Some(item));
        let (op, id, data) = match change {
            Change::Add(new) => {
                let known = external_ref.as_ref().and_then(|name| state.refs.get(name));
                if let Some(known) = known.and_then(|id| state.items.get(id)) {
                    return Ok((known.version, Some(known.id)));
                }
                let item = self.issue(new);
                (Op::Add, item.id, Some(item))
            }
            Change::Import(item) => (Op::Add, item.id, Some(item)),
            Change::Update(target, patch) => {
                let item = find(target.id)?;
                update(Item {
                    title: patch.title.unwrap_or(item.title),
                    body: patch.body.unwrap_or(item.body),
                    priority: patch.priority.unwrap_or(item.priority),
                    ..item
                })
            }
            // Neither the version nor the owner is looked at.
            Change::Claim(target, owner) => update(Item { owner: Some(owner), ..find(target.id)? }),
            Change::Release(target) => update(Item { owner: None, ..find(target.id)? }),
            Change::Block { item, by } => {
                let mut item = find(item.id)?;
                item.blocked_by.insert(by);
                update(item)
            }
            Change::Unblock { item, by } => {
                let mut item = find(item.id)?;
                item.blocked_by.remove(&by);
                update(item)
            }
            Change::Close(target) => (Op::Close, find(target.id)?.id, None),
            Change::Reopen(target) => (Op::Reopen, find(target.id)?.id, None),
            Change::Delete(target) => (Op::Delete, target.id, None),
            Change::Checkpoint { name, value } => {
                match value {
                    Some(value) => state.checkpoints.insert(name, value.into()),
                    None => state.checkpoints.remove(&name),
                };
                return self.save(&state).await.map(|()| (Version(0), None));
            }
        };
        let entry = Entry { op, ts: 0, seq: 0, id, data, external_ref };
        let place = self.wal.append(entry, &self.process, self.settings.lock_wait).await?;
        Ok((place, Some(id)))
    }

    fn issue(&self, new: NewItem) -> Item {
        let at_ms = u64::try_from(date().as_millis()).unwrap_or(u64::MAX);
        Item {
            id: ItemId(self.process.number()),
            version: Version(0),
            title: new.title,
            body: new.body,
            status: Status::Open,
            owner: None,
            priority: new.priority,
            blocked_by: new.blocked_by.into_iter().collect(),
            created_at_ms: at_ms,
            updated_at_ms: at_ms,
        }
    }

    /// All that was loaded takes the place of the main file: without the lock, and the log stays as it is.
    async fn save(&self, state: &State) -> Result<(), WriteError> {
        // There a command is a process, and its number is in the name.
        let suffix = format!("{}.{}", date().as_millis(), self.process.number());
        main_file::save(state, &self.paths.main, &temporary(&self.paths.main, suffix)).await.map(drop)
    }
}

/// An empty store, on the disk: there it is made by hand, long before anything goes wrong.
async fn create(paths: &Paths) -> Result<(), WriteError> {
    fs::create_dir_all(&paths.processes).await.map_err(failed(&paths.processes, Step::Make))?;
    wal::make(&paths.wal(1)).await?;
    for directory in paths.directory.ancestors() {
        sync_directory(directory).await.map_err(failed(directory, Step::Sync))?;
    }
    wal::make(&paths.main).await?;
    sync_directory(&paths.directory).await.map_err(failed(&paths.directory, Step::Sync))
}
