//! `#[seedbed::test]`.

use crate::function::{Function, SEEDS};
use proc_macro::{TokenStream, TokenTree};

pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, String> {
    let Asked { seeds, cancel, crash } = asked(arguments)?;
    let function = Function::parse("#[seedbed::test]", item)?;
    let name = &function.name;
    let body = if function.takes_arguments { format!("|world| {name}(world)") } else { format!("|_| {name}()") };
    let name = name.to_string();
    let run = format!("::seedbed::run_test(module_path!(), {name:?}, {seeds}, [{cancel}, {crash}], {body});");
    Ok(function.into_test(&run))
}

/// What the attribute says.
struct Asked {
    seeds: u64,
    /// Whether every cancellation is tried, and every crash.
    cancel: bool,
    crash: bool,
}

/// `seeds = N`, `cancel = everywhere`, `crash = everywhere`, any of them or nothing.
fn asked(arguments: TokenStream) -> Result<Asked, String> {
    let usage = || {
        "#[seedbed::test] takes `seeds = N`, with N from 1, `cancel = everywhere` and `crash = everywhere`, or nothing"
            .to_owned()
    };
    let mut asked = Asked { seeds: SEEDS, cancel: false, crash: false };
    let tokens: Vec<_> = arguments.into_iter().collect();
    for setting in tokens.split(|token| token.to_string() == ",").filter(|setting| !setting.is_empty()) {
        let [name, equals, value] = setting else { return Err(usage()) };
        match (name.to_string().as_str(), equals.to_string().as_str(), value) {
            ("seeds", "=", TokenTree::Literal(count)) => {
                let digits = count.to_string().replace('_', "");
                asked.seeds = digits.parse().ok().filter(|&count| count > 0).ok_or_else(usage)?;
            }
            ("cancel", "=", TokenTree::Ident(word)) if word.to_string() == "everywhere" => asked.cancel = true,
            ("crash", "=", TokenTree::Ident(word)) if word.to_string() == "everywhere" => asked.crash = true,
            _ => return Err(usage()),
        }
    }
    Ok(asked)
}
