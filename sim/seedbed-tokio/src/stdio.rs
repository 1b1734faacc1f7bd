//! The standard streams, with tokio's API, which a simulated process does not have: the first call says so. Their types are
//! there so that code compiles, and have no values.

use crate::refused::{Never, refused};
use real_tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

/// The standard input that a simulated process does not have.
#[derive(Debug)]
pub struct Stdin(Never);

/// The standard output that a simulated process does not have.
#[derive(Debug)]
pub struct Stdout(Never);

/// The standard error that a simulated process does not have.
#[derive(Debug)]
pub struct Stderr(Never);

const READS: &str = "what is typed would not replay. Let the caller give what is read, as any `AsyncRead`";
const WRITES: &str = "the real streams are the test's. Let the caller give what is written to, as any `AsyncWrite`, or use \
                      `println!`";

/// Refused.
///
/// # Panics
/// Always.
#[track_caller]
#[must_use]
pub fn stdin() -> Stdin {
    refused("tokio::io::stdin", READS)
}

/// Refused.
///
/// # Panics
/// Always.
#[track_caller]
#[must_use]
pub fn stdout() -> Stdout {
    refused("tokio::io::stdout", WRITES)
}

/// Refused.
///
/// # Panics
/// Always.
#[track_caller]
#[must_use]
pub fn stderr() -> Stderr {
    refused("tokio::io::stderr", WRITES)
}

impl AsyncRead for Stdin {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

macro_rules! is_written {
    ($($stream:ident)*) => {$(
        impl AsyncWrite for $stream {
            fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
                match self.0 {}
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                match self.0 {}
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                match self.0 {}
            }
        }
    )*};
}

is_written!(Stdout Stderr);
