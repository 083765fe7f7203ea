//! How SQLite carries out a query, for tests that a query uses an index.

use super::{Access, Store};

/// Returns the steps of the plan of a query.
pub(super) async fn plan(sql: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("plan.db").display());
    let store = Store::open(&address, Access::Run).await.unwrap();
    let plan = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
    let steps: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(plan).fetch_all(&store.readers).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}
