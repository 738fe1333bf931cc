//! Messages quoted as evidence: what was written, why it counts, and where it is kept.

use noctule_store::analyze::Counts;
use noctule_store::analyze::words::{capital, counted, thousands};

use super::EvidenceQuote;
use super::foreign::{Evidence, Foreign, defang, hidden};
use super::html::Html;

pub fn quotes(evidence: &[EvidenceQuote], counts: &Counts) -> Html {
    let mut out = Html::new();
    if evidence.is_empty() {
        return out;
    }
    let (n, all) = (counted(evidence.len() as u64, "message", "messages"), thousands(counts.total.escrow.raw));
    out.put(
        "<section class=\"answer\" id=\"evidence\" aria-labelledby=\"evidence-finding\"><header><h2 id=\"evidence-finding\">{} of the {} that \
         mention an escrow agent</h2><p class=\"question\">What do they say, and why do they count?</p></header><div class=\"figures\">",
        &[&n, &all],
    );
    for quote in evidence {
        out.put("{}", &[&article(quote)]);
    }
    out.put(
        "</div><div class=\"notes\"><div><h3>How they are chosen</h3><p>By the order of their ids, which are hashes and so as good as \
         drawn by lot, and one of each text, however often it was posted. The same corpus gives the same sample.</p></div>\
         <div class=\"doubt\"><h3>How they are shown</h3><p>The term that counted is <mark>marked</mark>. Secrets are \
         <span class=\"masked\">••••</span>, addresses cannot be followed (hxxp, [.]), and what would be invisible or \
         poses as another letter is a chip: <span class=\"chip\">ZWSP</span> <span class=\"chip\">а→a</span>.</p>\
         <p>A sample shows what a mention looks like, not how often the detector is wrong.</p></div></div></section>",
        &[],
    );
    out
}

fn article(quote: &EvidenceQuote) -> Html {
    let mut out = Html::new();
    out.put(
        "<article class=\"quote\"><div><abbr class=\"lang\" title=\"{}\">{}</abbr>{}<span>{}</span>",
        &[&language(&quote.lang), &code(&quote.lang), &Foreign(&quote.source), &medium(&quote.medium)],
    );
    if !quote.handle.is_empty() && quote.handle != quote.source {
        out.put("<span>by {}</span>", &[&Foreign(&quote.handle)]);
    }
    if quote.at.is_empty() {
        out.put("<span class=\"when quiet\">no date</span>", &[]);
    } else {
        out.put("<span class=\"when mono\">{}</span>", &[&time(&quote.at)]);
    }
    out.put(
        "</div><blockquote dir=\"auto\"{}>{}</blockquote>",
        &[&lang(&quote.lang), &Evidence { text: &quote.text, spans: &quote.spans }],
    );
    if !quote.why.is_empty() {
        out.put("<ul>", &[]);
        for why in &quote.why {
            out.put("<li>{}</li>", &[&Foreign(why)]);
        }
        out.put("</ul>", &[]);
    }
    out.put("<dl><div><dt>place</dt><dd>{}</dd></div>", &[&Foreign(&quote.place)]);
    if !quote.cluster.is_empty() {
        out.put("<div><dt>cluster</dt><dd class=\"mono\">{}</dd></div>", &[&code(&quote.cluster)]);
    }
    out.put("<div><dt>capture</dt><dd class=\"mono\">b3:{}</dd></div>", &[&code(&quote.hash)]);
    out.put("</dl></article>", &[]);
    out
}

/// The `lang` attribute, where the language is known.
fn lang(tag: &str) -> Html {
    let mut out = Html::new();
    let plain = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain && !tag.is_empty() && tag != "und" {
        out.put(" lang=\"{}\"", &[&code(tag)]);
    }
    out
}

/// An id or tag: at most 64 visible characters, defanged.
fn code(text: &str) -> String {
    let visible: String = text.chars().filter(|c| hidden(*c).is_none()).take(64).collect();
    defang(&visible)
}

/// `telegram-channel` as `Telegram channel`.
fn medium(word: &str) -> String {
    capital(&code(word).replace('-', " "))
}

/// `2021-10-14T21:07:00Z` as `2021-10-14 21:07Z`.
fn time(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(minute)) if at.ends_with('Z') => code(&format!("{day} {minute}Z")),
        _ => code(at),
    }
}

/// The language's name, for the title of its code.
fn language(tag: &str) -> &'static str {
    match tag {
        "ar" => "Arabic",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fr" => "French",
        "hi" => "Hindi",
        "id" => "Indonesian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "th" => "Thai",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        _ => "language not told",
    }
}
