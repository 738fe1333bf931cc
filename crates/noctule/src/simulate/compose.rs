//! Composes what a message says, before anybody decorates it: the *core*.
//!
//! A core is made from a seed and nothing else, so the same campaign gives the same words in every channel
//! without being remembered. Every slot has its own random numbers: a near miss (the same advert with another
//! price, contact or goods) is the same seed with one slot rolled again.

use super::people;
use super::phrases::{Book, KINDS, Labels, Lang, Phrase, ROLES, Segment, Slot};
use super::rng::{Rng, derive, mix};

/// What somebody sets out to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// An advert that does not speak of escrow.
    Advert,
    AdvertWithEscrow,
    AdvertRefusingEscrow,
    /// An escrow agent's own advert.
    AgentAdvert,
    Ask,
    AskDeal,
    FeedbackEscrow,
    DialogEscrow,
    ReportEscrow,
    NewsEscrow,
    Report,
    Feedback,
    Dialog,
    Noise,
    News,
    Hard,
    HardDeal,
}

/// The slot that a near miss rolls again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reroll {
    Nothing,
    Goods,
    Price,
    Contact,
}

#[derive(Default)]
pub struct Core {
    pub text: String,
    pub labels: Labels,
    /// The seller or speaker, by number.
    pub person: u64,
    /// Number of the cluster of near-duplicates, 53 bits (exact in JSON readers that use doubles).
    pub cluster: u64,
    /// False when the text is so short that any decoration would make another text of it.
    pub decorable: bool,
    pub has_letters: bool,
}

struct Sections {
    opener: u16,
    offers: [u16; 8],
    details: [u16; 3],
    price: u16,
    yes: u16,
    no: u16,
    contact: u16,
    says: [u16; 13],
    channel_name: u16,
}

pub struct Composer {
    seed: u64,
    books: Vec<(Book, Sections)>,
    /// How many people write in one language.
    pub population: u32,
}

const OFFERS: [&str; 8] = [
    "offer.sell",
    "offer.buy",
    "offer.service",
    "offer.cash-out",
    "offer.hire",
    "offer.partnership",
    "offer.exchange",
    "offer.agent",
];
const OFFER_WEIGHTS: [u32; 7] = [54, 14, 13, 6, 5, 2, 6];
const AGENT_OFFER: usize = 7;
/// Of the kinds that are sold and bought; the others have their own section of offers.
const GOODS_WEIGHTS: [u32; 6] = [24, 24, 14, 14, 10, 14];
const SAYS: [&str; 13] = [
    "say.ask",
    "say.ask-deal",
    "say.feedback-escrow",
    "say.dialog-escrow",
    "say.report-escrow",
    "say.news-escrow",
    "say.report",
    "say.feedback",
    "say.dialog",
    "say.noise",
    "say.news",
    "say.hard",
    "say.hard-deal",
];
const SAY_ACTS: [Act; 13] = [
    Act::Ask,
    Act::AskDeal,
    Act::FeedbackEscrow,
    Act::DialogEscrow,
    Act::ReportEscrow,
    Act::NewsEscrow,
    Act::Report,
    Act::Feedback,
    Act::Dialog,
    Act::Noise,
    Act::News,
    Act::Hard,
    Act::HardDeal,
];
const AFFIRMED: u8 = 0;

/// Addresses of BIP-173 and EIP-55, which nobody pays to.
const WALLETS: [&str; 6] = [
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
];
const BRANDS: [&str; 8] =
    ["Nightjar", "Silt Road", "Gray Lantern", "Pale Otter", "Copper Quay", "Moth Alley", "Low Tide", "Bramble"];
const BRANDS_ZH: [&str; 6] = ["青岚", "木棉", "白鹭", "铁马", "星舟", "石榴"];
const SITE_WORDS: [&str; 8] = ["shop", "escrow", "board", "news", "patch", "market", "blog", "files"];

/// Everything a slot's filler depends on.
struct Context<'a> {
    book: &'a Book,
    seed: u64,
    reroll: Reroll,
    kind: u8,
    person: u64,
}

impl Composer {
    pub fn new(seed: u64, population: u32) -> Self {
        let books = Lang::ALL
            .into_iter()
            .map(|lang| {
                let book = Book::of(lang);
                let find = |name: &str| {
                    book.find(name).unwrap_or_else(|| panic!("phrases/{}.txt has no section {name}", lang.code()))
                };
                let sections = Sections {
                    opener: find("opener"),
                    offers: OFFERS.map(find),
                    details: ["detail.sell", "detail.buy", "detail.service"].map(find),
                    price: find("price"),
                    yes: find("clause.yes"),
                    no: find("clause.no"),
                    contact: find("contact"),
                    says: SAYS.map(find),
                    channel_name: find("channel-name"),
                };
                (book, sections)
            })
            .collect();
        Self { seed, books, population }
    }

