//! The values that flow between the stages. Nothing here does work; each type says what it is.
//!
//! Left to others: how a raw message is found (`collect`), cleaned (`normalize`) and judged (`detect`).

mod answer;
mod id;
mod message;
mod skip;
mod source;
mod time;
mod verdict;

pub use answer::{Answer, Bar, Chart, Column, Counting, Kind, Layer, Line, Part, Step, Summary, Value, Whisker};
pub use id::Id;
pub use message::{Author, Clean, Message, RawMessage, Shadow, Span};
pub use skip::{Reason, Skip};
pub use source::{Medium, Source, SourceEvent};
pub use time::{Micros, PostedAt};
pub use verdict::{Agent, Deal, Entity, Escrow, Fee, Party, Payer, Polarity, Price, Role, ScamReport, Verdict};
