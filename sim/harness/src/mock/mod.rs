//! The provider of models, in process: answers late, wrongly or never, as the seed decides.
//!
//! Every outcome is a keyed decision about one shard, so a shard's answers do not depend on who else
//! asks. Knows nothing of slots or checks; it tells the log when an exchange opens and closes.

mod preset;
mod hazard;
mod plan;
mod model;

pub use hazard::{Effect, Family, Hazard};
pub use model::MockModel;
pub use preset::Preset;
