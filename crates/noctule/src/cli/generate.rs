//! `noctule generate`: the reference pages, made from the lists that the program itself works with.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use noctule_core::collect::COLLECTORS;
use noctule_core::detect::DETECTORS;
use noctule_core::lexicon::{GOODS, Lexicons};
use noctule_core::model::Reason;
use noctule_core::reference::markdown;
use noctule_store::analyze::ANALYSES;
use noctule_store::search::grammar;
use noctule_store::sql::{FUNCTIONS, VIEWS};
use noctule_store::tables::TABLES;

use super::{Cli, Globals};
use crate::input::Kind;
use crate::say;

/// Write the reference pages
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule generate reference --out docs/reference
  noctule generate reference --out docs/reference --check     exit status 65 when a page is out of date")]
pub struct Args {
    #[arg(value_parser = ["reference"])]
    what: String,
    /// Folder of the pages
    #[arg(long, value_name = "DIR", default_value = "docs/reference")]
    out: PathBuf,
    /// Compare instead of writing
    #[arg(long)]
    check: bool,
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    debug_assert_eq!(args.what, "reference");
    let pages = [
        ("commands.md", commands()),
        ("formats.md", formats()),
        ("detectors.md", detectors()),
        ("analyses.md", analyses()),
        ("search.md", search()),
        ("tables.md", tables()),
        ("lexicons.md", lexicons()),
    ];
    let mut stale = Vec::new();
    for (name, text) in pages {
        let path = args.out.join(name);
        if args.check {
            if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                stale.push(path.display().to_string());
            }
        } else {
            fs::create_dir_all(&args.out).with_context(|| format!("cannot create \"{}\"", args.out.display()))?;
            fs::write(&path, text).with_context(|| format!("cannot write \"{}\"", path.display()))?;
            say::note(globals.quiet, &format!("wrote {}", path.display()));
        }
    }
    if !stale.is_empty() {
        bail!("out of date: {}\nhint: run `noctule generate reference` and commit the pages", stale.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

const MADE: &str = "<!-- Made by `noctule generate reference`. Do not edit. -->\n\n";

fn commands() -> String {
    let mut text = format!("{MADE}# Commands\n");
    let mut cli = Cli::command().term_width(100);
    cli.build();
    for command in cli.get_subcommands_mut() {
        if command.get_name() != "help" && !command.is_hide_set() {
            let help = command.render_long_help().to_string();
            let help: Vec<&str> = help.lines().map(str::trim_end).collect();
            let _ =
                write!(text, "\n## noctule {}\n\n```text\n{}\n```\n", command.get_name(), help.join("\n").trim_end());
        }
    }
    text
}

fn formats() -> String {
    let mut text = format!(
        "{MADE}# Formats\n\nRecognized by content; `noctule inspect PATH` says what a file is taken for, and why.\n\n"
    );
    for collector in COLLECTORS {
        let name = collector.name();
        let _ = writeln!(text, "- [**{name}**](#{name}): {}", collector.about());
    }
    text.push_str(CONTAINERS);
    for kind in Kind::ALL {
        let _ = writeln!(text, "- **{}**: {}", kind.word(), kind.about());
    }
    text.push_str(CONTAINERS_LIMITS);
    text.push_str(
        "\nTables in Parquet and Arrow IPC (files and streams) are turned into JSON Lines by a guarded child process and \
         read as those.\n",
    );
    text.push_str("\n## Reasons of skips\n\nAs in the `reason` column of the `skips` view:\n\n");
    for reason in Reason::ALL {
        let _ = writeln!(text, "- `{}`", reason.word());
    }
    text.push_str("\n## Each format\n");
    for collector in COLLECTORS {
        section(&mut text, collector.name(), collector.about(), collector.reference());
    }
    text
}

/// One entry with what its own file says of it.
fn section(text: &mut String, name: &str, about: &str, head: &str) {
    let _ = write!(text, "\n### {name}\n\n{}.\n\n{}\n", capitalized(about), markdown(head, 3));
}

fn detectors() -> String {
    let mut text = format!(
        "{MADE}# Detectors\n\nEach finds one thing in a message and writes its part of the verdict; `noctule eval` says how often \
         it is right.\n"
    );
    for detector in DETECTORS {
        let _ = write!(text, "\n## {}\n\n{}.\n\n", detector.name(), capitalized(detector.about()));
        let _ = writeln!(text, "{}", markdown(detector.reference(), 2));
    }
    text
}

const CONTAINERS: &str = "\
\n## Containers\n\nRecognized by content, too; each member is read like a file of its own, in place, and nothing is unpacked \
to a path. Around each format and each container: gzip, zstd and xz, at most two inside each other.\n\n";

const CONTAINERS_LIMITS: &str = "
Of a page saved as complete (`page.html` beside `page_files`, in 22 languages) the page is read; the files of the folder are
counted and passed over. So are pictures, films, sounds, fonts, styles and scripts everywhere: they are never stored.

Relative dates of a page (\"yesterday, 10:15\") count from its capture: the date of the WARC record or MHTML file, else when
the file was last changed, in an archive too, else now. The page's own clock or saver's note is better than all of these.

Limits, each a skip with a reason when passed: 100,000 members a file; three containers inside each other; one stream at most
100 times what went in (48 MiB are free), all members together 100 times the file (256 MB are free); a zip or 7z inside another
container 1 GiB; 7z 512 MiB of memory and a minute of processor time, and a second more for each megabyte.
";

fn analyses() -> String {
    let mut text = format!(
        "{MADE}# Analyses\n\nEach is an entry of `answers` in `study.json`, a file `answers/NAME.csv`, and a part of the report.\n\n"
    );
    for analysis in ANALYSES {
        let name = analysis.name();
        let _ = writeln!(text, "- [**{name}**](#{name}): {}", analysis.about());
    }
    text.push_str("\n## Each analysis\n");
    for analysis in ANALYSES {
        section(&mut text, analysis.name(), analysis.about(), analysis.reference());
    }
    text
}

fn search() -> String {
    let mut text = format!(
        "{MADE}# The language of searching\n\nOf `noctule search QUERY`, and of everything else that searches.\n\n"
    );
    let _ = writeln!(text, "{}", markdown(grammar::REFERENCE, 1));
    text
}

fn tables() -> String {
    let mut text = format!("{MADE}# Views and tables\n\n## Views\n\nWhat `noctule sql` sees.\n");
    for view in VIEWS {
        let _ = write!(text, "\n### {}\n\n{}.\n\n`{}`\n", view.name, capitalized(view.about), view.columns.join(", "));
    }
    text.push_str("\n## Functions\n\nThe detectors, over any text, with the built-in words:\n\n");
    for function in FUNCTIONS {
        let _ = writeln!(text, "- `{}(text)`: {}", function.name, function.about);
    }
    text.push_str("\n## Stored tables\n\nDelta Lake tables in `tables/`, for DuckDB, Polars, Spark and others. Rows that a later edit has replaced are named in `revisions`.\n");
    for table in TABLES {
        let columns: Vec<&str> = table.columns.iter().map(|c| c.name).collect();
        let _ = write!(text, "\n### {}\n\n{}\n\n`{}`\n", table.name, table.about, columns.join(", "));
    }
    text
}

fn lexicons() -> String {
    let lexicons = Lexicons::builtin();
    let mut text = format!("{MADE}# Lexicons\n\n{OWN_WORDS}\n## Kinds of goods\n\n`{}`\n", GOODS.join("`, `"));
    text.push_str("\n## Built-in files\n\n| file | language | entries | rests on |\n|---|---|---|---|\n");
    for (head, (_, source)) in lexicons.heads().iter().zip(lexicons.files()) {
        let lang = if head.lang == "und" { "several" } else { &head.lang };
        let rests = head.evidence.as_deref().unwrap_or("measured on labelled real messages");
        let entries = source.matches("[[entry]]").count();
        let _ = writeln!(text, "| `{}` | {lang} | {entries} | {rests} |", head.file);
    }
    text
}

const OWN_WORDS: &str = "\
The words that the detectors look for. Your own go into `DATA_DIR/lexicon/` or a folder named with `--lexicon DIR`; they
are added to the built-in ones, and everything stored is judged anew. A file:

```toml
topic = \"escrow\"                # escrow, deal or scam
lang = \"xx\"

[[entry]]
id = \"zorbak\"                   # names the rule in every explanation
cue = \"term\"                    # what the words do: term, support, forbid, refuse, ask, report, offer, seek, goods, …
strength = \"context\"            # terms only: sure, context (one support near it) or weak (two)
forms = [\"zorbak(|s)\", \"zor~\"] # (a|b) is one of; ~ at an end lets the word go on there
why = \"a guarantee group that appeared in May\"
```

Refused, each with file, entry, problem and hint: a broken form or a regular expression, a stop word or single letter as a
term, a form that is there already.
";

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
