//! The binary as an operator runs it: a session, signals, kill -9, and what it reports when
//! something is wrong.

use crate::support::{Bot, TOKEN, TestEnv, binary, until};
use communique::sandbox::{ChatType, Role};
use sqlx::Connection;
use std::{process::Command, time::Duration};

const ANNA: i64 = 11;
const BORIS: i64 = 12;
const GROUP: i64 = -1_000_000_000_021;

#[tokio::test]
async fn a_session_from_the_first_start_to_the_last_stop() {
    let env = TestEnv::new().await;
    {
        let mut world = env.api.world();
        world.add_user(ANNA, "Anna", "en");
        world.add_user(BORIS, "Boris", "ru");
        world.add_chat(GROUP, ChatType::Supergroup, "Group", ANNA);
        world.set_role(GROUP, ANNA, Role::Member, crate::support::now());
    }
    let bot = env.run().await;
    env.baseline(&bot).await;
    for (chat, from) in [(ANNA, ANNA), (BORIS, BORIS), (GROUP, ANNA)] {
        env.say(chat, from, "/start");
    }
    until("all are subscribed", || {
        env.heard(ANNA, "Subscribed.") == 1
            && env.heard(BORIS, "Подписка оформлена") == 1
            && env.heard(GROUP, "Subscribed.") == 1
    })
    .await;
    env.say(ANNA, ANNA, "/latest 5");
    env.say(ANNA, ANNA, "/counter");
    until("Anna has her answers", || {
        env.heard(ANNA, "Sea & Shore") == 1 && env.heard(ANNA, "days have passed") == 1
    })
    .await;
    let first = env.publish();
    let all = [ANNA, BORIS, GROUP];
    until("all have the statement", || all.iter().all(|chat| env.pushed(*chat, &first) > 0)).await;
    env.say(BORIS, BORIS, "/stop");
    until("Boris has left", || env.heard(BORIS, "Подписка отменена") == 1).await;
    let log = bot.stop().await;
    assert!(log.contains("running as @communique_demo_bot"), "{log}");

    // The second run knows what the first one did.
    let bot = env.run().await;
    let second = env.publish();
    until("the others have the next", || [ANNA, GROUP].iter().all(|c| env.pushed(*c, &second) > 0))
        .await;
    let log = log + &bot.stop().await;
    for chat in all {
        assert_eq!(env.pushed(chat, &first), 1);
        assert_eq!(env.pushed(chat, &second), usize::from(chat != BORIS));
    }
    let (_, secret) = TOKEN.split_once(':').unwrap();
    assert!(log.contains("DEBUG") && !log.contains(secret), "the log has the token");
    let menus = &env.api.world().menus;
    assert!(menus.contains_key("") && menus.contains_key("ru"), "{menus:?}");
}

#[tokio::test]
async fn an_update_whose_handling_was_cut_short_is_handled_again() {
    let env = TestEnv::new().await;
    env.api.world().add_user(ANNA, "Anna", "en");
    for _ in 0..5 {
        let bot = env.run().await;
        env.say(ANNA, ANNA, "/start");
        env.say(ANNA, ANNA, "/counter");
        bot.kill();
    }
    let bot = env.run().await;
    until("all are taken", || !env.api.world().has_updates()).await;
    until("Anna is subscribed once", || env.heard(ANNA, "Subscribed.") >= 1).await;
    bot.stop().await;
    assert!(env.heard(ANNA, "Subscribed.") <= 2, "the same answer again and again");
}

#[tokio::test]
async fn subscriptions_removed_by_stop_survive_a_kill_and_are_deleted_even_if_late() {
    let env = TestEnv::new().await;
    for (id, name) in [(ANNA, "Anna"), (BORIS, "Boris")] {
        env.api.world().add_user(id, name, "en");
    }
    let bot = env.run().await;
    env.baseline(&bot).await;
    for id in [ANNA, BORIS] {
        for text in ["/start", "/counter add 2020-01-31 since the talks", "/stop"] {
            env.say(id, id, text);
        }
    }
    until("both have left", || {
        [ANNA, BORIS].iter().all(|id| env.heard(*id, "can be restored for ten minutes") == 1)
    })
    .await;
    bot.kill();
    let missed = env.publish();
    // For Boris, the ten minutes are over.
    let mut db = env.database().await;
    let sql = "update pending_removal set delete_at = 0 where chat_id = ?";
    sqlx::query(sql).bind(BORIS).execute(&mut db).await.unwrap();
    let bot = env.run().await;
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
            let world = env.api.world();
            let posts = world.posts_in(id);
            let last = posts.iter().rev().find(|sent| sent.buttons.is_array()).unwrap();
            let data = last.buttons[0][0]["callback_data"].as_str().unwrap().to_owned();
            (last.message_id, data)
        };
        env.api.world().press(id, id, message_id, &data, crate::support::now());
    }
    until("Boris learns that it is too late", || env.heard(BORIS, "too late") == 1).await;
    until("Anna has what she missed", || {
        env.heard(ANNA, "Restored.") == 1 && env.pushed(ANNA, &missed) == 1
    })
    .await;
    bot.stop().await;
    assert_eq!(env.pushed(BORIS, &missed), 0);
}

