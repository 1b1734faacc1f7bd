//! Writes ITEMS.md and its summary in the repository's README: which public items of tokio there are in a world.
//!
//! `cargo run -p seedbed-tokio --features items --example items`; with `-- --check` it only looks whether they are up to date.
//! rustdoc tells what there is, `items.toml` why something is not. An item that is missing without a reason is an error,
//! and so is a reason that nothing needs.
#![expect(clippy::disallowed_methods, reason = "starts rustdoc, reads and writes files of the repository")]

mod page;
mod reasons;
mod surface;
mod verdict;

use std::{env, error::Error, fs, path::Path, process::Command};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

fn main() -> Result<()> {
    let root = Path::new(PACKAGE).join("../..");
    let documents = root.join("target/items");
    run_rustdoc(&root, &documents)?;
    let crates = surface::Crates::read(&documents.join("doc"))?;
    let reasons = reasons::read(&fs::read_to_string(Path::new(PACKAGE).join("items.toml"))?)?;
    let table = verdict::judge(&crates.surface("tokio")?, &crates.surface("seedbed_tokio")?, &reasons)?;
    let readme = fs::read_to_string(root.join("README.md"))?;
    let wanted = [
        (Path::new(PACKAGE).join("ITEMS.md"), page::whole(&table, &reasons)),
        (root.join("README.md"), page::with_summary(&readme, &table, &reasons)?),
    ];
    let only_checks = env::args().any(|argument| argument == "--check");
    for (path, text) in wanted {
        if !only_checks {
            fs::write(&path, text)?;
        } else if fs::read_to_string(&path)? != text {
            return Err(format!("{} is not up to date: run this without --check", path.display()).into());
        }
    }
    let [supported, refused] = table.counts();
    println!("{supported} supported, {refused} refused");
    Ok(())
}

/// The simulated side's documents and real tokio's, by the same features.
fn run_rustdoc(root: &Path, documents: &Path) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["doc", "--quiet", "--no-deps", "-p", "seedbed-tokio", "-p", "seedbed", "-p", "tokio"])
        .args(["--features", "seedbed-tokio/full,seedbed-tokio/test-util", "--target-dir"])
        .arg(documents)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTDOCFLAGS", "--cfg madsim -Z unstable-options --output-format json")
        .status()?;
    if status.success() { Ok(()) } else { Err("rustdoc failed".into()) }
}
