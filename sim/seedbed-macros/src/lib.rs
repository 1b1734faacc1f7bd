//! The attribute macros of seedbed.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

const SEEDS: u64 = 200;

/// Runs an `async fn` as a test in a world of its own for each of many seeds.
///
/// The function takes nothing or a `World`, and returns nothing or a `Result`. `seeds = 500` says how
/// many seeds (200 if it is left out). Other attributes, such as `#[should_panic]`, stay on the test.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match seeds(arguments).and_then(|seeds| Ok((seeds, Function::parse(item)?))) {
        Ok((seeds, function)) => function.into_test(seeds),
        Err(message) => compile_error(&message),
    }
}

/// `seeds = N` or nothing.
fn seeds(arguments: TokenStream) -> Result<u64, String> {
    let tokens: Vec<_> = arguments.into_iter().collect();
    let usage = "#[seedbed::test] takes `seeds = N`, with N from 1, or nothing";
    match tokens.as_slice() {
        [] => Ok(SEEDS),
        [TokenTree::Ident(name), TokenTree::Punct(equals), TokenTree::Literal(count)]
            if name.to_string() == "seeds" && equals.as_char() == '=' =>
        {
            let digits = count.to_string().replace('_', "");
            digits.parse().ok().filter(|&count| count > 0).ok_or_else(|| usage.to_owned())
        }
        _ => Err(usage.to_owned()),
    }
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

    /// `#[test] fn name() { async fn name(world) { .. } ::seedbed::run_test("name", seeds, |world| name(world)) }`
    fn into_test(self, seeds: u64) -> TokenStream {
        let call = if self.takes_world { "|world| super_test(world)" } else { "|_| super_test()" };
        let call = call.replace("super_test", &self.name.to_string());
        let run = format!("::seedbed::run_test(module_path!(), {:?}, {seeds}, {call});", self.name.to_string());
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
