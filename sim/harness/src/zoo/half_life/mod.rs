//! The half-life of a found failure: for how long it can be had again while the code under it is edited.
//!
//! A planted bug is found once by the portfolio (a seed), shrunk (a case file), and found by the baseline (a seed
//! under madsim's own executor). Then each of ten edits is made to the code that has the bug, each in a build of its
//! own, and the three are run there. An edit is a patch in `edits/`, of a sort that engineers make every week: it
//! changes nothing that the service promises, which is looked at too, in a build with the edit and no bug. Ten other
//! edits of the same kinds are held out: they were written and fixed before any of them was measured.
//!
//! **What counts.** A find has survived if the run ends in a finding of the *same signature*: kind and check, for a
//! panic its file and message, for a stall the sorts of tasks and what they wait for. Where an edit renames what a
//! signature is made of, a file or a function whose future is a task, the finding is the same one under another
//! name: it counts as survived, and is counted apart as well, as *renamed*. The old signature with the edit's own
//! renames carried out must be the new one to the letter; nothing else is forgiven.
//!
//! **What does not count.** A member that nothing found within the cap has no row to fill; where the baseline alone
//! found nothing, its mark is left out of the baseline's total; a pair of bug and edit that cannot be built is left
//! out of all three. Each is told with its number. *Found on* is the fraction of 200 other seeds that fail alike:
//! what most seeds find survives any edit as a matter of course.

mod chosen;
mod command;
mod edit;
mod measure;
mod table;
mod trial;

pub use chosen::CHOSEN;
pub use command::COMMAND;
pub use edit::{EDITS, Edit, HELD_OUT};
