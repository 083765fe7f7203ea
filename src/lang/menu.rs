//! The phrases of the command menu: what each listed command does, in a line.
//!
//! Out of scope: which commands are listed, in which order, and to whom (`bot`).

/// What the listed commands do, at most 256 characters each.
#[derive(Debug)]
pub struct MenuPhrases {
    /// What `/start` does.
    pub start: &'static str,
    /// What `/latest` does.
    pub latest: &'static str,
    /// What `/archive` does.
    pub archive: &'static str,
    /// What `/search` does.
    pub search: &'static str,
    /// What `/read` does.
    pub read: &'static str,
    /// What `/counter` does.
    pub counter: &'static str,
    /// What `/time` does.
    pub time: &'static str,
    /// What `/contact` does.
    pub contact: &'static str,
    /// What `/sources` does.
    pub sources: &'static str,
    /// What `/watch` does.
    pub watch: &'static str,
    /// What `/settings` does.
    pub settings: &'static str,
    /// What `/channel` does.
    pub channel: &'static str,
    /// What `/privacy` does.
    pub privacy: &'static str,
    /// What `/export` does.
    pub export: &'static str,
    /// What `/stop` does.
    pub stop: &'static str,
    /// What `/help` does.
    pub help: &'static str,
}
