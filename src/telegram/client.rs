//! The client of the Bot API, through teloxide's typed requests.

use super::{
    CallError, Incoming, InlineResult, Me, Scope, Telegram, outcome,
    updates::{self, KINDS, Recent, parse_update},
};
use crate::{
    config::Token,
    domain::{ButtonKind, ChatId, Keyboard, Lang, MessageId, Outgoing, SendOutcome, UserId},
};
use serde::Serialize;
use serde_json::Value;
use std::{
    fmt,
    future::IntoFuture,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use teloxide::{
    RequestError,
    payloads::{
        AnswerCallbackQuerySetters, AnswerInlineQuerySetters, DeleteWebhookSetters,
        EditMessageTextSetters, SendDocumentSetters, SendMessageSetters, SetMyCommandsSetters,
    },
    requests::{JsonRequest, Payload, Requester},
    types::{
        self, BotCommand, BotCommandScope, CallbackQueryId, InlineKeyboardButton,
        InlineKeyboardMarkup, InlineQueryId, InlineQueryResult, InlineQueryResultArticle,
        InputFile, InputMessageContent, InputMessageContentText, LinkPreviewOptions, ParseMode,
        Recipient, ReplyParameters,
    },
};
use url::Url;

/// Longer than Telegram needs for anything, and than the longest wait for updates.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a command waits for the reply whether its sender is an admin.
const ADMIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Updates that are requested at once; Telegram's own limit.
const UPDATES_MAX: u8 = 100;
/// How long Telegram may cache the reply to an inline query, for the same user.
const INLINE_CACHE_S: u32 = 30;
/// The name of a file that is sent.
const FILE_NAME: &str = "communique.json";

/// A client of the Bot API.
#[derive(Clone)]
pub struct Client {
    bot: teloxide::Bot,
    recent: Arc<Mutex<Recent>>,
}

/// The request for updates. teloxide's own has 32 bits for update IDs, and one update that cannot
/// be parsed makes its whole response unparsable.
#[derive(Clone, Debug, Serialize)]
struct GetUpdates {
    offset: i64,
    limit: u8,
    timeout: u64,
    /// Sent with every request, since Telegram remembers the last value.
    allowed_updates: [&'static str; KINDS.len()],
}

impl Payload for GetUpdates {
    type Output = Vec<Value>;

    const NAME: &'static str = "GetUpdates";
}

impl fmt::Debug for Client {
    // The bot's own Debug would show the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}

impl Client {
    /// Creates a client for a token, at the address of a Bot API server.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(token: &Token, api_url: Url) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(CALL_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .build()?;
        let bot = teloxide::Bot::with_client(token.reveal(), http).set_api_url(api_url);
        Ok(Client { bot, recent: Arc::default() })
    }
}

impl Client {
    /// Whether the last response had a new update.
    pub fn has_news(&self) -> bool {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).has_news()
    }

    async fn ask_for_updates(
        &self,
        offset: i64,
        limit: u8,
        wait: Duration,
    ) -> Result<Vec<Incoming>, RequestError> {
        let timeout = wait.as_secs();
        let payload = GetUpdates { offset, limit, timeout, allowed_updates: KINDS };
        let updates = JsonRequest::new(self.bot.clone(), payload).await?;
        Ok(updates.into_iter().filter_map(parse_update).collect())
    }
}

/// The error for a method that the server does not support.
const NO_METHOD: &str = "the server of TELOXIDE_API_URL does not know this method";

impl Telegram for Client {
    async fn me(&self) -> Result<Me, CallError> {
        let me = self.bot.get_me().await.map_err(|error| outcome::classify_call(&error))?;
        let id = UserId(i64::try_from(me.id.0).unwrap_or_default());
        Ok(Me { id, username: me.username().to_owned() })
    }

    async fn updates(&self, offset: i64, wait: Duration) -> Result<Vec<Incoming>, CallError> {
        let updates = match self.ask_for_updates(offset, UPDATES_MAX, wait).await {
            Ok(updates) => updates,
            // One unparsable update makes the whole response unparsable. Request one update at a
            // time to find it.
            Err(RequestError::InvalidJson { raw, .. }) if raw.contains("\"update_id\"") => {
                match self.ask_for_updates(offset, 1, Duration::ZERO).await {
                    Err(RequestError::InvalidJson { raw, source }) => {
                        let broken = updates::of_text(&raw).map(|update| vec![update]);
                        let error = RequestError::InvalidJson { raw, source };
                        broken.ok_or_else(|| outcome::classify_call(&error))?
                    }
                    answered => answered.map_err(|error| outcome::classify_call(&error))?,
                }
            }
            Err(error) => return Err(outcome::classify_call(&error)),
        };
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).note(&updates);
        Ok(updates)
    }

    async fn delete_webhook(&self) -> Result<(), CallError> {
        let request = self.bot.delete_webhook().drop_pending_updates(false);
        request.await.map(drop).map_err(|error| outcome::classify_call(&error))
    }

    async fn set_menu(
        &self,
        lang: Option<Lang>,
        scope: Scope,
        menu: &[(&str, &str)],
    ) -> Result<(), CallError> {
        let commands = menu.iter().map(|(name, description)| BotCommand::new(*name, *description));
        let mut request = self.bot.set_my_commands(commands).scope(match scope {
            Scope::Private => BotCommandScope::AllPrivateChats,
            Scope::Group => BotCommandScope::AllGroupChats,
            Scope::GroupAdmins => BotCommandScope::AllChatAdministrators,
        });
        if let Some(lang) = lang {
            request = request.language_code(lang.code());
        }
        match request.await {
            Ok(_) => Ok(()),
            Err(error) => Err(match outcome::classify_call(&error) {
                CallError::Unauthorized if self.is_token_valid().await => {
                    CallError::Failed(NO_METHOD.to_owned())
                }
                error => error,
            }),
        }
    }

    async fn is_admin(&self, chat: ChatId, user_id: UserId) -> Result<bool, CallError> {
        let user = types::UserId(u64::try_from(user_id.0).unwrap_or_default());
        let request = self.bot.get_chat_member(types::ChatId(chat.0), user);
        match tokio::time::timeout(ADMIN_TIMEOUT, request.into_future()).await {
            Ok(Ok(member)) => Ok(member.is_privileged()),
            Ok(Err(error)) => match outcome::classify_send(&error) {
                // Telegram lists no admins of a chat without the bot.
                SendOutcome::ChatGone(_) => Ok(false),
                _ => Err(outcome::classify_call(&error)),
            },
            Err(_) => Err(CallError::Failed("no answer in time".to_owned())),
        }
    }

    async fn find_channel(&self, name: &str) -> Result<Option<ChatId>, CallError> {
        let request = self.bot.get_chat(Recipient::ChannelUsername(name.to_owned()));
        match tokio::time::timeout(ADMIN_TIMEOUT, request.into_future()).await {
            Ok(Ok(chat)) => Ok(chat.is_channel().then_some(ChatId(chat.id.0))),
            Ok(Err(error)) => match outcome::classify_send(&error) {
                SendOutcome::ChatGone(_) | SendOutcome::ChatClosed(_) | SendOutcome::Refused(_) => {
                    Ok(None)
                }
                _ => Err(outcome::classify_call(&error)),
            },
            Err(_) => Err(CallError::Failed("no answer in time".to_owned())),
        }
    }

    async fn answer_callback_query(
        &self,
        query_id: &str,
        words: Option<&str>,
    ) -> Result<(), CallError> {
        let mut request = self.bot.answer_callback_query(CallbackQueryId(query_id.to_owned()));
        if let Some(words) = words {
            request = request.text(words);
        }
        self.with_timeout(request).await
    }

    async fn answer_inline_query(
        &self,
        query_id: &str,
        offers: &[InlineResult],
    ) -> Result<(), CallError> {
        let results = offers.iter().map(|offer| {
            let text = InputMessageContentText::new(&offer.html)
                .parse_mode(ParseMode::Html)
                .link_preview_options(preview(false));
            let article = InlineQueryResultArticle::new(
                offer.entry_id.to_string(),
                &offer.title,
                InputMessageContent::Text(text),
            );
            InlineQueryResult::Article(article.description(&offer.description))
        });
        let request = self
            .bot
            .answer_inline_query(InlineQueryId(query_id.to_owned()), results)
            .is_personal(true)
            .cache_time(INLINE_CACHE_S);
        self.with_timeout(request).await
    }

    async fn send(&self, message: &Outgoing) -> SendOutcome {
        let sent = match (message.edit_id, &message.file) {
            (Some(message_id), _) => return self.edit(message, message_id).await,
            (None, Some(file)) => self.send_file(message, file).await,
            (None, None) => self.send_text(message).await,
        };
        match sent {
            Ok(message) => SendOutcome::Sent(MessageId(i64::from(message.id.0))),
            Err(error) if message.file.is_some() => self.classify_further(&error).await,
            Err(error) => outcome::classify_send(&error),
        }
    }
}

