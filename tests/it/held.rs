//! Held lists, with the real binary: the owner is asked and the decision is carried out, or a day
//! passes without one, by a clock that is set.

use crate::support::{Bot, TestEnv, until};
use communique::{
    domain::{Action, HoldDecision},
    sandbox::SiteFault,
};
use std::fs;

const OWNER: i64 = 61;
const ANNA: i64 = 62;
const QUESTION: &str = "New entries are on hold";

/// Subscribes the owner and Anna and polls the page; then the whole page changes, and a statement
/// is published. Returns its title. Nothing if the clock cannot be faked.
async fn held(is_faked: bool) -> Option<(TestEnv, Bot, String)> {
    let env = TestEnv::new().await;
    env.configure(&format!("[chat]\nowner = {OWNER}\n"));
    for id in [OWNER, ANNA] {
        env.api.world().add_user(id, "Reader", "en");
    }
    let mut command = env.command(&["run"]);
    if is_faked {
        env.fake_clock(&mut command)?;
    }
    let bot = Bot::start(command);
    env.baseline(&bot).await;
    [OWNER, ANNA].iter().for_each(|id| env.say(*id, *id, "/start"));
    until("both are subscribed", || {
        [OWNER, ANNA].iter().all(|id| env.heard(*id, "Subscribed.") == 1)
    })
    .await;
    let number = {
        let mut site = env.site.lock().unwrap();
        site.fault = SiteFault::Redesigned;
        site.publish(communique::app::now()).number
    };
    until("the owner is asked", || env.heard(OWNER, QUESTION) == 1).await;
    assert_eq!(env.heard(ANNA, QUESTION), 0, "a subscriber was asked");
    assert_eq!(env.heard(ANNA, "Notice"), 0, "what is held was posted");
    Some((env, bot, format!("Notice {number}")))
}

/// Presses a button of the question as the owner.
fn answer(env: &TestEnv, decision: HoldDecision) {
    let mut world = env.api.world();
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
async fn a_held_list_that_the_owner_posts_is_posted() {
    let (env, bot, title) = held(false).await.unwrap();
    answer(&env, HoldDecision::Wait);
    let is_answered = || env.api.world().presses.values().all(|press| press.answer.is_some());
    until("the answer is noted", is_answered).await;
    assert_eq!((env.heard(OWNER, QUESTION), env.heard(ANNA, "Notice")), (1, 0));
    let output = env.command(&["source", "confirm", "lights", "--dry-run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains('2'), "{said}");
    assert_eq!(env.heard(ANNA, "Notice"), 0, "a dry run posted");
    answer(&env, HoldDecision::Post);
    until("it is posted", || env.pushed(ANNA, &title) == 1).await;
    // A further statement shows that nothing else of the list is posted.
    let number = env.site.lock().unwrap().publish(communique::app::now()).number;
    until("the next is posted", || env.pushed(ANNA, &format!("Notice {number}")) == 1).await;
    assert_eq!((env.pushed(ANNA, "Notice"), env.heard(OWNER, QUESTION)), (3, 1));
    bot.stop().await;
}

#[tokio::test]
async fn a_held_list_that_the_owner_stores_is_not_posted() {
    let (env, bot, _) = held(false).await.unwrap();
    answer(&env, HoldDecision::Store);
    let number = env.site.lock().unwrap().publish(communique::app::now()).number;
    until("the next is posted", || env.pushed(ANNA, &format!("Notice {number}")) == 1).await;
    assert_eq!(env.pushed(ANNA, "Notice"), 1);
    bot.stop().await;
}

#[tokio::test]
async fn a_hold_ends_when_the_known_list_returns() {
    let (env, bot, _) = held(false).await.unwrap();
    let title = {
        let mut site = env.site.lock().unwrap();
        site.fault = SiteFault::None;
        site.statements.last().unwrap().title.clone()
    };
    until("what was hidden is posted", || env.pushed(ANNA, &title) == 1).await;
    until("the owner hears of it", || env.heard(OWNER, "is back") == 1).await;
    assert_eq!(env.heard(ANNA, "Notice"), 0);
    bot.stop().await;
}

#[tokio::test]
async fn after_a_day_without_an_answer_the_list_is_adopted() {
    let Some((env, bot, _)) = held(true).await else { return };
    let clock = env.folder.path().join("clock");
    fs::write(&clock, "+23h").unwrap();
    let number = env.site.lock().unwrap().publish(communique::app::now()).number;
    fs::write(&clock, "+25h").unwrap();
    until("it is adopted", || env.heard(OWNER, "Nobody answered") == 1).await;
    let title = format!("Notice {number}");
    until("what came later is posted", || env.pushed(ANNA, &title) == 1).await;
    assert_eq!(env.pushed(ANNA, "Notice"), 1, "what was asked about was posted");
    bot.stop().await;
}
