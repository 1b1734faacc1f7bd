//! Who calls, told by the addresses on the stack.
#![expect(unsafe_code, reason = "the unwinder is C's; the proofs stand beside each use")]

use std::{
    ffi::{c_int, c_void},
    hash::{DefaultHasher, Hasher as _},
};

/// How many calls tell one path from another: those of std's lock, and of whoever locks.
const CALLS: usize = 5;

#[repr(C)]
struct Frame {
    opaque: [u8; 0],
}

type Visit = extern "C" fn(frame: *mut Frame, calls: *mut c_void) -> c_int;

// Of the unwinder that std's panics use, so it is linked into every program.
unsafe extern "C" {
    fn _Unwind_Backtrace(visit: Visit, calls: *mut c_void) -> c_int;
    fn _Unwind_GetIP(frame: *mut Frame) -> usize;
    fn _Unwind_FindEnclosingFunction(address: usize) -> usize;
}

struct Calls {
    /// Of which those of seedbed's are passed over.
    function: usize,
    is_found: bool,
    left: usize,
    hasher: DefaultHasher,
}

/// A hash of the innermost calls that have led to `function`, which runs, at this address: in one process the same for the same
/// path. Never 0.
#[inline(never)]
pub(crate) fn path_to(function: usize) -> u64 {
    extern "C" fn visit(frame: *mut Frame, calls: *mut c_void) -> c_int {
        const GO_ON: c_int = 0;
        const END: c_int = 5;
        // SAFETY: it is the pointer below, to a value that nobody else uses meanwhile.
        let calls = unsafe { &mut *calls.cast::<Calls>() };
        // SAFETY: the unwinder lends a frame to this call, which asks for nothing but the address in it.
        let address = unsafe { _Unwind_GetIP(frame) };
        if calls.is_found {
            calls.hasher.write_usize(address);
            calls.left -= 1;
        } else {
            // SAFETY: it only looks the address up.
            calls.is_found = unsafe { _Unwind_FindEnclosingFunction(address) } == calls.function;
        }
        if calls.left == 0 { END } else { GO_ON }
    }
    let mut calls = Calls { function, is_found: false, left: CALLS, hasher: DefaultHasher::new() };
    // SAFETY: the callback is of the type that is asked for, does not unwind, and gets a pointer to a local that outlives the
    // walk. That only reads the stack, where each call has its tables or is the end.
    unsafe { _Unwind_Backtrace(visit, (&raw mut calls).cast()) };
    calls.hasher.finish() | 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[inline(never)]
    extern "C" fn here() -> u64 {
        black_box(path_to(here as extern "C" fn() -> u64 as usize))
    }

    #[inline(never)]
    fn by_one() -> u64 {
        black_box(here())
    }

    #[inline(never)]
    fn by_another() -> u64 {
        black_box(here()) | 1
    }

    #[test]
    fn a_path_is_known_again_and_told_from_another() {
        // A vector, so that all are called from one place.
        let calls: Vec<fn() -> u64> = black_box(vec![by_one, by_one, by_another]);
        let paths: Vec<u64> = calls.into_iter().map(|call| call()).collect();
        assert!(paths[0] == paths[1] && paths[0] != paths[2], "{paths:x?}");
    }
}
