//! Std's `thread::sleep` in a world: it sleeps by libc, as it asks libc for the time, so libc's two calls are defined here.
//! Outside worlds, and in plain code between two calls that run one, they are the system's own.
#![expect(unsafe_code, reason = "libc's calls have C's signatures; the proofs stand beside each use")]

use crate::{
    context,
    executor::Core,
    libc_calls::{of_libc, shown_by, span_of},
};
use libc::{c_int, timespec};
use std::{mem, rc::Rc, time::Duration};

/// What std calls on most systems, and C code.
///
/// # Safety
/// As libc's: `request` can be read, and `left` is null or can be written.
#[unsafe(no_mangle)]
#[inline(never)]
unsafe extern "C" fn nanosleep(request: *const timespec, left: *mut timespec) -> c_int {
    type Nanosleep = unsafe extern "C" fn(*const timespec, *mut timespec) -> c_int;
    match sleeping_world() {
        // SAFETY: by this function's contract.
        Some(core) => match unsafe { read(request) } {
            Some(span) => {
                core.thread_sleeps(span);
                0
            }
            None => {
                // SAFETY: the place of this thread's `errno`, which libc keeps.
                unsafe { *errno() = libc::EINVAL };
                -1
            }
        },
        // SAFETY: `Nanosleep` is libc's signature of that name, and what it asks of its caller this function has asked.
        None => unsafe { mem::transmute::<*mut libc::c_void, Nanosleep>(of_libc(c"nanosleep"))(request, left) },
    }
}

/// What std calls on Linux.
///
/// # Safety
/// As [`nanosleep`].
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
#[inline(never)]
unsafe extern "C" fn clock_nanosleep(
    clock: libc::clockid_t,
    flags: c_int,
    request: *const timespec,
    left: *mut timespec,
) -> c_int {
    type ClockNanosleep = unsafe extern "C" fn(libc::clockid_t, c_int, *const timespec, *mut timespec) -> c_int;
    match sleeping_world() {
        // SAFETY: by this function's contract.
        Some(core) => match unsafe { read(request) }.filter(|_| has_clock(clock)) {
            Some(until) if flags & libc::TIMER_ABSTIME != 0 => {
                core.thread_sleeps(until.saturating_sub(shown_by(clock)));
                0
            }
            Some(span) => {
                core.thread_sleeps(span);
                0
            }
            None => libc::EINVAL,
        },
        // SAFETY: as above, of `ClockNanosleep`.
        None => unsafe {
            let system = of_libc(c"clock_nanosleep");
            mem::transmute::<*mut libc::c_void, ClockNanosleep>(system)(clock, flags, request, left)
        },
    }
}

/// The world whose code it is that sleeps.
fn sleeping_world() -> Option<Rc<Core>> {
    context::try_with(Rc::clone).filter(|core| core.is_driven())
}

/// Whether a world has that clock: madsim's answer for another is a panic, which C's callers cannot unwind.
#[cfg(target_os = "linux")]
fn has_clock(clock: libc::clockid_t) -> bool {
    matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_MONOTONIC | libc::CLOCK_BOOTTIME)
}

/// # Safety
/// `request` can be read.
unsafe fn read(request: *const timespec) -> Option<Duration> {
    // SAFETY: by this function's contract.
    span_of(unsafe { *request })
}

#[cfg(target_os = "linux")]
unsafe fn errno() -> *mut c_int {
    // SAFETY: it may be called anywhere.
    unsafe { libc::__errno_location() }
}

#[cfg(target_os = "macos")]
unsafe fn errno() -> *mut c_int {
    // SAFETY: it may be called anywhere.
    unsafe { libc::__error() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{World, ensure, run_calm, time::Instant};

    const SECOND: timespec = timespec { tv_sec: 1, tv_nsec: 0 };
    const NONE: timespec = timespec { tv_sec: 1, tv_nsec: 1_000_000_000 };

    fn nap(request: timespec) -> c_int {
        // SAFETY: `request` can be read, and nothing is to be written.
        unsafe { nanosleep(&raw const request, std::ptr::null_mut()) }
    }

    #[cfg(target_os = "linux")]
    fn nap_by(clock: libc::clockid_t, flags: c_int, request: timespec) -> c_int {
        // SAFETY: as above.
        unsafe { clock_nanosleep(clock, flags, &raw const request, std::ptr::null_mut()) }
    }

    #[test]
    fn a_span_is_slept_and_what_is_none_is_refused() {
        run_calm("naps", |_: World| async {
            ensure!(nap(SECOND) == 0, "a second");
            ensure!(Instant::now().as_nanos() == 1_000_000_000, "{:?}", Instant::now());
            ensure!(nap(NONE) == -1, "no time");
            // SAFETY: the place of this thread's own.
            ensure!(unsafe { *errno() } == libc::EINVAL, "no time");
            Ok(())
        })
        .assert_clean();
        assert_eq!(nap(NONE), -1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_clock_s_time_is_waited_for() {
        run_calm("naps", |_: World| async {
            ensure!(nap_by(libc::CLOCK_MONOTONIC, 0, SECOND) == 0, "a second");
            for clock in [libc::CLOCK_MONOTONIC, libc::CLOCK_REALTIME] {
                let before = Instant::now();
                let mut until = timespec { tv_sec: 0, tv_nsec: 0 };
                // SAFETY: `until` can be written.
                unsafe { libc::clock_gettime(clock, &raw mut until) };
                until.tv_sec += 5;
                ensure!(nap_by(clock, libc::TIMER_ABSTIME, until) == 0, "until then");
                ensure!(before.elapsed() == Duration::from_secs(5), "{:?}", before.elapsed());
                ensure!(nap_by(clock, libc::TIMER_ABSTIME, until) == 0, "it is past");
                ensure!(before.elapsed() == Duration::from_secs(5), "{:?}", before.elapsed());
            }
            ensure!(nap_by(libc::CLOCK_MONOTONIC, 0, NONE) == libc::EINVAL, "no time");
            for flags in [0, libc::TIMER_ABSTIME] {
                ensure!(nap_by(libc::CLOCK_TAI, flags, SECOND) == libc::EINVAL, "no clock of a world");
            }
            Ok(())
        })
        .assert_clean();
        assert_eq!(nap_by(libc::CLOCK_MONOTONIC, 0, NONE), libc::EINVAL);
    }
}
