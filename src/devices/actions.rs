//! Use cases of devices. Whatever changes a customer's devices takes the proof [`Administers`]; whatever shows them
//! takes [`Observes`].

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use diesel::QueryResult;

use super::jobs::REGISTER;
use super::model::{
    CheckedFile, Counts, DeviceId, FileRefused, ImportId, NoDevice, NoRegistration, Registration, RegistrationId,
    RequestId, RowState,
};
use super::store::{self, DeviceView, RowView};
use crate::access::{OrganisationId, PartnerId, Scope};
use crate::audit::{self, Actor, Event};
use crate::companies::{self, CompanyProfile};
use crate::delegation::{Administers, GrantPeriods, Observes};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs;

/// A checked file, ready to be registered.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The file's name.
    pub file_name: String,
    /// Free text of whoever registers.
    pub order_id: Option<String>,
    /// Free text of whoever registers.
    pub purchase_id: Option<String>,
    /// Its rows and what was found in them.
    pub file: CheckedFile,
}

/// Records a registration: good rows are pending at once, bad rows failed with their reason; the registrar is wanted.
///
/// # Errors
/// Only the database's.
pub fn submit<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    upload: &Upload,
    now: Timestamp,
) -> QueryResult<Registration> {
    let registration = Registration {
        id: RegistrationId::fresh(),
        customer: proof.customer(),
        registered_by: proof.acting(),
        file_name: upload.file_name.clone(),
        order_id: upload.order_id.clone(),
        purchase_id: upload.purchase_id.clone(),
        request: RequestId::from_uuid(me.request_ids().request),
        created_at: now,
        finished_at: None,
    };
    store::insert_registration(tx, &registration, me.user_id())?;
    store::insert_rows(tx, &registration, &upload.file.rows)?;
    jobs::want(tx, REGISTER, registration.id.uuid(), 1, now)?;
    let event = Event::DevicesSubmitted {
        registration: registration.id.uuid(),
        customer: registration.customer.uuid(),
        rows: upload.file.rows.len(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(registration)
}

/// A registration and how many of its rows stand where.
#[derive(Clone, Debug)]
pub struct RegistrationSummary {
    /// The registration.
    pub registration: Registration,
    /// How many rows stand where.
    pub counts: Counts,
}

/// The registrations of a customer.
///
/// # Errors
/// Only the database's.
pub fn registrations<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    after: Option<RegistrationId>,
    limit: i64,
) -> QueryResult<Vec<RegistrationSummary>> {
    let rows = store::registrations(read, proof.customer(), after, limit)?;
    let ids: Vec<RegistrationId> = rows.iter().map(|row| row.id).collect();
    let counts: HashMap<_, _> = store::counts(read, &ids)?.into_iter().collect();
    let summary = |registration: Registration| {
        let counts = counts.get(&registration.id).copied().unwrap_or_default();
        RegistrationSummary { registration, counts }
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// One registration of a customer.
///
/// # Errors
/// [`NoRegistration`].
pub fn registration<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
) -> Outcome<RegistrationSummary, NoRegistration> {
    let registration = store::registration(read, proof.customer(), id)?.ok_or(NoRegistration(id))?;
    let counts = store::counts(read, &[id])?.into_iter().next().map(|(_, counts)| counts).unwrap_or_default();
    Ok(RegistrationSummary { registration, counts })
}

/// The rows of a registration of a customer, in order of their lines.
///
/// # Errors
/// [`NoRegistration`].
pub fn rows<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
    outcome: Option<RowState>,
    after_line: Option<i32>,
    limit: i64,
) -> Outcome<Vec<RowView>, NoRegistration> {
    store::registration(read, proof.customer(), id)?.ok_or(NoRegistration(id))?;
    Ok(store::rows(read, id, outcome, after_line, limit)?)
}

/// How long failed rows stay on the devices page.
const FAILED_SHOWN: Duration = days(30);

/// A line of the devices page: a device, or a row that is not one yet.
#[derive(Clone, Debug)]
pub enum DeviceLine {
    /// Registered.
    Registered(DeviceView, Option<CompanyProfile>),
    /// Pending or failed.
    Unsettled(RegistrationId, RowView),
}

impl DeviceLine {
    /// The id by which lines are ordered: a row's id becomes its device's.
    pub fn id(&self) -> DeviceId {
        match self {
            DeviceLine::Registered(device, _) => device.id,
            DeviceLine::Unsettled(_, row) => row.id,
        }
    }
}

/// The devices page of a customer: its devices, the rows that are pending, and those that failed lately.
///
/// # Errors
/// Only the database's.
pub fn devices<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    after: Option<DeviceId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<DeviceLine>> {
    let customer = proof.customer();
    // Rows first: one that is settled between the two queries is then in both, and shown as the device it is now.
    let mut unsettled = store::unsettled_rows(read, customer, after, now.before(FAILED_SHOWN), limit)?;
    let registered = store::devices(read, customer, after, limit)?;
    let settled: HashSet<DeviceId> = registered.iter().map(|device| device.id).collect();
    unsettled.retain(|(_, row)| !settled.contains(&row.id));
    let mut partners: Vec<PartnerId> =
        registered.iter().map(|device| PartnerId::from_uuid(device.registered_by.uuid())).collect();
    partners.sort();
    partners.dedup();
    let profiles = companies::profiles(read, &partners)?;
    let profile = |device: &DeviceView| profiles.get(&PartnerId::from_uuid(device.registered_by.uuid())).cloned();
    let mut lines: Vec<DeviceLine> = registered
        .into_iter()
        .map(|device| {
            let by = profile(&device);
            DeviceLine::Registered(device, by)
        })
        .chain(unsettled.into_iter().map(|(registration, row)| DeviceLine::Unsettled(registration, row)))
        .collect();
    lines.sort_by_key(DeviceLine::id);
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(lines)
}

/// Deregisters a device: another organisation can claim it. Twice is told as unknown.
///
/// # Errors
/// [`NoDevice`].
pub fn release<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    id: DeviceId,
    now: Timestamp,
) -> Outcome<(), NoDevice> {
    if !store::release(tx, proof.customer(), id, now)? {
        return Err(NoDevice(id).into());
    }
    let event = Event::DeviceReleased { device: id.uuid(), customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// An import into the directory.
#[derive(Clone, Copy, Debug)]
pub struct Imported {
    /// Its id, as in the trail.
    pub id: ImportId,
    /// Entries added or corrected.
    pub devices: usize,
}

/// Loads a supplier's manifest into the device directory, all of it or nothing. Loading it twice changes nothing.
///
/// # Errors
/// [`FileRefused`] with every row that cannot be an entry.
pub fn import_manifest(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    file: &CheckedFile,
    now: Timestamp,
) -> Outcome<Imported, FileRefused> {
    if file.rows.iter().any(|row| row.refused.is_some()) {
        let errors = file.findings.iter().filter(|finding| finding.severity == super::model::Severity::Error);
        return Err(FileRefused { findings: errors.cloned().collect() }.into());
    }
    for row in &file.rows {
        store::upsert_directory(tx, &row.device)?;
    }
    let imported = Imported { id: ImportId::fresh(), devices: file.rows.len() };
    let event = Event::DirectoryImported { import: imported.id.uuid(), devices: imported.devices };
    audit::record(tx, actor, &event, now)?;
    Ok(imported)
}

/// Registrations that an organisation has running, at most `limit`.
///
/// # Errors
/// Only the database's.
pub fn running_by(read: &mut Read<'_>, organisation: OrganisationId, limit: i64) -> QueryResult<Vec<Registration>> {
    store::running_by(read, organisation, limit)
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let mut broken = Vec::new();
    for (sentence, count) in store::broken_rows(read)? {
        if count > 0 {
            broken.push(sentence.replace("{}", &count.to_string()));
        }
    }
    for (manufacturer, serial) in store::doubled_claims(read)? {
        broken.push(format!("I4: {manufacturer} {serial} has more than one active claim"));
    }
    let periods = GrantPeriods::load(read)?;
    for (acting, customer, at) in store::settlements(read)? {
        if !periods.include(acting, customer, at) {
            broken.push(format!("I9: {acting} registered devices for {customer} at {at} without delegation"));
        }
    }
    let unfinished: Vec<uuid::Uuid> = store::unfinished(read)?.into_iter().map(RegistrationId::uuid).collect();
    for id in jobs::unwanted(read, REGISTER, jobs::Which::Waiting, &unfinished)? {
        broken.push(format!("I3: registration {id} is unfinished, and no job works on it"));
    }
    Ok(broken)
}
