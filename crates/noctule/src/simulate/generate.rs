//! Lets the simulated people write: month by month, place by place, in order of time and in bounded memory.

use std::collections::{HashMap, VecDeque};
use std::io;

use super::calendar::DAY_SECS;
use super::compose::{Act, Composer, Core, Reroll, Stage};
use super::deals::{Deals, Said, Schedule};
use super::decorate::decorate;
use super::people::{self, Venue};
use super::phrases::{LANGS, Labels, Lang};
use super::post::{Media, Name, Output, Post, Service, ServiceAction, Thread};
use super::rng::{Rng, derive};
use super::scenario::Scenario;
use super::truth::Truth;
use super::world::{Home, Place, Style, Theme};

/// Messages of a basic group come along into its supergroup with ids shifted by this much.
const MIGRATED_ID_SHIFT: i64 = -1_000_000_000;
const RECENT: usize = 24;

pub struct Generator<'a> {
    pub seed: u64,
    pub scenario: &'a Scenario,
    pub composer: &'a Composer,
    pub places: &'a [Place],
    pub deals: &'a Deals<'a>,
    schedule: Schedule,
    pools: Pools,
}

/// How many campaigns run in each month, by language: adverts without, adverts with escrow, and news.
struct Pools {
    plain: Vec<[u32; LANGS]>,
    escrow: Vec<[u32; LANGS]>,
    news: Vec<[u32; LANGS]>,
}

#[derive(Clone, Copy)]
enum Pool {
    Plain = 1,
    Escrow = 2,
    News = 3,
}

/// A message that can be answered or quoted.
struct Heard {
    id: i64,
    text: String,
    thread: Thread,
}

/// Threads that strangers answer in.
const OPEN_THREADS: usize = 12;

/// What is reused from message to message.
struct Desk {
    rng: Rng,
    core: Core,
    post: Post,
    recent: VecDeque<Heard>,
    threads: VecDeque<Thread>,
    next_thread: u64,
    /// Of each deal spoken of here: its thread and its last message.
    deals: HashMap<(u32, bool), (Thread, i64)>,
    next_id: i64,
    times: Vec<(i64, Option<Said>)>,
}

impl<'a> Generator<'a> {
    pub fn new(
        seed: u64,
        scenario: &'a Scenario,
        composer: &'a Composer,
        places: &'a [Place],
        deals: &'a Deals<'a>,
    ) -> Self {
        let months = scenario.months();
        let none = || vec![[0; LANGS]; months];
        let mut pools = Pools { plain: none(), escrow: none(), news: none() };
        for place in places {
            let lang = place.lang as usize;
            for month in 0..months {
                let (messages, escrow) = (place.messages[month], place.escrow[month]);
                pools.escrow[month][lang] += escrow;
                match place.theme {
                    Theme::Adverts | Theme::Market => pools.plain[month][lang] += messages,
                    Theme::Bazaar | Theme::Board => pools.plain[month][lang] += messages / 2,
                    Theme::Chat => pools.plain[month][lang] += messages / 8,
                    Theme::News => pools.news[month][lang] += messages,
                }
            }
        }
        for month in 0..months {
            for lang in 0..LANGS {
                // A campaign is posted about ten times on average, the best-known ones far more often.
                pools.plain[month][lang] = pools.plain[month][lang] / 14 + 3;
                pools.escrow[month][lang] = pools.escrow[month][lang] / 14 + 2;
                pools.news[month][lang] = pools.news[month][lang] / 5 + 4;
            }
        }
        Self { seed, scenario, composer, places, deals, schedule: deals.schedule(), pools }
    }

    pub fn run(&self, output: &mut dyn Output, truth: &mut Truth) -> io::Result<()> {
        // The account export is one file, so its chats come first and together.
        for home in [Some(Home::Account), Some(Home::AccountLeft), None, Some(Home::Table)] {
            let here = |p: &&Place| match home {
                Some(home) => p.home == home,
                None => p.home.has_folder(),
            };
            for place in self.places.iter().filter(here) {
                output.open(place)?;
                truth.open(place, output.path(), self.scenario, self.places)?;
                self.place(place, output, truth)?;
                truth.close()?;
                output.close(place)?;
            }
        }
        output.finish()
    }

