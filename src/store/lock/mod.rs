//! Who may write: one process at a time, in the order in which they came, and nobody waits for the dead.

mod table;
mod line;
mod marking;
mod contention;

pub use contention::Contention;
pub(super) use contention::Waits;
pub(super) use line::{DOOR, Line, Turn, read};
pub(super) use marking::Marker;
pub(super) use table::{Mark, Seat, Table, place};
