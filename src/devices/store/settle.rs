//! Settling rows: SQL written by hand, one statement for each kind of outcome of a whole chunk. Both databases take the
//! same text; its parameters appear in the order of their numbers, because SQLite numbers `$n` by first appearance.

use std::fmt::Write;
use std::sync::LazyLock;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use super::super::model::{Evidence, FindingCode, Registration, RegistrationId, Settlement, Unmatched};
use super::{devices, failed_rows, registration_rows};
use crate::access::CustomerId;
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{AnyConnection, Read, Tx};

/// Rows without an outcome, next to each other: those after `after`, up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::devices) struct Chunk {
    pub(in crate::devices) registration: RegistrationId,
    pub(in crate::devices) after: i32,
    pub(in crate::devices) until: i32,
    pub(in crate::devices) rows: usize,
}

/// The next chunk of at most `limit` rows; nothing if every row has its outcome.
pub(in crate::devices) fn next_chunk(
    read: &mut Read<'_>,
    registration: &Registration,
    limit: i64,
) -> QueryResult<Option<Chunk>> {
    let positions: Vec<i32> = registration_rows::table
        .filter(registration_rows::registration_id.eq(registration.id))
        .filter(registration_rows::position.gt(registration.settled_through))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            failed_rows::table.filter(failed_rows::row_id.eq(registration_rows::id)),
        )))
        .filter(diesel::dsl::not(diesel::dsl::exists(devices::table.filter(devices::id.eq(registration_rows::id)))))
        .order(registration_rows::position)
        .limit(limit)
        .select(registration_rows::position)
        .load(read.connection())?;
    Ok(positions.last().map(|until| Chunk {
        registration: registration.id,
        after: registration.settled_through,
        until: *until,
        rows: positions.len(),
    }))
}

/// The rows of a chunk that have no outcome; takes a registration and two positions.
const UNSETTLED: &str = "r.registration_id = $4 AND r.position > $5 AND r.position <= $6 \
    AND NOT EXISTS (SELECT 1 FROM failed_rows f WHERE f.row_id = r.id) \
    AND NOT EXISTS (SELECT 1 FROM devices own WHERE own.id = r.id)";

/// A row with what the directory knows of it: by its serial number (`d`), or by its product id alone (`p`).
const KNOWN: &str = "registration_rows r \
    LEFT JOIN directory_devices d ON r.serial_folded <> '' \
        AND d.manufacturer_folded = r.manufacturer_folded AND d.serial_folded = r.serial_folded \
    LEFT JOIN directory_devices p ON r.serial_folded = '' AND p.product_id = r.product_id";

/// The error of each code, as SQL.
static ERROR_OF_CODE: LazyLock<String> = LazyLock::new(|| {
    let mut cases = "CASE code".to_owned();
    for code in FindingCode::ALL {
        let error = match code {
            FindingCode::NotChosen => "NULL".to_owned(),
            code => format!("'{}'", code.error()),
        };
        let _ = write!(cases, " WHEN '{code}' THEN {error}");
    }
    cases + " END"
});

/// Fails the rows of a chunk for which `judgement`, an SQL expression over what is known and claimed, gives a code.
fn fail_where(
    tx: &mut Tx<'_>,
    (customer, chunk): (CustomerId, Chunk),
    (tables, judgement): (&str, &str),
    now: Timestamp,
) -> QueryResult<usize> {
    let errors = ERROR_OF_CODE.as_str();
    diesel::sql_query(format!(
        "INSERT INTO failed_rows (row_id, registration_id, position, customer_id, error, code, settled_at) \
         SELECT id, registration_id, position, $1, {errors}, code, $2 FROM \
         (SELECT r.id, r.registration_id, r.position, {judgement} AS code FROM {tables} \
         WHERE $3 = $3 AND {UNSETTLED}) judged WHERE code IS NOT NULL"
    ))
    .bind::<Id, _>(customer)
    .bind::<Moment, _>(now)
    .bind::<Id, _>(customer)
    .bind::<Id, _>(chunk.registration)
    .bind::<Integer, _>(chunk.after)
    .bind::<Integer, _>(chunk.until)
    .execute(tx.connection())
}

/// Fails every row of a chunk with one code.
pub(in crate::devices) fn fail_chunk(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    chunk: Chunk,
    code: FindingCode,
    now: Timestamp,
) -> QueryResult<usize> {
    fail_where(tx, (customer, chunk), ("registration_rows r", &format!("'{code}'")), now)
}

