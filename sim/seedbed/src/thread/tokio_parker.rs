//! Where tokio parks a thread: `blocking_recv` and its like, and what is blocked on by a handle, all wait by one parker that
//! tokio keeps for the thread in a thread-local. Here another one can be put in its place, so that code which stands still on a
//! stack of its own has a parker of its own too, as if it were on a thread of its own.
#![expect(unsafe_code, reason = "tokio's thread-local cannot be named; the proofs stand beside each use")]

use std::{
    future::poll_fn,
    mem::MaybeUninit,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{null, null_mut},
    sync::{Mutex, PoisonError},
    task::{Poll, Waker},
};
use tokio::{
    runtime::Handle,
    task::{block_in_place, coop::unconstrained},
};

/// Those that were made and have no use now: to make one costs a thread.
static UNUSED: Mutex<Vec<TokioParker>> = Mutex::new(Vec::new());

/// A parker of tokio's, by a waker that unparks it.
#[derive(Debug)]
pub(crate) struct TokioParker(Waker);

impl TokioParker {
    /// The one in place on this thread.
    pub(crate) fn of_this_thread(tokio: &Handle) -> Self {
        let ready = poll_fn(|cx| Poll::Ready(cx.waker().clone()));
        Self(block_in_place(|| tokio.block_on(unconstrained(ready))))
    }

    /// One that no thread parks by. `None`: the system grants no more threads.
    pub(crate) fn of_no_thread(tokio: &Handle) -> Option<Self> {
        let unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner).pop();
        unused.or_else(|| on_another_thread(|| Self::of_this_thread(tokio)))
    }

    /// Keeps it for others. It must be in place nowhere.
    pub(crate) fn keep(self) {
        UNUSED.lock().unwrap_or_else(PoisonError::into_inner).push(self);
    }

    /// Lets who parks by it return, now or the next time.
    pub(crate) fn unpark(&self) {
        self.0.wake_by_ref();
    }
}

/// What `f` returns, of a thread that runs nothing else; `None` if there is none to be had, or if it panics.
///
/// Unlike std's it may be called inside a world, where madsim refuses threads: `f` knows of no world.
fn on_another_thread<T: Send, F: FnOnce() -> T + Send>(f: F) -> Option<T> {
    struct Work<F, T>(Option<F>, Option<T>);
    extern "C" fn run<F: FnOnce() -> T, T>(work: *mut libc::c_void) -> *mut libc::c_void {
        // SAFETY: it is the pointer below, to a value that only this thread uses until it was joined.
        let work = unsafe { &mut *work.cast::<Work<F, T>>() };
        let f = work.0.take();
        work.1 = f.and_then(|f| catch_unwind(AssertUnwindSafe(f)).ok());
        null_mut()
    }
    let mut work = Work(Some(f), None);
    let mut thread = MaybeUninit::uninit();
    // SAFETY: no attributes are asked for; `run` takes what it is given, which outlives the thread, as that is joined below.
    // Function and result may be sent to another thread.
    let refused = unsafe { libc::pthread_create(thread.as_mut_ptr(), null(), run::<F, T>, (&raw mut work).cast()) };
    if refused != 0 {
        return None;
    }
    // SAFETY: the thread has begun, so its id was written, and nobody else joins it. What it wrote is seen after that.
    unsafe { libc::pthread_join(thread.assume_init(), null_mut()) };
    work.1
}

pub(crate) use slot::Slot;

#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
mod slot {
    use super::{Handle, TokioParker};
    use crate::thread::locals::{Block, write};
    use std::{cell::Cell, ptr::NonNull, sync::atomic::AtomicUsize};

    /// Where tokio keeps the parker of the thread that found it; of no other, as a pointer is not `Send`.
    ///
    /// Invariant: `place` points to the word of tokio's thread-local, which is the `Arc` of the parker in place. The evidence: it
    /// was the only word of the thread's variables with that value, and with another parker's written there tokio parked by that
    /// one.
    #[derive(Debug)]
    pub(crate) struct Slot {
        place: NonNull<u64>,
        in_place: Cell<u64>,
        /// The one that tokio has put there.
        own: TokioParker,
    }

    impl Slot {
        /// `None`: it cannot be told where that is.
        pub(crate) fn find(tokio: &Handle) -> Option<Self> {
            let own = TokioParker::of_this_thread(tokio);
            let place = Block::of_this_thread()?.only_place_of([own.word()])?;
            let slot = Self { place, in_place: Cell::new(own.word()), own };
            let another = TokioParker::of_no_thread(tokio)?;
            if another.0.vtable() != slot.own.0.vtable() {
                return None;
            }
            let seen = slot.with(&another, || TokioParker::of_this_thread(tokio));
            let is_obeyed = seen.0.will_wake(&another.0);
            another.keep();
            is_obeyed.then_some(slot)
        }

