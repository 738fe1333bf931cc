//! Which texts say the same: the key of a cluster of near-duplicates, and the hash that tells a revision.
//!
//! A text is folded to the sequence of its words, numbers, ideographs and contacts, and the sequence is hashed. Equal
//! keys are one cluster, so the result cannot depend on the order of arrival and needs no index of texts.
//! What vanishes: case, styled letters and look-alikes (already folded in the shadow), emoji, punctuation,
//! decoration, and at the edges channel tags, channel links, hashtags, promotion lines and short random tokens.
//! What stays: every word and number elsewhere, every contact that is introduced as one (`dm @x`, `пишите @x`,
//! `联系@x`, `$50, @x`), every address of a site, currency and percent signs beside a number.
//!
//! Where it is wrong: a bare handle at the end is taken for the channel's tag, also where it is the seller; a goods
//! name of up to four letters that `terms.txt` does not know, or of five that look random (`xkzqw`), and that stands
//! first or last is taken for noise; a random number at an end may be a price and stays; a sentence put before or
//! after makes another text.

mod tokens;
mod words;

use std::cell::Cell;

use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Id, RawMessage};

use super::{runs, terms};
use tokens::{Kind, Token, tokens};

/// Texts with fewer letters fold only when identical: a short text says too little to be the same by chance.
const FOLDED_LETTERS: usize = 20;
/// The longest random token, in characters: of Latin letters and digits, and of Cyrillic letters.
const RANDOM_LATIN: usize = 5;
const RANDOM_CYRILLIC: usize = 3;
/// The longest Latin word that is taken for random letters although it could be said (`kuza`).
const RANDOM_PRONOUNCEABLE: usize = 4;
/// The most tokens of a line that only promotes; also how far a contact looks back along a row of handles.
const LONGEST_PROMOTION: usize = 12;
/// How many tokens before a contact may introduce it.
const INTRODUCED_WITHIN: usize = 5;