#[tokio::test]
async fn what_is_in_flight_at_a_signal_is_settled_before_the_exit() {
    let env = TestEnv::new().await;
    env.api.world().add_user(ANNA, "Anna", "en");
    let bot = env.run().await;
    env.baseline(&bot).await;
    env.say(ANNA, ANNA, "/start");
    until("Anna is subscribed", || env.heard(ANNA, "Subscribed.") == 1).await;
    env.api.set_latency(Duration::from_secs(1)..=Duration::from_secs(1));
    let title = env.publish();
    until("the statement is on its way", || env.pushed(ANNA, &title) == 1).await;
    bot.stop().await;
    let mut db = env.database().await;
    let states: Vec<String> =
        sqlx::query_scalar("select state from delivery").fetch_all(&mut db).await.unwrap();
    assert_eq!(states, ["sent"]);
}

#[tokio::test]
async fn of_two_processes_with_one_token_one_reports_it_and_exits() {
    let env = TestEnv::new().await;
    env.api.world().add_user(ANNA, "Anna", "en");
    // Both have just started, so either one may exit.
    let mut copies = vec![env.run().await];
    let mut command = env.command(&["run"]);
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
    env.say(ANNA, ANNA, "/start");
    until("the other answers", || env.heard(ANNA, "Subscribed.") == 1).await;
    copies.remove(0).stop().await;
}

#[tokio::test]
async fn a_webhook_of_another_program_is_removed() {
    let env = TestEnv::new().await;
    env.api.world().add_user(ANNA, "Anna", "en");
    env.api.world().set_webhook("https://elsewhere.example/");
    let bot = env.run().await;
    env.say(ANNA, ANNA, "/start");
    until("it answers", || env.heard(ANNA, "Subscribed.") == 1).await;
    assert!(bot.log().contains("webhook"));
    bot.stop().await;
}

#[tokio::test]
async fn a_refused_token_ends_the_process_with_the_remedy() {
    let env = TestEnv::new().await;
    let mut command = env.command(&["run"]);
    command.env("TELOXIDE_TOKEN", "123:wrong");
    let mut bot = Bot::start(command);
    let (status, _) = bot.ended().await;
    let line = last_line(&bot.log());
    assert_eq!(status.code(), Some(2), "{line}");
    assert!(line.contains("refuses the token") && line.contains("@BotFather"), "{line}");
    assert!(!bot.log().contains("123:wrong"));

    // Revoked while it runs: the same, and nothing is lost.
    let mut bot = env.run().await;
    env.api.world().is_revoked = true;
    let (status, _) = bot.ended().await;
    assert_eq!(status.code(), Some(2), "{}", bot.log());
}

type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

#[tokio::test]
async fn each_configuration_problem_is_one_line_with_the_remedy() {
    let env = TestEnv::new().await;
    let folder = env.folder.path();
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
    let running = env.run().await;
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
        let mut command = env.command(&["run"]);
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
async fn the_operator_sees_and_confirms_a_held_source() {
    use communique::sandbox::SiteFault;
    let env = TestEnv::new().await;
    let bot = env.run().await;
    env.baseline(&bot).await;
    env.site.lock().unwrap().fault = SiteFault::Redesigned;
    until("it is held", || bot.log().contains("poll{source=lights}: source is held")).await;
    let list = output(env.command(&["source", "list"]));
    assert!(
        list.contains("lights") && list.contains("held") && list.contains("10 entries"),
        "{list}"
    );
    output(env.command(&["source", "confirm", "lights"]));
    until("it is well again", || bot.log().contains("poll{source=lights}: source recovered")).await;
    let unknown = env.command(&["source", "confirm", "lamps"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("source list"));
    bot.stop().await;
}

#[test]
fn the_demo_script_succeeds() {
    let record = crate::support::record().to_str().unwrap();
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

// The site has to answer while the test waits for the command.
#[tokio::test(flavor = "multi_thread")]
async fn check_exits_with_2_on_a_usage_or_configuration_error() {
    let env = TestEnv::new().await;
    let check = |arguments: &[&str]| {
        let output = env.command(&[&["check"], arguments].concat()).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text)
    };
    let url = env.site_url();
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
    for (target, words) in [("nowhere", "is no file"), ("no/page.html", "cannot be read")] {
        let (code, text) = check(&[target]);
        assert!(code == Some(2) && text.contains(words), "{text}");
    }
    env.configure("\n[web]\nallowed_port = [8080]\n");
    let (code, text) = check(&[url.as_str()]);
    assert!(code == Some(2) && text.contains("allowed_port"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reads_a_source_by_name_and_exits_with_1_without_entries() {
    let env = TestEnv::new().await;
    let check = |target: &str| {
        let output = env.command(&["check", "--json", target]).output().unwrap();
        let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), read, String::from_utf8(output.stderr).unwrap())
    };
    let (code, read, errors) = check("lights");
    assert_eq!((code, read["source"].as_str()), (Some(0), Some("lights")), "{errors}");
    assert_eq!(read["problem"], serde_json::Value::Null);
    let (_, _, errors) = check("nowhere");
    assert!(errors.contains("lights"), "{errors}");
    let page = env.folder.path().join("gone.html");
    for (text, problem) in [
        ("<title>404 Not Found</title><h1>Not found</h1>", "error_page"),
        ("<title>Court</title><p>Checking your browser", "challenge"),
        ("<title>Court</title><p>Nothing here", "no_list"),
        ("<rss><channel><title>Court</title></channel></rss>", "empty_list"),
    ] {
        std::fs::write(&page, text).unwrap();
        let (code, read, errors) = check(page.to_str().unwrap());
        assert_eq!((code, read["problem"].as_str()), (Some(1), Some(problem)), "{errors}");
        assert_eq!(read["source"], serde_json::Value::Null);
    }
}
