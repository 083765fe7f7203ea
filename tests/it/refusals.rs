//! Refusals by Telegram in words that were not known beforehand, with the real binary: the message
//! arrives anyway where that is possible, waits where it may, and the operator is notified.

use crate::support::{Bot, TestEnv, now, until};
use communique::sandbox::Fault;

const ANNA: i64 = 11;

async fn subscribed() -> (TestEnv, Bot) {
    let env = TestEnv::new().await;
    env.api.world().add_user(ANNA, "Anna", "en");
    let bot = env.run().await;
    env.baseline(&bot).await;
    env.say(ANNA, ANNA, "/start");
    until("Anna is subscribed", || env.heard(ANNA, "Subscribed.") == 1).await;
    (env, bot)
}

fn says(env: &TestEnv, code: u16, words: &'static str) {
    env.api.world().fail_next(Some(ANNA), Fault::Says(code, words));
}

/// What `delivery show` prints for the newest delivery.
async fn delivery_history(env: &TestEnv) -> String {
    let sql = "select max(id) from delivery";
    let id: i64 = sqlx::query_scalar(sql).fetch_one(&mut env.database().await).await.unwrap();
    let output = env.command(&["delivery", "show", &id.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_refused_message_is_retried_once_as_plain_text_and_then_given_up() {
    let (env, bot) = subscribed().await;
    says(&env, 400, "Bad Request: BUTTON_TYPE_INVALID");
    let first = env.publish();
    until("it came", || env.heard(ANNA, &first) > 0).await;
    {
        let world = env.api.world();
        let posts = world.posts_in(ANNA);
        let sent = posts.last().unwrap();
        assert!(sent.buttons.is_null(), "{:?}", sent.buttons);
        let last = world.calls.iter().rev().find(|call| call.method == "sendMessage").unwrap();
        assert!(last.body["parse_mode"].is_null(), "{}", last.body);
    }
    until("it is settled", || bot.log().matches(" sent").count() > 0).await;
    let history = delivery_history(&env).await;
    assert!(
        history.contains("arrived as plain text") && history.contains("BUTTON_TYPE_INVALID"),
        "{history}"
    );

    for _ in 0..2 {
        says(&env, 400, "Bad Request: SOMETHING_NEW_INVALID");
    }
    let second = env.publish();
    until("it is given up", || bot.log().contains("given up error=Bad Request")).await;
    assert_eq!(env.heard(ANNA, &second), 0);
    let history = delivery_history(&env).await;
    assert!(history.contains("dead") && history.contains("SOMETHING_NEW_INVALID"), "{history}");
    // The next one is not delayed, and is sent with its markup.
    let third = env.publish();
    until("the next came", || env.heard(ANNA, &third) > 0).await;
    let has_buttons = !env.api.world().posts_in(ANNA).last().unwrap().buttons.is_null();
    assert!(has_buttons);
    bot.stop().await;
}

#[tokio::test]
async fn deliveries_wait_where_the_bot_may_not_write_and_nobody_is_unsubscribed() {
    let (env, bot) = subscribed().await;
    says(&env, 403, "Forbidden: a reason of tomorrow");
    let title = env.publish();
    until("it waits", || bot.log().contains("may not write")).await;
    let history = delivery_history(&env).await;
    assert!(history.contains("pending") && history.contains("a reason of tomorrow"), "{history}");
    assert!(history.contains("give it the right"), "{history}");
    bot.stop().await;
    // An hour has passed.
    let mut db = env.database().await;
    sqlx::query("update delivery set due_at = 0").execute(&mut db).await.unwrap();
    let bot = env.run().await;
    until("it came", || env.heard(ANNA, &title) > 0).await;
    bot.stop().await;
}

#[tokio::test]
async fn a_button_of_a_message_that_cannot_be_edited_still_shows_its_result() {
    let (env, bot) = subscribed().await;
    env.say(ANNA, ANNA, "/settings");
    until("the settings are there", || env.heard(ANNA, "Time zone") == 1).await;
    let refusals = [
        "Bad Request: message can't be edited",
        "Bad Request: message to edit not found",
        "Bad Request: MESSAGE_ID_INVALID",
    ];
    for (n, refusal) in refusals.into_iter().enumerate() {
        let (message_id, data) = {
            let world = env.api.world();
            let posts = world.posts_in(ANNA);
            let sent = posts.last().unwrap();
            (sent.message_id, sent.buttons[0][1]["callback_data"].as_str().unwrap().to_owned())
        };
        says(&env, 400, refusal);
        env.api.world().press(ANNA, ANNA, message_id, &data, now());
        until("a new message came", || {
            env.api.world().posts_in(ANNA).last().unwrap().message_id > message_id
        })
        .await;
        let world = env.api.world();
        let posts = world.posts_in(ANNA);
        let sent = posts.last().unwrap();
        assert!(sent.buttons.as_array().is_some_and(|rows| !rows.is_empty()), "{refusal}");
        assert!(!sent.marked.text.is_empty(), "{n} {refusal}");
    }
    bot.stop().await;
}
