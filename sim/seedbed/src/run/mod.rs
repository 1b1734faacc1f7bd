//! One run of one case, on the current thread; and what may be asked of it afterwards.

mod explain;
mod outcome;
mod program;
mod runner;
mod standing;

pub(crate) use explain::{explain, on_fresh_thread, trace_stall};
pub use outcome::Outcome;
pub(crate) use program::Program;
pub use runner::Threads;
pub(crate) use standing::Standing;

use crate::{
    case::{Case, CaseError},
    check, context,
    executor::{Core, IdleRuntime, Limits, Noting, Setup, StackRequest, Strays, drive, on_madsim},
    finding::Finding,
    history::{self, Keep},
    panics,
    scenario::ScenarioFuture,
    strategy,
    task::JoinError,
    thread,
    world::World,
};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    task::{Poll, Waker},
};

/// Runs `case` of `program` on this thread. The outcome is a function of the two alone, given fresh
/// hash keys: call it on a fresh thread, or after the thread's keys were set.
///
/// # Errors
/// The case names something that does not exist.
pub(crate) fn run(
    program: &Program<'_>,
    case: &Case,
    keep: Keep,
    stacks: Option<StackRequest>,
) -> Result<Outcome, CaseError> {
    run_noting(program, case, keep, stacks, Noting::Nothing)
}

/// [`run`], which may also take note of more.
pub(crate) fn run_noting(
    program: &Program<'_>,
    case: &Case,
    keep: Keep,
    stacks: Option<StackRequest>,
    noting: Noting,
) -> Result<Outcome, CaseError> {
    let wants = Wants { keep, stacks, noting };
    let (outcome, strays) = run_once(program, case, wants.clone(), IdleRuntime::take())?;
    // By a handle that it kept the second run would spawn too, on a runtime that is gone.
    if !strays.are_any() || strays.have_a_handle_kept() {
        return Ok(outcome);
    }
    // Without any runtime the call panics and so is named; or its caller can do without.
    let second = thread::fresh(|| run_once(program, case, wants, IdleRuntime::absent()).map(|(outcome, _)| outcome));
    second.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What is wanted of a run, beside its verdict.
#[derive(Clone)]
struct Wants {
    keep: Keep,
    stacks: Option<StackRequest>,
    noting: Noting,
}

fn run_once(
    program: &Program<'_>,
    case: &Case,
    wants: Wants,
    idle: IdleRuntime,
) -> Result<(Outcome, Strays), CaseError> {
    let Wants { keep, stacks, noting } = wants;
    let decisions = case.decisions()?;
    let schedule = strategy::draw(case.strategy_name()?, &decisions);
    panics::install_hook();
    history::install_subscriber();
    let runtime = madsim::runtime::Runtime::with_seed_and_config(case.entropy_seed(), madsim::Config::default());
    let (checks, limits) = ((program.checks)(), Limits::BASE);
    let setup = Setup { decisions, schedule, checks, keep, limits, stacks, noting, idle };
    let (mut outcome, unmatched, strays) = runtime.block_on(run_inside(program, setup));
    if !unmatched.is_empty() {
        let names: Vec<_> = case.decisions.keys().collect();
        outcome.unmatched = unmatched.into_iter().map(|index| names[index].clone()).collect();
    }
    Ok((outcome, strays))
}

/// The outcome, which of the case's listed decisions changed nothing, and what the real tokio was given.
async fn run_inside(program: &Program<'_>, setup: Setup) -> (Outcome, Vec<usize>, Strays) {
    let core = Core::new(setup);
    let entered = context::enter(core.clone());
    let scenario = Rc::new(Cell::new(None));
    let body = scenario.clone();
    let root = core.spawn(None, false, async move {
        match Cell::<Option<ScenarioFuture>>::take(&body) {
            Some(future) => future.await,
            None => Ok(()),
        }
    });
    core.record_grain();
    // The part before the first await may spawn already: as the root, and a panic of it is the root's.
    match guarded(|| core.as_root(&root.abort, || (program.body)(World::new()))) {
        Ok(future) => {
            scenario.set(Some(future));
            if core.rides() {
                on_madsim::drive(&core).await;
            } else {
                drive(&core);
            }
            let result = match root.poll(Waker::noop()) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => None,
            };
            judge_end(&core, result);
        }
        Err(message) => core.end_with_panic(message, "main"),
    }
    drop(scenario.take());
    let outcome = Outcome::seal(&core);
    let unmatched = core.unmatched_decisions();
    let mut strays = core.take_strays();
    // What is forgotten would keep its handles.
    let is_gone = core.tear_down(outcome.finding.is_some() && !strays.are_tasks());
    if !strays.are_any() {
        // A destructor's.
        strays = core.take_strays();
    }
    drop(root);
    drop(entered);
    debug_assert!(!is_gone || Rc::strong_count(&core) == 1, "something of the world outlives its run");
    (outcome, unmatched, strays)
}

/// Runs `f`; a panic comes back as its text.
fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| panics::message(&*payload))
}

/// A run without a finding is clean only if the scenario's own future returned `Ok` and the checks agree.
fn judge_end(core: &Core, result: Option<Result<check::Result, JoinError>>) {
    match result {
        Some(Ok(Ok(()))) => {
            core.recorder.borrow_mut().at_end();
            core.judge_checks();
        }
        Some(Ok(Err(violation))) => {
            core.end_with(Finding::own_violation(&violation, core.now()));
        }
        // A finding has ended the run, unless the panic was an injected one that nobody caught.
        Some(Err(error)) => core.end_with_panic(format!("the scenario did not return: {error}"), "main"),
        None => core.end_with_panic("the scenario did not return".to_owned(), "main"),
    }
}
