//! What was made of a text the last time.
//!
//! Every second message of a marketplace repeats another letter by letter: reposted adverts, thanks, bumps. What
//! follows from the text alone (its clean form, language, cluster, verdict) is made once and remembered for a while.
//! The memory is of a fixed size: a text sits in the one place its hash names and gives way to the next that hashes
//! there. Of a text that is met for the first time only a mark is kept, so that the many that never come again do not
//! push out those that do. The whole text is compared, so that no two texts are ever taken for one another, and a
//! result never depends on what was remembered.

use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

/// Remembers what was made of texts. Shared by all workers.
pub struct Memo<T> {
    shards: Box<[Mutex<Shard<T>>]>,
}

struct Shard<T> {
    slots: Vec<Option<Slot<T>>>,
    /// What is left of the hashes of texts that were met once.
    marks: Vec<u32>,
}

struct Slot<T> {
    text: Box<str>,
    made: T,
}

/// Workers seldom wait for each other behind so many locks.
const SHARDS: usize = 64;
/// Texts remembered behind each lock.
const SLOTS: usize = 1024;
/// Texts marked behind each lock.
const MARKS: usize = 4096;
/// Longer texts are seldom repeated letter by letter, and would take the room of many short ones.
const LONGEST: usize = 1024;

impl<T> Default for Memo<T> {
    fn default() -> Self {
        let shard = || Shard { slots: (0..SLOTS).map(|_| None).collect(), marks: vec![0; MARKS] };
        Self { shards: (0..SHARDS).map(|_| Mutex::new(shard())).collect() }
    }
}

impl<T: Clone> Memo<T> {
    /// What was made of this text, or what `make` makes of it now.
    pub fn get_or_make(&self, text: &str, make: impl FnOnce() -> T) -> T {
        if text.len() > LONGEST {
            return make();
        }
        let hash = xxh3_64(text.as_bytes());
        // A panic while a slot is replaced leaves the old or the new one; both are whole.
        let shard = || self.shards[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
        let rest = hash as usize / SHARDS;
        let place = rest % SLOTS;
        {
            let mut shard = shard();
            if let Some(slot) = shard.slots[place].as_ref().filter(|slot| slot.text.as_ref() == text) {
                return slot.made.clone();
            }
            // Another text may have left the same mark: then one is remembered that would not have been.
            let mark = (hash >> 32) as u32;
            if std::mem::replace(&mut shard.marks[rest % MARKS], mark) != mark {
                drop(shard);
                return make();
            }
        }
        let made = make();
        let slot = Slot { text: text.into(), made: made.clone() };
        let old = shard().slots[place].replace(slot);
        // Freed after the lock.
        drop(old);
        made
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_text_that_comes_again_is_remembered() {
        let memo = Memo::default();
        let made = Cell::new(0);
        let length = |text: &str| {
            memo.get_or_make(text, || {
                made.set(made.get() + 1);
                text.len()
            })
        };
        assert_eq!((length("ап"), length("ап"), length("up")), (4, 4, 2));
        assert_eq!(made.get(), 3, "nothing is remembered of what was met once");
        assert_eq!((length("ап"), length("ап"), length("up")), (4, 4, 2));
        assert_eq!(made.get(), 4, "only \"up\" came for the second time");
        assert_eq!((length("ап"), length("up")), (4, 2));
        assert_eq!(made.get(), 4);
        let long = "x".repeat(LONGEST + 1);
        assert_eq!((length(&long), length(&long)), (LONGEST + 1, LONGEST + 1));
        assert_eq!(made.get(), 6);
    }

    #[test]
    fn what_is_forgotten_is_made_again_and_never_mistaken() {
        let memo = Memo::default();
        for round in 0..2 {
            for number in 0..3 * SHARDS * SLOTS {
                let text = number.to_string();
                assert_eq!(memo.get_or_make(&text, || number), number, "round {round}");
            }
        }
    }
}