thread_local! {
    /// Room for what is hashed of one message after the other.
    static PARTS: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// As before, for the tokens and the folded form.
    static ROOM: Cell<(Vec<Token<'static>>, String)> = const { Cell::new((Vec::new(), String::new())) };
}
/// The most of it, in tokens and in bytes, that is kept for the next text.
const ROOM_KEPT: usize = 1 << 14;

/// The cluster of a message: `text` as a reader sees it, and its shadow. `None` without text.
pub fn cluster(text: &str, shadow: &str) -> Option<Id> {
    if text.is_empty() {
        return None;
    }
    with_folded(shadow, |folded| {
        Some(if letters_reach(FOLDED_LETTERS, folded) {
            Id::of(&[b"folded", folded.as_bytes()])
        } else {
            Id::of(&[b"identical", text.as_bytes()])
        })
    })
}

/// Whether a folded text has at least so many letters.
fn letters_reach(enough: usize, folded: &str) -> bool {
    let bytes = folded.as_bytes();
    let mut letters = 0;
    let mut at = 0;
    while letters < enough {
        let run = match bytes.get(at) {
            None => return false,
            Some(b' ' | b'0'..=b'9') => {
                at += 1;
                continue;
            }
            Some(0..0x80) => {
                let run = runs::small_latin(runs::eight(bytes, at));
                at += run;
                run
            }
            Some(_) => {
                let run = runs::small_cyrillic(runs::eight(bytes, at));
                at += 2 * run;
                run
            }
        };
        letters += run;
        if run == 0 {
            let Some(c) = folded[at..].chars().next() else { return false };
            letters += usize::from(tokens::ideograph(c) || c.is_alphabetic());
            at += c.len_utf8();
        }
    }
    true
}

/// Hash of everything that a revision can change: text, author, edges, time of edit.
pub fn content(raw: &RawMessage, text: &str) -> u64 {
    let mut parts = PARTS.take();
    parts.clear();
    let mut part = |part: Option<&str>| {
        // The length keeps parts apart, and an absent part differs from an empty one.
        let length = part.map_or(u64::MAX, |part| part.len() as u64);
        parts.extend_from_slice(&length.to_le_bytes());
        parts.extend_from_slice(part.unwrap_or("").as_bytes());
    };
    part(Some(text));
    part(raw.author.id.as_deref());
    part(raw.author.name.as_deref());
    part(raw.thread_id.as_deref());
    part(raw.thread_title.as_deref());
    part(raw.reply_to.as_deref());
    part(raw.forwarded_from.as_deref());
    for link in &raw.links {
        part(Some(link));
    }
    parts.extend_from_slice(&raw.edited_at.map_or(i64::MIN, |at| at.0).to_le_bytes());
    let hash = xxh3_64(&parts);
    if parts.capacity() <= ROOM_KEPT {
        PARTS.set(parts);
    }
    hash
}

/// Calls `use_it` with the canonical form of a shadow: its tokens, each followed by a space.
fn with_folded<T>(shadow: &str, use_it: impl FnOnce(&str) -> T) -> T {
    let (room, mut folded) = ROOM.take();
    let mut all = tokens::emptied(room);
    folded.clear();
    tokens(shadow, &mut all);
    fold(shadow, &all, &mut folded);
    let result = use_it(&folded);
    if all.capacity() <= ROOM_KEPT && folded.capacity() <= ROOM_KEPT {
        ROOM.set((tokens::emptied(all), folded));
    }
    result
}

fn fold(shadow: &str, tokens: &[Token], folded: &mut String) {
    let kept = edges_off(tokens, &Scripts::of(tokens));
    folded.reserve(shadow.len() + kept.len());
    // Tokens that stand one space apart are copied together: so stands nearly every word of a text.
    let (mut start, mut end) = (0, 0);
    for (index, token) in kept.iter().enumerate() {
        if token.kind == Kind::Sign {
            let number = |index: usize| kept.get(index).is_some_and(|token| token.kind == Kind::Number);
            if !(index > 0 && number(index - 1) || number(index + 1)) {
                continue;
            }
        }
        if start == end || token.start != end + 1 || shadow.as_bytes()[end] != b' ' {
            push_piece(&shadow[start..end], folded);
            start = token.start;
        }
        end = token.start + token.text.len();
    }
    push_piece(&shadow[start..end], folded);
}

fn push_piece(piece: &str, folded: &mut String) {
    if !piece.is_empty() {
        folded.push_str(piece);
        folded.push(' ');
    }
}

/// Which script a text is mostly written in decides what counts as noise in it.
struct Scripts {
    latin: bool,
    cyrillic: bool,
}

impl Scripts {
    fn of(tokens: &[Token]) -> Self {
        let (mut latin, mut cyrillic, mut other) = (0, 0, 0);
        for token in tokens {
            match (token.kind, token.text.as_bytes()) {
                (Kind::Word, [b'a'..=b'z', ..]) => latin += token.text.len(),
                // U+0400 to U+052F.
                (Kind::Word, [0xD0..=0xD3, ..] | [0xD4, 0x80..=0xAF, ..]) => cyrillic += token.text.len() / 2,
                // An ideograph says as much as two letters.
                (Kind::Ideograph, _) => other += 2,
                (Kind::Word, _) => other += token.text.len() / 2,
                _ => {}
            }
        }
        Self { latin: latin > cyrillic + other, cyrillic: cyrillic >= latin && cyrillic > other }
    }
}

/// The tokens without what channels and spammers put at both ends.
fn edges_off<'a, 't>(tokens: &'a [Token<'t>], scripts: &Scripts) -> &'a [Token<'t>] {
    let mut kept = tokens;
    // A spammer puts one word of random letters to an end; a second one that could be said is a word of the text.
    let (mut said_first, mut said_last) = (false, false);
    // A line without a handle or hashtag promotes nothing, and most texts have neither.
    let sends = tokens.iter().any(|token| matches!(token.kind, Kind::Handle | Kind::Hashtag));
    loop {
        let before = kept.len();
        if let [first, inner @ .., last] = kept
            && enclosing(first, last)
            && !inner.is_empty()
        {
            kept = inner;
            continue;
        }
        if let Some(last) = kept.last() {
            if noise(last, scripts) || last.kind == Kind::Hashtag {
                kept = &kept[..kept.len() - 1];
            } else if !said_last && said(last, scripts) && !bound(kept) {
                said_last = true;
                kept = &kept[..kept.len() - 1];
            } else if last.kind == Kind::Handle && !introduced(kept, kept.len() - 1) {
                kept = &kept[..kept.len() - 1];
                kept = &kept[..kept.len() - promotion_words(kept, last.line)];
            } else if sends {
                let line =
                    kept.iter().rev().take(LONGEST_PROMOTION + 1).take_while(|token| token.line == last.line).count();
                if promotion_line(kept, kept.len() - line, kept.len()) {
                    kept = &kept[..kept.len() - line];
                }
            }
        }
        if let Some(first) = kept.first() {
            let first_line =
                || kept.iter().take(LONGEST_PROMOTION + 1).take_while(|token| token.line == first.line).count();
            let line = if sends { first_line() } else { 0 };
            if sends && promotion_line(kept, 0, line) {
                kept = &kept[line..];
            } else if noise(first, scripts) || first.kind == Kind::Hashtag {
                kept = &kept[1..];
            } else if !said_first && said(first, scripts) {
                said_first = true;
                kept = &kept[1..];
            }
        }
        if kept.len() == before {
            return kept;
        }
    }
}

