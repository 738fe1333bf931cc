//! Whether a message speaks of escrow, and how.
//!
//! # What it finds
//! A third party (person, forum, bot, guarantee group, or the market itself) that holds money or goods for a deal
//! between two others: mentioned or not, affirmed, refused, asked about, or reported on, and whether a person or
//! software holds the money. Refusals count as mentions.
//!
//! # How
//! Terms of `lexicon/escrow` are sure («через гаранта»), or need one cue near them (*middleman*, 担保), or two
//! (*intermediary*, *посредник*). Cues add points, other senses of the word (*key escrow*, «эскроу-счёт») take the
//! term away or take points, and a deal around it adds some. More than no points: mentioned. Polarity is read from
//! the words around each term; a clause ends a negation's reach.
//!
//! # Where it is wrong
//! Irony; terms agreed on earlier in the thread ("same as last time"); words for escrow we do not know yet; a
//! reseller who calls himself guarantor; new brands of guarantee groups that appear without the word 担保.

use super::explain::{Listening, Notes, Reason, Silent};
use super::letters::is_letter;
use super::scene::{self, Hit, Scene, ends_clause, ends_sentence};
use super::{Detector, deal_related, score};
use crate::lexicon::{Cue, Entry, Strength, unspaced};
use crate::model::{Agent, Polarity, Span, Verdict};

pub(super) struct EscrowDetector;

/// A term that may be counted, after looking around it.
struct Candidate {
    hit: Hit,
    points: f32,
    polarity: Polarity,
    agent: Agent,
    /// The first cues that made it count.
    cues: FirstThree,
}

/// As many cues as a reader is told, and as many as add points.
#[derive(Default)]
struct FirstThree {
    hits: [Option<Hit>; 3],
}

impl FirstThree {
    fn push(&mut self, hit: Hit) {
        if let Some(free) = self.hits.iter_mut().find(|place| place.is_none()) {
            *free = Some(hit);
        }
    }
}

impl Detector for EscrowDetector {
    fn name(&self) -> &'static str {
        "escrow_mention"
    }

    fn about(&self) -> &'static str {
        "an escrow agent or service is spoken of: affirmed, refused, asked about or reported"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        if !scene.has(&[Cue::Term]) {
            return;
        }
        let (best, counted) = weigh(scene, verdict, &mut Silent);
        if best == f32::MIN {
            return;
        }
        verdict.escrow.score = score(best);
        if counted.is_empty() {
            return;
        }
        verdict.escrow.mentioned = true;
        verdict.escrow.polarity = Some(together(&counted));
        verdict.escrow.agent = agent(&counted);
        for candidate in &counted {
            let core = core(scene, candidate.hit);
            verdict.escrow.spans.push(scene.raw_span(core.start, word_end(scene.text, core.end)));
        }
        verdict.escrow.spans.sort_unstable();
        verdict.escrow.spans.dedup();
        // Three explained terms are enough for a reader, however often a text repeats them.
        for candidate in counted.iter().take(3) {
            verdict.why.push(explain(scene, candidate));
        }
    }

    fn explain(&self, scene: &Scene<'_>, verdict: &Verdict) -> Vec<Reason> {
        let mut notes = Listening::new(scene);
        if scene.has(&[Cue::Term]) {
            weigh(scene, verdict, &mut notes);
        }
        notes.reasons
    }
}

