//! Finds whole words, and texts of several, by their hashes.
//!
//! Nearly all texts of the lexicons begin and end with a word. Such a text is a row of tokens (a word, or one sign),
//! and so is the message: a word of the message is hashed once and looked up, and only where texts begin with it the
//! tokens behind it are looked up too. A walk from letter to letter costs several times as much, most of it waiting
//! for memory. What is found is compared with the text itself, so hashes decide nothing.

/// A word, or one sign, of a shadow text.
#[derive(Clone, Copy)]
pub(super) struct Token {
    pub start: u32,
    pub end: u32,
    /// Of its bytes, with [`SPACED`] and [`WORD`].
    hash: u64,
}

/// A space stands before the token, which saves a token for each space.
const SPACED: u64 = 1;
/// The token is a word.
const WORD: u64 = 2;

impl Token {
    #[inline]
    pub(super) fn word(bytes: &[u8], start: usize, end: usize, spaced: bool) -> Self {
        let hash = hash(&bytes[start..end]) & !(SPACED | WORD) | WORD | u64::from(spaced);
        Self { start: start as u32, end: end as u32, hash }
    }

    #[inline]
    pub(super) fn sign(bytes: &[u8], start: usize, end: usize, spaced: bool) -> Self {
        let code = bytes[start..end].iter().fold(1, |code, byte| code << 8 | u64::from(*byte));
        let hash = code.wrapping_mul(MULTIPLIER) & !(SPACED | WORD) | u64::from(spaced);
        Self { start: start as u32, end: end as u32, hash }
    }

    #[inline]
    pub(super) fn is_word(self) -> bool {
        self.hash & WORD != 0
    }
}

/// Rows of tokens, as a tree whose edges lie in one hash table.
pub(super) struct Words {
    /// Place in `nodes` plus one in the low bits, bits of the hash above; zero where nothing is. A power of two.
    slots: Box<[u32]>,
    /// How many low bits of a slot are the place.
    place_bits: u32,
    nodes: Vec<Node>,
    /// Numbers of texts; the last one of a node has [`LAST`] set.
    numbers: Vec<u32>,
    /// By number: where the text lies in `bytes`.
    places: Vec<(u32, u32)>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    /// Place in `numbers` of the texts that end here, plus one.
    ending: u32,
    /// What may follow: nothing (0), the rest of one text (its number with [`ONE`]), or other nodes (1).
    more: u32,
}

/// Marks the last number of a node.
const LAST: u32 = 1 << 31;
/// Marks the number of the only text that goes on here.
const ONE: u32 = 1 << 31;
/// Says that nodes follow.
const NODES: u32 = 1;

/// A text while the tree is built: where its tokens lie among those of all texts, and its number.
struct Row {
    first: usize,
    length: usize,
    number: u32,
}

impl Words {
    /// `texts` come with their numbers; `cut` appends the tokens of one.
    pub(super) fn new(texts: &[(u32, &str)], cut: impl Fn(&str, &mut Vec<Token>)) -> Self {
        let mut words = Self {
            slots: Box::new([0]),
            place_bits: 0,
            nodes: Vec::new(),
            numbers: Vec::new(),
            places: Vec::new(),
            bytes: Vec::new(),
        };
        let mut rows = Vec::with_capacity(texts.len());
        let mut tokens = Vec::new();
        for (number, text) in texts {
            words.places.resize(*number as usize + 1, (0, 0));
            words.places[*number as usize] = (words.bytes.len() as u32, text.len() as u32);
            words.bytes.extend_from_slice(text.as_bytes());
            let first = tokens.len();
            cut(text, &mut tokens);
            rows.push(Row { first, length: tokens.len() - first, number: *number });
        }
        let mut edges = Vec::with_capacity(rows.len());
        words.grow(&mut rows, &tokens, 0, 0, &mut edges);
        words.file(&edges);
        words
    }

    /// Makes the nodes of rows that agree in their first `depth` tokens, behind a node whose key is `from`.
    fn grow(&mut self, rows: &mut [Row], tokens: &[Token], depth: usize, from: u64, edges: &mut Vec<(u64, u32)>) {
        let hash = |row: &Row| tokens[row.first + depth].hash;
        rows.sort_unstable_by_key(hash);
        for rows in rows.chunk_by_mut(|a, b| hash(a) == hash(b)) {
            // No text begins with a space.
            let edge = key(from, hash(&rows[0]));
            let place = self.nodes.len();
            edges.push((edge, place as u32));
            self.nodes.push(Node::default());
            rows.sort_unstable_by_key(|row| row.length > depth + 1);
            let ending = rows.partition_point(|row| row.length == depth + 1);
            if ending > 0 {
                self.nodes[place].ending = self.numbers.len() as u32 + 1;
                self.numbers.extend(rows[..ending].iter().map(|row| row.number));
                *self.numbers.last_mut().expect("at least one was added") |= LAST;
            }
            match &mut rows[ending..] {
                [] => {}
                [one] => self.nodes[place].more = ONE | one.number,
                several => {
                    self.nodes[place].more = NODES;
                    self.grow(several, tokens, depth + 1, edge, edges);
                }
            }
        }
    }

