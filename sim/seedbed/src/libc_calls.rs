//! Functions of libc that this crate defines anew: std and C code call ours, and ours pass on to libc what is no world's.
#![expect(unsafe_code, reason = "libc's calls have C's signatures; the proofs stand beside each use")]

use libc::timespec;
use std::{ffi::CStr, time::Duration};

/// The function of that name which the program would have had without this crate. Never null.
pub(crate) fn of_libc(name: &CStr) -> *mut libc::c_void {
    // SAFETY: the name ends in a null; what is asked for is only looked up.
    let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    assert!(!found.is_null(), "libc has {name:?}");
    found
}

/// What a clock shows in the world.
#[cfg(target_os = "linux")]
pub(crate) fn shown_by(clock: libc::clockid_t) -> Duration {
    let mut now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` can be written.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    span_of(now).unwrap_or_default()
}

/// `None` if it is none.
pub(crate) fn span_of(span: timespec) -> Option<Duration> {
    let nanos = u32::try_from(span.tv_nsec).ok().filter(|&nanos| nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(span.tv_sec).ok()?, nanos))
}
