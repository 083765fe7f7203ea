//! The handle of the database: its connections, and copies of the file.
//!
//! Guarantees: one writer, so that no transaction waits for a lock; readers and searches have
//! connections of their own and do not wait for it.
//! Out of scope: opening the file (`connect`).

use super::copy::{self, CopyError};
use sqlx::SqlitePool;
use std::{fs::File, path::Path, sync::Arc};

/// The database. Cheap to clone; all clones share the connections and the file lock.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) searchers: SqlitePool,
    /// Keeps a second process from running on the file.
    pub(super) _lock: Option<Arc<File>>,
}

impl Store {
    /// Writes a consistent copy into a new file, while others go on reading and writing. Only its user
    /// may read it, and it has its name only when it is complete.
    ///
    /// # Errors
    /// If something has that name already, or it cannot be written.
    pub async fn backup(&self, file: &Path) -> std::result::Result<(), CopyError> {
        let db = self.readers.acquire().await;
        let mut db = db.map_err(|cause| CopyError::Unwritable { path: file.to_owned(), cause })?;
        copy::copy(&mut db, file).await
    }

    /// Closes the connections. The last one folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.searchers.close().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}
