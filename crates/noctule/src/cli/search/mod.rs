//! `noctule search`: find messages by their words, with counts by kind and a histogram over time.
//!
//! The index is brought up to date first: seconds for a new one, nothing when no message came in.

mod rows;
mod table;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;
use noctule_core::reference::markdown;
use noctule_store::analyze::words::counted;
use noctule_store::search::{Cursor, Page, QueryError, Request, Sort, grammar};
use noctule_store::{StoreError, Update};

use super::{Format, Globals, NOTHING};
use crate::progress::Progress;
use crate::report::TermStyle;
use crate::say;

/// Find messages by their words
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule search 'escrow btc -scam'
  noctule search '\"escrow service\" lang:en date:2021-07..2021-12'
  noctule search 'гарант* price:>1000 medium:(forum OR marketplace)' --sort newest
  noctule search 'escrow:true score:>0.9' --format jsonl --limit 1000 > escrow.jsonl
  noctule search --grammar                everything that can be asked

Words side by side must all be there; OR, -, ( ), \"phrases\", esc*, word~1, \"two words\"~5 and fields as above.
Exit status 1 when nothing is found.")]
pub struct Args {
    /// What to find; without it everything
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
    /// The best first, or the newest
    #[arg(long, value_enum, value_name = "ORDER", default_value = "best")]
    sort: Order,
    /// Messages to show
    #[arg(long, value_name = "COUNT", default_value_t = LIMIT, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Go on behind the page before, with what it named, in its order
    #[arg(long, value_name = "CURSOR", value_parser = |text: &str| Cursor::parse(text).ok_or("no cursor of a search"))]
    after: Option<Cursor>,
    /// Explain what can be asked
    #[arg(long)]
    grammar: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    Best,
    Newest,
}

/// Messages on a page, unless asked for otherwise.
const LIMIT: u32 = 10;
/// Characters of a text that are shown in a table.
const SNIPPET: usize = 240;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let mut out = BufWriter::new(std::io::stdout());
    if args.grammar {
        writeln!(out, "{}", markdown(grammar::REFERENCE, 0)).and_then(|()| out.flush())?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = args.query.unwrap_or_default();
    // What is wrong with a query is told before an index is made for it.
    let query = grammar::parse(&text).map_err(StoreError::from).with_context(|| about(&text))?;
    let store = globals.store()?;
    let sort = if args.sort == Order::Best { Sort::Best } else { Sort::Newest };
    let request = Request { query: &query, sort, limit: args.limit as usize, after: args.after, snippet: SNIPPET };
    let ask = || -> Result<std::result::Result<Page, QueryError>, StoreError> {
        let progress = Progress::new(globals.quiet);
        let (searcher, update) = store.searcher(&mut |messages| progress.messages(messages))?;
        progress.finish();
        tell(globals.quiet, update);
        searcher.search(&request)
    };
    let answered = match ask() {
        Err(e) if e.damaged_index() => {
            say::note(globals.quiet, "the index is damaged; it is made again");
            store.remove_index()?;
            ask()
        }
        other => other,
    };
    let page = answered?.map_err(StoreError::from).with_context(|| about(&text))?;
    match globals.format.unwrap_or(Format::Table) {
        Format::Table => table::write(&page, &again(&text, args.limit), &TermStyle::of_stdout(), &mut out)?,
        Format::Json => rows::json(&page, &mut out)?,
        Format::Jsonl => rows::jsonl(&page, &mut out)?,
        Format::Csv => rows::csv(&page, &mut out)?,
    }
    out.flush()?;
    if page.total == 0 {
        say::note(globals.quiet, "nothing found");
        return Ok(ExitCode::from(NOTHING));
    }
    if let Some(next) = page.next.filter(|_| globals.format.is_some_and(|f| f != Format::Table)) {
        say::hint(globals.quiet, &format!("more with --after {next}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The command for another page.
fn again(query: &str, limit: u32) -> String {
    let limit = if limit == LIMIT { String::new() } else { format!(" --limit {limit}") };
    format!("noctule search '{}'{limit}", query.replace('\'', "'\\''"))
}

fn about(query: &str) -> String {
    format!("cannot search for '{query}'")
}

fn tell(quiet: bool, update: Update) {
    if update.busy {
        say::note(quiet, "another process is bringing the index up to date; the newest messages may be missing");
    } else if update.added > 0 {
        let verb = if update.rebuilt { "indexed" } else { "added to the index:" };
        say::note(quiet, &format!("{verb} {}", counted(update.added, "message", "messages")));
    }
}
