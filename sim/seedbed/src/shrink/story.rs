//! A minimal run in sentences, in the order of virtual time: what was decided, whom it struck and where that
//! task was, and what came of it.

use super::{sentences, subjects::Subjects};
use crate::{
    case::{Case, CaseError},
    decision::{Entity, Site},
    executor::{Chance, Seen, StackRequest, Traced},
    finding::{Finding, FindingKind, SCENARIOS_OWN},
    history::{Event, History, Keep, TaskId, Waking},
    real_tokio,
    run::{self, Outcome, Program},
    time::Instant,
};
use std::collections::BTreeMap;

/// Aborts that a scenario asks for are told up to so many: beyond, they are its ordinary course.
const ABORTS_MAX: usize = 4;
/// What came last is nearest to the finding.
const SENTENCES_MAX: usize = 12;
/// How many of the service's own last words are told.
const WORDS_MAX: usize = 3;
/// How many of those that are of what the finding names.
const ON_SUBJECTS_MAX: usize = 8;
/// How many tasks are named in one sentence.
const NAMES_MAX: usize = 3;

/// The story of a case without a seed that has a finding; nothing for any other, whose decisions are many.
///
/// # Errors
/// The case names something that does not exist.
pub(crate) fn tell(program: &Program<'_>, case: &Case, outcome: &Outcome) -> Result<Vec<String>, CaseError> {
    let (None, Some(finding), Some(history)) = (case.seed, &outcome.finding, &outcome.history) else {
        return Ok(Vec::new());
    };
    let mut scene = Scene::new(history);
    let wanted = StackRequest::new(scene.places_of_interest());
    let traced = run::on_fresh_thread(program, case, Keep::Nothing, Some(wanted))?;
    let Traced { polls, inside, .. } = traced.traced;
    let places = |seen: &Seen| [seen.suspended(), seen.woken()].map(|stack| Place::of(stack.describe()));
    scene.places = polls.iter().map(|(task, poll, seen)| ((*task, *poll), places(seen))).collect();
    scene.inside = inside.iter().map(|(chance, _, stack)| (*chance, Place::of(stack.describe()))).collect();
    let mut story: Vec<_> = (0..scene.events.len()).filter_map(|index| scene.sentence(index)).collect();
    if let Some(left_out) = story.len().checked_sub(SENTENCES_MAX).filter(|&left_out| left_out > 1) {
        story.drain(..left_out);
        story.insert(0, format!("The first {left_out} sentences are left out."));
    }
    if !case.params.is_empty() {
        let params: Vec<_> = case.params.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        story.insert(0, format!("The scenario has {}.", params.join(", ")));
    }
    if case.decisions.is_empty() {
        story.insert(0, "No decision is needed: it is so whenever everything takes its default.".to_owned());
    }
    story.extend(scene.words_on(&finding.message, &story).or_else(|| scene.last_words(&story)));
    story.extend(end(finding));
    Ok(story)
}

/// The finding's own evidence.
fn end(finding: &Finding) -> Vec<String> {
    let at = instant(Instant::from_nanos(finding.at_ns));
    let Finding { check, message, stuck, holders, .. } = finding;
    match finding.kind {
        FindingKind::Violation if check == SCENARIOS_OWN => {
            vec![format!("At {at} the scenario found: {}", sentence(headline(message)))]
        }
        FindingKind::Violation => vec![format!("At {at} this was broken: {check}. {}", sentence(headline(message)))],
        // What to do about it stands above the story.
        FindingKind::Panic if message.contains(real_tokio::IN_A_WORLD) => {
            vec![format!("At {at} {}", sentence(headline(message)))]
        }
        FindingKind::Panic => vec![format!("At {at} {}", sentence(message))],
        FindingKind::Divergence | FindingKind::Abort => vec![sentence(message)],
        FindingKind::Stall => {
            let mut story = vec![format!("At {at} {} ({check}).", message.trim_end_matches('.'))];
            story.extend(stuck.iter().take(NAMES_MAX).map(|task| {
                let place = task.awaits.last().map(|place| format!(" ({})", tight(place))).unwrap_or_default();
                format!("{} waits for {} and is not woken{place}.", spoken(&task.name), article(&task.waits_for))
            }));
            if stuck.len() > NAMES_MAX {
                story.push(format!("So do {} more.", stuck.len() - NAMES_MAX));
            }
            story.extend(holders.iter().map(|holder| format!("Held: {}", sentence(holder))));
            story
        }
    }
}

