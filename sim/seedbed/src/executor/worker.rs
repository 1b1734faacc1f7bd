//! Workers: stacks on which tasks have their turns, one turn after another. Where a turn blocks on a future, its worker stands
//! still in the midst of it, and another one goes on with the world until the future is ready: as tokio's workers and threads
//! for blocking work do, but one at a time, all on the world's thread, and in an order that the schedule decides.
#![expect(unsafe_code, reason = "a stack that stands still is continued by a pointer; the proof stands beside its use")]

use super::{
    Core, budget,
    idle::where_blocking_is_allowed,
    parker::{self, OfTokio, Parker},
    task::Task,
    tear_down::{TYPICAL_STACK_BYTES, may_forget},
    waits::Wait,
};
use crate::{
    context,
    history::TaskId,
    thread::{OnStack, STACK_BYTES},
};
use corosensei::{
    Coroutine, CoroutineResult, Yielder,
    stack::{DefaultStack, Stack},
};
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    rc::Rc,
    sync::{Mutex, PoisonError},
    thread,
};

/// Those that no worker uses: the system takes longer to grant one than a small run takes.
static UNUSED: Mutex<Vec<DefaultStack>> = Mutex::new(Vec::new());

/// What a worker halts for.
pub(super) enum Halt {
    /// From here on its code may block the thread, or may not any more.
    MayBlock(bool),
    /// Its turn is not over, and waits for the turns of this guest.
    WaitsFor(TaskId),
    /// The world is over, and it waits for what may still be dropped: for that lock, or to be unparked.
    WaitsForTheEnd(Option<Rc<Wait>>),
    /// It is the turn of a guest, which is not for this worker.
    GuestsTurn(Rc<Task>),
}

/// The way from a worker's stack back to the thread's own.
pub(super) type WayBack = NonNull<Yielder<(), Halt>>;

pub(super) struct Worker {
    /// None once its stack was taken back.
    coroutine: Option<Coroutine<(), Halt, (), DefaultStack>>,
    /// The lowest address of its stack.
    limit: usize,
    may_block: bool,
    /// By which it parks, if it ever might have and can have one of its own.
    parker: Option<Rc<OfTokio>>,
}

impl Worker {
    fn new(core: Rc<Core>) -> Self {
        let unused = UNUSED.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let stack = unused.unwrap_or_else(|| DefaultStack::new(STACK_BYTES).expect("the system grants one more stack"));
        let limit = stack.limit().get();
        let coroutine = Coroutine::with_stack(stack, move |yielder, ()| {
            core.way_back.set(Some(NonNull::from(yielder)));
            core.work();
        });
        Self { coroutine: Some(coroutine), limit, may_block: false, parker: None }
    }

    /// Goes on until it halts; `None`: its work is done, as the world is over.
    ///
    /// To be called on the thread's own stack.
    fn go_on(&mut self, core: &Core) -> Option<Halt> {
        loop {
            let halt = if self.may_block { self.resume_where_it_may_block(core) } else { self.resume(core) };
            match halt {
                Some(Halt::MayBlock(may_block)) => self.may_block = may_block,
                halt => {
                    if let Some(Halt::WaitsFor(_) | Halt::WaitsForTheEnd(_)) = halt {
                        self.may_block = false;
                    }
                    return halt;
                }
            }
        }
    }

    fn resume_where_it_may_block(&mut self, core: &Core) -> Option<Halt> {
        self.parker = self.parker.take().or_else(|| core.parker_of_a_worker());
        let parker = self.parker.clone();
        let mut resume = || budget::unbounded(|| where_blocking_is_allowed(|| self.resume(core)));
        match parker {
            Some(parker) => parker.put_in_place(resume),
            None => resume(),
        }
    }

    fn resume(&mut self, core: &Core) -> Option<Halt> {
        struct Back<'a>(&'a Core);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                self.0.way_back.set(None);
            }
        }
        let _back = Back(core);
        let _on_stack = OnStack::with_limit(self.limit);
        match self.coroutine.as_mut()?.resume(()) {
            CoroutineResult::Yield(halt) => Some(halt),
            CoroutineResult::Return(()) => None,
        }
    }
}

