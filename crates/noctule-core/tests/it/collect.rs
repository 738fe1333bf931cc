//! Every case under `fixtures/collect/<format>/<case>/`: `input.*` is read by the collector that recognizes it, and
//! what it finds is compared with `expected.jsonl`, one line a message, skip or event. `UPDATE_EXPECT=1` rewrites the
//! expectations; read the difference as if someone else had made it.
//!
//! A case may hold a `case.toml` with `zone = "Europe/Berlin"`, `mapping = "text=body"` and
//! `captured_at = "2021-10-14T21:07:00Z"`. Then hostile input,
//! made here because nobody wants it in a repository.

use std::fs;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use noctule_core::collect::{COLLECTORS, Collected, Collector, Found, Head, Input, Mapping, SAMPLE_BYTES, recognize};
use noctule_core::model::{Micros, RawMessage, Reason};
use noctule_core::normalize::encoding::decode;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

#[test]
fn every_case_gives_what_is_expected() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 25, "only {} cases were found", cases.len());
    for (format, case) in cases {
        let found = run_case(&format, &case);
        let path = case.join("expected.jsonl");
        if update {
            fs::write(&path, &found).expect("an expectation can be written");
        } else if fs::read_to_string(&path).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "other than expected (UPDATE_EXPECT=1 rewrites):\n{}", wrong.join("\n"));
}

