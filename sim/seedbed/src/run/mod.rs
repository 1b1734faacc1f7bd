//! One run of one case, on the current thread; and what may be asked of it afterwards.

mod explain;
mod outcome;
mod program;
mod runner;

pub(crate) use explain::explain;
pub use outcome::Outcome;
pub(crate) use program::Program;
pub use runner::Threads;

use crate::{
    case::{Case, CaseError},
    check, context,
    executor::{Core, Limits, Setup, StackRequest, drive},
    finding::Finding,
    history::{self, Keep},
    panics, strategy,
    world::World,
};
use std::rc::Rc;

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
    let decisions = case.decisions()?;
    let schedule = strategy::draw(case.strategy_name()?, &decisions);
    panics::install_hook();
    history::install_subscriber();
    let seed = case.seed.map_or(0, |seed| seed.0);
    let runtime = madsim::runtime::Runtime::with_seed_and_config(seed, madsim::Config::default());
    let setup = Setup { decisions, schedule, checks: (program.checks)(), keep, limits: Limits::BASE, stacks };
    Ok(runtime.block_on(async { run_inside(program, setup) }))
}

fn run_inside(program: &Program<'_>, setup: Setup) -> Outcome {
    let core = Core::new(setup);
    let entered = context::enter(core.clone());
    let (_, result) = core.spawn(None, false, (program.body)(World::new()));
    drive(&core);
    if let Some(Ok(result)) = result.take() {
        judge_end(&core, result);
    }
    let outcome = Outcome::seal(&core);
    core.tear_down();
    drop(entered);
    debug_assert_eq!(Rc::strong_count(&core), 1, "something of the world outlives its run");
    outcome
}

fn judge_end(core: &Core, result: check::Result) {
    if let Err(violation) = result {
        core.end_with(Finding::violation("the scenario's own result", violation.message(), core.now()));
        return;
    }
    let broken = {
        let mut recorder = core.recorder.borrow_mut();
        recorder.at_end();
        recorder.take_broken()
    };
    if let Some((check, violation)) = broken {
        core.end_with(Finding::violation(check, violation.message(), core.now()));
    }
}
