//! The disk of the simulated machine.

use sqlx::Connection as _;

/// The disk of the database. While it is full, triggers refuse all writes; a really full disk would
/// need a file system of its own.
pub(crate) struct Disk {
    address: String,
    is_full: bool,
}

impl Disk {
    /// The disk with the database of this address.
    pub(crate) fn new(address: &str) -> Self {
        Disk { address: address.to_owned(), is_full: false }
    }

    /// Makes it refuse or accept writes.
    pub(crate) async fn set_full(&mut self, is_full: bool) {
        if self.is_full == is_full {
            return;
        }
        self.is_full = is_full;
        let mut db = sqlx::SqliteConnection::connect(&self.address).await.unwrap();
        let tables = [
            "counter_schedule",
            "article",
            "chat",
            "counter",
            "delivery",
            "hold",
            "entry",
            "entry_key",
            "job",
            "fanout",
            "rate_estimate",
            "milestone",
            "notification",
            "custom_counter",
            "pending_removal",
            "pending_update",
            "watch_candidate",
            "removed_counter",
            "removed_delivery",
            "removed_subscription",
            "seen_update",
            "source",
            "subscription",
        ];
        let mut sql = "begin immediate;".to_owned();
        for table in tables {
            for operation in ["insert", "update", "delete"] {
                let name = format!("full_{table}_{operation}");
                sql += &if is_full {
                    format!(
                        "create trigger {name} before {operation} on {table} begin select raise(abort, 'no room'); end;"
                    )
                } else {
                    format!("drop trigger {name};")
                };
            }
        }
        sql += "commit;";
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }
}
