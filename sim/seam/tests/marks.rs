//! `sometimes!` on both sides: where it may stand, and what it does there.

use seam::sometimes;
use std::cell::Cell;

#[cfg(not(real_side))]
const _: () = assert!(cfg!(madsim), "run with the repository's .cargo/config.toml: it turns `--cfg madsim` on");

/// A mark in each place where one may stand; `looked` counts how often its condition is evaluated.
fn reach(waiters: u32, looked: &Cell<u32>) {
    let condition = || {
        looked.set(looked.get() + 1);
        waiters > 1
    };
    match waiters {
        0 => sometimes!("nobody waits"),
        1 => sometimes!(waiters == 1, "one waits"),
        _ => {
            sometimes!("many wait");
        }
    }
    let (): () = sometimes!(condition(), "more than one waits");
    if waiters == 7 {
        sometimes!("seven wait")
    } else {
        sometimes!("not seven")
    }
    (0..waiters).for_each(|_| sometimes!("each"));
    sometimes!("the end")
}

#[cfg(madsim)]
#[test]
fn a_mark_may_stand_wherever_an_expression_may() {
    let report = seedbed::sweep("marks", 0..1, |_| async {
        let looked = Cell::new(0);
        [0, 1, 7].iter().for_each(|&waiters| reach(waiters, &looked));
        assert_eq!(looked.get(), 3);
        Ok(())
    });
    report.assert_clean();
    let reached: Vec<_> = report.marks.keys().map(String::as_str).collect();
    let all =
        ["each", "many wait", "more than one waits", "nobody waits", "not seven", "one waits", "seven wait", "the end"];
    assert_eq!(reached, all);
}

#[cfg(not(madsim))]
#[test]
fn in_production_a_mark_does_not_even_look_at_its_condition() {
    let looked = Cell::new(0);
    [0, 1, 7].iter().for_each(|&waiters| reach(waiters, &looked));
    assert_eq!(looked.get(), 0);
}
