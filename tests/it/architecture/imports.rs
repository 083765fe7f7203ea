//! Which module may use which, by the table of ARCHITECTURE.md, and which module may use which
//! library.

use super::{files, root};
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::LazyLock,
};

/// The beginning of a path or `use` tree below the crate.
static CRATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bcrate::(\w+|\{)").unwrap());

/// The module of a file: the first part of its path below `src`.
fn module(path: &Path) -> String {
    let below = path.strip_prefix("src").unwrap();
    Path::new(below.iter().next().unwrap()).file_stem().unwrap().to_string_lossy().into_owned()
}

/// The modules that a text names after `crate::`, in one path or in the braces of a `use`.
fn used(text: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for found in CRATE.captures_iter(text) {
        if &found[1] != "{" {
            used.insert(found[1].to_owned());
            continue;
        }
        let (mut depth, mut word) = (0, String::new());
        for c in text[found.get(1).unwrap().start()..].chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                c if depth == 1 && (c.is_alphanumeric() || c == '_') => {
                    word.push(c);
                    continue;
                }
                _ => {}
            }
            // What follows a module inside its path is at depth 1 as well: only the first counts.
            if !word.is_empty() && word != "*" {
                used.insert(std::mem::take(&mut word));
            }
            if depth == 0 {
                break;
            }
        }
    }
    used
}

/// The table of ARCHITECTURE.md: a module, and the modules that it may use.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let row = Regex::new(r"(?m)^\| `(\w+)` \|[^|]*\| ([^|]*) \|$").unwrap();
    let name = Regex::new(r"`(\w+)`").unwrap();
    row.captures_iter(&text)
        .map(|row| {
            let names = name.captures_iter(&row[2]).map(|name| name[1].to_owned()).collect();
            (row[1].to_owned(), names)
        })
        .collect()
}

#[test]
fn each_module_uses_only_those_that_it_may_use() {
    let allowed = allowed();
    let mut actual: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let sources = files("src", &["rs"]);
    let modules: BTreeSet<String> = sources.iter().map(|file| module(&file.path)).collect();
    for file in &sources {
        let uses = used(&file.text).into_iter().filter(|name| modules.contains(name));
        let module = module(&file.path);
        actual.entry(module.clone()).or_default().extend(uses.filter(|name| *name != module));
    }
    actual.remove("lib");
    actual.remove("main");
    assert_eq!(actual, allowed, "left: the code; right: the table of ARCHITECTURE.md");
}

#[test]
fn no_module_is_used_by_one_that_it_uses() {
    let allowed = allowed();
    let mut left: BTreeSet<&String> = allowed.keys().collect();
    while !left.is_empty() {
        let free: Vec<&String> = left
            .iter()
            .copied()
            .filter(|module| allowed[*module].iter().all(|used| !left.contains(used)))
            .collect();
        assert!(!free.is_empty(), "a circle among {left:?}");
        for module in free {
            left.remove(module);
        }
    }
}

#[test]
fn each_library_is_used_in_its_modules_only() {
    let homes = [
        ("sqlx", vec!["store"]),
        ("teloxide", vec!["telegram"]),
        ("reqwest", vec!["fetch", "telegram"]),
        ("axum", vec!["sandbox", "demo", "telemetry"]),
        ("scraper", vec!["extract"]),
        ("html5ever", vec!["extract"]),
        ("feed_rs", vec!["extract"]),
        ("dom_smoothie", vec!["extract"]),
        ("rust_stemmers", vec!["domain"]),
    ];
    let files = files("src", &["rs"]);
    for (library, homes) in homes {
        let path = Regex::new(&format!(r"\b{library}::")).unwrap();
        for file in files.iter().filter(|file| path.is_match(&file.text)) {
            let module = module(&file.path);
            assert!(homes.contains(&module.as_str()), "{} names {library}", file.path.display());
        }
    }
}