impl Drop for Worker {
    /// One that stands still in the midst of a turn is forgotten.
    fn drop(&mut self) {
        match self.coroutine.take() {
            Some(coroutine) if coroutine.done() => {
                UNUSED.lock().unwrap_or_else(PoisonError::into_inner).push(coroutine.into_stack());
                if let Some(parker) = self.parker.take() {
                    parker.keep();
                }
            }
            coroutine => mem::forget((coroutine, self.parker.take())),
        }
    }
}

/// The workers of a world that do not work now.
#[derive(Default)]
pub(super) struct Workers {
    /// Between two turns.
    spare: Vec<Worker>,
    waiting: Vec<Waiting>,
    /// Since the world is over; those with a wait for a lock, the others parked.
    ending: Vec<(Worker, Option<Rc<Wait>>)>,
}

struct Waiting {
    guest: TaskId,
    worker: Worker,
    /// Whether its turn panics already, so that it cannot be unwound.
    is_panicking: bool,
}

impl Core {
    /// Has the turns of the world run until it is over, or `guests_turn` says that it was the last one for now. That is called
    /// for each turn of a guest that no worker waits for, on the caller's stack.
    pub(super) fn run_workers(self: &Rc<Self>, mut guests_turn: impl FnMut(Rc<Task>) -> bool) {
        let mut worker = self.spare_worker();
        while let Some(halt) = worker.go_on(self) {
            match halt {
                Halt::MayBlock(_) | Halt::WaitsForTheEnd(_) => {}
                Halt::WaitsFor(guest) => {
                    let waits = mem::replace(&mut worker, self.spare_worker());
                    let waiting = Waiting { guest, worker: waits, is_panicking: thread::panicking() };
                    self.workers.borrow_mut().waiting.push(waiting);
                }
                Halt::GuestsTurn(task) => match self.worker_that_waits_for(task.id) {
                    Some(waiting) => self.spare(mem::replace(&mut worker, waiting)),
                    None if guests_turn(task) => return self.spare(worker),
                    None => {}
                },
            }
        }
    }

    fn spare_worker(self: &Rc<Self>) -> Worker {
        let spare = self.workers.borrow_mut().spare.pop();
        spare.unwrap_or_else(|| Worker::new(self.clone()))
    }

    fn spare(&self, worker: Worker) {
        self.workers.borrow_mut().spare.push(worker);
    }

    fn worker_that_waits_for(&self, guest: TaskId) -> Option<Worker> {
        let waiting = &mut self.workers.borrow_mut().waiting;
        let which = waiting.iter().position(|waiting| waiting.guest == guest)?;
        Some(waiting.swap_remove(which).worker)
    }

    /// What a worker does: turns, until the world is over.
    fn work(&self) {
        while let Some(task) = self.next_turn() {
            if task.is_guest() {
                self.halt(Halt::GuestsTurn(task));
            } else {
                budget::give(self.extra_yield(&task));
                self.turn(task);
                self.turn_takes_its_time();
            }
        }
    }

    /// Whether what runs is on a worker, which can halt.
    pub(super) fn is_on_worker(&self) -> bool {
        self.way_back.get().is_some()
    }

    /// The running worker halts, and returns when it is to go on. Nothing that it calls meanwhile is on a worker's stack.
    ///
    /// # Panics
    /// On no worker.
    pub(super) fn halt(&self, halt: Halt) {
        let way_back = self.way_back.get().expect("a worker runs");
        // SAFETY: the pointer is that of the yielder which the base frame of a coroutine lent to its closure, and is valid
        // until the closure has returned. A coroutine puts its own into `way_back` whenever it gets control (above, and two
        // lines below), and `Worker::resume` takes it out when control comes back, by whatever way. So while it is there, the
        // coroutine of that yielder runs, in the midst of its closure, and this is called by it: a `Core` stays on its thread,
        // and this thread has one coroutine running at most, as `go_on` is called on the thread's own stack.
        unsafe { way_back.as_ref() }.suspend(halt);
        self.way_back.set(Some(way_back));
    }

