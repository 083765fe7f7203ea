//! The account of the bot.

use super::{Result, Store};

impl Store {
    /// Stores the username of the bot.
    pub async fn set_username(&self, username: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into bot (id, username) values (1, ?1)
             on conflict (id) do update set username = ?1",
        )
        .bind(username)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }
}
