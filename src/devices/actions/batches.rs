//! Device batches and upload jobs, as clients of the contract follow them.

use std::collections::{BTreeSet, HashMap};

use diesel::QueryResult;
use uuid::Uuid;

use super::super::model::{
    Batch, BatchDevice, Counts, DeviceId, GivenRefused, JobDevice, JobStatus, NoDevice, Registration, RegistrationId,
    RegistrationState, RowState, SHOWN_JOB_ROWS, UploadError, UploadJob,
};
use super::super::store::{self, RowView};
use super::registrations::{counts_of, registration};
use crate::access::PartnerId;
use crate::companies;
use crate::customers;
use crate::delegation::Observes;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::text::shorten;

/// Registrations of which batches are listed at most, the newest: the contract's list has no pages.
const LISTED: i64 = 10_000;

/// How far a registration is, in the contract's words.
fn status_of(registration: &Registration, counts: Counts) -> JobStatus {
    match registration.state {
        RegistrationState::Receiving | RegistrationState::Checked => JobStatus::Unknown,
        RegistrationState::Refused => JobStatus::FinishedWithErrors,
        _ if counts.pending > 0 && counts.ready == 0 && registration.settled_through == 0 => JobStatus::Queued,
        _ if counts.pending > 0 => JobStatus::Processing,
        _ if counts.failed > 0 => JobStatus::FinishedWithErrors,
        _ => JobStatus::Finished,
    }
}

/// How far a batch is whose parts are so far.
fn together(parts: &BTreeSet<JobStatus>) -> JobStatus {
    let has = |status| parts.contains(&status);
    if has(JobStatus::Processing) || has(JobStatus::Queued) && parts.len() > 1 {
        JobStatus::Processing
    } else if has(JobStatus::Queued) {
        JobStatus::Queued
    } else if has(JobStatus::FinishedWithErrors) {
        JobStatus::FinishedWithErrors
    } else {
        JobStatus::Finished
    }
}

/// The device batches of a customer, the newest first.
///
/// # Errors
/// Only the database's.
pub fn batches<'t>(read: &mut Read<'t>, proof: &Observes<'t>) -> QueryResult<Vec<Batch>> {
    let customer = proof.customer();
    let mut registrations = store::registrations(read, customer, None, LISTED)?;
    registrations.retain(|registration| registration.registered_at.is_some());
    let ids: Vec<RegistrationId> = registrations.iter().map(|registration| registration.id).collect();
    let settled: HashMap<RegistrationId, _> = store::settled(read, &ids)?.into_iter().collect();
    let devices: HashMap<RegistrationId, i64> = store::devices_by_registration(read, customer)?.into_iter().collect();
    let mut partners: Vec<PartnerId> =
        registrations.iter().map(|registration| PartnerId::from_uuid(registration.registered_by.uuid())).collect();
    partners.sort();
    partners.dedup();
    let profiles = companies::profiles(read, &partners)?;
    let own_name = customers::own_record(read, customer)?.map(|record| record.company_name).unwrap_or_default();
    let mut found: Vec<(Batch, BTreeSet<JobStatus>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for registration in registrations {
        let counts = counts_of(&registration, settled.get(&registration.id).copied().unwrap_or_default());
        let partner = profiles.get(&PartnerId::from_uuid(registration.registered_by.uuid()));
        let status = status_of(&registration, counts);
        let number = devices.get(&registration.id).copied().unwrap_or(0);
        let part = Batch {
            name: registration.batch_name.clone(),
            created_by: partner.map_or_else(|| own_name.clone(), |profile| profile.name.clone()),
            created_at: registration.created_at,
            status,
            devices: number,
        };
        let place = *places.entry(store::batch_key(&registration.batch_name)).or_insert(found.len());
        match found.get_mut(place) {
            None => found.push((part, BTreeSet::from([status]))),
            // The newest come first, so what is met later made the batch.
            Some((batch, parts)) => {
                *batch = Batch { devices: batch.devices + part.devices, ..part };
                parts.insert(status);
            }
        }
    }
    Ok(found.into_iter().map(|(batch, parts)| Batch { status: together(&parts), ..batch }).collect())
}

/// The registrations of a batch.
fn parts_of<'t>(read: &mut Read<'t>, proof: &Observes<'t>, name: &str) -> Outcome<Vec<Registration>, GivenRefused> {
    let parts = store::registrations_of_batch(read, proof.customer(), name, LISTED)?;
    if parts.is_empty() {
        return Err(GivenRefused::NoBatch(shorten(name, 100)).into());
    }
    Ok(parts)
}

