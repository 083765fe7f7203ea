//! The error of a configuration.

/// The problems of a configuration, all of them, in one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct ConfigError(pub(super) Vec<String>);

impl ConfigError {
    /// Creates the error of a single problem.
    pub fn of(problem: String) -> Self {
        ConfigError(vec![problem])
    }
}
