//! A finding's second look: the case again with its whole history, and for a stall once more with
//! await stacks.

use super::{Outcome, Program, run};
use crate::{
    case::{Case, CaseError},
    executor::StackRequest,
    finding::{Finding, FindingKind},
    history::{Digest, Keep},
    thread,
};

/// Runs the case again on fresh threads and gives the outcome with its history and, for a stall, where
/// each task waits. If it is not the run that `first` is the digest and the finding of, the finding is a divergence,
/// and says what both runs found.
///
/// # Errors
/// The case names something that does not exist.
pub(crate) fn explain(
    program: &Program<'_>,
    case: &Case,
    first: Option<(Digest, &Finding)>,
) -> Result<Outcome, CaseError> {
    let mut outcome = on_fresh_thread(program, case, Keep::All, None)?;
    if let Some((digest, finding)) = first
        && digest != outcome.digest
    {
        let second = outcome.finding.as_ref().map_or_else(|| "nothing".to_owned(), in_short);
        outcome.finding = Some(Finding::divergence(format!(
            "the first run has digest {digest} and found {}; a second one has {} and found {second}; `verify` shows the \
             first event that differs",
            in_short(finding),
            outcome.digest
        )));
        return Ok(outcome);
    }
    let Some(finding) = outcome.finding.as_mut().filter(|finding| finding.kind == FindingKind::Stall) else {
        return Ok(outcome);
    };
    trace_stall(program, case, finding)?;
    Ok(outcome)
}

fn in_short(finding: &Finding) -> String {
    format!("{} ({}: {})", finding.kind, finding.check, finding.message)
}

/// Runs the case of a stall once more to see where each task waits, which is part of the signature.
///
/// # Errors
/// As [`explain`].
pub(crate) fn trace_stall(program: &Program<'_>, case: &Case, finding: &mut Finding) -> Result<(), CaseError> {
    let last_polls = finding.stuck.iter().filter_map(|stuck| Some((stuck.task?, stuck.polls.checked_sub(1)?)));
    let traced = on_fresh_thread(program, case, Keep::Nothing, Some(StackRequest::new(last_polls)))?;
    for stuck in &mut finding.stuck {
        let seen = traced.traced.polls.iter().find(|(task, ..)| Some(*task) == stuck.task);
        stuck.waits_at(seen.map(|(.., seen)| seen.suspended()).as_ref());
    }
    finding.sign_stall();
    Ok(())
}

/// One run on a thread of its own.
///
/// # Errors
/// As [`explain`].
pub(crate) fn on_fresh_thread(
    program: &Program<'_>,
    case: &Case,
    keep: Keep,
    stacks: Option<StackRequest>,
) -> Result<Outcome, CaseError> {
    // The outcome stays on the thread that made it but for what the caller reads: a history is not `Send`.
    thread::fresh(|| run(program, case, keep, stacks)).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        World,
        history::TaskId,
        scenario::ScenarioFuture,
        time::{Duration, Instant, sleep, sleep_until},
    };
    use std::{future::poll_fn, pin::pin};

    /// A traced poll has a waker that watches. A timer that is polled with it is the task's still, under its old name.
    #[test]
    fn a_traced_run_is_the_same_run() {
        let body = |world: World| -> ScenarioFuture {
            Box::pin(async move {
                let at = Instant::now() + Duration::from_secs(1);
                let (tell, told) = tokio::sync::oneshot::channel::<()>();
                let first = world.spawn("first", async move {
                    let (mut sleep, mut told) = (pin!(sleep_until(at)), pin!(told));
                    let mut heard = false;
                    poll_fn(|context| {
                        heard = heard || told.as_mut().poll(context).is_ready();
                        sleep.as_mut().poll(context)
                    })
                    .await;
                });
                let second = world.spawn("second", sleep_until(at));
                sleep(Duration::from_millis(500)).await;
                let _ = tell.send(());
                first.await?;
                second.await?;
                Ok(())
            })
        };
        let program = Program { body: &body, checks: &Vec::new };
        let mut case = Case { seed: None, ..Case::of_seed("traced", 0) };
        case.decisions.insert("timer / first / 0".into(), 1);
        let run = |stacks| on_fresh_thread(&program, &case, Keep::All, stacks).unwrap();
        let plain = run(None);
        let traced = run(Some(StackRequest::new([(TaskId(1), 1)])));
        assert_eq!((plain.unmatched, traced.unmatched), (vec![], vec![]));
        assert_eq!(plain.digest, traced.digest);
    }
}
