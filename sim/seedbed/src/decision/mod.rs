//! Keyed decisions: what a run chooses, each under a name of its own.
//!
//! A decision has a key (site, entity, occurrence) and a default. ChaCha, keyed by the seed, gives one
//! subkey per (site, entity); an occurrence is a mix of the subkey and its number. So a draw added in
//! one place moves no other, and a decision that nobody uses is not drawn.

mod distribution;
mod draws;
mod key;
mod keyring;
mod log_normal;
mod mix;
mod table;
mod type_name;

pub use distribution::{Distribution, Ratio, Unit, ratio};
pub use draws::Draws;
pub use key::{Entity, Site};
pub use log_normal::LogNormal;

pub(crate) use distribution::below;
pub(crate) use keyring::Keyring;
pub(crate) use mix::{fold, hash_str, mix};
pub(crate) use table::Decisions;
pub(crate) use type_name::TypeName;
