//! What the tree makes of regular, sloppy and hostile pages.

use proptest::prelude::*;

use super::*;

/// The tree as nested brackets: `div(p(x) p)`.
fn shape(html: &str) -> String {
    fn show(page: &Document<'_>, node: NodeId, out: &mut String) {
        for child in page.children(node) {
            if !out.is_empty() && !out.ends_with('(') {
                out.push(' ');
            }
            if page.tag(child) == Tag::Text {
                out.push_str(page.raw_text(child).trim());
                continue;
            }
            out.push_str(&format!("{:?}", page.tag(child)).to_lowercase());
            if page.children(child).next().is_some() {
                out.push('(');
                show(page, child, out);
                out.push(')');
            }
        }
    }
    let page = parse(html).unwrap();
    let mut out = String::new();
    show(&page, page.root(), &mut out);
    out
}

#[test]
fn end_tags_that_are_left_out() {
    for (html, tree) in [
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "ul(li(a) li(b ul(li(c))) li(d))"),
        ("<p>a<p>b<div>c</div>", "p(a) p(b) div(c)"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "dl(dt(a) dd(b) dt(c))"),
        ("<table><tr><td>a<td>b<tr><th>c</table>d", "table(tr(td(a) td(b)) tr(th(c))) d"),
        ("<table><tr><td><table><tr><td>a</table>b<td>c</table>", "table(tr(td(table(tr(td(a))) b) td(c)))"),
        ("<table><thead><tr><td>a<tbody><tr><td>b</table>", "table(thead(tr(td(a))) tbody(tr(td(b))))"),
        ("<select><option>a<option>b</select>c", "select(option(a) option(b)) c"),
        ("<head><title>a<b></title><body>c", "head(title(a<b>)) body(c)"),
    ] {
        assert_eq!(shape(html), tree, "{html}");
    }
}

#[test]
fn end_tags_without_a_start() {
    for (html, tree) in [
        ("<div>a</span></b>b</div>c", "div(a b) c"),
        ("<div><table><tr><td>a</div>b</table>c</div>d", "div(table(tr(td(a b))) c) d"),
        ("<div><b>a</div>c</b>d", "div(b(a)) c d"),
        ("<b><p>a</b>b</p>c", "b(p(a b) c)"),
        ("<h2>a</h3>b", "h2(a) b"),
        ("<a href=1>a<a href=2>b</a>", "a(a) a(b)"),
        ("<a name=1><div>a<a href=2>b</a></div>", "a(div(a a(b)))"),
        ("a</br>b", "a br b"),
        ("<html><body>a</body></html>b", "html(body(a b))"),
    ] {
        assert_eq!(shape(html), tree, "{html}");
    }
}

#[test]
fn what_is_no_tag() {
    for (html, tree) in [
        ("a < b > c <3 </3", "a < b > c <3 </3"),
        ("a<!-- <b> -->c<!doctype html>d<?php x ?>e", "a c d e"),
        ("<script>if (a < b) '</scr' + '<b>';</script>x", "script(if (a < b) '</scr' + '<b>';) x"),
        ("<textarea><b></textarea><title></titles></TITLE >y", "textarea(<b>) title(</titles>) y"),
        ("<svg><path/><use/></svg>z", "svg(other other) z"),
    ] {
        assert_eq!(shape(html), tree, "{html}");
    }
}

#[test]
fn attributes_in_every_form() {
    let page = parse("<a href='x&amp;y' class=\" b  c \" DATA-N=5 checked id=i id=j =odd><b a=1/>").unwrap();
    let a = page.find(page.root(), "a").unwrap();
    assert_eq!(page.attribute(a, "href").as_deref(), Some("x&y"));
    assert!(page.has_class(a, "b") && page.has_class(a, "c"));
    assert_eq!(page.raw_attribute(a, "data-n"), Some("5"));
    assert_eq!(page.raw_attribute(a, "checked"), Some(""));
    assert_eq!(page.raw_attribute(a, "id"), Some("i"));
    assert_eq!(page.raw_attribute(a, "none"), None);
}

#[test]
fn a_file_that_is_cut_off() {
    for (html, cut) in [
        ("<html><body><div>a</div>", false),
        ("<html><body><div>a</body></html>", false),
        ("<ul><li>a</ul><p>b", false),
        ("<div>a", true),
        ("<div>a</div", true),
        ("a<b class=\"x", true),
        ("a<!-- b", true),
        ("<script>x", true),
    ] {
        assert_eq!(parse(html).unwrap().is_cut(), cut, "{html}");
    }
}

