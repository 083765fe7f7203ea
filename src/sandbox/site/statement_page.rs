//! The page of one statement: its full text, surrounded by navigation.
//!
//! Guarantees: the same statement always has the same text, of 6 to 30 paragraphs; the lead is the
//! first. The text is filler.

use super::statement::{STYLE, Statement, TITLE, escape};

/// The number of paragraphs.
const PARAGRAPHS_MIN: usize = 6;
const PARAGRAPHS_MAX: usize = 30;
/// What titles of interviews contain, and the title of the very long statement.
const INTERVIEWS: [&str; 3] =
    ["Answers to questions", "Reply to a question", "answers to questions"];
const LONG: &str = "Minister's speech at the meeting of keepers";
/// Sentences of a paragraph of the very long statement.
const LONG_SENTENCES: usize = 8;

/// Renders the page of a statement, with links to others.
pub(super) fn page<'a>(
    statement: &Statement,
    others: impl Iterator<Item = &'a Statement>,
) -> String {
    let Statement { number, date_on, title, .. } = statement;
    let title = escape(title);
    let text: String =
        paragraphs(statement).iter().map(|p| format!("<p>{}</p>\n", escape(p))).collect();
    let latest: String = others
        .map(|s| format!("<li><a href=\"{}\">{}</a></li>", s.number, escape(&s.title)))
        .collect();
    let date = date_on.format("%d.%m.%Y");
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} - {TITLE}</title>{STYLE}\
         <script>var counter = {{page: {number}}};</script></head><body>\n\
         <div class=\"top\"><div class=\"logo\"><a href=\"../\">{TITLE}</a></div>\n\
         <ul class=\"menu\"><li><a href=\"../\">Main page</a></li><li><a href=\"../about/\">Ministry</a></li>\
         <li><a href=\"../keepers/\">For keepers</a></li><li><a href=\"../map/\">Site map</a></li></ul></div>\n\
         <div class=\"path\"><a href=\"../\">Main page</a> / <a href=\"../archive/\">All messages</a></div>\n\
         <h1>{title}</h1><div class=\"date\">{date}</div>\n\
         <div class=\"share\">Share: <a href=\"#f\">Foghorn</a><a href=\"#s\">Semaphore</a><a href=\"#p\">Pigeon</a>\
         <a href=\"?print=1\">Version for printing</a></div>\n\
         <div class=\"text\">\n{text}</div>\n\
         <div class=\"share\">Tell others: <a href=\"#f\">Foghorn</a><a href=\"#s\">Semaphore</a></div>\n\
         <div class=\"side\"><h3>Latest messages</h3><ul>{latest}</ul>\
         <h3>Subscribe</h3><p>Leave your address, and a keeper will come by with the news.</p></div>\n\
         <div class=\"footer\">(c) Ministry of Lighthouses, 1999-2020. All rights reserved. \
         <a href=\"../map/\">Site map</a> <a href=\"../contacts/\">Contacts</a></div></body></html>",
    )
}

/// The full text of a statement.
fn paragraphs(statement: &Statement) -> Vec<String> {
    let Statement { title, lead, number, .. } = statement;
    let mut source = TextSource { state: *number, used: 0, start: 0, step: 1 };
    let is_long = title.starts_with(LONG);
    let count = if is_long {
        PARAGRAPHS_MAX
    } else {
        PARAGRAPHS_MIN + source.number(PARAGRAPHS_MAX - PARAGRAPHS_MIN + 1)
    };
    let is_interview = INTERVIEWS.iter().any(|words| title.contains(words));
    let mut paragraphs = vec![lead.clone()];
    for n in 1..count {
        paragraphs.push(if is_long {
            source.sentences(LONG_SENTENCES)
        } else if !is_interview {
            let sentences = 2 + source.number(3);
            source.sentences(sentences)
        } else if n % 2 == 1 {
            format!("Question: {}", QUESTIONS[(n / 2) % QUESTIONS.len()])
        } else {
            let sentences = 1 + source.number(3);
            format!("Minister: {}", source.sentences(sentences))
        });
    }
    paragraphs
}

