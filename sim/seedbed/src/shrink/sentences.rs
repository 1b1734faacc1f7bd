//! A sentence for each kind of decision. A new site gets a row here; one without a row is told as a draw.

use super::story::{Decision, Scene, instant, list};
use crate::{
    decision::Unit,
    history::{Drawn, Event},
    time::span,
};

/// `None`: something else tells of it.
type Sentence = fn(&Scene<'_>, &Decision) -> Option<String>;

const SENTENCES: [(&str, Sentence); 24] = [
    ("rank", rank),
    ("timer", timer),
    ("delay", delay),
    ("yield", extra_yield),
    ("select", select),
    ("grain", grain),
    ("fault family", family),
    ("abort.woken", cancelled),
    ("drop.woken", cancelled),
    ("abort.waiting", cancelled),
    ("drop.waiting", cancelled),
    ("kill.waiting", cancelled),
    ("timeout.fires", lost_inside),
    ("future.dropped", lost_inside),
    ("power.loses", power_loss),
    ("power.loses-lengths", power_loss),
    ("power.loses-contents", power_loss),
    ("power.loses-names", power_loss),
    ("clock.is-ahead", told_by_change),
    ("clock.gains", told_by_change),
    ("clock.steps-forward", told_by_change),
    ("clock.is-wrong-by", told_by_change),
    ("clock.drifts-by", told_by_change),
    ("clock.steps-by", told_by_change),
];

/// What a decision did, for a reader who does not know the code.
pub(super) fn of(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let row = SENTENCES.iter().find(|(site, _)| *site == decision.site.name());
    row.map_or(drawn as Sentence, |(_, sentence)| *sentence)(scene, decision)
}

fn rank(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let (at, whom) = (instant(decision.at), scene.whom(decision));
    let task = scene.task(decision.entity)?;
    let place = scene.place_before(task, decision.nth);
    Some(match scene.overtaken_by(decision.index, task).as_slice() {
        [] => format!("At {at} {whom} could run{place}, and was the last of those who could."),
        others => format!("At {at} {whom} could run{place}, but {} ran first.", list(others)),
    })
}

fn timer(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let (at, whom) = (instant(decision.at), scene.whom(decision));
    Some(format!("At {at} several timers were due at once, and that of {whom} fired after the others."))
}

fn delay(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let (at, whom, time) = (instant(decision.at), scene.whom(decision), span(decision.value));
    let place = scene.task(decision.entity).map(|task| scene.place_before(task, decision.nth)).unwrap_or_default();
    Some(format!("At {at} {whom} could run{place}, and was held back for {time}."))
}

fn extra_yield(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let (at, whom) = (instant(decision.at), scene.whom(decision));
    let place = scene.line(scene.task(decision.entity)?, decision.nth);
    let place = place.map(|line| format!(" ({line})")).unwrap_or_default();
    Some(format!("At {at} {whom} gave way to others at an await that was ready{place}."))
}

fn select(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let (at, whom, branch) = (instant(decision.at), scene.whom(decision), decision.value + 1);
    Some(format!("At {at} a `select!` of {whom} looked at its branch {branch} first."))
}

fn grain(_: &Scene<'_>, decision: &Decision) -> Option<String> {
    Some(format!("Timers fire only at multiples of {}.", span(decision.value)))
}

fn family(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let name = scene.whom(decision);
    (!scene.struck(&name)).then(|| format!("Faults of the family {name} may strike."))
}

/// The injection that follows says how.
fn variant<'a>(scene: &Scene<'a>, decision: &Decision) -> &'a str {
    match scene.event(decision.index + 1) {
        Some(Event::Injected { variant, .. }) => variant,
        _ => "cancelled",
    }
}

fn cancelled(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    // What follows the comma of a variant, "while it waits" or "between wake and run", is told with its place.
    let how = match variant(scene, decision).split(' ').next() {
        Some("its") => "killed with its process",
        Some("dropped") => "dropped",
        _ => "cancelled",
    };
    Some(scene.cancelled(decision.index, scene.task(decision.entity)?, how))
}

fn lost_inside(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let (at, whom) = (instant(decision.at), scene.whom(decision));
    let place = scene.place_inside(decision);
    Some(match decision.site.name() {
        "timeout.fires" => {
            format!("At {at} a timeout of {whom} ended, and the future inside it was dropped{place}.")
        }
        _ if variant(scene, decision).ends_with("first poll") => {
            format!("At {at} {whom} dropped a future that it had not polled yet.")
        }
        _ if variant(scene, decision).ends_with("wake and run") => {
            format!("At {at} {whom} dropped a future{place}; its task had just been woken, and it had not run since.")
        }
        _ => format!("At {at} {whom} dropped a future that it had begun{place}."),
    })
}

/// What the disk had not, once the power was back.
fn power_loss(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    // The machine, which of its losses of power, and whose part.
    let whose = scene.whom(decision);
    let mut words = whose.splitn(3, ' ');
    let (machine, part) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
    let before = match decision.value {
        1 => "before the last change".to_owned(),
        changes => format!("{changes} changes before"),
    };
    Some(match (decision.site.name(), decision.value) {
        ("power.loses", 1) => format!("All that was not synced on the disk of {machine} was lost."),
        ("power.loses", _) => format!("Of what was not synced on the disk of {machine} parts were lost."),
        ("power.loses-lengths", _) => format!("{part} on {machine} was left as long as it was {before}."),
        ("power.loses-contents", _) => {
            format!("Sector {} of {part} on {machine} was left as it was {before}.", decision.nth)
        }
        _ => format!("The name {part} on {machine} was left as it was before it was changed."),
    })
}

/// The fault's sentence says how far the clock went.
fn told_by_change(_: &Scene<'_>, _: &Decision) -> Option<String> {
    None
}

/// What a scenario drew. A chance that came is told by the fault that follows it.
fn drawn(scene: &Scene<'_>, decision: &Decision) -> Option<String> {
    let Decision { site, entity, nth, value, .. } = *decision;
    let Drawn { default, unit } = scene.history.drawn(&site, entity, nth);
    let (site, whom, time) = (site.name(), scene.whom(decision), instant(decision.at));
    let nth = if nth == 0 { String::new() } else { format!(", draw {}", nth + 1) };
    let [value, default] = [value, default].map(|value| match unit {
        Unit::Chance => if value == 0 { "no" } else { "yes" }.to_owned(),
        Unit::Time => span(value),
        Unit::Count => value.to_string(),
    });
    let is_told = unit == Unit::Chance && matches!(scene.event(decision.index + 1), Some(Event::Injected { .. }));
    (!is_told).then(|| format!("At {time} `{site}` of {whom}{nth} was chosen: {value} instead of {default}."))
}
