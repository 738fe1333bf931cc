//! The truth of a simulated corpus: counted while it is written, with nothing of the product's own code, so that
//! the two can be held against each other.
//!
//! `truth.json` streams the sources first (with one row a message, unless only totals are wanted) and ends with the
//! months, the planted changes, the totals, the deals and the parties, which are known only then. The deals and
//! parties are written by [`super::truth_deals`].

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::compose::{Stage, kind_word, role_word};
use super::deals::Deals;
use super::jsonl::push_json_string;
use super::phrases::{LANGS, Labels, Lang, POLARITIES};
use super::scenario::Scenario;
use super::telegram::push_number;
use super::truth_deals::{self, Reference};
use super::world::{Place, Style};

/// Messages, escrow mentions and deals of one source in one month.
#[derive(Clone, Copy, Default)]
struct Count {
    messages: u64,
    escrow: u64,
    deal: u64,
    both: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.messages += other.messages;
        self.escrow += other.escrow;
        self.deal += other.deal;
        self.both += other.both;
    }
}

/// Raw, unique or panel counts of the whole window.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Three {
    pub raw: u64,
    pub unique: u64,
    pub fixed_panel: u64,
}

pub struct Totals {
    pub messages: u64,
    pub unique_texts: u64,
    pub sources: u64,
    pub escrow: Three,
    pub deal: Three,
    /// Messages that are both, the numerator of the escrow share of deals.
    pub both: Three,
}

pub struct Truth {
    file: BufWriter<File>,
    rows: bool,
    months: usize,
    by_source: Vec<Vec<Count>>,
    /// Whether each source is in this medium; the media in order of appearance.
    media: Vec<&'static str>,
    by_lang: [Count; LANGS],
    clusters: Clusters,
    references: Vec<Reference>,
    first_source: bool,
    first_row: bool,
    /// The index of the place that is open.
    place: u32,
    line: Vec<u8>,
}

/// One entry a text: its cluster, then month, language and two flags. Sorting brings the earliest month of a cluster
/// to its front; the rest is thrown away from time to time, so memory follows the clusters, not the messages.
struct Clusters {
    entries: Vec<(u64, u32)>,
    compact_at: usize,
}

const FLAG_ESCROW: u32 = 1;
const FLAG_DEAL: u32 = 2;
const LANG_SHIFT: u32 = 2;
const MONTH_SHIFT: u32 = 8;

impl Clusters {
    fn add(&mut self, cluster: u64, month: usize, lang: u32, labels: &Labels) {
        let flags = if labels.escrow.is_some() { FLAG_ESCROW } else { 0 } | if labels.deal { FLAG_DEAL } else { 0 };
        self.entries.push((cluster, (month as u32) << MONTH_SHIFT | lang << LANG_SHIFT | flags));
        if self.entries.len() >= self.compact_at {
            self.compact();
            self.compact_at = (self.entries.len() * 2).max(1 << 20);
        }
    }

    fn compact(&mut self) {
        self.entries.sort_unstable();
        self.entries.dedup_by_key(|entry| entry.0);
    }
}

/// What is printed and written beside the per-month tables.
pub struct Heading<'a> {
    pub seed: u64,
    pub scenario: &'a Scenario,
    pub messages: u64,
    pub format: &'a str,
}

impl Truth {
    pub fn create(dir: &Path, heading: &Heading<'_>, places: usize, rows: bool) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 18, File::create(dir.join("truth.json"))?);
        let months = heading.scenario.months();
        writeln!(
            file,
            "{{\n\"schema\":\"noctule.truth/1\",\n\"seed\":{},\n\"scenario\":\"{}\",",
            heading.seed, heading.scenario.name
        )?;
        writeln!(
            file,
            "\"parameters\":{{\"messages\":{},\"sources\":{places},\"format\":\"{}\",\"escrow_per_mille\":{},\"rows\":{rows}}},",
            heading.messages, heading.format, heading.scenario.escrow_per_mille
        )?;
        writeln!(
            file,
            "\"window\":{{\"from\":\"{}-01\",\"to\":\"{}\"}},",
            heading.scenario.month(0).word(),
            last_day(heading.scenario)
        )?;
        write!(
            file,
            "\"message_columns\":[\"native_id\",\"escrow\",\"polarity\",\"deal\",\"kind\",\"role\",\"cluster\",\"lang\",\"deal_id\",\"stage\"],\n\"sources\":["
        )?;
        Ok(Self {
            file,
            rows,
            months,
            by_source: Vec::new(),
            media: Vec::new(),
            by_lang: [Count::default(); LANGS],
            references: Vec::new(),
            clusters: Clusters { entries: Vec::new(), compact_at: 1 << 20 },
            first_source: true,
            first_row: true,
            place: 0,
            line: Vec::with_capacity(1 << 12),
        })
    }

