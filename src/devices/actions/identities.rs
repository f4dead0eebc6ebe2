//! Devices as Graph's clients import, list and change them.

use std::time::Duration;

use diesel::QueryResult;

use super::super::model::{
    DeviceId, DeviceIdentity, GivenRefused, IdentityChange, ImportedIdentity, NoDevice, RegistrationId, RowState,
};
use super::super::store::{self, ImportFilter};
use crate::access::Scope;
use crate::audit::{self, Event};
use crate::customers;
use crate::delegation::{Administers, Observes};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;

/// How long imported identities are shown.
const SHOWN: Duration = days(30);
/// How long a synchronisation is good for.
const BETWEEN_SYNCS: Duration = Duration::from_secs(600);

/// Which imported identities are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those with this in their serial numbers.
    pub serial: Option<String>,
    /// Only those after this one.
    pub after: Option<DeviceId>,
}

/// The imported identities of a customer's last 30 days that were not removed.
///
/// # Errors
/// Only the database's.
pub fn imported_identities<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    wanted: Wanted,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<ImportedIdentity>> {
    let filter = ImportFilter { serial: wanted.serial, after: wanted.after, ..ImportFilter::default() };
    store::imported(read, proof.customer(), &filter, now.before(SHOWN), limit)
}

/// Those of one import, in the order in which they were sent.
///
/// # Errors
/// Only the database's.
pub fn identities_of_import<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    registration: RegistrationId,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<ImportedIdentity>> {
    let filter = ImportFilter { registration: Some(registration), ..ImportFilter::default() };
    store::imported(read, proof.customer(), &filter, now.before(SHOWN), limit)
}

/// One imported identity.
///
/// # Errors
/// [`GivenRefused::NoImport`].
pub fn imported_identity<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: DeviceId,
    now: Timestamp,
) -> Outcome<ImportedIdentity, GivenRefused> {
    let filter = ImportFilter { id: Some(id), ..ImportFilter::default() };
    let found = store::imported(read, proof.customer(), &filter, now.before(SHOWN), 1)?.into_iter().next();
    Ok(found.ok_or_else(|| GivenRefused::NoImport(id.to_string()))?)
}

/// Clients see the imported identity no more; one that failed is dismissed. What became of its device stays.
///
/// # Errors
/// [`GivenRefused::NoImport`].
pub fn remove_import<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    id: DeviceId,
    now: Timestamp,
) -> Outcome<(), GivenRefused> {
    let found = imported_identity(tx, &proof.observes(), id, now)?;
    store::remove_import(tx, id, now)?;
    if found.state == RowState::Failed {
        store::dismiss(tx, found.registration, Some(&[found.position]), now)?;
    }
    let event = Event::ImportedDeviceRemoved { device: id.uuid(), customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// The devices of a customer.
///
/// # Errors
/// Only the database's.
pub fn device_identities<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    wanted: &Wanted,
    limit: i64,
) -> QueryResult<Vec<DeviceIdentity>> {
    store::identities(read, proof.customer(), (None, wanted.serial.as_deref()), wanted.after, limit)
}

/// One device of a customer.
///
/// # Errors
/// [`NoDevice`].
pub fn device_identity<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: DeviceId,
) -> Outcome<DeviceIdentity, NoDevice> {
    let found = store::identities(read, proof.customer(), (Some(id), None), None, 1)?.into_iter().next();
    Ok(found.ok_or(NoDevice(id))?)
}

/// The domains of a customer's users, folded.
///
/// # Errors
/// Only the database's.
pub fn user_domains<'t>(read: &mut Read<'t>, proof: &Observes<'t>) -> QueryResult<Vec<String>> {
    let mut domains = customers::directory::added_domains(read, proof.customer())?;
    domains.extend(customers::own_record(read, proof.customer())?.map(|record| record.domain));
    Ok(domains)
}

/// Changes what is said of a device: its user, its tag, its name.
///
/// # Errors
/// [`NoDevice`].
pub fn change_identity<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (id, change): (DeviceId, &IdentityChange),
    now: Timestamp,
) -> Outcome<(), NoDevice> {
    if !store::change_identity(tx, proof, id, change)? {
        return Err(NoDevice(id).into());
    }
    let event = Event::DevicePropertiesChanged { device: id.uuid(), customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// When the customer's devices were last asked to be synchronised.
///
/// # Errors
/// Only the database's.
pub fn last_sync<'t>(read: &mut Read<'t>, proof: &Observes<'t>) -> QueryResult<Option<Timestamp>> {
    store::synced_at(read, proof.customer())
}

/// Synchronises the customer's devices: there is nothing that could lag behind, so that it was asked for is all that is kept.
///
/// # Errors
/// [`GivenRefused::SyncTooSoon`].
pub fn sync<'t>(tx: &mut Tx<'t>, proof: &Administers<'t>, me: &Scope, now: Timestamp) -> Outcome<(), GivenRefused> {
    let free = store::synced_at(tx, proof.customer())?.map(|last| last.after(BETWEEN_SYNCS));
    if let Some(free) = free.filter(|free| *free > now) {
        let left = u32::try_from(free.seconds() - now.seconds()).unwrap_or(1).max(1);
        return Err(GivenRefused::SyncTooSoon(left).into());
    }
    store::set_synced(tx, proof.customer(), now)?;
    let event = Event::DevicesSynchronised { customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}
