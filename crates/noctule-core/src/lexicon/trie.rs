//! Finds the texts that begin at a place, letter by letter.
//!
//! For those that may begin or end inside a word: of scripts without spaces, and words that go on. Most walks end
//! after a letter or two. A run of letters without a branch is one comparison, and a node is sixteen bytes: the texts
//! of twenty languages have to share the processor's cache with everything else. A walk is as long as the longest
//! text at most, so the time stays linear.

use std::collections::VecDeque;

/// A trie over bytes.
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// Labels and the bytes that lead to children, node by node.
    bytes: Vec<u8>,
    /// Numbers of texts; the last one of a node has [`LAST`] set.
    numbers: Vec<u32>,
    /// The node a first byte leads to, plus one.
    first: Box<[u32; 256]>,
}

/// Children of a node follow one another in `nodes`.
#[derive(Clone, Copy, Default)]
struct Node {
    /// Place in `bytes`: the label, then the key of each child, or a row of positions by byte.
    bytes: u32,
    first_child: u32,
    /// Place in `numbers` of the texts that end behind the label, plus one.
    numbers: u32,
    /// How many bytes must follow before this node is reached.
    label: u8,
    children: u8,
    /// Nodes with many children have a row: the position of the child, plus one, for `width` bytes from `low` on.
    low: u8,
    width: u8,
}

/// Texts that agree in their first bytes, with their numbers.
type Group<'g, 't> = &'g [(&'t [u8], u32)];

/// Marks the last number of a node.
const LAST: u32 = 1 << 31;

/// A node with more children than this gets a row. Cyrillic letters are two bytes, so the nodes of their first bytes
/// have dozens. A row spans only the bytes that occur, 64 at most behind such a byte.
const MANY: usize = 4;

impl Trie {
    /// `texts` are sorted, each with its number.
    pub(super) fn new(texts: &[(&[u8], u32)]) -> Self {
        let mut trie = Self { nodes: Vec::new(), bytes: Vec::new(), numbers: Vec::new(), first: Box::new([0; 256]) };
        // By depth: the shallow nodes, where nearly all walks end, lie side by side in the cache.
        let mut waiting = VecDeque::new();
        for group in texts.chunk_by(|a, b| a.0[0] == b.0[0]) {
            trie.nodes.push(Node::default());
            trie.first[usize::from(group[0].0[0])] = trie.nodes.len() as u32;
            waiting.push_back((group, 1));
        }
        let mut node = 0;
        while let Some((group, depth)) = waiting.pop_front() {
            trie.fill(node, group, depth, &mut waiting);
            node += 1;
        }
        trie
    }

    /// Makes a node of texts that agree in their first `depth` bytes, and appends its children.
    fn fill<'g, 't>(
        &mut self,
        node: usize,
        group: Group<'g, 't>,
        depth: usize,
        waiting: &mut VecDeque<(Group<'g, 't>, usize)>,
    ) {
        // Of sorted texts the first and the last have in common what all have.
        let (one, other) = (&group[0].0[depth..], &group[group.len() - 1].0[depth..]);
        let label = one.iter().zip(other).take_while(|(a, b)| a == b).count().min(usize::from(u8::MAX));
        let depth = depth + label;
        let ending = group.iter().take_while(|(text, _)| text.len() == depth).count();
        let mut here = Node {
            bytes: self.bytes.len() as u32,
            first_child: self.nodes.len() as u32,
            label: label as u8,
            ..Node::default()
        };
        self.bytes.extend_from_slice(&one[..label]);
        if ending > 0 {
            here.numbers = self.numbers.len() as u32 + 1;
            self.numbers.extend(group[..ending].iter().map(|(_, number)| *number));
            *self.numbers.last_mut().expect("at least one was added") |= LAST;
        }
        let children: Vec<_> = group[ending..].chunk_by(|a, b| a.0[depth] == b.0[depth]).collect();
        let keys: Vec<u8> = children.iter().map(|child| child[0].0[depth]).collect();
        here.children = keys.len() as u8;
        let span = keys.first().zip(keys.last()).map(|(first, last)| usize::from(last - first) + 1);
        match span.and_then(|span| u8::try_from(span).ok()).filter(|_| keys.len() > MANY) {
            Some(width) => {
                (here.low, here.width) = (keys[0], width);
                let row = self.bytes.len();
                self.bytes.resize(row + usize::from(width), 0);
                for (position, key) in keys.iter().enumerate() {
                    self.bytes[row + usize::from(key - here.low)] = position as u8 + 1;
                }
            }
            None => self.bytes.extend_from_slice(&keys),
        }
        self.nodes[node] = here;
        for child in children {
            self.nodes.push(Node::default());
            waiting.push_back((child, depth + 1));
        }
    }

    /// Whether a text begins with this byte.
    #[inline]
    pub(super) fn begins(&self, byte: u8) -> bool {
        self.first[usize::from(byte)] != 0
    }

    /// Calls `found` with number and end of every text that begins at `start`.
    #[inline]
    pub(super) fn walk(&self, text: &[u8], start: usize, mut found: impl FnMut(u32, usize)) {
        let Some(mut node) = self.first[usize::from(text[start])].checked_sub(1) else { return };
        let mut at = start + 1;
        loop {
            let here = self.nodes[node as usize];
            let keys = here.bytes as usize + usize::from(here.label);
            if here.label > 0 {
                let label = &self.bytes[here.bytes as usize..keys];
                // Most differ in the first byte already.
                if text.get(at) != Some(&label[0]) || !text[at..].starts_with(label) {
                    return;
                }
                at += label.len();
            }
            if here.numbers != 0 {
                for number in &self.numbers[here.numbers as usize - 1..] {
                    found(number & !LAST, at);
                    if number & LAST != 0 {
                        break;
                    }
                }
            }
            let Some(&byte) = text.get(at) else { return };
            let position = if here.width > 0 {
                let column = byte.wrapping_sub(here.low);
                if column >= here.width {
                    return;
                }
                match self.bytes[keys + usize::from(column)] {
                    0 => return,
                    position => u32::from(position) - 1,
                }
            } else {
                match self.bytes[keys..keys + usize::from(here.children)].iter().position(|key| *key == byte) {
                    Some(position) => position as u32,
                    None => return,
                }
            };
            node = here.first_child + position;
            at += 1;
        }
    }
}
