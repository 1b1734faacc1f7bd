//! The rules of storage: what was acknowledged is there, what failed is not, and nobody reads what is taken back.

mod told;
mod books;
mod kept;
mod failed;
mod twice;
mod refused;
mod order;
mod forward;
mod owner;
mod bounded;
mod version;
mod whole;
mod wait;
mod vain;
mod fair;
mod damage;
mod returned;
#[cfg(test)]
mod tests;

use super::rule::{Judge, Reader, Rule};
use seedbed::Check;
use std::{rc::Rc, time::Duration};
use told::Told;

/// What the rules need to know of a scenario.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Nobody waits longer for an answer.
    pub(crate) took_max: Duration,
    /// So long a write waits for a turn; `None`: somebody keeps one for longer.
    pub(crate) wait_max: Option<Duration>,
}

/// All rules of storage.
pub(crate) fn of(rules: Rules) -> Vec<Box<dyn Check>> {
    let reader = Rc::new(Reader::<Told>::default());
    all(rules).into_iter().map(|rule| -> Box<dyn Check> { Box::new(Judge::new(rule, reader.clone())) }).collect()
}

fn all(Rules { took_max, wait_max }: Rules) -> Vec<Box<dyn Rule<Told>>> {
    let mut all: Vec<Box<dyn Rule<Told>>> = vec![
        Box::new(damage::Damage),
        Box::new(fair::Fair::default()),
        Box::new(failed::Failed::default()),
        Box::new(twice::Twice::default()),
        Box::new(refused::Refused),
        Box::new(forward::Forward::default()),
        Box::new(kept::Kept::default()),
        Box::new(version::Version::default()),
        Box::new(whole::Whole::default()),
        Box::new(order::Order::default()),
        Box::new(owner::Owner::default()),
        Box::new(bounded::Bounded::default()),
        Box::new(wait::Wait::new(took_max)),
        Box::new(returned::Returned),
    ];
    if let Some(wait_max) = wait_max {
        all.push(Box::new(vain::Vain::new(wait_max)));
    }
    all
}
