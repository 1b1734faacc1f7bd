//! Commands that take care of a store's files.

use super::{
    arguments::Common,
    item::Told,
    problem::{Problem, REFUSED},
    show,
};
use serde_json::{Value, json};
use shardwright::store::{self, Report};
use std::path::{Path, PathBuf};

pub(super) async fn doctor(common: &Common) -> Result<Told, Problem> {
    let report = store::doctor(&common.store).await?;
    let status = if report.damage.is_empty() { 0 } else { REFUSED };
    Ok(Told { text: show::report(&report), json: json!({"report": document(&report)}), status })
}

fn document(report: &Report) -> Value {
    let mark = report.mark.map(|(generation, bytes)| json!({"generation": generation, "bytes": bytes}));
    let in_line = report.in_line.iter().map(|waiter| json!({"seat": waiter.seat, "ticket": waiter.ticket}));
    let damage =
        report.damage.iter().map(|at| json!({"path": at.path.display().to_string(), "at": at.at, "what": at.what}));
    json!({
        "format": report.format,
        "generation": report.generation,
        "bytes": report.bytes,
        "end": report.end,
        "items": report.items,
        "open": report.open,
        "entries": report.entries,
        "last": report.last,
        "mark": mark,
        "in_line": in_line.collect::<Vec<_>>(),
        "torn_at": report.torn_at,
        "damage": damage.collect::<Vec<_>>(),
        "entries_behind": report.entries_behind,
        "leftovers": report.leftovers.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
    })
}

pub(super) async fn backup(common: &Common, to: Option<PathBuf>, keep: usize) -> Result<Told, Problem> {
    let store = common.open().await?;
    let backup = match to {
        Some(to) => store.backup(to).await?,
        None => store.backup_numbered(common.store.join("backups"), keep).await?,
    };
    let path = backup.path.display().to_string();
    let text = format!("{} items, as of change {}, in {path}\n", backup.items, backup.last);
    Ok(Told::new(text, json!({"backup": {"path": path, "items": backup.items, "last": backup.last}})))
}

pub(super) async fn restore(common: &Common, from: &Path) -> Result<Told, Problem> {
    let restored = store::restore(&common.store, from, common.settings()).await?;
    let replaced = restored.replaced.map(|path| path.display().to_string());
    let kept = replaced.iter().map(|path| format!("; what was there before is {path}"));
    let text = format!("{} items, in generation {}{}\n", restored.items, restored.generation, kept.collect::<String>());
    let document = json!({"generation": restored.generation, "items": restored.items, "replaced": replaced});
    Ok(Told::new(text, json!({"restored": document})))
}

pub(super) async fn compact(common: &Common) -> Result<Told, Problem> {
    common.open().await?.compact().await?;
    let report = store::doctor(&common.store).await?;
    let text = format!("generation {} has {} bytes\n", report.generation.unwrap_or_default(), report.end);
    Ok(Told::new(text, json!({"compacted": {"generation": report.generation, "bytes": report.end}})))
}
