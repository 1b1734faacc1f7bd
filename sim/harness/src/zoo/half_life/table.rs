//! The table for people and the document for programs. Knows nothing of how anything was found.

use super::{
    Edit,
    measure::{Alone, OTHER_SEEDS, Reference, Row},
    trial::{Cell, Mark, Survival, Totals, Trial},
};
use serde_json::{Value, json};

/// What is expected of case files and of seeds, in per cent.
pub(super) const AIMS: [f64; 2] = [95.0, 80.0];

/// All that was measured.
pub(super) struct Table<'a> {
    pub(super) edits: &'a [&'static Edit],
    pub(super) alone: &'a [Alone],
    pub(super) rows: &'a [Row],
}

pub(super) fn heading(edits: &[&'static Edit]) -> String {
    let numbers: String = (1..=edits.len()).map(|number| format!(" {number:>3}")).collect();
    format!(
        "{:<21} {:<11} {:>8} {:>5} {:>5} {:>5}{numbers}",
        "planted bug", "scenario", "found on", "seed", "left", "base"
    )
}

pub(super) fn line(row: &Row) -> String {
    let start = format!("{:<21} {:<11}", row.member.name, row.member.scenario);
    match &row.reference {
        Err(why) => format!("{start} {}", why.lines().next().unwrap_or_default()),
        Ok(Reference { seed, found_on, decisions, is_minimal, baseline, .. }) => {
            let left = format!("{decisions}{}", if *is_minimal { "" } else { "+" });
            let baseline = baseline.map_or_else(|| "-".to_owned(), |seed| seed.to_string());
            let signs: String = row.cells.iter().map(|cell| format!(" {}", signs(cell))).collect();
            format!("{start} {found_on:>4}/{OTHER_SEEDS} {seed:>5} {left:>5} {baseline:>5}{signs}")
        }
    }
}

/// Case, seed, baseline.
fn signs(cell: &Cell) -> String {
    match cell {
        Cell::Tried { case, seed, baseline } => {
            let baseline = baseline.as_ref().map_or('.', |trial| trial.mark.sign());
            [case.mark.sign(), seed.mark.sign(), baseline].iter().collect()
        }
        Cell::NotBuilt(_) => "xxx".to_owned(),
    }
}

impl Table<'_> {
    pub(super) fn totals(&self) -> Totals {
        Totals::of(self.rows.iter().flat_map(|row| &row.cells))
    }

    /// Those under the `nth` edit.
    fn totals_under(&self, nth: usize) -> Totals {
        Totals::of(self.rows.iter().filter_map(|row| row.cells.get(nth)))
    }

    /// With every bug found, and every edit built and harmless by itself.
    pub(super) fn reaches_aims(&self) -> bool {
        let Totals { cases, seeds, .. } = self.totals();
        let is_harmless = |alone: &Alone| alone.found.as_ref().is_ok_and(Vec::is_empty);
        self.not_found() == 0 && self.alone.iter().all(is_harmless) && cases.reaches(AIMS[0]) && seeds.reaches(AIMS[1])
    }

    /// What is told below the rows.
    pub(super) fn foot(&self) -> String {
        let mut lines = vec![String::new()];
        lines.push("a cell: case file, seed, baseline's seed; + the same finding, ~ the same under the name that the edit gives it,".to_owned());
        lines.push(
            "! another, - none, ? not run, . the baseline had found nothing, xxx bug and edit do not go together"
                .to_owned(),
        );
        lines.push(String::new());
        lines.extend(self.edits.iter().enumerate().map(|(nth, edit)| self.edit_line(nth, edit)));
        lines.push(String::new());
        lines.extend(self.losses());
        lines.push(String::new());
        let totals = self.totals();
        lines.push(survival("case files", &totals.cases, Some(AIMS[0])));
        lines.push(survival("seeds", &totals.seeds, Some(AIMS[1])));
        lines.push(survival("baseline", &totals.baseline, None));
        lines.push(format!(
            "left out: {} of {} bugs that were not found, {} that the baseline did not find, {} pairs that do not go together",
            self.not_found(),
            self.rows.len(),
            self.baseline_not_found(),
            totals.not_built
        ));
        lines.join("\n")
    }

    fn edit_line(&self, nth: usize, edit: &Edit) -> String {
        let Totals { cases, seeds, baseline, .. } = self.totals_under(nth);
        let of = |survival: &Survival| format!("{}/{}", survival.survived(), survival.tried);
        let (cases, seeds, baseline) = (of(&cases), of(&seeds), of(&baseline));
        let harm = match self.alone.iter().find(|alone| alone.edit.name == edit.name).map(|alone| &alone.found) {
            None => String::new(),
            Some(Ok(found)) if found.is_empty() => String::new(),
            Some(Ok(found)) => format!("  NOT HARMLESS: {}", found.join("; ")),
            Some(Err(why)) => format!("  NOT BUILT: {}", why.lines().next().unwrap_or_default()),
        };
        format!("{:>3} {:<17} {cases:>6} {seeds:>6} {baseline:>6}  {}{harm}", nth + 1, edit.name, edit.story)
    }

    /// Each case file and each seed that did not survive.
    fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        for row in self.rows {
            for (edit, cell) in self.edits.iter().zip(&row.cells) {
                match cell {
                    Cell::Tried { case, seed, .. } => {
                        losses.extend(loss(row, edit, "case file", case));
                        losses.extend(loss(row, edit, "seed", seed));
                    }
                    Cell::NotBuilt(why) => losses.push(format!("{}, {}: not built: {why}", row.member.name, edit.name)),
                }
            }
        }
        losses
    }

    fn not_found(&self) -> usize {
        self.rows.iter().filter(|row| row.reference.is_err()).count()
    }

    fn baseline_not_found(&self) -> usize {
        let found = self.rows.iter().filter_map(|row| row.reference.as_ref().ok());
        found.filter(|reference| reference.baseline.is_none()).count()
    }

    pub(super) fn document(&self) -> Value {
        let edits = self.edits.iter().enumerate().map(|(nth, edit)| {
            let alone = self.alone.iter().find(|alone| alone.edit.name == edit.name);
            json!({
                "name": edit.name,
                "story": edit.story,
                "without_a_bug": alone.map(|alone| match &alone.found {
                    Ok(found) => json!({ "found": found }),
                    Err(why) => json!({ "not_built": why }),
                }),
                "totals": self.totals_under(nth),
            })
        });
        json!({
            "edits": edits.collect::<Vec<_>>(),
            "members": self.rows.iter().map(|row| self.member(row)).collect::<Vec<_>>(),
            "totals": self.totals(),
            "percent": {
                "cases": self.totals().cases.percent(),
                "seeds": self.totals().seeds.percent(),
                "baseline": self.totals().baseline.percent(),
            },
            "not_found": self.not_found(),
            "baseline_not_found": self.baseline_not_found(),
            "reaches_aims": self.reaches_aims(),
        })
    }

    fn member(&self, row: &Row) -> Value {
        let cells = self.edits.iter().zip(&row.cells).map(|(edit, cell)| (edit.name.to_owned(), json!(cell)));
        let reference = row.reference.as_ref().map(|found| {
            json!({
                "signature": found.signature,
                "seed": found.seed,
                "found_on": found.found_on,
                "other_seeds": OTHER_SEEDS,
                "decisions": found.decisions,
                "minimal": found.is_minimal,
                "case": found.path,
                "baseline_seed": found.baseline,
            })
        });
        json!({
            "name": row.member.name,
            "scenario": row.member.scenario,
            "found": reference.as_ref().ok(),
            "not_found": reference.as_ref().err(),
            "edits": cells.collect::<serde_json::Map<_, _>>(),
        })
    }
}

