//! Pages that replace a list: challenges, captchas, maintenance notices.
//!
//! Guarantees: used only where no entries were found, so a false match loses nothing.

/// How far into a page signatures are searched, in bytes: such pages are short.
const SEARCHED_BYTES_MAX: usize = 64 * 1024;

/// Words of such pages, in lower case, and how they are described to the operator.
const SIGNATURES: [(&str, &str); 15] = [
    ("cf-chl", "a Cloudflare challenge"),
    ("challenge-platform", "a Cloudflare challenge"),
    ("just a moment...", "a Cloudflare challenge"),
    ("ddos-guard", "a DDoS-Guard challenge"),
    ("checking your browser", "a browser check"),
    ("please enable javascript", "a page that needs a browser with scripts"),
    ("enable javascript and cookies", "a page that needs a browser with scripts"),
    ("captcha", "a captcha"),
    ("data processing... please, wait", "a page that asks to wait"),
    ("please wait while", "a page that asks to wait"),
    ("technical difficulties", "a notice of technical difficulties"),
    ("under maintenance", "a maintenance notice"),
    ("temporarily unavailable", "a notice that the site is unavailable"),
    ("access denied", "a refusal"),
    ("технические работы", "a maintenance notice"),
];

/// Describes what the page is instead of a list, for the operator.
pub(crate) fn find(source: &str) -> Option<&'static str> {
    let mut end = source.len().min(SEARCHED_BYTES_MAX);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let head = source[..end].to_lowercase();
    SIGNATURES.iter().find(|(sign, _)| head.contains(sign)).map(|(_, what)| *what)
}
