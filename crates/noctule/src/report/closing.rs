//! The end of the report: what was left out of the numbers, and what it takes to get them again.

use noctule_store::analyze::words::{counted, thousands};
use noctule_store::analyze::{Counts, Study};

use super::Manifest;
use super::command;
use super::foreign::Foreign;
use super::html::Html;

pub fn quality(counts: &Counts) -> Html {
    let rows: [(&str, u64, &str); 5] = [
        ("Outside the window", counts.outside_window, "has a date, but not one of this window"),
        ("Without a date", counts.undated, "kept and searchable"),
        ("Implausible date", counts.implausible, "before 2000, or after it was captured"),
        ("Skipped", counts.skipped, "could not be read; place and reason are listed"),
        ("Repaired", counts.repaired, "read and counted, after a repair of its encoding or date"),
    ];
    let left_out: u64 = rows.iter().take(4).map(|r| r.1).sum();
    let title = match left_out {
        0 => "Every message that was found is in the numbers".to_string(),
        n => format!(
            "{} of {} found are not in the numbers",
            thousands(n),
            counted(counts.total.messages.saturating_add(n), "message", "messages")
        ),
    };
    let mut out = Html::new();
    out.put(
        "<section class=\"answer\" id=\"quality\" aria-labelledby=\"quality-finding\"><header><h2 id=\"quality-finding\">{}</h2>\
         <p class=\"question\">What is missing from the counts, and why?</p></header><div class=\"figures\"><table><thead><tr>\
         <th scope=\"col\">What</th><th scope=\"col\" class=\"num\">Messages</th><th scope=\"col\">Why</th></tr></thead><tbody>",
        &[&title],
    );
    for (what, n, why) in rows {
        out.put("<tr><td>{}</td><td class=\"num\">{}</td><td>{}</td></tr>", &[&what, &thousands(n), &why]);
    }
    out.put(
        "</tbody></table><p class=\"opens\">List what was skipped or repaired:<code>{}</code></p></div></section>",
        &[&command::sql("select * from skips")],
    );
    out
}

pub fn again(study: &Study, manifest: &Manifest) -> Html {
    let count = |n: usize, one: &str, many: &str| counted(n as u64, one, many);
    let mut out = Html::new();
    out.put(
        "<section class=\"answer\" id=\"manifest\" aria-labelledby=\"manifest-finding\"><header><h2 id=\"manifest-finding\">The same input gives \
         the same bytes</h2><p class=\"question\">What went in, and how can it be repeated?</p></header><div class=\"figures\"><pre>\
         noctule   {}   schema {}\n",
        &[&manifest.noctule, &manifest.schema],
    );
    if !manifest.command.is_empty() {
        out.put("command   {}\n", &[&Foreign(&manifest.command)]);
    }
    let inputs = count(manifest.inputs.len(), "capture", "captures");
    let bytes = thousands(manifest.bytes());
    out.put("input     {}, {} bytes   b3:{}\n", &[&inputs, &bytes, &manifest.inputs_hash()]);
    for rules in &manifest.rules {
        out.put(
            "rules     {} {}   b3:{}\n",
            &[&Foreign(&rules.name), &Foreign(&rules.version), &Foreign(&rules.blake3)],
        );
    }
    for setting in &manifest.settings {
        out.put("setting   {} = {}\n", &[&Foreign(&setting.name), &Foreign(&setting.value)]);
    }
    for output in manifest.outputs.iter().filter(|o| !o.path.ends_with(".csv")) {
        out.put("{}   b3:{}\n", &[&output.path, &output.blake3]);
    }
    out.put("answers/     {}</pre></div>", &[&count(study.answers.len(), "file", "files")]);
    out.put(
        "<div class=\"notes\"><div><h3>Beside this file</h3><p><code>study.json</code> and <code>answers/*.csv</code> hold every table in \
         full, <code>manifest.json</code> the hash of each input and output. None of them knows the time of day.</p></div>\
         <div><h3>The commands</h3><p>They read the data directory the study was made from; add <code>--data-dir</code> where it \
         is not the usual one.</p></div></div></section>",
        &[],
    );
    out
}
