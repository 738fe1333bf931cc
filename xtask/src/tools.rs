//! Where things lie, and how programs are started. Nothing here knows a task.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail, ensure};

/// The repository. Asked at run time, so that a cached binary serves any clone.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    match manifest.as_deref().and_then(Path::parent) {
        Some(root) => root.to_path_buf(),
        None => PathBuf::from("."),
    }
}

/// The one target directory, outside the clone, so that a fresh clone does not compile everything again.
pub(crate) fn target() -> PathBuf {
    if let Some(dir) = std::env::var_os("CARGO_TARGET_DIR") {
        return root().join(dir);
    }
    match std::env::var_os("HOME") {
        Some(home) => PathBuf::from(home).join(".cache/noctule/target"),
        None => root().join("target"),
    }
}

/// A folder for a task's corpora and data; kept between runs.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let dir = target().join("xtask").join(name);
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    Ok(dir)
}

/// The same, emptied first.
pub(crate) fn fresh(name: &str) -> Result<PathBuf> {
    let dir = target().join("xtask").join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    scratch(name)
}

pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words).current_dir(root()).env("CARGO_TARGET_DIR", target());
    // What `cargo run` tells this program about itself would reach the build scripts: that of `ring` asks to be run
    // again when such a variable changes, and everything above it, the query engine too, is then compiled again.
    for (name, _) in std::env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|start| name.starts_with(start))
        });
        if told {
            command.env_remove(name);
        }
    }
    command
}

/// Builds the binary in the profile that the tests use too, so that a fresh machine compiles everything once.
/// `NOCTULE_BIN` names another one to test instead: a release, or a store known to be broken.
pub(crate) fn build() -> Result<PathBuf> {
    if let Some(binary) = std::env::var_os("NOCTULE_BIN") {
        return Ok(root().join(binary));
    }
    run(&mut cargo(&["build", "--locked", "--workspace", "--bins"]))?;
    Ok(target().join("debug").join("noctule"))
}

pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}

pub(crate) fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0".as_slice())
    })
}

/// Runs a program with its output on the terminal; an error when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot run {}", line(command)))?;
    ensure!(status.success(), "{} ended with {status}", line(command));
    Ok(())
}

/// Runs a program and keeps its output, whatever the exit status.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {}", line(command)))
}

/// A command as a person would type it; for messages only.
fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn exists(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).chain(["/usr/sbin".into(), "/sbin".into()]).any(|dir| dir.join(program).is_file())
}

/// Makes sure of a program from Debian's `package`. Installs only as root; a user gets the hint instead.
pub(crate) fn need(program: &str, package: &str) -> Result<()> {
    if exists(program) {
        return Ok(());
    }
    if !is_root() || !exists("apt-get") {
        bail!("{program} is missing; hint: install the package {package}");
    }
    println!("installing {package} with apt-get");
    let install = || {
        run(Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends", package])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null()))
    };
    // A new machine knows no packages until the list is fetched; one that does saves the half minute.
    if install().is_err() {
        run(Command::new("apt-get").args(["update", "-qq"]).stdout(Stdio::null()))?;
        install()?;
    }
    ensure!(exists(program), "{package} is installed and {program} is still missing");
    Ok(())
}

/// The value after `name`, if it is there.
pub(crate) fn option<'a>(words: &'a [String], name: &str) -> Result<Option<&'a str>> {
    let Some(at) = words.iter().position(|word| word == name) else { return Ok(None) };
    match words.get(at + 1) {
        Some(value) if !value.starts_with("--") => Ok(Some(value)),
        _ => bail!("{name} needs a value"),
    }
}

pub(crate) fn number(words: &[String], name: &str, default: u64) -> Result<u64> {
    match option(words, name)? {
        None => Ok(default),
        Some(value) => {
            value.replace(['_', ','], "").parse().with_context(|| format!("{name} takes a number, not {value:?}"))
        }
    }
}

/// An error for words that no option explains, so that a typo is not silently ignored.
pub(crate) fn only(words: &[String], flags: &[&str], options: &[&str]) -> Result<()> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if options.contains(&word.as_str()) {
            words.next();
        } else if !flags.contains(&word.as_str()) {
            bail!("{word:?} is no option of this task; hint: `cargo xtask help`");
        }
    }
    Ok(())
}

/// Bytes in all files below a folder.
pub(crate) fn size_of(path: &Path) -> u64 {
    let Ok(meta) = std::fs::symlink_metadata(path) else { return 0 };
    if !meta.is_dir() {
        return meta.len();
    }
    std::fs::read_dir(path).map_or(0, |entries| entries.flatten().map(|entry| size_of(&entry.path())).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_string).collect()
    }

    #[test]
    fn numbers_take_separators() {
        assert_eq!(number(&words("--messages 1,000_000"), "--messages", 1).expect("a number"), 1_000_000);
        assert!(number(&words("--messages many"), "--messages", 1).is_err());
        assert!(number(&words("--messages --quick"), "--messages", 1).is_err());
    }

    #[test]
    fn a_typo_is_an_error() {
        assert!(only(&words("--quick"), &["--quick"], &[]).is_ok());
        assert!(only(&words("--quik"), &["--quick"], &[]).is_err());
        assert!(only(&words("--kills 3"), &[], &["--kills"]).is_ok());
    }
}
