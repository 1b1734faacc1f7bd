//! Lengths of time in words.

use std::time::Duration;

/// `10 ms`.
pub(crate) fn span(nanos: u64) -> String {
    let text = format!("{:?}", Duration::from_nanos(nanos));
    let unit = text.find(|character: char| character.is_alphabetic()).unwrap_or(text.len());
    format!("{} {}", &text[..unit], &text[unit..])
}
