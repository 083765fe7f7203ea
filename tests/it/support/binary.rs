//! The real binary: how a test starts it, waits for it, and reads its log.

use chrono::{DateTime, Utc};
use communique::app;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

/// A token as BotFather gives them out, so that what would redact it has something to do.
pub const TOKEN: &str = "7000000001:AAF7-g0gYncWnm5IyfZlpPRqRRv6kNAGlao";
/// How long anything may take that takes far less: only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that is asked of the sandboxes of a test run, one JSON object a line: for checks by
/// parties that wrote neither the bot nor the sandbox (see CONTRIBUTING.md).
pub fn record() -> &'static Path {
    static RECORD: OnceLock<PathBuf> = OnceLock::new();
    RECORD.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("requests.jsonl");
        std::fs::write(&path, "").unwrap();
        path
    })
}

/// The binary, with an empty environment.
pub fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_communique"));
    command.args(arguments).env_clear();
    command
}

/// A process of the binary.
pub struct Bot {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Who copies its outputs into the log.
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Bot {
    pub fn start(mut command: Command) -> Self {
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

    /// What it wrote to standard output and error.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The end of that, for the message of a test that fails.
    fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains("DEBUG")).collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end, and for all that it wrote; the status, and how long it took.
    pub async fn ended(&mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let mut status = None;
        until("the process ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        let took = start.elapsed();
        // Its last words may still be in the pipe.
        until("all its words are read", || self.readers.iter().all(|reader| reader.is_finished()))
            .await;
        (status.unwrap(), took)
    }

    /// Asks it to stop, and sees that it does so well.
    pub async fn stop(mut self) -> String {
        self.signal("TERM");
        let (status, took) = self.ended().await;
        assert_eq!(status.code(), Some(0), "{status}: {}", self.last_lines());
        assert!(took < Duration::from_secs(10), "stopping took {took:?}");
        self.log()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // A test that failed leaves it running; one that did not has ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The time, for what is compared with it.
pub fn now() -> DateTime<Utc> {
    app::now()
}
