//! How a directory is made.

use super::{create_dir, create_dir_all, set_permissions};
use std::{fs::Permissions, io, os::unix::fs::PermissionsExt, path::Path};

/// How a directory is made.
#[derive(Clone, Debug, Default)]
pub struct DirBuilder {
    is_recursive: bool,
    mode: Option<u32>,
}

impl DirBuilder {
    /// One directory, with the bits that every one has.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether all that lead to it are made too, and it may exist.
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.is_recursive = recursive;
        self
    }

    /// Its permission bits: less those that nobody has by default, to write for others. They are set by a call of its own
    /// once it is made; what is made on the way to it has the usual ones.
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = Some(mode);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// As [`create_dir`] and [`create_dir_all`].
    ///
    /// # Cancel safety
    /// Dropped, it may be made, with or without its bits.
    pub async fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        const UMASK: u32 = 0o022;
        let path = path.as_ref();
        if self.is_recursive {
            create_dir_all(path).await?;
        } else {
            create_dir(path).await?;
        }
        match self.mode {
            Some(mode) => set_permissions(path, Permissions::from_mode(mode & !UMASK)).await,
            None => Ok(()),
        }
    }
}
