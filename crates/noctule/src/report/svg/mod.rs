//! Charts as SVG, drawn anew for each width at which they are read; the style sheet shows one of them.
//!
//! Each chart file takes a [`Size`] and returns a drawing. Coordinates are user units equal to CSS pixels. What is too
//! little for a chart is said in words instead: [`untold`].

mod bars;
mod course;
mod scale;
mod spark;
mod stack;
mod whiskers;

use noctule_core::model::{Chart, Counting, Kind, Line};
use noctule_store::analyze::TOO_FEW;
use noctule_store::analyze::words::{capital, counted, thousands};

use super::events::Event;
use super::html::Html;

pub use spark::{is_course, spark};

/// The widths a chart is drawn for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Over the whole column of a large screen.
    Full,
    /// Beside the notes of a large screen.
    Wide,
    /// Tablet and print.
    Medium,
    /// Phone.
    Narrow,
}

impl Size {
    pub fn width(self) -> f64 {
        match self {
            Self::Full => 1_076.0,
            Self::Wide => 772.0,
            Self::Medium => 704.0,
            Self::Narrow => 358.0,
        }
    }

    pub fn narrow(self) -> bool {
        self == Self::Narrow
    }

    fn class(self) -> &'static str {
        match self {
            Self::Full | Self::Wide => "wide",
            Self::Medium => "medium",
            Self::Narrow => "narrow",
        }
    }
}

/// Drawings begin at this height: above it is the unit, which is no part of the drawing so that it can wrap.
const HEAD: f64 = 18.0;

/// A drawing without its frame.
pub struct Drawing {
    pub height: f64,
    pub body: Html,
}

/// The most named bars or intervals drawn; the table has them all.
pub const MOST_BARS: usize = 30;

/// The fewest periods a course or columns are drawn for: two points are a line whatever they are.
const FEWEST_PERIODS: usize = 3;

/// Why a chart would show nothing, or more than there is; a sentence without its full stop.
pub fn untold(chart: &Chart) -> Option<String> {
    let too_few = |n: f64| format!("Too few to tell: {} in all, counted unique", thousands(n.round() as u64));
    match chart {
        Chart::Course { scale, lines, .. } => {
            let told = |line: &Line| line.values.iter().flatten().count();
            let periods = lines.iter().map(told).max().unwrap_or(0);
            let sum = |line: &Line| line.values.iter().flatten().sum::<f64>();
            // The unique count is the headline: a thousand reposts of one text make no course.
            let unique = lines.iter().find(|line| line.counting == Counting::Unique);
            let most = unique.map_or_else(|| lines.iter().map(sum).fold(0.0, f64::max), sum);
            match periods {
                0 => Some("Too few in every month to tell a course".into()),
                1 => Some("One month makes no course".into()),
                n if n < FEWEST_PERIODS => Some(format!("{} make no course", counted(n as u64, "month", "months"))),
                _ if *scale == Kind::Count && most == 0.0 => Some("Nothing to draw: every month counts 0".into()),
                _ if *scale == Kind::Count && most < TOO_FEW as f64 => Some(too_few(most)),
                _ => None,
            }
        }
        Chart::Bars { over_time, bars, .. } => {
            let sum = |i: usize| bars.iter().filter_map(|b| b.values.get(i)).map(|v| v.1).sum::<f64>();
            let ways = bars.first().map(|b| b.values.as_slice()).unwrap_or_default();
            let unique = ways.iter().position(|v| v.0 == Counting::Unique);
            let most = unique.map_or_else(|| (0..ways.len()).map(sum).fold(0.0, f64::max), sum);
            match bars.len() {
                0 => Some("There is nothing to compare".into()),
                1 if *over_time => Some("One period cannot be compared with another".into()),
                1 => Some("One bar alone compares nothing".into()),
                _ if most == 0.0 => Some("Nothing to draw: every count is 0".into()),
                _ if most < TOO_FEW as f64 => Some(too_few(most)),
                _ => None,
            }
        }
        Chart::Whiskers { rows, scale: Kind::Ratio, .. } if rows.is_empty() => {
            Some("There is no change that could be told".into())
        }
        Chart::Whiskers { rows, .. } if rows.is_empty() => Some("Too few to tell".into()),
        Chart::Whiskers { rows, .. }
            if rows.iter().any(|r| ![r.value, r.low, r.high].iter().all(|x| x.is_finite())) =>
        {
            Some("Too few to tell an interval".into())
        }
        Chart::Whiskers { .. } => None,
        Chart::Stack { layers, .. } => {
            let periods = layers.first().map_or(0, |layer| layer.shares.len());
            let told = (0..periods).filter(|&i| layers.iter().any(|l| l.shares.get(i).copied().flatten().is_some()));
            match (told.count(), layers.len()) {
                (0, _) => Some("Too few in every period to tell shares".into()),
                (_, 1) => Some("There is only one, so its share is always 100%".into()),
                _ => None,
            }
        }
    }
}