    /// Writes the core of a seed into `core`.
    pub fn compose(&self, lang: Lang, act: Act, seed: u64, reroll: Reroll, core: &mut Core) {
        core.text.clear();
        let person_salt = if reroll == Reroll::Contact { 1 } else { 0 };
        core.person = self.person(lang, Rng::of(&[seed, 0x7065_7273, person_salt]).skewed(self.population));
        let mut rng = Rng::of(&[seed, 1]);
        match SAY_ACTS.iter().position(|a| *a == act) {
            Some(say) => self.speech(lang, say, seed, reroll, &mut rng, core),
            None => self.advert(lang, act, seed, reroll, &mut rng, core),
        }
        if lang != Lang::Zh && rng.chance(45) {
            mistype(&mut core.text, &mut rng);
        }
        key(core);
    }

    /// The number of the nth best-known person of a language.
    pub fn person(&self, lang: Lang, rank: u32) -> u64 {
        (lang as u64) << 32 | u64::from(rank)
    }

    pub fn channel_name(&self, lang: Lang, rng: &mut Rng, out: &mut String) {
        let (book, sections) = &self.books[lang as usize];
        let cx = Context { book, seed: rng.next(), reroll: Reroll::Nothing, kind: 0, person: 0 };
        self.line(&cx, sections.channel_name, 0, rng, out);
    }

    fn speech(&self, lang: Lang, say: usize, seed: u64, reroll: Reroll, rng: &mut Rng, core: &mut Core) {
        let (book, sections) = &self.books[lang as usize];
        let section = sections.says[say];
        core.labels = book.section(section).labels;
        let kind = rng.weighted(&GOODS_WEIGHTS) as u8;
        let cx = Context { book, seed, reroll, kind, person: core.person };
        self.line(&cx, section, 0, rng, &mut core.text);
    }

    fn advert(&self, lang: Lang, act: Act, seed: u64, reroll: Reroll, rng: &mut Rng, core: &mut Core) {
        let (book, sections) = &self.books[lang as usize];
        let offer = match act {
            Act::AgentAdvert => AGENT_OFFER,
            _ => rng.weighted(&OFFER_WEIGHTS),
        };
        core.labels = book.section(sections.offers[offer]).labels;
        let kind = *core.labels.kind.get_or_insert_with(|| rng.weighted(&GOODS_WEIGHTS) as u8);
        let clause = match act {
            Act::AdvertWithEscrow => Some(sections.yes),
            Act::AdvertRefusingEscrow => Some(sections.no),
            _ => None,
        };
        if let Some(section) = clause {
            core.labels.escrow = book.section(section).labels.escrow.or(Some(AFFIRMED));
        }
        let cx = Context { book, seed, reroll, kind, person: core.person };
        let mut layout = Layout::of(lang, rng);
        let out = &mut core.text;
        if rng.chance(220) {
            self.line(&cx, sections.opener, 0, rng, out);
        }
        layout.part(out);
        self.line(&cx, sections.offers[offer], 0, rng, out);
        let details = match offer {
            0 => sections.details[0],
            1 => sections.details[1],
            _ => sections.details[2],
        };
        let count = rng.below(4);
        let clause_at = rng.below(count + 1);
        let lines = book.section(details).lines.len() as u32;
        let first = rng.below(lines);
        // A step that shares no factor with the number of lines never takes one twice in three steps.
        let step = 1 + rng.below((lines / 3).max(1));
        for at in 0..=count {
            if let (Some(section), true) = (clause, at == clause_at) {
                layout.part(out);
                self.line(&cx, section, 0, rng, out);
            }
            if at < count && offer != AGENT_OFFER {
                layout.part(out);
                let index = (first + at * step) % lines;
                self.render(&cx, &book.section(details).lines[index as usize][0], rng, out);
            }
        }
        if matches!(offer, 0 | 2) && rng.chance(620) {
            layout.part(out);
            self.line(&cx, sections.price, 0, rng, out);
        }
        if rng.chance(930) {
            layout.part(out);
            self.line(&cx, sections.contact, 0, rng, out);
        }
        layout.end(out);
    }

    fn line(&self, cx: &Context<'_>, section: u16, form: u8, rng: &mut Rng, out: &mut String) {
        let forms = rng.pick(&cx.book.section(section).lines);
        let phrase = forms.get(usize::from(form)).unwrap_or(&forms[0]);
        self.render(cx, phrase, rng, out);
    }

