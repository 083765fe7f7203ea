//! The statements of the institution, and what all of its pages share.

use chrono::NaiveDate;

/// The name of the institution.
pub const TITLE: &str = "Ministry of Lighthouses of Lumenia";

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its number, which is part of its URL.
    pub number: u64,
    /// The day it was published.
    pub date_on: NaiveDate,
    /// Its title.
    pub title: String,
    /// Its lead.
    pub lead: String,
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The style sheet of all pages.
pub(super) const STYLE: &str = "<style>body{font:16px/1.5 Georgia,serif;max-width:46rem;margin:1rem auto;padding:0 1rem}\
    .menu{padding:0}.menu li{display:inline;margin-right:1rem}.clock,.phone{color:#555}td{padding:1rem;background:#eef}\
    .item{margin:1.5rem 0;padding-top:1rem;border-top:1px solid #ccd}\
    .share a{margin-right:.6rem}.side{font-size:.85em;color:#555}.footer{margin-top:2rem;color:#555}</style>";

/// Titles and leads, published in this order and again from the start.
pub(super) const STATEMENTS: [(&str, &str); 16] = [
    (
        "Statement on the winter timetable of the lamps",
        "From the first of the month all lamps are lit at sunset and put out at sunrise, wherever the sun can be seen. Keepers above the sixtieth parallel follow the almanac.",
    ),
    (
        "Comment on the Harbour Board's remarks about \"decorative buildings\"",
        "A lighthouse is as decorative as a seat belt. The Ministry invites the members of the Board to spend one night of their choice at Cape Sorrow, in November.",
    ),
    (
        "Minister's speech at the meeting of keepers, Port Lumen, 24 June 2019",
        "Dear keepers, dear families, dear gulls! You have counted ships for two hundred years, and never lost one. This is more than can be said of any ministry, this one included.",
    ),
    (
        "On the incident at Needle Rock",
        "Last night the motor vessel Perpetua passed on the wrong side of Needle Rock. Nobody was hurt. The lamp was lit, the horn was sounded, and the log was kept.",
    ),
    (
        "Joint statement of the Ministry and the Guild of Glaziers",
        "The parties have agreed on a lens of the first order for the new tower. Work begins in spring.",
    ),
    (
        "Reply to a question of the newspaper The Coastal Courier",
        "Question: Will visitors be charged? Answer: They will be counted.",
    ),
    (
        "Appeal to all masters of vessels",
        "Please do not answer the lighthouses with searchlights. The keepers can see you.",
    ),
    (
        "Telegram of greetings on the 150th anniversary of Sable Island Light",
        "The Minister congratulates the keepers of Sable Island and thanks the four generations who carried the oil up 212 steps, every evening.",
    ),
    ("Statement on fog", "There was fog. The Ministry's position on fog has not changed."),
    (
        "Article by the Minister for the yearbook \"Sea & Shore\"",
        "Whoever builds a light builds for people he will never meet. This is the shortest description of public service that I know, and it fits on a brass plate.",
    ),
    (
        "Statement on the relighting of Cape Sorrow",
        "The lamp of Cape Sorrow will be lit again. The Harbour Board has been informed. So have the ships, which is more important.",
    ),
    (
        "Comment on reports that \"x < y & z > 0\" was sent by signal lamp",
        "The signal was a keeper's homework. It was answered correctly by two trawlers and a submarine <whose flag was not shown>.",
    ),
    (
        "Answers to questions after the talks with the Pilots' Union, 2 May 2020",
        "Ladies and gentlemen, The talks were short and useful. We agreed that pilots go up the side and keepers go up the stairs, and that neither should be asked to do both.",
    ),
    (
        "On the theft of a foghorn",
        "The foghorn of North Pier was taken in the night from Monday to Tuesday. The Ministry asks for its return. It cannot be played quietly.",
    ),
    (
        "Address on Keepers' Day",
        "Today we thank those who stay awake so that others may sleep. The lights of all stations will be shown at noon as well, for those who have never seen one by day.",
    ),
    (
        "Statement on the new tariff of light dues",
        "Light dues remain at one crown a ton, as they have been since 1874. The Ministry sees no reason to change what nobody has complained of.",
    ),
];
