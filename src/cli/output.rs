//! What a command prints.

use std::io::{ErrorKind, Write};

/// Prints a result to standard output. A reader that closes it early (`| head`) has what it wants.
///
/// # Errors
/// If standard output cannot be written.
pub(super) fn print(text: &str) -> std::io::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
