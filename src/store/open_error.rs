//! Why a database cannot be opened.
//!
//! Guarantees: each message is one sentence that names the file and the remedy.

use super::{
    disk_space,
    error::{SQLITE_CORRUPT, SQLITE_FULL, SQLITE_NOTADB, code},
};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a database cannot be opened, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not that of a file.
    #[error("DATABASE_URL is {0:?}, which is not a file: write it like sqlite://communique.db")]
    Address(String),
    /// There is no such file.
    #[error("there is no database at {0}: set DATABASE_URL, or start `communique run` once")]
    Missing(PathBuf),
    /// Another process runs on it.
    #[error("another communique runs on {0}: stop it first, or set another DATABASE_URL")]
    Busy(PathBuf),
    /// The file or its folder cannot be written or read.
    #[error(
        "{path} cannot be opened ({why}): check that DATABASE_URL names a file in a folder that exists and that this user may write to"
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        why: String,
    },
    /// Its disk is full. Nothing was changed.
    #[error(
        "{0} cannot be opened, its disk is full: make room, and start it again; nothing is lost"
    )]
    Full(PathBuf),
    /// It belongs to another program.
    #[error(
        "{0} is the database of another program: set DATABASE_URL to a file of its own; this one was not touched"
    )]
    Foreign(PathBuf),
    /// It is not a database, or it is damaged.
    #[error(
        "{path} is not a usable database ({why}): restore it from a backup, or move it away to start anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        why: String,
    },
    /// It was created by a development version, whose migrations were other ones.
    #[error(
        "{0} was created by a development version of communique, from before its first release, and cannot be upgraded: move it away to start with a new file, or go on with the version that created it; it was not touched"
    )]
    Development(PathBuf),
    /// It was written by a later version.
    #[error(
        "{0} was written by a newer communique: install that version, or restore the backup made before the upgrade"
    )]
    Newer(PathBuf),
    /// Something that is not a complete copy has the name of the copy that is made before an upgrade.
    #[error(
        "{path} is to be upgraded, and {copy} is not the whole copy that its name says: move that away, and start again; nothing was changed"
    )]
    NoCopy {
        /// The file.
        path: PathBuf,
        /// The name of the copy.
        copy: PathBuf,
    },
    /// It has to be migrated, which this access may not do.
    #[error(
        "{0} was written by an older communique: start `communique run` once, which upgrades it"
    )]
    Older(PathBuf),
    /// The linked SQLite may damage databases.
    #[error("SQLite {0} is linked in, which can damage its files: build with 3.51.3 or later")]
    Sqlite(String),
}

impl OpenError {
    /// Whether the cause may go away, so that it is worth trying again.
    pub fn may_pass(&self) -> bool {
        matches!(self, OpenError::Full(_))
    }
}

/// Why a file cannot be opened or created.
pub(super) fn unusable(error: &io::Error, path: &Path) -> OpenError {
    let path = path.to_owned();
    match disk_space::is_no_space(error) {
        true => OpenError::Full(path),
        false => OpenError::Unusable { path, why: error.to_string() },
    }
}

/// Tells a file that cannot be reached from one that is not a database, and from a full disk.
pub(super) fn classify(error: &sqlx::Error, path: &Path) -> OpenError {
    let why = error.to_string();
    let is_full = code(error) == Some(SQLITE_FULL)
        || (disk_space::may_be_full(error) && disk_space::is_full(path));
    let path = path.to_owned();
    match code(error) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => OpenError::Damaged { path, why },
        _ if is_full => OpenError::Full(path),
        _ => OpenError::Unusable { path, why },
    }
}
