//! The shared face of a task: what its waker, its handles and other threads may touch.

use super::Place;
use crate::context;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering::Relaxed},
    },
    task::Wake,
};

/// Where a task stands. Written by the world's thread only, so that `Relaxed` is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits to be woken.
    Waiting = 0,
    /// Was woken, and has not been polled since.
    Woken = 1,
    /// Is being polled.
    Running = 2,
    /// Is being polled and was woken meanwhile.
    RunningWoken = 3,
    /// Finished, panicked or dropped.
    Done = 4,
}

/// Wakes from threads that are not inside the world.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    any: AtomicBool,
    places: Mutex<Vec<Place>>,
}

impl Inbox {
    fn push(&self, place: Place) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).push(place);
        // After the push, and read before the lock is taken: a wake is seen at the next turn at the latest.
        self.any.store(true, std::sync::atomic::Ordering::Release);
    }

    /// Whether anything has come: one load, at every turn.
    #[inline]
    pub(crate) fn has_any(&self) -> bool {
        self.any.load(std::sync::atomic::Ordering::Acquire)
    }

    pub(crate) fn take(&self) -> Vec<Place> {
        self.any.store(false, std::sync::atomic::Ordering::Relaxed);
        std::mem::take(&mut *self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One per task; its waker is an `Arc` of it.
#[derive(Debug)]
pub(crate) struct Header {
    world: u64,
    place: Place,
    state: AtomicU8,
    abort_asked: AtomicBool,
    inbox: Arc<Inbox>,
}

impl Header {
    pub(crate) fn new(world: u64, place: Place, inbox: Arc<Inbox>) -> Self {
        Self { world, place, state: AtomicU8::new(State::Waiting as u8), abort_asked: AtomicBool::new(false), inbox }
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    #[inline]
    pub(crate) fn state(&self) -> State {
        match self.state.load(Relaxed) {
            0 => State::Waiting,
            1 => State::Woken,
            2 => State::Running,
            3 => State::RunningWoken,
            _ => State::Done,
        }
    }

    #[inline]
    pub(crate) fn set_state(&self, state: State) {
        self.state.store(state as u8, Relaxed);
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state() == State::Done
    }

    pub(crate) fn is_abort_asked(&self) -> bool {
        self.abort_asked.load(Relaxed)
    }

    /// Asks the task to be dropped at its next turn. Nothing if it is done or was asked already.
    pub(crate) fn ask_abort(self: &Arc<Self>) {
        if !self.is_done() && !self.abort_asked.swap(true, Relaxed) {
            context::try_with(|core| {
                if core.world == self.world {
                    core.abort_asked(self.place);
                }
            });
            self.wake_by_ref();
        }
    }
}

/// Pushes to the world's list and does nothing else: a waker may be called with locks held.
impl Wake for Header {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        let here = context::try_with(|core| {
            let here = core.world == self.world;
            if here {
                match self.state() {
                    State::Waiting => {
                        self.set_state(State::Woken);
                        core.woken(self.place);
                    }
                    State::Running => {
                        self.set_state(State::RunningWoken);
                        core.record_wake(self.place);
                    }
                    State::Woken | State::RunningWoken | State::Done => {}
                }
            }
            here
        });
        if here != Some(true) {
            self.inbox.push(self.place);
        }
    }
}
