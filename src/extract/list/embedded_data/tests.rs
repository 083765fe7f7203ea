//! Pages whose list is in a script, as frameworks write them: invented institutions in own words.

use crate::{
    domain::{Extraction, PageRules},
    extract::{Document, explain, read},
};
use std::time::{Duration, Instant};
use url::Url;

/// Reads a page of an address.
fn extraction(source: &str, rules: &PageRules) -> Extraction {
    read(&document(source, rules, &Url::parse("https://tides.example/news").unwrap()))
}

fn document<'a>(source: &'a str, page_rules: &'a PageRules, url: &'a Url) -> Document<'a> {
    Document {
        bytes: source.as_bytes(),
        seam: None,
        content_type: None,
        url: Some(url),
        zone: chrono_tz::Europe::Paris,
        now: "2026-11-24T12:00:00Z".parse().unwrap(),
        page_rules,
    }
}

/// Day, title, address without the host, and lead of the entries.
fn found(source: &str) -> Vec<String> {
    let entries = extraction(source, &PageRules::default()).entries;
    let line = |entry: &crate::domain::Candidate| {
        let day = entry.date_on.map_or("-".to_owned(), |on| on.to_string());
        let link = entry.link.as_ref().map_or("-", Url::as_str);
        let link = link.trim_start_matches("https://tides.example");
        format!("{day} {} {link} {}", entry.title, entry.lead.as_deref().unwrap_or("-"))
    };
    entries.iter().map(line).collect()
}

#[test]
fn a_script_that_is_json_holds_the_list() {
    let next = r#"<title>News</title><div id=root></div><script id="__NEXT_DATA__" type="application/json">
        {"props":{"pageProps":{"menu":[{"title":"About us","href":"/about"},{"title":"News and media","href":"/news"}],
        "items":[
        {"id":7,"updatedAt":"2026-11-23T10:00:00Z","headline":"Buoys &amp; beacons <em>renewed</em>","publishedAt":"2026-11-20T23:30:00Z",
         "url":"/news/buoys","image":{"url":"https://cdn.example/a.jpg","alt":"A buoy in the northern fairway at dawn"},
         "summary":"<p>Forty buoys were renewed.</p><p>Ten follow.</p>","author":{"name":"Ada Reed"}},
        {"id":6,"updatedAt":"2026-11-23T10:00:00Z","headline":"Spring tide expected","publishedAt":"2026-11-18T09:00:00Z",
         "url":"/news/spring-tide","image":{"url":"https://cdn.example/b.jpg","alt":"The pier under water in the last spring"},
         "summary":"Take care.","author":{"name":"Ada Reed"}}]}},"page":"/[lang]/news"}</script>"#;
    // 23:30 in UTC is the next day in Paris.
    let expected = [
        "2026-11-21 Buoys & beacons renewed /news/buoys Forty buoys were renewed. Ten follow.",
        "2026-11-18 Spring tide expected /news/spring-tide Take care.",
    ];
    assert_eq!(found(next), expected);
    let url = Url::parse("https://tides.example/news").unwrap();
    let rules = PageRules::default();
    let lists = explain(&document(next, &rules, &url));
    assert_eq!(lists[0].how, "data of a script: props.pageProps.items");
}

#[test]
fn a_list_of_places_is_resolved() {
    // Nuxt 3: objects hold the places of their values.
    let nuxt = r#"<script type="application/json" id="__NUXT_DATA__">[["ShallowReactive",1],{"data":2,"state":3},
        {"news":4},{},[5,10],{"title":6,"date":7,"path":8,"draft":9},"Harbour closed on Sunday",["Date","2026-11-03T08:00:00.000Z"],
        "/news/harbour-closed",false,{"title":11,"date":12,"path":13,"draft":9},"Pilots wanted for the winter",["Date","2026-10-30T08:00:00.000Z"],"/news/pilots"]</script>"#;
    let expected = [
        "2026-11-03 Harbour closed on Sunday /news/harbour-closed -",
        "2026-10-30 Pilots wanted for the winter /news/pilots -",
    ];
    assert_eq!(found(nuxt), expected);
}

