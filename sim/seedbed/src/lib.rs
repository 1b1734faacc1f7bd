//! seedbed

#[cfg(madsim)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "waits for the runner, its only caller")
)]
#[expect(unused_imports, reason = "waits for the runner, its only caller")]
mod thread;
