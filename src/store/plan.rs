//! Decides what a request comes to: records, or a refusal. Knows no files and no clock.

use super::{
    behind::Behind,
    change::{Change, NewItem, Patch, Receipt, Request, Target},
    effect::Effects,
    entry::{Entry, Kept, Key, Record, Why},
    error::Refusal,
    item::{Item, ItemId, Status, Version},
    state::State,
    stored::Stored,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The state as it will be after what is written already, and the requests of one commit that were accepted so far.
pub(super) struct Draft<'a> {
    base: &'a State,
    behind: Behind<'a>,
    at_ms: u64,
    accepted: Changed,
    keys: BTreeMap<String, Kept>,
    /// Of the request at hand.
    pending: Changed,
    pending_key: Option<Kept>,
}

/// Items that are not as in the state below; `None`: deleted.
#[derive(Clone, Default)]
struct Changed {
    seq: u64,
    next_id: u64,
    items: BTreeMap<ItemId, Option<Arc<Item>>>,
}

/// What a request comes to.
pub(super) enum Planned {
    /// This, once it is [accepted](Draft::accept) and written; the number is its first record's.
    New(u64, Entry),
    /// Nothing: it was done before.
    Before(Receipt),
    /// What a request of this commit comes to, once that is written.
    Twin(Receipt),
}

impl<'a> Draft<'a> {
    /// `behind`: what is written already and follows the base. `at_ms` is the time that is written down.
    pub(super) fn of(base: &'a State, behind: &'a [(u64, Effects)], at_ms: u64) -> Self {
        let behind = Behind::new(behind);
        let accepted =
            Changed { seq: behind.last(base.seq), next_id: behind.next_id(base.next_id), ..Changed::default() };
        Self { base, behind, at_ms, pending: accepted.clone(), accepted, keys: BTreeMap::new(), pending_key: None }
    }

    /// All changes of the request or, refused, none. The next ones see them if they are accepted.
    pub(super) fn plan(&mut self, request: &Request) -> Result<Planned, Refusal> {
        if request.changes.is_empty() {
            return Err(Refusal::Nothing);
        }
        let key =
            request.key.as_ref().map(|name| Key { name: name.clone(), fingerprint: fingerprint(&request.changes) });
        if let Some(key) = &key
            && let Some(planned) = self.asked_before(key)?
        {
            return Ok(planned);
        }
        self.forget();
        let first = self.accepted.seq + 1;
        let records = request.changes.iter().map(|change| self.change(change)).collect::<Result<Vec<_>, _>>()?;
        self.pending_key =
            key.clone().map(|key| Kept { key, first, items: records.iter().map(Record::item).collect() });
        Ok(Planned::New(first, Entry { at_ms: self.at_ms, key, records }))
    }

    fn asked_before(&self, key: &Key) -> Result<Option<Planned>, Refusal> {
        let twin = self.keys.get(&key.name);
        let before = || self.behind.kept(&key.name).or_else(|| self.base.kept(&key.name).cloned());
        let Some(kept) = twin.cloned().or_else(before) else { return Ok(None) };
        if kept.key.fingerprint != key.fingerprint {
            return Err(Refusal::KeyReused(key.name.clone()));
        }
        let receipt = kept.receipt();
        Ok(Some(if twin.is_some() { Planned::Twin(receipt) } else { Planned::Before(receipt) }))
    }

    /// The request that was planned last is among those that the next ones see.
    pub(super) fn accept(&mut self) {
        self.accepted.seq = self.pending.seq;
        self.accepted.next_id = self.pending.next_id;
        self.accepted.items.append(&mut self.pending.items);
        self.keys.extend(self.pending_key.take().map(|kept| (kept.key.name.clone(), kept)));
    }

    fn forget(&mut self) {
        self.pending = Changed { items: BTreeMap::new(), ..self.accepted };
        self.pending_key = None;
    }

    fn change(&mut self, change: &Change) -> Result<Record, Refusal> {
        self.pending.seq += 1;
        match change {
            Change::Add(new) => self.add(new),
            Change::Update(target, patch) => self.update(*target, patch),
            Change::Claim(target, owner) => self.claim(*target, owner),
            Change::Release(target) => self.with(*target, Why::Released, |item| item.owner = None),
            Change::Close(target) => self.close(*target),
            Change::Reopen(target) => self.reopen(*target),
            Change::Delete(target) => self.delete(*target),
            Change::Block { item, by } => self.block(*item, *by),
            Change::Unblock { item, by } => self.with(*item, Why::Unblocked, |item| {
                item.blocked_by.remove(by);
            }),
            Change::Import(item) => self.import(item),
            Change::Checkpoint { name, value } => {
                let name = words("checkpoint's name", name)?;
                Ok(Record::Checkpoint(name, value.as_deref().map(Arc::from)))
            }
        }
    }

    fn find(&self, id: ItemId) -> Option<Arc<Item>> {
        let changed = self.pending.items.get(&id).or_else(|| self.accepted.items.get(&id));
        match changed {
            Some(item) => item.clone(),
            None => self.behind.find(id).unwrap_or_else(|| self.base.items.get(id)).map(Stored::item),
        }
    }

