//! Commands that bring items from one store to another.

use super::{arguments::Common, item::Told, problem::Problem};
use serde_json::{Value, json};
use std::{
    io::{self, Read as _},
    path::Path,
};

pub(super) async fn export(common: &Common) -> Result<Told, Problem> {
    let text = common.open().await?.export().await?;
    let items: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    Ok(Told::new(text, json!({"items": items})))
}

pub(super) async fn import(common: &Common, file: &Path) -> Result<Told, Problem> {
    let text = read(file).await.map_err(|error| Problem::failed(format!("{}: {error}", file.display())))?;
    let store = common.open_or_create().await?;
    let imported = store.import(&text).await?;
    store.close().await;
    let before = match imported.before {
        0 => String::new(),
        before => format!("; {before} were imported before"),
    };
    let text = format!("{} items imported{before}\n", imported.imported);
    Ok(Told::new(text, json!({"imported": imported.imported, "before": imported.before})))
}

async fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return tokio::fs::read(file).await;
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text).map(|_| text)
}
