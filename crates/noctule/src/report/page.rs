//! `report.html`: one file, no script, no outside request. What it consists of is in `opening.rs`, `section.rs`,
//! `evidence.rs` and `closing.rs`; this file is the frame around them.

use noctule_store::analyze::Study;
use sha2::{Digest, Sha256};

use super::foreign::Foreign;
use super::html::Html;
use super::{EvidenceQuote, Manifest, closing, events, evidence, opening, section};

/// The whole page.
pub fn report(study: &Study, manifest: &Manifest, quotes: &[EvidenceQuote]) -> Html {
    let counts = &study.counts;
    let simulated = counts.simulated.is_some();
    let window = counts.window.map_or_else(|| "no messages".to_string(), |w| w.words());
    let style = style();
    let mut out = Html::new();
    // The policy allows the one style sheet below by its hash, and nothing else: not even a style attribute.
    out.put(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src &#39;sha256-{}&#39;; \
         base-uri &#39;none&#39;; form-action &#39;none&#39;\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Escrow agents in underground deals, {}{} · Noctule</title><style>{}</style></head>\n",
        &[
            &base64(&Sha256::digest(style.as_str().as_bytes())),
            &window,
            &if simulated { " (simulated)" } else { "" },
            &style,
        ],
    );
    out.put("<body{}><a class=\"skip\" href=\"#answers\">Skip to the answers</a>", &[&body_class(simulated)]);
    if let Some(simulated) = &counts.simulated {
        out.put(
            "<div class=\"strip\" role=\"note\"><b>Simulated data.</b> A program made up this corpus: no person, source, deal or \
             figure here is real (scenario {}, seed {}).</div>",
            &[&Foreign(&simulated.scenario), &simulated.seed.to_string()],
        );
    }
    out.put("<div class=\"frame\">{}{}<main>{}", &[&masthead(), &contents(study, quotes), &opening::opening(study)]);
    let events = events::of(study);
    for (i, answer) in study.answers.iter().enumerate() {
        let setting = section::Setting { whole: i == 0, simulated, events: if i == 0 { &events } else { &[] } };
        out.put("{}", &[&section::section(answer, &setting)]);
    }
    out.put(
        "{}{}{}</main><footer class=\"foot\">Made by Noctule {}. Counts are of what was collected, not of what exists.{}</footer>\
         </div></body></html>\n",
        &[
            &evidence::quotes(quotes, counts),
            &closing::quality(counts),
            &closing::again(study, manifest),
            &manifest.noctule,
            &if simulated { " Simulated data." } else { "" },
        ],
    );
    out
}

/// The style sheet; the same for every report, so that one hash stands for it.
fn style() -> Html {
    let mut out = Html::new();
    out.put(":root{", &[]);
    out.put(include_str!("style/light.css"), &[]);
    out.put("}\n@media screen and (prefers-color-scheme:dark){:root:not(:has(#theme-light:checked)){", &[]);
    out.put(include_str!("style/dark.css"), &[]);
    out.put("}}\n@media screen{:root:has(#theme-dark:checked){", &[]);
    out.put(include_str!("style/dark.css"), &[]);
    out.put("}}\n", &[]);
    out.put(include_str!("style/page.css"), &[]);
    out.put(include_str!("style/print.css"), &[]);
    out
}

fn body_class(simulated: bool) -> Html {
    let mut out = Html::new();
    if simulated {
        out.put(" class=\"simulated\"", &[]);
    }
    out
}

fn masthead() -> Html {
    let mut out = Html::new();
    out.put(
        "<header class=\"mast\"><svg viewBox=\"0 0 32 20\" width=\"32\" height=\"20\" aria-hidden=\"true\"><path fill=\"currentColor\" \
         d=\"M1 7c4-5 8-5 11-1l1.400-3L16 5l2.600-2L20 6c3-4 7-4 11 1-4-.6-6 2-6.400 7-2.600-1.800-5.200-1-6.200 2L16 19l-2.400-3c-1-3-3.600-3.800-6.200-2C7 9 5 6.400 1 7z\"/></svg>\
         <b>Noctule</b><span class=\"what\">study of a corpus</span><fieldset><legend class=\"unseen\">Colors</legend>\
         <label><input type=\"radio\" name=\"theme\" checked>Auto</label><label><input type=\"radio\" name=\"theme\" id=\"theme-light\">Light</label>\
         <label><input type=\"radio\" name=\"theme\" id=\"theme-dark\">Dark</label></fieldset></header>",
        &[],
    );
    out
}

fn contents(study: &Study, quotes: &[EvidenceQuote]) -> Html {
    let mut out = Html::new();
    out.put("<nav aria-label=\"Contents\"><ol>", &[]);
    let mut entry = |name: &str, id: &str, words: &str| {
        out.put("<li><a href=\"#{}\"><span class=\"mono\">{}</span><span>{}</span></a></li>", &[&name, &id, &words]);
    };
    entry("answers", "", "Answers");
    for answer in &study.answers {
        entry(answer.name, answer.id, &opening::short(answer));
    }
    if !quotes.is_empty() {
        entry("evidence", "", "Evidence");
    }
    entry("quality", "", "What is missing");
    entry("manifest", "", "Repeat it");
    out.put("</ol></nav>", &[]);
    out
}

/// RFC 4648, with padding.
pub fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, i| bits << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        for place in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= three.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_the_rfc() {
        let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
