//! Copies of the database: backups, and the copy before an upgrade.
//!
//! Guarantees: a copy has its name only when it is complete and on the disk; it replaces nothing, and
//! only its user may read it. An interrupted one leaves a file that the next one replaces.
//! Out of scope: when a copy is made.

use super::{
    database_file::{MODE, sibling},
    disk_space::folder_of,
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs::{self, File, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// The suffix of a copy that is not complete.
const PART: &str = ".part";

/// Why a copy cannot be made, with the remedy. Nothing is left of it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The name is taken.
    #[error("{} is there already ({what}): name a file that is not", .path.display())]
    There {
        /// The name.
        path: PathBuf,
        /// What has the name.
        what: &'static str,
    },
    /// Another process is writing a copy with the same name.
    #[error("another process is writing {}: wait until it is done, or name another file", .0.display())]
    Busy(PathBuf),
    /// It cannot be written.
    #[error(
        "{} cannot be written ({}): look whether its folder is there, may be written, and has room",
        .path.display(),
        why(.cause)
    )]
    Unwritable {
        /// The name.
        path: PathBuf,
        /// The cause.
        cause: sqlx::Error,
    },
}

/// The message of the system or of SQLite.
fn why(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

/// Returns what has a name, if anything. A symbolic link counts, wherever it leads.
pub(super) fn what_is_there(path: &Path) -> Option<&'static str> {
    let file_type = fs::symlink_metadata(path).ok()?.file_type();
    Some(match file_type {
        kind if kind.is_symlink() => "a symbolic link, which is not followed",
        kind if kind.is_dir() => "a folder",
        kind if kind.is_file() => "a file",
        _ => "no ordinary file",
    })
}

/// Writes a consistent copy of a database into a new file.
///
/// It is written under another name beside it, and renamed when it is on the disk.
///
/// # Errors
/// If the name is taken, or the copy cannot be written.
pub(super) async fn copy(db: &mut SqliteConnection, to: &Path) -> Result<(), CopyError> {
    let unwritable = |cause| CopyError::Unwritable { path: to.to_owned(), cause };
    if let Some(what) = what_is_there(to) {
        return Err(CopyError::There { path: to.to_owned(), what });
    }
    let part = begin(to).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => CopyError::Busy(to.to_owned()),
        _ => unwritable(error.into()),
    })?;
    let filled = async {
        let path = part.path().to_str().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
        sqlx::query("vacuum into ?").bind(path).execute(db).await?;
        part.as_file().sync_all()?;
        Ok(())
    };
    filled.await.map_err(unwritable)?;
    part.persist_noclobber(to).map_err(|error| match what_is_there(to) {
        Some(what) => CopyError::There { path: to.to_owned(), what },
        None => unwritable(error.error.into()),
    })?;
    // The rename is durable once the folder is synced.
    let synced = File::open(folder_of(to)).and_then(|folder| folder.sync_all());
    synced.map_err(|error| unwritable(error.into()))
}

/// Creates and locks the file that a copy is written to before it is complete. One that an interrupted
/// process left is deleted; one that another process is still writing is not.
///
/// # Errors
/// `WouldBlock`, if another process is writing it.
fn begin(to: &Path) -> io::Result<NamedTempFile> {
    let name = to.file_name().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    let path = sibling(to, PART);
    // Keep the old file locked until the new one is, so that only one process continues.
    let _left = match fs::symlink_metadata(&path) {
        Ok(found) => {
            let left = if found.is_file() { Some(File::open(&path)?) } else { None };
            if let Some(left) = &left {
                left.try_lock()?;
                let is_same = fs::symlink_metadata(&path)
                    .and_then(|now| Ok(now.ino() == left.metadata()?.ino()))?;
                if !is_same {
                    return Err(ErrorKind::WouldBlock.into());
                }
            }
            fs::remove_file(&path)?;
            left
        }
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let part = tempfile::Builder::new()
        .prefix(name)
        .suffix(PART)
        .rand_bytes(0)
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(folder_of(to))
        .map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => ErrorKind::WouldBlock.into(),
            _ => error,
        })?;
    part.as_file().try_lock()?;
    Ok(part)
}

/// Whether a file is a complete database whose migrations are not newer than `version`.
pub(super) async fn is_copy(path: &Path, version: i64) -> bool {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let looked = async {
        let mut db = SqliteConnection::connect_with(&options).await?;
        let word: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut db).await?;
        let last: Option<i64> = sqlx::query_scalar("select max(version) from _sqlx_migrations")
            .fetch_one(&mut db)
            .await?;
        db.close().await?;
        Ok::<_, sqlx::Error>(word == "ok" && last.is_some_and(|last| last <= version))
    };
    looked.await.unwrap_or(false)
}
