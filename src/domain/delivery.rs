//! What is sent, and what Telegram's answer to it means.
//!
//! Promises: every answer that a send can get is one of these values, so that what follows from it
//! is decided in one place (`store::deliveries`). Leaves out: how answers are told apart on the wire
//! (`telegram::outcome`).

use super::{ChatId, Place, callback::Keyboard};
use std::time::Duration;

/// A message of the bot, in Telegram's HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The text in HTML parse mode; of a file its caption.
    pub html: String,
    /// The buttons below it.
    pub buttons: Keyboard,
}

impl Message {
    /// A message without buttons.
    pub fn new(html: impl Into<String>) -> Self {
        Message { html: html.into(), buttons: Vec::new() }
    }

    /// The same with buttons.
    pub fn with_buttons(mut self, buttons: Keyboard) -> Self {
        self.buttons = buttons;
        self
    }
}

/// An answer to somebody, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Where to.
    pub place: Place,
    /// What.
    pub message: Message,
    /// The message of the bot that becomes this, instead of a new one.
    pub edit_id: Option<i64>,
    /// The message that it answers, where several people write.
    pub reply_id: Option<i64>,
    /// The contents of a file that goes with it.
    pub file: Option<String>,
}

impl Reply {
    /// A new message in a place.
    pub fn new(place: Place, message: Message) -> Self {
        Reply { place, message, edit_id: None, reply_id: None, file: None }
    }
}

/// What is sent, as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub place: Place,
    /// The text, in HTML or (see the manner) without markup.
    pub text: String,
    /// The buttons below it.
    pub buttons: Keyboard,
    /// The message that becomes this.
    pub edit_id: Option<i64>,
    /// The message that it answers.
    pub reply_id: Option<i64>,
    /// The contents of a file that goes with it.
    pub file: Option<String>,
    /// How it is sent.
    pub options: SendOptions,
}

/// What the operator decided about delivery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeliveryConfig {
    /// Messages a second over all chats.
    pub per_second: f64,
    /// Whether pushes go as paid broadcasts.
    pub paid: bool,
    /// Where more new entries of a source than these wait for one place, one message tells of all.
    pub digest_above: usize,
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// As simply as can be, after Telegram refused it otherwise: the text is taken as it stands, and
    /// buttons, preview, reply, edit and payment are left out.
    pub plain: bool,
    /// As a paid broadcast: Telegram lets more of these pass, for Stars.
    pub paid: bool,
    /// Without a sound.
    pub silent: bool,
    /// With a preview of the first address in it.
    pub preview: bool,
}

/// What was learnt about how fast Telegram lets messages pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateEstimate {
    /// The setting it was learnt under, in messages a second.
    pub per_second: f64,
    /// The share of it that is used, from 0 to 1.
    pub fraction: f64,
    /// The share that Telegram complained of.
    pub ceiling: Option<f64>,
    /// Messages since the last complaint.
    pub clean_sends: u32,
}

/// What became of one send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It arrived; Telegram's number of the message.
    Sent(i64),
    /// Too many requests: this chat waits so long.
    RetryAfter(Duration),
    /// It certainly did not arrive: nobody answered the connection.
    NotSent(String),
    /// It may have arrived or not: the answer was lost on the way.
    Unanswered(String),
    /// Telegram itself failed (5xx): probably not sent, but it may have been.
    ServerError(String),
    /// The chat is gone for good: blocked, kicked, deleted.
    ChatGone(String),
    /// The topic is gone, the chat is still there.
    TopicGone(String),
    /// The chat cannot be written to for now: a closed topic, no right to send.
    ChatClosed(String),
    /// The message that it edits or answers is gone, or can be edited no more.
    MessageGone(String),
    /// The group became a supergroup of another number.
    Migrated(ChatId),
    /// Telegram cannot read the markup.
    Malformed(String),
    /// Telegram refuses this message, for a reason that is not known.
    Refused(String),
    /// The token is not valid (any more).
    Unauthorized,
}