/// Fails the rows that the check of the files refused, and returns how many there are.
pub(in crate::devices) fn fail_refused(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    registration: RegistrationId,
    now: Timestamp,
) -> QueryResult<usize> {
    let errors = ERROR_OF_CODE.as_str();
    diesel::sql_query(format!(
        "INSERT INTO failed_rows (row_id, registration_id, position, customer_id, error, code, settled_at) \
         SELECT id, registration_id, position, $1, {errors}, code, $2 FROM \
         (SELECT r.id, r.registration_id, r.position, r.refused AS code FROM registration_rows r \
         WHERE r.registration_id = $3 AND r.refused IS NOT NULL) judged"
    ))
    .bind::<Id, _>(customer)
    .bind::<Moment, _>(now)
    .bind::<Id, _>(registration)
    .execute(tx.connection())
}

/// Why the directory makes no device of a row, as SQL (design, rulings 4, 14 and 15): the cases of a `CASE`.
fn unknown_cases(unmatched: Unmatched) -> String {
    let not_found = FindingCode::DeviceNotFound.as_str();
    let unmatched = match unmatched {
        Unmatched::Accept => {
            "EXISTS (SELECT 1 FROM directory_devices known WHERE known.manufacturer_folded = r.manufacturer_folded)"
        }
        Unmatched::Fail => "1 = 1",
    };
    format!(
        "WHEN r.is_verified AND d.serial_folded IS NOT NULL \
             AND (d.manufacturer <> r.manufacturer OR r.model NOT IN (d.model, '')) THEN '{not_found}' \
         WHEN r.serial_folded = '' AND (p.product_id IS NULL OR r.serial_number NOT IN (p.serial_number, '')) \
             THEN '{not_found}' \
         WHEN r.serial_folded <> '' AND NOT r.is_verified AND NOT (d.serial_folded IS NOT NULL \
             AND d.manufacturer = r.manufacturer AND d.model = r.model AND d.serial_number = r.serial_number) \
             AND {unmatched} THEN '{not_found}'"
    )
}

/// Why a row becomes no device, with the claims there are (`c`), as SQL; nothing if it does.
fn judgement(unmatched: Unmatched) -> String {
    let [not_found, already, elsewhere] =
        [FindingCode::DeviceNotFound, FindingCode::DeviceAlreadyRegistered, FindingCode::DeviceClaimedElsewhere]
            .map(FindingCode::as_str);
    let unknown = unknown_cases(unmatched);
    format!(
        "CASE {unknown} \
         WHEN c.customer_id = $3 THEN '{already}' \
         WHEN r.is_verified AND c.id IS NOT NULL THEN '{elsewhere}' \
         WHEN c.id IS NOT NULL AND c.manufacturer = COALESCE(p.manufacturer, r.manufacturer) \
             AND c.model = COALESCE(p.model, r.model) \
             AND c.serial_number = COALESCE(p.serial_number, r.serial_number) THEN '{elsewhere}' \
         WHEN c.id IS NOT NULL THEN '{not_found}' END"
    )
}

/// How often a claim may end right after it kept a row from becoming a device.
const LOST_CLAIMS: usize = 5;

/// Settles the rows of a chunk. Of two rows with one claim key the first gets the device, the other finds it claimed.
pub(in crate::devices) fn settle_chunk<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    chunk: Chunk,
    unmatched: Unmatched,
    now: Timestamp,
) -> QueryResult<Settlement> {
    if let AnyConnection::Postgres(inner) = tx.connection() {
        // The tables change faster than their statistics: without them the planner reads the whole directory for each chunk.
        inner.batch_execute(
            "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off",
        )?;
    }
    let tables = format!(
        "{KNOWN} LEFT JOIN devices c ON c.released_at IS NULL \
         AND c.manufacturer_folded = COALESCE(p.manufacturer_folded, r.manufacturer_folded) \
         AND c.serial_folded = COALESCE(p.serial_folded, r.serial_folded)"
    );
    let judgement = judgement(unmatched);
    let target = (proof.customer(), chunk);
    let (mut ready, mut failed) = (0, 0);
    // Most rows become devices, and the unique key of claims says of which somebody was first: only if rows are left is it
    // asked why. Somebody's claim may end between the two, so it is asked again.
    for _ in 0..LOST_CLAIMS {
        ready += claim(tx, proof, (chunk, unmatched), now)?;
        if ready + failed < chunk.rows {
            failed += fail_where(tx, target, (&tables, &judgement), now)?;
        }
        if ready + failed >= chunk.rows {
            break;
        }
    }
    if ready + failed < chunk.rows {
        return Err(diesel::result::Error::RollbackTransaction);
    }
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    Ok(Settlement { ready: count(ready), failed: count(failed), left_out: 0 })
}

