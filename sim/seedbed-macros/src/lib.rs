//! The attribute macros of seedbed and of its drop-in for tokio.

mod drop_in;
mod function;
mod seeds;

use function::compile_error;
use proc_macro::TokenStream;

/// Runs an `async fn` as a test in a world of its own for each of many seeds.
///
/// The function takes nothing or a `World`, and returns nothing or a `Result`. `seeds = 500` says how
/// many seeds (200 if it is left out). `cancel = everywhere` first runs it once for each place where a
/// task that it gives to `World::may_cancel` can be cancelled, and each means, all else the same; `crash = everywhere` once
/// for each call of a machine that `Machine::may_lose_power`, and each state that this may leave on its disk. Other
/// attributes, such as `#[should_panic]`, stay on the test.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    seeds::test(arguments, item).unwrap_or_else(|message| compile_error(&message))
}

/// `#[tokio::test]` of a simulated build: `#[seedbed::test]` with 200 seeds. Of the settings of tokio's runtimes
/// one is what a handle shows, and whether time starts paused: a world has one thread, and its time is virtual.
#[proc_macro_attribute]
pub fn tokio_test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    drop_in::test(arguments, item).unwrap_or_else(|message| compile_error(&message))
}

/// `#[tokio::main]` of a simulated build: `main` in a world of one seed, 0 or `SEEDBED_SEED`. Other functions block on a
/// runtime of their own.
#[proc_macro_attribute]
pub fn tokio_main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    drop_in::main(arguments, item).unwrap_or_else(|message| compile_error(&message))
}
