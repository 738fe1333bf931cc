//! The documented views, defined over the tables and the ledger.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::datasource::MemTable;
use datafusion::prelude::SessionContext;
use deltalake::DeltaTableBuilder;

use crate::ledger::Ledger;
use crate::tables::{TABLES, TableDef};
use crate::{Result, Store, StoreError};

/// A view: its name, what it holds, and its definition over the stored tables.
pub struct View {
    pub name: &'static str,
    pub about: &'static str,
    /// The columns that others rely on; more may follow them.
    pub columns: &'static [&'static str],
    sql: &'static str,
}

/// Every view, in the order they are defined.
pub static VIEWS: &[View] = &[
    View {
        name: "messages",
        about: "what was posted; the latest revision, quotes taken out, secrets masked",
        columns: &[
            "message_id",
            "source_id",
            "source_name",
            "medium",
            "thread_id",
            "thread_title",
            "native_id",
            "author_id",
            "author_name",
            "posted_at",
            "edited_at",
            "collected_at",
            "text",
            "lang",
            "reply_to",
            "forwarded_from",
            "cluster_id",
            "capture_id",
        ],
        sql: "SELECT message_id, source_id, source_name, medium, thread_id, thread_title, native_id, author_id, \
              author_name, posted_at, edited_at, collected_at, text, lang, reply_to, forwarded_from, cluster_id, \
              capture_id, posted_at_precise, place FROM stored_messages m \
              WHERE NOT EXISTS (SELECT 1 FROM stored_revisions r WHERE r.message_id = m.message_id AND r.content = m.content)",
    },
    View {
        name: "verdicts",
        about: "what the detectors said of each message",
        columns: &[
            "message_id",
            "escrow",
            "escrow_score",
            "escrow_polarity",
            "agent",
            "deal",
            "deal_score",
            "kind",
            "role",
            "price_usd",
            "fee_percent_min",
            "fee_percent_max",
            "scam_report",
            "detector_version",
            "fee_payer",
            "accused",
        ],
        sql: "SELECT message_id, escrow, escrow_score, escrow_polarity, agent, deal, deal_score, kind, role, price_usd, \
              fee_percent_min, fee_percent_max, scam_report, detector_version, fee_payer, accused, source_id, \
              posted_at, cluster_id, escrow_terms, lang FROM stored_verdicts m \
              WHERE NOT EXISTS (SELECT 1 FROM stored_revisions r WHERE r.message_id = m.message_id AND r.content = m.content)",
    },
    View {
        name: "entities",
        about: "indicators and handles, with byte offsets into messages.text",
        columns: &["message_id", "kind", "value", "start_byte", "end_byte"],
        sql: "SELECT message_id, kind, value, start_byte, end_byte FROM stored_entities m \
              WHERE NOT EXISTS (SELECT 1 FROM stored_revisions r WHERE r.message_id = m.message_id AND r.content = m.content)",
    },
    View {
        name: "sources",
        about: "channels, forums and markets, with what was seen of them",
        columns: &["source_id", "name", "medium", "url", "first_at", "last_at", "messages"],
        sql: "SELECT s.source_id, s.name, s.medium, s.url, min(v.posted_at) AS first_at, max(v.posted_at) AS last_at, \
              count(v.message_id) AS messages FROM ledger_sources s LEFT JOIN verdicts v ON v.source_id = s.source_id \
              GROUP BY s.source_id, s.name, s.medium, s.url",
    },
    View {
        name: "skips",
        about: "what was left out or repaired, and why",
        columns: &["capture_id", "path", "place", "reason"],
        sql: "SELECT capture_id, path, place, reason, detail FROM ledger_skips",
    },
    View {
        name: "captures",
        about: "the files that were read",
        columns: &["capture_id", "path", "bytes", "format", "captured_at"],
        sql: "SELECT capture_id, path, bytes, format, captured_at, messages, duplicates, skipped, state FROM ledger_captures",
    },
    View {
        name: "clusters",
        about: "near-duplicates folded together",
        columns: &["cluster_id", "first_message_id", "messages", "sources", "first_at", "last_at"],
        sql: "SELECT cluster_id, first_value(message_id ORDER BY posted_at, message_id) AS first_message_id, \
              count(*) AS messages, count(DISTINCT source_id) AS sources, min(posted_at) AS first_at, \
              max(posted_at) AS last_at FROM verdicts WHERE cluster_id IS NOT NULL GROUP BY cluster_id",
    },
];

