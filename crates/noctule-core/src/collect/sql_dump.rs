//! SQL dumps of forum databases.
//!
//! # What it reads
//! Dumps of mysqldump, phpMyAdmin, pg_dump and their like (`INSERT INTO … VALUES` of one or many rows, `COPY … FROM
//! stdin`) of MyBB, XenForo, phpBB, vBulletin, SMF, Invision and CrimeBB: post, author, time, edit, thread, text.
//!
//! # How
//! Statement by statement, row by row, in constant memory. Tables are known by their sets of columns, with any prefix;
//! an `INSERT` without columns takes those of its `CREATE TABLE`. Of a row only the columns that a message needs are
//! decoded: passwords, salts, addresses of mail and network are passed over byte by byte and never copied. BBCode and
//! HTML become text, quotes stay out of the author's words.
//!
//! Threads' titles and names of members are joined where their tables stand before the posts. Most dumps have the
//! posts first: then up to 50,000 posts or 16 MiB of text wait for them. Of a larger dump the posts keep what their
//! own rows say (a subject, most engines also the name), and a skip says so.
//!
//! # Where it is wrong
//! - phpBB keeps no name with the posts of members: in a large dump its authors are ids only. CrimeBB likewise.
//! - Titles and names beyond 200,000 each are not joined.
//! - The source is the file; a dump does not know its forum's address. Two forums in one dump are one source.
//! - Deleted and unapproved posts are left out without a word; private messages are other tables and never read.
//! - Tables that were altered so far that a known column is missing are not found.

mod engines;
mod scan;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use self::engines::{Markup, Role, SLOTS, Slot, Table};
use self::scan::{Dialect, Scanner, Statement};
use super::bbcode::from_bbcode;
use super::dates::{self, DayOrder};
use super::fragment::{from_html, unescape};
use super::json::{Fault, MAX_ELEMENT, Window};
use super::out::{Out, Waiting};
use super::{Collector, Head, Input, SAMPLE_BYTES, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct SqlDump;

impl Collector for SqlDump {
    fn name(&self) -> &'static str {
        "sql-dump"
    }

    fn about(&self) -> &'static str {
        "SQL dumps of MyBB, XenForo, phpBB, vBulletin, SMF, Invision and CrimeBB databases"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let bytes = super::without_mark(head.bytes);
        const MARKS: [(&str, &str); 6] = [
            ("-- MySQL dump", "a MySQL dump"),
            ("-- MariaDB dump", "a MariaDB dump"),
            ("-- phpMyAdmin SQL Dump", "a dump of phpMyAdmin"),
            ("-- PostgreSQL database dump", "a PostgreSQL dump"),
            ("-- Adminer", "a dump of Adminer"),
            ("-- Navicat", "a dump of Navicat"),
        ];
        let start = &bytes[..bytes.len().min(2048)];
        for (mark, said) in MARKS {
            if memchr::memmem::find(start, mark.as_bytes()).is_some() {
                return Some(said.into());
            }
        }
        let mut scanner = Scanner::new(bytes, head.whole);
        for _ in 0..20 {
            scanner.blank().ok()?;
            match scanner.statement().ok()? {
                Statement::Insert { table, .. } => return Some(format!("SQL: rows of the table {table}")),
                Statement::Copy { table, .. } => return Some(format!("SQL: a COPY block of the table {table}")),
                Statement::Create { table, .. } => return Some(format!("SQL: the table {table}")),
                Statement::Other => {
                    let word = bytes[scanner.at..].split(|byte| !byte.is_ascii_alphabetic()).next()?;
                    const WORDS: [&str; 10] =
                        ["SET", "DROP", "LOCK", "USE", "BEGIN", "START", "PRAGMA", "UNLOCK", "ALTER", "SELECT"];
                    if !WORDS.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes())) {
                        return None;
                    }
                    if !scanner.pass(&mut None, Dialect { backslash: true }) {
                        return None;
                    }
                }
            }
        }
        None
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let mut window = Window::new(input.reader);
        let head = window.peek(SAMPLE_BYTES);
        let foreign =
            [&b"PostgreSQL database dump"[..], b"PRAGMA foreign_keys", b"SQLite", b"standard_conforming_strings"];
        let backslash = !foreign.iter().any(|mark| memchr::memmem::find(head, mark).is_some());
        let stem = file_stem(input.path).to_owned();
        let mut reader = Reader {
            window,
            out: Out::new(sink),
            zone: input.zone,
            dialect: Dialect { backslash },
            source: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Forum, url: None }),
            schemas: HashMap::new(),
            titles: Names::default(),
            users: Names::default(),
            waiting: Some(Waiting::default()),
            posts: 0,
        };
        if reader.run().is_continue() {
            let _ = reader.release();
        }
        reader.out.finish("no table of posts that is known; tables are known by their columns");
    }
}

