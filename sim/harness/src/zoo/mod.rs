//! The zoo: planted bugs that the ordinary checks must find. It guards the guards.
//!
//! A member is a patch of at most 30 lines against `src`, in `zoo/<name>.patch`. It is applied to a copy
//! of the sources, never to the sources; `src` has no switches for bugs.

mod member;
mod hunt;
mod tree;
mod visit;

pub use hunt::{Hunt, hunt};
pub use member::{MEMBERS, Member};
pub use visit::{Visit, ZooError, visit};
