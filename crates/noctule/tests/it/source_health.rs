//! A forum changes its markup: the next run rings an alarm, in `analyze` and in the study.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::run::{noctule, text};

/// A page of a XenForo forum, or of the same forum after its theme was rewritten.
fn page(first: u32, posts: u32, drifted: bool) -> String {
    let post = |id: u32| {
        if drifted {
            format!("<section class=\"x-card\"><i>{id}</i><div class=\"y\">words {id} of a post</div></section>")
        } else {
            format!(
                "<article class=\"message message--post\" data-author=\"ann{id}\" data-content=\"post-{id}\"><div class=\"message-attribution-main\">\
                 <time class=\"u-dt\" datetime=\"2021-10-14T21:07:00+0000\"></time></div><div class=\"message-body\">\
                 <div class=\"bbWrapper\">words {id} of a post about escrow</div></div></article>"
            )
        }
    };
    format!(
        "<html id=\"XF\"><head><link rel=\"canonical\" href=\"https://night.example/threads/a.{first}/\"><title>Thread {first} | Night Board</title></head>\
         <body><h1 class=\"p-title-value\">Thread {first}</h1>{}</body></html>",
        (first..first + posts).map(post).collect::<String>()
    )
}

#[test]
fn markup_that_drifts_rings_an_alarm() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let (first, second, out) = (dir.path().join("pages/1"), dir.path().join("pages/2"), dir.path().join("out"));
    let folder = dir.path().join("pages");
    fs::create_dir_all(&first).expect("made");
    for n in 0..12 {
        let path = first.join(format!("{n:02}.html"));
        fs::write(&path, page(n * 10, 8, false)).expect("written");
        // Saved some days before the others.
        let file = fs::File::options().write(true).open(&path).expect("opened");
        file.set_modified(SystemTime::now() - Duration::from_secs(5 * 86_400 + u64::from(n))).expect("the time is set");
    }
    assert_eq!(noctule(&["ingest", text(&folder), "--data-dir", text(&data)]).code, 0);
    let study = ["study", "--data-dir", text(&data), "--out", text(&out)];
    let calm = noctule(&study);
    assert!(!calm.out.contains("read badly"), "{}", calm.out);
    let asked = noctule(&["analyze", "source_health", "--data-dir", text(&data)]);
    assert!(asked.out.contains("Every source is read as well as before"), "{}", asked.out);

    fs::create_dir_all(&second).expect("made");
    for n in 20..26 {
        // One page in six still has its posts, as after a theme that is switched on for some users only.
        let name = first.join(format!("{n:02}.html"));
        fs::write(name, page(n * 10, 8, n > 20)).expect("written");
    }
    noctule(&["ingest", text(&folder), "--data-dir", text(&data)]);
    let asked = noctule(&["analyze", "source_health", "--data-dir", text(&data)]);
    assert!(asked.out.contains("may be read badly: Night Board"), "{}", asked.out);
    assert!(asked.out.contains("pages without a post rose from 0% to 83.3%"), "{}", asked.out);
    let rung = noctule(&study);
    assert!(rung.out.contains("may be read badly: Night Board"), "{}", rung.out);
    let report = fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(report.contains("id=\"source_health\""), "the report has the section");
}
