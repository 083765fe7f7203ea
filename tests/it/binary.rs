//! The binary as an operator runs it: a session, signals, kill -9, and what it says when something
//! is not as it should be.

use crate::harness::{Bot, Stage, TOKEN, binary, until};
use communique::sandbox::{ChatType, Role};
use sqlx::Connection;
use std::{process::Command, time::Duration};

const ANNA: i64 = 11;
const BORIS: i64 = 12;
const GROUP: i64 = -1_000_000_000_021;

#[tokio::test]
async fn a_session_from_the_first_start_to_the_last_stop() {
    let stage = Stage::set().await;
    {
        let mut world = stage.api.world();
        world.add_user(ANNA, "Anna", "en");
        world.add_user(BORIS, "Boris", "ru");
        world.add_chat(GROUP, ChatType::Supergroup, "Group", ANNA);
        world.set_role(GROUP, ANNA, Role::Member, crate::harness::now());
    }
    let bot = stage.run().await;
    stage.first_reading(&bot).await;
    for (chat, from) in [(ANNA, ANNA), (BORIS, BORIS), (GROUP, ANNA)] {
        stage.say(chat, from, "/start");
    }
    until("all are subscribed", || {
        stage.heard(ANNA, "Subscribed.") == 1
            && stage.heard(BORIS, "Подписка оформлена") == 1
            && stage.heard(GROUP, "Subscribed.") == 1
    })
    .await;
    stage.say(ANNA, ANNA, "/latest 5");
    stage.say(ANNA, ANNA, "/counter");
    until("Anna has her answers", || {
        stage.heard(ANNA, "Sea & Shore") == 1 && stage.heard(ANNA, "days have passed") == 1
    })
    .await;
    let first = stage.publish();
    let all = [ANNA, BORIS, GROUP];
    until("all have the statement", || all.iter().all(|chat| stage.pushed(*chat, &first) > 0))
        .await;
    stage.say(BORIS, BORIS, "/stop");
    until("Boris has left", || stage.heard(BORIS, "Подписка отменена") == 1).await;
    let log = bot.stop().await;
    assert!(log.contains("running as @communique_demo_bot"), "{log}");

    // The second run knows what the first one did.
    let bot = stage.run().await;
    let second = stage.publish();
    until("the others have the next", || {
        [ANNA, GROUP].iter().all(|c| stage.pushed(*c, &second) > 0)
    })
    .await;
    let log = log + &bot.stop().await;
    for chat in all {
        assert_eq!(stage.pushed(chat, &first), 1);
        assert_eq!(stage.pushed(chat, &second), usize::from(chat != BORIS));
    }
    let (_, secret) = TOKEN.split_once(':').unwrap();
    assert!(log.contains("DEBUG") && !log.contains(secret), "the log has the token");
    let menus = &stage.api.world().menus;
    assert!(menus.contains_key("") && menus.contains_key("ru"), "{menus:?}");
}

#[tokio::test]
async fn an_update_whose_handling_was_cut_short_is_handled_again() {
    let stage = Stage::set().await;
    stage.api.world().add_user(ANNA, "Anna", "en");
    for _ in 0..5 {
        let bot = stage.run().await;
        stage.say(ANNA, ANNA, "/start");
        stage.say(ANNA, ANNA, "/counter");
        bot.kill();
    }
    let bot = stage.run().await;
    until("all are taken", || !stage.api.world().has_updates()).await;
    until("Anna is subscribed once", || stage.heard(ANNA, "Subscribed.") >= 1).await;
    bot.stop().await;
    assert!(stage.heard(ANNA, "Subscribed.") <= 2, "the same answer again and again");
}

