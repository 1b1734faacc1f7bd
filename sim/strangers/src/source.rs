//! A file of tests, as text: which tests it has, and how it reads without one. Reads and writes no file.

/// What makes a task's panic its result.
pub(crate) const TASKS_MAY_PANIC: &str = " ::seedbed::World::current().tasks_may_panic();";
/// What makes time pass while tasks have turns.
pub(crate) const TURNS_TAKE_TIME: &str =
    " ::seedbed::World::current().turns_take(::std::time::Duration::from_micros(1));";

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

/// The text with that statement as the first of those tests; `None` if there are none.
pub(crate) fn beginning_with(statement: &str, text: &str, test: &str) -> Option<String> {
    changed(text, test, |line| format!("{line}{statement}"))
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
    fn a_statement_is_the_first_of_one_test() {
        let text = beginning_with(" first();", TEXT, "one").unwrap_or_default();
        assert!(text.starts_with("#[test]\nfn one() { first();\n}"), "{text}");
        assert_eq!(text.matches("first()").count(), 1);
        assert_eq!(beginning_with(" first();", TEXT, "two"), None);
    }
}
