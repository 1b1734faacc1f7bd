//! From a backtrace to awaits by source line, and to what the innermost of them waits for.

use crate::{executor::AwaitStack, finding::short_path};

/// Sources that are machinery: between a service's awaits, never one of them.
const MACHINERY: [&str; 5] = ["/rustc/", "/registry/src/", "/seedbed-tokio/src/", "/rustlib/src/", "/madsim-"];

/// What a leaf's source file says of it; the first that fits, the more special before the more general.
const LEAVES: [(&str, &str); 16] = [
    ("/src/sync/mutex.rs", "mutex"),
    ("/src/sync/rwlock", "rwlock"),
    ("/src/sync/mpsc/bounded.rs", "channel"),
    ("/src/sync/mpsc/", "channel"),
    ("/src/sync/semaphore.rs", "semaphore"),
    ("/src/sync/oneshot.rs", "oneshot"),
    ("/src/sync/watch.rs", "watch"),
    ("/src/sync/broadcast.rs", "broadcast"),
    ("/src/sync/notify.rs", "notify"),
    ("/src/sync/barrier.rs", "barrier"),
    ("/src/sync/once_cell.rs", "once cell"),
    ("/src/task/join_set.rs", "join set"),
    ("/src/task/join.rs", "join"),
    ("/src/time/sleep.rs", "sleep"),
    ("/src/world.rs", "the work's end"),
    ("/src/sync/batch_semaphore.rs", "semaphore"),
];

/// What calls the futures that plain code blocks on.
const BLOCKS: &str = "/run/standing.rs:";

impl AwaitStack {
    /// What the task waits for, and its awaits, outermost first. A leaf of the service's own is named
    /// by its file; `unknown` if the poll took no waker.
    pub(crate) fn describe(&self) -> (String, Vec<String>) {
        let Some(backtrace) = &self.0 else { return ("unknown".to_owned(), Vec::new()) };
        let text = backtrace.to_string();
        let places = places(&text);
        let awaits = places.iter().rev().filter(|place| is_own(place)).map(|place| line(place)).collect();
        let waits_for = self.1.as_ref().map_or_else(|| leaf(&places), |says| says.to_string());
        (waits_for, awaits)
    }
}

impl AwaitStack {
    /// Its awaits in the service's own sources: paths and lines.
    pub(crate) fn own_places(&self) -> Vec<(String, usize)> {
        let text = self.0.as_ref().map(ToString::to_string).unwrap_or_default();
        let own = places(&text).into_iter().filter(|place| is_own(place));
        own.filter_map(|place| {
            let (path, line) = place.rsplit_once(':')?;
            Some((path.to_owned(), line.parse().ok()?))
        })
        .collect()
    }
}

/// The `path:line` of each frame, innermost first, from std's text form. Those of plain code that blocks on a future are not of
/// that future.
pub(crate) fn places(text: &str) -> Vec<String> {
    let locations = text.lines().filter_map(|line| line.trim_start().strip_prefix("at "));
    let places = locations.filter_map(|location| location.rsplit_once(':').map(|(place, _column)| place));
    let places = places.filter(|place| place.contains(".rs:")).map(absolute);
    places.take_while(|place| !(is_seedbed_s(place) && place.contains(BLOCKS))).collect()
}

/// std writes paths below the current directory as `./..`.
fn absolute(path: &str) -> String {
    match (path.strip_prefix("./"), std::env::current_dir()) {
        (Some(rest), Ok(directory)) => directory.join(rest).display().to_string(),
        _ => path.to_owned(),
    }
}

/// Where this crate's own sources stand, as the compiler was told.
fn own_sources() -> &'static str {
    file!().strip_suffix("await_stack.rs").unwrap_or("/seedbed/src/")
}

/// Whether it is in this crate's own sources.
pub(crate) fn is_seedbed_s(place: &str) -> bool {
    place.contains(own_sources())
}

fn is_own(place: &str) -> bool {
    !is_seedbed_s(place) && !MACHINERY.iter().any(|part| place.contains(part))
}

/// `src/scheduler/queue.rs:88  permit.acquire().await`; the source text where the file can be read.
pub(crate) fn line(place: &str) -> String {
    let text = source_line(place).map(|text| format!("  {}", text.trim())).unwrap_or_default();
    format!("{}{text}", short_path(place))
}

#[expect(clippy::disallowed_methods, reason = "a report reads the sources it points at")]
fn source_line(place: &str) -> Option<String> {
    let (path, number) = place.rsplit_once(':')?;
    let number: usize = number.parse().ok()?;
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().nth(number.checked_sub(1)?).map(str::to_owned)
}

fn leaf(places: &[String]) -> String {
    let machinery = places.iter().take_while(|place| !is_own(place));
    let known = machinery.filter_map(|place| LEAVES.iter().position(|(part, _)| place.contains(part)));
    match known.min() {
        Some(index) => LEAVES[index].1.to_owned(),
        None => {
            places.iter().find(|place| is_own(place)).map_or_else(|| "unknown".to_owned(), |place| file_stem(place))
        }
    }
}

fn file_stem(place: &str) -> String {
    let path = place.rsplit_once(':').map_or(place, |(path, _)| path);
    std::path::Path::new(path).file_stem().map_or_else(|| "unknown".to_owned(), |stem| stem.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::{is_own, leaf, line, places};

    const TEXT: &str = "   0: clone\n             at /w/sim/seedbed/src/executor/stacks.rs:80:5\n   \
        1: poll\n             at /r/registry/src/x/tokio-1.54.1/src/sync/batch_semaphore.rs:600:1\n   \
        2: {async_fn#0}\n             at /r/registry/src/x/tokio-1.54.1/src/sync/mutex.rs:400:1\n   \
        3: {async_fn#0}\n             at /service/src/store.rs:88:20\n";

    #[test]
    fn a_mutex_is_told_from_the_semaphore_below_it() {
        let places = places(TEXT);
        let own: Vec<_> = places.iter().filter(|place| is_own(place)).map(|place| line(place)).collect();
        assert_eq!(own, ["/service/src/store.rs:88"]);
        assert_eq!(leaf(&places), "mutex");
    }

    #[test]
    fn a_leaf_of_the_service_is_named_by_its_file() {
        assert_eq!(leaf(&["/service/src/scheduler/acquire.rs:31".to_owned()]), "acquire");
    }
}
