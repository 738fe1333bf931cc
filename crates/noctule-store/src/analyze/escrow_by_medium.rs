//! # What it answers
//! A5: on which medium are escrow agents mentioned, and did that change?
//!
//! # How
//! The medium is a property of the source. Unique mentions belong to the source of the cluster's earliest mention;
//! their share by medium is drawn for each quarter with at least 30 of them.
//!
//! # Where it is wrong
//! A share of a corpus is not a share of the underground: it follows what was collected. A private group is in no
//! count.

use noctule_core::model::{Answer, Chart, Column, Kind, Layer, Medium, Part, Summary, Value};

use super::escrow_mentions_by_quarter::quarter;
use super::words::{capital, counted, percent};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, Sums, TOO_FEW_FOR_A_SHARE, in_window, no_answer};

pub struct EscrowByMedium;

impl Analysis for EscrowByMedium {
    fn name(&self) -> &'static str {
        "escrow_by_medium"
    }

    fn about(&self) -> &'static str {
        "mentions of an escrow agent by kind of place: forum, marketplace, channel, group"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let media = by_medium(counts);
        let total = counts.total.escrow.unique;
        let row = |m: &OfMedium| {
            vec![
                Value::text(m.medium.word()),
                Value::count(m.sources),
                Value::count(m.sums.messages),
                Value::count(m.sums.escrow.raw),
                Value::count(m.sums.escrow.unique),
                Value::count(m.sums.escrow.fixed_panel),
                Value::share((total > 0).then(|| m.sums.escrow.unique as f64 / total as f64)),
            ]
        };
        Answer {
            name: self.name(),
            id: "A5",
            title: title(counts, &media),
            question: "On which medium are escrow agents mentioned?",
            summary: summary(counts, &media),
            columns: vec![
                Column { name: "medium", unit: "medium", kind: Kind::Text },
                Column { name: "sources", unit: "sources", kind: Kind::Count },
                Column { name: "messages", unit: "messages", kind: Kind::Count },
                Column { name: "raw", unit: "mentions, raw", kind: Kind::Count },
                Column { name: "unique", unit: "mentions, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "mentions, fixed panel", kind: Kind::Count },
                Column { name: "share_unique", unit: "share of unique", kind: Kind::Share },
            ],
            rows: media.iter().map(row).collect(),
            charts: vec![chart(counts, &media)],
            method: "The medium is a property of the source. A near-duplicate counts for the source of its earliest \
                     mention"
                .into(),
            caveats: vec![
                "The shares follow what was collected; private groups are in no count".into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.medium, count(*) as mentions from messages m join verdicts v on v.message_id = m.message_id \
                 where v.escrow and {} group by m.medium order by mentions desc",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

struct OfMedium {
    medium: Medium,
    /// With a message in the window.
    sources: u64,
    sums: Sums,
    /// Unique mentions by quarter.
    quarters: Vec<u64>,
}

/// The media that have a message, most unique mentions first.
fn by_medium(counts: &Counts) -> Vec<OfMedium> {
    let quarters = counts.by_period(quarter).len();
    let first = counts.months.first().map_or(0, |m| m.0.div_euclid(3));
    let mut media: Vec<OfMedium> = Medium::ALL
        .into_iter()
        .map(|medium| OfMedium { medium, sources: 0, sums: Sums::default(), quarters: vec![0; quarters] })
        .collect();
    let place = |source: usize| Medium::ALL.iter().position(|m| *m == counts.sources[source].medium).unwrap_or(0);
    for (source, sums) in counts.by_source.iter().enumerate().filter(|(_, s)| s.messages > 0) {
        let of = &mut media[place(source)];
        of.sources += 1;
        of.sums.join(sums);
    }
    for cell in &counts.cells {
        let quarter = counts.months[usize::from(cell.month)].0.div_euclid(3) - first;
        media[place(cell.source as usize)].quarters[quarter as usize] += u64::from(cell.escrow_unique);
    }
    media.retain(|m| m.sources > 0);
    media.sort_by_key(|m| (std::cmp::Reverse(m.sums.escrow.unique), m.medium));
    media
}

/// `Telegram channels`, for a person.
fn words(medium: Medium) -> &'static str {
    match medium {
        Medium::Forum => "forums",
        Medium::Marketplace => "marketplaces",
        Medium::TelegramChannel => "Telegram channels",
        Medium::TelegramGroup => "Telegram groups",
        Medium::Discord => "Discord chats",
        Medium::Matrix => "Matrix rooms",
        Medium::Jabber => "Jabber rooms",
        Medium::Irc => "IRC channels",
        Medium::Paste => "pastes",
        Medium::LeakSite => "leak sites",
        Medium::Mail => "mails",
        Medium::Other => "other places",
    }
}

fn title(counts: &Counts, media: &[OfMedium]) -> String {
    let total = counts.total.escrow.unique;
    if let Some(reason) = no_answer(counts, total) {
        return reason;
    }
    let first = &media[0];
    if media.len() == 1 {
        return format!("All mentions are in {}", words(first.medium));
    }
    if total < TOO_FEW_FOR_A_SHARE {
        return format!("{} are too few to compare media", counted(total, "mention", "mentions"));
    }
    if let Some((winner, loser, when)) = overtaking(counts, media) {
        return format!("{} passed {} in {when}", capital(words(winner)), words(loser));
    }
    let share = percent(first.sums.escrow.unique as f64 / total as f64);
    format!("{} carry {share} of the unique mentions", capital(words(first.medium)))
}

/// Who led at the end and not at the start, over whom, and in which quarter for good. Only from quarters with enough.
fn overtaking(counts: &Counts, media: &[OfMedium]) -> Option<(Medium, Medium, String)> {
    let names: Vec<String> = counts.by_period(quarter).into_iter().map(|(name, _)| name).collect();
    let told: Vec<usize> =
        (0..names.len()).filter(|&q| media.iter().map(|m| m.quarters[q]).sum::<u64>() >= TOO_FEW_FOR_A_SHARE).collect();
    let leader = |q: usize| media.iter().max_by_key(|m| m.quarters[q]);
    let (loser, winner) = (leader(*told.first()?)?, leader(*told.last()?)?);
    if loser.medium == winner.medium {
        return None;
    }
    let ahead = |q: &&usize| winner.quarters[**q] > loser.quarters[**q];
    let since = told.iter().rev().take_while(ahead).last()?;
    let (year, number) = names[*since].split_once("-Q")?;
    let number = ["first", "second", "third", "fourth"][number.parse::<usize>().ok()?.checked_sub(1)?];
    Some((winner.medium, loser.medium, format!("the {number} quarter of {year}")))
}

fn summary(counts: &Counts, media: &[OfMedium]) -> Summary {
    let total = counts.total.escrow;
    let (Some(first), 1..) = (media.first(), total.unique) else {
        return Summary { answer: vec![Part::Strong("Nowhere".into())], ..Summary::default() };
    };
    let share = |part: u64, whole: u64| {
        if whole == 0 { "none".into() } else { percent(part as f64 / whole as f64) }
    };
    let others = media.iter().skip(1).take(2);
    let others: Vec<String> =
        others.map(|m| format!("{} {}", words(m.medium), share(m.sums.escrow.unique, total.unique))).collect();
    Summary {
        answer: vec![
            Part::Strong(share(first.sums.escrow.unique, total.unique)),
            Part::Plain(format!(" in {}", words(first.medium))),
        ],
        note: vec![Part::Plain(others.join(", "))],
        course: first.quarters.iter().map(|&n| n as f64).collect(),
        raw: share(first.sums.escrow.raw, total.raw),
        fixed_panel: share(first.sums.escrow.fixed_panel, total.fixed_panel),
    }
}

/// The fixed place of a medium in the palette (see the look): channel 1, forum 2, marketplace 5, group 7, other 8.
fn category(medium: Medium) -> u8 {
    match medium {
        Medium::TelegramChannel => 1,
        Medium::Forum => 2,
        Medium::Marketplace => 5,
        Medium::TelegramGroup => 7,
        _ => 8,
    }
}

fn chart(counts: &Counts, media: &[OfMedium]) -> Chart {
    let periods: Vec<String> = counts.by_period(quarter).into_iter().map(|(name, _)| name).collect();
    let total = |q: usize| media.iter().map(|m| m.quarters[q]).sum::<u64>();
    let mut layers: Vec<Layer> = Vec::new();
    for (category, label) in
        [(1, "Telegram channel"), (7, "Telegram group"), (2, "Forum"), (5, "Marketplace"), (8, "Other")]
    {
        let of: Vec<&OfMedium> = media.iter().filter(|m| self::category(m.medium) == category).collect();
        if of.is_empty() {
            continue;
        }
        let share = |q: usize| {
            let part: u64 = of.iter().map(|m| m.quarters[q]).sum();
            (total(q) >= TOO_FEW_FOR_A_SHARE).then(|| part as f64 / total(q) as f64)
        };
        layers.push(Layer { label: label.into(), category, shares: (0..periods.len()).map(share).collect() });
    }
    Chart::Stack { unit: "share of unique mentions by quarter".into(), periods, layers }
}
