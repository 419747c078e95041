//! The tokens of `text::tokens`, for tantivy.

use crate::text::tokens::{Tokens, tokens};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Name under which it is registered.
pub const NAME: &str = "code";

/// The tokenizer.
#[derive(Clone, Default)]
pub struct Code {
    token: Token,
}

/// Its stream over one text.
pub struct Stream<'a> {
    tokens: Tokens<'a>,
    token: &'a mut Token,
}

impl Tokenizer for Code {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.token.reset();
        Stream { tokens: tokens(text), token: &mut self.token }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.tokens.next_into(&mut self.token.text) else { return false };
        (self.token.offset_from, self.token.offset_to) = (range.start, range.end);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
