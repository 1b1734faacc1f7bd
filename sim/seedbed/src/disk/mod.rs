//! Machines' disks: files behind a page cache, and what a power loss leaves of them.

mod content;
mod fault;
mod image;
mod images;
mod machine;
mod tree;

pub use fault::DiskFault;
pub(crate) use image::{Choice, Choose, Part};
pub(crate) use images::Images;
pub(crate) use machine::{Access, Handle, MachineId, Machines, System};
pub(crate) use tree::{FILE_MODE, Facts, Opening, Sort};
