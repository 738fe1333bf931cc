//! `study.json`, schema `noctule.study/1`: the contract of `design.md`, section 6. Keys keep their order.

use noctule_core::model::{Answer, Value};
use noctule_store::analyze::{Params, Study, Ways, shares};
use serde_json::{Map, Value as Json, json};

pub const SCHEMA: &str = "noctule.study/1";

/// The whole of `study.json`, ending in a line feed.
pub fn study(study: &Study) -> String {
    let counts = &study.counts;
    let window = json!({
        "from": counts.window.map(|w| w.from.to_string()),
        "to": counts.window.map(|w| w.to.to_string()),
    });
    let (compared, answers): (Vec<&Answer>, Vec<&Answer>) =
        study.answers.iter().partition(|a| a.name.starts_with("comparison"));
    let by_name = |answers: Vec<&Answer>| -> Map<String, Json> {
        answers.into_iter().map(|a| (a.name.to_string(), answer(a))).collect()
    };
    let answers = by_name(answers);
    let mut document = json!({
        "schema": SCHEMA,
        "window": window,
        "totals": {
            "messages": counts.total.messages,
            "unique_texts": counts.total.unique_texts,
            "sources": counts.active_sources(),
            "skipped": counts.skipped,
            "escrow_mentions": ways(counts.total.escrow),
            "deal_related": ways(counts.total.deals),
            "escrow_share_of_deals": share_of_deals(study, &study.params),
        },
        "outside": {
            "window": counts.outside_window,
            "undated": counts.undated,
            "implausible": counts.implausible,
            "repaired": counts.repaired,
        },
        "answers": answers,
    });
    if let (Some(simulated), Json::Object(fields)) = (&counts.simulated, &mut document) {
        fields.insert("simulated".into(), json!({ "scenario": simulated.scenario, "seed": simulated.seed }));
    }
    if let (false, Json::Object(fields)) = (compared.is_empty(), &mut document) {
        fields.insert("comparison".into(), Json::Object(by_name(compared)));
    }
    let mut text = serde_json::to_string_pretty(&document).expect("strings and finite numbers have a JSON form");
    text.push('\n');
    text
}

fn ways(ways: Ways) -> Json {
    json!({ "raw": ways.raw, "unique": ways.unique, "fixed_panel": ways.fixed_panel })
}

fn share_of_deals(study: &Study, params: &Params) -> Json {
    let ([raw, unique, panel], interval) = shares(&study.counts.total, params);
    let number = |share: Option<f64>| value(&Value::share(share));
    let interval = interval.map(|i| [number(Some(i.low)), number(Some(i.high))]);
    json!({ "raw": number(raw), "unique": number(unique), "fixed_panel": number(panel), "interval": interval })
}

/// One answer: its columns and rows, and what a reader needs with them.
pub fn answer(answer: &Answer) -> Json {
    let columns: Vec<&str> = answer.columns.iter().map(|c| c.name).collect();
    let rows: Vec<Vec<Json>> = answer.rows.iter().map(|row| row.iter().map(value).collect()).collect();
    json!({
        "id": answer.id,
        "title": answer.title,
        "columns": columns,
        "rows": rows,
        "method": answer.method,
        "caveats": answer.caveats,
        "query": answer.query,
    })
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(n) => Json::from(*n),
        Value::Float(x) => Json::from(*x),
        Value::Null => Json::Null,
    }
}
