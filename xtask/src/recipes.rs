//! The recipes of `docs/guides/other-tools.md`: DuckDB and Polars open the same tables and give the same answers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::steps::Outcome;
use crate::{oracles, tools};

const PACKAGES: &[&str] = &["duckdb==2.0.1", "polars==2.1.0"];

/// A message as it was exported, and as it was exported again after an edit.
const EDIT: [&str; 2] = [
    r#"{"id": 1, "type": "message", "date_unixtime": "1634245620", "from": "S", "from_id": "channel1", "text": "Selling a base, escrow only"}"#,
    r#"{"id": 1, "type": "message", "date_unixtime": "1634245620", "edited_unixtime": "1634246620", "from": "S", "from_id": "channel1", "text": "sold"}"#,
];

pub(crate) fn step() -> Result<Outcome> {
    let python = match oracles::python("recipes", PACKAGES) {
        Ok(python) => python,
        Err(error) => {
            println!("NO DUCKDB AND POLARS: the recipes of the guide were NOT run: {error:#}");
            return Ok(Outcome::Skipped("DuckDB and Polars could not be installed from PyPI".into()));
        }
    };
    let noctule = tools::build()?;
    let dir = tools::fresh("recipes-run")?;
    let data = dir.join("data");
    let mut simulate = Command::new(&noctule);
    tools::run(simulate.args(["simulate", "--messages", "3000", "--quiet", "--out"]).arg(dir.join("corpus")))?;
    let mut inputs = vec![dir.join("corpus")];
    for (number, message) in EDIT.iter().enumerate() {
        let path = dir.join(format!("edit-{number}.json"));
        let chat = format!(
            "{{\"name\": \"Edited\", \"type\": \"public_channel\", \"id\": 77, \"messages\": [\n{message}\n]}}"
        );
        std::fs::write(&path, chat).with_context(|| format!("cannot write {}", path.display()))?;
        inputs.push(path);
    }
    for input in inputs {
        tools::run(Command::new(&noctule).args(["ingest", "--quiet", "--data-dir"]).arg(&data).arg(input))?;
    }
    ensure!(data.join("tables/revisions").is_dir(), "the edit made no revision, so leaving it out was not tried");
    let mut recipes = Command::new(python);
    // The folder of the run is another one than ours.
    let whole = |path: PathBuf| std::path::absolute(&path).with_context(|| format!("cannot find {}", path.display()));
    recipes.arg(whole(tools::root().join("xtask/recipes.py"))?).arg(whole(noctule)?);
    tools::run(recipes.arg(whole(tools::root().join("docs/guides/other-tools.md"))?).current_dir(&dir))?;
    Ok(Outcome::Passed(String::new()))
}