#[test]
fn unknown_shapes_are_no_format() {
    for text in [
        "",
        "{",
        "[1, 2, 3]",
        r#"{"version": 3, "plugins": ["a", "b"]}"#,
        r#"{"guild": {"name": "x"}, "channel": {"topic": "x"}, "messages": [{"id": "5", "type": "Default"}]}"#,
        r#"{"name": "x", "messages": [{"_id": "a", "rid": "b", "msg": "c"}]}"#,
        "Dear all,\nI sell nothing, buy nothing,\nand the message, I hope, is clear.\nYours, A.\n",
        "text\tof some prose\nthat has one tab\n",
        "# A heading\n\nA list of words, one a line: no table.\n",
        "a,b,c\n1,2,3\n4,5,6\n",
        "<html><body>text,date\n</body></html>",
    ] {
        let head = Head { path: "x.txt", bytes: text.as_bytes(), whole: true };
        let found = recognize(&head).map(|(collector, why)| format!("{}: {why}", collector.name()));
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn a_head_that_is_cut_is_still_recognized() {
    let long = "слово ".repeat(20_000);
    let contacts = r#"{"first_name": "A", "phone_number": "0"},"#.repeat(3_000);
    let cases = [
        (
            "telegram-json",
            format!(
                r#"{{"name": "x", "type": "public_channel", "id": 5, "messages": [{{"id": 1, "type": "message", "text": "{long}"}}]}}"#
            ),
        ),
        (
            "telegram-json",
            format!(
                r#"{{"about": "x", "personal_information": {{"user_id": 1, "first_name": "A"}}, "contacts": {{"list": [{contacts}{{}}]}}, "chats": {{"list": []}}}}"#
            ),
        ),
        ("jsonl", format!("{{\"id\": 1, \"text\": \"{long}\"}}\n")),
        ("jsonl", format!("{{\"id\": 1, \"text\": \"short\"}}\n{{\"id\": 2, \"text\": \"{long}\"}}\n")),
        ("csv", format!("id,text\n1,short\n2,\"{long}\"\n")),
        ("csv", format!("id,text\n1,\"{long}\"\n")),
    ];
    for (name, text) in cases {
        for length in [SAMPLE_BYTES, SAMPLE_BYTES - 1] {
            let head = Head { path: "x", bytes: &text.as_bytes()[..length], whole: false };
            let found = recognize(&head).map(|(collector, _)| collector.name());
            assert_eq!(found, Some(name), "{}", &text[..40]);
        }
    }
}

#[test]
fn every_cut_gives_a_prefix_of_the_messages() {
    for (format, case) in cases() {
        let input = input_bytes(&case);
        let setup = Setup::of(&case);
        let collector = collector_of(&format);
        // Reordered files learn the chat's name at their end; broken ones may find another way round the break.
        // Edits of pages that run backwards wait for what they edit.
        if ["header-last", "broken-elements", "garbage", "pages-backwards"].iter().any(|name| case.ends_with(name)) {
            continue;
        }
        let whole = setup.read(collector, &input);
        for length in 0..input.len() {
            let cut = setup.read(collector, &input[..length]);
            let place = |message: &RawMessage| (message.place, message.native_id.clone());
            let all: Vec<_> = whole.messages().map(place).collect();
            let some: Vec<_> = cut.messages().map(place).collect();
            // The last row of a table may be cut without a sign.
            let sure = some.len().saturating_sub(usize::from(format == "csv"));
            assert!(all.starts_with(&some[..sure]), "{} cut at {length}: {some:?}", case.display());
            assert!(!cut.found.is_empty(), "{} cut at {length} gives nothing", case.display());
        }
    }
}

#[test]
fn small_reads_give_the_same() {
    for (format, case) in cases() {
        let input = input_bytes(&case);
        let setup = Setup::of(&case);
        let collector = collector_of(&format);
        let mut found = Collected::new();
        let mut reader = BufReader::with_capacity(1, Slow(&input));
        setup.read_from(collector, &mut reader, &mut found);
        assert_eq!(found, setup.read(collector, &input), "{}", case.display());
    }
}

#[test]
fn a_dry_run_stops() {
    let input = "{\"text\": \"a\"}\n".repeat(100);
    let mut found = Collected::limited(5);
    Setup::default().read_from(collector_of("jsonl"), &mut input.as_bytes(), &mut found);
    assert_eq!(found.messages().count(), 5);
}

#[test]
fn nesting_of_ten_thousand_levels_costs_one_message() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let telegram = format!(
        r#"{{"name": "x", "type": "private_group", "id": 5, "messages": [{{"id": 1, "type": "message", "x": {deep}}}, {{"id": 2, "type": "message", "date_unixtime": "5", "text": "b"}}]}}"#
    );
    check(&telegram, "telegram-json", &[Reason::TooDeep], &["b"]);
    check(
        &format!("{{\"text\": \"a\"}}\n{{\"x\": {deep}}}\n{{\"text\": \"b\"}}\n"),
        "jsonl",
        &[Reason::TooDeep],
        &["a", "b"],
    );
    // Above the messages nesting is passed over, however deep.
    let header = format!(
        r#"{{"about": {deep}, "name": "x", "type": "private_group", "id": 5, "messages": [{{"id": 2, "type": "message", "date_unixtime": "5", "text": "b"}}]}}"#
    );
    let found = Setup::default().read(collector_of("telegram-json"), header.as_bytes());
    assert_eq!((found.messages().count(), found.skips().count()), (1, 0));
}

#[test]
fn the_size_limit_of_a_text_is_exact() {
    let limit = 1 << 20;
    for (length, reasons) in [(limit, &[][..]), (limit + 1, &[Reason::TooLarge][..])] {
        let long = "x".repeat(length);
        let texts = if reasons.is_empty() { vec![long.as_str(), "b"] } else { vec!["b"] };
        let telegram = format!(
            r#"{{"name": "x", "type": "private_group", "id": 5, "messages": [{{"id": 1, "type": "message", "date_unixtime": "5", "text": "{long}"}}, {{"id": 2, "type": "message", "date_unixtime": "5", "text": "b"}}]}}"#
        );
        check(&telegram, "telegram-json", reasons, &texts);
        check(&format!("{{\"text\": \"{long}\"}}\n{{\"text\": \"b\"}}\n"), "jsonl", reasons, &texts);
        // A row is limited as written, with its separators.
        let row = "x".repeat(length - "1,".len() - 1);
        let texts = if reasons.is_empty() { vec![row.as_str(), "b"] } else { vec!["b"] };
        check(&format!("id,text\n1,{row}\n2,b\n"), "csv", reasons, &texts);
    }
}

#[test]
fn hostile_input_takes_linear_time() {
    // Each of these was chosen because some way of recovering would look at the rest of the file again and again.
    let start = r#"{"name": "x", "type": "private_group", "id": 5, "messages": ["#;
    for unit in
        ["{\"id\":", "{\"id\":1,\"x\":[", "{\"a\":\"\\q\"},", "\"", "{\"id\" \"", "{", "}{", "]", "\\", "{\"id\":1}x"]
    {
        let input = format!("{start}{}", unit.repeat((4 << 20) / unit.len()));
        Setup::default().read(collector_of("telegram-json"), input.as_bytes());
        let input = format!("{{\"text\":\"a\"}}\n{}", unit.repeat((4 << 20) / unit.len()));
        Setup::default().read(collector_of("jsonl"), input.as_bytes());
    }
    for unit in ["\"\"\"\n", "\"a\n", "\"\"\n", "x,\"", ",", "\r", "\"x\"y\n"] {
        let input = format!("id,text\n\"{}", unit.repeat((4 << 20) / unit.len()));
        Setup::default().read(collector_of("csv"), input.as_bytes());
    }
}

#[test]
fn no_secret_of_a_database_leaves_its_dump() {
    let mut dumps = 0;
    for (format, case) in cases().into_iter().filter(|(format, _)| format == "sql-dump") {
        let input = fs::read(input_of(&case)).expect("a case has an input");
        dumps += usize::from(input.windows(7).any(|bytes| bytes == b"SECRET-"));
        // Neither whole nor cut off anywhere.
        for length in 0..=input.len() {
            let found = Setup::default().read(collector_of(&format), &input[..length]);
            assert!(!format!("{found:?}").contains("SECRET"), "{} cut at {length}", case.display());
        }
    }
    assert!(dumps >= 3, "the cases hold secrets to lose");
}

#[test]
fn no_letter_of_a_password_leaves_a_list_of_credentials() {
    let mut lists = 0;
    for (format, case) in cases().into_iter().filter(|(format, _)| matches!(&**format, "stealer-log" | "ulp-list")) {
        let input = fs::read(input_of(&case)).expect("a case has an input");
        lists += usize::from(input.windows(6).any(|bytes| bytes == b"SECRET"));
        for length in 0..=input.len() {
            let found = format!("{:?}", Setup::default().read(collector_of(&format), &input[..length]));
            for secret in ["SECRET", "SEC", "пароль", "Sup3r", "4111", "ann.smith", "bob", "15550100"] {
                assert!(!found.contains(secret), "{secret} of {} cut at {length}", case.display());
            }
        }
    }
    assert!(lists >= 4, "the cases hold secrets to lose");
}

#[test]
fn broken_xml_costs_one_stanza_each_time() {
    let stanza = |body: &str| format!("<message from='a@x.example' to='b@x.example'>{body}</message>\n");
    let good = stanza("<body>ok</body><delay stamp='2021-10-14T21:07:00Z'/>");
    let text = format!("<a>{}</a>", format!("{good}{}", stanza("<body>broken</bdy>")).repeat(300));
    let found = Setup::default().read(collector_of("jabber-xml"), text.as_bytes());
    assert_eq!((found.messages().count(), found.skips().count()), (300, 300));
}

/// Every collector reads a start of its own format and then one unit again and again.
#[test]
fn hostile_repetition_takes_linear_time_in_every_collector() {
    let units = [
        "{",
        "[",
        "\"",
        "<",
        "<a ",
        "<!--",
        "<![CDATA[",
        "&",
        "'",
        "\\",
        "(",
        "('",
        ",",
        "[quote]",
        "[img]",
        "[b=\"",
        "[code]",
        "\n",
        "<blockquote>",
        "https://a.example:b:",
        "URL:x\nPassword:y\n",
        "\nINSERT ",
        "/*",
        "{\"id\":1},",
    ];
    for (format, case) in cases() {
        if matches!(&*format, "telegram-json" | "jsonl" | "csv") {
            continue;
        }
        let input = fs::read(input_of(&case)).expect("a case has an input");
        for unit in units {
            // Behind the first half of a case, which most often ends inside of a value.
            let mut hostile = input[..input.len() / 2].to_vec();
            hostile.extend(unit.repeat((256 << 10) / unit.len()).bytes());
            Setup::default().read(collector_of(&format), &hostile);
        }
    }
}

#[test]
fn hostile_pages_take_linear_time() {
    // Posts inside of posts, quotes inside of quotes, many of everything, one after the other in one parent.
    let units = [
        "<article class=message data-content=post-1><div class=bbWrapper>a",
        "<article class=message data-content=post-1><div class=message-body><div class=bbWrapper>a</div></div></article>",
        "<div class=post id=p1><div class=content>a</div></div>",
        "<blockquote>a",
        "<div class=hide-content>",
        "<td rowspan=2><a name=pid1></a><span id=subject_1></span>",
        "<tr><td rowspan=2><a name=pid1></a>",
        "<div class=c><i class=date>today 10:00</i><i class=author>a</i>",
        "<div class=c><i class=date>today 10:00</i><i class=author>a</i><p>some words of a text</p></div>",
        "<a class=navPages>2</a><b>1</b>",
        "<div class='message default' id=message1><div class=body><div class=from_name>a</div>",
        "<div class=tgme_widget_message data-post=a/1>",
        "<li component=post data-pid=1><p component=post/content>",
        "<div class=x title='1.1.2020'>",
    ];
    for unit in units {
        let page = format!("<html><body>{}", unit.repeat((2 << 20) / unit.len()));
        let flat = format!("<html><body>{}", unit.repeat(400));
        for collector in COLLECTORS.iter().filter(|collector| collector.name().ends_with("-html")) {
            for page in [&page, &flat] {
                let found = Setup::default().read(*collector, page.as_bytes());
                assert!(!found.found.is_empty(), "{} found nothing in {unit}", collector.name());
            }
        }
    }
}

#[test]
fn a_page_that_costs_too_much_is_refused_as_a_whole() {
    let post = |id: u32| format!("<article class=message data-content=post-{id}><p>a</p></article>");
    let page = format!("<html id=\"XF\"><body>{}</body></html>", (0..60_000).map(post).collect::<String>());
    check(&page, "xenforo2-html", &[Reason::TooLarge], &[]);
}

/// What a fuzzer found once, and what is kept for it.
#[test]
fn inputs_that_broke_something_once_do_not_any_more() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for target in if kept.is_dir() { folders(&kept) } else { Vec::new() } {
        for entry in fs::read_dir(&target).expect("the corpus is there") {
            let bytes = fs::read(entry.expect("it can be read").path()).expect("it can be read");
            never_panics(decode(&bytes).0.as_bytes());
        }
    }
}

