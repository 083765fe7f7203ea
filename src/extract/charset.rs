//! Bytes → text, whatever the byte order mark, the HTTP header and the document say of its encoding.
//!
//! Guarantees: there is always a text. Bytes that are UTF-8 are read as UTF-8, whatever is
//! declared; a few invalid bytes do not affect the rest. Decoding and guessing are encoding_rs and
//! chardetng, which browsers use.
//! Out of scope: encodings that encoding_rs does not know (UTF-7, UTF-32, HZ).

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};
use memchr::{memchr, memchr_iter, memmem::find};

/// Marks a gap in a decoded text: a noncharacter.
pub(super) const SEAM: char = '\u{fdd0}';

/// How far into a document its own declaration is looked for, in bytes. Browsers stop at 1,024;
/// pages exist that put it later.
const DECLARATION_BYTES_MAX: usize = 64 * 1024;
/// The longest name of an encoding, in bytes.
const LABEL_BYTES_MAX: usize = 40;
/// How much of a document is checked for the zero bytes of UTF-16.
const UTF16_SAMPLE_BYTES: usize = 512;
/// How much of a document is used to guess its encoding, and how much of that precedes the first non-ASCII
/// character, in bytes.
const GUESSED_BYTES_MAX: usize = 1024 * 1024;
const GUESSED_BYTES_BEFORE: usize = 1024;
/// A text counts as UTF-8 with errors if it has at least this many valid multi-byte characters per
/// malformed byte. In two-byte encodings, about one sequence in ten is valid by chance.
const VALID_PER_SLIP: usize = 2;
/// Counting stops after this many malformed bytes if hardly any characters were valid.
const MALFORMED_MAX: usize = 8192;
/// A declared encoding is rejected if more than one in this many bytes cannot be decoded.
const ERRORS_SHARE: usize = 50;

/// Decodes a document.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let (how, mark) = how(bytes, content_type);
    how.decode(&bytes[mark..])
}

/// Decodes a document with a gap, which becomes [`SEAM`].
pub(crate) fn decode_in_parts(bytes: &[u8], seam: usize, content_type: Option<&str>) -> String {
    let (how, mark) = how(bytes, content_type);
    let seam = seam.max(mark);
    let mut text = how.decode(&bytes[mark..seam]);
    text.push(SEAM);
    text.push_str(&how.decode(&bytes[seam..]));
    text
}

/// In which way a document is to be decoded.
enum How {
    /// In one encoding.
    Whole(&'static Encoding),
    /// As UTF-8, in which some bytes are of an encoding that was used before it.
    Utf8(&'static Encoding),
}

impl How {
    fn decode(&self, bytes: &[u8]) -> String {
        match self {
            How::Whole(encoding) => whole(encoding, bytes),
            How::Utf8(before) => utf8_with_slips(bytes, before),
        }
    }
}

/// Returns how a document is to be decoded, and how long its byte order mark is.
fn how(bytes: &[u8], content_type: Option<&str>) -> (How, usize) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let is_utf8 = encoding == UTF_8;
        let slips = || How::Utf8(slips(&bytes[length..]).before());
        return (if is_utf8 { slips() } else { How::Whole(encoding) }, length);
    }
    (how_without_mark(bytes, content_type), 0)
}

fn how_without_mark(bytes: &[u8], content_type: Option<&str>) -> How {
    if let Some(encoding) = utf16_by_zeros(bytes) {
        return How::Whole(encoding);
    }
    let in_header = content_type.and_then(|t| after(t.as_bytes(), b"charset"));
    let declared = declared(&bytes[..bytes.len().min(DECLARATION_BYTES_MAX)]);
    if bytes.is_ascii() {
        // ISO-2022-JP, the only web encoding that is all ASCII bytes.
        let is_escaped = find(bytes, b"\x1b$").is_some();
        let mut said = [declared, in_header].into_iter().flatten();
        let escaping = said.find(|e| is_escaped && !e.is_ascii_compatible());
        return escaping.map_or(How::Utf8(WINDOWS_1252), How::Whole);
    }
    // Text that is valid UTF-8 and not just ASCII is UTF-8, whatever is declared.
    let counted = slips(bytes);
    if counted.valid >= VALID_PER_SLIP * counted.malformed {
        return How::Utf8(counted.before());
    }
    let guessed = std::cell::LazyCell::new(|| guess(bytes));
    let said = [declared, in_header].into_iter().flatten().filter(|e| *e != UTF_8);
    let mut said: Vec<_> = said.filter(|encoding| fits(encoding, bytes)).collect();
    if said.len() > 1 {
        // Header and document differ: prefer the one whose result equals that of the guessed
        // encoding.
        let looks = whole(*guessed, bytes);
        said.sort_by_key(|encoding| whole(encoding, bytes) != looks);
    }
    match said.first() {
        Some(encoding) => How::Whole(encoding),
        None if counted.punctuation > 0 && guessed.is_single_byte() => How::Utf8(counted.before()),
        None => How::Whole(*guessed),
    }
}

