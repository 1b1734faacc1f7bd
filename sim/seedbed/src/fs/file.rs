//! An open file.

use super::{
    Metadata,
    blocking::{call, lost, start, start_one, write_all},
    open_options::OpenOptions,
};
use crate::{
    context,
    disk::{Handle, System},
    task::JoinHandle,
};
use std::{
    fmt,
    fs::Permissions,
    future::{Future, poll_fn},
    io::{self, SeekFrom},
    os::unix::fs::PermissionsExt,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf},
    sync::Mutex,
};

/// What one read or write moves at most if nothing else is said, as tokio's.
const MOVED_MAX: usize = 2 << 20;

/// An open file on the process's machine, with what tokio's file promises and no more: a write returns before it has
/// happened, and its error comes with the next write or flush.
///
/// # Cancel safety
/// A call that was begun is finished, whether or not its future, or the file, is dropped meanwhile.
pub struct File {
    file: Arc<Descriptor>,
    inner: Mutex<Inner>,
    moved_max: usize,
}

/// Closed with its last user, which may be a call that is under way.
pub(super) struct Descriptor(pub(super) Handle);

struct Inner {
    state: State,
    /// Of a write that nobody has asked after yet.
    write_error: Option<io::ErrorKind>,
    /// As the last seek left it.
    position: u64,
}

enum State {
    /// Nothing is under way; what was read and not yet taken.
    Idle(Buffer),
    Reading(JoinHandle<io::Result<Buffer>>),
    Writing(JoinHandle<io::Result<()>>),
    Seeking(JoinHandle<io::Result<u64>>),
}

/// What was under way, and how it ended.
enum Ended {
    Nothing,
    Read(io::Result<()>),
    Written(io::Result<()>),
    Sought(io::Result<u64>),
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    taken: usize,
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        context::try_reach(|core| core.close_file(self.0));
    }
}

impl Buffer {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    fn move_into(&mut self, target: &mut ReadBuf<'_>) {
        let count = self.rest().len().min(target.remaining());
        target.put_slice(&self.rest()[..count]);
        self.taken += count;
    }
}

impl File {
    pub(super) fn of(handle: Handle) -> Self {
        Self { file: Arc::new(Descriptor(handle)), inner: Mutex::new(Inner::IDLE), moved_max: MOVED_MAX }
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// There is none, or something on the way to it is no directory.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        OpenOptions::new().read(true).open(path).await
    }

