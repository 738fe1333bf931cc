//! Queries against a small index.

use super::fields::{Entry, Judged};
use super::grammar::parse;
use super::*;
use tantivy::TantivyDocument;

const AT: i64 = 1_625_097_600_000_000; // 2021-07-01
const DAY: i64 = 86_400_000_000;

fn entry(row: u64, text: &str) -> Entry {
    Entry {
        row,
        message_id: format!("m{row}"),
        text: text.into(),
        source_id: "s1".into(),
        source_name: "Good Neighbor".into(),
        medium: "forum".into(),
        lang: "en".into(),
        posted_at: Some(AT + row as i64 * DAY),
        ..Entry::default()
    }
}

fn corpus() -> Vec<Entry> {
    let mut all = vec![
        entry(1, "Selling fullz, escrow accepted"),
        entry(2, "Сделка через гаранта, 5%"),
        entry(3, "Работаю через гapaнта, гaрант наш"),
        entry(4, "可走担保交易，价格面议"),
        entry(5, "scam escrow service, do not trust this escrow"),
        entry(6, "the service of our escrow in btc"),
        entry(7, "ЕSCRОW welcome at https://t.me/dark_shop"),
        entry(8, "에스크로 가능합니다"),
        entry(9, "cop a deal"),
        entry(10, "сор в избе"),
    ];
    all[1].lang = "ru".into();
    all[1].verdict = Judged { escrow: true, score: 0.97, fee: Some((5.0, 5.0)), ..Judged::default() };
    all[3].lang = "zh".into();
    all[3].medium = "telegram-channel".into();
    all[3].source_id = "s2".into();
    all[3].source_name = "担保群".into();
    all[4].verdict = Judged { scam: true, deal: true, kind: Some("access".into()), ..Judged::default() };
    all[5].verdict =
        Judged { price: Some(1500.0), kind: Some("database".into()), fee: Some((3.0, 15.0)), ..Judged::default() };
    all[5].author_name = Some("Vendor_99".into());
    all[6].posted_at = None;
    all[6].thread_title = Some("Selling access, cheap".into());
    all[6].thread_id = Some("t/42".into());
    all
}

/// The tables of these tests.
struct Memory(Vec<Entry>);

impl Rows for Memory {
    fn fetch(&self, rows: &[u64]) -> Result<Vec<Entry>> {
        let find = |row: &u64| self.0.iter().find(|entry| entry.row == *row).expect("each row is there").clone();
        Ok(rows.iter().map(find).collect())
    }
}

fn searcher(entries: &[Entry]) -> (Searcher, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let index = SearchIndex::open(dir.path()).expect("opens");
    let mut writer = index.tantivy().writer_with_num_threads::<TantivyDocument>(1, 20 << 20).expect("a writer");
    for (i, entry) in entries.iter().enumerate() {
        writer.add_document(index.fields().document(entry)).expect("added");
        if i % 4 == 3 {
            // Several segments, so that merging what they found is tried.
            writer.commit().expect("committed");
        }
    }
    writer.commit().expect("committed");
    writer.wait_merging_threads().expect("merged");
    let names = [("s1", "Good Neighbor"), ("s2", "担保群")].map(|(id, name)| (id.to_owned(), name.to_owned()));
    (index.searcher(&names.into(), Box::new(Memory(entries.to_vec()))).expect("opens"), dir)
}

fn request(query: &Query) -> Request<'_> {
    Request { query, sort: Sort::Newest, limit: 100, after: None, snippet: 80 }
}

fn page(searcher: &Searcher, query: &str) -> Page {
    let query = parse(query).unwrap_or_else(|e| panic!("{query}: {e}"));
    searcher.search(&request(&query)).expect("the index answers").unwrap_or_else(|e| panic!("{query:?}: {e}"))
}

