//! Reads what a panic said. Knows nothing of who panicked.

use std::any::Any;

/// The message of a caught panic.
pub(crate) fn message(payload: Box<dyn Any + Send>) -> String {
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast::<&'static str>().map_or_else(|_| "no message".into(), |text| (*text).into()),
    }
}
