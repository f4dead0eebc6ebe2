//! What became of rows: outcomes, counters, rows as people see them.

use diesel::prelude::*;

use super::super::model::{
    DeviceError, DeviceId, DeviceStatus, FindingCode, Narrowed, Registration, RegistrationId, RegistrationState,
    RowState, Settlement,
};
use super::registered::lower;
use super::{device_registrations, devices, failed_rows, registration_rows, settlements};
use crate::access::CustomerId;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::like_literal;

/// Writes down what this transaction settled. The registration is locked.
pub(in crate::devices) fn record_settlement(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    settled: Settlement,
    now: Timestamp,
) -> QueryResult<i32> {
    let last: Option<i32> = settlements::table
        .filter(settlements::registration_id.eq(id))
        .select(diesel::dsl::max(settlements::number))
        .first(tx.connection())?;
    let number = last.unwrap_or(0) + 1;
    let small = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    diesel::insert_into(settlements::table)
        .values((
            settlements::registration_id.eq(id),
            settlements::number.eq(number),
            settlements::ready.eq(small(settled.ready)),
            settlements::failed.eq(small(settled.failed)),
            settlements::left_out.eq(small(settled.left_out)),
            settlements::settled_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(number)
}

type Sums = (RegistrationId, Option<i64>, Option<i64>, Option<i64>);

/// What was settled of some registrations in all.
pub(in crate::devices) fn settled(
    read: &mut Read<'_>,
    registrations: &[RegistrationId],
) -> QueryResult<Vec<(RegistrationId, Settlement)>> {
    let mut found = Vec::with_capacity(registrations.len());
    for some in registrations.chunks(5_000) {
        let rows: Vec<Sums> = settlements::table
            .filter(settlements::registration_id.eq_any(some))
            .group_by(settlements::registration_id)
            .select((
                settlements::registration_id,
                diesel::dsl::sum(settlements::ready),
                diesel::dsl::sum(settlements::failed),
                diesel::dsl::sum(settlements::left_out),
            ))
            .load(read.connection())?;
        found.extend(rows.into_iter().map(|(id, ready, failed, left_out)| {
            let count = |sum: Option<i64>| sum.unwrap_or(0);
            (id, Settlement { ready: count(ready), failed: count(failed), left_out: count(left_out) })
        }));
    }
    Ok(found)
}

/// A row as people see it.
#[derive(Clone, Debug)]
pub(in crate::devices) struct RowView {
    pub(in crate::devices) id: DeviceId,
    pub(in crate::devices) position: i32,
    pub(in crate::devices) file: i32,
    pub(in crate::devices) line: i32,
    pub(in crate::devices) manufacturer: String,
    pub(in crate::devices) model: String,
    pub(in crate::devices) serial_number: String,
    pub(in crate::devices) product_id: Option<String>,
    pub(in crate::devices) group_tag: Option<String>,
    pub(in crate::devices) assigned_user: Option<String>,
    /// Whether the check of the file refused it.
    pub(in crate::devices) refused: bool,
    pub(in crate::devices) state: RowState,
    pub(in crate::devices) error: Option<DeviceError>,
    pub(in crate::devices) code: Option<FindingCode>,
}

type RowColumns = (
    (DeviceId, i32, i32, i32),
    (String, String, String, Option<String>, Option<String>, Option<String>),
    (Option<String>, Option<String>, Option<String>, Option<DeviceId>),
);

macro_rules! row_columns {
    () => {
        (
            (registration_rows::id, registration_rows::position, registration_rows::file, registration_rows::line),
            (
                registration_rows::manufacturer,
                registration_rows::model,
                registration_rows::serial_number,
                registration_rows::product_id,
                registration_rows::group_tag,
                registration_rows::assigned_user,
            ),
            (
                registration_rows::refused,
                failed_rows::error.nullable(),
                failed_rows::code.nullable(),
                devices::id.nullable(),
            ),
        )
    };
}

/// `unsettled` is where a row stands that has no outcome.
fn view(row: RowColumns, unsettled: RowState) -> QueryResult<RowView> {
    let ((id, position, file, line), values, (refused, error, code, device)) = row;
    let (manufacturer, model, serial_number, product_id, group_tag, assigned_user) = values;
    let is_refused = refused.is_some();
    let error: Option<DeviceError> = error.map(word).transpose()?;
    let code: Option<FindingCode> = code.or(refused).map(word).transpose()?;
    let (state, error) = match (device, code, error) {
        (Some(_), ..) => (RowState::Ready, None),
        (None, Some(FindingCode::NotChosen), _) => (RowState::LeftOut, None),
        (None, Some(code), error) => (RowState::Failed, error.or(Some(code.error()))),
        (None, None, _) => (unsettled, None),
    };
    let code = code.filter(|_| error.is_some());
    Ok(RowView {
        id,
        position,
        file,
        line,
        manufacturer,
        model,
        serial_number,
        product_id,
        group_tag,
        assigned_user,
        refused: is_refused,
        state,
        error,
        code,
    })
}

macro_rules! rows_with_outcomes {
    () => {
        registration_rows::table
            .left_join(failed_rows::table.on(failed_rows::row_id.eq(registration_rows::id)))
            .left_join(devices::table.on(devices::id.eq(registration_rows::id)))
    };
}

/// The rows of a registration after a position, in order.
pub(in crate::devices) fn rows(
    read: &mut Read<'_>,
    registration: &Registration,
    outcome: Option<RowState>,
    after: i32,
    limit: i64,
) -> QueryResult<Vec<RowView>> {
    let mut query = rows_with_outcomes!()
        .filter(registration_rows::registration_id.eq(registration.id))
        .filter(registration_rows::position.gt(after))
        .select(row_columns!())
        .into_boxed();
    let unsettled = registration.unsettled();
    let failed = failed_rows::row_id.nullable();
    query = match outcome {
        None => query,
        Some(RowState::Ready) => query.filter(devices::id.nullable().is_not_null()),
        Some(RowState::LeftOut) => query.filter(failed_rows::code.nullable().eq(FindingCode::NotChosen.as_str())),
        Some(RowState::Failed) if unsettled == RowState::Checked => {
            query.filter(registration_rows::refused.is_not_null())
        }
        Some(RowState::Failed) => query.filter(failed_rows::error.nullable().is_not_null()),
        Some(state) if state == unsettled => query
            .filter(devices::id.nullable().is_null())
            .filter(failed.is_null())
            .filter(registration_rows::refused.is_null()),
        Some(_) => return Ok(Vec::new()),
    };
    let rows: Vec<RowColumns> = query.order(registration_rows::position).limit(limit).load(read.connection())?;
    rows.into_iter().map(|row| view(row, unsettled)).collect()
}

/// Rows of a customer that are pending, or failed since `failed_since`, in order of their ids, which are those of devices.
pub(in crate::devices) fn unsettled_rows(
    read: &mut Read<'_>,
    customer: CustomerId,
    Narrowed { filter, registrations }: &Narrowed,
    (after, limit): (Option<DeviceId>, i64),
    failed_since: Timestamp,
) -> QueryResult<Vec<(RegistrationId, RowView)>> {
    let after = after.unwrap_or_else(|| DeviceId::from_uuid(uuid::Uuid::nil()));
    let part = filter.serial.as_ref().map(|serial| format!("%{}%", like_literal(serial)));
    let narrowed = |wanted: DeviceStatus| filter.status.is_none_or(|status| status == wanted);
    macro_rules! narrow {
        ($query:expr) => {{
            let mut query = $query;
            if let Some(part) = part.clone() {
                query = query.filter(registration_rows::serial_folded.like(part).escape('\\'));
            }
            if let Some(user) = &filter.user {
                query = query.filter(lower(registration_rows::assigned_user).eq(user));
            }
            if let Some(registrations) = registrations {
                query = query.filter(registration_rows::registration_id.eq_any(registrations));
            }
            query
        }};
    }
    let mut rows: Vec<(RegistrationId, RowColumns)> = Vec::new();
    if narrowed(DeviceStatus::Failed) {
        // From the failed rows, whose partial index has no others.
        let failed = failed_rows::table
            .inner_join(registration_rows::table.on(registration_rows::id.eq(failed_rows::row_id)))
            .left_join(devices::table.on(devices::id.eq(registration_rows::id)))
            .filter(failed_rows::customer_id.eq(customer))
            .filter(failed_rows::dismissed_at.is_null())
            .filter(failed_rows::error.is_not_null())
            .filter(failed_rows::settled_at.gt(failed_since))
            .filter(failed_rows::row_id.gt(after))
            .select((registration_rows::registration_id, row_columns!()))
            .into_boxed();
        rows = narrow!(failed).order(failed_rows::row_id).limit(limit).load(read.connection())?;
    }
    if narrowed(DeviceStatus::Pending) {
        let open = device_registrations::table
            .filter(device_registrations::customer_id.eq(customer))
            .filter(device_registrations::state.eq(RegistrationState::Registering.as_str()));
        let open: Vec<RegistrationId> = open.select(device_registrations::id).load(read.connection())?;
        if !open.is_empty() {
            let pending = rows_with_outcomes!()
                .filter(registration_rows::registration_id.eq_any(open))
                .filter(registration_rows::id.gt(after))
                .filter(devices::id.nullable().is_null())
                .filter(failed_rows::row_id.nullable().is_null())
                .select((registration_rows::registration_id, row_columns!()))
                .into_boxed();
            let found: Vec<(RegistrationId, RowColumns)> =
                narrow!(pending).order(registration_rows::id).limit(limit).load(read.connection())?;
            rows.extend(found);
        }
    }
    let mut rows: Vec<(RegistrationId, RowView)> =
        rows.into_iter().map(|(id, row)| Ok((id, view(row, RowState::Pending)?))).collect::<QueryResult<_>>()?;
    rows.sort_by_key(|(_, row)| row.id);
    Ok(rows)
}

/// A row of a customer that is pending, or failed and was not dismissed: what the devices page shows of it.
pub(in crate::devices) fn unsettled_row(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: DeviceId,
) -> QueryResult<Option<(RegistrationId, RowView)>> {
    let row: Option<(RegistrationId, RowColumns)> = rows_with_outcomes!()
        .inner_join(device_registrations::table.on(device_registrations::id.eq(registration_rows::registration_id)))
        .filter(registration_rows::id.eq(id))
        .filter(device_registrations::customer_id.eq(customer))
        .filter(device_registrations::state.ne_all(["receiving", "checked", "refused"]))
        .filter(devices::id.nullable().is_null())
        .filter(failed_rows::dismissed_at.nullable().is_null())
        .select((registration_rows::registration_id, row_columns!()))
        .first(read.connection())
        .optional()?;
    row.map(|(registration, row)| Ok((registration, view(row, RowState::Pending)?))).transpose()
}

/// Failed rows are to be settled again: those at `positions`, or all. Rows that the check refused stay failed. Returns the
/// positions that were taken up.
pub(in crate::devices) fn take_up(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    positions: Option<&[i32]>,
) -> QueryResult<Vec<i32>> {
    let mut query = failed_rows::table
        .inner_join(registration_rows::table.on(registration_rows::id.eq(failed_rows::row_id)))
        .filter(failed_rows::registration_id.eq(id))
        .filter(failed_rows::error.is_not_null())
        .filter(registration_rows::refused.is_null())
        .select(failed_rows::position)
        .into_boxed();
    if let Some(positions) = positions {
        query = query.filter(failed_rows::position.eq_any(positions.to_vec()));
    }
    let found: Vec<i32> = query.order(failed_rows::position).load(tx.connection())?;
    for some in found.chunks(5_000) {
        diesel::delete(
            failed_rows::table.filter(failed_rows::registration_id.eq(id)).filter(failed_rows::position.eq_any(some)),
        )
        .execute(tx.connection())?;
    }
    Ok(found)
}

/// Failed rows are shown no more among the devices: those at `positions`, or all. Returns how many are so now.
pub(in crate::devices) fn dismiss(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    positions: Option<&[i32]>,
    now: Timestamp,
) -> QueryResult<usize> {
    let target = failed_rows::table
        .filter(failed_rows::registration_id.eq(id))
        .filter(failed_rows::error.is_not_null())
        .filter(failed_rows::dismissed_at.is_null());
    match positions {
        None => diesel::update(target).set(failed_rows::dismissed_at.eq(now)).execute(tx.connection()),
        Some(positions) => diesel::update(target.filter(failed_rows::position.eq_any(positions)))
            .set(failed_rows::dismissed_at.eq(now))
            .execute(tx.connection()),
    }
}

/// How many of these rows failed: retried or dismissed are only such.
pub(in crate::devices) fn failed_among(
    read: &mut Read<'_>,
    id: RegistrationId,
    positions: &[i32],
) -> QueryResult<Vec<(i32, bool)>> {
    failed_rows::table
        .inner_join(registration_rows::table.on(registration_rows::id.eq(failed_rows::row_id)))
        .filter(failed_rows::registration_id.eq(id))
        .filter(failed_rows::error.is_not_null())
        .filter(failed_rows::position.eq_any(positions))
        .select((failed_rows::position, registration_rows::refused.is_not_null()))
        .load(read.connection())
}
