//! Operating system threads as runs see them: a fresh one for each run, or a used one whose hash keys are set anew.
//! Knows nothing of worlds or seeds.

mod fresh;
mod hash_keys;
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
mod locals;
mod overflow;
mod tokio_parker;
pub(crate) mod tokio_random;

pub(crate) use fresh::{STACK_BYTES, fresh};
pub(crate) use hash_keys::HashKeys;
pub(crate) use overflow::OnStack;
pub(crate) use tokio_parker::{Slot, TokioParker};