fn found(searcher: &Searcher, query: &str) -> Vec<u64> {
    let mut rows: Vec<u64> =
        page(searcher, query).hits.iter().map(|hit| hit.message_id[1..].parse().expect("a number")).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn every_kind_of_query_finds_what_it_says() {
    let (searcher, _dir) = searcher(&corpus());
    let all: Vec<u64> = (1..=10).collect();
    let cases: &[(&str, &[u64])] = &[
        ("", &all),
        ("escrow", &[1, 5, 6, 7]),
        ("ESCROW", &[1, 5, 6, 7]),
        ("escrow service", &[5, 6]),
        ("escrow AND service", &[5, 6]),
        ("\"escrow service\"", &[5]),
        ("\"escrow service\"~2", &[5]),
        ("\"service escrow\"~2", &[5, 6]),
        ("escrow -scam", &[1, 6, 7]),
        ("escrow NOT (scam OR btc)", &[1, 7]),
        ("fullz OR btc", &[1, 6]),
        ("fullz | btc", &[1, 6]),
        ("(fullz OR service) escrow", &[1, 5, 6]),
        ("fullz OR service btc", &[1, 6]),
        ("esc*", &[1, 5, 6, 7]),
        ("escow~1", &[1, 5, 6, 7]),
        ("ecsrow~1", &[1, 5, 6, 7]),
        ("гаранта", &[2, 3]),
        ("гарант", &[3]),
        ("гарант*", &[2, 3]),
        // Latin letters in the query, too.
        ("гapaнтa", &[2, 3]),
        ("担保", &[4]),
        ("保交", &[4]),
        ("担保交易", &[4]),
        ("保", &[4]),
        ("担交", &[]),
        ("에스크로", &[8]),
        ("크로", &[8]),
        ("сор", &[9, 10]),
        ("cop", &[9, 10]),
        ("t.me/dark_shop", &[7]),
        ("https://t.me/dark_shop", &[7]),
        ("t.me/dark_sh*", &[7]),
        ("-escrow -гаранта", &[4, 8, 9, 10]),
        ("scam OR -escrow", &[2, 3, 4, 5, 8, 9, 10]),
        ("source:neighbor scam", &[5]),
        ("source:\"good neighbor\" scam", &[5]),
        ("source:\"neighbor good\"", &[]),
        ("source:neighb* scam", &[5]),
        ("source:neighbour~1 scam", &[5]),
        ("source:\"neighbor good\"~2 scam", &[5]),
        ("source:nobody", &[]),
        ("source:s2", &[4]),
        ("source:担保", &[4]),
        ("medium:telegram-channel", &[4]),
        ("lang:(ru OR zh)", &[2, 4]),
        ("lang:RU", &[2]),
        ("-lang:en", &[2, 4]),
        ("kind:access", &[5]),
        ("author:vendor_99", &[6]),
        ("author:vendor", &[6]),
        ("thread:access", &[7]),
        ("thread:\"t/42\"", &[7]),
        ("escrow:true", &[2]),
        ("scam:yes", &[5]),
        ("deal:false fullz", &[1]),
        ("score:>0.9", &[2]),
        ("score:>=0.97", &[2]),
        ("score:>0.97", &[]),
        ("price:>1000", &[6]),
        ("price:1000..1500", &[6]),
        ("price:<1500", &[]),
        ("price:*", &[6]),
        ("fee:3..4", &[6]),
        ("fee:5", &[2, 6]),
        ("fee:>10%", &[6]),
        ("date:2021-07-03..2021-07-04", &[2, 3]),
        ("date:>2021-07-10", &[10]),
        ("date:2021-07", &[1, 2, 3, 4, 5, 6, 8, 9, 10]),
        ("-date:*", &[7]),
        ("date:..2021-07-02", &[1]),
        ("id:m3", &[3]),
        ("-id:m3 гаранта", &[2]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&searcher, query), *expected, "{query}");
    }
}

