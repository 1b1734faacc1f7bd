#![doc = include_str!("format.md")]

mod item;
mod change;
mod query;
mod settings;
mod error;
mod handle;
pub mod events;

mod plan;
mod entry;
mod state;
mod frame;
mod cursor;
mod log;
mod rotate;
mod paths;
mod lock;
mod replica;
mod stock;
mod commit;
mod writer;

pub use change::{Change, NewItem, Patch, Receipt, Request, Target};
pub use error::{Corruption, Failure, OpenError, ReadError, Refusal, Step, WriteError};
pub use handle::Store;
pub use item::{Item, ItemId, Status, Version};
pub use lock::Contention;
pub use query::Filter;
pub use settings::Settings;
