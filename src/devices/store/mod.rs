//! Tables of registrations, their rows, devices, and the device directory.

mod settle;

use diesel::prelude::*;

use super::model::{CheckedRow, Counts, DeviceId, FindingCode, Registration, RegistrationId, RequestId, RowState};
use crate::access::{CustomerId, OrganisationId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, insert_all};
use crate::platform::text::folded;

pub(super) use settle::{chunk_end, fail_pending, finish, settle_chunk, upsert_directory};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    device_registrations (id) {
        id -> Id,
        customer_id -> Id,
        registered_by -> Id,
        registered_by_user -> Nullable<Id>,
        file_name -> Text,
        order_id -> Nullable<Text>,
        purchase_id -> Nullable<Text>,
        request_id -> Id,
        created_at -> Moment,
        finished_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    registration_rows (id) {
        id -> Id,
        registration_id -> Id,
        customer_id -> Id,
        line -> Integer,
        manufacturer -> Text,
        manufacturer_folded -> Text,
        model -> Text,
        serial_number -> Text,
        serial_folded -> Text,
        state -> Text,
        error -> Nullable<Text>,
        code -> Nullable<Text>,
        settled_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    devices (id) {
        id -> Id,
        customer_id -> Id,
        registration_id -> Id,
        manufacturer -> Text,
        model -> Text,
        serial_number -> Text,
        manufacturer_folded -> Text,
        serial_folded -> Text,
        matched -> Bool,
        registered_at -> Moment,
        released_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(device_registrations, registration_rows, devices);

pub(super) fn insert_registration(
    tx: &mut Tx<'_>,
    registration: &Registration,
    user: Option<UserId>,
) -> QueryResult<()> {
    diesel::insert_into(device_registrations::table)
        .values((
            device_registrations::id.eq(registration.id),
            device_registrations::customer_id.eq(registration.customer),
            device_registrations::registered_by.eq(registration.registered_by),
            device_registrations::registered_by_user.eq(user),
            device_registrations::file_name.eq(&registration.file_name),
            device_registrations::order_id.eq(&registration.order_id),
            device_registrations::purchase_id.eq(&registration.purchase_id),
            device_registrations::request_id.eq(registration.request),
            device_registrations::created_at.eq(registration.created_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Inserts the rows of a registration.
pub(super) fn insert_rows(tx: &mut Tx<'_>, registration: &Registration, rows: &[CheckedRow]) -> QueryResult<()> {
    // In sets, so that a large file is not in memory twice.
    rows.chunks(1_000).try_for_each(|set| {
        let set: Vec<NewRow<'_>> = set.iter().map(|row| NewRow::new(registration, row)).collect();
        insert_all!(tx, registration_rows::table, set)
    })
}

#[derive(Insertable)]
#[diesel(table_name = registration_rows, treat_none_as_default_value = false)]
struct NewRow<'r> {
    id: DeviceId,
    registration_id: RegistrationId,
    customer_id: CustomerId,
    line: i32,
    manufacturer: &'r str,
    manufacturer_folded: String,
    model: &'r str,
    serial_number: &'r str,
    serial_folded: String,
    state: &'static str,
    error: Option<&'static str>,
    code: Option<&'static str>,
    settled_at: Option<Timestamp>,
}

impl<'r> NewRow<'r> {
    fn new(registration: &Registration, CheckedRow { device, refused }: &'r CheckedRow) -> Self {
        let state = if refused.is_some() { RowState::Failed } else { RowState::Pending };
        Self {
            id: DeviceId::fresh(),
            registration_id: registration.id,
            customer_id: registration.customer,
            line: i32::try_from(device.line).unwrap_or(i32::MAX),
            manufacturer: &device.manufacturer,
            manufacturer_folded: folded(&device.manufacturer),
            model: &device.model,
            serial_number: &device.serial_number,
            serial_folded: folded(&device.serial_number),
            state: state.as_str(),
            error: refused.map(|code| code.error().as_str()),
            code: refused.map(FindingCode::as_str),
            settled_at: refused.map(|_| registration.created_at),
        }
    }
}

type RegistrationRow = (
    RegistrationId,
    CustomerId,
    OrganisationId,
    String,
    Option<String>,
    Option<String>,
    RequestId,
    Timestamp,
    Option<Timestamp>,
);

fn registration_of(row: RegistrationRow) -> Registration {
    let (id, customer, registered_by, file_name, order_id, purchase_id, request, created_at, finished_at) = row;
    Registration { id, customer, registered_by, file_name, order_id, purchase_id, request, created_at, finished_at }
}

macro_rules! registration_columns {
    () => {
        (
            device_registrations::id,
            device_registrations::customer_id,
            device_registrations::registered_by,
            device_registrations::file_name,
            device_registrations::order_id,
            device_registrations::purchase_id,
            device_registrations::request_id,
            device_registrations::created_at,
            device_registrations::finished_at,
        )
    };
}

/// By id alone, for the registrar, which proves the delegation for the row's own organisation and customer.
pub(super) fn registration_to_settle(read: &mut Read<'_>, id: RegistrationId) -> QueryResult<Option<Registration>> {
    let row: Option<RegistrationRow> = device_registrations::table
        .filter(device_registrations::id.eq(id))
        .select(registration_columns!())
        .first(read.connection())
        .optional()?;
    Ok(row.map(registration_of))
}

pub(super) fn registration(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: RegistrationId,
) -> QueryResult<Option<Registration>> {
    let row: Option<RegistrationRow> = device_registrations::table
        .filter(device_registrations::id.eq(id))
        .filter(device_registrations::customer_id.eq(customer))
        .select(registration_columns!())
        .first(read.connection())
        .optional()?;
    Ok(row.map(registration_of))
}

pub(super) fn registrations(
    read: &mut Read<'_>,
    customer: CustomerId,
    after: Option<RegistrationId>,
    limit: i64,
) -> QueryResult<Vec<Registration>> {
    let mut query = device_registrations::table
        .filter(device_registrations::customer_id.eq(customer))
        .select(registration_columns!())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(device_registrations::id.gt(after));
    }
    let rows: Vec<RegistrationRow> = query.order(device_registrations::id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(registration_of).collect())
}

pub(super) fn counts(
    read: &mut Read<'_>,
    registrations: &[RegistrationId],
) -> QueryResult<Vec<(RegistrationId, Counts)>> {
    let mut counted: Vec<(RegistrationId, Counts)> = Vec::new();
    for some in registrations.chunks(5_000) {
        let rows: Vec<(RegistrationId, String, i64)> = registration_rows::table
            .filter(registration_rows::registration_id.eq_any(some))
            .group_by((registration_rows::registration_id, registration_rows::state))
            .select((registration_rows::registration_id, registration_rows::state, diesel::dsl::count_star()))
            .order(registration_rows::registration_id)
            .load(read.connection())?;
        for (id, state, count) in rows {
            if counted.last().is_none_or(|(last, _)| *last != id) {
                counted.push((id, Counts::default()));
            }
            let Some((_, counts)) = counted.last_mut() else { continue };
            match state.as_str() {
                "pending" => counts.pending = count,
                "ready" => counts.ready = count,
                _ => counts.failed = count,
            }
        }
    }
    Ok(counted)
}

/// Registrations of `organisation` that are still running.
pub(super) fn running_by(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    limit: i64,
) -> QueryResult<Vec<Registration>> {
    let rows: Vec<RegistrationRow> = device_registrations::table
        .filter(device_registrations::registered_by.eq(organisation))
        .filter(device_registrations::finished_at.is_null())
        .order(device_registrations::id)
        .limit(limit)
        .select(registration_columns!())
        .load(read.connection())?;
    Ok(rows.into_iter().map(registration_of).collect())
}

/// A row as people see it.
#[derive(Clone, Debug, Queryable)]
pub(super) struct RowView {
    pub(super) id: DeviceId,
    pub(super) line: i32,
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) serial_number: String,
    pub(super) state: String,
    pub(super) error: Option<String>,
    pub(super) code: Option<String>,
}

macro_rules! row_columns {
    () => {
        (
            registration_rows::id,
            registration_rows::line,
            registration_rows::manufacturer,
            registration_rows::model,
            registration_rows::serial_number,
            registration_rows::state,
            registration_rows::error,
            registration_rows::code,
        )
    };
}

pub(super) fn rows(
    read: &mut Read<'_>,
    registration: RegistrationId,
    outcome: Option<RowState>,
    after_line: Option<i32>,
    limit: i64,
) -> QueryResult<Vec<RowView>> {
    let mut query = registration_rows::table
        .filter(registration_rows::registration_id.eq(registration))
        .filter(registration_rows::line.gt(after_line.unwrap_or(-1)))
        .select(row_columns!())
        .into_boxed();
    if let Some(outcome) = outcome {
        query = query.filter(registration_rows::state.eq(outcome.as_str()));
    }
    query.order(registration_rows::line).limit(limit).load(read.connection())
}

/// Rows of a customer that are pending or failed, in order of their ids: they share the id space of devices.
pub(super) fn unsettled_rows(
    read: &mut Read<'_>,
    customer: CustomerId,
    after: Option<DeviceId>,
    failed_since: Timestamp,
    limit: i64,
) -> QueryResult<Vec<(RegistrationId, RowView)>> {
    let recent = registration_rows::state
        .eq(RowState::Pending.as_str())
        .or(registration_rows::settled_at.gt(failed_since).assume_not_null());
    let mut query = registration_rows::table
        .filter(registration_rows::customer_id.eq(customer))
        .filter(registration_rows::state.ne(RowState::Ready.as_str()))
        .filter(recent)
        .select((registration_rows::registration_id, row_columns!()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(registration_rows::id.gt(after));
    }
    query.order(registration_rows::id).limit(limit).load(read.connection())
}

/// A registered device.
#[derive(Clone, Debug, Queryable)]
pub(super) struct DeviceView {
    pub(super) id: DeviceId,
    pub(super) registration: RegistrationId,
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) serial_number: String,
    pub(super) matched: bool,
    pub(super) registered_at: Timestamp,
    pub(super) registered_by: OrganisationId,
}

pub(super) fn devices(
    read: &mut Read<'_>,
    customer: CustomerId,
    after: Option<DeviceId>,
    limit: i64,
) -> QueryResult<Vec<DeviceView>> {
    let mut query = devices::table
        .inner_join(device_registrations::table.on(device_registrations::id.eq(devices::registration_id)))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select((
            devices::id,
            devices::registration_id,
            devices::manufacturer,
            devices::model,
            devices::serial_number,
            devices::matched,
            devices::registered_at,
            device_registrations::registered_by,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(devices::id.gt(after));
    }
    query.order(devices::id).limit(limit).load(read.connection())
}

/// Guarded: a device is released once.
pub(super) fn release(tx: &mut Tx<'_>, customer: CustomerId, id: DeviceId, now: Timestamp) -> QueryResult<bool> {
    let changed = diesel::update(devices::table)
        .filter(devices::id.eq(id))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .set(devices::released_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Violations of the rows' own rules, counted in the database: finished registrations with pending rows, ready rows
/// without a device, devices of rows that are not ready.
pub(super) fn broken_rows(read: &mut Read<'_>) -> QueryResult<Vec<(&'static str, i64)>> {
    let pending = device_registrations::table
        .inner_join(registration_rows::table.on(registration_rows::registration_id.eq(device_registrations::id)))
        .filter(device_registrations::finished_at.is_not_null())
        .filter(registration_rows::state.eq(RowState::Pending.as_str()))
        .count()
        .get_result(read.connection())?;
    let without = registration_rows::table
        .left_join(devices::table.on(devices::id.eq(registration_rows::id)))
        .filter(registration_rows::state.eq(RowState::Ready.as_str()))
        .filter(devices::id.nullable().is_null())
        .count()
        .get_result(read.connection())?;
    let unready = devices::table
        .inner_join(registration_rows::table.on(registration_rows::id.eq(devices::id)))
        .filter(registration_rows::state.ne(RowState::Ready.as_str()))
        .count()
        .get_result(read.connection())?;
    Ok(vec![
        ("I3: {} rows are pending in finished registrations", pending),
        ("I3: {} rows are ready without a device", without),
        ("I3: {} devices belong to rows that are not ready", unready),
    ])
}

/// Claim keys that more than one device holds.
pub(super) fn doubled_claims(read: &mut Read<'_>) -> QueryResult<Vec<(String, String)>> {
    devices::table
        .filter(devices::released_at.is_null())
        .group_by((devices::manufacturer_folded, devices::serial_folded))
        .having(diesel::dsl::count_star().gt(1))
        .select((devices::manufacturer_folded, devices::serial_folded))
        .load(read.connection())
}

/// Who registered which device when, once per registration and moment: devices of a chunk share both.
pub(super) fn settlements(read: &mut Read<'_>) -> QueryResult<Vec<(OrganisationId, CustomerId, Timestamp)>> {
    devices::table
        .inner_join(device_registrations::table.on(device_registrations::id.eq(devices::registration_id)))
        .select((device_registrations::registered_by, devices::customer_id, devices::registered_at))
        .distinct()
        .load(read.connection())
}

/// Registrations that are not finished: each must have its job.
pub(super) fn unfinished(read: &mut Read<'_>) -> QueryResult<Vec<RegistrationId>> {
    device_registrations::table
        .filter(device_registrations::finished_at.is_null())
        .select(device_registrations::id)
        .load(read.connection())
}
