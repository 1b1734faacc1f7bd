//! `half-life [NAME..]`: the command line of the half-life.

use super::{
    CHOSEN, EDITS, Edit, HELD_OUT,
    measure::Bench,
    table::{self, Table},
};
use crate::zoo::{Member, Source};
use clap::{Args, FromArgMatches as _};
use seedbed::cli::{OwnCommand, Verdict, say_line};
use std::collections::BTreeSet;

const ABOUT: &str = "How long a found failure can be had again while the code under it is edited";
const LONG_ABOUT: &str = "\
How long a found failure can be had again while the code under it is edited

Each planted bug is found by the portfolio (a seed), shrunk (a case file) and found by the baseline (a seed under
madsim's own executor). Then each edit of sim/harness/edits is made to the code with the bug, one bug and one edit to
a build, and the three are run again. A find survives if it has the same signature, or the same but for a file or
function that the edit itself renames; those are counted apart as well. Each edit is also built without a bug, and
must then find nothing. With --held-out it is ten other edits of the same kinds, which were fixed before any of them
was measured. The whole takes about half an hour.

Exit status: 0 if at least 95 % of the case files and 80 % of the seeds survive, 1 if not, 2 if bugs, edits or
arguments are broken.";

/// Measures how many finds survive how many edits; `--help` says what that means.
pub const COMMAND: OwnCommand = OwnCommand {
    grammar: || Asked::augment_args(clap::Command::new("half-life")).about(ABOUT).long_about(LONG_ABOUT),
    run: |matches| {
        let asked = Asked::from_arg_matches(matches).map_err(|error| error.to_string())?;
        told(&asked)
    },
};

/// What is asked for.
#[derive(Debug, Args)]
struct Asked {
    /// Planted bugs of the zoo that are patches [default: the twenty chosen ones]
    #[arg(value_name = "NAME", value_parser = member)]
    members: Vec<&'static Member>,
    /// Only this edit; may be given again
    #[arg(long = "edit", value_name = "NAME", value_parser = edit)]
    edits: Vec<&'static Edit>,
    /// The other ten edits, written and fixed before any of them was measured
    #[arg(long, conflicts_with = "edits")]
    held_out: bool,
    /// How many seeds are searched for a bug
    #[arg(long, value_name = "CAP", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// One JSON document on stdout
    #[arg(long)]
    json: bool,
}

impl Asked {
    fn members(&self) -> Vec<&'static Member> {
        if self.members.is_empty() {
            CHOSEN.iter().filter_map(|name| Member::named(name)).collect()
        } else {
            self.members.clone()
        }
    }

    fn edits(&self) -> Vec<&'static Edit> {
        match (self.edits.as_slice(), self.held_out) {
            ([], false) => EDITS.iter().collect(),
            ([], true) => HELD_OUT.iter().collect(),
            (edits, _) => edits.to_vec(),
        }
    }
}

/// Whether the aims are reached.
fn told(asked: &Asked) -> Result<Verdict, String> {
    let (members, edits) = (asked.members(), asked.edits());
    let bench = Bench::new(asked.seeds).map_err(|error| error.to_string())?;
    let say = |line: String| {
        if !asked.json {
            say_line(&line);
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
    if asked.json {
        say_line(&format!("{:#}", table.document()));
    }
    if let Some(broken) = alone.iter().find(|alone| alone.found.is_err()) {
        return Err(format!("the edit {} cannot be built by itself", broken.edit.name));
    }
    Ok(if table.reaches_aims() { Verdict::Clean } else { Verdict::Findings })
}

fn edit(name: &str) -> Result<&'static Edit, String> {
    let names = || EDITS.iter().chain(HELD_OUT).map(|edit| edit.name).collect::<Vec<_>>().join(", ");
    Edit::named(name).ok_or_else(|| format!("there is no such edit; there are: {}", names()))
}

fn member(name: &str) -> Result<&'static Member, String> {
    let member = Member::named(name).ok_or("there is no such planted bug")?;
    match member.source {
        Source::Patch => Ok(member),
        // Its checks are asked one at a time, and the command line asks all of them.
        Source::Port(_) => Err("it is one of several bugs of one design, so none of them is found alone".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Asked, String> {
        let words = ["half-life"].into_iter().chain(words.split_whitespace());
        let matches = (COMMAND.grammar)().try_get_matches_from(words).map_err(|error| error.to_string())?;
        Ok(Asked::from_arg_matches(&matches).expect("the grammar is its own"))
    }

    #[test]
    fn without_words_it_is_twenty_bugs_and_ten_edits() {
        let asked = parse("").expect("no words are no mistake");
        let names: BTreeSet<_> = asked.members().iter().map(|member| member.name).collect();
        assert_eq!((names.len(), asked.edits().len(), asked.json), (20, 10, false));
    }

    #[test]
    fn names_restrict_it() {
        let asked =
            parse("slot-leak --edit log-line starvation --seeds 9 --json --edit new-field").expect("no mistake");
        assert_eq!(asked.members().iter().map(|member| member.name).collect::<Vec<_>>(), ["slot-leak", "starvation"]);
        assert_eq!(asked.edits().iter().map(|edit| edit.name).collect::<Vec<_>>(), ["log-line", "new-field"]);
        assert_eq!((asked.seeds, asked.json), (9, true));
    }

    #[test]
    fn those_held_out_come_instead_of_the_first_ten_and_one_may_be_named() {
        let held_out = parse("--held-out").expect("no mistake").edits();
        let first: BTreeSet<_> = EDITS.iter().map(|edit| edit.name).collect();
        let names: BTreeSet<_> = held_out.iter().map(|edit| edit.name).collect();
        assert_eq!((names.len(), names.intersection(&first).count()), (10, 0));
        let named = parse("--edit heartbeat --edit log-line").expect("no mistake").edits();
        assert_eq!(named.iter().map(|edit| edit.name).collect::<Vec<_>>(), ["heartbeat", "log-line"]);
        let both = parse("--edit heartbeat --held-out").expect_err("one or the other");
        assert!(both.contains("cannot be used with"), "{both}");
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
