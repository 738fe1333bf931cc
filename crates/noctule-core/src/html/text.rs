//! Text as a reader sees it: blocks and `<br>` are line breaks, white space folds, code keeps its lines, emoji that are
//! pictures become their letters, and what belongs to somebody else is marked.

use super::entities::{Place, decode, reference};
use super::tags::Tag;
use super::tree::{Document, NodeId};
use super::url;
use crate::model::Span;

/// What to do with an element inside of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Treat {
    Take,
    /// Not part of the text: a signature, an edit note, a button.
    Drop,
    /// The words of somebody else.
    Quote,
    /// Something that this reader was not allowed to see; its notice is not part of the text.
    Hidden,
}

/// The text of a post.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Body {
    pub text: String,
    /// The outermost quotes, with the line that names who is quoted.
    pub quotes: Vec<Span>,
    /// Their elements, where the edge to the quoted post is found.
    pub quoted: Vec<NodeId>,
    /// Targets of links whose text does not show them.
    pub links: Vec<String>,
    pub hidden: bool,
}

/// Reads what is inside of `root`.
pub fn body(
    page: &Document<'_>,
    root: NodeId,
    base: Option<&str>,
    treat: &dyn Fn(&Document<'_>, NodeId) -> Treat,
) -> Body {
    let mut writer = Writer::default();
    let mut out = Body::default();
    // The open elements that have something to do at their end.
    let mut open: Vec<(NodeId, End)> = Vec::new();
    let (mut at, end) = (NodeId(root.0 + 1), page.end(root));
    let mut in_quote = 0usize;
    if matches!(page.tag(root), Tag::Pre | Tag::Xmp) {
        writer.verbatim = 1;
    }
    loop {
        while let Some((_, action)) = open.pop_if(|(last, _)| *last <= at || at >= end) {
            match action {
                End::Block(breaks) => writer.break_line(breaks),
                End::Verbatim => {
                    writer.verbatim -= 1;
                    writer.break_line(1);
                }
                End::Quote(start) => {
                    in_quote -= 1;
                    // The line break before the quote was not written yet when it was opened.
                    let start = writer.text.len() - writer.text[start..].trim_start().len();
                    if in_quote == 0 && start < writer.text.len() {
                        out.quotes.push(Span::new(start, writer.text.len()));
                    }
                    writer.break_line(1);
                }
                End::Link(start, href) => {
                    if let Some(target) = hidden_target(&writer.text[start.min(writer.text.len())..], href, base) {
                        out.links.push(target);
                    }
                }
                End::Cell => writer.space = true,
            }
        }
        if at >= end {
            break;
        }
        let node = at;
        let tag = page.tag(node);
        at = NodeId(node.0 + 1);
        if tag == Tag::Text {
            let raw = page.raw_text(node);
            // A line break right behind `<pre>` is not part of it.
            let first = page.parent(node).is_some_and(|parent| page.tag(parent) == Tag::Pre && parent.0 + 1 == node.0);
            writer.push_raw(if first { raw.trim_start_matches('\r').strip_prefix('\n').unwrap_or(raw) } else { raw });
            continue;
        }
        match tag {
            Tag::Script
            | Tag::Style
            | Tag::Noscript
            | Tag::Template
            | Tag::Iframe
            | Tag::Object
            | Tag::Svg
            | Tag::Button
            | Tag::Select
            | Tag::Input
            | Tag::Audio
            | Tag::Video
            | Tag::Canvas
            | Tag::Title
            | Tag::Head => {
                at = page.end(node);
                continue;
            }
            Tag::Br => {
                writer.lines += 1;
                continue;
            }
            Tag::Hr => {
                writer.break_line(1);
                continue;
            }
            Tag::Img => {
                if let Some(emoji) = emoji(page, node) {
                    writer.push_raw(emoji);
                }
                continue;
            }
            _ => {}
        }
        let inside = page.end(node);
        match treat(page, node) {
            Treat::Take => {}
            Treat::Drop => {
                if tag.is_block() {
                    writer.break_line(1);
                }
                at = inside;
                continue;
            }
            Treat::Hidden => {
                out.hidden = true;
                writer.break_line(1);
                at = inside;
                continue;
            }
            Treat::Quote => {
                writer.break_line(1);
                if in_quote == 0 {
                    out.quoted.push(node);
                }
                in_quote += 1;
                open.push((inside, End::Quote(writer.text.len())));
                continue;
            }
        }
        if let Some(code) = page.raw_attribute(node, "data-cfemail") {
            writer.push_decoded(&cloudflare_mail(code).unwrap_or_default());
            at = inside;
            continue;
        }
        match tag {
            Tag::Pre | Tag::Xmp => {
                writer.break_line(1);
                writer.verbatim += 1;
                open.push((inside, End::Verbatim));
            }
            Tag::P => {
                writer.break_line(2);
                open.push((inside, End::Block(2)));
            }
            Tag::A => {
                // In a quote the link is the quoted one's, and an internal one as a rule.
                if in_quote == 0
                    && let Some(href) = page.raw_attribute(node, "href")
                    && !is_internal(page, node)
                {
                    // What is pending goes before the link.
                    let start = writer.text.len();
                    open.push((inside, End::Link(start, href)));
                }
            }
            Tag::Td | Tag::Th => open.push((inside, End::Cell)),
            // Who is quoted stands on a line of its own.
            Tag::Cite if in_quote > 0 => {
                writer.break_line(1);
                open.push((inside, End::Block(1)));
            }
            tag if tag.is_block() => {
                writer.break_line(1);
                open.push((inside, End::Block(1)));
            }
            _ => {}
        }
    }
    out.text = writer.text;
    out
}

enum End<'a> {
    Block(u32),
    Verbatim,
    Quote(usize),
    Link(usize, &'a str),
    Cell,
}

#[derive(Default)]
struct Writer {
    text: String,
    /// A space and line breaks that wait for text to follow.
    space: bool,
    lines: u32,
    /// Inside of how many elements that keep their white space.
    verbatim: u32,
}

impl Writer {
    fn break_line(&mut self, least: u32) {
        self.lines = self.lines.max(least);
    }

    /// Writes what waits, except at the start of the text.
    fn flush(&mut self) {
        if !self.text.is_empty() {
            match self.lines {
                0 if self.space => self.text.push(' '),
                0 => {}
                1 => self.text.push('\n'),
                // More than one blank line says nothing more.
                _ => self.text.push_str("\n\n"),
            }
        }
        self.space = false;
        self.lines = 0;
    }

    fn push_raw(&mut self, raw: &str) {
        let bytes = raw.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_whitespace() {
                self.blank(byte);
                at += 1;
                continue;
            }
            if byte == b'&'
                && let Some((decoded, length)) = reference(&raw[at..], Place::Text)
            {
                self.push_char(decoded);
                at += length;
                continue;
            }
            let length = bytes[at + 1..]
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || *byte == b'&')
                .map_or(bytes.len() - at, |found| found + 1);
            self.flush();
            self.push_without_hard_spaces(&raw[at..at + length]);
            at += length;
        }
    }

    fn push_decoded(&mut self, text: &str) {
        if !text.is_empty() {
            self.flush();
            self.text.push_str(text);
        }
    }

    fn push_char(&mut self, c: char) {
        match c {
            '\u{A0}' => self.blank(b' '),
            '\t' | '\n' | '\r' => self.blank(c as u8),
            c => {
                self.flush();
                self.text.push(c);
            }
        }
    }

    /// Hard spaces are layout as a rule: a reader sees a space.
    fn push_without_hard_spaces(&mut self, run: &str) {
        if memchr::memmem::find(run.as_bytes(), "\u{A0}".as_bytes()).is_none() {
            self.text.push_str(run);
            return;
        }
        for (number, part) in run.split('\u{A0}').enumerate() {
            if number > 0 {
                self.blank(b' ');
            }
            if !part.is_empty() {
                self.flush();
                self.text.push_str(part);
            }
        }
    }

    fn blank(&mut self, byte: u8) {
        if self.verbatim == 0 {
            self.space = true;
        } else if byte == b'\n' {
            self.lines += 1;
        } else if byte != b'\r' && !self.text.is_empty() {
            self.flush();
            self.text.push(' ');
        }
    }
}

