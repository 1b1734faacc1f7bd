//! Overflows of stacks that are not a thread's own, told as std tells those of threads: by a fault in the page below.
#![expect(unsafe_code, reason = "std has no handlers of signals; the proofs stand beside each use")]

use libc::{c_int, c_void, sigaction, siginfo_t};
use std::{
    cell::Cell,
    mem::MaybeUninit,
    ops::Range,
    ptr,
    sync::{Once, OnceLock},
};

/// As the systems tell it that seedbed runs on.
const FAULTS: [c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];
static BEFORE: [OnceLock<sigaction>; 2] = [const { OnceLock::new() }; 2];

/// No page is larger. What lies above the lowest page of a stack is its own, where no fault can be.
const PAGE_MAX: usize = 64 << 10;

thread_local! {
    static LOWEST_PAGE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// While it lives, the thread runs on another stack than its own.
pub(crate) struct OnStack {
    before: (usize, usize),
}

impl OnStack {
    /// Of the stack whose lowest address is `limit`.
    pub(crate) fn with_limit(limit: usize) -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(install);
        Self { before: LOWEST_PAGE.replace((limit, limit + PAGE_MAX)) }
    }
}

impl Drop for OnStack {
    fn drop(&mut self) {
        LOWEST_PAGE.set(self.before);
    }
}

fn install() {
    for (signal, before) in FAULTS.into_iter().zip(&BEFORE) {
        let mut now = MaybeUninit::<sigaction>::uninit();
        // SAFETY: the pointers are a null, which asks for nothing to be changed, and one to a place for what is read.
        if unsafe { libc::sigaction(signal, ptr::null(), now.as_mut_ptr()) } != 0 {
            return;
        }
        // SAFETY: the call has succeeded, and so has written all of it.
        let mut action = *before.get_or_init(|| unsafe { now.assume_init() });
        action.sa_sigaction = on_fault as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: `on_fault` has the signature that SA_SIGINFO asks for, and does what a handler may: it reads a thread-local
        // that needs no destructor and a cell that was filled before, writes to a descriptor, aborts, and sets an action. It
        // has a stack to run on: SA_ONSTACK is that of std, which each of its threads has, and without one the process dies
        // of the fault as it would have without the handler.
        unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    }
}

unsafe extern "C" fn on_fault(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
    const TOLD: &[u8] =
        b"\na worker of a world has overflowed its stack\nfatal runtime error: stack overflow, aborting\n";
    // SAFETY: with SA_SIGINFO the system hands over a valid `info`, which for these signals has an address.
    let at = unsafe { (*info).si_addr() }.addr();
    let (from, to) = LOWEST_PAGE.get();
    if (Range { start: from, end: to }).contains(&at) {
        // SAFETY: the pointer and the length are those of a constant.
        unsafe { libc::write(libc::STDERR_FILENO, TOLD.as_ptr().cast(), TOLD.len()) };
        // SAFETY: it has no conditions.
        unsafe { libc::abort() };
    }
    // Not for this handler: what faulted does so again when this returns, and finds the one from before.
    let which = FAULTS.iter().position(|fault| *fault == signal);
    if let Some(before) = which.and_then(|which| BEFORE[which].get()) {
        // SAFETY: the action is one that the system has told.
        unsafe { libc::sigaction(signal, before, ptr::null_mut()) };
    }
}