/// Tables whose columns are remembered.
const MAX_TABLES: usize = 2000;

struct Reader<'s, 'r> {
    window: Window<'r>,
    out: Out<'s>,
    zone: &'s TimeZone,
    dialect: Dialect,
    source: Arc<Source>,
    /// The columns of `CREATE TABLE`, for an `INSERT` that names none.
    schemas: HashMap<String, Vec<String>>,
    titles: Names,
    users: Names,
    /// `None` once too many posts waited.
    waiting: Option<Waiting>,
    /// Rows of posts so far.
    posts: u64,
}

type Row<'a> = [Option<Cow<'a, str>>; SLOTS];

impl Reader<'_, '_> {
    /// Breaks when the sink had enough.
    fn run(&mut self) -> ControlFlow<()> {
        loop {
            // Comments between statements; one that is longer than the window is passed over line by line.
            match self.window.take_bytes(|bytes, last| {
                let mut scanner = Scanner::new(bytes, last);
                scanner.blank()?;
                Ok(((), scanner.at))
            }) {
                Ok(()) => {}
                Err(Fault::TooLarge) => {
                    self.window.seek(b'\n', 1, |_| true);
                    self.window.consume(1);
                    continue;
                }
                Err(_) => {
                    if let Some(error) = &self.window.error {
                        let detail = format!("reading stopped: {error}");
                        self.out.skip(self.place(), Reason::Unreadable, detail);
                    }
                    return ControlFlow::Continue(());
                }
            }
            let statement = self.window.take_bytes(|bytes, last| {
                let mut scanner = Scanner::new(bytes, last);
                let statement = scanner.statement()?;
                Ok((statement, scanner.at))
            });
            match statement {
                Ok(Statement::Create { table, columns }) => {
                    if self.schemas.len() < MAX_TABLES {
                        self.schemas.insert(table, columns);
                    }
                    self.pass();
                }
                Ok(Statement::Insert { table, columns }) => {
                    let known = columns.as_ref().or_else(|| self.schemas.get(&table));
                    match known.and_then(|columns| engines::find(columns)) {
                        Some((table, slots)) => self.rows(table, &slots, false)?,
                        None => self.pass(),
                    }
                }
                Ok(Statement::Copy { columns, .. }) => match engines::find(&columns) {
                    Some((table, slots)) => self.rows(table, &slots, true)?,
                    None => {
                        // A block that nobody reads ends with a line of its own.
                        if self.window.peek(2) != b"\\." {
                            self.window.seek(b'\n', 3, |bytes| bytes == b"\n\\.");
                            self.window.consume(1);
                        }
                        self.window.consume(2);
                    }
                },
                Ok(Statement::Other) | Err(Fault::TooLarge) => self.pass(),
                Err(_) => {
                    if !self.window.rest().is_empty() {
                        self.truncated();
                    }
                    return ControlFlow::Continue(());
                }
            }
        }
    }