        /// Runs `f` with that parker in place. What halts on a stack of its own meanwhile is to go on with the same in place.
        pub(crate) fn with<R>(&self, parker: &TokioParker, f: impl FnOnce() -> R) -> R {
            struct Before<'a>(&'a Slot, u64);
            impl Drop for Before<'_> {
                fn drop(&mut self) {
                    self.0.put(self.1);
                }
            }
            let _before = Before(self, self.in_place.get());
            self.put(parker.word());
            f()
        }

        /// To be called by `with` only, which keeps the parker alive as long as it is in place.
        fn put(&self, word: u64) {
            self.in_place.set(word);
            // SAFETY: the place is a variable of this thread's, aligned and writable, and nobody reads it at this moment. It has
            // a pointer to the counts and the value of an `Arc`, and what is written is such a pointer too, of the same type: that
            // is what a waker of tokio's points to, behind the counts. tokio drops what is there when the thread ends, and by
            // then its own is back, as `with` puts back what was there.
            //
            // tokio lends that variable while it parks, so a stack that stands still may have a reference to it, behind which the
            // word changes. But that stack reads nothing meanwhile, and when it goes on the word is what it was: whether it was
            // read before or is read then, it is the same.
            unsafe { write(self.place, word) };
        }
    }

    impl TokioParker {
        /// What an `Arc` of it is.
        fn word(&self) -> u64 {
            const COUNTS: usize = size_of::<[AtomicUsize; 2]>();
            (self.0.data().addr() - COUNTS) as u64
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")))]
mod slot {
    use super::{Handle, TokioParker};

    /// None: nobody has shown yet where tokio's parker is on this platform.
    #[derive(Debug)]
    pub(crate) enum Slot {}

    impl Slot {
        pub(crate) fn find(_tokio: &Handle) -> Option<Self> {
            None
        }

        pub(crate) fn with<R>(&self, _parker: &TokioParker, _f: impl FnOnce() -> R) -> R {
            match *self {}
        }
    }
}

#[cfg(all(test, target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;
    use std::{mem::replace, thread};
    use tokio::runtime::Builder;

    /// Parks once.
    fn park(tokio: &Handle) {
        let mut was_polled = false;
        tokio.block_on(poll_fn(|_| if replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending }));
    }

    #[test]
    fn who_has_another_in_place_parks_by_that_one() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tokio = runtime.handle();
        let own = TokioParker::of_this_thread(tokio);
        let slot = Slot::find(tokio).expect("here it can be told");
        let [one, other] = [(); 2].map(|()| TokioParker::of_no_thread(tokio).unwrap());
        assert!(!one.0.will_wake(&other.0) && !one.0.will_wake(&own.0));
        let is_in_place = |parker: &TokioParker| TokioParker::of_this_thread(tokio).0.will_wake(&parker.0);

        slot.with(&one, || {
            assert!(is_in_place(&one));
            slot.with(&other, || {
                assert!(is_in_place(&other));
                own.unpark();
                other.unpark();
                park(tokio);
            });
            assert!(is_in_place(&one));
            thread::scope(|scope| {
                scope.spawn(|| one.unpark());
                park(tokio);
            });
        });
        assert!(is_in_place(&own));
        park(tokio);
    }

    #[test]
    fn its_own_is_back_after_a_panic() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tokio = runtime.handle();
        let slot = Slot::find(tokio).unwrap();
        let own = TokioParker::of_this_thread(tokio);
        let other = TokioParker::of_no_thread(tokio).unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| slot.with(&other, || panic!("planned"))));
        assert!(panicked.is_err());
        assert!(TokioParker::of_this_thread(tokio).0.will_wake(&own.0));
    }

    #[test]
    fn threads_that_begin_beside_each_other_have_each_their_own() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tokio = runtime.handle();
        let own = thread::scope(|scope| {
            let finds = || (Slot::find(tokio).is_some(), TokioParker::of_this_thread(tokio));
            [(); 4].map(|()| scope.spawn(finds)).map(|thread| thread.join().unwrap())
        });
        assert!(own.iter().all(|(found, _)| *found));
        assert!((1..4).all(|at| !own[0].1.0.will_wake(&own[at].1.0)));
    }
}