/// Registers every view over the state that the ledger calls valid at this moment.
pub async fn register(store: &Store, ctx: &SessionContext) -> Result<()> {
    let ledger = store.ledger()?;
    let versions = ledger.snapshot(|ledger| {
        store.check_tables(ledger)?;
        register_ledger(ctx, ledger)?;
        TABLES.iter().map(|t| ledger.table_version(t.name)).collect::<Result<Vec<_>>>()
    })?;
    for (table, version) in TABLES.iter().zip(versions) {
        register_table(store, ctx, table, version).await?;
    }
    for view in VIEWS {
        let frame = ctx.sql(view.sql).await?;
        ctx.register_table(view.name, frame.into_view())?;
    }
    // The views keep what they are made of; a query sees the views and nothing else.
    let stored = TABLES.iter().map(|table| format!("stored_{}", table.name));
    for name in stored.chain(LEDGER_TABLES.map(String::from)) {
        ctx.deregister_table(name.as_str())?;
    }
    Ok(())
}

const LEDGER_TABLES: [&str; 3] = ["ledger_skips", "ledger_sources", "ledger_captures"];

async fn register_table(store: &Store, ctx: &SessionContext, table: &TableDef, version: Option<i64>) -> Result<()> {
    let name = format!("stored_{}", table.name);
    let Some(version) = version else {
        let empty = MemTable::try_new(table.arrow_schema(), vec![vec![]])?;
        ctx.register_table(name.as_str(), Arc::new(empty))?;
        return Ok(());
    };
    let dir = store.tables_dir().join(table.name);
    let dir = std::path::absolute(&dir).map_err(StoreError::io("find", &dir))?;
    let url = deltalake::ensure_table_uri(dir.to_string_lossy())?;
    let delta = DeltaTableBuilder::from_url(url)?.with_version(version as u64).load().await?;
    delta.update_datafusion_session(&ctx.state())?;
    ctx.register_table(name.as_str(), delta.table_provider().await?)?;
    Ok(())
}

fn register_ledger(ctx: &SessionContext, ledger: &Ledger) -> Result<()> {
    let text = |values: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let number = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };

    let skips = ledger.skips()?;
    let pick = |f: fn(&crate::ledger::SkipRow) -> Option<String>| text(skips.iter().map(f).collect());
    memory_table(
        ctx,
        "ledger_skips",
        vec![
            ("capture_id", pick(|s| s.capture_id.clone())),
            ("path", pick(|s| Some(s.path.clone()))),
            ("place", pick(|s| Some(s.place.clone()))),
            ("reason", pick(|s| Some(s.reason.clone()))),
            ("detail", pick(|s| Some(s.detail.clone()))),
        ],
    )?;

    let sources = ledger.sources()?;
    let pick = |f: fn(&crate::ledger::SourceRow) -> Option<String>| text(sources.iter().map(f).collect());
    memory_table(
        ctx,
        "ledger_sources",
        vec![
            ("source_id", pick(|s| Some(s.source_id.clone()))),
            ("name", pick(|s| Some(s.name.clone()))),
            ("medium", pick(|s| Some(s.medium.clone()))),
            ("url", pick(|s| s.url.clone())),
        ],
    )?;

    let captures = ledger.captures()?;
    let pick = |f: fn(&crate::ledger::Capture) -> String| text(captures.iter().map(|c| Some(f(c))).collect());
    let count = |f: fn(&crate::ledger::Capture) -> u64| number(captures.iter().map(|c| f(c) as i64).collect());
    let at = TimestampMicrosecondArray::from_iter_values(captures.iter().map(|c| c.new.captured_at.0));
    memory_table(
        ctx,
        "ledger_captures",
        vec![
            ("capture_id", pick(|c| c.new.id.0.clone())),
            ("path", pick(|c| c.new.path.clone())),
            ("bytes", count(|c| c.new.bytes)),
            ("format", pick(|c| c.new.format.clone())),
            ("captured_at", Arc::new(at.with_timezone("UTC"))),
            ("messages", count(|c| c.messages)),
            ("duplicates", count(|c| c.duplicates)),
            ("skipped", count(|c| c.skipped)),
            ("state", pick(|c| if c.materialized { "materialized".into() } else { "acknowledged".into() })),
        ],
    )
}

fn memory_table(ctx: &SessionContext, name: &str, columns: Vec<(&str, ArrayRef)>) -> Result<()> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))?;
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
    ctx.register_table(name, Arc::new(table))?;
    Ok(())
}
