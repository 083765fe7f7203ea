//! Opening the database: it is created if missing, migrated, and locked against a second process.
//!
//! Guarantees: a file that is not our own, or was made by a development version, is not touched. Before
//! a migration changes an existing file, a complete copy is beside it.
//! Out of scope: what an error means to the operator (`open_error`).

use super::{
    copy::{self, CopyError},
    database_file,
    open_error::{OpenError, classify, unusable},
    pool::Store,
};
use sqlx::{
    Connection, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::{File, TryLockError},
    path::Path,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a connection waits for a lock of another process, such as a command of the operator.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that only read.
const READERS: u32 = 2;
/// Connections for searches, which may take a while: other reads do not wait for them.
const SEARCHERS: u32 = 2;
/// The first version of SQLite without a bug that can damage a write-ahead log when it is reset.
const SQLITE_MIN: i32 = 3_051_003;

/// How a process uses the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `run`: exclusive; creates and migrates the database.
    Run,
    /// Operator commands: may run beside `run`; never create or migrate.
    Operate,
}

impl Store {
    /// Opens the database at an address like `sqlite://communique.db`.
    pub async fn open(address: &str, access: Access) -> Result<Self, OpenError> {
        Store::open_with(address, access, &MIGRATIONS).await
    }

    /// Opens a database with other migrations than those of this version, so that tests can upgrade one.
    #[doc(hidden)]
    pub async fn open_with(
        address: &str,
        access: Access,
        migrations: &Migrator,
    ) -> Result<Self, OpenError> {
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
        let contents = database_file::check(&path).await?;
        if is_of_development(&contents.migrations, migrations) {
            return Err(OpenError::Development(path));
        }
        let lock = match access {
            Access::Run => Some(Arc::new(lock_and_create(&path)?)),
            Access::Operate => None,
        };
        let options = options
            .create_if_missing(access == Access::Run)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let sorted = |error| classify(&error, &path);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(sorted)?;
        check_library(&mut connection).await.map_err(sorted)??;
        migrate(&mut connection, &path, access, migrations).await?;
        connection.close().await.map_err(sorted)?;
        // If the file disappears while the process runs, no empty one is created.
        let options = options.create_if_missing(false);
        let writer = pool(options.clone(), 1).await.map_err(sorted)?;
        let readers = pool(options.clone(), READERS).await.map_err(sorted)?;
        let searchers = pool(options, SEARCHERS).await.map_err(sorted)?;
        Ok(Store { writer, readers, searchers, _lock: lock })
    }
}

/// Opens a pool. Idle connections are kept: a new one would have to read the schema.
async fn pool(options: SqliteConnectOptions, size: u32) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None);
    pool.max_connections(size).connect_with(options).await
}

/// Whether a migration that was applied is not the one that has its number now. This is so in files of
/// development versions; a release never changes a migration of an earlier one.
fn is_of_development(applied: &[(i64, Vec<u8>)], migrations: &Migrator) -> bool {
    migrations.iter().any(|migration| {
        applied.iter().any(|(version, checksum)| {
            *version == migration.version && *checksum != *migration.checksum
        })
    })
}

/// Locks the file and creates it if it is missing.
fn lock_and_create(path: &Path) -> Result<File, OpenError> {
    let lock = lock(path)?;
    // SQLite creates the files beside it with the same permissions.
    database_file::create(path).map_err(|error| unusable(&error, path))?;
    database_file::tighten(path);
    Ok(lock)
}

/// Locks the lock file beside the database. The system releases the lock when the process ends, however
/// it ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let file = database_file::open_lock(&database_file::sibling(path, ".lock"));
    let file = file.map_err(|error| unusable(&error, path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(&error, path)),
    }
}

async fn check_library(db: &mut SqliteConnection) -> Result<Result<(), OpenError>, sqlx::Error> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(db).await?;
    let mut numbers = version.split('.').map(|n| n.parse::<i32>().unwrap_or(0));
    let number = (0..3).fold(0, |all, _| all * 1000 + numbers.next().unwrap_or(0));
    Ok(if number < SQLITE_MIN { Err(OpenError::Sqlite(version)) } else { Ok(()) })
}

/// Brings the schema up to date. A file of an older version is copied first.
async fn migrate(
    db: &mut SqliteConnection,
    path: &Path,
    access: Access,
    migrations: &Migrator,
) -> Result<(), OpenError> {
    let sorted = |error| classify(&error, path);
    let applied = applied(db).await.map_err(sorted)?;
    let newest = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
    match applied {
        Some(version) if version > newest => return Err(OpenError::Newer(path.to_owned())),
        Some(version) if version == newest => {}
        _ if access == Access::Operate => return Err(OpenError::Older(path.to_owned())),
        Some(version) => copy_before(db, path, version, newest).await?,
        None => {}
    }
    migrations.run_direct(None, &mut *db, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            classify(&error, path)
        }
        error => OpenError::Damaged { path: path.to_owned(), why: error.to_string() },
    })?;
    // New files have no application id yet.
    let known: i32 =
        sqlx::query_scalar("pragma application_id").fetch_one(&mut *db).await.map_err(sorted)?;
    if access == Access::Run && known != database_file::APPLICATION_ID {
        let sql = format!("pragma application_id = {}", database_file::APPLICATION_ID);
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(db).await.map_err(sorted)?;
    }
    Ok(())
}

/// Copies a file before it is upgraded from `version` to `newest`. A complete copy that an interrupted
/// upgrade left is kept.
async fn copy_before(
    db: &mut SqliteConnection,
    path: &Path,
    version: i64,
    newest: i64,
) -> Result<(), OpenError> {
    let to = database_file::sibling(path, &format!(".before-{newest}"));
    if copy::what_is_there(&to).is_some() {
        return match copy::is_copy(&to, version).await {
            true => Ok(()),
            false => Err(OpenError::NoCopy { path: path.to_owned(), copy: to }),
        };
    }
    copy::copy(db, &to).await.map_err(|error| match error {
        CopyError::Unwritable { cause, .. } => classify(&cause, path),
        error => OpenError::Unusable {
            path: path.to_owned(),
            why: format!("before the upgrade it has to be copied; {error}"),
        },
    })
}

/// Returns the version of the last migration that was applied; `None` for a new file.
async fn applied(db: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let table = "select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
    if sqlx::query(table).fetch_optional(&mut *db).await?.is_none() {
        return Ok(None);
    }
    sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(db).await
}
