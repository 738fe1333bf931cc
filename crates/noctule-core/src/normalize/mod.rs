//! From a raw message to a clean one: the same steps in the same order for every format.
//!
//! In order, with the reason for the place:
//!
//! 1. [`encoding`]: bytes become UTF-8 before anybody looks for a format in them;
//! 2. `quotes`: what quotes somebody else is set aside first, so that no later step judges it;
//! 3. [`secrets`]: masked in the text as written, before it is stored, indexed or shown;
//! 4. `shadow` (with [`invisible`] and [`confusables`]): from the raw text, so that findings point into it;
//! 5. [`language`]: from the clean text, which has neither the quotes' language nor passwords;
//! 6. [`duplicates`]: last, from the shadow, because it folds what all steps before it made comparable.

pub mod confusables;
pub mod duplicates;
pub mod encoding;
pub mod invisible;
pub mod language;
mod mapped;
#[cfg(test)]
mod properties;
mod quotes;
mod runs;
pub mod secrets;
mod shadow;
mod terms;

pub use confusables::leet_fold;
pub use encoding::Utf8Reader;
pub use invisible::{visible, visible_line};

use std::sync::Arc;

use crate::model::{Clean, Message, RawMessage, Shadow, Span};

/// Stands for one masked character. Not a word character, so that no rule takes a mask for a word.
pub const MASK: char = '•';

/// Words to look up, by a hash that is quick rather than proof against an enemy: nobody outside chooses the words.
type Words = std::collections::HashSet<&'static str, foldhash::fast::FixedState>;

/// Cleans one message. Pure, total, and idempotent on its own output's text.
pub fn clean(raw: RawMessage) -> Message {
    let clean = clustered(clean_text(&raw.text, &raw.quotes));
    with(raw, Arc::new(clean))
}

/// A message whose text was cleaned before.
pub fn with(raw: RawMessage, clean: Arc<Clean>) -> Message {
    let content = duplicates::content(&raw, &clean.text);
    Message { raw, clean, content }
}

/// Cleans a text of which `marked` parts quote somebody else. Its cluster is left open, see [`clustered`].
pub fn clean_text(raw: &str, marked: &[Span]) -> Clean {
    let quotes = quotes::find(raw, marked);
    let (text, text_steps) = own_text(raw, &quotes);
    let shadow = shadow::shadow(raw, &quotes);
    let lang = language::identify(&text);
    Clean { text, text_steps, shadow, lang, cluster: None }
}

/// The text with the key of its cluster, which costs as much as the rest and is for those who count.
pub fn clustered(clean: Clean) -> Clean {
    Clean { cluster: duplicates::cluster(&clean.text, &clean.shadow.text), ..clean }
}

/// The shadow of a text without quotes, for lexicons and tests that match outside of a message.
pub fn shadow_of(text: &str) -> Shadow {
    shadow::shadow(text, &[])
}

/// Quotes out, ends trimmed, secrets masked; with the steps from raw to clean offsets.
fn own_text(raw: &str, quotes: &[Span]) -> (String, Vec<(u32, u32)>) {
    if quotes.is_empty() {
        let text = raw.trim();
        if secrets::find(text).is_empty() {
            let start = raw.len() - raw.trim_start().len();
            let steps = if start > 0 { vec![(start as u32, 0)] } else { Vec::new() };
            return (text.to_owned(), steps);
        }
    }
    // (own offset, raw offset) while cutting; turned around at the end.
    let cut = quotes::cut(raw, quotes);
    let found = secrets::find(&cut.text);
    let turned = |steps: &[(u32, u32)]| steps.iter().map(|&(own, source)| (source, own)).collect();
    if found.is_empty() {
        let steps = turned(&cut.steps);
        return (cut.text, steps);
    }
    let masked = secrets::mask(&cut.text, &found);
    let steps = compose(&masked, &cut);
    (masked.text, steps)
}

/// The steps of two mappings one after the other, turned around: from the source of `inner` to `outer`'s text.
fn compose(outer: &Shadow, inner: &Shadow) -> Vec<(u32, u32)> {
    let mut all: Vec<(u32, u32)> = outer.steps.iter().map(|&(own, middle)| (inner.raw_offset(middle), own)).collect();
    // A step of the inner text falls between two of the outer one.
    let mut next = 0;
    let mut distance = 0i64;
    let mut cut_before = 0i64;
    for &(middle, source) in &inner.steps {
        while let Some(&(own, from)) = outer.steps.get(next).filter(|step| step.1 <= middle) {
            distance = i64::from(own) - i64::from(from);
            next += 1;
        }
        let own = (i64::from(middle) + distance) as u32;
        // Where the cut begins in the source, and where it ends: between, nothing of the outer text lies.
        all.push(((i64::from(middle) + cut_before) as u32, own));
        all.push((source, own));
        cut_before = i64::from(source) - i64::from(middle);
    }
    all.sort_unstable();
    all.dedup_by(|later, earlier| later.0 == earlier.0);
    all
}
