//! A self-hosted partner centre: the service in which an indirect provider runs its two-tier channel.
//!
//! Features are folders; inside each, the same file names: `model` (types and pure rules), `store` (queries),
//! `actions` (use cases), `api` (REST), `portal` (pages), `mail`, `jobs`. Dependencies point one way, and
//! `tests/architecture.rs` holds them to it:
//!
//! ```text
//! main -> app -> overview -> devices -> subscriptions -> delegation -> customers -> partnerships -> companies -> access -> audit -> platform
//! ```

#![warn(missing_docs)]

pub mod access;
pub mod app;
pub mod audit;
pub mod commands;
pub mod companies;
pub mod config;
pub mod customers;
pub mod delegation;
pub mod demo;
pub mod devices;
pub mod overview;
pub mod partnerships;
pub mod platform;
pub mod subscriptions;
