//! `analyze`, `--events`, `--compare`, and what small or odd corpora are told.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{Ran, chat, message, noctule, rows, text};

const DAY: i64 = 86_400;
/// Noon of 1 January 2020.
const START: i64 = 1_577_880_000;

/// A chat with one message on each of `days`, every third with an escrow agent.
fn export(dir: &Path, name: &str, id: u64, days: std::ops::Range<i64>) -> PathBuf {
    let body = |n: i64| match n % 3 {
        0 => format!("Продам базу номер {n}, сделка через гаранта"),
        _ => format!("Продам базу номер {n}, пишите в личку, цена {n}$"),
    };
    let messages: Vec<String> = days.map(|n| message(n as u64 + 1, START + n * DAY, &body(n))).collect();
    let path = dir.join(format!("{name}-{id}.json"));
    fs::write(&path, chat(id, name, &messages)).expect("written");
    path
}

/// Runs and reads `study.json`.
fn study(data: &Path, out: &Path, paths: &[&Path], more: &[&str]) -> (Ran, Value) {
    let mut args = vec!["study"];
    args.extend(paths.iter().map(|p| text(p)));
    args.extend(["--data-dir", text(data), "--out", text(out)]);
    args.extend(more);
    let ran = noctule(&args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for word in ["NaN", "inf ", " -0", "×0.000"] {
        assert!(!ran.out.contains(word), "{word:?} in {}", ran.out);
    }
    let json = fs::read_to_string(out.join("study.json")).expect("a study");
    (ran, serde_json::from_str(&json).expect("it is JSON"))
}

fn title<'a>(study: &'a Value, name: &str) -> &'a str {
    study["answers"][name]["title"].as_str().expect("an answer has a title")
}

#[test]
fn an_answer_alone_in_every_format() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (data, path) = (dir.path().join("data"), export(dir.path(), "market", 1, 0..90));
    let run = |more: &[&str]| {
        let mut args = vec!["analyze", "escrow_mentions_by_month", text(&path), "--data-dir", text(&data)];
        args.extend(more);
        let ran = noctule(&args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    assert!(run(&[]).contains("2020-01"));
    assert!(run(&["--format", "csv"]).starts_with("month,messages,raw,unique,fixed_panel\r\n2020-01,31,11,11,11\r\n"));
    let first: Value = serde_json::from_str(run(&["--format", "jsonl"]).lines().next().expect("a line")).expect("JSON");
    assert_eq!((&first["month"], &first["raw"]), (&Value::from("2020-01"), &Value::from(11)));
    let whole: Value = serde_json::from_str(&run(&["--format", "json", "--from", "2020-02-01"])).expect("JSON");
    assert_eq!(whole["rows"][0][0], "2020-02");

    let wrong = noctule(&["analyze", "escrow_mention_by_month", "--data-dir", text(&data)]);
    assert!(wrong.code >= 64 && wrong.err.contains("escrow_mentions_by_month"), "{}", wrong.err);
    let help = noctule(&["analyze", "--help"]);
    assert!(help.out.contains("change_points") && help.out.contains("source_lifetimes"), "{}", help.out);
}

#[test]
fn terms_are_reduced_to_their_entries() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let words = ["через гаранта", "с гарантом форума", "сделка через гаранта"];
    let messages: Vec<String> = (0..60)
        .map(|n| message(n + 1, START + n as i64 * DAY, &format!("Продам лот {n}{n}{n}, {}", words[n as usize % 3])))
        .collect();
    let path = dir.path().join("a.json");
    fs::write(&path, chat(1, "a", &messages)).expect("written");
    let (_, found) = study(&dir.path().join("data"), &dir.path().join("out"), &[&path], &[]);
    let rows = found["answers"]["escrow_terms"]["rows"].as_array().expect("rows");
    let sum = rows.iter().map(|r| r[4].as_u64().expect("raw")).sum::<u64>();
    assert_eq!(Value::from(sum), found["totals"]["escrow_mentions"]["raw"]);
    assert!(rows.iter().any(|r| r[0] == "гарант" && r[1] == "ru"), "{rows:?}");
}

