//! The demo's page in a browser, wide and narrow: chatting, publishing, faults.

use crate::support::{Bot, binary, until};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// chromedriver, killed when dropped.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    /// Starts it on a free port; `None` if it is not installed.
    fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        let mut child =
            command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let lines = BufReader::new(child.stdout.take()?).lines().map_while(Result::ok);
        let port = lines
            .filter_map(|line| line.split_once("on port ").map(|(_, port)| port.to_owned()))
            .filter_map(|port| port.trim_end_matches('.').parse::<u16>().ok())
            .find(|port| *port != 0)?;
        Some(Driver { child, address: format!("http://127.0.0.1:{port}") })
    }

    async fn browser(&self) -> Client {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1280,800",
        ];
        let options = serde_json::json!({ "args": arguments });
        let capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.address)
            .await
            .unwrap()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn click(page: &Client, selector: &str) {
    page.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
}

async fn text(page: &Client, selector: &str) -> String {
    page.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
}

/// Waits until the open chat shows a text. Returns how long it took.
async fn shows(page: &Client, words: &str) -> Duration {
    let start = Instant::now();
    while !text(page, "#messages").await.contains(words) {
        assert!(start.elapsed() < Duration::from_secs(30), "{words:?} did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

async fn say(page: &Client, words: &str) {
    let field = page.find(Locator::Css("form input")).await.unwrap();
    field.send_keys(words).await.unwrap();
    click(page, "form button[type=submit], form button:last-of-type").await;
}

/// A message as the page receives it, with everything that a bot can put into one.
const MESSAGE: &str = r#"{
    "id": 1000000, "thread": null, "at": 0, "by": null, "from": null, "via": false,
    "forwarded": null, "edited": true, "silent": true,
    "text": "LINES Then /set_2, and https://x.example/a.",
    "entities": [{"type": "expandable_blockquote", "offset": 0, "length": 5}],
    "buttons": [
        [{"text": "Read", "callback_data": "r"}, {"text": "Site", "url": "https://x.example/"}],
        [{"text": "Start", "url": "https://t.me/communique_demo_bot?start=x"}]
    ],
    "document": {"name": "list.csv", "bytes": 2048},
    "answers": {"id": 1, "from": "Anna", "text": "so?"}
}"#;

/// Lets the page draw a message, and returns what it drew; the page is restored afterwards.
const DRAW: &str = r##"
    const [message, lines] = arguments, m = JSON.parse(message), before = structuredClone(state);
    m.text = m.text.replace("LINES", "line\n".repeat(lines));
    m.entities[0].length = 5 * lines - 1;
    chat().messages.push(m);
    show();
    const box = document.querySelector("#messages > div").lastChild;
    const texts = selector => [...box.querySelectorAll(selector)].map(e => e.textContent);
    const drawn = {
        rows: [...box.querySelectorAll(".buttons")].map(row => row.children.length),
        buttons: texts(".buttons button"),
        pressable: texts(".what .command, .what a"),
        file: texts(".file b, .file span span"),
        answered: texts(".answered b, .answered span"),
        when: texts(".when").join().replace(/\d.*/, ""),
        folds: [...box.querySelectorAll(".fold")].filter(fold => !fold.hidden).length,
    };
    const quote = box.querySelector("blockquote"), height = quote.clientHeight;
    quote.querySelector(".fold").click();
    drawn.unfolds = quote.clientHeight > height;
    state = before;
    unfolded.clear();
    show();
    return JSON.stringify(drawn);
"##;

/// What the page draws for a message with a quotation of this many lines.
async fn drawn(page: &Client, lines: u32) -> serde_json::Value {
    let answer = page.execute(DRAW, vec![MESSAGE.into(), lines.into()]).await.unwrap();
    serde_json::from_str(answer.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_demo_page_works_in_a_browser() {
    let Some(driver) = Driver::start() else {
        eprintln!("skipped: chromedriver is not installed");
        return;
    };
    let demo = Bot::start(binary(&["demo", "--port", "0"]));
    let address = || {
        let log = demo.log();
        let at = log.find("http://127.0.0.1:")?;
        log[at..].split_whitespace().next().map(str::to_owned)
    };
    until("the demo says where it is", || address().is_some()).await;
    let page = driver.browser().await;
    page.goto(&address().unwrap()).await.unwrap();

    // Anna sent /start before the page was open.
    shows(&page, "Subscribed.").await;
    click(&page, "form .menu").await;
    assert!(text(&page, "#menu").await.contains("subscribe to new statements"));
    click(&page, "form .menu").await;
    say(&page, "/start").await;
    shows(&page, "subscribed already").await;

    let long = drawn(&page, 9).await;
    let expected = serde_json::json!({
        "rows": [2, 1],
        "buttons": ["Read", "Site↗", "Start↗"],
        "pressable": ["/set_2", "https://x.example/a"],
        "file": ["list.csv", "2.0 KB"],
        "answered": ["Anna", "so?"],
        "when": "🔕 edited ",
        "folds": 1,
        "unfolds": true,
    });
    assert_eq!(long, expected);
    let short = drawn(&page, 2).await;
    assert_eq!((&short["folds"], &short["unfolds"]), (&0.into(), &false.into()));

    // The forum is subscribed in one of its topics.
    click(&page, "[data-chat='-1000000000203']").await;
    shows(&page, "Subscribed.").await;
    click(&page, "#topics button:last-of-type").await;
    shows(&page, "Nothing here yet").await;
    click(&page, "[data-chat='101']").await;

    let before = text(&page, "#newest").await;
    click(&page, "#publish").await;
    let newest = loop {
        let newest = text(&page, "#newest").await;
        if newest != before {
            break newest;
        }
    };
    shows(&page, &newest).await;
    shows(&page, "days have passed since").await;
    let drawn = "#messages a[href], #messages b, #messages blockquote";
    assert!(page.find_all(Locator::Css(drawn)).await.unwrap().len() >= 3);

    // While Telegram is down nothing arrives, and afterwards it does.
    let switch = "[data-what=down]";
    let flip = format!("document.querySelector('{switch}').click()");
    page.execute(&flip, Vec::new()).await.unwrap();
    click(&page, "#publish").await;
    let held = loop {
        let held = text(&page, "#newest").await;
        if held != newest {
            break held;
        }
    };
    page.execute(&flip, Vec::new()).await.unwrap();
    shows(&page, &held).await;

    // On a phone nothing overflows the screen.
    page.set_window_size(500, 800).await.unwrap();
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    let excess = page.execute(wide, Vec::new()).await.unwrap();
    assert_eq!(excess.as_i64(), Some(0), "the page is wider than the screen");
    page.close().await.unwrap();
    demo.stop().await;
}
