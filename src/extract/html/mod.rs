//! HTML → lines in blocks, with what the page says about itself.
//!
//! Guarantees: bounded work, whatever the bytes are (`guard`).
//! Out of scope: which of the lines are entries (`list`).

mod guard;
mod head;
mod lines;
mod scripts;
mod structured_data;
mod urls;

pub(crate) use self::guard::{cap_attributes, parse, parse_within};
use self::lines::LayoutBuilder;
use super::{layout::Page, selectors::Selectors};
use scraper::Html;
use std::collections::HashMap;
use url::Url;

/// Parses a page and lays it out in lines. Links are made absolute from `url`, or the page's own base.
pub(crate) fn lines(source: &str, url: Option<&Url>, selectors: &Selectors) -> Page {
    lines_of(&parse(source), url, selectors)
}

/// Lays out a parsed page in lines. Links are made absolute from `url`, or the page's own base.
pub(crate) fn lines_of(html: &Html, url: Option<&Url>, selectors: &Selectors) -> Page {
    let base = urls::base(html, url);
    let mut page = LayoutBuilder::of(html, base.clone(), selectors).layout(*html.root_element());
    page.feeds = head::feeds(html, base.as_ref());
    page.title = head::title(html);
    page.next = head::next(html, base.as_ref());
    page.linked_data = structured_data::linked_data(html, base.as_ref());
    page.scripts = scripts::texts(html);
    page.host = most_linked(&page);
    page.base = base;
    page
}

/// Returns the host that most links of a page lead to.
fn most_linked(page: &Page) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (_, link) in page.lines.iter().flat_map(|line| &line.links) {
        *counts.entry(link.host_str()?).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(host, n)| (*n, *host));
    most.map(|(host, _)| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{guard::NODES_MAX, *};

    fn texts(source: &str) -> Vec<String> {
        lines(source, None, &Selectors::default()).lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_page_is_set_in_lines_as_a_browser_would_set_it() {
        let source = "<title>no</title><p>One <b>t</b>wo<br>three</p><div>four<p>five</div>six\
            <script>no()</script><table><tr><td>a<td>b</table><p hidden>no</p><noscript>seven</noscript>";
        assert_eq!(texts(source), ["One two", "three", "four", "five", "six", "a", "b", "seven"]);
    }

    #[test]
    fn links_are_absolute_and_know_their_text() {
        let url = "https://e.example/news/".parse().unwrap();
        let page = lines(
            "<p>On <a href='7'>the <b>treaty</b></a> now <a href='mailto:x@y'>mail</a>",
            Some(&url),
            &Selectors::default(),
        );
        let line = &page.lines[0];
        assert_eq!(line.text, "On the treaty now mail");
        let (range, link) = &line.links[0];
        assert_eq!(
            (&line.text[range.clone()], link.as_str()),
            ("the treaty", "https://e.example/news/7")
        );
        assert_eq!(line.links.len(), 1);
        let page = lines(
            "<base href='https://b.example/x/'><a href='7'>t</a>",
            Some(&url),
            &Selectors::default(),
        );
        assert_eq!(page.lines[0].links[0].1.as_str(), "https://b.example/x/7");
    }

    #[test]
    fn short_elements_are_dated_by_what_their_attributes_say() {
        let cases = [
            ("<span title='9 de novembro de 2026, 07:13'>há 2 semanas</span>", "2026-11-09"),
            ("<abbr title='2026-11-09 07:13'>3 d</abbr>", "2026-11-09"),
            ("<time aria-label='9 de novembro de 2026'>há 4 dias</time>", "2026-11-09"),
            (
                "<time datetime=2026-11-08><span title=2026-11-09>há 4 dias</span></time>",
                "2026-11-08",
            ),
            ("<span title='09/11/2026'>há 4 dias</span>", ""),
            ("<span title='9 de novembro de 2026'></span>", ""),
            ("<a href=/1 title='9 de novembro de 2026'>O farol</a>", ""),
            (
                "<span title='9 de novembro de 2026'>O farol do cabo, e o que foi dito dele ontem</span>",
                "",
            ),
        ];
        for (element, expected) in cases {
            let source = format!("<html lang=pt><p>{element} farol");
            let page = lines(&source, None, &Selectors::default());
            let marks = page.lines.iter().flat_map(|line| &line.marks);
            let days: Vec<String> = marks.map(|(_, on)| on.to_string()).collect();
            assert_eq!(days.join(" "), expected, "{element}");
        }
    }

    #[test]
    fn feeds_are_those_that_the_head_names() {
        let url = "https://e.example/news/".parse().unwrap();
        let page = lines(
            "<link rel=stylesheet type=text/css href=a.css>\
             <link rel='alternate' type='application/rss+xml' href='/rss'>\
             <link rel='alternate' type='application/rss+xml' href='/comments/feed'>\
             <link rel='alternate' type='application/atom+xml; charset=utf-8' href='a.atom'>",
            Some(&url),
            &Selectors::default(),
        );
        let feeds: Vec<&str> = page.feeds.iter().map(Url::as_str).collect();
        assert_eq!(feeds, ["https://e.example/rss", "https://e.example/news/a.atom"]);
    }

    #[test]
    fn what_blows_up_a_tree_builder_is_read_all_the_same() {
        let deep = format!("<p>before{}<p>14.07.2020 - In the deep", "<div>".repeat(100_000));
        let formatted: String = (0..20_000).map(|n| format!("<p><b x={n}>")).collect();
        // Cells end what is open in them only where there is a table.
        let cells: String = (0..20_000).map(|n| format!("<td><b x={n}>")).collect();
        let rows: String = (0..20_000).map(|n| format!("<b x={n}><tr>")).collect();
        let drawn: String = (0..20_000).map(|n| format!("<svg><td><b x={n}>")).collect();
        for source in [
            deep,
            format!("<p>before{formatted}<p>after"),
            "<b><a>".repeat(30_000),
            format!("<table><table></table>{cells}"),
            format!("<table>{rows}"),
            format!("<table>{drawn}"),
        ] {
            let page = lines(&source, None, &Selectors::default());
            assert!(page.blocks.len() <= NODES_MAX);
        }
    }
}
