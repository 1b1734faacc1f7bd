//! A seed's run written down decision by decision is the same run, under every strategy.
#![cfg(not(real_side))]

const _: () = assert!(
    cfg!(madsim),
    "build with `--cfg madsim`: .cargo/config.toml sets it, and an exported RUSTFLAGS replaces that"
);

use seedbed::Case;
use shardwright_sim::ALL;

#[test]
fn every_strategys_run_can_be_written_down() {
    for scenario in ALL {
        for strategy in ["portfolio", "fifo", "random", "pct", "urw"] {
            for seed in [1, 2, 3] {
                let case = Case { strategy: Some(strategy.to_owned()), ..Case::of_seed(scenario.name, seed) };
                let drawn = scenario.replay(&case).expect("the case fits");
                let written = case.explicit(drawn.history.as_ref().expect("a replay keeps its history"));
                assert_eq!((written.seed, &written.strategy), (None, &None));
                // Through the file, as a person would send it.
                let read = Case::from_toml(&written.to_toml()).expect("what was written can be read");
                assert_eq!(read, written);
                let again = scenario.replay(&read).expect("the written case fits");
                assert_eq!(again.digest, drawn.digest, "{} under seed {seed}, {strategy}", scenario.name);
                assert_eq!(again.unmatched, [""; 0], "{} under seed {seed}, {strategy}", scenario.name);
            }
        }
    }
}