    fn render(&self, cx: &Context<'_>, phrase: &Phrase, rng: &mut Rng, out: &mut String) {
        for segment in phrase {
            match segment {
                Segment::Text(text) => out.push_str(text),
                Segment::Choice(words) => out.push_str(rng.word(words)),
                Segment::Number(low, high) => people::push_number(out, u64::from(rng.between(*low, *high))),
                Segment::Slot(slot, form) => self.fill(cx, *slot, *form, out),
            }
        }
    }

    fn fill(&self, cx: &Context<'_>, slot: Slot, form: u8, out: &mut String) {
        let tag = match slot {
            Slot::List(section) => 100 + u64::from(section),
            Slot::Goods => 1,
            Slot::Price => 2,
            Slot::Contact => 3,
            Slot::Percent => 4,
            Slot::Count => 5,
            Slot::Wallet => 6,
            Slot::Site => 7,
            Slot::Channel => 8,
            Slot::Other => 9,
            Slot::Brand => 10,
        };
        let again = matches!((slot, cx.reroll), (Slot::Goods, Reroll::Goods) | (Slot::Price, Reroll::Price));
        let mut rng = Rng::of(&[cx.seed, tag, u64::from(again)]);
        match slot {
            Slot::Goods => {
                if let Some(section) = cx.book.goods(cx.kind) {
                    self.line(cx, section, form, &mut rng, out);
                }
            }
            Slot::List(section) => self.line(cx, section, form, &mut rng, out),
            Slot::Price => push_price(out, cx.book.lang, &mut rng),
            Slot::Contact => {
                if rng.chance(880) {
                    out.push('@');
                    people::push_handle(out, self.seed, cx.person, 0);
                } else {
                    people::push_jabber(out, self.seed, cx.person);
                }
            }
            Slot::Percent => push_percent(out, &mut rng),
            Slot::Count => push_count(out, cx.book.lang, &mut rng),
            Slot::Wallet => out.push_str(rng.word(&WALLETS)),
            Slot::Site => {
                // The site follows from the words before it. So no two texts differ in a link alone, and it does not
                // matter whether links are folded.
                let words = out.bytes().fold(0, |hash, byte| step(hash, u64::from(byte)));
                let mut rng = Rng::of(&[self.seed, tag, words]);
                out.push_str("https://");
                out.push_str(rng.word(&SITE_WORDS));
                out.push('-');
                people::push_number(out, u64::from(rng.between(2, 400)));
                out.push_str(".example/");
                people::push_number(out, u64::from(rng.below(9000)));
            }
            Slot::Channel | Slot::Other => {
                out.push('@');
                let person = self.person(cx.book.lang, rng.skewed(self.population));
                people::push_handle(out, self.seed, person, 0);
            }
            Slot::Brand => out.push_str(match cx.book.lang {
                Lang::Zh => rng.word(&BRANDS_ZH),
                _ => rng.word(&BRANDS),
            }),
        }
    }
}

/// How the parts of an advert are put together.
struct Layout {
    between: &'static str,
    bullet: &'static str,
    end: &'static str,
    capitals: bool,
}

impl Layout {
    fn of(lang: Lang, rng: &mut Rng) -> Self {
        let comma = if lang == Lang::Zh { "，" } else { ", " };
        let stop = if lang == Lang::Zh { "。" } else { ". " };
        let end = if lang == Lang::Zh { "。" } else { "." };
        let (between, bullet, end) = match rng.below(10) {
            0..=2 => (stop, "", end),
            3 => (comma, "", ""),
            4 | 5 => ("\n", "", ""),
            6 => ("\n", "- ", ""),
            7 => ("\n", "✅ ", ""),
            8 => (" | ", "", ""),
            _ => ("; ", "", "!"),
        };
        Self { between, bullet, end, capitals: rng.chance(700) }
    }

    /// Called before each part but the opener.
    fn part(&mut self, out: &mut String) {
        if !out.is_empty() {
            if self.capitals && self.between == "\n" && !out.contains('\n') {
                capitalize(out);
            }
            out.push_str(self.between);
            out.push_str(self.bullet);
        }
    }

    fn end(&mut self, out: &mut String) {
        if self.capitals {
            capitalize(out);
        }
        // A full stop behind a wallet or an address would be copied along with it.
        if !out.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            out.push_str(self.end);
        }
    }
}

fn capitalize(text: &mut String) {
    let Some(first) = text.chars().next() else { return };
    let mut upper = first.to_uppercase();
    if let (Some(letter), None) = (upper.next(), upper.next())
        && letter != first
    {
        text.replace_range(..first.len_utf8(), letter.encode_utf8(&mut [0; 4]));
    }
}

