//! Writes exports as Telegram Desktop's JSON writer does: its order of keys, its indentation by one space, its way
//! of cutting text into entities, and its one departure from JSON (`\x0B` for control characters).

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::calendar::push_date_time;
use super::post::{Media, Name, Output, Post, Service, ServiceAction};
use super::world::{Home, Place, Style};

const NOT_INCLUDED: &str = "(File not included. Change data exporting settings to download.)";

pub struct TelegramExports {
    dir: PathBuf,
    file: Option<BufWriter<Sheet>>,
    /// How far the chat object is indented: 0 in its own file, 3 in an account's list.
    depth: usize,
    path: String,
    folders: usize,
    first_message: bool,
    account: Account,
    line: Vec<u8>,
    entities: Vec<Entity>,
}

/// A file, plain or packed.
enum Sheet {
    Plain(File),
    Gzip(Box<GzEncoder<File>>),
}

impl Sheet {
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(encoder) => encoder.finish().map(drop),
        }
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }
}

/// How much of the full-account export is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Account {
    NotBegun,
    Chats,
    LeftChats,
}

const ACCOUNT_PATH: &str = "DataExport_2023-01-20/result.json";

impl TelegramExports {
    /// Exports into an existing folder. Places of the account must come first, its left chats behind its chats.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            file: None,
            depth: 0,
            path: String::new(),
            folders: 0,
            first_message: true,
            account: Account::NotBegun,
            line: Vec::with_capacity(1 << 16),
            entities: Vec::new(),
        }
    }

    fn create(&mut self, path: String) -> io::Result<()> {
        let full = self.dir.join(&path);
        fs::create_dir_all(full.parent().expect("an export has a folder"))?;
        let file = File::create(full)?;
        let sheet = if path.ends_with(".gz") {
            // The encoder's header carries no time, so the bytes depend on the text only.
            Sheet::Gzip(Box::new(GzEncoder::new(file, Compression::fast())))
        } else {
            Sheet::Plain(file)
        };
        self.file = Some(BufWriter::with_capacity(1 << 18, sheet));
        self.path = path;
        Ok(())
    }

    fn flush_line(&mut self) -> io::Result<()> {
        self.file.as_mut().expect("a place is open").write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    fn end_file(&mut self) -> io::Result<()> {
        let file = self.file.take().expect("a file is open");
        file.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
    }

    fn begin_in_account(&mut self, home: Home) -> io::Result<()> {
        if self.account == Account::NotBegun {
            self.create(ACCOUNT_PATH.to_owned())?;
            self.line.extend_from_slice(ACCOUNT_HEAD.as_bytes());
            self.line.extend_from_slice(b" \"chats\": {\n  \"about\": \"Chats of this account.\",\n  \"list\": [\n");
            self.account = Account::Chats;
        } else if home == Home::AccountLeft && self.account == Account::Chats {
            self.line.extend_from_slice(
                b"\n  ]\n },\n \"left_chats\": {\n  \"about\": \"Chats this account has left.\",\n  \"list\": [\n",
            );
            self.account = Account::LeftChats;
        } else {
            self.line.extend_from_slice(b",\n");
        }
        Ok(())
    }

    fn end_account(&mut self) -> io::Result<()> {
        if self.account != Account::NotBegun && self.path == ACCOUNT_PATH && self.file.is_some() {
            self.line.extend_from_slice(b"\n  ]\n }\n}");
            self.flush_line()?;
            self.end_file()?;
        }
        Ok(())
    }
}

/// The parts of an account export that are nobody's business; a collector must step over them.
const ACCOUNT_HEAD: &str = r#"{
 "about": "Here is the data you requested.",
 "personal_information": {
  "user_id": 100000001,
  "first_name": "Research",
  "last_name": "Account",
  "phone_number": "+99 800 000 0000",
  "username": "@invented_reader",
  "bio": ""
 },
 "profile_pictures": [],
 "contacts": {
  "about": "Contacts of this account.",
  "list": [
   {
    "user_id": 100000002,
    "first_name": "Nobody",
    "last_name": "",
    "phone_number": "+99 800 000 0001",
    "date": "2020-01-01T10:00:00",
    "date_unixtime": "1577862000"
   }
  ]
 },
 "frequent_contacts": {
  "about": "People this account writes to most.",
  "list": []
 },
"#;

impl Output for TelegramExports {
    fn open(&mut self, place: &Place) -> io::Result<()> {
        if place.home.has_folder() {
            self.end_account()?;
            let folder = match self.folders {
                0 => "ChatExport_2023-01-15".to_owned(),
                n => format!("ChatExport_2023-01-15 ({n})"),
            };
            self.folders += 1;
            let packed = if place.home == Home::PackedFolder { ".gz" } else { "" };
            self.create(format!("{folder}/result.json{packed}"))?;
            self.depth = 0;
        } else {
            self.begin_in_account(place.home)?;
            self.depth = 3;
            indent(&mut self.line, self.depth);
        }
        self.first_message = true;
        let mut object = Object::open(&mut self.line, self.depth);
        object.text("name", &place.name);
        object.text("type", place.kind.word());
        object.number("id", place.id as i64);
        object.key("messages");
        self.line.push(b'[');
        self.flush_line()
    }

