//! Real files, worked on by tokio's blocking threads.

use std::{
    cell::Cell,
    fs,
    future::{Future, poll_fn},
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    fs::File,
    runtime::{Handle, RuntimeFlavor},
    sync::oneshot,
    task::{JoinError, JoinHandle, block_in_place, spawn_blocking, yield_now},
};

thread_local! {
    static CALLS: Cell<Calls> = const { Cell::new(Calls::Elsewhere) };
}

/// Where this thread's calls to files are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Calls {
    /// On a thread of the runtime's pool for blocking work.
    Elsewhere,
    /// Here, as long as none waits for a lock: others' work is on this thread, which the runtime has taken its tasks from.
    Here,
    /// Here, those that wait for a lock too: nobody else's work is on this thread.
    HereAndWait,
}

impl Calls {
    /// Makes them so until what is returned is dropped.
    fn enter(self) -> impl Drop {
        struct Before(Calls);
        impl Drop for Before {
            fn drop(&mut self) {
                CALLS.set(self.0);
            }
        }
        Before(CALLS.replace(self))
    }
}

/// Starts a task on a thread of its own, where calls to files block instead of going to other threads. For what makes
/// many of them, one after the other.
///
/// # Panics
/// Outside a runtime.
pub fn spawn<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let runtime = Handle::current();
    spawn_blocking(move || {
        let _calls = Calls::HereAndWait.enter();
        runtime.block_on(task)
    })
}

/// Runs a task to its end, whether or not whoever waits for it goes away.
///
/// Where the runtime has several threads, it runs on the caller's, which makes its calls to files, up to the first thing
/// that it has to wait for; from there on, and on other runtimes, on a thread of its own. To hand a task over to another
/// thread and to be woken by it again costs as much as the sync of a small write.
///
/// # Errors
/// The task panicked on its own thread, or the runtime was shut down.
///
/// # Panics
/// If the task does before it has to wait. Outside a runtime, or in a `LocalSet` of a runtime with several threads.
///
/// # Cancel safety
/// Dropped before it is polled, nothing has happened; then, it goes on.
pub async fn run<F>(task: F) -> Result<F::Output, JoinError>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let mut task = Box::pin(task);
    if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        let mut begin = |cx: &mut Context<'_>| {
            block_in_place(|| {
                let _calls = Calls::Here.enter();
                task.as_mut().poll(cx)
            })
        };
        if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(begin(cx))).await {
            return Ok(output);
        }
    }
    spawn(task).await
}

/// Tells this life of the machine from all others: it changes when the machine is started anew. Never 0.
///
/// # Errors
/// The system does not tell.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn boot_id() -> io::Result<u64> {
    let uuid = tokio::fs::read_to_string("/proc/sys/kernel/random/boot_id").await?;
    let digits: String = uuid.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    let half = u64::from_str_radix(&digits, 16).map_err(|_| io::Error::other("the machine's boot id is none"))?;
    Ok(half | 1)
}

/// An open file that is read and written at places.
///
/// # Cancel safety
/// A call that was begun is finished, whether or not its future, or the file, is dropped meanwhile.
#[derive(Clone, Debug)]
pub struct Positioned(Arc<fs::File>);

/// The lock of a file, held until this is dropped, or the file is closed.
#[derive(Debug)]
#[must_use = "dropped, it is given back"]
pub struct Lock(Arc<fs::File>);

impl Positioned {
    /// Of an open file, once what was under way with it has ended. An error of a write that nobody asked after is lost:
    /// flush first.
    ///
    /// # Cancel safety
    /// Dropped, the file is closed once what was under way has ended.
    pub async fn new(file: File) -> Self {
        Self(Arc::new(file.into_std().await))
    }

    /// As many bytes from `at` on as there are, up to `len`: less only at the end of the file.
    ///
    /// # Errors
    /// It is not open for reading, or the disk fails.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn read_at(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        self.call(move |file| {
            let mut bytes = vec![0; len];
            let mut count = 0;
            while count < len {
                match file.read_at(&mut bytes[count..], at + count as u64) {
                    Ok(0) => break,
                    Ok(read) => count += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            bytes.truncate(count);
            Ok(bytes)
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
        let bytes = bytes.into();
        self.call(move |file| file.write_all_at(&bytes, at)).await
    }

    /// The file's length.
    ///
    /// # Errors
    /// None of a file.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn len(&self) -> io::Result<u64> {
        self.call(|file| file.metadata().map(|metadata| metadata.len())).await
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
        self.call(move |file| file.set_len(len)).await
    }

    /// Brings what was written to the disk.
    ///
    /// # Errors
    /// The disk fails: what was written may be lost, and no later sync tells of it.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn sync(&self) -> io::Result<()> {
        self.call(|file| file.sync_data()).await
    }

    /// Waits for the file's lock, which one open file has at a time, whichever process's: at once if it is this one.
    /// Whoever comes first when it is given back has it; there is no line. A process that dies gives it back.
    ///
    /// It waits on a thread of the runtime's pool for blocking work, or on the task's own if it has one: then nothing else
    /// of the task, such as a timeout, goes on meanwhile.
    ///
    /// # Errors
    /// [`Interrupted`](io::ErrorKind::Interrupted): a signal came while it waited, whose handler does not let calls begin
    /// again.
    ///
    /// # Cancel safety
    /// Dropped, the lock is given back as soon as it comes; until then the runtime, shut down, waits for it.
    pub async fn lock(&self) -> io::Result<Lock> {
        loop {
            if let Some(lock) = self.try_lock().await? {
                return Ok(lock);
            }
            match CALLS.get() {
                // The task goes on on a thread of its own.
                Calls::Here => yield_now().await,
                Calls::HereAndWait => return self.0.lock().map(|()| Lock(self.0.clone())),
                Calls::Elsewhere => return self.lock_elsewhere().await,
            }
        }
    }

    async fn lock_elsewhere(&self) -> io::Result<Lock> {
        let (give, given) = oneshot::channel();
        let file = self.0.clone();
        spawn_blocking(move || {
            // A guard that nobody takes any more gives the lock back.
            let _ = give.send(file.lock().map(|()| Lock(file)));
        });
        given.await.unwrap_or_else(|_| Err(lost()))
    }

    /// The file's lock, if no other open file has it.
    ///
    /// # Errors
    /// None of a file.
    ///
    /// # Cancel safety
    /// As [`lock`](Self::lock).
    pub async fn try_lock(&self) -> io::Result<Option<Lock>> {
        self.call(|file| match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file.clone()))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        })
        .await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<fs::File>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let file = self.0.clone();
        if CALLS.get() != Calls::Elsewhere {
            return work(&file);
        }
        spawn_blocking(move || work(&file)).await.unwrap_or_else(|_| Err(lost()))
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

impl Drop for Lock {
    fn drop(&mut self) {
        // It is held by nobody else, and a file that is open can be unlocked.
        let _ = self.0.unlock();
    }
}

/// What tokio says of a call whose thread died.
fn lost() -> io::Error {
    io::Error::other("background task failed")
}