fn survival(what: &str, survival: &Survival, aim: Option<f64>) -> String {
    let Survival { tried, renamed, .. } = *survival;
    let aim = aim.map(|aim| format!(", aim {aim} %")).unwrap_or_default();
    let percent = survival.percent().map_or_else(|| "none was tried".to_owned(), |percent| format!("{percent:.1} %"));
    format!(
        "{what:<10} {:>4} of {tried:>4} survive, {percent} ({renamed} under another name{aim})",
        survival.survived()
    )
}

fn loss(row: &Row, edit: &Edit, what: &str, trial: &Trial) -> Option<String> {
    let found = match trial.mark {
        Mark::Same | Mark::Renamed => return None,
        Mark::Nothing => "nothing".to_owned(),
        Mark::Other | Mark::Refused => trial.found.clone().unwrap_or_default(),
    };
    let unmatched = match trial.unmatched.as_slice() {
        [] => String::new(),
        names => format!("; changes nothing now: `{}`", names.join("`, `")),
    };
    Some(format!("{}, {}: the {what} finds {found}{unmatched}", row.member.name, edit.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo::{Member, half_life::trial::tests::trial};

    fn reference(baseline: Option<u64>) -> Reference {
        let (signature, path) = ("Violation: a".to_owned(), "a.toml".to_owned());
        Reference { signature, seed: 7, found_on: 31, decisions: 2, is_minimal: true, path, baseline }
    }

    fn row(name: &str, reference: Result<Reference, String>, cells: Vec<Cell>) -> Row {
        Row { member: Member::named(name).expect("a member of the zoo"), reference, cells }
    }

    #[test]
    fn a_table_says_each_cell_each_loss_and_what_was_left_out() {
        let edits = ["log-line", "new-field"].map(|name| Edit::named(name).expect("an edit of the table"));
        let lost = Trial { unmatched: vec!["delay / a / 3".to_owned()], ..trial(Mark::Nothing) };
        let tried = Cell::Tried { case: lost, seed: trial(Mark::Renamed), baseline: Some(trial(Mark::Same)) };
        let untried = Cell::Tried { case: trial(Mark::Same), seed: trial(Mark::Other), baseline: None };
        let rows = [
            row("slot-leak", Ok(reference(Some(3))), vec![tried, Cell::NotBuilt("it is broken".to_owned())]),
            row("starvation", Ok(reference(None)), vec![untried.clone(), untried]),
            row("one-phase", Err("not found on 9 seeds".to_owned()), Vec::new()),
        ];
        let alone = [Alone { edit: edits[1], found: Ok(vec!["slot-storm: Violation: b".to_owned()]) }];
        let table = Table { edits: &edits, alone: &alone, rows: &rows };
        assert!(line(&rows[0]).ends_with("  31/200     7     2     3 -~+ xxx"), "{}", line(&rows[0]));
        assert!(line(&rows[1]).ends_with(" - +!. +!."), "{}", line(&rows[1]));
        assert!(line(&rows[2]).ends_with("not found on 9 seeds"));
        let foot = table.foot();
        for said in [
            "slot-leak, log-line: the case file finds nothing; changes nothing now: `delay / a / 3`",
            "slot-leak, new-field: not built: it is broken",
            "NOT HARMLESS: slot-storm: Violation: b",
            "case files    2 of    3 survive, 66.7 % (0 under another name, aim 95 %)",
            "seeds         1 of    3 survive, 33.3 % (1 under another name, aim 80 %)",
            "baseline      1 of    1 survive, 100.0 % (0 under another name)",
            "left out: 1 of 3 bugs that were not found, 1 that the baseline did not find, 1 pairs",
        ] {
            assert!(foot.contains(said), "`{said}` is not in\n{foot}");
        }
        assert!(!table.reaches_aims());
        let document = table.document();
        assert_eq!(document["members"][0]["edits"]["log-line"]["tried"]["case"]["mark"], "nothing");
        assert_eq!(document["totals"]["seeds"]["tried"], 3);
        assert_eq!(document["baseline_not_found"], 1);
    }

    #[test]
    fn both_aims_must_be_reached() {
        let edits = [Edit::named("log-line").expect("an edit of the table")];
        let of = |case, seed| {
            let cells = vec![Cell::Tried { case: trial(case), seed: trial(seed), baseline: None }];
            let rows = [row("slot-leak", Ok(reference(None)), cells)];
            Table { edits: &edits, alone: &[], rows: &rows }.reaches_aims()
        };
        let nothing = [row("slot-leak", Err("not found on 9 seeds".to_owned()), Vec::new())];
        assert!(!Table { edits: &edits, alone: &[], rows: &nothing }.reaches_aims());
        let unbuilt = [row("slot-leak", Ok(reference(None)), vec![Cell::NotBuilt("it is broken".to_owned())])];
        assert!(!Table { edits: &edits, alone: &[], rows: &unbuilt }.reaches_aims());
        let cell = Cell::Tried { case: trial(Mark::Same), seed: trial(Mark::Same), baseline: None };
        let fine = [row("slot-leak", Ok(reference(None)), vec![cell])];
        let harmful = [Alone { edit: edits[0], found: Ok(vec!["Violation: b".to_owned()]) }];
        assert!(!Table { edits: &edits, alone: &harmful, rows: &fine }.reaches_aims());
        assert!(of(Mark::Same, Mark::Renamed));
        assert!(!of(Mark::Same, Mark::Other));
        assert!(!of(Mark::Nothing, Mark::Same));
    }
}
