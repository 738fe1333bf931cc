//! Which language a text is in.

/// The BCP 47 primary tag, `und` when it cannot be told.
pub fn identify(text: &str) -> &'static str {
    let _ = text;
    "und"
}
