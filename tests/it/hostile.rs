//! Feeds and pages that are made to cost time or memory. Each is read in every run, at a size at
//! which quadratic work would be noticed.
//!
//! `cargo test --test it hostile -- --ignored --nocapture` reads each at full size, in a process of
//! its own, limits its time (one second for a feed, three for a page) and memory (256 MB), and
//! prints both. That needs Linux. `COMMUNIQUE_HOSTILE=TEXT` selects those whose name contains the
//! text. The pages are also requested as statements from a running bot.

mod pages;
#[cfg(target_os = "linux")]
mod statements;

use chrono_tz::Tz;
use communique::{
    domain::PageRules,
    extract::{BODY_BYTES_MAX, Document, article, read},
};
use encoding_rs::{EUC_JP, Encoding, GB18030, ISO_2022_JP, SHIFT_JIS, WINDOWS_1251};
use std::{
    process::Command,
    sync::LazyLock,
    time::{Duration, Instant},
};

/// The size in the short run, and a time far above what any feed of it takes.
const SHORT_BYTES: usize = 1024 * 1024;
const SHORT_MAX: Duration = Duration::from_secs(10);
/// The limits for a feed of the largest size that is read.
const TIME_MAX: Duration = Duration::from_secs(1);
const MEMORY_KB_MAX: u64 = 256 * 1024;
/// The size of the short run for pages, the CPU time that no page of it comes near, and what a page
/// of the largest size may take.
const SHORT_PAGE_BYTES: usize = 256 * 1024;
const SHORT_PAGE_MAX: Duration = Duration::from_millis(600);
const PAGE_TIME_MAX: Duration = Duration::from_secs(3);

const ITEM: &str =
    "<rss version='2.0'><channel><title>T</title><item><title>A</title><description>";
const CHANNEL: &str = "<rss version='2.0'><channel><title>T</title>";
const ATOM: &str = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>";
const END: &str = "</description></item></channel></rss>";

/// A feed: its beginning, a piece that is repeated up to its size, its end. `{n}` is the number of
/// the repetition.
struct Hostile {
    name: &'static str,
    head: &'static str,
    piece: &'static str,
    tail: &'static str,
}

const fn hostile(
    name: &'static str,
    head: &'static str,
    piece: &'static str,
    tail: &'static str,
) -> Hostile {
    Hostile { name, head, piece, tail }
}