#[test]
fn the_same_post_from_two_captures_is_one() {
    // A mirror has another address; what names the board on the page is the same.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/collect/mybb_html");
    let first = |case: &str| {
        let found = Setup::default().read(collector_of("mybb-html"), &input_bytes(&root.join(case)));
        let message = found.messages().next().expect("there is a post").clone();
        (message.source.id(), message.native_id)
    };
    assert_eq!(first("thread"), first("mirror"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        never_panics(&bytes);
    }

    #[test]
    fn arbitrary_pieces_never_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        never_panics(pieces.concat().as_bytes());
    }

    /// Passwords of letters that occur nowhere else in a line: none of them may be in what is found.
    #[test]
    fn passwords_never_leave(
        password in "[ЖЩЮЭ]{1,12}([:|;@ ][ЖЩЮЭ]{1,6}){0,3}",
        separator in prop::sample::select(vec![':', '|', ';']),
    ) {
        let line = format!("https://mail.example/x{separator}ann@corp.example{separator}{password}\n");
        let block = format!("URL: https://mail.example/x\nUsername: ann@corp.example\nPassword: {password}\n\n");
        for (format, text) in [("ulp-list", line.repeat(3)), ("stealer-log", block.repeat(3))] {
            let found = Setup::default().read(collector_of(format), text.as_bytes());
            prop_assert!(found.messages().count() == 3);
            prop_assert!(!format!("{found:?}").contains(['Ж', 'Щ', 'Ю', 'Э']), "{found:?}");
        }
    }

    #[test]
    fn damaged_cases_never_panic(case in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let cases = cases();
        let mut input = input_bytes(&case.get(&cases).1);
        let at = at.index(input.len());
        input[at] = byte;
        never_panics(&input);
    }
}

