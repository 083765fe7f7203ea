//! Addresses of the web in the configuration.

use crate::domain::web_url::has_userinfo;
use crate::domain::web_url::is_http;
use url::Url;

/// Returns an http or https address with a host.
///
/// # Errors
/// Returns what to write instead, as the end of a sentence: "is …: write …".
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let parsed = Url::parse(text.trim()).ok();
    let fits = |url: &Url| is_http(url) && url.has_host();
    let Some(url) = parsed.filter(fits) else {
        // What is before an @ may be a password.
        let shown = text.rsplit('@').next().unwrap_or_default();
        return Err(format!(
            "is {shown:?}: write a whole address, like https://ministry.example/news"
        ));
    };
    Ok(url)
}

/// Returns the address of a source, which every chat is shown: one without a password.
///
/// # Errors
/// Returns what to write instead, as the end of a sentence. A password is not repeated in it.
pub(super) fn public_address(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    match has_userinfo(&url) {
        false => Ok(url),
        true => Err(
            "has a name or a password before the host: leave them out, since every chat is shown \
            the address, and have a proxy add them"
                .to_owned(),
        ),
    }
}
