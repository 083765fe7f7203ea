//! Addresses and telephone numbers as the United States write them.
//!
//! Guarantees: a telephone number counts less than an address, since Canada writes them alike.

use crate::extract::pattern::compile;
use regex::Regex;
use std::sync::LazyLock;

/// How far into a line is looked, in bytes.
const SCANNED_BYTES: usize = 400;

/// The states and territories, with what their ZIP codes begin with: other countries have five digits
/// after two letters too.
const STATES: [&str; 10] = [
    "(?:CT|MA|ME|NH|NJ|PR|RI|VI|VT) +0",
    "(?:DE|NY|PA) +1",
    r"(?:DC|D\.C\.|MD|NC|SC|VA|WV) +2",
    "(?:AL|FL|GA|MS|TN) +3",
    "(?:IN|KY|MI|OH) +4",
    "(?:IA|MN|MT|ND|SD|WI) +5",
    "(?:IL|KS|MO|NE) +6",
    "(?:AR|LA|OK|TX) +7",
    "(?:AZ|CO|ID|NM|NV|UT|WY) +8",
    "(?:AK|AS|CA|GU|HI|MP|OR|WA) +9",
];

/// The letters of a state, and a ZIP code: "Salem, OR 97301", "Washington, D.C. 20520".
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    let states = STATES.join("|");
    compile(&format!(r"\p{{L}}{{2}},? +(?:{states})\d{{4}}(?:-\d{{4}})?(?:$|[\s.,;|)])"))
});
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?:^|[^\d-])(?:\(\d{3}\) ?|\+?1?[ -]?\d{3}[-.])\d{3}[-.]\d{4}(?:$|[^\d-])")
});

/// Returns whether a line has an address.
pub(super) fn has_address(line: &str) -> bool {
    has_digit(line) && ADDRESS.is_match(head(line))
}

/// Returns whether a line has a telephone number.
pub(super) fn has_phone(line: &str) -> bool {
    has_digit(line) && PHONE.is_match(head(line))
}

/// Most lines have no digit.
fn has_digit(line: &str) -> bool {
    line.bytes().any(|byte| byte.is_ascii_digit())
}

fn head(line: &str) -> &str {
    let ends = line.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| *end <= SCANNED_BYTES).last().unwrap_or(0);
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn american_addresses_and_telephone_numbers_differ_from_others() {
        for (line, address, phone) in [
            ("100 Lock Street, Norvale, OR 97301", true, false),
            ("Norvale, D.C. 20520-0001 | Contact", true, false),
            ("(202) 555-0143", false, true),
            ("Call +1 202-555-0143 by day", false, true),
            ("202.555.0143", false, true),
            ("Norvale, SP 01310-100", false, false),
            ("10117 Norvale", false, false),
            ("Rue du Quai, BP 12345 Norvale", false, false),
            ("Quai Nord, FR 75001 Norvale", false, false),
            ("Kanalufer, ME 81000 Norvale", false, false),
            ("Regulation EU 12345", false, false),
            ("Tel. 030 555 0143", false, false),
            ("No. 2024-202-555-0143-7", false, false),
            ("", false, false),
        ] {
            assert_eq!((has_address(line), has_phone(line)), (address, phone), "{line}");
        }
    }
}
