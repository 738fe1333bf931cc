//! An answer: what an analysis found, free of any rendering.
//!
//! The command line, the report, JSON and CSV all show the same value. Left to others: finding it
//! (`noctule-store`'s `analyze`) and showing it (`noctule`'s `report`).

/// A cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// May come from outside (a source's name): every rendering escapes it.
    Text(String),
    Integer(i64),
    /// Finite, and rounded to what is meant; see [`Value::ratio`] and [`Value::share`].
    Float(f64),
    Null,
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count; more than `i64::MAX` is out of this world.
    pub fn count(count: u64) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A ratio, to three decimals.
    pub fn ratio(ratio: f64) -> Self {
        Self::rounded(ratio, 1e3)
    }

    /// A share between 0 and 1, to six decimals; null when there was nothing to divide by.
    pub fn share(share: Option<f64>) -> Self {
        share.map_or(Self::Null, |s| Self::rounded(s, 1e6))
    }

    fn rounded(x: f64, scale: f64) -> Self {
        if x.is_finite() { Self::Float((x * scale).round() / scale) } else { Self::Null }
    }
}

/// What the values of a column are, for alignment and units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Words, perhaps from outside.
    Text,
    /// `2021-07`, `2021-Q3`, `2021`.
    Period,
    Count,
    /// Between 0 and 1.
    Share,
    /// One level over another.
    Ratio,
    Number,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// The stable name in JSON and CSV.
    pub name: &'static str,
    /// In words, for a table's head: `messages`, `ratio`, `share of deals`.
    pub unit: &'static str,
    pub kind: Kind,
}

/// Which of the ways of counting a line or bar shows; it fixes stroke and color.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counting {
    Raw,
    Unique,
    FixedPanel,
}

/// A part of a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    Plain(String),
    /// The figure that answers the question.
    Strong(String),
    /// Text from outside.
    Foreign(String),
}

/// The answer's line in the table that opens the report.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Summary {
    pub answer: Vec<Part>,
    /// A second, quieter line.
    pub note: Vec<Part>,
    /// The course over the window, for a sparkline; empty for none.
    pub course: Vec<f64>,
    /// The same figure counted raw, as text; empty where it makes no sense.
    pub raw: String,
    pub fixed_panel: String,
}

/// One line of a chart over months.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub counting: Counting,
    /// One value a month of the chart; `None` leaves a gap.
    pub values: Vec<Option<f64>>,
    /// The interval of each value, for a band.
    pub band: Vec<Option<(f64, f64)>>,
    /// What the label at the line's end says after the name.
    pub note: String,
}

/// A change of level on a chart over months; positions count months from 0.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    pub at: usize,
    pub earliest: usize,
    pub latest: usize,
    pub effect: f64,
    /// First month, month after the last, and level, before and after the change.
    pub before: (usize, usize, f64),
    pub after: (usize, usize, f64),
}

/// One labeled group of bars.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    pub label: String,
    pub values: Vec<(Counting, f64)>,
}

/// A value with its interval, on its own line.
#[derive(Clone, PartialEq, Debug)]
pub struct Whisker {
    pub label: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// The headline among them.
    pub strong: bool,
}

/// A part of each column of a stacked chart.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    /// May come from outside.
    pub label: String,
    /// The category's number in the palette, 1 to 8; its meaning is fixed (8 is Other).
    pub category: u8,
    /// The share of each period, between 0 and 1; `None` where the period has nothing.
    pub shares: Vec<Option<f64>>,
}

/// What to draw. Values, never coordinates.
#[derive(Clone, PartialEq, Debug)]
pub enum Chart {
    /// Courses over months (`2021-07`), with changes of level of the unique line.
    Course {
        unit: String,
        scale: Kind,
        months: Vec<String>,
        lines: Vec<Line>,
        steps: Vec<Step>,
    },
    /// `over_time` when the groups are periods in order.
    Bars {
        unit: String,
        over_time: bool,
        bars: Vec<Bar>,
    },
    Whiskers {
        unit: String,
        scale: Kind,
        rows: Vec<Whisker>,
    },
    Stack {
        unit: String,
        periods: Vec<String>,
        layers: Vec<Layer>,
    },
}

/// What an analysis found.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The analysis: `escrow_mentions_by_month`.
    pub name: &'static str,
    /// Its number in the study: `A3`.
    pub id: &'static str,
    /// The computed finding, a sentence without its full stop. Never holds text from outside.
    pub title: String,
    pub question: &'static str,
    pub summary: Summary,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
    /// The first is the main one.
    pub charts: Vec<Chart>,
    /// How it is measured.
    pub method: String,
    /// Where it may be wrong, one sentence or two each.
    pub caveats: Vec<String>,
    /// The `noctule sql` text that opens the messages behind the numbers.
    pub query: String,
}
