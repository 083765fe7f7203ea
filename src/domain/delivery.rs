//! Messages, the outcome of a send, and the settlement that follows from it.
//!
//! The rule of what follows from an outcome is [`Settlement::of`].
//! Guarantees: every response to a send is one [`SendOutcome`], and nothing else decides what
//! follows from it.
//! Out of scope: classifying responses of the Bot API (`telegram::outcome`), and storing a
//! settlement (`store::outbox`).

use super::{ChatId, MessageId, Place, callback::Keyboard, word_enum::word_enum};
use std::time::Duration;

/// A message of the bot, in Telegram's HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The text in HTML parse mode; the caption, if a file is sent.
    pub html: String,
    /// The buttons below it.
    pub buttons: Keyboard,
}

impl Message {
    /// A message without buttons.
    pub fn new(html: impl Into<String>) -> Self {
        Message { html: html.into(), buttons: Vec::new() }
    }

    /// Returns the message with these buttons.
    pub fn with_buttons(mut self, buttons: Keyboard) -> Self {
        self.buttons = buttons;
        self
    }
}

/// A reply to a command or a button, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Where it is sent.
    pub place: Place,
    /// The message.
    pub message: Message,
    /// The message of the bot that is edited, instead of sending a new one.
    pub edit_id: Option<MessageId>,
    /// The message that it replies to, in chats of several people.
    pub reply_id: Option<MessageId>,
    /// The contents of a file that is sent with it.
    pub file: Option<String>,
}

impl Reply {
    /// A new message in a place.
    pub fn new(place: Place, message: Message) -> Self {
        Reply { place, message, edit_id: None, reply_id: None, file: None }
    }
}

/// A message as it is passed to the Bot API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it is sent.
    pub place: Place,
    /// The text: HTML, or plain text if `options.plain` is set.
    pub text: String,
    /// The buttons below it.
    pub buttons: Keyboard,
    /// The message that is edited.
    pub edit_id: Option<MessageId>,
    /// The message that it replies to.
    pub reply_id: Option<MessageId>,
    /// The contents of a file that is sent with it.
    pub file: Option<String>,
    /// How it is sent.
    pub options: SendOptions,
}

/// The operator's configuration of delivery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeliveryConfig {
    /// The most messages per second, over all chats.
    pub per_second: f64,
    /// Whether everything but replies is sent as a paid broadcast.
    pub paid: bool,
    /// More waiting entries of a source than this are sent to a place as one digest.
    pub digest_above: usize,
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// As plain text, after Telegram refused the message: without markup, buttons, preview, reply,
    /// edit or payment.
    pub plain: bool,
    /// As a paid broadcast: Telegram allows more messages per second, and charges Stars.
    pub paid: bool,
    /// Without a notification sound.
    pub silent: bool,
    /// With a preview of the first link.
    pub preview: bool,
}

/// The state of the rate limiter that outlives the process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateEstimate {
    /// The configured limit under which it was measured, in messages per second.
    pub per_second: f64,
    /// The fraction of the limit that is used, from 0 to 1.
    pub fraction: f64,
    /// The lowest fraction that recently led to a 429 response, if any.
    pub ceiling: Option<f64>,
    /// Messages sent since the last 429 response.
    pub clean_sends: u32,
}

/// The outcome of one send attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It arrived; the message id.
    Sent(MessageId),
    /// Too many requests (429): nothing may be sent to this chat for this long.
    RetryAfter(Duration),
    /// It did not arrive: there was no connection.
    NotSent(String),
    /// It may have arrived: there was a connection, and no response.
    Unanswered(String),
    /// Telegram failed (5xx): it may have arrived, but probably did not.
    ServerError(String),
    /// The chat is gone for good: the bot was blocked or removed, or the chat was deleted.
    ChatGone(String),
    /// The topic is gone; the chat is still there.
    TopicGone(String),
    /// The bot may not write there at the moment: a closed topic, a missing permission.
    ChatClosed(String),
    /// The message that it edits or replies to is gone, or cannot be edited any more.
    MessageGone(String),
    /// The group became a supergroup with another id.
    Migrated(ChatId),
    /// Telegram cannot parse the markup.
    Malformed(String),
    /// Telegram refuses the message for another reason.
    Refused(String),
    /// The token is not valid, or not any more.
    Unauthorized,
}

