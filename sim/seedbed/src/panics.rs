//! Panics inside a world: silent, as each becomes a finding; only one that was injected does not, and
//! one of what plain code blocks on is that code's.

use crate::{context, executor::Core, real_tokio};
use std::{
    any::Any,
    panic::{self, PanicHookInfo},
    rc::Rc,
    sync::Once,
};

/// A panic as the hook saw it.
#[derive(Clone, Debug)]
pub(crate) struct Panicked {
    pub(crate) message: String,
    /// File as the compiler wrote it.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// What to do about it, where that is known.
    pub(crate) advice: Option<String>,
}

impl Panicked {
    /// What to say of it. tokio's words would have somebody build a runtime, or give one its clock.
    pub(crate) fn told(&self) -> &str {
        if self.advice.is_some() { real_tokio::IN_A_WORLD } else { &self.message }
    }

    /// A panic that the hook did not see, because somebody replaced it.
    pub(crate) fn unseen(message: String) -> Self {
        Self { message, file: "(unknown place)".to_owned(), line: 0, advice: None }
    }
}

/// Installs the hook, once a process. Outside worlds the earlier hook goes on as before.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Plain code that has entered a runtime tells its own panics.
            let note = |core: &Rc<Core>| core.is_driven() && core.note_panic(describe(info));
            if context::try_with(note) != Some(true) {
                earlier(info);
            }
        }));
    });
}

fn describe(info: &PanicHookInfo<'_>) -> Panicked {
    let (file, line) = info.location().map_or_else(|| ("?".into(), 0), |at| (at.file().to_owned(), at.line()));
    let message = message(info.payload());
    if !real_tokio::says(&message) {
        return Panicked { message, file, line, advice: None };
    }
    let caller = real_tokio::caller(format!("{file}:{line}"));
    let advice = Some(real_tokio::advice(&caller));
    let (file, line) = caller.rsplit_once(':').map_or((&*caller, 0), |(file, line)| (file, line.parse().unwrap_or(0)));
    Panicked { message, file: file.to_owned(), line, advice }
}

/// The text of a panic's payload.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    text(payload).unwrap_or_else(|| "a panic without a text".to_owned())
}

/// The same; `None` of one without a text.
pub(crate) fn text(payload: &(dyn Any + Send)) -> Option<String> {
    let borrowed = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    borrowed.or_else(|| payload.downcast_ref::<String>().cloned())
}

/// Panics as an injected fault: unwinds like `panic!(message)`, and is not a finding, also where it is
/// caught and raised again.
///
/// # Panics
/// Always; that is what it is for.
pub fn inject_panic(message: &'static str) -> ! {
    context::try_with(|core| core.note_injected_panic(message));
    panic::resume_unwind(Box::new(message))
}

/// Whether a payload is the very text that [`inject_panic`] was given in this world.
pub(crate) fn is_injected(payload: &(dyn Any + Send)) -> bool {
    let text = payload.downcast_ref::<&'static str>();
    text.is_some_and(|text| context::try_with(|core| core.was_injected(text)) == Some(true))
}
