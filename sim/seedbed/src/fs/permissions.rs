//! Permission bits.

use super::blocking::call;
use std::{fs::Permissions, io, os::unix::fs::PermissionsExt, path::Path};

/// The permission bits are these from now on, after a power loss too. They are kept and shown; nobody is kept from anything,
/// as a superuser is not.
///
/// # Errors
/// There is nothing.
///
/// # Cancel safety
/// Dropped, it goes on.
pub async fn set_permissions(path: impl AsRef<Path>, perm: Permissions) -> io::Result<()> {
    let mode = perm.mode();
    call("fs.set_permissions", path.as_ref().to_owned(), move |system, path| system.set_mode(path, mode)).await
}