/// Makes devices of the rows that the directory lets become one and nobody has claimed. In the order of claims, so that two registrars that want the same
/// devices wait for each other instead of locking each other out.
fn claim<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    (chunk, unmatched): (Chunk, Unmatched),
    now: Timestamp,
) -> QueryResult<usize> {
    let unknown = unknown_cases(unmatched);
    let (hash, directory, none) = (Evidence::Hash, Evidence::Directory, Evidence::None);
    diesel::sql_query(format!(
        "INSERT INTO devices (id, customer_id, registration_id, registered_by, manufacturer, model, serial_number, manufacturer_folded, \
         serial_folded, product_id, evidence, group_tag, assigned_user, registered_at) \
         SELECT r.id, $1, r.registration_id, $2, COALESCE(p.manufacturer, r.manufacturer), \
         CASE WHEN r.model = '' THEN COALESCE(p.model, d.model, '') ELSE COALESCE(p.model, r.model) END, \
         COALESCE(p.serial_number, r.serial_number), COALESCE(p.manufacturer_folded, r.manufacturer_folded), \
         COALESCE(p.serial_folded, r.serial_folded), COALESCE(r.product_id, d.product_id), \
         CASE WHEN r.is_verified THEN '{hash}' WHEN COALESCE(p.serial_folded, d.serial_folded) IS NOT NULL \
             THEN '{directory}' ELSE '{none}' END, \
         r.group_tag, r.assigned_user, $3 FROM {KNOWN} WHERE {UNSETTLED} AND CASE {unknown} END IS NULL \
         ORDER BY COALESCE(p.manufacturer_folded, r.manufacturer_folded), \
         COALESCE(p.serial_folded, r.serial_folded), r.position \
         ON CONFLICT DO NOTHING"
    ))
    .bind::<Id, _>(proof.customer())
    .bind::<Id, _>(proof.acting())
    .bind::<Moment, _>(now)
    .bind::<Id, _>(chunk.registration)
    .bind::<Integer, _>(chunk.after)
    .bind::<Integer, _>(chunk.until)
    .execute(tx.connection())
}

/// Leaves out rows of a dry run: those at `positions`, or all that could be registered.
pub(in crate::devices) fn leave_out(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    registration: RegistrationId,
    positions: Option<&[i32]>,
    now: Timestamp,
) -> QueryResult<usize> {
    let insert = |tx: &mut Tx<'_>, condition: &str| {
        diesel::sql_query(format!(
            "INSERT INTO failed_rows (row_id, registration_id, position, customer_id, error, code, settled_at) \
             SELECT id, registration_id, position, $1, NULL, $2, $3 FROM registration_rows \
             WHERE registration_id = $4 AND refused IS NULL AND {condition}"
        ))
        .bind::<Id, _>(customer)
        .bind::<Text, _>(FindingCode::NotChosen.as_str())
        .bind::<Moment, _>(now)
        .bind::<Id, _>(registration)
        .execute(tx.connection())
    };
    let Some(positions) = positions else { return insert(tx, "1 = 1") };
    // Numbers of our own type: nothing of a request's text is in the statement.
    positions.chunks(5_000).try_fold(0, |sum, some| {
        let list = some.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
        Ok(sum + insert(tx, &format!("position IN ({list})"))?)
    })
}

/// Takes back what was left out, for those that were chosen.
pub(in crate::devices) fn choose(
    tx: &mut Tx<'_>,
    registration: RegistrationId,
    positions: &[i32],
) -> QueryResult<usize> {
    positions.chunks(5_000).try_fold(0, |sum, some| {
        let gone = diesel::delete(
            failed_rows::table
                .filter(failed_rows::registration_id.eq(registration))
                .filter(failed_rows::error.is_null())
                .filter(failed_rows::position.eq_any(some)),
        )
        .execute(tx.connection())?;
        Ok(sum + gone)
    })
}
