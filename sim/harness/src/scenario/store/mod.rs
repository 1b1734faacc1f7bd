//! Many processes, one store, and a machine that fails: scenarios of storage, as data over [`Yard::CALM`](yard::Yard).

mod yard;
mod life;
mod agent;
mod work;
mod reader;
mod trouble;
mod claims;
mod resume;
mod rot;
mod all;

pub(super) use all::*;
