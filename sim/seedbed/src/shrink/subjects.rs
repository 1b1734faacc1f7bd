//! What a finding is about, and what was said of that.

use std::collections::{BTreeMap, BTreeSet};

/// The numbered things that a message names, such as shard 28 and ticket 118, as log events carry them in fields.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Subjects(BTreeMap<String, BTreeSet<u64>>);

impl Subjects {
    /// `shard-28`, `ticket 4` and `tickets {6, 7}`.
    pub(super) fn of(message: &str) -> Self {
        let mut subjects = Self::default();
        let mut noun = None;
        for word in message.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')) {
            let (name, number) = match word.rsplit_once('-') {
                Some((name, number)) => (Some(name), number.parse().ok()),
                None => (noun, word.parse().ok()),
            };
            match (name, number) {
                (Some(name), Some(number)) => subjects.add(name, number),
                // Numbers in one list belong to one noun.
                _ if !word.is_empty() => noun = Some(word),
                _ => {}
            }
        }
        subjects
    }

    fn add(&mut self, name: &str, number: u64) {
        for name in [name, name.trim_end_matches('s')] {
            self.0.entry(name.to_owned()).or_default().insert(number);
        }
    }

    /// Whether an event, as text, is about one of them and about no other thing of its sort: `waiting shard=28
    /// ticket=118`.
    pub(super) fn are_of(&self, event: &str) -> bool {
        let fields = event.split_whitespace().filter_map(|word| word.split_once('='));
        let told = fields.filter_map(|(name, value)| {
            let numbers = self.0.get(name)?;
            Some(value.parse().is_ok_and(|number| numbers.contains(&number)))
        });
        let told: Vec<_> = told.collect();
        !told.is_empty() && told.iter().all(|is_one| *is_one)
    }
}

#[cfg(test)]
mod tests {
    use super::Subjects;

    #[test]
    fn what_is_named_is_told_by_its_fields() {
        for (message, event, is_about) in [
            ("shard-28 waits for a slot, holds 1", "waiting for slot shard=28 ticket=118", true),
            ("shard-28 waits for a slot, holds 1", "waiting for slot shard=29 ticket=118", false),
            ("shard-33 is gone, and its tickets {6, 51} still hold", "acquired slot ticket=51", true),
            ("shard-33 is gone, and its tickets {6, 51} still hold", "acquired slot shard=33 ticket=52", false),
            ("ticket 4 of class 0 waited 4.1s", "acquired slot ticket=4 class=0", true),
            ("call 1 of shard-22 was refused", "attempted shard=3 call=1", false),
            ("call 1 of shard-22 was refused", "exchange opened shard=22", true),
            ("slots are held at rest", "acquired slot shard=1", false),
        ] {
            assert_eq!(Subjects::of(message).are_of(event), is_about, "{message} / {event}");
        }
    }
}
