//! The contract of `noctule detect`.

use serde_json::{Value, json};

use crate::run::{noctule, noctule_with};

fn lines(input: &str) -> (Vec<Value>, i32) {
    let ran = noctule_with(&["detect", "-"], input.as_bytes());
    (ran.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect(), ran.code)
}

#[test]
fn the_example_of_the_design() {
    let (found, code) = lines("{\"text\":\"Сделка через гаранта, 5%\"}\n");
    assert_eq!((found.len(), code), (1, 0));
    assert_eq!(found[0]["lang"], "ru");
    assert_eq!(found[0]["escrow"]["mentioned"], true);
    assert_eq!(found[0]["escrow"]["polarity"], "affirmed");
    assert_eq!(found[0]["escrow"]["terms"], json!(["гаранта"]));
    assert_eq!(found[0]["escrow"]["spans"], json!([[24, 38]]));
    assert_eq!(found[0]["deal"]["related"], true);
    assert_eq!(found[0]["deal"]["fees"], json!([{"percent_min": 5, "percent_max": 5, "payer": null}]));
}

#[test]
fn every_message_has_its_line_in_order() {
    let input: String = (0..3000).map(|n| format!("{{\"id\":\"m{n}\",\"text\":\"offer {n}\"}}\n")).collect();
    let (found, code) = lines(&input);
    assert_eq!(code, 0);
    assert!(found.iter().enumerate().all(|(n, line)| line["id"] == format!("m{n}")));
    assert_eq!(found.len(), 3000);
}

#[test]
fn messages_without_text_say_nothing_and_broken_lines_are_skipped() {
    let (found, code) = lines(
        "{\"text\":\"\"}\n{\"id\":\"a\",\"text\":null}\n{\"id\":\"b\",\"text\":\"x\"}\nbroken\n{\"id\":\"c\",\"text\":\"y\"}\n",
    );
    assert_eq!(code, 2);
    let ids: Vec<&Value> = found.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, ["1", "a", "b", "c"]);
    assert!(found.iter().all(|line| line["escrow"]["mentioned"] == false && line["deal"]["related"] == false));
}

#[test]
fn an_unreadable_input_is_an_error_with_a_hint() {
    let ran = noctule(&["detect", "/no/such/file"]);
    assert!(ran.code >= 64 && ran.err.starts_with("error: cannot open"), "{}", ran.err);
    let ran = noctule_with(&["detect", "-"], b"\x00\x01\x02\x03\xff\xfe\x00");
    assert!(ran.code >= 64, "{}", ran.err);
}