    /// Opens a file to write it: makes it if there is none, and cuts it if there is one.
    ///
    /// # Errors
    /// Its directory does not exist, or it is one.
    ///
    /// # Cancel safety
    /// Dropped, the file may have been made, or cut.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        OpenOptions::new().write(true).create(true).truncate(true).open(path).await
    }

    /// Makes a file, to read and write it.
    ///
    /// # Errors
    /// There is one, or its directory does not exist.
    ///
    /// # Cancel safety
    /// Dropped, the file may have been made.
    pub async fn create_new<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).create_new(true).open(path).await
    }

    /// How a file may be opened.
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Brings what was written to the disk: a power loss does not take it any more. Of a directory, the names in it:
    /// those that lead to a file are not the file's own.
    ///
    /// # Errors
    /// The disk fails. An error of a write before is not told here, but by the next write or flush.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn sync_all(&self) -> io::Result<()> {
        let mut inner = self.inner.lock().await;
        inner.end_of_call().await;
        call("fs.sync", self.file.clone(), |system, file| system.sync(file.0)).await
    }

    /// [`sync_all`](Self::sync_all): the length is needed to read what was written.
    ///
    /// # Errors
    /// As `sync_all`.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn sync_data(&self) -> io::Result<()> {
        self.sync_all().await
    }

    /// Cuts the file, or makes it longer with zeros.
    ///
    /// # Errors
    /// It is not open for writing.
    ///
    /// # Cancel safety
    /// Dropped, it goes on, and whatever is asked of this file next comes after it.
    pub async fn set_len(&self, size: u64) -> io::Result<()> {
        let mut inner = self.inner.lock().await;
        inner.end_of_call().await;
        let back = inner.forget_read();
        // Whatever is asked next waits for it, though this future may be gone.
        inner.state = State::Seeking(start_one("fs.set_len", self.file.clone(), move |system, file| {
            let position = system.seek(file.0, SeekFrom::Current(back))?;
            system.set_len(file.0, size)?;
            Ok(position)
        }));
        match poll_fn(|cx| inner.poll_idle(cx)).await {
            Ended::Sought(sought) => sought.map(|position| inner.position = position),
            Ended::Nothing | Ended::Read(_) | Ended::Written(_) => unreachable!("it is this call that has ended"),
        }
    }

    /// What is known of the file.
    ///
    /// # Errors
    /// The process that opened it is gone.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        call("fs.metadata", self.file.clone(), |system, file| system.facts_of(file.0).map(Metadata::of)).await
    }

    /// As [`set_permissions`](super::set_permissions).
    ///
    /// # Errors
    /// The process that opened it is gone.
    ///
    /// # Cancel safety
    /// Dropped, it goes on.
    pub async fn set_permissions(&self, perm: Permissions) -> io::Result<()> {
        let mode = perm.mode();
        call("fs.set_permissions", self.file.clone(), move |system, file| system.set_mode_of(file.0, mode)).await
    }

    pub(super) fn descriptor(&self) -> Arc<Descriptor> {
        self.file.clone()
    }

    /// Waits for what is under way.
    pub(super) async fn end_of_call(&self) {
        self.inner.lock().await.end_of_call().await;
    }

    /// What one read or write moves at most.
    #[must_use]
    pub fn max_buf_size(&self) -> usize {
        self.moved_max
    }

    /// What one read or write moves at most from now on.
    ///
    /// # Panics
    /// If it is 0.
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        self.moved_max = max_buf_size;
    }

    /// What it has open, once nothing is under way.
    pub(super) async fn into_descriptor(mut self) -> Arc<Descriptor> {
        self.inner.get_mut().end_of_call().await;
        self.file
    }

    /// The same open file once more: they share a position.
    ///
    /// # Errors
    /// None on the simulated disk.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn try_clone(&self) -> io::Result<Self> {
        self.end_of_call().await;
        Ok(Self { file: self.file.clone(), inner: Mutex::new(Inner::IDLE), moved_max: self.moved_max })
    }
}

impl Inner {
    const IDLE: Self =
        Self { state: State::Idle(Buffer { bytes: Vec::new(), taken: 0 }), write_error: None, position: 0 };

    /// Waits for what is under way; an error of a write is kept.
    async fn end_of_call(&mut self) {
        if let Err(error) = poll_fn(|cx| self.poll_flush(cx)).await {
            self.write_error = Some(error.kind());
        }
    }

    /// Forgets what was read and not taken. How far the file's position must step back for that.
    fn forget_read(&mut self) -> i64 {
        let State::Idle(buffer) = &mut self.state else { return 0 };
        let rest = i64::try_from(buffer.rest().len()).unwrap_or(0);
        *buffer = Buffer::default();
        -rest
    }

    /// Waits for what is under way.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let (rest, ended) = match &mut self.state {
            State::Idle(_) => return Poll::Ready(Ended::Nothing),
            State::Reading(call) => match ready!(poll_end(call, cx)) {
                Ok(buffer) => (buffer, Ended::Read(Ok(()))),
                Err(error) => (Buffer::default(), Ended::Read(Err(error))),
            },
            State::Writing(call) => (Buffer::default(), Ended::Written(ready!(poll_end(call, cx)))),
            State::Seeking(call) => (Buffer::default(), Ended::Sought(ready!(poll_end(call, cx)))),
        };
        self.state = State::Idle(rest);
        Poll::Ready(ended)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(kind) = self.write_error.take() {
            return Poll::Ready(Err(kind.into()));
        }
        match ready!(self.poll_idle(cx)) {
            Ended::Written(written) => Poll::Ready(written),
            Ended::Nothing | Ended::Read(_) | Ended::Sought(_) => Poll::Ready(Ok(())),
        }
    }
}