    fn place(&self, place: &Place, output: &mut dyn Output, truth: &mut Truth) -> io::Result<()> {
        let mut desk = Desk {
            rng: Rng::of(&[self.seed, 0x706f_7374, place.index as u64]),
            core: Core::default(),
            post: Post {
                id: 0,
                at: 0,
                edited_at: None,
                author: Name::default(),
                forwarded: None,
                reply_to: None,
                thread: Thread::default(),
                site: 0,
                media: Media::None,
                text: String::new(),
                quote: 0,
                bold: 0,
                lang: place.lang,
            },
            recent: VecDeque::with_capacity(RECENT),
            threads: VecDeque::with_capacity(OPEN_THREADS),
            next_thread: 1,
            deals: HashMap::new(),
            next_id: if place.migrated.is_some() && !place.kind.is_board() { MIGRATED_ID_SHIFT + 1 } else { 1 },
            times: Vec::new(),
        };
        let mut said = self.schedule.of_place(place.index);
        for month in place.open..place.close {
            let here = said.partition_point(|s| self.scenario.month_of(s.at).is_none_or(|m| m <= month));
            let (now, later) = said.split_at(here);
            said = later;
            self.draw_times(place, month, now, &mut desk);
            desk.post.site = usize::from(place.migrated.is_some_and(|moved| month >= moved));
            if month == place.open && !place.kind.is_board() {
                let title = place.first_name.clone();
                let action = if place.kind.is_group() {
                    ServiceAction::CreateGroup { title }
                } else {
                    ServiceAction::CreateChannel { title }
                };
                self.service(place, self.scenario.month(month).start(), action, &mut desk, output)?;
            }
            let planned = now.iter().filter(|s| s.escrow).count() as u32;
            let mut escrow_left = place.escrow[month] - planned;
            let mut free_left = (desk.times.len() - now.len()) as u32;
            let times = std::mem::take(&mut desk.times);
            for (nth, (at, said)) in times.iter().enumerate() {
                if nth == times.len() / 2 && !place.kind.is_board() {
                    self.mid_month_events(place, month, *at, &mut desk, output)?;
                }
                if let Some(said) = said {
                    self.deal_message(place, month, said, &mut desk, output, truth)?;
                    continue;
                }
                let escrow = desk.rng.below(free_left) < escrow_left;
                escrow_left -= u32::from(escrow);
                free_left -= 1;
                self.message(place, month, *at, escrow, &mut desk, output, truth)?;
            }
            desk.times = times;
        }
        Ok(())
    }

    /// The instants of a month's messages, ascending: more by day than by night, some in bursts.
    fn draw_times(&self, place: &Place, month: usize, said: &[Said], desk: &mut Desk) {
        let start = self.scenario.month(month).start();
        let days = (self.scenario.month(month).secs() / DAY_SECS) as u32;
        let burst_day = desk.rng.below(days);
        desk.times.clear();
        for _ in 0..place.messages[month] as usize - said.len() {
            let day = if desk.rng.chance(120) { burst_day } else { desk.rng.below(days) };
            let mut hour = desk.rng.below(24);
            if hour < 6 && desk.rng.chance(700) {
                hour = desk.rng.between(8, 22);
            }
            let within = desk.rng.below(3600);
            desk.times.push((start + i64::from(day) * DAY_SECS + i64::from(hour) * 3600 + i64::from(within), None));
        }
        desk.times.extend(said.iter().map(|said| (said.at, Some(*said))));
        desk.times.sort_unstable_by_key(|(at, said)| (*at, said.map(|s| (s.deal, s.stage as u8))));
    }

    fn mid_month_events(
        &self,
        place: &Place,
        month: usize,
        at: i64,
        desk: &mut Desk,
        output: &mut dyn Output,
    ) -> io::Result<()> {
        if place.renamed == Some(month) {
            self.service(place, at, ServiceAction::EditTitle { title: place.name.clone() }, desk, output)?;
        }
        if place.migrated == Some(month) {
            self.service(place, at, ServiceAction::MigrateTo, desk, output)?;
            desk.next_id = 1;
            desk.recent.clear();
            let title = place.first_name.clone();
            self.service(place, at, ServiceAction::MigrateFrom { title }, desk, output)?;
        }
        if place.kind.is_group() && desk.rng.chance(400) {
            self.service(place, at, ServiceAction::Join, desk, output)?;
        }
        if let (Some(said), true) = (desk.recent.back(), desk.rng.chance(150)) {
            let message = said.id;
            self.service(place, at, ServiceAction::Pin { message }, desk, output)?;
        }
        Ok(())
    }

    fn service(
        &self,
        place: &Place,
        at: i64,
        action: ServiceAction,
        desk: &mut Desk,
        output: &mut dyn Output,
    ) -> io::Result<()> {
        let actor = if place.kind.is_group() {
            let person = self.composer.person(place.lang, desk.rng.skewed(self.composer.population));
            self.person_name(person, Venue::Telegram(0))
        } else {
            channel_name(place)
        };
        let service = Service { id: desk.take_id(), at, actor, action };
        output.service(place, &service)
    }

