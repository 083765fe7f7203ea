//! Faults of the machine, with the real binary: a full disk, a database that is damaged or may not
//! be written, a clock that is set, a revoked token.
//!
//! A test whose requirements are missing reports that and is skipped: a small file system needs
//! user namespaces.

use crate::support::{Bot, TestEnv, until};
use sqlx::Connection;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const PEOPLE: [i64; 3] = [11, 12, 13];

fn all_pushed(env: &TestEnv, title: &str) -> bool {
    PEOPLE.iter().all(|id| env.pushed(*id, title) == 1)
}

async fn subscribed() -> (TestEnv, Bot) {
    let env = TestEnv::new().await;
    for id in PEOPLE {
        env.api.world().add_user(id, "Reader", "en");
    }
    let bot = env.run().await;
    subscribe(&env, &bot).await;
    (env, bot)
}

async fn subscribe(env: &TestEnv, bot: &Bot) {
    env.baseline(bot).await;
    PEOPLE.iter().for_each(|id| env.say(*id, *id, "/start"));
    until("all are subscribed", || PEOPLE.iter().all(|id| env.heard(*id, "Subscribed.") == 1))
        .await;
}

/// The command in a mount namespace of its own, with a file system of this many KiB at `disk`.
fn on_a_small_disk(env: &TestEnv, disk: &Path, kib: usize) -> Option<Command> {
    let works = Command::new("unshare").args(["-rm", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        return None;
    }
    let script = format!("mount -t tmpfs -o size={kib}k small {0} && exec \"$@\"", disk.display());
    let inner = env.command(&["run"]);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script, "sh"]).arg(inner.get_program());
    command.args(inner.get_args()).current_dir(env.folder.path()).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.env("DATABASE_URL", format!("sqlite://{}/small.db", disk.display()));
    Some(command)
}

#[tokio::test]
async fn a_full_disk_pauses_the_bot_and_loses_nothing() {
    let env = TestEnv::new().await;
    for id in PEOPLE {
        env.api.world().add_user(id, "Reader", "en");
    }
    let disk = env.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(command) = on_a_small_disk(&env, &disk, 4096) else {
        println!("skipped: no user namespaces here, so no small file system");
        return;
    };
    let bot = Bot::start(command);
    until("it takes updates", || bot.log().contains("running as @")).await;
    subscribe(&env, &bot).await;
    let first = env.publish();
    until("all have the first", || all_pushed(&env, &first)).await;

    // Through its own view of the disk, until no byte more fits.
    let filler = PathBuf::from(format!("/proc/{}/root{}/filler", bot.id(), disk.display()));
    let full = std::fs::write(&filler, vec![0u8; 8 << 20]);
    assert!(full.is_err(), "the small disk is not small");
    let second = env.publish();
    env.say(PEOPLE[0], PEOPLE[0], "/latest");
    until("it says what is wrong", || bot.log().contains("its disk is full: make room")).await;
    assert_eq!(env.heard(PEOPLE[0], &second), 0, "it works without a disk");

    std::fs::remove_file(&filler).unwrap();
    until("all have the second", || all_pushed(&env, &second)).await;
    until("it says that all is well", || bot.log().contains("works again")).await;
    until("the command is answered", || !env.api.world().has_updates()).await;
    bot.stop().await;
    for title in [&first, &second] {
        assert!(all_pushed(&env, title), "{title} came more than once");
    }
}

