//! Settling rows and loading the directory: SQL written by hand, one statement per outcome for a whole chunk of rows. Both
//! databases take the same text; its parameters appear in the order of their numbers, because SQLite numbers `$n` by
//! first appearance.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use super::super::model::{DeviceRow, FindingCode, RegistrationId, RowState, Unmatched};
use super::{device_registrations, registration_rows};
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{Read, Tx};
use crate::platform::text::folded;

/// Adds or corrects one entry of the directory: the newest manifest is right.
pub(in crate::devices) fn upsert_directory(tx: &mut Tx<'_>, device: &DeviceRow) -> QueryResult<()> {
    diesel::sql_query(
        "INSERT INTO directory_devices (manufacturer_folded, serial_folded, manufacturer, model, serial_number) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (manufacturer_folded, serial_folded) DO UPDATE SET \
         manufacturer = excluded.manufacturer, model = excluded.model, serial_number = excluded.serial_number",
    )
    .bind::<Text, _>(folded(&device.manufacturer))
    .bind::<Text, _>(folded(&device.serial_number))
    .bind::<Text, _>(&device.manufacturer)
    .bind::<Text, _>(&device.model)
    .bind::<Text, _>(&device.serial_number)
    .execute(tx.connection())?;
    Ok(())
}

/// The last line of the next chunk of pending rows; nothing if none is pending.
pub(in crate::devices) fn chunk_end(
    read: &mut Read<'_>,
    registration: RegistrationId,
    rows: i64,
) -> QueryResult<Option<i32>> {
    let lines: Vec<i32> = registration_rows::table
        .filter(registration_rows::registration_id.eq(registration))
        .filter(registration_rows::state.eq(RowState::Pending.as_str()))
        .order(registration_rows::line)
        .limit(rows)
        .select(registration_rows::line)
        .load(read.connection())?;
    Ok(lines.last().copied())
}

/// Fails the pending rows of a chunk for which `condition` holds.
fn fail_where(
    tx: &mut Tx<'_>,
    (registration, until): (RegistrationId, i32),
    code: FindingCode,
    condition: &str,
    now: Timestamp,
) -> QueryResult<usize> {
    diesel::sql_query(format!(
        "UPDATE registration_rows SET state = 'failed', error = $1, code = $2, settled_at = $3 \
         WHERE registration_id = $4 AND line <= $5 AND state = 'pending' AND {condition}"
    ))
    .bind::<Text, _>(code.error().as_str())
    .bind::<Text, _>(code.as_str())
    .bind::<Moment, _>(now)
    .bind::<Id, _>(registration)
    .bind::<Integer, _>(until)
    .execute(tx.connection())
}

/// Fails every row that is still pending: the delegation is gone.
pub(in crate::devices) fn fail_pending(
    tx: &mut Tx<'_>,
    registration: RegistrationId,
    code: FindingCode,
    now: Timestamp,
) -> QueryResult<usize> {
    fail_where(tx, (registration, i32::MAX), code, "1 = 1", now)
}

/// The directory knows the row's manufacturer.
const MANUFACTURER_KNOWN: &str = "EXISTS (SELECT 1 FROM directory_devices known \
    WHERE known.manufacturer_folded = registration_rows.manufacturer_folded)";

/// The directory has exactly this device.
const MATCHED: &str = "EXISTS (SELECT 1 FROM directory_devices known \
    WHERE known.manufacturer_folded = registration_rows.manufacturer_folded \
    AND known.serial_folded = registration_rows.serial_folded \
    AND known.manufacturer = registration_rows.manufacturer \
    AND known.model = registration_rows.model \
    AND known.serial_number = registration_rows.serial_number)";

/// Somebody holds the device; `{}` says who.
fn claimed(by: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM devices claim \
         WHERE claim.manufacturer_folded = registration_rows.manufacturer_folded \
         AND claim.serial_folded = registration_rows.serial_folded AND claim.released_at IS NULL AND {by})"
    )
}

const BY_THIS_CUSTOMER: &str = "claim.customer_id = registration_rows.customer_id";
/// "Claimed by another organization" is said only after a full match.
const BY_ANOTHER_AFTER_FULL_MATCH: &str = "claim.customer_id <> registration_rows.customer_id \
    AND claim.manufacturer = registration_rows.manufacturer AND claim.model = registration_rows.model \
    AND claim.serial_number = registration_rows.serial_number";
const BY_ANYBODY: &str = "1 = 1";

/// Settles the pending rows of a registration up to a line, in sets. Of two rows with one claim key the first gets the
/// device; the other stays pending, and finds the claim in the next chunk.
pub(in crate::devices) fn settle_chunk<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    registration: RegistrationId,
    until: i32,
    unmatched: Unmatched,
    now: Timestamp,
) -> QueryResult<()> {
    let chunk = (registration, until);
    let not_found = match unmatched {
        Unmatched::Accept => format!("{MANUFACTURER_KNOWN} AND NOT {MATCHED}"),
        Unmatched::Fail => format!("NOT {MATCHED}"),
    };
    fail_where(tx, chunk, FindingCode::DeviceNotFound, &not_found, now)?;
    fail_where(tx, chunk, FindingCode::DeviceAlreadyRegistered, &claimed(BY_THIS_CUSTOMER), now)?;
    let elsewhere = claimed(BY_ANOTHER_AFTER_FULL_MATCH);
    fail_where(tx, chunk, FindingCode::DeviceClaimedElsewhere, &elsewhere, now)?;
    fail_where(tx, chunk, FindingCode::DeviceNotFound, &claimed(BY_ANYBODY), now)?;
    diesel::sql_query(format!(
        "INSERT INTO devices (id, customer_id, registration_id, manufacturer, model, serial_number, \
         manufacturer_folded, serial_folded, matched, registered_at) \
         SELECT id, customer_id, registration_id, manufacturer, model, serial_number, \
         manufacturer_folded, serial_folded, {MATCHED}, $1 FROM registration_rows \
         WHERE registration_id = $2 AND line <= $3 AND customer_id = $4 AND state = 'pending' ORDER BY line \
         ON CONFLICT DO NOTHING"
    ))
    .bind::<Moment, _>(now)
    .bind::<Id, _>(registration)
    .bind::<Integer, _>(until)
    .bind::<Id, _>(proof.customer())
    .execute(tx.connection())?;
    diesel::sql_query(
        "UPDATE registration_rows SET state = 'ready', settled_at = $1 \
         WHERE registration_id = $2 AND line <= $3 AND state = 'pending' \
         AND EXISTS (SELECT 1 FROM devices claim WHERE claim.id = registration_rows.id)",
    )
    .bind::<Moment, _>(now)
    .bind::<Id, _>(registration)
    .bind::<Integer, _>(until)
    .execute(tx.connection())?;
    Ok(())
}

/// Guarded: a registration finishes once.
pub(in crate::devices) fn finish(tx: &mut Tx<'_>, id: RegistrationId, now: Timestamp) -> QueryResult<bool> {
    let changed = diesel::update(device_registrations::table)
        .filter(device_registrations::id.eq(id))
        .filter(device_registrations::finished_at.is_null())
        .set(device_registrations::finished_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}
