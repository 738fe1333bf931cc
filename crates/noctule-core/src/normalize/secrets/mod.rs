//! Secrets in a text: passwords, card numbers, private keys, tokens, seed phrases, identity numbers.
//!
//! What is found is masked with one `•` a character before anything but the evidence is written (promise H1).
//! Hints in the text (`hints`) say which searches are worth running, so a message without one costs a quick pass.
//!
//! Kept readable on purpose: the first six digits of a card (its bank, public) and the last four; the user name
//! before a password; the header lines of a key. Not secrets: wallets, hashes, prices, handles, phone numbers.
//!
//! Where it is wrong: a password of plain words in running text (`the password is monkey and …`), a combination
//! list of bare `name:word` lines without an address, keys of services that have no telling prefix.

mod hints;
mod keys;
mod numbers;
mod passwords;

use super::MASK;
use super::mapped::Mapped;
use crate::model::{Shadow, Span};
use hints::Hint;

/// Masking one secret may show another (`a:b:c`, once `a` is masked). Two rounds have been enough for all but
/// texts made for the purpose.
const ROUNDS: usize = 8;

/// The secrets of a text: ascending, disjoint, on character boundaries. Masked, the text has none left.
pub fn find(text: &str) -> Vec<Span> {
    let mut found = search(text);
    if found.is_empty() {
        return found;
    }
    for _ in 0..ROUNDS {
        let masked = mask(text, &found);
        let more = search(&masked.text);
        if more.is_empty() {
            break;
        }
        // A secret holds no mask, so its characters stand side by side in the source.
        found.extend(more.iter().map(|span| {
            let start = masked.raw_offset(span.start);
            Span { start, end: start + (span.end - span.start) }
        }));
        found.sort_unstable();
    }
    found
}

/// The text with each character of its secrets masked; offsets map back to the text.
pub fn mask(text: &str, secrets: &[Span]) -> Shadow {
    let mut masked = Mapped::with_capacity(text.len() + 64);
    let mut at = 0;
    for secret in secrets {
        masked.push_str(&text[at..secret.start as usize], at);
        for (offset, _) in text[secret.range()].char_indices() {
            masked.push(MASK, secret.start as usize + offset);
        }
        at = secret.end as usize;
    }
    masked.push_str(&text[at..], at);
    masked.finish(text.len())
}

/// One round of [`find`].
fn search(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    // Hints inside of a key block are part of it, and a block without an end is read once.
    let mut block_end = 0;
    for (hint, start, end) in hints::find(text) {
        if start < block_end {
            continue;
        }
        match hint {
            Hint::Password => passwords::after_keyword(text, start, end, &mut found),
            Hint::Key => keys::with_prefix(text, start, &mut found),
            Hint::NamedKey => keys::after_name(text, start, end, &mut found),
            Hint::Pem => block_end = keys::private_block(text, start, &mut found),
            Hint::Seed => keys::seed_phrase(text, end, &mut found),
            Hint::Identity => numbers::after_identity_word(text, end, &mut found),
        }
    }
    numbers::cards_and_bots(text, &mut found);
    passwords::combinations(text, &mut found);
    if found.is_empty() {
        return found;
    }
    found.sort_unstable();
    found.dedup_by(|later, earlier| {
        let overlaps = later.start < earlier.end;
        if overlaps {
            earlier.end = earlier.end.max(later.end);
        }
        overlaps
    });
    found.retain(|span| text[span.range()].chars().any(|c| c != MASK));
    found
}

/// Adds a span unless it is empty or holds a mask: what is masked was found before.
fn add(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    if start < end && !text[start..end].contains(MASK) {
        found.push(Span::new(start, end));
    }
}

