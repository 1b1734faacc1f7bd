//! Compares what there is with what there should be.

use crate::{
    Result,
    reasons::{Reasons, matches},
    surface::Surface,
};
use std::collections::BTreeMap;

/// Items by module, name and member.
#[derive(Debug, Default)]
pub(crate) struct Table(pub(crate) BTreeMap<String, BTreeMap<String, Row>>);

/// An item of a module.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Whether it is tokio's own, and so are all its members.
    pub(crate) is_tokios: bool,
    /// The item itself, with the number of the reason why it is refused.
    pub(crate) refused: Option<usize>,
    pub(crate) members: Vec<(String, Option<usize>)>,
}

impl Row {
    fn verdicts(&self) -> impl Iterator<Item = Option<usize>> {
        [self.refused].into_iter().chain(self.members.iter().map(|(_, refused)| *refused))
    }

    /// How many are supported, and how many refused.
    pub(crate) fn counts(&self) -> [usize; 2] {
        let refused = self.verdicts().flatten().count();
        [self.verdicts().count() - refused, refused]
    }
}

impl Table {
    /// How many are supported, and how many refused.
    pub(crate) fn counts(&self) -> [usize; 2] {
        let rows = self.0.values().flat_map(BTreeMap::values);
        rows.map(Row::counts).fold([0, 0], |[all, none], [more, less]| [all + more, none + less])
    }
}

/// # Errors
/// What is missing has no reason, or a reason is that of nothing.
pub(crate) fn judge(tokio: &Surface, here: &Surface, reasons: &Reasons) -> Result<Table> {
    let mut table = Table::default();
    let mut mistakes = Vec::new();
    for (path, item) in tokio {
        let found = here.get(path);
        let number = reasons.refused.iter().position(|reason| reason.is_about(path));
        match (found, number) {
            (None, None) => mistakes.push(format!("{path} is missing, and nothing says why")),
            (None, Some(number)) if reasons.refused[number].when_used => {
                mistakes.push(format!("{path} is said to be refused when used, and does not even compile"));
            }
            (Some(_), Some(number)) if !reasons.refused[number].when_used => {
                mistakes.push(format!("{path} is said not to compile, and is there"));
            }
            _ => {}
        }
        let row = table.0.entry(item.module.clone()).or_default().entry(item.name.clone()).or_default();
        match &item.member {
            Some(member) => row.members.push((member.clone(), number)),
            None => {
                row.refused = number;
                row.is_tokios = item.origin.is_some() && found.is_some_and(|found| found.origin == item.origin);
            }
        }
    }
    let patterns = reasons.refused.iter().chain(&reasons.differs).flat_map(|reason| &reason.items);
    for pattern in patterns.filter(|pattern| !tokio.keys().any(|path| matches(pattern, path))) {
        mistakes.push(format!("`{pattern}` of items.toml is no item of tokio's"));
    }
    if mistakes.is_empty() { Ok(table) } else { Err(mistakes.join("\n").into()) }
}
