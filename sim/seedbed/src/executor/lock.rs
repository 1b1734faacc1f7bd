//! Code that waits for a lock or a condition variable of std: a turn that stands still may have what it waits for, and only gives
//! it back if others go on meanwhile.
//!
//! Or another thread has it, which goes on anyway: that is no part of the run, and must not become a turn of it. Nobody can tell
//! who has it, but another thread gives it back before long. So whoever waits does that for real first, and stands still when
//! nothing has come of it; the next time at the same place in the code, at once.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]
#![expect(unsafe_code, reason = "a futex is known by its address; the proof stands beside its use")]

use super::{
    Core, blocking,
    waits::{On, Wait},
};
use crate::task::TaskLocals;
use std::{
    ptr::NonNull,
    rc::Rc,
    sync::atomic::{
        AtomicU32, AtomicU64,
        Ordering::{Acquire, Relaxed},
    },
    time::Duration,
};

/// What is said of who waits for one.
const OF_STD: &str = "a lock or a condition variable of std";

/// For how long another thread may have it: no lock that threads share is held so long by one that does not stand still.
const PATIENCE: Duration = Duration::from_millis(500);

/// What somebody waits for: that a word is another than it was.
#[derive(Debug)]
pub(super) struct Futex {
    /// Valid while this lives.
    word: NonNull<AtomicU32>,
    was: u32,
}

/// Why nobody waits any more.
pub(super) enum LockWaitEnd {
    /// Perhaps for nothing.
    Woken,
    TimedOut,
}

impl Futex {
    /// # Safety
    /// There is such a word for as long as this lives, and whoever writes it does so as to an atomic one.
    pub(super) unsafe fn new(word: NonNull<AtomicU32>, was: u32) -> Self {
        Self { word, was }
    }

    pub(super) fn address(&self) -> usize {
        self.word.addr().get()
    }

    pub(super) fn has_changed(&self) -> bool {
        // SAFETY: by the contract of `new`.
        unsafe { self.word.as_ref() }.load(Acquire) != self.was
    }
}

/// The paths to places at which what was waited for was given back by a turn.
static OF_TURNS: [AtomicU64; 256] = [const { AtomicU64::new(0) }; 256];

/// Whether another thread has what is waited for at the end of that path: if `waits`, for the patience, is woken or need not wait.
pub(super) fn is_another_thread_s(path: u64, waits: impl FnOnce(Duration) -> bool) -> bool {
    let is_known =
        OF_TURNS.iter().map(|known| known.load(Relaxed)).take_while(|&known| known != 0).any(|known| known == path);
    let is_anothers = !is_known && waits(PATIENCE);
    if !is_known && !is_anothers {
        let is_kept = |place: &AtomicU64| {
            place.compare_exchange(0, path, Relaxed, Relaxed).map_or_else(|known| known == path, |_| true)
        };
        // Where all are taken, it is waited for each time.
        let _ = OF_TURNS.iter().any(is_kept);
    }
    is_anothers
}

impl Core {
    /// Whether the running code could stand still where it waits for a lock.
    pub(super) fn may_wait_for_locks(&self) -> bool {
        // While a check looks on at an event, no other can come in between.
        let is_between_events = !self.rides() && self.recorder.try_borrow_mut().is_ok();
        let current = self.current.borrow();
        let can = |task| self.is_on_worker() || blocking::may_block() && self.can_stand_still(task);
        is_between_events && current.as_deref().is_some_and(can)
    }

    /// The running turn stands still until `futex` is woken, or so long. `None`: it cannot.
    ///
    /// Never unwinds: libc's caller does not.
    pub(super) fn waits_for_lock(self: &Rc<Self>, futex: Futex, longest: Option<Duration>) -> Option<LockWaitEnd> {
        let task = self.current.borrow().clone()?;
        let task_locals = TaskLocals::take().ok()?;
        let nanos = longest.map(|longest| u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX));
        let is_woken = match (self.is_over(), nanos) {
            (false, _) => {
                let started = self.libc_clock.elapsed();
                let wait = self.waits_on(On::Lock(futex));
                self.stands_still_until("lock", &task, nanos, |cx| {
                    if !wait.is_over.get() {
                        self.trace_saying(|| OF_STD.to_owned(), || wait.suspends(cx));
                    }
                    wait.is_over.get()
                });
                self.waits_no_more(&wait);
                self.dies_as(&task);
                self.lock_wait_ended(&wait, started, nanos)
            }
            (true, Some(nanos)) => {
                self.goes_on_after_the_end();
                self.move_only_std_clock(nanos);
                false
            }
            (true, None) if self.is_on_worker() => {
                let wait = self.waits_on(On::Lock(futex));
                self.waits_for_the_end(task, Some(wait.clone()));
                self.waits_no_more(&wait);
                true
            }
            (true, None) => self.tell_and_abort(),
        };
        task_locals.put_back();
        Some(if is_woken { LockWaitEnd::Woken } else { LockWaitEnd::TimedOut })
    }

    /// Says whether it was woken: if it had no longest time, as good as that.
    fn lock_wait_ended(&self, wait: &Rc<Wait>, started: Duration, longest: Option<u64>) -> bool {
        match longest {
            Some(longest) if !wait.is_over.get() => {
                self.std_clock_sees(started, longest);
                false
            }
            _ => true,
        }
    }
}
