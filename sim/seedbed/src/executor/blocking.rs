//! Code that may block its thread, as `spawn_blocking` and `block_in_place` run it.

use super::worker::where_it_may_block;
use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether what runs is where tokio lets a thread block.
pub(crate) fn may_block() -> bool {
    DEPTH.get() > 0
}

/// Runs `work` where a thread may block, and without a budget, which nobody would give anew meanwhile.
pub(crate) fn blocking<R>(work: impl FnOnce() -> R) -> R {
    struct Depth;
    impl Drop for Depth {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    DEPTH.set(DEPTH.get() + 1);
    let _depth = Depth;
    if DEPTH.get() == 1 { where_it_may_block(work) } else { work() }
}

/// How deep the running stack is in such code; from now on, so deep.
pub(super) fn swap_depth(depth: u32) -> u32 {
    DEPTH.replace(depth)
}