#[tokio::test]
async fn what_stop_ended_outlives_a_kill_and_is_deleted_though_nothing_ran_at_its_time() {
    let stage = Stage::set().await;
    for (id, name) in [(ANNA, "Anna"), (BORIS, "Boris")] {
        stage.api.world().add_user(id, name, "en");
    }
    let bot = stage.run().await;
    stage.first_reading(&bot).await;
    for id in [ANNA, BORIS] {
        for text in ["/start", "/counter add 2020-01-31 since the talks", "/stop"] {
            stage.say(id, id, text);
        }
    }
    until("both have left", || {
        [ANNA, BORIS].iter().all(|id| stage.heard(*id, "can be restored for ten minutes") == 1)
    })
    .await;
    bot.kill();
    let missed = stage.publish();
    // For Boris ten minutes pass.
    let mut db = stage.database().await;
    let sql = "update pending_removal set delete_at = 0 where chat_id = ?";
    sqlx::query(sql).bind(BORIS).execute(&mut db).await.unwrap();
    let bot = stage.run().await;
    let mut left = vec![ANNA, BORIS];
    for _ in 0..1000 {
        let known = "select id from chat order by id";
        left = sqlx::query_scalar(known).fetch_all(&mut db).await.unwrap();
        if left == [ANNA] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(left, [ANNA]);
    for id in [ANNA, BORIS] {
        let (message_id, data) = {
            let world = stage.api.world();
            let posts = world.posts_in(id);
            let last = posts.iter().rev().find(|sent| sent.buttons.is_array()).unwrap();
            let data = last.buttons[0][0]["callback_data"].as_str().unwrap().to_owned();
            (last.message_id, data)
        };
        stage.api.world().press(id, id, message_id, &data, crate::harness::now());
    }
    until("Boris is told that it is too late", || stage.heard(BORIS, "too late") == 1).await;
    until("Anna has what she missed", || {
        stage.heard(ANNA, "Restored.") == 1 && stage.pushed(ANNA, &missed) == 1
    })
    .await;
    bot.stop().await;
    assert_eq!(stage.pushed(BORIS, &missed), 0);
}

#[tokio::test]
async fn at_a_signal_what_is_on_its_way_is_settled() {
    let stage = Stage::set().await;
    stage.api.world().add_user(ANNA, "Anna", "en");
    let bot = stage.run().await;
    stage.first_reading(&bot).await;
    stage.say(ANNA, ANNA, "/start");
    until("Anna is subscribed", || stage.heard(ANNA, "Subscribed.") == 1).await;
    stage.api.set_latency(Duration::from_secs(1)..=Duration::from_secs(1));
    let title = stage.publish();
    until("the statement is on its way", || stage.pushed(ANNA, &title) == 1).await;
    bot.stop().await;
    let mut db = stage.database().await;
    let states: Vec<String> =
        sqlx::query_scalar("select state from delivery").fetch_all(&mut db).await.unwrap();
    assert_eq!(states, ["sent"]);
}

#[tokio::test]
async fn of_two_copies_on_one_token_one_says_so_and_ends() {
    let stage = Stage::set().await;
    stage.api.world().add_user(ANNA, "Anna", "en");
    // Both have just started, so either may be the one that ends.
    let mut copies = vec![stage.run().await];
    let mut command = stage.command(&["run"]);
    command.env("DATABASE_URL", "sqlite://other.db");
    copies.push(Bot::start(command));
    until("one has ended", || copies.iter_mut().any(|copy| !copy.is_running())).await;
    let ended = usize::from(copies[0].is_running());
    let mut ended = copies.remove(ended);
    let (status, _) = ended.ended().await;
    assert_eq!(status.code(), Some(1), "{}", ended.log());
    let line = last_line(&ended.log());
    assert!(
        line.contains("another copy of this bot is running") && line.contains("stop it"),
        "{line}"
    );
    stage.say(ANNA, ANNA, "/start");
    until("the other answers", || stage.heard(ANNA, "Subscribed.") == 1).await;
    copies.remove(0).stop().await;
}

#[tokio::test]
async fn a_webhook_of_another_program_is_removed() {
    let stage = Stage::set().await;
    stage.api.world().add_user(ANNA, "Anna", "en");
    stage.api.world().set_webhook("https://elsewhere.example/");
    let bot = stage.run().await;
    stage.say(ANNA, ANNA, "/start");
    until("it answers", || stage.heard(ANNA, "Subscribed.") == 1).await;
    assert!(bot.log().contains("webhook"));
    bot.stop().await;
}

#[tokio::test]
async fn a_token_that_is_refused_ends_it_with_the_remedy() {
    let stage = Stage::set().await;
    let mut command = stage.command(&["run"]);
    command.env("TELOXIDE_TOKEN", "123:wrong");
    let mut bot = Bot::start(command);
    let (status, _) = bot.ended().await;
    let line = last_line(&bot.log());
    assert_eq!(status.code(), Some(2), "{line}");
    assert!(line.contains("refuses the token") && line.contains("@BotFather"), "{line}");
    assert!(!bot.log().contains("123:wrong"));

    // Revoked in the middle: the same, and nothing is lost.
    let mut bot = stage.run().await;
    stage.api.world().is_revoked = true;
    let (status, _) = bot.ended().await;
    assert_eq!(status.code(), Some(2), "{}", bot.log());
}

#[tokio::test]
async fn each_fault_of_configuration_is_one_line_with_the_remedy() {
    let stage = Stage::set().await;
    let folder = stage.folder.path();
    std::fs::write(folder.join("bad.toml"), "[[source]]\nname = \"A B\"\nurl = \"x\"\n").unwrap();
    std::fs::write(
        folder.join("noise.db"),
        "this is no database, however long it is read. ".repeat(100),
    )
    .unwrap();
    let newer = format!("sqlite://{}/newer.db?mode=rwc", folder.display());
    let mut db = sqlx::SqliteConnection::connect(&newer).await.unwrap();
    for sql in [
        "create table _sqlx_migrations (version bigint primary key, description text not null, installed_on timestamp, success boolean not null, checksum blob not null, execution_time bigint not null)",
        "insert into _sqlx_migrations values (9999, 'later', null, 1, x'00', 0)",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
    let running = stage.run().await;
    type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);
    let cases: [Case; 12] = [
        (&[("TELOXIDE_TOKEN", "")], &["TELOXIDE_TOKEN is not set", "@BotFather"]),
        (
            &[("TELOXIDE_TOKEN", ""), ("TELOXIDE_TOKEN_FILE", "nothing")],
            &["TELOXIDE_TOKEN_FILE", "check the path"],
        ),
        (&[("TELOXIDE_API_URL", "telegram")], &["TELOXIDE_API_URL", "whole address"]),
        (&[("COMMUNIQUE_CONFIG", "nothing.toml")], &["nothing.toml", "check the path"]),
        (&[("COMMUNIQUE_CONFIG", "bad.toml")], &["bad.toml", "a-z", "whole address"]),
        (&[("TELOXIDE_TOKEN", "hello")], &["not a token", "@BotFather"]),
        (&[("RUST_LOG", "verbose")], &["RUST_LOG", "level"]),
        (&[("RUST_LOG", "=x=")], &["RUST_LOG", "level"]),
        (&[("DATABASE_URL", "postgres://x")], &["DATABASE_URL", "sqlite://"]),
        (&[("DATABASE_URL", "sqlite://nowhere/x.db")], &["nowhere/x.db", "folder that exists"]),
        (&[("DATABASE_URL", "sqlite://noise.db")], &["noise.db", "restore"]),
        (&[("DATABASE_URL", "sqlite://newer.db")], &["newer.db", "newer communique"]),
    ];
    let busy: (&[(&str, &str)], &[&str]) = (&[], &["another communique runs on", "stop it"]);
    for (variables, words) in cases.into_iter().chain([busy]) {
        let mut command = stage.command(&["run"]);
        command.env("RUST_LOG", "error").envs(variables.iter().copied());
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{variables:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{variables:?}: {text}");
        for word in words {
            assert!(text.contains(word), "{variables:?}: {text}");
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn the_operator_sees_and_releases_a_source_that_is_held() {
    use communique::sandbox::SiteFault;
    let stage = Stage::set().await;
    let bot = stage.run().await;
    stage.first_reading(&bot).await;
    stage.site.lock().unwrap().fault = SiteFault::Redesigned;
    until("it is held", || bot.log().contains("source is held")).await;
    let list = output(stage.command(&["source", "list"]));
    assert!(
        list.contains("lights") && list.contains("held") && list.contains("10 entries"),
        "{list}"
    );
    output(stage.command(&["source", "confirm", "lights"]));
    until("it is well again", || bot.log().contains("source recovered")).await;
    let unknown = stage.command(&["source", "confirm", "lamps"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("source list"));
    bot.stop().await;
}

#[test]
fn the_script_of_the_demo_goes_well() {
    let record = crate::harness::record().to_str().unwrap();
    let text = output(binary(&["demo", "--script", "--record", record]));
    assert!(text.contains("All went well"), "{text}");
}

fn output(mut command: Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().to_owned()
}

// The site answers while the command is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn check_ends_with_2_where_it_cannot_do_as_it_is_told() {
    let stage = Stage::set().await;
    let check = |arguments: &[&str]| {
        let output = stage.command(&[&["check"], arguments].concat()).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    let url = stage.site_url();
    let (code, text) = check(&[url.as_str()]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = check(&["--as-user", url.as_str()]);
    assert!(code == Some(1) && text.contains("web.allowed_ports"), "{text}");
    for arguments in [
        &["https://desk:secret@court.example/"][..],
        &["--url", "https://desk:secret@court.example/", "page.html"],
    ] {
        let (code, text) = check(arguments);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("a password") && !text.contains("secret"), "{text}");
    }
    stage.configure("\n[web]\nallowed_port = [8080]\n");
    let (code, text) = check(&[url.as_str()]);
    assert!(code == Some(2) && text.contains("allowed_port"), "{text}");
}
