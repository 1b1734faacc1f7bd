//! The zoo: planted bugs that the ordinary checks must find. It guards the guards.
//!
//! A member is a patch of at most 30 lines against `src`, in `zoo/<name>.patch`. It is applied to a copy
//! of the sources, never to the sources; `src` has no switches for bugs.

mod command;
mod hunt;
mod member;
mod score;
mod tree;
mod visit;

pub use command::main;
pub use hunt::{Catch, Hunt, Method, hunt};
pub use member::{MEMBERS, Member};
pub use score::{Scores, median_ratio};
pub use visit::{Effort, Visit, ZooError, visit};
