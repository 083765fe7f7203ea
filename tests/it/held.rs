//! Held lists, with the real binary: the owner is asked, and what they answer is done; a day without an
//! answer, by a clock that is set.

use crate::harness::{Bot, Stage, until};
use communique::{
    domain::{Action, HoldDecision},
    sandbox::SiteFault,
};
use std::fs;

const OWNER: i64 = 61;
const ANNA: i64 = 62;
const QUESTION: &str = "New entries are on hold";

/// The owner and Anna are subscribed, and the page has been read; then the whole page changes, and a
/// statement is published. Its number.
async fn held(is_faked: bool) -> Option<(Stage, Bot, String)> {
    let stage = Stage::set().await;
    stage.configure(&format!("[chat]\nowner = {OWNER}\n"));
    for id in [OWNER, ANNA] {
        stage.api.world().add_user(id, "Reader", "en");
    }
    let mut command = stage.command(&["run"]);
    if is_faked {
        stage.fake_clock(&mut command)?;
    }
    let bot = Bot::start(command);
    stage.first_reading(&bot).await;
    [OWNER, ANNA].iter().for_each(|id| stage.say(*id, *id, "/start"));
    until("both are subscribed", || {
        [OWNER, ANNA].iter().all(|id| stage.heard(*id, "Subscribed.") == 1)
    })
    .await;
    let number = {
        let mut site = stage.site.lock().unwrap();
        site.fault = SiteFault::Redesigned;
        site.publish(communique::app::now()).number
    };
    until("the owner is asked", || stage.heard(OWNER, QUESTION) == 1).await;
    assert_eq!(stage.heard(ANNA, QUESTION), 0, "a subscriber was asked");
    assert_eq!(stage.heard(ANNA, "Notice"), 0, "what is held was posted");
    Some((stage, bot, format!("Notice {number}")))
}

/// The owner presses a button of the question.
fn answer(stage: &Stage, decision: HoldDecision) {
    let mut world = stage.api.world();
    let posts = world.posts_in(OWNER);
    let question = posts.iter().find(|sent| sent.marked.text.contains(QUESTION)).unwrap();
    let buttons =
        question.buttons.as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    let mut data = buttons.filter_map(|button| button["callback_data"].as_str());
    let data = data
        .find(|data| matches!(Action::decode(data), Some(Action::Hold(_, of)) if of == decision))
        .expect("the question has the button")
        .to_owned();
    let message_id = question.message_id;
    world
        .press(OWNER, OWNER, message_id, &data, communique::app::now())
        .expect("it can be pressed");
}

#[tokio::test]
async fn what_the_owner_has_posted_is_posted() {
    let (stage, bot, title) = held(false).await.unwrap();
    answer(&stage, HoldDecision::Wait);
    let is_answered = || stage.api.world().presses.values().all(|press| press.answer.is_some());
    until("the answer is noted", is_answered).await;
    assert_eq!((stage.heard(OWNER, QUESTION), stage.heard(ANNA, "Notice")), (1, 0));
    let output = stage.command(&["source", "confirm", "lights", "--dry-run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains('2'), "{said}");
    assert_eq!(stage.heard(ANNA, "Notice"), 0, "a dry run posted");
    answer(&stage, HoldDecision::Post);
    until("it is posted", || stage.pushed(ANNA, &title) == 1).await;
    // A last statement shows that nothing else of the list comes.
    let number = stage.site.lock().unwrap().publish(communique::app::now()).number;
    until("the next is posted", || stage.pushed(ANNA, &format!("Notice {number}")) == 1).await;
    assert_eq!((stage.pushed(ANNA, "Notice"), stage.heard(OWNER, QUESTION)), (3, 1));
    bot.stop().await;
}

#[tokio::test]
async fn what_the_owner_has_stored_is_not_posted() {
    let (stage, bot, _) = held(false).await.unwrap();
    answer(&stage, HoldDecision::Store);
    let number = stage.site.lock().unwrap().publish(communique::app::now()).number;
    until("the next is posted", || stage.pushed(ANNA, &format!("Notice {number}")) == 1).await;
    assert_eq!(stage.pushed(ANNA, "Notice"), 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_list_that_comes_back_needs_no_answer() {
    let (stage, bot, _) = held(false).await.unwrap();
    let title = {
        let mut site = stage.site.lock().unwrap();
        site.fault = SiteFault::None;
        site.statements.last().unwrap().title.clone()
    };
    until("what was hidden is posted", || stage.pushed(ANNA, &title) == 1).await;
    until("the owner hears of it", || stage.heard(OWNER, "is back") == 1).await;
    assert_eq!(stage.heard(ANNA, "Notice"), 0);
    bot.stop().await;
}

#[tokio::test]
async fn after_a_day_without_an_answer_the_list_is_adopted() {
    let Some((stage, bot, _)) = held(true).await else { return };
    let clock = stage.folder.path().join("clock");
    fs::write(&clock, "+23h").unwrap();
    let number = stage.site.lock().unwrap().publish(communique::app::now()).number;
    fs::write(&clock, "+25h").unwrap();
    until("it is adopted", || stage.heard(OWNER, "Nobody answered") == 1).await;
    let title = format!("Notice {number}");
    until("what came later is posted", || stage.pushed(ANNA, &title) == 1).await;
    assert_eq!(stage.pushed(ANNA, "Notice"), 1, "what was asked about was posted");
    bot.stop().await;
}
