//! Snapshots: expected output that is kept in files.
//!
//! Guarantees: a difference is shown as a unified diff with a few lines of context. With
//! `COMMUNIQUE_BLESS` set, the actual output is written instead of compared.

use similar::TextDiff;
use std::{fs, path::Path};

/// Lines around a difference.
const CONTEXT_LINES: usize = 4;

/// Whether expected output is to be replaced by the actual one.
fn is_blessing() -> bool {
    std::env::vars_os().any(|(name, _)| name == "COMMUNIQUE_BLESS")
}

/// Compares a text with a file, or writes it there when blessing. Returns the difference, if any.
pub(crate) fn compare(file: &Path, actual: &str) -> Option<String> {
    if is_blessing() {
        fs::write(file, actual).unwrap();
        return None;
    }
    let expected = fs::read_to_string(file).unwrap();
    (expected != actual).then(|| diff(&file.display().to_string(), &expected, actual))
}

/// Returns the difference between two texts: `-` lines are expected, `+` lines are what came.
pub(crate) fn diff(name: &str, expected: &str, actual: &str) -> String {
    TextDiff::from_lines(expected, actual)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&format!("{name} (expected)"), &format!("{name} (actual)"))
        .to_string()
}

#[test]
fn a_difference_is_shown_with_its_surroundings() {
    let lines = |changed: &str| -> String {
        (1..=20).map(|n| if n == 10 { format!("{changed}\n") } else { format!("{n}\n") }).collect()
    };
    assert_eq!(
        diff("case", &lines("ten"), &lines("TEN")),
        "--- case (expected)\n+++ case (actual)\n@@ -6,9 +6,9 @@\n 6\n 7\n 8\n 9\n-ten\n+TEN\n 11\n 12\n 13\n 14\n"
    );
}
