//! Devices.

use diesel::prelude::*;

use super::super::model::{DeviceId, Evidence, RegistrationId};
use super::devices;
use crate::access::{CustomerId, OrganisationId};
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

/// A registered device.
#[derive(Clone, Debug)]
pub(in crate::devices) struct DeviceView {
    pub(in crate::devices) id: DeviceId,
    pub(in crate::devices) registration: RegistrationId,
    pub(in crate::devices) manufacturer: String,
    pub(in crate::devices) model: String,
    pub(in crate::devices) serial_number: String,
    pub(in crate::devices) product_id: Option<String>,
    pub(in crate::devices) group_tag: Option<String>,
    pub(in crate::devices) assigned_user: Option<String>,
    pub(in crate::devices) evidence: Evidence,
    pub(in crate::devices) registered_at: Timestamp,
    pub(in crate::devices) registered_by: OrganisationId,
}

type DeviceRow = (
    (DeviceId, RegistrationId),
    (String, String, String, Option<String>, Option<String>, Option<String>),
    (String, Timestamp, OrganisationId),
);

pub(in crate::devices) fn devices_of(
    read: &mut Read<'_>,
    customer: CustomerId,
    after: Option<DeviceId>,
    limit: i64,
) -> QueryResult<Vec<DeviceView>> {
    let mut query = devices::table
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select((
            (devices::id, devices::registration_id),
            (
                devices::manufacturer,
                devices::model,
                devices::serial_number,
                devices::product_id,
                devices::group_tag,
                devices::assigned_user,
            ),
            (devices::evidence, devices::registered_at, devices::registered_by),
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(devices::id.gt(after));
    }
    let rows: Vec<DeviceRow> = query.order(devices::id).limit(limit).load(read.connection())?;
    let device = |((id, registration), values, (evidence, registered_at, registered_by)): DeviceRow| {
        let (manufacturer, model, serial_number, product_id, group_tag, assigned_user) = values;
        Ok(DeviceView {
            id,
            registration,
            manufacturer,
            model,
            serial_number,
            product_id,
            group_tag,
            assigned_user,
            evidence: word(evidence)?,
            registered_at,
            registered_by,
        })
    };
    rows.into_iter().map(device).collect()
}

/// Guarded: a device is released once.
pub(in crate::devices) fn release(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    id: DeviceId,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(devices::table)
        .filter(devices::id.eq(id))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .set(devices::released_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Releases devices that came of a registration, at most `limit`, and returns which.
pub(in crate::devices) fn release_some<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    registration: RegistrationId,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<DeviceId>> {
    let rows = super::registration_rows::table
        .filter(super::registration_rows::registration_id.eq(registration))
        .inner_join(devices::table.on(devices::id.eq(super::registration_rows::id)));
    let some: Vec<DeviceId> = rows
        .filter(devices::customer_id.eq(proof.customer()))
        .filter(devices::released_at.is_null())
        .order(super::registration_rows::position)
        .limit(limit)
        .select(devices::id)
        .load(tx.connection())?;
    diesel::update(devices::table.filter(devices::id.eq_any(&some)))
        .set(devices::released_at.eq(now))
        .execute(tx.connection())?;
    Ok(some)
}
