//! What has a name here so that code compiles, and cannot be had in a world: its first use says so.

/// Of what nobody can make.
#[derive(Debug)]
pub(crate) enum Never {}

/// # Panics
/// Always.
#[track_caller]
pub(crate) fn refused(call: &str, why: &str) -> ! {
    panic!("{call} is not supported in a simulated world: {why}")
}