proptest! {
    // Each of these goes through every collector whole.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two cases of any formats, cut and put together: landmarks of several formats in one file.
    #[test]
    fn pieces_of_two_cases_never_panic(
        cases in prop::array::uniform2(any::<prop::sample::Index>()),
        cuts in prop::array::uniform4(any::<prop::sample::Index>()),
    ) {
        let all = cases_in_memory();
        let piece = |case: usize| {
            let input = cases[case].get(all);
            let (a, b) = (cuts[case * 2].index(input.len() + 1), cuts[case * 2 + 1].index(input.len() + 1));
            &input[a.min(b)..a.max(b)]
        };
        let joined = [piece(0), piece(1)].concat();
        never_panics(String::from_utf8_lossy(&joined).as_bytes());
    }
}

/// The inputs of every case, read once.
fn cases_in_memory() -> &'static [Vec<u8>] {
    static CASES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    CASES.get_or_init(|| cases().iter().map(|(_, case)| input_bytes(case)).collect())
}

/// What files are made of.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\x0B",
    "\\ud800",
    "\n",
    " ",
    "id",
    "text",
    "\"id\":",
    "\"text\":",
    "\"messages\":[",
    "\"type\":\"message\"",
    "\"type\":\"public_channel\"",
    "{\"id\":1,\"type\":\"message\",\"text\":\"a\"}",
    "null",
    "1",
    "-",
    "я",
    "id,text\n",
    "a,b\n",
    "\t",
    ";",
    "\"_\":\"Message\",\"peer_id\":{\"channel_id\":5}",
    "{\"chunk\":[",
    "\"post_stream\":{\"posts\":[{\"id\":1,\"cooked\":\"<blockquote>\"",
    "{\"rid\":\"a\",\"msg\":\"[ ](x?msg=1)\",\"_id\":1,\"ts\":1,\"u\":{}}",
    "{\"ts\":\"\",\"from\":\"a\",\"to\":\"b\",\"body\":\"c\"}",
    "{\"post_title\":\"a\",\"discovered\":\"2021-10-14\"}",
    "INSERT INTO `p` (`pid`,`tid`,`uid`,`dateline`,`message`,`replyto`) VALUES ",
    "(1,2,3,4,'[quote=\"a\" pid=\'1\']x[/quote]',0)",
    "COPY p (post_id, thread_id, user_id, post_date, message) FROM stdin;\n",
    "1\t2\t3\t4\t[b\n",
    "\\.\n",
    "'",
    "--",
    "/*",
    "<message from='a' to='b'>",
    "<body>",
    "</body></message>",
    "<rss><item><title>",
    "<![CDATA[",
    "&amp;",
    "<",
    ">",
    "[21:07] <a> b\n",
    "21:07 -!- x\n",
    "[2021-10-14 21:07:00] a: b\n",
    "2021-10-14T21:07:00 a -> b\n",
    "URL: https://a.example\nUser: b\nPass: c\n",
    "https://a.example:b:c\n",
    "<html id=\"XF\">",
    "<body id=\"phpbb\">",
    "<script>var my_post_key; smf_scripturl; smf_default_theme_url</script>",
    "<article class=\"message\" data-content=\"post-1\" data-author=\"a\">",
    "<div class=\"bbWrapper\">",
    "<div class=\"post\" id=\"p1\">",
    "<div class=\"content\">",
    "<div class=\"page_header\">",
    "<div class=\"message default\" id=\"message5\"><div class=\"body\">",
    "<div class=\"text\">",
    "<blockquote>",
    "</blockquote>",
    "<time datetime=\"2021-10-14T21:07:00Z\">",
    "</time>",
    "<b class=\"author\">a</b>",
    "</article>",
    "</div>",
    "</html>",
    "<!--",
    "<td rowspan=2>",
    "<tr>",
    "<p>",
];

