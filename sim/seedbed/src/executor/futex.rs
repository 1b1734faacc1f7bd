//! How std, tokio and parking_lot wait on Linux: by the system call `futex`, through libc's `syscall`. That function is defined
//! here, sees where a world's turn would park the thread, and passes all else on.
#![expect(unsafe_code, reason = "libc's calls have C's signatures; the proofs stand beside each use")]

use super::{
    park,
    parker::{self, Parker},
};
use crate::{
    context,
    libc_calls::{of_libc, shown_by, span_of},
};
use libc::{c_int, c_long, timespec};
use std::{
    mem,
    ptr::null_mut,
    rc::Rc,
    sync::atomic::{AtomicPtr, Ordering::Relaxed},
    time::Duration,
};

type Syscall = unsafe extern "C" fn(c_long, usize, usize, usize, usize, usize, usize) -> c_long;

/// libc's is variadic, which stable Rust cannot define. It has six arguments at most, each of a register's size, and takes six,
/// whatever was given: on the systems that this is built for, a call looks the same to it and to this.
///
/// # Safety
/// As libc's.
#[unsafe(no_mangle)]
unsafe extern "C" fn syscall(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> c_long {
    // SAFETY: by this function's contract `d` is what `futex` takes there.
    if number == libc::SYS_futex && unsafe { is_seen(a, b, d) } {
        return 0;
    }
    // SAFETY: what libc's asks of its caller this function has asked.
    unsafe { libc_s()(number, a, b, c, d, e, f) }
}

fn libc_s() -> Syscall {
    static LIBC_S: AtomicPtr<libc::c_void> = AtomicPtr::new(null_mut());
    let mut found = LIBC_S.load(Relaxed);
    if found.is_null() {
        found = of_libc(c"syscall");
        LIBC_S.store(found, Relaxed);
    }
    // SAFETY: libc's function of that name; that the signature fits is said above.
    unsafe { mem::transmute::<*mut libc::c_void, Syscall>(found) }
}

/// Whether there is nothing to wait for any more, as the turn of a world has waited, or nobody to be woken, as it is a turn.
///
/// # Safety
/// As the system's call `futex`: if that operation waits, `timeout` is null or points to a time.
#[inline]
unsafe fn is_seen(address: usize, operation: usize, timeout: usize) -> bool {
    const WAIT: c_int = libc::FUTEX_WAIT;
    const WAIT_UNTIL: c_int = libc::FUTEX_WAIT_BITSET;
    let Ok(operation) = c_int::try_from(operation) else { return false };
    match operation & libc::FUTEX_CMD_MASK {
        libc::FUTEX_WAKE => parker::is_only_seen(address) || is_unparked(address),
        waits @ (WAIT | WAIT_UNTIL) => {
            let is_parked = |parker: Parker| {
                // SAFETY: by this function's contract.
                let timeout = unsafe { (timeout as *const timespec).as_ref() };
                parks(&parker, timeout.map(|&until| (waits == WAIT_UNTIL).then(|| left_until(until))))
            };
            parker::is_tried_at(address) || Parker::at(address).is_some_and(is_parked)
        }
        _ => false,
    }
}

/// Whether a turn of this thread's world waits there.
fn is_unparked(address: usize) -> bool {
    let is_so = context::try_with(|core| core.is_woken(address)).unwrap_or_default();
    if !is_so {
        park::other_woken();
    }
    is_so
}

/// Whether the turn of a world stood still instead, until somebody unparked it, or so long. A time of `Some(None)` is of a kind
/// that neither parker asks for.
fn parks(parker: &Parker, longest: Option<Option<Duration>>) -> bool {
    let Some(core) = context::try_with(Rc::clone).filter(|core| core.is_driven()) else { return false };
    match longest {
        None => core.thread_parks(parker, None),
        Some(longest) => longest.is_some() && core.thread_parks(parker, longest),
    }
}

/// As the system's monotonic clock shows it in the world.
fn left_until(until: timespec) -> Duration {
    span_of(until).unwrap_or_default().saturating_sub(shown_by(libc::CLOCK_MONOTONIC))
}
