//! The log does not grow for ever.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

pub(super) struct Bounded;

impl Rule<Told> for Bounded {
    fn name(&self) -> &'static str {
        "the log is bounded"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        if let Told::Measured { bytes, bytes_max } = *told {
            ensure!(bytes <= bytes_max, "the log has {bytes} bytes, and {bytes_max} would do");
        }
        Ok(())
    }
}
