//! What is known of a file, directory or symbolic link.

use crate::disk::{Facts, Sort};
use std::{fs::Permissions, io, os::unix::fs::PermissionsExt, time::SystemTime};

/// What is known of a file, directory or symbolic link.
#[derive(Clone, Copy, Debug)]
pub struct Metadata(Facts);

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileType(Sort);

impl Metadata {
    pub(super) fn of(facts: Facts) -> Self {
        Self(facts)
    }

    /// Bytes of a file, or of what a symbolic link says.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "std's has none")]
    pub fn len(&self) -> u64 {
        self.0.len
    }

    /// Whether it is a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.file_type().is_file()
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.file_type().is_dir()
    }

    /// Whether it is a symbolic link: only what does not follow one says so.
    #[must_use]
    pub fn is_symlink(&self) -> bool {
        self.file_type().is_symlink()
    }

    /// What it is.
    #[must_use]
    pub fn file_type(&self) -> FileType {
        FileType(self.0.sort)
    }

    /// Its permission bits, with those that say what it is. They are kept and shown; nobody is kept from anything.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        let sort = match self.0.sort {
            Sort::File => libc::S_IFREG,
            Sort::Directory => libc::S_IFDIR,
            Sort::Link => libc::S_IFLNK,
        };
        Permissions::from_mode(sort | self.0.stamps.mode)
    }

    /// When its content, or the names in it, were changed last, by the machine's wall clock.
    ///
    /// # Errors
    /// None on the simulated disk.
    pub fn modified(&self) -> io::Result<SystemTime> {
        Ok(self.0.stamps.modified)
    }

    /// When its content was read, by the machine's wall clock: as Linux keeps it by default, for the first time after a
    /// change, and once a day.
    ///
    /// # Errors
    /// None on the simulated disk.
    pub fn accessed(&self) -> io::Result<SystemTime> {
        Ok(self.0.stamps.accessed)
    }

    /// When it was made, by the machine's wall clock.
    ///
    /// # Errors
    /// None on the simulated disk.
    pub fn created(&self) -> io::Result<SystemTime> {
        Ok(self.0.stamps.created)
    }
}

impl FileType {
    pub(super) const fn of(sort: Sort) -> Self {
        Self(sort)
    }

    /// Whether it is a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.0 == Sort::File
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.0 == Sort::Directory
    }

    /// Whether it is a symbolic link.
    #[must_use]
    pub fn is_symlink(&self) -> bool {
        self.0 == Sort::Link
    }
}