/// Returns the output of a shell that runs these lines in a mount namespace of its own, with a file
/// system of this many KiB in the folder `disk`. `bot` there runs the program for a while and
/// prints how it ended.
async fn on_a_disk_that_is_full(env: &TestEnv, kib: usize, lines: &str) -> Option<String> {
    let works = Command::new("unshare").args(["-rm", "true"]).status();
    if !works.is_ok_and(|status| status.success()) {
        println!("skipped: no user namespaces here, so no small file system");
        return None;
    }
    let inner = env.command(&["run"]);
    let program = inner.get_program().to_str().unwrap();
    let script = format!(
        "set -e
        mkdir -p disk; mount -t tmpfs -o size={kib}k,mode=700 small disk
        bot() {{ timeout -s TERM 4 {program} \"$@\" 2>&1 && echo ended with 0 || echo ended with $?; }}
        fill() {{ dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null || true; }}
        {lines}"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script]).current_dir(env.folder.path()).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    for name in ["DATABASE_URL", crate::files::NEXT_VERSION_OF] {
        command.env(name, "sqlite://disk/small.db");
    }
    command.env("RUST_LOG", "info");
    // The sandbox answers meanwhile.
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

/// The text between two marks.
fn between<'a>(said: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = said.split_once(from).unwrap_or_else(|| panic!("no {from}: {said}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to}: {said}")).0
}

#[tokio::test]
async fn a_full_disk_at_startup_is_reported_and_retried() {
    let env = TestEnv::new().await;
    // From no room at all to room for some of the files of a start.
    let lines = "for room in 0 1 2 3 5 8 13 21 34 55; do
            rm -f disk/*; fill
            dd if=/dev/zero of=disk/filler bs=4k count=$((128 - room)) conv=notrunc 2>/dev/null
            truncate -s $(((128 - room) * 4096)) disk/filler
            echo \"room $room\"; bot run; echo over
        done
        rm disk/filler; mount -o remount,size=16m disk; echo enough; bot run; echo over";
    let Some(said) = on_a_disk_that_is_full(&env, 512, lines).await else { return };
    for room in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] {
        let said = between(&said, &format!("room {room}\n"), "over");
        assert!(said.contains("its disk is full"), "{room}: {said}");
        // It exits with 1, or runs and waits until there is room.
        let is_waiting = said.contains("ended with 124") && said.contains("trying again");
        assert!(said.contains("ended with 1\n") || is_waiting, "{room}: {said}");
    }
    let first = between(&said, "room 0\n", "over");
    assert!(first.contains("make room") && first.contains("ended with 1\n"), "{first}");
    let last = between(&said, "enough", "over");
    assert!(last.contains("running as @"), "{last}");
}

#[tokio::test]
async fn a_disk_that_fills_up_during_an_upgrade_leaves_the_database_unchanged() {
    let env = TestEnv::new().await;
    let old = env.folder.path().join("old.db");
    crate::files::older(&old).await;
    let mut db =
        sqlx::SqliteConnection::connect(&format!("sqlite://{}", old.display())).await.unwrap();
    sqlx::raw_sql(
        "insert into chat (id, kind, lang, joined_at)
        with recursive n(id) as (select 1 union all select id + 1 from n where id < 20000)
        select id, 'private', 'en', 0 from n",
    )
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    let kib = usize::try_from(std::fs::metadata(&old).unwrap().len()).unwrap() / 1024;
    let before = format!("small.db.before-{}", crate::files::next_version());
    let shell = |operate| {
        let command = crate::files::next_version_command(operate);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    let (run, operate) = (shell(false), shell(true));
    // No room for the copy; room for the copy and not for the upgrade; then enough.
    let lines = format!(
        "next() {{ \"$@\" 2>&1 && echo ended with 0 || echo ended with $?; }}
        cp old.db disk/small.db; cp old.db whole.db
        mount -o remount,size={}k disk
        echo copy; next {run}; ls -A disk; cmp disk/small.db whole.db && echo unchanged; echo over
        cp old.db disk/{before} 2>/dev/null || mount -o remount,size={}k disk
        cp old.db disk/{before}
        mount -o remount,size={}k disk
        echo upgrade; next {run}; ls -A disk; next {operate}; echo over
        mount -o remount,size=64m disk
        echo enough; next {run}; echo over",
        kib + 200,
        kib * 3,
        kib * 2 + 96,
    );
    let Some(said) = on_a_disk_that_is_full(&env, kib * 2, &lines).await else { return };
    let copy = between(&said, "copy\n", "over");
    assert!(copy.contains("its disk is full") && copy.contains("ended with 1\n"), "{copy}");
    assert!(copy.contains("unchanged"), "{copy}");
    assert!(!copy.contains(".before") && !copy.contains(".part"), "{copy}");
    let upgrade = between(&said, "upgrade\n", "over");
    assert!(
        upgrade.contains("its disk is full") && upgrade.contains("ended with 1\n"),
        "{upgrade}"
    );
    assert!(
        upgrade.contains("was written by an older communique"),
        "half of it was upgraded: {upgrade}"
    );
    let enough = between(&said, "enough", "over");
    assert!(enough.contains("opened as the next version"), "{enough}");
}

#[tokio::test]
async fn a_backup_without_room_leaves_no_file() {
    let env = TestEnv::new().await;
    let lines = "DATABASE_URL=sqlite://whole.db bot run; fill
        echo backup; DATABASE_URL=sqlite://whole.db bot backup disk/copy.db; ls -A disk; echo over";
    let Some(said) = on_a_disk_that_is_full(&env, 64, lines).await else { return };
    let said = between(&said, "backup\n", "over");
    assert!(said.contains("has room") && said.contains("ended with 1\n"), "{said}");
    assert!(!said.contains("copy.db\n") && !said.contains(".part"), "{said}");
}

#[tokio::test]
async fn a_damaged_database_ends_the_process_with_the_remedy_and_a_backup_restores_it() {
    let (env, bot) = subscribed().await;
    let at = |name: &str| env.folder.path().join(name);
    let first = env.publish();
    until("all have the first", || all_pushed(&env, &first)).await;
    let backup = env.command(&["backup", "copy.db"]).output().unwrap();
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    bot.stop().await;

    // Everything but the header of the file, which is read at the start.
    let mut bytes = std::fs::read(at("communique.db")).unwrap();
    bytes[8192..].fill(0x5a);
    std::fs::write(at("communique.db"), bytes).unwrap();
    let mut broken = Bot::start(env.command(&["run"]));
    let (status, _) = broken.ended().await;
    let log = broken.log();
    assert_eq!(status.code(), Some(2), "{log}");
    let line = log.lines().last().unwrap_or_default();
    assert!(line.contains("backup"), "{line}");

    for name in ["communique.db-wal", "communique.db-shm"] {
        let _ = std::fs::remove_file(at(name));
    }
    std::fs::rename(at("copy.db"), at("communique.db")).unwrap();
    let bot = env.run().await;
    let second = env.publish();
    until("all have the second", || all_pushed(&env, &second)).await;
    bot.stop().await;
    assert!(all_pushed(&env, &first), "what was sent before the backup came again");
}

#[tokio::test]
async fn a_token_revoked_during_a_broadcast_ends_the_process_and_a_new_one_continues() {
    let (env, mut bot) = subscribed().await;
    env.api.world().is_revoked = true;
    let title = env.publish();
    let (status, _) = bot.ended().await;
    assert_eq!(status.code(), Some(2));
    let log = bot.log();
    assert!(log.lines().last().unwrap_or_default().contains("@BotFather"), "{log}");
    env.api.world().is_revoked = false;
    let bot = env.run().await;
    until("all have it", || all_pushed(&env, &title)).await;
    bot.stop().await;
}

#[tokio::test]
async fn metrics_agree_with_the_log_and_name_nobody() {
    let env = TestEnv::new().await;
    env.configure("[metrics]\nlisten = \"127.0.0.1:0\"\n");
    for id in PEOPLE {
        env.api.world().add_user(id, "Reader", "en");
    }
    let bot = env.run().await;
    subscribe(&env, &bot).await;
    let title = env.publish();
    until("all have it", || all_pushed(&env, &title)).await;
    let log = bot.log();
    let (_, rest) = log.split_once("metrics are at ").unwrap();
    let url = rest.lines().next().unwrap().to_owned();
    let mut page = String::new();
    for _ in 0..200 {
        page = reqwest::get(&url).await.unwrap().text().await.unwrap();
        // Three replies and three statements, settled a moment after they arrive.
        if page.contains("communique_sends_total{outcome=\"sent\"} 6") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for line in [
        "communique_sends_total{outcome=\"sent\"} 6",
        "communique_entries_new_total{source=\"lights\"} 1",
        "communique_source_healthy{source=\"lights\"} 1",
        "communique_updates_total 3",
        "communique_sends_total{outcome=\"unanswered\"} 0",
        "communique_messages_given_up_total 0",
        "# TYPE communique_rate_per_second gauge",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert!(!page.contains("Reader") && !page.contains("7000000001"), "{page}");

    // A port in use.
    let listen = url.trim_start_matches("http://").trim_end_matches("/metrics");
    let second = TestEnv::new().await;
    second.configure(&format!("[metrics]\nlisten = \"{listen}\"\n"));
    let output = second.command(&["run"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(text.lines().last().unwrap().contains("metrics.listen is"), "{text}");
    bot.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_set_delays_nothing_and_repeats_nothing() {
    let env = TestEnv::new().await;
    for id in PEOPLE {
        env.api.world().add_user(id, "Reader", "en");
    }
    let mut command = env.command(&["run"]);
    let Some(clock) = env.fake_clock(&mut command) else { return };
    let bot = Bot::start(command);
    until("it takes updates", || bot.log().contains("running as @")).await;
    subscribe(&env, &bot).await;
    let mut titles = Vec::new();
    for set in ["+0", "-1h", "+1h", "+0"] {
        std::fs::write(&clock, set).unwrap();
        let title = env.publish();
        until("all have it", || all_pushed(&env, &title)).await;
        env.say(PEOPLE[0], PEOPLE[0], "/counter");
        titles.push(title);
    }
    until("all is answered", || !env.api.world().has_updates()).await;
    bot.stop().await;
    for title in &titles {
        assert!(all_pushed(&env, title), "{title} came more than once");
    }
    // By its own clock the second was detected before the first, and the third long after.
    let mut db = env.database().await;
    let sql = "select created_at / 60000 from notification order by id";
    let minutes: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap();
    assert!(minutes[1] < minutes[0] - 30 && minutes[2] > minutes[0] + 30, "{minutes:?}");
}
