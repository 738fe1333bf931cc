//! Charts as SVG, drawn anew for each width at which they are read; the style sheet shows one of them.
//!
//! Each chart file takes a [`Size`] and returns a drawing. Coordinates are user units equal to CSS pixels.

mod bars;
mod course;
mod scale;
mod spark;
mod stack;
mod whiskers;

use noctule_core::model::Chart;

use super::html::Html;

pub use spark::spark;

/// The widths a chart is drawn for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Over the whole column of a large screen.
    Full,
    /// Beside the notes of a large screen.
    Wide,
    /// Tablet and print.
    Middle,
    /// Phone.
    Narrow,
}

impl Size {
    pub fn width(self) -> f64 {
        match self {
            Self::Full => 1_076.0,
            Self::Wide => 772.0,
            Self::Middle => 704.0,
            Self::Narrow => 358.0,
        }
    }

    pub fn narrow(self) -> bool {
        self == Self::Narrow
    }

    fn class(self) -> &'static str {
        match self {
            Self::Full | Self::Wide => "wide",
            Self::Middle => "mid",
            Self::Narrow => "nar",
        }
    }
}

/// A drawing without its frame.
pub struct Drawing {
    pub height: f64,
    pub body: Html,
}

/// A chart for large, middle and small screens, each with its title and description. `id` is unique on the page.
pub fn chart(chart: &Chart, title: &str, finding: &str, id: &str, full: bool) -> Html {
    let mut out = Html::new();
    for size in [if full { Size::Full } else { Size::Wide }, Size::Middle, Size::Narrow] {
        let drawing = match chart {
            Chart::Course { unit, scale, months, lines, steps } => {
                course::draw(&course::Course { unit, scale: *scale, months, lines, steps }, size)
            }
            Chart::Bars { unit, over_time: true, bars } => bars::columns(unit, bars, size),
            Chart::Bars { unit, over_time: false, bars } => bars::rows(unit, bars, size),
            Chart::Whiskers { unit, scale, rows } => whiskers::draw(unit, *scale, rows, size),
            Chart::Stack { unit, periods, layers } => stack::draw(unit, periods, layers, size),
        };
        let (class, width) = (size.class(), size.width());
        let (title_id, finding_id) = (format!("{id}-{class}-t"), format!("{id}-{class}-d"));
        out.put(
            "<svg class=\"{}\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" aria-labelledby=\"{} {}\">\
             <title id=\"{}\">{}</title><desc id=\"{}\">{}</desc>{}</svg>",
            &[
                &class,
                &width,
                &drawing.height,
                &width,
                &drawing.height,
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
    out
}

/// How a line or bar of a way of counting is drawn, and its name.
fn style(counting: noctule_core::model::Counting) -> (&'static str, &'static str) {
    use noctule_core::model::Counting::{FixedPanel, Raw, Unique};
    match counting {
        Raw => ("raw", "Raw"),
        Unique => ("uni", "Unique"),
        FixedPanel => ("pan", "Fixed panel"),
    }
}

/// A legend in one line, for where labels at the ends do not fit: class of the swatch and name.
fn legend(out: &mut Html, y: f64, entries: &[(&'static str, String)]) {
    let mut x = 0.0;
    for (class, name) in entries {
        out.put(
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            &[class, &x, &(y - 4.0), &(x + 18.0), &(y - 4.0)],
        );
        out.put("<text x=\"{}\" y=\"{}\">{}</text>", &[&(x + 23.0), &y, name]);
        x += 23.0 + scale::text_width(name) + 16.0;
    }
}

/// The frame of a chart that has nothing to show, with the reason.
fn empty(unit: &str, why: &'static str, size: Size) -> Drawing {
    let width = size.width();
    let mut body = Html::new();
    body.put("<text x=\"0\" y=\"14\">{}</text>", &[&scale::cut(unit, width)]);
    body.put("<line class=\"grid\" x1=\"0\" y1=\"30\" x2=\"{}\" y2=\"30\"/>", &[&width]);
    body.put("<line class=\"axis\" x1=\"0\" y1=\"110\" x2=\"{}\" y2=\"110\"/>", &[&width]);
    body.put("<text x=\"{}\" y=\"74\" text-anchor=\"middle\">{}</text>", &[&(width / 2.0), &why]);
    Drawing { height: 116.0, body }
}
