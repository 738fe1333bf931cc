//! Composes what a message says, before anybody decorates it: the *core*.
//!
//! A core is made from a seed and nothing else, so the same campaign gives the same words in every channel
//! without being remembered. Every slot has its own random numbers: a near miss (the same advert with another
//! price, contact or goods) is the same seed with one slot rolled again.

use super::canonical;
use super::money::{push_count, push_percent, push_price, units};
use super::people::{self, Venue};
use super::phrases::{Book, KINDS, Labels, Lang, Phrase, ROLES, Segment, Slot};
use super::prices;
use super::rng::Rng;

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

/// What is said as a deal goes on, in the order of the sections `stage.…` of a book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Talk,
    Choice,
    Funded,
    Confirmed,
    Delivered,
    Check,
    Released,
    Feedback,
    ClaimSeller,
    ClaimBuyer,
    ClaimAgent,
    ClaimImpersonator,
    ClaimSite,
    Answer,
    Refund,
    Payment,
    Split,
    Ban,
    Delay,
    /// Of a deal without an agent.
    Paid,
    /// The advert that a deal begins with; composed like all adverts.
    Advert,
}

const STAGES: [&str; 20] = [
    "stage.talk",
    "stage.choice",
    "stage.funded",
    "stage.confirmed",
    "stage.delivered",
    "stage.check",
    "stage.released",
    "stage.feedback",
    "stage.claim-seller",
    "stage.claim-buyer",
    "stage.claim-agent",
    "stage.claim-impersonator",
    "stage.claim-site",
    "stage.answer",
    "stage.refund",
    "stage.payment",
    "stage.split",
    "stage.ban",
    "stage.delay",
    "stage.paid",
];

impl Stage {
    /// As the truth writes it.
    pub fn word(self) -> &'static str {
        STAGES.get(self as usize).map_or("advert", |name| &name["stage.".len()..])
    }
}

