//! Operating system threads as runs see them: a fresh one for each run, or a used one whose hash keys are set anew.
//! Knows nothing of worlds or seeds.

mod fresh;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod call_path;
mod hash_keys;
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
mod locals;
mod overflow;
mod tokio_parker;
pub(crate) mod tokio_random;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use call_path::path_to;
pub(crate) use fresh::{STACK_BYTES, fresh};
pub(crate) use hash_keys::HashKeys;
pub(crate) use overflow::OnStack;
pub(crate) use tokio_parker::{Slot, TokioParker};