/// A sequence of sentences that depends on the number of the statement.
struct TextSource {
    state: u64,
    used: usize,
    start: usize,
    step: usize,
}

impl TextSource {
    /// The next pseudorandom number below a bound.
    fn number(&mut self, below: usize) -> usize {
        // Knuth's constants; the high bits are more random.
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
        usize::try_from(self.state >> 33).unwrap_or(0) % below
    }

    /// The next sentences, joined.
    fn sentences(&mut self, count: usize) -> String {
        let mut sentences = Vec::new();
        for _ in 0..count {
            if self.used.is_multiple_of(SENTENCES.len()) {
                // The count is prime, so any step visits all sentences before repeating.
                self.start = self.number(SENTENCES.len());
                self.step = 1 + self.number(SENTENCES.len() - 1);
            }
            sentences.push(SENTENCES[(self.start + self.used * self.step) % SENTENCES.len()]);
            self.used += 1;
        }
        sentences.join(" ")
    }
}

const QUESTIONS: [&str; 15] = [
    "Minister, what was the first thing that you discussed?",
    "Does that mean that the talks have failed?",
    "How many lamps are burning at present, and how many should be?",
    "The Harbour Board says that it was never asked. Was it?",
    "Is there money for this in the budget of the coming year?",
    "What do the keepers themselves think of it?",
    "Have the neighbours of Lumenia been told?",
    "You mentioned gulls. Could you be more precise?",
    "When will the stairs at Needle Rock be repaired?",
    "Would you rule out that horns are used in the night?",
    "Some say that ships find their way without you. What do you answer them?",
    "Who pays for the oil?",
    "What have you learnt from the winter before last?",
    "Will you go to Cape Sorrow yourself?",
    "And what, if I may ask, do you do when the light fails?",
];

