//! Device batches: what was registered under one name.

use diesel::prelude::*;

use super::super::model::{BatchDevice, DeviceId, PolicyId, RegistrationId};
use super::{devices, registration_rows};
use crate::access::CustomerId;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::text::folded;

/// By what batches are told apart: capitals do not matter.
pub(in crate::devices) fn batch_key(name: &str) -> String {
    folded(name)
}

/// How many devices of a customer came of each registration.
pub(in crate::devices) fn devices_by_registration(
    read: &mut Read<'_>,
    customer: CustomerId,
) -> QueryResult<Vec<(RegistrationId, i64)>> {
    devices::table
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .group_by(devices::registration_id)
        .select((devices::registration_id, diesel::dsl::count_star()))
        .load(read.connection())
}

type BatchRow =
    ((DeviceId, RegistrationId, i32), (String, String, String, Option<String>), (Timestamp, Option<PolicyId>));

macro_rules! batch_columns {
    () => {
        (
            (devices::id, registration_rows::registration_id, registration_rows::position),
            (devices::manufacturer, devices::model, devices::serial_number, devices::product_id),
            (devices::registered_at, devices::policy_id),
        )
    };
}

fn device_of(row: BatchRow) -> BatchDevice {
    let ((id, registration, position), values, (registered_at, policy)) = row;
    let (manufacturer, model, serial_number, product_id) = values;
    BatchDevice { id, registration, position, manufacturer, model, serial_number, product_id, registered_at, policy }
}

/// The devices that came of some registrations, after a position in one of them, in the order in which they were sent.
pub(in crate::devices) fn devices_of_registrations(
    read: &mut Read<'_>,
    customer: CustomerId,
    registrations: &[RegistrationId],
    after: Option<(RegistrationId, i32)>,
    limit: i64,
) -> QueryResult<Vec<BatchDevice>> {
    let mut query = registration_rows::table
        .inner_join(devices::table.on(devices::id.eq(registration_rows::id)))
        .filter(registration_rows::registration_id.eq_any(registrations))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select(batch_columns!())
        .into_boxed();
    if let Some((registration, position)) = after {
        let rest_of_it =
            registration_rows::registration_id.eq(registration).and(registration_rows::position.gt(position));
        query = query.filter(registration_rows::registration_id.gt(registration).or(rest_of_it));
    }
    let rows: Vec<BatchRow> = query
        .order((registration_rows::registration_id, registration_rows::position))
        .limit(limit)
        .load(read.connection())?;
    Ok(rows.into_iter().map(device_of).collect())
}

/// One of these devices.
pub(in crate::devices) fn device_of_registrations(
    read: &mut Read<'_>,
    customer: CustomerId,
    registrations: &[RegistrationId],
    id: DeviceId,
) -> QueryResult<Option<BatchDevice>> {
    let row: Option<BatchRow> = registration_rows::table
        .inner_join(devices::table.on(devices::id.eq(registration_rows::id)))
        .filter(registration_rows::id.eq(id))
        .filter(registration_rows::registration_id.eq_any(registrations))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select(batch_columns!())
        .first(read.connection())
        .optional()?;
    Ok(row.map(device_of))
}
