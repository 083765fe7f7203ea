//! `communique check` on pages and feeds: each file of `pages/` is a case, with the expected output
//! next to it. `COMMUNIQUE_BLESS=1` writes the actual output into these files.

use crate::support::{binary, snapshot};
use communique::{
    domain::{PageRules, ParagraphKind},
    extract,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

const ADDRESS: &str = "https://lighthouses.example/statements/";

fn check(file: &Path) -> Value {
    let output = binary(&["check", "--json", "--url", ADDRESS, file.to_str().unwrap()]).output();
    let output = output.unwrap();
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let has_entries = read["entries"].as_array().is_some_and(|entries| !entries.is_empty());
    assert_eq!(output.status.code(), Some(i32::from(!has_entries)), "{}", file.display());
    read
}

fn folder(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

#[test]
fn pages_are_read_as_their_expected_files_state() {
    let (mut seen, mut differences) = (0, Vec::new());
    for item in fs::read_dir(folder("tests/it/pages")).unwrap() {
        let page = item.unwrap().path();
        if page.to_string_lossy().ends_with(".expected.json") {
            continue;
        }
        seen += 1;
        let file = PathBuf::from(format!("{}.expected.json", page.display()));
        let read = format!("{:#}\n", check(&page));
        differences.extend(snapshot::compare(&file, &read));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(seen > 5, "only {seen} pages");
}

#[test]
fn the_report_shows_entries_counters_and_the_configuration() {
    let page = folder("tests/it/pages/lighthouses.html");
    let output = binary(&["check", "--url", ADDRESS, page.to_str().unwrap()]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("I see 3 entries, newest 3 November 2026:"), "{shown}");
    assert!(shown.contains("This counter:"), "{shown}");
    assert!(shown.contains("[[source]]\nname = \"lighthouses\"\n"), "{shown}");
    assert!(shown.contains("864 days on 3 November 2026, so since 22 June 2024:"), "{shown}");
}

/// The first source that the program was made for. Its page is not part of the project.
#[test]
fn the_first_source_is_read_completely() {
    let seed = folder("../shared/seed");
    let expected = seed.join("embassy-2020-07-15.expected.json");
    let Ok(expected) = fs::read(&expected) else {
        eprintln!("skipped: there is no {}", expected.display());
        return;
    };
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    for kind in ["html", "txt"] {
        let page = seed.join(format!("embassy-2020-07-15.{kind}"));
        let url = expected["url"].as_str().unwrap_or("https://www.rusemb.org.uk/");
        let output =
            binary(&["check", "--json", "--url", url, page.to_str().unwrap()]).output().unwrap();
        let read: Value = serde_json::from_slice(&output.stdout).unwrap();
        for (n, entry) in expected["entries"].as_array().unwrap().iter().enumerate() {
            for field in ["date", "title", "lead"] {
                assert_eq!(read["entries"][n][field], entry[field], "{kind}, entry {n}, {field}");
            }
        }
        assert_eq!(
            read["entries"].as_array().map(Vec::len),
            expected["entries"].as_array().map(Vec::len)
        );
        assert_eq!(read["page_date"], expected["page_date"], "{kind}");
        let numbers = |value: &Value| -> Vec<(Value, Value)> {
            let counters = value["counters"].as_array().unwrap();
            counters.iter().map(|c| (c["days"].clone(), c["since"].clone())).collect()
        };
        assert_eq!(numbers(&read), numbers(&expected), "{kind}");
    }
}

/// The interview on the page of that source, as `/read` shows it.
#[test]
fn the_interview_of_the_first_source_is_read_as_questions_and_answers() {
    let path = folder("../shared/seed/embassy-2020-07-15.html");
    let Ok(bytes) = fs::read(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let document = extract::Document {
        seam: None,
        bytes: &bytes,
        content_type: None,
        url: Some(&"https://www.rusemb.org.uk/fnapr/6900".parse().unwrap()),
        zone: chrono_tz::Europe::Moscow,
        now: "2020-07-15T17:03:00Z".parse().unwrap(),
        page_rules: &PageRules::default(),
    };
    let article = extract::article(&document).expect("a text is found");
    let of = |kind| article.paragraphs.iter().filter(move |p| p.kind == kind);
    let questions = of(ParagraphKind::Question).count();
    assert!(questions >= 5, "{questions} questions");
    let speakers = of(ParagraphKind::Answer).map(|p| p.speaker.as_deref());
    assert!(speakers.clone().count() >= 5);
    assert!(
        speakers.clone().all(|name| name == Some("Sergey Lavrov")),
        "{:?}",
        speakers.collect::<Vec<_>>()
    );
}
