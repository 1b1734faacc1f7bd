//! `shardwright item ..`: which command it is, and how it ends.

use super::{
    apply,
    arguments::{Common, ItemArguments, ItemCommand},
    care, output,
    problem::Problem,
    read, transfer, write,
};
use serde_json::Value;
use shardwright::store::{Change, OpenError, Settings, Store};
use std::process::ExitCode;

/// What a command tells: people get the text, programs the document.
pub(super) struct Told {
    pub(super) text: String,
    pub(super) json: Value,
    /// The exit status.
    pub(super) status: u8,
}

impl Told {
    /// All went well.
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, status: 0 }
    }
}

pub(super) async fn run(asked: ItemArguments) -> ExitCode {
    let ItemArguments { common, command } = asked;
    let told = match told(&common, command).await {
        Ok(told) => told,
        Err(problem) => return problem.tell(common.json),
    };
    if common.json {
        output::line(&told.json.to_string());
    } else {
        output::text(&told.text);
    }
    ExitCode::from(told.status)
}

async fn told(common: &Common, command: ItemCommand) -> Result<Told, Problem> {
    match command {
        ItemCommand::List(list) => read::list(common, list).await,
        ItemCommand::Show { id } => read::show(common, id).await,
        ItemCommand::Export => transfer::export(common).await,
        ItemCommand::Import { file } => transfer::import(common, &file).await,
        ItemCommand::Doctor => care::doctor(common).await,
        ItemCommand::Backup { to, keep } => care::backup(common, to, keep.into()).await,
        ItemCommand::Restore { from } => care::restore(common, &from).await,
        ItemCommand::Compact => care::compact(common).await,
        ItemCommand::Apply => apply::apply(common).await,
        ItemCommand::Add(add) => write::add(common, add).await,
        ItemCommand::Claim(claim) => write::claim(common, claim).await,
        ItemCommand::Update(update) => write::update(common, update).await,
        ItemCommand::Release(target) => write::to(common, target, Change::Release).await,
        ItemCommand::Close(target) => write::to(common, target, Change::Close).await,
        ItemCommand::Reopen(target) => write::to(common, target, Change::Reopen).await,
        ItemCommand::Delete(target) => write::to(common, target, Change::Delete).await,
        ItemCommand::Block(link) => write::to(common, link.target, |item| Change::Block { item, by: link.by }).await,
        ItemCommand::Unblock(link) => {
            write::to(common, link.target, |item| Change::Unblock { item, by: link.by }).await
        }
    }
}

impl Common {
    pub(super) fn settings(&self) -> Settings {
        Settings { lock_wait: self.lock_wait, ..Settings::BASE }
    }

    pub(super) async fn open(&self) -> Result<Store, OpenError> {
        Store::open(&self.store, self.settings()).await
    }

    pub(super) async fn open_or_create(&self) -> Result<Store, OpenError> {
        Store::open_or_create(&self.store, self.settings()).await
    }
}
