//! Refusals in words that nobody knew beforehand, with the real binary: what is said arrives all the
//! same where it can, waits where it may, and the operator is told.

use crate::harness::{Bot, Stage, now, until};
use communique::sandbox::Fault;

const ANNA: i64 = 11;

async fn subscribed() -> (Stage, Bot) {
    let stage = Stage::set().await;
    stage.api.world().add_user(ANNA, "Anna", "en");
    let bot = stage.run().await;
    stage.first_reading(&bot).await;
    stage.say(ANNA, ANNA, "/start");
    until("Anna is subscribed", || stage.heard(ANNA, "Subscribed.") == 1).await;
    (stage, bot)
}

fn says(stage: &Stage, code: u16, words: &'static str) {
    stage.api.world().fail_next(Some(ANNA), Fault::Says(code, words));
}

/// What the operator reads of the newest delivery.
async fn story(stage: &Stage) -> String {
    let sql = "select max(id) from delivery";
    let id: i64 = sqlx::query_scalar(sql).fetch_one(&mut stage.database().await).await.unwrap();
    let output = stage.command(&["delivery", "show", &id.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_is_refused_goes_once_more_as_plain_text_and_then_it_ends() {
    let (stage, bot) = subscribed().await;
    says(&stage, 400, "Bad Request: BUTTON_TYPE_INVALID");
    let first = stage.publish();
    until("it came", || stage.heard(ANNA, &first) > 0).await;
    {
        let world = stage.api.world();
        let posts = world.posts_in(ANNA);
        let sent = posts.last().unwrap();
        assert!(sent.buttons.is_null(), "{:?}", sent.buttons);
        let last = world.calls.iter().rev().find(|call| call.method == "sendMessage").unwrap();
        assert!(last.body["parse_mode"].is_null(), "{}", last.body);
    }
    until("it is settled", || bot.log().matches(" sent").count() > 0).await;
    let told = story(&stage).await;
    assert!(
        told.contains("arrived as plain text") && told.contains("BUTTON_TYPE_INVALID"),
        "{told}"
    );

    for _ in 0..2 {
        says(&stage, 400, "Bad Request: SOMETHING_NEW_INVALID");
    }
    let second = stage.publish();
    until("it is given up", || bot.log().contains("given up error=Bad Request")).await;
    assert_eq!(stage.heard(ANNA, &second), 0);
    let told = story(&stage).await;
    assert!(told.contains("dead") && told.contains("SOMETHING_NEW_INVALID"), "{told}");
    // The next one is not held up, and goes as it is meant to.
    let third = stage.publish();
    until("the next came", || stage.heard(ANNA, &third) > 0).await;
    let has_buttons = !stage.api.world().posts_in(ANNA).last().unwrap().buttons.is_null();
    assert!(has_buttons);
    bot.stop().await;
}

#[tokio::test]
async fn where_the_bot_may_not_write_it_waits_and_nobody_is_unsubscribed() {
    let (stage, bot) = subscribed().await;
    says(&stage, 403, "Forbidden: a reason of tomorrow");
    let title = stage.publish();
    until("it waits", || bot.log().contains("may not write")).await;
    let told = story(&stage).await;
    assert!(told.contains("pending") && told.contains("a reason of tomorrow"), "{told}");
    assert!(told.contains("give it the right"), "{told}");
    bot.stop().await;
    // An hour is over.
    let mut db = stage.database().await;
    sqlx::query("update delivery set due_at = 0").execute(&mut db).await.unwrap();
    let bot = stage.run().await;
    until("it came", || stage.heard(ANNA, &title) > 0).await;
    bot.stop().await;
}

#[tokio::test]
async fn whoever_pressed_a_button_of_a_message_that_cannot_be_edited_sees_what_came_of_it() {
    let (stage, bot) = subscribed().await;
    stage.say(ANNA, ANNA, "/settings");
    until("the settings are there", || stage.heard(ANNA, "Time zone") == 1).await;
    let refusals = [
        "Bad Request: message can't be edited",
        "Bad Request: message to edit not found",
        "Bad Request: MESSAGE_ID_INVALID",
    ];
    for (n, refusal) in refusals.into_iter().enumerate() {
        let (message_id, data) = {
            let world = stage.api.world();
            let posts = world.posts_in(ANNA);
            let sent = posts.last().unwrap();
            (sent.message_id, sent.buttons[0][1]["callback_data"].as_str().unwrap().to_owned())
        };
        says(&stage, 400, refusal);
        stage.api.world().press(ANNA, ANNA, message_id, &data, now());
        until("a new message came", || {
            stage.api.world().posts_in(ANNA).last().unwrap().message_id > message_id
        })
        .await;
        let world = stage.api.world();
        let posts = world.posts_in(ANNA);
        let sent = posts.last().unwrap();
        assert!(sent.buttons.as_array().is_some_and(|rows| !rows.is_empty()), "{refusal}");
        assert!(!sent.marked.text.is_empty(), "{n} {refusal}");
    }
    bot.stop().await;
}