type Sent = Result<types::Message, teloxide::RequestError>;

impl Client {
    /// Runs a call with a short timeout.
    async fn with_timeout<T>(
        &self,
        request: impl IntoFuture<Output = Result<T, teloxide::RequestError>>,
    ) -> Result<(), CallError> {
        match tokio::time::timeout(ADMIN_TIMEOUT, request.into_future()).await {
            Ok(done) => done.map(drop).map_err(|error| outcome::classify_call(&error)),
            Err(_) => Err(CallError::Failed("no answer in time".to_owned())),
        }
    }

    /// Classifies an error of a call that a self-hosted server may not know. teloxide has one error
    /// for a refused token and for an unknown method.
    async fn classify_further(&self, error: &teloxide::RequestError) -> SendOutcome {
        match outcome::classify_send(error) {
            SendOutcome::Unauthorized if self.is_token_valid().await => {
                SendOutcome::Refused(NO_METHOD.to_owned())
            }
            outcome => outcome,
        }
    }

    /// Whether the token is accepted.
    async fn is_token_valid(&self) -> bool {
        self.bot.get_me().await.is_ok()
    }

    async fn send_text(&self, message: &Outgoing) -> Sent {
        let mut request = self
            .bot
            .send_message(types::ChatId(message.place.chat.0), &message.text)
            .link_preview_options(preview(message.options.preview));
        if !message.options.plain {
            request = request.parse_mode(ParseMode::Html);
        }
        if message.options.paid {
            request = request.allow_paid_broadcast(true);
        }
        if message.options.silent {
            request = request.disable_notification(true);
        }
        if let Some(thread) = message.place.thread {
            request = request.message_thread_id(types::ThreadId(types::MessageId(thread.0)));
        }
        if let Some(reply) = reply_to(message) {
            request = request.reply_parameters(reply);
        }
        if let Some(markup) = markup(&message.buttons) {
            request = request.reply_markup(markup);
        }
        request.await
    }