#[test]
fn filters_do_not_change_the_order() {
    let mut entries: Vec<Entry> = (1..=60)
        .map(|n| entry(n, &format!("escrow {} {}", "btc ".repeat(n as usize % 7), "x ".repeat(n as usize % 11))))
        .collect();
    for entry in &mut entries {
        entry.lang = if entry.row % 5 == 0 { "en" } else { "ru" }.into();
        entry.verdict.price = (entry.row % 3 == 0).then_some(10.0 + entry.row as f64);
    }
    let (searcher, _dir) = searcher(&entries);
    let order = |query: &str| -> Vec<(String, u32)> {
        let query = parse(query).expect("a query");
        let request = Request { sort: Sort::Best, ..request(&query) };
        let page = searcher.search(&request).expect("answers").expect("fits");
        page.hits.into_iter().map(|hit| (hit.message_id, hit.score.to_bits())).collect()
    };
    let everything = order("escrow btc");
    assert!(everything.len() > 40 && everything[0].1 != everything[30].1);
    for filter in ["lang:ru", "-lang:en", "price:>=10", "date:2021", "source:neighbor", "lang:(ru OR en) price:*"] {
        let narrowed = order(&format!("escrow btc {filter}"));
        assert!(!narrowed.is_empty(), "{filter}");
        let kept: Vec<_> = everything.iter().filter(|hit| narrowed.contains(hit)).cloned().collect();
        assert_eq!(narrowed, kept, "{filter}");
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let mut entries: Vec<Entry> =
        (1..=101).map(|n| entry(n, &format!("escrow {}", "btc ".repeat(n as usize % 3)))).collect();
    for entry in &mut entries {
        // Many at the same time, some at none.
        entry.posted_at = (entry.row % 10 != 0).then_some(AT + (entry.row as i64 % 4) * DAY);
    }
    let (searcher, _dir) = searcher(&entries);
    let query = parse("escrow btc").expect("a query");
    for sort in [Sort::Best, Sort::Newest] {
        let whole = searcher.search(&Request { sort, limit: 1000, ..request(&query) }).expect("answers").expect("fits");
        let whole: Vec<String> = whole.hits.into_iter().map(|hit| hit.message_id).collect();
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let request = Request { sort, limit: 7, after, ..request(&query) };
            let page = searcher.search(&request).expect("answers").expect("fits");
            assert_eq!(page.total as usize, whole.len());
            paged.extend(page.hits.into_iter().map(|hit| hit.message_id));
            let Some(next) = page.next else { break };
            after = Some(Cursor::parse(&next.to_string()).expect("what was written reads back"));
            assert_eq!(after, Some(next));
        }
        assert_eq!(paged, whole, "{sort:?}");
    }
    let wrong = [
        "",
        "x",
        "b",
        "n",
        "b1.2",
        "b1.2.3.4",
        "n1.2.3",
        "b7fc00000.0.0",
        "bffffffffff.0.0",
        "b1..3",
        "b+1.2.3",
        "n-1.2",
        "1.2",
    ];
    for wrong in wrong {
        assert_eq!(Cursor::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn counts_by_kind_and_time_cover_everything_found() {
    let (searcher, _dir) = searcher(&corpus());
    let page = page(&searcher, "escrow OR 担保");
    assert_eq!((page.total, page.undated), (5, 1));
    let facet = |field: &str| -> Vec<(String, u64)> {
        let facet = page.facets.iter().find(|facet| facet.field == field).expect("a facet");
        facet.values.iter().map(|value| (value.name.clone(), value.count)).collect()
    };
    assert_eq!(facet("source"), [("Good Neighbor".to_owned(), 4), ("担保群".to_owned(), 1)]);
    assert_eq!(facet("lang"), [("en".to_owned(), 4), ("zh".to_owned(), 1)]);
    assert_eq!(facet("kind"), [("access".to_owned(), 1), ("database".to_owned(), 1)]);
    assert_eq!(page.histogram.bars.iter().map(|bar| bar.count).sum::<u64>(), 4);
    assert_eq!(page.histogram.bars[0].period, "2021-07-02");
}

#[test]
fn hostile_queries_end_in_an_answer_or_an_error() {
    let (searcher, _dir) = searcher(&corpus());
    let long = "a".repeat(100_000);
    let words = "word ".repeat(3_000);
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    let nots = "-".repeat(10_000);
    let quoted = format!("\"{}\"", "a b ".repeat(500));
    let near = format!("\"{}\"~100", "escrow ".repeat(60));
    let fuzzy = format!("{}~2", "я".repeat(4_000));
    let cjk = "担".repeat(5_000);
    let colons = ":".repeat(200);
    let hostile = [
        &long,
        &words,
        &deep,
        &nots,
        &quoted,
        &near,
        &fuzzy,
        &cjk,
        &colons,
        "\u{202e}\u{0}",
        "*",
        "a*b*c",
        "~",
        "\"~",
        "\"a\"~",
        "\"a\"~99999999999",
        "a~9",
        "price:1e999",
        "price:nan",
        "date:9999-12",
        "date:0000..9999",
        "id:",
        "OR",
        "AND",
        "NOT",
        "a OR",
        "( OR )",
        "()",
        ")",
        "(",
        "-",
        "--a",
        "source:()",
        "source:(a",
        "lang:(-ru)",
        "\"",
        "«a",
        "🏴‍☠️",
        "a:b:c",
        "price:>",
        "price:..",
        "price:5..1",
        "fee:-5",
    ];
    for query in hostile {
        let Ok(query) = parse(query) else { continue };
        if let Ok(page) = searcher.search(&request(&query)).expect("the index answers") {
            assert!(page.total <= 10);
        }
    }
}
