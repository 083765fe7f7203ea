//! Pages that stand in for a list: challenges, captchas, maintenance notices.
//!
//! Promises: only asked where no entries were found, so it can name a trouble but never cause one.

/// How far into a page it is looked, in bytes: such pages are short.
const LOOKED_AT_BYTES: usize = 64 * 1024;

/// Words that such pages carry, in lower case, and what they tell the operator.
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

/// What the page is instead of a list, in words for the operator.
pub(crate) fn find(source: &str) -> Option<&'static str> {
    let mut end = source.len().min(LOOKED_AT_BYTES);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let head = source[..end].to_lowercase();
    SIGNATURES.iter().find(|(sign, _)| head.contains(sign)).map(|(_, what)| *what)
}
