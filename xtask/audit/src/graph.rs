//! Every crate of the lock file, as `cargo metadata` tells it, and who may depend on what.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::Findings;

/// Which workspace crates may name a dependency directly. This is the cut of ARCHITECTURE.md made checkable.
const ONLY_IN: &[(&[&str], &[&str])] = &[
    (
        &["arrow", "datafusion", "deltalake", "object_store", "parquet", "rusqlite", "tantivy", "tokio"],
        &["noctule-store"],
    ),
    (&["axum", "clap", "hyper", "indicatif", "reqwest"], &["noctule"]),
    (&["noctule-store"], &["noctule"]),
];

pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) workspace: bool,
    pub(crate) from_registry: bool,
    dependencies: Vec<String>,
}

pub(crate) struct Graph {
    pub(crate) packages: Vec<Package>,
    /// Crates that the default binary is built of, build scripts and macros included.
    pub(crate) shipped: usize,
}

impl Graph {
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let json = crate::output(
            Command::new(&cargo).args(["metadata", "--format-version", "1", "--locked"]).current_dir(root),
        )?;
        let metadata: Value = serde_json::from_slice(&json).context("cargo metadata wrote no JSON")?;
        let members: BTreeSet<&str> = list(&metadata, "workspace_members").iter().filter_map(Value::as_str).collect();
        let mut packages = Vec::new();
        for package in list(&metadata, "packages") {
            let source = package["source"].as_str();
            packages.push(Package {
                name: text(package, "name"),
                version: text(package, "version"),
                license: package["license"].as_str().map(str::to_string),
                workspace: package["id"].as_str().is_some_and(|id| members.contains(id)),
                from_registry: source.is_some_and(|source| source.starts_with("registry+")),
                dependencies: list(package, "dependencies").iter().map(|row| text(row, "name")).collect(),
            });
        }
        let tree = crate::output(
            Command::new(&cargo)
                .args([
                    "tree",
                    "--locked",
                    "-p",
                    "noctule",
                    "-e",
                    "normal,build",
                    "--prefix",
                    "none",
                    "--format",
                    "{p}",
                ])
                .current_dir(root),
        )?;
        // `{p}` marks repeated crates with ` (*)` and macros with ` (proc-macro)`; the first two words name a crate.
        let shipped: BTreeSet<String> = String::from_utf8_lossy(&tree)
            .lines()
            .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
            .filter(|crate_name| !crate_name.is_empty())
            .collect();
        Ok(Self { packages, shipped: shipped.len() })
    }

    /// Names each workspace crate that depends on something outside its part of the design.
    pub(crate) fn direction(&self, findings: &mut Findings) {
        let homes: BTreeMap<&str, &[&str]> =
            ONLY_IN.iter().flat_map(|(names, homes)| names.iter().map(move |name| (*name, *homes))).collect();
        for package in self.packages.iter().filter(|package| package.workspace) {
            for dependency in &package.dependencies {
                if homes.get(dependency.as_str()).is_some_and(|homes| !homes.contains(&package.name.as_str())) {
                    findings.error(format!("{} may not depend on {dependency} (see ARCHITECTURE.md)", package.name));
                }
            }
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.into(),
            version: "0.1.0".into(),
            license: None,
            workspace: true,
            from_registry: false,
            dependencies: dependencies.iter().map(|name| (*name).into()).collect(),
        }
    }

    #[test]
    fn the_reader_may_not_know_the_query_engine() {
        let packages = vec![
            member("noctule-core", &["regex", "datafusion"]),
            member("noctule-store", &["datafusion", "noctule-core"]),
            member("noctule", &["clap", "noctule-store"]),
        ];
        let mut findings = Findings::default();
        Graph { packages, shipped: 3 }.direction(&mut findings);
        assert_eq!(findings.errors, ["noctule-core may not depend on datafusion (see ARCHITECTURE.md)"]);
    }
}