    /// Passes over the rest of a statement of any size.
    fn pass(&mut self) {
        let mut quoted = None;
        loop {
            let (rest, last) = (self.window.rest(), self.window.ended());
            let mut scanner = Scanner::new(rest, last);
            let ended = scanner.pass(&mut quoted, self.dialect);
            let length = scanner.at;
            self.window.consume(length);
            if ended || !self.window.more() {
                return;
            }
        }
    }

    fn rows(&mut self, table: &Table, slots: &[Option<u8>], copy: bool) -> ControlFlow<()> {
        let mut first = true;
        loop {
            // The row is handled inside the closure because its values borrow from the window.
            let Self { window, dialect, zone, source, titles, users, posts, out, .. } = self;
            let mut found: Option<(RawMessage, bool)> = None;
            let result = window.take_bytes(|bytes, last| {
                let mut scanner = Scanner::new(bytes, last);
                let mut row: Row<'_> = Default::default();
                let more = if copy {
                    scanner.copy_row(slots, &mut row)?
                } else if scanner.between_rows(first)? {
                    scanner.row(slots, &mut row, *dialect)?;
                    true
                } else {
                    false
                };
                if more {
                    match table.role {
                        Role::Threads => titles.learn(&row, Slot::Subject),
                        Role::Users => users.learn(&row, Slot::AuthorName),
                        Role::Posts => {
                            *posts += 1;
                            found = message(&row, table, source, *posts, zone);
                        }
                    }
                }
                Ok((more, scanner.at))
            });
            match result {
                Ok(true) => {
                    first = false;
                    let Some((message, dated)) = found else {
                        continue;
                    };
                    if !dated {
                        out.bad_date(format!("post {}", self.posts));
                    }
                    self.post(message)?;
                }
                Ok(false) => {
                    if !copy {
                        self.pass();
                    }
                    return ControlFlow::Continue(());
                }
                Err(Fault::Incomplete) => {
                    self.truncated();
                    self.window.consume(usize::MAX >> 1);
                    return ControlFlow::Continue(());
                }
                Err(fault) => {
                    self.broken(fault, table, copy);
                    if !copy {
                        return ControlFlow::Continue(());
                    }
                }
            }
        }
    }

    /// Hands on a post, or keeps it while titles and names may follow.
    fn post(&mut self, message: RawMessage) -> ControlFlow<()> {
        match &mut self.waiting {
            Some(waiting) => {
                waiting.push(message);
                if !waiting.full() {
                    return ControlFlow::Continue(());
                }
                let detail = "more posts than can wait: titles and names that follow them in the file are not joined";
                self.out.skip(format!("post {}", self.posts), Reason::TooLarge, detail);
                self.release()
            }
            None => {
                let message = self.joined(message);
                self.out.message(message)
            }
        }
    }

    fn release(&mut self) -> ControlFlow<()> {
        let waiting = self.waiting.take().map(|mut waiting| waiting.take()).unwrap_or_default();
        for message in waiting {
            let message = self.joined(message);
            self.out.message(message)?;
        }
        ControlFlow::Continue(())
    }

    fn joined(&self, mut message: RawMessage) -> RawMessage {
        if let Some(title) = message.thread_id.as_deref().and_then(|id| self.titles.get(id)) {
            message.thread_title = Some(title.to_owned());
        }
        if message.author.name.is_none() {
            message.author.name = message.author.id.as_deref().and_then(|id| self.users.get(id)).map(str::to_owned);
        }
        message
    }

    /// Says what is wrong with a row and goes on: with the next line of a COPY block, else with the next statement
    /// that starts a line.
    fn broken(&mut self, fault: Fault, table: &Table, copy: bool) {
        let (reason, detail) = match fault {
            Fault::Malformed(what) => (Reason::Malformed, format!("{what}, in a table of {}", table.engine)),
            _ => (Reason::TooLarge, format!("a row may have {MAX_ELEMENT} bytes, its text 1 MiB")),
        };
        self.out.skip(format!("after {}", self.place()), reason, detail);
        if copy {
            self.window.seek(b'\n', 1, |_| true);
            self.window.consume(1);
            return;
        }
        const STARTS: [&[u8]; 6] = [b"\nINSERT ", b"\nCOPY ", b"\nCREATE ", b"\nDROP ", b"\n-- ", b"\nUNLOCK "];
        self.window.seek(b'\n', 16, |bytes| STARTS.iter().any(|start| bytes.starts_with(start)));
    }