const FEEDS: &[Hostile] = &[
    // Punctuation and tags.
    hostile("signs", ITEM, "<", END),
    hostile("items opened", CHANNEL, "<item>", ""),
    hostile("items opened, channel closed", CHANNEL, "<item>", "</channel></rss>"),
    hostile("items closed", CHANNEL, "</item>", "</channel></rss>"),
    hostile("items empty", CHANNEL, "<item/>", "</channel></rss>"),
    hostile("items of one letter", CHANNEL, "<item><title>a</title></item>", "</channel></rss>"),
    hostile(
        "items of every name",
        "<rss><channel><item xmlns:a='http://purl.org/rss/1.0/'><title>A",
        "<a:item><![CDATA[<entry><![CDATA[<Item><![CDATA[<eNtry><![CDATA[",
        "",
    ),
    hostile(
        "items of a new name each",
        CHANNEL,
        "<item xmlns:a{n}='http://purl.org/rss/1.0/'><a{n}:item><![CDATA[<!--",
        "--></item></channel></rss>",
    ),
    hostile("tags begun", ITEM, "<a ", END),
    hostile("tags begun, never closed", ITEM, "<a ", ""),
    hostile("tags unclosed", ITEM, "<a>", END),
    hostile("tags of one depth beside items", CHANNEL, "<a>", "<item><title>A</title></item>"),
    hostile("tags closed", ITEM, "</a>", END),
    hostile("tags with quotes unclosed", ITEM, "<a b=\"", END),
    hostile("tags in quotes of tags", ITEM, "<a =\"<a x\" =\"<a x\" ", "< "),
    hostile("tags in quotes, both sorts", ITEM, "<a b='<c d=\"' e=\"'>", END),
    hostile("tags of no known name", ITEM, "<zz>", END),
    hostile("tags of no known name, escaped", ITEM, "&lt;zz&gt;", END),
    hostile("fields of one letter", "<rss><channel><item>", "<a/>", "</item></channel></rss>"),
    hostile(
        "fields with attributes",
        "<rss><channel><item>",
        "<a b c/>",
        "</item></channel></rss>",
    ),
    hostile("a name", "<rss><channel><item><", "a", "></item></channel></rss>"),
    hostile(
        "attributes",
        "<rss><channel><item ",
        "a{n}=b ",
        "><title>A</title></item></channel></rss>",
    ),
    hostile(
        "attributes of html",
        ITEM,
        "<p a b c d e f g h i j k l m n o p q r s t u v w x y z ",
        END,
    ),
    hostile(
        "attributes of one tag of html",
        "<rss><channel><item><description><![CDATA[<p ",
        "a{n} ",
        ">]]></description></item></channel></rss>",
    ),
    hostile(
        "attributes of tags of html",
        ITEM,
        "&lt;p a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc&gt;",
        END,
    ),
    hostile(
        "attribute",
        "<rss><channel><item a='",
        "b",
        "'><title>A</title></item></channel></rss>",
    ),
    hostile(
        "attribute equals",
        "<rss><channel><item a",
        "= ",
        "><title>A</title></item></channel></rss>",
    ),
    hostile(
        "namespaces",
        "<rss ",
        "xmlns:a{n}='http://purl.org/dc/' ",
        "><channel><item><title>A</title></item></channel></rss>",
    ),
    hostile(
        "namespaces of items",
        CHANNEL,
        "<item xmlns:a{n}='http://purl.org/dc/'><a{n}:date>x</a{n}:date></item>",
        "</channel></rss>",
    ),
    // Sections, comments, declarations.
    hostile("sections opened", ITEM, "<![CDATA[", END),
    hostile("sections opened, never closed", ITEM, "<![CDATA[", ""),
    hostile("sections empty", ITEM, "<![CDATA[]]>", END),
    hostile(
        "sections unclosed in each item",
        CHANNEL,
        "<item><title><![CDATA[A</title></item>",
        "</channel></rss>",
    ),
    hostile(
        "sections unclosed in each item, closed at last",
        CHANNEL,
        "<item><title><![CDATA[A</title></item>",
        "]]></channel></rss>",
    ),
    hostile(
        "sections unclosed in items unclosed",
        CHANNEL,
        "<item><title><![CDATA[<entry><![CDATA[",
        "]]></channel></rss>",
    ),
    hostile("sections closed", ITEM, "]]>", END),
    hostile("comments opened", ITEM, "<!--", END),
    hostile(
        "comments opened, closed at last",
        ITEM,
        "<!--",
        "</description></item>--></channel></rss>",
    ),
    hostile(
        "comments unclosed in each item",
        CHANNEL,
        "<item><title>A<!-- </title></item>",
        "</channel></rss>",
    ),
    hostile(
        "comments beside items",
        CHANNEL,
        "<!--",
        "<item><title>A</title></item></channel></rss>",
    ),
    hostile(
        "instructions",
        "",
        "<?xml ",
        "<rss><channel><item><title>A</title></item></channel></rss>",
    ),
    hostile("instructions in items", CHANNEL, "<item><?xml >", "</channel></rss>"),
    hostile("doctypes", CHANNEL, "<!DOCTYPE a [>", "</channel></rss>"),
    hostile("doctypes closed", CHANNEL, "<!DOCTYPE a [<!ENTITY b 'c'>]>", "</channel></rss>"),
    hostile(
        "entities declared",
        "<!DOCTYPE rss [",
        "<!ENTITY a{n} 'b'>",
        "]><rss><channel><item><title>&a1;</title></item></channel></rss>",
    ),
    hostile(
        "entities that grow",
        "<!DOCTYPE rss [<!ENTITY a 'Baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><rss><channel><item><title>",
        "&a;&b;",
        "</title></item></channel></rss>",
    ),
    hostile(
        "entities that grow in each item",
        "<!DOCTYPE rss [<!ENTITY a 'Baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>]><rss><channel>",
        "<item a='&a;'><title>&a;</title></item>",
        "</channel></rss>",
    ),
    // Characters and markup in fields.
    hostile("ampersands", ITEM, "&", END),
    hostile("references begun", ITEM, "&amp", END),
    hostile("references", ITEM, "&amp;", END),
    hostile("references by number", ITEM, "&#x41;", END),
    hostile("references by number, long", ITEM, "&#x00000000000000000000000041", END),
    hostile("bold text, escaped", ITEM, "&lt;b&gt;", END),
    hostile(
        "bold text in each item",
        CHANNEL,
        "<item><description>&lt;b&gt;&lt;b </description></item>",
        "</channel></rss>",
    ),
    hostile("scripts", ITEM, "<script>", END),
    hostile("scripts, comments, escapes", ITEM, "<script><!--<script", END),
    hostile("pictures", ITEM, "<img alt=a>", END),
    hostile("text areas", ITEM, "&lt;textarea&gt;&lt;/x", END),
    hostile(
        "base64",
        "<feed xmlns='http://purl.org/atom/ns#'>",
        "<entry><content mode='base64'>=PGI+</content></entry>",
        "</feed>",
    ),
    hostile(
        "base64 of one field",
        "<feed xmlns='http://purl.org/atom/ns#'><entry><content mode='base64'>",
        "PGI+",
        "</content></entry></feed>",
    ),
    hostile("blanks", ITEM, " ", END),
    hostile(
        "blanks before",
        "",
        " ",
        "<rss><channel><item><title>A</title></item></channel></rss>",
    ),
    // Values.
    hostile(
        "dates",
        "<rss><channel><item><title>A</title>",
        "<pubDate>Nov 33 2026 99:99 XX</pubDate>",
        "</item></channel></rss>",
    ),
    hostile(
        "dates in each item",
        CHANNEL,
        "<item><pubDate>Nov 33 2026 99:99 XX</pubDate></item>",
        "</channel></rss>",
    ),
    hostile(
        "a date",
        "<rss><channel><item><title>A</title><pubDate>",
        "2026-",
        "</pubDate></item></channel></rss>",
    ),
    hostile(
        "a date of tags",
        "<rss><channel><item><title>A</title><pubDate>",
        "<a>3",
        "</pubDate></item></channel></rss>",
    ),
    hostile(
        "a title",
        "<rss><channel><item><title>",
        "A title ",
        "</title></item></channel></rss>",
    ),
    hostile("titles", "<rss><channel><item>", "<title/>", "</item></channel></rss>"),
    hostile("one identifier", CHANNEL, "<item><guid>a</guid></item>", "</channel></rss>"),
    hostile(
        "enclosures",
        "<rss><channel><item><title>A</title>",
        "<enclosure url='{n}'/>",
        "</item></channel></rss>",
    ),
    hostile(
        "links of no use",
        "<rss><channel><item><title>A</title>",
        "<link>-</link>",
        "</item></channel></rss>",
    ),
    hostile(
        "links of Atom",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title>",
        "<link rel='related' href='{n}'/>",
        "</entry></feed>",
    ),
    hostile(
        "languages",
        CHANNEL,
        "<language>a</language>",
        "<item><title>A</title></item></channel></rss>",
    ),
    hostile(
        "entries",
        ATOM,
        "<entry><id>{n}</id><updated>2026-11-03T10:00:00Z</updated></entry>",
        "</feed>",
    ),
    hostile("a feed that begins again", "", "<rss><channel><item>", ""),
    hostile("pictures described in RDF", "", "<rdf>", ""),
    hostile(
        "half a tag again and again",
        CHANNEL,
        "<item><title>A</title><link/><description><p>b</item",
        ">",
    ),
    hostile(
        "parts missing",
        CHANNEL,
        "<item><title>A\u{fdd0}</title></item>\u{fdd0}",
        "</channel></rss>",
    ),
    // Encodings.
    hostile(
        "an encoding",
        "<?xml version='1.0' encoding='",
        "a",
        "'?><rss><channel><item><title>\u{416}</title></item></channel></rss>",
    ),
    hostile(
        "encodings",
        "",
        "<meta charset=a{n}>",
        "<rss><channel><item><title>\u{416}</title></item></channel></rss>",
    ),
    // JSON Feed.
    hostile("json arrays opened", "{\"items\":", "[", ""),
    hostile("json objects opened", "{\"items\":[", "{\"a\":", ""),
    hostile("json objects beside each other", "{\"items\":[", "{\"a\":1,", ""),
    hostile(
        "json objects in arrays",
        "{\"items\":[",
        "{\"a\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,",
        "",
    ),
    hostile("json arrays of nothing", "{\"items\":[", "[],", "0]}"),
    hostile("json numbers", "{\"items\":[", "0,", "0]}"),
    hostile("json numbers outside", "{\"x\":[", "0,", "0],\"items\":[{\"title\":\"A\"}]}"),
    hostile("json objects of nothing", "{\"items\":[", "{},", "0]}"),
    hostile("json objects of little", "{\"items\":[", "{\"id\":0},", "0]}"),
    hostile("json objects of much", "{\"items\":[{", "\"{n}\":0,", "\"id\":0}]}"),
    hostile("json attachments", "{\"items\":[{\"attachments\":[", "{\"url\":\"{n}\"},", "0]}]}"),
    hostile("json objects faulty", "{\"items\":[", "{\"title\":\"raw \" quote\"},", "]}"),
    hostile("json objects unlike each other", "{\"items\":[", "{\"a{n}\":}", "]}"),
    hostile("json without names", "{\"items\":[", "{]", "]}"),
    hostile("json text of escapes", "{\"items\":[{\"title\":\"", "\\u0041\\n", "\"}]}"),
    hostile("json text of nothing", "{\"items\":[{\"title\":\"", "\\u0000", "\"}]}"),
    hostile("json text of escapes, cut off", "{\"items\":[{\"title\":\"", "\\u0041\\\"", ""),
    hostile("json html", "{\"items\":[{\"content_html\":\"", "<b ", "\"}]}"),
    hostile("json digits", "{\"items\":[{\"id\":", "9", "}]}"),
    hostile("json digits behind the point", "{\"items\":[{\"id\":0.", "0", "1}]}"),
    // Documents that are not feeds.
    hostile("attributes of a page", "<html><body><p ", "a{n} ", ">3 November 2026</p>"),
    hostile("json without items", "{", "\"items\",", ""),
];

