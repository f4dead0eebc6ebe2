//! Devices: as the devices page lists them, and their end.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::super::model::{DeviceFilter, DeviceId, DeviceStatus, Evidence, Narrowed, RegistrationId};
use super::{device_registrations, devices};
use crate::access::{CustomerId, OrganisationId};
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::like_literal;

diesel::define_sql_function! {
    /// Sign-in names are plain ASCII, which both databases fold alike.
    fn lower(text: Nullable<Text>) -> Nullable<Text>
}

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
    pub(in crate::devices) display_name: Option<String>,
    pub(in crate::devices) evidence: Evidence,
    pub(in crate::devices) registered_at: Timestamp,
    pub(in crate::devices) registered_by: OrganisationId,
    pub(in crate::devices) last_seen_at: Option<Timestamp>,
    pub(in crate::devices) last_seen_user: Option<String>,
    pub(in crate::devices) image_checked_at: Option<Timestamp>,
    pub(in crate::devices) image_checked_by: Option<String>,
}

type DeviceRow = (
    (DeviceId, RegistrationId),
    (String, String, String, Option<String>, Option<String>, Option<String>, Option<String>),
    (String, Timestamp, OrganisationId),
    (Option<Timestamp>, Option<String>, Option<Timestamp>, Option<String>),
);

macro_rules! device_columns {
    () => {
        (
            (devices::id, devices::registration_id),
            (
                devices::manufacturer,
                devices::model,
                devices::serial_number,
                devices::product_id,
                devices::group_tag,
                devices::assigned_user,
                devices::display_name,
            ),
            (devices::evidence, devices::registered_at, devices::registered_by),
            (devices::last_seen_at, devices::last_seen_user, devices::image_checked_at, devices::image_checked_by),
        )
    };
}

fn view(row: DeviceRow) -> QueryResult<DeviceView> {
    let ((id, registration), values, (evidence, registered_at, registered_by), used) = row;
    let (manufacturer, model, serial_number, product_id, group_tag, assigned_user, display_name) = values;
    let (last_seen_at, last_seen_user, image_checked_at, image_checked_by) = used;
    Ok(DeviceView {
        id,
        registration,
        manufacturer,
        model,
        serial_number,
        product_id,
        group_tag,
        assigned_user,
        display_name,
        evidence: word(evidence)?,
        registered_at,
        registered_by,
        last_seen_at,
        last_seen_user,
        image_checked_at,
        image_checked_by,
    })
}

/// The registrations that an Order ID and a Purchase ID stand for, both folded; `None` if neither is asked for.
pub(in crate::devices) fn named_registrations(
    read: &mut Read<'_>,
    customer: CustomerId,
    filter: &DeviceFilter,
) -> QueryResult<Option<Vec<RegistrationId>>> {
    if filter.order_id.is_none() && filter.purchase_id.is_none() {
        return Ok(None);
    }
    let mut query = device_registrations::table
        .filter(device_registrations::customer_id.eq(customer))
        .select(device_registrations::id)
        .into_boxed();
    if let Some(order) = &filter.order_id {
        query = query.filter(device_registrations::order_folded.eq(order));
    }
    if let Some(purchase) = &filter.purchase_id {
        query = query.filter(device_registrations::purchase_folded.eq(purchase));
    }
    query.load(read.connection()).map(Some)
}

/// Devices of a customer in order of their ids. What they are filtered by is in the index that is walked; rows are read of
/// those that are shown.
pub(in crate::devices) fn devices_of(
    read: &mut Read<'_>,
    customer: CustomerId,
    Narrowed { filter, registrations }: &Narrowed,
    (after, limit): (Option<DeviceId>, i64),
    now: Timestamp,
) -> QueryResult<Vec<DeviceView>> {
    let mut query = devices::table
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select(devices::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(devices::id.gt(after));
    }
    if let Some(registrations) = registrations {
        query = query.filter(devices::registration_id.eq_any(registrations));
    }
    if let Some(serial) = &filter.serial {
        query = query.filter(devices::serial_folded.like(format!("%{}%", like_literal(serial))).escape('\\'));
    }
    if let Some(user) = &filter.user {
        query = query.filter(devices::assigned_user.is_not_null()).filter(lower(devices::assigned_user).eq(user));
    }
    let in_use = DeviceStatus::in_use_since(now);
    query = match filter.status {
        None => query,
        Some(DeviceStatus::Ready) => query.filter(devices::last_seen_at.is_null()),
        Some(DeviceStatus::Active) => query.filter(devices::last_seen_at.ge(in_use)),
        Some(DeviceStatus::Inactive) => query.filter(devices::last_seen_at.lt(in_use)),
        Some(DeviceStatus::Pending | DeviceStatus::Failed) => return Ok(Vec::new()),
    };
    let ids: Vec<DeviceId> = query.order(devices::id).limit(limit).load(read.connection())?;
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(5_000) {
        let rows: Vec<DeviceRow> = devices::table
            .filter(devices::id.eq_any(some))
            .order(devices::id)
            .select(device_columns!())
            .load(read.connection())?;
        found.extend(rows);
    }
    found.into_iter().map(view).collect()
}

/// One registered device of a customer.
pub(in crate::devices) fn device(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: DeviceId,
) -> QueryResult<Option<DeviceView>> {
    let row: Option<DeviceRow> = devices::table
        .filter(devices::id.eq(id))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select(device_columns!())
        .first(read.connection())
        .optional()?;
    row.map(view).transpose()
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

/// Releases those of `ids` that are registered to the customer, and returns which.
pub(in crate::devices) fn release_these<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    ids: &[DeviceId],
    now: Timestamp,
) -> QueryResult<Vec<DeviceId>> {
    let registered: Vec<DeviceId> = devices::table
        .filter(devices::id.eq_any(ids))
        .filter(devices::customer_id.eq(proof.customer()))
        .filter(devices::released_at.is_null())
        .select(devices::id)
        .load(tx.connection())?;
    diesel::update(devices::table.filter(devices::id.eq_any(&registered)).filter(devices::released_at.is_null()))
        .set(devices::released_at.eq(now))
        .execute(tx.connection())?;
    Ok(registered)
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
