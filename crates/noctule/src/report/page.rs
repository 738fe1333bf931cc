//! `report.html`: one file, no script, no outside request. The heading of each part is its computed finding.

use noctule_core::model::{Answer, Medium};
use noctule_store::analyze::words::{counted, thousands};
use noctule_store::analyze::{Counts, Study};

use super::html::{Foreign, Html};
use super::{EvidenceQuote, Manifest, parts, svg};

/// The whole page.
pub fn report(study: &Study, manifest: &Manifest, evidence: &[EvidenceQuote]) -> Html {
    let counts = &study.counts;
    let window = counts.window.map_or_else(|| "no messages".to_string(), |w| w.words());
    let mut out = Html::new();
    out.put(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title>Escrow in underground deals, {}{} · Noctule</title><style>",
        &[&window, &if counts.simulated.is_some() { " (simulated)" } else { "" }],
    );
    out.put(include_str!("style.css"), &[]);
    if counts.simulated.is_some() {
        out.put("@media print{@page{@bottom-left{content:\"SIMULATED DATA\";font:8pt sans-serif;color:#474e5b}}}", &[]);
    }
    out.put("</style></head>\n<body>", &[]);
    if let Some(simulated) = &counts.simulated {
        out.put(
            "<div class=\"sim\" role=\"note\"><b>Simulated data.</b> Every number, name and message on this page was generated \
             (scenario {}, seed {}).</div>",
            &[&Foreign(&simulated.scenario), &simulated.seed.to_string()],
        );
    }
    out.put("<div class=\"wrap\">{}{}<main>{}", &[&top(), &contents(study, evidence), &opening(study, &window)]);
    for (i, answer) in study.answers.iter().enumerate() {
        out.put("{}", &[&section(answer, i == 0, counts)]);
    }
    out.put(
        "{}{}{}</main></div></body></html>\n",
        &[&quotes(evidence, counts), &quality(counts), &again(study, manifest)],
    );
    out
}

fn top() -> Html {
    let mut out = Html::new();
    out.put(
        "<div class=\"top\"><svg viewBox=\"0 0 32 20\" width=\"32\" height=\"20\" aria-hidden=\"true\"><path fill=\"currentColor\" \
         d=\"M1 7c4-5 8-5 11-1l1.400-3L16 5l2.600-2L20 6c3-4 7-4 11 1-4-.6-6 2-6.400 7-2.600-1.800-5.200-1-6.200 2L16 19l-2.400-3c-1-3-3.600-3.800-6.200-2C7 9 5 6.400 1 7z\"/></svg>\
         <b>Noctule</b><span>study report</span><fieldset class=\"theme\"><legend class=\"vh\">Colors</legend>\
         <label><input type=\"radio\" name=\"th\" id=\"th-auto\" checked>Auto</label><label><input type=\"radio\" name=\"th\" id=\"th-light\">Light</label>\
         <label><input type=\"radio\" name=\"th\" id=\"th-dark\">Dark</label></fieldset></div>",
        &[],
    );
    out
}

/// Short names for the table of contents, by analysis; the name itself for one that has none yet.
fn short(answer: &Answer) -> String {
    match answer.name {
        "escrow_mentions_by_month" => "Mentions by month".into(),
        "escrow_mentions" => "Mentions in all".into(),
        "escrow_mentions_by_quarter" => "By quarter".into(),
        "escrow_share_of_deals" => "Share of deals".into(),
        "escrow_by_medium" => "By medium".into(),
        "escrow_by_source" => "By source".into(),
        "escrow_concentration" => "Concentration".into(),
        "sources" => "Sources alive".into(),
        name => noctule_store::analyze::words::capital(&name.replace('_', " ")),
    }
}

