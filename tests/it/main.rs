//! All integration tests, in one binary: linking is what takes time.

mod doors;
mod scenarios;
mod simulation;
