//! A transaction.
//!
//! Guarantees: one that fails leaves nothing behind, not even in its connection. (The transaction of
//! sqlx keeps counting one whose commit failed, as on a full disk, and then every later one on that
//! connection fails as well.)

use super::{error::Result, pool::Store};
use sqlx::{Sqlite, SqliteConnection, pool::PoolConnection};
use std::ops::{Deref, DerefMut};

/// A transaction. Without [`Tx::commit`] nothing of it is written.
#[derive(Debug)]
pub(super) struct Tx {
    /// `None` when the transaction has ended.
    connection: Option<PoolConnection<Sqlite>>,
}

impl Store {
    /// Begins a write transaction. It takes the write lock at once, so it cannot fail half-way because
    /// of a lock.
    pub(super) async fn begin(&self) -> Result<Tx> {
        let mut tx = Tx { connection: Some(self.writer.acquire().await?) };
        sqlx::query("begin immediate").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// Begins a read transaction, which does not wait for writers.
    pub(super) async fn begin_reading(&self) -> Result<Tx> {
        let mut tx = Tx { connection: Some(self.readers.acquire().await?) };
        sqlx::query("begin").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// Begins a read transaction that may take a while, such as a search. It has a connection of its own
    /// kind, so that short reads do not wait for it.
    pub(super) async fn begin_searching(&self) -> Result<Tx> {
        let mut tx = Tx { connection: Some(self.searchers.acquire().await?) };
        sqlx::query("begin").execute(&mut *tx).await?;
        Ok(tx)
    }
}

impl Tx {
    /// Commits. On error, nothing was written.
    pub(super) async fn commit(self) -> Result<()> {
        self.end("commit").await
    }

    /// Rolls back. Dropping it does the same, but costs a new connection.
    pub(super) async fn rollback(self) -> Result<()> {
        self.end("rollback").await
    }

    async fn end(mut self, how: &'static str) -> Result<()> {
        sqlx::query(how).execute(&mut *self).await?;
        // Back to the pool.
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Closing the connection rolls back.
            drop(connection.detach());
        }
    }
}

impl Deref for Tx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("the connection is taken only when the transaction ends"),
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("the connection is taken only when the transaction ends"),
        }
    }
}
