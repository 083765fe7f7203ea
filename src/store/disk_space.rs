//! Telling a full disk from other failures, which SQLite does not always do.

use super::error::{SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, code};
use std::{
    io::{self, ErrorKind, Write},
    path::Path,
};

/// How much is written to find out whether there is space.
const TRIAL_BYTES: usize = 64 * 1024;

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the disk of a file is full, found out by writing to a temporary file beside it.
pub(super) fn is_full(path: &Path) -> bool {
    let tried = tempfile::tempfile_in(folder_of(path))
        .and_then(|mut file| file.write_all(&[0; TRIAL_BYTES]));
    tried.is_err_and(|error| is_no_space(&error))
}

/// Whether the system reports that there is no space.
pub(super) fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Whether an error of the database may be caused by a full disk.
pub(super) fn may_be_full(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => is_no_space(error),
        error => matches!(code(error), Some(SQLITE_FULL | SQLITE_IOERR | SQLITE_CANTOPEN)),
    }
}
