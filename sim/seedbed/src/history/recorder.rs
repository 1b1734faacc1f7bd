//! Takes every event of a run: folds it into the digest, shows it to the checks, keeps it if asked.

use super::{Digest, Event, LogEvent, TaskId, Waking, log::LogBody};
use crate::{
    check::{self, Check, Interest, Violation},
    clock::Change,
    decision::{Entity, Site, Unit},
    net::event::NetEvent,
    panics,
    time::Instant,
};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// How much of a history a run keeps. The digest and the checks see all of it in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: the fastest, for sweeps.
    #[default]
    Nothing,
    /// Every event, for timelines and queries.
    All,
}

/// A kept event. `Event` without its borrow.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kept {
    Plain(Event<'static>),
    Log { metadata: &'static tracing::Metadata<'static>, body: u32 },
}

/// The kept story of a run.
#[derive(Debug, Default)]
pub struct History {
    pub(super) events: Vec<(Instant, TaskId, Kept)>,
    bodies: Vec<LogBody>,
    names: BTreeMap<TaskId, Arc<str>>,
    entities: BTreeMap<Entity, Arc<str>>,
    drawn: BTreeMap<(u64, Entity, u64), Drawn>,
}

/// What a drawn value is to be compared with, and what it means.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) default: u64,
    pub(crate) unit: Unit,
}

impl History {
    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events in order: when, during which task's turn, what.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Instant, TaskId, Event<'_>)> + ExactSizeIterator {
        self.events.iter().map(|(at, task, kept)| {
            let event = match kept {
                Kept::Plain(event) => *event,
                Kept::Log { metadata, body } => {
                    Event::Logged(LogEvent { metadata, body: &self.bodies[*body as usize] })
                }
            };
            (*at, *task, event)
        })
    }

    /// A task's path, e.g. `client-3/worker#2`.
    #[must_use]
    pub fn task_name(&self, task: TaskId) -> &str {
        match self.names.get(&task) {
            Some(name) => name,
            None if task == TaskId::WORLD => "(world)",
            None => "?",
        }
    }

    /// The name of whom a decision is about.
    #[must_use]
    pub fn entity_name(&self, entity: Entity) -> &str {
        self.entities.get(&entity).map_or("?", |name| name)
    }

    /// Of a decision that a scenario drew.
    pub(crate) fn drawn(&self, site: &Site, entity: Entity, nth: u64) -> Drawn {
        self.drawn.get(&(site.hash(), entity, nth)).copied().unwrap_or_default()
    }
}

/// The one place that every event goes through.
pub(crate) struct Recorder {
    now: Instant,
    turn: TaskId,
    digest: Digest,
    events: u64,
    history: Option<History>,
    checks: Vec<Box<dyn Check>>,
    watchers: Vec<usize>,
    /// Whether anything but the digest wants frequent events.
    is_listened_to: bool,
    broken: FirstBroken,
    marks: Vec<&'static str>,
    injections: Vec<(&'static str, u64)>,
    sealed: bool,
}

impl Recorder {
    pub(crate) fn new(checks: Vec<Box<dyn Check>>, keep: Keep) -> Self {
        let watchers: Vec<_> =
            checks.iter().enumerate().filter(|(_, c)| c.interest() == Interest::All).map(|(index, _)| index).collect();
        Self {
            is_listened_to: keep == Keep::All || !watchers.is_empty(),
            now: Instant::START,
            turn: TaskId::ROOT,
            digest: Digest::default(),
            events: 0,
            history: (keep == Keep::All).then(History::default),
            checks,
            watchers,
            broken: FirstBroken::default(),
            marks: Vec::new(),
            injections: Vec::new(),
            sealed: false,
        }
    }

    /// Whether names of tasks and entities are worth making.
    #[inline]
    pub(crate) fn keeps(&self) -> bool {
        self.history.is_some()
    }

    /// After this nothing counts any more: the run's verdict stands, and what follows is its clean-up.
    pub(crate) fn seal(&mut self) {
        self.sealed = true;
    }

    pub(crate) fn name_task(&mut self, task: TaskId, entity: Entity, name: Arc<str>) {
        if let Some(history) = &mut self.history {
            history.names.insert(task, name.clone());
            history.entities.insert(entity, name);
        }
    }

    pub(crate) fn name_entity(&mut self, entity: Entity, name: &str) {
        if let Some(history) = &mut self.history {
            history.entities.entry(entity).or_insert_with(|| name.into());
        }
    }

    #[cold]
    pub(crate) fn explain_draw(&mut self, site: &Site, entity: Entity, nth: u64, drawn: Drawn) {
        if let Some(history) = &mut self.history {
            history.drawn.insert((site.hash(), entity, nth), drawn);
        }
    }

    pub(crate) fn clock_moved(&mut self, to: Instant) {
        self.now = to;
        self.turn = TaskId::WORLD;
        self.digest.word(to.as_nanos());
        self.plain(Event::ClockMoved(to));
    }

