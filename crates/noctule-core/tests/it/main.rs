//! The fixtures are the tests: each module walks one folder of them.

mod collect;
mod detect;
mod language;
