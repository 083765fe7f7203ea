//! `getUpdates`.

use crate::sandbox::telegram::{
    state::TelegramState,
    types::{Answer, refused},
};
use serde_json::Value;
use std::collections::BTreeSet;

impl TelegramState {
    pub(super) fn get_updates(&mut self, body: &Value) -> Answer {
        if self.webhook.is_some() {
            return refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            );
        }
        if let Some(kinds) = body["allowed_updates"].as_array() {
            let kinds: BTreeSet<String> =
                kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
            self.allowed = (!kinds.is_empty()).then_some(kinds);
        }
        match body["offset"].as_i64().unwrap_or(0) {
            0 => {}
            offset if offset > 0 => self.updates.retain(|(id, _)| *id >= offset),
            offset => {
                let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
                while self.updates.len() > keep {
                    self.updates.pop_front();
                }
            }
        }
        let limit = body["limit"].as_u64().unwrap_or(100).clamp(1, 100);
        let updates = self.updates.iter().take(usize::try_from(limit).unwrap_or(100));
        Answer::Done(updates.map(|(_, update)| update.clone()).collect())
    }
}
