//! Which of the states that a power loss may leave it leaves.

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Which of its unsynced lengths a file has.
    Length,
    /// Which of its unsynced contents a sector has.
    Sector,
    /// Whether an unsynced change of a directory persisted.
    Entry,
}

/// Makes choices.
pub(crate) trait Choose {
    /// Below `options`. 0 is the newest state, which lost nothing; each one more lost one change more.
    fn choose(&mut self, what: Choice, options: usize) -> usize;
}

/// Makes each combination of choices once: [`advance`](Self::advance) between two.
#[cfg(test)]
#[derive(Debug, Default)]
pub(super) struct Odometer {
    /// Each choice so far, with its options.
    digits: Vec<(usize, usize)>,
    at: usize,
}

#[cfg(test)]
impl Odometer {
    /// To the next combination; `false` after the last.
    pub(super) fn advance(&mut self) -> bool {
        self.at = 0;
        while let Some((digit, options)) = self.digits.pop() {
            if digit + 1 < options {
                self.digits.push((digit + 1, options));
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
impl Choose for Odometer {
    fn choose(&mut self, _: Choice, options: usize) -> usize {
        if self.at == self.digits.len() {
            self.digits.push((0, options));
        }
        self.at += 1;
        self.digits[self.at - 1].0
    }
}