/// Whether a token at an edge is a few random characters.
fn noise(token: &Token, scripts: &Scripts) -> bool {
    if token.kind != Kind::Word {
        return false;
    }
    let word = token.text;
    let letters = word.chars().count();
    if word.is_ascii() {
        if letters > RANDOM_LATIN || terms::known(word) {
            return false;
        }
        return !scripts.latin || word.bytes().any(|b| b.is_ascii_digit()) || !pronounceable(word);
    }
    scripts.cyrillic
        && letters <= RANDOM_CYRILLIC
        && word.chars().all(|c| matches!(c, 'а'..='я'))
        && !terms::known(word)
}

/// Whether a token at an edge of a Latin text is a short word that nobody knows. Random letters make a word that could
/// be said about every second time; [`noise`] sees the others.
fn said(token: &Token, scripts: &Scripts) -> bool {
    token.kind == Kind::Word
        && scripts.latin
        && token.text.len() <= RANDOM_PRONOUNCEABLE
        && token.text.bytes().all(|b| b.is_ascii_lowercase())
        && !terms::known(token.text)
}

/// Whether the last word belongs to the one before it ("accounts of zuka", "base 2 zuka"), on the same line.
fn bound(tokens: &[Token]) -> bool {
    let [.., before, last] = tokens else { return true };
    before.line == last.line
        && (before.kind == Kind::Number || before.kind == Kind::Word && words::binding(before.text))
}

/// Whether the same few letters stand at both ends, which is the sign of a template. Numbers may be prices.
fn enclosing(first: &Token, last: &Token) -> bool {
    first.kind == Kind::Word
        && first.text == last.text
        && (2..=RANDOM_LATIN).contains(&first.text.len())
        && first.text.is_ascii()
}

/// Whether a short Latin word could be said: it has a vowel and no four consonants in a row.
fn pronounceable(word: &str) -> bool {
    let vowel = |b: &u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    word.bytes().any(|b| vowel(&b)) && word.as_bytes().split(vowel).all(|consonants| consonants.len() < 4)
}

