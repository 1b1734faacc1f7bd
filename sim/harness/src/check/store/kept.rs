//! What was acknowledged is there, whoever reads it, after whatever crash, and as it was acknowledged.

use super::{
    super::rule::Rule,
    books::{Books, Found},
    told::Told,
};
use seedbed::{check::Result, ensure, time::Instant};

#[derive(Default)]
pub(super) struct Kept {
    books: Books,
    found: Found,
}

impl Rule<Told> for Kept {
    fn name(&self) -> &'static str {
        "what was acknowledged is there"
    }

    fn told(&mut self, _now: Instant, told: &Told) -> Result {
        self.books.told(told);
        if let Some((listing, found)) = self.found.told(told) {
            // What failed and is there is another rule's.
            if let Some(wrong) = self.books.wrong_in(listing, &found).filter(|wrong| !wrong.is_failed) {
                let (item, found, expected) = (wrong.item, wrong.found, wrong.expected);
                ensure!(false, "item {item} is {found:?} in listing {listing}, and can be {expected:?}");
            }
        }
        Ok(())
    }
}