    /// Puts the edges into the table, a quarter full at most, so that a miss is one look in nearly all cases.
    fn file(&mut self, edges: &[(u64, u32)]) {
        let size = (edges.len() * 4).next_power_of_two();
        self.slots = vec![0; size].into();
        self.place_bits = u32::BITS - (edges.len() as u32 + 1).leading_zeros();
        for (edge, place) in edges {
            let mut slot = *edge as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = self.check(*edge) | (place + 1);
        }
    }

    /// The bits of a key that a slot keeps.
    #[inline]
    fn check(&self, key: u64) -> u32 {
        ((key >> 32) as u32) << self.place_bits
    }

    #[inline]
    fn look(&self, key: u64) -> Option<Node> {
        let mask = self.slots.len() - 1;
        let check = self.check(key);
        let places = (1 << self.place_bits) - 1;
        let mut slot = key as usize & mask;
        loop {
            let here = self.slots[slot];
            if here == 0 {
                return None;
            }
            if here & !places == check {
                return Some(self.nodes[(here & places) as usize - 1]);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Calls `found` with number and end of every text that begins with `first`, behind which `rest` follows.
    #[inline]
    pub(super) fn find(&self, text: &[u8], first: Token, rest: &[Token], mut found: impl FnMut(u32, usize)) {
        let start = first.start as usize;
        let mut from = key(0, first.hash & !SPACED);
        let mut token = first;
        let mut rest = rest.iter();
        loop {
            let Some(node) = self.look(from) else { return };
            if node.ending != 0 {
                let end = token.end as usize;
                for number in &self.numbers[node.ending as usize - 1..] {
                    if text[start..end] == *self.text(number & !LAST) {
                        found(number & !LAST, end);
                    }
                    if number & LAST != 0 {
                        break;
                    }
                }
            }
            match node.more {
                0 => return,
                NODES => {}
                one => {
                    let (number, whole) = (one & !ONE, self.text(one & !ONE));
                    let end = start + whole.len();
                    // It ends where a token ends, or it is another word that begins like it.
                    if text.get(start..end) == Some(whole)
                        && rest.find(|token| token.end as usize >= end).is_some_and(|last| last.end as usize == end)
                    {
                        found(number, end);
                    }
                    return;
                }
            }
            let Some(next) = rest.next() else { return };
            token = *next;
            from = key(from, token.hash);
        }
    }

    #[inline]
    fn text(&self, number: u32) -> &[u8] {
        let (start, length) = self.places[number as usize];
        &self.bytes[start as usize..][..length as usize]
    }
}

/// The key of a node behind another.
#[inline]
fn key(from: u64, token: u64) -> u64 {
    (from.rotate_left(23) ^ token).wrapping_mul(MULTIPLIER)
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// A hash of a word: eight bytes at a time. It need not resist anybody, see above.
#[inline]
pub(super) fn hash(word: &[u8]) -> u64 {
    let mix = |hash: u64, more: u64| {
        let wide = u128::from(hash ^ more) * u128::from(MULTIPLIER);
        wide as u64 ^ (wide >> 64) as u64
    };
    let mut hash = word.len() as u64;
    let mut rest = word;
    while let Some((eight, more)) = rest.split_first_chunk::<8>() {
        hash = mix(hash, u64::from_le_bytes(*eight));
        rest = more;
    }
    let last = match rest {
        [] => return hash,
        [a] => u64::from(*a),
        [a, b] => u64::from(u16::from_le_bytes([*a, *b])),
        [a, b, c] => u64::from(u32::from_le_bytes([*a, *b, *c, 0])),
        _ => {
            let first = rest.first_chunk::<4>().map_or(0, |four| u32::from_le_bytes(*four));
            let last = rest.last_chunk::<4>().map_or(0, |four| u32::from_le_bytes(*four));
            u64::from(first) | u64::from(last) << 32
        }
    };
    mix(hash, last)
}
