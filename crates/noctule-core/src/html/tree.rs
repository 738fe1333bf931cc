//! From text to a tree whose nodes lie in the order of the text.
//!
//! A node's descendants are the nodes from the one behind it up to its `end`, so a subtree needs no pointers and a
//! search is a loop over a range.

use std::borrow::Cow;
use std::cell::Cell;

use memchr::memchr;

use super::entities::{Place, decode};
use super::tags::{TAGS, Tag};

/// Most bytes of a page.
pub const MAX_BYTES: usize = 8 << 20;
/// Most elements inside each other.
pub const MAX_DEPTH: usize = 512;
/// Most elements and texts.
pub const MAX_NODES: usize = 200_000;
/// Most attributes of all elements together.
pub const MAX_ATTRIBUTES: usize = 400_000;
/// Looks at the open elements, and at nodes while searching: more than any page of a forum needs by far.
const STEPS: u64 = 48_000_000;

/// What made a page unreadable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    Bytes,
    Depth,
    Nodes,
    Attributes,
    Steps,
}

impl Limit {
    /// In words, for a skip.
    pub fn words(self) -> String {
        match self {
            Self::Bytes => format!("the page is larger than {} MiB", MAX_BYTES >> 20),
            Self::Depth => format!("elements nested deeper than {MAX_DEPTH}"),
            Self::Nodes => format!("more than {MAX_NODES} elements and texts"),
            Self::Attributes => format!("more than {MAX_ATTRIBUTES} attributes"),
            Self::Steps => "reading it takes more steps than any page should".into(),
        }
    }
}

/// A node of a [`Document`]; only meaningful with the document it came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The node behind this one in the order of the page: its first child, or what follows it.
    pub fn following(self) -> Self {
        Self(self.0 + 1)
    }

    /// Its position in the order of the page, from 0 for the root.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) tag: Tag,
    /// Ended by an end tag or by what implies one, not by the end of the file.
    pub(super) closed: bool,
    pub(super) parent: u32,
    /// One past the last descendant.
    pub(super) end: u32,
    /// Of the text, or of an element's name, in the source.
    start: u32,
    length: u32,
    first_attribute: u32,
    attributes: u32,
    /// Numbers of the attributes that selectors ask for most.
    class: u32,
    id: u32,
}

#[derive(Clone, Copy)]
struct Attribute {
    name_start: u32,
    name_length: u16,
    value_start: u32,
    value_length: u32,
}

const NONE: u32 = u32::MAX;

pub struct Document<'a> {
    source: &'a str,
    pub(super) nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    cut: bool,
    ended: bool,
    steps: Cell<u64>,
}

/// Reads a page. Never fails on its content, only on a [`Limit`].
pub fn parse(source: &str) -> Result<Document<'_>, Limit> {
    if source.len() > MAX_BYTES {
        return Err(Limit::Bytes);
    }
    let mut builder = Builder {
        source,
        nodes: Vec::with_capacity(source.len() / 40 + 16),
        attributes: Vec::with_capacity(source.len() / 60 + 16),
        open: vec![0],
        counts: [0; TAGS],
        steps: STEPS,
        cut: false,
        ended: false,
    };
    builder.nodes.push(Node {
        tag: Tag::Root,
        closed: true,
        parent: 0,
        end: 0,
        start: 0,
        length: 0,
        first_attribute: 0,
        attributes: 0,
        class: NONE,
        id: NONE,
    });
    builder.run()?;
    Ok(builder.finish())
}

struct Builder<'a> {
    source: &'a str,
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    /// The open elements, outermost first; the root is always there.
    open: Vec<u32>,
    /// How many of the open elements have each tag.
    counts: [u16; TAGS],
    steps: u64,
    /// The text ends within a tag, a comment or a raw text.
    cut: bool,
    /// `</body>` or `</html>` was seen.
    ended: bool,
}

impl<'a> Builder<'a> {
    fn run(&mut self) -> Result<(), Limit> {
        let bytes = self.source.as_bytes();
        let mut at = 0;
        let mut text_from = 0;
        while let Some(found) = memchr(b'<', &bytes[at..]) {
            let lt = at + found;
            let next = bytes.get(lt + 1).copied().unwrap_or(0);
            let is_end = next == b'/' && bytes.get(lt + 2).is_some_and(u8::is_ascii_alphabetic);
            if !(next.is_ascii_alphabetic() || is_end || matches!(next, b'!' | b'?')) {
                // A sign and not a tag: `a < b`.
                at = lt + 1;
                continue;
            }
            self.text(text_from, lt)?;
            at = match next {
                b'!' | b'?' => self.declaration(lt),
                b'/' => self.end_tag(lt)?,
                _ => self.start_tag(lt)?,
            };
            text_from = at;
        }
        self.text(text_from, bytes.len())
    }

