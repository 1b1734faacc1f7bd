//! The queue of instants: a slab of live timers and a lazy heap of their deadlines.

use crate::{executor::Place, net::Wire};
use std::{cmp::Reverse, collections::BinaryHeap, task::Waker};

/// What a timer does when it is due.
#[derive(Debug)]
pub(crate) enum Target {
    /// Wakes the task in this place of the task table.
    Task(Place),
    /// Wakes a waker that is not a task's own.
    Waker(Waker),
    /// Lets a task in that the schedule held back.
    Admit(Place),
    /// Brings what is on the way of the network.
    Wire(Wire),
}

/// A live timer; stale once it has fired or was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerKey {
    /// The world it is of: a sleep may outlive it in a static.
    world: u32,
    slot: u32,
    /// Which timer of the run it is.
    order: u32,
}

/// Whose a timer is, and which of that task's.
pub(crate) type Owner = Option<(Place, u32)>;

/// A timer that is due.
#[derive(Debug)]
pub(crate) struct Fired {
    pub(crate) owner: Owner,
    pub(crate) target: Target,
}

#[derive(Debug)]
struct Slot {
    /// The order of the timer that lives here; [`FREE`] if none does.
    order: u32,
    /// The task that set it and takes it along when it dies, and which of its timers it is.
    owner: Owner,
    target: Option<Target>,
}

const FREE: u32 = u32::MAX;

/// A deadline in one number, which compares in one step: the instant in nanoseconds above, then the order
/// of setting, then the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due(u128);

impl Due {
    #[inline]
    const fn new(at: u64, order: u32, slot: u32) -> Self {
        Self((at as u128) << 64 | (order as u128) << 32 | slot as u128)
    }

    #[inline]
    const fn at(self) -> u64 {
        (self.0 >> 64) as u64
    }

    #[inline]
    const fn order(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    const fn slot(self) -> usize {
        self.0 as u32 as usize
    }
}

/// Cancelled entries stay in the heap until they surface or outnumber the live ones.
const STALE_MIN: usize = 64;

/// Room for the timers of a small run: growing by doubling would cost it more than the rest of the queue.
const TYPICAL: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Timers {
    world: u32,
    slots: Vec<Slot>,
    free: Vec<u32>,
    heap: BinaryHeap<Reverse<Due>>,
    live: usize,
    set_count: u32,
}

impl Timers {
    pub(crate) fn of_world(world: u32) -> Self {
        Self {
            world,
            slots: Vec::with_capacity(TYPICAL),
            free: Vec::with_capacity(TYPICAL),
            heap: BinaryHeap::with_capacity(TYPICAL),
            ..Self::default()
        }
    }

    /// Sets a timer for `at` (nanoseconds). Timers of one instant are due in the order of setting.
    ///
    /// # Panics
    /// At the 2^32nd timer of a run.
    // Always inlined: the arguments would go through memory in pieces and be read at once, which stalls.
    #[inline(always)]
    pub(crate) fn set(&mut self, at: u64, owner: Owner, target: Target) -> TimerKey {
        let order = self.set_count;
        assert!(order != FREE, "a run sets fewer than 2^32 timers");
        self.set_count += 1;
        self.live += 1;
        let taken = Slot { order, owner, target: Some(target) };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = taken;
            slot
        } else {
            self.slots.push(taken);
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 live timers")
        };
        self.heap.push(Reverse(Due::new(at, order, slot)));
        TimerKey { world: self.world, slot, order }
    }

    /// Takes the timer away and gives back whose it was and what it would have woken; `None` if it is not live.
    pub(crate) fn take_target(&mut self, key: TimerKey) -> Option<(Owner, Target)> {
        if !self.is_live(key) {
            return None;
        }
        let owner = self.slots[key.slot as usize].owner;
        let target = self.take(key.slot as usize)?;
        self.forget_stale();
        Some((owner, target))
    }

