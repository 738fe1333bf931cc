//! BBCode as text: the markup that forums keep in their databases.
//!
//! Known tags are dropped, unknown ones are words (`[WTS]`). Quotes become quotes, with the post that the first one
//! names as an edge; the target of a link whose text hides it is kept; pictures and attachments vanish. Tags that
//! hide text from some readers (`[hide]`, `[hidereply]`) are dropped and their text stays: in a database it is as
//! readable as the rest, and the author's own words. phpBB from 3.2 keeps BBCode inside XML, SMF writes `<br />`:
//! both are undone first. One pass; what is not closed is closed by the end.

use super::body::Body;
use super::fragment::unescape;

/// Reads a body as it stands in the database.
pub(super) fn from_bbcode(source: &str) -> Body {
    let source = plain(source);
    let mut body = Body::default();
    let mut rest: &str = &source;
    while let Some(at) = memchr::memchr(b'[', rest.as_bytes()) {
        push(&rest[..at], &mut body);
        rest = &rest[at..];
        let Some(tag) = Tag::of(rest) else {
            body.push("[");
            rest = &rest[1..];
            continue;
        };
        let after = &rest[tag.length..];
        match (&*tag.name, tag.closing) {
            ("quote", false) => body.open_quote(quoted_post(tag.argument)),
            ("quote", true) => body.close_quote(),
            ("url" | "link", false) if !tag.argument.is_empty() => {
                let target = tag.argument.trim_matches(['"', '\'']);
                if target.contains(':') {
                    body.link(target);
                }
            }
            ("code" | "php" | "html" | "pre" | "icode" | "plain" | "noparse", false) => {
                // Inside these nothing is a tag.
                let end = end_of(after, &tag.name).unwrap_or(after.len());
                push(&after[..end], &mut body);
                rest = &after[end..];
                continue;
            }
            ("img" | "attach" | "attachment" | "media" | "youtube" | "video" | "gallery" | "sig", false) => {
                // What stands between the tags is an address or a number. Without an end tag nothing vanishes.
                let near = &after[..after.floor_char_boundary(MAX_HIDDEN.min(after.len()))];
                let end = end_of(near, &tag.name).unwrap_or(0);
                rest = &after[end..];
                continue;
            }
            ("*" | "li" | "tr" | "hr", _) | ("list" | "ul" | "ol" | "table" | "center" | "indent", _) => body.block(),
            ("br", _) => body.line_break(),
            ("td" | "th", false) => body.push(" "),
            _ => {}
        }
        rest = after;
    }
    push(rest, &mut body);
    body.finish()
}

/// Longest address between the tags of a picture.
const MAX_HIDDEN: usize = 4096;
/// Longest tag with its argument.
const MAX_TAG: usize = 1024;

/// Tags that are markup. `[Selling]` and `[WTS]` are words.
const KNOWN: &[&str] = &[
    "*",
    "abbr",
    "align",
    "anchor",
    "attach",
    "attachment",
    "b",
    "background",
    "bgcolor",
    "big",
    "blur",
    "br",
    "center",
    "club",
    "cloud",
    "code",
    "color",
    "credits",
    "dfn",
    "email",
    "face",
    "font",
    "gallery",
    "groups",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "heading",
    "hidden",
    "hide",
    "hidereply",
    "hideto",
    "highlight",
    "hr",
    "html",
    "i",
    "icode",
    "img",
    "indent",
    "ins",
    "ispoiler",
    "justify",
    "left",
    "li",
    "likes",
    "link",
    "list",
    "locked",
    "media",
    "member",
    "mention",
    "noparse",
    "ol",
    "php",
    "plain",
    "post",
    "pre",
    "quote",
    "reply",
    "right",
    "rtl",
    "s",
    "shadow",
    "sig",
    "size",
    "spoiler",
    "strike",
    "sub",
    "sup",
    "table",
    "tabs",
    "td",
    "th",
    "thread",
    "tr",
    "u",
    "ul",
    "url",
    "user",
    "video",
    "youtube",
];

struct Tag<'a> {
    name: String,
    closing: bool,
    /// What stands behind `=` or the first space, without quotation marks of its own taken off.
    argument: &'a str,
    length: usize,
}

impl<'a> Tag<'a> {
    /// The known tag at the start of `source`, which starts with `[`.
    fn of(source: &'a str) -> Option<Self> {
        let inside = &source[1..];
        let closing = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let end = inside.bytes().take(12).position(|b| !(b.is_ascii_alphanumeric() || b == b'*'))?;
        let name = inside[..end].to_ascii_lowercase();
        if !KNOWN.contains(&&*name) {
            return None;
        }
        // The argument ends with the tag, but not inside quotation marks: `[quote="a]b"]`. phpBB's `:1a2b3c4d`
        // behind the name is its way to tell its own tags from the writer's.
        let mut quote = None;
        for (at, byte) in inside.bytes().enumerate().skip(end).take(MAX_TAG) {
            match (byte, quote) {
                (b'"', None) if inside.as_bytes()[at - 1] == b'=' => quote = Some(byte),
                (b'"', Some(_)) => quote = None,
                (b'\n', _) => return None,
                (b']', None) => {
                    let argument = inside[end..at].trim_start_matches([':', '=', ' ']);
                    return Some(Self { name, closing, argument, length: 1 + usize::from(closing) + at + 1 });
                }
                _ => {}
            }
        }
        None
    }
}

