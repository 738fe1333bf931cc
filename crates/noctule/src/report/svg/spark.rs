//! A sparkline: 88 by 22, from zero, the last point dotted, no axis. It stands next to its number.

use noctule_store::analyze::TOO_FEW;

use super::super::html::Html;

/// Whether a course is one: at least three points, and not a handful of messages over all of them.
pub fn is_course(course: &[f64]) -> bool {
    let sum: f64 = course.iter().sum();
    let counts = course.iter().all(|value| value.fract() == 0.0);
    course.len() > 2 && sum > 0.0 && (!counts || sum >= TOO_FEW as f64)
}

/// The course as a small line; nothing where it is none.
pub fn spark(course: &[f64]) -> Html {
    let mut out = Html::new();
    if !is_course(course) {
        return out;
    }
    let max = course.iter().copied().fold(0.0, f64::max);
    let x = |i: usize| 2.0 + 82.0 * i as f64 / (course.len() - 1) as f64;
    let y = |value: f64| {
        if max > 0.0 { 20.0 - 17.0 * value / max } else { 20.0 }
    };
    let mut points = Html::new();
    for (i, value) in course.iter().enumerate() {
        points.put("{},{} ", &[&x(i), &y(*value)]);
    }
    let last = course.len() - 1;
    out.put(
        "<svg viewBox=\"0 0 88 22\" width=\"88\" height=\"22\" aria-hidden=\"true\">\
         <line class=\"grid\" x1=\"0\" y1=\"20.5\" x2=\"88\" y2=\"20.5\"/><polyline class=\"spark\" points=\"{}\"/>\
         <circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"2.5\"/></svg>",
        &[&points, &x(last), &y(course[last])],
    );
    out
}
