//! One piece of work on an operating system thread of its own, with nothing left per thread from work before.

use std::thread;

/// Stack of a fresh thread: address space, of which only touched pages cost anything. Stated, so that `RUST_MIN_STACK`
/// changes no run. A thread costs the same with 128 KiB as with this much; with more than the 40 MiB that glibc keeps
/// for the next thread, 1.3 to 2 times as much processor time.
pub(crate) const STACK_BYTES: usize = 8 << 20;

/// Runs `work` on a fresh thread and waits for its end. `Err` is the payload of its panic.
///
/// To be called outside any world: inside one, madsim refuses threads.
///
/// # Panics
/// If the system refuses another thread.
pub(crate) fn fresh<T: Send>(work: impl FnOnce() -> T + Send) -> thread::Result<T> {
    fresh_with_stack(STACK_BYTES, work)
}

/// `fresh`, for work that needs another stack than `STACK_BYTES`.
pub(crate) fn fresh_with_stack<T: Send>(stack_bytes: usize, work: impl FnOnce() -> T + Send) -> thread::Result<T> {
    let builder = thread::Builder::new().stack_size(stack_bytes);
    thread::scope(|scope| {
        let running = builder.spawn_scoped(scope, work).expect("the system grants one more thread");
        // Not left to the scope, which waits for the work only: thread-local destructors would run beside the
        // next run, and the overlap costs up to 1.5 times the processor time.
        running.join()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_its_payload() {
        let payload = fresh(|| -> u32 { panic!("planned") }).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"planned"));
    }

    #[test]
    fn work_may_borrow_and_return() {
        let words = ["a", "b"];
        assert_eq!(fresh(|| words.concat()).unwrap(), "ab");
    }

    #[test]
    fn the_stack_is_as_large_as_asked_for() {
        let on_stack = || std::hint::black_box([1_u8; 24 << 20]).iter().map(|&byte| u64::from(byte)).sum::<u64>();
        assert_eq!(fresh_with_stack(128 << 20, on_stack).unwrap(), 24 << 20);
    }
}
