//! What a panic of the real tokio means in a world: somebody has called it instead of the drop-in. Finds who, and says what to
//! do.

use crate::{
    await_stack::{is_seedbed_s, line, places},
    finding::short_path,
};
use std::{backtrace::Backtrace, env};

/// What tokio says to a call that finds no runtime.
pub(crate) const NO_RUNTIME: &str =
    "there is no reactor running, must be called from the context of a Tokio 1.x runtime";

/// How it begins where it finds no runtime, or one that has neither clock nor sockets.
const SAYS: [&str; 2] =
    ["there is no reactor running, must be called from the context of ", "A Tokio 1.x context was found, but "];

/// What is said of such a panic in a world.
pub(crate) const IN_A_WORLD: &str = "the real tokio has no runtime in a world";

/// What is broken by a task that was spawned on the real tokio.
pub(crate) const NO_STRAYS: &str = "tasks are spawned on the drop-in";

const VARIABLE: &str = "SEEDBED_REAL_TOKIO";
const ABSENT: &str = "absent";

/// Whether worlds are to show it no runtime, so that to spawn on it is a panic and the call is named. But for those of plain
/// code they see to that themselves, by a second run.
///
/// # Panics
/// The environment wants something else.
pub(crate) fn is_wanted_absent() -> bool {
    let Some(wanted) = env::var_os(VARIABLE) else { return false };
    assert!(wanted == ABSENT, "{VARIABLE}: `{}` is not `{ABSENT}`, which is all it can be", wanted.display());
    true
}

/// Of a task that was spawned on it by `whose` turn.
pub(crate) fn stray(whose: &str) -> String {
    format!(
        "{whose} has spawned a task on the real tokio, which no world runs\n  `cargo sim-patch` says which dependencies do \
         that; with {VARIABLE}={ABSENT} the call panics and is named"
    )
}

/// Sources that may stand between tokio and its caller: the language's, tokio's, and what joins futures together.
const BETWEEN: [&str; 7] =
    ["/rustc/", "/rustlib/src/", "/tokio-1.", "/tokio/src/", "/futures-", "/pin-project-lite-", "/tracing-"];

/// Whether the real tokio panics with this text.
pub(crate) fn says(message: &str) -> bool {
    SAYS.iter().any(|text| message.starts_with(text))
}

/// Who called it, as `path:line`: the first on the stack that is neither tokio's nor in between. `panicked_at` of a build without
/// lines: many of tokio's calls panic where their caller stands.
pub(crate) fn caller(panicked_at: String) -> String {
    let backtrace = Backtrace::force_capture().to_string();
    places(&backtrace).into_iter().find(|place| is_caller(place)).unwrap_or(panicked_at)
}

fn is_caller(place: &str) -> bool {
    !is_seedbed_s(place) && !BETWEEN.iter().any(|part| place.contains(part))
}

/// What to do about the caller at `path:line`, below its line.
pub(crate) fn advice(place: &str) -> String {
    let advice = match crate_of(place) {
        Some((name, version)) => {
            format!(
                "{name} {version} calls the real tokio, which no world runs: `cargo sim-patch {name}` gives it the drop-in"
            )
        }
        None if is_caller(place) => {
            "This calls the real tokio, which no world runs: its manifest can name the drop-in, \
             `tokio = { package = \"seedbed-tokio\", .. }`; of a dependency, `cargo sim-patch` sees to that"
                .to_owned()
        }
        None => "Somebody calls the real tokio, which no world runs: `cargo sim-patch` says which dependencies do"
            .to_owned(),
    };
    format!("  {}\n  {advice}", line(place))
}

/// Name and version of the registry's crate that a source is of.
fn crate_of(place: &str) -> Option<(String, String)> {
    if !place.contains("/registry/src/") || !is_caller(place) {
        return None;
    }
    let path = short_path(place);
    let folder = path.split('/').next()?;
    // A version begins with the first digit after a dash; names may have dashes too.
    let dash =
        folder.match_indices('-').find(|(at, _)| folder[at + 1..].starts_with(|first: char| first.is_ascii_digit()))?.0;
    Some((folder[..dash].to_owned(), folder[dash + 1..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_of_the_registry_is_named_with_the_command_for_it() {
        let said = advice("/r/registry/src/index-0/tokio-postgres-0.7.1/src/connect.rs:20");
        assert_eq!(
            said,
            "  tokio-postgres-0.7.1/src/connect.rs:20\n  tokio-postgres 0.7.1 calls the real tokio, which no world runs: \
             `cargo sim-patch tokio-postgres` gives it the drop-in"
        );
    }

    #[test]
    fn one_s_own_crate_is_told_of_the_drop_in() {
        let said = advice("/service/src/pool.rs:3");
        assert!(said.starts_with("  /service/src/pool.rs:3\n  This calls the real tokio"), "{said}");
        assert!(said.contains("tokio = { package = \"seedbed-tokio\", .. }"), "{said}");
    }

    #[test]
    fn a_caller_that_is_not_known_is_not_made_up() {
        let said = advice("/r/registry/src/index-0/tokio-1.54.1/src/net/tcp/stream.rs:160");
        assert!(said.contains("Somebody calls the real tokio"), "{said}");
    }

    #[test]
    fn what_joins_futures_is_no_caller() {
        for between in ["tokio-1.54.1", "futures-util-0.3.34", "tracing-0.1.44"] {
            assert!(!is_caller(&format!("/r/registry/src/index-0/{between}/src/lib.rs:1")), "{between}");
        }
        assert!(is_caller("/r/registry/src/index-0/tokio-util-0.7.20/src/time/delay_queue.rs:1"));
    }
}
