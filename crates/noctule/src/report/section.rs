//! One answer in full: its finding, the figures or why there is none, the table, the query, method and caveats.

use noctule_core::model::{Answer, Chart, Counting, Kind};
use noctule_store::analyze::words::counted;

use super::events::{self, Event};
use super::html::Html;
use super::{command, parts, svg};

/// A table of at most this many rows stands open where there is no figure.
const SHORT_TABLE: usize = 12;

/// How an answer stands on the page.
pub struct Setting<'a> {
    /// The figure has the whole width, and the notes are under it.
    pub whole: bool,
    /// Said with every figure.
    pub simulated: bool,
    /// Marked on its courses over months.
    pub events: &'a [Event],
}

pub fn section(answer: &Answer, setting: &Setting) -> Html {
    let Setting { whole, simulated, events } = *setting;
    let mut out = Html::new();
    out.put(
        "<section class=\"answer\" id=\"{}\" aria-labelledby=\"{}-finding\"><header><h2 id=\"{}-finding\">{}</h2>\
         <p class=\"question\">{} <span class=\"mono\">{}</span></p></header><div class=\"{}\">",
        &[
            &answer.name,
            &answer.name,
            &answer.name,
            &answer.title,
            &answer.question,
            &answer.id,
            &if whole { "whole" } else { "figures" },
        ],
    );
    let mut drawn = 0;
    for (i, chart) in answer.charts.iter().enumerate() {
        if let Some(why) = svg::untold(chart) {
            out.put("<p class=\"untold\">{}.</p>", &[&why]);
            continue;
        }
        drawn += 1;
        let id = format!("{}-{i}", answer.name);
        out.put("<figure>{}", &[&svg::chart(chart, answer.question, &answer.title, &id, whole, events)]);
        let caption = caption(chart);
        let named = if matches!(chart, Chart::Course { .. }) { events::list(events) } else { Html::new() };
        if simulated || !caption.is_empty() || !named.as_str().is_empty() {
            out.put("<figcaption>", &[]);
            if simulated {
                out.put("<span class=\"sim\">simulated</span> ", &[]);
            }
            out.put("{}{}</figcaption>", &[&caption, &named]);
        }
        out.put("</figure>", &[]);
    }
    let table = parts::table(answer, &answer.title);
    if answer.rows.is_empty() && answer.charts.is_empty() {
        out.put("<p class=\"untold\">The table has no row.</p>", &[]);
    } else if answer.rows.is_empty() {
        // A chart without rows has said why above.
    } else if drawn == 0 && answer.rows.len() <= SHORT_TABLE {
        out.put("{}", &[&table]);
    } else {
        let rows = counted(answer.rows.len() as u64, "row", "rows");
        out.put("<details><summary>The figures as a table, {}</summary>{}</details>", &[&rows, &table]);
    }
    out.put(
        "<p class=\"opens\">Open the messages:<code>{}</code></p></div>{}</section>",
        &[&command::sql(&answer.query), &notes(answer, whole)],
    );
    out
}

fn notes(answer: &Answer, whole: bool) -> Html {
    let mut out = Html::new();
    out.put(
        "<div class=\"notes{}\"><div><h3>How it is measured</h3><p>{}</p></div>",
        &[&if whole { " whole" } else { "" }, &stopped(&answer.method)],
    );
    if !answer.caveats.is_empty() {
        out.put("<div class=\"doubt\"><h3>Where it may be wrong</h3>", &[]);
        for caveat in &answer.caveats {
            out.put("<p>{}</p>", &[&stopped(caveat)]);
        }
        out.put("</div>", &[]);
    }
    out.put("</div>", &[]);
    out
}

/// The sentence with its full stop.
fn stopped(sentence: &str) -> String {
    if sentence.ends_with(['.', '?', '!']) { sentence.into() } else { format!("{sentence}.") }
}

/// What a figure shows and how to read it without its colors.
fn caption(chart: &Chart) -> String {
    let mut keys: Vec<String> = Vec::new();
    match chart {
        Chart::Course { lines, steps, .. } => {
            if lines.len() > 1 {
                keys.extend(lines.iter().map(|line| {
                    match line.counting {
                        Counting::Raw => "Thin line: raw.",
                        Counting::Unique => "Thick line: unique.",
                        Counting::FixedPanel => "Dashed line: fixed panel.",
                    }
                    .into()
                }));
            }
            if lines.iter().any(|l| l.band.iter().any(Option::is_some)) {
                keys.push("Shaded: 95% interval.".into());
            }
            if !steps.is_empty() {
                keys.push(
                    "Upright rule: a change of level, ▲ up or ▼ down, with the ratio of the levels (dotted); the bar on it \
                     spans the 95% interval of its month."
                        .into(),
                );
            }
        }
        Chart::Bars { bars, .. } => {
            let ways = bars.first().map(|b| b.values.as_slice()).unwrap_or_default();
            if ways.len() > 1 {
                keys.extend(ways.iter().map(|(counting, _)| {
                    match counting {
                        Counting::Raw => "Light with an edge: raw.",
                        Counting::Unique => "Solid: unique.",
                        Counting::FixedPanel => "Dashed outline: fixed panel.",
                    }
                    .into()
                }));
            }
            if bars.len() > svg::MOST_BARS {
                keys.push(format!("The first {} of {}; the table has all.", svg::MOST_BARS, bars.len()));
            }
        }
        Chart::Whiskers { rows, scale, .. } => {
            keys.push("Dot: the estimate. Caps: its 95% interval.".into());
            if *scale == Kind::Ratio && rows.iter().any(|r| r.low <= 1.0 && 1.0 <= r.high) {
                keys.push("Hollow: the interval holds ×1, so no change can be told.".into());
            }
            if rows.len() > svg::MOST_BARS {
                keys.push(format!("The first {} of {}; the table has all.", svg::MOST_BARS, rows.len()));
            }
        }
        Chart::Stack { layers, .. } => {
            keys.push("The figures named are those of the last period drawn.".into());
            let periods = layers.first().map_or(0, |l| l.shares.len());
            if (0..periods).any(|i| layers.iter().all(|l| l.shares.get(i).copied().flatten().is_none())) {
                keys.push("Dashed frame: too few to tell shares.".into());
            }
        }
    }
    keys.join(" ")
}