    pub fn open(&mut self, place: &Place, path: &str, scenario: &Scenario, places: &[Place]) -> io::Result<()> {
        self.by_source.push(vec![Count::default(); self.months]);
        self.media.push(place.kind.medium());
        self.place = place.index as u32;
        let out = &mut self.line;
        out.extend_from_slice(if self.first_source { b"\n" } else { b",\n" });
        self.first_source = false;
        self.first_row = true;
        out.extend_from_slice(b"{\"key\":");
        push_json_string(out, &place.key());
        out.extend_from_slice(b",\"name\":");
        push_json_string(out, &place.name);
        out.extend_from_slice(b",\"username\":");
        push_json_string(out, &place.username);
        out.extend_from_slice(b",\"medium\":");
        push_json_string(out, place.kind.medium());
        out.extend_from_slice(b",\"lang\":");
        push_json_string(out, place.lang.code());
        out.extend_from_slice(b",\"path\":");
        push_json_string(out, path);
        out.extend_from_slice(b",\"style\":");
        push_json_string(
            out,
            match place.style {
                Style::Oldest => "2020",
                Style::Old => "2021",
                Style::New => "2023",
            },
        );
        push_life(out, place, scenario, places);
        if self.rows {
            out.extend_from_slice(b",\"messages\":[");
        }
        self.flush()
    }

    /// Notes one message. `cluster` is `None` when it has no text.
    pub fn message(
        &mut self,
        id: i64,
        month: usize,
        labels: &Labels,
        cluster: Option<u64>,
        lang: Option<Lang>,
        deal: Option<(u32, Stage)>,
    ) -> io::Result<()> {
        let escrow = labels.escrow.is_some();
        let one = Count {
            messages: 1,
            escrow: u64::from(escrow),
            deal: u64::from(labels.deal),
            both: u64::from(escrow && labels.deal),
        };
        self.by_source.last_mut().expect("a source is open")[month].add(one);
        if let Some(lang) = lang {
            self.by_lang[lang as usize].add(one);
        }
        if let Some(cluster) = cluster {
            self.clusters.add(cluster, month, lang.map_or(LANGS as u32, |lang| lang as u32), labels);
        }
        if let Some((deal, stage)) = deal {
            self.references.push(Reference { deal, place: self.place, id, stage });
        }
        if !self.rows {
            return Ok(());
        }
        let out = &mut self.line;
        out.extend_from_slice(if self.first_row { b"\n[" } else { b",\n[" });
        self.first_row = false;
        push_number(out, id);
        out.extend_from_slice(if escrow { b",1," } else { b",0," });
        push_word(out, labels.escrow.map(|p| POLARITIES[usize::from(p)]));
        out.extend_from_slice(if labels.deal { b",1," } else { b",0," });
        push_word(out, kind_word(labels));
        out.push(b',');
        push_word(out, role_word(labels));
        out.push(b',');
        match cluster {
            Some(cluster) => push_number(out, cluster as i64),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b',');
        push_word(out, lang.map(Lang::code));
        match deal {
            Some((deal, stage)) => {
                out.push(b',');
                push_number(out, i64::from(deal));
                out.push(b',');
                push_json_string(out, stage.word());
            }
            None => out.extend_from_slice(b",null,null"),
        }
        out.push(b']');
        if out.len() > 1 << 15 { self.flush() } else { Ok(()) }
    }

    pub fn close(&mut self) -> io::Result<()> {
        self.line.extend_from_slice(if self.rows { b"]}" } else { b"}" });
        self.flush()
    }

