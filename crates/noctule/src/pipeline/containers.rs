//! Receiving what is in a container: every member that is no picture or the like becomes a capture of its own.

use std::collections::HashMap;
use std::fs::File;
use std::io::Seek;

use anyhow::Result;
use noctule_core::model::{Reason, Skip};
use noctule_store::evidence::{CaptureId, Evidence};
use noctule_store::ledger::{Ledger, Member as LedgerMember};

use super::Outcome;
use super::receive::{Container, Facts, Receiver, written_encoding};
use crate::input::container::{self, Contents, Looked, Member, Passed, Source};
use crate::input::{self, Assets, Item, Kind, Nest, Recognized, Unpacked, WithoutMedia, whole_file};

impl Receiver<'_> {
    /// Receives all members, or says what is known of a container that was received before.
    pub(super) fn container(
        &mut self,
        ledger: &Ledger,
        item: &Item,
        kind: Kind,
        mut file: File,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let hashed = file.rewind().and_then(|()| Evidence::hash(&mut file)).and_then(|h| file.rewind().map(|()| h));
        let hashed = match hashed {
            Ok(hashed) => hashed,
            Err(e) => {
                let skip = whole_file(Reason::Unreadable, format!("it cannot be read ({e})"));
                outcome.path_skips.push((item.shown.clone(), skip));
                return Ok(());
            }
        };
        self.progress.read_bytes(item.bytes);
        if let Some(captures) = ledger.container_captures(&hashed.id)? {
            outcome.path_skips.extend(ledger.container_skips(&hashed.id)?);
            outcome.known_captures += captures.len() as u64;
            captures.iter().for_each(|id| outcome.add_to_scope(id));
            return Ok(());
        }
        let nest = Nest::new(hashed.bytes, self.spool.clone());
        let mut inside = Inside {
            receiver: self,
            ledger,
            outcome,
            item,
            within: String::new(),
            assets: Assets::default(),
            members: Vec::new(),
        };
        container::read(kind, Source::File(file), &nest, &mut inside)?;
        let members = told_apart(inside.members);
        let format = kind.word();
        let container = Container { id: hashed.id, path: item.shown.clone(), bytes: hashed.bytes, format, members };
        self.containers.push(container);
        Ok(())
    }
}

/// Web archives hold an address more than once, and so may any archive a name: the ledger tells them apart.
fn told_apart(mut members: Vec<LedgerMember>) -> Vec<LedgerMember> {
    let mut times: HashMap<String, u32> = HashMap::new();
    for member in &mut members {
        let times = times.entry(member.path.clone()).or_default();
        *times += 1;
        if *times > 1 {
            member.path = format!("{} (the same name, number {times})", member.path);
        }
    }
    members
}

/// The members of a file, those of containers inside of it included.
struct Inside<'a, 'r> {
    receiver: &'a mut Receiver<'r>,
    ledger: &'a Ledger,
    outcome: &'a mut Outcome,
    item: &'a Item,
    /// The containers around the member, behind the file: `export.tar!/`.
    within: String,
    /// Saved pages met so far.
    assets: Assets,
    members: Vec<LedgerMember>,
}

impl Contents for Inside<'_, '_> {
    fn member(&mut self, nest: &Nest, member: Member<'_>) -> Result<()> {
        let name = format!("{}{}", self.within, member.name);
        let shown = format!("{}!/{name}", self.item.shown);
        let bytes = member.bytes;
        // Web archives name members by their address, which says nothing of folders and kinds.
        if member.captured_at.is_none() {
            let simulated = self.item.simulated.is_some();
            if simulated && input::SIMULATED_EXTRAS.iter().any(|extra| shown.ends_with(extra)) {
                return Ok(());
            }
            if let Some(what) = self.assets.passes_over(&name) {
                self.passed(&member.name, bytes, what);
                return Ok(());
            }
        }
        let capture_id = self.receive(nest, member, &name, &shown)?;
        self.members.push(LedgerMember { path: name, bytes, capture_id });
        Ok(())
    }

    fn passed(&mut self, name: &str, bytes: u64, what: Passed) {
        match what {
            Passed::Media => self.outcome.media += 1,
            Passed::Asset => self.outcome.assets += 1,
            Passed::Known => self.outcome.known_captures += 1,
            Passed::Redirect => self.outcome.redirects += 1,
            Passed::Index => {}
        }
        // What was dropped is named.
        if matches!(what, Passed::Media | Passed::Asset) {
            let path = format!("{}{name}", self.within);
            self.members.push(LedgerMember { path, bytes, capture_id: None });
        }
    }

    fn skip(&mut self, name: Option<&str>, skip: Skip) {
        let path = match name {
            Some(name) => format!("{}!/{}{name}", self.item.shown, self.within),
            None => format!("{}!/{}", self.item.shown, self.within).trim_end_matches("!/").to_owned(),
        };
        self.outcome.path_skips.push((path, skip));
    }
}

impl Inside<'_, '_> {
    fn receive(&mut self, nest: &Nest, member: Member<'_>, name: &str, shown: &str) -> Result<Option<CaptureId>> {
        let complaint = member.complaint;
        let mut held = nest.held(member.reader, complaint.clone());
        let mut looked = Looked::new(&mut held);
        let forced = self.receiver.options.collector;
        let recognized = input::recognize_as(shown, &mut looked, forced, member.charset.as_deref());
        let mut again = looked.again();
        match recognized {
            Recognized::Media(_) => self.outcome.media += 1,
            Recognized::Skip(seen) => {
                // What broke the member is the reason, not what its few good bytes look like.
                self.outcome.path_skips.push((shown.to_owned(), complaint.asked().unwrap_or(seen)));
            }
            Recognized::Archive(kind) => match nest.inner() {
                Err(skip) => self.outcome.path_skips.push((shown.to_owned(), skip)),
                Ok(inner) => {
                    let around = std::mem::replace(&mut self.within, format!("{name}!/"));
                    let read = container::read(kind, Source::Stream(&mut again), &inner, self);
                    self.within = around;
                    read?;
                    if let Some(skip) = complaint.asked() {
                        self.outcome.path_skips.push((shown.to_owned(), skip));
                    }
                }
            },
            Recognized::Format { collector, reason, encoding, layers } => {
                self.receiver.progress.recognized(shown, collector.name(), &reason);
                let progress = self.receiver.progress;
                let evidence = &self.receiver.evidence;
                let (received, layers) = if input::holds_media(collector) {
                    match Unpacked::open(again) {
                        Ok(unpacked) => {
                            let ended = unpacked.complaint_handle();
                            let mut text = WithoutMedia::new(unpacked);
                            let received = evidence.store(&mut text, |b| progress.stored_bytes(b))?;
                            if let Some(skip) = ended() {
                                self.outcome.path_skips.push((shown.to_owned(), skip));
                            }
                            (received, Vec::new())
                        }
                        Err(skip) => {
                            self.outcome.path_skips.push((shown.to_owned(), skip));
                            return Ok(None);
                        }
                    }
                } else {
                    (evidence.store(&mut again, |b| progress.stored_bytes(b))?, layers)
                };
                if let Some(skip) = complaint.asked() {
                    self.outcome.path_skips.push((shown.to_owned(), skip));
                }
                let facts = Facts {
                    path: shown,
                    collector,
                    encoding: written_encoding(&layers, encoding),
                    reference: None,
                    simulated: self.item.simulated.as_deref(),
                    captured_at: member.captured_at,
                    modified: member.modified,
                };
                return Ok(Some(self.receiver.found(self.ledger, received, facts, self.outcome)?));
            }
        }
        Ok(None)
    }
}