impl SendOutcome {
    /// The words for all of them.
    pub const WORDS: [&str; 13] = [
        "sent",
        "retry_after",
        "not_sent",
        "unanswered",
        "server_error",
        "chat_gone",
        "topic_gone",
        "chat_closed",
        "message_gone",
        "migrated",
        "malformed",
        "refused",
        "unauthorized",
    ];

    /// One word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            SendOutcome::Sent(_) => "sent",
            SendOutcome::RetryAfter(_) => "retry_after",
            SendOutcome::NotSent(_) => "not_sent",
            SendOutcome::Unanswered(_) => "unanswered",
            SendOutcome::ServerError(_) => "server_error",
            SendOutcome::ChatGone(_) => "chat_gone",
            SendOutcome::TopicGone(_) => "topic_gone",
            SendOutcome::ChatClosed(_) => "chat_closed",
            SendOutcome::MessageGone(_) => "message_gone",
            SendOutcome::Migrated(_) => "migrated",
            SendOutcome::Malformed(_) => "malformed",
            SendOutcome::Refused(_) => "refused",
            SendOutcome::Unauthorized => "unauthorized",
        }
    }
}

/// What has been tried for one message so far, this attempt included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptHistory {
    /// Attempts, from 1.
    pub attempt: u32,
    /// Attempts after which it may be there: no answer, or a failure of Telegram's own; this one not
    /// included.
    pub unanswered: u32,
    /// Those of them that were made while Telegram answered others.
    pub ignored: u32,
    /// Whether it went as simply as can be: without markup, buttons and all else that may be refused.
    pub is_plain: bool,
    /// Whether it edits or answers another message.
    pub has_reply_or_edit: bool,
    /// How long ago the message was made.
    pub age: Duration,
    /// Whether Telegram answers other messages meanwhile. Where it answers none, silence says nothing
    /// about this one.
    pub others_answered: bool,
}

/// What is to be done after a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Done: Telegram's number of the message.
    Sent(i64),
    /// Try again after this wait, for this reason.
    Again {
        /// The wait.
        wait: Duration,
        /// The reason.
        why: String,
    },
    /// Try again after this wait; it may already have arrived.
    AgainUnanswered {
        /// The wait.
        wait: Duration,
        /// Whether Telegram answered others meanwhile.
        ignored: bool,
    },
    /// Try again at once, as simply as can be: plain text and nothing else. It was refused for this
    /// reason.
    AgainPlain(String),
    /// Try again at once, as a message that edits and answers no other, for this reason.
    AgainAsNew(String),
    /// Try again at once, under the chat's new number.
    Migrate(ChatId),
    /// Give this message up, for this reason.
    Dead(String),
    /// Give the topic up: this message and all that is due there.
    ForgetPlace(String),
    /// Give the chat up: its subscriptions and all that is due there.
    ForgetChat(String),
}

/// Waits before a message is sent again, by the number of times it was tried. A process that is
/// killed over and over lives less long than the next wait, so that kills do not multiply repeats.
const WAITS_S: [u64; 5] = [5, 30, 120, 600, 1800];
/// Sends without an answer, or with a failure of Telegram's own, after which a message is given up if
/// others are answered: it has very likely arrived, in several copies at that.
const UNANSWERED_MAX: u32 = 6;
/// How long, besides, Telegram's own failures and closed chats are waited out.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 3600);
/// How long a message is tried that is never answered, while nothing else is either.
const GIVE_UP_AFTER_UNANSWERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long until a closed topic, or a chat without the right to write, is tried again.
const CLOSED_WAIT: Duration = Duration::from_secs(3600);

