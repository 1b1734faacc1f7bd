//! beads_zig's storage, its flaws included, behind the face of this project's own: it takes the place of `src/store` in a
//! copy of the sources, where the ordinary scenarios and checks judge it.
//!
//! Items, changes, questions, settings, errors and what is said to the log are this project's; files, locks, formats and
//! the order of everything are the other's. Where this project's face asks for what the other has not, it does what its
//! design would most naturally do:
//!
//! - A version of an item is where the frame stands that changed it last: that is known under the lock, and nothing else
//!   is counted for all processes. Nobody compares it, so a claim is whoever's wrote last.
//! - A request's changes are written one by one: there is no batch.
//! - A request's key is the added issue's `external_ref`, which is looked for before the issue is added again. Whatever
//!   else is asked again is done again.
//! - A checkpoint, which the log has no operation for, is a line of the main file, and saved with all of it.
//! - Names of issues are random there and do not collide. Here they are numbers: the process's, and a count of its own.
//!
//! `beads.lock` is the file that the scenarios' hanging process locks, and the log of the first generation the one that
//! they measure. The compactor writes the main file that the commands read; that it writes another one there hides
//! everything else that is wrong with it.

mod item;
mod change;
mod query;
mod settings;
mod error;
#[expect(dead_code, reason = "only what is wrong with lines, which the errors tell")]
mod jsonl;
#[expect(dead_code, reason = "it tells less than this project's store")]
pub mod events;

mod paths;
mod process;
mod beads_lock;
mod generation;
mod state;
mod main_file;
mod frame;
mod wal;
mod compactor;
mod handle;
mod doctor;

pub use change::{Change, NewItem, Patch, Receipt, Request, Target};
pub use doctor::{Report, doctor};
pub use error::{Corruption, Failure, ImportError, OpenError, ReadError, Refusal, RestoreError, Step, WriteError};
pub use handle::Store;
pub use item::{Item, ItemId, Status, Version};
pub use jsonl::{LineError, Wrong};
pub use query::Filter;
pub use settings::Settings;
