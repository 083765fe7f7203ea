//! The database file: its owner, its permissions, and copies of it.

use crate::support::{Bot, TOKEN, TestEnv, until};
use communique::store::{Access, OpenError, Store};
use sqlx::{Connection, SqliteConnection, migrate::Migrator};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

/// The application ID in the header of our files.
const APPLICATION_ID: i64 = 0x436d_6e71;

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The path with a suffix.
pub(crate) fn with(path: &Path, end: &str) -> PathBuf {
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

/// The migrations of this version.
async fn migrations() -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    Migrator::new(folder).await.unwrap()
}

/// The number of the last migration of the next version.
pub(crate) fn next_version() -> i64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    i64::try_from(fs::read_dir(folder).unwrap().count()).unwrap() + 1
}

/// The migrations of the next version: those of this one, and one more that copies all chats.
async fn next_migrations() -> Migrator {
    let folder = tempfile::tempdir().unwrap();
    let current = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for file in fs::read_dir(current).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let next = folder.path().join(format!("{:04}_next.sql", next_version()));
    fs::write(next, "create table next_chat as select * from chat").unwrap();
    Migrator::new(folder.path().to_owned()).await.unwrap()
}

/// Opens a database as the next version will.
pub(crate) async fn open_as_next(path: &Path, access: Access) -> Result<Store, OpenError> {
    Store::open_with(&address(path), access, &next_migrations().await).await
}

/// A command that opens `communique.db` in its folder as the next version will, so that it can be killed.
/// With the argument `operate` it does so as a command of the operator. Ends with 1, and the message, if
/// it cannot be opened.
pub(crate) fn next_version_command(operate: bool) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let name = if operate { "files::next_version_operates" } else { "files::next_version_runs" };
    command.args(["--exact", name, "--ignored", "--nocapture"]).env_clear();
    command
}

/// The address of the database that the process opens. The program's own variable is not used, so
/// that no test reaches a real database.
pub(crate) const NEXT_VERSION_OF: &str = "COMMUNIQUE_TEST_NEXT_VERSION_OF";

/// Opens the database of [`NEXT_VERSION_OF`], if it is set: without it nobody wants this process.
#[expect(clippy::disallowed_methods, reason = "this is a process of its own, started by a test")]
async fn open_and_say(access: Access) {
    let Ok(url) = std::env::var(NEXT_VERSION_OF) else { return };
    match Store::open_with(&url, access, &next_migrations().await).await {
        Ok(store) => {
            println!("opened as the next version");
            store.close().await;
        }
        Err(error) => {
            println!("{error}");
            std::process::exit(1);
        }
    }
}

#[tokio::test]
#[ignore = "a process that other tests start"]
async fn next_version_runs() {
    open_and_say(Access::Run).await;
}

#[tokio::test]
#[ignore = "a process that other tests start"]
async fn next_version_operates() {
    open_and_say(Access::Operate).await;
}

/// A file of this version, which is an older one for the next, without an application id.
pub(crate) async fn older(path: &Path) {
    let mut db = sqlite(path).await;
    sqlx::raw_sql("pragma journal_mode = wal").execute(&mut db).await.unwrap();
    migrations().await.run_direct(None, &mut db, false).await.unwrap();
    db.close().await.unwrap();
}

async fn application_id(path: &Path) -> i64 {
    let mut db = sqlite(path).await;
    let id = sqlx::query_scalar("pragma application_id").fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    id
}

#[tokio::test]
async fn the_database_and_its_copies_are_readable_by_their_user_only() {
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

    // An earlier version did not restrict it.
    let path = folder.path().join("old.db");
    older(&path).await;
    for file in [path.clone(), with(&path, ".lock")] {
        fs::write(with(&path, ".lock"), "").unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o664)).unwrap();
    }
    assert_eq!(application_id(&path).await, 0);
    // Somebody was killed while this was laid there.
    let before = with(&path, &format!(".before-{}", next_version()));
    fs::write(with(&before, ".part"), "half of it").unwrap();
    let store = open_as_next(&path, Access::Run).await.unwrap();
    for file in [path.clone(), with(&path, ".lock"), before.clone()] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close().await;
    assert_eq!(application_id(&path).await, APPLICATION_ID);
    assert!(!with(&before, ".part").exists());
    // The copy equals the file before.
    assert_eq!(application_id(&before).await, 0);
    let mut db = sqlite(&before).await;
    let last: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(last, next_version() - 1);
}