fn whole(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Returns whether a text can be in an encoding, but for a few bytes.
fn fits(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    if encoding.is_single_byte() {
        // A single-byte encoding can be checked byte by byte.
        let is_unused = |byte: &u8| whole(encoding, &[*byte]) == "\u{fffd}";
        let unused = (0x80..=0xff).filter(is_unused);
        let errors: usize = unused.map(|byte| memchr_iter(byte, bytes).count()).sum();
        return errors * ERRORS_SHARE < bytes.len();
    }
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    let errors = || text.matches('\u{fffd}').count();
    !has_errors || errors() * ERRORS_SHARE < bytes.len()
}

/// Recognizes UTF-16 without a mark: every other byte of the beginning (markup, blanks) is zero.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(UTF16_SAMPLE_BYTES)];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let pairs = sample.len() / 2;
    match (even * 4 >= pairs, odd * 4 >= pairs) {
        _ if pairs < 4 => None,
        (true, _) if odd * 8 < even => Some(UTF_16BE),
        (_, true) if even * 8 < odd => Some(UTF_16LE),
        _ => None,
    }
}

/// How much of a text is UTF-8 beyond ASCII.
#[derive(Clone, Copy, Debug, Default)]
struct Slips {
    /// Valid multi-byte characters.
    valid: usize,
    /// Those of them that are typographic punctuation ("–", "’"), which no other encoding makes by
    /// chance.
    punctuation: usize,
    /// Those of them that are Cyrillic.
    cyrillic: usize,
    /// Malformed bytes.
    malformed: usize,
}

fn slips(bytes: &[u8]) -> Slips {
    let mut counted = Slips::default();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
            counted.valid += 1;
            counted.punctuation += usize::from(matches!(c, '\u{2000}'..='\u{206f}'));
            counted.cyrillic += usize::from(matches!(c, '\u{400}'..='\u{4ff}'));
        }
        counted.malformed += chunk.invalid().len();
        if counted.malformed > MALFORMED_MAX && counted.valid * 10 < counted.malformed {
            break;
        }
    }
    counted
}

impl Slips {
    /// Returns the encoding that was likely used before UTF-8.
    fn before(self) -> &'static Encoding {
        if self.cyrillic * 2 > self.valid { WINDOWS_1251 } else { WINDOWS_1252 }
    }
}

