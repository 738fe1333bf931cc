//! What was found, for programs: the text as it is, encoded by the rules of each form.

use std::io::Write;

use anyhow::Result;
use noctule_store::search::{Hit, Page};
use noctule_store::sql::csv_line;
use serde_json::{Map, Value, json};

/// One message with the columns of the views, in their order, and how well it fits.
fn object(hit: &Hit) -> Map<String, Value> {
    let value = json!({
        "message_id": hit.message_id,
        "source_id": hit.source_id,
        "source_name": hit.source_name,
        "medium": hit.medium,
        "thread_id": hit.thread_id,
        "thread_title": hit.thread_title,
        "native_id": hit.native_id,
        "author_id": hit.author_id,
        "author_name": hit.author_name,
        "posted_at": hit.posted_at.map(|at| at.to_string()),
        "text": hit.text,
        "lang": hit.lang,
        "kind": hit.kind,
        "role": hit.role,
        "price_usd": hit.price_usd,
        "escrow_score": hit.escrow_score,
        "escrow_polarity": hit.escrow_polarity,
        // Through text, so that 0.9 does not become 0.8999999761581421.
        "score": hit.score.to_string().parse::<f64>().unwrap_or_default(),
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Everything in one object: the page, the counts by kind, the histogram, the cursor of the next page.
pub fn json(page: &Page, out: &mut dyn Write) -> Result<()> {
    let hits: Vec<Value> = page
        .hits
        .iter()
        .map(|hit| {
            let mut object = object(hit);
            let parts: Vec<Value> =
                hit.snippet.parts.iter().map(|part| json!({"text": part.text, "found": part.marked})).collect();
            object.insert("snippet".into(), parts.into());
            object.into()
        })
        .collect();
    let facets: Map<String, Value> = page
        .facets
        .iter()
        .map(|facet| {
            let values: Vec<Value> = facet
                .values
                .iter()
                .map(|value| json!({"value": value.value, "name": value.name, "count": value.count}))
                .collect();
            (facet.field.to_owned(), values.into())
        })
        .collect();
    let bars: Vec<Value> =
        page.histogram.bars.iter().map(|bar| json!({"period": bar.period, "count": bar.count})).collect();
    let whole = json!({
        "total": page.total,
        "undated": page.undated,
        "hits": hits,
        "facets": facets,
        "histogram": {"unit": page.histogram.unit.word(), "bars": bars},
        "next": page.next.map(|next| next.to_string()),
    });
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    Ok(out.write_all(b"\n")?)
}

/// One message a line.
pub fn jsonl(page: &Page, out: &mut dyn Write) -> Result<()> {
    for hit in &page.hits {
        serde_json::to_writer(&mut *out, &object(hit))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

pub fn csv(page: &Page, out: &mut dyn Write) -> Result<()> {
    let cell = |value: Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    };
    for (i, hit) in page.hits.iter().enumerate() {
        let object = object(hit);
        if i == 0 {
            csv_line(object.keys().cloned(), out)?;
        }
        csv_line(object.into_iter().map(|(_, value)| cell(value)), out)?;
    }
    Ok(())
}
