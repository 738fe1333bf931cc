//! The fixtures are the tests: each module walks one folder of them.
#![allow(clippy::disallowed_methods, reason = "tests read fixtures")]

mod collect;
mod detect;
mod language;
