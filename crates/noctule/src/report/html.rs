//! The one way to write HTML: a template of our own with holes, and values that escape themselves.
//!
//! [`Html::put`] takes its template as `&'static str`, so nothing from outside can be one, and fills each `{}` with a
//! [`Shown`] value. Text is escaped for elements and quoted attributes; only another [`Html`] goes in as it is. Text
//! from outside has its own forms, in `foreign.rs`.

use std::fmt::Write;

use super::foreign::hidden;

/// Escaped HTML or SVG.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Html(String);

/// A value that knows how to be HTML.
pub trait Shown {
    fn show(&self, out: &mut Html);
}

impl Html {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `template`, each `{}` replaced by the next of `values`. Braces that are not `{}` stand as they are.
    pub fn put(&mut self, template: &'static str, values: &[&dyn Shown]) {
        let mut values = values.iter();
        let mut parts = template.split("{}");
        self.0.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let value = values.next();
            debug_assert!(value.is_some(), "too few values for {template}");
            if let Some(value) = value {
                value.show(self);
            }
            self.0.push_str(part);
        }
        debug_assert!(values.next().is_none(), "too many values for {template}");
    }

    pub(super) fn escape(&mut self, letter: char) {
        match letter {
            '&' => self.0.push_str("&amp;"),
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '"' => self.0.push_str("&quot;"),
            '\'' => self.0.push_str("&#39;"),
            letter => self.0.push(letter),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Shown for Html {
    fn show(&self, out: &mut Html) {
        out.0.push_str(&self.0);
    }
}

/// Our own words: escaped, with hidden characters left out.
impl Shown for &str {
    fn show(&self, out: &mut Html) {
        self.chars().filter(|c| hidden(*c).is_none()).for_each(|c| out.escape(c));
    }
}

impl Shown for String {
    fn show(&self, out: &mut Html) {
        self.as_str().show(out);
    }
}

/// A coordinate: one decimal, none when it is whole.
impl Shown for f64 {
    fn show(&self, out: &mut Html) {
        let tenths = (self * 10.0).round() as i64;
        let sign = if tenths < 0 { "-" } else { "" };
        let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        let _ = if rest == 0 { write!(out.0, "{sign}{whole}") } else { write!(out.0, "{sign}{whole}.{rest}") };
    }
}

impl Shown for usize {
    fn show(&self, out: &mut Html) {
        let _ = write!(out.0, "{self}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &dyn Shown) -> String {
        let mut out = Html::new();
        out.put("{}", &[value]);
        out.0
    }

    #[test]
    fn text_is_escaped_wherever_it_goes() {
        let payload = "<img src=x onerror=\"a('b')\">&amp;";
        assert_eq!(shown(&payload), "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;");
        assert_eq!(shown(&"a\u{202e}b\u{1b}"), "ab");
    }

    #[test]
    fn templates_with_braces_in_values_are_not_templates() {
        let mut out = Html::new();
        out.put("<p>{}</p><p>{}</p>", &[&"{}", &"x"]);
        assert_eq!(out.as_str(), "<p>{}</p><p>x</p>");
    }

    #[test]
    fn coordinates() {
        assert_eq!(
            [1.0, 1.04, 1.05, -0.04, -2.25, 1e3].map(|x: f64| shown(&x)),
            ["1", "1", "1.1", "0", "-2.3", "1000"]
        );
    }
}
