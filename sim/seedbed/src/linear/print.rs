//! A counterexample as text: the same for the same history.

use super::{Counterexample, End, Explained, Moment, Operation};
use std::{
    collections::BTreeSet,
    fmt::{self, Debug, Display, Write as _},
};

/// Of a long history, how many operations are printed.
const ROWS_MAX: usize = 40;

impl<Op: Debug, Ret: Debug, S: Debug> Display for Counterexample<Op, Ret, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Operation { client, op, end, .. } = &self.operations[self.unexplained];
        let key = self.key.as_ref().map(|key| format!(" of {key}")).unwrap_or_default();
        match self.order {
            Some(_) => write!(f, "nothing explains{key} that {op:?} returned {} to {client}", outcome(end))?,
            None => write!(f, "nothing explains{key} what {} operations returned", self.operations.len())?,
        }
        write_rows(f, &self.table())?;
        if self.operations.len() > ROWS_MAX {
            write!(f, "\n  (the last {ROWS_MAX} of {})", self.operations.len())?;
        }
        if let Some(order) = &self.order {
            write!(f, "\n  from {:?}, this order explains the rest:", self.initial)?;
            write_rows(f, &self.explanation(order))?;
        }
        match (self.left_out, self.is_smallest) {
            (0, true) => Ok(()),
            (count, true) => write!(f, "\n  of {count} other operations none explains it, whenever they took effect"),
            (count, false) => {
                write!(f, "\n  of {count} other operations none alone explains it; all at once were too many to try")
            }
        }
    }
}

impl<Op: Debug, Ret: Debug, S: Debug> Counterexample<Op, Ret, S> {
    /// A row for each operation, clients in the order of their first calls.
    fn table(&self) -> Vec<Vec<String>> {
        let shown = &self.operations[self.operations.len().saturating_sub(ROWS_MAX)..];
        let mut clients: Vec<_> = shown.iter().map(|operation| &operation.client).collect();
        let mut seen = BTreeSet::new();
        clients.retain(|client| seen.insert(*client));
        let mut sorted: Vec<_> = shown.iter().collect();
        sorted.sort_by_key(|operation| clients.iter().position(|client| **client == operation.client));
        let mut moments: Vec<_> =
            shown.iter().flat_map(|operation| [Some(operation.called), ended(operation)]).flatten().collect();
        moments.sort_unstable();
        let row = |operation: &&Operation<Op, Ret>| {
            let returned = ended(operation).map(instant).unwrap_or_default();
            let client = operation.client.to_string();
            vec![client, words(operation), instant(operation.called), returned, bar(operation, &moments)]
        };
        let header = ["client", "call", "called, s", "returned, s", ""].map(str::to_owned).to_vec();
        std::iter::once(header).chain(sorted.iter().map(row)).collect()
    }

    fn explanation(&self, order: &[Explained<S>]) -> Vec<Vec<String>> {
        let row = |index: usize, state: Option<&S>| {
            let operation = &self.operations[index];
            let leaves = state.map(|state| format!("leaves {state:?}"));
            let denied = (index == self.unexplained).then(|| self.denied());
            let remark = [denied, leaves].into_iter().flatten().collect::<Vec<_>>().join(", and ");
            vec![String::new(), operation.client.to_string(), words(operation), remark]
        };
        let mut rows: Vec<_> = order.iter().map(|placed| row(placed.operation, Some(&placed.state))).collect();
        if order.iter().all(|placed| placed.operation != self.unexplained) {
            rows.push(row(self.unexplained, None));
        }
        rows.split_off(rows.len().saturating_sub(ROWS_MAX))
    }

    /// What is wrong with the unexplained return.
    fn denied(&self) -> String {
        let allowed: BTreeSet<_> = self.allowed.iter().map(|value| format!("{value:?}")).collect();
        match allowed.into_iter().collect::<Vec<_>>().join(" or ") {
            none if none.is_empty() => "may not return that here".to_owned(),
            some => format!("may not return that here, but {some}"),
        }
    }
}

fn words<Op: Debug, Ret: Debug>(operation: &Operation<Op, Ret>) -> String {
    format!("{:?} -> {}", operation.op, outcome(&operation.end))
}

fn outcome<Ret: Debug>(end: &End<Ret>) -> String {
    match end {
        End::Returned(value, _) => format!("{value:?}"),
        End::Pending => "?".to_owned(),
        End::Failed => "failed".to_owned(),
    }
}

const fn ended<Op, Ret>(operation: &Operation<Op, Ret>) -> Option<Moment> {
    match &operation.end {
        End::Returned(_, moment) => Some(*moment),
        End::Pending | End::Failed => None,
    }
}

/// Seconds, as a timeline of the run shows them.
fn instant(moment: Moment) -> String {
    let nanos = moment.at.as_nanos();
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

/// `  [---]`, or `  [---->` of a pending one: a column for each moment, so what overlaps was concurrent.
fn bar<Op, Ret>(operation: &Operation<Op, Ret>, moments: &[Moment]) -> String {
    let column = |moment: Moment| moments.partition_point(|other| *other < moment);
    let called = column(operation.called);
    let (returned, mark) = ended(operation).map_or((moments.len(), '>'), |moment| (column(moment), ']'));
    format!("{}[{}{mark}", " ".repeat(called), "-".repeat(returned - called - 1))
}

/// Rows, each on a line of its own, in aligned columns.
fn write_rows(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            write!(line, "  {cell:width$}")?;
        }
        write!(f, "\n{}", line.trim_end())?;
    }
    Ok(())
}
