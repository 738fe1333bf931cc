//! The body of a post as text: what the readers of BBCode and of HTML fragments write into.

use crate::model::{RawMessage, Span};

/// Most hidden links of one post that are kept.
const MAX_LINKS: usize = 1000;

#[derive(Default)]
pub(super) struct Body {
    pub text: String,
    /// What the post quotes from others, as parts of `text`.
    pub quotes: Vec<Span>,
    /// Targets of links that the text does not show.
    pub links: Vec<String>,
    /// The post that is quoted first.
    pub reply_to: Option<String>,
    depth: u32,
    quote_start: usize,
}

impl Body {
    pub fn push(&mut self, text: &str) {
        // What stands before the first letter is layout.
        self.text.push_str(if self.text.is_empty() { text.trim_start() } else { text });
    }

    /// Text whose runs of white space mean one space.
    pub fn push_collapsed(&mut self, text: &str) {
        let mut space = text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if space && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
            self.text.push_str(word);
            space = true;
        }
        if text.ends_with(char::is_whitespace) && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    /// Makes what follows stand on a line of its own.
    pub fn block(&mut self) {
        self.trim_line();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub fn line_break(&mut self) {
        self.trim_line();
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn trim_line(&mut self) {
        let length = self.text.trim_end_matches(' ').len();
        self.text.truncate(length.max(self.quotes.last().map_or(0, |quote| quote.end as usize)));
    }

    pub fn open_quote(&mut self, post: Option<&str>) {
        if self.reply_to.is_none() {
            self.reply_to = post.map(str::trim).filter(|post| !post.is_empty()).map(str::to_owned);
        }
        self.block();
        if self.depth == 0 {
            self.quote_start = self.text.len();
        }
        self.depth += 1;
    }

    pub fn close_quote(&mut self) {
        let Some(depth) = self.depth.checked_sub(1) else {
            return;
        };
        self.depth = depth;
        self.block();
        if depth == 0 && self.quote_start < self.text.len() {
            self.quotes.push(Span::new(self.quote_start, self.text.len()));
        }
    }

    pub fn link(&mut self, target: &str) {
        let target = target.trim();
        if !target.is_empty() && target.len() <= 4096 && self.links.len() < MAX_LINKS && self.depth == 0 {
            self.links.push(target.to_owned());
        }
    }

    /// Ends the text: closes what is open, cuts white space at the end.
    pub fn finish(mut self) -> Self {
        if self.depth > 0 {
            self.depth = 1;
            self.close_quote();
        }
        let length = self.text.trim_end().len();
        self.text.truncate(length);
        for quote in &mut self.quotes {
            quote.end = quote.end.min(length as u32);
        }
        self.quotes.retain(|quote| quote.start < quote.end);
        // A link whose target the reader sees anyway hides nothing. Only short lists are compared.
        if self.links.len() <= 50 {
            let text = &self.text;
            self.links.retain(|link| !text.contains(link.as_str()));
        }
        self
    }

    /// Gives text, quotes, links and the edge to a message; an edge that is known already stays.
    pub fn put(self, message: &mut RawMessage) {
        message.text = self.text;
        message.quotes = self.quotes;
        message.links = self.links;
        if message.reply_to.is_none() {
            message.reply_to = self.reply_to;
        }
    }
}