/// Whether the handle at `index` is introduced as a contact, by words before it on its line, or by the end of the
/// line above when it stands alone.
fn introduced(tokens: &[Token], index: usize) -> bool {
    let line = tokens[index].line;
    // `price 50$, @x`: a sign leads from the advert to its writer, unless the words before it send to a channel.
    if tokens[index].led && index > 0 && tokens[index - 1].line == line {
        let before = &tokens[index - 1];
        let promotes = match before.kind {
            Kind::Word => words::promotion(before.text),
            Kind::Ideograph => promotion_words(&tokens[..index], line) > 0,
            _ => false,
        };
        if !promotes {
            return true;
        }
    }
    let nearest = index.saturating_sub(LONGEST_PROMOTION + INTRODUCED_WITHIN);
    let start =
        tokens[nearest..index].iter().rposition(|token| token.line != line).map_or(nearest, |at| nearest + at + 1);
    let alone = tokens[start..index].iter().all(|token| token.kind == Kind::Handle);
    let before = if alone {
        // `Contact:` above, with nothing but handles between; one that follows its handle introduces no other.
        let mut above = &tokens[..start];
        while let Some(last) = above.last().filter(|last| last.kind == Kind::Handle) {
            let row = above.iter().rev().take(LONGEST_PROMOTION).take_while(|token| token.line == last.line);
            let (handles, all) =
                row.fold((0, 0), |(handles, all), token| (handles + usize::from(token.kind == Kind::Handle), all + 1));
            if handles < all {
                return false;
            }
            above = &above[..above.len() - all];
            if index - above.len() > LONGEST_PROMOTION {
                return false;
            }
        }
        if above.last().is_some_and(|last| last.kind == Kind::Address) {
            return false;
        }
        &above[above.len() - above.len().min(2)..]
    } else {
        let line = &tokens[start..index];
        // Handles in a row are introduced together.
        let named = line.iter().rposition(|token| token.kind != Kind::Handle).map_or(0, |at| at + 1);
        &line[named.saturating_sub(INTRODUCED_WITHIN)..named]
    };
    contact_words(before)
}

/// Whether some of the tokens make the handle after them a contact; ideographs are looked for in the joined text.
fn contact_words(tokens: &[Token]) -> bool {
    if tokens.iter().any(|token| token.kind == Kind::Word && words::contact(token.text)) {
        return true;
    }
    tokens.windows(2).any(|pair| {
        let [one, two] = [pair[0], pair[1]];
        one.kind == Kind::Ideograph
            && two.kind == Kind::Ideograph
            && words::CONTACT_IDEOGRAPHS.iter().any(|word| word.strip_prefix(one.text) == Some(two.text))
    })
}

/// Whether the line `start..end` only sends readers to a channel: handles or hashtags, and words that do so.
fn promotion_line(tokens: &[Token], start: usize, end: usize) -> bool {
    let line = &tokens[start..end];
    let sends = line.iter().any(|token| matches!(token.kind, Kind::Handle | Kind::Hashtag));
    if !sends || line.len() > LONGEST_PROMOTION {
        return false;
    }
    let only_sends = line.iter().all(|token| match token.kind {
        Kind::Handle | Kind::Hashtag | Kind::Ideograph => true,
        Kind::Word => words::promotion(token.text),
        Kind::Number | Kind::Sign | Kind::Address => false,
    });
    if !only_sends {
        return false;
    }
    let joined: String = line.iter().filter(|token| token.kind == Kind::Ideograph).map(|token| token.text).collect();
    let rest = words::PROMOTION_IDEOGRAPHS.iter().fold(joined, |rest, word| rest.replace(word, ""));
    rest.is_empty()
        && !line
            .iter()
            .enumerate()
            .any(|(index, token)| token.kind == Kind::Handle && introduced(tokens, start + index))
}

