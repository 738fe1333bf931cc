//! Commands as a reader can paste them into a shell.

/// `noctule sql "…"`, quoted for a POSIX shell: in double quotes where nothing in them could be expanded, because SQL
/// itself is full of single ones.
pub fn sql(query: &str) -> String {
    let line = query.replace(['\n', '\t'], " ");
    if line.contains(['"', '$', '`', '\\', '!']) {
        format!("noctule sql '{}'", line.replace('\'', r"'\''"))
    } else {
        format!("noctule sql \"{line}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::sql;

    #[test]
    fn queries_survive_the_shell() {
        assert_eq!(sql("select 'a'\nfrom x"), "noctule sql \"select 'a' from x\"");
        for query in ["select \"Column\" from x where y = 'it''s'", "select '$HOME', '`id`', '\\', '!x' from x"] {
            let command = sql(query).replacen("noctule sql", "printf %s", 1);
            let output = std::process::Command::new("sh").args(["-c", &command]).output().expect("a shell");
            assert_eq!(String::from_utf8_lossy(&output.stdout), query);
        }
    }
}