fn limit(html: &str) -> Option<Limit> {
    parse(html).err()
}

#[test]
fn limits_are_exact() {
    let nested = |depth: usize| format!("{}x{}", "<div>".repeat(depth), "</div>".repeat(depth));
    assert_eq!(limit(&nested(MAX_DEPTH)), None);
    assert_eq!(limit(&nested(MAX_DEPTH + 1)), Some(Limit::Depth));
    assert_eq!(limit(&nested(10_000)), Some(Limit::Depth));
    assert_eq!(limit(&"<br>".repeat(MAX_NODES)), None);
    assert_eq!(limit(&"<br>".repeat(MAX_NODES + 1)), Some(Limit::Nodes));
    let attributes = |count: usize| format!("<a{}>", " b".repeat(count));
    assert_eq!(limit(&attributes(100_000)), None);
    assert_eq!(limit(&attributes(MAX_ATTRIBUTES)), None);
    assert_eq!(limit(&attributes(MAX_ATTRIBUTES + 1)), Some(Limit::Attributes));
    assert_eq!(limit(&"x".repeat(MAX_BYTES)), None);
    assert_eq!(limit(&"x".repeat(MAX_BYTES + 1)), Some(Limit::Bytes));
}

#[test]
fn hostile_pages_take_linear_time() {
    // Each was chosen because some way of reading looks at the rest, or at all open elements, again and again.
    let deep = "<div>".repeat(500);
    for unit in [
        "<",
        "<a",
        "<a ",
        "</",
        "</a",
        "<!",
        "<!--",
        "<![",
        "&",
        "&#",
        "&a",
        "<a b='",
        "<a b=",
        "<script",
        "<script>",
        "</script",
        "<title></t",
        "<p>",
        "</p>",
        "</b>",
        "<b></p>",
        "<td>",
        "</td>",
        "<table>",
        "=",
        "\"",
        "<li></ul>",
    ] {
        let html = format!("{deep}{}", unit.repeat((4 << 20) / unit.len()));
        if let Ok(page) = parse(&html) {
            let found = body(&page, page.root(), None, &|_, _| Treat::Take);
            assert!(found.text.len() <= html.len());
            page.find_all(page.root(), "div > p b, [class*=x]");
        }
    }
}

#[test]
fn a_search_that_costs_too_much_stops() {
    let html = format!("{}{}", "<div>".repeat(500), "<b></b>".repeat(150_000));
    let page = parse(&html).unwrap();
    assert!(!page.is_exhausted());
    assert_eq!(page.find_all(page.root(), "i div b"), []);
    assert!(page.is_exhausted());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trees_are_sound(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        sound(&pieces.concat());
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,300}") {
        sound(&text);
    }
}

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "!",
    "--",
    "=",
    "\"",
    "'",
    " ",
    "&",
    "&amp;",
    "&#x",
    ";",
    "я",
    "\u{A0}",
    "\n",
    "text",
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<li>",
    "<ul>",
    "</ul>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<a href=x>",
    "</a>",
    "<b>",
    "</b>",
    "<br>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<pre>",
    "</pre>",
    "<blockquote>",
    "</blockquote>",
    "<x-y/>",
    "<body>",
    "</body>",
    "</html>",
    "<div class=",
    "<img alt=",
    "<h1>",
    "</h2>",
];

/// Every node ends within its parent, and quotes lie on character boundaries.
fn sound(html: &str) {
    let page = parse(html).unwrap();
    for node in page.descendants(page.root()) {
        let parent = page.parent(node).unwrap();
        assert!(page.contains(parent, node) && page.end(node) <= page.end(parent) && page.end(node) > node);
    }
    let quote = |page: &Document<'_>, node| {
        if page.tag(node) == Tag::Blockquote { Treat::Quote } else { Treat::Take }
    };
    let found = body(&page, page.root(), Some("https://a.example/b"), &quote);
    for quote in &found.quotes {
        assert!(found.text.get(quote.range()).is_some_and(|text| !text.is_empty()));
    }
    assert_eq!(found.text.trim_start_matches([' ', '\n']), found.text);
    page.line(page.root());
}