/// What the messages of one deal have in common, as its parties write it.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    pub kind: u8,
    pub with_agent: bool,
    pub amount: String,
    pub percent: String,
    pub agent: String,
    pub seller: String,
    pub buyer: String,
    pub hours: u32,
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
    stages: [u16; 20],
    channel_name: u16,
    names: u16,
    money: u16,
    /// Signs of a thousand, of a million, of decimals.
    units: [Box<str>; 3],
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
    venue: Venue,
    sections: &'a Sections,
    talk: Option<&'a Talk>,
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
                    stages: STAGES.map(find),
                    names: find("names"),
                    money: find("money"),
                    units: units(&book, find("units")),
                    channel_name: find("channel-name"),
                };
                (book, sections)
            })
            .collect();
        Self { seed, books, population }
    }

    /// Writes the core of a seed into `core`, as people wrote in this month of the window.
    pub fn compose(&self, lang: Lang, act: Act, seed: u64, reroll: Reroll, month: usize, core: &mut Core) {
        core.text.clear();
        let person_salt = if reroll == Reroll::Contact { 1 } else { 0 };
        core.person = self.person(lang, Rng::of(&[seed, 0x7065_7273, person_salt]).skewed(self.population));
        let mut rng = Rng::of(&[seed, 1]);
        let (book, sections) = &self.books[lang as usize];
        let mut cx = Context {
            book,
            sections,
            seed,
            reroll,
            kind: 0,
            person: core.person,
            venue: Venue::Telegram(month),
            talk: None,
        };
        match SAY_ACTS.iter().position(|a| *a == act) {
            Some(say) => self.speech(&mut cx, sections.says[say], &mut rng, core),
            None => self.advert(&mut cx, act, &mut rng, core),
        }
        if lang.slips() && rng.chance(45) {
            mistype(&mut core.text, &mut rng);
        }
        canonical::key(core);
    }

    /// Writes what somebody says at a stage of a deal. `seed` is the deal's, so that all speak of the same goods.
    pub fn stage(&self, lang: Lang, stage: Stage, talk: &Talk, seed: u64, person: u64, core: &mut Core) {
        core.text.clear();
        core.person = person;
        let (book, sections) = &self.books[lang as usize];
        let mut cx = Context {
            book,
            sections,
            seed,
            reroll: Reroll::Nothing,
            kind: talk.kind,
            person,
            venue: Venue::Board,
            talk: Some(talk),
        };
        let mut rng = Rng::of(&[seed, 2, stage as u64]);
        if stage == Stage::Advert {
            let act = if talk.with_agent { Act::AdvertWithEscrow } else { Act::Advert };
            self.advert(&mut cx, act, &mut rng, core);
        } else {
            let section = sections.stages[stage as usize];
            core.labels = book.section(section).labels;
            self.line(&cx, section, 0, &mut rng, &mut core.text);
        }
        canonical::key(core);
    }

    /// Whether a stage's messages mention the agent; the same in every book, which a test holds.
    pub fn mentions(&self, lang: Lang, stage: Stage, talk: &Talk) -> bool {
        let (book, sections) = &self.books[lang as usize];
        match stage {
            Stage::Advert => talk.with_agent,
            stage => book.section(sections.stages[stage as usize]).labels.escrow.is_some(),
        }
    }

    /// Appends a price as it is written in a language; `local` in the money of the land. Gives its currency.
    pub fn push_price(&self, out: &mut String, lang: Lang, dollars: u32, rng: &mut Rng) -> &'static str {
        let (book, sections) = &self.books[lang as usize];
        push_price(out, book, sections.money, dollars, rng)
    }

    /// A fee of so many percent.
    pub fn push_fee(&self, out: &mut String, lang: Lang, percent: u32) {
        out.push_str(if lang == Lang::Tr { "%" } else { "" });
        people::push_number(out, u64::from(percent));
        out.push_str(if lang == Lang::Tr { "" } else { "%" });
    }

    /// The name under which a person is shown in a chat; `false` when the account is gone.
    pub fn push_display_name(&self, out: &mut String, person: u64, venue: Venue) -> bool {
        let (book, sections) = &self.books[(person >> 32) as usize % Lang::ALL.len()];
        people::push_display_name(out, self.seed, person, venue, |rng| {
            match &rng.pick(&book.section(sections.names).lines)[0][..] {
                [Segment::Text(name)] => name,
                _ => "",
            }
        })
    }

    /// The number of the nth best-known person of a language.
    pub fn person(&self, lang: Lang, rank: u32) -> u64 {
        (lang as u64) << 32 | u64::from(rank)
    }

    pub fn channel_name(&self, lang: Lang, rng: &mut Rng, out: &mut String) {
        let (book, sections) = &self.books[lang as usize];
        let cx = Context {
            book,
            sections,
            seed: rng.next(),
            reroll: Reroll::Nothing,
            kind: 0,
            person: 0,
            venue: Venue::Board,
            talk: None,
        };
        self.line(&cx, sections.channel_name, 0, rng, out);
    }

    fn speech(&self, cx: &mut Context<'_>, section: u16, rng: &mut Rng, core: &mut Core) {
        core.labels = cx.book.section(section).labels;
        cx.kind = rng.weighted(&GOODS_WEIGHTS) as u8;
        self.line(cx, section, 0, rng, &mut core.text);
    }

    fn advert(&self, cx: &mut Context<'_>, act: Act, rng: &mut Rng, core: &mut Core) {
        let (book, sections) = (cx.book, cx.sections);
        let lang = book.lang;
        let offer = match (act, cx.talk) {
            (_, Some(talk)) => [0, 0, 0, 0, 0, 0, 2, 3][usize::from(talk.kind.min(7))],
            (Act::AgentAdvert, _) => AGENT_OFFER,
            _ => rng.weighted(&OFFER_WEIGHTS),
        };
        core.labels = book.section(sections.offers[offer]).labels;
        let drawn = cx.talk.map_or_else(|| rng.weighted(&GOODS_WEIGHTS) as u8, |talk| talk.kind);
        let kind = *core.labels.kind.get_or_insert(drawn);
        let clause = match act {
            Act::AdvertWithEscrow => Some(sections.yes),
            Act::AdvertRefusingEscrow => Some(sections.no),
            _ => None,
        };
        if let Some(section) = clause {
            core.labels.escrow = book.section(section).labels.escrow.or(Some(AFFIRMED));
        }
        cx.kind = kind;
        let cx = &*cx;
        let mut layout = Layout::of(lang, rng);
        let out = &mut core.text;
        if rng.chance(220) {
            self.line(cx, sections.opener, 0, rng, out);
        }
        layout.part(out);
        self.line(cx, sections.offers[offer], 0, rng, out);
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
                self.line(cx, section, 0, rng, out);
            }
            if at < count && offer != AGENT_OFFER {
                layout.part(out);
                let index = (first + at * step) % lines;
                self.render(cx, &book.section(details).lines[index as usize][0], rng, out);
            }
        }
        if matches!(offer, 0 | 2) && (rng.chance(620) || cx.talk.is_some()) {
            layout.part(out);
            self.line(cx, sections.price, 0, rng, out);
        }
        if rng.chance(930) {
            layout.part(out);
            self.line(cx, sections.contact, 0, rng, out);
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
            Slot::Amount | Slot::Agent | Slot::Seller | Slot::Buyer | Slot::Hours => 11,
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
            Slot::Price | Slot::Amount => match cx.talk {
                Some(talk) => out.push_str(&talk.amount),
                None => {
                    let dollars = prices::draw(cx.kind, &mut rng);
                    push_price(out, cx.book, cx.sections.money, dollars, &mut rng);
                }
            },
            Slot::Contact => {
                if rng.chance(880) {
                    out.push('@');
                    people::push_handle_at(out, self.seed, cx.person, cx.venue);
                } else {
                    people::push_jabber(out, self.seed, cx.person);
                }
            }
            Slot::Percent => match cx.talk {
                Some(talk) => out.push_str(&talk.percent),
                None => push_percent(out, cx.book.lang, &mut rng),
            },
            Slot::Count => push_count(out, cx.book.lang, &cx.sections.units, &mut rng),
            Slot::Hours => people::push_number(out, u64::from(cx.talk.map_or(24, |talk| talk.hours))),
            Slot::Agent | Slot::Seller | Slot::Buyer => {
                if let Some(talk) = cx.talk {
                    out.push('@');
                    out.push_str(match slot {
                        Slot::Agent => &talk.agent,
                        Slot::Seller => &talk.seller,
                        _ => &talk.buyer,
                    });
                }
            }
            Slot::Wallet => out.push_str(rng.word(&WALLETS)),
            Slot::Site => {
                // The site follows from the words before it. So no two texts differ in a link alone, and it does not
                // matter whether links are folded.
                let words = out.bytes().fold(0, |hash, byte| canonical::step(hash, u64::from(byte)));
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
    lang: Lang,
}

impl Layout {
    fn of(lang: Lang, rng: &mut Rng) -> Self {
        let (comma, stop, end) = match lang {
            Lang::Zh => ("，", "。", "。"),
            Lang::Ja => ("、", "。", "。"),
            Lang::Ar | Lang::Fa => ("، ", ". ", "."),
            Lang::Hi => (", ", "। ", "।"),
            Lang::Th => (" ", "  ", ""),
            _ => (", ", ". ", "."),
        };
        let (between, bullet, end) = match rng.below(10) {
            0..=2 => (stop, "", end),
            3 => (comma, "", ""),
            4 | 5 => ("\n", "", ""),
            6 => ("\n", "- ", ""),
            7 => ("\n", "✅ ", ""),
            8 => (" | ", "", ""),
            _ => ("; ", "", "!"),
        };
        Self { between, bullet, end, capitals: rng.chance(700), lang }
    }

    /// Called before each part but the opener.
    fn part(&mut self, out: &mut String) {
        if !out.is_empty() {
            if self.capitals && self.between == "\n" && !out.contains('\n') {
                capitalize(out, self.lang);
            }
            out.push_str(self.between);
            out.push_str(self.bullet);
        }
    }

    fn end(&mut self, out: &mut String) {
        if self.capitals {
            capitalize(out, self.lang);
        }
        // A full stop behind a wallet or an address would be copied along with it.
        if !out.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            out.push_str(self.end);
        }
    }
}