fn contents(study: &Study, evidence: &[EvidenceQuote]) -> Html {
    let mut out = Html::new();
    out.put(
        "<nav aria-label=\"Contents\"><ol><li><a href=\"#answers\"><span></span><span>Answers</span></a></li>",
        &[],
    );
    for answer in &study.answers {
        out.put(
            "<li><a href=\"#{}\"><span class=\"m\">{}</span><span>{}</span></a></li>",
            &[&answer.name, &answer.id, &short(answer)],
        );
    }
    if !evidence.is_empty() {
        out.put("<li><a href=\"#evidence\"><span></span><span>Evidence</span></a></li>", &[]);
    }
    out.put("<li><a href=\"#quality\"><span></span><span>Data quality</span></a></li>", &[]);
    out.put("<li><a href=\"#manifest\"><span></span><span>Manifest</span></a></li></ol></nav>", &[]);
    out
}

/// Heading, the findings in a sentence each, what was read, and the answers table.
fn opening(study: &Study, window: &str) -> Html {
    let counts = &study.counts;
    let mut out = Html::new();
    out.put("<section id=\"answers\"><h1>Escrow agents in underground deals, {}</h1><p class=\"lede\">", &[&window]);
    let mut said: Vec<&str> = Vec::new();
    for name in ["escrow_mentions_by_month", "change_points", "escrow_share_of_deals"] {
        if let Some(answer) =
            study.answers.iter().find(|a| a.name == name).filter(|a| !said.contains(&a.title.as_str()))
        {
            out.put("{}. ", &[&answer.title]);
            said.push(&answer.title);
        }
    }
    out.put("</p>{}", &[&read(counts)]);
    out.put(
        "<table class=\"ans\"><thead><tr><th scope=\"col\">Question</th><th scope=\"col\">Answer (unique: reposts folded)</th>\
         <th scope=\"col\">Course</th><th scope=\"col\" class=\"r\">Raw</th><th scope=\"col\" class=\"r\">Fixed panel</th>\
         <th scope=\"col\" class=\"r\">Detail</th></tr></thead><tbody>",
        &[],
    );
    for answer in &study.answers {
        let summary = &answer.summary;
        out.put("<tr><td>{}</td><td>{}", &[&answer.question, &parts::sentence(&summary.answer)]);
        if !summary.note.is_empty() {
            out.put("<small>{}</small>", &[&parts::sentence(&summary.note)]);
        }
        out.put(
            "</td><td class=\"k\">{}</td><td class=\"r\">{}</td><td class=\"r\">{}</td><td class=\"r l\"><a href=\"#{}\">{}</a></td></tr>",
            &[&svg::spark(&summary.course), &summary.raw, &summary.fixed_panel, &answer.name, &answer.id],
        );
    }
    let panel = match (counts.panel_sources(), counts.months.len()) {
        (0, months) => {
            format!("no source was active in every one of {months} months, so there is no panel")
        }
        (n, months) => format!(
            "counts only the {} active in each of the {}, so growth in it is not growth of the collection",
            counted(n as u64, "source", "sources"),
            counted(months as u64, "month", "months")
        ),
    };
    out.put(
        "</tbody></table><p class=\"note\"><b>Unique</b> folds near-duplicates into one. <b>Raw</b> counts every message, reposts \
         included. <b>Fixed panel</b>: {}. Months are UTC.</p></section>",
        &[&panel],
    );
    out
}

/// What was read, in one line.
fn read(counts: &Counts) -> Html {
    let mut facts = vec![
        ("Messages", counts.total.messages),
        ("Different texts", counts.total.unique_texts),
        ("Sources", counts.active_sources() as u64),
    ];
    let active = |media: &[Medium]| {
        let of = |(source, sums): (&noctule_store::analyze::SourceFact, &noctule_store::analyze::Sums)| {
            sums.messages > 0 && media.contains(&source.medium)
        };
        counts.sources.iter().zip(&counts.by_source).filter(|pair| of(*pair)).count() as u64
    };
    facts.push(("Forums and markets", active(&[Medium::Forum, Medium::Marketplace])));
    facts.push(("Telegram", active(&[Medium::TelegramChannel, Medium::TelegramGroup])));
    facts.push(("Skipped or repaired", counts.skipped + counts.repaired));
    let mut out = Html::new();
    out.put("<dl class=\"facts\">", &[]);
    for (i, (name, n)) in facts.into_iter().enumerate() {
        if n > 0 || i < 3 {
            out.put("<div><dt>{}</dt><dd>{}</dd></div>", &[&name, &thousands(n)]);
        }
    }
    out.put("</dl>", &[]);
    out
}

