//! `sweep`: hands out seeds to workers, cuts and replaces them, and keeps the books.

use super::{
    announcement::Announcement,
    app::{App, Verdict},
    arguments::SweepArguments,
    death, interrupt,
    ledger::{Conditions, Ledger},
    output::{self, say},
    plan::Plan,
    problem::Problem,
    process::{Event, Recipe, Worker},
    progress::Progress,
    protocol::{Answer, Order, ThreadUse},
    results::{self, Report},
    scratch::Scratch,
    seeds::{SeedRange, Slice, Span},
    selection::{self, Selected},
    shrinker::Shrinker,
    summary,
    tally::Tally,
};
use crate::{
    finding::{Finding, FindingKind},
    shrink::{self, Budget},
};
use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};

const LOOK_EVERY: Duration = Duration::from_millis(100);
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// Each costs the whole real-time limit; a scenario with so many is broken, and the others want their time.
pub(super) const CUT_MAX: u64 = 20;
/// Workers that end before they announce a case: the system is short of something, and may recover once.
const LOST_MAX: u32 = 3;
const SHRINK_ALL: Duration = Duration::from_secs(60);
const SEEDS: SeedRange = SeedRange { start: 0, end: 1000 };
const ALL_SEEDS: SeedRange = SeedRange { start: 0, end: u64::MAX };

pub(super) fn run(app: &App<'_>, arguments: &SweepArguments) -> Result<Verdict, Problem> {
    let selected = selection::select(app, &arguments.scenarios, &arguments.variation)?;
    let mut ledger = open_ledger(arguments)?;
    let mut sweep = Sweep::start(arguments, &selected, &mut ledger)?;
    let outcome = sweep.work();
    sweep.progress.end();
    let (end, elapsed) = (outcome?, sweep.elapsed());
    drop(sweep);
    ledger.elapsed_s += elapsed.as_secs_f64();
    let mut report = Report::new(app, arguments, &selected, &ledger, end);
    if !arguments.no_shrink && end != End::Interrupted {
        shrink_all(&mut report, arguments)?;
    }
    if let Some(directory) = &arguments.out {
        results::save(directory, &ledger, Some(&report))?;
    }
    if arguments.json {
        say!("{:#}", report.document())
    } else {
        output::text(format_args!("{}", summary::of(&report)))
    }
    Ok(if report.is_clean() { Verdict::Clean } else { Verdict::Findings })
}

/// Each finding within its budget, and all of them within a minute: a sweep is for finding.
fn shrink_all(report: &mut Report<'_>, arguments: &SweepArguments) -> Result<(), Problem> {
    let started = Instant::now();
    for row in &mut report.findings {
        if started.elapsed() >= SHRINK_ALL {
            return Ok(());
        }
        // It would end one worker more, and has no history.
        if row.found.finding.kind == FindingKind::Abort {
            continue;
        }
        let mut shrinker = Shrinker::new(arguments.limits)?;
        row.shrunk = shrink::shrink(&mut shrinker, &row.case, row.scenario.params, Budget::BRIEF)?.ok();
    }
    Ok(())
}

fn open_ledger(arguments: &SweepArguments) -> Result<Ledger, Problem> {
    let variation = &arguments.variation;
    let conditions = Conditions {
        params: variation.params.iter().map(|setting| (setting.name.clone(), setting.value)).collect(),
        strategy: variation.strategy.clone(),
        slice: arguments.slice.unwrap_or(Slice::WHOLE),
    };
    let Some(directory) = &arguments.out else { return Ok(Ledger::new(conditions)) };
    let ledger = if arguments.resume { results::load(directory, conditions)? } else { Ledger::new(conditions) };
    // Now rather than after hours: a directory that takes no file is refused before any run.
    results::save(directory, &ledger, None)?;
    Ok(ledger)
}

/// Why a sweep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All seeds are run.
    Done,
    /// Its time was over.
    OutOfTime,
    /// A person ended it.
    Interrupted,
}

