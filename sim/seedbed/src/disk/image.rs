//! Which of the states that a power loss may leave it leaves.

use crate::decision::{below, mix};

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

/// A part of the disk that a power loss leaves in one of several states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) what: Choice,
    /// The path of the file, or the name that was changed.
    pub(crate) whose: String,
    /// Which sector of the file, which change of the name.
    pub(crate) nth: u64,
    /// Nobody relies on what becomes of it.
    pub(crate) is_scratch: bool,
}

/// Makes choices.
pub(crate) trait Choose {
    /// Below `options`. 0 is the newest state, which lost nothing; each one more lost one change more.
    fn choose(&mut self, part: &Part, options: usize) -> usize;
}

/// The choices of one image, in the order in which they are made.
pub(crate) type Choices = Vec<(Part, usize)>;

/// Makes each combination of choices once: [`advance`](Self::advance) between two. Of scratch it draws one of the states.
#[derive(Debug)]
pub(super) struct Odometer {
    key: u64,
    /// Each choice so far, with how many options it has.
    digits: Vec<(Part, usize, usize)>,
    at: usize,
    combination: u64,
    drawn: Choices,
}

impl Odometer {
    pub(super) const fn new(key: u64) -> Self {
        Self { key, digits: Vec::new(), at: 0, combination: 0, drawn: Choices::new() }
    }

    /// To the next combination; `false` after the last.
    pub(super) fn advance(&mut self) -> bool {
        self.at = 0;
        self.combination += 1;
        self.drawn.clear();
        while let Some((part, digit, options)) = self.digits.pop() {
            if digit + 1 < options {
                self.digits.push((part, digit + 1, options));
                return true;
            }
        }
        false
    }

    /// The choices that were made since the last step: those that had more than one option.
    pub(super) fn choices(&self) -> Choices {
        let chosen = self.digits.iter().filter(|(_, _, options)| *options > 1);
        chosen.map(|(part, digit, _)| (part.clone(), *digit)).chain(self.drawn.iter().cloned()).collect()
    }

    fn draw(&mut self, part: &Part, options: usize) -> usize {
        let bits = mix(mix(self.key, self.combination), self.drawn.len() as u64);
        let drawn = usize::try_from(below(bits, options as u64)).unwrap_or(0);
        if options > 1 {
            self.drawn.push((part.clone(), drawn));
        }
        drawn
    }
}

impl Choose for Odometer {
    fn choose(&mut self, part: &Part, options: usize) -> usize {
        if part.is_scratch {
            return self.draw(part, options);
        }
        if self.at == self.digits.len() {
            self.digits.push((part.clone(), 0, options));
        }
        self.at += 1;
        self.digits[self.at - 1].1
    }
}

/// Chooses evenly, by a key.
pub(super) struct Sampler {
    key: u64,
    choices: Choices,
}

impl Sampler {
    pub(super) fn new(key: u64) -> Self {
        Self { key, choices: Choices::new() }
    }

    pub(super) fn choices(self) -> Choices {
        self.choices
    }
}

impl Choose for Sampler {
    fn choose(&mut self, part: &Part, options: usize) -> usize {
        let bits = mix(self.key, self.choices.len() as u64);
        let chosen = usize::try_from(below(bits, options as u64)).unwrap_or(0);
        if options > 1 {
            self.choices.push((part.clone(), chosen));
        }
        chosen
    }
}
