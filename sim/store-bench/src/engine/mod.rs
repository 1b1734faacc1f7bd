//! What is compared, behind one trait: each keeps the same items, and acknowledges what is on the disk.

mod shardwright;
mod sqlite;
mod redb;

use ::shardwright::store::NewItem;
use std::path::Path;

/// An open store of one engine.
pub(crate) trait Engine {
    /// All of them or none; on the disk when it returns.
    fn append(&mut self, items: Vec<NewItem>);
    /// Brings all items into memory, and says how many they are while they are there.
    fn list(&mut self, told: &mut dyn FnMut(usize));
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Shardwright,
    Sqlite,
    /// One process at a time may have it open.
    Redb,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Shardwright, Self::Sqlite, Self::Redb];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Shardwright => "shardwright",
            Self::Sqlite => "sqlite",
            Self::Redb => "redb",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The store in the directory, which is made if there is none.
    pub(crate) fn open(self, directory: &Path) -> Box<dyn Engine> {
        match self {
            Self::Shardwright => Box::new(shardwright::Opened::open(directory)),
            Self::Sqlite => Box::new(sqlite::Opened::open(directory)),
            Self::Redb => Box::new(redb::Opened::open(directory)),
        }
    }
}

/// What the rivals write down as the time of an append.
fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
