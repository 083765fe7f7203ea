//! What can go wrong with a statement of the database.
//!
//! Guarantees: the message of an error ends with its remedy, where there is one.
//! Out of scope: why a file cannot be opened (`open_error`).

/// A statement that failed. Nothing of its transaction was written.
#[derive(Debug, thiserror::Error)]
#[error("the database failed{}", remedy(.0))]
pub struct StoreError(#[from] sqlx::Error);

impl StoreError {
    /// Whether the file is damaged. Nothing more may be written to it then.
    pub fn is_damaged(&self) -> bool {
        matches!(code(&self.0), Some(SQLITE_CORRUPT | SQLITE_NOTADB))
    }
}

pub(super) const SQLITE_READONLY: i64 = 8;
pub(super) const SQLITE_IOERR: i64 = 10;
pub(super) const SQLITE_CORRUPT: i64 = 11;
pub(super) const SQLITE_FULL: i64 = 13;
pub(super) const SQLITE_CANTOPEN: i64 = 14;
pub(super) const SQLITE_NOTADB: i64 = 26;

/// What happened and what to do, for the end of a sentence.
fn remedy(error: &sqlx::Error) -> &'static str {
    match code(error) {
        Some(SQLITE_FULL) => ", its disk is full: make room, and it goes on by itself",
        Some(SQLITE_READONLY | SQLITE_CANTOPEN) => {
            ", its file cannot be written: let this user write to the file and its folder, and it goes on by itself"
        }
        Some(SQLITE_IOERR) => {
            ", its disk cannot be read or written: look whether it is full or failing"
        }
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => {
            ", its file is damaged: put a backup in its place (see Backup in the README)"
        }
        _ => "",
    }
}

/// Returns the primary result code of SQLite.
pub(super) fn code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

/// The result of every function of the store.
pub type Result<T> = std::result::Result<T, StoreError>;
