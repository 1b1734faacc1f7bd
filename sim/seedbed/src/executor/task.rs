//! A task as the executor keeps it: identity, body, and what its decisions need.

use super::{address::Address, body::Body, group::Group, node::NodeId, table::Place};
use crate::{
    decision::{Decisions, Entity, Site, TypeName, hash_str, mix},
    history::TaskId,
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    cmp::Ordering,
    fmt,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::Waker,
};

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits to be woken.
    Waiting,
    /// Was woken, and has not been polled since.
    Woken,
    /// Is being polled.
    Running,
    /// Is being polled and was woken meanwhile.
    RunningWoken,
    /// Finished, panicked or dropped.
    Done,
}

/// Who blocks on a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GuestOf {
    /// Whoever drives the world.
    PlainCode,
    /// A turn of a task, and as which one that is seen.
    Turn(Option<TaskId>),
}

/// A task's own name.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    /// Given by a scenario.
    Given(Rc<str>),
    /// One of a group that a scenario numbers, e.g. `client-3`.
    Member(&'static str, u64),
    /// The type of its future.
    Type(&'static TypeName),
}

impl Name {
    fn hash(&self) -> u64 {
        match self {
            Self::Given(name) => hash_str(name),
            Self::Member(..) => hash_str(&self.to_string()),
            Self::Type(name) => name.hash,
        }
    }

    /// By what is said, numbers as numbers.
    fn order(&self) -> (&str, Option<u64>) {
        match self {
            Self::Given(name) => (name, None),
            Self::Member(name, number) => (name, Some(*number)),
            Self::Type(name) => (&name.plain, None),
        }
    }

    /// Without the number: what a stall's signature says.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Given(name) => name,
            Self::Member(name, _) => name,
            Self::Type(name) => &name.plain,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(name) => f.write_str(name),
            Self::Member(name, number) => write!(f, "{name}-{number}"),
            Self::Type(name) => f.write_str(&name.plain),
        }
    }
}

/// Who a task is: its parent, its name, and which of the parent's children of that name.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    parent: Option<Rc<Identity>>,
    pub(crate) name: Name,
    ordinal: u32,
    pub(crate) entity: Entity,
}

impl Identity {
    pub(crate) fn root() -> Self {
        Self { parent: None, name: Name::Type(TypeName::of("main")), ordinal: 0, entity: Entity::ROOT }
    }

    /// By what the path says, which does not change with the order of spawning: siblings by name, others by parent.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let parent = |task: &Self| task.parent.as_ref().map(|parent| parent.entity.0);
        let by_name = || match (&self.name, &other.name) {
            (Name::Type(one), Name::Type(two)) if std::ptr::eq(*one, *two) => Ordering::Equal,
            (one, two) => one.order().cmp(&two.order()),
        };
        parent(self).cmp(&parent(other)).then_with(by_name).then(self.ordinal.cmp(&other.ordinal))
    }
}

/// A chain of tasks, each the next one's parent, may be long: not one call per link.
impl Drop for Identity {
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(parent) = next {
            next = Rc::into_inner(parent).and_then(|mut parent| parent.parent.take());
        }
    }
}

/// Of a deeper path only the ends are shown, so many names of each.
const PATH_END: usize = 8;

/// The path: names from the scenario's own children down, joined by `/`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path: Vec<&Self> = std::iter::successors(Some(self), |task| task.parent.as_deref()).collect();
        path.reverse();
        // The scenario's own future is named only where it stands alone.
        let path = if path.len() > 1 { &path[1..] } else { &path[..] };
        for (depth, task) in path.iter().enumerate() {
            if path.len() > 2 * PATH_END && depth == PATH_END {
                write!(f, "/..{} more..", path.len() - 2 * PATH_END)?;
            }
            if path.len() > 2 * PATH_END && (PATH_END..path.len() - PATH_END).contains(&depth) {
                continue;
            }
            let slash = if depth > 0 { "/" } else { "" };
            write!(f, "{slash}{}", task.name)?;
            if task.ordinal > 0 {
                write!(f, "#{}", task.ordinal)?;
            }
        }
        Ok(())
    }
}

/// Which subkey of a task serves what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Rank = 0,
    RankChange = 1,
    Delay = 2,
    DelayLength = 3,
    Yield = 4,
    Cancel = 5,
    Timer = 6,
    Select = 7,
    Draw = 8,
    Timeout = 9,
    Future = 10,
}

pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(super) address: Address,
    pub(crate) identity: Identity,
    /// The identity as its children hold it.
    as_parent: OnceCell<Rc<Identity>>,
    pub(crate) waker: Waker,
    pub(crate) state: Cell<State>,
    pub(crate) abort_asked: Cell<bool>,
    /// Whether a handle waits for the result, and who is to be woken for it.
    pub(super) is_wanted: Cell<bool>,
    pub(super) waiter: Cell<Option<Waker>>,
    pub(crate) body: RefCell<Option<Pin<Box<dyn Body>>>>,
    /// Who blocks on the future that this task stands for, if it stands for one.
    pub(super) guest_of: Cell<Option<GuestOf>>,
    /// Whether its process was killed.
    pub(super) is_dead: Cell<bool>,
    /// Polls so far.
    pub(crate) polls: Cell<u32>,
    /// Polls since the clock last moved, and when that was.
    pub(crate) polls_now: Cell<(u64, u32)>,
    pub(crate) timers_set: Cell<u32>,
    pub(crate) selects: Cell<u32>,
    /// How often a `timeout` of it, a cancellable future of it, could have ended early.
    pub(crate) timeouts: Cell<u32>,
    pub(crate) futures: Cell<u32>,
    pub(crate) strategy_memory: Cell<u64>,
    /// The group it dies with.
    pub(crate) node: NodeId,
    /// The runtime that it is shut down with, if it is one of a program's own making.
    pub(super) group: RefCell<Option<Arc<Group>>>,
    /// The scenario's own work, which `settle` waits for.
    pub(crate) is_work: bool,
    pub(crate) may_cancel: Cell<bool>,
    /// A call to the machine, which a gentle stop of its node lets end.
    pub(crate) is_call: Cell<bool>,
    subkey: Cell<Option<u64>>,
    children: Counts,
    draws: Counts,
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl Task {
    pub(crate) fn new(
        id: TaskId,
        address: Address,
        identity: Identity,
        body: Pin<Box<dyn Body>>,
        (node, group): (NodeId, Option<Arc<Group>>),
        is_work: bool,
    ) -> Self {
        Self {
            id,
            address,
            identity,
            as_parent: OnceCell::new(),
            waker: address.waker(),
            state: Cell::new(State::Waiting),
            abort_asked: Cell::new(false),
            is_wanted: Cell::new(true),
            waiter: Cell::new(None),
            body: RefCell::new(Some(body)),
            guest_of: Cell::new(None),
            is_dead: Cell::new(false),
            polls: Cell::new(0),
            polls_now: Cell::new((0, 0)),
            timers_set: Cell::new(0),
            selects: Cell::new(0),
            timeouts: Cell::new(0),
            futures: Cell::new(0),
            strategy_memory: Cell::new(0),
            node,
            group: RefCell::new(group),
            is_work,
            may_cancel: Cell::new(false),
            is_call: Cell::new(false),
            subkey: Cell::new(None),
            children: Counts::default(),
            draws: Counts::default(),
        }
    }

    #[inline]
    pub(crate) fn place(&self) -> Place {
        self.address.place()
    }

    #[inline]
    pub(crate) fn is_done(&self) -> bool {
        self.state.get() == State::Done
    }

    /// Between turns: whether one of it stands still.
    pub(super) fn is_in_a_turn(&self) -> bool {
        matches!(self.state.get(), State::Running | State::RunningWoken)
    }

    #[inline]
    pub(super) fn is_guest(&self) -> bool {
        self.guest_of.get().is_some()
    }

    /// None if it was taken, or if a turn of it stands still.
    pub(super) fn take_body(&self) -> Option<Pin<Box<dyn Body>>> {
        self.body.try_borrow_mut().ok()?.take()
    }

    /// Wakes `waker` instead of an earlier one when the task ends.
    pub(super) fn leave_waiter(&self, waker: &Waker) {
        let waiter = self.waiter.take().filter(|waiter| waiter.will_wake(waker));
        // A waker's drop may run anything, this too: an earlier one is gone before its successor stands.
        self.waiter.set(Some(waiter.unwrap_or_else(|| waker.clone())));
    }

    /// The identity of this task's next child of that name.
    pub(crate) fn child(&self, name: Name) -> Identity {
        let hash = name.hash();
        let ordinal = u32::try_from(self.children.count_up(hash)).unwrap_or(u32::MAX);
        let entity = self.identity.entity.child(hash, ordinal);
        let parent = self.as_parent.get_or_init(|| Rc::new(self.identity.clone())).clone();
        Identity { parent: Some(parent), name, ordinal, entity }
    }

    /// The subkey for one kind of this task's decisions.
    #[inline]
    pub(crate) fn subkey(&self, key: Key, decisions: &Decisions) -> u64 {
        const TASK: Site = Site::new("task");
        let subkey = self.subkey.get().unwrap_or_else(|| {
            let subkey = decisions.subkey(&TASK, self.identity.entity);
            self.subkey.set(Some(subkey));
            subkey
        });
        mix(subkey, key as u64)
    }

    /// Which occurrence of a draw at this site is the next, and the subkey for it.
    pub(crate) fn next_draw(&self, site_hash: u64, decisions: &Decisions) -> (u64, u64) {
        let nth = self.draws.count_up(site_hash);
        (nth, mix(self.subkey(Key::Draw, decisions), site_hash))
    }

    /// The number of the timer it sets now, from 0.
    pub(crate) fn next_timer(&self) -> u32 {
        self.timers_set.replace(self.timers_set.get().wrapping_add(1))
    }

    /// Counts a poll at the instant `now`; how many there were at it.
    #[inline]
    pub(crate) fn count_poll(&self, now: u64) -> u32 {
        let (at, count) = self.polls_now.get();
        let count = if at == now { count + 1 } else { 1 };
        self.polls_now.set((now, count));
        self.polls.set(self.polls.get() + 1);
        count
    }
}

/// How often each key was counted. Most tasks count one, which needs no list.
#[derive(Debug, Default)]
struct Counts {
    first: Cell<(u64, u64)>,
    others: RefCell<Vec<(u64, u64)>>,
}

impl Counts {
    /// How often `key` was counted before.
    fn count_up(&self, key: u64) -> u64 {
        let (first, count) = self.first.get();
        if first == key || count == 0 {
            self.first.set((key, count + 1));
            return count;
        }
        let mut others = self.others.borrow_mut();
        match others.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => {
                *count += 1;
                *count - 1
            }
            None => {
                others.push((key, 1));
                0
            }
        }
    }
}
