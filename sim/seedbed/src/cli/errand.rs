//! One order at a time to a worker process of its own, with a real-time limit.

use super::{
    arguments::Limits,
    death,
    problem::Problem,
    process::{Event, Recipe, Worker},
    protocol::{Answer, Order},
    scratch::Scratch,
};
use crate::finding::Finding;
use std::{
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    time::Duration,
};

/// A worker process that is started when it is first needed, and again after a case has ended it.
#[derive(Debug)]
pub(super) struct Errands {
    recipe: Recipe,
    limit: Duration,
    echo: bool,
    scratch: Scratch,
    worker: Option<Worker>,
    started: usize,
    sender: Sender<Event>,
    events: Receiver<Event>,
}

impl Errands {
    /// `echo`: what the worker says on stderr is for the person too.
    pub(super) fn new(recipe: Recipe, limits: Limits, echo: bool) -> Result<Self, Problem> {
        let (sender, events) = mpsc::channel();
        let limit = Duration::from_secs(limits.limit_real);
        Ok(Self { recipe, limit, echo, scratch: Scratch::new()?, worker: None, started: 0, sender, events })
    }

    /// The answer; or the finding about a case that ended the process or did not return.
    pub(super) fn ask(&mut self, order: &Order) -> Result<Result<Answer, Finding>, Problem> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.start()?,
        };
        worker.order(order);
        let limit = self.limit.saturating_mul(order.runs_max());
        loop {
            match self.events.recv_timeout(limit) {
                Ok(Event::Answered(number, answer)) if number == self.started => {
                    self.worker = Some(worker);
                    return Ok(Ok(answer));
                }
                Ok(Event::Closed(number)) if number == self.started => return died(worker).map(Err),
                // Of an earlier worker.
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => {
                    worker.cut();
                    return Ok(Err(death::never_returned(self.limit)));
                }
                Err(RecvTimeoutError::Disconnected) => unreachable!("a sender is in `self`"),
            }
        }
    }

    /// From here on a new process.
    pub(super) fn start_anew(&mut self) {
        self.worker = None;
    }

    fn start(&mut self) -> Result<Worker, Problem> {
        self.started += 1;
        let announcement = self.scratch.path().join(self.started.to_string());
        Worker::start(&self.recipe, self.started, &announcement, &self.sender, self.echo)
    }
}

fn died(worker: Worker) -> Result<Finding, Problem> {
    let announced = worker.announced();
    let death = worker.bury();
    if announced.seed.is_some() { Ok(death.finding()) } else { Err(Problem::WorkerLost(death.words())) }
}
