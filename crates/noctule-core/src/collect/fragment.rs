//! The text of HTML fragments that forums and feeds put into JSON, XML and SQL: made by a program, hence well formed.
//!
//! Whole pages, which people and browsers have written, are read elsewhere. Tags are dropped, blocks become lines,
//! block quotes and Discourse's `aside.quote` become quotes, script and style vanish. One pass, no tree.

use super::body::Body;

/// Reads a fragment.
pub(super) fn from_html(html: &str) -> Body {
    let mut body = Body::default();
    let mut rest = html;
    let mut preformatted = 0u32;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        text(&rest[..at], preformatted > 0, &mut body);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let tag = match Tag::of(rest) {
            Ok(tag) => tag,
            Err(length) => {
                text(&rest[..length], preformatted > 0, &mut body);
                rest = &rest[length..];
                continue;
            }
        };
        rest = &rest[tag.length..];
        match (&*tag.name, tag.closing) {
            ("script" | "style" | "svg", false) => rest = behind_end(rest, &tag.name),
            ("br", _) => body.line_break(),
            ("blockquote", false) => body.open_quote(tag.attribute("data-ipsquote-contentcommentid").as_deref()),
            ("aside", false) => body.open_quote(tag.attribute("data-post").as_deref()),
            ("blockquote" | "aside", true) => body.close_quote(),
            ("a", false) => {
                if let Some(target) = tag.attribute("href") {
                    if tag.attribute("class").is_some_and(|class| class.contains("PostMention")) {
                        body.reply_to = body.reply_to.take().or_else(|| tag.attribute("data-id"));
                    } else if target.contains(':') {
                        body.link(&target);
                    }
                }
            }
            // Emoji are letters of the text; other pictures are not.
            ("img", false) if tag.attribute("class").is_some_and(|class| class.contains("emoji")) => {
                body.push(&tag.attribute("alt").unwrap_or_default());
            }
            ("pre", closing) => {
                body.block();
                preformatted = if closing { preformatted.saturating_sub(1) } else { preformatted + 1 };
            }
            (
                "p" | "div" | "li" | "ul" | "ol" | "tr" | "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "section"
                | "hr" | "details" | "summary" | "dt" | "dd" | "r" | "t",
                _,
            ) => body.block(),
            ("td" | "th", false) => body.push_collapsed(" "),
            _ => {}
        }
    }
    text(rest, preformatted > 0, &mut body);
    body.finish()
}

fn text(html: &str, preformatted: bool, body: &mut Body) {
    let decoded = unescape(html);
    if preformatted {
        body.push(&decoded);
    } else {
        body.push_collapsed(&decoded);
    }
}

/// What follows the end tag of this name; nothing when there is none.
fn behind_end<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        at += found + 2;
        let tail = &rest[at..];
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tail.find('>').map_or("", |end| &tail[end + 1..]);
        }
    }
    ""
}

/// Longest name of a tag, and longest tag.
const MAX_NAME: usize = 32;
const MAX_TAG: usize = 16 << 10;

struct Tag<'a> {
    name: String,
    closing: bool,
    attributes: &'a str,
    length: usize,
}

impl<'a> Tag<'a> {
    /// The tag at the start of `html`; when this `<` is none, how many bytes are text.
    fn of(html: &'a str) -> Result<Self, usize> {
        let inside = &html[1..];
        let closing = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        if !inside.starts_with(|first: char| first.is_ascii_alphabetic() || first == '!' || first == '?') {
            return Err(1);
        }
        let end = inside
            .bytes()
            .take(MAX_NAME + 1)
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        let Some(end) = end else {
            return Err(1);
        };
        let mut quote = None;
        for (at, byte) in inside.bytes().enumerate().skip(end).take(MAX_TAG) {
            match (byte, quote) {
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if open == byte => quote = None,
                (b'>', None) => {
                    let name = inside[..end].to_ascii_lowercase();
                    let length = 1 + usize::from(closing) + at + 1;
                    return Ok(Self { name, closing, attributes: &inside[end..at], length });
                }
                _ => {}
            }
        }
        // All that was looked at is text, so that many of these cost no more than their length.
        Err(html.floor_char_boundary(MAX_TAG.min(html.len())).max(1))
    }

    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let name = &rest[..end];
            rest = rest[end..].trim_start();
            let Some(value) = rest.strip_prefix('=') else {
                if name.is_empty() {
                    return None;
                }
                continue;
            };
            let value = value.trim_start();
            let (value, after) = match value.as_bytes().first() {
                Some(&quote @ (b'"' | b'\'')) => {
                    let end = value[1..].find(char::from(quote)).map_or(value.len(), |at| at + 1);
                    (&value[1..end], value.get(end + 1..).unwrap_or(""))
                }
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescape(value).into_owned());
            }
            rest = after;
        }
    }
}

/// Resolves numeric references and the named ones that forums write; others stay as they are.
pub(super) fn unescape(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest.as_bytes().iter().take(12).position(|byte| *byte == b';').map(|end| &rest[1..end]);
        match name.and_then(|name| Some((letter(name)?, name.len()))) {
            Some((letter, length)) => {
                out.push(letter);
                rest = &rest[length + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

fn letter(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|letter| *letter != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "laquo" => '«',
        "raquo" => '»',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "bull" => '•',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        "middot" => '·',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        let body = from_html(html);
        let mut text = body.text.clone();
        for quote in body.quotes.iter().rev() {
            text.replace_range(quote.range(), &format!("«{}»", &body.text[quote.range()].trim_end()));
        }
        text
    }

    #[test]
    fn blocks_become_lines() {
        assert_eq!(shown("<p>one\n two</p><p>three<br>four &lt;5&gt;</p>"), "one two\nthree\nfour <5>");
        assert_eq!(shown("<pre>a  b\n c</pre>x"), "a  b\n c\nx");
        assert_eq!(shown("<div>a<script>if (1<2) alert('</p>')</script>b</div>"), "ab");
        assert_eq!(shown("1 < 2 and 3 > 2 <3"), "1 < 2 and 3 > 2 <3");
        assert_eq!(shown("<!-- x --><b title='>'>bold</b>"), "bold");
    }

    #[test]
    fn quotes_and_edges() {
        let html = "<aside class=\"quote\" data-post=\"3\"><div>ann:</div><blockquote><p>old</p></blockquote></aside><p>new</p>";
        assert_eq!(shown(html), "«ann:\nold»new");
        assert_eq!(from_html(html).reply_to.as_deref(), Some("3"));
        assert_eq!(shown("<blockquote>a<blockquote>b</blockquote>"), "«a\nb»");
        assert_eq!(shown("</blockquote>a"), "a");
    }

    #[test]
    fn links_that_the_text_hides() {
        let body = from_html(
            "<a href='https://shop.example/?a=1&amp;b=2'>shop</a> <a href=\"https://x.example\">https://x.example</a>",
        );
        assert_eq!(
            (body.text.as_str(), body.links),
            ("shop https://x.example", vec!["https://shop.example/?a=1&b=2".to_owned()])
        );
    }

    #[test]
    fn entities() {
        assert_eq!(unescape("a&amp;b&#1078;&#x436;&unknown;&#0;&"), "a&bжж&unknown;&#0;&");
        assert_eq!(unescape("&яяяяяяяяяяя;"), "&яяяяяяяяяяя;");
    }
}
