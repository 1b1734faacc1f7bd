//! Commands that write one request.

use super::{
    arguments::{Add, Claim, Common, Key, Target, Update},
    item::Told,
    problem::Problem,
    show,
};
use serde_json::json;
use shardwright::store::{self, Change, Filter, NewItem, Patch, Receipt, Refusal, Request, Store, WriteError};
use std::io;

pub(super) async fn add(common: &Common, asked: Add) -> Result<Told, Problem> {
    let Add { titles, title, body, priority, blocked_by, key } = asked;
    let mut all = Vec::new();
    for title in titles {
        if title == "-" { all.extend(titles_of_stdin()?) } else { all.push(title) }
    }
    all.extend(title);
    let new = |title| NewItem { title, body: body.clone(), priority, blocked_by: blocked_by.clone() };
    let changes: Vec<_> = all.into_iter().map(|title| Change::Add(new(title))).collect();
    let store = common.open_or_create().await?;
    write(store, changes, key).await
}

/// Of each line that has a word.
fn titles_of_stdin() -> Result<Vec<String>, Problem> {
    let text = io::read_to_string(io::stdin()).map_err(|error| Problem::failed(format!("stdin: {error}")))?;
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
}

pub(super) async fn update(common: &Common, asked: Update) -> Result<Told, Problem> {
    let Update { target, title, body, priority } = asked;
    to(common, target, |target| Change::Update(target, Patch { title, body, priority })).await
}

/// One change of one item.
pub(super) async fn to(
    common: &Common,
    target: Target,
    change: impl FnOnce(store::Target) -> Change,
) -> Result<Told, Problem> {
    let Target { id, version, key } = target;
    let store = common.open().await?;
    write(store, vec![change(store::Target { id, version })], key).await
}

pub(super) async fn claim(common: &Common, asked: Claim) -> Result<Told, Problem> {
    let Claim { id, owner, version, key, .. } = asked;
    let store = common.open().await?;
    match id {
        Some(id) => write(store, vec![Change::Claim(store::Target { id, version }, owner)], key).await,
        None => claim_next(store, &owner).await,
    }
}

/// Until it has the first one that is ready, or none is. Each lost race is another one's claim.
async fn claim_next(store: Store, owner: &str) -> Result<Told, Problem> {
    loop {
        let ready = store.items(&Filter::READY).await?;
        let Some(first) = ready.first() else { return Err(Problem::refused("nothing is ready")) };
        let claim = Change::Claim(store::Target::from(&**first), owner.to_owned());
        match store.apply(claim).await {
            Ok(receipt) => return told(store, receipt).await,
            Err(WriteError::Refused(refusal)) if is_lost_race(&refusal) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_lost_race(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::VersionMismatch { .. } | Refusal::NoItem(_))
}

async fn write(store: Store, changes: Vec<Change>, key: Key) -> Result<Told, Problem> {
    let request = Request { key: key.key, changes };
    match store.apply(request).await {
        Ok(receipt) => told(store, receipt).await,
        Err(error) => Err(error.into()),
    }
}

/// The receipt, and the items as they are now.
async fn told(store: Store, receipt: Receipt) -> Result<Told, Problem> {
    let (mut text, mut items) = (String::new(), Vec::new());
    for (id, version) in receipt.items.iter().flatten().zip(receipt.first.0..) {
        match store.item(*id).await {
            Ok(Some(item)) => {
                text += &show::line(&item);
                items.push(item);
            }
            Ok(None) => text += &format!("{id} v{version} is no more\n"),
            // It is written all the same.
            Err(_) => text += &format!("{id} v{version}\n"),
        }
    }
    // The log may have come to be compacted, and with this process what it had begun would end.
    store.close().await;
    Ok(Told::new(text, json!({"receipt": receipt, "items": items})))
}
