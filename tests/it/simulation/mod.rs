//! The simulation: the real poller, update receiver, dispatcher and SQLite, in a world that loses
//! responses, limits rates, goes down, changes its page and crashes the process, all drawn from a
//! seed.
//!
//! Seeds that fail are printed. `COMMUNIQUE_SEED=17 cargo test simulation` runs one alone,
//! `COMMUNIQUE_SEEDS=5000` runs that many, and `COMMUNIQUE_TRANSCRIPTS=FOLDER` writes a transcript
//! of each seed into an existing folder, to compare two versions of the program.

mod checks;
mod disk;
mod events;
mod process;
mod run;
mod trace;

use self::{run::simulate, trace::Trace};
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// The number of seeds of an ordinary test run.
const SEEDS: u64 = 200;

#[expect(clippy::disallowed_methods, reason = "how many seeds is a setting of the test run")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// The folder for transcripts, if they are wanted.
fn transcripts() -> Option<std::path::PathBuf> {
    std::env::var_os("COMMUNIQUE_TRANSCRIPTS").map(Into::into)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn through_all_faults_nothing_is_lost_or_needlessly_repeated() {
    let seeds: Vec<u64> = match number("COMMUNIQUE_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("COMMUNIQUE_SEEDS").unwrap_or(SEEDS)).collect(),
    };
    let total = Mutex::new(Trace::default());
    let returned = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let trace = runtime().block_on(simulate(*seed));
            if let Some(folder) = transcripts() {
                std::fs::write(folder.join(format!("{seed}.txt")), trace.transcript()).unwrap();
            }
            let faults = checks::check(&trace);
            if !faults.is_empty() {
                // A transcript is long: it is printed for a seed that is run alone.
                if seeds.len() == 1 {
                    println!("{}", trace.transcript());
                }
                let habits = trace.habits.map(|habits| format!("{habits}: ")).unwrap_or_default();
                failed
                    .lock()
                    .unwrap()
                    .push(format!("seed {seed}: {habits}{}", faults.join("\n  ")));
                continue;
            }
            returned.fetch_add(checks::returns(&trace).len(), Ordering::Relaxed);
            total.lock().unwrap().absorb(&trace);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} seeds failed\n{}", failed.len(), failed.join("\n"));
    let total = total.into_inner().unwrap();
    let returned = returned.into_inner();
    println!("{}; {returned} times what /stop had ended was restored", total.summary());
    total.assert_eventful();
    assert!(total.runs < 20 || returned > 0, "nobody came back after /stop");
}

#[test]
fn a_seed_is_replayed_exactly() {
    for seed in [3, 14] {
        let runs = [(); 2].map(|()| runtime().block_on(simulate(seed)));
        assert_eq!(runs[0].transcript(), runs[1].transcript(), "seed {seed}");
    }
}
