//! Names of types as keys: without the modules, so that code keeps its decisions when it moves to another file.

use super::mix::hash_str;

/// The hash of one name of a path, whether given or a type's.
pub(crate) fn hash_name(name: &str) -> u64 {
    if name.contains("::") { hash_str(&without_modules(name)) } else { hash_str(name) }
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

/// How long the modules are with which a path begins: all before its first type, or before the name of a function.
fn modules(path: &str) -> usize {
    let mut start = 0;
    for segment in path.split("::") {
        let next = start + segment.len() + "::".len();
        // What follows a type's parameters begins with the colons.
        let is_type = segment.is_empty() || segment.starts_with(char::is_uppercase);
        let is_last = path.get(next..).is_none_or(|after| after.starts_with("{{"));
        if is_type || is_last {
            break;
        }
        start = next;
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
            ("demo::work::{{closure}}", "work::{{closure}}"),
            ("demo::m::<impl demo::Run>::go::{{closure}}", "<impl Run>::go::{{closure}}"),
            ("a::Map<b::c::Inner, d::f::{{closure}}>::next", "Map<Inner, f::{{closure}}>::next"),
            ("<a::Type as b::Trait>::run::{{closure}}", "<Type as Trait>::run::{{closure}}"),
            ("core::pin::Pin<alloc::boxed::Box<dyn core::future::Future>>", "Pin<Box<dyn Future>>"),
            ("(a::b::C, &mut u8)", "(C, &mut u8)"),
        ] {
            assert_eq!(without_modules(name), expected);
        }
    }

    #[test]
    fn a_name_without_modules_is_hashed_as_it_is() {
        assert_eq!(hash_name("client-3"), hash_str("client-3"));
        assert_eq!(hash_name("a::b::Run::go"), hash_name("c::Run::go"));
        assert_ne!(hash_name("a::Run::go"), hash_name("a::Run::stop"));
    }
}
