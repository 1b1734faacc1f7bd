//! The two parkers that a thread has: std's, by which `thread::park` waits, and tokio's, by which `blocking_recv` and its like
//! do. Both wait by a futex, whose calls are seen here, and both may return for nothing: so who waits can be let go on.
//!
//! A thread has one of each, and its worlds have many turns that wait. So a turn that waits leaves its parker, as if it had
//! been unparked, and who unparks the thread from then on leaves a token in it: [`Parker::take_token`] takes that out.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

use std::{
    cell::{Cell, OnceCell},
    future::poll_fn,
    mem, ptr,
    task::{Poll, Waker},
    thread,
};
use tokio::{
    runtime::Handle,
    task::{block_in_place, coop::unconstrained},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parker {
    Std,
    Tokio,
}

/// Both.
pub(super) const PARKERS: [Parker; 2] = [Parker::Std, Parker::Tokio];

/// A wait for a futex.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Of the futex.
    pub(super) address: usize,
    /// An address on the stack that is as deep for each wait.
    pub(super) frame: usize,
}

thread_local! {
    /// Where the thread waits while it is parked, by parker; 0 where that is not known.
    static ADDRESSES: [Cell<usize>; 2] = const { [const { Cell::new(0) }; 2] };
    /// How far above the frame of that wait the one is which parks in a loop, by parker.
    static DEPTHS: [Cell<usize>; 2] = const { [const { Cell::new(0) }; 2] };
    /// Whom a futex was woken for last.
    static WOKEN: Cell<usize> = const { Cell::new(0) };
    /// The frame that parks in a loop now.
    static LOOPS_AT: Cell<usize> = const { Cell::new(0) };
    /// A parker that is parked only to see whether it has a token.
    static TRIED: Cell<Option<Parker>> = const { Cell::new(None) };
    /// Unparks tokio's.
    static WAKER: OnceCell<Waker> = const { OnceCell::new() };
}

/// The thread is about to wait at that address. Says whether it does so only to be seen, and need not.
///
/// The first wait of a parker tells its address. That it might be another's, parking_lot's for a lock of its table, which it
/// spins for before and holds for some 50 ns, is left open.
pub(super) fn is_tried_at(place: Place) -> bool {
    let Some(tried) = TRIED.get().filter(|tried| [0, place.address].contains(&tried.address(Cell::get))) else {
        return false;
    };
    TRIED.set(None);
    tried.address(|at| at.set(place.address));
    DEPTHS.with(|depths| depths[tried as usize].set(LOOPS_AT.get().saturating_sub(place.frame)));
    tried.unpark();
    true
}

/// The thread wakes who waits for that address.
#[inline]
pub(super) fn wakes(address: usize) {
    WOKEN.set(address);
}

impl Parker {
    /// The one that may wait there.
    #[inline]
    pub(super) fn at(address: usize) -> Option<Self> {
        PARKERS.into_iter().find(|parker| parker.address(Cell::get) == address)
    }

    /// What a turn that it parks is said to do.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Std => "park",
            Self::Tokio => "block",
        }
    }

    fn address<R>(self, f: impl FnOnce(&Cell<usize>) -> R) -> R {
        ADDRESSES.with(|addresses| f(&addresses[self as usize]))
    }

    /// Whether it is known where it waits.
    pub(super) fn is_known(self) -> bool {
        self.address(Cell::get) != 0
    }

    /// Has it known. Its token stays.
    pub(super) fn make_known(self, tokio: &Handle) {
        let can_be = cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));
        if can_be && self.take_token(tokio) {
            self.take_token(tokio);
            self.unpark();
        }
    }

    /// Where on the stack the frames begin that stay while somebody waits there in a loop.
    pub(super) fn loops_at(self, place: Place) -> usize {
        place.frame + DEPTHS.with(|depths| depths[self as usize].get())
    }

    /// Whether somebody has unparked it since it was last taken, or waited.
    pub(super) fn take_token(self, tokio: &Handle) -> bool {
        TRIED.set(Some(self));
        LOOPS_AT.set((&raw const self).addr());
        match self {
            Self::Std => thread::park(),
            Self::Tokio => park_tokio_s(tokio),
        }
        // It has waited if it had none.
        TRIED.take().is_some()
    }

    /// Whether it is parked at that address, where something else may be waited for too. It is so no more.
    pub(super) fn leaves(self, address: usize) -> bool {
        WOKEN.set(0);
        self.unpark();
        WOKEN.get() == address
    }

    /// Lets it return, now or the next time.
    pub(super) fn unpark(self) {
        match self {
            Self::Std => thread::current().unpark(),
            Self::Tokio => drop(WAKER.try_with(|waker| waker.get().map(Waker::wake_by_ref))),
        }
    }
}

/// Parks once, as who blocks on a future does that is pending once.
fn park_tokio_s(tokio: &Handle) {
    let mut was_polled = false;
    let pending_once = poll_fn(|cx| {
        // tokio has it on the stack where it parks in a loop.
        LOOPS_AT.set(ptr::from_ref(cx.waker()).addr());
        let _ = WAKER.try_with(|waker| waker.get_or_init(|| cx.waker().clone()).will_wake(cx.waker()));
        if mem::replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending }
    });
    block_in_place(|| tokio.block_on(unconstrained(pending_once)));
}