#[test]
fn data_that_is_assigned_or_passed_is_found() {
    let list = r#"[{"node":{"frontmatter":{"title":"Dredging begins","date":"November 3, 2026"},"fields":{"slug":"/news/dredging/"},
        "excerpt":"Dredging of the fairway begins on Monday."}},
        {"node":{"frontmatter":{"title":"Lights are tested","date":"October 9, 2026"},"fields":{"slug":"/news/lights/"},
        "excerpt":"All lights of the coast are tested."}}]"#;
    let expected = [
        "2026-11-03 Dredging begins /news/dredging/ Dredging of the fairway begins on Monday.",
        "2026-10-09 Lights are tested /news/lights/ All lights of the coast are tested.",
    ];
    let object = format!(r#"{{"result":{{"data":{{"allMarkdownRemark":{{"edges":{list}}}}}}}}}"#);
    let text = serde_json::to_string(&object).unwrap();
    let response = format!(r#"{{"status":200,"headers":{{}},"body":{text}}}"#);
    let flight =
        serde_json::to_string(&format!("5:{}\n6:[\"$\",\"p\"]\n", object.replace('\n', " ")))
            .unwrap();
    let in_single = object.replace('"', r"\x22").replace('\n', " ");
    let cases = [
        // Gatsby, and stores of any name.
        format!("/*<![CDATA[*/window.pagePath=\"/news/\";window.___page={object};/*]]>*/"),
        format!("var a = 1; window['__INITIAL_STATE__'] =\n {object}\n;(function(){{}}())"),
        // SvelteKit keeps the body of a response.
        response,
        // Pieces of a stream, as Next.js pushes them.
        format!("(self.f=self.f||[]).push([0]);self.f.push([1,{flight}])"),
        format!("app.start(document.body, {{name:'x'}}, {list})"),
        format!("window.state = JSON.parse({text})"),
        format!("window.state = JSON.parse('{in_single}')"),
        format!("<!-- {object} -->"),
        // Angular's older transfer state.
        object.replace('&', "&a;").replace('"', "&q;"),
    ];
    for script in cases {
        assert_eq!(
            found(&format!("<p>Loading</p><script>{script}</script>")),
            expected,
            "{script}"
        );
    }
}

#[test]
fn linked_data_that_is_a_list_is_one() {
    let article = |n: i32, title: &str| {
        format!(
            r#"{{"@type":"NewsArticle","headline":"{title}","datePublished":"2026-11-0{n}","dateModified":"2026-11-20",
            "mainEntityOfPage":{{"@type":"WebPage","@id":"https://tides.example/{n}"}},"image":"https://tides.example/{n}.png"}}"#
        )
    };
    let (a, b) = (article(9, "The ferry has a new berth"), article(8, "Rules on moorings"));
    let expected =
        ["2026-11-09 The ferry has a new berth /9 -", "2026-11-08 Rules on moorings /8 -"];
    let cases = [
        format!(
            r#"{{"@graph":[{{"@type":"WebSite","name":"Ministry of Tides","url":"/"}},{a},{b}]}}"#
        ),
        format!(r#"{{"@type":"Blog","blogPost":[{a},{b}]}}"#),
        format!(
            r#"{{"@type":"ItemList","itemListElement":[{{"position":1,"item":{a}}},{{"position":2,"item":{b}}}]}}"#
        ),
    ];
    for data in cases {
        let page = format!("<script type='application/ld+json'>{data}</script><p>News</p>");
        assert_eq!(found(&page), expected, "{data}");
    }
}

#[test]
fn an_address_is_given_or_shown_by_a_link_or_missing() {
    let page = |links: &str| {
        format!(
            r#"{links}<script>state={{"posts":{{
            "Post:1":{{"title":"Wreck removed from the bay","at":1762336800,"slug":"wreck-removed"}},
            "Post:2":{{"title":"Wind over the weekend","at":1762250400,"slug":"wind"}},
            "User:1":{{"name":"Ada","slug":"ada"}}}}}}</script>"#
        )
    };
    let days = ["2025-11-05 Wreck removed from the bay", "2025-11-04 Wind over the weekend"];
    assert_eq!(found(&page("")), [format!("{} - -", days[0]), format!("{} - -", days[1])]);
    let links = "<a href=/share/wind>Share</a><a href=/press/2025/wreck-removed/>Wreck</a>
        <a href=/press/2025/wind/>Wind</a><a href=/press/window>Window</a>";
    let expected = [
        format!("{} /press/2025/wreck-removed/ -", days[0]),
        format!("{} /press/2025/wind/ -", days[1]),
    ];
    assert_eq!(found(&page(links)), expected);
    let links = "<a href='/press?post=wind'>Wind</a>";
    let expected = [format!("{} - -", days[0]), format!("{} /press?post=wind -", days[1])];
    assert_eq!(found(&page(links)), expected);
}

/// A list in HTML of entries of which each is also in the data.
fn shown(count: usize) -> String {
    let item = |n: usize| {
        format!("<li>{} November 2026 <a href=/n/{n}>Notice number {n} to mariners</a>", 20 - n)
    };
    format!("<ul>{}</ul>", (0..count).map(item).collect::<String>())
}