/// Exchanges two neighboring letters inside one longer word.
fn mistype(text: &mut String, rng: &mut Rng) {
    let words = text.split_ascii_whitespace().count() as u32;
    let Some(word) = text.split_ascii_whitespace().nth(rng.below(words) as usize) else { return };
    let letters = word.chars().count();
    if letters < 6 || !word.chars().all(char::is_alphabetic) {
        return;
    }
    let at = word.as_ptr() as usize - text.as_ptr() as usize;
    let swap = 1 + rng.below(letters as u32 - 3) as usize;
    let mut chars: Vec<char> = word.chars().collect();
    chars.swap(swap, swap + 1);
    let range = at..at + word.len();
    text.replace_range(range, &chars.into_iter().collect::<String>());
}

fn push_price(out: &mut String, lang: Lang, rng: &mut Rng) {
    let unit = *rng.pick(&[5u32, 10, 10, 50, 50, 100, 100, 500, 1000]);
    let amount = unit * rng.between(1, 19);
    let number = |out: &mut String| people::push_number(out, u64::from(amount));
    match (lang, rng.below(8)) {
        (_, 0) => {
            number(out);
            out.push_str(" usdt");
        }
        (_, 1) => {
            out.push_str("0.");
            out.push_str(["00", "0", ""][rng.below(3) as usize]);
            people::push_number(out, u64::from(rng.between(11, 99)));
            out.push_str(" BTC");
        }
        (Lang::De, 2..=5) => {
            number(out);
            out.push_str(if amount.is_multiple_of(20) { " €" } else { "€" });
        }
        (Lang::Ru, 2..=4) => {
            people::push_number(out, u64::from(amount / 5 + 1));
            out.push_str(if amount.is_multiple_of(20) { "к руб" } else { "000 ₽" });
        }
        (Lang::Zh, 2..=4) => {
            number(out);
            out.push('u');
        }
        (Lang::Zh, 5) => {
            number(out);
            out.push('元');
        }
        (_, 6) => {
            number(out);
            out.push('$');
        }
        (_, 7) if amount >= 1000 => {
            out.push('$');
            people::push_number(out, u64::from(amount / 1000));
            out.push(',');
            let rest = amount % 1000;
            out.push_str(if rest < 10 {
                "00"
            } else if rest < 100 {
                "0"
            } else {
                ""
            });
            people::push_number(out, u64::from(rest));
        }
        (_, 5) => {
            number(out);
            out.push_str(" USD");
        }
        _ => {
            out.push('$');
            number(out);
        }
    }
}

/// A fee between 3 and 15 percent, as published rules have it.
fn push_percent(out: &mut String, rng: &mut Rng) {
    let low = rng.between(3, 12);
    people::push_number(out, u64::from(low));
    if rng.chance(200) {
        out.push('-');
        people::push_number(out, u64::from(rng.between(low + 1, 15)));
    }
    out.push('%');
}

fn push_count(out: &mut String, lang: Lang, rng: &mut Rng) {
    let value = u64::from(rng.between(11, 99));
    match rng.below(3) {
        0 => {
            people::push_number(out, value);
            out.push_str(["00", "000"][rng.below(2) as usize]);
        }
        1 => {
            people::push_number(out, value * 5);
            out.push_str(match lang {
                Lang::Ru => "к",
                Lang::Zh => "万",
                _ => "k",
            });
        }
        _ => {
            people::push_number(out, value / 10);
            out.push(if lang == Lang::De { ',' } else { '.' });
            people::push_number(out, value % 10);
            out.push_str(match lang {
                Lang::Ru => "кк",
                Lang::Zh => "千万",
                Lang::De => " Mio",
                _ => "M",
            });
        }
    }
}

/// Letters below which texts fold only when identical.
const FOLDS_FROM_LETTERS: u32 = 20;
/// Letters from which a text is decorated: so many that a prefix or suffix cannot carry a short text over the limit.
const DECORATED_FROM_LETTERS: u32 = 34;

