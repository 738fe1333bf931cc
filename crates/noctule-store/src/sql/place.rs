//! Errors of a query, told with the place in the query that they are about.

use datafusion::error::DataFusionError;

use crate::StoreError;

/// As much of the query as is quoted behind a place.
const QUOTED_CHARACTERS: usize = 24;

/// What is wrong and where, as one line; lines and columns count from 1, columns in characters.
pub(super) fn error(error: DataFusionError, query: &str) -> StoreError {
    if let DataFusionError::SQL(parser, _) = error.find_root() {
        let text = parser.to_string();
        let text = text.strip_prefix("sql parser error: ").unwrap_or(&text);
        return StoreError::Query(match text.rsplit_once(" at Line: ") {
            Some((what, place)) => {
                let mut numbers = place.split(", Column: ").map(|n| n.trim().parse::<u64>().unwrap_or(0));
                let (line, column) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
                format!("{what}{}", place_of(query, line, column))
            }
            None => text.to_owned(),
        });
    }
    if let Some(diagnostic) = error.diagnostic()
        && let Some(span) = diagnostic.span
    {
        let helps: String = diagnostic.helps.iter().map(|help| format!("\nhint: {}", help.message)).take(1).collect();
        let place = place_of(query, span.start.line, span.start.column);
        return StoreError::Query(format!("{}{place}{helps}", diagnostic.message));
    }
    let text = error.strip_backtrace();
    let prefixes = ["Error during planning: ", "Schema error: ", "This feature is not implemented: "];
    let plain = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
    StoreError::Query(plain.to_owned())
}

fn place_of(query: &str, line: u64, column: u64) -> String {
    if line == 0 || column == 0 {
        return String::new();
    }
    let rest: Vec<char> =
        query.lines().nth(line as usize - 1).unwrap_or("").chars().skip(column as usize - 1).collect();
    let mut quoted: String = rest.iter().take(QUOTED_CHARACTERS).collect();
    if rest.len() > QUOTED_CHARACTERS {
        quoted.push('…');
    }
    let line = if query.trim_end().contains('\n') { format!("line {line}, ") } else { String::new() };
    if quoted.trim().is_empty() {
        format!(", at {line}column {column}")
    } else {
        format!(", at {line}column {column}: «{quoted}»")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_quoted_by_characters_and_lines() {
        assert_eq!(place_of("select гарант from x", 1, 8), ", at column 8: «гарант from x»");
        assert_eq!(place_of("select 1\nfrom y", 2, 6), ", at line 2, column 6: «y»");
        assert_eq!(place_of("select", 1, 90), ", at column 90");
        assert_eq!(place_of("", 0, 0), "");
    }
}
