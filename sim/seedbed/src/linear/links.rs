//! Some of the numbers `0..n` in an order, from which one can be lifted, and put back where it was, at once.

/// A ring of links in both directions, through a head that is no number. (The trick is that of D. E. Knuth's dancing
/// links: what was lifted still knows its neighbours.)
pub(super) struct Links {
    after: Vec<usize>,
    before: Vec<usize>,
    head: usize,
}

impl Links {
    /// The numbers of `order`, each below `n`.
    pub(super) fn new(order: impl IntoIterator<Item = usize>, n: usize) -> Self {
        let mut links = Self { after: vec![n; n + 1], before: vec![n; n + 1], head: n };
        let mut last = n;
        for number in order {
            links.after[last] = number;
            links.before[number] = last;
            last = number;
        }
        links.before[n] = last;
        links
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.after(self.head)
    }

    /// The next one, also after one that was lifted last.
    pub(super) fn after(&self, number: usize) -> Option<usize> {
        Some(self.after[number]).filter(|&next| next != self.head)
    }

    pub(super) fn lift(&mut self, number: usize) {
        self.after[self.before[number]] = self.after[number];
        self.before[self.after[number]] = self.before[number];
    }

    /// Puts back what was lifted last of those that are not there.
    pub(super) fn put_back(&mut self, number: usize) {
        self.after[self.before[number]] = number;
        self.before[self.after[number]] = number;
    }
}

#[cfg(test)]
mod tests {
    use super::Links;

    fn all(links: &Links) -> Vec<usize> {
        std::iter::successors(links.first(), |&number| links.after(number)).collect()
    }

    #[test]
    fn what_is_lifted_is_gone_until_it_is_put_back_in_its_place() {
        let mut links = Links::new([3, 0, 4], 5);
        assert_eq!(all(&links), [3, 0, 4]);
        links.lift(0);
        links.lift(3);
        assert_eq!(all(&links), [4]);
        links.lift(4);
        assert_eq!(all(&links), [0; 0]);
        for number in [4, 3, 0] {
            links.put_back(number);
        }
        assert_eq!(all(&links), [3, 0, 4]);
    }
}
