//! The database's file: whose it is, who may read it, and copies of it.

use communique::store::{Access, OpenError, Store};
use sqlx::{Connection, SqliteConnection, migrate::Migrator};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// What stands in the head of our files.
const APPLICATION_ID: i64 = 0x436d_6e71;

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn with(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

async fn sqlite(path: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("{}?mode=rwc", address(path))).await.unwrap()
}

async fn run(path: &Path, statements: &'static [&'static str]) {
    let mut db = sqlite(path).await;
    for sql in statements {
        sqlx::raw_sql(*sql).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

/// A file as an earlier version left it: without the last migrations, and without a program's number.
pub async fn older(path: &Path) {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(all).unwrap().map(Result::unwrap) {
        if file.file_name().to_str().unwrap() < "0008" {
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    let mut db = sqlite(path).await;
    sqlx::raw_sql("pragma journal_mode = wal").execute(&mut db).await.unwrap();
    let migrations = Migrator::new(folder.path().to_owned()).await.unwrap();
    migrations.run_direct(None, &mut db, false).await.unwrap();
    db.close().await.unwrap();
}

async fn application_id(path: &Path) -> i64 {
    let mut db = sqlite(path).await;
    let id = sqlx::query_scalar("pragma application_id").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    id
}

#[tokio::test]
async fn a_file_and_its_copies_are_for_their_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db");
    let store = Store::open(&address(&path), Access::Run).await.unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    for file in
        [path.clone(), with(&path, "-wal"), with(&path, "-shm"), with(&path, ".lock"), copy.clone()]
    {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close().await;
    drop(store);
    assert_eq!(
        (application_id(&path).await, application_id(&copy).await),
        (APPLICATION_ID, APPLICATION_ID)
    );
    assert!(!with(&copy, ".part").exists());

    // An earlier version did not mind.
    let path = folder.path().join("old.db");
    older(&path).await;
    for file in [path.clone(), with(&path, ".lock")] {
        fs::write(with(&path, ".lock"), "").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o664)).unwrap();
    }
    assert_eq!(application_id(&path).await, 0);
    // Somebody was killed while this was laid there.
    let newest =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap().count();
    let before = with(&path, &format!(".before-{newest}"));
    fs::write(with(&before, ".part"), "half of it").unwrap();
    let store = Store::open(&address(&path), Access::Run).await.unwrap();
    for file in [path.clone(), with(&path, ".lock"), before.clone()] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close().await;
    assert_eq!(application_id(&path).await, APPLICATION_ID);
    assert!(!with(&before, ".part").exists());
    // The copy is as the file was.
    assert_eq!(application_id(&before).await, 0);
    let mut db = sqlite(&before).await;
    let last: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(last, 7);
}

#[tokio::test]
async fn a_copy_is_written_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&address(&folder.path().join("a.db")), Access::Run).await.unwrap();
    let copy = folder.path().join("copy.db");
    fs::write(&copy, "kept").unwrap();
    assert!(store.backup(&copy).await.is_err());
    assert_eq!(fs::read(&copy).unwrap(), b"kept");
    assert!(store.backup(&folder.path().join("none/copy.db")).await.is_err());
    assert!(!with(&copy, ".part").exists());
}

#[tokio::test]
async fn the_file_of_another_program_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[&str]); 6] = [
        ("tables", &["create table notes (id integer primary key); insert into notes values (1)"]),
        ("number", &["pragma application_id = 77"]),
        (
            "number and ours",
            &[
                "pragma application_id = 77; create table source (id); create table delivery (id); create table _sqlx_migrations (version bigint)",
            ],
        ),
        ("log", &["pragma journal_mode = wal; create table notes (id)"]),
        ("migrated", &["create table _sqlx_migrations (version bigint); create table users (id)"]),
        ("one of the same name", &["create table source (id); create table delivery (id)"]),
    ];
    for (what, statements) in cases {
        let path = folder.path().join(what);
        run(&path, statements).await;
        let bytes = fs::read(&path).unwrap();
        let files = fs::read_dir(folder.path()).unwrap().count();
        for access in [Access::Run, Access::Operate] {
            let error = Store::open(&address(&path), access).await.unwrap_err();
            assert!(matches!(error, OpenError::Foreign(_)), "{what}: {error}");
            assert!(error.to_string().contains("set DATABASE_URL"), "{error}");
        }
        assert!(fs::read(&path).unwrap() == bytes, "{what} was changed");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            files,
            "{what}: something is beside it"
        );
        assert_ne!(mode(&path), 0o600, "{what}: its mode was changed");
    }
    // One that another program has open, with what it wrote in the log alone.
    let path = folder.path().join("open.db");
    let mut db = sqlite(&path).await;
    sqlx::raw_sql(
        "pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table notes (id)",
    )
    .execute(&mut db)
    .await
    .unwrap();
    let error = Store::open(&address(&path), Access::Run).await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    sqlx::raw_sql("insert into notes values (1)").execute(&mut db).await.unwrap();
}

#[tokio::test]
async fn a_file_of_ours_is_taken_whatever_number_it_has_none_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.db");
    drop(Store::open(&address(&path), Access::Run).await.unwrap());
    run(&path, &["pragma application_id = 0"]).await;
    // After a kill its log is still there.
    let store = Store::open(&address(&path), Access::Run).await.unwrap();
    let beside = Store::open(&address(&path), Access::Operate).await.unwrap();
    beside.close().await;
    store.close().await;
    assert_eq!(application_id(&path).await, APPLICATION_ID);
    // Nobody's yet: nothing, or nothing but a head of SQLite's.
    for (name, make) in [("empty.db", None), ("vacuumed.db", Some("vacuum"))] {
        let path = folder.path().join(name);
        match make {
            None => fs::write(&path, "").unwrap(),
            Some(sql) => {
                let mut db = sqlite(&path).await;
                sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
            }
        }
        drop(Store::open(&address(&path), Access::Run).await.unwrap());
        assert_eq!(mode(&path), 0o600);
    }
}

#[tokio::test]
async fn what_is_no_database_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    drop(Store::open(&address(&at("whole")), Access::Run).await.unwrap());
    let whole = fs::read(at("whole")).unwrap();
    fs::write(at("head"), &whole[..100]).unwrap();
    fs::write(at("magic"), &whole[..16]).unwrap();
    fs::write(at("text"), "This is no database. ".repeat(100)).unwrap();
    fs::write(at("short"), "no").unwrap();
    fs::write(at("zeros"), [0; 4096]).unwrap();
    let cases = [
        ("folder", "it is a folder"),
        ("head", "nothing but its head"),
        ("magic", "too short"),
        ("text", "no file of SQLite"),
        ("short", "too short"),
        ("zeros", "no file of SQLite"),
    ];
    for (name, words) in cases {
        let bytes = fs::read(at(name)).ok();
        let error = Store::open(&address(&at(name)), Access::Run).await.unwrap_err().to_string();
        assert!(error.contains(words) && error.lines().count() == 1, "{name}: {error}");
        assert_eq!(fs::read(at(name)).ok(), bytes, "{name} was changed");
        assert!(!with(&at(name), ".lock").exists(), "{name}");
    }
}
