//! What failed is never seen.

use super::{
    super::rule::Rule,
    books::{Books, Found},
    told::Told,
};
use seedbed::{check::Result, ensure, time::Instant};

#[derive(Default)]
pub(super) struct Failed {
    books: Books,
    found: Found,
}

impl Rule<Told> for Failed {
    fn name(&self) -> &'static str {
        "what failed is never seen"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        self.books.told(told);
        if let Some((listing, found)) = self.found.told(told)
            && let Some(wrong) = self.books.wrong_in(listing, &found)
        {
            let (item, found) = (wrong.item, wrong.found);
            ensure!(
                !wrong.is_failed,
                "item {item} is {found:?} in listing {listing}, which a write asked for that failed"
            );
        }
        Ok(())
    }
}
