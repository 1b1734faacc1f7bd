//! Groups: the tasks of one runtime, which are shut down together. A task's children are of its group.

use super::{
    Core,
    node::NodeId,
    task::{State, Task},
};
use crate::history::TaskId;
use std::{
    rc::Rc,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
};

/// A runtime, as its tasks and handles know it. It may be used in several worlds, one after another.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: Option<String>,
    pub(crate) is_multi_thread: bool,
    pub(crate) workers: usize,
    /// Whether a standing world's time begins paused.
    pub(crate) is_paused: bool,
    /// Whether its tasks need not be `Send`.
    pub(crate) is_local: bool,
    pub(crate) has_time: bool,
    /// Sockets and signals.
    pub(crate) has_io: bool,
    is_shut: AtomicBool,
    /// Where its standing world is.
    thread: OnceLock<ThreadId>,
}

impl Group {
    pub(crate) fn new(name: Option<String>, is_multi_thread: bool, workers: usize) -> Self {
        Self {
            name,
            is_multi_thread,
            workers,
            is_paused: false,
            is_local: false,
            has_time: false,
            has_io: false,
            is_shut: AtomicBool::new(false),
            thread: OnceLock::new(),
        }
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.is_shut.load(Ordering::Relaxed)
    }

    /// What is spawned from now on is dropped before it runs. Says whether it is shut for the first time.
    pub(crate) fn shut(&self) -> bool {
        !self.is_shut.swap(true, Ordering::Relaxed)
    }

    /// Whether this thread is the one that first asked.
    pub(crate) fn is_of_this_thread(&self) -> bool {
        let here = thread::current().id();
        *self.thread.get_or_init(|| here) == here
    }
}

/// Where a new task belongs. What is not said is as for the task that spawns it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Home {
    pub(crate) node: Option<NodeId>,
    pub(crate) group: Option<Arc<Group>>,
}

impl Home {
    /// On that node and of no runtime: a process does not die of another's.
    pub(crate) fn on(node: NodeId) -> Self {
        Self { node: Some(node), group: None }
    }
}

impl Core {
    /// Node and group of a child of `parent`.
    pub(super) fn settle_at(&self, home: Home, parent: Option<&Task>) -> (NodeId, Option<Arc<Group>>) {
        let inherited = || match home.node {
            Some(_) => None,
            None => self.entered.borrow().clone().or_else(|| parent?.group.borrow().clone()),
        };
        let group = home.group.or_else(inherited);
        (home.node.or_else(|| parent.map(|parent| parent.node)).unwrap_or_default(), group)
    }

    /// Where the running task's children belong.
    pub(crate) fn current_home(&self) -> Home {
        let (node, group) = self.settle_at(Home::default(), self.current.borrow().as_deref());
        Home { node: Some(node), group }
    }

    /// Whether the runtime of what runs was built with it. What is of no runtime has all there is.
    pub(crate) fn has(&self, what: impl Fn(&Group) -> bool) -> bool {
        if let Some(entered) = &*self.entered.borrow() {
            return what(entered);
        }
        let current = self.current.borrow();
        current.as_ref().is_none_or(|task| task.group.borrow().as_deref().is_none_or(what))
    }

    /// The running task, the world's first, is of `group` from now on, and time begins as it says.
    pub(crate) fn begin_in(&self, group: Group) {
        self.set_paused(group.is_paused);
        self.is_test.set(true);
        if let Some(task) = &*self.current.borrow() {
            task.group.replace(Some(Arc::new(group)));
        }
    }

    /// Whether the task stands for what tokio blocks on, and has no task for: a test's own future, or a program's.
    pub(crate) fn is_blocked_on(&self, task: &Task) -> bool {
        task.is_guest() || (self.is_test.get() && task.id == TaskId::ROOT)
    }

    /// What is spawned from now on is of `group`; returns of which it was until now.
    pub(crate) fn enter_group(&self, group: Option<Arc<Group>>) -> Option<Arc<Group>> {
        self.entered.replace(group)
    }

    /// From 1, which is the world itself, in the order in which the numbers were asked for.
    pub(crate) fn number_of_group(&self, group: Option<&Arc<Group>>) -> usize {
        let Some(group) = group else { return 1 };
        let mut groups = self.groups.borrow_mut();
        let known = groups.iter().position(|known| Arc::ptr_eq(known, group));
        2 + known.unwrap_or_else(|| {
            groups.push(group.clone());
            groups.len() - 1
        })
    }

    /// How many tasks live in the runtime, calls to the machine and what is blocked on left out, as in tokio's count.
    pub(crate) fn alive_in(&self, home: &Home) -> usize {
        let is_counted = |task: &Rc<Task>| {
            is_in(task, home.group.as_ref())
                && (home.group.is_some() || home.node.is_none_or(|node| task.node == node))
                && !task.is_call.get()
                && task.id != TaskId::ROOT
                && !task.is_guest()
        };
        self.table.borrow().live().iter().filter(|task| is_counted(task)).count()
    }

    /// Aborts all its tasks: each is dropped at its next turn.
    pub(crate) fn abort_group(&self, group: &Arc<Group>) {
        let live = self.table.borrow().live();
        // What is blocked on is waited for, as in tokio.
        for task in live.into_iter().filter(|task| is_in(task, Some(group)) && !task.is_guest()) {
            self.abort_task(&task);
        }
    }

    /// Drops all its tasks here and now, between the turns of a world that stands, and what their destructors spawn.
    pub(crate) fn drop_group(&self, group: &Arc<Group>) {
        const ROUNDS_MAX: u32 = 100;
        for _ in 0..ROUNDS_MAX {
            let live = self.table.borrow().live();
            let can_be_dropped = |task: &Rc<Task>| !task.is_guest() && !task.is_in_a_turn();
            let doomed: Vec<_> =
                live.into_iter().filter(|task| is_in(task, Some(group)) && can_be_dropped(task)).collect();
            if doomed.is_empty() {
                return;
            }
            for task in doomed.into_iter().filter(|task| task.state.get() != State::Done) {
                task.abort_asked.set(true);
                self.guarded(|| self.turn(task));
            }
        }
    }
}

fn is_in(task: &Task, group: Option<&Arc<Group>>) -> bool {
    match (&*task.group.borrow(), group) {
        (Some(its), Some(group)) => Arc::ptr_eq(its, group),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