fn capitalize(text: &mut String, lang: Lang) {
    let Some(first) = text.chars().next() else { return };
    // The capital of the Turkish i has a dot.
    let first = if lang == Lang::Tr && first == 'i' { '\u{130}' } else { first };
    let mut upper = first.to_uppercase();
    if let (Some(letter), None) = (upper.next(), upper.next())
        && !text.starts_with(letter)
    {
        let length = text.chars().next().map_or(0, char::len_utf8);
        text.replace_range(..length, letter.encode_utf8(&mut [0; 4]));
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
        Composer::new(1, 500).compose(lang, act, seed, reroll, 0, &mut core);
        core
    }

    #[test]
    fn a_near_miss_differs_in_its_slot_and_in_nothing_else() {
        let composer = Composer::new(1, 500);
        let (mut one, mut other) = (Core::default(), Core::default());
        let mut differ = 0;
        for seed in 0..300 {
            let lang = Lang::ALL[seed as usize % Lang::ALL.len()];
            composer.compose(lang, Act::AdvertWithEscrow, seed, Reroll::Nothing, 0, &mut one);
            for reroll in [Reroll::Price, Reroll::Contact, Reroll::Goods] {
                composer.compose(lang, Act::AdvertWithEscrow, seed, reroll, 0, &mut other);
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
}
