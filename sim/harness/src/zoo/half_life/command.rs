//! `half-life [NAME..]`: the command line of the half-life.

use super::{
    CHOSEN, EDITS, Edit,
    measure::Bench,
    table::{self, Table},
};
use crate::zoo::{Member, Source};
use std::{collections::BTreeSet, process::ExitCode};

const HELP: &str = "\
How long a found failure can be had again while the code under it is edited

Usage: cargo sim half-life [NAME..] [--edit NAME].. [--seeds CAP] [--json]

Each planted bug is found by the portfolio (a seed), shrunk (a case file) and found by the baseline (a seed under
madsim's own executor). Then each edit of sim/harness/edits is made to the code with the bug, one bug and one edit to
a build, and the three are run again. A find survives if it has the same signature, or the same but for a file or
function that the edit itself renames; those are counted apart as well. Each edit is also built without a bug, and
must then find nothing.

  NAME           a planted bug of the zoo that is a patch; without one the twenty chosen ones
  --edit NAME    only this edit; may be given again
  --seeds CAP    how many seeds are searched for a bug [default: 2000]
  --json         one JSON document on stdout
  --help         this

The whole takes about half an hour. Exit status: 0 if at least 95 % of the case files and 80 % of the seeds survive,
1 if not, 2 if bugs, edits or arguments are broken.";

const CAP: u64 = 2_000;

/// What is asked for.
#[derive(Debug)]
enum Asked {
    Help,
    Measure { members: Vec<&'static Member>, edits: Vec<&'static Edit>, cap: u64, is_json: bool },
}

/// Measures how many finds survive how many edits; `--help` says what that means.
#[must_use]
pub fn main(words: impl IntoIterator<Item = String>) -> ExitCode {
    match asked(words).and_then(told) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether the aims are reached.
fn told(asked: Asked) -> Result<bool, String> {
    let Asked::Measure { members, edits, cap, is_json } = asked else {
        println!("{HELP}");
        return Ok(true);
    };
    let bench = Bench::new(cap).map_err(|error| error.to_string())?;
    let say = |line: String| {
        if !is_json {
            println!("{line}");
        }
    };
    let scenarios: BTreeSet<_> = members.iter().map(|member| member.scenario).collect();
    say(table::heading(&edits));
    let row = |member: &&'static Member| {
        let row = bench.row(member, &edits)?;
        say(table::line(&row));
        Ok(row)
    };
    let rows = members.iter().map(row).collect::<Result<Vec<_>, _>>();
    let rows = rows.map_err(|error: crate::zoo::ZooError| error.to_string())?;
    let alone = edits.iter().map(|edit| bench.alone(edit, &scenarios)).collect::<Result<Vec<_>, _>>();
    let alone = alone.map_err(|error| error.to_string())?;
    let table = Table { edits: &edits, alone: &alone, rows: &rows };
    say(table.foot());
    if is_json {
        println!("{:#}", table.document());
    }
    Ok(table.reaches_aims())
}

fn asked(words: impl IntoIterator<Item = String>) -> Result<Asked, String> {
    let (mut members, mut edits, mut cap, mut is_json) = (Vec::new(), Vec::new(), CAP, false);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value; --help says more"));
        match word.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--json" => is_json = true,
            "--seeds" => cap = number(&value()?)?,
            "--edit" => edits.push(edit(&value()?)?),
            flag if flag.starts_with('-') => return Err(format!("there is no option `{flag}`; --help says more")),
            name => members.push(member(name)?),
        }
    }
    if members.is_empty() {
        members = CHOSEN.iter().map(|name| member(name)).collect::<Result<_, _>>()?;
    }
    if edits.is_empty() {
        edits = EDITS.iter().collect();
    }
    Ok(Asked::Measure { members, edits, cap, is_json })
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| format!("`{text}` is no number from 1"))
}

fn edit(name: &str) -> Result<&'static Edit, String> {
    let names = || EDITS.iter().map(|edit| edit.name).collect::<Vec<_>>().join(", ");
    Edit::named(name).ok_or_else(|| format!("there is no edit `{name}`; there are: {}", names()))
}

fn member(name: &str) -> Result<&'static Member, String> {
    let member = Member::named(name).ok_or_else(|| format!("there is no planted bug `{name}`"))?;
    match member.source {
        Source::Patch => Ok(member),
        // Its checks are asked one at a time, and the command line asks all of them.
        Source::Port(_) => {
            Err(format!("`{name}` is one of several bugs of one design, so none of them is found alone"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Asked, String> {
        asked(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_words_it_is_twenty_bugs_and_ten_edits() {
        let Ok(Asked::Measure { members, edits, is_json, .. }) = parse("") else { panic!("no words are no mistake") };
        let names: BTreeSet<_> = members.iter().map(|member| member.name).collect();
        assert_eq!((names.len(), edits.len(), is_json), (20, 10, false));
    }

    #[test]
    fn names_restrict_it() {
        let asked = parse("slot-leak --edit log-line starvation --seeds 9 --json --edit new-field");
        let Ok(Asked::Measure { members, edits, cap, is_json }) = asked else { panic!("{asked:?}") };
        assert_eq!(members.iter().map(|member| member.name).collect::<Vec<_>>(), ["slot-leak", "starvation"]);
        assert_eq!(edits.iter().map(|edit| edit.name).collect::<Vec<_>>(), ["log-line", "new-field"]);
        assert_eq!((cap, is_json), (9, true));
        assert!(matches!(parse("slot-leak --help"), Ok(Asked::Help)));
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_name() {
        for words in ["slot-leek", "--edit log-lime", "--edit", "--seeds 0", "--fast", "codenerd-ghost-shard"] {
            let refused = parse(words).expect_err(words);
            let word = words.split_whitespace().last().expect("a word");
            assert!(refused.contains(word), "{words}: {refused}");
        }
    }
}