const SENTENCES: [&str; 41] = [
    "The lamps of the northern coast were inspected in spring, and each of them was found where it had been left.",
    "We have written to the Harbour Board three times, and we shall write a fourth time when the ink has been delivered.",
    "A keeper who falls asleep is not punished; he is asked what he dreamt of, and it is entered in the log.",
    "Our position has been known since 1874, and those who have forgotten it will find it on the wall of the reading room.",
    "It has been said that radio makes lighthouses superfluous, mostly by people who were ashore when they said it.",
    "The lens weighs four tons, floats in a bath of mercury and can be turned with one finger, preferably a clean one.",
    "Of the forty-one stations of Lumenia thirty-nine can be reached by boat, and the other two by patience.",
    "Ships of all flags see the same light, and this is the whole of our foreign policy.",
    "The figures for the past year are encouraging: fewer ships were lost than in any year in which ships were counted.",
    "Whoever switches off a lamp owes an explanation, not to the Ministry, but to the next ship that comes by.",
    "The gulls have been consulted, and their answer was entered in the log without comment.",
    "On the 14th of the month the tender Patience took oil, flour and two new stairs to the station at Needle Rock.",
    "We do not interfere in the affairs of other coasts, but we do not close our eyes to their darkness either.",
    "The new tower will be built of the stone of the old one, since the stone has done nothing wrong.",
    "In fog the horn is sounded every ninety seconds, and in thick fog every ninety seconds as well, but with more conviction.",
    "A delegation of glaziers visited the station in autumn and praised the view, which they could see for the first time.",
    "The proposal of the Board has been studied with care, and the margins of our copy are now fuller than its pages.",
    "No decision about the keepers can be made without the keepers, who are not easily found in one room.",
    "It took eleven years to agree on the colour of the tower, and it would be a pity to begin again with the door.",
    "Mariners are reminded that the light at Sable Island shows two flashes, a pause, and then two flashes again.",
    "The archive holds every log since the first, except that of 1911, which was lent to a museum and is being asked for.",
    "Our partners know well that a light on one side of a strait is of use to those on the other side, too.",
    "The trade in second-hand foghorns remains a matter of concern, not least to those who live next to the buyers.",
    "The budget allows for one new lamp, two new ropes and the repair of whatever breaks first.",
    "There is no such thing as a decorative lighthouse, just as there is no such thing as a decorative anchor.",
    "Children of keepers attend school by correspondence, and their handwriting is the best in the country.",
    "The exercise was held in calm weather, and will be repeated in weather that is worth the name.",
    "We were told that the matter was closed; we have tried the handle, and it is not.",
    "When the sea is quiet, one can hear the bell of the neighbouring station, and on holidays its choir.",
    "The commission met on two evenings, heard six witnesses, and came to the conclusion that it had been dark.",
    "A lamp that is lit on time is not news, and this is how we should like to keep it.",
    "The agreement enters into force on the day after the last of the parties has found its seal.",
    "It is not true that the keepers of Cape Sorrow played cards; they played draughts, and the score is in the log.",
    "The old paraffin lamps are being kept in good order, since nobody has ever had to restart one.",
    "Captains who thank the light by sounding their horn are asked to do so after eight in the morning.",
    "The tide tables have been printed, and this year they agree with the tide.",
    "We have heard assurances of this kind before, and have filed them under the letter A.",
    "The path to the tower has two hundred and twelve steps, and the Ministry has climbed all of them to be able to say so.",
    "A wreck is always a surprise to the ship and seldom one to the keeper.",
    "The question of who owns the rock was settled in 1902, when both sides agreed that it was mostly under water.",
    "As long as one ship is out there, somebody has to be up here, and we do not see what could be added to that.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::site::Site;
    use chrono::DateTime;

    fn statements() -> Vec<Statement> {
        let mut site = Site::new(DateTime::UNIX_EPOCH);
        for _ in 0..30 {
            site.publish(DateTime::UNIX_EPOCH);
        }
        site.statements
    }

    #[test]
    fn a_statement_has_its_own_text_and_always_the_same() {
        let statements = statements();
        for pair in statements.windows(2) {
            let (one, other) = (paragraphs(&pair[0]), paragraphs(&pair[1]));
            assert!((PARAGRAPHS_MIN..=PARAGRAPHS_MAX).contains(&one.len()));
            assert_eq!(one[0], pair[0].lead);
            assert_eq!(one, paragraphs(&pair[0]));
            assert_ne!(one[1..], other[1..]);
        }
        let counts: std::collections::BTreeSet<_> =
            statements.iter().map(|s| paragraphs(s).len()).collect();
        assert!(counts.len() > 8, "they are of different lengths: {counts:?}");
    }

    #[test]
    fn one_statement_is_very_long_and_interviews_have_questions() {
        let statements = statements();
        let of =
            |words: &str| paragraphs(statements.iter().find(|s| s.title.contains(words)).unwrap());
        let long: usize = of(LONG).iter().map(|p| p.chars().count()).sum();
        assert!(long >= 20_000, "{long}");
        for words in &INTERVIEWS[..2] {
            let text = of(words);
            assert!(text[1].starts_with("Question: ") && text[2].starts_with("Minister: "));
        }
        let all = statements.iter().filter(|s| !s.title.starts_with(LONG));
        assert!(all.map(|s| paragraphs(s).concat().len()).max() < Some(20_000));
    }

    #[test]
    fn the_text_stands_between_what_is_none_of_it() {
        let statements = statements();
        let page = page(&statements[0], statements[1..4].iter());
        for words in ["class=\"menu\"", "class=\"share\"", "class=\"side\"", "class=\"footer\""] {
            assert!(page.contains(words), "{words}");
        }
        assert_eq!(page.matches("<li><a href=\"42").count(), 3);
    }
}