/// One answer: finding, question, charts, table, query, method, caveats. The first has the whole width.
fn section(answer: &Answer, full: bool, counts: &Counts) -> Html {
    let mut out = Html::new();
    out.put(
        "<section id=\"{}\"><header><h2>{}</h2><p class=\"q1\">{} <span class=\"m\">{}</span></p></header><div class=\"{}\">",
        &[&answer.name, &answer.title, &answer.question, &answer.id, &if full { "full" } else { "body" }],
    );
    for (i, chart) in answer.charts.iter().enumerate() {
        let id = format!("{}-{i}", answer.name);
        let drawing = svg::chart(chart, answer.question, &answer.title, &id, full);
        out.put("<figure>{}<figcaption>{}{}</figcaption></figure>", &[&drawing, &tag(counts), &caption(answer, i)]);
    }
    let rows = counted(answer.rows.len() as u64, "row", "rows");
    if answer.charts.is_empty() {
        out.put("{}", &[&parts::table(answer)]);
    } else if !answer.rows.is_empty() {
        out.put(
            "<details><summary>Data table, {}</summary><div class=\"scroll\" tabindex=\"0\">{}</div></details>",
            &[&rows, &parts::table(answer)],
        );
    }
    out.put("<p class=\"open\">Open the messages: <code>noctule sql \"{}\"</code></p></div>", &[&answer.query]);
    out.put(
        "<aside class=\"{}\"><div><h4>How it is measured</h4><p>{}.</p></div><div class=\"lim\"><h4>Where it may be wrong</h4>",
        &[&if full { "full" } else { "" }, &answer.method],
    );
    for caveat in &answer.caveats {
        out.put("<p>{}.</p>", &[caveat]);
    }
    out.put("</div></aside></section>", &[]);
    out
}

fn tag(counts: &Counts) -> Html {
    let mut out = Html::new();
    if counts.simulated.is_some() {
        out.put("<span class=\"simtag\">simulated</span> ", &[]);
    }
    out
}

/// What a chart shows, in words: unit, window and how to read it.
fn caption(answer: &Answer, chart: usize) -> String {
    use noctule_core::model::Chart;
    match &answer.charts[chart] {
        Chart::Course { lines, steps, unit, .. } => {
            let mut text = noctule_store::analyze::words::capital(unit);
            if lines.len() > 1 {
                text.push_str(": raw thin grey, unique blue, fixed panel dashed");
            }
            text.push('.');
            if !steps.is_empty() {
                text.push_str(
                    " ▲▼ a change of level: the bar is the 95% interval of its month, the figure the ratio of the levels (dotted) \
                     after and before.",
                );
            }
            text
        }
        Chart::Bars { unit, .. } => {
            format!("{}. Raw grey, unique blue, fixed panel outlined.", noctule_store::analyze::words::capital(unit))
        }
        Chart::Whiskers { unit, .. } => {
            format!("{}, with 95% intervals.", noctule_store::analyze::words::capital(unit))
        }
        Chart::Stack { unit, .. } => {
            format!(
                "{}; labels give the last one shown. Periods with fewer than 30 are left empty.",
                noctule_store::analyze::words::capital(unit)
            )
        }
    }
}

