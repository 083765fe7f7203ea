//! An error with its causes, in one line.

use std::{error::Error, fmt};

/// Displays an error with its causes, separated by colons.
pub struct ErrorChain<'a>(pub &'a dyn Error);

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            // Some libraries repeat their cause in their own message.
            if !text.ends_with(&words) {
                text = format!("{text}: {words}");
            }
            cause = inner.source();
        }
        f.write_str(&text)
    }
}