/// Numbers the core's cluster. This is the definition of `design.md` in its simplest form, possible because the core
/// is known: letters and digits in lower case, links left out; or the very bytes when there are fewer than 20 letters.
fn key(core: &mut Core) {
    let text = core.text.as_str();
    let mut hash = 0u64;
    let mut letters = 0u32;
    let mut own_letters = 0u32;
    let mut in_handle = false;
    let mut in_link = false;
    for (at, c) in text.char_indices() {
        in_link = !c.is_whitespace() && (in_link || (c == 'h' && text[at..].starts_with("https://")));
        if in_link {
            continue;
        }
        match fold(c) {
            Folded::Letter(letter) => {
                letters += 1;
                own_letters += u32::from(!in_handle);
                hash = step(hash, u64::from(u32::from(letter)));
            }
            Folded::Digit => hash = step(hash, u64::from(u32::from(c))),
            Folded::Nothing => in_handle = c == '@' || (in_handle && c == '_'),
        }
    }
    core.has_letters = letters > 0;
    core.decorable = own_letters >= DECORATED_FROM_LETTERS;
    if letters < FOLDS_FROM_LETTERS {
        hash = text.bytes().fold(0x5348_4f52_5431, |hash, byte| step(hash, u64::from(byte)));
    }
    core.cluster = mix(derive(&[hash, u64::from(letters)])) >> 11;
}

fn step(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

enum Folded {
    /// A letter, in lower case.
    Letter(char),
    /// A digit, or a sign that belongs to a number.
    Digit,
    Nothing,
}

/// Lower case and kind of a character; the common alphabets without a look into the Unicode tables.
fn fold(c: char) -> Folded {
    match c {
        'a'..='z' | 'а'..='я' | 'ё' | '\u{4e00}'..='\u{9fff}' => Folded::Letter(c),
        'A'..='Z' => Folded::Letter(c.to_ascii_lowercase()),
        'А'..='Я' => Folded::Letter(char::from_u32(u32::from(c) + 32).unwrap_or(c)),
        // Another currency is another price.
        '0'..='9' | '$' | '€' | '₽' | '%' => Folded::Digit,
        _ if c.is_ascii() => Folded::Nothing,
        _ if c.is_alphabetic() => Folded::Letter(c.to_lowercase().next().unwrap_or(c)),
        _ if c.is_numeric() => Folded::Digit,
        _ => Folded::Nothing,
    }
}

/// The words that the truth uses for a label.
pub fn kind_word(labels: &Labels) -> Option<&'static str> {
    labels.kind.filter(|_| labels.deal).map(|k| KINDS[usize::from(k)])
}

pub fn role_word(labels: &Labels) -> Option<&'static str> {
    labels.role.map(|r| ROLES[usize::from(r)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(seed: u64, lang: Lang, act: Act, reroll: Reroll) -> Core {
        let mut core = Core::default();
        Composer::new(1, 500).compose(lang, act, seed, reroll, &mut core);
        core
    }

    #[test]
    fn a_near_miss_differs_in_its_slot_and_in_nothing_else() {
        let composer = Composer::new(1, 500);
        let (mut one, mut other) = (Core::default(), Core::default());
        let mut differ = 0;
        for seed in 0..300 {
            let lang = Lang::ALL[seed as usize % 5];
            composer.compose(lang, Act::AdvertWithEscrow, seed, Reroll::Nothing, &mut one);
            for reroll in [Reroll::Price, Reroll::Contact, Reroll::Goods] {
                composer.compose(lang, Act::AdvertWithEscrow, seed, reroll, &mut other);
                assert_eq!(one.labels, other.labels);
                assert_eq!(one.text == other.text, one.cluster == other.cluster, "{}\n{}", one.text, other.text);
                differ += u32::from(one.text != other.text);
            }
        }
        assert!(differ > 500, "{differ}");
    }

    #[test]
    fn labels_follow_the_act() {
        for seed in 0..50 {
            let labels = core(seed, Lang::Ru, Act::AdvertRefusingEscrow, Reroll::Nothing).labels;
            assert_eq!(labels.escrow, Some(1));
            assert!(labels.deal && labels.kind.is_some() && labels.role.is_some());
            assert_eq!(core(seed, Lang::Zh, Act::Hard, Reroll::Nothing).labels, Labels::default());
            assert_eq!(core(seed, Lang::De, Act::Ask, Reroll::Nothing).labels.escrow, Some(2));
        }
    }

    #[test]
    fn case_and_signs_do_not_make_a_cluster_but_currency_does() {
        let cluster = |text: &str| {
            let mut core = Core { text: text.to_owned(), ..Core::default() };
            key(&mut core);
            core.cluster
        };
        let base = "Selling fresh logs from Germany for 50$";
        assert_eq!(cluster(base), cluster("SELLING fresh logs — from Germany! for 50$"));
        assert_ne!(cluster(base), cluster("Selling fresh logs from Germany for 60$"));
        assert_ne!(cluster(base), cluster("Selling fresh logs from Germany for 50€"));
        assert_ne!(cluster("ok"), cluster("OK"), "short texts fold only when identical");
    }
}
