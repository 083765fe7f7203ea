//! The table that is printed, and what /proc reports of a process.

use std::{fs, io::Write as _};

/// Prints the machine and the head of the table.
pub(crate) fn head() {
    let line = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{cores} cores of {}, {}\n",
        line("/proc/cpuinfo", "model name"),
        line("/proc/meminfo", "MemTotal")
    );
    println!("| Case | Measured | Goal |\n|---|---|---|");
}

/// Prints a row of the table.
pub(crate) fn row(what: &str, measured: &str, goal: &str) {
    println!("| {what} | {measured} | {goal} |");
    let _ = std::io::stdout().flush();
}

/// The resident memory of a process, in MiB.
pub(crate) fn resident_mib(process: u32) -> f64 {
    kib(process, "VmRSS:") / 1024.0
}

/// The maximum of the resident memory of a process, in MiB.
pub(crate) fn resident_max_mib(process: u32) -> f64 {
    kib(process, "VmHWM:") / 1024.0
}

fn kib(process: u32, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Bytes that a process caused to be written to the disk.
pub(crate) fn written_bytes(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/io")).unwrap();
    let line = text.lines().find(|line| line.starts_with("write_bytes:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The value below which a share of the values lies, from 0 to 1.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}
