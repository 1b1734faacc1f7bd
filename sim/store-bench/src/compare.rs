//! All contenders in interleaved rounds: machines are noisy, ratios of one round less so.

use crate::{
    contender::{Contender, Listed, Point, fresh},
    engine::Kind,
    figures::{Load, median},
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// What is asked for on the command line.
pub(crate) struct Wishes {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) rounds: usize,
    pub(crate) before: Option<PathBuf>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { directory: None, rounds: 5, before: None }
    }
}

const POINTS: [Point; 6] = [
    Point { processes: 1, batch: 1 },
    Point { processes: 4, batch: 1 },
    Point { processes: 10, batch: 1 },
    Point { processes: 1, batch: 100 },
    Point { processes: 4, batch: 100 },
    Point { processes: 10, batch: 100 },
];
const SPAN: Duration = Duration::from_millis(1_000);
const LISTED: usize = 100_000;

/// Prints a table of appends, then one of opening.
pub(crate) fn all(wishes: &Wishes) {
    let program = std::env::current_exe().expect("this program is a file");
    let mut contenders: Vec<_> =
        Kind::ALL.map(|engine| Contender { name: engine.name(), engine, program: program.clone() }).into();
    let before = |program: &PathBuf| Contender { name: "before", engine: Kind::Shardwright, program: program.clone() };
    contenders.extend(wishes.before.iter().map(before));
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/store-bench");
    let directory = wishes.directory.clone().unwrap_or(ours).join(std::process::id().to_string());
    fresh(&directory);
    appends(&contenders, &directory, wishes.rounds);
    listing(&contenders, &directory, wishes.rounds);
    std::fs::remove_dir_all(&directory).expect("it is this program's own");
}

fn appends(contenders: &[Contender], directory: &Path, rounds: usize) {
    println!("durable appends, medians of {rounds} interleaved rounds of {SPAN:?}; a batch is one append");
    println!(
        "{:>9} {:>5}  {:<12} {:>9} {:>8} {:>8} {:>9} {:>9}  slowest process' share",
        "processes", "batch", "engine", "items/s", "x rival", "p50 us", "p99 us", "max us"
    );
    for point in POINTS {
        let taking_part: Vec<_> = contenders.iter().filter(|contender| contender.takes_part(point)).collect();
        let loads =
            interleaved(&taking_part, rounds, |contender| contender.append(&directory.join("store"), point, SPAN));
        let rates = rates(&loads);
        let rival = best_rival(&taking_part, &rates, f64::max);
        for (nth, contender) in taking_part.iter().enumerate() {
            let of = |figure: fn(&Load) -> f64| median(loads[nth].iter().map(figure));
            println!(
                "{:>9} {:>5}  {:<12} {:>9.0} {:>8.2} {:>8.0} {:>9.0} {:>9.0}  {:.2}",
                point.processes,
                point.batch,
                contender.name,
                of(Load::appends_per_second) * point.batch as f64,
                median(rates[nth].iter().zip(&rates[rival]).map(|(rate, rival)| rate / rival)),
                of(|load| load.percentile_us(50)),
                of(|load| load.percentile_us(99)),
                of(|load| load.percentile_us(100)),
                of(Load::slowest_share),
            );
        }
    }
}

fn rates(loads: &[Vec<Load>]) -> Vec<Vec<f64>> {
    loads.iter().map(|rounds| rounds.iter().map(Load::appends_per_second).collect()).collect()
}

fn listing(contenders: &[Contender], directory: &Path, rounds: usize) {
    println!("\na store of {LISTED} items opened and all listed, in a fresh process");
    println!("{:<12} {:>8} {:>8} {:>9}", "engine", "ms", "x rival", "peak MiB");
    let taking_part: Vec<_> = contenders.iter().collect();
    let of = |contender: &Contender| directory.join(contender.name);
    for contender in contenders {
        fresh(&of(contender));
        contender.fill(&of(contender), LISTED);
    }
    let listed = interleaved(&taking_part, rounds, |contender| contender.list(&of(contender)));
    assert!(listed.iter().flatten().all(|listed| listed.count == LISTED as u64), "all that was put in is there");
    let times: Vec<Vec<f64>> = listed.iter().map(|rounds| rounds.iter().map(millis).collect()).collect();
    let rival = best_rival(&taking_part, &times, f64::min);
    for (nth, contender) in contenders.iter().enumerate() {
        println!(
            "{:<12} {:>8.1} {:>8.2} {:>9.1}",
            contender.name,
            median(times[nth].iter().copied()),
            median(times[nth].iter().zip(&times[rival]).map(|(time, rival)| rival / time)),
            median(listed[nth].iter().map(|listed| listed.peak_kib as f64 / 1024.0)),
        );
    }
}

fn millis(listed: &Listed) -> f64 {
    listed.micros as f64 / 1e3
}

/// By contender, then by round. Each round begins with another one.
fn interleaved<T>(contenders: &[&Contender], rounds: usize, measure: impl Fn(&Contender) -> T) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let nth = (round + turn) % contenders.len();
            all[nth].push(measure(contenders[nth]));
        }
    }
    all
}

/// Which of the others has the better median.
fn best_rival(contenders: &[&Contender], figures: &[Vec<f64>], better: fn(f64, f64) -> f64) -> usize {
    let of = |nth: usize| median(figures[nth].iter().copied());
    let rivals = (0..contenders.len()).filter(|nth| contenders[*nth].engine != Kind::Shardwright);
    rivals.reduce(|one, other| if better(of(one), of(other)) == of(one) { one } else { other }).expect("a rival")
}
