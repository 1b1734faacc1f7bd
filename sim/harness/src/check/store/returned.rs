//! Files and locks are given back.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

pub(super) struct Returned;

impl Rule<Told> for Returned {
    fn name(&self) -> &'static str {
        "files are given back"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        if let Told::FilesOpen { files } = *told {
            ensure!(files == 0, "{files} files are open, and all who opened any are done");
        }
        Ok(())
    }
}
