//! The parkers by which a thread waits: std's, of `thread::park`, and tokio's, of `blocking_recv` and its like. Both wait by a
//! futex, whose calls are seen here, and both may return for nothing: so who waits can be let go on.
//!
//! Of tokio's each worker has one of its own, where another can be put in the place of the thread's. A turn that waits by it stays
//! parked, and who unparks it wakes its futex. Where that cannot be, and by std's, which all turns of the thread share, a turn that
//! waits leaves its parker, as if it had been unparked, and who unparks it from then on leaves a token in it:
//! [`Parker::take_token`] takes that out.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

use crate::thread::{Slot, TokioParker};
use std::{
    cell::{Cell, OnceCell, RefCell},
    future::poll_fn,
    mem,
    rc::Rc,
    task::Poll,
    thread,
};
use tokio::{
    runtime::Handle,
    task::{block_in_place, coop::unconstrained},
};

#[derive(Clone, Debug)]
pub(crate) enum Parker {
    Std,
    Tokio(Rc<OfTokio>),
}

impl PartialEq for Parker {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Std, Self::Std) => true,
            (Self::Tokio(one), Self::Tokio(other)) => Rc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// One of tokio's, as this thread has it.
#[derive(Debug)]
pub(crate) struct OfTokio {
    parker: TokioParker,
    /// Where the thread waits while it is parked by it; 0 where that is not known.
    address: Cell<usize>,
}

thread_local! {
    /// Where the thread waits while it is parked by std; 0 where that is not known.
    static STD_AT: Cell<usize> = const { Cell::new(0) };
    /// Where it waits while it is parked by tokio.
    static TOKIO_AT: Cell<usize> = const { Cell::new(0) };
    /// The one that is woken next only to see whether it is parked; then 0.
    static UNPARKED_AT: Cell<usize> = const { Cell::new(0) };
    /// A parker that is parked only to see whether it has a token.
    static TRIED: RefCell<Option<Parker>> = const { RefCell::new(None) };
    static IS_TRIED: Cell<bool> = const { Cell::new(false) };
    /// The thread's own of tokio's, and where another can be put in its place, if that is known.
    static OWN: OnceCell<(Rc<OfTokio>, Option<Slot>)> = const { OnceCell::new() };
    /// Another one that is.
    static IN_PLACE: RefCell<Option<Rc<OfTokio>>> = const { RefCell::new(None) };
}

/// The thread is about to wait at that address. Says whether it does so only to be seen, and need not.
///
/// The first wait of a parker tells its address. That it might be another's, parking_lot's for a lock of its table, which it
/// spins for before and holds for some 50 ns, is left open.
#[inline]
pub(super) fn is_tried_at(address: usize) -> bool {
    IS_TRIED.get() && is_the_tried(address)
}

fn is_the_tried(address: usize) -> bool {
    let is_meant = |tried: &mut Parker| [0, address].contains(&tried.address());
    let Some(tried) = TRIED.with_borrow_mut(|tried| tried.take_if(is_meant)) else { return false };
    IS_TRIED.set(false);
    tried.waits_at(address);
    tried.unpark();
    true
}

/// The thread wakes who waits for that address. Says whether it does so only to be seen, and need not.
#[inline]
pub(super) fn is_only_seen(address: usize) -> bool {
    let is_so = UNPARKED_AT.get() == address;
    if is_so {
        UNPARKED_AT.set(0);
    }
    is_so
}

/// Has it known where this thread parks.
pub(super) fn make_known(tokio: &Handle) {
    const CAN_BE: bool = cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")));
    if CAN_BE && STD_AT.get() == 0 {
        Parker::Std.make_known(tokio);
        OWN.with(|own| {
            own.get_or_init(|| {
                let own = OfTokio::new(TokioParker::of_this_thread(tokio));
                Parker::Tokio(own.clone()).make_known(tokio);
                TOKIO_AT.set(own.address.get());
                (own, Slot::find(tokio))
            });
        });
    }
}

impl Parker {
    /// The one that may wait there.
    #[inline]
    pub(super) fn at(address: usize) -> Option<Self> {
        if STD_AT.get() == address {
            Some(Self::Std)
        } else if TOKIO_AT.get() == address {
            let in_place = IN_PLACE.try_with(|in_place| in_place.borrow().clone()).ok()?;
            in_place.or_else(OfTokio::own).map(Self::Tokio)
        } else {
            None
        }
    }

