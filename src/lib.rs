//! communique reads the pages on which institutions publish statements and delivers every new
//! dated entry to the Telegram chats that subscribed. ARCHITECTURE.md is the map of these rooms.

pub mod app;
pub mod bot;
pub mod cli;
pub mod config;
pub mod demo;
pub mod detect;
pub mod dispatcher;
pub mod domain;
pub mod errand;
pub mod extract;
pub mod lang;
pub mod log;
pub mod metrics;
pub mod pace;
pub mod poller;
pub mod render;
pub mod sandbox;
pub mod schedule;
pub mod store;
pub mod telegram;
pub mod web;
