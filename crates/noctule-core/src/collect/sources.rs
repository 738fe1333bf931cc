//! The sources of a file, so that the messages of one chat share one: what the collectors of many-chat files keep.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::model::Source;

/// Sources that are remembered; a file with more of them makes some of them more than once.
const MAX_SOURCES: usize = 10_000;

pub(super) struct Sources<K>(HashMap<K, Arc<Source>>);

impl<K: Eq + Hash> Sources<K> {
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Arc<Source>>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).cloned()
    }

    pub fn keep(&mut self, key: K, source: Source) -> Arc<Source> {
        if self.0.len() >= MAX_SOURCES {
            self.0.clear();
        }
        let source = Arc::new(source);
        self.0.insert(key, source.clone());
        source
    }
}
