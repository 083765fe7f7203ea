//! What the log says at startup: the version, the database, the rate, the sources.

use crate::{
    config::Config,
    domain::DeliveryConfig,
    store::{Store, StoreError},
};

/// Messages per second that Telegram accepts without payment.
const FREE_PER_SECOND: f64 = 30.0;
/// Stars per hour for each message per second above that: 3,600 seconds at 0.1 Star.
const STARS_PER_HOUR: f64 = 360.0;

/// Logs what this process is about to do.
///
/// # Errors
/// If the database cannot be read.
pub(super) async fn log(config: &Config, store: &Store) -> Result<(), StoreError> {
    tracing::info!("communique {}, database {}", env!("CARGO_PKG_VERSION"), config.database_url);
    warn_about_rate(config.watch.rules);
    let states = store.source_states().await?;
    for source in &config.watch.sources {
        let state = states.iter().find(|state| state.name == source.name.as_str());
        let (entries, subscriptions) = state.map_or((0, 0), |s| (s.entries, s.subscriptions));
        tracing::info!(
            source = %source.name,
            url = %source.url,
            every = %humantime::format_duration(source.interval),
            entries,
            subscriptions,
            "polling source"
        );
    }
    Ok(())
}

/// Warns if the rate costs Stars, or is above what Telegram accepts.
fn warn_about_rate(rules: DeliveryConfig) {
    let DeliveryConfig { per_second, paid, .. } = rules;
    if paid {
        let stars_per_hour = ((per_second - FREE_PER_SECOND).max(0.0) * STARS_PER_HOUR).round();
        tracing::warn!(
            per_second,
            stars_per_hour,
            "allow_paid_broadcast is on: Telegram takes 0.1 Star for each message above 30 in a second, up to this many Stars an hour during a broadcast"
        );
    } else if per_second > FREE_PER_SECOND {
        tracing::warn!(
            per_second,
            "delivery.per_second is above the about 30 a second that Telegram accepts without allow_paid_broadcast"
        );
    }
}