fn utf8_with_slips(bytes: &[u8], before: &'static Encoding) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&before.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

/// Returns the encoding that a document declares: `<?xml encoding>`, `<meta charset>`, `<meta
/// http-equiv>`, whichever comes first.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    let mut read = 0;
    for at in memchr_iter(b'<', &lower) {
        let tag = &lower[at..];
        if at < read || !(tag.starts_with(b"<meta") || tag.starts_with(b"<?xml")) {
            continue;
        }
        let end = memchr(b'>', tag).unwrap_or(tag.len());
        read = at + end;
        let found = after(&tag[..end], b"charset").or_else(|| after(&tag[..end], b"encoding"));
        // A declaration that was read as ASCII cannot be UTF-16; use UTF-8, as browsers do.
        let found = found.map(|e| if e == UTF_16LE || e == UTF_16BE { UTF_8 } else { e });
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Returns the encoding named after a word and an equals sign.
fn after(text: &[u8], word: &[u8]) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let at = find(&lower, word)? + word.len();
    let value = lower[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|b| b" \"';,>\t\r\n/?".contains(b)).unwrap_or(value.len());
    label(&value[..end])
}

/// Returns the encoding of a name, spelled as in the standard or otherwise ("cp-1251", "win1251",
/// "utf8").
fn label(name: &[u8]) -> Option<&'static Encoding> {
    let known = |name: &str| {
        Encoding::for_label(name.as_bytes()).filter(|encoding| *encoding != REPLACEMENT)
    };
    let name = std::str::from_utf8(name).ok()?.trim();
    // The label `ascii` is meaningless for a text that is not ASCII.
    if name.contains("ascii") || name.len() > LABEL_BYTES_MAX {
        return None;
    }
    if let Some(encoding) = known(name) {
        return Some(encoding);
    }
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = bare.trim_start_matches(|c: char| !c.is_ascii_digit());
    let letters = &bare[..bare.len() - digits.len()];
    let spelt = match letters {
        "cp" | "win" | "windows" | "ansi" | "mswin" | "ms" | "xcp" => format!("windows-{digits}"),
        "iso" if digits.len() > 4 => format!("iso-8859-{}", digits.strip_prefix("8859")?),
        _ if digits.is_empty() => bare.clone(),
        _ => format!("{letters}-{digits}"),
    };
    let spelt_in_two = || {
        // "koi8r", "eucjp", "shiftjis", "isolatin1"
        let ends = (1..bare.len()).rev();
        ends.flat_map(|at| ["-", "_"].map(|sign| [&bare[..at], sign, &bare[at..]].concat()))
            .find_map(|name| known(&name))
    };
    known(&spelt).or_else(|| known(&bare)).or_else(spelt_in_two)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    let from = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0);
    let sample = &bytes[from.saturating_sub(GUESSED_BYTES_BEFORE)..];
    let is_all = sample.len() <= GUESSED_BYTES_MAX;
    detector.feed(&sample[..sample.len().min(GUESSED_BYTES_MAX)], is_all);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{
        BIG5, EUC_JP, EUC_KR, GB18030, GBK, IBM866, ISO_2022_JP, ISO_8859_2, ISO_8859_5,
        ISO_8859_7, KOI8_R, KOI8_U, MACINTOSH, SHIFT_JIS, WINDOWS_1250, WINDOWS_1253, WINDOWS_1254,
        WINDOWS_1255, WINDOWS_1256, X_MAC_CYRILLIC,
    };

    fn in_place(bytes: &[u8], name: &str) -> Vec<u8> {
        let at = find(bytes, b"CHARSET").unwrap();
        [&bytes[..at], name.as_bytes(), &bytes[at + 7..]].concat()
    }

    #[test]
    fn whether_a_text_fits_a_single_byte_encoding_is_as_decoding_would_have_it() {
        for encoding in [WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1255, ISO_8859_7, KOI8_R]
        {
            for byte in 0x80..=0xff {
                for times in [1, 2, 3] {
                    let text = [vec![byte; times], vec![b'a'; 98]].concat();
                    let decoded = whole(encoding, &text);
                    let errors = decoded.matches('\u{fffd}').count();
                    let is_right = errors * ERRORS_SHARE < text.len();
                    assert_eq!(fits(encoding, &text), is_right, "{} {byte:x}", encoding.name());
                }
            }
        }
    }

    #[test]
    fn text_is_decoded_by_mark_header_declaration_or_guess() {
        let page = "<meta charset=\"CHARSET\"><p>Заявление Министерства иностранных дел от 14 июля";
        let (cp1251, ..) = WINDOWS_1251.encode(page);
        let (koi8, ..) = KOI8_R.encode(page);
        let utf16: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16be: Vec<u8> = page.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let cases: [(&str, Vec<u8>, Option<&str>); 12] = [
            ("declared", in_place(&cp1251, "windows-1251"), None),
            ("declared", in_place(&koi8, "koi8-r"), None),
            ("declared in an odd spelling", in_place(&cp1251, "cp-1251"), None),
            ("in the header", cp1251.to_vec(), Some("text/html; charset=windows-1251")),
            (
                "declared wrongly as UTF-8",
                in_place(&cp1251, "utf-8"),
                Some("text/html; charset=utf-8"),
            ),
            (
                "declared rightly under a lying header",
                in_place(&cp1251, "windows-1251"),
                Some("text/html; charset=iso-8859-1"),
            ),
            (
                "declared wrongly under a right header",
                in_place(&koi8, "windows-1251"),
                Some("text/html; charset=koi8-r"),
            ),
            ("not declared", cp1251.to_vec(), None),
            ("UTF-8 under a lying header", page.into(), Some("text/html; charset=iso-8859-1")),
            ("UTF-16 with a mark", [vec![0xff, 0xfe], utf16.clone()].concat(), None),
            ("UTF-16 without a mark", utf16, Some("text/html; charset=utf-8")),
            ("UTF-16, the other way round", utf16be, None),
        ];
        for (name, bytes, header) in cases {
            let text = decode(&bytes, header);
            assert!(text.contains("Заявление Министерства"), "{name}: {text}");
        }
    }

    #[test]
    fn each_declared_encoding_is_read() {
        let texts: [(&str, &[&Encoding]); 11] = [
            (
                "Заявление от 14 июля",
                &[WINDOWS_1251, KOI8_R, KOI8_U, IBM866, ISO_8859_5, X_MAC_CYRILLIC],
            ),
            ("Déclaration à l’été", &[WINDOWS_1252, MACINTOSH]),
            ("Oświadczenie z 3 września", &[ISO_8859_2, WINDOWS_1250]),
            ("Ανακοίνωση", &[ISO_8859_7, WINDOWS_1253]),
            ("Açıklama: 3 Ağustos", &[WINDOWS_1254]),
            ("הודעה לעיתונות", &[WINDOWS_1255]),
            ("بيان صحفي", &[WINDOWS_1256]),
            ("声明：关于港口", &[GBK, GB18030]),
            ("聲明：關於港口", &[BIG5]),
            ("港に関する声明", &[SHIFT_JIS, EUC_JP, ISO_2022_JP]),
            ("항구에 관한 성명", &[EUC_KR]),
        ];
        for (text, encodings) in texts {
            for encoding in encodings {
                let document =
                    format!("<?xml version='1.0' encoding='{}'?><t>{text}</t>", encoding.name());
                let (bytes, _, has_lost) = encoding.encode(&document);
                assert!(!has_lost, "{} {text}", encoding.name());
                for header in
                    [None, Some("text/xml; charset=utf-8"), Some("text/xml; charset=us-ascii")]
                {
                    let decoded = decode(&bytes, header);
                    assert!(decoded.contains(text), "{} {header:?}: {decoded}", encoding.name());
                }
            }
        }
    }

    #[test]
    fn a_part_that_is_missing_leaves_a_mark() {
        let text = "Заявление о порте";
        for encoding in [UTF_8, WINDOWS_1251, KOI8_R] {
            let document = format!("<?xml version='1.0' encoding='{}'?>{text}", encoding.name());
            let (bytes, ..) = encoding.encode(&document);
            let seam = bytes.len() - encoding.encode("порте").0.len();
            let decoded = decode_in_parts(&bytes, seam, None);
            assert!(decoded.ends_with("Заявление о \u{fdd0}порте"), "{decoded}");
        }
    }

    #[test]
    fn a_slip_in_utf8_costs_itself_alone() {
        let cases: [(&[u8], &str); 5] = [
            ("Séance de l’été, \u{a0}note".as_bytes(), "Séance de l’été"),
            (b"S\xc3\xa9ance, d\xc3\xa9cret, caf\xe9 ferm\xc3\xa9", "Séance, décret, café fermé"),
            // One typographic character shows that it is UTF-8, even if more bytes are not.
            (
                b"<?xml encoding='utf-8'?>The harbour\xe2\x80\x99s caf\xe9 \xe0 c\xf4t\xe9",
                "harbour’s café à côté",
            ),
            (b"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xba\xd0\xb0\xd0\xb7 \xef\xf0\xe8", "Приказ при"),
            (b"\xef\xbb\xbfS\xc3\xa9ance caf\xe9", "Séance café"),
        ];
        for (bytes, expected) in cases {
            let text = decode(bytes, Some("application/rss+xml; charset=utf-8"));
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn encodings_are_known_by_the_names_that_people_give_them() {
        let cases = [
            ("windows-1251", "windows-1251"),
            ("cp-1251", "windows-1251"),
            ("CP1251", "windows-1251"),
            ("win1251", "windows-1251"),
            ("windows_1251", "windows-1251"),
            ("utf8", "UTF-8"),
            ("UTF_8", "UTF-8"),
            ("iso8859_2", "ISO-8859-2"),
            ("iso 8859-5", "ISO-8859-5"),
            ("latin-1", "windows-1252"),
            ("koi8r", "KOI8-R"),
            ("eucjp", "EUC-JP"),
            ("ShiftJIS", "Shift_JIS"),
            ("gb2312", "GBK"),
        ];
        for (name, expected) in cases {
            let found = label(name.to_ascii_lowercase().as_bytes()).map(Encoding::name);
            assert_eq!(found, Some(expected), "{name}");
        }
        assert_eq!(label(b"hz-gb-2312"), None);
        assert_eq!(label(b"CHARSET"), None);
    }
}
