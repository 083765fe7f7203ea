//! Compiles the regular expressions of the extraction.

use regex::Regex;

/// Compiles a pattern that is part of the program.
///
/// # Panics
/// If the pattern is invalid. The tests of each file compile all of its patterns.
#[expect(
    clippy::expect_used,
    reason = "the pattern is part of the program, and a test compiles it"
)]
pub(super) fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of the program is valid")
}
