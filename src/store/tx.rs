//! A transaction.
//!
//! Promises: one that does not end well leaves nothing behind, not even in its connection. (sqlx's own
//! goes on counting a transaction whose commit failed, as it does on a full disk, and every later one on
//! that connection fails with it.)

use super::{Result, Store};
use sqlx::{Sqlite, SqliteConnection, pool::PoolConnection};
use std::ops::{Deref, DerefMut};

/// A transaction. Dropped without [`Tx::commit`], nothing of it has happened.
#[derive(Debug)]
pub(super) struct Tx {
    /// Taken when the transaction has ended well.
    connection: Option<PoolConnection<Sqlite>>,
}

impl Store {
    /// Starts a write transaction; it takes the write lock at once, so it never fails half-way for
    /// want of it.
    pub(super) async fn begin(&self) -> Result<Tx> {
        let mut tx = Tx { connection: Some(self.writer.acquire().await?) };
        sqlx::query("begin immediate").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// Starts a transaction that reads only, beside whatever is being written.
    pub(super) async fn begin_reading(&self) -> Result<Tx> {
        let mut tx = Tx { connection: Some(self.readers.acquire().await?) };
        sqlx::query("begin").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// Starts a transaction that looks for something in all entries, beside whatever is read and written.
    pub(super) async fn begin_searching(&self) -> Result<Tx> {
        let mut tx = Tx { connection: Some(self.searchers.acquire().await?) };
        sqlx::query("begin").execute(&mut *tx).await?;
        Ok(tx)
    }
}

impl Tx {
    /// Makes it all so. Whoever gets an error knows that nothing of it has happened.
    pub async fn commit(self) -> Result<()> {
        self.end("commit").await
    }

    /// Ends it without a trace; dropping it does the same, and costs a new connection.
    pub async fn rollback(self) -> Result<()> {
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
            // Closed, and with it whatever was open.
            drop(connection.detach());
        }
    }
}

impl Deref for Tx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("it is taken at the end alone"),
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("it is taken at the end alone"),
        }
    }
}
