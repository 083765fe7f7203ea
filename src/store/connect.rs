//! Opening the database: made if missing, migrated, locked against a second process.
//!
//! Promises: each thing that can be wrong is told in one sentence with its remedy; a file that is not ours
//! is not touched; before a migration changes an existing file, a copy of it is laid beside it.

use super::{CopyError, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_NOTADB, Store, code, database_file};
use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a connection waits for another process (an operator's command) to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that only read.
const READERS: u32 = 2;
/// Connections that look for something in all entries, which may take a while: the others do not wait for them.
const SEARCHERS: u32 = 2;
/// The first SQLite without the bug that can damage a write-ahead log when it is reset.
const SQLITE_MIN: i32 = 3_051_003;

/// What a process wants of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To run on it: alone, making and migrating it as needed.
    Run,
    /// To look or to change a setting beside a running process: as it is.
    Operate,
}

/// Why a database could not be opened; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address makes no sense.
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
        /// The system's word for it.
        why: String,
    },
    /// There is no room on its disk. Nothing was changed, or what was is taken back.
    #[error(
        "{0} cannot be opened, its disk is full: make room, and start it again; nothing is lost"
    )]
    Full(PathBuf),
    /// Another program's.
    #[error(
        "{0} is the database of another program: set DATABASE_URL to a file of its own; this one was not touched"
    )]
    Foreign(PathBuf),
    /// Not a database, or damaged.
    #[error(
        "{path} is not a usable database ({why}): restore it from a backup, or move it away to start anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's word for it.
        why: String,
    },
    /// Made by a later version.
    #[error(
        "{0} was written by a newer communique: install that version, or restore the backup made before the upgrade"
    )]
    Newer(PathBuf),
    /// What has the name of the copy that is made before an upgrade is none.
    #[error(
        "{path} is to be upgraded, and {copy} is not the whole copy that its name says: move that away, and start again; nothing was changed"
    )]
    NoCopy {
        /// The file.
        path: PathBuf,
        /// What is beside it.
        copy: PathBuf,
    },
    /// Not migrated yet, and this access may not migrate.
    #[error(
        "{0} was written by an older communique: start `communique run` once, which upgrades it"
    )]
    Older(PathBuf),
    /// The library is one that damages databases.
    #[error("SQLite {0} is linked in, which can damage its files: build with 3.51.3 or later")]
    Sqlite(String),
}

impl OpenError {
    /// Whether it may pass by itself, so that trying again is worth it.
    pub fn may_pass(&self) -> bool {
        matches!(self, OpenError::Full(_))
    }
}

impl Store {
    /// Opens the database at an address like `sqlite://communique.db`.
    pub async fn open(address: &str, access: Access) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::from_str(address)
            .map_err(|_| OpenError::Address(address.to_owned()))?;
        let path = options.get_filename().to_owned();
        if !address.starts_with("sqlite:")
            || address.contains(":memory:")
            || path.as_os_str().is_empty()
        {
            return Err(OpenError::Address(address.to_owned()));
        }
        if access == Access::Operate && !path.exists() {
            return Err(OpenError::Missing(path));
        }
        database_file::check(&path).await?;
        let lock = match access {
            Access::Run => {
                let lock = lock(&path)?;
                // SQLite gives what it lays beside a file the mode of the file.
                database_file::create(&path).map_err(|error| unusable(&error, &path))?;
                database_file::tighten(&path);
                Some(Arc::new(lock))
            }
            Access::Operate => None,
        };
        let options = options
            .create_if_missing(access == Access::Run)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let sorted = |error| classify(error, &path);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(sorted)?;
        check_library(&mut connection).await.map_err(sorted)??;
        migrate(&mut connection, &path, access).await?;
        connection.close().await.map_err(sorted)?;
        // A connection that is idle costs nothing, and a new one would have to read the schema.
        let pool = SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None);
        let connect = |options, size| pool.clone().max_connections(size).connect_with(options);
        // A file that goes missing under a process is not to be made anew, empty.
        let options = options.create_if_missing(false);
        let writer: SqlitePool = connect(options.clone(), 1).await.map_err(sorted)?;
        let readers: SqlitePool = connect(options.clone(), READERS).await.map_err(sorted)?;
        let searchers: SqlitePool = connect(options, SEARCHERS).await.map_err(sorted)?;
        Ok(Store { writer, readers, searchers, _lock: lock })
    }
}

