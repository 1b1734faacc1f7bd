//! What a world does not have says so at its first use.
#![cfg(madsim)]

extern crate seedbed_tokio as tokio;

fn panic_of<R>(work: impl FnOnce() -> R + std::panic::UnwindSafe) -> String {
    let payload = std::panic::catch_unwind(work).err().expect("it panics");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_process_is_named_with_its_program() {
    let text = panic_of(|| tokio::process::Command::new("ls"));
    assert!(text.starts_with("tokio::process::Command::new(\"ls\") is not supported in a simulated world: "), "{text}");
    let text = panic_of(|| tokio::process::Command::from(std::process::Command::new("ls")));
    assert!(text.starts_with("tokio::process::Command::from is not supported in a simulated world: "), "{text}");
}

#[test]
fn a_standard_stream_is_named() {
    let texts = [panic_of(tokio::io::stdin), panic_of(tokio::io::stdout), panic_of(tokio::io::stderr)];
    for (text, name) in texts.iter().zip(["stdin", "stdout", "stderr"]) {
        assert!(text.starts_with(&format!("tokio::io::{name} is not supported in a simulated world: ")), "{text}");
    }
}

tokio::task_local! {
    static NUMBER: u32;
}

/// Others would find it borrowed, or set.
#[test]
fn who_reads_a_task_local_cannot_block() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let blocks = || tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(async {}));
    let text = panic_of(|| runtime.block_on(NUMBER.scope(1, async { NUMBER.with(|_| blocks()) })));
    assert!(
        text.starts_with("tokio::runtime::Handle::block_on is not supported here in a simulated world: "),
        "{text}"
    );
    assert!(text.contains("who reads a task-local cannot block"), "{text}");
}

/// Code that would use them compiles.
#[expect(dead_code, reason = "to compile is the claim")]
async fn uses() -> std::io::Result<()> {
    use real_tokio::io::{AsyncReadExt, AsyncWriteExt};
    use std::process::Stdio;
    let mut child = tokio::process::Command::new("cat").arg("-").env("A", "B").stdin(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(b"word").await?;
    }
    child.wait().await?;
    let output = tokio::process::Command::new("ls").args(["-l"]).output().await?;
    tokio::io::stdout().write_all(&output.stdout).await?;
    tokio::io::stdin().read_u8().await?;
    Ok(())
}
