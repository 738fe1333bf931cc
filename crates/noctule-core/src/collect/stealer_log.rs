//! Files out of the logs of infostealers: metadata only, to know who is hit.
//!
//! # What it reads
//! Password files (blocks of `URL:`, `Username:`, `Password:` and their spellings) and files about the machine (id,
//! name, country, date). Of a credential: the host, the domain of the login's mail, the software, and the length and
//! kinds of letters of the password.
//!
//! # How
//! Block by block; the place is the line on which a block's password stands. While a line is read the password is
//! measured and forgotten: no letter of it, and none of a login's local part, is copied anywhere. The folder, one a
//! machine, is the thread that joins credentials with their machine. Files of cookies and of cards are recognized by
//! their first lines, and then not read at all: one skip says so. There is no keyed hash of the password, because the
//! key would have to come from outside and the reader has no place for one.
//!
//! # Where it is wrong
//! - A password that spans lines is measured up to its first line break; its other lines are passed over.
//! - The name of the machine's user and its addresses are not read; the name of the machine is.
//! - Autofill files, wallets and screenshots are no format here.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::credentials::{Secret, host_of_url, masked_login};
use super::dates::{self, DayOrder};
use super::lines::{Line, Lines, head_lines};
use super::out::Out;
use super::{Collector, Head, Input, SAMPLE_BYTES, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct StealerLog;

/// What one file of a log is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Passwords,
    Machine,
    Cookies,
    Cards,
}

impl Collector for StealerLog {
    fn name(&self) -> &'static str {
        "stealer-log"
    }

    fn about(&self) -> &'static str {
        "password and system files of infostealer logs, of which only metadata is read"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        Some(match kind(head.bytes, head.whole)? {
            Kind::Passwords => "an infostealer's password file: blocks of URL, login and password".into(),
            Kind::Machine => "an infostealer's file about a machine".into(),
            Kind::Cookies => "cookies, which are never read".into(),
            Kind::Cards => "payment cards, which are never read".into(),
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let folder = input.path.rsplit(['/', '\\']).nth(1).filter(|folder| !folder.is_empty()).map(str::to_owned);
        let mut lines = Lines::new(input.reader);
        let head = lines.peek(SAMPLE_BYTES);
        let kind = kind(head, head.len() < SAMPLE_BYTES);
        let name = folder.clone().unwrap_or(stem);
        let source = Source { key: format!("file:{name}"), name, medium: Medium::Other, url: None };
        let mut reader = Reader { out: Out::new(sink), zone: input.zone, source: Arc::new(source), folder };
        let _ = match kind {
            Some(Kind::Cookies) => {
                reader.out.skip("file", Reason::UnknownElement, "cookies are never read");
                return;
            }
            Some(Kind::Cards) => {
                reader.out.skip("file", Reason::UnknownElement, "payment cards are never read");
                return;
            }
            Some(Kind::Machine) => reader.machine(&mut lines),
            Some(Kind::Passwords) | None => reader.passwords(&mut lines),
        };
        reader.out.finish("no block with a URL, a login and a password");
    }
}

fn kind(bytes: &[u8], whole: bool) -> Option<Kind> {
    let lines = head_lines(bytes, whole, 300);
    let told: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    if told.first()?.starts_with("# Netscape HTTP Cookie File")
        || (told.len() >= 2 && told.iter().take(5).all(|line| cookie(line)))
    {
        return Some(Kind::Cookies);
    }
    let count = |wanted: Key| told.iter().filter(|line| entry(line).is_some_and(|(key, _)| key == wanted)).count();
    let blocks = count(Key::Host).min(count(Key::Login)).min(count(Key::Password));
    if count(Key::Card) >= 1 && count(Key::CardDetail) >= 1 {
        return Some(Kind::Cards);
    }
    if blocks >= 1 {
        return Some(Kind::Passwords);
    }
    let machine = [Key::MachineId, Key::Computer, Key::Country, Key::LogDate, Key::Address, Key::System];
    (machine.into_iter().filter(|key| count(*key) > 0).count() >= 3).then_some(Kind::Machine)
}

