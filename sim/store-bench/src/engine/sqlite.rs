//! SQLite as its manual has it for many writers: write-ahead log, synced at each commit, a connection that stays open,
//! prepared statements, and a busy handler that waits.

use super::{Engine, now_ms};
use rusqlite::{Connection, Row, TransactionBehavior, params};
use shardwright::store::{Item, ItemId, NewItem, Status, Version};
use std::{collections::BTreeSet, path::Path, time::Duration};

pub(crate) struct Opened(Connection);

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS items (
        id INTEGER PRIMARY KEY,
        version INTEGER NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        status INTEGER NOT NULL,
        owner TEXT,
        priority INTEGER NOT NULL,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS ready ON items (priority, id) WHERE status = 0 AND owner IS NULL;";
const INSERT: &str = "
    INSERT INTO items (version, title, body, status, owner, priority, created_at_ms, updated_at_ms)
    VALUES (1, ?1, ?2, 0, NULL, ?3, ?4, ?4)";
const SELECT: &str = "
    SELECT id, version, title, body, status, owner, priority, created_at_ms, updated_at_ms FROM items ORDER BY id";

impl Opened {
    pub(crate) fn open(directory: &Path) -> Self {
        let connection = Connection::open(directory.join("items.sqlite")).expect("a database");
        connection.busy_timeout(Duration::from_secs(30)).expect("a number");
        connection.pragma_update(None, "journal_mode", "WAL").expect("a pragma");
        connection.pragma_update(None, "synchronous", "FULL").expect("a pragma");
        connection.execute_batch(TABLE).expect("a table");
        Self(connection)
    }
}

impl Engine for Opened {
    fn append(&mut self, items: Vec<NewItem>) {
        if let [item] = &items[..] {
            insert(&self.0, item);
            return;
        }
        let batch = self.0.transaction_with_behavior(TransactionBehavior::Immediate).expect("begun");
        items.iter().for_each(|item| insert(&batch, item));
        batch.commit().expect("committed");
    }

    fn list(&mut self, told: &mut dyn FnMut(usize)) {
        let mut select = self.0.prepare_cached(SELECT).expect("a statement");
        let rows = select.query_map([], read).expect("rows");
        let items: Vec<Item> = rows.map(|row| row.expect("a row")).collect();
        told(std::hint::black_box(&items).len());
    }
}

fn insert(connection: &Connection, item: &NewItem) {
    let mut insert = connection.prepare_cached(INSERT).expect("a statement");
    insert.execute(params![item.title, item.body, item.priority, now_ms().cast_signed()]).expect("inserted");
}

fn read(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: ItemId(unsigned(row, 0)?),
        version: Version(unsigned(row, 1)?),
        title: row.get(2)?,
        body: row.get(3)?,
        status: if row.get::<_, u8>(4)? == 0 { Status::Open } else { Status::Closed },
        owner: row.get(5)?,
        priority: row.get(6)?,
        blocked_by: BTreeSet::new(),
        created_at_ms: unsigned(row, 7)?,
        updated_at_ms: unsigned(row, 8)?,
    })
}

/// SQLite's integers are signed.
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}
