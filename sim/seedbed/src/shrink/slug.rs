//! File names from findings.

use crate::finding::{Finding, FindingKind};

const LENGTH_MAX: usize = 60;

/// What went wrong, in small letters and dashes.
pub(super) fn slug(finding: &Finding) -> String {
    let text = match finding.kind {
        FindingKind::Panic => finding.signature.rsplit(": ").next().unwrap_or(&finding.check),
        FindingKind::Stall => &finding.signature,
        FindingKind::Violation | FindingKind::Divergence | FindingKind::Abort => &finding.check,
    };
    let mut slug = String::new();
    for character in text.chars() {
        if slug.len() >= LENGTH_MAX && !character.is_alphanumeric() {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "finding".to_owned() } else { slug.to_owned() }
}
