//! Commands that read items.

use super::{
    arguments::{Common, List},
    item::Told,
    problem::Problem,
    show,
};
use serde_json::json;
use shardwright::store::{Filter, ItemId, Refusal, Status};

pub(super) async fn list(common: &Common, asked: List) -> Result<Told, Problem> {
    let items = common.open().await?.items(&filter(asked)).await?;
    let text: String = items.iter().map(|item| show::line(item)).collect();
    Ok(Told::new(text, json!({"items": items})))
}

fn filter(asked: List) -> Filter {
    let List { ready, open: _, closed, all, owner } = asked;
    let status = match (all, closed) {
        (true, _) => None,
        (false, true) => Some(Status::Closed),
        (false, false) => Some(Status::Open),
    };
    Filter { status, owner, ready }
}

pub(super) async fn show(common: &Common, id: ItemId) -> Result<Told, Problem> {
    let item = common.open().await?.item(id).await?.ok_or(Refusal::NoItem(id))?;
    Ok(Told::new(show::whole(&item), json!({"item": item})))
}
