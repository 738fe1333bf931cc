//! The places where people post: channels, groups, forums and marketplaces that open, move, fall silent and die, and
//! how many messages each has in each month.

use super::compose::Composer;
use super::people;
use super::phrases::{LANGS, Lang};
use super::rng::Rng;
use super::scenario::Scenario;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChatKind {
    PublicChannel,
    PrivateChannel,
    PublicSupergroup,
    PrivateSupergroup,
    PrivateGroup,
    Forum,
    Marketplace,
}

impl ChatKind {
    /// As Telegram Desktop writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::PublicChannel => "public_channel",
            Self::PrivateChannel => "private_channel",
            Self::PublicSupergroup => "public_supergroup",
            Self::PrivateSupergroup => "private_supergroup",
            Self::PrivateGroup => "private_group",
            Self::Forum => "forum",
            Self::Marketplace => "marketplace",
        }
    }

    /// Many people write here, not the place itself.
    pub fn is_group(self) -> bool {
        !matches!(self, Self::PublicChannel | Self::PrivateChannel)
    }

    /// A site with its own addresses, threads and names, not a chat of Telegram.
    pub fn is_board(self) -> bool {
        matches!(self, Self::Forum | Self::Marketplace)
    }

    /// As in the product's `medium` column.
    pub fn medium(self) -> &'static str {
        match self {
            Self::Forum => "forum",
            Self::Marketplace => "marketplace",
            _ if self.is_group() => "telegram-group",
            _ => "telegram-channel",
        }
    }
}

/// What a place is for; decides what is said there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Adverts,
    Bazaar,
    Chat,
    News,
    /// Threads of adverts, talk and quarrels.
    Board,
    /// Listings and reviews.
    Market,
}

/// Which age of Telegram Desktop wrote the export.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Until 2020: bare numbers as `from_id`, no Unix times, no `text_entities`.
    Oldest,
    /// 2021: `user123` ids, no Unix times, no `text_entities`.
    Old,
    /// With Unix times and `text_entities`.
    New,
}

/// Where the export of a place is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Home {
    OwnFolder,
    /// The same, compressed by whoever keeps it.
    PackedFolder,
    /// In `chats.list` of the one full-account export.
    Account,
    /// In its `left_chats.list`.
    AccountLeft,
    /// A board's own file: JSON Lines of a forum, a table of a marketplace.
    Table,
}

impl Home {
    pub fn has_folder(self) -> bool {
        matches!(self, Self::OwnFolder | Self::PackedFolder)
    }
}

pub struct Place {
    pub index: usize,
    pub id: u64,
    pub kind: ChatKind,
    pub theme: Theme,
    pub lang: Lang,
    /// As of the export.
    pub name: String,
    pub first_name: String,
    pub username: String,
    pub style: Style,
    pub home: Home,
    /// Seconds that the exporting PC's clock is ahead of UTC.
    pub zone_secs: i64,
    /// Alive in months `open..close` of the window, except in `gap`.
    pub open: usize,
    pub close: usize,
    pub gap: std::ops::Range<usize>,
    pub renamed: Option<usize>,
    /// The month in which a basic group became this supergroup, or a board moved to another address.
    pub migrated: Option<usize>,
    /// The place that its people were at before it closed.
    pub successor_of: Option<usize>,
    /// Of a board: its address before and behind the move.
    pub sites: [String; 2],
    /// Posts sign with the channel's tag.
    pub tagged: bool,
    /// Per month of the window.
    pub messages: Vec<u32>,
    pub escrow: Vec<u32>,
    weight: u64,
}

impl Place {
    /// The key under which the collectors know the source.
    pub fn key(&self) -> String {
        if self.kind.is_board() { format!("name:{}", self.name) } else { format!("telegram:{}", self.id) }
    }

    pub fn alive(&self, month: usize) -> bool {
        (self.open..self.close).contains(&month) && !self.gap.contains(&month)
    }
}

/// The number of places for a number of messages: 60 for 150,000, growing with its square root.
pub fn default_places(messages: u64) -> usize {
    let scaled = (3600.0 * messages as f64 / 150_000.0).sqrt() as usize;
    scaled.clamp(8, 600)
}