    pub fn finish(mut self, scenario: &Scenario, deals: &Deals<'_>, places: &[Place]) -> io::Result<Totals> {
        self.clusters.compact();
        let months = self.months;
        let mut raw = vec![Count::default(); months];
        let mut panel = vec![Count::default(); months];
        let mut unique = vec![Count::default(); months];
        for source in &self.by_source {
            let whole = source.iter().all(|count| count.messages > 0);
            for (month, count) in source.iter().enumerate() {
                raw[month].add(*count);
                if whole {
                    panel[month].add(*count);
                }
            }
        }
        let mut unique_by_lang = [Count::default(); LANGS];
        for (_, entry) in &self.clusters.entries {
            let escrow = u64::from(entry & FLAG_ESCROW);
            let deal = u64::from(entry >> 1 & 1);
            let one = Count { messages: 1, escrow, deal, both: escrow & deal };
            unique[(entry >> MONTH_SHIFT) as usize].add(one);
            if let Some(count) = unique_by_lang.get_mut((entry >> LANG_SHIFT & 0x3f) as usize) {
                count.add(one);
            }
        }
        let sum = |counts: &[Count], of: fn(&Count) -> u64| counts.iter().map(of).sum::<u64>();
        let three = |of: fn(&Count) -> u64| Three {
            raw: sum(&raw, of),
            unique: sum(&unique, of),
            fixed_panel: sum(&panel, of),
        };
        let totals = Totals {
            messages: sum(&raw, |c| c.messages),
            unique_texts: sum(&unique, |c| c.messages),
            sources: self.by_source.iter().filter(|s| s.iter().any(|c| c.messages > 0)).count() as u64,
            escrow: three(|c| c.escrow),
            deal: three(|c| c.deal),
            both: three(|c| c.both),
        };
        let file = &mut self.file;
        write!(
            file,
            "\n],\n\"months\":{{\"columns\":[\"month\",\"messages\",\"escrow_raw\",\"escrow_unique\",\"escrow_fixed_panel\",\"deal_raw\",\"deal_unique\",\"deal_fixed_panel\"],\"rows\":["
        )?;
        for month in 0..months {
            write!(
                file,
                "{}\n[\"{}\",{},{},{},{},{},{},{}]",
                if month == 0 { "" } else { "," },
                scenario.month(month).word(),
                raw[month].messages,
                raw[month].escrow,
                unique[month].escrow,
                panel[month].escrow,
                raw[month].deal,
                unique[month].deal,
                panel[month].deal
            )?;
        }
        write!(
            file,
            "\n]}},\n\"languages\":{{\"columns\":[\"lang\",\"messages\",\"unique_texts\",\"escrow_raw\",\"escrow_unique\",\"deal_raw\",\"deal_unique\"],\"rows\":["
        )?;
        for (at, lang) in Lang::ALL.into_iter().enumerate() {
            let (all, one) = (&self.by_lang[at], &unique_by_lang[at]);
            write!(
                file,
                "{}\n[\"{}\",{},{},{},{},{},{}]",
                if at == 0 { "" } else { "," },
                lang.code(),
                all.messages,
                one.messages,
                all.escrow,
                one.escrow,
                all.deal,
                one.deal
            )?;
        }
        write!(
            file,
            "\n]}},\n\"media\":{{\"columns\":[\"medium\",\"sources\",\"messages\",\"escrow_raw\",\"deal_raw\"],\"rows\":["
        )?;
        let mut first = true;
        for medium in ["telegram-channel", "telegram-group", "forum", "marketplace"] {
            let here = || self.by_source.iter().zip(&self.media).filter(|(_, m)| **m == medium);
            let sum = |of: fn(&Count) -> u64| here().flat_map(|(counts, _)| counts).map(of).sum::<u64>();
            write!(
                file,
                "{}\n[\"{medium}\",{},{},{},{}]",
                if first { "" } else { "," },
                here().count(),
                sum(|c| c.messages),
                sum(|c| c.escrow),
                sum(|c| c.deal)
            )?;
            first = false;
        }
        write!(
            file,
            "\n]}},\n\"change_points\":{{\"columns\":[\"series\",\"month\",\"direction\",\"effect\",\"planted\"],\"rows\":["
        )?;
        let mut first = true;
        for (series, counts) in [("escrow_raw", &raw), ("escrow_unique", &unique), ("escrow_fixed_panel", &panel)] {
            for (at, effect) in effects(scenario, counts) {
                let change = &scenario.changes[at];
                write!(
                    file,
                    "{}\n[\"{series}\",\"{}\",\"{}\",{effect:.3},{:.3}]",
                    if first { "" } else { "," },
                    change.month.word(),
                    if effect > 1.0 { "up" } else { "down" },
                    f64::from(change.factor) / 1000.0
                )?;
                first = false;
            }
        }
        let shares = [
            (totals.both.raw, totals.deal.raw),
            (totals.both.unique, totals.deal.unique),
            (totals.both.fixed_panel, totals.deal.fixed_panel),
        ]
        .map(|(both, deal)| if deal == 0 { 0.0 } else { both as f64 / deal as f64 });
        write!(
            file,
            "\n]}},\n\"totals\":{{\"messages\":{},\"unique_texts\":{},\"sources\":{},\"skipped\":0,\
             \"escrow_mentions\":{},\"deal_related\":{},\
             \"escrow_share_of_deals\":{{\"raw\":{:.6},\"unique\":{:.6},\"fixed_panel\":{:.6},\"interval\":[{:.6},{:.6}]}}}},\n\
             \"escrow_and_deal\":{},\n",
            totals.messages,
            totals.unique_texts,
            totals.sources,
            json_three(totals.escrow),
            json_three(totals.deal),
            shares[0],
            shares[1],
            shares[2],
            shares[0],
            shares[0],
            json_three(totals.both)
        )?;
        self.references.sort_by_key(|r| (r.deal, r.stage as u8));
        truth_deals::write(file, deals, places, &self.references)?;
        file.write_all(b"}\n")?;
        file.flush()?;
        Ok(totals)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

/// For each planted change its index and the ratio of the level after it to the level before it, as it came out.
fn effects(scenario: &Scenario, counts: &[Count]) -> Vec<(usize, f64)> {
    let mut edges = vec![0];
    edges.extend(scenario.change_indices());
    edges.push(counts.len());
    let level =
        |from: usize, to: usize| counts[from..to].iter().map(|c| c.escrow as f64).sum::<f64>() / (to - from) as f64;
    (0..scenario.changes.len())
        .map(|at| (at, level(edges[at + 1], edges[at + 2]) / level(edges[at], edges[at + 1]).max(1e-9)))
        .collect()
}

/// When a source lives, is silent, moves, and whom it follows.
fn push_life(out: &mut Vec<u8>, place: &Place, scenario: &Scenario, places: &[Place]) {
    let month = |out: &mut Vec<u8>, key: &str, index: usize| {
        out.extend_from_slice(key.as_bytes());
        push_json_string(out, &scenario.month(index).word());
    };
    month(out, ",\"first_month\":", place.open);
    month(out, ",\"last_month\":", place.close - 1);
    out.extend_from_slice(b",\"silent_months\":");
    push_number(out, place.gap.len() as i64);
    out.extend_from_slice(b",\"moves\":[");
    let mut first = true;
    let mut moved = |out: &mut Vec<u8>, kind: &str, at: usize, from: &str, to: &str| {
        out.extend_from_slice(if first { b"[" } else { b",[" });
        first = false;
        push_json_string(out, kind);
        month(out, ",", at);
        out.push(b',');
        push_json_string(out, from);
        out.push(b',');
        push_json_string(out, to);
        out.push(b']');
    };
    if let Some(at) = place.renamed {
        moved(out, "renamed", at, &place.first_name, &place.name);
    }
    if let Some(at) = place.migrated {
        match place.kind.is_board() {
            true => moved(out, "new-address", at, &place.sites[0], &place.sites[1]),
            false => moved(out, "group-to-supergroup", at, &place.first_name, &place.first_name),
        }
    }
    out.extend_from_slice(b"],\"successor_of\":");
    let former = place.successor_of.and_then(|former| places.get(former)).map(Place::key);
    push_word(out, former.as_deref());
    out.extend_from_slice(b",\"taken_down\":");
    let taken = scenario.takedown() == Some(place.close) && place.kind.is_board();
    out.extend_from_slice(if taken { b"true" } else { b"false" });
}

fn last_day(scenario: &Scenario) -> String {
    let end = scenario.month(scenario.months()).start() / super::calendar::DAY_SECS - 1;
    let (year, month, day) = super::calendar::civil_from_days(end);
    format!("{year:04}-{month:02}-{day:02}")
}

fn json_three(three: Three) -> String {
    format!("{{\"raw\":{},\"unique\":{},\"fixed_panel\":{}}}", three.raw, three.unique, three.fixed_panel)
}

pub fn push_word(out: &mut Vec<u8>, word: Option<&str>) {
    match word {
        Some(word) => push_json_string(out, word),
        None => out.extend_from_slice(b"null"),
    }
}
