//! The top of the report: what it is of, the computed finding, what was read, and the table of all answers.

use noctule_core::model::{Answer, Medium};
use noctule_store::analyze::words::{capital, counted, thousands};
use noctule_store::analyze::{Counts, SourceFact, Study, Sums};

use super::html::Html;
use super::{heading, parts, svg};

pub fn opening(study: &Study) -> Html {
    let counts = &study.counts;
    let window = counts.window.map_or_else(|| "no window".to_string(), |w| w.words());
    let mut out = Html::new();
    out.put(
        "<section id=\"answers\" aria-labelledby=\"finding\"><p class=\"about\">Escrow agents in underground deals · {}</p>\
         <h1 id=\"finding\">{}</h1><p class=\"lede\">",
        &[&window, &heading::finding(study)],
    );
    for sentence in heading::lede(study) {
        out.put("{}. ", &[&sentence]);
    }
    out.put("</p>{}{}", &[&read(counts), &table(study)]);
    out.put(
        "<p class=\"note\"><b>Unique</b>: near-duplicates are one, so a repost adds nothing. <b>Raw</b>: every message adds \
         one. <b>Fixed panel</b>: {}. Months are UTC.</p></section>",
        &[&panel(counts)],
    );
    out
}

fn panel(counts: &Counts) -> String {
    let months = match counts.months.len() {
        1 => "the one month".to_string(),
        n => format!("each of the {n} months"),
    };
    match counts.panel_sources() {
        0 if counts.months.is_empty() => "there is no month".into(),
        0 => format!("empty here, because no source has a message in {months}"),
        n => format!(
            "raw, but only of the {} with a message in {months}; it cannot grow because more was collected",
            counted(n as u64, "source", "sources")
        ),
    }
}

/// What was read, in one line.
fn read(counts: &Counts) -> Html {
    let active = |media: &[Medium]| {
        let of = |(source, sums): (&SourceFact, &Sums)| sums.messages > 0 && media.contains(&source.medium);
        counts.sources.iter().zip(&counts.by_source).filter(|pair| of(*pair)).count() as u64
    };
    let facts = [
        ("Messages", counts.total.messages),
        ("Different texts", counts.total.unique_texts),
        ("Sources", counts.active_sources() as u64),
        ("Forums and markets", active(&[Medium::Forum, Medium::Marketplace])),
        ("Telegram", active(&[Medium::TelegramChannel, Medium::TelegramGroup])),
        ("Skipped or repaired", counts.skipped + counts.repaired),
    ];
    let mut out = Html::new();
    out.put("<dl class=\"read\">", &[]);
    for (i, (name, n)) in facts.into_iter().enumerate() {
        if n > 0 || i < 3 {
            out.put("<div><dt>{}</dt><dd>{}</dd></div>", &[&name, &thousands(n)]);
        }
    }
    out.put("</dl>", &[]);
    out
}

fn table(study: &Study) -> Html {
    let mut out = Html::new();
    out.put(
        "<table class=\"answers\"><caption class=\"unseen\">The answers, one a row</caption><thead><tr><th scope=\"col\">Question</th>\
         <th scope=\"col\">Answer, counted unique</th><th scope=\"col\">Course</th><th scope=\"col\" class=\"num\">Raw</th>\
         <th scope=\"col\" class=\"num\">Fixed panel</th><th scope=\"col\" class=\"num\">Detail</th></tr></thead><tbody>",
        &[],
    );
    for answer in &study.answers {
        let summary = &answer.summary;
        out.put("<tr><th scope=\"row\">{}</th><td class=\"said\">", &[&answer.question]);
        if summary.answer.is_empty() {
            out.put("{}", &[&answer.title]);
        } else {
            out.put("{}", &[&parts::sentence(&summary.answer)]);
        }
        if !summary.note.is_empty() {
            out.put("<small>{}</small>", &[&parts::sentence(&summary.note)]);
        }
        let ways: Vec<String> = [("raw", &summary.raw), ("fixed panel", &summary.fixed_panel)]
            .into_iter()
            .filter(|(_, figure)| !figure.is_empty())
            .map(|(name, figure)| format!("{name} {figure}"))
            .collect();
        if !ways.is_empty() {
            out.put("<small class=\"ways\">{}</small>", &[&ways.join(" · ")]);
        }
        out.put(
            "</td><td class=\"course\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td>\
             <td class=\"num open\"><a href=\"#{}\">{}<span class=\"unseen\"> {}</span></a></td></tr>",
            &[
                &svg::spark(&summary.course),
                &summary.raw,
                &summary.fixed_panel,
                &answer.name,
                &answer.id,
                &short(answer),
            ],
        );
    }
    out.put("</tbody></table>", &[]);
    out
}

/// A short name for the contents: the analysis's own where there is no better one.
pub fn short(answer: &Answer) -> String {
    match answer.name {
        "escrow_mentions_by_month" => "Mentions by month".into(),
        "escrow_mentions" => "Mentions in all".into(),
        "escrow_mentions_by_quarter" => "By quarter".into(),
        "escrow_share_of_deals" => "Share of deals".into(),
        "escrow_by_medium" => "By medium".into(),
        "escrow_by_source" => "By source".into(),
        "escrow_concentration" => "Concentration".into(),
        "sources" => "Sources alive".into(),
        name => capital(&name.replace('_', " ")),
    }
}