pub fn build(seed: u64, scenario: &Scenario, messages: u64, count: usize, composer: &Composer) -> Vec<Place> {
    let months = scenario.months();
    let mut places: Vec<Place> = (0..count).map(|index| place(seed, scenario, index, months, composer)).collect();
    // Two places of one name are two sources all the same.
    if let [.., one, other] = &mut chats(&mut places)[..]
        && count > 12
    {
        other.name = one.name.clone();
        other.first_name = other.name.clone();
        other.renamed = None;
    }
    found_again(&mut places, months);
    if let Some(month) = scenario.takedown() {
        take_down(&mut places, month);
    }
    balance(&mut places);
    let mut homes = [Home::Account, Home::Account, Home::AccountLeft, Home::PackedFolder].into_iter();
    for place in places.iter_mut().skip(6).filter(|p| p.style == Style::New && !p.kind.is_board()) {
        match homes.next() {
            Some(home) => {
                place.home = home;
                if !home.has_folder() {
                    // One PC wrote the whole account.
                    place.zone_secs = 3 * 3600;
                }
            }
            None => break,
        }
    }
    share_messages(seed, scenario, messages, &mut places);
    share_escrow(scenario, messages, &mut places);
    places
}

/// The chats that nothing is asked of: not among the first, which live through the window.
fn chats(places: &mut [Place]) -> Vec<&mut Place> {
    places.iter_mut().skip(SURE).filter(|p| !p.kind.is_board() && p.renamed.is_none()).take(2).collect()
}

/// Some places that close open again under another number: the new one knows the old one's people and name.
fn found_again(places: &mut [Place], months: usize) {
    for later in SURE..places.len() {
        if !later.is_multiple_of(4) || places[later].kind.is_board() || places[later].open == 0 {
            continue;
        }
        let dead = |p: &Place| !p.kind.is_board() && p.close + 2 < months && p.close > 2;
        let Some(former) = (SURE..later).rev().find(|p| dead(&places[*p]) && places[*p].kind == places[later].kind)
        else {
            continue;
        };
        if places.iter().any(|p| p.successor_of == Some(former)) {
            continue;
        }
        let (name, lang, theme, open) =
            (places[former].name.clone(), places[former].lang, places[former].theme, places[former].close);
        let place = &mut places[later];
        place.name = format!("{} 2.0", name.trim_end_matches(" 2.0"));
        place.first_name = place.name.clone();
        (place.renamed, place.migrated, place.gap) = (None, None, 0..0);
        (place.lang, place.theme, place.open, place.close) = (lang, theme, open, months);
        place.successor_of = Some(former);
    }
}

/// The police close the two best-known forums and the best-known marketplace that live by then.
fn take_down(places: &mut [Place], month: usize) {
    for (kind, count) in [(ChatKind::Forum, 2), (ChatKind::Marketplace, 1)] {
        let mut known: Vec<usize> =
            (0..places.len()).filter(|p| places[*p].kind == kind && places[*p].alive(month)).collect();
        known.sort_by_key(|p| std::cmp::Reverse(places[*p].weight));
        for p in known.into_iter().take(count) {
            let place = &mut places[p];
            place.close = month;
            place.gap = 0..0;
            place.renamed = place.renamed.filter(|at| *at < month);
            place.migrated = place.migrated.filter(|at| *at < month);
        }
    }
}

/// Weighs the places so that each language has its share.
fn balance(places: &mut [Place]) {
    let mut sums = [0u64; LANGS];
    // Who lives shortly is louder while he lives, so that no language vanishes with its only place.
    for place in places.iter_mut() {
        let months = (place.close - place.open - place.gap.len()).max(1) as u64;
        let window = place.messages.len() as u64;
        place.weight *= (100 * window / months).min(400);
        sums[place.lang as usize] += place.weight * months;
    }
    for place in places.iter_mut() {
        let share = u64::from(place.lang.share());
        place.weight = (place.weight * 10_000_000 * share / sums[place.lang as usize].max(1)).max(1);
    }
}

/// The first places live through the whole window, so that every panel has members: chats, a forum, a marketplace.
const SURE: usize = 6;

/// The language of a place: the large ones at every second place, the others in turn.
fn language(seed: u64, index: usize, rng: &mut Rng) -> Lang {
    const FIRST: [Lang; SURE] = [Lang::En, Lang::Ru, Lang::Zh, Lang::Ru, Lang::En, Lang::Ru];
    match index {
        ..SURE => FIRST[index],
        _ if index.is_multiple_of(2) => {
            let small: Vec<Lang> =
                Lang::ALL.into_iter().filter(|l| !matches!(l, Lang::En | Lang::Ru | Lang::Zh)).collect();
            small[(index / 2 + seed as usize % small.len()) % small.len()]
        }
        _ => [Lang::Ru, Lang::En, Lang::Zh][rng.weighted(&[45, 34, 21])],
    }
}