    fn finish(mut self) -> Document<'a> {
        let end = self.nodes.len() as u32;
        for &at in &self.open {
            let node = &mut self.nodes[at as usize];
            node.end = end;
            // Of these the end tag may be left out at the end of a file.
            let optional = matches!(node.tag, Tag::Root | Tag::Html | Tag::Body | Tag::P | Tag::Li | Tag::Head);
            self.cut |= !optional;
        }
        Document {
            source: self.source,
            nodes: self.nodes,
            attributes: self.attributes,
            cut: self.cut,
            ended: self.ended,
            steps: Cell::new(self.steps),
        }
    }

    fn push(&mut self, node: Node) -> Result<u32, Limit> {
        let number = self.nodes.len();
        if number > MAX_NODES {
            return Err(Limit::Nodes);
        }
        self.nodes.push(node);
        Ok(number as u32)
    }

    fn parent(&self) -> u32 {
        *self.open.last().expect("the root is never closed")
    }

    fn text(&mut self, start: usize, end: usize) -> Result<(), Limit> {
        if start == end {
            return Ok(());
        }
        let number = self.nodes.len() as u32;
        self.push(Node {
            tag: Tag::Text,
            closed: true,
            parent: self.parent(),
            end: number + 1,
            start: start as u32,
            length: (end - start) as u32,
            first_attribute: 0,
            attributes: 0,
            class: NONE,
            id: NONE,
        })?;
        Ok(())
    }

    /// A comment, a doctype, a processing instruction: passed over.
    fn declaration(&mut self, lt: usize) -> usize {
        let rest = &self.source.as_bytes()[lt..];
        let end = if rest.starts_with(b"<!--") {
            if rest.starts_with(b"<!-->") {
                Some(5)
            } else {
                memchr::memmem::find(&rest[4..], b"-->").map(|found| found + 7)
            }
        } else {
            memchr(b'>', rest).map(|found| found + 1)
        };
        self.cut |= end.is_none();
        end.map_or(self.source.len(), |length| lt + length)
    }

    fn end_tag(&mut self, lt: usize) -> Result<usize, Limit> {
        let bytes = self.source.as_bytes();
        let start = lt + 2;
        let length = name_length(&bytes[start..]);
        let name = &self.source[start..start + length];
        let Some(gt) = memchr(b'>', &bytes[start + length..]) else {
            self.cut = true;
            return Ok(bytes.len());
        };
        self.close(Tag::of(name), name)?;
        Ok(start + length + gt + 1)
    }

    fn start_tag(&mut self, lt: usize) -> Result<usize, Limit> {
        let bytes = self.source.as_bytes();
        let start = lt + 1;
        let length = name_length(&bytes[start..]);
        let name = &self.source[start..start + length];
        let tag = Tag::of(name);
        let first_attribute = self.attributes.len();
        let (mut class, mut id) = (NONE, NONE);
        let mut at = start + length;
        let mut self_closing = false;
        loop {
            while bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'/') {
                self_closing = bytes[at] == b'/';
                at += 1;
            }
            match bytes.get(at) {
                None => {
                    // The file ends within the tag: it says nothing yet.
                    self.cut = true;
                    self.attributes.truncate(first_attribute);
                    return Ok(bytes.len());
                }
                Some(b'>') => break,
                Some(_) => {}
            }
            self_closing = false;
            let attribute = self.attribute(&mut at);
            if self.attributes.len() == MAX_ATTRIBUTES {
                return Err(Limit::Attributes);
            }
            let number = self.attributes.len() as u32;
            let name = &bytes[attribute.name_start as usize..][..attribute.name_length as usize];
            // The first of two with the same name counts.
            if class == NONE && name.eq_ignore_ascii_case(b"class") {
                class = number;
            } else if id == NONE && name.eq_ignore_ascii_case(b"id") {
                id = number;
            }
            self.attributes.push(attribute);
        }
        at += 1;
        // There is one head and one body, whatever the file says.
        if matches!(tag, Tag::Html | Tag::Body | Tag::Head) && self.counts[tag as usize] > 0 {
            return Ok(at);
        }
        self.imply_ends(tag)?;
        let node = Node {
            tag,
            closed: false,
            parent: self.parent(),
            end: 0,
            start: start as u32,
            length: length as u32,
            first_attribute: first_attribute as u32,
            attributes: (self.attributes.len() - first_attribute) as u32,
            class,
            id,
        };
        let number = self.push(node)?;
        if tag.is_void() || self_closing && (tag == Tag::Other || self.counts[Tag::Svg as usize] > 0) {
            self.nodes[number as usize].closed = true;
            self.nodes[number as usize].end = number + 1;
            return Ok(at);
        }
        if self.open.len() > MAX_DEPTH {
            return Err(Limit::Depth);
        }
        self.open.push(number);
        self.counts[tag as usize] += 1;
        if tag.is_raw_text() { self.raw_text(at, name) } else { Ok(at) }
    }

    /// Reads one attribute and moves `at` behind it. There is at least one byte that is neither space nor `>`.
    fn attribute(&self, at: &mut usize) -> Attribute {
        let bytes = self.source.as_bytes();
        let start = *at;
        // The first byte belongs to the name even if it is a `=`.
        let name = bytes[start + 1..]
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/'))
            .map_or(bytes.len() - start, |found| found + 1);
        *at = start + name;
        let mut attribute = Attribute {
            name_start: start as u32,
            // A longer name is nobody's; `u16::MAX` bytes of it may end within a character, and are not shown.
            name_length: u16::try_from(name).unwrap_or(0),
            value_start: 0,
            value_length: 0,
        };
        let skip_space = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
            at
        };
        let equals = skip_space(*at);
        if bytes.get(equals) != Some(&b'=') {
            return attribute;
        }
        let value = skip_space(equals + 1);
        let (start, length, behind) = match bytes.get(value) {
            Some(quote @ (b'"' | b'\'')) => {
                let length = memchr(*quote, &bytes[value + 1..]).unwrap_or(bytes.len() - value - 1);
                (value + 1, length, (value + length + 2).min(bytes.len()))
            }
            _ => {
                let length = bytes[value..]
                    .iter()
                    .position(|byte| byte.is_ascii_whitespace() || *byte == b'>')
                    .unwrap_or(bytes.len() - value);
                (value, length, value + length)
            }
        };
        attribute.value_start = start as u32;
        attribute.value_length = length as u32;
        *at = behind;
        attribute
    }

    /// The text of a script, a style, a title: up to its own end tag.
    fn raw_text(&mut self, from: usize, name: &str) -> Result<usize, Limit> {
        let bytes = self.source.as_bytes();
        let mut at = from;
        while let Some(found) = memchr::memmem::find(&bytes[at..], b"</") {
            let start = at + found + 2;
            let word = bytes.get(start..start + name.len());
            let behind = bytes.get(start + name.len()).copied().unwrap_or(0);
            if word.is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
                && (behind.is_ascii_whitespace() || matches!(behind, b'>' | b'/'))
            {
                self.text(from, at + found)?;
                return self.end_tag(at + found);
            }
            at = start;
        }
        self.cut = true;
        self.text(from, bytes.len())?;
        Ok(bytes.len())
    }

    /// Closes what the start of `tag` closes without saying so.
    fn imply_ends(&mut self, tag: Tag) -> Result<(), Limit> {
        match tag {
            Tag::Li => self.close_one_of(&[Tag::Li], &[Tag::Ul, Tag::Ol, Tag::Menu])?,
            Tag::Dt | Tag::Dd => self.close_one_of(&[Tag::Dt, Tag::Dd], &[Tag::Dl])?,
            Tag::Option | Tag::Optgroup => self.close_one_of(&[Tag::Option], &[Tag::Select])?,
            Tag::Td | Tag::Th => self.close_one_of(&[Tag::Td, Tag::Th], &[Tag::Table, Tag::Tr])?,
            Tag::Tr => self.close_one_of(&[Tag::Tr], &[Tag::Table])?,
            Tag::Tbody | Tag::Thead | Tag::Tfoot => {
                self.close_one_of(&[Tag::Tbody, Tag::Thead, Tag::Tfoot], &[Tag::Table])?;
            }
            Tag::Body => self.close_one_of(&[Tag::Head], &[])?,
            // A link does not contain a link.
            Tag::A if self.counts[Tag::A as usize] > 0 => self.close_inline(Tag::A, "a")?,
            _ => {}
        }
        if tag.is_block() && !matches!(tag, Tag::Tr | Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Body) {
            self.close_one_of(&[Tag::P], &[Tag::Button])?;
        }
        Ok(())
    }

    /// Closes the innermost open element with one of the tags, unless one of `walls` or a scope lies between.
    fn close_one_of(&mut self, tags: &[Tag], walls: &[Tag]) -> Result<(), Limit> {
        if tags.iter().all(|tag| self.counts[*tag as usize] == 0) {
            return Ok(());
        }
        for at in (1..self.open.len()).rev() {
            self.step()?;
            let tag = self.nodes[self.open[at] as usize].tag;
            if tags.contains(&tag) {
                self.close_from(at);
                return Ok(());
            }
            // A cell is closed from within a nested list, a row from within its cell.
            let inside_row = matches!(tag, Tag::Td | Tag::Th) && tags == [Tag::Tr];
            let inside_group = matches!(tag, Tag::Td | Tag::Th | Tag::Caption) && tags[0] == Tag::Tbody;
            if walls.contains(&tag) || tag.is_scope() && !inside_row && !inside_group {
                return Ok(());
            }
        }
        Ok(())
    }

    fn close_inline(&mut self, tag: Tag, name: &str) -> Result<(), Limit> {
        for at in (1..self.open.len()).rev() {
            self.step()?;
            let node = self.nodes[self.open[at] as usize];
            if node.tag == tag && (tag != Tag::Other || self.name_of(&node).eq_ignore_ascii_case(name)) {
                self.close_from(at);
                return Ok(());
            }
            if node.tag.is_special() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn close(&mut self, tag: Tag, name: &str) -> Result<(), Limit> {
        if tag == Tag::Br {
            // Browsers read `</br>` as `<br>`.
            let number = self.nodes.len() as u32;
            let node = Node { tag, closed: true, end: number + 1, parent: self.parent(), ..self.nodes[0] };
            return self.push(node).map(drop);
        }
        if self.counts[tag as usize] == 0 && !tag.is_heading() {
            return Ok(());
        }
        match tag {
            // What follows these ends is read as if they were not there.
            Tag::Html | Tag::Body => {
                self.ended = true;
                self.close_inner_of_body();
                Ok(())
            }
            Tag::Table => self.close_one_of_walled(&[Tag::Table], |_| false),
            Tag::Tr | Tag::Td | Tag::Th | Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Caption => {
                self.close_one_of_walled(&[tag], |wall| wall == Tag::Table)
            }
            Tag::Li => self
                .close_one_of_walled(&[tag], |wall| wall.is_scope() || matches!(wall, Tag::Ul | Tag::Ol | Tag::Menu)),
            _ if tag.is_heading() => {
                let headings = [Tag::H1, Tag::H2, Tag::H3, Tag::H4, Tag::H5, Tag::H6];
                self.close_one_of_walled(&headings, Tag::is_scope)
            }
            _ if tag.is_block() || tag.is_special() || tag == Tag::Object => {
                self.close_one_of_walled(&[tag], Tag::is_scope)
            }
            _ => self.close_inline(tag, name),
        }
    }

    fn close_one_of_walled(&mut self, tags: &[Tag], is_wall: impl Fn(Tag) -> bool) -> Result<(), Limit> {
        for at in (1..self.open.len()).rev() {
            self.step()?;
            let tag = self.nodes[self.open[at] as usize].tag;
            if tags.contains(&tag) {
                self.close_from(at);
                return Ok(());
            }
            if is_wall(tag) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// `</body>` and `</html>` close everything inside, so that the file does not look cut off.
    fn close_inner_of_body(&mut self) {
        let is_page = |open: &u32| matches!(self.nodes[*open as usize].tag, Tag::Html | Tag::Body);
        if let Some(at) = self.open.iter().rposition(is_page) {
            self.close_from(at + 1);
        }
    }

    /// Closes the open element at this position and all inside of it.
    fn close_from(&mut self, position: usize) {
        let end = self.nodes.len() as u32;
        for at in self.open.drain(position..) {
            let node = &mut self.nodes[at as usize];
            node.end = end;
            node.closed = true;
            self.counts[node.tag as usize] -= 1;
        }
    }

    fn name_of(&self, node: &Node) -> &'a str {
        &self.source[node.start as usize..(node.start + node.length) as usize]
    }

    fn step(&mut self) -> Result<(), Limit> {
        self.steps = self.steps.checked_sub(1).ok_or(Limit::Steps)?;
        Ok(())
    }
}

fn name_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<'))
        .unwrap_or(bytes.len())
}

impl<'a> Document<'a> {
    /// The node that holds everything.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The file ends within an element, a tag, a comment or a script.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The page says that it is over.
    pub fn is_ended(&self) -> bool {
        self.ended && !self.cut
    }

    /// The budget of steps is used up: searches find nothing any more, and what was found must not be trusted.
    pub fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    pub(super) fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    pub(super) fn charge(&self, steps: u64) {
        self.steps.set(self.steps.get().saturating_sub(steps));
    }

    pub fn tag(&self, node: NodeId) -> Tag {
        self.nodes[node.0 as usize].tag
    }

    pub(super) fn name(&self, node: &Node) -> &'a str {
        &self.source[node.start as usize..(node.start + node.length) as usize]
    }

    /// Whether it was ended by the file's own words.
    pub fn is_closed(&self, node: NodeId) -> bool {
        self.nodes[node.0 as usize].closed
    }

    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node.0 != 0).then(|| NodeId(self.nodes[node.0 as usize].parent))
    }

    /// Whether `inner` lies inside of `outer` or is it.
    pub fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        outer <= inner && inner.0 < self.nodes[outer.0 as usize].end.max(outer.0 + 1)
    }

    /// One past the last node inside.
    pub fn end(&self, node: NodeId) -> NodeId {
        NodeId(self.nodes[node.0 as usize].end)
    }

    /// The nodes inside, parents before children.
    pub fn descendants(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (node.0 + 1..self.nodes[node.0 as usize].end).map(NodeId)
    }

    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + use<'_, 'a> {
        let end = self.nodes[node.0 as usize].end;
        let mut at = node.0 + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let child = at;
            at = self.nodes[at as usize].end;
            Some(NodeId(child))
        })
    }

    /// The next node with the same parent.
    pub fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        let next = self.nodes[node.0 as usize].end;
        (node.0 != 0 && self.nodes.get(next as usize)?.parent == self.nodes[node.0 as usize].parent)
            .then_some(NodeId(next))
    }

    /// The text of a text node as written, references and all; empty for an element.
    pub fn raw_text(&self, node: NodeId) -> &'a str {
        let node = &self.nodes[node.0 as usize];
        if node.tag == Tag::Text { self.name(node) } else { "" }
    }

    fn value(&self, number: u32) -> &'a str {
        let attribute = &self.attributes[number as usize];
        &self.source[attribute.value_start as usize..(attribute.value_start + attribute.value_length) as usize]
    }

    /// An attribute as written; the first of that name.
    pub fn raw_attribute(&self, node: NodeId, name: &str) -> Option<&'a str> {
        let node = &self.nodes[node.0 as usize];
        match name {
            "class" => return (node.class != NONE).then(|| self.value(node.class)),
            "id" => return (node.id != NONE).then(|| self.value(node.id)),
            _ => {}
        }
        let first = node.first_attribute as usize;
        let found = self.attributes[first..first + node.attributes as usize].iter().position(|attribute| {
            attribute.name_length as usize == name.len() && {
                let start = attribute.name_start as usize;
                self.source.as_bytes()[start..start + name.len()].eq_ignore_ascii_case(name.as_bytes())
            }
        })?;
        Some(self.value((first + found) as u32))
    }

    /// An attribute, decoded and without white space around it.
    pub fn attribute(&self, node: NodeId, name: &str) -> Option<Cow<'a, str>> {
        let raw = self.raw_attribute(node, name)?.trim();
        Some(decode(raw, Place::Attribute))
    }

    pub fn has_class(&self, node: NodeId, class: &str) -> bool {
        self.raw_attribute(node, "class").is_some_and(|all| all.split_ascii_whitespace().any(|one| one == class))
    }

    /// Adds the cost of attributes of a node to the budget, because an element may have very many.
    pub(super) fn charge_attributes(&self, node: NodeId) {
        self.charge(u64::from(self.nodes[node.0 as usize].attributes / 8));
    }
}