/// Weighs every term; gives the points of the best one, and those that count.
fn weigh(scene: &Scene<'_>, verdict: &Verdict, notes: &mut impl Notes) -> (f32, Vec<Candidate>) {
    let deal = deal_related::points_without_escrow(scene, verdict);
    // A text may repeat a term a thousand times; the field it stands in is looked up once a term.
    let mut fields: Vec<(u32, f32)> = Vec::new();
    let mut elsewhere = |term: &Entry| match fields.iter().find(|(group, _)| *group == term.group) {
        Some((_, points)) => *points,
        None => {
            let points = other_senses(scene, term);
            fields.push((term.group, points));
            points
        }
    };
    // A handful is plenty: a text of a thousand links must not cost a thousand times as many looks.
    let addresses: Vec<Span> =
        verdict.entities.iter().filter(|e| matches!(e.kind, "url" | "domain")).map(|e| e.span).take(32).collect();
    let mut best = f32::MIN;
    let mut counted: Vec<Candidate> = Vec::new();
    for (hit, entry) in scene.of(Cue::Term) {
        notes.note(0.0, Some(*hit), || format!("a term, entry {} ({}): {}", entry.id, entry.lang, entry.why));
        // A longer term over the same words speaks for them («автогарант», 汇旺担保).
        if counted.last().is_some_and(|c| c.hit.start <= hit.start && hit.end <= c.hit.end) {
            notes.note(0.0, Some(*hit), || "lies in a longer term, which speaks for it".into());
            continue;
        }
        // Words in an address name a site, not what the writer says.
        let place = scene.raw_span(hit.start, hit.end);
        if addresses.iter().any(|address| address.start <= place.start && place.end <= address.end) {
            notes.note(0.0, Some(*hit), || "is part of an address, and counts no further".into());
            continue;
        }
        if in_a_name(scene, *hit) {
            notes.note(0.0, Some(*hit), || "is part of a name, and counts no further".into());
            continue;
        }
        let Some(mut candidate) = look_around(scene, *hit, entry, notes) else { continue };
        let (around, against) = (deal_points(deal), elsewhere(entry));
        if around != 0.0 {
            notes.note(around, None, || format!("the deal around it, which has {deal:.1} points"));
        }
        if against != 0.0 {
            notes.note(-against, None, || "words of another field, anywhere in the text".into());
        }
        candidate.points += around - against;
        best = best.max(candidate.points);
        if candidate.points > 0.0 {
            // «гаранта» before «гаранта форума»: hits of one start come shortest first.
            counted.pop_if(|c| c.hit.start == hit.start);
            counted.push(candidate);
        }
    }
    (best, counted)
}

/// The term inside a formula («担保» of «可走担保»), so that synonyms can be counted; else the term itself.
fn core(scene: &Scene<'_>, hit: Hit) -> Hit {
    if !scene.lexicons.entry(&hit).phrase {
        return hit;
    }
    let first = scene.hits.partition_point(|other| other.start < hit.start);
    scene.hits[first..]
        .iter()
        .take_while(|other| other.start < hit.end)
        .filter(|other| other.end <= hit.end && (other.start, other.end) != (hit.start, hit.end))
        .filter(|other| scene.lexicons.entry(other).cue == Cue::Term)
        .max_by_key(|other| other.end - other.start)
        .map_or(hit, |other| core(scene, *other))
}

/// Where the word goes on to that a form with an open end began («Treuhandservice»). Particles in Hangul stay out.
fn word_end(text: &str, end: u32) -> u32 {
    let joins = |c: char| !unspaced(c) && !matches!(c, '가'..='힣') && is_letter(c);
    if !text[..end as usize].ends_with(joins) {
        return end;
    }
    let rest = text[end as usize..].chars().take(30).take_while(|c| joins(*c));
    end + rest.map(char::len_utf8).sum::<usize>() as u32
}

/// Points against every term, for words that set the message in another field.
fn other_senses(scene: &Scene<'_>, term: &Entry) -> f32 {
    let mut seen: Vec<(u32, &str)> = Vec::new();
    let mut points = 0.0;
    for (hit, entry) in scene.of(Cue::Forbid).filter(|(_, entry)| entry.everywhere && entry.speaks_of(term)) {
        let word = (hit.entry, &scene.text[hit.start as usize..hit.end as usize]);
        // Three words of a field are certain enough; the rest need not be looked at.
        if seen.len() >= 30 || seen.contains(&word) {
            continue;
        }
        let again = seen.iter().any(|(entry, _)| *entry == hit.entry);
        seen.push(word);
        points += entry.weight * if again { 0.5 } else { 1.0 };
    }
    points
}

