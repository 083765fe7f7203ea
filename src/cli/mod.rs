//! The command line: its arguments and exit status.
//!
//! Guarantees: the exit status is 0 for success, 2 for a configuration or usage error, 1 for any
//! other error, and where `check` finds no entries. An error is one line on standard error that says
//! what to do.

mod check;
mod delivery;
mod output;
mod source;

use crate::{
    app,
    bot::FatalError,
    config::{Config, ConfigError, Environment, LogFormat},
    demo,
    store::{Access, OpenError, Store, StoreError},
    telemetry::{logging, metrics::ListenError},
};
use anyhow::bail;
use clap::{Parser, Subcommand};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Delivers the statements that institutions publish on their pages to Telegram chats.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Poll the sources, reply in Telegram and deliver new entries, until stopped.
    Run,
    /// Try the bot without a token or a network: a chat page on this machine and a sample source.
    Demo {
        /// The port of the chat page; 0 chooses a free one.
        #[arg(long, default_value_t = 7788, value_name = "N", conflicts_with = "script")]
        port: u16,
        /// Play one session in the terminal instead, and exit.
        #[arg(long)]
        script: bool,
        /// Append every request of the bot to a file, one JSON object per line.
        #[arg(long, value_name = "FILE")]
        record: Option<PathBuf>,
    },
    /// Read a page or feed once and show what is detected in it.
    Check(self::check::CheckArguments),
    /// Show the sources, or confirm the list of one that is held.
    Source {
        #[command(subcommand)]
        command: self::source::SourceCommand,
    },
    /// Copy the database to a new file, also while `run` is running.
    Backup {
        /// The new file.
        file: PathBuf,
    },
    /// Show deliveries, or retry one that was given up.
    Delivery {
        #[command(subcommand)]
        command: self::delivery::DeliveryCommand,
    },
}

/// Parses the arguments and runs the command.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let environment = Environment::read();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let format = match arguments.command {
        // Only these have a log, which a program may read line by line.
        Command::Run | Command::Demo { .. } => {
            environment.log_config().map(|log| log.format).unwrap_or_default()
        }
        _ => LogFormat::Plain,
    };
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(arguments.command, &environment)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            logging::write_fatal(format, &in_one_line(&error), app::now());
            ExitCode::from(if is_configuration_error(&error) { 2 } else { 1 })
        }
    }
}

/// Whether the operator has to change the configuration before another attempt.
fn is_configuration_error(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>()
        || error.downcast_ref().is_some_and(|error: &OpenError| !error.may_pass())
        || matches!(error.downcast_ref(), Some(FatalError::Token))
        || error.is::<ListenError>()
        || error.downcast_ref().is_some_and(StoreError::is_damaged)
}

async fn dispatch(command: Command, environment: &Environment) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Run => {
            let stop = stop_signal();
            let config = Config::load(environment)?;
            logging::start(&environment.log_config()?, Some(&config.token))
                .map_err(ConfigError::of)?;
            for path in environment.exposed() {
                tracing::warn!(
                    "the token is in {}, which other users of this machine may read: chmod 600 {0}",
                    path.display()
                );
            }
            app::run(config, stop).await
        }
        Command::Demo { port, script, record } => {
            let stop = stop_signal();
            let mut log = environment.log_config()?;
            if script && environment.value("RUST_LOG").is_none() {
                // The script prints the session; the log would stand in between.
                "error".clone_into(&mut log.filter);
            }
            logging::start(&log, None).map_err(ConfigError::of)?;
            let record = record.as_deref();
            if script { demo::play(record).await } else { demo::show(port, record, stop).await }
        }
        Command::Check(arguments) => {
            let has_entries = self::check::check(&arguments, environment).await?;
            return Ok(if has_entries { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Source { command } => self::source::run(&command, environment).await,
        Command::Backup { file } => backup(&file, environment).await,
        Command::Delivery { command } => self::delivery::run(&command, environment).await,
    };
    done.map(|()| ExitCode::SUCCESS)
}

async fn backup(file: &Path, environment: &Environment) -> anyhow::Result<()> {
    if file == Path::new("-") {
        bail!(
            "a copy is written to a file and not to standard output: name a file and send that on, or write ./- for a file of that name"
        );
    }
    let store = Store::open(&environment.database_url(), Access::Operate).await?;
    let done = store.backup(file).await;
    store.close().await;
    done?;
    let bytes = std::fs::metadata(file).map(|metadata| metadata.len()).unwrap_or_default();
    Ok(self::output::print(&format!(
        "{} kB written to {}.\n",
        bytes.div_ceil(1000),
        file.display()
    ))?)
}

/// Ready when the process is asked to stop: SIGTERM, or SIGINT (Ctrl-C).
///
/// The signals are caught from this call on, not from the first poll of the future: a stop while
/// the database is being opened counts as well.
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut term), Ok(mut int)) = signals else {
            // Without handlers the signals kill the process, which loses nothing.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}

/// Returns an error with its causes in one line.
fn in_one_line(error: &anyhow::Error) -> String {
    app::ErrorChain(error.as_ref()).to_string().replace('\n', " ")
}
