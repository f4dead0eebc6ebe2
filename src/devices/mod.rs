//! Devices: files read as they really are, registrations that account for every row, a registrar that settles them, and
//! the directory they are matched against.
//!
//! What changes a customer's devices takes a [`crate::delegation::Administers`]: without the proof there is nothing to
//! call.
//!
//! ```compile_fail
//! # use partner_center::{access::Scope, devices::{self, Upload}, platform::{clock::Timestamp, db::Tx}};
//! # fn demo(tx: &mut Tx<'_>, me: &Scope, upload: &Upload, now: Timestamp) {
//! let registration = devices::submit(tx, me, upload, now);
//! # }
//! ```
//!
//! With the proof of the same transaction it compiles:
//!
//! ```no_run
//! # use partner_center::{access::Scope, customers::CustomerReference, delegation};
//! # use partner_center::{devices::{self, Upload}, platform::{clock::Timestamp, db::Tx}};
//! # fn demo(tx: &mut Tx<'_>, me: &Scope, customer: &CustomerReference, upload: &Upload, now: Timestamp) {
//! if let Ok(proof) = delegation::administer(tx, me, customer, now) {
//!     let registration = devices::submit(tx, &proof, me, upload, now);
//! }
//! # }
//! ```

mod actions;
mod api;
mod guide;
mod intake;
mod jobs;
mod model;
mod old_intake;
mod store;

pub use actions::{Upload, import_manifest, invariants, running_by, submit};
pub use api::routes;
pub use intake::{FileWriter, Outcome, RESULTS_HEADING, check, hash, samples, template};
pub use jobs::Registrar;
pub use model::Severity;
pub use model::new_files::{
    Audience, CheckedRow, FileFormat, FileReport, FileToCheck, Finding, HashCheck, Report, Rules, Shape, Sink,
};
pub use model::{CheckedFile, DeviceSettings, FileRefused, Registration, RegistrationId, Unmatched};
pub use old_intake::{Heading, read_file};
