//! What is in a directory.

use super::{
    blocking::call,
    metadata::{FileType, Metadata},
};
use crate::disk::Sort;
use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    task::{Context, Poll},
    vec,
};

/// The entries of a directory as it was when it was read, in the order of their names.
#[derive(Debug)]
pub struct ReadDir {
    directory: PathBuf,
    rest: vec::IntoIter<(OsString, Sort)>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct DirEntry {
    path: PathBuf,
    name: OsString,
    file_type: FileType,
}

/// Reads a directory.
///
/// # Errors
/// There is none.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    call("fs.read_dir", path.as_ref().to_owned(), |system, directory| {
        let rest = system.entries(directory)?.into_iter();
        Ok(ReadDir { directory: directory.clone(), rest })
    })
    .await
}

impl ReadDir {
    /// The next one.
    ///
    /// # Errors
    /// None on the simulated disk.
    ///
    /// # Cancel safety
    /// Dropped, no entry is lost.
    pub async fn next_entry(&mut self) -> io::Result<Option<DirEntry>> {
        Ok(self.entry())
    }

    /// The next one.
    ///
    /// # Errors
    /// None on the simulated disk.
    pub fn poll_next_entry(&mut self, _: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        Poll::Ready(Ok(self.entry()))
    }

    fn entry(&mut self) -> Option<DirEntry> {
        let (name, sort) = self.rest.next()?;
        Some(DirEntry { path: self.directory.join(&name), name, file_type: FileType::of(sort) })
    }
}

impl DirEntry {
    /// The directory's path and its name.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Its name.
    #[must_use]
    pub fn file_name(&self) -> OsString {
        self.name.clone()
    }

    /// What it was when the directory was read.
    ///
    /// # Errors
    /// None on the simulated disk.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn file_type(&self) -> io::Result<FileType> {
        Ok(self.file_type)
    }

    /// What is known of it now, of a symbolic link itself.
    ///
    /// # Errors
    /// It is gone.
    ///
    /// # Cancel safety
    /// Dropped, nothing has changed.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        super::symlink_metadata(&self.path).await
    }
}
