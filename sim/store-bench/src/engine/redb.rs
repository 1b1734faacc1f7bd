//! redb, synced at each commit: items as JSON by number, and those that are ready by priority.

use super::{Engine, now_ms};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition};
use shardwright::store::{Item, ItemId, NewItem, Status, Version};
use std::{collections::BTreeSet, path::Path};

pub(crate) struct Opened(Database);

const ITEMS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("items");
const READY: TableDefinition<'_, (u8, u64), ()> = TableDefinition::new("ready");

impl Opened {
    pub(crate) fn open(directory: &Path) -> Self {
        Self(Database::create(directory.join("items.redb")).expect("a database"))
    }
}

impl Engine for Opened {
    fn append(&mut self, items: Vec<NewItem>) {
        let mut batch = self.0.begin_write().expect("begun");
        batch.set_durability(Durability::Immediate).expect("a setting");
        {
            let mut table = batch.open_table(ITEMS).expect("a table");
            let mut ready = batch.open_table(READY).expect("a table");
            items.into_iter().for_each(|item| insert(&mut table, &mut ready, item));
        }
        batch.commit().expect("committed");
    }

    fn list(&mut self, told: &mut dyn FnMut(usize)) {
        let reading = self.0.begin_read().expect("begun");
        let table = reading.open_table(ITEMS).expect("a table");
        let rows = table.iter().expect("rows");
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).expect("an item");
        let items: Vec<Item> = rows.map(|row| read(row.expect("a row").1.value())).collect();
        told(std::hint::black_box(&items).len());
    }
}

fn insert(table: &mut Table<'_, u64, &[u8]>, ready: &mut Table<'_, (u8, u64), ()>, new: NewItem) {
    let last = table.last().expect("readable").map_or(0, |(id, _)| id.value());
    let (id, at_ms) = (last + 1, now_ms());
    let item = Item {
        id: ItemId(id),
        version: Version(1),
        title: new.title,
        body: new.body,
        status: Status::Open,
        owner: None,
        priority: new.priority,
        blocked_by: BTreeSet::new(),
        created_at_ms: at_ms,
        updated_at_ms: at_ms,
    };
    ready.insert((item.priority, id), ()).expect("inserted");
    table.insert(id, &serde_json::to_vec(&item).expect("plain data")[..]).expect("inserted");
}