    /// Runs `f` as if on no worker: what it blocks on could not be waited for, as it is in the midst of the world's own work.
    pub(super) fn without_way_back<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Before<'a>(&'a Core, Option<WayBack>);
        impl Drop for Before<'_> {
            fn drop(&mut self) {
                self.0.way_back.set(self.1);
            }
        }
        let _before = Before(self, self.way_back.take());
        f()
    }

    /// Ends all workers of a world that is over; says whether all have ended. Turns that wait are unwound; of a failed run they
    /// are forgotten, as what could be so broken that a second panic ends the process, and in any case those that unwind
    /// already.
    pub(super) fn end_workers(&self, failed: bool) -> bool {
        let Workers { spare, waiting, .. } = self.workers.take();
        let (forgotten, unwound): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|waiting| waiting.is_panicking || failed && may_forget(TYPICAL_STACK_BYTES));
        let ends = spare.into_iter().chain(unwound.into_iter().map(|waiting| waiting.worker));
        forgotten.is_empty() & self.end_each(ends)
    }

    /// Lets those turns go on that wait since the world is over and were woken: what was dropped may have been what they wait
    /// for. Says whether any did.
    pub(super) fn ending_workers_go_on(&self) -> bool {
        let ending = mem::take(&mut self.workers.borrow_mut().ending);
        if ending.is_empty() {
            return false;
        }
        let all_are = Parker::shared().fold(false, |any, parker| any | self.is_unparked(&parker));
        let is_woken = |(worker, lock): &(Worker, Option<Rc<Wait>>)| match lock {
            Some(lock) => lock.is_woken(),
            None => {
                let own = worker.parker.clone().map(Parker::Tokio);
                all_are | own.is_some_and(|own| self.is_unparked(&own))
            }
        };
        let (woken, ending): (Vec<_>, Vec<_>) = ending.into_iter().partition(is_woken);
        self.workers.borrow_mut().ending = ending;
        let any_goes_on = !woken.is_empty();
        self.end_each(woken.into_iter().map(|(worker, _)| worker));
        any_goes_on
    }

    /// Forgets those turns that wait still; says whether there were none.
    pub(super) fn forget_ending_workers(&self) -> bool {
        mem::take(&mut self.workers.borrow_mut().ending).is_empty()
    }

    /// Says whether all have ended, or wait for what is still to be dropped.
    fn end_each(&self, workers: impl Iterator<Item = Worker>) -> bool {
        let mut have_all_ended = true;
        for mut worker in workers {
            match catch_unwind(AssertUnwindSafe(|| worker.go_on(self))) {
                Ok(Some(Halt::WaitsForTheEnd(lock))) => self.workers.borrow_mut().ending.push((worker, lock)),
                // It has halted in a destructor, and for good.
                Ok(Some(_)) => have_all_ended = false,
                Ok(None) | Err(_) => {}
            }
        }
        have_all_ended
    }
}

/// Where a thread may block, as `work` does, and without a budget, which nobody would give anew meanwhile.
pub(super) fn where_it_may_block<R>(work: impl FnOnce() -> R) -> R {
    struct Blocking(Rc<Core>);
    impl Drop for Blocking {
        fn drop(&mut self) {
            self.0.halt(Halt::MayBlock(false));
        }
    }
    match context::try_with(Rc::clone).filter(|core| core.is_on_worker()) {
        Some(core) => {
            // By the thread's own stack, where guards of the real tokio are dropped in the order that it wants.
            core.halt(Halt::MayBlock(true));
            let _blocking = Blocking(core);
            work()
        }
        None => budget::unbounded(|| {
            where_blocking_is_allowed(|| {
                context::try_with(|core| core.idle.parks().as_ref().map(parker::make_known));
                work()
            })
        }),
    }
}
