//! The log does not grow for ever: at any time it is five times as long as what it was compacted to, or little more.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

#[derive(Default)]
pub(super) struct Bounded {
    /// How long it was when it was compacted last.
    base: u64,
}

impl Rule<Told> for Bounded {
    fn name(&self) -> &'static str {
        "the log is bounded"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Compacted { bytes } => self.base = bytes,
            Told::Measured { bytes, grown_max, slack } => {
                let base = self.base;
                let bytes_max = base + 4 * grown_max.max(base) + slack;
                ensure!(
                    bytes <= bytes_max,
                    "the log has {bytes} bytes, {base} when it was compacted, and {bytes_max} would do"
                );
            }
            _ => {}
        }
        Ok(())
    }
}