/// Links that the forum makes itself: a user's name, an anchor, a picture's enlargement.
fn is_internal(page: &Document<'_>, node: NodeId) -> bool {
    page.raw_attribute(node, "class").is_some_and(|classes| {
        classes.split_ascii_whitespace().any(|class| {
            class.starts_with("username")
                || class.to_ascii_lowercase().contains("mention")
                || matches!(class, "anchor" | "lightbox" | "lbTrigger")
        })
    })
}

/// The target of a link, unless its text shows it. A shortened text (`https://host/lo…ng`) does not.
fn hidden_target(shown: &str, href: &str, base: Option<&str>) -> Option<String> {
    let href = decode(href, Place::Attribute);
    let target = url::resolve(base, &href)?;
    let bare = |text: &str| {
        let text = text.trim();
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let text = text.strip_prefix("mailto:").unwrap_or(text);
        text.strip_prefix("www.").unwrap_or(text).trim_end_matches('/').to_lowercase()
    };
    (bare(shown) != bare(&target)).then_some(target)
}

/// The letters of a picture that stands for an emoji.
fn emoji<'a>(page: &Document<'a>, node: NodeId) -> Option<&'a str> {
    let class = page.raw_attribute(node, "class").unwrap_or("");
    let source = page.raw_attribute(node, "src").unwrap_or("");
    let marks = ["smil", "emoji", "emoticon"];
    let is_emoji = marks.iter().any(|mark| class.contains(mark) || source.contains(mark))
        || ["data-shortname", "data-emoticon", "data-emoji"]
            .iter()
            .any(|name| page.raw_attribute(node, name).is_some());
    let letters = page.raw_attribute(node, "alt").or_else(|| page.raw_attribute(node, "data-shortname"))?;
    (is_emoji && letters.len() <= 64).then_some(letters)
}

