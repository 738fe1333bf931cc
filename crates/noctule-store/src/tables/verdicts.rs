//! `verdicts`: what the detectors said, one row a revision, in the order of `messages`.
//!
//! It repeats the few columns that counting needs (source, time, cluster, capture), so that a study reads this
//! narrow table and never the texts.

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Float32Builder, Float64Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};

use super::Kind::{Boolean, Double, Float, Int, Long, Text, Time};
use super::{Column, TableDef, finished, optional, required};
use crate::Result;
use crate::writer::Row;

pub static TABLE: TableDef = TableDef {
    name: "verdicts",
    about: "What the detectors said of each message, with the columns that counting needs.",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    required("message_id", Text),
    required("escrow", Boolean).repeated(),
    required("escrow_score", Float).repeated(),
    optional("escrow_polarity", Text).repeated(),
    optional("agent", Text).repeated(),
    required("deal", Boolean).repeated(),
    required("deal_score", Float).repeated(),
    optional("kind", Text).repeated(),
    optional("role", Text).repeated(),
    optional("price_usd", Double).repeated(),
    optional("fee_percent_min", Double).repeated(),
    optional("fee_percent_max", Double).repeated(),
    required("scam_report", Boolean).repeated(),
    required("detector_version", Text).repeated(),
    required("source_id", Text).repeated(),
    optional("posted_at", Time).with_statistics(),
    optional("cluster_id", Text),
    required("capture_no", Int).repeated().with_statistics(),
    required("content", Long),
    required("edited_secs", Long).repeated(),
    required("forwarded", Boolean).repeated(),
    optional("escrow_terms", Text).repeated(),
    required("lang", Text).repeated(),
    optional("fee_payer", Text).repeated(),
    optional("accused", Text).repeated(),
];

#[derive(Default)]
pub struct Builder {
    message_id: StringBuilder,
    escrow: BooleanBuilder,
    escrow_score: Float32Builder,
    escrow_polarity: StringBuilder,
    agent: StringBuilder,
    deal: BooleanBuilder,
    deal_score: Float32Builder,
    kind: StringBuilder,
    role: StringBuilder,
    price_usd: Float64Builder,
    fee_percent_min: Float64Builder,
    fee_percent_max: Float64Builder,
    scam_report: BooleanBuilder,
    detector_version: StringBuilder,
    source_id: StringBuilder,
    posted_at: TimestampMicrosecondBuilder,
    cluster_id: StringBuilder,
    capture_no: Int32Builder,
    content: Int64Builder,
    edited_secs: Int64Builder,
    forwarded: BooleanBuilder,
    escrow_terms: StringBuilder,
    lang: StringBuilder,
    fee_payer: StringBuilder,
    accused: StringBuilder,
}

impl Builder {
    pub fn push(&mut self, row: &Row<'_>) {
        let (raw, verdict) = (&row.message.raw, row.verdict);
        let (escrow, deal) = (&verdict.escrow, &verdict.deal);
        self.message_id.append_value(row.message_id);
        self.escrow.append_value(escrow.mentioned);
        self.escrow_score.append_value(escrow.score);
        self.escrow_polarity.append_option(escrow.polarity.map(|p| p.word()));
        self.agent.append_option(escrow.mentioned.then_some(escrow.agent.word()));
        self.deal.append_value(deal.related);
        self.deal_score.append_value(deal.score);
        self.kind.append_option(deal.kind);
        self.role.append_option(deal.role.map(|r| r.word()));
        // Only amounts in dollars are known without a table of rates; others stay null rather than guessed.
        let dollars =
            deal.prices.iter().find(|p| matches!(p.currency, "USD" | "USDT")).and_then(|p| p.amount.parse().ok());
        self.price_usd.append_option(dollars);
        self.fee_percent_min.append_option(deal.fees.first().map(|f| f.percent_min));
        self.fee_percent_max.append_option(deal.fees.first().map(|f| f.percent_max));
        self.scam_report.append_value(verdict.scam_report.is);
        self.detector_version.append_value(row.detector_version);
        self.source_id.append_value(row.source_id);
        self.posted_at.append_option(raw.posted_at.map(|p| p.at.0));
        self.cluster_id.append_option(row.cluster_id);
        self.capture_no.append_value(row.capture.no as i32);
        self.content.append_value(row.message.content as i64);
        self.edited_secs.append_value(i64::from(row.edited_secs()));
        self.forwarded.append_value(raw.forwarded_from.is_some());
        let term = escrow.spans.first().and_then(|span| raw.text.get(span.range()));
        // A term is a word of a lexicon, so it is short; what is longer is cut out of no one's text.
        self.escrow_terms.append_option(term.filter(|t| t.len() <= 64).map(str::to_lowercase));
        self.lang.append_value(row.message.clean.lang);
        // Of the same fee as the percentages.
        self.fee_payer.append_option(deal.fees.first().and_then(|f| f.payer).map(|p| p.word()));
        let accused = verdict.scam_report.accused.filter(|_| verdict.scam_report.is);
        self.accused.append_option(accused.map(|a| a.word()));
    }

    pub fn finish(&mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            finished(&mut self.message_id),
            finished(&mut self.escrow),
            finished(&mut self.escrow_score),
            finished(&mut self.escrow_polarity),
            finished(&mut self.agent),
            finished(&mut self.deal),
            finished(&mut self.deal_score),
            finished(&mut self.kind),
            finished(&mut self.role),
            finished(&mut self.price_usd),
            finished(&mut self.fee_percent_min),
            finished(&mut self.fee_percent_max),
            finished(&mut self.scam_report),
            finished(&mut self.detector_version),
            finished(&mut self.source_id),
            finished(&mut self.posted_at),
            finished(&mut self.cluster_id),
            finished(&mut self.capture_no),
            finished(&mut self.content),
            finished(&mut self.edited_secs),
            finished(&mut self.forwarded),
            finished(&mut self.escrow_terms),
            finished(&mut self.lang),
            finished(&mut self.fee_payer),
            finished(&mut self.accused),
        ];
        Ok(RecordBatch::try_new(TABLE.arrow_schema(), columns)?)
    }
}