/// How many tokens at the end, on `line`, introduced the channel tag that stood there.
fn promotion_words(tokens: &[Token], line: u32) -> usize {
    let tail = tokens.iter().rev().take_while(|token| token.line == line).take(8);
    let words = tail.clone().take_while(|token| token.kind == Kind::Word && words::promotion(token.text)).count();
    if words > 0 {
        return words;
    }
    let mut ideographs: Vec<&str> =
        tail.take_while(|token| token.kind == Kind::Ideograph).map(|token| token.text).collect();
    ideographs.reverse();
    let joined = ideographs.concat();
    words::PROMOTION_IDEOGRAPHS.iter().find(|word| joined.ends_with(**word)).map_or(0, |word| word.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::shadow_of;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        with_folded(&shadow_of(text).text, |folded| assert_eq!(folded.trim_end(), expected));
    }

    #[test]
    fn decoration_goes_and_numbers_stay() {
        check("🔥🔥 Selling **RDP** — 5.5$ / 3-5 days!!!", "selling rdp 5.5 $ 3 5 days");
        check("💲💲 $$$ big base $$$ 100% valid", "big base 100 % valid");
        check("支持担保，价格 50u", "支 持 担 保 价 格 50u");
    }

    #[test]
    fn channel_tags_go() {
        check("selling base\n\n@channel", "selling base");
        check("selling base\nJoin us: https://t.me/channel", "selling base");
        check("#base #sale\nпродаю базу\nПодписаться: @kanal", "продаю базу");
        check("出售数据频道：@kanal", "出 售 数 据");
        check("@channel\nselling base", "selling base");
    }

    #[test]
    fn contacts_stay() {
        check("selling base, dm @vendor", "selling base dm @vendor");
        check("продаю базу\nПишите: @vendor @other", "продаю базу пишите @vendor @other");
        check("出售数据联系@vendor", "出 售 数 据 联 系 @vendor");
        check("selling base\nContact:\n@vendor", "selling base contact @vendor");
        check("selling base, contact bob@mail.example", "selling base contact bob@mail.example");
        check("dump of https://shop.example/db", "dump of https://shop.example/db");
    }

    #[test]
    fn random_ends_go() {
        check("x7k selling base", "selling base");
        check("[qzv] selling base #83f", "selling base");
        check("продаю базу xk", "продаю базу");
        check("жщ продаю базу ыв", "продаю базу");
        check("ab支持担保xy", "支 持 担 保");
    }

    #[test]
    fn random_letters_that_could_be_said_go() {
        check("kuza Selling rdp of a company", "selling rdp of a company");
        check("selling rdp of a company\noma\n@channel", "selling rdp of a company");
        check("hr selling rdp of a company hr", "selling rdp of a company");
    }

    #[test]
    fn goods_at_the_ends_stay() {
        check("zara accounts with cards", "zara accounts with cards");
        check("accounts with cards of kuza", "accounts with cards of kuza");
        check("cards for sale: visa", "cards for sale visa");
    }

    #[test]
    fn a_handle_after_a_comma_is_the_writer() {
        check("renting smtp, 50$, @vendor", "renting smtp 50 $ @vendor");
        check("selling base. Interested? @vendor", "selling base interested @vendor");
        check("the news of today, via: @channel", "the news of today");
        check("@vendor scammed me for 50$", "@vendor scammed me for 50 $");
        check("selling base\ntelegram: @vendor\n\n@channel", "selling base telegram @vendor");
        check("selling base\ncontact a@xmpp.example\n@channel", "selling base contact a@xmpp.example");
    }

    #[test]
    fn words_and_amounts_at_the_ends_stay() {
        check("wts rdp usa 10k", "wts rdp usa 10k");
        check("продам вход btc", "продам вход btc");
        check("куплю код и дом", "куплю код и дом");
        check("price 500", "price 500");
    }

    #[test]
    fn short_texts_fold_only_when_identical() {
        let key = |text: &str| cluster(text, &shadow_of(text).text);
        assert_ne!(key("selling base"), key("Selling base"));
        assert_eq!(key("selling base"), key("selling base"));
        assert_eq!(key(""), None);
        assert_eq!(key("selling a base of customers"), key("🔥 SELLING a base of customers"));
    }
}
