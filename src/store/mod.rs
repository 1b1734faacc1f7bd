//! Work items, kept through any crash.
#![doc = include_str!("format.md")]

mod item;
mod change;
mod query;
mod settings;
mod error;
mod handle;
mod backup;
mod restore;
mod doctor;
mod jsonl;
mod transfer;
pub mod events;

mod behind;
mod plan;
mod entry;
mod effect;
mod stored;
mod items;
mod wear;
mod state;
mod frame;
mod head;
mod cursor;
mod log;
mod rotate;
mod paths;
mod payload;
mod lock;
mod replica;
mod survey;
mod stock;
mod commit;
mod queue;
mod sync;
mod writer;

pub use backup::Backup;
pub use change::{Change, NewItem, Patch, Receipt, Request, Target};
pub use doctor::{Report, Waiter, doctor};
pub use error::{Corruption, Failure, ImportError, OpenError, ReadError, Refusal, RestoreError, Step, WriteError};
pub use handle::{Store, Submitted};
pub use item::{Item, ItemId, Status, Version};
pub use jsonl::{LineError, Wrong};
pub use lock::Contention;
pub use query::Filter;
pub use restore::{Restored, restore};
pub use settings::Settings;
pub use transfer::Imported;
