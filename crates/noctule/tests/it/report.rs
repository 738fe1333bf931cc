//! The report as a reader has it: its heading, its figures, and the commands it prints.

use std::fs;
use std::path::Path;

use crate::run::{chat, message, noctule, text};

/// A report over these messages, and the data directory it was made from.
fn report(dir: &Path, name: &str, messages: &[String], more: &[&str]) -> String {
    let (path, data, out) =
        (dir.join(format!("{name}.json")), dir.join(format!("{name}.data")), dir.join(format!("{name}.out")));
    fs::write(&path, chat(1, name, messages)).expect("written");
    let mut args = vec!["study", text(&path), "--data-dir", text(&data), "--out", text(&out)];
    args.extend(more);
    let ran = noctule(&args);
    assert_eq!(ran.code, 0, "{name}: {}", ran.err);
    fs::read_to_string(out.join("report.html")).expect("a report")
}

/// What stands between two marks, each time.
fn between<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    page.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

/// The texts of HTML that our own words can hold.
fn plain(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

const DAY: i64 = 86_400;
/// 1 July 2021.
const START: i64 = 1_625_097_600;

fn messages(count: i64, apart: i64, body: impl Fn(i64) -> String) -> Vec<String> {
    (0..count).map(|n| message(n as u64 + 1, START + n * apart, &body(n))).collect()
}

#[test]
fn odd_corpora_have_a_true_heading_and_no_empty_charts() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let same = |_| String::from("Продам базу, работаю через гаранта форума");
    let deal = |n: i64| format!("Продам базу номер {n}{n}{n}, город {n}, сделка через гаранта, комиссия {n}%");
    let silent = |n: i64| format!("good morning everyone here, this is day {n}");
    let cases: [(&str, Vec<String>, &[&str], &str); 7] = [
        (
            "one",
            messages(1, DAY, deal),
            &[],
            "1 of 1 message mentions an escrow agent, July 2021: too few to tell more",
        ),
        ("quiet-one", messages(1, DAY, silent), &[], "The one message does not mention an escrow agent, July 2021"),
        ("month", messages(25, DAY, deal), &[], "one month is too few to tell a course"),
        ("silent", messages(90, DAY, silent), &[], "None of 90 messages mentions an escrow agent, "),
        ("same", messages(90, DAY, same), &[], "One text makes all 90 mentions of an escrow agent, "),
        (
            "outside",
            messages(9, DAY, deal),
            &["--from", "2019-01-01", "--to", "2019-12-31"],
            "No message lies in January 2019 to December 2019; 9 messages lie outside it",
        ),
        (
            "undated",
            vec![message(1, 60, "Deal through escrow, in 1970")],
            &[],
            "1 message has no date that can be counted",
        ),
    ];
    for (name, messages, more, heading) in cases {
        let page = report(dir.path(), name, &messages, more);
        let headings = between(&page, "<h1 id=\"finding\">", "</h1>");
        assert!(headings.len() == 1 && headings[0].contains(heading), "{name}: {headings:?}");
        for wrong in ["NaN", "inf%", "inf<", "\"-0\""] {
            assert!(!page.contains(wrong), "{name}: {wrong}");
        }
        // Where mentions are too few there is no picture of their course, but a sentence.
        let of_months = between(&page, "<section class=\"answer\" id=\"escrow_mentions_by_month\"", "</section>");
        assert!(of_months.len() == 1 && !of_months[0].contains("<svg"), "{name}");
        assert!(of_months[0].contains("class=\"untold\""), "{name}");
    }
}

#[test]
fn every_printed_command_runs() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let deal = |n: i64| format!("Продам базу номер {n}{n}{n}, город {n}, сделка через гаранта, комиссия {n}%");
    let page = report(dir.path(), "deals", &messages(120, 3 * DAY, deal), &[]);
    let commands = between(&page, "<p class=\"opens\">", "</p>");
    assert_eq!(commands.len(), page.matches("<section class=\"answer\"").count() - 2, "all but evidence and manifest");
    let data = dir.path().join("deals.data");
    let mut opened = 0;
    for command in commands {
        let command = plain(between(command, "<code>", "</code>")[0]);
        let rest = command.strip_prefix("noctule ").expect("it is a command of ours");
        // As a reader pastes it, through a shell.
        let line = format!("\"$NOCTULE\" {rest} --format csv");
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .env("NOCTULE", env!("CARGO_BIN_EXE_noctule"))
            .env("NOCTULE_DATA_DIR", &data)
            .output()
            .expect("a shell");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {words}");
        opened += usize::from(output.status.code() == Some(0));
    }
    assert!(opened >= 8, "only {opened} commands found anything");
}

#[test]
fn simulated_data_is_named_over_the_report_and_with_each_figure() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (corpus, data, out) = (dir.path().join("corpus"), dir.path().join("data"), dir.path().join("out"));
    let made = noctule(&["simulate", "--out", text(&corpus), "--messages", "5000"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let ran = noctule(&["study", text(&corpus), "--data-dir", text(&data), "--out", text(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("simulated data: scenario "), "{}", ran.out);
    let page = fs::read_to_string(out.join("report.html")).expect("a report");
    let (figures, tags) = (page.matches("<figure>").count(), page.matches("<span class=\"sim\">").count());
    assert!(figures > 4 && figures == tags, "{figures} figures, {tags} tags");
    assert!(page.contains("<b>Simulated data.</b>") && page.contains("<body class=\"simulated\">"));
}