fn never_panics(bytes: &[u8]) {
    let setup = Setup::default();
    for collector in COLLECTORS {
        let found = setup.read(*collector, bytes);
        assert!(found.messages().all(|message| message.text.len() <= 1 << 20), "{} passed its limit", collector.name());
    }
    let head = Head { path: "x", bytes: &bytes[..bytes.len().min(SAMPLE_BYTES)], whole: bytes.len() <= SAMPLE_BYTES };
    if let Some((collector, _)) = recognize(&head) {
        let found = setup.read(collector, bytes);
        assert!(found.messages().count() + found.skips().count() > 0, "{} found nothing", collector.name());
    }
}

/// Reads `text` with the collector that recognizes it and compares reasons of skips and texts of messages.
#[track_caller]
fn check(text: &str, format: &str, reasons: &[Reason], texts: &[&str]) {
    let head =
        Head { path: "x", bytes: &text.as_bytes()[..text.len().min(SAMPLE_BYTES)], whole: text.len() <= SAMPLE_BYTES };
    let (collector, _) = recognize(&head).expect("the format is recognized");
    assert_eq!(collector.name(), format);
    let found = Setup::default().read(collector, text.as_bytes());
    let found_reasons: Vec<_> = found.skips().map(|skip| skip.reason).collect();
    assert_eq!(found_reasons, reasons);
    let lengths: Vec<_> = found.messages().map(|message| message.text.len()).collect();
    assert!(found.messages().map(|message| message.text.as_str()).eq(texts.iter().copied()), "lengths {lengths:?}");
}

