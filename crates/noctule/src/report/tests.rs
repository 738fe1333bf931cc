//! The files of a study over small facts: goldens, hostile names and texts, the same bytes twice.

use std::path::Path;

use noctule_core::model::{Bar, Chart, Column, Counting, Kind, Layer, Line, Medium, Value, Whisker};
use noctule_core::stats::Random;
use noctule_store::analyze::facts::{DEAL, ESCROW, FORWARDED, TEXT};
use noctule_store::analyze::{Fact, Facts, Params, Simulated, SourceFact, run_all};

use super::*;

/// A corpus that follows the known course of 2020 to 2022, seeded: `scale` messages a month at its start.
fn facts(scale: u64, names: &[&str]) -> Facts {
    const COURSE: [f64; 36] = [
        1.0, 1.05, 1.1, 1.1, 1.15, 1.2, 1.2, 1.3, 1.3, 1.4, 1.4, 1.45, 1.5, 1.5, 1.6, 1.7, 1.7, 1.8, 3.6, 4.1, 4.4,
        4.6, 4.3, 4.1, 4.0, 1.9, 1.8, 1.7, 1.7, 1.6, 1.6, 1.65, 1.7, 2.6, 2.9, 3.2,
    ];
    let media = [Medium::TelegramChannel, Medium::Forum, Medium::TelegramGroup, Medium::Marketplace];
    let source = |(i, name): (usize, &&str)| SourceFact {
        id: format!("id{i:03}"),
        name: name.to_string(),
        medium: media[i % 4],
    };
    let mut random = Random::new(2_021);
    let mut rows = Vec::new();
    let mut cluster = 1;
    for (month, level) in COURSE.iter().enumerate() {
        let start = 1_577_836_800 + month as u32 * 2_629_746;
        for _ in 0..(scale as f64 * level * (0.95 + 0.1 * random.unit())) as u64 {
            let draw = random.unit();
            let mut flags = TEXT | if draw < 0.4 { DEAL } else { 0 };
            flags |= if random.unit() < if draw < 0.4 { 0.11 } else { 0.01 } { ESCROW } else { 0 };
            let at = start + random.below(2_600_000) as u32;
            // Channels grow, forums fade.
            let early = random.below(36) >= month as u64;
            let source = (random.below(names.len() as u64 / 2) * 2 + u64::from(early)) as u32;
            cluster += 1;
            rows.push(Fact::new(cluster, at, source, flags));
            if flags & ESCROW != 0 {
                for _ in 0..random.below(3) {
                    rows.push(Fact::new(cluster, at + 60, (source + 2) % names.len() as u32, flags | FORWARDED));
                }
            }
        }
    }
    Facts {
        sources: names.iter().enumerate().map(source).collect(),
        rows,
        mentions: Vec::new(),
        words: Vec::new(),
        undated: 3,
        implausible: 2,
        skipped: 5,
        repaired: 1,
        ..Facts::default()
    }
}

const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "\u{202e}gpj.exe\u{2066}",
    "a\u{1b}]0;owned\u{7}b",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "&lt;b&gt; &#60;",
    "]]><!--{}-->",
    "line\r\nbreak\u{0}null\u{85}",
    "https://evil.example/x.png",
];

fn hostile_quotes() -> Vec<EvidenceQuote> {
    let quote = |text: &&str| EvidenceQuote {
        text: text.to_string(),
        lang: text.to_string(),
        source: text.to_string(),
        medium: text.to_string(),
        handle: text.to_string(),
        at: text.to_string(),
        why: vec![text.to_string()],
        spans: vec![(0, 3), (1, 1_000)],
        hash: text.to_string(),
        cluster: text.to_string(),
        place: text.to_string(),
    };
    HOSTILE.iter().map(quote).collect()
}

/// Every tag of the page is one of ours, and no attribute can run or load anything.
fn assert_tame(html: &str) {
    let style_end = html.find("</style>").expect("a style sheet");
    let body = &html[style_end..];
    let ours = [
        "a",
        "abbr",
        "article",
        "b",
        "bdi",
        "blockquote",
        "body",
        "caption",
        "circle",
        "code",
        "dd",
        "desc",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "head",
        "header",
        "html",
        "input",
        "label",
        "legend",
        "li",
        "line",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "path",
        "polygon",
        "polyline",
        "pre",
        "rect",
        "section",
        "small",
        "span",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
        "title",
        "tr",
        "tspan",
        "ul",
    ];
    for tag in body.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default().trim_start_matches('/');
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        assert!(ours.contains(&name), "<{tag}>");
        // Outside quoted values: no attribute that runs or loads, and no link but to a place on the page.
        for (i, piece) in tag.split('"').enumerate().filter(|(i, _)| i % 2 == 0) {
            let attribute = piece.split_whitespace().last().unwrap_or_default().to_ascii_lowercase();
            assert!(!attribute.starts_with("on") && !attribute.starts_with("src"), "<{tag}>");
            let value = tag.split('"').nth(i + 1).unwrap_or_default();
            assert!(!attribute.starts_with("href") || value.starts_with('#'), "<{tag}>");
            assert!(!attribute.starts_with("style="), "<{tag}>");
        }
    }
    let bad = |c: &char| hidden_in_page(*c);
    assert_eq!(html.chars().find(bad), None);
    assert!(!html.contains("http://") && !html.contains("https://"));
}

