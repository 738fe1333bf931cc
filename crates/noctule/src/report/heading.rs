//! The finding that heads a study, as one sentence with its numbers, and what follows it. True for odd corpora too: no
//! message, no mention, one text over and over, one month.

use noctule_core::model::Chart;
use noctule_store::analyze::words::{capital, counted, list, thousands, times};
use noctule_store::analyze::{Counts, Month, Study, TOO_FEW};

/// What the study found, without its full stop. Never holds text from outside.
pub fn finding(study: &Study) -> String {
    let counts = &study.counts;
    too_little(counts).unwrap_or_else(|| changes(study).unwrap_or_else(|| level(counts)))
}

/// The sentences under the heading: the findings of other answers, and how to read the first.
pub fn lede(study: &Study) -> Vec<String> {
    let counts = &study.counts;
    let mentions = counts.total.escrow;
    if too_little(counts).is_some() {
        return vec!["What can be told from so little stands below, with what cannot".into()];
    }
    let panel = match (counts.panel_sources(), mentions.fixed_panel) {
        (0, _) => String::new(),
        (n, mentions) => {
            let (sources, mentions) =
                (counted(n as u64, "source", "sources"), counted(mentions, "mention", "mentions"));
            format!("; the {sources} active in every month have {mentions}")
        }
    };
    let changed = !unique_changes(study).is_empty();
    let first = if changed {
        format!(
            "{} texts mention an escrow agent, {} with their reposts",
            thousands(mentions.unique),
            thousands(mentions.raw)
        )
    } else {
        format!("With their reposts they are {} messages", thousands(mentions.raw))
    };
    let mut said = vec![format!("{first}{panel}")];
    for name in ["escrow_share_of_deals", "escrow_by_medium", "events"] {
        said.extend(study.answers.iter().find(|a| a.name == name).map(|a| a.title.clone()));
    }
    if changed {
        said.push("A ratio is the level after a change over the level before it".into());
    }
    said
}

/// What can be said when there is too little for a course.
fn too_little(counts: &Counts) -> Option<String> {
    let (total, months) = (&counts.total, counts.months.len());
    let when = counts.window.map_or_else(String::new, |w| format!(", {}", w.words()));
    if total.messages == 0 {
        return Some(match (counts.window, counts.outside_window, counts.undated + counts.implausible) {
            (Some(window), 1.., _) => {
                let n = counted(counts.outside_window, "message lies", "messages lie");
                format!("No message lies in {}; {n} outside it", window.words())
            }
            (.., 1..) => {
                let n = counts.undated + counts.implausible;
                format!("{} no date that can be counted", counted(n, "message has", "messages have"))
            }
            _ => "There is no message to study".into(),
        });
    }
    let messages = counted(total.messages, "message", "messages");
    let escrow = total.escrow;
    match (escrow.raw, escrow.unique) {
        (0, _) => Some(match total.messages {
            1 => format!("The one message does not mention an escrow agent{when}"),
            _ => format!("None of {messages} mentions an escrow agent{when}"),
        }),
        (raw, 1) if raw >= TOO_FEW => Some(format!(
            "One text makes all {} mentions of an escrow agent{when}: too few to tell a course",
            thousands(raw)
        )),
        (raw, unique) if unique < TOO_FEW => {
            let verb = if raw == 1 { "mentions" } else { "mention" };
            Some(format!("{} of {messages} {verb} an escrow agent{when}: too few to tell more", thousands(raw)))
        }
        (raw, _) if months == 1 => Some(format!(
            "{} of {messages} mention an escrow agent{when}; one month is too few to tell a course",
            thousands(raw)
        )),
        _ => None,
    }
}

/// The changes of level of the unique series, the three largest in order of time.
fn changes(study: &Study) -> Option<String> {
    let mut found = unique_changes(study);
    let all = found.len();
    found.sort_by(|a, b| b.1.ln().abs().total_cmp(&a.1.ln().abs()).then(a.0.cmp(&b.0)));
    found.truncate(3);
    found.sort_by_key(|change| change.0);
    let said: Vec<String> = found
        .iter()
        .map(|(month, effect)| {
            format!("{} {} in {}", if *effect > 1.0 { "rose" } else { "fell" }, times(*effect), month.words())
        })
        .collect();
    let more = match all - said.len() {
        0 => String::new(),
        n => format!(", with {} more", counted(n as u64, "smaller change", "smaller changes")),
    };
    (!said.is_empty()).then(|| format!("Escrow mentions {}{more}", list(&said)))
}

/// Month and ratio of each change of the unique series, from the chart, whose ratios are not rounded.
pub fn unique_changes(study: &Study) -> Vec<(Month, f64)> {
    let charts = study.answers.iter().filter(|a| a.name == "escrow_mentions_by_month").flat_map(|a| &a.charts);
    let steps = charts.flat_map(|chart| match chart {
        Chart::Course { steps, .. } => steps.as_slice(),
        _ => &[],
    });
    steps.filter_map(|step| Some((*study.counts.months.get(step.at)?, step.effect))).filter(|c| c.1 > 0.0).collect()
}

/// When no change can be told: how many, and that nothing more can be said of their course.
fn level(counts: &Counts) -> String {
    let window = counts.window.map_or_else(String::new, |w| w.words());
    capital(&format!(
        "{} texts mention an escrow agent, {window}; no change of their level can be told",
        thousands(counts.total.escrow.unique)
    ))
}
