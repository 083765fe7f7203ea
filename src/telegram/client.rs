//! The door to the real Bot API, through teloxide's typed requests.

use super::{CallError, Incoming, Me, Telegram, outcome, updates::incoming};
use crate::{
    config::Token,
    domain::{ChatId, Manner, Place, SendOutcome},
    lang::Lang,
};
use std::{fmt, time::Duration};
use teloxide::{
    payloads::{DeleteWebhookSetters, GetUpdatesSetters, SendMessageSetters, SetMyCommandsSetters},
    requests::Requester,
    types::{self, AllowedUpdate, BotCommand, LinkPreviewOptions, MessageId, ParseMode, UserId},
};
use url::Url;

/// Longer than Telegram takes for anything, and than the longest wait for updates.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A command waits no longer than this for the answer whether its sender is an admin.
const ADMIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Updates asked for at once; Telegram's own limit.
const UPDATES_MAX: u8 = 100;
/// The kinds of updates that mean something to the bot. Sent with every request, since Telegram
/// remembers the last word on it.
const KINDS: [AllowedUpdate; 3] =
    [AllowedUpdate::Message, AllowedUpdate::ChannelPost, AllowedUpdate::MyChatMember];

/// A client of the Bot API.
#[derive(Clone)]
pub struct Client {
    bot: teloxide::Bot,
}

impl fmt::Debug for Client {
    // The bot's own Debug would show the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}

impl Client {
    /// Opens the door for a token, at the address of a Bot API server.
    ///
    /// # Errors
    /// When the system has no usable TLS set-up.
    pub fn new(token: &Token, api_url: Url) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(CALL_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .build()?;
        let bot = teloxide::Bot::with_client(token.reveal(), http).set_api_url(api_url);
        Ok(Client { bot })
    }
}

impl Telegram for Client {
    async fn me(&self) -> Result<Me, CallError> {
        let me = self.bot.get_me().await.map_err(|error| outcome::of_call(&error))?;
        let id = i64::try_from(me.id.0).unwrap_or_default();
        Ok(Me { id, username: me.username().to_owned() })
    }

    async fn updates(&self, offset: i64, wait: Duration) -> Result<Vec<Incoming>, CallError> {
        let request = self
            .bot
            .get_updates()
            .offset(i32::try_from(offset).unwrap_or_default())
            .limit(UPDATES_MAX)
            .timeout(u32::try_from(wait.as_secs()).unwrap_or_default())
            .allowed_updates(KINDS);
        let updates = request.await.map_err(|error| outcome::of_call(&error))?;
        Ok(updates.into_iter().map(incoming).collect())
    }

    async fn delete_webhook(&self) -> Result<(), CallError> {
        let request = self.bot.delete_webhook().drop_pending_updates(false);
        request.await.map(drop).map_err(|error| outcome::of_call(&error))
    }

    async fn set_menu(&self, lang: Option<Lang>, menu: &[(&str, &str)]) -> Result<(), CallError> {
        let commands = menu.iter().map(|(name, description)| BotCommand::new(*name, *description));
        let mut request = self.bot.set_my_commands(commands);
        if let Some(lang) = lang {
            request = request.language_code(lang.code());
        }
        request.await.map(drop).map_err(|error| outcome::of_call(&error))
    }

    async fn is_admin(&self, chat: ChatId, user_id: i64) -> Result<bool, CallError> {
        let user = UserId(u64::try_from(user_id).unwrap_or_default());
        let request = self.bot.get_chat_member(types::ChatId(chat.0), user);
        match tokio::time::timeout(ADMIN_TIMEOUT, request.into_future()).await {
            Ok(Ok(member)) => Ok(member.is_privileged()),
            Ok(Err(error)) => Err(outcome::of_call(&error)),
            Err(_) => Err(CallError::Failed("no answer in time".to_owned())),
        }
    }

    async fn send(&self, place: Place, text: &str, manner: Manner) -> SendOutcome {
        let mut request = self
            .bot
            .send_message(types::ChatId(place.chat.0), text)
            .link_preview_options(NO_PREVIEW);
        if !manner.plain {
            request = request.parse_mode(ParseMode::Html);
        }
        if manner.paid {
            request = request.allow_paid_broadcast(true);
        }
        if let Some(thread) = place.thread {
            request = request.message_thread_id(types::ThreadId(MessageId(thread.0)));
        }
        match request.await {
            Ok(message) => SendOutcome::Sent(i64::from(message.id.0)),
            Err(error) => outcome::of_send(&error),
        }
    }
}

/// See `render`: the message itself is the preview.
const NO_PREVIEW: LinkPreviewOptions = LinkPreviewOptions {
    is_disabled: true,
    url: None,
    prefer_small_media: false,
    prefer_large_media: false,
    show_above_text: false,
};