#[tokio::test]
async fn a_backup_overwrites_no_file() {
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
    // One that another program has open, with writes that are only in its WAL.
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
async fn a_database_without_an_application_id_is_accepted_and_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.db");
    drop(Store::open(&address(&path), Access::Run).await.unwrap());
    run(&path, &["pragma application_id = 0"]).await;
    // After a kill the WAL still exists.
    let store = Store::open(&address(&path), Access::Run).await.unwrap();
    let beside = Store::open(&address(&path), Access::Operate).await.unwrap();
    beside.close().await;
    store.close().await;
    assert_eq!(application_id(&path).await, APPLICATION_ID);
    // Files of no program yet: empty, or with only a header of SQLite.
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
async fn a_file_that_is_no_database_is_reported_in_one_line() {
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

#[tokio::test]
async fn a_backup_follows_no_symbolic_link_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let store = Store::open(&address(&at("own.db")), Access::Run).await.unwrap();
    fs::write(at("kept"), "kept").unwrap();
    symlink(at("kept"), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    for (name, words) in [
        ("kept", "a file"),
        ("link", "a symbolic link"),
        ("dangling", "a symbolic link"),
        ("folder", "a folder"),
    ] {
        let error = store.backup(&at(name)).await.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("name a file that is not"), "{error}");
    }
    // There is a link where it writes first.
    symlink(at("kept"), at("copy.db.part")).unwrap();
    store.backup(&at("copy.db")).await.unwrap();
    assert_eq!(fs::read(at("kept")).unwrap(), b"kept");
    assert!(!at("nowhere").exists());
    assert_eq!(mode(&at("copy.db")), 0o600);
    assert!(!fs::symlink_metadata(at("copy.db")).unwrap().is_symlink());

    // The file of another process that is writing is left alone.
    let other = fs::File::create(at("two.db.part")).unwrap();
    other.lock().unwrap();
    let error = store.backup(&at("two.db")).await.unwrap_err().to_string();
    assert!(error.contains("another process is writing"), "{error}");
    assert!(at("two.db.part").exists() && !at("two.db").exists());
    drop(other);
    store.backup(&at("two.db")).await.unwrap();
    assert!(!at("two.db.part").exists());
    // Of several at the same time one succeeds, and its copy is complete.
    let three = at("three.db");
    let many = futures::future::join_all((0..8).map(|_| store.backup(&three))).await;
    assert_eq!(many.iter().filter(|one| one.is_ok()).count(), 1, "{many:?}");
    assert_eq!(application_id(&three).await, APPLICATION_ID);
}

type Lay = fn(&Path, &[u8]);

#[tokio::test]
async fn an_upgrade_starts_only_after_a_complete_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    older(&path).await;
    let bytes = fs::read(&path).unwrap();
    let copy = with(&path, &format!(".before-{}", next_version()));
    let cases: [(&str, Lay); 5] = [
        ("empty", |copy, _| fs::write(copy, "").unwrap()),
        ("half", |copy, bytes| fs::write(copy, &bytes[..bytes.len() / 2]).unwrap()),
        ("text", |copy, _| fs::write(copy, "not this").unwrap()),
        ("folder", |copy, _| fs::create_dir(copy).unwrap()),
        ("link", |copy, bytes| {
            let elsewhere = with(copy, ".elsewhere");
            fs::write(&elsewhere, bytes).unwrap();
            symlink(elsewhere, copy).unwrap();
        }),
    ];
    for (what, lay) in cases {
        lay(&copy, &bytes);
        let error = open_as_next(&path, Access::Run).await.unwrap_err();
        assert!(matches!(error, OpenError::NoCopy { .. }), "{what}: {error}");
        assert!(error.to_string().contains("move that away"), "{error}");
        let _ = fs::remove_dir(&copy);
        let _ = fs::remove_file(&copy);
    }
    fs::write(&copy, &bytes).unwrap();
    open_as_next(&path, Access::Run).await.unwrap();
    assert_eq!(fs::read(&copy).unwrap(), bytes);
}