/// A violation's further lines are tables, and no sentence.
fn headline(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// Where a task waited.
#[derive(Clone, Debug)]
struct Place {
    /// `None` of a future that was written by hand: what it polled last need not be what it waits for.
    waits_for: Option<String>,
    line: Option<String>,
}

impl Place {
    fn of((waits_for, awaits): (String, Vec<String>)) -> Self {
        let is_await = |line: &&String| line.contains(".await") || line.contains("select!");
        let by_hand = awaits.last().is_some_and(|line| !is_await(&line));
        let line = awaits.iter().rev().find(is_await).or(awaits.last());
        let waits_for = Some(waits_for).filter(|waits_for| !by_hand && waits_for != "unknown");
        Self { waits_for, line: line.map(|line| tight(line)) }
    }

    fn told(&self) -> String {
        let line = self.line.as_ref().map(|line| format!(" ({line})")).unwrap_or_default();
        match &self.waits_for {
            Some(waits_for) => format!(" while it waited for {}{line}", article(waits_for)),
            None => format!(" while it waited{line}"),
        }
    }
}

/// A decision of the history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    pub(super) index: usize,
    pub(super) at: Instant,
    pub(super) site: Site,
    pub(super) entity: Entity,
    pub(super) nth: u64,
    pub(super) value: u64,
}

/// A history, as the sentences ask about it.
pub(super) struct Scene<'a> {
    pub(super) history: &'a History,
    events: Vec<(Instant, TaskId, Event<'a>)>,
    tasks: BTreeMap<&'a str, TaskId>,
    /// Where tasks suspended, and what of that was woken.
    places: BTreeMap<(TaskId, u32), [Place; 2]>,
    /// Of futures inside tasks.
    inside: BTreeMap<Chance, Place>,
}

impl<'a> Scene<'a> {
    fn new(history: &'a History) -> Self {
        let events: Vec<_> = history.iter().collect();
        let spawned = events.iter().filter_map(|(_, _, event)| match event {
            Event::Spawned { task, .. } => Some((history.task_name(*task), *task)),
            _ => None,
        });
        Self { history, tasks: spawned.collect(), places: BTreeMap::new(), inside: BTreeMap::new(), events }
    }

    /// What the event at `index` adds to the story.
    fn sentence(&self, index: usize) -> Option<String> {
        let (at, turn, event) = self.events[index];
        match event {
            Event::Decided { site, entity, nth, value } => {
                let decision = Decision { index, at, site, entity, nth, value };
                sentences::of(self, &decision)
            }
            Event::Injected { family, variant } if family != "cancel" => {
                let (at, name, then) = (instant(at), self.name(turn), self.words_after(index, turn));
                let what = self.clock_changed_by(index).unwrap_or_else(|| variant.to_owned());
                Some(format!("At {at} the fault {family} struck in the turn of {name}: {what}.{then}"))
            }
            Event::AbortAsked(task) if self.is_scenarios_abort(index) && self.aborts_from(index) < ABORTS_MAX => {
                Some(self.cancelled(index, task, &format!("aborted by {}", self.name(turn))))
            }
            _ => None,
        }
    }

    /// Which clock went how far, if that is what the fault at `index` did.
    fn clock_changed_by(&self, index: usize) -> Option<String> {
        let then = self.events[index + 1..].iter().find(|(_, _, event)| !matches!(event, Event::Decided { .. }));
        match (self.events[index].2, then?.2) {
            (Event::Injected { family: "clock", .. }, Event::WallClockChanged { machine: 0, change }) => {
                Some(format!("the clock of the scenario's own machine {change}"))
            }
            (Event::Injected { family: "clock", .. }, Event::WallClockChanged { machine, change }) => {
                Some(format!("the clock of machine-{machine} {change}"))
            }
            _ => None,
        }
    }

    /// The last polls of tasks that are cancelled, and polls that were made to give way.
    fn places_of_interest(&self) -> Vec<(TaskId, u32)> {
        let mut wanted = Vec::new();
        for (index, (_, _, event)) in self.events.iter().enumerate() {
            match event {
                Event::AbortAsked(task) | Event::Cancelled(task) => {
                    wanted.extend(self.last_poll(index, *task).map(|poll| (*task, poll)));
                }
                Event::Decided { entity, nth, .. } => {
                    let polls = u32::try_from(*nth).ok().into_iter().flat_map(|nth| [Some(nth), nth.checked_sub(1)]);
                    let task = self.task(*entity);
                    wanted.extend(polls.flatten().filter_map(|poll| Some((task?, poll))));
                    // For what is lost inside a poll, this one, and the one before, where it suspended.
                    let last = task.and_then(|task| self.last_poll(index, task));
                    let polls = last.into_iter().flat_map(|last| [Some(last), last.checked_sub(1)]);
                    wanted.extend(polls.flatten().filter_map(|poll| Some((task?, poll))));
                }
                _ => {}
            }
        }
        wanted
    }

