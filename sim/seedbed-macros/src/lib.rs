//! The attribute macros of seedbed.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

const SEEDS: u64 = 200;

/// Runs an `async fn` as a test in a world of its own for each of many seeds.
///
/// The function takes nothing or a `World`, and returns nothing or a `Result`. `seeds = 500` says how
/// many seeds (200 if it is left out). `cancel = everywhere` first runs it once for each place where a
/// task that it gives to `World::may_cancel` can be cancelled, and each means, all else the same; `crash = everywhere` once
/// for each call of a machine that `Machine::may_lose_power`, and each state that this may leave on its disk. Other
/// attributes, such as `#[should_panic]`, stay on the test.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match asked(arguments).and_then(|asked| Ok((asked, Function::parse(item)?))) {
        Ok((asked, function)) => function.into_test(&asked),
        Err(message) => compile_error(&message),
    }
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

/// The parts of an `async fn` that the test is made of.
struct Function {
    attributes: TokenStream,
    /// From `async` to the body.
    item: TokenStream,
    name: Ident,
    takes_world: bool,
}

impl Function {
    fn parse(item: TokenStream) -> Result<Self, String> {
        let tokens: Vec<_> = item.into_iter().collect();
        let is = |index: usize, word: &str| tokens.get(index).is_some_and(|token| token.to_string() == word);
        let mut start = 0;
        while is(start, "#") {
            start += 2;
        }
        let async_at = (start..tokens.len())
            .find(|&index| is(index, "async") && is(index + 1, "fn"))
            .ok_or("#[seedbed::test] needs an `async fn`")?;
        let Some(TokenTree::Ident(name)) = tokens.get(async_at + 2) else {
            return Err("#[seedbed::test] needs an `async fn` with a name".to_owned());
        };
        let parameters = match tokens.get(async_at + 3) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group,
            _ => return Err("a test cannot be generic".to_owned()),
        };
        Ok(Self {
            attributes: tokens[..start].iter().cloned().collect(),
            item: tokens[async_at..].iter().cloned().collect(),
            name: name.clone(),
            takes_world: !parameters.stream().is_empty(),
        })
    }

    /// `#[test] fn name() { async fn name(world) { .. } ::seedbed::run_test("name", seeds, [cancel, crash], |world| name(world)) }`
    fn into_test(self, &Asked { seeds, cancel, crash }: &Asked) -> TokenStream {
        let call = if self.takes_world { "|world| super_test(world)" } else { "|_| super_test()" };
        let call = call.replace("super_test", &self.name.to_string());
        let name = self.name.to_string();
        let run = format!("::seedbed::run_test(module_path!(), {name:?}, {seeds}, [{cancel}, {crash}], {call});");
        let mut body = self.item;
        body.extend(run.parse::<TokenStream>().expect("the call is made of whole tokens"));
        let mut test: TokenStream = "#[::core::prelude::v1::test]".parse().expect("an attribute");
        test.extend(self.attributes);
        test.extend([
            TokenTree::from(Ident::new("fn", Span::call_site())),
            TokenTree::from(self.name),
            TokenTree::from(Group::new(Delimiter::Parenthesis, TokenStream::new())),
            TokenTree::from(Group::new(Delimiter::Brace, body)),
        ]);
        test
    }
}

fn compile_error(message: &str) -> TokenStream {
    let message = Group::new(Delimiter::Parenthesis, TokenTree::from(Literal::string(message)).into());
    [
        TokenTree::from(Ident::new("compile_error", Span::call_site())),
        TokenTree::from(Punct::new('!', Spacing::Alone)),
        TokenTree::from(message),
        TokenTree::from(Punct::new(';', Spacing::Alone)),
    ]
    .into_iter()
    .collect()
}
