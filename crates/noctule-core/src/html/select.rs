//! Finding nodes by a small part of CSS: `div.post > a[href*="u="], #posts li[data-id]`.
//!
//! Tag, class, id; `[name]`, `=`, `^=`, `$=`, `*=`; descendants, children and lists. Selectors are written by us,
//! so one that cannot be read is a defect, and matches nothing. Every node looked at is one step of the budget.

use super::tags::Tag;
use super::tree::{Document, NodeId};

struct Compound<'s> {
    tag: Option<(Tag, &'s str)>,
    tests: Vec<Test<'s>>,
    /// How it hangs on the compound before it.
    child: bool,
}

enum Test<'s> {
    Class(&'s str),
    Id(&'s str),
    Attribute(&'s str, Compare, &'s str),
}

#[derive(Clone, Copy)]
enum Compare {
    Present,
    Equal,
    Starts,
    Ends,
    Contains,
}

/// The alternatives of a list, each a chain of compounds from the outermost to the node itself.
struct Selector<'s>(Vec<Vec<Compound<'s>>>);

impl<'s> Selector<'s> {
    fn parse(text: &'s str) -> Self {
        let mut alternatives = Vec::new();
        for alternative in split_outside_brackets(text, b',') {
            let mut chain = Vec::new();
            let mut child = false;
            for part in split_outside_brackets(alternative.trim(), b' ') {
                match part {
                    "" => {}
                    ">" => child = true,
                    part => {
                        chain.push(compound(part, child));
                        child = false;
                    }
                }
            }
            alternatives.push(chain);
        }
        Self(alternatives)
    }
}

fn split_outside_brackets(text: &str, by: u8) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.split(move |c: char| {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        !inside && c == char::from(by)
    })
}

fn compound(text: &str, child: bool) -> Compound<'_> {
    let is_mark = |c: char| matches!(c, '.' | '#' | '[');
    let tag_length = text.find(is_mark).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(tag_length);
    let mut tests = Vec::new();
    while let Some(mark) = rest.chars().next() {
        rest = &rest[1..];
        if mark == '[' {
            let (inside, behind) = rest.split_once(']').unwrap_or((rest, ""));
            rest = behind;
            tests.push(match inside.split_once('=') {
                None => Test::Attribute(inside, Compare::Present, ""),
                Some((name, value)) => {
                    let value = value.trim_matches(['"', '\'']);
                    let (name, compare) = match name.as_bytes().last() {
                        Some(b'^') => (&name[..name.len() - 1], Compare::Starts),
                        Some(b'$') => (&name[..name.len() - 1], Compare::Ends),
                        Some(b'*') => (&name[..name.len() - 1], Compare::Contains),
                        _ => (name, Compare::Equal),
                    };
                    Test::Attribute(name, compare, value)
                }
            });
        } else {
            let length = rest.find(is_mark).unwrap_or(rest.len());
            let word = &rest[..length];
            rest = &rest[length..];
            tests.push(if mark == '.' { Test::Class(word) } else { Test::Id(word) });
        }
    }
    let tag = (!name.is_empty() && name != "*").then(|| (Tag::of(name), name));
    Compound { tag, tests, child }
}

/// What reading a selector costs, in steps: about as much as looking at so many nodes.
const SELECTOR_STEPS: u64 = 64;

