//! Devices as Graph's clients see them: imported identities, device identities, synchronisation.

use diesel::prelude::*;

use super::super::model::{
    DeviceId, DeviceIdentity, FindingCode, IdentityChange, ImportedIdentity, RegistrationId, RowState, Source,
    UploadError,
};
use super::{device_registrations, devices, failed_rows, registration_rows};
use crate::access::CustomerId;
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::like_literal;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    removed_imports (row_id) {
        row_id -> Id,
        removed_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    autopilot_syncs (customer_id) {
        customer_id -> Id,
        synced_at -> Moment,
    }
}

/// Which imported identities are wanted.
#[derive(Clone, Debug, Default)]
pub(in crate::devices) struct ImportFilter {
    /// Only this one.
    pub(in crate::devices) id: Option<DeviceId>,
    /// Only those of this import.
    pub(in crate::devices) registration: Option<RegistrationId>,
    /// Only those with this in their serial numbers.
    pub(in crate::devices) serial: Option<String>,
    /// Only those after this one.
    pub(in crate::devices) after: Option<DeviceId>,
}

type ImportRow = (
    (DeviceId, RegistrationId, i32),
    (String, Option<String>, Option<String>, Option<String>),
    (Option<String>, Option<String>, Option<DeviceId>),
);

/// Imported identities of a customer that were not removed and came after `since`, in the order of their ids.
pub(in crate::devices) fn imported(
    read: &mut Read<'_>,
    customer: CustomerId,
    filter: &ImportFilter,
    since: Timestamp,
    limit: i64,
) -> QueryResult<Vec<ImportedIdentity>> {
    let removed = removed_imports::table.filter(removed_imports::row_id.eq(registration_rows::id));
    let mut query = registration_rows::table
        .inner_join(device_registrations::table.on(device_registrations::id.eq(registration_rows::registration_id)))
        .left_join(failed_rows::table.on(failed_rows::row_id.eq(registration_rows::id)))
        .left_join(devices::table.on(devices::id.eq(registration_rows::id)))
        .filter(device_registrations::customer_id.eq(customer))
        .filter(device_registrations::source.eq(Source::Import.as_str()))
        .filter(device_registrations::registered_at.ge(since))
        .filter(diesel::dsl::not(diesel::dsl::exists(removed)))
        .select((
            (registration_rows::id, registration_rows::registration_id, registration_rows::position),
            (
                registration_rows::serial_number,
                registration_rows::product_id,
                registration_rows::group_tag,
                registration_rows::assigned_user,
            ),
            (registration_rows::refused, failed_rows::code.nullable(), devices::id.nullable()),
        ))
        .into_boxed();
    if let Some(id) = filter.id {
        query = query.filter(registration_rows::id.eq(id));
    }
    if let Some(registration) = filter.registration {
        query = query.filter(registration_rows::registration_id.eq(registration));
    }
    if let Some(serial) = &filter.serial {
        let part = format!("%{}%", like_literal(serial));
        query = query.filter(registration_rows::serial_folded.like(part).escape('\\'));
    }
    if let Some(after) = filter.after {
        query = query.filter(registration_rows::id.gt(after));
    }
    let rows: Vec<ImportRow> = query.order(registration_rows::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(imported_of).collect()
}

fn imported_of(row: ImportRow) -> QueryResult<ImportedIdentity> {
    let ((id, registration, position), values, (refused, code, device)) = row;
    let (serial_number, product_id, group_tag, assigned_user) = values;
    let code: Option<FindingCode> = code.or(refused).map(word).transpose()?;
    let (state, error) = match (device, code) {
        (Some(_), _) => (RowState::Ready, None),
        (None, Some(code)) => (RowState::Failed, Some(UploadError::of(code))),
        (None, None) => (RowState::Pending, None),
    };
    Ok(ImportedIdentity {
        id,
        registration,
        position,
        serial_number,
        product_id,
        group_tag,
        assigned_user,
        state,
        error,
    })
}

/// Clients see the imported identity no more.
pub(in crate::devices) fn remove_import(tx: &mut Tx<'_>, id: DeviceId, now: Timestamp) -> QueryResult<()> {
    // Of two calls at once the second is tried again, and finds it removed.
    diesel::insert_into(removed_imports::table)
        .values((removed_imports::row_id.eq(id), removed_imports::removed_at.eq(now)))
        .execute(tx.connection())?;
    Ok(())
}

type IdentityRow = (
    (DeviceId, String, String, String, Option<String>),
    (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>),
    Option<Timestamp>,
);

/// Devices of a customer, in the order of their ids.
pub(in crate::devices) fn identities(
    read: &mut Read<'_>,
    customer: CustomerId,
    (id, serial): (Option<DeviceId>, Option<&str>),
    after: Option<DeviceId>,
    limit: i64,
) -> QueryResult<Vec<DeviceIdentity>> {
    let mut query = devices::table
        .inner_join(device_registrations::table.on(device_registrations::id.eq(devices::registration_id)))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select((
            (devices::id, devices::manufacturer, devices::model, devices::serial_number, devices::product_id),
            (
                devices::group_tag,
                device_registrations::purchase_id,
                devices::assigned_user,
                devices::addressable_user_name,
                devices::display_name,
            ),
            devices::last_seen_at,
        ))
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(devices::id.eq(id));
    }
    if let Some(serial) = serial {
        query = query.filter(devices::serial_folded.like(format!("%{}%", like_literal(serial))).escape('\\'));
    }
    if let Some(after) = after {
        query = query.filter(devices::id.gt(after));
    }
    let rows: Vec<IdentityRow> = query.order(devices::id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(identity_of).collect())
}

