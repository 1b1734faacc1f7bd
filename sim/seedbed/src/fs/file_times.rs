//! Times of a file that are set by hand.

use super::{File, blocking::call};
use std::{io, time::SystemTime};

/// What times a file is to have.
#[derive(Clone, Debug, Default)]
#[must_use = "`File::set_times` gives them to a file"]
pub struct FileTimes {
    accessed: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl FileTimes {
    /// Those that it has.
    pub fn new() -> Self {
        Self::default()
    }

    /// When its content was read.
    pub fn set_accessed(self, t: SystemTime) -> Self {
        Self { accessed: Some(t), ..self }
    }

    /// When its content was changed.
    pub fn set_modified(self, t: SystemTime) -> Self {
        Self { modified: Some(t), ..self }
    }
}

impl File {
    /// The file has these times, once what is under way has ended; after a power loss too.
    ///
    /// # Errors
    /// The process that opened it is gone.
    ///
    /// # Cancel safety
    /// Dropped, it goes on, or never began.
    pub async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        self.end_of_call().await;
        let FileTimes { accessed, modified } = times;
        call("fs.set_times", self.descriptor(), move |system, file| system.set_times_of(file.0, accessed, modified))
            .await
    }

    /// [`set_times`](Self::set_times) of the last change alone.
    ///
    /// # Errors
    /// As [`set_times`](Self::set_times).
    ///
    /// # Cancel safety
    /// As [`set_times`](Self::set_times).
    pub async fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.set_times(FileTimes::new().set_modified(time)).await
    }
}