    fn target(&self, target: Target) -> Result<Arc<Item>, Refusal> {
        let Target { id, version } = target;
        let item = self.find(id).ok_or(Refusal::NoItem(id))?;
        match version {
            Some(expected) if expected != item.version => {
                Err(Refusal::VersionMismatch { id, expected, found: item.version })
            }
            Some(_) | None => Ok(item),
        }
    }

    /// The item as it is after `change`.
    fn with(&mut self, target: Target, why: Why, change: impl FnOnce(&mut Item)) -> Result<Record, Refusal> {
        let mut item = Item::clone(&*self.target(target)?);
        change(&mut item);
        Ok(self.put(why, item))
    }

    fn put(&mut self, why: Why, item: Item) -> Record {
        let item = Arc::new(Item { version: Version(self.pending.seq), updated_at_ms: self.at_ms, ..item });
        self.pending.items.insert(item.id, Some(item.clone()));
        Record::Put(why, item)
    }

    fn add(&mut self, new: &NewItem) -> Result<Record, Refusal> {
        if let Some(missing) = new.blocked_by.iter().find(|id| self.find(**id).is_none()) {
            return Err(Refusal::NoItem(*missing));
        }
        let id = ItemId(self.pending.next_id);
        self.pending.next_id += 1;
        let item = Item {
            id,
            version: Version(0),
            title: words("title", &new.title)?,
            body: new.body.clone(),
            status: Status::Open,
            owner: None,
            priority: new.priority,
            blocked_by: new.blocked_by.iter().copied().collect(),
            created_at_ms: self.at_ms,
            updated_at_ms: self.at_ms,
        };
        Ok(self.put(Why::Added, item))
    }

    fn update(&mut self, target: Target, patch: &Patch) -> Result<Record, Refusal> {
        let title = patch.title.as_deref().map(|title| words("title", title)).transpose()?;
        self.with(target, Why::Updated, |item| {
            item.title = title.unwrap_or(std::mem::take(&mut item.title));
            item.body = patch.body.clone().unwrap_or(std::mem::take(&mut item.body));
            item.priority = patch.priority.unwrap_or(item.priority);
        })
    }

    fn claim(&mut self, target: Target, owner: &str) -> Result<Record, Refusal> {
        let owner = words("owner", owner)?;
        let item = self.open(target)?;
        match &item.owner {
            Some(other) if *other != owner => Err(Refusal::Claimed { id: item.id, owner: other.clone() }),
            Some(_) | None => self.with(target, Why::Claimed, |item| item.owner = Some(owner)),
        }
    }

    fn open(&self, target: Target) -> Result<Arc<Item>, Refusal> {
        let item = self.target(target)?;
        if item.is_open() { Ok(item) } else { Err(Refusal::Closed(item.id)) }
    }

    fn close(&mut self, target: Target) -> Result<Record, Refusal> {
        self.open(target)?;
        self.with(target, Why::Closed, |item| item.status = Status::Closed)
    }

    fn reopen(&mut self, target: Target) -> Result<Record, Refusal> {
        if self.target(target)?.is_open() {
            return Err(Refusal::Open(target.id));
        }
        self.with(target, Why::Reopened, |item| {
            item.status = Status::Open;
            item.owner = None;
        })
    }

    fn delete(&mut self, target: Target) -> Result<Record, Refusal> {
        let id = self.target(target)?.id;
        self.pending.items.insert(id, None);
        Ok(Record::Delete(id))
    }

    fn block(&mut self, target: Target, by: ItemId) -> Result<Record, Refusal> {
        let id = self.target(target)?.id;
        if self.find(by).is_none() {
            return Err(Refusal::NoItem(by));
        }
        if self.waits_for(by, id) {
            return Err(Refusal::Cycle { id, by });
        }
        self.with(target, Why::Blocked, |item| {
            item.blocked_by.insert(by);
        })
    }

    /// Whether `waiter` is `id`, or waits for it, over whatever many others.
    fn waits_for(&self, waiter: ItemId, id: ItemId) -> bool {
        let (mut seen, mut left) = (BTreeSet::new(), vec![waiter]);
        while let Some(next) = left.pop() {
            if next == id {
                return true;
            }
            if seen.insert(next) {
                left.extend(self.find(next).iter().flat_map(|item| item.blocked_by.iter().copied()));
            }
        }
        false
    }

    fn import(&mut self, item: &Item) -> Result<Record, Refusal> {
        if self.find(item.id).is_some() || item.id.0 == u64::MAX {
            return Err(Refusal::Taken(item.id));
        }
        words("title", &item.title)?;
        self.pending.next_id = self.pending.next_id.max(item.id.0 + 1);
        let item = Arc::new(Item { version: Version(self.pending.seq), ..item.clone() });
        self.pending.items.insert(item.id, Some(item.clone()));
        Ok(Record::Put(Why::Imported, item))
    }
}

fn words(what: &'static str, text: &str) -> Result<String, Refusal> {
    if text.trim_start().is_empty() { Err(Refusal::Empty(what)) } else { Ok(text.to_owned()) }
}

fn fingerprint(changes: &[Change]) -> u32 {
    let text = serde_json::to_vec(changes).expect("changes are plain data");
    crc32fast::hash(&text)
}
