//! `shardwright item apply`: one process, many requests. Reads a line of JSON for each, and answers with one, in order.

use super::{arguments::Common, item::Told, output, problem::Problem};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use shardwright::store::{self, ItemId, NewItem, Patch, Store, Submitted, Target, Version};
use std::io::{self, BufRead};
use tokio::{sync::mpsc, task::spawn_blocking};

/// How many lines are read ahead of their answers.
const AHEAD: usize = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    key: Option<String>,
    changes: Vec<Change>,
}

/// [`store::Change`], as a program writes it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Change {
    Add(NewItem),
    Update { id: ItemId, version: Option<Version>, title: Option<String>, body: Option<String>, priority: Option<u8> },
    Claim { id: ItemId, version: Option<Version>, owner: String },
    Release { id: ItemId, version: Option<Version> },
    Close { id: ItemId, version: Option<Version> },
    Reopen { id: ItemId, version: Option<Version> },
    Delete { id: ItemId, version: Option<Version> },
    Block { id: ItemId, version: Option<Version>, by: ItemId },
    Unblock { id: ItemId, version: Option<Version>, by: ItemId },
    Checkpoint { name: String, value: Option<String> },
}

/// Answers all lines; the status is the worst one's.
pub(super) async fn apply(common: &Common) -> Result<Told, Problem> {
    let store = common.open_or_create().await?;
    let mut answers = stream::unfold(lines(), async |mut lines| lines.recv().await.map(|line| (line, lines)))
        .then(|line| submit(&store, line))
        .map(answer)
        .buffered(AHEAD)
        .boxed_local();
    let mut status = 0;
    while let Some((answer, of)) = answers.next().await {
        output::line(&answer.to_string());
        status = status.max(of);
    }
    drop(answers);
    let contention = json!({"contention": store.contention()});
    store.close().await;
    Ok(Told { text: format!("{contention}\n"), json: contention, status })
}

/// Of stdin, with their numbers. Read by another thread, which nobody waits for in the end.
fn lines() -> mpsc::Receiver<(usize, io::Result<String>)> {
    let (give, lines) = mpsc::channel(AHEAD);
    let _reader = spawn_blocking(move || {
        for (index, line) in io::stdin().lock().lines().enumerate() {
            let is_end = line.is_err();
            if give.blocking_send((index + 1, line)).is_err() || is_end {
                return;
            }
        }
    });
    lines
}

/// What came of a line; by then it is asked for.
async fn submit(store: &Store, (number, line): (usize, io::Result<String>)) -> Result<Submitted, Problem> {
    let line = line.map_err(|error| Problem::failed(format!("stdin: {error}")))?;
    let request: Request =
        serde_json::from_str(&line).map_err(|error| Problem::usage(format!("line {number} is no request: {error}")))?;
    Ok(store.submit(request.into_store()).await?)
}

/// With its exit status.
async fn answer(submitted: Result<Submitted, Problem>) -> (Value, u8) {
    let receipt = match submitted {
        Ok(submitted) => submitted.receipt().await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match receipt {
        Ok(receipt) => (json!({"receipt": receipt}), 0),
        Err(problem) => (problem.json(), problem.status()),
    }
}

impl Request {
    fn into_store(self) -> store::Request {
        store::Request { key: self.key, changes: self.changes.into_iter().map(Change::into_store).collect() }
    }
}

impl Change {
    fn into_store(self) -> store::Change {
        let at = |id, version| Target { id, version };
        match self {
            Self::Add(new) => store::Change::Add(new),
            Self::Update { id, version, title, body, priority } => {
                store::Change::Update(at(id, version), Patch { title, body, priority })
            }
            Self::Claim { id, version, owner } => store::Change::Claim(at(id, version), owner),
            Self::Release { id, version } => store::Change::Release(at(id, version)),
            Self::Close { id, version } => store::Change::Close(at(id, version)),
            Self::Reopen { id, version } => store::Change::Reopen(at(id, version)),
            Self::Delete { id, version } => store::Change::Delete(at(id, version)),
            Self::Block { id, version, by } => store::Change::Block { item: at(id, version), by },
            Self::Unblock { id, version, by } => store::Change::Unblock { item: at(id, version), by },
            Self::Checkpoint { name, value } => store::Change::Checkpoint { name, value },
        }
    }
}
