//! Where the search has been: which operations were placed, and the state that they left.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, DefaultHasher, Hash},
};

/// A set of numbers as it is kept: without the full words at its start, whose count goes with it.
type Kept = (usize, Box<[u64]>);

/// A set of small numbers.
#[derive(Clone, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    /// All words before this one are full.
    full: usize,
}

impl Bits {
    pub(super) fn insert(&mut self, number: usize) {
        let word = number / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (number % 64);
        while self.words.get(self.full) == Some(&u64::MAX) {
            self.full += 1;
        }
    }

    pub(super) fn remove(&mut self, number: usize) {
        let word = number / 64;
        self.words[word] &= !(1 << (number % 64));
        self.full = self.full.min(word);
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }

    /// Equal for equal sets, and short for those that lack little of `0..n`.
    fn kept(&self) -> Kept {
        (self.full, self.words[self.full..].into())
    }

    fn contains_all(&self, (full, others): &Kept) -> bool {
        let words = || self.words.iter().skip(*full);
        *full <= self.full
            && others.len() <= words().len()
            && others.iter().zip(words()).all(|(other, word)| other & !word == 0)
    }
}

/// Hashed without a random key: a check must not touch the process's own sequence of such keys.
type Table<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// Each set of returned operations with each state, and the sets of pending ones that led there.
pub(super) struct Visited<S>(Table<(Kept, S), Vec<Kept>>);

impl<S: Clone + Eq + Hash> Visited<S> {
    pub(super) fn new() -> Self {
        Self(Table::default())
    }

    /// Whether this is news. It is not if the search was in the same state with the same returned operations and no
    /// pending ones but some of these: from there it can do all that it can do from here.
    pub(super) fn insert(&mut self, returned: &Bits, pending: &Bits, state: &S) -> bool {
        let known = self.0.entry((returned.kept(), state.clone())).or_default();
        let is_news = !known.iter().any(|set| pending.contains_all(set));
        if is_news {
            known.push(pending.kept());
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, Visited};

    fn bits(numbers: impl IntoIterator<Item = usize>) -> Bits {
        let mut bits = Bits::default();
        numbers.into_iter().for_each(|number| bits.insert(number));
        bits
    }

    #[test]
    fn equal_sets_are_kept_alike_however_they_came_about() {
        let mut other = bits([200, 64]);
        (0..130).for_each(|number| other.insert(number));
        other.remove(200);
        assert_eq!(other.kept(), bits((0..130).rev()).kept());
        assert_eq!(other.kept(), (2, [3].into()), "130 numbers in one word");
        other.remove(0);
        assert_ne!(other.kept(), bits(0..130).kept());
        assert_eq!(other.kept(), bits(1..130).kept());
    }

    #[test]
    fn fewer_pending_operations_cover_more_of_them_and_not_the_other_way() {
        let mut visited = Visited::new();
        let mut is_news = |returned: &[usize], pending: &[usize], state| {
            visited.insert(&bits(returned.iter().copied()), &bits(pending.iter().copied()), &state)
        };
        assert!(is_news(&[0, 1], &[2, 70], 'a'));
        assert!(!is_news(&[1, 0], &[2, 70], 'a'), "the same again");
        assert!(!is_news(&[0, 1], &[2, 3, 70], 'a'), "more pending ones");
        assert!(is_news(&[0, 1], &[2, 3], 'a'), "70 is still to come");
        assert!(is_news(&[0, 1], &[2], 'a'), "fewer");
        assert!(!is_news(&[0, 1], &[2, 4], 'a'));
        assert!(is_news(&[0, 1], &[2, 70], 'b'), "another state");
        assert!(is_news(&[0], &[2, 70], 'a'), "another set");
    }
}
