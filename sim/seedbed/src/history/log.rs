//! `tracing` events with their typed fields.

use crate::decision::{fold, hash_str};
use std::{cell::RefCell, fmt::Write as _};
use tracing::{
    Metadata,
    field::{Field, Visit},
};

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// An unsigned integer.
    U64(u64),
    /// A signed integer.
    I64(i64),
    /// A float.
    F64(f64),
    /// A truth value.
    Bool(bool),
    /// A text, or what a `Debug` or `Display` field was formatted to.
    Text(&'a str),
}

/// One `tracing` event.
#[derive(Clone, Copy, Debug)]
pub struct LogEvent<'a> {
    pub(super) metadata: &'static Metadata<'static>,
    pub(super) body: &'a LogBody,
}

impl<'a> LogEvent<'a> {
    /// The target, usually the module it was logged from.
    #[must_use]
    pub fn target(&self) -> &'static str {
        self.metadata.target()
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> tracing::Level {
        *self.metadata.level()
    }

    /// The message, empty if there is none.
    #[must_use]
    pub fn message(&self) -> &'a str {
        self.body.text.get(..self.body.message_len).unwrap_or_default()
    }

    /// The fields, in the order of logging, without the message.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Value<'a>)> + use<'a> {
        let body = self.body;
        body.fields.iter().map(|(name, raw)| (*name, raw.view(&body.text)))
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Value<'a>> {
        self.fields().find_map(|(field, value)| (field == name).then_some(value))
    }

    /// The unsigned integer in the field of this name; a signed one counts if it is not negative.
    #[must_use]
    pub fn u64(&self, name: &str) -> Option<u64> {
        match self.field(name)? {
            Value::U64(value) => Some(value),
            Value::I64(value) => u64::try_from(value).ok(),
            Value::F64(_) | Value::Bool(_) | Value::Text(_) => None,
        }
    }

    /// The text in the field of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.field(name)? {
            Value::Text(text) => Some(text),
            Value::U64(_) | Value::I64(_) | Value::F64(_) | Value::Bool(_) => None,
        }
    }

    /// The same for equal events on every machine: no line numbers, no addresses.
    pub(super) fn words(&self, mut word: impl FnMut(u64)) {
        word(callsite_hash(self.metadata));
        word(hash_bytes(&self.body.text));
        for (name, raw) in &self.body.fields {
            word(raw.word() ^ (name.len() as u64) << 56);
        }
    }
}

/// Texts stand one after the other in one buffer, the message first.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogBody {
    text: String,
    message_len: usize,
    fields: Vec<(&'static str, Raw)>,
}

#[derive(Clone, Copy, Debug)]
enum Raw {
    U64(u64),
    I64(i64),
    F64(u64),
    Bool(bool),
    Text { start: u32, end: u32 },
}

impl Raw {
    fn view(self, text: &str) -> Value<'_> {
        match self {
            Self::U64(value) => Value::U64(value),
            Self::I64(value) => Value::I64(value),
            Self::F64(bits) => Value::F64(f64::from_bits(bits)),
            Self::Bool(value) => Value::Bool(value),
            Self::Text { start, end } => Value::Text(text.get(start as usize..end as usize).unwrap_or_default()),
        }
    }

    const fn word(self) -> u64 {
        match self {
            Self::U64(value) | Self::F64(value) => value,
            Self::I64(value) => value as u64,
            Self::Bool(value) => value as u64,
            Self::Text { start, end } => (start as u64) << 32 | end as u64,
        }
    }
}

impl LogBody {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.message_len = 0;
    }

    fn push_text(&mut self, field: &Field, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        if field.name() == "message" && start == 0 && self.fields.is_empty() {
            self.message_len = self.text.len();
        } else {
            let end = self.text.len();
            self.fields.push((field.name(), Raw::Text { start: start as u32, end: end as u32 }));
        }
    }
}

impl Visit for LogBody {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.push((field.name(), Raw::U64(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.push((field.name(), Raw::I64(value)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fields.push((field.name(), Raw::F64(value.to_bits())));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.push((field.name(), Raw::Bool(value)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push_text(field, |text| text.push_str(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.push_text(field, |text| {
            // Writing to a String fails only if the value's own `Debug` does; what it wrote is kept.
            let _ = write!(text, "{value:?}");
        });
    }
}

fn hash_bytes(text: &str) -> u64 {
    let mut chunks = text.as_bytes().chunks_exact(8);
    let mut state = text.len() as u64;
    for chunk in &mut chunks {
        state = fold(state, u64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes")));
    }
    let mut last = [0; 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    fold(state, u64::from_le_bytes(last))
}

const CACHE_SLOTS: usize = 128;

thread_local! {
    /// Target and level hashed once per call site and thread; the address is only the cache's key.
    static CALLSITES: RefCell<[(usize, u64); CACHE_SLOTS]> = const { RefCell::new([(0, 0); CACHE_SLOTS]) };
}

fn callsite_hash(metadata: &'static Metadata<'static>) -> u64 {
    let address = std::ptr::from_ref(metadata).addr();
    CALLSITES.with_borrow_mut(|cache| {
        let slot = &mut cache[(address >> 4) % CACHE_SLOTS];
        if slot.0 != address {
            *slot = (address, fold(hash_str(metadata.target()), hash_str(metadata.level().as_str())));
        }
        slot.1
    })
}
