//! The database's file: what it is before it is opened, whom it is readable to, and copies of it.
//!
//! Promises: a file of another program is told by reading alone; our own are readable to their user alone; a
//! copy has its final name only when it is whole and on the disk.
//! Leaves out: the schema (`open`).

use super::{OpenError, code};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// What stands in the head of our files, where SQLite keeps a number for the program: "Cmnq".
pub(super) const APPLICATION_ID: i32 = 0x436d_6e71;
/// Readable and writable to the user alone.
const MODE: u32 = 0o600;
/// The bits of a mode that let others at a file.
const OTHERS: u32 = 0o077;
/// The head of a file of SQLite: how it begins, where the program's number is, and how long the shortest
/// file is that there can be.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEAD_BYTES: usize = 100;
const APPLICATION_ID_AT: usize = 68;
const FILE_BYTES_MIN: u64 = 512;
/// What is written to see whether there is room.
const PROBE_BYTES: usize = 64 * 1024;
/// What SQLite lays beside a file, and we do.
const SIBLING_SUFFIXES: [&str; 3] = ["-wal", "-shm", ".lock"];
/// What a copy's name ends in as long as it is not whole.
const PART: &str = ".part";

/// The path with something at its end.
pub(super) fn sibling(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Looks whether a file may be opened as our database, and changes nothing.
///
/// # Errors
/// When it is something else.
pub(super) async fn check(path: &Path) -> Result<(), OpenError> {
    let unusable = |why: String| OpenError::Unusable { path: path.to_owned(), why };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unusable(error.to_string())),
    };
    if metadata.is_dir() {
        return Err(unusable("it is a folder".to_owned()));
    }
    if !metadata.is_file() {
        return Err(unusable("it is no ordinary file".to_owned()));
    }
    if metadata.len() == 0 {
        return Ok(());
    }
    let mut head = [0; HEAD_BYTES];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let damaged = |why: &str| OpenError::Damaged { path: path.to_owned(), why: why.to_owned() };
    match read {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return Err(damaged("it is too short for one"));
        }
        Err(error) => return Err(unusable(error.to_string())),
    }
    if &head[..MAGIC.len()] != MAGIC {
        return Err(damaged("it is no file of SQLite"));
    }
    if metadata.len() < FILE_BYTES_MIN {
        return Err(damaged("nothing but its head is there"));
    }
    let id: [u8; 4] = [0, 1, 2, 3].map(|at| head[APPLICATION_ID_AT + at]);
    match i32::from_be_bytes(id) {
        APPLICATION_ID => Ok(()),
        0 if is_ours(path).await? => Ok(()),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

/// Whether a file without a program's number is one of an earlier version of ours, or nobody's yet.
async fn is_ours(path: &Path) -> Result<bool, OpenError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    // Where no log is beside it, nothing has to be laid there to read it.
    let has_log = fs::metadata(sibling(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let options = options.immutable(!has_log);
    let looked = async {
        let mut db = SqliteConnection::connect_with(&options).await?;
        let tables: Vec<String> =
            sqlx::query_scalar("select name from sqlite_master where type = 'table'")
                .fetch_all(&mut db)
                .await?;
        db.close().await?;
        Ok::<_, sqlx::Error>(tables)
    };
    let tables = looked.await.map_err(|error| super::connect::classify(error, path))?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    let is_begun =
        has("_sqlx_migrations") && (tables.len() == 1 || (has("source") && has("delivery")));
    Ok(tables.is_empty() || is_begun)
}

/// Makes the file, if there is none, for its user alone.
pub(super) fn create(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens the lock file, made for its user alone.
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(MODE).open(path)
}

/// Takes the file, and what is beside it, from everybody but its user. Says so where others could read it.
pub(super) fn tighten(path: &Path) {
    let mut was_open = false;
    for file in
        std::iter::once(path.to_owned()).chain(SIBLING_SUFFIXES.map(|end| sibling(path, end)))
    {
        let Ok(mode) = fs::metadata(&file).map(|metadata| metadata.permissions().mode()) else {
            continue;
        };
        if mode & OTHERS == 0 {
            continue;
        }
        match fs::set_permissions(&file, Permissions::from_mode(mode & !OTHERS)) {
            Ok(()) => was_open = true,
            Err(error) => tracing::warn!(
                "other users of this machine may read {}, and that cannot be changed: {error}",
                file.display()
            ),
        }
    }
    if was_open {
        tracing::warn!(
            "other users of this machine could read {}; now only its user can",
            path.display()
        );
    }
}

/// Why there is no copy; says what to do. Nothing is left of it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Something has that name.
    #[error("{} is there already ({what}): name a file that is not", .path.display())]
    There {
        /// The name.
        path: PathBuf,
        /// What has it.
        what: &'static str,
    },
    /// Another process is making one of the same name.
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
        /// Why not.
        cause: sqlx::Error,
    },
}

/// The word for it of the system or of SQLite.
fn why(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    }
}

/// What has a name, if anything does. A symbolic link is one, wherever it leads.
pub(super) fn what_is_there(path: &Path) -> Option<&'static str> {
    let file_type = fs::symlink_metadata(path).ok()?.file_type();
    Some(match file_type {
        kind if kind.is_symlink() => "a symbolic link, which is not followed",
        kind if kind.is_dir() => "a folder",
        kind if kind.is_file() => "a file",
        _ => "no ordinary file",
    })
}

/// Writes a whole and consistent copy of a database into a new file.
///
/// It is written under another name beside it, and gets its own when all of it is on the disk: whoever
/// is killed meanwhile leaves what the next one replaces.
///
/// # Errors
/// When something has the name already, or it cannot be written.
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
    // The name is on the disk with its folder.
    let synced = File::open(folder_of(to)).and_then(|folder| folder.sync_all());
    synced.map_err(|error| unwritable(error.into()))
}

/// The file that a copy is written to before it is whole, new and locked. One that somebody left who was
/// killed is deleted; one that somebody still writes to is not, and they are not held up.
///
/// # Errors
/// `WouldBlock`, where somebody does.
fn begin(to: &Path) -> io::Result<NamedTempFile> {
    let name = to.file_name().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    let path = sibling(to, PART);
    // Held until the new one is locked, so that two who find the same one do not both go on.
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

/// The folder that a name is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a file is a whole database that an upgrade has gone no further with than this.
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

/// Whether a failure to open a file comes of a disk that is full: SQLite does not always say so.
pub(super) fn is_full(path: &Path) -> bool {
    let tried = tempfile::tempfile_in(folder_of(path))
        .and_then(|mut file| file.write_all(&[0; PROBE_BYTES]));
    tried.is_err_and(|error| is_no_room(&error))
}

/// Whether the system says that there is no room.
pub(super) fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// Whether an error of the database may come of a disk that is full.
pub(super) fn may_be_full(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => is_no_room(error),
        error => matches!(
            code(error),
            Some(super::SQLITE_FULL | super::SQLITE_IOERR | super::SQLITE_CANTOPEN)
        ),
    }
}
