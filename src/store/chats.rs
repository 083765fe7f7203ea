//! Chats: whether they are known, and their language.
//!
//! Out of scope: settings (`settings`), subscriptions (`subscriptions`), deletion (`privacy`).

use super::{
    Result, UpdateTx,
    encoding::{millis, settings_from_json},
};
use crate::domain::{ChatId, ChatKind, Lang, SettingsOverrides};

/// What is known about a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatState {
    /// Its kind.
    pub kind: ChatKind,
    /// Its language.
    pub lang: Lang,
    /// The settings that were chosen for it.
    pub settings: SettingsOverrides,
}

impl UpdateTx {
    /// Stores a chat, if it is not known.
    pub async fn ensure_chat(&mut self, chat: ChatId, kind: ChatKind, lang: Lang) -> Result<()> {
        sqlx::query("insert or ignore into chat (id, kind, lang, joined_at) values (?, ?, ?, ?)")
            .bind(chat)
            .bind(kind.as_str())
            .bind(lang.code())
            .bind(millis(self.now))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Returns what is known about a chat.
    pub async fn chat(&mut self, chat: ChatId) -> Result<Option<ChatState>> {
        let row: Option<(String, String, Option<String>)> =
            sqlx::query_as("select kind, lang, settings from chat where id = ?")
                .bind(chat)
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(row.map(|(kind, lang, settings)| ChatState {
            kind: ChatKind::parse(&kind).unwrap_or(ChatKind::Private),
            lang: Lang::parse(&lang),
            settings: settings_from_json(settings.as_deref()),
        }))
    }

    /// Sets the language of a chat that is known.
    pub async fn set_lang(&mut self, chat: ChatId, lang: Lang) -> Result<()> {
        sqlx::query(
            "update chat set lang = ?1, is_lang_chosen = max(is_lang_chosen, lang <> ?1) where id = ?2",
        )
        .bind(lang.code())
        .bind(chat)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