struct Sweep<'a> {
    arguments: &'a SweepArguments,
    selected: &'a [Selected<'a>],
    ledger: &'a mut Ledger,
    plan: Plan,
    progress: Progress,
    recipe: Recipe,
    scratch: Scratch,
    seats: Vec<Seat>,
    workers_started: usize,
    workers_lost: u32,
    sender: Sender<Event>,
    events: Receiver<Event>,
    started: Instant,
    saved: Instant,
    interrupted: bool,
}

/// A place for one worker.
#[derive(Default)]
struct Seat {
    worker: Option<(usize, Worker)>,
    job: Option<Job>,
}

/// What a worker was told to do.
struct Job {
    scenario: usize,
    span: Span,
    announced: Announcement,
    since: Instant,
}

impl<'a> Sweep<'a> {
    fn start(
        arguments: &'a SweepArguments,
        selected: &'a [Selected<'a>],
        ledger: &'a mut Ledger,
    ) -> Result<Self, Problem> {
        let jobs = arguments.jobs.count();
        let range = arguments.seeds.unwrap_or(if arguments.time.is_some() { ALL_SEEDS } else { SEEDS });
        let slice = ledger.conditions.slice;
        let spans: Vec<_> =
            selected.iter().map(|selected| ledger.account(selected.scenario.name).missing(range, slice)).collect();
        let plan = Plan::new(spans, jobs);
        let progress = Progress::start(plan.seeds_left(), arguments.time.map(|time| time.0));
        let (sender, events) = mpsc::channel();
        interrupt::send_to(sender.clone())?;
        Ok(Self {
            arguments,
            selected,
            ledger,
            plan,
            progress,
            recipe: Recipe::same(arguments.limits.memory)?,
            scratch: Scratch::new()?,
            seats: (0..jobs).map(|_| Seat::default()).collect(),
            workers_started: 0,
            workers_lost: 0,
            sender,
            events,
            started: Instant::now(),
            saved: Instant::now(),
            interrupted: false,
        })
    }

    fn work(&mut self) -> Result<End, Problem> {
        let mut looked = Instant::now();
        loop {
            let out_of_time = self.arguments.time.is_some_and(|time| self.elapsed() >= time.0);
            if !out_of_time {
                self.hand_out()?;
            }
            if self.seats.iter().all(|seat| seat.job.is_none()) {
                return Ok(if self.plan.seeds_left() == 0 { End::Done } else { End::OutOfTime });
            }
            match self.events.recv_timeout(LOOK_EVERY) {
                Ok(event) => self.take(event)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("a sender is in `self`"),
            }
            if self.interrupted {
                return Ok(End::Interrupted);
            }
            if looked.elapsed() >= LOOK_EVERY {
                self.look()?;
                looked = Instant::now();
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Gives every idle worker a portion.
    fn hand_out(&mut self) -> Result<(), Problem> {
        for index in 0..self.seats.len() {
            if self.seats[index].job.is_some() {
                continue;
            }
            let Some((scenario, span)) = self.plan.next() else { return Ok(()) };
            let mut worker = match self.seats[index].worker.take() {
                Some(worker) => worker,
                None => self.start_worker()?,
            };
            let announced = worker.1.announced();
            let threads = if self.arguments.reuse_threads { ThreadUse::Reused } else { ThreadUse::Fresh };
            worker.1.order(&Order::Sweep { template: self.selected[scenario].template.clone(), span, threads });
            let job = Some(Job { scenario, span, announced, since: Instant::now() });
            self.seats[index] = Seat { worker: Some(worker), job };
        }
        Ok(())
    }

    fn start_worker(&mut self) -> Result<(usize, Worker), Problem> {
        self.workers_started += 1;
        let number = self.workers_started;
        let announcement = self.scratch.path().join(number.to_string());
        Ok((number, Worker::start(&self.recipe, number, &announcement, &self.sender, false)?))
    }

    fn take(&mut self, event: Event) -> Result<(), Problem> {
        match event {
            Event::Interrupted => self.interrupted = true,
            Event::Answered(number, Answer::Swept(tally)) => self.enter(number, tally),
            Event::Answered(_, other) => unreachable!("a worker that was told to sweep answered {other:?}"),
            Event::Closed(number) => self.bury(number)?,
        }
        Ok(())
    }

    /// The seat of a worker; none if the worker was cut a moment ago.
    fn seat_of(&mut self, number: usize) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.worker.as_ref().is_some_and(|worker| worker.0 == number))
    }

    fn enter(&mut self, number: usize, tally: Tally) {
        let Some(job) = self.seat_of(number).and_then(|seat| seat.job.take()) else { return };
        self.workers_lost = 0;
        self.plan.learn(job.scenario, tally.runs, Duration::from_micros(tally.busy_us));
        self.account_of(job.scenario).enter(job.span, tally);
    }

    fn account_of(&mut self, scenario: usize) -> &mut super::ledger::Account {
        self.ledger.account(self.selected[scenario].scenario.name)
    }

    /// A worker has ended by itself.
    fn bury(&mut self, number: usize) -> Result<(), Problem> {
        let Some(seat) = self.seat_of(number) else { return Ok(()) };
        let (Some((_, worker)), job) = (seat.worker.take(), seat.job.take()) else { return Ok(()) };
        let announced = worker.announced();
        let death = worker.bury();
        let Some(job) = job else { return Ok(()) };
        match announced.seed {
            Some(seed) => self.enter_death(&job, seed, death.finding()),
            None => {
                self.workers_lost += 1;
                if self.workers_lost >= LOST_MAX {
                    return Err(Problem::WorkerLost(death.words()));
                }
                self.plan.put_back(job.scenario, [job.span]);
            }
        }
        Ok(())
    }

    /// The case of `seed` ended its worker. What the worker had done of its portion before is not counted
    /// yet, so it is done again together with the rest.
    fn enter_death(&mut self, job: &Job, seed: u64, finding: Finding) {
        let [before, after] = job.span.without(seed);
        self.plan.put_back(job.scenario, [after, before]);
        let mut tally = Tally::default();
        tally.add_death(seed, finding);
        let only = Span { start: seed, end: after.start, ..job.span };
        self.account_of(job.scenario).enter(only, tally);
    }

    /// Looks after every worker, and tells the person.
    fn look(&mut self) -> Result<(), Problem> {
        let limit = Duration::from_secs(self.arguments.limits.limit_real);
        for index in 0..self.seats.len() {
            self.cut_if_stuck(index, limit)?;
        }
        let runs = self.ledger.accounts.values().map(|account| account.tally.runs).sum();
        let findings = self.ledger.accounts.values().map(|account| account.tally.findings.len()).sum();
        self.progress.show(runs, findings, self.elapsed());
        if let Some(directory) = self.arguments.out.as_ref().filter(|_| self.saved.elapsed() >= SAVE_EVERY) {
            results::save(directory, self.ledger, None)?;
            self.saved = Instant::now();
        }
        Ok(())
    }

    fn cut_if_stuck(&mut self, index: usize, limit: Duration) -> Result<(), Problem> {
        let seat = &mut self.seats[index];
        let (Some((_, worker)), Some(job)) = (&seat.worker, &mut seat.job) else { return Ok(()) };
        let announced = worker.announced();
        if announced != job.announced {
            (job.announced, job.since) = (announced, Instant::now());
            return Ok(());
        }
        if job.since.elapsed() < limit {
            return Ok(());
        }
        let (Some((_, worker)), Some(job)) = (seat.worker.take(), seat.job.take()) else { return Ok(()) };
        worker.cut();
        let Some(seed) = announced.seed else {
            return Err(Problem::WorkerLost(format!("it announced nothing in {} s", limit.as_secs())));
        };
        self.enter_death(&job, seed, death::never_returned(limit));
        let account = self.account_of(job.scenario);
        account.cut += 1;
        if account.cut >= CUT_MAX {
            self.plan.give_up(job.scenario);
        }
        Ok(())
    }
}