#[test]
fn events_are_tested_and_malformed_ones_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    // One mention a day, from 8 July 2020 on five a day.
    let mut messages = Vec::new();
    for day in 0..380i64 {
        for again in 0..if day < 189 { 1 } else { 5 } {
            let n = messages.len() as u64 + 1;
            messages.push(message(n, START + day * DAY + again, &format!("Сделка через гаранта, лот {n} за {n}00$")));
        }
    }
    let path = dir.path().join("a.json");
    fs::write(&path, chat(1, "a", &messages)).expect("written");
    let events = dir.path().join("events.csv");
    let with = |csv: &str| {
        fs::write(&events, csv).expect("written");
        ["--events", text(&events)].map(str::to_string)
    };
    let options = with("date,name,url\n2020-07-08,\"<b>Takedown</b>\",https://news.example/1\n1999-01-01,Long ago,\n");
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let (_, found) = study(&data, &out, &[&path], &options);
    let rows = found["answers"]["events"]["rows"].as_array().expect("rows");
    let row = |date: &str| rows.iter().find(|r| r[0] == date && r[3] == "escrow_unique").expect("a row");
    assert_eq!(
        (&row("2020-07-08")[4], &row("1999-01-01")[4]),
        (&Value::from("up"), &Value::from("outside the window"))
    );
    let effect = row("2020-07-08")[9].as_f64().expect("an effect");
    assert!((effect - 5.0).abs() < 0.2, "{effect}");
    assert_eq!(row("1999-01-01")[9], Value::Null);
    let html = fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(!html.contains("<b>Takedown"), "a name from outside became HTML");

    let (_, outside) = study(&data, &out, &[&path], &with("1999-01-01,Long ago\n").each_ref().map(String::as_str));
    assert_eq!(title(&outside, "events"), "The event of 1999-01-01 cannot be tested: outside the window");

    let options = with("date,name\n08.07.2020,Takedown\n");
    let ran = noctule(&["study", text(&path), "--data-dir", text(&data), &options[0], &options[1]]);
    assert!(ran.code >= 64 && ran.err.contains("line 2") && ran.err.contains("hint:"), "{}", ran.err);
    let none = noctule(&["analyze", "events", "--data-dir", text(&data)]);
    assert!(none.code >= 64 && none.err.contains("--events"), "{}", none.err);
}

#[test]
fn a_comparison_says_what_changed_and_adds_up() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let (a, b) = (export(dir.path(), "a", 1, 0..60), export(dir.path(), "b", 2, 30..120));
    let (old, new, same) = (dir.path().join("old"), dir.path().join("new"), dir.path().join("same"));
    study(&data, &old, &[&a], &[]);
    let (_, unchanged) = study(&data, &same, &[&a], &["--compare", text(&old)]);
    assert_eq!(unchanged["comparison"]["comparison"]["title"], "Nothing changed since the earlier study");

    let (ran, found) = study(&data, &new, &[&a, &b], &["--compare", text(&old.join("study.json"))]);
    let rows = found["comparison"]["comparison"]["rows"].as_array().expect("rows");
    for row in rows {
        let number = |i: usize| row[i].as_i64().expect("a number");
        assert_eq!(number(2) - number(1), number(3));
        assert_eq!(number(4) + number(5) + number(6), number(3), "{row}");
        assert_eq!(number(4), 0, "the same rules judged alike: {row}");
    }
    // Of 90 new messages those of days 30 to 59 fall into the old window (January and February 2020 have 60 days).
    assert_eq!(rows[0], serde_json::json!(["messages", 60, 150, 90, 0, 30, 60]));
    let causes = found["comparison"]["comparison_causes"]["rows"].to_string();
    assert!(
        causes.contains("new captures") && causes.contains("late messages") && causes.contains("window"),
        "{causes}"
    );
    assert!(ran.out.contains("late messages") && new.join("answers/comparison.csv").is_file());

    let wrong = noctule(&["study", text(&a), "--data-dir", text(&data), "--compare", text(&a)]);
    assert!(wrong.code >= 64 && wrong.err.contains("noctule.study/1"), "{}", wrong.err);
}

