//! What is known of a file or directory.

use crate::disk::Facts;

/// What is known of a file or directory.
#[derive(Clone, Copy, Debug)]
pub struct Metadata(Facts);

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileType {
    is_directory: bool,
}

impl Metadata {
    pub(super) fn of(facts: Facts) -> Self {
        Self(facts)
    }

    /// Bytes of a file.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "std's has none")]
    pub fn len(&self) -> u64 {
        self.0.len
    }

    /// Whether it is a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        !self.0.is_directory
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.0.is_directory
    }

    /// What it is.
    #[must_use]
    pub fn file_type(&self) -> FileType {
        FileType { is_directory: self.0.is_directory }
    }
}

impl FileType {
    pub(super) fn new(is_directory: bool) -> Self {
        Self { is_directory }
    }

    /// Whether it is a file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        !self.is_directory
    }

    /// Whether it is a directory.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.is_directory
    }
}