impl Hostile {
    fn text(&self, bytes: usize) -> String {
        let mut text = self.head.to_owned();
        let room = bytes.saturating_sub(self.tail.len());
        let is_numbered = self.piece.contains("{n}");
        for n in 0.. {
            if text.len() + self.piece.len() > room {
                break;
            }
            match is_numbered {
                true => text.push_str(&self.piece.replace("{n}", &n.to_string())),
                false => text.push_str(self.piece),
            }
        }
        text + self.tail
    }
}

/// Creates a document of this many bytes.
type Make = Box<dyn Fn(usize) -> Vec<u8>>;

/// All feeds by name.
fn all() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    for feed in FEEDS {
        all.push((feed.name.to_owned(), Box::new(|bytes| feed.text(bytes).into_bytes())));
    }
    let named = |name: &str| FEEDS.iter().find(|feed| feed.name == name).unwrap();
    for name in ["signs", "items opened", "sections unclosed in each item", "references"] {
        let feed = named(name);
        let make = |bytes| {
            let text = feed.text(bytes / 2);
            text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
        };
        all.push((format!("{name}, in UTF-16"), Box::new(make)));
    }
    all.extend(encoded());
    all.extend(of_bytes());
    all.extend(random());
    all
}

/// Feeds in encodings other than UTF-8, declared rightly and wrongly.
fn encoded() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    let words: [(&'static Encoding, &str); 5] = [
        (WINDOWS_1251, "Заявление о порте "),
        (ISO_2022_JP, "港a"),
        (SHIFT_JIS, "港に関する声明"),
        (EUC_JP, "港に関する声明"),
        (GB18030, "声明\u{1f600}"),
    ];
    for (encoding, word) in words {
        for is_declared in [true, false] {
            let make = move |bytes| {
                let name = if is_declared { encoding.name() } else { "utf-8" };
                let head = format!("<?xml version='1.0' encoding='{name}'?>{ITEM}");
                let (piece, ..) = encoding.encode(word);
                let mut made = head.into_bytes();
                while made.len() + piece.len() < bytes {
                    made.extend_from_slice(&piece);
                }
                made.extend_from_slice(END.as_bytes());
                made
            };
            let name = if is_declared { "declared" } else { "declared as UTF-8" };
            all.push((format!("{}, {name}", encoding.name()), Box::new(make)));
        }
    }
    all
}

