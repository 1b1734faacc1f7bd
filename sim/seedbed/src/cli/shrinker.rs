//! The shrinker's runs in a worker process: a candidate that ends it or does not return is no smaller case,
//! and nothing else.

use super::{
    arguments::Limits,
    errand::Errands,
    problem::Problem,
    process::Recipe,
    protocol::{Answer, Order},
};
use crate::{
    case::Case,
    shrink::{Judged, Look, Runs},
};

/// Real seconds for one run of a shrinker: a candidate that takes longer is given up.
const LIMIT_REAL_S: u64 = 10;

#[derive(Debug)]
pub(super) struct Shrinker(Errands);

impl Shrinker {
    pub(super) fn new(limits: Limits) -> Result<Self, Problem> {
        let limits = Limits { limit_real: limits.limit_real.min(LIMIT_REAL_S), ..limits };
        Errands::new(Recipe::same(limits.memory)?, limits, false).map(Self)
    }
}

impl Runs for Shrinker {
    type Error = Problem;

    fn judge(&mut self, case: &Case, signature: &str) -> Result<Judged, Problem> {
        match self.0.ask(&Order::Judge { case: case.clone(), signature: signature.to_owned() })? {
            Ok(Answer::Judged(judged)) => Ok(judged),
            Ok(other) => unreachable!("a worker that was told to judge answered {other:?}"),
            Err(_death) => Ok(Judged::default()),
        }
    }

    fn look(&mut self, case: &Case) -> Result<Option<Look>, Problem> {
        match self.0.ask(&Order::Look { case: case.clone() })? {
            Ok(Answer::Seen(look)) => Ok(Some(*look)),
            Ok(other) => unreachable!("a worker that was told to look answered {other:?}"),
            Err(_death) => Ok(None),
        }
    }
}
