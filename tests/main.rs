//! One test binary, so that it links once. With `TEST_DATABASE_URL` the same suite runs on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod agreements;
mod answering;
mod applications;
mod architecture;
mod audit;
mod bad_input;
mod companies;
mod credentials;
mod customer_drafts;
mod customer_pages;
mod customer_records;
mod customers;
mod defences;
mod delegated_administration;
mod devices;
mod doctor;
mod harness;
mod idempotency;
mod invitation_model;
mod invitation_races;
mod invitations;
mod kill;
mod mail;
mod notifications;
mod openapi;
mod partnerships;
mod permissions;
mod portal;
mod process;
mod profiles;
mod providers;
mod regions;
mod relationship_requests;
mod removal;
mod schema;
mod second_factor;
mod setup_info;
mod signing_in;
mod story;
mod tokens;
mod trail;
mod users;
mod why;
