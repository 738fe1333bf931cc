//! Numbers as a reader meets them: `1,032,973`, `39.3k`, `10.6%`, `×2.29`.

use noctule_core::stats::Interval;

/// `1,032,973`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 message`, `2 messages`, `1,234 messages`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// A share of 1 as `10.6%`; two digits more below 1 %, and never `0%` or `100%` for what is not.
pub fn percent(share: f64) -> String {
    format!("{}%", bare_percent(share))
}

/// `9.6–11.7%`.
pub fn percent_range(interval: Interval) -> String {
    format!("{}–{}%", bare_percent(interval.low), bare_percent(interval.high))
}

fn bare_percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p <= 0.0 => "0".into(),
        p if p >= 100.0 => "100".into(),
        p if p < 0.01 => "<0.01".into(),
        p if p < 1.0 => format!("{p:.2}"),
        p if p > 99.94 => ">99.9".into(),
        p => format!("{p:.1}"),
    }
}

/// A ratio of levels: `×2.29`, `×0.41`, `×12.4`, `×0.004`.
pub fn times(ratio: f64) -> String {
    match ratio {
        r if r >= 100.0 => format!("×{}", thousands(r.round() as u64)),
        r if r >= 10.0 => format!("×{r:.1}"),
        r if r >= 0.095 => format!("×{r:.2}"),
        r => format!("×{r:.3}"),
    }
}

/// `4.1 times`, for a sentence.
pub fn times_in_words(ratio: f64) -> String {
    match ratio {
        r if r >= 100.0 => format!("{} times", thousands(r.round() as u64)),
        r if r >= 10.0 => format!("{r:.0} times"),
        r if r >= 0.95 => format!("{r:.1} times"),
        r => format!("{r:.2} times"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// The sentence with a capital first letter.
pub fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_the_style_wants_them() {
        assert_eq!([0, 999, 1_000, 1_032_973].map(thousands), ["0", "999", "1,000", "1,032,973"]);
        let shares = [0.0, 0.00001, 0.0036, 0.106, 0.9999, 1.0].map(percent);
        assert_eq!(shares, ["0%", "<0.01%", "0.36%", "10.6%", ">99.9%", "100%"]);
        assert_eq!([2.29, 0.41, 12.44, 0.0041, 1_234.0].map(times), ["×2.29", "×0.41", "×12.4", "×0.004", "×1,234"]);
        assert_eq!(percent_range(Interval { low: 0.096, high: 0.117 }), "9.6–11.7%");
    }

    #[test]
    fn sentences() {
        assert_eq!(counted(1, "message", "messages"), "1 message");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(capital("rose"), "Rose");
        assert_eq!(capital(""), "");
    }
}
