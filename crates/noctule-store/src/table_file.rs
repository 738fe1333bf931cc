//! One Parquet file of one table, made on a thread of its own: encoded, compressed, hashed, synced, and named by a
//! Delta commit, while the writer goes on with the next messages.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;

use crate::ledger::TableFile;
use crate::tables::TableDef;
use crate::tables::delta_log::DeltaLog;
use crate::{Result, StoreError, durable};

/// Pages of this size are compressed in the processor's cache, and their buffers are used again instead of being asked
/// of the system, which clears each megabyte it gives.
const PAGE_BYTES: usize = 256 << 10;
/// Chunks that may wait for the encoder; more would only be memory.
const WAITING_CHUNKS: usize = 4;

enum Order {
    Write(RecordBatch),
    /// The batch is complete: make the file durable and commit it.
    Commit,
}

/// A file in the making. Dropped before its commit, it leaves a leftover that the next opening removes.
pub(crate) struct FileInTheMaking {
    table: &'static str,
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<Result<TableFile>>>,
}

impl FileInTheMaking {
    /// `version` is the one that the file's Delta commit will have.
    pub fn begin(tables_dir: &Path, table: &'static TableDef, batch_no: i64, version: i64) -> Result<Self> {
        let (orders, queue) = sync_channel(WAITING_CHUNKS);
        let plan = Plan { tables_dir: tables_dir.to_owned(), table, batch_no, version };
        let thread = std::thread::Builder::new()
            .name(table.name.into())
            .spawn(move || plan.write(&queue))
            .map_err(StoreError::io("start the thread that writes", tables_dir))?;
        Ok(Self { table: table.name, orders: Some(orders), thread: Some(thread) })
    }

    pub fn write(&mut self, chunk: RecordBatch) -> Result<()> {
        self.order(Order::Write(chunk))
    }

    /// Says that nothing more comes; does not wait.
    pub fn commit(&mut self) -> Result<()> {
        self.order(Order::Commit)
    }

    fn order(&mut self, order: Order) -> Result<()> {
        if self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok()) {
            return Ok(());
        }
        // The thread only stops listening when it failed.
        let error = StoreError::Table(format!("the file of table {} was closed too early", self.table));
        Err(self.end().err().unwrap_or(error))
    }

    /// Whether [`FileInTheMaking::end`] would return at once.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until the committed file is durable.
    pub fn end(&mut self) -> Result<TableFile> {
        self.orders = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Err(StoreError::Table(format!("the file of table {} was ended twice", self.table))),
        }
    }
}

impl Drop for FileInTheMaking {
    /// The thread must not outlive the lock on the data directory.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread has to know.
struct Plan {
    tables_dir: PathBuf,
    table: &'static TableDef,
    batch_no: i64,
    version: i64,
}

impl Plan {
    fn write(self, queue: &Receiver<Order>) -> Result<TableFile> {
        let name = format!("batch-{:08}.parquet", self.batch_no);
        let log = DeltaLog::new(&self.tables_dir, self.table);
        let path = log.table_dir().join(&name);
        let file = File::create(&path).map_err(StoreError::io("create", &path))?;
        let mut file = Some(HashingFile::new(file));
        let mut writer = None;
        let mut rows = 0;
        loop {
            match queue.recv() {
                Ok(Order::Write(chunk)) => {
                    rows += chunk.num_rows() as u64;
                    if let Some(file) = file.take() {
                        let options = ArrowWriterOptions::new()
                            .with_properties(properties(self.table))
                            // Readers follow the Delta schema; Arrow's own copy would only repeat it.
                            .with_skip_arrow_metadata(true);
                        writer = Some(ArrowWriter::try_new_with_options(file, chunk.schema(), options)?);
                    }
                    writer.as_mut().expect("made with the first chunk").write(&chunk)?;
                }
                Ok(Order::Commit) => break,
                Err(_) => return Err(self.abandoned()),
            }
        }
        let file = writer.ok_or_else(|| self.abandoned())?.into_inner()?;
        let (bytes, blake3) = file.finish().map_err(StoreError::io("sync", &path))?;
        durable::sync_dir(log.table_dir())?;
        let file = TableFile { table: self.table.name.into(), version: self.version, path: name, bytes, rows, blake3 };
        log.commit(&file, self.batch_no)?;
        Ok(file)
    }

    fn abandoned(&self) -> StoreError {
        StoreError::Table(format!("batch {} of table {} was abandoned", self.batch_no, self.table.name))
    }
}

fn properties(table: &TableDef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("noctule".into())
        // One row group a file.
        .set_max_row_group_row_count(None)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None);
    for column in table.columns {
        let path = ColumnPath::from(column.name);
        if column.repeated {
            properties = properties.set_column_dictionary_enabled(path.clone(), true);
        }
        if column.statistics {
            properties = properties.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
        }
    }
    properties.build()
}

/// A file that is hashed while it is written.
struct HashingFile {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl HashingFile {
    fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(256 << 10, file), hasher: blake3::Hasher::new(), bytes: 0 }
    }

    fn finish(self) -> std::io::Result<(u64, String)> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((self.bytes, self.hasher.finalize().to_hex().to_string()))
    }
}

impl Write for HashingFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
