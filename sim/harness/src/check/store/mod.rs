//! The rules of storage: what was acknowledged is there, what failed is not, and nobody reads what is taken back.

mod told;
mod books;
mod kept;
mod failed;
mod twice;
mod order;
mod forward;
mod owner;
mod bounded;
mod wait;
mod damage;
mod returned;

use super::rule::{Judge, Reader, Rule};
use seedbed::Check;
use std::{rc::Rc, time::Duration};
use told::Told;

/// All rules of storage; nobody waits for longer than `took_max` for an answer.
pub(crate) fn of(took_max: Duration) -> Vec<Box<dyn Check>> {
    let reader = Rc::new(Reader::<Told>::default());
    all(took_max).into_iter().map(|rule| -> Box<dyn Check> { Box::new(Judge::new(rule, reader.clone())) }).collect()
}

fn all(took_max: Duration) -> Vec<Box<dyn Rule<Told>>> {
    vec![
        Box::new(damage::Damage),
        Box::new(failed::Failed::default()),
        Box::new(twice::Twice::default()),
        Box::new(forward::Forward::default()),
        Box::new(kept::Kept::default()),
        Box::new(order::Order::default()),
        Box::new(owner::Owner::default()),
        Box::new(bounded::Bounded),
        Box::new(wait::Wait::new(took_max)),
        Box::new(returned::Returned),
    ]
}