    #[allow(clippy::too_many_arguments)]
    fn message(
        &self,
        place: &Place,
        month: usize,
        at: i64,
        escrow: bool,
        desk: &mut Desk,
        output: &mut dyn Output,
        truth: &mut Truth,
    ) -> io::Result<()> {
        let group = place.kind.is_group();
        let board = place.kind.is_board();
        let venue = if board { Venue::Board } else { Venue::Telegram(month) };
        let rng = &mut desk.rng;
        let lang = match rng.below(1000) {
            0..=929 => place.lang,
            930..=974 => Lang::En,
            975..=989 => Lang::Ru,
            _ => *rng.pick(&Lang::ALL),
        };
        let act = match escrow {
            true if rng.chance(self.outcry(month)) => Some(Act::ReportEscrow),
            true => escrow_act(group, place.theme, rng),
            false => plain_act(place.theme, rng),
        };
        let media = match rng.below(1000) {
            _ if board => Media::None,
            0..=99 if !group || matches!(act, Some(Act::Advert)) => Media::Photo,
            100..=109 => Media::Voice,
            _ => Media::None,
        };
        let post = &mut desk.post;
        post.text.clear();
        (post.quote, post.bold) = (0, 0);
        (post.at, post.media, post.lang) = (at, media, lang);
        post.forwarded = None;
        post.reply_to = None;
        let mut labels = Labels::default();
        let mut cluster = None;
        let mut person = None;
        let mut opens = false;
        let mut reposted = false;
        match act {
            None => post.media = *rng.pick(&[Media::Photo, Media::Photo, Media::Sticker]),
            Some(act) => {
                let (seed, reroll, born, repeated) = self.subject(lang, month, group, act, rng);
                opens = matches!(
                    act,
                    Act::Advert
                        | Act::AdvertWithEscrow
                        | Act::AdvertRefusingEscrow
                        | Act::AgentAdvert
                        | Act::Report
                        | Act::News
                );
                reposted = repeated;
                self.composer.compose(lang, act, seed, reroll, born, &mut desk.core);
                labels = desk.core.labels;
                cluster = Some(desk.core.cluster);
                person = Some(desk.core.person);
            }
        }
        if group && !opens && act.is_some() && rng.chance(if reposted { 20 } else { 260 }) && !desk.recent.is_empty() {
            let said = &desk.recent[rng.below(desk.recent.len() as u32) as usize];
            post.reply_to = Some(said.id);
            post.thread.clone_from(&said.thread);
            // A blockquote is known to new exports only.
            if place.style == Style::New && !board && rng.chance(160) && !said.text.is_empty() {
                post.text.push_str(&said.text);
                post.quote = post.text.len();
                post.text.push('\n');
            }
        }
        if act.is_some() {
            let own = post.text.len();
            let core = &desk.core;
            if core.decorable && post.quote == 0 {
                let tag = (place.tagged && rng.chance(600)).then_some(place.username.as_str());
                decorate(&core.text, lang, tag, rng, &mut post.text);
                // Vertical tabs come from word processors; Telegram Desktop writes them as no JSON reader expects.
                if !board && rng.chance(2) && post.text.ends_with(|c: char| c.is_alphanumeric()) {
                    post.text.push('\u{b}');
                }
                post.bold = bold(&post.text[own..], rng);
            } else {
                post.text.push_str(&core.text);
            }
        }
        post.author = if !group {
            channel_name(place)
        } else {
            let writer = match person {
                Some(person) if rng.chance(850) => person,
                _ => self.composer.person(place.lang, rng.skewed(self.composer.population)),
            };
            self.person_name(writer, venue)
        };
        if board {
            if opens || desk.threads.is_empty() {
                let title = excerpt(&desk.core.text, 60).to_owned();
                post.thread = Thread { id: desk.next_thread, title };
                desk.next_thread += 1;
                desk.threads.truncate(OPEN_THREADS - 1);
                desk.threads.push_front(post.thread.clone());
            } else if post.reply_to.is_none() {
                post.thread.clone_from(&desk.threads[rng.below(desk.threads.len() as u32) as usize]);
            }
        }
        if reposted && !board && rng.chance(if group { 90 } else { 150 }) {
            post.forwarded = Some(self.origin(place, lang, rng));
        }
        post.edited_at = rng.chance(40).then(|| at + i64::from(rng.between(20, 40_000)));
        let spoken = (act.is_some() && desk.core.has_letters).then_some(lang);
        self.send(place, act.is_some(), desk, output)?;
        truth.message(desk.post.id, month, &labels, cluster, spoken, None)
    }