/// The first `bytes` of a text, less what the last character would lack. Bounds every look ahead, so that a text
/// of nothing but hints takes linear time.
fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Whether a token can begin at `at`: nothing word-like, and no mask, right before it.
fn begins(text: &str, at: usize) -> bool {
    !text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a text against itself with the secrets in `⟦…⟧`.
    #[track_caller]
    fn check(marked: &str) {
        let text = marked.replace(['⟦', '⟧'], "");
        let mut shown = String::new();
        let mut at = 0;
        for span in find(&text) {
            shown.push_str(&text[at..span.start as usize]);
            shown.push('⟦');
            shown.push_str(&text[span.range()]);
            shown.push('⟧');
            at = span.end as usize;
        }
        shown.push_str(&text[at..]);
        assert_eq!(shown, marked);
    }

    #[test]
    fn passwords_after_a_keyword() {
        check("login: bob password: ⟦hunter2⟧");
        check("Password: ⟦S3cret!pass⟧, no refunds");
        check("pass=⟦qwerty⟧");
        check("Пароль: ⟦Zima2024⟧");
        check("пароль — ⟦zima2024⟧ к архиву");
        check("密码：⟦abc123456⟧联系客服");
        check("contraseña: ⟦gato_99⟧");
        check("Passwort: ⟦geheim123⟧");
        check("senha: ⟦flor2020⟧");
        check("mot de passe : ⟦soleil75⟧");
        check("{\"password\": \"⟦qwerty1⟧\"}");
        check("the password is ⟦monkey77⟧");
        check("Password:\n⟦infected⟧\n");
        check("user: bob pass: ⟦monkey⟧ email: bob@mail.example");
    }

    #[test]
    fn words_after_a_keyword_are_no_passwords() {
        check("password: ask me");
        check("Password: required");
        check("пароль: в лс");
        check("email:pass:country");
        check("Format: login:password");
        check("mail:pass 10k, good quality");
        check("pass: https://t.me/channel");
        check("Password protected archive, bypass 2FA: yes");
        check("passport: available");
        check("100 passes: 50$ each");
        check("пароль в профиле");
    }

    #[test]
    fn combination_lines() {
        check("bob@mail.example:⟦Summer2020⟧\namy@mail.example:⟦letmein⟧");
        check("https://shop.example/login:bob:⟦hunter2⟧");
        check("bob@mail.example;⟦qwerty12⟧ rest");
        check("10.0.0.1:3389:administrator:⟦P@ssw0rd⟧");
        check("shop.example/login|bob@mail.example|⟦pass12⟧");
    }

    #[test]
    fn addresses_are_no_combinations() {
        check("write to bob@mail.example: fast answer");
        check("bob@jabber.example:5222");
        check("a@mail.example;b@mail.example");
        check("https://site.example:8080/path");
        check("at 12:30:45 on https://site.example/a:b");
        check("1.2.3.4:3389 admin rights");
        check("jabber: me@xmpp.example|telegram: @me");
    }

    #[test]
    fn cards_keep_bank_and_end() {
        check("4111 11⟦11 1111 ⟧1111");
        check("card 555555⟦555555⟧4444 valid");
        check("411111⟦111111⟧1111|12|26|⟦123⟧|Bob");
        check("378282⟦24631⟧0005");
        check("100 411111⟦111111⟧1111 50$");
    }

    #[test]
    fn numbers_are_no_cards() {
        check("4111111111111112");
        check("order 1234567890123456");
        check("+7 911 123-45-67, 1000-2000$");
        check("0x4111111111111111aa");
        check("1700000000000 id 9007199254740993");
    }

    #[test]
    fn keys_and_tokens() {
        check("⟦AKIAIOSFODNN7EXAMPLE⟧");
        check("t=⟦ghp_abcdefghijklmnopqrstuvwxyz0123456789⟧");
        check("bot 123456789:⟦AAabcdefghijklmnopqrstuvwxyz0123456⟧ runs");
        check("⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-x⟧");
        check("api_key = ⟦0123456789abcdef0123⟧");
        check("⟦sk_live_0123456789abcdefABCD⟧");
        check("Authorization: Bearer ⟦abcdef0123456789abcdef⟧");
        check("-----BEGIN RSA PRIVATE KEY-----\n⟦MIIEpAIBAAKCAQEA⟧\n⟦abcd==⟧\n-----END RSA PRIVATE KEY-----\nbye");
        check("seed phrase: ⟦legal winner thank year wave sausage worth useful legal winner thank yellow⟧");
    }

    #[test]
    fn wallets_and_hashes_are_no_secrets() {
        check("token: 0x52908400098527886E0F7030069857D2E4169EE7");
        check("btc 1BoatSLRHtKNngkdXEeobR76b53LETtpyT");
        check("sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, CVE-2021-44228");
        check("-----BEGIN PGP PUBLIC KEY BLOCK-----\nmQENBF\n-----END PGP PUBLIC KEY BLOCK-----");
        check("sk-ip the task-force; Asia, seed: we sell the good seeds for your garden and the rest of the year");
    }

    #[test]
    fn identity_numbers() {
        check("SSN: ⟦123-45-67⟧89");
        check("паспорт ⟦4509 1234⟧56");
        check("⟦11010519491231⟧002X");
    }
}