/// The variant of a [`SendOutcome`], as metrics name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are those of `SendOutcome`")]
pub enum SendOutcomeKind {
    Sent,
    RetryAfter,
    NotSent,
    Unanswered,
    ServerError,
    ChatGone,
    TopicGone,
    ChatClosed,
    MessageGone,
    Migrated,
    Malformed,
    Refused,
    Unauthorized,
}

word_enum!(SendOutcomeKind {
    Sent => "sent",
    RetryAfter => "retry_after",
    NotSent => "not_sent",
    Unanswered => "unanswered",
    ServerError => "server_error",
    ChatGone => "chat_gone",
    TopicGone => "topic_gone",
    ChatClosed => "chat_closed",
    MessageGone => "message_gone",
    Migrated => "migrated",
    Malformed => "malformed",
    Refused => "refused",
    Unauthorized => "unauthorized",
});

impl SendOutcome {
    /// Its variant.
    pub fn kind(&self) -> SendOutcomeKind {
        match self {
            SendOutcome::Sent(_) => SendOutcomeKind::Sent,
            SendOutcome::RetryAfter(_) => SendOutcomeKind::RetryAfter,
            SendOutcome::NotSent(_) => SendOutcomeKind::NotSent,
            SendOutcome::Unanswered(_) => SendOutcomeKind::Unanswered,
            SendOutcome::ServerError(_) => SendOutcomeKind::ServerError,
            SendOutcome::ChatGone(_) => SendOutcomeKind::ChatGone,
            SendOutcome::TopicGone(_) => SendOutcomeKind::TopicGone,
            SendOutcome::ChatClosed(_) => SendOutcomeKind::ChatClosed,
            SendOutcome::MessageGone(_) => SendOutcomeKind::MessageGone,
            SendOutcome::Migrated(_) => SendOutcomeKind::Migrated,
            SendOutcome::Malformed(_) => SendOutcomeKind::Malformed,
            SendOutcome::Refused(_) => SendOutcomeKind::Refused,
            SendOutcome::Unauthorized => SendOutcomeKind::Unauthorized,
        }
    }

    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        self.kind().as_str()
    }
}

/// The attempts for one delivery so far, the current one included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptHistory {
    /// Attempts, from 1.
    pub attempt: u32,
    /// Earlier attempts that may have arrived: without a response, or with a failure of Telegram.
    pub unanswered: u32,
    /// Those of them during which Telegram answered other messages.
    pub ignored: u32,
    /// Whether it was sent as plain text, without markup and buttons.
    pub is_plain: bool,
    /// Whether it edits or replies to another message.
    pub has_reply_or_edit: bool,
    /// How long ago the delivery was created.
    pub age: Duration,
    /// Whether Telegram answers other messages. If it answers none, a missing response says nothing
    /// about this message.
    pub others_answered: bool,
}

/// What happens to a delivery after a send attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It was sent; the message id.
    Sent(MessageId),
    /// Try again after a wait.
    Again {
        /// The wait.
        wait: Duration,
        /// Why it was not sent.
        why: String,
    },
    /// Try again after a wait; it may have arrived already.
    AgainUnanswered {
        /// The wait.
        wait: Duration,
        /// Whether Telegram answered other messages meanwhile.
        ignored: bool,
    },
    /// Try again at once as plain text; why it was refused.
    AgainPlain(String),
    /// Try again at once as a new message that neither edits nor replies; why.
    AgainAsNew(String),
    /// Try again at once, under the new id of the chat.
    Migrate(ChatId),
    /// Give this delivery up; why.
    Dead(String),
    /// Give the topic up, with everything that is due there; why.
    ForgetPlace(String),
    /// Give the chat up, with its subscriptions and everything that is due there; why.
    ForgetChat(String),
}

/// Seconds to wait before a message is sent again, by the number of attempts. Repeated crashes
/// cannot multiply duplicates: the process dies before the wait ends.
const WAITS_S: [u64; 5] = [5, 30, 120, 600, 1800];
/// Attempts without a response, or with a failure of Telegram, after which a delivery is given up if
/// others are answered: it has very likely arrived, in several copies.
const UNANSWERED_MAX: u32 = 6;
/// How old a delivery must also be to be given up after failures of Telegram, or in a closed chat.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24 * 3600);
/// The age at which a delivery is given up while Telegram answers nothing at all.
const GIVE_UP_AFTER_UNANSWERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// The wait before a closed topic, or a chat that the bot may not write to, is tried again.
const CLOSED_WAIT: Duration = Duration::from_secs(3600);