    /// By the scenario, rather than by a decision just before.
    fn is_scenarios_abort(&self, index: usize) -> bool {
        let before = index.checked_sub(1).map(|before| self.events[before].2);
        !matches!(before, Some(Event::Injected { family: "cancel", .. }))
    }

    fn aborts_from(&self, index: usize) -> usize {
        self.events[index + 1..].iter().filter(|(_, _, event)| matches!(event, Event::AbortAsked(_))).count()
    }

    pub(super) fn task(&self, entity: Entity) -> Option<TaskId> {
        self.tasks.get(self.history.entity_name(entity)).copied()
    }

    pub(super) fn name(&self, task: TaskId) -> String {
        if task == TaskId::WORLD { "the world".to_owned() } else { spoken(self.history.task_name(task)) }
    }

    /// Whom a decision is about.
    pub(super) fn whom(&self, decision: &Decision) -> String {
        spoken(self.history.entity_name(decision.entity))
    }

    pub(super) fn event(&self, index: usize) -> Option<&Event<'a>> {
        self.events.get(index).map(|(_, _, event)| event)
    }

    /// Whether faults of this family struck.
    pub(super) fn struck(&self, name: &str) -> bool {
        self.events.iter().any(|(_, _, event)| matches!(event, Event::Injected { family, .. } if *family == name))
    }

    /// The number of the task's last poll before `index`.
    fn last_poll(&self, index: usize, task: TaskId) -> Option<u32> {
        self.events[..index].iter().rev().find_map(|(_, _, event)| match event {
            Event::PollStarted { task: polled, poll } if *polled == task => Some(*poll),
            _ => None,
        })
    }

    /// ` while it waited for a slot (src/queue.rs:88  rx.await)`, or less.
    pub(super) fn place(&self, task: TaskId, poll: Option<u32>, is_woken: bool) -> String {
        let Some(poll) = poll else { return " before its first poll".to_owned() };
        self.places.get(&(task, poll)).map(|places| places[usize::from(is_woken)].told()).unwrap_or_default()
    }

    /// The same of a future that was lost inside a task.
    pub(super) fn place_inside(&self, decision: &Decision) -> String {
        let chance = self.task(decision.entity).map(|task| (task, decision.site.name(), decision.nth));
        chance.and_then(|chance| self.inside.get(&chance)).map(Place::told).unwrap_or_default()
    }

    /// ` on after src/queue.rs:88 ..`: where the task waited before its `poll`, if that is known.
    pub(super) fn place_before(&self, task: TaskId, poll: u64) -> String {
        let line = poll.checked_sub(1).and_then(|last| self.line(task, last));
        line.map(|line| format!(" on after {line}")).unwrap_or_default()
    }

    /// Where the task suspended in its `poll` and then was woken.
    pub(super) fn line(&self, task: TaskId, poll: u64) -> Option<&str> {
        let [_, woken] = self.places.get(&(task, u32::try_from(poll).ok()?))?;
        woken.line.as_deref()
    }

    /// How a task was cancelled at `index`, where it was, and who had just woken it.
    pub(super) fn cancelled(&self, index: usize, task: TaskId, how: &str) -> String {
        let (at, name) = (self.events[index].0, self.name(task));
        let pending = self.pending_wake(index, task);
        let place = self.place(task, self.last_poll(index, task), pending.is_some());
        let woken = pending.map(|woken| self.woken_by(woken)).unwrap_or_default();
        format!("At {} {name} was {how}{place}{woken}.{}", instant(at), self.words_after(index, task))
    }

    /// The wake that the task has not run after.
    fn pending_wake(&self, index: usize, task: TaskId) -> Option<usize> {
        let last = self.events[..index].iter().rposition(|(_, _, event)| match event {
            Event::Woken { task: woken, .. } => *woken == task,
            Event::PollStarted { task: polled, .. } => *polled == task,
            _ => false,
        })?;
        matches!(self.events[last].2, Event::Woken { .. }).then_some(last)
    }

    fn woken_by(&self, woken: usize) -> String {
        let (_, _, Event::Woken { by, .. }) = self.events[woken] else { return String::new() };
        match by {
            Waking::Timer => "; its timer had just fired, and it had not run since".to_owned(),
            Waking::World => String::new(),
            Waking::Task(by) => {
                let words = self.words_of_turn(woken, by).map(|words| format!(" (“{words}”)")).unwrap_or_default();
                format!("; {} had just woken it{words}, and it had not run since", self.name(by))
            }
        }
    }

    /// What was last said in the turn that goes on at `index`.
    fn words_of_turn(&self, index: usize, task: TaskId) -> Option<String> {
        let turn = self.events[..index].iter().rev().take_while(|(_, turn, _)| *turn == task);
        turn.into_iter().find_map(|(_, _, event)| words(event))
    }

    /// What the task says at the same instant, after `index`.
    fn words_after(&self, index: usize, task: TaskId) -> String {
        let instant =
            self.events[index + 1..].iter().take_while(|(_, _, event)| !matches!(event, Event::ClockMoved(_)));
        let said = instant.filter(|(_, turn, _)| *turn == task).filter_map(|(_, _, event)| words(event));
        let said: Vec<_> = said.take(WORDS_MAX).map(|words| format!("“{words}”")).collect();
        if said.is_empty() { String::new() } else { format!(" Then it said {}.", said.join(", ")) }
    }

    /// What was said, before the finding, of the things that its message names.
    fn words_on(&self, message: &str, told: &[String]) -> Option<String> {
        let subjects = Subjects::of(message);
        let lines = self.lines(told, ON_SUBJECTS_MAX, |words| subjects.are_of(words))?;
        Some(format!("What was said of that: {lines}."))
    }

    /// What the service said last.
    fn last_words(&self, told: &[String]) -> Option<String> {
        Some(format!("The last that was said: {}.", self.lines(told, WORDS_MAX, |_| true)?))
    }

    /// The last of what was said of one sort, but for what is told already.
    fn lines(&self, told: &[String], most: usize, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let said = self.events.iter().rev().filter_map(|(at, turn, event)| Some((*at, *turn, words(event)?)));
        let mut said: Vec<_> = said.filter(|(_, _, words)| is_wanted(words)).take(most).collect();
        said.retain(|(_, _, words)| !told.iter().any(|sentence| sentence.contains(words.as_str())));
        said.reverse();
        let line = |(at, turn, words)| format!("{} “{words}” ({})", self.name(turn), instant(at));
        let lines: Vec<_> = said.into_iter().map(line).collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    /// Who ran between `index` and the next turn of `task`.
    pub(super) fn overtaken_by(&self, index: usize, task: TaskId) -> Vec<String> {
        let mut names = Vec::new();
        for (_, _, event) in &self.events[index..] {
            match event {
                Event::PollStarted { task: polled, .. } if *polled != task => {
                    let name = self.name(*polled);
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                Event::PollStarted { .. } | Event::ClockMoved(_) => break,
                Event::Cancelled(gone) if *gone == task => break,
                _ => {}
            }
        }
        names
    }
}

/// A task's path without the noise of type names: `caller-3/Run::until_end`.
fn spoken(path: &str) -> String {
    let segment = |segment: &str| {
        let parts: Vec<_> = segment.split("::").filter(|part| !part.starts_with('{')).collect();
        let ordinal = segment.rfind('#').map_or("", |at| &segment[at..]);
        match parts.as_slice() {
            [.., module, name] if segment.contains("::") && !ordinal.is_empty() => format!("{module}::{name}{ordinal}"),
            [.., module, name] if segment.contains("::") => format!("{module}::{name}"),
            _ => segment.to_owned(),
        }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// What a log event says.
fn words(event: &Event<'_>) -> Option<String> {
    let Event::Logged(log) = event else { return None };
    Some(log.to_string())
}

/// `a, b, c and 4 more`.
pub(super) fn list(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMES_MAX)].join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `a semaphore`; `the work's end` and `its first poll` stay.
fn article(noun: &str) -> String {
    let noun = if noun == "notify" { "notification" } else { noun };
    match noun.split(' ').next() {
        Some("the" | "its" | "unknown") | None => noun.to_owned(),
        _ if !noun.starts_with("one") && noun.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// An instant: `2.31 s`.
pub(super) fn instant(at: Instant) -> String {
    let nanos = at.as_nanos();
    let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// ``src/queue.rs:88 `rx.await` `` of an await's place and its source text.
fn tight(line: &str) -> String {
    match line.split_once("  ") {
        Some((place, text)) => format!("{place} `{}`", text.trim_end_matches([';', '{', ' '])),
        None => line.to_owned(),
    }
}

/// On one line, with its full stop.
fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}.", text.trim_end_matches('.'))
}

/// A story without line numbers, which change with every edit: as a case file keeps it.
pub(super) fn without_lines(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (nth, part) in text.split(".rs:").enumerate() {
        if nth == 0 {
            kept.push_str(part);
            continue;
        }
        kept.push_str(".rs");
        let rest = part.trim_start_matches(|character: char| character.is_ascii_digit());
        if rest.len() == part.len() {
            kept.push(':');
        }
        kept.push_str(rest);
    }
    kept
}
