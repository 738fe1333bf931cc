//! What can go wrong, cut by what the caller can do about it.

use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again when the other process is done.
    #[error("another process is writing to \"{}\"", dir.display())]
    Locked { dir: PathBuf },
    /// Free space, change permissions, or choose another place.
    #[error("cannot {attempt} \"{}\": {source}", path.display())]
    Io { attempt: &'static str, path: PathBuf, source: std::io::Error },
    /// Run `noctule verify`, then `noctule rebuild`.
    #[error("{what} is damaged: {detail}")]
    Damaged { what: String, detail: String },
    /// Use the newer program.
    #[error("the data directory was written by a newer noctule (schema {found}, this one knows {known})")]
    Newer { found: i64, known: i64 },
    /// Make the tables again.
    #[error("the tables in \"{}\" were made by an older noctule, which kept less", dir.display())]
    Older { dir: PathBuf },
    /// There is no data directory here yet.
    #[error("no noctule data in \"{}\"", dir.display())]
    Missing { dir: PathBuf },
    /// Correct the query.
    #[error("{0}")]
    Query(String),
    #[error("the ledger refused: {0}")]
    Ledger(#[from] rusqlite::Error),
    #[error("table data: {0}")]
    Table(String),
}

impl StoreError {
    pub fn io(attempt: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { attempt, path, source }
    }

    /// What the user can do, as a `hint:` line.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Locked { .. } => Some("wait for it to end, or use another --data-dir"),
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some("free some space and run the same command again: it goes on where it stopped")
            }
            Self::Io { .. } | Self::Query(_) => None,
            Self::Damaged { .. } | Self::Table(_) => Some(
                "`noctule verify` says what is damaged; `noctule rebuild` makes the tables again from the evidence",
            ),
            Self::Newer { .. } => Some("install the newer version, or use another --data-dir"),
            Self::Older { .. } => Some("`noctule rebuild` makes them again from the evidence"),
            Self::Missing { .. } => Some("start with `noctule ingest PATH` or `noctule study PATH`"),
            Self::Ledger(_) => Some("is the disk full or read-only? `noctule verify` checks the ledger"),
        }
    }
}

impl From<datafusion::arrow::error::ArrowError> for StoreError {
    fn from(e: datafusion::arrow::error::ArrowError) -> Self {
        Self::Table(e.to_string())
    }
}

impl From<datafusion::parquet::errors::ParquetError> for StoreError {
    fn from(e: datafusion::parquet::errors::ParquetError) -> Self {
        // A full disk reaches us through the Parquet writer; keep its kind so that the hint is right.
        if let datafusion::parquet::errors::ParquetError::External(inner) = &e
            && let Some(io) = inner.downcast_ref::<std::io::Error>()
        {
            let source = io.raw_os_error().map_or_else(|| io.kind().into(), std::io::Error::from_raw_os_error);
            return Self::Io { attempt: "write a table file in", path: PathBuf::from("tables"), source };
        }
        Self::Table(e.to_string())
    }
}

impl From<datafusion::error::DataFusionError> for StoreError {
    fn from(e: datafusion::error::DataFusionError) -> Self {
        Self::Query(e.strip_backtrace())
    }
}

impl From<deltalake::DeltaTableError> for StoreError {
    fn from(e: deltalake::DeltaTableError) -> Self {
        Self::Table(e.to_string())
    }
}
