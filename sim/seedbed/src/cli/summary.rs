//! A sweep's summary for people.

use super::{
    results::{FindingRow, Report, Row},
    sweep::End,
};
use crate::case::Seed;
use std::fmt::{self, Display, Write as _};

pub(super) fn of(report: &Report<'_>) -> impl Display {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut text, report);
    text
}

fn write_all(text: &mut String, report: &Report<'_>) -> fmt::Result {
    let width = report.rows.iter().map(|row| row.scenario.name.len()).max().unwrap_or(0);
    report.rows.iter().try_for_each(|row| write_row(text, row, width))?;
    report.findings.iter().try_for_each(|finding| write_finding(text, finding))?;
    for row in &report.rows {
        for (family, runs) in &row.never_struck {
            let name = row.scenario.name;
            writeln!(
                text,
                "\nFAILED {name}: fault family `{family}` was on in {runs} runs and never injected a fault"
            )?;
        }
    }
    let how = match report.end {
        End::Done => "",
        End::OutOfTime => ", out of time",
        End::Interrupted => ", interrupted",
    };
    let found = counted(report.findings.len() as u64, "finding");
    let scenarios = counted(report.rows.len() as u64, "scenario");
    let runs = counted(report.runs(), "run");
    writeln!(text, "\n{found} in {runs} of {scenarios}, {:.1} s{how}", report.elapsed_s)
}

fn write_row(text: &mut String, row: &Row<'_>, width: usize) -> fmt::Result {
    let tally = &row.account.tally;
    write!(text, "{:width$}  {:>9} runs", row.scenario.name, grouped(tally.runs))?;
    let processor_us = tally.processor_us as f64 / tally.runs.max(1) as f64;
    write!(text, "  {:>8} runs/s  {:>8} a run", grouped(row.runs_per_s as u64), processor_span_of(processor_us))?;
    write!(text, "  {:>9} virtual", span_of(row.virtual_s()))?;
    let declared = row.scenario.marks.len();
    if declared > 0 {
        write!(text, "  marks {}/{declared}", declared - row.marks_missing.len())?;
    }
    writeln!(text)?;
    let indent = width + 2;
    if !row.marks_missing.is_empty() {
        writeln!(text, "{:indent$}marks never reached: {}", "", row.marks_missing.join("; "))?;
    }
    if !tally.families_on.is_empty() {
        let families = tally.families_on.iter().map(|(family, runs)| {
            let count = tally.injections.get(family).copied().unwrap_or(0);
            format!("{family} {} times (on in {} runs)", grouped(count), grouped(*runs))
        });
        writeln!(text, "{:indent$}faults: {}", "", families.collect::<Vec<_>>().join(", "))?;
    }
    for (what, &count) in &tally.counts {
        write!(text, "{:indent$}{what}: {}", "", grouped(count))?;
        if count > 0 {
            write!(text, ", {} each", processor_span_of(tally.processor_us as f64 / count as f64))?;
        }
        writeln!(text)?;
    }
    if row.account.cut >= super::sweep::CUT_MAX {
        writeln!(text, "{:indent$}given up: {} cases did not return", "", row.account.cut)?;
    }
    Ok(())
}

fn write_finding(text: &mut String, row: &FindingRow<'_>) -> fmt::Result {
    let found = row.found;
    let (runs, all, seed) = (grouped(found.runs), grouped(row.runs), Seed(found.seed));
    writeln!(text, "\nFAILED {}: {}", row.scenario.name, found.finding)?;
    writeln!(text, "  in {runs} of {all} runs, first under seed {seed}")?;
    if let Some(shrunk) = &row.shrunk {
        writeln!(text, "  {}:", shrunk.summary())?;
        shrunk.story.iter().try_for_each(|sentence| writeln!(text, "    {sentence}"))?;
    }
    if let Some(path) = &row.path {
        writeln!(text, "  case: {}", path.display())?;
    }
    writeln!(text, "  replay: {}", row.replay)
}

pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(count)) }
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Of a processor.
fn processor_span_of(us: f64) -> String {
    match us {
        us if us < 10.0 => format!("{us:.1} µs"),
        us if us < 1e3 => format!("{us:.0} µs"),
        us if us < 1e6 => format!("{:.1} ms", us / 1e3),
        us => format!("{:.1} s", us / 1e6),
    }
}

fn span_of(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s if s < 63_072_000.0 => format!("{:.1} d", s / 86_400.0),
        s => format!("{:.1} y", s / 31_536_000.0),
    }
}
