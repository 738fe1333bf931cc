//! How long searching takes: `search_speed DATA_DIR [ROUNDS]` brings the index up to date, then asks some fifty queries
//! again and again and prints the median and the slowest of a hundred.

#![allow(clippy::disallowed_macros, reason = "an example measures and prints")]

use std::path::Path;
use std::time::Instant;

use noctule_store::Store;
use noctule_store::search::{Request, Sort, grammar};

const QUERIES: &[&str] = &[
    "",
    "escrow",
    "гарант",
    "担保",
    "escrow btc",
    "\"escrow service\"",
    "гарант* OR escrow*",
    "selling access -scam",
    "esc*",
    "garant~1",
    "\"escrow btc\"~5",
    "account lang:en",
    "escrow:true score:>0.9",
    "price:>1000",
    "fee:3..15",
    "date:2021-07..2021-12 escrow",
    "medium:forum",
    "kind:database price:100..500",
    "lang:(ru OR zh) escrow:true",
    "the",
    "a OR the OR and",
    "zzzzunknown",
    "id:abcdefgh234567ij",
    "scam:true -escrow:true",
    "exploit~2",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(dir) = arguments.first() else {
        eprintln!("usage: search_speed DATA_DIR [ROUNDS]");
        return;
    };
    let rounds: usize = arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(8);
    let store = Store::at(Path::new(dir));
    let start = Instant::now();
    let (searcher, update) = store.searcher(&mut |_| {}).expect("the index opens");
    let secs = start.elapsed().as_secs_f64();
    eprintln!("opened in {secs:.2} s, {} messages added, {} in all", update.added, searcher.messages());
    let mut times = Vec::new();
    let mut slowest = (0.0, "");
    for round in 0..rounds {
        for text in QUERIES {
            let query = grammar::parse(text).expect("a query");
            let sort = if round % 2 == 0 { Sort::Best } else { Sort::Newest };
            let start = Instant::now();
            let page = searcher.search(&Request { query: &query, sort, limit: 20, after: None, snippet: 240 });
            let millis = start.elapsed().as_secs_f64() * 1000.0;
            if let Err(e) = page.expect("the index answers") {
                eprintln!("{text}: {e}");
            }
            times.push(millis);
            if millis > slowest.0 {
                slowest = (millis, text);
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!(
        "{} queries: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms; slowest {:.1} ms: {}",
        times.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        slowest.0,
        slowest.1
    );
}
