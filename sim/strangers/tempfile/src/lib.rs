//! What tokio's own tests use of the crate `tempfile`, for the disk of a world: that is empty when a test begins, so its
//! root is as good as a directory of the test's own. Nothing is made here: plain code reaches no simulated disk.

use std::{io, path::Path};

/// The root, which is empty.
#[derive(Debug)]
pub struct TempDir;

/// A place for a file, without the file.
#[derive(Debug)]
pub struct NamedTempFile;

/// An empty directory.
///
/// # Errors
/// None: the original's would be those of the real disk.
pub fn tempdir() -> io::Result<TempDir> {
    Ok(TempDir)
}

impl TempDir {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new("/")
    }
}

impl NamedTempFile {
    /// The one place.
    ///
    /// # Errors
    /// None, as [`tempdir`].
    pub fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new("/file")
    }
}
