//! What one process of the comparison does. It tells what came of it on standard output, a line of numbers.

use crate::engine::Kind;
use shardwright::store::NewItem;
use std::{
    io::{self, BufRead, Write},
    path::Path,
    time::{Duration, Instant},
};

/// Says `ready`, waits for a line, and appends for `span`, each append once the one before is acknowledged. Tells how
/// long it took and how long each append took, in microseconds.
pub(crate) fn append(engine: Kind, directory: &Path, batch: usize, span: Duration) {
    let mut store = engine.open(directory);
    println!("ready");
    io::stdin().lock().read_line(&mut String::new()).expect("the parent lives");
    let mut micros = Vec::new();
    let started = Instant::now();
    while started.elapsed() < span {
        let items: Vec<_> = (0..batch).map(|nth| item(micros.len() * batch + nth)).collect();
        let asked = Instant::now();
        store.append(items);
        micros.push(asked.elapsed().as_micros());
    }
    tell([started.elapsed().as_micros()].into_iter().chain(micros));
}

/// So many items, 100 at a time.
pub(crate) fn fill(engine: Kind, directory: &Path, count: usize) {
    let mut store = engine.open(directory);
    for from in (0..count).step_by(100) {
        store.append((from..count.min(from + 100)).map(item).collect());
    }
}

/// Opens the store and lists all. Tells how long that took, in microseconds, how many they are, and how much memory the
/// process has had at most, in KiB.
pub(crate) fn list(engine: Kind, directory: &Path) {
    let started = Instant::now();
    engine.open(directory).list(&mut |count| {
        tell([started.elapsed().as_micros(), count as u128, u128::from(peak_kib())]);
    });
}

/// About 200 bytes of text.
fn item(nth: usize) -> NewItem {
    let title = format!("step {nth:06}: read what the last one wrote");
    let body = "Look for the callers first, then for the tests of each; write down what must not change. ".repeat(2);
    NewItem { title, body, priority: (nth % 4) as u8, ..NewItem::default() }
}

fn tell(numbers: impl IntoIterator<Item = u128>) {
    let line: Vec<_> = numbers.into_iter().map(|number| number.to_string()).collect();
    writeln!(io::stdout(), "{}", line.join(" ")).expect("the parent lives");
}

/// From /proc; 0 where there is none.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
