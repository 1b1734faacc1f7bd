//! The command line `sim`.
fn main() {}
