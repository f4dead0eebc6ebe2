//! Devices: files read as they really are, registrations that account for every row, a registrar that settles them, and
//! the directory they are matched against.
//!
//! What changes a customer's devices takes a [`crate::delegation::Administers`]: without the proof there is nothing to
//! call.
//!
//! ```compile_fail
//! # use partner_center::{access::Scope, devices::{self, Arrival, Checked}, platform::{clock::Timestamp, db::Tx}};
//! # fn demo(tx: &mut Tx<'_>, me: &Scope, files: (&Arrival, &Checked), now: Timestamp) {
//! let registration = devices::submit(tx, me, files, now);
//! # }
//! ```
//!
//! With the proof of the same transaction it compiles:
//!
//! ```no_run
//! # use partner_center::{access::Scope, customers::CustomerReference, delegation};
//! # use partner_center::{devices::{self, Arrival, Checked}, platform::{clock::Timestamp, db::Tx}};
//! # fn demo(tx: &mut Tx<'_>, me: &Scope, customer: &CustomerReference, files: (&Arrival, &Checked), now: Timestamp) {
//! if let Ok(proof) = delegation::administer(tx, me, customer, now) {
//!     let registration = devices::submit(tx, &proof, me, files, now);
//! }
//! # }
//! ```

mod actions;
mod api;
mod guide;
mod intake;
mod jobs;
mod mail;
mod model;
mod offline;
mod reception;
mod staging;
mod store;
mod texts;

pub use actions::{Arrival, RegistrationSummary, invariants, running_by, submit};
pub use api::routes;
pub use intake::{FileWriter, Outcome, RESULTS_HEADING, check, hash, samples, template};
pub use jobs::{Librarian, Registrar, keep_house};
pub use mail::composers;
pub use model::{
    Audience, CUSTOMER_HEADING, CheckedRow, DeviceSettings, FileFormat, FileRefused, FileReport, FileToCheck, Finding,
    HashCheck, Registration, RegistrationId, Report, Rules, Severity, Shape, Sink, Unmatched,
};
pub use offline::load_manifest;
pub use reception::{Checked, Reception};
pub use staging::{Staging, StagingError, claim_folder};
