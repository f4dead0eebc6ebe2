//! One test binary, so that it links once. With `TEST_DATABASE_URL` the same suite runs on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod architecture;
mod audit;
mod bad_input;
mod companies;
mod customers;
mod devices;
mod doctor;
mod harness;
mod kill;
mod mail;
mod openapi;
mod partnerships;
mod permissions;
mod process;
mod schema;
mod story;
mod trail;
mod why;