/// A reader that gives one byte at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = into.len().min(1);
        self.0.read(&mut into[..length])
    }
}

/// How a case is read.
struct Setup {
    zone: TimeZone,
    mapping: Option<Mapping>,
    captured_at: Option<Micros>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, mapping: None, captured_at: None }
    }
}

impl Setup {
    fn of(case: &Path) -> Self {
        let text = fs::read_to_string(case.join("case.toml")).unwrap_or_default();
        let table: toml::Table = text.parse().expect("case.toml is TOML");
        let word = |key: &str| table.get(key).and_then(|value| value.as_str());
        Self {
            zone: word("zone").map_or(TimeZone::UTC, |zone| TimeZone::get(zone).expect("the zone exists")),
            mapping: word("mapping").map(|mapping| Mapping::parse(mapping).expect("the mapping can be read")),
            captured_at: word("captured_at")
                .map(|at| Micros(at.parse::<Timestamp>().expect("the time is RFC 3339").as_microsecond())),
        }
    }

    fn read(&self, collector: &dyn Collector, bytes: &[u8]) -> Collected {
        let mut found = Collected::new();
        self.read_from(collector, &mut &*bytes, &mut found);
        found
    }

    fn read_from(&self, collector: &dyn Collector, reader: &mut dyn std::io::BufRead, found: &mut Collected) {
        collector.read(
            Input {
                path: "folder/input.txt",
                reader,
                zone: &self.zone,
                mapping: self.mapping.as_ref(),
                captured_at: self.captured_at,
            },
            found,
        );
    }
}

