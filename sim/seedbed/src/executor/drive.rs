//! The loop: whose turn it is, and the turn itself.

use super::{
    Core,
    body::Polled,
    budget::{self, Budgets},
    cancel::Boundary,
    inbox::Asked,
    table::Place,
    task::{Key, State, Task},
};
use crate::{
    decision::{Distribution, Site, mix},
    finding::Finding,
    history::{Broken, Event, TaskId},
    panics,
    strategy::Entrant,
    time::timers::Target,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::{Context, Waker},
    time::Duration,
};

const RANK: Site = Site::new("rank");
const DELAY: Site = Site::new("delay");
const YIELD: Site = Site::new("yield");

/// Runs the world until its scenario's own future is done or something was found. Each turn has the whole of
/// tokio's cooperative budget, without which a loop over ready channels would never give way.
pub(crate) fn drive(core: &Rc<Core>) {
    core.forget_tokens();
    core.admit_woken(false);
    core.drive_turns(|_| false);
}

impl Core {
    /// Runs `f`; a panic that escapes it, as from a rule or from a waker that is not the world's, ends the run.
    pub(super) fn guarded(&self, f: impl FnOnce()) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
            let whose = self.current.borrow().as_ref().map(|task| task.identity.to_string());
            self.end_with_panic(panics::message(&*payload), whose.as_deref().unwrap_or("a rule"));
        }
    }

    /// Has turns run; those of guests on the caller's stack, until `guests_turn` says that it was the last one.
    pub(super) fn drive_turns(self: &Rc<Self>, guests_turn: impl FnMut(Rc<Task>) -> bool) {
        budget::with_budgets(|| self.guarded(|| self.idle.enter(|| self.run_workers(guests_turn))));
    }

    /// The task to poll next; moves the clock if none is ready. `None`: the run is over.
    pub(super) fn next_turn(&self) -> Option<Rc<Task>> {
        loop {
            if self.over.get() {
                return None;
            }
            self.receive();
            self.end_woken_waits();
            self.admit_woken(false);
            let next = self.ready.borrow_mut().pop();
            if let Some(task) = next {
                if !task.is_done() {
                    return Some(task);
                }
            } else if !self.wake_rest_waiters() {
                self.move_clock();
            }
        }
    }

    /// Takes in what was asked from outside the world's thread.
    #[inline]
    pub(super) fn receive(&self) {
        if self.inbox.has_any() {
            self.obey_all();
        }
    }

    #[cold]
    fn obey_all(&self) {
        for (place, asked) in self.inbox.take() {
            self.obey(place, asked);
        }
    }

    #[inline]
    pub(super) fn obey(&self, place: Place, asked: Asked) {
        match asked {
            Asked::Wake => self.wake(place),
            Asked::Abort => self.abort(place),
            Asked::Forgo => self.forgo_result(place),
        }
    }

    /// Nobody can run at this instant: tells the one who waits for that. Says whether anybody did.
    pub(super) fn wake_rest_waiters(&self) -> bool {
        if self.held_back.get() > 0 || self.rest_waiters.borrow().is_empty() {
            return false;
        }
        self.rests.set(self.rests.get() + 1);
        self.rest_waiters.take().into_iter().for_each(Waker::wake);
        true
    }

    /// Lets woken tasks into the ready list, where the schedule may hold them back or drop them.
    #[inline]
    pub(super) fn admit_woken(&self, of_one_poll: bool) {
        if of_one_poll && self.woken.borrow().len() > 1 {
            // tokio's watch channel wakes in an order of its own that differs between processes; and who is spawned
            // first of several is no decision, so a loop that spawns the other way round changes no run.
            let by_path = |a: &Rc<Task>, b: &Rc<Task>| a.identity.order(&b.identity).then(a.id.cmp(&b.id));
            self.woken.borrow_mut().make_contiguous().sort_unstable_by(by_path);
        }
        // Its own statement: letting a task in may wake another.
        let next = || self.woken.borrow_mut().pop_front();
        while let Some(task) = next() {
            if !task.is_done() {
                self.admit(task);
            }
        }
    }

    pub(super) fn admit(&self, task: Rc<Task>) {
        if self.is_cancelled_at(Boundary::Woken, &task) {
            return;
        }
        match if self.in_use.delays { self.delay(&task) } else { 0 } {
            0 if self.in_use.rides => self.ride(task),
            0 => self.enqueue(task),
            nanos => {
                self.held_back.set(self.held_back.get() + 1);
                let at = self.now.get().saturating_add(nanos);
                let place = task.place();
                self.timers.borrow_mut().set(at, Some((place, u32::MAX)), Target::Admit(place));
            }
        }
    }

    pub(super) fn enqueue(&self, task: Rc<Task>) {
        let rank = |task: &Task| if self.in_use.order { self.rank(task) } else { 0 };
        self.ready.borrow_mut().push(task, rank);
    }

    fn rank(&self, task: &Task) -> u32 {
        let nth = u64::from(task.polls.get());
        let entity = task.identity.entity;
        let strategy = &self.schedule.strategy;
        let rank = self
            .decisions
            .value(&RANK, entity, nth, 0, || u64::from(strategy.rank(&Entrant::new(task, &self.decisions))));
        if rank != 0 {
            self.recorder.borrow_mut().ranked(RANK, entity, nth, rank);
        }
        u32::try_from(rank).unwrap_or(u32::MAX)
    }

    /// How long the schedule holds a ready task back, in nanoseconds.
    fn delay(&self, task: &Task) -> u64 {
        if self.healing.get() || self.is_paused() {
            return 0;
        }
        let dial = self.schedule.dials.delay;
        let nth = u64::from(task.polls.get());
        let value = self.decisions.value(&DELAY, task.identity.entity, nth, 0, || {
            dial.map_or(0, |(ratio, longest)| {
                let drawn = ratio.sample(mix(task.subkey(Key::Delay, &self.decisions), nth)) == 1;
                if drawn { delay_length(mix(task.subkey(Key::DelayLength, &self.decisions), nth), longest) } else { 0 }
            })
        });
        if value != 0 {
            self.recorder.borrow_mut().decided(DELAY, task.identity.entity, nth, value);
        }
        value
    }

    /// One turn: a poll, or the drop that an abort asked for.
    pub(super) fn turn(&self, task: Rc<Task>) {
        self.turn_by(task, |task| self.poll(task));
    }

    /// A turn whose poll is `poll`.
    #[inline]
    pub(super) fn turn_by(&self, task: Rc<Task>, poll: impl FnOnce(&Rc<Task>) -> Option<Polled>) {
        self.current.replace(Some(task.clone()));
        self.turns_now.set(self.turns_now.get() + 1);
        if self.turns_now.get() > self.limits.turns_per_instant {
            self.end_with_spin(&task, 0);
        }
        let polled = if task.abort_asked.get() { self.drop_body(&task) } else { poll(&task) };
        if !matches!(polled, Some(Polled::Pending)) {
            self.hand_over_result(&task);
        }
        self.current.take();
        match polled {
            Some(Polled::Pending) => self.suspended(&task),
            Some(Polled::Finished) => self.ended(&task, Event::Finished(task.id)),
            Some(Polled::Panicked { message, is_injected }) => {
                self.ended(&task, Event::Panicked(task.id));
                let is_result = self.tasks_may_panic.get() && !self.is_first(task.id);
                if !(is_injected || is_result) {
                    self.end_with_panic(message, &task.identity.to_string());
                }
            }
            None => self.ended(&task, Event::Cancelled(task.id)),
        }
        self.after_turn(&task);
        if !self.panics.borrow().is_empty() {
            self.panics.borrow_mut().clear();
        }
    }

    /// What the turn of `task` has brought about, whether it is over or stands still.
    #[inline]
    pub(super) fn after_turn(&self, task: &Task) {
        if let Some(node) = self.kill_after_poll.take() {
            self.kill_now(node);
        }
        if let Some(machine) = self.power_lost_after_poll.take() {
            self.lose_power(machine);
        }
        self.admit_woken(true);
        self.judge();
        if self.idle.has_tasks() {
            self.end_with_stray(&task.identity.to_string());
        }
    }

    fn poll(&self, task: &Rc<Task>) -> Option<Polled> {
        let poll = self.poll_starts(task);
        let mut body = task.body.borrow_mut();
        let body = body.as_mut()?.as_mut();
        let polled = match &self.stacks {
            Some(request) if request.wants(task.id, poll) => self.traced(task, poll, |cx| body.poll(cx)),
            _ => body.poll(&mut Context::from_waker(&task.waker)),
        };
        Some(polled)
    }

    /// Counts and records a poll; which one of the task it is.
    #[inline]
    pub(super) fn poll_starts(&self, task: &Rc<Task>) -> u32 {
        let poll = task.polls.get();
        self.recorder.borrow_mut().poll_started(task.id, poll);
        self.polls.set(self.polls.get() + 1);
        let polls_of_task = task.count_poll(self.now.get());
        if polls_of_task > self.limits.task_polls_per_instant {
            self.end_with_spin(task, polls_of_task);
        }
        task.state.set(State::Running);
        poll
    }

    /// `None`, or what a panicking destructor makes of it.
    fn drop_body(&self, task: &Rc<Task>) -> Option<Polled> {
        self.recorder.borrow_mut().drop_started(task.id);
        task.state.set(State::Running);
        let mut body = task.body.borrow_mut();
        let body = body.as_mut()?.as_mut();
        // It may be dropped in the turn of another, whose budget is not its own.
        budget::unbounded(|| body.cancel())
    }

    /// Which of the first awaits of the task's next poll is made to suspend although it would not have,
    /// from 1; 0 is none.
    #[inline]
    pub(super) fn extra_yield(&self, task: &Task) -> u64 {
        // Tests, and programs that block, poll by hand what is ready, and tokio has it ready.
        if !self.in_use.yields || self.healing.get() || self.is_blocked_on(task) {
            return 0;
        }
        let dial = self.schedule.dials.extra_yield;
        let nth = u64::from(task.polls.get());
        let value = self.decisions.value(&YIELD, task.identity.entity, nth, 0, || {
            let bits = mix(task.subkey(Key::Yield, &self.decisions), nth);
            dial.map_or(0, |ratio| ratio.sample(bits) * (1 + (bits & 0xff) % Budgets::SMALL as u64))
        });
        if value != 0 {
            self.recorder.borrow_mut().decided(YIELD, task.identity.entity, nth, value);
        }
        value
    }

    fn suspended(&self, task: &Rc<Task>) {
        self.recorder.borrow_mut().suspended(task.id);
        if task.state.get() == State::RunningWoken {
            task.state.set(State::Woken);
            self.woken.borrow_mut().push_back(task.clone());
        } else {
            task.state.set(State::Waiting);
            self.is_cancelled_at(Boundary::Waiting, task);
        }
    }

    fn ended(&self, task: &Rc<Task>, event: Event<'static>) {
        if task.is_dead.get() {
            return;
        }
        task.state.set(State::Done);
        self.recorder.borrow_mut().small(event);
        if !task.is_wanted.get() {
            self.table.borrow_mut().remove(task.place());
        }
        if task.is_work {
            self.work_ended();
        }
        if task.id == TaskId::ROOT {
            self.over.set(true);
        }
    }

    /// Wakes who waits for the result. If nobody wants it, it is dropped: still in the task's own turn, as
    /// what its destructors do is the task's doing.
    fn hand_over_result(&self, task: &Rc<Task>) {
        task.state.set(State::Done);
        if let Some(waiter) = task.waiter.take() {
            waiter.wake();
        }
        if !task.is_wanted.get() {
            let body = task.take_body();
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(body)))
                && !(panics::is_injected(&*payload) || self.tasks_may_panic.get())
            {
                self.end_with_panic(panics::message(&*payload), "the destructor of a result");
            }
        }
    }

    /// A panic is a finding, whether or not anybody reads its `JoinError`.
    pub(crate) fn end_with_panic(&self, message: String, whose: &str) {
        let panicked = self.seen_panic(message);
        self.end_with(Finding::panic(&panicked, self.now(), whose.to_owned()));
    }

    #[inline]
    fn judge(&self) {
        for (name, rule) in &*self.always.borrow() {
            if let Err(violation) = rule() {
                self.recorder.borrow_mut().breaks(name, violation);
            }
        }
        self.judge_checks();
    }

    /// Ends the run if a check has found something.
    #[inline]
    pub(crate) fn judge_checks(&self) {
        if self.recorder.borrow().is_broken() {
            self.end_as_broken();
        }
    }

    #[cold]
    fn end_as_broken(&self) {
        let broken = self.recorder.borrow_mut().take_broken();
        match broken {
            Some((check, Broken::Violated(violation))) => {
                self.end_with(Finding::violation(check, violation.message(), self.now()));
            }
            Some((check, Broken::Panicked(message))) => self.end_with_panic(message, &format!("check `{check}`")),
            None => {}
        }
    }
}

/// Log-uniform over three decades below `longest`.
fn delay_length(bits: u64, longest: Duration) -> u64 {
    let longest = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    let scale = longest >> (bits % 10);
    1 + crate::decision::below(mix(bits, 1), scale.max(1))
}