fn poll_end<T>(call: &mut JoinHandle<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
    Pin::new(call).poll(cx).map(|ended| ended.unwrap_or_else(|_| Err(lost())))
}

impl AsyncRead for File {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, target: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let inner = this.inner.get_mut();
        loop {
            if let State::Idle(buffer) = &mut inner.state {
                if !buffer.rest().is_empty() || target.remaining() == 0 {
                    buffer.move_into(target);
                    return Poll::Ready(Ok(()));
                }
                let wanted = target.remaining().min(this.moved_max);
                inner.state = State::Reading(start_one("fs.read", this.file.clone(), move |system, file| {
                    let mut bytes = vec![0; wanted];
                    let count = system.read(file.0, &mut bytes)?;
                    bytes.truncate(count);
                    Ok(Buffer { bytes, taken: 0 })
                }));
            }
            match ready!(inner.poll_idle(cx)) {
                Ended::Read(Ok(())) => {
                    if let State::Idle(buffer) = &mut inner.state {
                        buffer.move_into(target);
                    }
                    return Poll::Ready(Ok(()));
                }
                Ended::Read(Err(error)) => return Poll::Ready(Err(error)),
                Ended::Written(Err(error)) => inner.write_error = Some(error.kind()),
                Ended::Sought(Ok(position)) => inner.position = position,
                Ended::Nothing | Ended::Written(Ok(())) | Ended::Sought(Err(_)) => {}
            }
        }
    }
}

impl AsyncWrite for File {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let inner = this.inner.get_mut();
        if let Some(kind) = inner.write_error.take() {
            return Poll::Ready(Err(kind.into()));
        }
        loop {
            if let State::Idle(_) = inner.state {
                let back = inner.forget_read();
                let moved = bytes[..bytes.len().min(this.moved_max)].to_vec();
                let count = moved.len();
                let file = this.file.clone();
                inner.state = State::Writing(start("fs.write", async move {
                    let write = |system: &mut System<'_>, written, rest: &[u8]| {
                        if written == 0 {
                            system.seek(file.0, SeekFrom::Current(back))?;
                        }
                        system.write(file.0, rest)
                    };
                    write_all("fs.write", &moved, write).await
                }));
                return Poll::Ready(Ok(count));
            }
            match ready!(inner.poll_idle(cx)) {
                Ended::Written(Err(error)) => return Poll::Ready(Err(error)),
                Ended::Sought(Ok(position)) => inner.position = position,
                Ended::Nothing | Ended::Read(_) | Ended::Written(Ok(())) | Ended::Sought(Err(_)) => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.get_mut().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncSeek for File {
    fn start_seek(self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        let this = self.get_mut();
        let inner = this.inner.get_mut();
        if !matches!(inner.state, State::Idle(_)) {
            return Err(io::Error::other("other file operation is pending, call poll_complete before start_seek"));
        }
        let back = inner.forget_read();
        inner.state = State::Seeking(start_one("fs.seek", this.file.clone(), move |system, file| {
            system.seek(file.0, SeekFrom::Current(back))?;
            system.seek(file.0, to)
        }));
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let inner = self.get_mut().inner.get_mut();
        match ready!(inner.poll_idle(cx)) {
            Ended::Sought(sought) => {
                if let Ok(position) = sought {
                    inner.position = position;
                }
                return Poll::Ready(sought);
            }
            Ended::Written(Err(error)) => inner.write_error = Some(error.kind()),
            Ended::Nothing | Ended::Read(_) | Ended::Written(Ok(())) => {}
        }
        Poll::Ready(Ok(inner.position))
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("handle", &self.file.0).finish_non_exhaustive()
    }
}
