//! communique reads the pages on which institutions publish statements and delivers every new
//! dated entry to the Telegram chats that subscribed. ARCHITECTURE.md is the map of these rooms.

pub mod app;
pub mod bot;
pub mod cli;
pub mod config;
pub mod deliver;
pub mod demo;
pub mod detect;
pub mod domain;
pub mod extract;
pub mod fetch;
pub mod jobs;
pub mod lang;
pub mod message;
pub mod poll;
pub mod sandbox;
pub mod store;
pub mod telegram;
pub mod telemetry;
