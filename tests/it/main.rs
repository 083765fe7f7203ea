//! All integration tests, in one binary: linking is what takes time.

mod binary;
mod doors;
mod harness;
mod scenarios;
mod simulation;
mod store;
