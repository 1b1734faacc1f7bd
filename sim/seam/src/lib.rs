//! The few effects that tokio has no name for. Code that runs in both worlds says `seam::`;
//! in production each is the real thing or nothing at all, under `cfg(madsim)` it is seedbed's.

pub mod clock;
pub mod fs;

/// Marks a state that sweeps should reach: `sometimes!("stopped with waiters")`, or with a condition
/// first: `sometimes!(waiters > 0, "stopped with waiters")`. Nothing at all in production; in the
/// simulator a sweep lists the marks its scenarios declare and no run reached. An expression of type
/// `()`, so that it may also be a whole arm of a `match`.
#[macro_export]
macro_rules! sometimes {
    ($name:literal) => {
        $crate::sometimes!(true, $name)
    };
    ($condition:expr, $name:literal) => {
        $crate::__mark!($condition, $name)
    };
}

#[cfg(madsim)]
#[doc(hidden)]
#[macro_export]
macro_rules! __mark {
    ($condition:expr, $name:literal) => {{
        if $condition {
            $crate::__seedbed::mark($name);
        }
    }};
}

#[cfg(not(madsim))]
#[doc(hidden)]
#[macro_export]
macro_rules! __mark {
    ($condition:expr, $name:literal) => {{
        // The condition is type-checked and never evaluated.
        let _ = || -> bool { $condition };
    }};
}

#[cfg(madsim)]
#[doc(hidden)]
pub use seedbed as __seedbed;
