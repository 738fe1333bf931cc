//! The committed table of what was measured, and whether a new measurement falls below it.
//!
//! The table is what `noctule eval --format csv` prints. Small parts are listed and not held: with three labelled
//! messages one reader's doubt is a third of the score.

use super::evaluate::{Counts, Line, Table};

/// The first line of the table.
pub const COLUMNS: &str = "question,part,rows,hit,over,miss,precision,recall,f1";

/// The committed table: what `noctule eval --format csv` said of the labelled development messages, which cannot be
/// published. Measured again and replaced when a detector or a lexicon changes.
pub const MEASURED: &str = include_str!("../../accuracy.csv");

/// The committed counts of one question and part.
pub fn measured(question: &str, part: &str) -> Option<Counts> {
    find(MEASURED, question, part)
}

fn find(table: &str, question: &str, part: &str) -> Option<Counts> {
    table.lines().filter_map(parse).find(|line| (line.0, line.1) == (question, part)).map(|line| line.3)
}

/// Parts with fewer labelled or found rows than this are not held to the floor.
const HELD_FROM: u32 = 5;

/// One line of the table as CSV.
pub fn row(line: &Line) -> String {
    let c = &line.counts;
    let share = |share: Option<f64>| share.map_or(String::new(), |s| format!("{s:.4}"));
    format!(
        "{},{},{},{},{},{},{},{},{}",
        line.question,
        line.part,
        c.rows(),
        c.true_positive,
        c.false_positive,
        c.false_negative,
        share(line.precision),
        share(line.recall),
        share(line.f1)
    )
}

/// What became of the table's lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// A sentence for each line that is worse than the table.
    pub worse: Vec<String>,
    /// How many are better: the table can be raised.
    pub better: u32,
    /// How many were held.
    pub held: u32,
}

/// Holds a measurement to a committed table. An error names the line that cannot be read.
pub fn hold(measured: &Table, table: &str) -> Result<Held, String> {
    let mut lines = table.lines();
    if lines.next() != Some(COLUMNS) {
        return Err(format!("its first line is not `{COLUMNS}`"));
    }
    let mut held = Held::default();
    for (number, text) in lines.enumerate().filter(|(_, text)| !text.is_empty()) {
        let (question, part, rows, floor) =
            parse(text).ok_or_else(|| format!("line {} is no line of such a table: {text}", number + 2))?;
        if floor.true_positive + floor.false_positive + floor.false_negative < HELD_FROM {
            continue;
        }
        held.held += 1;
        let Some(now) = measured.line(question, part).filter(|line| line.counts.rows() == rows) else {
            held.worse.push(format!("{question} {part}: the table was measured on {rows} other rows"));
            continue;
        };
        let (now, floor) = (now.counts.f1().unwrap_or(0.0), floor.f1().unwrap_or(0.0));
        if now < floor {
            held.worse.push(format!("{question} {part}: F1 {now:.3} is below {floor:.3}"));
        } else if now > floor {
            held.better += 1;
        }
    }
    if held.held == 0 {
        return Err("no line of it has enough rows to be held".into());
    }
    Ok(held)
}

fn parse(text: &str) -> Option<(&str, &str, u32, Counts)> {
    let fields: Vec<&str> = text.split(',').collect();
    let [question, part, rows, hit, over, miss, ..] = fields[..] else { return None };
    let rows: u32 = rows.parse().ok()?;
    let (hit, over, miss): (u32, u32, u32) = (hit.parse().ok()?, over.parse().ok()?, miss.parse().ok()?);
    let rest = rows.checked_sub(hit.checked_add(over)?.checked_add(miss)?)?;
    let counts = Counts { true_positive: hit, false_positive: over, false_negative: miss, true_negative: rest };
    Some((question, part, rows, counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured_as(hit: u32, over: u32, miss: u32) -> Table {
        let counts = Counts { true_positive: hit, false_positive: over, false_negative: miss, true_negative: 10 };
        let line = Line {
            question: "escrow".into(),
            part: "all".into(),
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
            intervals: None,
            counts,
        };
        Table { lines: vec![line], ..Table::default() }
    }

    fn table(of: &Table) -> String {
        format!("{COLUMNS}\n{}\n", row(&of.lines[0]))
    }

    #[test]
    fn what_was_measured_holds_itself_and_nothing_worse() {
        let floor = table(&measured_as(8, 1, 1));
        assert_eq!(hold(&measured_as(8, 1, 1), &floor), Ok(Held { held: 1, ..Held::default() }));
        assert_eq!(hold(&measured_as(9, 1, 0), &floor), Ok(Held { held: 1, better: 1, ..Held::default() }));
        assert_eq!(hold(&measured_as(7, 1, 2), &floor).map(|held| held.worse.len()), Ok(1));
        assert_eq!(hold(&measured_as(8, 1, 2), &floor).map(|held| held.worse.len()), Ok(1), "another number of rows");
    }

    #[test]
    fn the_committed_table_is_one_and_no_perfect_score() {
        assert!(MEASURED.starts_with(COLUMNS));
        let counts = measured("escrow", "all").expect("the question of the study");
        assert!(counts.true_positive >= 30, "too few to say anything: {counts:?}");
        assert!(counts.false_positive + counts.false_negative > 0, "{counts:?}");
        assert_eq!(find(&table(&measured_as(8, 2, 12)), "escrow", "all").map(|c| c.false_negative), Some(12));
        assert_eq!(measured("escrow", "lang:none"), None);
    }

    #[test]
    fn a_table_that_holds_nothing_is_an_error() {
        assert!(hold(&measured_as(8, 1, 1), "").is_err());
        assert!(hold(&measured_as(8, 1, 1), COLUMNS).is_err());
        assert!(hold(&measured_as(8, 1, 1), &format!("{COLUMNS}\nescrow,all,many,1,1,1")).is_err());
        assert!(hold(&measured_as(8, 1, 1), &table(&measured_as(2, 1, 1))).is_err(), "too few rows to be held");
    }
}