/// The name of a batch as it was first written.
///
/// # Errors
/// [`GivenRefused::NoBatch`].
pub fn batch_name<'t>(read: &mut Read<'t>, proof: &Observes<'t>, name: &str) -> Outcome<String, GivenRefused> {
    let first = parts_of(read, proof, name)?.into_iter().next();
    Ok(first.map_or_else(|| name.to_owned(), |registration| registration.batch_name))
}

/// The devices of a batch, after a position in one of its registrations, in the order in which they were sent.
///
/// # Errors
/// [`GivenRefused::NoBatch`].
pub fn batch_devices<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    name: &str,
    after: Option<(RegistrationId, i32)>,
    limit: i64,
) -> Outcome<Vec<BatchDevice>, GivenRefused> {
    let ids: Vec<RegistrationId> = parts_of(read, proof, name)?.iter().map(|part| part.id).collect();
    Ok(store::devices_of_registrations(read, proof.customer(), &ids, after, limit)?)
}

/// One device of a batch.
///
/// # Errors
/// [`NoDevice`], also if there is no such batch.
pub fn batch_device<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    name: &str,
    id: DeviceId,
) -> Outcome<BatchDevice, NoDevice> {
    let parts = store::registrations_of_batch(read, proof.customer(), name, LISTED)?;
    let ids: Vec<RegistrationId> = parts.iter().map(|part| part.id).collect();
    Ok(store::device_of_registrations(read, proof.customer(), &ids, id)?.ok_or(NoDevice(id))?)
}

fn job_device(row: RowView, running: JobStatus) -> JobDevice {
    let (status, error) = match row.state {
        RowState::Ready => (JobStatus::Finished, None),
        RowState::Pending => (running, None),
        RowState::Checked => (JobStatus::Unknown, None),
        RowState::Failed | RowState::LeftOut => (JobStatus::FinishedWithErrors, row.code.map(UploadError::of)),
    };
    JobDevice {
        device: (row.state == RowState::Ready).then(|| row.id.to_string()),
        serial_number: Some(row.serial_number).filter(|serial| !serial.is_empty()),
        product_id: row.product_id,
        status,
        error,
    }
}

/// How far an upload is, or a call that gave devices policies: with its first devices, in the order in which they were sent.
///
/// # Errors
/// [`GivenRefused::NoJob`].
pub fn upload_job<'t>(read: &mut Read<'t>, proof: &Observes<'t>, named: &str) -> Outcome<UploadJob, GivenRefused> {
    let unknown = || GivenRefused::NoJob(shorten(named, 60));
    let id: Uuid = named.trim().parse().map_err(|_| unknown())?;
    let summary = match registration(read, proof, RegistrationId::from_uuid(id)) {
        Ok(summary) => summary,
        Err(Failure::Refused(_)) => return policy_job(read, proof, id)?.ok_or_else(|| unknown().into()),
        Err(Failure::Database(error)) => return Err(error.into()),
    };
    let registration = &summary.registration;
    let status = status_of(registration, summary.counts);
    let running = if status == JobStatus::Queued { JobStatus::Queued } else { JobStatus::Processing };
    let rows = store::rows(read, registration, None, 0, SHOWN_JOB_ROWS)?;
    Ok(UploadJob {
        id,
        status,
        started_at: registration.registered_at.filter(|_| status != JobStatus::Queued),
        completed_at: registration.finished_at.filter(|_| summary.counts.pending == 0),
        devices: rows.into_iter().map(|row| job_device(row, running)).collect(),
    })
}

fn policy_job<'t>(read: &mut Read<'t>, proof: &Observes<'t>, id: Uuid) -> QueryResult<Option<UploadJob>> {
    let Some((done, updates)) = store::policy_job(read, proof.customer(), id)? else { return Ok(None) };
    let devices: Vec<JobDevice> = updates
        .into_iter()
        .map(|(device, error)| JobDevice {
            device: Some(device),
            serial_number: None,
            product_id: None,
            status: if error.is_some() { JobStatus::FinishedWithErrors } else { JobStatus::Finished },
            error: error.map(|name| UploadError { number: None, name }),
        })
        .collect();
    let failed = devices.iter().any(|device| device.error.is_some());
    let status = if failed { JobStatus::FinishedWithErrors } else { JobStatus::Finished };
    Ok(Some(UploadJob { id, status, started_at: Some(done), completed_at: Some(done), devices }))
}