    /// Something said about a deal: never decorated, and in the deal's thread where there are threads.
    fn deal_message(
        &self,
        place: &Place,
        month: usize,
        said: &Said,
        desk: &mut Desk,
        output: &mut dyn Output,
        truth: &mut Truth,
    ) -> io::Result<()> {
        let deal = self.deals.deal(said.deal);
        let board = place.kind.is_board();
        let venue = if board { Venue::Board } else { Venue::Telegram(month) };
        let speaker = self.deals.speaker(&deal, said.stage);
        let talk = self.deals.talk_of(&deal, said.stage);
        self.composer.stage(deal.lang, said.stage, &talk, deal.seed, speaker, &mut desk.core);
        let post = &mut desk.post;
        post.text.clear();
        post.text.push_str(&desk.core.text);
        (post.quote, post.bold, post.edited_at) = (0, 0, None);
        (post.at, post.media, post.lang) = (said.at, Media::None, deal.lang);
        (post.forwarded, post.reply_to) = (None, None);
        post.author = if place.kind.is_group() { self.person_name(speaker, venue) } else { channel_name(place) };
        // A quarrel has a thread of its own.
        let quarrel = said.stage as u8 >= Stage::ClaimSeller as u8 && said.stage as u8 <= Stage::Ban as u8;
        let key = (said.deal, quarrel);
        match desk.deals.get(&key) {
            Some((thread, last)) => {
                post.thread.clone_from(thread);
                post.reply_to = place.kind.is_group().then_some(*last);
            }
            None if board => {
                post.thread = Thread { id: desk.next_thread, title: excerpt(&desk.core.text, 60).to_owned() };
                desk.next_thread += 1;
            }
            None => {}
        }
        let labels = desk.core.labels;
        let cluster = desk.core.cluster;
        self.send(place, true, desk, output)?;
        desk.deals.insert(key, (desk.post.thread.clone(), desk.post.id));
        truth.message(desk.post.id, month, &labels, Some(cluster), Some(deal.lang), Some((said.deal, said.stage)))
    }

    /// Numbers the post on the desk, writes it, and keeps it for those who answer.
    fn send(&self, place: &Place, heard: bool, desk: &mut Desk, output: &mut dyn Output) -> io::Result<()> {
        desk.post.id = desk.take_id();
        let post = &desk.post;
        desk.recent.truncate(RECENT - 1);
        // In a channel nobody answers.
        if heard && place.kind.is_group() {
            let text = excerpt(&post.text[post.own()..], 90).to_owned();
            let thread = if place.kind.is_board() { post.thread.clone() } else { Thread::default() };
            desk.recent.push_front(Heard { id: post.id, text, thread });
        }
        output.post(place, post)
    }

    /// How many escrow mentions of a month, in thousandths, are complaints because the best-known agent is slow or gone.
    fn outcry(&self, month: usize) -> u32 {
        let Some(exit) = &self.scenario.exit else { return 0 };
        let index = |of: super::calendar::Month| self.scenario.first.until(of) as usize;
        let gone = index(exit.gone);
        match month {
            month if month < index(exit.slow_from) || month > gone + 2 => 0,
            month if month < gone => 180,
            month if month <= gone + 1 => 480,
            _ => 150,
        }
    }

    /// Which campaign, if any, a message belongs to: the seed of its core, the slot its near miss rolls again, the
    /// month the campaign began in, and whether this is a repost.
    fn subject(&self, lang: Lang, month: usize, group: bool, act: Act, rng: &mut Rng) -> (u64, Reroll, usize, bool) {
        let (pool, per_mille) = match act {
            Act::Advert => (Pool::Plain, if group { 680 } else { 820 }),
            Act::AdvertWithEscrow | Act::AdvertRefusingEscrow | Act::AgentAdvert => {
                (Pool::Escrow, if group { 720 } else { 850 })
            }
            Act::News => (Pool::News, 550),
            _ => return (rng.next(), Reroll::Nothing, month, false),
        };
        if !rng.chance(per_mille) {
            return (rng.next(), Reroll::Nothing, month, false);
        }
        let born = month.saturating_sub(match rng.below(100) {
            0..=83 => 0,
            84..=95 => 1,
            _ => 2,
        });
        let sizes = match pool {
            Pool::Plain => &self.pools.plain,
            Pool::Escrow => &self.pools.escrow,
            Pool::News => &self.pools.news,
        };
        let nth = rng.skewed(sizes[born][lang as usize]);
        // Every sixth campaign is a near miss of the one before it.
        let (base, reroll) = match nth % 18 {
            5 => (nth - 1, Reroll::Price),
            11 => (nth - 1, Reroll::Contact),
            17 => (nth - 1, Reroll::Goods),
            _ => (nth, Reroll::Nothing),
        };
        let parts = [self.seed, pool as u64, act as u64, lang as u64, born as u64, u64::from(base)];
        (derive(&parts), reroll, born, true)
    }