/// Takes the lock file beside the database. The system lets go of it when the process ends,
/// however it ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let file = database_file::open_lock(&database_file::sibling(path, ".lock"));
    let file = file.map_err(|error| unusable(&error, path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(&error, path)),
    }
}

/// Why a file cannot be had.
fn unusable(error: &io::Error, path: &Path) -> OpenError {
    let path = path.to_owned();
    match database_file::is_no_room(error) {
        true => OpenError::Full(path),
        false => OpenError::Unusable { path, why: error.to_string() },
    }
}

async fn check_library(db: &mut SqliteConnection) -> Result<Result<(), OpenError>, sqlx::Error> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(db).await?;
    let mut numbers = version.split('.').map(|n| n.parse::<i32>().unwrap_or(0));
    let number = (0..3).fold(0, |all, _| all * 1000 + numbers.next().unwrap_or(0));
    Ok(if number < SQLITE_MIN { Err(OpenError::Sqlite(version)) } else { Ok(()) })
}

/// Brings the schema up to date. A file that an older version wrote is copied first.
async fn migrate(db: &mut SqliteConnection, path: &Path, access: Access) -> Result<(), OpenError> {
    let sorted = |error| classify(error, path);
    let applied = applied(db).await.map_err(sorted)?;
    let newest = MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0);
    match applied {
        Some(version) if version > newest => return Err(OpenError::Newer(path.to_owned())),
        Some(version) if version == newest => {}
        _ if access == Access::Operate => return Err(OpenError::Older(path.to_owned())),
        Some(version) => {
            let copy = database_file::sibling(path, &format!(".before-{newest}"));
            if database_file::what_is_there(&copy).is_none() {
                database_file::copy(&mut *db, &copy).await.map_err(|error| match error {
                    CopyError::Unwritable { cause, .. } => classify(cause, path),
                    error => OpenError::Unusable {
                        path: path.to_owned(),
                        why: format!("before the upgrade it has to be copied; {error}"),
                    },
                })?;
            } else if !database_file::is_copy(&copy, version).await {
                return Err(OpenError::NoCopy { path: path.to_owned(), copy });
            }
        }
        None => {}
    }
    MIGRATIONS.run_direct(None, &mut *db, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            classify(error, path)
        }
        error => OpenError::Damaged { path: path.to_owned(), why: error.to_string() },
    })?;
    // Files of earlier versions have none yet.
    let known: i32 =
        sqlx::query_scalar("pragma application_id").fetch_one(&mut *db).await.map_err(sorted)?;
    if access == Access::Run && known != database_file::APPLICATION_ID {
        let sql = format!("pragma application_id = {}", database_file::APPLICATION_ID);
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(db).await.map_err(sorted)?;
    }
    Ok(())
}

/// The version of the last migration that the file has seen; `None` for a new file.
async fn applied(db: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let table = "select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
    if sqlx::query(table).fetch_optional(&mut *db).await?.is_none() {
        return Ok(None);
    }
    sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(db).await
}

/// Tells a file that cannot be reached from one that is no database, and from a disk without room.
pub(super) fn classify(error: sqlx::Error, path: &Path) -> OpenError {
    let why = error.to_string();
    let is_full = code(&error) == Some(SQLITE_FULL)
        || (database_file::may_be_full(&error) && database_file::is_full(path));
    let path = path.to_owned();
    match code(&error) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => OpenError::Damaged { path, why },
        _ if is_full => OpenError::Full(path),
        _ => OpenError::Unusable { path, why },
    }
}
