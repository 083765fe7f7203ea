//! DNS rebinding: servers on loopback answer only requests that name this machine, because a
//! browser here may be led to them by a foreign name.

use crate::support::{Bot, TestEnv, binary, until};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// The status of the response to a request with this `Host`.
fn status(address: &str, request: &str, host: Option<&str>) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let host = host.map(|host| format!("Host: {host}\r\n")).unwrap_or_default();
    let body = "content-type: application/json\r\ncontent-length: 2\r\n";
    write!(stream, "{request} HTTP/1.1\r\n{host}{body}Connection: close\r\n\r\n{{}}").unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

/// Checks that these requests are answered only if they name this machine.
fn is_for_this_machine(address: &str, requests: &[&str]) {
    let (_, port) = address.rsplit_once(':').unwrap();
    for request in requests {
        let by = |host: &str| status(address, request, Some(host));
        for own in [address, "localhost", &format!("localhost:{port}"), "[::1]"] {
            assert_ne!(by(own), "421", "{request} {own}");
        }
        for other in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1.evil.example"] {
            assert_eq!(by(other), "421", "{request} {other}");
        }
        assert!(["400", "421"].contains(&status(address, request, None).as_str()), "{request}");
    }
}

/// The address that follows these words in a log.
async fn address(bot: &Bot, words: &str) -> String {
    let found = || {
        let log = bot.log();
        let (_, rest) = log.split_once(words)?;
        Some(rest.split(['/', '\n', ' ']).next()?.to_owned())
    };
    until("it says where it is", || found().is_some()).await;
    found().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_answers_only_to_names_of_this_machine() {
    let demo = Bot::start(binary(&["demo", "--port", "0"]));
    until("it runs", || demo.log().contains("http://127.0.0.1:")).await;
    let address = format!("127.0.0.1:{}", address(&demo, "http://127.0.0.1:").await);
    let requests =
        ["GET /", "GET /events", "POST /do", "GET /site/", "GET /document/1/1", "GET /x"];
    is_for_this_machine(&address, &requests);
    assert_eq!(status(&address, "GET /", Some(&address)), "200");
    demo.stop().await;
    // So is the Bot API of the sandbox.
    let env = TestEnv::new().await;
    let address = env.api_server.url().authority().to_owned();
    is_for_this_machine(&address, &["POST /bot1:demo/getMe"]);
}

#[tokio::test]
async fn metrics_on_loopback_answer_only_to_names_of_this_machine() {
    for (listen, is_open) in [("127.0.0.1:0", false), ("[::1]:0", false), ("0.0.0.0:0", true)] {
        let env = TestEnv::new().await;
        env.configure(&format!("[metrics]\nlisten = \"{listen}\"\n"));
        let bot = env.run().await;
        let address = address(&bot, "metrics are at http://").await;
        match is_open {
            true => assert_eq!(status(&address, "GET /metrics", Some("evil.example")), "200"),
            false => is_for_this_machine(&address, &["GET /metrics"]),
        }
        bot.stop().await;
    }
}