fn place(seed: u64, scenario: &Scenario, index: usize, months: usize, composer: &Composer) -> Place {
    let mut rng = Rng::of(&[seed, 0x706c_6163, index as u64]);
    let sure = index < SURE;
    let lang = language(seed, index, &mut rng);
    let kind = match rng.weighted(&[33, 3, 24, 5, 2, 21, 12]) {
        _ if index == 3 => ChatKind::Forum,
        _ if index == 4 => ChatKind::Marketplace,
        _ if index == 5 => ChatKind::PrivateSupergroup,
        _ if sure => [ChatKind::PublicChannel, ChatKind::PublicSupergroup][index % 2],
        0 => ChatKind::PublicChannel,
        1 => ChatKind::PrivateChannel,
        2 => ChatKind::PublicSupergroup,
        3 => ChatKind::PrivateSupergroup,
        4 => ChatKind::PrivateGroup,
        5 => ChatKind::Forum,
        _ => ChatKind::Marketplace,
    };
    let theme = match (kind, rng.below(100)) {
        (ChatKind::Forum, _) => Theme::Board,
        (ChatKind::Marketplace, _) => Theme::Market,
        (ChatKind::PublicChannel | ChatKind::PrivateChannel, 0..=74) => Theme::Adverts,
        (ChatKind::PublicChannel | ChatKind::PrivateChannel, _) => Theme::News,
        (_, 0..=59) => Theme::Bazaar,
        _ => Theme::Chat,
    };
    let (open, close, gap) =
        if sure || !rng.chance(scenario.churn) { (0, months, 0..0) } else { life(&mut rng, months) };
    let style = match (scenario.month(close - 1).year, rng.below(10)) {
        (..=2020, 0..=6) => Style::Oldest,
        (..=2021, 0..=7) => Style::Old,
        _ => Style::New,
    };
    // Old exports say no zone; their PC stood in UTC, so that the truth holds for the default of `--zone`.
    let zone_secs =
        if style == Style::New { *rng.pick(&[3 * 3600, 3600, 8 * 3600, 19_800, -5 * 3600, 7 * 3600]) } else { 0 };
    let mut name = String::new();
    let mut sites = [String::new(), String::new()];
    if kind.is_board() {
        board_name(kind, index, &mut rng, &mut name, &mut sites);
    } else {
        composer.channel_name(lang, &mut rng, &mut name);
    }
    if !kind.is_board() && rng.chance(350) {
        name.push_str(rng.word(&[" 🔥", " 2.0", " | VIP", " 💎", " (backup)", " 24/7"]));
    }
    let long_lived = close - open > 8;
    let renamed = (long_lived && !kind.is_board() && rng.chance(300))
        .then(|| open + 2 + rng.below((close - open - 4) as u32) as usize);
    let mut first_name = String::new();
    match renamed {
        Some(_) => composer.channel_name(lang, &mut rng, &mut first_name),
        None => first_name.push_str(&name),
    }
    let moves = kind == ChatKind::PrivateSupergroup || (kind.is_board() && rng.chance(if sure { 1000 } else { 450 }));
    let migrated = (moves && close - open > 4).then(|| open + 1 + rng.below((close - open - 2) as u32) as usize);
    let mut username = String::new();
    people::push_handle(&mut username, seed, 1 << 40 | index as u64, 7);
    username.push_str(["_chan", "_hub", "_chat", "_info"][index % 4]);
    people::push_number(&mut username, index as u64);
    let weight = u64::from((40 + rng.below(160)) * [1, 1, 1, 1, 1, 1, 1, 3, 3, 8][rng.below(10) as usize]);
    Place {
        index,
        id: 1_000_000_000 + index as u64 * 1_290_871 + u64::from(rng.below(1_000_000)),
        kind,
        theme,
        lang,
        name,
        first_name,
        username,
        style,
        home: if kind.is_board() { Home::Table } else { Home::OwnFolder },
        zone_secs: if kind.is_board() { 0 } else { zone_secs },
        open,
        close,
        gap,
        renamed,
        migrated,
        successor_of: None,
        sites,
        tagged: !kind.is_group() && rng.chance(700),
        messages: vec![0; months],
        escrow: vec![0; months],
        weight,
    }
}

/// Name and addresses of a board; the number makes it the only one of its name.
fn board_name(kind: ChatKind, index: usize, rng: &mut Rng, name: &mut String, sites: &mut [String; 2]) {
    const HEADS: [&str; 14] = [
        "nightjar", "silt", "lantern", "otter", "quay", "moth", "tide", "bramble", "harrier", "gorse", "slate",
        "ember", "marl", "sedge",
    ];
    const FORUMS: [&str; 5] = ["board", "forum", "den", "club", "talk"];
    const MARKETS: [&str; 4] = ["market", "bazaar", "store", "mart"];
    name.push_str(rng.word(&HEADS));
    name.push('-');
    name.push_str(if kind == ChatKind::Forum { rng.word(&FORUMS) } else { rng.word(&MARKETS) });
    name.push('-');
    people::push_number(name, index as u64);
    sites[0] = format!("https://{name}.example");
    sites[1] = format!("https://{name}-{}.example", rng.word(&["new", "vip", "ws", "2"]));
}