#[tokio::test]
async fn an_operator_s_command_upgrades_nothing_and_an_earlier_version_refuses_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    older(&path).await;
    let error = open_as_next(&path, Access::Operate).await.unwrap_err();
    assert!(matches!(error, OpenError::Older(_)), "{error}");
    assert!(!with(&path, &format!(".before-{}", next_version())).exists());
    open_as_next(&path, Access::Run).await.unwrap().close().await;
    open_as_next(&path, Access::Operate).await.unwrap().close().await;
    let error = Store::open(&address(&path), Access::Run).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer(_)), "{error}");
}

#[tokio::test]
async fn the_file_of_a_development_version_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("development.db");
    older(&path).await;
    // Thirteen migrations, none of which is the first of today.
    let mut db = sqlite(&path).await;
    sqlx::raw_sql(
        "update _sqlx_migrations set checksum = x'01';
         insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            with recursive n(version) as (select 2 union all select version + 1 from n where version < 13)
            select version, 'earlier', 1, x'01', 0 from n;
         pragma application_id = 1131245169",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    assert_eq!(application_id(&path).await, APPLICATION_ID);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let bytes = fs::read(&path).unwrap();
    let files = fs::read_dir(folder.path()).unwrap().count();
    for access in [Access::Run, Access::Operate] {
        let error = Store::open(&address(&path), access).await.unwrap_err();
        assert!(matches!(error, OpenError::Development(_)), "{error}");
        let message = error.to_string();
        assert!(message.contains("start with a new file") && message.lines().count() == 1);
    }
    let mut command = crate::support::binary(&["run"]);
    command.current_dir(folder.path()).env("DATABASE_URL", address(&path));
    command.env("TELOXIDE_TOKEN", TOKEN).env("RUST_LOG", "error");
    fs::write(folder.path().join("communique.toml"), SOURCE).unwrap();
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("development version") && said.lines().count() == 1, "{said}");
    assert!(fs::read(&path).unwrap() == bytes, "it was changed");
    assert_eq!(mode(&path), 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files + 1, "something is beside it");
}

/// A configuration that is valid.
const SOURCE: &str = "[[source]]\nname = \"s\"\ntitle = \"S\"\nurl = \"http://127.0.0.1:9/\"\n";

#[test]
fn a_backup_to_standard_output_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let output = crate::support::binary(&["backup", "-"]).current_dir(folder.path()).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("name a file") && said.lines().count() == 1, "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_token_that_others_may_read_is_reported_once_with_the_remedy() {
    let env = TestEnv::new().await;
    let at = |name: &str| env.folder.path().join(name);
    let lay = |name: &str, text: &str, mode: u32| {
        fs::write(at(name), text).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let warned_of = async |in_environment: &[(&str, &str)]| {
        let mut command = env.command(&["run"]);
        command.env_remove("TELOXIDE_TOKEN").envs(in_environment.iter().copied());
        let bot = Bot::start(command);
        until("it runs", || bot.log().contains("running as @")).await;
        let log = bot.stop().await;
        let warned_of: Vec<_> = log.lines().filter(|line| line.contains("chmod 600")).collect();
        warned_of.iter().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let of_env = format!("TELOXIDE_TOKEN={TOKEN}\n");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        lay(".env", &of_env, mode);
        assert_eq!(warned_of(&[]).await, [".env"], "{mode:o}");
    }
    for mode in [0o600, 0o400] {
        lay(".env", &of_env, mode);
        assert_eq!(warned_of(&[]).await, [""; 0], "{mode:o}");
    }
    // A file without the token has nothing to hide.
    lay(".env", "RUST_LOG=info\n", 0o644);
    lay("token", TOKEN, 0o644);
    assert_eq!(warned_of(&[("TELOXIDE_TOKEN_FILE", "./token")]).await, ["token"]);
    lay("token", TOKEN, 0o600);
    assert_eq!(warned_of(&[("TELOXIDE_TOKEN_FILE", "./token")]).await, [""; 0]);
}
