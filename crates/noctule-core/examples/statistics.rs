//! The statistics for a program of another language to check: one JSON case a line in, one JSON result a line out.
//!
//! `cargo xtask test` gives it the cases of `fixtures/stats/oracles.py`, which compares the results with `ruptures`,
//! `statsmodels`, `scipy` and `lifelines`. It links the core alone.

#![allow(clippy::disallowed_macros, reason = "an example program prints; the core it shows does not")]

use std::io::BufRead;

use noctule_core::stats::change_points::{Costs, partition};
use noctule_core::stats::concentration::{gini, hhi, top};
use noctule_core::stats::special::{t_quantile, two_sided_t};
use noctule_core::stats::survival::{Life, kaplan_meier, median};
use noctule_core::stats::{Accuracy, Interval, before_after, corrected_share, holm, wilson};
use serde_json::{Value, json};

fn main() {
    for line in std::io::stdin().lock().lines() {
        let case: Value = line.ok().and_then(|line| serde_json::from_str(&line).ok()).unwrap_or_default();
        println!("{}", answer(&case));
    }
}

fn answer(case: &Value) -> Value {
    let counts =
        |name: &str| -> Vec<u64> { case[name].as_array().into_iter().flatten().filter_map(Value::as_u64).collect() };
    let floats =
        |name: &str| -> Vec<f64> { case[name].as_array().into_iter().flatten().filter_map(Value::as_f64).collect() };
    let count = |name: &str| case[name].as_u64().unwrap_or(0);
    let float = |name: &str| case[name].as_f64().unwrap_or(f64::NAN);
    let ends = |interval: Option<Interval>| interval.map(|i| [i.low, i.high]);
    match case["of"].as_str().unwrap_or_default() {
        "wilson" => json!(ends(wilson(count("hits"), count("total")))),
        "corrected" => {
            let accuracy = Accuracy {
                precision: float("precision"),
                marked: count("marked"),
                recall: float("recall"),
                wanted: count("wanted"),
            };
            let corrected = corrected_share(count("hits"), count("total"), &accuracy);
            json!(corrected.map(|(share, interval)| [share, interval.low, interval.high]))
        }
        "concentration" => {
            let amounts = counts("amounts");
            json!([hhi(&amounts), gini(&amounts), top(&amounts, 3)])
        }
        "holm" => json!(holm(&floats("chances"))),
        "student" => {
            json!([two_sided_t(float("t"), float("freedom")), t_quantile(float("chance"), float("freedom"))])
        }
        "before_after" => {
            let effect = before_after(&counts("before"), &counts("after"));
            json!(effect.map(|e| [e.ratio, e.low, e.high, e.p, e.dispersion]))
        }
        "survival" => {
            let ended = counts("ended");
            let lives: Vec<Life> = counts("durations")
                .iter()
                .zip(&ended)
                .map(|(duration, ended)| Life { duration: *duration as u32, ended: *ended == 1 })
                .collect();
            let curve = kaplan_meier(&lives);
            let half = median(&curve);
            let points: Vec<Value> =
                curve.iter().map(|p| json!([p.time, p.at_risk, p.ended, p.share, ends(p.interval)])).collect();
            json!({ "curve": points, "median": [half.time, half.low, half.high] })
        }
        "partition" => {
            let values = floats("values");
            let costs = Costs::of(&values, &vec![1.0; values.len()]);
            json!(partition(&costs, float("penalty"), None))
        }
        _ => Value::Null,
    }
}
