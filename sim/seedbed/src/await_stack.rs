//! From a backtrace to awaits by source line, and to what the innermost of them waits for.

use crate::{executor::AwaitStack, finding::short_path};

/// Crates whose frames are machinery: between a service's awaits, never one of them.
const MACHINERY: [&str; 9] =
    ["seedbed", "seedbed_tokio", "std", "core", "alloc", "tokio", "madsim", "futures_util", "futures_core"];

/// What a leaf's symbol says of it; the first that fits, the more special before the more general.
const LEAVES: [(&str, &str); 16] = [
    ("sync::mutex::Mutex", "mutex"),
    ("sync::rwlock::", "rwlock"),
    ("sync::mpsc::bounded::Sender", "room in a channel"),
    ("sync::mpsc::", "a channel's message"),
    ("sync::semaphore::", "semaphore"),
    ("sync::oneshot::", "oneshot"),
    ("sync::watch::", "watch"),
    ("sync::broadcast::", "broadcast"),
    ("sync::notify::", "notify"),
    ("sync::barrier::", "barrier"),
    ("sync::once_cell::", "once cell"),
    ("seedbed::time::sleep::Sleep", "sleep"),
    ("seedbed::task::join_set::", "join set"),
    ("seedbed::task::join::", "join"),
    ("seedbed::world::work_end", "the work's end"),
    ("sync::batch_semaphore::", "semaphore"),
];

struct Frame<'a> {
    symbol: &'a str,
    location: &'a str,
}

impl AwaitStack {
    /// What the task waits for, and its awaits, outermost first. A leaf of the service's own is named
    /// by its type; `unknown` if the poll took no waker.
    pub(crate) fn describe(&self) -> (String, Vec<String>) {
        let Some(backtrace) = &self.0 else { return ("unknown".to_owned(), Vec::new()) };
        let text = backtrace.to_string();
        let frames = frames(&text);
        let own: Vec<_> = frames.iter().filter(|frame| is_own(frame)).collect();
        let awaits = own.iter().rev().map(|frame| line(frame)).collect();
        (leaf(&frames, own.first().copied()), awaits)
    }
}

/// Pairs the symbol lines and the `at path:line:column` lines of std's text form.
fn frames(text: &str) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    let mut symbol = "";
    for text_line in text.lines().map(str::trim_start) {
        match text_line.strip_prefix("at ") {
            Some(location) => frames.push(Frame { symbol, location }),
            None => symbol = text_line.split_once(": ").map_or(text_line, |(_, symbol)| symbol),
        }
    }
    frames
}

fn is_own(frame: &Frame<'_>) -> bool {
    let name = frame.symbol.trim_start_matches(['<', '&', '(', '*']);
    let krate = name.split("::").next().unwrap_or(name);
    !krate.starts_with("__")
        && name.contains("::")
        && !MACHINERY.contains(&krate)
        && !frame.location.contains("/rustc/")
        && !frame.location.contains("/registry/src/")
}

/// `src/scheduler/queue.rs:88 in shardwright::scheduler::queue::acquire`
fn line(frame: &Frame<'_>) -> String {
    let location = frame.location.rsplit_once(':').map_or(frame.location, |(line, _column)| line);
    format!("{} in {}", short_path(location), frame.symbol.replace("::{{closure}}", ""))
}

fn leaf(frames: &[Frame<'_>], innermost_own: Option<&Frame<'_>>) -> String {
    let before_own = frames.iter().take_while(|frame| !is_own(frame));
    let mut known: Vec<_> = before_own
        .filter_map(|frame| LEAVES.iter().position(|(part, _)| frame.symbol.contains(part)))
        .collect();
    known.sort_unstable();
    match known.first() {
        Some(&index) => LEAVES[index].1.to_owned(),
        None => innermost_own.map_or_else(|| "unknown".to_owned(), |frame| own_leaf(frame.symbol)),
    }
}

/// `Acquire` of `<shardwright::scheduler::acquire::Acquire as core::future::Future>::poll`
fn own_leaf(symbol: &str) -> String {
    let path = symbol.trim_start_matches('<').split(" as ").next().unwrap_or(symbol);
    let path = path.split(['<', '{']).next().unwrap_or(path).trim_end_matches("::");
    let name = path.rsplit("::").next().unwrap_or(path);
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{frames, is_own, leaf, own_leaf};

    const TEXT: &str = "   0: seedbed::executor::stacks::clone\n             at ./sim/seedbed/src/executor/stacks.rs:80:5\n   \
        1: <tokio::sync::batch_semaphore::Acquire as core::future::future::Future>::poll\n             at /r/registry/src/x/tokio-1.54.1/src/sync/batch_semaphore.rs:600:1\n   \
        2: tokio::sync::mutex::Mutex<T>::lock::{{closure}}\n             at /r/registry/src/x/tokio-1.54.1/src/sync/mutex.rs:400:1\n   \
        3: service::store::write::{{closure}}\n             at ./src/store.rs:88:20\n";

    #[test]
    fn a_mutex_is_told_from_the_semaphore_below_it() {
        let frames = frames(TEXT);
        let own: Vec<_> = frames.iter().filter(|frame| is_own(frame)).collect();
        assert_eq!(own.len(), 1);
        assert_eq!(super::line(own[0]), "src/store.rs:88 in service::store::write");
        assert_eq!(leaf(&frames, own.first().copied()), "mutex");
    }

    #[test]
    fn a_leaf_of_the_service_is_named_by_its_type() {
        assert_eq!(own_leaf("<a::queue::Acquire as core::future::future::Future>::poll"), "Acquire");
        assert_eq!(own_leaf("a::wait::{{closure}}"), "wait");
    }
}