    /// Those that the turns of this thread share, as far as they are known.
    pub(super) fn shared() -> impl Iterator<Item = Self> {
        let std_s = (STD_AT.get() != 0).then_some(Self::Std);
        std_s.into_iter().chain(OfTokio::own().map(Self::Tokio))
    }

    pub(super) fn is_shared(&self) -> bool {
        Self::shared().any(|shared| shared == *self)
    }

    /// Whether who unparks it wakes its own futex, which nobody else waits for. parking_lot's is one a thread.
    pub(super) fn has_own_futex(&self) -> bool {
        Self::shared().all(|shared| shared.address() != self.address())
    }

    /// What a turn that it parks is said to do.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Std => "park",
            Self::Tokio(_) => "block",
        }
    }

    pub(super) fn address(&self) -> usize {
        match self {
            Self::Std => STD_AT.get(),
            Self::Tokio(parker) => parker.address.get(),
        }
    }

    fn waits_at(&self, address: usize) {
        match self {
            Self::Std => STD_AT.set(address),
            Self::Tokio(parker) => parker.address.set(address),
        }
    }

    /// Has it known where it waits. Its token stays.
    fn make_known(&self, tokio: &Handle) {
        if self.take_token(tokio) {
            self.take_token(tokio);
            self.unpark();
        }
    }

    /// Whether somebody has unparked it since it was last taken, or waited.
    pub(super) fn take_token(&self, tokio: &Handle) -> bool {
        TRIED.set(Some(self.clone()));
        IS_TRIED.set(true);
        match self {
            Self::Std => thread::park(),
            Self::Tokio(parker) => parker.put_in_place(|| park_tokio_s(tokio)),
        }
        IS_TRIED.set(false);
        // It has waited if it had none.
        TRIED.take().is_some()
    }

    /// Who parks by it leaves it, as if it had been unparked; says whether it had been.
    pub(super) fn leave(&self, tokio: &Handle) -> bool {
        let is_unparked = !self.unpark();
        self.take_token(tokio);
        is_unparked
    }

    /// Lets who parks by it return, now or the next time. Says whether the thread was parked by it where that is known to be.
    pub(super) fn unpark(&self) -> bool {
        UNPARKED_AT.set(self.address());
        match self {
            Self::Std => thread::current().unpark(),
            Self::Tokio(parker) => parker.parker.unpark(),
        }
        UNPARKED_AT.replace(0) == 0
    }
}

impl OfTokio {
    fn new(parker: TokioParker) -> Rc<Self> {
        Rc::new(Self { parker, address: Cell::new(0) })
    }

    /// One for a worker, which nobody parks by; `None` where none can be put in the place of the thread's.
    pub(super) fn of_a_worker(tokio: &Handle) -> Option<Rc<Self>> {
        if OWN.with(|own| own.get().is_none_or(|(_, slot)| slot.is_none())) {
            return None;
        }
        let parker = Self::new(TokioParker::of_no_thread(tokio)?);
        Parker::Tokio(parker.clone()).make_known(tokio);
        // What is left of an earlier world's.
        Parker::Tokio(parker.clone()).take_token(tokio);
        Some(parker)
    }

    /// Nobody parks by it any more.
    pub(super) fn keep(self: Rc<Self>) {
        if let Some(parker) = Rc::into_inner(self) {
            parker.parker.keep();
        }
    }

    fn own() -> Option<Rc<Self>> {
        OWN.try_with(|own| own.get().map(|(own, _)| own.clone())).ok()?
    }

    /// Runs `f` where the thread parks by it.
    pub(super) fn put_in_place<R>(self: &Rc<Self>, f: impl FnOnce() -> R) -> R {
        struct Before(usize, Option<Rc<OfTokio>>);
        impl Drop for Before {
            fn drop(&mut self) {
                TOKIO_AT.set(self.0);
                IN_PLACE.set(self.1.take());
            }
        }
        let _before = Before(TOKIO_AT.replace(self.address.get()), IN_PLACE.replace(Some(self.clone())));
        OWN.with(|own| match own.get() {
            Some((_, Some(slot))) => slot.with(&self.parker, f),
            _ => f(),
        })
    }
}

/// Parks once, as who blocks on a future does that is pending once.
fn park_tokio_s(tokio: &Handle) {
    let mut was_polled = false;
    let pending_once = poll_fn(|_| if mem::replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending });
    block_in_place(|| tokio.block_on(unconstrained(pending_once)));
}
