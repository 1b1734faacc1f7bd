//! The file system of the process's machine, with tokio's API.
//!
//! A call takes time, happens at one instant, and goes on when its future is dropped. Relative paths begin at the root.
//! Where std and tokio go on after a part was moved, or after a signal, so do the calls here: a read through
//! [`Positioned`] or of a [whole](read()) file, and each write, is then several calls, and others, a kill or a power loss
//! may come between them. Only a [`File`]'s own reads show that they are short, and only a [lock](Positioned::lock) that
//! is waited for shows a signal.
//!
//! Times are those of the machine's wall clock; permission bits are kept and shown, and keep nobody from anything.

mod blocking;
mod dir_builder;
mod file;
mod file_times;
mod links;
mod metadata;
mod open_options;
mod permissions;
mod positioned;
mod read_dir;
mod task;
mod whole;

pub use dir_builder::DirBuilder;
pub use file::File;
pub use file_times::FileTimes;
pub use links::{read_link, symlink, symlink_metadata};
pub use metadata::{FileType, Metadata};
pub use open_options::OpenOptions;
pub use permissions::set_permissions;
pub use positioned::{Lock, Positioned, boot_id, sync_directory};
pub use read_dir::{DirEntry, ReadDir, read_dir};
pub use task::{run, spawn};
pub use whole::{
    canonicalize, copy, create_dir, create_dir_all, hard_link, metadata, read, read_to_string, remove_dir,
    remove_dir_all, remove_file, rename, try_exists, write,
};
