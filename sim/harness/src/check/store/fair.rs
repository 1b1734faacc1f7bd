//! Writers have their turns in the order in which they came into the line: by tickets, while the machine has power.

use super::{super::rule::Rule, told::Told};
use seedbed::{check::Result, ensure, time::Instant};

#[derive(Default)]
pub(super) struct Fair {
    last: u64,
}

impl Rule<Told> for Fair {
    fn name(&self) -> &'static str {
        "nobody is overtaken in the line"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        match *told {
            Told::Turn { ticket } => {
                let last = std::mem::replace(&mut self.last, ticket);
                ensure!(ticket > last, "ticket {ticket} had its turn after ticket {last}");
            }
            Told::PowerLost => self.last = 0,
            _ => {}
        }
        Ok(())
    }
}
