//! A file of tests, as text: which tests it has, and how it reads without one. Reads and writes no file.

/// Shadows `panic!` in one function.
const PLANNED: &str = " macro_rules! panic { () => { panic!(\"explicit panic\") }; \
    ($($text:tt)+) => { ::seedbed::inject_panic(::std::string::String::leak(::std::format!($($text)+))) }; }";

/// How many tests a file has on some machine or other, each counted once.
pub(crate) fn count_tests(text: &str) -> usize {
    const ATTRIBUTES: [&str; 3] = ["#[test]", "#[tokio::test", "#[maybe_tokio_test]"];
    let is_test = |line: &&str| ATTRIBUTES.iter().any(|attribute| line.trim_start().starts_with(attribute));
    text.lines().filter(is_test).count()
}

/// The text without the tests of that name; `None` if there are none.
pub(crate) fn without(text: &str, test: &str) -> Option<String> {
    changed(text, test, |line| format!("#[cfg(any())]\n{line}"))
}

/// The text with every `panic!("..")` in those tests meant to be.
pub(crate) fn with_planned_panics(text: &str, test: &str) -> Option<String> {
    changed(text, test, |line| format!("{line}{PLANNED}"))
}

/// With the lines that begin the functions of that name changed.
fn changed(text: &str, function: &str, change: impl Fn(&str) -> String) -> Option<String> {
    let mut found = false;
    let mut changed = String::new();
    let mut rest = text;
    while let Some(line) = rest.lines().next() {
        let is_it = begins(line, function) || makes(rest, function);
        found |= is_it;
        changed += &if is_it { change(line) } else { line.to_owned() };
        changed.push('\n');
        rest = rest.get(line.len() + 1..).unwrap_or_default();
    }
    found.then_some(changed)
}

/// Whether the line is `async fn function(..`, or the like.
fn begins(line: &str, function: &str) -> bool {
    let Some((before, rest)) = line.split_once("fn ") else { return false };
    let is_head = before.split_whitespace().all(|word| ["pub", "async"].contains(&word));
    is_head && rest.strip_prefix(function).is_some_and(|rest| rest.starts_with(['(', '<']))
}

/// Whether the text begins with a macro's call that makes the function: `test!(IPv4 function, ..);`
fn makes(text: &str, function: &str) -> bool {
    let Some(call) = text.strip_prefix("test!(") else { return false };
    let call = call.split_once(");\n").map_or(call, |(call, _)| call);
    let mut names = call.split(',').filter_map(|argument| argument.split_whitespace().last());
    names.any(|name| name == function)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "#[test]\nfn one() {\n}\n    #[tokio::test(start_paused = true)]\n    async fn one_more() {\n    }\n";

    #[test]
    fn a_test_is_left_out_whatever_stands_above_it() {
        let left = "#[test]\nfn one() {\n}\n    #[tokio::test(start_paused = true)]\n#[cfg(any())]\n    async fn one_more() {\n    }\n";
        assert_eq!(without(TEXT, "one_more").as_deref(), Some(left));
        assert_eq!(without(TEXT, "two"), None);
        assert_eq!(count_tests(TEXT), 2);
    }

    #[test]
    fn a_test_that_a_macro_makes_is_left_out() {
        let text = "test!(ttl, set_ttl(40));\ntest!(\n    IPv4 tos,\n    set_tos(96)\n);\n";
        let tos = "test!(ttl, set_ttl(40));\n#[cfg(any())]\ntest!(\n    IPv4 tos,\n    set_tos(96)\n);\n";
        assert_eq!(without(text, "tos").as_deref(), Some(tos));
        let ttl = "#[cfg(any())]\ntest!(ttl, set_ttl(40));\ntest!(\n    IPv4 tos,\n    set_tos(96)\n);\n";
        assert_eq!(without(text, "ttl").as_deref(), Some(ttl));
        assert_eq!(without(text, "set_ttl"), None);
    }

    #[test]
    fn panics_of_one_test_are_meant() {
        let text = with_planned_panics(TEXT, "one").unwrap_or_default();
        assert!(text.starts_with("#[test]\nfn one() { macro_rules! panic"), "{text}");
        assert_eq!(text.matches("inject_panic").count(), 1);
    }
}
