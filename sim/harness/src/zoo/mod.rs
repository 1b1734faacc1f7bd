//! The zoo: planted bugs that the ordinary checks must find. It guards the guards.
//!
//! A member is a patch of at most 30 lines against `src`, in `zoo/<name>.patch`, or one of the bugs of
//! another system's design that was ported as it is, in `ported/`. Both are applied to a copy of the
//! sources, never to the sources; `src` has no switches for bugs.

mod against;
mod alone;
mod command;
mod error;
pub mod half_life;
mod hunt;
mod member;
mod score;
mod sim;
mod tell;
mod tree;
mod visit;

pub use command::COMMAND;
pub use error::ZooError;
pub use hunt::{Catch, End, Ground, Hunt, Method, Wanted, hunt};
pub use member::{MEMBERS, Member, Source};
pub use score::{Score, Scores, median_ratio};
pub use tell::{Told, tell};
pub use visit::{Effort, Visit, visit};
