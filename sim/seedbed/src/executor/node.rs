//! Nodes: groups of tasks that live and die together, as the tasks of a process do.

use super::{
    Core,
    body::Body,
    task::{State, Task},
};
use crate::{history::Event, time::timers::Target};
use std::{collections::BTreeMap, pin::Pin, rc::Rc};

/// A node of one run, in the order of making; 0 is the scenario itself, which cannot die.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

/// Futures of killed nodes: no destructor of theirs runs while the run lasts.
pub(crate) type Graveyard = Vec<(Rc<Task>, Pin<Box<dyn Body>>)>;

/// Nodes by name, and whether a program runs there.
pub(super) type NamedNodes = BTreeMap<String, (NodeId, bool)>;

impl Core {
    /// The node of that name, on the machine of that name: what is not there is made.
    ///
    /// # Panics
    /// If it is no name for a machine.
    pub(crate) fn node_named(&self, name: &str) -> NodeId {
        if let Some((node, _)) = self.named.borrow().get(name) {
            return *node;
        }
        let machine = self.network(|network| network.machine_named(name));
        let node = self.new_node_on(machine.unwrap_or_else(|| self.new_machine(Some(name.to_owned()))));
        self.named.borrow_mut().insert(name.to_owned(), (node, false));
        node
    }

    /// A program runs on the node from now on.
    ///
    /// # Panics
    /// If one did before.
    pub(crate) fn takes_program(&self, name: &str) {
        let mut named = self.named.borrow_mut();
        let Some((_, runs)) = named.get_mut(name) else { panic!("`{name}` is a node of another world") };
        assert!(!std::mem::replace(runs, true), "two programs cannot both run on the node `{name}`");
    }

    pub(crate) fn new_node(&self) -> NodeId {
        let node = NodeId(self.nodes.get() + 1);
        self.nodes.set(node.0);
        node
    }

    /// The process dies: no destructor runs, its timers are gone, its handles say cancelled. A node that
    /// kills itself goes on until its poll returns.
    pub(crate) fn kill(&self, node: NodeId) {
        if self.current_node() == Some(node) {
            self.kill_after_poll.set(Some(node));
        } else {
            self.kill_now(node);
        }
    }

    pub(super) fn kill_now(&self, node: NodeId) {
        self.recorder.borrow_mut().small(Event::NodeKilled(node.0));
        let doomed: Vec<_> = self.table.borrow().live().into_iter().filter(|task| task.node == node).collect();
        for task in doomed {
            task.is_dead.set(true);
            task.state.set(State::Done);
            let body = task.take_body();
            self.graveyard.borrow_mut().extend(body.map(|body| (task.clone(), body)));
            if let Some(waiter) = task.waiter.take() {
                waiter.wake();
            }
            self.forget(&task);
            if task.is_work {
                self.work_ended();
            }
        }
        self.listens_no_more(node);
        self.machines.borrow_mut().close_all_of(node);
        self.network(|network| network.close_all_of(self, node));
    }

    /// The process is asked to go: all its tasks are aborted, and their destructors run. Calls that were begun end.
    pub(crate) fn stop(&self, node: NodeId) {
        let live = self.table.borrow().live();
        for task in live.into_iter().filter(|task| task.node == node && !task.is_call.get() && !task.is_guest()) {
            self.abort_task(&task);
        }
    }

    pub(crate) fn current_node(&self) -> Option<NodeId> {
        self.current.borrow().as_ref().map(|task| task.node)
    }

    /// A dead task's timers would move the clock and hide a deadlock.
    fn forget(&self, task: &Task) {
        self.recorder.borrow_mut().small(Event::Killed(task.id));
        let forgotten = self.timers.borrow_mut().forget(task.place());
        let admits = forgotten.iter().filter(|target| matches!(target, Target::Admit(_))).count();
        self.held_back.set(self.held_back.get() - admits);
        if !task.is_wanted.get() {
            self.table.borrow_mut().remove(task.place());
        }
    }
}
