//! The table, as people read it.

use crate::{
    Result,
    reasons::Reasons,
    verdict::{Row, Table},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

const MARK: &str = "<!-- item table -->\n";

/// All of it, by module.
pub(crate) fn whole(table: &Table, reasons: &Reasons) -> String {
    let [supported, refused] = table.counts();
    let mut page = format!(
        "# tokio in a world, item by item\n\n\
         Every public item of tokio 1.54 with the features `full` and `test-util` on Linux, each method, and each `impl` of a \
         well-known trait: {supported} are supported in the simulated side, {refused} are refused. What is refused does not \
         compile, or says so at its first use. Names are compared, and not the types of arguments. Items in italics are tokio's own. Made by\n\
         `cargo run -p seedbed-tokio --features items --example items`; edit `items.toml` instead.\n"
    );
    for (module, rows) in &table.0 {
        let module = if module.is_empty() { "tokio".to_owned() } else { format!("tokio::{module}") };
        let _ = write!(page, "\n## {module}\n\n| item | supported | refused |\n|---|---|---|\n");
        for (name, row) in rows {
            let shown = if row.is_tokios { format!("*`{name}`*") } else { format!("`{name}`") };
            let _ = writeln!(page, "| {shown} | {} | {} |", supported_of(row), refused_of(row));
        }
    }
    page.push_str("\n## Why\n\n");
    for (number, reason) in reasons.refused.iter().enumerate() {
        let when = if reason.when_used { "; panics when used" } else { "" };
        let _ = writeln!(page, "{}. {}{when}.", number + 1, reason.why);
    }
    page.push_str("\n## Supported, and not quite as tokio's\n\n");
    for note in &reasons.differs {
        let _ = writeln!(page, "- {}: {}", quoted(note.items.iter().map(String::as_str)), note.why);
    }
    page
}

fn supported_of(row: &Row) -> String {
    let supported = row.members.iter().filter(|(_, refused)| refused.is_none()).map(|(name, _)| name.as_str());
    let (traits, others): (Vec<_>, Vec<_>) = supported.partition(|name| name.starts_with("impl "));
    let traits = traits.iter().map(|name| name.trim_start_matches("impl "));
    let parts = [quoted(others.into_iter()), traits.collect::<Vec<_>>().join(", ")];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() && row.refused.is_none() { "yes".to_owned() } else { parts.join("; ") }
}

fn refused_of(row: &Row) -> String {
    let mut by_reason: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (name, refused) in &row.members {
        if let Some(reason) = refused {
            by_reason.entry(*reason).or_default().push(name);
        }
    }
    if let Some(reason) = row.refused {
        return if by_reason.keys().all(|other| *other == reason) {
            format!("all ({})", reason + 1)
        } else {
            "all".to_owned()
        };
    }
    let parts = by_reason.iter().map(|(reason, names)| format!("{} ({})", quoted(names.iter().copied()), reason + 1));
    parts.collect::<Vec<_>>().join("; ")
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The README, with its table made anew between its marks.
pub(crate) fn with_summary(readme: &str, table: &Table, reasons: &Reasons) -> Result<String> {
    let parts: Vec<_> = readme.split(MARK).collect();
    let [before, _, after] = parts[..] else { return Err(format!("the README has no two marks {MARK}").into()) };
    Ok([before, &summary(table, reasons), after].join(MARK))
}

fn summary(table: &Table, reasons: &Reasons) -> String {
    let mut text = "| module | supported | refused |\n|---|---|---|\n".to_owned();
    let tops: BTreeSet<_> = table.0.keys().map(|module| top(module)).collect();
    for shown in tops {
        let rows = table.0.iter().filter(|(module, _)| top(module) == shown).flat_map(|(_, rows)| rows.values());
        let counts = rows.map(Row::counts).fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
        let name = if shown.is_empty() { "`tokio` itself".to_owned() } else { format!("`{shown}`") };
        let _ = writeln!(text, "| {name} | {} | {} |", counts[0], counts[1]);
    }
    text.push_str("\n| refused | why |\n|---|---|\n");
    for reason in &reasons.refused {
        let when = if reason.when_used { "; panics when used" } else { "" };
        let _ = writeln!(text, "| {} | {}{when} |", quoted(topmost(&reason.items)), reason.why);
    }
    text
}

fn top(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// Without those that are parts of another one that is listed.
fn topmost(items: &[String]) -> impl Iterator<Item = &str> {
    let is_part = |item: &str| {
        let parts = item.match_indices("::").map(|(at, _)| &item[..at]);
        parts.into_iter().any(|above| items.iter().any(|other| other == above))
    };
    items.iter().map(String::as_str).filter(move |item| !is_part(item))
}