    async fn send_file(&self, message: &Outgoing, file: &str) -> Sent {
        let file = InputFile::memory(file.to_owned()).file_name(FILE_NAME);
        let mut request = self
            .bot
            .send_document(types::ChatId(message.place.chat.0), file)
            .caption(&message.text);
        if !message.options.plain {
            request = request.parse_mode(ParseMode::Html);
        }
        if let Some(thread) = message.place.thread {
            request = request.message_thread_id(types::ThreadId(types::MessageId(thread.0)));
        }
        if let Some(reply) = reply_to(message) {
            request = request.reply_parameters(reply);
        }
        request.await
    }

    /// Edits a message. "Not modified" counts as success.
    async fn edit(&self, message: &Outgoing, message_id: MessageId) -> SendOutcome {
        let id = types::MessageId(i32::try_from(message_id.0).unwrap_or_default());
        let mut request = self
            .bot
            .edit_message_text(types::ChatId(message.place.chat.0), id, &message.text)
            .link_preview_options(preview(message.options.preview));
        if !message.options.plain {
            request = request.parse_mode(ParseMode::Html);
        }
        if let Some(markup) = markup(&message.buttons) {
            request = request.reply_markup(markup);
        }
        match request.await {
            Ok(_) => SendOutcome::Sent(message_id),
            Err(error) => match self.classify_further(&error).await {
                SendOutcome::Refused(why) if outcome::is_unchanged(&why) => {
                    SendOutcome::Sent(message_id)
                }
                outcome => outcome,
            },
        }
    }
}

fn reply_to(message: &Outgoing) -> Option<ReplyParameters> {
    let id = i32::try_from(message.reply_id?.0).ok()?;
    Some(ReplyParameters {
        message_id: types::MessageId(id),
        // It may have been deleted meanwhile.
        allow_sending_without_reply: Some(true),
        ..ReplyParameters::default()
    })
}

/// Returns the buttons in Telegram's form, without those whose address it would refuse.
fn markup(buttons: &Keyboard) -> Option<InlineKeyboardMarkup> {
    let button = |button: &crate::domain::Button| match &button.press {
        ButtonKind::Callback(data) => Some(InlineKeyboardButton::callback(&button.text, data)),
        ButtonKind::Url(url) => Some(InlineKeyboardButton::url(&button.text, url.parse().ok()?)),
    };
    let rows = buttons.iter().map(|row| row.iter().filter_map(button).collect::<Vec<_>>());
    let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// Returns whether the preview of a linked page is shown: the message itself is the preview, unless
/// its readers chose another.
fn preview(is_wanted: bool) -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: !is_wanted,
        url: None,
        prefer_small_media: is_wanted,
        prefer_large_media: false,
        show_above_text: false,
    }
}
