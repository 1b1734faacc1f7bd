//! Nobody is refused what is theirs: an agent asks only for what its own items allow, if they are as they were acknowledged.

use super::{
    super::rule::Rule,
    told::{Answer, Told},
};
use seedbed::{check::Result, ensure, time::Instant};

pub(super) struct Refused;

impl Rule<Told> for Refused {
    fn name(&self) -> &'static str {
        "nobody is refused what is theirs"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        if let Told::Answered { write, answer, .. } = *told {
            ensure!(answer != Answer::Refused, "write {write} was refused, and its item allows it");
        }
        Ok(())
    }
}
