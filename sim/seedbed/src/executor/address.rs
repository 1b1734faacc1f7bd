//! Where wakers and handles point: a task's address, which is a number and keeps nothing alive.
//!
//! A waker with a reference count would cost two locked operations at every wait, a tenth of a small run.
#![expect(unsafe_code, reason = "std's safe wakers are reference counted; the proof stands below")]

use super::{inbox, table::Place};
use crate::{context, executor::inbox::Asked};
use std::{
    fmt, ptr,
    rc::Rc,
    task::{RawWaker, RawWakerVTable, Waker},
};

const GENERATION_BITS: u32 = 20;
const SLOT_BITS: u32 = 22;

/// Worlds of a process are numbered modulo this: a waker that outlives its world in a static would have
/// to wait for so many worlds to be taken for another's.
pub(super) const WORLDS: u32 = 1 << (usize::BITS - SLOT_BITS - GENERATION_BITS);
/// Live tasks of one world.
pub(super) const SLOTS: u32 = 1 << SLOT_BITS;
/// Tasks that live in one slot, one after another.
pub(super) const GENERATIONS: u32 = 1 << GENERATION_BITS;

/// A task of any world of this process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(usize);

impl Address {
    /// All three below their bounds above.
    #[inline]
    pub(super) const fn new(world: u32, place: Place) -> Self {
        let of_world = (place.slot() as usize) << GENERATION_BITS | place.generation() as usize;
        Self((world as usize) << (SLOT_BITS + GENERATION_BITS) | of_world)
    }

    #[inline]
    pub(super) const fn world(self) -> u32 {
        (self.0 >> (SLOT_BITS + GENERATION_BITS)) as u32
    }

    #[inline]
    pub(super) const fn place(self) -> Place {
        Place::new((self.0 >> GENERATION_BITS) as u32 & (SLOTS - 1), self.0 as u32 & (GENERATIONS - 1))
    }

    /// Asks it of the task, if it lives: at once in its own world, by letter from elsewhere.
    #[inline]
    pub(super) fn ask(self, asked: Asked) {
        if matches!(asked, Asked::Forgo) {
            return self.forgo();
        }
        let here = context::try_with(|core| {
            let here = core.world == self.world();
            if here {
                core.obey(self.place(), asked);
            }
            here
        });
        if here != Some(true) {
            inbox::send(self, asked);
        }
    }

    /// What is dropped with a result may enter a world itself.
    fn forgo(self) {
        match context::try_with(Rc::clone).filter(|core| core.world == self.world()) {
            Some(core) => core.obey(self.place(), Asked::Forgo),
            None => inbox::send(self, Asked::Forgo),
        }
    }

    pub(super) fn waker(self) -> Waker {
        // SAFETY: `RawWaker`'s contract asks that the functions of the table be sound for the data in any thread
        // and at any time. Here the data is a number in a pointer's clothes: none of the functions dereferences
        // it, it owns nothing, and so copying it is a clone and forgetting it is a drop.
        unsafe { Waker::from_raw(self.raw()) }
    }

    #[inline]
    fn raw(self) -> RawWaker {
        RawWaker::new(ptr::without_provenance(self.0), &TABLE)
    }

    #[inline]
    fn of_raw(data: *const ()) -> Self {
        Self(data.addr())
    }
}

/// Calls the world's list or its inbox and nothing else: a waker may be called with locks held.
static TABLE: RawWakerVTable = RawWakerVTable::new(
    |data| Address::of_raw(data).raw(),
    |data| Address::of_raw(data).ask(Asked::Wake),
    |data| Address::of_raw(data).ask(Asked::Wake),
    |_| (),
);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        write!(f, "Address({}:{}.{})", self.world(), place.slot(), place.generation())
    }
}