/// A chart for large, medium and small screens, each with its title and description. `id` is unique on the page;
/// `events` are for courses. Must not be [`untold`].
pub fn chart(chart: &Chart, title: &str, finding: &str, id: &str, whole: bool, events: &[Event]) -> Html {
    let mut out = Html::new();
    out.put("<p class=\"unit\">{}</p><div class=\"chart\">", &[&capital(unit(chart))]);
    for size in [if whole { Size::Full } else { Size::Wide }, Size::Medium, Size::Narrow] {
        let drawing = match chart {
            Chart::Course { scale, months, lines, steps, .. } => {
                course::draw(&course::Course { scale: *scale, months, lines, steps, events }, size)
            }
            Chart::Bars { over_time: true, bars, .. } => bars::columns(bars, size),
            Chart::Bars { over_time: false, bars, .. } => bars::rows(bars, size),
            Chart::Whiskers { scale, rows, .. } => whiskers::draw(*scale, rows, size),
            Chart::Stack { periods, layers, .. } => stack::draw(periods, layers, size),
        };
        let (class, width) = (size.class(), size.width());
        let (title_id, finding_id) = (format!("{id}-{class}-title"), format!("{id}-{class}-desc"));
        out.put(
            "<svg class=\"{}\" viewBox=\"0 {} {} {}\" width=\"{}\" height=\"{}\" role=\"img\" aria-labelledby=\"{} {}\">\
             <title id=\"{}\">{}</title><desc id=\"{}\">{}.</desc>{}</svg>",
            &[
                &class,
                &HEAD,
                &width,
                &(drawing.height - HEAD),
                &width,
                &(drawing.height - HEAD),
                &title_id,
                &finding_id,
                &title_id,
                &title,
                &finding_id,
                &finding,
                &drawing.body,
            ],
        );
    }
    out.put("</div>", &[]);
    out
}

/// What a chart counts, in words.
pub fn unit(chart: &Chart) -> &str {
    match chart {
        Chart::Course { unit, .. }
        | Chart::Bars { unit, .. }
        | Chart::Whiskers { unit, .. }
        | Chart::Stack { unit, .. } => unit,
    }
}

/// How a line or bar of a way of counting is drawn, and its name.
fn style(counting: Counting) -> (&'static str, &'static str) {
    match counting {
        Counting::Raw => ("raw", "Raw"),
        Counting::Unique => ("unique", "Unique"),
        Counting::FixedPanel => ("panel", "Fixed panel"),
    }
}

/// The sign of an entry of a legend.
#[derive(Clone, Copy)]
enum Sign {
    Stroke(&'static str),
    Fill(&'static str),
}

/// A legend in one line, for where labels at the ends do not fit.
fn legend(out: &mut Html, y: f64, entries: &[(Sign, &str)]) {
    let mut x = 0.0;
    for (sign, name) in entries {
        match sign {
            Sign::Stroke(class) => out.put(
                "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
                &[class, &x, &(y - 4.0), &(x + 18.0), &(y - 4.0)],
            ),
            Sign::Fill(class) => out.put(
                "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"17\" height=\"9\"/>",
                &[class, &(x + 0.5), &(y - 9.0)],
            ),
        }
        out.put("<text x=\"{}\" y=\"{}\">{}</text>", &[&(x + 24.0), &y, name]);
        x += 24.0 + scale::text_width(name) + 14.0;
    }
}
