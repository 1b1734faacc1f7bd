//! `#[tokio::test]` and `#[tokio::main]` of a simulated build.

use crate::function::{Function, SEEDS};
use proc_macro::TokenStream;

pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, String> {
    let attribute = "#[tokio::test]";
    let tokio = path_of_tokio(attribute, arguments)?;
    let function = without_arguments(attribute, item)?;
    let name = function.name.to_string();
    let run = format!("{tokio}::__private::run_test(module_path!(), {name:?}, {SEEDS}, || {name}());");
    Ok(function.into_test(&run))
}

pub(crate) fn main(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, String> {
    let attribute = "#[tokio::main]";
    let tokio = path_of_tokio(attribute, arguments)?;
    let function = without_arguments(attribute, item)?;
    if function.name.to_string() != "main" {
        let why = "a world returns no values: call it from a task of one";
        return Err(format!(
            "{attribute} on a function that is not `main` is not supported in a simulated build: {why}"
        ));
    }
    let run = format!("{tokio}::__private::run_main(module_path!(), || main())");
    Ok(function.into_function("-> ::std::process::ExitCode", &run))
}

fn without_arguments(attribute: &str, item: TokenStream) -> Result<Function, String> {
    let function = Function::parse(attribute, item)?;
    if function.takes_arguments {
        return Err(format!("{attribute}: the function cannot take arguments"));
    }
    Ok(function)
}

/// What is said of a runtime makes no difference, but a mistake there is one on the other side too.
fn path_of_tokio(attribute: &str, arguments: TokenStream) -> Result<String, String> {
    const KNOWN: [&str; 5] = ["flavor", "worker_threads", "start_paused", "unhandled_panic", "crate"];
    let mut tokio = "::tokio".to_owned();
    let tokens: Vec<_> = arguments.into_iter().map(|token| token.to_string()).collect();
    for setting in tokens.split(|token| token == ",").filter(|setting| !setting.is_empty()) {
        match setting {
            [name, equals, value @ ..] if equals == "=" && KNOWN.contains(&&**name) && !value.is_empty() => {
                if name == "crate" {
                    tokio = value.concat().trim_matches('"').to_owned();
                }
            }
            _ => return Err(format!("{attribute} knows {} and not `{}`", KNOWN.join(", "), setting.concat())),
        }
    }
    Ok(tokio)
}
