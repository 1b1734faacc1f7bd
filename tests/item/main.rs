//! `shardwright item` as processes: what each command says, many writers of one store, and writers that are killed.
#![cfg(real_side)]
#![expect(clippy::disallowed_methods, reason = "outside every world: real processes, files, threads and clock")]

mod directory;
mod process;
mod command;
mod transfer;
mod care;
mod format;
mod crowd;
mod killed;