/// A deal in the same message makes a doubtful term likelier, and another field of life a sure one less likely.
fn deal_points(deal: f32) -> f32 {
    deal.clamp(-2.0, 2.0) * 0.35
}

/// The cues that [`look_around`] looks for.
const CUES: u64 = scene::set(&[
    Cue::Support,
    Cue::Forbid,
    Cue::Refuse,
    Cue::Affirm,
    Cue::Ask,
    Cue::Report,
    Cue::Automated,
    Cue::Human,
]);

/// Judges one term by the words near it; `None` when they show that it means something else.
fn look_around(scene: &Scene<'_>, hit: Hit, term: &Entry, notes: &mut impl Notes) -> Option<Candidate> {
    let (mut points, strength) = match term.strength {
        Strength::Sure => (3.0, "enough alone"),
        Strength::Context => (-0.8, "needs a cue near it, or a deal around it"),
        Strength::Weak => (-2.0, "has other meanings most of the time: needs two cues"),
    };
    notes.note(points, Some(hit), || strength.into());
    let mut cues = FirstThree::default();
    // What the first cue adds, and further ones of other groups, which says less: they often are one phrase.
    const SHARES: [f32; 3] = [1.6, 1.1, 0.5];
    let mut groups = [None; SHARES.len()];
    let mut supported = 0;
    let (mut refused, mut affirmed, mut asked, mut reported) = (false, false, false, false);
    let mut agent = term.agent.unwrap_or(Agent::Unknown);
    let mut agent_distance = usize::MAX;
    for (near, entry) in scene.near(hit, CUES) {
        if !entry.speaks_of(term) {
            continue;
        }
        let gap = || scene.between(hit, near);
        match entry.cue {
            // What the term covers is part of it: «论坛担保人» is no surety.
            Cue::Forbid if !entry.everywhere && covers(hit, near) => {}
            Cue::Forbid if !entry.everywhere && excused(scene, near, entry) => {}
            Cue::Forbid if !entry.everywhere => {
                notes.note(0.0, Some(near), || format!("another sense of the word ({}): not counted", entry.id));
                return None;
            }
            // A word of the term itself is no second witness.
            Cue::Support if covers(hit, near) => {}
            Cue::Support if supported < SHARES.len() && !groups.contains(&Some(entry.group)) => {
                if term.strength != Strength::Sure {
                    points += entry.weight * SHARES[supported];
                    notes.note(entry.weight * SHARES[supported], Some(near), || "supports it".into());
                }
                groups[supported] = Some(entry.group);
                supported += 1;
                cues.push(near);
            }
            Cue::Refuse if !ends_clause(gap()) => {
                notes.note(0.0, Some(near), || "refuses".into());
                refused = true;
                cues.push(near);
            }
            Cue::Affirm => affirmed = true,
            Cue::Ask if !ends_clause(gap()) => asked = true,
            Cue::Report => reported = true,
            Cue::Automated | Cue::Human if term.agent.is_none() && gap().len() < agent_distance => {
                agent_distance = gap().len();
                agent = if entry.cue == Cue::Human { Agent::Human } else { Agent::Automated };
            }
            _ => {}
        }
    }
    // "Middleman on duty, 6%": only services take a share.
    if term.strength != Strength::Sure && percentage_near(scene, hit) {
        points += 1.6;
        notes.note(1.6, Some(hit), || "a percentage such as a fee stands near it".into());
    }
    if refused || asked || reported {
        notes.note(1.2, Some(hit), || "who negates, asks or complains means a service".into());
        points += 1.2; // Who negates, asks or complains means a service, not a quality.
    }
    if term.strength == Strength::Context && stands_alone(scene, hit) {
        points += 1.2;
        notes.note(1.2, Some(hit), || "has a line or sentence to itself, as terms of an advert have".into());
    }
    if supported == 0 && !(refused || asked || reported || affirmed) && quoted(scene, hit) {
        points -= 3.0;
        notes.note(-3.0, Some(hit), || "stands in quotation marks and nothing else speaks for it: a name".into());
    }
    // "Is @x the real escrow agent or a fake?" asks; without the mark, or without words of asking, it tells.
    let polarity = if reported && !(asked && asks(scene, hit)) {
        Polarity::Reported
    } else if affirmed {
        Polarity::Affirmed
    } else if asked || asks(scene, hit) {
        Polarity::Asked
    } else if refused {
        Polarity::Refused
    } else {
        Polarity::Affirmed
    };
    Some(Candidate { hit, points, polarity, agent, cues })
}