#[test]
fn small_and_odd_corpora_get_sentences_that_hold() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let run = |name: &str, exports: &[(&str, u64, Vec<String>)], more: &[&str]| {
        let folder = dir.path().join(name);
        fs::create_dir_all(folder.join("in")).expect("made");
        for (source, id, messages) in exports {
            fs::write(folder.join(format!("in/{id}.json")), chat(*id, source, messages)).expect("written");
        }
        study(&folder.join("data"), &folder.join("out"), &[&folder.join("in")], more).1
    };
    let mention = |n: u64, day: i64| message(n, START + day * DAY, &format!("Сделка через гаранта, лот {n} за {n}00$"));

    let one = run("one", &[("a", 1, vec![mention(1, 0)])], &[]);
    assert_eq!(title(&one, "change_points"), "Too few mentions of an escrow agent to tell: 1 in 1 month");
    assert_eq!(title(&one, "sources"), "The corpus has one source");
    assert_eq!(title(&one, "escrow_share_of_deals"), "Too few to tell: 1 message is about a deal");

    let month = run("month", &[("a", 1, (0..31).map(|n| mention(n as u64 + 1, n)).collect())], &[]);
    assert_eq!(title(&month, "change_points"), "One month is too few to tell a change of level; it takes at least six");
    assert!(
        title(&month, "escrow_share_of_deals").starts_with("All 31 messages"),
        "{}",
        title(&month, "escrow_share_of_deals")
    );

    let quiet = |n: u64| message(n, START + n as i64 * DAY, &format!("good morning everyone, day {n}"));
    let silent = run("silent", &[("a", 1, (1..200).map(quiet).collect())], &[]);
    for name in ["change_points", "escrow_by_source", "escrow_concentration", "escrow_terms"] {
        assert_eq!(title(&silent, name), "No message mentions an escrow agent", "{name}");
    }

    let same = |n: u64| message(n, START + n as i64 * DAY, "Продам базу, работаю через гаранта форума");
    let copies = run("copies", &[("a", 1, (1..200).map(same).collect())], &[]);
    assert_eq!(title(&copies, "escrow_mentions"), "1 different text mentions an escrow agent, 199 with reposts");
    assert!(title(&copies, "change_points").starts_with("Too few"));

    let outside = run("outside", &[("a", 1, vec![mention(1, 0)])], &["--from", "2015-01-01", "--to", "2015-12-31"]);
    assert_eq!(title(&outside, "escrow_mentions_by_month"), "No message lies in January 2015 to December 2015");

    // Two sources with one name stay two.
    let namesakes: Vec<_> =
        (1..3).map(|id| ("same name", id, (0..40).map(|n| mention(n as u64 * 2 + id, n * 5)).collect())).collect();
    let two = run("two", &namesakes, &[]);
    assert_eq!(two["totals"]["sources"], 2);
    let rows = two["answers"]["escrow_by_source"]["rows"].as_array().expect("rows");
    assert_eq!((rows.len(), &rows[0][0], &rows[1][0]), (2, &Value::from("same name"), &Value::from("same name")));
    assert_ne!(rows[0][1], rows[1][1]);
    assert_eq!(title(&two, "escrow_concentration"), "The unique mentions are spread almost evenly over 2 sources");
}

/// Deals with a fee, and reports of scams: what is stored of each message.
const SAID: [&str; 6] = [
    "Selling a database of a shop, 500$, through escrow, escrow fee 4%, buyer pays",
    "Selling bank accounts, 60$ each, we can use a middleman",
    "This vendor scammed me, I paid 200$ and he never delivered",
    "the buyer charged back after a week, scammer",
    "escrow ran away with our coins, exit scam",
    "got scammed by an impersonator with a similar name",
];

/// Each text so many times, in words of its own, so that none folds into another.
fn said(dir: &Path, times: u64) -> PathBuf {
    let texts = SAID.iter().flat_map(|text| (0..times).map(move |n| format!("{text}. Number {n}{n}{n} of {n}x{n}")));
    let messages: Vec<String> =
        texts.enumerate().map(|(n, text)| message(n as u64 + 1, START + n as i64 * DAY / 4, &text)).collect();
    let path = dir.join("said.json");
    fs::write(&path, chat(7, "said", &messages)).expect("written");
    path
}

