//! The function under an attribute, as tokens, and what takes its place.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// How many seeds a test has that does not say.
pub(crate) const SEEDS: u64 = 200;

/// The parts of an `async fn`.
pub(crate) struct Function {
    attributes: TokenStream,
    visibility: TokenStream,
    /// From `async` to the body.
    item: TokenStream,
    pub(crate) name: Ident,
    pub(crate) takes_arguments: bool,
}

impl Function {
    /// `attribute`: what it stands under.
    pub(crate) fn parse(attribute: &str, item: TokenStream) -> Result<Self, String> {
        let tokens: Vec<_> = item.into_iter().collect();
        let is = |index: usize, word: &str| tokens.get(index).is_some_and(|token| token.to_string() == word);
        let mut start = 0;
        while is(start, "#") {
            start += 2;
        }
        let async_at = (start..tokens.len())
            .find(|&index| is(index, "async") && is(index + 1, "fn"))
            .ok_or_else(|| format!("{attribute} needs an `async fn`"))?;
        let Some(TokenTree::Ident(name)) = tokens.get(async_at + 2) else {
            return Err(format!("{attribute} needs an `async fn` with a name"));
        };
        let parameters = match tokens.get(async_at + 3) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group,
            _ => return Err(format!("{attribute}: the function cannot be generic")),
        };
        Ok(Self {
            attributes: tokens[..start].iter().cloned().collect(),
            visibility: tokens[start..async_at].iter().cloned().collect(),
            item: tokens[async_at..].iter().cloned().collect(),
            name: name.clone(),
            takes_arguments: !parameters.stream().is_empty(),
        })
    }

    /// `#[test] fn name() { async fn name() { .. } run }`
    pub(crate) fn into_test(mut self, run: &str) -> TokenStream {
        let attributes = std::mem::take(&mut self.attributes);
        let mut test = tokens("#[::core::prelude::v1::test]");
        test.extend(attributes);
        test.extend(self.into_function("", run));
        test
    }

    /// `fn name(..) -> result { runtime.block_on(async { .. }) }`
    pub(crate) fn into_blocking(self, runtime: &str) -> TokenStream {
        let mut signature: Vec<_> = self.item.into_iter().skip(1).collect();
        let mut future = tokens("async move");
        future.extend(signature.pop());
        let mut body = tokens(&format!("{runtime}.block_on"));
        body.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, future))]);
        let mut function = self.attributes;
        function.extend(self.visibility);
        function.extend(signature);
        function.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
        function
    }

    /// `fn name() result { async fn name() { .. } run }`
    pub(crate) fn into_function(self, result: &str, run: &str) -> TokenStream {
        let mut body = self.item;
        body.extend(tokens(run));
        let mut function = self.attributes;
        function.extend([
            TokenTree::from(Ident::new("fn", Span::call_site())),
            TokenTree::from(self.name),
            TokenTree::from(Group::new(Delimiter::Parenthesis, TokenStream::new())),
        ]);
        function.extend(tokens(result));
        function.extend([TokenTree::from(Group::new(Delimiter::Brace, body))]);
        function
    }
}

/// Of text that this crate has made.
fn tokens(text: &str) -> TokenStream {
    text.parse().expect("it is made of whole tokens")
}

pub(crate) fn compile_error(message: &str) -> TokenStream {
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
