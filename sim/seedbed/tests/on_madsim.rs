//! What holds on seedbed's own executor holds on madsim's, which the baseline runs on.
#![cfg(not(real_side))]

use seedbed::{
    Case, FindingKind, Report, World, run_case,
    task::yield_now,
    time::{Duration, Instant, pause, resume, sleep},
};
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

fn in_madsim() -> Case {
    Case { strategy: Some("madsim".into()), ..Case::of_seed("on-madsim", 1) }
}

fn one_finding(report: &Report) -> (FindingKind, &str) {
    assert_eq!(report.findings.len(), 1, "{report}");
    (report.findings[0].finding.kind, &report.findings[0].finding.message)
}

#[test]
fn a_rule_that_panics_is_a_finding() {
    let report = run_case(&in_madsim(), |world: World| async move {
        world.always("arithmetic", || {
            assert_eq!(1 + 1, 3, "the rule itself is wrong");
            Ok(())
        });
        sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    let (kind, message) = one_finding(&report);
    assert_eq!((kind, message.contains("the rule itself is wrong")), (FindingKind::Panic, true), "{message}");
}

#[test]
fn a_listed_delay_delays() {
    let mut case = in_madsim();
    case.decisions.insert("delay / late / 0".into(), 1_000_000_000);
    run_case(&case, |world: World| async move {
        let before = Instant::now();
        world.spawn("late", async {}).await?;
        seedbed::ensure!(before.elapsed() >= Duration::from_secs(1), "{:?}", before.elapsed());
        Ok(())
    })
    .assert_clean();
}

#[test]
fn what_spins_is_named() {
    let report = run_case(&in_madsim(), |world: World| async move {
        world.spawn("spinner", async {
            loop {
                yield_now().await;
            }
        });
        sleep(Duration::from_secs(3_600)).await;
        Ok(())
    });
    let (kind, message) = one_finding(&report);
    assert_eq!((kind, message.contains("spinner")), (FindingKind::Stall, true), "{message}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about std's calls")]
fn a_thread_that_sleeps_takes_virtual_time() {
    run_case(&in_madsim(), |_: World| async move {
        let before = Instant::now();
        std::thread::sleep(Duration::from_secs(86_400));
        seedbed::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(86_400))).await?;
        let passed = before.elapsed();
        seedbed::ensure!(passed >= Duration::from_secs(2 * 86_400), "{passed:?}");
        Ok(())
    })
    .assert_clean();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about std's calls")]
fn the_clock_goes_on_after_a_pause() {
    run_case(&in_madsim(), |_: World| async move {
        pause();
        sleep(Duration::from_secs(3_600)).await;
        resume();
        let before = Instant::now();
        std::thread::sleep(Duration::from_secs(10));
        let passed = before.elapsed();
        seedbed::ensure!(passed >= Duration::from_secs(10), "{passed:?}");
        Ok(())
    })
    .assert_clean();
}