fn quotes(evidence: &[EvidenceQuote], counts: &Counts) -> Html {
    let mut out = Html::new();
    if evidence.is_empty() {
        return out;
    }
    let n = counted(evidence.len() as u64, "message", "messages");
    out.put(
        "<section id=\"evidence\"><header><h2>What stands behind the numbers: {} of {}</h2><p class=\"q1\">A sample. Secrets are masked, \
         addresses defanged, hidden characters shown.</p></header><div class=\"body\">",
        &[&n, &thousands(counts.total.escrow.raw)],
    );
    for quote in evidence {
        out.put("{}", &[&parts::quote(quote)]);
    }
    out.put(
        "</div><aside><div><h4>How it is sampled</h4><p>At random with the seed of the manifest, from different clusters, so that a \
         text reposted a thousand times has one chance like any other.</p></div></aside></section>",
        &[],
    );
    out
}

fn quality(counts: &Counts) -> Html {
    let rows: [(&str, u64, &str); 5] = [
        ("Outside the window", counts.outside_window, "dated, but not counted on this page"),
        ("Without a date", counts.undated, "kept and searchable, not counted here"),
        ("Implausible date", counts.implausible, "before 2000 or after the capture; not counted here"),
        ("Skipped", counts.skipped, "could not be read; listed in skips with place and reason"),
        ("Repaired", counts.repaired, "read after a repair of encoding or date"),
    ];
    let left_out: u64 = rows.iter().take(4).map(|r| r.1).sum();
    let all = counts.total.messages + left_out;
    let title = match left_out {
        0 => "Nothing was left out".to_string(),
        n => format!("{} of {} found are not in these numbers", thousands(n), counted(all, "message", "messages")),
    };
    let mut out = Html::new();
    out.put(
        "<section id=\"quality\"><header><h2>{}</h2><p class=\"q1\">What was read and is not counted, and why?</p></header>\
         <div class=\"body\"><table><thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"r\">Messages</th><th scope=\"col\"></th></tr></thead><tbody>",
        &[&title],
    );
    for (what, n, why) in rows {
        out.put("<tr><td>{}</td><td class=\"r\">{}</td><td>{}</td></tr>", &[&what, &thousands(n), &why]);
    }
    out.put(
        "</tbody></table><p class=\"open\">List them: <code>noctule sql \"select * from skips\"</code></p></div><aside></aside></section>",
        &[],
    );
    out
}

fn again(study: &Study, manifest: &Manifest) -> Html {
    let mut out = Html::new();
    let count = |n: usize, one: &str, many: &str| counted(n as u64, one, many);
    out.put(
        "<section id=\"manifest\"><header><h2>Run it again, get the same bytes</h2><p class=\"q1\">No clock time is written; the same input, \
         version and settings give these files again, byte for byte.</p></header><div class=\"body\"><pre>noctule   {}   schema {}\n",
        &[&manifest.noctule, &manifest.schema],
    );
    if !manifest.command.is_empty() {
        out.put("command   {}\n", &[&Foreign(&manifest.command)]);
    }
    let inputs = count(manifest.inputs.len(), "capture", "captures");
    let bytes = thousands(manifest.bytes());
    out.put("input     {}, {} bytes   b3:{}\n", &[&inputs, &bytes, &manifest.inputs_hash()]);
    for rules in &manifest.rules {
        out.put("rules     {} {}   b3:{}\n", &[&rules.name, &rules.version, &Foreign(&rules.blake3)]);
    }
    for setting in &manifest.settings {
        out.put("setting   {} = {}\n", &[&setting.name, &Foreign(&setting.value)]);
    }
    for output in manifest.outputs.iter().filter(|o| !o.path.ends_with(".csv")) {
        out.put("{}   b3:{}\n", &[&output.path, &output.blake3]);
    }
    out.put("answers/     {}</pre></div>", &[&count(study.answers.len(), "file", "files")]);
    out.put(
        "<aside><div><h4>Files beside this one</h4><p><code>study.json</code>, <code>manifest.json</code>, <code>answers/*.csv</code>: \
         every table above, complete.</p></div></aside></section>",
        &[],
    );
    out
}
