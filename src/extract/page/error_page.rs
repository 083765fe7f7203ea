//! Pages that say that something went wrong, with a success status: "404 Not Found", "Access denied".
//!
//! Guarantees: used only where no entries were found, so a false match loses nothing.

use crate::extract::layout::Page;

/// How many lines of a page are looked at, and the longest of them, in bytes: such pages are short.
const LINES_MAX: usize = 20;
const LINE_BYTES_MAX: usize = 80;

/// Words of such pages, in lower case.
const WORDS: [&str; 18] = [
    "not found",
    "page doesn't exist",
    "page does not exist",
    "no longer exists",
    "access denied",
    "permission denied",
    "forbidden",
    "internal server error",
    "server error",
    "bad gateway",
    "gateway timeout",
    "service unavailable",
    "bad request",
    "nicht gefunden",
    "introuvable",
    "no encontrada",
    "не найдена",
    "не знайдено",
];
/// The numbers of such statuses.
const STATUSES: [&str; 8] = ["400", "401", "403", "404", "410", "500", "502", "503"];

/// Returns the words with which a page says that it is none.
pub(crate) fn find(page: &Page) -> Option<String> {
    let lines = page.lines.iter().take(LINES_MAX).map(|line| line.text.as_str());
    page.title.as_deref().into_iter().chain(lines).find(|text| is_error(text)).map(str::to_owned)
}

fn is_error(text: &str) -> bool {
    if text.len() > LINE_BYTES_MAX {
        return false;
    }
    let text = text.to_lowercase();
    // A number counts at the start, or beside the word for errors: "404", "Error 503".
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let is_status = STATUSES.contains(&first) && (second.is_empty() || !text.contains(','))
        || matches!(first, "error" | "fehler" | "erreur" | "ошибка") && STATUSES.contains(&second);
    is_status || WORDS.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_pages_say_that_they_are() {
        for text in ["404 Not Found", "404", "Error 503", "Access Denied", "Seite nicht gefunden"] {
            assert!(is_error(text), "{text}");
        }
        for text in ["News", "500,000 trees were planted", "Statement of 404 members", "Room 404"] {
            assert!(!is_error(text), "{text}");
        }
    }
}