fn identity_of(row: IdentityRow) -> DeviceIdentity {
    let ((id, manufacturer, model, serial_number, product_id), texts, last_seen_at) = row;
    let (group_tag, purchase_id, assigned_user, addressable_user_name, display_name) = texts;
    DeviceIdentity {
        id,
        manufacturer,
        model,
        serial_number,
        product_id,
        group_tag,
        purchase_id,
        assigned_user,
        addressable_user_name,
        display_name,
        last_seen_at,
    }
}

/// What a column becomes: as it was if nothing is said of it, nothing if it is to be empty.
fn becomes(change: &Option<String>) -> Option<Option<&str>> {
    change.as_deref().map(|text| Some(text).filter(|text| !text.is_empty()))
}

/// Guarded: a device that is still registered is changed. A change that says nothing changes nothing.
pub(in crate::devices) fn change_identity<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: DeviceId,
    change: &IdentityChange,
) -> QueryResult<bool> {
    let changed = diesel::update(devices::table)
        .filter(devices::id.eq(id))
        .filter(devices::customer_id.eq(proof.customer()))
        .filter(devices::released_at.is_null())
        .set((
            devices::customer_id.eq(devices::customer_id),
            becomes(&change.group_tag).map(|value| devices::group_tag.eq(value)),
            becomes(&change.assigned_user).map(|value| devices::assigned_user.eq(value)),
            becomes(&change.addressable_user_name).map(|value| devices::addressable_user_name.eq(value)),
            becomes(&change.display_name).map(|value| devices::display_name.eq(value)),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// When a customer's devices were last asked to be synchronised.
pub(in crate::devices) fn synced_at(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<Option<Timestamp>> {
    autopilot_syncs::table
        .filter(autopilot_syncs::customer_id.eq(customer))
        .select(autopilot_syncs::synced_at)
        .first(read.connection())
        .optional()
}

/// They were asked now.
pub(in crate::devices) fn set_synced(tx: &mut Tx<'_>, customer: CustomerId, now: Timestamp) -> QueryResult<()> {
    let known = diesel::update(autopilot_syncs::table.filter(autopilot_syncs::customer_id.eq(customer)))
        .set(autopilot_syncs::synced_at.eq(now))
        .execute(tx.connection())?;
    if known == 0 {
        diesel::insert_into(autopilot_syncs::table)
            .values((autopilot_syncs::customer_id.eq(customer), autopilot_syncs::synced_at.eq(now)))
            .execute(tx.connection())?;
    }
    Ok(())
}