    fn post(&mut self, place: &Place, post: &Post) -> io::Result<()> {
        self.separate();
        find_entities(post, &mut self.entities);
        let mut object = Object::open(&mut self.line, self.depth + 2);
        object.number("id", post.id);
        object.text("type", "message");
        object.date("date", post.at, place);
        if let Some(at) = post.edited_at {
            object.date("edited", at, place);
        }
        object.name("from", &post.author, place);
        if let Some(name) = &post.forwarded {
            object.shown("forwarded_from", name);
        }
        if let Some(id) = post.reply_to {
            object.number("reply_to_message_id", id);
        }
        media(&mut object, post, place);
        object.key("text");
        object.parts(&post.text, &self.entities, false);
        if place.style == Style::New {
            object.key("text_entities");
            object.parts(&post.text, &self.entities, true);
        }
        object.close();
        self.flush_line()
    }

    fn service(&mut self, place: &Place, service: &Service) -> io::Result<()> {
        self.separate();
        let mut object = Object::open(&mut self.line, self.depth + 2);
        object.number("id", service.id);
        object.text("type", "service");
        object.date("date", service.at, place);
        object.name("actor", &service.actor, place);
        match &service.action {
            ServiceAction::CreateChannel { title } => {
                object.text("action", "create_channel");
                object.text("title", title);
            }
            ServiceAction::CreateGroup { title } => {
                object.text("action", "create_group");
                object.text("title", title);
                object.members(&service.actor);
            }
            ServiceAction::EditTitle { title } => {
                object.text("action", "edit_group_title");
                object.text("title", title);
            }
            ServiceAction::MigrateTo => object.text("action", "migrate_to_supergroup"),
            ServiceAction::MigrateFrom { title } => {
                object.text("action", "migrate_from_group");
                object.text("title", title);
            }
            ServiceAction::Pin { message } => {
                object.text("action", "pin_message");
                object.number("message_id", *message);
            }
            ServiceAction::Join => {
                object.text("action", "join_group_by_link");
                object.text("inviter", "Group");
            }
        }
        object.text("text", "");
        if place.style == Style::New {
            object.key("text_entities");
            object.out.extend_from_slice(b"[]");
        }
        object.close();
        self.flush_line()
    }

    fn close(&mut self, place: &Place) -> io::Result<()> {
        newline(&mut self.line, self.depth + 1);
        self.line.push(b']');
        newline(&mut self.line, self.depth);
        self.line.push(b'}');
        self.flush_line()?;
        if place.home.has_folder() {
            self.end_file()?;
        }
        Ok(())
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn finish(&mut self) -> io::Result<()> {
        self.end_account()
    }
}

impl TelegramExports {
    fn separate(&mut self) {
        if !self.first_message {
            self.line.push(b',');
        }
        self.first_message = false;
        newline(&mut self.line, self.depth + 2);
    }
}

fn media(object: &mut Object<'_>, post: &Post, place: &Place) {
    match post.media {
        Media::None => {}
        Media::Photo => {
            object.text("photo", NOT_INCLUDED);
            if place.style == Style::New {
                object.number("photo_file_size", 40_000 + post.id.unsigned_abs() as i64 % 90_000);
            }
            object.number("width", 1280);
            object.number("height", 720);
        }
        Media::Sticker => {
            object.text("file", NOT_INCLUDED);
            object.text("thumbnail", NOT_INCLUDED);
            object.text("media_type", "sticker");
            object.text("sticker_emoji", "😁");
            object.number("width", 512);
            object.number("height", 512);
        }
        Media::Voice => {
            object.text("file", NOT_INCLUDED);
            object.text("media_type", "voice_message");
            object.text("mime_type", "audio/ogg");
            object.number("duration_seconds", 3 + post.id.unsigned_abs() as i64 % 60);
        }
    }
}

/// One JSON object being written, one key a line.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    first: bool,
}

impl<'a> Object<'a> {
    fn open(out: &'a mut Vec<u8>, depth: usize) -> Self {
        out.push(b'{');
        Self { out, depth: depth + 1, first: true }
    }

    fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        newline(self.out, self.depth);
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\": ");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        push_string(self.out, text);
    }

    fn number(&mut self, key: &str, value: i64) {
        self.key(key);
        push_number(self.out, value);
    }

    fn date(&mut self, key: &str, at: i64, place: &Place) {
        self.key(key);
        self.out.push(b'"');
        push_date_time(self.out, at + place.zone_secs);
        self.out.push(b'"');
        if place.style == Style::New {
            self.out.push(b',');
            newline(self.out, self.depth);
            self.out.push(b'"');
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend_from_slice(b"_unixtime\": \"");
            push_number(self.out, at);
            self.out.push(b'"');
        }
    }

    fn shown(&mut self, key: &str, name: &Name) {
        self.key(key);
        if name.deleted {
            self.out.extend_from_slice(b"null");
        } else {
            push_string(self.out, &name.shown);
        }
    }

    fn name(&mut self, key: &str, name: &Name, place: &Place) {
        self.shown(key, name);
        self.out.push(b',');
        newline(self.out, self.depth);
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"_id\": ");
        if place.style == Style::Oldest {
            push_number(self.out, name.account as i64);
            return;
        }
        self.out.extend_from_slice(if name.channel { b"\"channel" } else { b"\"user" });
        push_number(self.out, name.account as i64);
        self.out.push(b'"');
    }

    fn members(&mut self, actor: &Name) {
        self.key("members");
        self.out.push(b'[');
        newline(self.out, self.depth + 1);
        if actor.deleted {
            self.out.extend_from_slice(b"null");
        } else {
            push_string(self.out, &actor.shown);
        }
        newline(self.out, self.depth);
        self.out.push(b']');
    }

    /// The value of `text` (strings and objects mixed, or one string) or of `text_entities` (objects only).
    fn parts(&mut self, text: &str, entities: &[Entity], objects_only: bool) {
        if text.is_empty() {
            self.out.extend_from_slice(if objects_only { b"[]" } else { b"\"\"" });
            return;
        }
        if entities.is_empty() && !objects_only {
            push_string(self.out, text);
            return;
        }
        self.out.push(b'[');
        let mut at = 0;
        let mut first = true;
        let mut part = |out: &mut Vec<u8>, depth: usize, kind: &str, text: &str| {
            if !first {
                out.push(b',');
            }
            first = false;
            newline(out, depth + 1);
            if kind == "plain" && !objects_only {
                push_string(out, text);
                return;
            }
            let mut object = Object { out, depth: depth + 2, first: true };
            object.out.push(b'{');
            object.text("type", kind);
            object.text("text", text);
            object.close();
        };
        for &(kind, start, end) in entities {
            if start > at {
                part(self.out, self.depth, "plain", &text[at..start]);
            }
            part(self.out, self.depth, kind, &text[start..end]);
            at = end;
        }
        // The real writer closes with an empty plain part when the text ends in an entity.
        part(self.out, self.depth, "plain", &text[at..]);
        newline(self.out, self.depth);
        self.out.push(b']');
    }

    fn close(self) {
        newline(self.out, self.depth - 1);
        self.out.push(b'}');
    }
}

/// (type, start, end) of an entity of a text.
type Entity = (&'static str, usize, usize);

/// Finds the entities of a post, in order.
fn find_entities(post: &Post, out: &mut Vec<Entity>) {
    out.clear();
    let bytes = post.text.as_bytes();
    if post.quote > 0 {
        out.push(("blockquote", 0, post.quote));
    }
    if post.bold > 0 {
        out.push(("bold", post.own(), post.own() + post.bold));
    }
    let mut from = post.own() + post.bold;
    while let Some(found) = bytes[from..].iter().position(|b| matches!(b, b'@' | b'/')) {
        let mark = from + found;
        let kind = if bytes[mark] == b'@' { "mention" } else { "link" };
        let start = match kind {
            "mention" => mark,
            _ if bytes[..mark].ends_with(b"https:") => mark - 6,
            _ if bytes[..mark].ends_with(b"t.me") => mark - 4,
            _ => {
                from = mark + 1;
                continue;
            }
        };
        let mut end = mark + 1;
        while end < bytes.len() && is_part(kind, bytes[end]) {
            end += 1;
        }
        // A link does not end in a stop.
        while bytes[end - 1] == b'.' {
            end -= 1;
        }
        // An address like name@host is no mention, and a mention has five letters at least.
        let inside = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
        if !inside && end - start > 5 && start >= from {
            out.push((kind, start, end));
        }
        from = end.max(mark + 1);
    }
}

fn is_part(kind: &str, byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || (kind == "link" && matches!(byte, b'/' | b'.' | b':' | b'-'))
}

fn newline(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    indent(out, depth);
}

fn indent(out: &mut Vec<u8>, depth: usize) {
    out.extend_from_slice(&b"                "[..depth]);
}

pub fn push_number(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// A string as Telegram Desktop writes it: like JSON, but `\x0B` for control characters.
fn push_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            control => {
                out.extend_from_slice(b"\\x");
                out.push(HEX[usize::from(control >> 4)]);
                out.push(HEX[usize::from(control & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_as_the_real_tool_does() {
        let mut out = Vec::new();
        push_string(&mut out, "a\u{b}b\n\"c\"\\x0B");
        assert_eq!(out, br#""a\x0Bb\n\"c\"\\x0B""#);
    }
}