fn collector_of(name: &str) -> &'static dyn Collector {
    *COLLECTORS.iter().find(|collector| collector.name() == name).expect("the format exists")
}

/// Format and folder of every case, in order.
fn cases() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/collect");
    let mut cases = Vec::new();
    for format in folders(&root) {
        let name = format.file_name().expect("a folder has a name").to_string_lossy().replace('_', "-");
        cases.extend(folders(&format).into_iter().map(|case| (name.clone(), case)));
    }
    cases
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("the fixtures are there");
    let mut folders: Vec<_> =
        entries.map(|entry| entry.expect("the folder can be read").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn input_of(case: &Path) -> PathBuf {
    let entries = fs::read_dir(case).expect("the case is there");
    entries
        .map(|entry| entry.expect("the case can be read").path())
        .find(|path| path.file_stem().is_some_and(|stem| stem == "input"))
        .unwrap_or_else(|| panic!("{} has no input", case.display()))
}

/// The input of a case as a collector gets it: in UTF-8, whatever it is written in.
fn input_bytes(case: &Path) -> Vec<u8> {
    let bytes = fs::read(input_of(case)).expect("a case has an input");
    match String::from_utf8(bytes) {
        Ok(text) => text.into_bytes(),
        Err(error) => decode(error.as_bytes()).0.into_bytes(),
    }
}

/// Recognizes and reads a case, and shows what was found.
fn run_case(format: &str, case: &Path) -> String {
    let bytes = input_bytes(case);
    let head =
        Head { path: "input", bytes: &bytes[..bytes.len().min(SAMPLE_BYTES)], whole: bytes.len() <= SAMPLE_BYTES };
    let (collector, why) = recognize(&head).unwrap_or_else(|| panic!("{} is not recognized", case.display()));
    assert_eq!(collector.name(), format, "{}: {why}", case.display());
    let found = Setup::of(case).read(collector, &bytes);
    let mut lines = json!({ "recognized": why }).to_string() + "\n";
    for found in &found.found {
        lines += &shown(found).to_string();
        lines.push('\n');
    }
    lines
}

/// One line a thing found; what is empty is left out.
fn shown(found: &Found) -> Value {
    let mut line = Map::new();
    let mut add = |key: &str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            line.insert(key.to_owned(), value);
        }
    };
    match found {
        Found::Skip(skip) => {
            add("skip", json!(skip.reason.word()));
            add("place", json!(skip.place));
            add("detail", json!(skip.detail));
        }
        Found::Event(event) => {
            add("event", json!(event.kind));
            add("source", json!(event.source_key));
            add("at", json!(event.at.map(time)));
            add("value", json!(event.value));
        }
        Found::Message(message) => {
            add("place", json!(message.place));
            add("source", json!([message.source.key, message.source.name, message.source.medium.word()]));
            add("native_id", json!(message.native_id));
            add("author_id", json!(message.author.id));
            add("author_name", json!(message.author.name));
            let posted =
                message.posted_at.map(|posted| format!("{}{}", if posted.precise { "" } else { "~" }, time(posted.at)));
            add("posted_at", json!(posted));
            add("edited_at", json!(message.edited_at.map(time)));
            add("text", json!(message.text));
            let quotes: Vec<_> = message.quotes.iter().map(|quote| &message.text[quote.range()]).collect();
            add("quotes", json!(quotes));
            add("links", json!(message.links));
            add("thread_id", json!(message.thread_id));
            add("thread_title", json!(message.thread_title));
            add("reply_to", json!(message.reply_to));
            add("forwarded_from", json!(message.forwarded_from));
        }
    }
    Value::Object(line)
}

fn time(at: Micros) -> String {
    Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}
