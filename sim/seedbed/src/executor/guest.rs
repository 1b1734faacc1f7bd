//! Guests: futures that stay with whoever blocks on them, plain code or a turn. A guest has a task of the world, and so its
//! name, turns and decisions; but it borrows, and its result goes to who blocks.

use super::{
    AwaitStack, Core, Group, Home, Join, Name, blocking,
    body::Polled,
    budget,
    stacks::TracedPoll,
    task::{GuestOf, Task},
    waits::Wait,
    worker::Halt,
};
use crate::{
    finding::FindingKind,
    history::TaskId,
    panics::{self, Panicked},
    runtime,
    task::{self, TaskLocals},
};
use std::{
    any::Any,
    future::pending,
    io::{Write as _, stderr},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    process,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    thread,
};

/// Polls what is driven: ready once.
pub(crate) type Guest<'a> = &'a mut dyn FnMut(&mut Context<'_>) -> Poll<()>;

/// The name of what is blocked on.
const BLOCK_ON: &str = "block_on";

/// What is thrown where the world is over: nobody goes on after it.
const WORLD_IS_OVER: &str = "the world is over";

/// Why nobody blocks on a guest any more.
pub(crate) enum GuestEnd {
    /// It is ready.
    Ready,
    /// It panicked, which is its caller's to know and no finding.
    Panicked(Box<dyn Any + Send>, Panicked),
    /// The world found something.
    WorldIsOver,
}

impl Core {
    /// Runs the world until `guest` has ended or something was found.
    pub(crate) fn drive_guest(self: &Rc<Self>, home: Home, guest: Guest<'_>) -> GuestEnd {
        let (join, _) = self.spawn_guest(BLOCK_ON, home, true, GuestOf::PlainCode);
        let task = join.abort.task;
        let mut end = None;
        self.drive_turns(|next| {
            budget::give(0);
            end = self.guest_turn(next, guest);
            end.is_some()
        });
        if end.is_none() {
            self.trace_stuck(task, guest);
        }
        end.unwrap_or(GuestEnd::WorldIsOver)
    }

    /// Lets the world go on until `guest` has ended, in the midst of the running task's turn. Where that cannot be, it says why.
    pub(crate) fn block_on_guest(self: &Rc<Self>, home: Home, guest: Guest<'_>) -> Result<(), &'static str> {
        let Some(task) = self.current.borrow().clone() else {
            return Err("what is no task's turn, as a rule, cannot block");
        };
        if self.rides() {
            return Err("under the strategy `madsim` the world cannot go on meanwhile");
        } else if !self.can_stand_still(&task) {
            return Err("where its future is dropped or is made, a task cannot block");
        }
        if self.is_over() {
            self.end_turn();
        }
        let mut task_locals = TaskLocals::take()?;
        let guest = &mut |cx: &mut Context<'_>| {
            let _set = task_locals.set_back();
            guest(cx)
        };
        let end = self.stand_still(BLOCK_ON, task, home, guest);
        task_locals.put_back();
        match end {
            GuestEnd::Ready => Ok(()),
            GuestEnd::Panicked(payload, panicked) => {
                // Seen again where the turn itself panics of it.
                if !panics::is_injected(&*payload) {
                    self.panics.borrow_mut().push(panicked);
                }
                resume_unwind(payload)
            }
            GuestEnd::WorldIsOver => resume_unwind(Box::new(WORLD_IS_OVER)),
        }
    }

    /// Whether the turn of `task`, which runs, can wait in its midst.
    pub(super) fn can_stand_still(&self, task: &Task) -> bool {
        self.is_on_worker() || task.guest_of.get() == Some(GuestOf::PlainCode)
    }

    /// The turn of `task` waits for `guest`: of plain code's own on top of it, and else as its worker does.
    pub(super) fn stand_still(self: &Rc<Self>, name: &str, task: Rc<Task>, home: Home, guest: Guest<'_>) -> GuestEnd {
        if self.is_on_worker() {
            return self.wait_on_worker(name, task, home, guest);
        }
        let held = Held::take(self);
        let end = self.drive_guest(home, guest);
        held.put_back(self, task);
        end
    }

    /// The worker of `task` halts until `guest` has ended; for good if the process is killed before.
    pub(super) fn wait_on_worker(&self, name: &str, task: Rc<Task>, home: Home, guest: Guest<'_>) -> GuestEnd {
        // Of the process that blocks, and dies with it, wherever the handle is from.
        let home = Home { node: Some(task.node), ..home };
        let of = GuestOf::Turn(self.running_as_task());
        let (join, guest_task) = self.spawn_guest(name, home, task.is_work, of);
        let held = Held::take(self);
        self.recorder.borrow_mut().suspended(task.id);
        // What panics of it, as a rule, is not the turn's to unwind of.
        self.guarded(|| self.after_turn(&task));
        let end = loop {
            self.halt(Halt::WaitsFor(join.abort.task));
            if self.is_over() {
                break GuestEnd::WorldIsOver;
            }
            budget::give(0);
            let mut end = None;
            self.guarded(|| end = self.guest_turn(guest_task.clone(), guest));
            if let Some(end) = end
                && !task.is_dead.get()
            {
                break end;
            }
        };
        drop(join);
        self.recorder.borrow_mut().goes_on(task.id);
        held.put_back(self, task);
        // What is left of it is the guest's.
        budget::give(0);
        self.goes_on_blocking();
        end
    }

    /// The world is over, and plain code's own turn waits for it in a call that cannot be unwound.
    ///
    /// # Aborts
    /// Always, having told what was found.
    pub(super) fn tell_and_abort(&self) -> ! {
        let told = match &*self.verdict.borrow() {
            Some(finding) => format!("FAILED {finding}\nThe"),
            None => format!("{WORLD_IS_OVER}, and the"),
        };
        // Not by `eprintln!`: what a test says so is kept, and shown when it has ended.
        let _ = writeln!(stderr(), "{told} code that blocks cannot be unwound: the process ends here.");
        process::abort()
    }

    /// The running turn can neither go on nor block: the world is over.
    fn end_turn(&self) -> ! {
        // A second panic would end the process.
        if self.is_on_worker() && thread::panicking() {
            self.stand_still_for_good();
        }
        self.goes_on_after_the_end();
        resume_unwind(Box::new(WORLD_IS_OVER))
    }

    /// A turn goes on regardless of the world's end. That may be often, but not for ever: it stands still then.
    pub(super) fn goes_on_after_the_end(&self) {
        /// So often, with others like it.
        const ENDS_MAX: u32 = 1_000;
        self.ends.set(self.ends.get() + 1);
        if self.is_on_worker() && self.ends.get() > ENDS_MAX {
            self.stand_still_for_good();
        }
    }

    /// The world is over, and the running turn waits for what may still be dropped.
    pub(super) fn waits_for_the_end(&self, task: Rc<Task>, lock: Option<Rc<Wait>>) {
        self.goes_on_after_the_end();
        let held = Held::take(self);
        self.halt(Halt::WaitsForTheEnd(lock));
        held.put_back(self, task);
        self.goes_on_blocking();
    }

    /// A turn that stood still has control again, where it may block or not, as before.
    fn goes_on_blocking(&self) {
        if blocking::may_block() {
            self.halt(Halt::MayBlock(true));
        }
    }

    /// The worker that runs is forgotten.
    pub(super) fn stand_still_for_good(&self) -> ! {
        let _for_good = Held::take(self);
        loop {
            self.halt(Halt::WaitsFor(TaskId::WORLD));
        }
    }

    fn spawn_guest(&self, name: &str, home: Home, is_work: bool, of: GuestOf) -> (Join<()>, Rc<Task>) {
        let (join, task) = self.spawn_anyway(home, Some(Name::Given(name.into())), is_work, pending::<()>());
        task.guest_of.set(Some(of));
        (join, task)
    }

    /// Adds to a stall where each task waits. The code that blocks cannot be run again to see that, so what it blocks on is
    /// polled once more, and all that are stuck: the world is over, and a poll that nobody woke for is always allowed.
    fn trace_stuck(&self, guest_task: TaskId, guest: Guest<'_>) {
        let Some(mut stall) = self.verdict.borrow_mut().take_if(|finding| finding.kind == FindingKind::Stall) else {
            return;
        };
        let live = self.table.borrow().live();
        for stuck in &mut stall.stuck {
            let Some(task) = live.iter().find(|task| Some(task.id) == stuck.task) else { continue };
            let stack = self.polled_once_more(task, |cx| match task.body.borrow_mut().as_mut() {
                _ if task.id == guest_task => drop(guest(cx)),
                Some(body) => drop(body.as_mut().poll(cx)),
                None => {}
            });
            stuck.waits_at(stack.as_ref());
        }
        stall.sign_stall();
        self.verdict.replace(Some(stall));
    }

    /// Where it suspends; none if it was not polled before.
    fn polled_once_more(&self, task: &Rc<Task>, poll: impl FnOnce(&mut Context<'_>)) -> Option<AwaitStack> {
        let polls = task.polls.get();
        if polls == 0 {
            return None;
        }
        self.current.replace(Some(task.clone()));
        // The stall is what was found, whatever else this finds.
        let poll = |cx: &mut Context<'_>| catch_unwind(AssertUnwindSafe(|| poll(cx)));
        let _ = self.idle.enter(|| self.traced(task, polls, poll));
        self.current.take();
        self.traced.borrow().polls.last().map(|(.., seen)| seen.suspended())
    }

    /// The running task's id, or that of the one whose future or result is being dropped by another. What is blocked on has
    /// none, as in tokio, and a world's own body stands for it.
    pub(crate) fn running_as_task(&self) -> Option<TaskId> {
        if let Some(seen) = self.seen_as.get() {
            return Some(seen);
        }
        let current = self.current.borrow();
        let running = current.as_ref()?;
        match running.guest_of.get() {
            Some(GuestOf::PlainCode) => None,
            Some(GuestOf::Turn(seen)) => seen,
            None => (!self.is_first(running.id)).then_some(running.id),
        }
    }

    /// While the result lives, what runs is seen as `task`.
    pub(crate) fn see_as(&self, task: TaskId) -> SeenAs<'_> {
        SeenAs { core: self, before: self.seen_as.replace(Some(task)) }
    }

    fn guest_turn(&self, task: Rc<Task>, guest: Guest<'_>) -> Option<GuestEnd> {
        let mut end = None;
        self.turn_by(task, |task| {
            let poll = self.poll_starts(task);
            let mut guarded = |cx: &mut Context<'_>| catch_unwind(AssertUnwindSafe(|| guest(cx)));
            let polled = match &self.stacks {
                Some(request) if request.wants(task.id, poll) => self.traced(task, poll, guarded),
                _ => guarded(&mut Context::from_waker(&task.waker)),
            };
            match polled {
                Ok(Poll::Pending) => Some(Polled::Pending),
                Ok(Poll::Ready(())) => {
                    end = Some(GuestEnd::Ready);
                    Some(Polled::Finished)
                }
                Err(payload) => {
                    let message = panics::message(&*payload);
                    end = Some(GuestEnd::Panicked(payload, self.seen_panic(message.clone())));
                    // As if injected: not the world's to judge.
                    Some(Polled::Panicked { message, is_injected: true })
                }
            }
        });
        self.turn_takes_its_time();
        end
    }
}

/// What is of the running stack, and not of the turns that run while it stands still.
struct Held {
    blocking: u32,
    guards: usize,
    entered: Option<Arc<Group>>,
    seen_as: Option<TaskId>,
    is_in_local_set: bool,
    traced: TracedPoll,
    panics: Vec<Panicked>,
}

impl Held {
    /// Between turns from here on.
    fn take(core: &Core) -> Self {
        core.current.take();
        Self {
            blocking: blocking::swap_depth(0),
            guards: runtime::swap_guards(0),
            entered: core.enter_group(None),
            seen_as: core.seen_as.take(),
            is_in_local_set: task::swap_in_local_set(false),
            traced: core.pause_tracing(),
            panics: core.panics.take(),
        }
    }

    /// It is that task's turn again.
    fn put_back(self, core: &Core, turn_of: Rc<Task>) {
        core.current.replace(Some(turn_of));
        blocking::swap_depth(self.blocking);
        runtime::swap_guards(self.guards);
        core.enter_group(self.entered);
        core.seen_as.set(self.seen_as);
        task::swap_in_local_set(self.is_in_local_set);
        core.go_on_tracing(self.traced);
        core.panics.replace(self.panics);
    }
}

/// What runs is seen as another task.
pub(crate) struct SeenAs<'a> {
    core: &'a Core,
    before: Option<TaskId>,
}

impl Drop for SeenAs<'_> {
    fn drop(&mut self) {
        self.core.seen_as.set(self.before);
    }
}
