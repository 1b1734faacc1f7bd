//! The scenarios of the example `traffic`, over seeds: the sound client is, and the planted bug is found.
#![cfg(madsim)]

#[path = "../examples/traffic/body.rs"]
mod body;
#[path = "../examples/traffic/check.rs"]
mod check;
#[path = "../examples/traffic/client.rs"]
mod client;
#[path = "../examples/traffic/requests.rs"]
mod requests;
#[path = "../examples/traffic/scenario.rs"]
mod scenario;
#[path = "../examples/traffic/server.rs"]
mod server;

#[test]
fn no_order_is_carried_out_twice_and_nothing_is_left_open() {
    let report = scenario::TRAFFIC.sweep(0..300);
    report.assert_clean();
    assert_eq!(report.counts["requests"], report.runs * 40);
}

#[test]
fn a_client_that_retries_blindly_is_found_within_a_hundred_seeds() {
    let report = scenario::RETRIES_BLINDLY.sweep(0..100);
    let found = format!("{report:?}");
    assert!(found.contains("carried out twice"), "{found}");
}
