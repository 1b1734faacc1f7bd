//! `select!`, whose first branch is a decision of the world.

/// tokio's `select!`. Without `biased`, which branch is polled first is drawn for each poll under the
/// key (`select`, task, n-th), so that it replays; tokio's own choice would not.
///
/// # Cancel safety
/// As tokio's: the branches that lose are dropped.
#[macro_export]
macro_rules! select {
    (biased; $($branches:tt)*) => {
        $crate::__private::real_tokio::select!(biased; $($branches)*)
    };
    (else => $else:expr $(,)?) => {{ $else }};
    ($pattern:pat = $($branches:tt)*) => {
        $crate::__private::real_tokio::select!(
            @{ start={ $crate::__private::select_start(BRANCHES) }; () } $pattern = $($branches)*
        )
    };
    () => {
        compile_error!("select! requires at least one branch.")
    };
}
