//! Names of types as names of tasks: without the modules, so that code keeps its decisions when it moves to another
//! file.

use super::mix::hash_str;
use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// The name of a future's type, and its hash. The process has one of each.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    pub(crate) plain: Box<str>,
    pub(crate) hash: u64,
}

const CACHE_SLOTS: usize = 64;

thread_local! {
    /// Type names are long; the address is only the cache's key.
    static KNOWN: Cell<[(usize, Option<&'static TypeName>); CACHE_SLOTS]> = const { Cell::new([(0, None); CACHE_SLOTS]) };
}

impl TypeName {
    /// Of what `std::any::type_name` says.
    pub(crate) fn of(name: &'static str) -> &'static Self {
        // Two types may share an address if one name begins with the other, so the length counts too.
        let key = name.as_ptr().addr() ^ name.len().rotate_left(48);
        KNOWN.with(|cache| {
            let slot = &cache.as_array_of_cells()[(key >> 3) % CACHE_SLOTS];
            match slot.get() {
                (known, Some(type_name)) if known == key => type_name,
                _ => {
                    let type_name = Self::interned(name);
                    slot.set((key, Some(type_name)));
                    type_name
                }
            }
        })
    }

    fn interned(name: &'static str) -> &'static Self {
        static ALL: Mutex<BTreeMap<&'static str, &'static TypeName>> = Mutex::new(BTreeMap::new());
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(name).or_insert_with(|| {
            let plain = without_modules(name);
            Box::leak(Box::new(Self { hash: hash_str(&plain), plain: plain.into() }))
        })
    }
}

/// `a::b::Run::until_end::{{closure}}` is `Run::until_end::{{closure}}`, and so is each type among its parameters.
fn without_modules(name: &str) -> String {
    let is_of_path = |c: char| c.is_alphanumeric() || "_:{}#".contains(c);
    let (mut plain, mut rest) = (String::with_capacity(name.len()), name);
    while !rest.is_empty() {
        let end = rest.find(|c| !is_of_path(c)).unwrap_or(rest.len());
        plain.push_str(&rest[modules(&rest[..end])..end]);
        let next = rest[end..].find(is_of_path).map_or(rest.len(), |length| end + length);
        plain.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    plain
}

/// How long the modules are with which a path begins: all before its first type. A function keeps the last of them:
/// many are called `run`.
fn modules(path: &str) -> usize {
    let (mut start, mut before) = (0, 0);
    for segment in path.split("::") {
        let next = start + segment.len() + "::".len();
        // What follows a type's parameters begins with the colons.
        let is_type = segment.is_empty() || segment.starts_with(char::is_uppercase);
        let is_last = path.get(next..).is_none_or(|after| after.starts_with("{{"));
        if is_type {
            return start;
        }
        if is_last {
            return before;
        }
        (before, start) = (start, next);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_moves_to_another_module_keeps_its_name() {
        for (name, expected) in [
            ("demo::pool::run::Run::until_end::{{closure}}", "Run::until_end::{{closure}}"),
            ("demo::deep::net::run::{{closure}}", "net::run::{{closure}}"),
            ("run::{{closure}}", "run::{{closure}}"),
            ("demo::m::<impl demo::Run>::go::{{closure}}", "<impl Run>::go::{{closure}}"),
            ("a::Map<b::c::Inner, d::f::{{closure}}>::next", "Map<Inner, d::f::{{closure}}>::next"),
            ("<a::Type as b::Trait>::run::{{closure}}", "<Type as Trait>::run::{{closure}}"),
            ("core::pin::Pin<alloc::boxed::Box<dyn core::future::Future>>", "Pin<Box<dyn Future>>"),
            ("(a::b::C, &mut u8)", "(C, &mut u8)"),
        ] {
            assert_eq!(without_modules(name), expected);
        }
    }

    #[test]
    fn a_type_has_one_name_and_one_hash() {
        let name = TypeName::of("a::b::Run::go");
        assert!(std::ptr::eq(name, TypeName::of("a::b::Run::go")));
        assert_eq!(name, TypeName::of("c::Run::go"));
        assert_eq!((&*name.plain, name.hash), ("Run::go", hash_str("Run::go")));
        assert_ne!(name, TypeName::of("a::b::Run::stop"));
    }
}