/// Feeds of bytes that are wrong in their encoding.
fn of_bytes() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    let bytes_of: [(&'static str, &'static str, &'static [u8]); 6] = [
        ("bytes that are no UTF-8", ITEM, b"\xff"),
        ("slips in UTF-8", ITEM, b"\xd0\x96\xd0\x96\xff"),
        ("slips of sections", ITEM, b"<![CDATA[\xe9]]>"),
        ("zeros", ITEM, b"\0"),
        ("escapes of Japanese", ITEM, b"\x1b$B\x1b(B"),
        (
            "escapes of Japanese, declared",
            "<?xml version='1.0' encoding='iso-2022-jp'?><rss><channel><item><title>",
            b"\x1b$B!\x1b(J",
        ),
    ];
    for (name, head, piece) in bytes_of {
        let make = move |bytes| {
            let mut made = head.as_bytes().to_vec();
            made.extend(piece.iter().cycle().take(bytes - made.len() - END.len()));
            made.extend_from_slice(END.as_bytes());
            made
        };
        all.push((name.to_owned(), Box::new(make)));
    }
    all
}

/// Feeds of random bytes and signs.
fn random() -> Vec<(String, Make)> {
    let mut all: Vec<(String, Make)> = Vec::new();
    let chance = |head: &'static str| {
        move |bytes| {
            let mut rng = fastrand::Rng::with_seed(7);
            let mut made = head.as_bytes().to_vec();
            made.resize_with(bytes, || rng.u8(..));
            made
        }
    };
    all.push(("bytes by chance".to_owned(), Box::new(chance(CHANNEL))));
    all.push(("bytes by chance in JSON".to_owned(), Box::new(chance("{\"items\":[{"))));
    let signs = |bytes| {
        let mut rng = fastrand::Rng::with_seed(7);
        let signs = b"<<<<>>//!?-[]'\"=& aitem";
        let mut made = CHANNEL.as_bytes().to_vec();
        made.resize_with(bytes, || signs[rng.usize(..signs.len())]);
        made
    };
    all.push(("signs by chance".to_owned(), Box::new(signs)));
    all
}