/// When a place that misses at least one month of the window lives.
fn life(rng: &mut Rng, months: usize) -> (usize, usize, std::ops::Range<usize>) {
    let third = months / 3;
    let within = |rng: &mut Rng, low: usize, high: usize| rng.between(low as u32, high as u32) as usize;
    let (open, close) = match rng.below(100) {
        // Old places that die.
        0..=34 => (0, within(rng, months / 6, months - 1)),
        // The flight to Telegram in the second year; half of them do not live long.
        35..=74 => {
            let open = within(rng, third, 2 * third - 2);
            let close = if rng.chance(500) { months } else { within(rng, (2 * third).max(open + 2), months - 1) };
            (open, close)
        }
        _ => {
            let open = within(rng, 1, months - 3);
            (open, (open + within(rng, 2, months / 2)).min(months))
        }
    };
    let gap = if close - open > 9 && rng.chance(300) {
        let start = within(rng, open + 2, close - 7);
        start..start + within(rng, 2, 5)
    } else {
        0..0
    };
    (open, close, gap)
}

/// Shares `total` among weights so that the sum is exact: each gets the rounded cumulative share less the one before.
fn share(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum::<u128>().max(1);
    let mut running = 0u128;
    let mut given = 0u64;
    weights
        .iter()
        .map(|weight| {
            running += u128::from(*weight);
            let due = (u128::from(total) * running / sum) as u64;
            let part = due - given;
            given = due;
            part
        })
        .collect()
}

fn share_messages(seed: u64, scenario: &Scenario, total: u64, places: &mut [Place]) {
    let volume: Vec<u64> = scenario.volume.iter().map(|v| u64::from(*v)).collect();
    for (month, due) in share(total, &volume).into_iter().enumerate() {
        let alive: Vec<usize> = (0..places.len()).filter(|p| places[*p].alive(month)).collect();
        let weights: Vec<u64> = alive
            .iter()
            .map(|p| {
                let mut rng = Rng::of(&[seed, 0x6d6f_6e74, *p as u64, month as u64]);
                // Quiet months and bursts, fewer where little happens.
                let mood = match rng.below(15_000 / scenario.churn.max(1)) {
                    0 => 250,
                    1 => 30,
                    _ => rng.between(75, 130),
                };
                places[*p].weight * u64::from(mood)
            })
            .collect();
        // Everybody alive says something; the rest goes by weight.
        let rest = due.saturating_sub(alive.len() as u64);
        for (p, part) in alive.iter().zip(share(rest, &weights)) {
            places[*p].messages[month] = part as u32 + 1;
        }
    }
}

fn share_escrow(scenario: &Scenario, messages: u64, places: &mut [Place]) {
    let total = messages * u64::from(scenario.escrow_per_mille) / 1000;
    for (month, due) in share(total, &scenario.escrow_weights()).into_iter().enumerate() {
        let weights: Vec<u64> = places
            .iter()
            .map(|place| {
                let inclination = match place.theme {
                    Theme::Adverts => 100,
                    Theme::Bazaar => 90,
                    Theme::Board => 80,
                    Theme::Market => 60,
                    Theme::Chat => 40,
                    Theme::News => 8,
                };
                u64::from(place.messages[month]) * inclination
            })
            .collect();
        for (place, part) in places.iter_mut().zip(share(due, &weights)) {
            place.escrow[month] = (part as u32).min(place.messages[month]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::scenario::KNOWN_2020_2022;

    fn world(messages: u64) -> Vec<Place> {
        let composer = Composer::new(1, 100);
        build(1, &KNOWN_2020_2022, messages, default_places(messages), &composer)
    }

    #[test]
    fn every_message_has_a_place() {
        for messages in [2_000, 150_000] {
            let sum: u64 = world(messages).iter().flat_map(|p| &p.messages).map(|n| u64::from(*n)).sum();
            assert_eq!(sum, messages);
        }
    }

    #[test]
    fn some_places_live_through_the_window_and_most_do_not() {
        let world = world(150_000);
        let whole = world.iter().filter(|p| p.messages.iter().all(|n| *n > 0)).count();
        assert!((8..=30).contains(&whole), "{whole} of {}", world.len());
        assert!(world.iter().any(|p| p.migrated.is_some()));
        assert!(world.iter().any(|p| p.renamed.is_some()));
        assert!(world.iter().any(|p| p.style == Style::Oldest));
        assert!(world.iter().any(|p| p.style == Style::Old));
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(share(10, &[1, 1, 1]).iter().sum::<u64>(), 10);
        assert_eq!(share(10, &[0, 0]), [0, 0]);
    }
}
