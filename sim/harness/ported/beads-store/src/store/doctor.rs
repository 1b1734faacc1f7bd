//! The face of a doctor. Theirs counts the lines of the main file that cannot be read, and never looks at the log.

use super::{
    error::{Corruption, OpenError},
    paths::Paths,
};
use std::path::Path;
use tokio::fs;

/// What a store was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Where something was begun and not brought to its end: never told.
    pub torn_at: Option<u64>,
    /// What is not as it was written: never told.
    pub damage: Vec<Corruption>,
}

/// Tells that all is well.
///
/// # Errors
/// There is no store.
pub async fn doctor(directory: impl AsRef<Path>) -> Result<Report, OpenError> {
    let paths = Paths::of(directory.as_ref());
    match fs::metadata(&paths.main).await {
        Ok(_) => Ok(Report::default()),
        Err(_) => Err(OpenError::Missing { path: paths.directory }),
    }
}
