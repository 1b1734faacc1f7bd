//! How a file is opened.

use super::{blocking::call, file::File};
use crate::disk::{Access, FILE_MODE, Opening};
use std::{fmt, io, path::Path};

/// How a file is opened, with std's rules for what goes together.
#[derive(Clone, Default)]
pub struct OpenOptions {
    access: Access,
    opening: Opening,
}

impl OpenOptions {
    /// Nothing allowed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it may be read.
    pub fn read(&mut self, read: bool) -> &mut Self {
        self.access.reads = read;
        self
    }

    /// Whether it may be written.
    pub fn write(&mut self, write: bool) -> &mut Self {
        self.access.writes = write;
        self
    }

    /// Whether it may be written, each write at its end.
    pub fn append(&mut self, append: bool) -> &mut Self {
        self.access.appends = append;
        self
    }

    /// Whether it is cut to nothing.
    pub fn truncate(&mut self, truncate: bool) -> &mut Self {
        self.opening.truncates = truncate;
        self
    }

    /// Whether it is made if there is none.
    pub fn create(&mut self, create: bool) -> &mut Self {
        self.opening.creates = create;
        self
    }

    /// Whether it is made, and there must be none.
    pub fn create_new(&mut self, create_new: bool) -> &mut Self {
        self.opening.only_new = create_new;
        self
    }

    /// The permission bits of a file that is made: less those that nobody has by default, to write for others.
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.opening.mode = Some(mode);
        self
    }

    /// Opens the file at `path`, relative to the root.
    ///
    /// # Errors
    /// There is none, or there must be none; something on the way to it is no directory; it is a directory and would be
    /// written; the options do not go together.
    ///
    /// # Cancel safety
    /// Dropped, it may have been made, and cut.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let (access, opening) = self.checked()?;
        let path = path.as_ref().to_owned();
        let handle = call("fs.open", path, move |system, path| system.open(path, access, opening).map(File::of));
        handle.await
    }

    fn checked(&self) -> io::Result<(Access, Opening)> {
        let Self { access, opening } = *self;
        let writes = access.writes || access.appends;
        let makes = opening.creates || opening.only_new || opening.truncates;
        let is_wrong = !writes && (makes || !access.reads) || access.appends && opening.truncates && !opening.only_new;
        if is_wrong {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        Ok((Access { writes, ..access }, Opening { writes, ..opening }))
    }
}

/// As std shows its own, but for flags.
impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = self.opening.mode.unwrap_or(FILE_MODE);
        f.debug_struct("OpenOptions")
            .field("read", &self.access.reads)
            .field("write", &self.access.writes)
            .field("append", &self.access.appends)
            .field("truncate", &self.opening.truncates)
            .field("create", &self.opening.creates)
            .field("create_new", &self.opening.only_new)
            .field("mode", &format_args!("{mode:#08o}"))
            .finish()
    }
}