/// Seven columns: host, flag, path, flag, time, name, value.
fn cookie(line: &str) -> bool {
    let columns: Vec<_> = line.split('\t').collect();
    let flag = |column: &str| column.eq_ignore_ascii_case("true") || column.eq_ignore_ascii_case("false");
    columns.len() == 7 && flag(columns[1]) && flag(columns[3])
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key {
    Software,
    Host,
    Login,
    Password,
    Card,
    CardDetail,
    MachineId,
    Computer,
    Country,
    LogDate,
    Address,
    System,
}

/// The key and the value of a line `Key: value`.
fn entry(line: &str) -> Option<(Key, &str)> {
    let (key, value) = line.split_once(':')?;
    if key.len() > 40 {
        return None;
    }
    let key = key.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_uppercase();
    let key = match &*key {
        "SOFT" | "SOFTWARE" | "BROWSER" | "APPLICATION" | "STORAGE" => Key::Software,
        "HOST" | "HOSTNAME" | "URL" | "UR1" => Key::Host,
        "USER LOGIN" | "LOGIN" | "USERNAME" | "USER" | "U53RN4M3" => Key::Login,
        "USER PASSWORD" | "PASSWORD" | "PASS" | "P455W0RD" => Key::Password,
        "CARD" | "CARDNUMBER" | "CARD NUMBER" | "CC" | "NUMBER" => Key::Card,
        "HOLDER" | "EXPIRY" | "EXPIRE" | "EXP" | "EXPIRATION" | "CVV" | "CVC" => Key::CardDetail,
        "MACHINEID" | "MACHINE ID" | "HWID" | "HARDWARE ID" | "GUID" => Key::MachineId,
        "COMPUTER" | "COMPUTER NAME" | "COMPUTERNAME" | "PC NAME" | "PC" | "MACHINENAME" | "MACHINE NAME" => {
            Key::Computer
        }
        "COUNTRY" | "GEO" | "LOCATION" => Key::Country,
        "LOG DATE" | "DATE" | "LOCAL TIME" | "LOCAL DATE" | "LOCALTIME" | "TIME" => Key::LogDate,
        "IP" | "IP ADDRESS" => Key::Address,
        "OS" | "OPERATING SYSTEM" | "OPERATIONSYSTEM" | "WINDOWS" | "SYSTEM" => Key::System,
        _ => return None,
    };
    Some((key, value.trim()))
}

struct Reader<'s> {
    out: Out<'s>,
    zone: &'s TimeZone,
    source: Arc<Source>,
    /// The machine's folder.
    folder: Option<String>,
}

/// What may be said of the block that is being read.
#[derive(Default)]
struct Block {
    software: Option<String>,
    host: Option<String>,
    login: Option<String>,
    password: Option<(Secret, u64)>,
}

impl Reader<'_> {
    fn passwords(&mut self, lines: &mut Lines<'_>) -> ControlFlow<()> {
        let mut block = Block::default();
        loop {
            let number = lines.number + 1;
            let line = match lines.next() {
                Some(Line::Text(line)) => line.trim(),
                Some(Line::TooLong) => {
                    self.out.skip(format!("line {number}"), Reason::TooLarge, "a line may have 1 MiB");
                    continue;
                }
                None => break,
            };
            if line.is_empty() || (line.len() >= 4 && line.bytes().all(|byte| matches!(byte, b'=' | b'-' | b'*'))) {
                self.close(&mut block)?;
                continue;
            }
            match entry(line) {
                Some((Key::Software, value)) => {
                    if block.host.is_some() {
                        self.close(&mut block)?;
                    }
                    block.software = Some(value.chars().take(100).collect());
                }
                Some((Key::Host, value)) => {
                    // Blocks without a line between them: the next one starts here.
                    if block.host.is_some() || block.password.is_some() {
                        let software = block.software.clone();
                        self.close(&mut block)?;
                        block.software = software;
                    }
                    block.host = Some(host_of_url(value).unwrap_or_default());
                }
                Some((Key::Login, value)) => block.login = Some(masked_login(value)),
                Some((Key::Password, value)) => block.password = Some((Secret::of(value), number)),
                _ => {}
            }
        }
        self.close(&mut block)?;
        self.error(lines);
        ControlFlow::Continue(())
    }

    fn close(&mut self, block: &mut Block) -> ControlFlow<()> {
        let Block { software, host, login, password } = std::mem::take(block);
        let Some((secret, number)) = password else {
            return ControlFlow::Continue(());
        };
        let Some(host) = host.filter(|host| !host.is_empty()) else {
            self.out.skip(format!("line {number}"), Reason::MissingField, "the block names no host");
            return ControlFlow::Continue(());
        };
        let mut text = format!("{host}\nlogin: {}\npassword: {}", login.unwrap_or_default(), secret.shown());
        if let Some(software) = software {
            text += &format!("\nsoftware: {software}");
        }
        let mut message = RawMessage::new(self.source.clone(), number, text);
        message.thread_id.clone_from(&self.folder);
        self.out.message(message)
    }

    fn machine(&mut self, lines: &mut Lines<'_>) -> ControlFlow<()> {
        let mut text = String::new();
        let mut posted_at = None;
        while let Some(line) = lines.next() {
            let Line::Text(line) = line else {
                continue;
            };
            let Some((key, value)) = entry(line.trim()) else {
                continue;
            };
            let word = match key {
                Key::MachineId => "machine id",
                Key::Computer => "machine",
                Key::Country => "country",
                Key::LogDate if posted_at.is_none() => {
                    posted_at = dates::parse(value, self.zone, DayOrder::DayFirst);
                    continue;
                }
                _ => continue,
            };
            if !value.is_empty() && text.len() < 4096 {
                let value: String = value.chars().take(100).collect();
                text += &format!("{}{word}: {value}", if text.is_empty() { "" } else { "\n" });
            }
        }
        self.error(lines);
        if text.is_empty() {
            return ControlFlow::Continue(());
        }
        let mut message = RawMessage::new(self.source.clone(), 1, text);
        message.thread_id.clone_from(&self.folder);
        message.posted_at = posted_at;
        if posted_at.is_none() {
            self.out.bad_date("file");
        }
        self.out.message(message)
    }

    fn error(&mut self, lines: &Lines<'_>) {
        if let Some(error) = lines.error() {
            self.out.skip(format!("line {}", lines.number), Reason::Unreadable, error);
        }
    }
}
