//! What may be asked for on the command line, and its help.

use clap::{Args, Parser, Subcommand};
use shardwright::store::{ItemId, Version};
use std::path::PathBuf;
use tokio::time::Duration;

/// The backend of an LLM agent system.
#[derive(Parser)]
#[command(name = "shardwright", version)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Work items: what is to be done, who does it, what it waits for
    #[command(after_help = AFTER_HELP)]
    Item(ItemArguments),
}

const AFTER_HELP: &str = "\
Any number of processes may use one store at once. What a command says is written is on the disk.

  shardwright item add \"write the parser\" \"test the parser\"
  shardwright item block 2 --by 1
  shardwright item claim --next --owner ada
  shardwright item close 1
  shardwright item list

Exit status:
  0  done
  1  refused, and nothing was written: another version, claimed by somebody else, no such item, a line that
     cannot be imported, nothing that is ready; or `doctor` found damage
  2  usage or environment, and nothing was written: no store, an I/O error, a damaged file, others had the
     store for longer than --lock-wait
  3  it is not known whether it was written: ask again with the same --key
  141  nobody reads stdout any more

With --json stdout gets one document and nothing else; where it went wrong that is
  {\"error\":{\"kind\":\"refused\"|\"failed\"|\"unknown\"|\"usage\",\"message\":\"..\"}}
with, if it was refused by the store, its \"refusal\", and of an import its \"line\". `apply` gives a document for
each line that it is given.";

#[derive(Args)]
pub(super) struct ItemArguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: ItemCommand,
}

#[derive(Args)]
pub(super) struct Common {
    /// The store's directory
    #[arg(long, global = true, value_name = "DIR", default_value = ".shardwright")]
    pub(super) store: PathBuf,
    /// One JSON document on stdout, and nothing else
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The longest that a write waits for other processes: 500ms, 30s, 2m
    #[arg(long, global = true, value_name = "SPAN", default_value = "30s", value_parser = span)]
    pub(super) lock_wait: Duration,
}

#[derive(Subcommand)]
pub(super) enum ItemCommand {
    /// Add items, all or none; makes the store if there is none
    Add(Add),
    /// List items: the open ones, unless told otherwise
    List(List),
    /// Show all that is known of an item
    Show {
        /// Which item: 7 or item-7
        id: ItemId,
    },
    /// Change an item's words or priority
    Update(Update),
    /// Claim an item, or the first that is ready
    Claim(Claim),
    /// Give an item back: it is nobody's
    Release(Target),
    /// An item is done
    Close(Target),
    /// There is work left in an item after all, and it is nobody's
    Reopen(Target),
    /// An item is no more; what it blocked is not blocked by it any longer
    Delete(Target),
    /// An item is not ready before another one is closed
    Block(Link),
    /// An item need not wait for another one
    Unblock(Link),
    /// Many requests by one process: a JSON line each on stdin, an answer each on stdout
    #[command(after_help = APPLY_HELP)]
    Apply,
    /// Add items from lines of JSON, as `export` writes them, under their own names
    #[command(after_help = IMPORT_HELP)]
    Import {
        /// The file; - is stdin
        file: PathBuf,
    },
    /// Print all items, a line of JSON each
    Export,
    /// Look the store over for damage, and change nothing
    Doctor,
    /// Copy the store, as it is at one instant, while others go on writing
    Backup {
        /// A directory that is made for it, instead of the store's own backups/1, backups/2, ..
        #[arg(long, value_name = "PATH")]
        to: Option<PathBuf>,
        /// How many of the store's own stay
        #[arg(long, value_name = "COUNT", default_value_t = 5, conflicts_with = "to")]
        keep: u16,
    },
    /// Put a backup in the store's place; the log that was there is kept beside it
    Restore {
        /// The backup's directory
        from: PathBuf,
    },
    /// Write the log anew without what was overwritten; it is done by itself when the log has grown
    Compact,
}