fn covers(outer: Hit, inner: Hit) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && outer.end - outer.start > inner.end - inner.start
}

/// Whether the line of a forbid has words that take it away.
fn excused(scene: &Scene<'_>, forbid: Hit, entry: &Entry) -> bool {
    !entry.unless.is_empty()
        && scene
            .around(forbid, EXCUSE_CHARACTERS)
            .any(|other| entry.unless.contains(&scene.lexicons.entry(&other).group))
}

const EXCUSE_CHARACTERS: u32 = 50;

/// Whether a percentage such as a fee stands within a few words of the term, in its sentence.
fn percentage_near(scene: &Scene<'_>, hit: Hit) -> bool {
    let (before, behind) = around(scene, hit);
    if let Some(end) = memchr::memchr(b'%', bytes_of(behind, 28)).filter(|end| within(&behind[..*end], 28)) {
        let before_sign = behind[..end].trim_end();
        if is_fee(before_sign) && !ends_sentence(before_sign) {
            return true;
        }
    }
    let from = before.len().saturating_sub(4 * 12);
    memchr::memrchr(b'%', &before.as_bytes()[from..])
        .map(|sign| from + sign)
        .filter(|sign| before[*sign..].chars().count() <= 12)
        .is_some_and(|sign| {
            is_fee(window_back(&before[..sign], 11 - before[sign + 1..].chars().count()))
                && !ends_sentence(&before[sign + 1..])
        })
}

/// The text before and behind a hit.
fn around<'a>(scene: &Scene<'a>, hit: Hit) -> (&'a str, &'a str) {
    (&scene.text[..hit.start as usize], &scene.text[hit.end as usize..])
}

/// The bytes that the first characters of a text cannot go beyond.
fn bytes_of(text: &str, characters: usize) -> &[u8] {
    &text.as_bytes()[..text.len().min(4 * characters)]
}

/// Whether a text has fewer characters.
fn within(text: &str, characters: usize) -> bool {
    text.len() < characters || text.chars().count() < characters
}

/// Whether the digits before a percent sign are a fee's size: up to 30.
fn is_fee(before_sign: &str) -> bool {
    let digits = before_sign.bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = &before_sign[before_sign.len() - digits..];
    (1..=2).contains(&digits) && number.parse().is_ok_and(|percent: u8| (1..=30).contains(&percent))
}

