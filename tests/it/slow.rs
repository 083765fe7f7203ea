//! Pages that do not answer, next to one that does, with the real binary.

use crate::support::{TestEnv, until};
use std::net::TcpListener;

/// More sources than are polled at the same time, slow and quick ones together.
const SLOW: usize = 40;

#[tokio::test]
async fn unresponsive_pages_delay_no_other() {
    let env = TestEnv::new().await;
    env.api.world().add_user(11, "Reader", "en");
    // The system accepts connections for them, and nothing ever reads the requests.
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
    env.configure(&sources);
    let bot = env.run().await;
    env.baseline(&bot).await;
    env.say(11, 11, "/start");
    until("the reader is subscribed", || env.heard(11, "Subscribed.") == 1).await;
    for _ in 0..3 {
        let title = env.publish();
        until("it came", || env.pushed(11, &title) == 1).await;
    }
    // All of this before the first slow one timed out.
    let log = bot.log();
    assert!(!log.contains("status=\"timeout\""), "{log}");
    bot.stop().await;
}
