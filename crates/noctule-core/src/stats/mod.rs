//! Numbers in, numbers out: change points, intervals of shares, concentration, lifetimes, medians, tests before and
//! after.
//!
//! Nothing here knows a message. Every function is pure; where chance is needed the generator is an argument.
//! Left to others: which numbers to ask about (`noctule-store`'s `analyze`), how to show them (`noctule`'s `report`).

pub mod before_after;
pub mod change_points;
pub mod concentration;
pub mod middle;
pub mod random;
mod season;
pub mod shares;
pub mod special;
pub mod survival;

pub use before_after::{Effect, before_after, holm};
pub use change_points::{ChangePoint, change_points};
pub use middle::{Middle, middle};
pub use random::Random;
pub use shares::{Accuracy, Interval, corrected_share, share_interval, wilson};
pub use survival::{Life, kaplan_meier};