/// Where the closing tag of this name begins.
fn end_of(source: &str, name: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = source[at..].find("[/") {
        let tail = &source[at + found + 2..];
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some(at + found);
        }
        at += found + 2;
    }
    None
}

/// The post that a quote names: MyBB's `pid='12'`, XenForo's `post: 12`, vBulletin's `name;12`, SMF's `msg12`,
/// phpBB's `post_id=12`.
fn quoted_post(argument: &str) -> Option<&str> {
    for mark in ["pid=", "post_id=", "post:", "#msg", ".msg", "p="] {
        if let Some(at) = argument.find(mark) {
            let number = argument[at + mark.len()..].trim_start_matches([' ', '"', '\'']);
            let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            if end > 0 {
                return Some(&number[..end]);
            }
        }
    }
    let (_, number) = argument.trim_matches('"').rsplit_once(';')?;
    // vBulletin 5 writes `name;n12`.
    let number = number.strip_prefix('n').unwrap_or(number);
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

fn push(text: &str, body: &mut Body) {
    body.push(text);
}

/// Undoes what engines put around BBCode: phpBB's XML, SMF's line breaks, entities.
fn plain(source: &str) -> std::borrow::Cow<'_, str> {
    let xml = source.starts_with("<r>") || source.starts_with("<t>");
    if xml {
        // Without its tags this XML is the BBCode that was typed, entities aside.
        let mut text = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(at) = rest.find('<') {
            text.push_str(&rest[..at]);
            match rest[at..].find('>') {
                Some(end) => {
                    if rest[at..].starts_with("<br") && !rest[at + end + 1..].starts_with('\n') {
                        text.push('\n');
                    }
                    rest = &rest[at + end + 1..];
                }
                None => rest = "",
            }
        }
        text.push_str(rest);
        return unescape(&text).into_owned().into();
    }
    let breaks = ["<br />", "<br/>", "<br>"].iter().any(|tag| source.contains(tag));
    match (breaks, source.contains('&')) {
        (false, false) => source.into(),
        (false, true) => unescape(source),
        (true, _) => {
            let lines = source.replace("<br />", "\n").replace("<br/>", "\n").replace("<br>", "\n");
            unescape(&lines).into_owned().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> String {
        let body = from_bbcode(source);
        let mut text = body.text.clone();
        for quote in body.quotes.iter().rev() {
            text.replace_range(quote.range(), &format!("«{}»", body.text[quote.range()].trim_end()));
        }
        let edge = body.reply_to.map(|post| format!(" >{post}")).unwrap_or_default();
        let links: String = body.links.iter().map(|link| format!(" <{link}>")).collect();
        text + &edge + &links
    }

    #[test]
    fn quotes_of_each_engine() {
        for (source, expected) in [
            ("[quote=\"ann\" pid='12' dateline='5']old[/quote]new", "«old»new >12"),
            ("[QUOTE=\"ann, post: 12, member: 4\"]old[/QUOTE]\nnew", "«old»\nnew >12"),
            ("[QUOTE=ann;12]old[/QUOTE]new", "«old»new >12"),
            ("[quote author=ann link=topic=3.msg12#msg12 date=5]old[/quote]new", "«old»new >12"),
            ("[quote=&quot;ann&quot;:3kx1]old[/quote:3kx1]new", "«old»new"),
            ("[quote=\"a]b\"]old[/quote]new", "«old»new"),
            ("[quote]a[quote]b[/quote]c[/quote]d", "«a\nb\nc»d"),
            ("[quote]never closed", "«never closed»"),
            ("[/quote]a", "a"),
        ] {
            assert_eq!(shown(source), expected, "{source}");
        }
    }

    #[test]
    fn words_in_brackets_stay() {
        assert_eq!(shown("[WTS] [b]base[/b] [5$] [a] [/b"), "[WTS] base [5$] [a] [/b");
        assert_eq!(shown("[b"), "[b");
        assert_eq!(shown("[code]if [b] a[i] = 1[/code] x"), "if [b] a[i] = 1 x");
    }

    #[test]
    fn links_pictures_and_lists() {
        assert_eq!(shown("[url=https://shop.example]shop[/url]"), "shop <https://shop.example>");
        assert_eq!(shown("[url]https://shop.example[/url]"), "https://shop.example");
        assert_eq!(shown("a[img]https://x.example/a.png[/img]b"), "ab");
        assert_eq!(shown("a[img]b"), "ab");
        assert_eq!(shown("x[list][*]one[*]two[/list]y"), "x\none\ntwo\ny");
        assert_eq!(shown("[hide=10]secret shop[/hide]"), "secret shop");
    }

    #[test]
    fn what_engines_put_around() {
        assert_eq!(shown("<r><B><s>[b]</s>a &amp; b<e>[/b]</e></B><br/>\nc</r>"), "a & b\nc");
        assert_eq!(shown("<t>1 &lt; 2</t>"), "1 < 2");
        assert_eq!(shown("one<br />two &#039;x&#039;"), "one\ntwo 'x'");
    }
}