    #[inline]
    pub(crate) fn poll_started(&mut self, task: TaskId, poll: u32) {
        self.turn = task;
        self.digest.word(1 << 60 | u64::from(poll) << 28 | u64::from(task.0));
        self.plain(Event::PollStarted { task, poll });
    }

    /// A turn that stood still goes on.
    pub(crate) fn goes_on(&mut self, task: TaskId) {
        self.turn = task;
    }

    /// What a task's destructors do is its own doing.
    pub(crate) fn drop_started(&mut self, task: TaskId) {
        self.turn = task;
    }

    /// A frequent event, digested as one word. Always inlined: at each call the kind is known, and the
    /// choice by kind would be a mispredicted jump per event, a tenth of a sweep's time.
    #[inline(always)]
    pub(crate) fn small(&mut self, event: Event<'static>) {
        let word = match event {
            Event::Finished(task) => 3 << 60 | u64::from(task.0),
            Event::Panicked(task) => 4 << 60 | u64::from(task.0),
            Event::Cancelled(task) => 5 << 60 | u64::from(task.0),
            Event::AbortAsked(task) => 6 << 60 | u64::from(task.0),
            Event::TimerSet(at) => 8 << 60 | at.as_nanos() & (u64::MAX >> 4),
            Event::TimerCancelled => 9 << 60,
            Event::Spawned { task, by } => 10 << 60 | by.map_or(0, |by| u64::from(by.0) + 1) << 28 | u64::from(task.0),
            Event::Settled => 11 << 60,
            Event::NodeKilled(node) => 12 << 60 | u64::from(node),
            Event::Killed(task) => 13 << 60 | u64::from(task.0),
            Event::PowerLost(machine) => 14 << 60 | u64::from(machine),
            Event::ClockMoved(_)
            | Event::Suspended(_)
            | Event::PollStarted { .. }
            | Event::Woken { .. }
            | Event::Decided { .. }
            | Event::Injected { .. }
            | Event::Marked(_)
            | Event::Called { .. }
            | Event::Net(_)
            | Event::WallClockChanged { .. }
            | Event::Logged(_) => unreachable!("{event:?} has a recording method of its own"),
        };
        self.digest.word(word);
        self.plain(event);
    }

    /// The turn's end, kept but not digested: a poll that ended otherwise says so.
    #[inline(always)]
    pub(crate) fn suspended(&mut self, task: TaskId) {
        self.plain(Event::Suspended(task));
    }

    /// A wake: kept, not digested. Each shows in the poll that follows, and whoever wakes many at once
    /// chooses their order: tokio's `watch` shuffles by a generator of the process.
    #[inline(always)]
    pub(crate) fn woken(&mut self, task: TaskId, by: Waking) {
        self.events += 1;
        if self.is_listened_to {
            self.tell_woken(task, by);
        }
    }

    /// What one poll wakes without anything between is kept in the order of the tasks. Checks are not told: theirs
    /// would be the order of the process.
    #[cold]
    fn tell_woken(&mut self, task: TaskId, by: Waking) {
        let Some(history) = self.history.as_mut().filter(|_| !self.sealed) else { return };
        history.events.push((self.now, self.turn, Kept::Plain(Event::Woken { task, by })));
        if matches!(by, Waking::Task(_)) {
            let is_earlier = |(_, _, kept): &(Instant, TaskId, Kept)| match kept {
                Kept::Plain(Event::Woken { task: other, by: Waking::Task(_) }) => *other < task,
                _ => true,
            };
            let newest = history.events.len() - 1;
            let at = history.events[..newest].iter().rposition(is_earlier).map_or(0, |last| last + 1);
            history.events[at..].rotate_right(1);
        }
    }

    /// A decision that shows in nothing but the order of other events: kept, not digested.
    pub(crate) fn ranked(&mut self, site: Site, entity: Entity, nth: u64, value: u64) {
        if !self.sealed
            && let Some(history) = &mut self.history
        {
            history.events.push((self.now, self.turn, Kept::Plain(Event::Decided { site, entity, nth, value })));
        }
    }

    pub(crate) fn decided(&mut self, site: Site, entity: Entity, nth: u64, value: u64) {
        self.digest.word(site.hash() ^ entity.0);
        self.digest.word(nth);
        self.digest.word(value);
        self.plain(Event::Decided { site, entity, nth, value });
    }

    pub(crate) fn injected(&mut self, family: &'static str, variant: &'static str) {
        if self.sealed {
            return;
        }
        match self.injections.iter_mut().find(|(name, _)| *name == family) {
            Some((_, count)) => *count += 1,
            None => self.injections.push((family, 1)),
        }
        self.digest.text(family);
        self.digest.text(variant);
        self.logged(Event::Injected { family, variant });
    }

