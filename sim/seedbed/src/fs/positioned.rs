//! What tokio's file cannot do: reads and writes at a place, locks, the sync of a directory. The seam crate gives the
//! same on a real file.

use super::{
    blocking::{call, interrupted, run, step, turn_comes, write_all},
    file::{Descriptor, File},
};
use crate::{context, disk::System};
use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    path::Path,
    pin::pin,
    sync::Arc,
    task::Poll,
};

/// An open file that is read and written at places.
///
/// # Cancel safety
/// A call that was begun is finished, whether or not its future, or the file, is dropped meanwhile.
#[derive(Clone)]
pub struct Positioned(Arc<Descriptor>);

/// The lock of a file, held until this is dropped, or the file is closed.
#[must_use = "dropped, it is given back"]
pub struct Lock(Arc<Descriptor>);

impl Positioned {
    /// Of an open file, once what was under way with it has ended. An error of a write that nobody asked after is lost:
    /// flush first.
    ///
    /// # Cancel safety
    /// Dropped, the file is closed once what was under way has ended.
    pub async fn new(file: File) -> Self {
        Self(file.into_descriptor().await)
    }

    /// As many bytes from `at` on as there are, up to `len`: less only at the end of the file.
    ///
    /// # Errors
    /// It is not open for reading, or the disk fails.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn read_at(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let file = self.0.clone();
        run("fs.read_at", async move {
            let (mut bytes, mut count) = (vec![0; len], 0);
            loop {
                let is_end = step("fs.read_at", |system| {
                    count += system.read_at(file.0, at + count as u64, &mut bytes[count..])?;
                    Ok(system.facts_of(file.0)?.len <= at + count as u64)
                });
                if is_end.await? || count == len {
                    bytes.truncate(count);
                    return Ok(bytes);
                }
            }
        })
        .await
    }

    /// Writes all of `bytes` at `at`; a gap before it reads as zeros. Has happened when it returns.
    ///
    /// # Errors
    /// It is not open for writing, or the disk fails; a part may then be written.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn write_all_at(&self, at: u64, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
        let (file, bytes) = (self.0.clone(), bytes.into());
        run("fs.write_at", async move {
            let write =
                |system: &mut System<'_>, written, rest: &[u8]| system.write_at(file.0, at + written as u64, rest);
            write_all("fs.write_at", &bytes, write).await
        })
        .await
    }

    /// The file's length.
    ///
    /// # Errors
    /// None of a file.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn len(&self) -> io::Result<u64> {
        call("fs.metadata", self.0.clone(), |system, file| system.facts_of(file.0).map(|facts| facts.len)).await
    }

    /// Whether the file has nothing in it.
    ///
    /// # Errors
    /// None of a file.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn is_empty(&self) -> io::Result<bool> {
        self.len().await.map(|len| len == 0)
    }

    /// Cuts the file, or makes it longer with zeros.
    ///
    /// # Errors
    /// It is not open for writing.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn set_len(&self, len: u64) -> io::Result<()> {
        call("fs.set_len", self.0.clone(), move |system, file| system.set_len(file.0, len)).await
    }

    /// Brings what was written to the disk.
    ///
    /// # Errors
    /// The disk fails: what was written may be lost, and no later sync tells of it.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn sync(&self) -> io::Result<()> {
        call("fs.sync", self.0.clone(), |system, file| system.sync(file.0)).await
    }

    /// Waits for the file's lock, which one open file has at a time, whichever process's: at once if it is this one.
    /// Whoever comes first when it is given back has it; there is no line. A process that dies gives it back.
    ///
    /// # Errors
    /// [`Interrupted`](io::ErrorKind::Interrupted): a signal came while it waited, as std says it too.
    ///
    /// # Cancel safety
    /// Dropped, the lock is given back as soon as it comes.
    pub async fn lock(&self) -> io::Result<Lock> {
        let file = self.0.clone();
        run("fs.lock", async move {
            turn_comes("fs.lock").await;
            let mut interrupted = pin!(interrupted("fs.lock"));
            poll_fn(|cx| {
                let lock = |system: &mut System<'_>| system.lock(file.0, Some(cx.waker()));
                match context::with(|core| core.call_system("fs.lock", lock)) {
                    Ok(true) => Poll::Ready(Ok(())),
                    Ok(false) => interrupted.as_mut().poll(cx),
                    Err(error) => Poll::Ready(Err(error)),
                }
            })
            .await?;
            Ok(Lock(file))
        })
        .await
    }

    /// The file's lock, if no other open file has it.
    ///
    /// # Errors
    /// None of a file.
    ///
    /// # Cancel safety
    /// As [`lock`](Self::lock).
    pub async fn try_lock(&self) -> io::Result<Option<Lock>> {
        call("fs.try_lock", self.0.clone(), |system, file| Ok(system.lock(file.0, None)?.then(|| Lock(file.clone()))))
            .await
    }
}

/// Brings the names in a directory to the disk: files that were made, renamed or removed there are so after a power
/// loss.
///
/// # Errors
/// There is no such directory, or the disk fails.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn sync_directory(path: impl AsRef<Path>) -> io::Result<()> {
    File::open(path).await?.sync_all().await
}

/// Tells this life of the machine from all others: it changes when its power fails. Never 0.
///
/// # Errors
/// None.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn boot_id() -> io::Result<u64> {
    Ok(context::with(|core| core.losses()) + 1)
}

impl Drop for Lock {
    fn drop(&mut self) {
        context::try_reach(|core| core.unlock_file(self.0.0));
    }
}

impl fmt::Debug for Positioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Positioned").field(&self.0.0).finish()
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lock").field(&self.0.0).finish()
    }
}
