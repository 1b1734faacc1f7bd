//! How std, tokio and parking_lot wait on Linux: by the system call `futex`, through libc's `syscall`. That function is defined
//! here, sees where a world's turn would park the thread, and passes all else on.
#![expect(unsafe_code, reason = "libc's calls have C's signatures; the proofs stand beside each use")]

use super::{
    lock::{self, Futex, LockWaitEnd},
    parker::{self, Parker},
    waits,
};
use crate::{
    context,
    libc_calls::{of_libc, shown_by, span_of},
    thread::path_to,
};
use libc::{c_int, c_long, timespec};
use std::{
    io, mem,
    ptr::{NonNull, null_mut},
    rc::Rc,
    sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed},
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
    if number == libc::SYS_futex {
        let call = Call { address: a, operation: b, value: c, timeout: d };
        // SAFETY: by this function's contract.
        if let Some(result) = unsafe { call.is_seen() } {
            return result;
        }
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

/// A call of the system's `futex`, which takes further arguments where it neither waits for one word nor wakes.
struct Call {
    address: usize,
    operation: usize,
    value: usize,
    timeout: usize,
}

impl Call {
    /// What it returns, as the turn of a world has waited, or as there is nobody but turns to be woken.
    ///
    /// # Safety
    /// As the system's call: if that operation waits, the address is a word's, and the timeout null or a time's.
    #[inline]
    unsafe fn is_seen(&self) -> Option<c_long> {
        const WAIT: c_int = libc::FUTEX_WAIT;
        const WAIT_UNTIL: c_int = libc::FUTEX_WAIT_BITSET;
        match c_int::try_from(self.operation).ok()? & libc::FUTEX_CMD_MASK {
            libc::FUTEX_WAKE => self.wakes(),
            WAIT | WAIT_UNTIL if parker::is_tried_at(self.address) => Some(0),
            waits @ (WAIT | WAIT_UNTIL) => {
                // SAFETY: by this function's contract.
                let timeout = unsafe { (self.timeout as *const timespec).as_ref() };
                let longest = timeout.map(|&until| (waits == WAIT_UNTIL).then(|| left_until(until)));
                match Parker::at(self.address) {
                    Some(parker) => parks(&parker, longest).then_some(0),
                    // SAFETY: as above.
                    None if waits == WAIT_UNTIL => unsafe { self.waits_for_lock(longest.flatten()) },
                    // parking_lot's: it keeps who waits by thread, and so only one turn of a thread can.
                    None => None,
                }
            }
            _ => None,
        }
    }

    fn wakes(&self) -> Option<c_long> {
        if parker::is_only_seen(self.address) {
            return Some(0);
        }
        let woken = context::try_with(|core| core.wakes(self.address, self.value)).unwrap_or_default();
        if woken == 0 {
            waits::other_woken();
            return None;
        }
        // Those that are left are other threads'.
        let others = if woken < self.value { self.for_real(self.operation, self.value - woken, 0) } else { 0 };
        Some(woken as c_long + others.max(0))
    }

    /// # Safety
    /// The address is that of a word, until this returns.
    unsafe fn waits_for_lock(&self, longest: Option<Duration>) -> Option<c_long> {
        let word = NonNull::new(self.address as *mut AtomicU32)?;
        let core = context::try_with(Rc::clone).filter(|core| core.is_driven() && core.may_wait_for_locks())?;
        // SAFETY: by this function's contract: it is used no more when this returns. Who waits for a word's change loads it
        // atomically, as the system does, and its writers know of both.
        let futex = unsafe { Futex::new(word, self.value as u32) };
        let path = || path_to(syscall as Syscall as usize);
        if futex.has_changed() || lock::is_another_thread_s(path(), |patience| self.comes_of_it(patience)) {
            return Some(0);
        }
        match core.waits_for_lock(futex, longest)? {
            LockWaitEnd::Woken => Some(0),
            LockWaitEnd::TimedOut => {
                // SAFETY: it is this thread's own.
                unsafe { *libc::__errno_location() = libc::ETIMEDOUT };
                Some(-1)
            }
        }
    }

    /// Whether another thread wakes who waits, or has done so, within such a time of the real clock.
    fn comes_of_it(&self, patience: Duration) -> bool {
        const PARTS: u32 = 10;
        let part = patience / PARTS;
        let part = timespec { tv_sec: 0, tv_nsec: part.subsec_nanos().into() };
        let operation = self.operation & !(libc::FUTEX_CMD_MASK as usize) & !(libc::FUTEX_CLOCK_REALTIME as usize);
        let operation = operation | libc::FUTEX_WAIT as usize;
        // A signal ends a part of it.
        let comes_of_it = |()| {
            self.for_real(operation, self.value, (&raw const part).addr()) == 0
                || !matches!(io::Error::last_os_error().raw_os_error(), Some(libc::ETIMEDOUT | libc::EINTR))
        };
        (0..PARTS).map(|_| ()).any(comes_of_it)
    }

    fn for_real(&self, operation: usize, value: usize, timeout: usize) -> c_long {
        // SAFETY: one of `FUTEX_WAKE` and `FUTEX_WAIT`, on the word that the caller gave, with a time that is null or lives on.
        unsafe { libc_s()(libc::SYS_futex, self.address, operation, value, timeout, 0, 0) }
    }
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