fn hidden_in_page(c: char) -> bool {
    foreign::hidden(c).is_some()
}

#[test]
fn hostile_names_and_texts_stay_text() {
    let mut facts = facts(40, &HOSTILE);
    facts.simulated = Some(Simulated { scenario: HOSTILE[0].into(), seed: 7 });
    let study = run_all(facts, &Params::default());
    let hostile = HOSTILE[1].to_string();
    let manifest = Manifest {
        command: hostile.clone(),
        inputs: vec![Input { path: hostile.clone(), format: hostile.clone(), bytes: 1, blake3: hostile.clone() }],
        rules: vec![Rules { name: hostile.clone(), version: hostile.clone(), blake3: hostile.clone() }],
        settings: vec![Setting { name: hostile.clone(), value: hostile }],
        ..Manifest::default()
    };
    let page = page::report(&study, &manifest, &hostile_quotes());
    assert_tame(page.as_str());
    // The evidence is there, as text.
    assert!(page.as_str().contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    for answer in &study.answers {
        let csv = csv::answer(answer);
        assert!(csv.lines().all(|line| !line.starts_with(['=', '+', '-', '@'])));
    }
    for utf8 in [true, false] {
        let text = terminal(&study, &TermStyle { color: false, utf8, width: 100 });
        assert!(text.chars().all(|c| c == '\n' || !hidden_in_page(c)), "{text:?}");
        assert!(utf8 || text.is_ascii());
    }
}

#[test]
fn events_are_lettered_on_the_course_and_named_below_it() {
    let (mut study, manifest) = study_and_manifest();
    let mut answer = study.answers[1].clone();
    let column = |name, kind| Column { name, unit: name, kind };
    answer.name = "anything_dated";
    answer.columns = vec![column("date", Kind::Period), column("event", Kind::Text)];
    let row = |date: &str, name: &str| vec![Value::text(date), Value::text(name)];
    answer.rows =
        vec![row("2021-03-02", HOSTILE[0]), row("2021-03-09", "the next week"), row("2031-01-01", "not in the window")];
    study.answers.push(answer);
    let page = page::report(&study, &manifest, &[]);
    assert_tame(page.as_str());
    // Two letters in each of three drawings, the second above the first where they would touch.
    assert_eq!(page.as_str().matches("class=\"event-name\"").count(), 6);
    assert!(page.as_str().contains("<li><b>A</b> <span class=\"mono\">2021-03-02</span> <bdi>&lt;script&gt;"));
    assert!(!page.as_str().contains("<b>C</b>"));
}

#[test]
fn every_kind_of_chart_survives_odd_values() {
    let whisker = |label: &str, value: f64| Whisker {
        label: label.into(),
        value,
        low: value - 1.0,
        high: value + 1.0,
        strong: false,
    };
    let layer = |shares: Vec<Option<f64>>| Layer { label: HOSTILE[1].into(), category: 3, shares };
    let bar = |value: f64| Bar { label: HOSTILE[5].into(), values: vec![(Counting::Unique, value)] };
    let line =
        |values: Vec<Option<f64>>| Line { counting: Counting::Raw, values, band: Vec::new(), note: String::new() };
    let months = vec![String::from("2021-01"), "not a month".into(), "2021-13".into(), "2021-02".into()];
    let charts = [
        Chart::Whiskers {
            unit: "u".into(),
            scale: Kind::Number,
            rows: vec![whisker(HOSTILE[0], -3.0), whisker("b", 1e9)],
        },
        Chart::Whiskers { unit: "u".into(), scale: Kind::Ratio, rows: vec![whisker("a", 0.0), whisker("b", 1e300)] },
        Chart::Whiskers { unit: "u".into(), scale: Kind::Share, rows: vec![whisker("a", f64::NAN)] },
        Chart::Stack { unit: "u".into(), periods: months.clone(), layers: vec![layer(vec![Some(0.5)]), layer(vec![])] },
        Chart::Stack { unit: "u".into(), periods: Vec::new(), layers: Vec::new() },
        Chart::Bars { unit: "u".into(), over_time: true, bars: vec![bar(0.0), bar(1e15), bar(7.0)] },
        Chart::Bars { unit: "u".into(), over_time: false, bars: (0..90).map(|n| bar(f64::from(n))).collect() },
        Chart::Bars { unit: "u".into(), over_time: false, bars: Vec::new() },
        Chart::Course {
            unit: "u".into(),
            scale: Kind::Share,
            months: months.clone(),
            lines: vec![line(vec![Some(0.1), None, Some(0.9), Some(0.5)])],
            steps: Vec::new(),
        },
        Chart::Course {
            unit: "u".into(),
            scale: Kind::Count,
            months,
            lines: vec![line(vec![Some(9.0); 4])],
            steps: Vec::new(),
        },
        Chart::Course {
            unit: "u".into(),
            scale: Kind::Count,
            months: Vec::new(),
            lines: Vec::new(),
            steps: Vec::new(),
        },
    ];
    let (mut study, manifest) = study_and_manifest();
    // Only the answer with these charts: others have untold charts of their own.
    study.answers.truncate(1);
    study.answers[0].charts = charts.to_vec();
    let page = page::report(&study, &manifest, &[]);
    assert_tame(page.as_str());
    assert!(!page.as_str().contains("NaN") && !page.as_str().contains("inf\""));
    assert_eq!(page.as_str().matches("class=\"untold\"").count(), 4);
}

fn names() -> Vec<String> {
    (0..24).map(|i| format!("source {i:02} of forum.example")).collect()
}

fn study_and_manifest() -> (Study, Manifest) {
    let names = names();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let study = run_all(facts(60, &names), &Params::default());
    (study, Manifest { noctule: "0.1.0".into(), ..Manifest::default() })
}

/// Compares with the committed file; `UPDATE_EXPECT=1` writes it.
fn check(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/analyze/report").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("the fixtures can be written");
        fs::write(&path, actual).expect("the fixtures can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs from {}; run with UPDATE_EXPECT=1 and read the diff", path.display());
}

#[test]
fn the_files_are_as_expected() {
    let (study, _) = study_and_manifest();
    check("study.json", &json::study(&study));
    for name in ["escrow_mentions_by_month", "change_points", "escrow_share_of_deals"] {
        let answer = study.answers.iter().find(|a| a.name == name).expect("an analysis");
        check(&format!("{name}.csv"), &csv::answer(answer));
    }
    check("terminal.txt", &terminal(&study, &TermStyle { color: false, utf8: true, width: 100 }));
    check("terminal-ascii.txt", &terminal(&study, &TermStyle { color: false, utf8: false, width: 80 }));
}

#[test]
fn two_runs_give_the_same_bytes() {
    let base = tempfile::tempdir().expect("a temporary folder");
    let mut contents = Vec::new();
    for run in ["one", "two"] {
        let (study, manifest) = study_and_manifest();
        let dir = base.path().join(run);
        write(&dir, &study, &manifest, &hostile_quotes()).expect("it can be written");
        // Over an older study as well.
        write(&dir, &study, &manifest, &hostile_quotes()).expect("it can be written");
        let mut files = Vec::new();
        for folder in [dir.clone(), dir.join("answers")] {
            for entry in fs::read_dir(folder).expect("the folder is there") {
                let path = entry.expect("an entry").path();
                if path.is_file() {
                    files.push((path.file_name().map(ToOwned::to_owned), fs::read(&path).expect("it can be read")));
                }
            }
        }
        files.sort();
        assert_eq!(files.len(), 3 + study.answers.len());
        contents.push(files);
    }
    assert!(contents[0] == contents[1]);
}

#[test]
fn degenerate_studies_have_a_page() {
    let names = ["only"; 2];
    let one = Facts { rows: facts(1, &names).rows[..1].to_vec(), ..facts(1, &names) };
    for facts in [Facts::default(), one, facts(1, &names)] {
        let study = run_all(facts, &Params::default());
        let page = page::report(&study, &Manifest::default(), &[]);
        assert_tame(page.as_str());
        let words = [">NaN", "\"NaN", "inf\"", "-inf", " NaN"];
        assert!(words.iter().all(|w| !page.as_str().contains(w)));
        assert!(!terminal(&study, &TermStyle { color: true, utf8: true, width: 80 }).is_empty());
        assert!(json::study(&study).contains("noctule.study/1"));
    }
}