    fn person_name(&self, person: u64, venue: Venue) -> Name {
        let mut shown = String::new();
        let here = self.composer.push_display_name(&mut shown, person, venue);
        Name { account: people::account_at(self.seed, person, venue), channel: false, shown, deleted: !here }
    }

    /// Where a forward comes from.
    fn origin(&self, place: &Place, lang: Lang, rng: &mut Rng) -> Name {
        let other = rng.pick(self.places);
        if other.index != place.index && !other.kind.is_group() {
            return channel_name(other);
        }
        self.person_name(self.composer.person(lang, rng.skewed(self.composer.population)), Venue::Telegram(0))
    }
}

impl Desk {
    /// The next message id; some are missing, because their messages were deleted.
    fn take_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1 + if self.rng.chance(120) { i64::from(self.rng.between(1, 5)) } else { 0 };
        id
    }
}

fn channel_name(place: &Place) -> Name {
    Name { account: place.id, channel: true, shown: place.name.clone(), deleted: false }
}

fn escrow_act(group: bool, theme: Theme, rng: &mut Rng) -> Option<Act> {
    let weights: &[u32] = match (theme, group) {
        (Theme::News, _) => &[25, 3, 4, 0, 0, 0, 0, 18, 50],
        (_, false) => &[78, 8, 7, 0, 0, 2, 0, 4, 1],
        (Theme::Market, _) => &[60, 6, 2, 4, 6, 16, 2, 3, 1],
        (Theme::Board, _) => &[40, 7, 6, 12, 9, 8, 6, 10, 2],
        (Theme::Chat, _) => &[20, 5, 4, 24, 14, 12, 12, 7, 2],
        (_, true) => &[46, 8, 5, 10, 8, 8, 8, 6, 1],
    };
    let acts = [
        Act::AdvertWithEscrow,
        Act::AdvertRefusingEscrow,
        Act::AgentAdvert,
        Act::Ask,
        Act::AskDeal,
        Act::FeedbackEscrow,
        Act::DialogEscrow,
        Act::ReportEscrow,
        Act::NewsEscrow,
    ];
    Some(acts[rng.weighted(weights)])
}

/// `None` is a photo or sticker without text.
fn plain_act(theme: Theme, rng: &mut Rng) -> Option<Act> {
    let weights: &[u32] = match theme {
        Theme::Adverts => &[62, 3, 3, 2, 0, 3, 14, 5, 3, 5],
        Theme::Bazaar => &[38, 3, 4, 13, 22, 5, 3, 4, 4, 4],
        Theme::Chat => &[9, 2, 2, 9, 58, 4, 5, 5, 1, 5],
        Theme::News => &[6, 1, 0, 0, 1, 1, 76, 9, 1, 5],
        Theme::Board => &[36, 5, 6, 16, 22, 5, 3, 4, 3, 0],
        Theme::Market => &[60, 22, 4, 6, 3, 2, 0, 1, 2, 0],
    };
    let acts = [
        Some(Act::Advert),
        Some(Act::Feedback),
        Some(Act::Report),
        Some(Act::Dialog),
        Some(Act::Noise),
        Some(Act::HardDeal),
        Some(Act::News),
        Some(Act::Hard),
        Some(Act::HardDeal),
        None,
    ];
    acts[rng.weighted(weights)]
}

/// How many bytes of a text's first line are set in bold; 0 when it names somebody, who would be an entity himself.
fn bold(text: &str, rng: &mut Rng) -> usize {
    let line = first_line(text);
    let plain = !line.is_empty() && line.len() < text.len() && !line.bytes().any(|b| matches!(b, b'@' | b'/'));
    if plain && rng.chance(300) { line.len() } else { 0 }
}

fn first_line(text: &str) -> &str {
    let end = text.as_bytes().iter().position(|b| *b == b'\n').unwrap_or(text.len());
    &text[..end]
}

/// The first line of a message, short enough to be quoted or a title.
fn excerpt(text: &str, most: usize) -> &str {
    let line = first_line(text).trim();
    if line.len() <= most {
        return line;
    }
    match line.char_indices().nth(most) {
        Some((end, _)) => line[..end].trim_end(),
        None => line,
    }
}
