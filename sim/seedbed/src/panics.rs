//! The process's panic hook: silent inside a world, where a panic becomes a finding or a `JoinError`.

use crate::context;
use std::{
    any::Any,
    panic::{self, PanicHookInfo},
    sync::Once,
};

/// A panic as the hook saw it.
#[derive(Clone, Debug)]
pub(crate) struct Panicked {
    pub(crate) message: String,
    /// File as the compiler wrote it.
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// Installs the hook, once a process. Outside worlds the earlier hook goes on as before.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if context::try_with(|core| core.note_panic(describe(info))).is_none() {
                earlier(info);
            }
        }));
    });
}

fn describe(info: &PanicHookInfo<'_>) -> Panicked {
    let (file, line) = info.location().map_or_else(|| ("?".into(), 0), |at| (at.file().to_owned(), at.line()));
    Panicked { message: message(info.payload()), file, line }
}

/// The text of a panic's payload.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned())
}

/// Panics as an injected fault: unwinds like any panic, and is not a finding.
///
/// # Panics
/// Always; that is what it is for.
pub fn inject_panic(message: &'static str) -> ! {
    panic::resume_unwind(Box::new(message))
}
