//! Use cases of devices. Whatever changes a customer's devices takes the proof `Administers`; whatever shows them takes
//! `Observes`.

mod devices;
mod directory;
mod housekeeping;
mod invariants;
mod receiving;
mod registrations;

pub use devices::{DeviceLine, devices, release};
pub use directory::{ImportSummary, finish_import, import_manifest, imports, manifest_import};
pub use housekeeping::{expired_copies, forget_copies, leftover_copies, remove_some};
pub use invariants::invariants;
pub use receiving::{Arrival, begin, load, submit};
pub use registrations::{
    Copies, Progress, RegistrationSummary, choose_and_register, copies_of, dismiss_rows, finding_counts, findings_of,
    progress, registrations, retry_rows, rows, running_by, staged_bytes, void,
};