/// Undoes the scrambling of mail addresses that Cloudflare puts into pages: pairs of hexadecimal digits, the first is
/// the key.
fn cloudflare_mail(code: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = (0..code.len().min(400) / 2)
        .map(|pair| u8::from_str_radix(code.get(pair * 2..pair * 2 + 2)?, 16).ok())
        .collect();
    let (key, rest) = bytes?.split_first().map(|(key, rest)| (*key, rest.to_vec()))?;
    String::from_utf8(rest.iter().map(|byte| byte ^ key).collect()).ok()
}

impl Document<'_> {
    /// The text inside of a node on one line: a name, a title, a date.
    pub fn line(&self, node: NodeId) -> String {
        let mut writer = Writer::default();
        if self.tag(node) == Tag::Text {
            writer.push_raw(self.raw_text(node));
            return writer.text;
        }
        let (mut at, end) = (NodeId(node.0 + 1), self.end(node));
        while at < end {
            let next = NodeId(at.0 + 1);
            at = match self.tag(at) {
                Tag::Text => {
                    writer.push_raw(self.raw_text(at));
                    next
                }
                Tag::Script | Tag::Style | Tag::Template | Tag::Svg => self.end(at),
                tag => {
                    writer.space |= tag.is_block() || tag == Tag::Br;
                    next
                }
            };
            // Nothing that is shown on one line is longer; a page in one heading must not cost its length each time.
            if writer.text.len() > 2000 || !self.step() {
                break;
            }
        }
        writer.text
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn rules(page: &Document<'_>, node: NodeId) -> Treat {
        if page.tag(node) == Tag::Blockquote {
            Treat::Quote
        } else if page.has_class(node, "sig") {
            Treat::Drop
        } else if page.has_class(node, "hide") {
            Treat::Hidden
        } else {
            Treat::Take
        }
    }

    fn read(html: &str) -> Body {
        let page = parse(html).unwrap();
        body(&page, page.root(), Some("https://forum.example/t/"), &rules)
    }

    #[track_caller]
    fn check(html: &str, text: &str) {
        assert_eq!(read(html).text, text, "{html}");
    }

    #[test]
    fn lines_and_spaces() {
        check("  a\n  b&nbsp;&nbsp; c ", "a b c");
        check("a<br>b<br />c", "a\nb\nc");
        check("a<br><br>b<br><br><br><br>c", "a\n\nb\n\nc");
        check("<div>a<br></div><div>b</div>c", "a\nb\nc");
        check("<p>a</p>\n<p>b</p>", "a\n\nb");
        check("<ul><li>a<li>b</ul>c", "a\nb\nc");
        check("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc");
        check("<b>a</b><i>b</i> c", "ab c");
        check("a<script>x</script><style>y</style><noscript>z</noscript>b", "ab");
    }

    #[test]
    fn code_keeps_its_lines() {
        check("x<pre>\na\n  b &lt;\n</pre>y", "x\na\n  b <\ny");
    }

    #[test]
    fn quotes_are_marked_once() {
        let found = read("<blockquote>A said:<blockquote>x</blockquote>y</blockquote>z<blockquote>w</blockquote>");
        assert_eq!(found.text, "A said:\nx\ny\nz\nw");
        let quotes: Vec<_> = found.quotes.iter().map(|quote| &found.text[quote.range()]).collect();
        assert_eq!(quotes, ["A said:\nx\ny", "w"]);
        assert_eq!(read("<blockquote> </blockquote>z").quotes, []);
    }

    #[test]
    fn dropped_and_hidden_parts() {
        let found = read("a<div class=sig>s</div><div class=hide>log in</div>b");
        assert_eq!((found.text.as_str(), found.hidden), ("a\nb", true));
    }

    #[test]
    fn links_whose_text_hides_them() {
        let html = r##"<a href="/x?a=1&amp;b=2">here</a> <a href="https://a.example/">a.example</a>
            <a href="https://b.example/long/path">https://b.example/lo...</a> <a href="#top">up</a>
            <a href="javascript:x()">js</a> <a class="username" href="/members/1">bob</a>"##;
        assert_eq!(read(html).links, ["https://forum.example/x?a=1&b=2", "https://b.example/long/path"]);
    }

    #[test]
    fn pictures_that_are_letters() {
        check(r#"ok <img class="smilie" alt=":)"> <img src="/photo.jpg" alt="photo">x"#, "ok :) x");
        check(
            r#"<a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="4223226c2f">[x]</a>"#,
            "a`.m",
        );
    }
}
