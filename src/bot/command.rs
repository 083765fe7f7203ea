//! Words → commands. Pure.

/// The entries that `/latest` shows when no number is given, and the most that it shows.
const LATEST_DEFAULT: u32 = 1;
const LATEST_MAX: u32 = 10;

/// A command of this bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Subscribe.
    Start,
    /// Unsubscribe.
    Stop,
    /// Show so many of the newest entries; `None`: what was written is no number of entries.
    Latest(Option<u32>),
    /// Show the counters.
    Counter,
    /// Say what there is.
    Help,
}

/// What a text is to this bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A command.
    Command(Command),
    /// A command that it does not know.
    Unknown,
    /// A command to another bot.
    ForOthers,
    /// No command.
    Talk,
}

/// Parses a text as Telegram's clients send commands: `/name`, `/name@bot`, `/name words`.
pub fn parse(text: &str, username: &str) -> Parsed {
    let Some(command) = text.trim_start().strip_prefix('/') else {
        return Parsed::Talk;
    };
    let mut words = command.split_whitespace();
    let first = words.next().unwrap_or_default();
    let (name, addressee) = match first.split_once('@') {
        Some((name, addressee)) => (name, Some(addressee)),
        None => (first, None),
    };
    if addressee.is_some_and(|addressee| !addressee.eq_ignore_ascii_case(username)) {
        return Parsed::ForOthers;
    }
    let command = match name.to_lowercase().as_str() {
        // Whatever a deep link carries, it comes to start.
        "start" => Command::Start,
        "stop" => Command::Stop,
        "latest" => Command::Latest(count(words)),
        "counter" => Command::Counter,
        "help" => Command::Help,
        _ => return Parsed::Unknown,
    };
    Parsed::Command(command)
}

fn count<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<u32> {
    let Some(word) = words.next() else {
        return Some(LATEST_DEFAULT);
    };
    let count = word.parse().ok().filter(|count| (1..=LATEST_MAX).contains(count));
    count.filter(|_| words.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_commands_of_this_bot_or_not() {
        use Command as C;
        use Parsed as P;
        let cases = [
            ("/start", P::Command(C::Start)),
            ("/start embassy", P::Command(C::Start)),
            ("  /START@Communique_Bot now", P::Command(C::Start)),
            ("/start@other_bot", P::ForOthers),
            ("/stop", P::Command(C::Stop)),
            ("/latest", P::Command(C::Latest(Some(1)))),
            ("/latest 5", P::Command(C::Latest(Some(5)))),
            ("/latest\n10", P::Command(C::Latest(Some(10)))),
            ("/latest 0", P::Command(C::Latest(None))),
            ("/latest 11", P::Command(C::Latest(None))),
            ("/latest -1", P::Command(C::Latest(None))),
            ("/latest five", P::Command(C::Latest(None))),
            ("/latest 5 6", P::Command(C::Latest(None))),
            ("/latest 99999999999999999999", P::Command(C::Latest(None))),
            ("/counter@communique_bot", P::Command(C::Counter)),
            ("/help me", P::Command(C::Help)),
            ("/latest5", P::Unknown),
            ("/", P::Unknown),
            ("/ start", P::Command(C::Start)),
            ("//start", P::Unknown),
            ("start", P::Talk),
            ("see /start", P::Talk),
            ("", P::Talk),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, "communique_bot"), expected, "{text:?}");
        }
    }
}