impl Settlement {
    /// Decides what follows from an outcome.
    pub fn of(outcome: &SendOutcome, tries: AttemptHistory) -> Self {
        match outcome {
            SendOutcome::Sent(message_id) => Settlement::Sent(*message_id),
            SendOutcome::RetryAfter(wait) => Settlement::Again {
                wait: *wait,
                why: format!("Too Many Requests: retry after {}", wait.as_secs()),
            },
            // The rate limiter backs off for all messages together.
            SendOutcome::NotSent(why) => Settlement::Again { wait: wait(1), why: why.clone() },
            SendOutcome::Unanswered(why)
                if is_exhausted(tries) || is_retried_without_limit(tries) =>
            {
                Settlement::Dead(format!("no answer in {} attempts ({why})", tries.unanswered + 1))
            }
            SendOutcome::ServerError(why) if is_exhausted(tries) && tries.age > GIVE_UP_AFTER => {
                Settlement::Dead(why.clone())
            }
            // The failure may have come after the message was posted.
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
            // The user pressed a button and expects the result: as a new message, then.
            SendOutcome::MessageGone(why) if tries.has_reply_or_edit && !tries.is_plain => {
                Settlement::AgainAsNew(why.clone())
            }
            SendOutcome::Malformed(why)
            | SendOutcome::Refused(why)
            | SendOutcome::MessageGone(why) => match tries.is_plain {
                false => Settlement::AgainPlain(why.clone()),
                true => Settlement::Dead(why.clone()),
            },
            // This says nothing about the message; the token has to be replaced first.
            SendOutcome::Unauthorized => {
                Settlement::Again { wait: wait(1), why: "Unauthorized".to_owned() }
            }
        }
    }
}

impl Settlement {
    /// The wait after a crash left a send without a response, by the number of earlier attempts
    /// without one. A crash never gives a delivery up: a process that is killed in a loop may not
    /// have sent it at all.
    pub fn wait_after_crash(unanswered: u32) -> Duration {
        wait(unanswered + 1)
    }
}

/// Whether this message had no response in too many attempts while others were answered.
fn is_exhausted(tries: AttemptHistory) -> bool {
    tries.others_answered && tries.ignored + 1 >= UNANSWERED_MAX
}

/// Whether to give up because the message had no response for a week, even if Telegram answered
/// nothing else either.
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
            (O::Sent(MessageId(7)), fresh, S::Sent(MessageId(7))),
            (O::RetryAfter(seconds(17)), fresh, after(17, "Too Many Requests: retry after 17")),
            (O::NotSent(why()), often, after(5, "why")),
            (O::Unanswered(why()), fresh, again(5, false)),
            (O::Unanswered(why()), often, S::Dead("no answer in 6 attempts (why)".into())),
            (O::Unanswered(why()), in_silence, again(1800, false)),
            // Attempts during an outage do not count towards giving up after it.
            (O::Unanswered(why()), after_silence, again(1800, true)),
            (O::Unanswered(why()), for_ever, S::Dead("no answer in 6 attempts (why)".into())),
            (O::Unanswered(why()), within(7 * 24, in_silence), again(1800, false)),
            (O::Unanswered(why()), once, again(30, false)),
            (O::ServerError(why()), within(24, often), again(1800, true)),
            (O::ChatClosed(why()), within(24, fresh), after(3600, "why")),
            (O::Unanswered(why()), late, again(5, false)),
            (O::ServerError(why()), fresh, again(5, false)),
            (O::ServerError(why()), often, again(1800, true)),
            // Age alone is no reason to give up after one failure.
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
            // Age makes no difference to a refusal.
            (O::Refused(why()), late, S::AgainPlain(why())),
            (O::MessageGone(why()), refers, S::AgainAsNew(why())),
            (O::MessageGone(why()), fresh, S::AgainPlain(why())),
            (O::MessageGone(why()), plain_refers, S::Dead(why())),
            (O::Unauthorized, fresh, after(5, "Unauthorized")),
        ];
        assert_eq!([0, 1, 9].map(S::wait_after_crash), [5, 30, 1800].map(seconds));
        let kinds: BTreeSet<_> = cases.iter().map(|(outcome, ..)| outcome.kind()).collect();
        assert!(kinds.iter().eq(SendOutcomeKind::ALL), "an outcome has no case: {kinds:?}");
        for (outcome, tries, expected) in cases {
            assert_eq!(Settlement::of(&outcome, tries), expected, "{outcome:?} {tries:?}");
        }
    }
}