#[test]
fn payers_and_the_accused_are_stored_and_counted() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (data, out) = (dir.path().join("data"), dir.path().join("out"));
    let (_, found) = study(&data, &out, &[&said(dir.path(), 40)], &[]);
    let stored = rows(&data, "select fee_payer, accused, count(*) as n from verdicts group by fee_payer, accused");
    let n = |payer: Option<&str>, accused: Option<&str>| {
        let of = |row: &&Value| row["fee_payer"] == Value::from(payer) && row["accused"] == Value::from(accused);
        stored.iter().find(of).map_or(0, |row| row["n"].as_u64().expect("a count"))
    };
    assert_eq!(n(Some("buyer"), None), 40, "{stored:?}");
    for accused in ["seller", "buyer", "agent", "third-party"] {
        assert_eq!(n(None, Some(accused)), 40, "{accused}: {stored:?}");
    }

    // What another engine counts over the view is what the analyses count raw.
    let one = |query: &str| rows(&data, query)[0]["n"].as_u64().expect("a count");
    let cell = |name: &str, row: &[&str], column: &str| {
        let answer = &found["answers"][name];
        let place = answer["columns"].as_array().and_then(|c| c.iter().position(|c| c == column)).expect("a column");
        let all = answer["rows"].as_array().expect("rows");
        let of = |r: &&Value| row.iter().enumerate().all(|(i, cell)| r[i] == *cell);
        all.iter().find(of).map_or(0, |r| r[place].as_u64().unwrap_or_default())
    };
    for (query, name, row, column) in [
        ("kind = 'database'", "deal_kinds", &["database"][..], "raw"),
        ("deal", "deal_kinds", &["all"], "raw"),
        ("escrow and fee_percent_min is not null", "escrow_fees", &["all"], "raw"),
        ("escrow and fee_payer = 'buyer'", "escrow_fees", &["payer", "buyer"], "raw"),
        ("deal and escrow and price_usd is not null", "deal_prices", &["all", "with an agent"], "raw"),
        ("deal and not escrow and price_usd is not null", "deal_prices", &["all", "without an agent"], "raw"),
    ] {
        assert_eq!(
            cell(name, row, column),
            one(&format!("select count(*) as n from verdicts where {query}")),
            "{query}"
        );
    }
    assert!(title(&found, "escrow_fees").starts_with("The median fee is 4.0%"), "{}", title(&found, "escrow_fees"));
    assert!(cell("deal_kinds", &["all"], "raw") >= 80);

    // The query under each answer opens as many messages as were counted.
    for name in ["escrow_fees", "scam_reports", "deal_prices", "deal_kinds"] {
        let query = found["answers"][name]["query"].as_str().expect("a query");
        assert!(!rows(&data, query).is_empty(), "{name}");
    }
}

#[test]
fn tables_of_an_older_version_are_refused_with_the_way_out() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let path = said(dir.path(), 2);
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let query = "select count(*) as n from verdicts where accused is not null";
    assert_eq!(rows(&data, query)[0]["n"], 8);
    // As the first versions wrote it: without the last two columns.
    let log = data.join("tables/verdicts/_delta_log/00000000000000000000.json");
    let older = |log: &Path| {
        let text = fs::read_to_string(log).expect("a log");
        let cut = text.find(r#",{\"name\":\"fee_payer\""#).expect("the column is in the schema");
        let end = text[cut..].find(']').expect("the columns end") + cut;
        fs::write(log, format!("{}{}", &text[..cut], &text[end..])).expect("written");
    };
    older(&log);
    for args in [&["sql", query][..], &["search", "escrow"], &["export", "--to", "jsonl"]] {
        let ran = noctule(&[args, &["--data-dir", text(&data)]].concat());
        assert!(ran.code >= 64 && ran.err.contains("hint: `noctule rebuild`"), "{args:?}: {} {}", ran.code, ran.err);
    }
    assert_eq!(noctule(&["rebuild", "--data-dir", text(&data)]).code, 0);
    assert_eq!(rows(&data, query)[0]["n"], 8);

    // What counts makes them again by itself, as it does after new rules.
    older(&log);
    let ran = noctule(&["analyze", "scam_reports", "--format", "csv", "--data-dir", text(&data)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains(",all,8,8,8,"), "{}", ran.out);
    older(&log);
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    assert_eq!(rows(&data, query)[0]["n"], 8);
}
