//! The contacts of an institution: lines with telephone numbers, addresses and mail addresses.
//!
//! Guarantees: everything is as printed. A line counts only if it has no other content; a label above a
//! bare number ("Consular queries:") stays with it.
//! Out of scope: addresses without a label.

use crate::extract::layout::{Line, Page};
use crate::extract::pattern::compile;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The most lines, and the longest of them, in characters.
const LINES_MAX: usize = 10;
const LINE_CHARS_MAX: usize = 200;
/// The longest label above a line, in characters.
const NAME_CHARS_MAX: usize = 60;
/// The most words of a label.
const NAME_WORDS_MAX: usize = 6;
/// The most lines of an address below its label.
const ADDRESS_LINES_MAX: usize = 4;

/// "+44 (0) 203 668 7474", with or without a label. The length of the label is checked afterwards, since
/// counted repetitions of letters make large automata.
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"\+[0-9][0-9 ().–-]{6,24}[0-9]";
    compile(&format!("^((?:[^0-9+]*[:.] *|(?i:tel|phone|тел)[^0-9+]*)?)({number})$"))
});
/// "Tel. (020) 7946-0000, 7946-0001 (day and night)": a word for a telephone, then the number.
static LOCAL_PHONE: LazyLock<Regex> = LazyLock::new(|| {
    const WORDS: &str = "tel|telephone|phone|fax|hotline|switchboard|telefon|telefax|téléphone|tél|\
        teléfono|telefono|тел|телефон|факс|телефакс|горячая линия|гаряча лінія";
    let digits = r"\+?\(?[0-9][0-9 ()./–-]{4,22}[0-9]";
    compile(&format!(
        "(?i)^((?:[^0-9:]* )?)(?:{WORDS})(?:[./ ]{{0,2}}(?:{WORDS}))? *[.:]? *{digits}(?:[^0-9].*)?$"
    ))
});
/// "E-mail: press@example.org", or the address alone.
static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"^((?:[^@:0-9]*: *)?)[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$")
});
/// "Address: 6/7 Lantern Gardens, Port Lumen". An address of a minister has no colon after it.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    const WORDS: &str = "address|adresse|anschrift|postanschrift|dirección|domicilio|indirizzo|\
        endereço|adres|адрес|адреса|место нахождения|местонахождение";
    compile(&format!("(?i)^((?:[^0-9:]* )?)(?:{WORDS}) *: *(.*)$"))
});

/// The contacts of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Contacts {
    /// The telephone numbers in the international form, without the words before them.
    pub phones: Vec<String>,
    /// The lines, each whole.
    pub lines: Vec<String>,
}

/// Finds the contacts of a page.
pub(crate) fn find(page: &Page) -> Contacts {
    let mut contacts = Contacts::default();
    for (n, line) in page.lines.iter().enumerate() {
        let text = line.text.as_str();
        if text.len() > 4 * LINE_CHARS_MAX || text.chars().count() > LINE_CHARS_MAX {
            continue;
        }
        let phone = labelled(&PHONE, text);
        if let Some(number) = phone.as_ref().and_then(|found| found.get(2)) {
            keep(&mut contacts.phones, number.as_str().to_owned());
        }
        if phone.is_some()
            || labelled(&LOCAL_PHONE, text).is_some()
            || labelled(&MAIL, text).is_some()
        {
            let name = n.checked_sub(1).and_then(|n| page.lines.get(n)).filter(|name| {
                !text.contains(':') && !text.starts_with(char::is_alphabetic) && is_label(name)
            });
            let name = name.map(|name| format!("{} ", name.text)).unwrap_or_default();
            keep(&mut contacts.lines, name + text);
        } else if let Some(found) = labelled(&ADDRESS, text)
            && let Some(address) =
                address(&page.lines[n..], found.get(2).map_or("", |m| m.as_str()))
        {
            keep(&mut contacts.lines, address);
        }
    }
    contacts
}

/// Returns the match of a pattern, if the text before it is a label ("Press office") and no
/// sentence.
fn labelled<'t>(pattern: &LazyLock<Regex>, text: &'t str) -> Option<Captures<'t>> {
    let found = pattern.captures(text)?;
    let before = found.get(1).map_or("", |before| before.as_str());
    let is_name = before.chars().count() <= NAME_CHARS_MAX
        && before.split_whitespace().count() <= NAME_WORDS_MAX;
    is_name.then_some(found)
}

fn keep(lines: &mut Vec<String>, line: String) {
    if lines.len() < LINES_MAX && !lines.contains(&line) {
        lines.push(line);
    }
}

/// Returns whether a line is a label for what is below it: "Consular queries:".
fn is_label(line: &Line) -> bool {
    line.text.ends_with(':') && line.text.chars().count() <= NAME_CHARS_MAX
}

/// Returns an address in the first of these lines, or in the block below its label. It has a
/// number, of a house or a post office; a line without one is a heading of something else.
fn address(lines: &[Line], rest: &str) -> Option<String> {
    let is_place = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let (first, below) = lines.split_first()?;
    if !rest.is_empty() {
        return is_place(rest).then(|| first.text.clone());
    }
    let block = below.first()?.block;
    let below: Vec<&str> = below
        .iter()
        .take(ADDRESS_LINES_MAX)
        .take_while(|line| line.block == block && !is_label(line))
        .map(|line| line.text.trim_end_matches(','))
        .collect();
    let address = format!("{} {}", first.text, below.join(", "));
    (is_place(&address) && address.chars().count() <= LINE_CHARS_MAX).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [&PHONE, &LOCAL_PHONE, &MAIL, &ADDRESS] {
            LazyLock::force(pattern);
        }
    }

    #[test]
    fn contacts_are_read_as_printed_and_nothing_else_is_one() {
        let text = "Consular queries:\n+44 (0) 203 668 7474\nTel.: +7 495 000-00-00\n\
            Call +44 203 668 7474 or write to us\nTel. (020) 7946-0000 (day and night)\n\
            E-mail: press@lights.example\nconsul@lights.example\nwrite to press@lights.example today\n\
            Address: 6/7 Lantern Gardens, Port Lumen\nAddress: by the Minister\n\
            Address by the Minister, 24 June 2020\nПочтовый адрес: 119200, Порт-Люмен, Смоленская пл., 32\n\
            The telephone was invented in 1876\nPhone records of 20 ships";
        let contacts = find(&crate::extract::plain_text::lines(text));
        assert_eq!(contacts.phones, ["+44 (0) 203 668 7474", "+7 495 000-00-00"]);
        let expected = [
            "Consular queries: +44 (0) 203 668 7474",
            "Tel.: +7 495 000-00-00",
            "Tel. (020) 7946-0000 (day and night)",
            "E-mail: press@lights.example",
            "consul@lights.example",
            "Address: 6/7 Lantern Gardens, Port Lumen",
            "Почтовый адрес: 119200, Порт-Люмен, Смоленская пл., 32",
        ];
        assert_eq!(contacts.lines, expected);
    }

    #[test]
    fn an_address_below_its_name_ends_with_its_block() {
        let html = "<div><p>Postal address:</p><p>Ministry of Lighthouses,<br>6/7 Lantern Gardens<br>Port Lumen</p>\
            <p>Open on weekdays</p></div>";
        let page = crate::extract::html::lines(
            html,
            None,
            &crate::extract::selectors::Selectors::default(),
        );
        let expected = "Postal address: Ministry of Lighthouses, 6/7 Lantern Gardens, Port Lumen";
        assert_eq!(find(&page).lines, [expected]);
    }
}