/// The first characters of a text.
fn window(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// The last characters of a text.
fn window_back(text: &str, characters: usize) -> &str {
    &text[text.char_indices().rev().take(characters).last().map_or(text.len(), |(start, _)| start)..]
}

/// Whether the term is part of a name: joined by a hyphen to another word inside quotation marks («Гарант-Прибор»).
fn in_a_name(scene: &Scene<'_>, hit: Hit) -> bool {
    let (before, behind) = around(scene, hit);
    if !behind.starts_with('-') && !before.ends_with('-') {
        return false;
    }
    let (before, behind) = (window_back(before, 30), window(behind, 30));
    let quote = |c: char| matches!(c, '"' | '«' | '»' | '“' | '”' | '„');
    let word = |c: char| c.is_alphanumeric() || c == '-';
    let joined_behind = behind.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let joined_before = before.strip_suffix('-').is_some_and(|rest| rest.ends_with(char::is_alphabetic));
    (joined_behind || joined_before)
        && before.trim_end_matches(word).ends_with(quote)
        && behind.trim_start_matches(word).starts_with(quote)
}

/// Whether the term is all there is between two ends of sentences, lines or items («logs 10$ / garant / tox in bio»).
fn stands_alone(scene: &Scene<'_>, hit: Hit) -> bool {
    let ends = |c: char| matches!(c, '\n' | '.' | '!' | '?' | '|' | '/' | ';' | '•' | '·' | '。' | '！');
    let (before, behind) = around(scene, hit);
    let (before, behind) = (window_back(before, 12), window(behind, 12));
    // Marks and emoji decorate an item; letters and digits make it a longer one.
    let clear = |found: Option<char>| found.is_none_or(ends);
    let stops = |c: &char| c.is_alphanumeric() || matches!(c, ',' | '"' | '\'' | '«' | '»' | '(' | ')') || ends(*c);
    clear(before.chars().rev().find(stops)) && clear(behind.chars().find(stops))
}

/// Whether the term alone stands between quotation marks («Гарант» is a firm, a bar, a database of laws).
fn quoted(scene: &Scene<'_>, hit: Hit) -> bool {
    let (before, behind) = around(scene, hit);
    before.ends_with(['"', '«', '“', '„', '\'']) && behind.starts_with(['"', '»', '”', '“', '\''])
}

/// Whether the clause with the term ends in a question mark within 60 characters. A row of conditions that ends in
/// "interested? @x" asks the reader, not for the agent.
fn asks(scene: &Scene<'_>, hit: Hit) -> bool {
    let (_, behind) = around(scene, hit);
    let Some(mark) = question_mark(behind, 60) else { return false };
    let between = &behind[..mark];
    let other_clause = ends_sentence(between) || between.contains([';', '；', '|', '✅', '➡', '•', '·']);
    // "…, interested?" is one word behind a comma; "…, buyer or seller?" is part of the question.
    let tag = between.rfind(',').is_some_and(|comma| !between[comma + 1..].trim().contains(' '));
    !other_clause && !tag
}

/// The place of the first question mark of any script among the first characters of a text.
fn question_mark(text: &str, characters: usize) -> Option<usize> {
    let bytes = bytes_of(text, characters);
    let first_bytes = memchr::memchr3_iter(b'?', "？".as_bytes()[0], "؟".as_bytes()[0], bytes);
    let mark = first_bytes
        .map(|at| (at, &text.as_bytes()[at..]))
        .find(|(_, rest)| rest[0] == b'?' || rest.starts_with("？".as_bytes()) || rest.starts_with("؟".as_bytes()));
    mark.map(|(at, _)| at).filter(|at| within(&text[..*at], characters))
}

/// The polarity of a message with several terms: what is told of an agent outweighs all, an offer a refusal.
fn together(counted: &[Candidate]) -> Polarity {
    [Polarity::Reported, Polarity::Affirmed, Polarity::Asked]
        .into_iter()
        .find(|polarity| counted.iter().any(|c| c.polarity == *polarity))
        .unwrap_or(Polarity::Refused)
}

fn agent(counted: &[Candidate]) -> Agent {
    let human = counted.iter().any(|c| c.agent == Agent::Human);
    let automated = counted.iter().any(|c| c.agent == Agent::Automated);
    match (human, automated) {
        (true, false) => Agent::Human,
        (false, true) => Agent::Automated,
        _ => Agent::Unknown,
    }
}

fn explain(scene: &Scene<'_>, candidate: &Candidate) -> String {
    let entry = scene.lexicons.entry(&candidate.hit);
    let strength = match entry.strength {
        Strength::Sure => "sure term",
        Strength::Context | Strength::Weak => "term that needs context",
    };
    let mut says = String::with_capacity(160);
    says.push_str(strength);
    for cue in candidate.cues.hits.iter().flatten() {
        says.push_str("; «");
        says.push_str(scene.words(cue.start, cue.end));
        says.push_str(if cue.end <= candidate.hit.start { "» before it" } else { "» behind it" });
    }
    match candidate.polarity {
        Polarity::Affirmed => {}
        Polarity::Refused => says.push_str("; refused"),
        Polarity::Asked => says.push_str("; a question"),
        Polarity::Reported => says.push_str("; a report"),
    }
    scene.because(&candidate.hit, entry, &says)
}
