//! `#[tokio::test]` and `#[tokio::main]` of a simulated build.

use crate::function::{Function, SEEDS};
use proc_macro::TokenStream;

pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, String> {
    let attribute = "#[tokio::test]";
    let settings = Settings::of(attribute, arguments, "current_thread")?;
    let function = Function::parse(attribute, item)?;
    if function.takes_arguments {
        return Err(format!("{attribute}: the function cannot take arguments"));
    }
    let (tokio, begin, name) = (&settings.tokio, settings.begin(), function.name.to_string());
    let run = format!("{tokio}::__private::run_test(module_path!(), {name:?}, {SEEDS}, {begin}, || {name}());");
    Ok(function.into_test(&run))
}

/// `main` is a program, in a world of one; another function blocks on its body, as with tokio.
pub(crate) fn main(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, String> {
    let attribute = "#[tokio::main]";
    let settings = Settings::of(attribute, arguments, "multi_thread")?;
    let function = Function::parse(attribute, item)?;
    if function.name.to_string() != "main" {
        return Ok(function.into_blocking(&format!("{}.build().expect(\"a runtime\")", settings.builder())));
    }
    if function.takes_arguments {
        return Err(format!("{attribute}: the function cannot take arguments"));
    }
    let (tokio, begin) = (&settings.tokio, settings.begin());
    let run = format!("{tokio}::__private::run_main(module_path!(), {begin}, || main())");
    Ok(function.into_function("-> ::std::process::ExitCode", &run))
}

/// What an attribute says of the runtime. A mistake there is one on the other side too.
struct Settings {
    /// The path of the drop-in.
    tokio: String,
    /// `current_thread`, `multi_thread` or `local`.
    flavor: String,
    /// Calls of the runtime's builder.
    calls: String,
}

impl Settings {
    fn of(attribute: &str, arguments: TokenStream, flavor: &str) -> Result<Self, String> {
        const KNOWN: [&str; 6] = ["flavor", "worker_threads", "start_paused", "unhandled_panic", "crate", "name"];
        let mut settings = Self { tokio: "::tokio".to_owned(), flavor: flavor.to_owned(), calls: String::new() };
        let tokens: Vec<_> = arguments.into_iter().map(|token| token.to_string()).collect();
        for setting in tokens.split(|token| token == ",").filter(|setting| !setting.is_empty()) {
            let (name, value) = match setting {
                [name, equals, value @ ..] if equals == "=" && KNOWN.contains(&&**name) && !value.is_empty() => {
                    (name.as_str(), value.concat())
                }
                _ => return Err(format!("{attribute} knows {} and not `{}`", KNOWN.join(", "), setting.concat())),
            };
            match name {
                "crate" => settings.tokio = value.trim_matches('"').to_owned(),
                "flavor" => settings.flavor = value.trim_matches('"').to_owned(),
                "unhandled_panic" => {}
                _ => settings.calls += &format!(".{name}({value})"),
            }
        }
        Ok(settings)
    }

    fn builder(&self) -> String {
        let Self { tokio, flavor, calls } = self;
        // A local runtime is one of one thread, and what is no flavor is no name of the builder's.
        let flavor = if flavor == "local" { "current_thread().local" } else { flavor };
        format!("{tokio}::runtime::Builder::new_{flavor}().enable_all(){calls}")
    }

    /// Tells a world of which runtime it is.
    fn begin(&self) -> String {
        format!("|| {}.begin_test()", self.builder())
    }
}