    fn truncated(&mut self) {
        let (reason, detail) = match &self.window.error {
            Some(error) => (Reason::Unreadable, format!("reading stopped: {error}")),
            None => (Reason::Truncated, format!("the file ends at byte {}, within a statement", self.window.length())),
        };
        self.out.skip(format!("after {}", self.place()), reason, detail);
    }

    fn place(&self) -> String {
        format!("post {}", self.posts)
    }
}

/// A post as its row says it, and whether its date could be read; `None` for one that cannot be seen on the forum.
fn message(
    row: &Row<'_>,
    table: &Table,
    source: &Arc<Source>,
    place: u64,
    zone: &TimeZone,
) -> Option<(RawMessage, bool)> {
    let cell = |slot: Slot| row[slot as usize].as_deref().map(str::trim).filter(|cell| !cell.is_empty());
    let number = |slot: Slot| cell(slot).filter(|cell| !matches!(*cell, "0" | "-1"));
    if let Some(state) = cell(Slot::Visible)
        && !table.visible.contains(&state)
    {
        return None;
    }
    let mut message = RawMessage::new(source.clone(), place, String::new());
    let text = row[Slot::Text as usize].as_deref().unwrap_or_default();
    match table.markup {
        Markup::BbCode => from_bbcode(text).put(&mut message),
        Markup::Html => from_html(text).put(&mut message),
        Markup::Plain => message.text = text.to_owned(),
    }
    message.native_id = cell(Slot::Id).map(str::to_owned);
    message.author.id = number(Slot::AuthorId).map(str::to_owned);
    message.author.name = cell(Slot::AuthorName).map(|name| unescape(name).into_owned());
    message.thread_id = cell(Slot::Thread).map(str::to_owned);
    message.thread_title = cell(Slot::Subject).map(|subject| {
        let subject = unescape(subject).into_owned();
        subject.strip_prefix("RE: ").or(subject.strip_prefix("Re: ")).map(str::to_owned).unwrap_or(subject)
    });
    if message.reply_to.is_none() {
        // CrimeBB writes a list; the first is the one.
        let first = number(Slot::ReplyTo).map(|cell| cell.trim_matches(['{', '}']).split(',').next().unwrap_or(cell));
        message.reply_to = first.filter(|post| !matches!(*post, "" | "0" | "-1")).map(str::to_owned);
    }
    let date = |slot| number(slot).and_then(|date| dates::parse(date, zone, DayOrder::DayFirst));
    message.posted_at = date(Slot::Date);
    message.edited_at = date(Slot::Edited).map(|found| found.at).filter(|at| at.secs() > 86_400);
    let dated = message.posted_at.is_some();
    Some((message, dated))
}

/// Most names, and their bytes.
const MAX_NAMES: usize = 200_000;
const MAX_NAME_BYTES: usize = 16 << 20;

/// Titles or names by id.
#[derive(Default)]
struct Names {
    by_id: HashMap<Box<str>, Box<str>>,
    bytes: usize,
}

impl Names {
    fn learn(&mut self, row: &Row<'_>, slot: Slot) {
        let (Some(id), Some(name)) = (&row[Slot::Id as usize], &row[slot as usize]) else {
            return;
        };
        if self.by_id.len() < MAX_NAMES && self.bytes + id.len() + name.len() <= MAX_NAME_BYTES && id.len() <= 64 {
            self.bytes += id.len() + name.len();
            self.by_id.insert((**id).into(), unescape(name).into());
        }
    }

    fn get(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(|name| &**name)
    }
}
