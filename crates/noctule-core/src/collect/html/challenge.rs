//! Pages that a guard in front of a site shows instead of the site.
//!
//! # What it reads
//! Saved pages of Cloudflare, DDoS-Guard and similar guards ("Just a moment...", "Checking your browser"). They hold
//! no message: the collector exists to say so, because a crawl that got nothing else should not look like a success.
//!
//! # How
//! By the title, and by the guards' own scripts.
//!
//! # Where it is wrong
//! - A guard with a title of its own and no known script is an unknown format.

use super::{Collector, Head, Input, Sink, html_head};
use crate::model::{Reason, Skip};

pub struct Challenge;

impl Collector for Challenge {
    fn name(&self) -> &'static str {
        "challenge-html"
    }

    fn about(&self) -> &'static str {
        "pages of guards such as Cloudflare that hide a site: no messages, one skip"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let text = html_head(head)?;
        let title = text.split_once("<title>")?.1.split_once("</title>")?.0.to_lowercase();
        let script =
            ["/cdn-cgi/challenge-platform/h/", "_cf_chl_opt", "ddos-guard/js-challenge", "cf-challenge-running"]
                .iter()
                .any(|mark| text.contains(mark));
        (is_challenge(&title) && (script || text.len() < 16 << 10))
            .then(|| "the page of a guard that checks for browsers".to_owned())
    }

    fn read(&self, _input: Input<'_>, sink: &mut dyn Sink) {
        sink.skip(Skip {
            place: "page".into(),
            reason: Reason::Empty,
            detail: "a guard's page that checks for browsers: the site itself was not captured".into(),
        });
    }
}

/// By the title in lower case.
pub(super) fn is_challenge(title: &str) -> bool {
    [
        "just a moment",
        "attention required! | cloudflare",
        "ddos-guard",
        "checking your browser",
        "ddos protection by",
        "access denied | ",
    ]
    .iter()
    .any(|mark| title.contains(mark))
}
