//! The file of the database: whose it is, and who may read it.
//!
//! Guarantees: the file of another program is recognized by reading alone, and not touched. Only their
//! user may read our own files.
//! Out of scope: the schema (`connect`), and copies (`copy`).

use super::open_error::{OpenError, classify};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The table in which sqlx records the migrations that were applied.
const MIGRATIONS_TABLE: &str = "_sqlx_migrations";
/// The application id in the header of our files: "Cmnq".
pub(super) const APPLICATION_ID: i32 = 0x436d_6e71;
/// Readable and writable for the user only.
pub(super) const MODE: u32 = 0o600;
/// The permission bits of other users.
const OTHERS: u32 = 0o077;
/// The header of an SQLite file: its beginning and length, the offset of the application id, and the
/// length of the shortest file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEAD_BYTES: usize = 100;
const APPLICATION_ID_AT: usize = 68;
const FILE_BYTES_MIN: u64 = 512;
/// The suffixes of the files that SQLite and we create beside a database.
const SIBLING_SUFFIXES: [&str; 3] = ["-wal", "-shm", ".lock"];

/// Returns the path with a suffix.
pub(super) fn sibling(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// What is in a file before it is opened for writing. Empty for a new file.
#[derive(Debug, Default)]
pub(super) struct Contents {
    tables: Vec<String>,
    /// The version and checksum of each migration that was applied.
    pub(super) migrations: Vec<(i64, Vec<u8>)>,
}

impl Contents {
    fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|name| name == table)
    }

    /// Whether a file without an application id is our own, from an earlier version or an interrupted
    /// start, or new.
    fn may_be_ours(&self) -> bool {
        let is_begun = self.tables.len() == 1 || (self.has("source") && self.has("delivery"));
        self.tables.is_empty() || (self.has(MIGRATIONS_TABLE) && is_begun)
    }
}

/// Checks whether a file may be opened as our database, and changes nothing.
///
/// # Errors
/// If it is something else, or cannot be read.
pub(super) async fn check(path: &Path) -> Result<Contents, OpenError> {
    let unusable = |why: String| OpenError::Unusable { path: path.to_owned(), why };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Contents::default()),
        Err(error) => return Err(unusable(error.to_string())),
    };
    if metadata.is_dir() {
        return Err(unusable("it is a folder".to_owned()));
    }
    if !metadata.is_file() {
        return Err(unusable("it is no ordinary file".to_owned()));
    }
    if metadata.len() == 0 {
        return Ok(Contents::default());
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
    let foreign = || OpenError::Foreign(path.to_owned());
    let is_marked = match i32::from_be_bytes(id) {
        APPLICATION_ID => true,
        0 => false,
        _ => return Err(foreign()),
    };
    let contents = match contents(path).await {
        // What is wrong with a file of ours is found out when it is opened for writing.
        Err(_) if is_marked => Contents::default(),
        contents => contents?,
    };
    if is_marked || contents.may_be_ours() { Ok(contents) } else { Err(foreign()) }
}

/// Reads what is in a file, and changes nothing.
async fn contents(path: &Path) -> Result<Contents, OpenError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    // Without a log beside it, nothing has to be created there to read it.
    let has_log = fs::metadata(sibling(path, "-wal")).is_ok_and(|log| log.len() > 0);
    let options = options.immutable(!has_log);
    let read = async {
        let mut db = SqliteConnection::connect_with(&options).await?;
        let tables: Vec<String> =
            sqlx::query_scalar("select name from sqlite_master where type = 'table'")
                .fetch_all(&mut db)
                .await?;
        let mut contents = Contents { tables, migrations: Vec::new() };
        if contents.may_be_ours() && contents.has(MIGRATIONS_TABLE) {
            contents.migrations =
                sqlx::query_as("select version, checksum from _sqlx_migrations order by version")
                    .fetch_all(&mut db)
                    .await?;
        }
        db.close().await?;
        Ok::<_, sqlx::Error>(contents)
    };
    read.await.map_err(|error| classify(&error, path))
}

/// Creates the file for its user only, if it does not exist.
pub(super) fn create(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(MODE).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Opens the lock file. It is created for its user only.
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(MODE).open(path)
}

/// Removes the permissions of other users from the file and those beside it. Logs a warning if there
/// were any.
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
