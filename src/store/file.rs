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
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

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
const ROOM_BYTES: usize = 64 * 1024;
/// What SQLite lays beside a file, and we do.
const BESIDE: [&str; 3] = ["-wal", "-shm", ".lock"];

/// The path with something at its end.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
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
    let has_log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
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
    let tables = looked.await.map_err(|error| super::open::sort(error, path))?;
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
    for file in std::iter::once(path.to_owned()).chain(BESIDE.map(|end| beside(path, end))) {
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

/// Writes a whole and consistent copy of a database into a new file.
///
/// # Errors
/// When there is such a file already, or it cannot be written; nothing is left of it then.
pub(super) async fn copy(db: &mut SqliteConnection, to: &Path) -> Result<(), sqlx::Error> {
    let name = to.file_name().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    if to.exists() {
        return Err(io::Error::from(ErrorKind::AlreadyExists).into());
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // Whoever was killed while it copied left half of one.
    match fs::remove_file(beside(to, ".part")) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let part = tempfile::Builder::new()
        .prefix(name)
        .suffix(".part")
        .rand_bytes(0)
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(folder)?;
    let path = part.path().to_str().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    sqlx::query("vacuum into ?").bind(path).execute(db).await?;
    part.as_file().sync_all()?;
    part.persist_noclobber(to).map_err(|error| error.error)?;
    // The name is on the disk with its folder.
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Whether a failure to open a file comes of a disk that is full: SQLite does not always say so.
pub(super) fn is_full(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let tried = tempfile::tempfile_in(folder.unwrap_or(Path::new(".")))
        .and_then(|mut file| file.write_all(&[0; ROOM_BYTES]));
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
