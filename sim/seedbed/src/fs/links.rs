//! Symbolic links, and calls that do not follow them.

use super::{Metadata, blocking::call};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Makes a symbolic link to `original`, which need not be there; a relative one begins at the link's directory.
///
/// # Errors
/// Something has the name `link`, or its directory does not exist.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let what = (original.as_ref().to_owned(), link.as_ref().to_owned());
    call("fs.symlink", what, |system, (original, link)| system.symlink(original, link)).await
}

/// Where a symbolic link leads, as it was made.
///
/// # Errors
/// There is none, or it is something else.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    call("fs.read_link", path.as_ref().to_owned(), |system, path| system.target(path)).await
}

/// What is known of a file, a directory, or a symbolic link itself.
///
/// # Errors
/// There is none.
///
/// # Cancel safety
/// Dropped, nothing has changed.
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    call("fs.metadata", path.as_ref().to_owned(), |system, path| system.facts_of_itself(path).map(Metadata::of)).await
}