/// What is extracted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    List,
    Text,
}

fn time_to_read(bytes: &[u8], what: What) -> Duration {
    let url = "https://e.example/news/".parse().unwrap();
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let start = cpu_time();
    let document = Document {
        bytes,
        seam: None,
        content_type: None,
        url: Some(&url),
        zone: Tz::UTC,
        now,
        page_rules: &PageRules::default(),
    };
    match what {
        What::List => assert!(read(&document).entries.len() <= 1000),
        What::Text => {
            assert!(article(&document).is_none_or(|found| found.paragraphs.len() <= 5000));
        }
    }
    cpu_time() - start
}

/// The CPU time of this thread, where it is available, so that the load of the machine does not
/// count.
fn cpu_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = stat.split_whitespace().next().and_then(|ns| ns.parse().ok());
    ran.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn variable(name: &str) -> Option<String> {
    let found = std::env::vars_os().find(|(variable, _)| variable == name);
    found.and_then(|(_, value)| value.into_string().ok())
}

#[test]
fn no_feed_costs_more_than_its_size() {
    for (name, make) in all() {
        let took = time_to_read(&make(SHORT_BYTES), What::List);
        assert!(took < SHORT_MAX, "{name} took {took:?}");
    }
}

#[test]
fn no_page_costs_more_than_its_size() {
    for (name, make) in pages::all() {
        let bytes = make(SHORT_PAGE_BYTES);
        for what in [What::List, What::Text] {
            let took = time_to_read(&bytes, what);
            if took < SHORT_PAGE_MAX {
                continue;
            }
            // The machine may be slow: then a quarter of the page takes about a quarter of the
            // time, but a sixteenth if the work is quadratic.
            let quarter = time_to_read(&make(SHORT_PAGE_BYTES / 4), what);
            assert!(took < quarter * 10, "{name} took {took:?}, a quarter {quarter:?} ({what:?})");
        }
    }
}

