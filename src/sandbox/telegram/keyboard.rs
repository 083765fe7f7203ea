//! Inline keyboards: which buttons Telegram accepts.

use serde_json::Value;
use url::Url;

/// The most buttons of a message.
const BUTTONS_MAX: usize = 100;
/// The longest callback data, in bytes.
const DATA_BYTES_MAX: usize = 64;
/// The kinds of buttons; a button is of exactly one.
const KINDS: [&str; 7] = [
    "callback_data",
    "url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "web_app",
    "copy_text",
];

/// The rows of buttons of a `reply_markup`; null if it has none.
///
/// # Errors
/// The description of Telegram, without "Bad Request: ".
pub(crate) fn read(markup: &Value) -> Result<Value, String> {
    let rows = match &markup["inline_keyboard"] {
        Value::Null => return Ok(Value::Null),
        Value::Array(rows) => rows,
        _ => return Err(cannot_parse("Field \"inline_keyboard\" must be of type Array")),
    };
    let mut kept: Vec<Value> = Vec::new();
    let mut count = 0;
    for row in rows {
        let Some(buttons) = row.as_array() else {
            return Err(cannot_parse("KeyboardButtonRow must be an Array"));
        };
        for button in buttons {
            check(button)?;
        }
        count += buttons.len();
        if !buttons.is_empty() {
            kept.push(row.clone());
        }
    }
    if count > BUTTONS_MAX {
        return Err("REPLY_MARKUP_TOO_LONG".to_owned());
    }
    Ok(if kept.is_empty() { Value::Null } else { kept.into() })
}

/// Whether there is a button with this callback data.
pub(crate) fn has_data(rows: &Value, data: &str) -> bool {
    let rows = rows.as_array().into_iter().flatten();
    rows.flat_map(|row| row.as_array().into_iter().flatten()).any(|b| b["callback_data"] == data)
}

fn check(button: &Value) -> Result<(), String> {
    if !button.is_object() {
        return Err(cannot_parse("InlineKeyboardButton must be an Object"));
    }
    match button["text"].as_str() {
        None => return Err(cannot_parse("Can't find field \"text\"")),
        Some("") => return Err("inline keyboard button text must be non-empty".to_owned()),
        Some(_) => {}
    }
    let kinds: Vec<&str> = KINDS.iter().filter(|kind| !button[**kind].is_null()).copied().collect();
    match kinds[..] {
        [] => Err(cannot_parse("Text buttons are unallowed in the inline keyboard")),
        ["callback_data"] => {
            let data = button["callback_data"].as_str().unwrap_or_default();
            if (1..=DATA_BYTES_MAX).contains(&data.len()) {
                Ok(())
            } else {
                Err("BUTTON_DATA_INVALID".to_owned())
            }
        }
        ["url"] => {
            let address = button["url"].as_str().unwrap_or_default();
            let is_good = Url::parse(address)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "tg" | "ton"));
            let words =
                || format!("inline keyboard button URL '{address}' is invalid: Wrong HTTP URL");
            if is_good { Ok(()) } else { Err(words()) }
        }
        [_] => Ok(()),
        // Telegram uses the first that it finds, which is never intended.
        _ => Err("BUTTON_TYPE_INVALID".to_owned()),
    }
}

fn cannot_parse(words: &str) -> String {
    format!("can't parse inline keyboard button: {words}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn buttons_are_accepted_as_telegram_accepts_them() {
        let one = |button: Value| read(&json!({"inline_keyboard": [[button]]}));
        assert!(one(json!({"text": "a", "callback_data": "x".repeat(64)})).is_ok());
        assert!(one(json!({"text": "a", "url": "https://x.example"})).is_ok());
        assert!(one(json!({"text": "a", "switch_inline_query_current_chat": ""})).is_ok());
        let bad = [
            (json!({"text": "a", "callback_data": "x".repeat(65)}), "BUTTON_DATA_INVALID"),
            (json!({"text": "a", "callback_data": "я".repeat(33)}), "BUTTON_DATA_INVALID"),
            (json!({"text": "a", "callback_data": ""}), "BUTTON_DATA_INVALID"),
            (json!({"text": "a"}), "Text buttons are unallowed"),
            (json!({"text": "", "callback_data": "x"}), "text must be non-empty"),
            (json!({"callback_data": "x"}), "Can't find field \"text\""),
            (json!({"text": "a", "url": "x.example"}), "Wrong HTTP URL"),
            (json!({"text": "a", "url": "https://x.example", "callback_data": "x"}), "BUTTON_TYPE"),
            (json!("a"), "must be an Object"),
        ];
        for (button, words) in bad {
            let refusal = one(button.clone()).unwrap_err();
            assert!(refusal.contains(words), "{button}: {refusal}");
        }
    }

    #[test]
    fn more_than_a_hundred_buttons_are_too_many_and_no_rows_are_none() {
        let rows = |count| {
            let row = json!([{"text": "a", "callback_data": "x"}]);
            json!({"inline_keyboard": vec![row; count]})
        };
        assert!(read(&rows(100)).is_ok());
        assert_eq!(read(&rows(101)).unwrap_err(), "REPLY_MARKUP_TOO_LONG");
        assert_eq!(read(&rows(0)), Ok(Value::Null));
        assert_eq!(read(&json!({"inline_keyboard": [[]]})), Ok(Value::Null));
        assert_eq!(read(&Value::Null), Ok(Value::Null));
    }
}
