//! What the doctor asks of registrations and devices.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::super::model::RegistrationId;
use super::{device_registrations, devices, settlements};
use crate::access::{CustomerId, OrganisationId};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Violations of the rows' own rules, counted in the database: each sentence with its count.
pub(in crate::devices) fn broken_rows(read: &mut Read<'_>) -> QueryResult<Vec<(&'static str, i64)>> {
    const QUESTIONS: &[(&str, &str)] = &[
        (
            "I3: {} rows have no outcome in registrations that have ended",
            "SELECT count(*) AS count FROM registration_rows r JOIN device_registrations g ON g.id = r.registration_id \
             WHERE g.finished_at IS NOT NULL AND g.state IN ('settled', 'voided') \
             AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = r.id) \
             AND NOT EXISTS (SELECT 1 FROM failed_rows f WHERE f.row_id = r.id)",
        ),
        (
            "I3: {} rows have two outcomes",
            "SELECT count(*) AS count FROM failed_rows f JOIN devices d ON d.id = f.row_id",
        ),
        (
            "I3: {} rows have an outcome in registrations that registered nothing",
            "SELECT count(*) AS count FROM device_registrations g WHERE g.state IN ('receiving', 'checked', 'refused') \
             AND (EXISTS (SELECT 1 FROM failed_rows f WHERE f.registration_id = g.id) \
             OR EXISTS (SELECT 1 FROM settlements s WHERE s.registration_id = g.id))",
        ),
        (
            "I3: the positions of {} registrations are not 1 to n",
            "SELECT count(*) AS count FROM (SELECT g.id FROM device_registrations g \
             LEFT JOIN registration_rows r ON r.registration_id = g.id WHERE g.state <> 'receiving' \
             GROUP BY g.id, g.row_count \
             HAVING count(r.id) <> g.row_count OR COALESCE(max(r.position), 0) <> g.row_count) wrong",
        ),
        (
            "I3: the counters of {} registrations differ from their rows",
            "SELECT count(*) AS count FROM (SELECT g.id, \
             (SELECT count(*) FROM registration_rows r JOIN devices d ON d.id = r.id WHERE r.registration_id = g.id) AS ready, \
             (SELECT count(*) FROM failed_rows f WHERE f.registration_id = g.id AND f.error IS NOT NULL) AS failed, \
             (SELECT count(*) FROM failed_rows f WHERE f.registration_id = g.id AND f.error IS NULL) AS left_out, \
             COALESCE(sum(s.ready), 0) AS settled_ready, COALESCE(sum(s.failed), 0) AS settled_failed, \
             COALESCE(sum(s.left_out), 0) AS settled_left_out \
             FROM device_registrations g LEFT JOIN settlements s ON s.registration_id = g.id GROUP BY g.id) added \
             WHERE ready <> settled_ready OR failed <> settled_failed OR left_out <> settled_left_out",
        ),
        (
            "I3: {} devices belong to another customer than their registration",
            "SELECT count(*) AS count FROM devices d JOIN device_registrations g ON g.id = d.registration_id \
             WHERE d.customer_id <> g.customer_id",
        ),
    ];
    QUESTIONS
        .iter()
        .map(|(sentence, question)| {
            let count: Count = diesel::sql_query(*question).get_result(read.connection())?;
            Ok((*sentence, count.count))
        })
        .collect()
}

#[derive(QueryableByName)]
struct Claim {
    #[diesel(sql_type = Text)]
    manufacturer_folded: String,
    #[diesel(sql_type = Text)]
    serial_folded: String,
}

/// Claim keys that more than one device holds.
pub(in crate::devices) fn doubled_claims(read: &mut Read<'_>) -> QueryResult<Vec<(String, String)>> {
    // Read from the table, not from the index that should make it impossible.
    let rows: Vec<Claim> = diesel::sql_query(
        "SELECT manufacturer_folded, serial_folded FROM devices WHERE released_at IS NULL \
         GROUP BY manufacturer_folded, serial_folded HAVING count(*) > 1",
    )
    .load(read.connection())?;
    Ok(rows.into_iter().map(|claim| (claim.manufacturer_folded, claim.serial_folded)).collect())
}

/// Who made devices of a customer's rows, and when.
pub(in crate::devices) fn settled_transactions(
    read: &mut Read<'_>,
) -> QueryResult<Vec<(OrganisationId, CustomerId, Timestamp)>> {
    devices::table
        .select((devices::registered_by, devices::customer_id, devices::registered_at))
        .distinct()
        .load(read.connection())
}

/// Registrations that have not ended, and to which something is still to be done.
pub(in crate::devices) fn unfinished(read: &mut Read<'_>) -> QueryResult<Vec<RegistrationId>> {
    device_registrations::table
        .filter(device_registrations::finished_at.is_null())
        .filter(device_registrations::state.eq_any(["registering", "voided"]))
        .select(device_registrations::id)
        .load(read.connection())
}

/// Settlements of registrations that there are, for the estimate of the time left: rows since `since`, and the first moment
/// of them.
pub(in crate::devices) fn settled_since(read: &mut Read<'_>, id: RegistrationId, since: Timestamp) -> QueryResult<i64> {
    let rows: (Option<i64>, Option<i64>) = settlements::table
        .filter(settlements::registration_id.eq(id))
        .filter(settlements::settled_at.gt(since))
        .select((diesel::dsl::sum(settlements::ready), diesel::dsl::sum(settlements::failed)))
        .first(read.connection())?;
    Ok(rows.0.unwrap_or(0) + rows.1.unwrap_or(0))
}
