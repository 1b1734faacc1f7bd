//! Checks see what happens, end the run when a rule breaks, and say who holds what.
#![cfg(not(real_side))]

use seedbed::{
    Case, Check, Finding, FindingKind, Outcome, Scenario, World,
    check::{Interest, Result},
    decision::{Site, ratio},
    ensure,
    history::Event,
    time::{Duration, Instant, sleep},
};

const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// Logged numbers never fall; at rest the last is 3; at the end it is 3 as well.
#[derive(Default)]
struct Rising {
    last: u64,
    asked_at_rest: bool,
    asked_at_end: bool,
}

impl Check for Rising {
    fn name(&self) -> &'static str {
        "numbers rise"
    }

    fn on_event(&mut self, _: Instant, event: &Event<'_>) -> Result {
        if let Event::Logged(log) = event
            && let Some(number) = log.u64("number")
        {
            ensure!(log.message() == "counted", "the message is {:?}", log.message());
            ensure!(number > self.last, "{number} after {}", self.last);
            self.last = number;
        }
        Ok(())
    }

    fn at_rest(&mut self, _: Instant) -> Result {
        self.asked_at_rest = true;
        ensure!(self.last >= 3, "{} at rest", self.last);
        Ok(())
    }

    fn at_end(&mut self, _: Instant) -> Result {
        self.asked_at_end = true;
        ensure!(self.last <= 3, "{} at the end", self.last);
        Ok(())
    }

    fn holders(&self, _: Instant) -> Vec<String> {
        vec![format!("the counter stands at {}", self.last)]
    }
}

async fn count(world: World, numbers: &[u64]) -> Result {
    for &number in numbers {
        sleep(Duration::from_secs(1)).await;
        tracing::info!(number, "counted");
    }
    world.settle().await;
    Ok(())
}

macro_rules! counting {
    ($($number:expr),*) => {
        Scenario {
            name: "counting",
            checks: |_| vec![Box::new(Rising::default())],
            run: |world, _| Box::pin(async move { count(world, &[$($number),*]).await }),
            ..Scenario::CALM
        }
    };
}

fn replay(scenario: &Scenario) -> Outcome {
    scenario.replay(&Case { seed: None, ..Case::of_seed(scenario.name, 0) }).unwrap()
}

fn finding(scenario: &Scenario) -> Finding {
    replay(scenario).finding.expect("this count breaks a rule")
}

#[test]
fn a_count_that_keeps_the_rules_is_clean() {
    assert_eq!(replay(&counting!(1, 2, 3)).finding, None);
}

#[test]
fn a_broken_rule_ends_the_run_with_its_name_and_evidence() {
    let finding = finding(&counting!(1, 3, 2, 9));
    assert_eq!((finding.kind, finding.check.as_str()), (FindingKind::Violation, "numbers rise"));
    assert_eq!((finding.message.as_str(), finding.at_ns), ("2 after 3", 3_000_000_000));
    assert_eq!(finding.signature, "Violation: numbers rise");
}

#[test]
fn a_check_is_asked_at_rest_and_at_the_end() {
    assert_eq!(finding(&counting!(1, 2)).message, "2 at rest");
    assert_eq!(finding(&counting!(1, 4)).message, "4 at the end");
}

#[test]
fn a_stall_asks_checks_for_holders() {
    const STUCK: Scenario = Scenario {
        checks: |_| vec![Box::new(Rising::default())],
        run: |world, _| {
            Box::pin(async move {
                world.spawn("stuck", std::future::pending::<()>());
                count(world, &[1]).await
            })
        },
        ..Scenario::CALM
    };
    let finding = finding(&STUCK);
    assert_eq!(finding.kind, FindingKind::Stall);
    assert_eq!(finding.holders, ["the counter stands at 1"]);
    assert_eq!(finding.signature, "Stall: deadlock: stuck on unknown", "a pending future takes no waker");
}

#[test]
fn an_always_rule_is_asked_after_every_poll() {
    let report = seedbed::sweep("always", 0..3, |world: World| async move {
        let held = std::rc::Rc::new(std::cell::Cell::new(0));
        let seen = held.clone();
        world.always("at most one", move || {
            ensure!(seen.get() <= 1, "{} held", seen.get());
            Ok(())
        });
        for count in [1, 0, 2, 0] {
            held.set(count);
            sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    });
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].finding.message, "2 held");
    assert_eq!(report.first_seed(), Some(0));
}

#[test]
#[should_panic(
    expected = "replay: SEEDBED_SEED=0x0 cargo test -p seedbed --test checks -- --exact a_dirty_report_fails"
)]
fn a_dirty_report_fails_with_its_replay_command() {
    seedbed::sweep("dirty", 0..2, |_| async {
        ensure!(1 + 1 == 3);
        Ok(())
    })
    .assert_clean();
}

/// Wants every event; sees polls and timers too.
#[derive(Default)]
struct Polls(u64);

impl Check for Polls {
    fn name(&self) -> &'static str {
        "polls are seen"
    }

    fn interest(&self) -> Interest {
        Interest::All
    }

    fn on_event(&mut self, _: Instant, event: &Event<'_>) -> Result {
        self.0 += u64::from(matches!(event, Event::PollStarted { .. }));
        Ok(())
    }

    fn at_end(&mut self, _: Instant) -> Result {
        ensure!(self.0 == 4, "{} polls", self.0);
        Ok(())
    }
}

#[test]
fn a_check_with_interest_in_all_sees_every_poll() {
    const SLEEPER: Scenario = Scenario {
        checks: |_| vec![Box::new(Polls::default())],
        run: |_, _| {
            Box::pin(async {
                for _ in 0..3 {
                    sleep(Duration::from_secs(1)).await;
                }
                Ok(())
            })
        },
        ..Scenario::CALM
    };
    let outcome = replay(&SLEEPER);
    assert_eq!((outcome.finding, outcome.polls), (None, 4));
}

const FAMILY_SITE: Site = Site::new("strike");

/// Strikes as often as it may: 10 times before the world heals, 10 times after.
async fn storm(world: World) -> Result {
    let family = world.fault_family("storm", ratio(1, 2));
    let mut draws = world.draws(FAMILY_SITE, "sky");
    for _ in 0..10 {
        family.strikes(&mut draws, ratio(1, 1), "lightning");
    }
    world.settle().await;
    for _ in 0..10 {
        family.strikes(&mut draws, ratio(1, 1), "lightning");
    }
    seedbed::mark("the storm is over");
    Ok(())
}

#[test]
fn a_fault_family_is_on_for_some_seeds_counts_its_strikes_and_stops_when_the_world_heals() {
    const STORM: Scenario = Scenario { run: |world, _| Box::pin(storm(world)), ..Scenario::CALM };
    let mut on = 0;
    STORM
        .run_seeds(&Case::of_seed("storm", 0), &seedbed::Threads::Fresh, 0..200, |_, outcome| {
            let is_on = outcome.families_on.contains(&"storm");
            on += u64::from(is_on);
            assert_eq!(outcome.injections, if is_on { vec![("storm", 10)] } else { vec![] });
            assert_eq!(outcome.marks, ["the storm is over"]);
            true
        })
        .unwrap();
    assert!((60..140).contains(&on), "on in {on} of 200 seeds");
}
