//! Which column of a generic table (JSONL, CSV) holds what.

use serde::{Deserialize, Serialize};

/// Column names by meaning; nested JSON keys are joined by dots (`user.name`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    pub text: Option<String>,
    pub date: Option<String>,
    pub id: Option<String>,
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub thread_id: Option<String>,
    pub thread_title: Option<String>,
    pub reply_to: Option<String>,
    pub forwarded_from: Option<String>,
    pub edited_at: Option<String>,
    pub url: Option<String>,
}
