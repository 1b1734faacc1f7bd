//! At no time has an order been carried out twice.

use seedbed::{Check, ensure, history::Event, time::Instant};
use std::collections::BTreeSet;

#[derive(Default)]
pub(crate) struct OnceAtMost(BTreeSet<String>);

impl Check for OnceAtMost {
    fn name(&self) -> &'static str {
        "an order is carried out once at most"
    }

    fn on_event(&mut self, _: Instant, event: &Event<'_>) -> seedbed::Result {
        if let Event::Logged(log) = event
            && log.message() == "order carried out"
        {
            let order = log.text("order").unwrap_or_default();
            ensure!(self.0.insert(order.to_owned()), "{order} was carried out twice");
        }
        Ok(())
    }
}