/// The peak memory of this process, in kB.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// The child process of the tests below.
#[test]
#[ignore = "is run by the others"]
fn alone() {
    let Some(wanted) = variable("COMMUNIQUE_HOSTILE_ALONE") else { return };
    let (what, name) = match wanted.strip_prefix("text of ") {
        Some(name) => (What::Text, name),
        None => (What::List, wanted.trim_start_matches("list of ")),
    };
    let all = if wanted == name { all() } else { pages::all() };
    let (_, make) = all.iter().find(|(known, _)| *known == name).unwrap();
    let bytes = make(BODY_BYTES_MAX);
    let took = time_to_read(&bytes, what);
    println!("took {} {} {}", took.as_millis(), peak_kb(), bytes.len());
}

/// Reads each in a process of its own, and prints the time and memory of each. Returns those above
/// the limits.
fn over(names: impl Iterator<Item = String>, time_max: Duration) -> Vec<String> {
    let wanted = variable("COMMUNIQUE_HOSTILE").unwrap_or_default();
    let mut over = Vec::new();
    let (mut slowest, mut largest) = ((0, String::new()), (0, String::new()));
    for name in names.filter(|name| name.contains(&wanted)) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hostile::alone", "--ignored", "--nocapture"])
            .env("COMMUNIQUE_HOSTILE_ALONE", &name)
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        let figures = output.split_once("took ").map_or("99999 0 0", |(_, figures)| figures);
        let mut numbers = figures.split_whitespace().map(|number| number.parse::<u64>().unwrap());
        let (ms, kb) = (numbers.next().unwrap(), numbers.next().unwrap());
        let is_over = u128::from(ms) > time_max.as_millis() || kb > MEMORY_KB_MAX;
        println!("{ms:>6} ms {:>5} MB{} {name}", kb / 1024, if is_over { " !" } else { "  " });
        slowest = slowest.max((ms, name.clone()));
        largest = largest.max((kb / 1024, name.clone()));
        if is_over {
            over.push(name);
        }
    }
    println!("slowest: {} ms, {}; largest: {} MB, {}", slowest.0, slowest.1, largest.0, largest.1);
    over
}

#[test]
#[ignore = "half a minute, and a machine that does nothing else"]
fn each_feed_is_read_in_a_second_and_256_mb() {
    let over = over(all().into_iter().map(|(name, _)| name), TIME_MAX);
    assert!(over.is_empty(), "over a second or 256 MB: {over:?}");
}

#[test]
#[ignore = "some minutes"]
fn each_page_is_read_in_three_seconds_and_256_mb() {
    let pages = || pages::all().into_iter().map(|(name, _)| name);
    let texts = pages().map(|name| format!("text of {name}"));
    let over = over(texts.chain(pages().map(|name| format!("list of {name}"))), PAGE_TIME_MAX);
    assert!(over.is_empty(), "over three seconds or 256 MB: {over:?}");
}
