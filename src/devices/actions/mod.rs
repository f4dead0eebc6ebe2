//! Use cases of devices. Whatever changes a customer's devices takes the proof `Administers`; whatever shows them takes
//! `Observes`.

mod batches;
mod devices;
mod directory;
mod housekeeping;
mod identities;
mod invariants;
mod policies;
mod receiving;
mod registrations;
mod release_requests;
mod uses;

pub use batches::{batch_device, batch_devices, batch_name, batches, upload_job};
pub use devices::{DeviceLine, RegisteredDevice, device, devices, is_alone, release, release_many};
pub use directory::{ImportSummary, finish_import, import_manifest, imports, manifest_import};
pub use housekeeping::{expired_copies, forget_copies, leftover_copies, remove_some};
pub use identities::{
    Wanted, change_identity, device_identities, device_identity, identities_of_import, imported_identities,
    imported_identity, last_sync, remove_import, sync, user_domains,
};
pub use invariants::invariants;
pub use policies::{
    NamedPolicy, apply_policies, apply_policy, change_policy, create_policy, delete_policy, policies, policy,
};
pub use receiving::{Arrival, begin, load, submit};
pub use registrations::{
    Copies, Progress, RegistrationSummary, choose_and_register, copies_of, dismiss_rows, finding_counts, findings_of,
    progress, registrations, retry_rows, rows, running_by, staged_bytes, void,
};
pub use release_requests::{answer_request, received_requests, request_release, sent_requests};
pub use uses::{
    Assigned, UserNote, assign_devices, change_device, check_in, record_image_check, user_note, withdraw_image_check,
};
