//! The escrow agent as a written-down machine, people who deal through it, and what settings change about cheating.
//!
//! In reading order: [`machine`] says what can happen to a deal and where the money is; [`play`] lets two parties and
//! an agent, each with their own temptations, run one deal through it; [`experiment`] does so many times under
//! different settings. The corpus takes its deals from the same [`play`], so that its truth follows the same rules.
//! `docs/concepts/simulate.md` has the diagram.

pub mod experiment;
pub mod machine;
pub mod play;