impl Settlement {
    /// The rule: what follows from an outcome.
    pub fn of(outcome: &SendOutcome, tries: AttemptHistory) -> Self {
        match outcome {
            SendOutcome::Sent(message_id) => Settlement::Sent(*message_id),
            SendOutcome::RetryAfter(wait) => Settlement::Again {
                wait: *wait,
                why: format!("Too Many Requests: retry after {}", wait.as_secs()),
            },
            // How long nobody is there, `pace` finds out for all messages together.
            SendOutcome::NotSent(why) => Settlement::Again { wait: wait(1), why: why.clone() },
            SendOutcome::Unanswered(why)
                if is_exhausted(tries) || is_retried_without_limit(tries) =>
            {
                Settlement::Dead(format!("no answer in {} attempts ({why})", tries.unanswered + 1))
            }
            SendOutcome::ServerError(why) if is_exhausted(tries) && tries.age > GIVE_UP_AFTER => {
                Settlement::Dead(why.clone())
            }
            // A failure may come after the message was posted.
            SendOutcome::Unanswered(_) | SendOutcome::ServerError(_) => {
                let wait = wait(tries.unanswered + 1);
                Settlement::AgainUnanswered { wait, ignored: tries.others_answered }
            }
            SendOutcome::ChatClosed(why) if tries.age > GIVE_UP_AFTER => {
                Settlement::Dead(why.clone())
            }
            SendOutcome::ChatClosed(why) => {
                Settlement::Again { wait: CLOSED_WAIT, why: why.clone() }
            }
            SendOutcome::ChatGone(why) => Settlement::ForgetChat(why.clone()),
            SendOutcome::TopicGone(why) => Settlement::ForgetPlace(why.clone()),
            SendOutcome::Migrated(chat) => Settlement::Migrate(*chat),
            // Whoever pressed a button wants to see what came of it, if not there, then below.
            SendOutcome::MessageGone(why) if tries.has_reply_or_edit && !tries.is_plain => {
                Settlement::AgainAsNew(why.clone())
            }
            SendOutcome::Malformed(why)
            | SendOutcome::Refused(why)
            | SendOutcome::MessageGone(why) => match tries.is_plain {
                false => Settlement::AgainPlain(why.clone()),
                true => Settlement::Dead(why.clone()),
            },
            // Nothing is known about the message; the token has to be mended first.
            SendOutcome::Unauthorized => {
                Settlement::Again { wait: wait(1), why: "Unauthorized".to_owned() }
            }
        }
    }
}

impl Settlement {
    /// The same rule for a send that a crash left without an answer, given how many were left so
    /// before it. Never the end: a process that is killed in a loop sends nothing twice in it, and
    /// what it was about to send has not arrived.
    pub fn wait_after_crash(unanswered: u32) -> Duration {
        wait(unanswered + 1)
    }
}

/// Whether it is this message that is not answered, and has been often enough.
fn is_exhausted(tries: AttemptHistory) -> bool {
    tries.others_answered && tries.ignored + 1 >= UNANSWERED_MAX
}

/// Whether it was tried for so long that it is not worth another copy, where there are no others to
/// compare it with.
fn is_retried_without_limit(tries: AttemptHistory) -> bool {
    tries.unanswered + 1 >= UNANSWERED_MAX && tries.age > GIVE_UP_AFTER_UNANSWERED
}

