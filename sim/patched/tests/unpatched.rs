//! A dependency that was not patched: the finding names the crate's own line, and the command.
#![cfg(madsim)]

use bb8_unpatched::{ManageConnection, Pool};
use std::{future::Future, io, pin::Pin};

#[derive(Debug)]
struct Nothing;

impl ManageConnection for Nothing {
    type Connection = ();
    type Error = io::Error;

    fn connect<'a, 'b>(&'a self) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async { Ok(()) })
    }

    fn is_valid<'a, 'b, 'c>(&'a self, _: &'b mut ()) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async { Ok(()) })
    }

    fn has_broken(&self, _: &mut ()) -> bool {
        false
    }
}

#[test]
fn a_crate_that_calls_the_real_tokio_is_named_with_the_command_for_it() {
    let report = seedbed::sweep("unpatched", 0..1, |_| async {
        let pool = Pool::builder().max_size(1).build(Nothing).await?;
        drop(pool.get().await);
        Ok(())
    });
    let text = report.findings[0].finding.to_string();
    assert!(text.starts_with("Panic: bb8-0.8.6/src/"), "{text}");
    // tokio's own words would have one enable the clock of a runtime.
    assert!(text.contains("the real tokio has no runtime in a world") && !text.contains("enable_time"), "{text}");
    assert!(text.contains("bb8 0.8.6 calls the real tokio") && text.contains("`cargo sim-patch bb8`"), "{text}");
}
