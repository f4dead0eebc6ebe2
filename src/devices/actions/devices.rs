//! Devices as the devices page shows them.

use std::collections::HashSet;
use std::time::Duration;

use diesel::QueryResult;

use super::super::model::{DeviceId, NoDevice, RegistrationId};
use super::super::store::{self, DeviceView, RowView};
use crate::access::{PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile};
use crate::delegation::{Administers, Observes};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;

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
    let registered = store::devices_of(read, customer, after, limit)?;
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