const APPLY_HELP: &str = "\
A line is a request, whose changes happen together or not at all; with a key, asking again changes nothing more:
  {\"key\":\"k1\",\"changes\":[{\"add\":{\"title\":\"..\",\"body\":\"..\",\"priority\":0,\"blocked_by\":[1]}}]}
Changes, where a \"version\" may stand beside each \"id\" to change no other one:
  {\"add\":{\"title\":..}}  {\"update\":{\"id\":1,\"title\":..,\"body\":..,\"priority\":..}}  {\"claim\":{\"id\":1,\"owner\":\"ada\"}}
  {\"release\":{\"id\":1}}  {\"close\":{\"id\":1}}  {\"reopen\":{\"id\":1}}  {\"delete\":{\"id\":1}}
  {\"block\":{\"id\":1,\"by\":2}}  {\"unblock\":{\"id\":1,\"by\":2}}  {\"checkpoint\":{\"name\":\"..\",\"value\":\"..\"}}
The answers, in the order of the lines:
  {\"receipt\":{\"first\":12,\"items\":[7]}}   its first change's number, and the item of each change
  {\"error\":{\"kind\":..,\"message\":..}}
Lines that come together are written together; to write many at once, do not wait for each answer. At the end comes
  {\"contention\":{..}}   how long turns to write were waited for, in microseconds
and the exit status of the worst answer.";

const IMPORT_HELP: &str = "\
A line is {\"id\":7,\"title\":\"..\",\"body\":\"..\",\"status\":\"open\",\"owner\":\"..\",\"priority\":0,\"blocked_by\":[3],
\"created_at_ms\":..,\"updated_at_ms\":..}; body, status, owner, priority and blocked_by may be left out, other
fields are refused. If any line is wrong, nothing is imported. More than 2 MiB is written in parts; if one is not,
the message says how many items were. The same lines imported again add what is missing, and nothing twice.";

#[derive(Args)]
pub(super) struct Add {
    /// What is to be done, an item each; - takes a title from each line of stdin
    #[arg(value_name = "TITLE", required_unless_present = "title")]
    pub(super) titles: Vec<String>,
    /// The same
    #[arg(long, value_name = "TITLE")]
    pub(super) title: Vec<String>,
    /// The rest of what is to be known
    #[arg(long, default_value = "")]
    pub(super) body: String,
    /// What is more urgent has a smaller number
    #[arg(long, default_value_t = 0)]
    pub(super) priority: u8,
    /// What has to be closed before; may be given several times
    #[arg(long, value_name = "ID")]
    pub(super) blocked_by: Vec<ItemId>,
    #[command(flatten)]
    pub(super) key: Key,
}

#[derive(Args)]
pub(super) struct List {
    /// Those that somebody could start on, the most urgent first
    #[arg(long, group = "which", conflicts_with = "owner")]
    pub(super) ready: bool,
    /// Those in which there is work left
    #[arg(long, group = "which")]
    pub(super) open: bool,
    /// Those that are done
    #[arg(long, group = "which")]
    pub(super) closed: bool,
    /// All
    #[arg(long, group = "which")]
    pub(super) all: bool,
    /// Only what somebody has claimed
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Option<String>,
}

#[derive(Args)]
pub(super) struct Update {
    #[command(flatten)]
    pub(super) target: Target,
    /// Another title
    #[arg(long, required_unless_present_any = ["body", "priority"])]
    pub(super) title: Option<String>,
    /// Another body
    #[arg(long)]
    pub(super) body: Option<String>,
    /// Another priority
    #[arg(long)]
    pub(super) priority: Option<u8>,
}

#[derive(Args)]
pub(super) struct Claim {
    /// Which item: 7 or item-7
    #[arg(required_unless_present = "next", conflicts_with = "next")]
    pub(super) id: Option<ItemId>,
    /// The first that is ready, whichever it is
    #[arg(long, conflicts_with_all = ["version", "key"])]
    pub(super) next: bool,
    /// Who claims it
    #[arg(long, value_name = "NAME")]
    pub(super) owner: String,
    /// Refuse, if the item is in another version
    #[arg(long, value_name = "N")]
    pub(super) version: Option<Version>,
    #[command(flatten)]
    pub(super) key: Key,
}

#[derive(Args)]
pub(super) struct Target {
    /// Which item: 7 or item-7
    pub(super) id: ItemId,
    /// Refuse, if the item is in another version
    #[arg(long, value_name = "N")]
    pub(super) version: Option<Version>,
    #[command(flatten)]
    pub(super) key: Key,
}

#[derive(Args)]
pub(super) struct Link {
    #[command(flatten)]
    pub(super) target: Target,
    /// What it waits for
    #[arg(long, value_name = "ID")]
    pub(super) by: ItemId,
}

#[derive(Args)]
pub(super) struct Key {
    /// Names the request: asking again with it, when the answer was lost, changes nothing more
    #[arg(long)]
    pub(super) key: Option<String>,
}

/// `500ms`, `30s`, `2m`; a number alone is seconds.
fn span(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "a span is a number with ms, s or m".to_owned())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        unit => Err(format!("no unit is called {unit}: ms, s or m")),
    }
}
