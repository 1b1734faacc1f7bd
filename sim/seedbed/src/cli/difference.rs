//! Where two histories part.

use serde::Serialize;
use std::fmt;

/// Lines shown on each side of the place.
const CONTEXT: usize = 3;

/// The first line that differs, and those around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// Which event it is, from 0.
    pub(super) event: usize,
    /// The last common lines.
    pub(super) before: Vec<String>,
    /// The line that differs and some after it, on one side; empty if that side has ended.
    pub(super) left: Vec<String>,
    /// The same on the other side.
    pub(super) right: Vec<String>,
}

impl Difference {
    /// `None` if they do not part.
    pub(super) fn between(left: &[String], right: &[String]) -> Option<Self> {
        let event = left.iter().zip(right).take_while(|(left, right)| left == right).count();
        if event == left.len() && event == right.len() {
            return None;
        }
        let from_there = |lines: &[String]| lines.iter().skip(event).take(1 + CONTEXT).cloned().collect();
        Some(Self {
            event,
            before: left[event.saturating_sub(CONTEXT)..event].to_vec(),
            left: from_there(left),
            right: from_there(right),
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  they part at event {}:", self.event)?;
        self.before.iter().try_for_each(|line| writeln!(f, "      {line}"))?;
        for (sign, side) in [('-', &self.left), ('+', &self.right)] {
            if side.is_empty() {
                writeln!(f, "    {sign} (no more events)")?;
            }
            side.iter().try_for_each(|line| writeln!(f, "    {sign} {line}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Difference;

    fn lines(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn shows_where_they_part_with_context() {
        let difference = Difference::between(&lines("a b c d e X f g h i"), &lines("a b c d e Y")).unwrap();
        assert_eq!(difference.event, 5);
        assert_eq!(difference.before, lines("c d e"));
        assert_eq!(difference.left, lines("X f g h"));
        assert_eq!(difference.right, lines("Y"));
    }

    #[test]
    fn a_history_that_only_ends_earlier_differs() {
        let difference = Difference::between(&lines("a b"), &lines("a b c")).unwrap();
        assert_eq!((difference.left, difference.right), (vec![], lines("c")));
        assert_eq!(Difference::between(&lines("a b"), &lines("a b")), None);
    }
}
