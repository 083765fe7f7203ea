//! Pages that do not answer beside one that does, with the real binary.

use crate::harness::{Stage, until};
use std::net::TcpListener;

/// More than are polled at once, slow ones and quick ones together.
const SLOW: usize = 40;

#[tokio::test]
async fn pages_that_do_not_answer_hold_up_no_other() {
    let stage = Stage::set().await;
    stage.api.world().add_user(11, "Reader", "en");
    // The system takes connections for them, and nobody ever reads what is asked.
    let mut hosts = Vec::new();
    let mut sources = String::new();
    for n in 0..SLOW {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        sources.push_str(&format!(
            "[[source]]\nname = \"slow-{n}\"\ntitle = \"Slow\"\nurl = \"http://{address}/news\"\nevery = \"1s\"\ndefault = false\n"
        ));
        hosts.push(listener);
    }
    stage.configure(&sources);
    let bot = stage.run().await;
    stage.first_reading(&bot).await;
    stage.say(11, 11, "/start");
    until("the reader is subscribed", || stage.heard(11, "Subscribed.") == 1).await;
    for _ in 0..3 {
        let title = stage.publish();
        until("it came", || stage.pushed(11, &title) == 1).await;
    }
    // All of it before one of the slow ones was waited for to the end.
    let log = bot.log();
    assert!(!log.contains("status=\"timeout\""), "{log}");
    bot.stop().await;
}
