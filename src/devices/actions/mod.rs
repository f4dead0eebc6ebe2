//! Use cases of devices. Whatever changes a customer's devices takes the proof `Administers`; whatever shows them takes
//! `Observes`.

mod devices;
mod directory;
mod housekeeping;
mod invariants;
mod receiving;
mod registrations;
mod release_requests;
mod uses;

pub use devices::{DeviceLine, RegisteredDevice, device, devices, is_alone, release, release_many};
pub use directory::{ImportSummary, finish_import, import_manifest, imports, manifest_import};
pub use housekeeping::{expired_copies, forget_copies, leftover_copies, remove_some};
pub use invariants::invariants;
pub use receiving::{Arrival, begin, load, submit};
pub use registrations::{
    Copies, Progress, RegistrationSummary, choose_and_register, copies_of, dismiss_rows, finding_counts, findings_of,
    progress, registration, registrations, retry_rows, rows, running_by, staged_bytes, void,
};
pub use release_requests::{answer_request, received_requests, request_release, sent_requests};
pub use uses::{
    Assigned, UserNote, assign_devices, change_device, check_in, record_image_check, user_note, withdraw_image_check,
};
