//! The real binary: how a test starts it, waits for it, and reads its log.

use chrono::{DateTime, Utc};
use communique::app;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A token in the form that BotFather issues, so that its redaction is tested.
pub(crate) const TOKEN: &str = "7000000001:AAF7-g0gYncWnm5IyfZlpPRqRRv6kNAGlao";
/// The longest wait for a condition. Only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The file with all requests to the sandboxes of a test run, one JSON object a line, for
/// independent parsers (see CONTRIBUTING.md).
pub(crate) fn record() -> &'static Path {
    static RECORD: OnceLock<PathBuf> = OnceLock::new();
    RECORD.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests.jsonl");
        std::fs::write(&path, "").unwrap();
        path
    })
}

/// The binary, with an empty environment.
pub(crate) fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_communique"));
    command.args(arguments).env_clear();
    command
}

/// A process of the binary.
pub(crate) struct Bot {
    child: Child,
    log: Arc<Mutex<String>>,
    /// They copy its outputs into the log.
    readers: Vec<JoinHandle<()>>,
}

impl Bot {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let read = |output| {
            let copy = log.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let mut log = copy.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            })
        };
        let readers = outputs.into_iter().map(read).collect();
        Bot { child, log, readers }
    }

    /// Returns what it wrote to standard output and error.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Returns the last lines of the log, for the message of a failing test.
    fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains("DEBUG")).collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process ID.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Whether it is still running.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end and for the rest of its output. Returns the exit status and the time it
    /// took.
    pub(crate) async fn ended(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let mut status = None;
        until("the process ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        let took = start.elapsed();
        // The last lines may still be in the pipe.
        until("its output is read", || self.readers.iter().all(JoinHandle::is_finished)).await;
        (status.unwrap(), took)
    }

    /// Stops it with SIGTERM, checks that it exits with success and in time, and returns the log.
    pub(crate) async fn stop(mut self) -> String {
        self.signal("TERM");
        let (status, took) = self.ended().await;
        assert_eq!(status.code(), Some(0), "{status}: {}", self.last_lines());
        assert!(took < Duration::from_secs(10), "stopping took {took:?}");
        self.log()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // A failed test leaves it running; any other test has ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a condition holds; `what` names it in the message of a failure.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The time by the clock of the machine.
pub(crate) fn now() -> DateTime<Utc> {
    app::now()
}
