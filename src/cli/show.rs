//! Items and reports as people read them.

use shardwright::store::{Item, ItemId, Report};
use std::fmt::Write as _;

/// An item in a line.
pub(super) fn line(item: &Item) -> String {
    let status = if item.is_open() { "open" } else { "closed" };
    let owner = in_a_line(item.owner.as_deref().unwrap_or("-"));
    let name = item.id.to_string();
    let mut line = format!(
        "{name:<9} v{:<5} p{:<3} {status:<6} {owner:<10} {}",
        item.version,
        item.priority,
        in_a_line(&item.title)
    );
    if !item.blocked_by.is_empty() {
        write!(line, "  (after {})", names(&item.blocked_by)).expect("text can be written");
    }
    line + "\n"
}

/// Without what would break the line, or steer a terminal.
fn in_a_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// All that is known of an item.
pub(super) fn whole(item: &Item) -> String {
    let mut text = line(item);
    if !item.body.is_empty() {
        text += &format!("\n{}\n", item.body.trim_end());
    }
    text
}

fn names<'a>(ids: impl IntoIterator<Item = &'a ItemId>) -> String {
    ids.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What the doctor found.
pub(super) fn report(report: &Report) -> String {
    let number = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
    let mut lines = vec![
        format!("generation {} in format {}", number(report.generation), number(report.format.map(u64::from))),
        format!("{} items, {} of them open", report.items, report.open),
        format!("{} requests since it was compacted; the last change is {}", report.entries, report.last),
        format!("{} bytes, {} of them used", report.bytes, report.end),
    ];
    lines.extend(report.mark.map(|(generation, len)| format!("durable up to byte {len} of generation {generation}")));
    lines.extend(
        report.in_line.iter().map(|waiter| format!("ticket {} writes or waits in seat {}", waiter.ticket, waiter.seat)),
    );
    lines.extend(report.torn_at.map(|at| {
        format!("notice: what was begun at byte {at} was not brought to its end; the next write cuts it off")
    }));
    lines.extend(
        report
            .leftovers
            .iter()
            .map(|path| format!("notice: {} is being written, or was left by somebody who died", path.display())),
    );
    lines.extend(report.damage.iter().map(|corruption| format!("DAMAGED: {corruption}")));
    if report.damage.is_empty() {
        lines.push("no damage".to_owned());
    } else {
        lines.push(format!("{} whole requests stand behind the first damaged place", report.entries_behind));
    }
    lines.join("\n") + "\n"
}