    /// Replaces whose a live timer is and what it wakes, if `anew` gives something else for it. What it
    /// woke before comes back, to be dropped outside.
    pub(crate) fn retarget(
        &mut self,
        key: TimerKey,
        anew: impl FnOnce(Owner, &Target) -> Option<(Owner, Target)>,
    ) -> Option<Target> {
        let slot = &mut self.slots[key.slot as usize];
        let (owner, target) = anew(slot.owner, slot.target.as_ref()?)?;
        slot.owner = owner;
        slot.target.replace(target)
    }

    /// Whether the timer has neither fired nor been cancelled.
    #[inline]
    pub(crate) fn is_live(&self, key: TimerKey) -> bool {
        key.world == self.world && self.slots[key.slot as usize].order == key.order
    }

    /// The next instant at which a live timer is due.
    #[inline]
    pub(crate) fn next_at(&mut self) -> Option<u64> {
        while let Some(&Reverse(due)) = self.heap.peek() {
            if self.slots[due.slot()].order == due.order() {
                return Some(due.at());
            }
            self.heap.pop();
        }
        None
    }

    /// Whether another timer is due at `now`, or was due before.
    #[inline]
    pub(crate) fn is_due(&mut self, now: u64) -> bool {
        self.next_at().is_some_and(|at| at <= now)
    }

    /// Takes the timer that is due next, which [`next_at`](Self::next_at) has just brought to the front.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Fired> {
        let Reverse(due) = self.heap.pop()?;
        debug_assert_eq!(self.slots[due.slot()].order, due.order(), "a stale timer is due");
        let owner = self.slots[due.slot()].owner;
        let target = self.take(due.slot())?;
        Some(Fired { owner, target })
    }

    /// Takes away all timers of a task; what they would have woken is to be dropped outside.
    pub(crate) fn forget(&mut self, owner: Place) -> Vec<Target> {
        let mut forgotten = Vec::new();
        for slot in 0..self.slots.len() {
            let entry = &self.slots[slot];
            if entry.target.is_some() && entry.owner.is_some_and(|(place, _)| place == owner) {
                forgotten.extend(self.take(slot));
            }
        }
        self.forget_stale();
        forgotten
    }

    /// Empties the slot of a live timer.
    #[inline]
    fn take(&mut self, slot: usize) -> Option<Target> {
        let entry = &mut self.slots[slot];
        entry.order = FREE;
        self.free.push(slot as u32);
        self.live -= 1;
        entry.target.take()
    }

    #[inline]
    fn forget_stale(&mut self) {
        let stale = self.heap.len() - self.live;
        if stale > STALE_MIN && stale > self.live {
            let slots = &self.slots;
            self.heap.retain(|Reverse(due)| slots[due.slot()].order == due.order());
        }
    }

    #[cfg(test)]
    fn heap_len(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Target, Timers};
    use std::task::Waker;

    fn target() -> Target {
        Target::Waker(Waker::noop().clone())
    }

    #[test]
    fn a_cancelled_timer_neither_fires_nor_stays() {
        let mut timers = Timers::default();
        for _ in 0..100_000 {
            let key = timers.set(86_400_000_000_000, None, target());
            assert!(timers.take_target(key).is_some());
            assert!(timers.take_target(key).is_none(), "a second cancel finds nothing");
        }
        assert!(timers.heap_len() <= 2 * super::STALE_MIN, "{} stale entries", timers.heap_len());
        assert_eq!(timers.next_at(), None);
    }

    #[test]
    fn timers_of_one_instant_are_due_by_age() {
        let mut timers = Timers::default();
        let keys = [3, 5, 5, 9].map(|at| timers.set(at, None, target()));
        let mut live = Vec::new();
        while timers.is_due(5) {
            assert!(timers.pop().is_some());
            live.push(keys.map(|key| timers.is_live(key)));
        }
        assert_eq!(live, [[false, true, true, true], [false, false, true, true], [false, false, false, true]]);
    }
}