#[test]
fn the_list_of_the_page_itself_goes_before_its_data() {
    let item = |n: usize| {
        format!(
            r#"{{"title":"Notice number {n} to mariners","date":"2026-11-{:02}","url":"/n/{n}"}}"#,
            20 - n
        )
    };
    let items: Vec<String> = (0..10).map(item).collect();
    let script = format!("<script type=application/json>[{}]</script>", items.join(","));
    for (count, expected) in [(0, 10), (2, 10), (4, 10), (5, 5), (9, 9)] {
        let page = shown(count) + &script;
        assert_eq!(found(&page).len(), expected, "{count} shown");
    }
    // Selectors say where entries are.
    let rules = PageRules { entry: Some("li".to_owned()), ..PageRules::default() };
    assert_eq!(extraction(&(shown(2) + &script), &rules).entries.len(), 2);
    let rules = PageRules { entries_min: 11, ..PageRules::default() };
    assert!(extraction(&script, &rules).entries.is_empty());
}

#[test]
fn the_list_of_statements_is_chosen_among_others() {
    let page = r#"<script type=application/json>{
        "flags":[{"name":"Essential cookies","updated":"2026-01-02","id":"essential"},{"name":"Cookies for statistics","updated":"2026-01-02","id":"stats"}],
        "tags":[{"name":"Dredging works","slug":"dredging"},{"name":"Safety at sea","slug":"safety"}],
        "news":[
        {"title":"Statement on pilotage","published":"2026-11-20","link":"/a","related":[{"title":"Statement on dues","published":"2024-01-05","link":"/x"},{"title":"Statement on fog","published":"2023-01-05","link":"/y"}]},
        {"title":"Statement on lighthouses","published":"2026-11-12","link":"/b","related":[{"title":"Statement on ice","published":"2024-05-05","link":"/z"},{"title":"Statement on gulls","published":"2022-01-05","link":"/w"}]}],
        "ids":[{"title":"Part of the first form","n":1700000001,"url":"/f/1"},{"title":"Part of the second form","n":1700000002,"url":"/f/2"}]
        }</script>"#;
    let expected =
        ["2026-11-20 Statement on pilotage /a -", "2026-11-12 Statement on lighthouses /b -"];
    assert_eq!(found(page), expected);
}

#[test]
fn what_is_no_list_of_entries_is_none() {
    let cases = [
        // JavaScript is not evaluated.
        r#"<script>window.__NUXT__=(function(a){return {data:[{title:"Statement on pilotage",date:"2026-11-20",url:"/a"},{title:"Statement on dues",date:"2026-11-12",url:"/b"}]}}(1))</script>"#,
        r#"<script type=application/json>[{"name":"Essential cookies","updated":"2026-01-02","id":"essential"},{"name":"Cookies for statistics","updated":"2026-01-02","id":"stats"}]</script>"#,
        r#"<script type=application/json>[{"title":"One entry alone","date":"2026-01-02","url":"/a"}]</script>"#,
        r#"<script type=application/json>[{"title":"No day at all","url":"/a"},{"title":"None here either","url":"/b"}]</script>"#,
        r#"<script type=application/json>[{"title":"Cut off in the middle","date":"2026-01-02","url":"/a"},{"title":"Never"#,
    ];
    for page in cases {
        assert_eq!(found(page), [""; 0], "{page}");
    }
}

#[test]
fn hostile_scripts_take_little_time() {
    const BYTES: usize = 1024 * 1024;
    let repeat = |piece: &str| piece.repeat(BYTES / piece.len());
    let objects = repeat(r#"{"title":"A b","date":"2026-01-02","url":"/a"},"#);
    let named: String = (0..40_000).map(|n| format!(r#""a{n}":{{"t":1}},"#)).collect();
    let unlike: String = (0..40_000).map(|n| format!(r#"{{"a{n}":"b c"}},"#)).collect();
    let nested = format!("{}{}", repeat(r#"{"a":"#), repeat("}"));
    let escaped = (0..14).fold("[[1,2],[3,4]]  ......".to_owned(), |text, _| {
        format!("[{}]", serde_json::to_string(&text).unwrap())
    });
    let cases = [
        ("lists", repeat("[")),
        ("objects", nested),
        ("starts", format!("a{}", repeat("=[["))),
        ("starts in texts", format!("a=[{}", repeat("\"=[\","))),
        ("quotes", format!("a={}", repeat("'[{\\"))),
        ("calls", repeat("a([1,\"[{\"]);")),
        ("one entry", format!("[{objects}1]")),
        ("names", format!("{{{named}\"b\":1}}")),
        ("unlike", format!("[{unlike}1]")),
        ("places", format!("[[1,1,1,1],[0,0,0,0],{{\"a\":0}},{}1]", repeat("[0,1],"))),
        ("texts in texts", escaped),
    ];
    for (name, script) in cases {
        let page = format!("<script type=application/json>{script}</script>");
        let started_at = Instant::now();
        assert!(found(&page).len() < 2, "{name}");
        assert!(
            started_at.elapsed() < Duration::from_secs(2),
            "{name}: {:?}",
            started_at.elapsed()
        );
        eprintln!("{name}: {:?}", started_at.elapsed());
    }
}
