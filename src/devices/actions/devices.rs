//! Devices as the devices page shows them.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use diesel::QueryResult;

use super::super::model::{DeviceFilter, DeviceId, DeviceStatus, ItemOutcome, Narrowed, NoDevice, RegistrationId};
use super::super::store::{self, DeviceView, RowView};
use crate::access::{CustomerId, OrganisationId, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies;
use crate::customers;
use crate::delegation::{self, Administers, Observes};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::subscriptions::{self, LicenceMark};

/// How long failed rows stay on the devices page.
const FAILED_SHOWN: Duration = days(30);

/// A line of the devices page: a device, or a row that is not one yet.
#[derive(Clone, Debug)]
pub enum DeviceLine {
    /// Registered.
    Registered(Box<RegisteredDevice>),
    /// Pending or failed.
    Unsettled(RegistrationId, Box<RowView>),
}

/// A device, with what is known of those around it.
#[derive(Clone, Debug)]
pub struct RegisteredDevice {
    /// The device.
    pub(in crate::devices) device: DeviceView,
    /// Its state now.
    pub status: DeviceStatus,
    /// Who registered it.
    pub registered_by: Option<String>,
    /// Whether that is a partner on the providers list, whose image should be correct.
    pub is_of_listed_supplier: bool,
    /// Whether its user has the licences that are required; of a device that is ready for a user.
    pub licences: Option<LicenceMark>,
}

impl DeviceLine {
    /// The id by which lines are ordered: a row's id becomes its device's.
    pub fn id(&self) -> DeviceId {
        match self {
            DeviceLine::Registered(registered) => registered.device.id,
            DeviceLine::Unsettled(_, row) => row.id,
        }
    }
}

/// The devices page of a customer: its devices, the rows that are pending, and those that failed lately. `required` are the
/// service plans that a user must have.
///
/// # Errors
/// Only the database's.
pub fn devices<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    (filter, required): (DeviceFilter, &[String]),
    (after, limit): (Option<DeviceId>, i64),
    now: Timestamp,
) -> QueryResult<Vec<DeviceLine>> {
    let customer = proof.customer();
    let registrations = store::named_registrations(read, customer, &filter)?;
    let narrowed = Narrowed { filter, registrations };
    let of_devices = narrowed.filter.status.is_none_or(DeviceStatus::is_of_devices);
    let of_rows = narrowed.filter.status.is_none_or(|status| !status.is_of_devices());
    let (mut unsettled, mut registered) = (Vec::new(), Vec::new());
    // Rows first: one that is settled between the two queries is then in both, and shown as the device it is now.
    if of_rows {
        unsettled = store::unsettled_rows(read, customer, &narrowed, (after, limit), now.before(FAILED_SHOWN))?;
    }
    if of_devices {
        registered = store::devices_of(read, customer, &narrowed, (after, limit), now)?;
    }
    let settled: HashSet<DeviceId> = registered.iter().map(|device| device.id).collect();
    unsettled.retain(|(_, row)| !settled.contains(&row.id));
    let mut lines = described(read, customer, required, registered, now)?;
    let rows = unsettled.into_iter();
    lines.extend(rows.map(|(registration, row)| DeviceLine::Unsettled(registration, Box::new(row))));
    lines.sort_by_key(DeviceLine::id);
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(lines)
}

/// Devices with who registered them and the licences of their users, asked for all of them at once.
fn described(
    read: &mut Read<'_>,
    customer: CustomerId,
    required: &[String],
    registered: Vec<DeviceView>,
    now: Timestamp,
) -> QueryResult<Vec<DeviceLine>> {
    let partner = |device: &DeviceView| PartnerId::from_uuid(device.registered_by.uuid());
    let mut partners: Vec<PartnerId> = registered.iter().map(partner).collect();
    partners.sort();
    partners.dedup();
    let mut names: HashMap<PartnerId, String> =
        companies::profiles(read, &partners)?.into_iter().map(|(id, profile)| (id, profile.name)).collect();
    let own = PartnerId::from_uuid(customer.uuid());
    if partners.contains(&own) {
        names.extend(customers::names(read, &[customer])?.into_values().map(|name| (own, name)));
    }
    let listed = companies::listed_among(read, &partners)?;
    let ready = registered.iter().filter(|device| device.last_seen_at.is_none());
    let users: HashSet<&String> = ready.filter_map(|device| device.assigned_user.as_ref()).collect();
    let users: Vec<String> = users.into_iter().cloned().collect();
    let marks = match users.is_empty() {
        true => HashMap::new(),
        false => subscriptions::licence_marks(read, required, customer, &users, now)?,
    };
    let line = |device: DeviceView| {
        let by = partner(&device);
        let status = DeviceStatus::of(device.last_seen_at, now);
        let mark = || {
            let of_user = device.assigned_user.as_ref().and_then(|user| marks.get(user)).cloned();
            of_user.unwrap_or(LicenceMark::NotChecked)
        };
        let licences = (status == DeviceStatus::Ready).then(mark);
        DeviceLine::Registered(Box::new(RegisteredDevice {
            status,
            registered_by: names.get(&by).cloned(),
            is_of_listed_supplier: listed.contains(&by),
            licences,
            device,
        }))
    };
    Ok(registered.into_iter().map(line).collect())
}

/// One line of the devices page.
///
/// # Errors
/// [`NoDevice`].
pub fn device<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: DeviceId,
    required: &[String],
    now: Timestamp,
) -> Outcome<DeviceLine, NoDevice> {
    let customer = proof.customer();
    if let Some(device) = store::device(read, customer, id)?
        && let Some(line) = described(read, customer, required, vec![device], now)?.pop()
    {
        return Ok(line);
    }
    let (registration, row) = store::unsettled_row(read, customer, id)?.ok_or(NoDevice(id))?;
    Ok(DeviceLine::Unsettled(registration, Box::new(row)))
}

/// Whether the caller is the customer itself and no partner administers it: then it is told how to ask one.
///
/// # Errors
/// Only the database's.
pub fn is_alone<'t>(read: &mut Read<'t>, proof: &Observes<'t>, me: &Scope, now: Timestamp) -> QueryResult<bool> {
    let own = me.organisation() == OrganisationId::from(proof.customer());
    Ok(own && !delegation::is_administered(read, proof.customer(), now)?)
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

/// Deregisters devices, at once: what became of each. Those that are unknown, such as those deregistered already, are told
/// so and hinder no other.
///
/// # Errors
/// Only the database's.
pub fn release_many<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    ids: &[DeviceId],
    now: Timestamp,
) -> QueryResult<Vec<ItemOutcome>> {
    let released = store::release_these(tx, proof, ids, now)?;
    if !released.is_empty() {
        let devices = released.iter().map(|id| id.uuid()).collect();
        let event = Event::DevicesDeregistered { customer: proof.customer().uuid(), devices };
        audit::record(tx, me, &event, now)?;
    }
    let mut released: HashSet<DeviceId> = released.into_iter().collect();
    let mut named = HashSet::with_capacity(ids.len());
    let outcome = |id: &DeviceId| match (named.insert(*id), released.remove(id)) {
        (false, _) => ItemOutcome::Twice,
        (true, true) => ItemOutcome::Done,
        (true, false) => ItemOutcome::Unknown,
    };
    Ok(ids.iter().map(outcome).collect())
}
