//! Our words for the index: the tokenizer that Tantivy calls.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::words::each_word;
use noctule_core::normalize::shadow_of;

/// The name under which fields ask for it; the index remembers it.
pub(super) const ANALYZER: &str = "noctule";

#[derive(Clone, Default)]
pub(super) struct Analyzer {
    tokens: Vec<Token>,
}

pub(super) struct Tokens<'a> {
    tokens: &'a mut [Token],
    next: usize,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Tokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        self.tokens.clear();
        each_word(&shadow_of(text).text, |word| {
            self.tokens.push(Token {
                offset_from: word.start,
                offset_to: word.end,
                position: word.position,
                text: word.text,
                position_length: 1,
            });
        });
        Tokens { tokens: &mut self.tokens, next: 0 }
    }
}

impl TokenStream for Tokens<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}