    pub(crate) fn marked(&mut self, name: &'static str) {
        if self.sealed || self.marks.contains(&name) {
            return;
        }
        self.marks.push(name);
        self.digest.text(name);
        self.logged(Event::Marked(name));
    }

    pub(crate) fn called(&mut self, call: &'static str, error: Option<i32>) {
        self.digest.text(call);
        self.digest.word(error.map_or(0, |error| u64::from(error.unsigned_abs())));
        self.plain(Event::Called { call, error });
    }

    pub(crate) fn net(&mut self, event: NetEvent) {
        self.digest.word(7 << 60);
        event.words().into_iter().for_each(|word| self.digest.word(word));
        self.plain(Event::Net(event));
    }

    pub(crate) fn wall_clock_changed(&mut self, machine: usize, change: Change) {
        let machine = u32::try_from(machine).unwrap_or(u32::MAX);
        self.digest.word(15 << 60 | u64::from(machine));
        change.words().into_iter().for_each(|word| self.digest.word(word));
        self.plain(Event::WallClockChanged { machine, change });
    }

    pub(crate) fn log(&mut self, metadata: &'static tracing::Metadata<'static>, body: &LogBody) {
        if self.sealed {
            return;
        }
        let event = LogEvent { metadata, body };
        let digest = &mut self.digest;
        event.words(|word| digest.word(word));
        self.events += 1;
        if let Some(history) = &mut self.history {
            let index = u32::try_from(history.bodies.len()).expect("fewer than 2^32 log events in a run");
            history.bodies.push(body.clone());
            history.events.push((self.now, self.turn, Kept::Log { metadata, body: index }));
        }
        self.show_all(&Event::Logged(event));
    }

    /// Keeps a rare event and shows it to every check.
    fn logged(&mut self, event: Event<'static>) {
        self.events += 1;
        if let Some(history) = &mut self.history {
            history.events.push((self.now, self.turn, Kept::Plain(event)));
        }
        self.show_all(&event);
    }

    /// Keeps a frequent event and shows it to the checks that want everything.
    #[inline(always)]
    fn plain(&mut self, event: Event<'static>) {
        self.events += 1;
        if self.is_listened_to {
            self.tell(event);
        }
    }

    #[cold]
    fn tell(&mut self, event: Event<'static>) {
        if self.sealed {
            return;
        }
        if let Some(history) = &mut self.history {
            history.events.push((self.now, self.turn, Kept::Plain(event)));
        }
        for &index in &self.watchers {
            let check = &mut self.checks[index];
            self.broken.ask(&mut **check, |check| check.on_event(self.now, &event));
        }
    }

    fn show_all(&mut self, event: &Event<'_>) {
        for check in &mut self.checks {
            self.broken.ask(&mut **check, |check| check.on_event(self.now, event));
        }
    }

    pub(crate) fn at_rest(&mut self) {
        for check in &mut self.checks {
            self.broken.ask(&mut **check, |check| check.at_rest(self.now));
        }
    }

    pub(crate) fn at_end(&mut self) {
        for check in &mut self.checks {
            self.broken.ask(&mut **check, |check| check.at_end(self.now));
        }
    }

    pub(crate) fn breaks(&mut self, check: &'static str, violation: Violation) {
        self.broken.keep_first(check, Broken::Violated(violation));
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.0.is_some()
    }

    pub(crate) fn take_broken(&mut self) -> Option<(&'static str, Broken)> {
        self.broken.0.take()
    }

    pub(crate) fn holders(&self) -> Vec<String> {
        self.checks.iter().flat_map(|check| check.holders(self.now)).collect()
    }

    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    pub(crate) fn take_marks(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.marks)
    }

    pub(crate) fn take_injections(&mut self) -> Vec<(&'static str, u64)> {
        std::mem::take(&mut self.injections)
    }

    pub(crate) fn take_history(&mut self) -> Option<History> {
        self.history.take()
    }
}

/// What became of a check.
#[derive(Debug)]
pub(crate) enum Broken {
    Violated(Violation),
    /// It panicked, with this text.
    Panicked(String),
}

/// The first check that found something.
#[derive(Debug, Default)]
struct FirstBroken(Option<(&'static str, Broken)>);

impl FirstBroken {
    /// A panic of a check stays here: it runs in the middle of the service, which may catch what it panics with.
    fn ask(&mut self, check: &mut dyn Check, question: impl FnOnce(&mut dyn Check) -> check::Result) {
        match catch_unwind(AssertUnwindSafe(|| question(check))) {
            Ok(Ok(())) => {}
            Ok(Err(violation)) => self.keep_first(check.name(), Broken::Violated(violation)),
            Err(payload) => self.keep_first(check.name(), Broken::Panicked(panics::message(&*payload))),
        }
    }

    /// Names are asked for only where one is needed.
    fn keep_first(&mut self, check: &'static str, broken: Broken) {
        self.0.get_or_insert((check, broken));
    }
}