impl Document<'_> {
    fn selector<'s>(&self, text: &'s str) -> Selector<'s> {
        self.charge(SELECTOR_STEPS);
        Selector::parse(text)
    }

    /// The first node inside of `root` that the selector describes.
    pub fn find(&self, root: NodeId, selector: &str) -> Option<NodeId> {
        let selector = self.selector(selector);
        self.descendants(root).find(|node| self.is(*node, &selector))
    }

    /// Every such node, in order.
    pub fn find_all(&self, root: NodeId, selector: &str) -> Vec<NodeId> {
        let selector = self.selector(selector);
        self.descendants(root).filter(|node| self.is(*node, &selector)).collect()
    }

    /// Every such node that is not inside of another one: however deep they are nested, each part of the page is
    /// looked at once.
    pub fn outermost(&self, root: NodeId, selector: &str) -> Vec<NodeId> {
        let selector = self.selector(selector);
        let mut found = Vec::new();
        let end = self.end(root);
        let mut at = NodeId(root.0 + 1);
        while at < end {
            if self.is(at, &selector) {
                found.push(at);
                at = self.end(at);
            } else {
                at = NodeId(at.0 + 1);
            }
        }
        found
    }

    pub fn matches(&self, node: NodeId, selector: &str) -> bool {
        self.is(node, &self.selector(selector))
    }

    /// The node itself or the innermost node around it that the selector describes.
    pub fn closest(&self, node: NodeId, selector: &str) -> Option<NodeId> {
        let selector = self.selector(selector);
        let mut at = Some(node);
        while let Some(here) = at {
            if self.is(here, &selector) {
                return Some(here);
            }
            at = self.parent(here);
        }
        None
    }

    fn is(&self, node: NodeId, selector: &Selector<'_>) -> bool {
        if self.tag(node) == Tag::Text {
            return false;
        }
        self.step() && selector.0.iter().any(|chain| self.is_chain(node, chain))
    }

    fn is_chain(&self, node: NodeId, chain: &[Compound<'_>]) -> bool {
        let Some((last, before)) = chain.split_last() else {
            return false;
        };
        if !self.is_compound(node, last) {
            return false;
        }
        if before.is_empty() {
            return true;
        }
        let mut at = self.parent(node);
        while let Some(outer) = at.filter(|_| self.step()) {
            if self.is_chain(outer, before) {
                return true;
            }
            if last.child {
                return false;
            }
            at = self.parent(outer);
        }
        false
    }

    fn is_compound(&self, node: NodeId, compound: &Compound<'_>) -> bool {
        if let Some((tag, name)) = compound.tag {
            let own = &self.nodes[node.0 as usize];
            if own.tag != tag || tag == Tag::Other && !self.name(own).eq_ignore_ascii_case(name) {
                return false;
            }
        }
        compound.tests.iter().all(|test| match test {
            Test::Class(class) => self.has_class(node, class),
            Test::Id(id) => self.raw_attribute(node, "id") == Some(id),
            Test::Attribute(name, compare, wanted) => {
                self.charge_attributes(node);
                self.raw_attribute(node, name).is_some_and(|value| match compare {
                    Compare::Present => true,
                    Compare::Equal => value == *wanted,
                    Compare::Starts => value.starts_with(wanted),
                    Compare::Ends => value.ends_with(wanted),
                    Compare::Contains => value.contains(wanted),
                })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    fn ids(html: &str, selector: &str) -> String {
        let page = parse(html).unwrap();
        let found = page.find_all(page.root(), selector);
        found.iter().map(|node| page.raw_attribute(*node, "id").unwrap_or("?")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn selectors_find_what_css_finds() {
        let html = r#"<div id=a class="x y"><p id=b><a id=c href="/u=5">t</a></p><ul><li id=d data-n="1"><x-y id=e></x-y></ul></div><a id=f>"#;
        for (selector, found) in [
            ("div", "a"),
            (".x.y", "a"),
            (".x.z", ""),
            ("#c", "c"),
            ("a[href]", "c"),
            ("a[href*='u=']", "c"),
            ("a[href^=/u]", "c"),
            ("[href$='5'], li[data-n=1]", "c d"),
            ("div a", "c"),
            ("div > a", ""),
            ("div > p > a", "c"),
            ("div.x > p a", "c"),
            ("x-y", "e"),
            ("li x-y, a", "c e f"),
        ] {
            assert_eq!(ids(html, selector), found, "{selector}");
        }
    }

    #[test]
    fn the_outermost_of_nested_ones() {
        let page = parse("<div class=q><div class=q></div></div><div class=q></div>").unwrap();
        assert_eq!(page.outermost(page.root(), ".q").len(), 2);
        assert_eq!(page.find_all(page.root(), ".q").len(), 3);
    }
}