/// The wait after the `n`th failure, `n` from 1.
fn wait(n: u32) -> Duration {
    let n = usize::try_from(n).unwrap_or(usize::MAX).clamp(1, WAITS_S.len());
    Duration::from_secs(WAITS_S[n - 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_outcome_has_its_consequence() {
        use SendOutcome as O;
        use Settlement as S;
        let seconds = Duration::from_secs;
        let why = || "why".to_owned();
        let fresh = AttemptHistory { attempt: 1, ..AttemptHistory::default() };
        let plain = AttemptHistory { is_plain: true, ..fresh };
        let late = AttemptHistory { age: seconds(25 * 3600), ..fresh };
        let often = AttemptHistory {
            attempt: 9,
            unanswered: 5,
            ignored: 5,
            others_answered: true,
            ..fresh
        };
        let in_silence = AttemptHistory { others_answered: false, ..often };
        let after_silence = AttemptHistory { unanswered: 50, ignored: 4, ..often };
        let for_ever = AttemptHistory { age: seconds(8 * 24 * 3600), ..in_silence };
        let once = AttemptHistory { unanswered: 1, ..fresh };
        let within = |hours: u64, tries: AttemptHistory| AttemptHistory {
            age: seconds(hours * 3600),
            ..tries
        };
        let again = |n, ignored| S::AgainUnanswered { wait: seconds(n), ignored };
        let after = |n, why: &str| S::Again { wait: seconds(n), why: why.to_owned() };
        let refers = AttemptHistory { has_reply_or_edit: true, ..fresh };
        let plain_refers = AttemptHistory { has_reply_or_edit: true, ..plain };
        let often_and_late = AttemptHistory { age: seconds(25 * 3600), ..often };
        let cases = [
            (O::Sent(7), fresh, S::Sent(7)),
            (O::RetryAfter(seconds(17)), fresh, after(17, "Too Many Requests: retry after 17")),
            (O::NotSent(why()), often, after(5, "why")),
            (O::Unanswered(why()), fresh, again(5, false)),
            (O::Unanswered(why()), often, S::Dead("no answer in 6 attempts (why)".into())),
            (O::Unanswered(why()), in_silence, again(1800, false)),
            // Whatever was tried in a silence before: what meets one failure is not given up for it.
            (O::Unanswered(why()), after_silence, again(1800, true)),
            (O::Unanswered(why()), for_ever, S::Dead("no answer in 6 attempts (why)".into())),
            (O::Unanswered(why()), within(7 * 24, in_silence), again(1800, false)),
            (O::Unanswered(why()), once, again(30, false)),
            (O::ServerError(why()), within(24, often), again(1800, true)),
            (O::ChatClosed(why()), within(24, fresh), after(3600, "why")),
            (O::Unanswered(why()), late, again(5, false)),
            (O::ServerError(why()), fresh, again(5, false)),
            (O::ServerError(why()), often, again(1800, true)),
            // A day of silence is no reason to give up what then meets one failure.
            (O::ServerError(why()), late, again(5, false)),
            (O::ServerError(why()), often_and_late, S::Dead(why())),
            (O::ChatClosed(why()), fresh, after(3600, "why")),
            (O::ChatClosed(why()), late, S::Dead(why())),
            (O::ChatGone(why()), fresh, S::ForgetChat(why())),
            (O::TopicGone(why()), fresh, S::ForgetPlace(why())),
            (O::Migrated(ChatId(-100)), fresh, S::Migrate(ChatId(-100))),
            (O::Malformed(why()), fresh, S::AgainPlain(why())),
            (O::Malformed(why()), plain, S::Dead(why())),
            (O::Refused(why()), fresh, S::AgainPlain(why())),
            (O::Refused(why()), refers, S::AgainPlain(why())),
            (O::Refused(why()), plain, S::Dead(why())),
            // However late: what is refused is not tried for longer.
            (O::Refused(why()), late, S::AgainPlain(why())),
            (O::MessageGone(why()), refers, S::AgainAsNew(why())),
            (O::MessageGone(why()), fresh, S::AgainPlain(why())),
            (O::MessageGone(why()), plain_refers, S::Dead(why())),
            (O::Unauthorized, fresh, after(5, "Unauthorized")),
        ];
        assert_eq!([0, 1, 9].map(S::wait_after_crash), [5, 30, 1800].map(seconds));
        let words: BTreeSet<_> = cases.iter().map(|(outcome, ..)| outcome.as_str()).collect();
        assert_eq!(words, BTreeSet::from(SendOutcome::WORDS));
        for (outcome, tries, expected) in cases {
            assert_eq!(Settlement::of(&outcome, tries), expected, "{outcome:?} {tries:?}");
        }
    }
}
