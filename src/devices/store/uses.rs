//! What happens to devices after they were registered: users, check-ins, image checks.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use super::super::model::{DeviceChange, DeviceId};
use super::devices;
use crate::access::CustomerId;
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::{AnyConnection, Read, Tx};

/// A device as calls with many name it.
#[derive(Clone, Debug, Queryable)]
pub(in crate::devices) struct NamedDevice {
    pub(in crate::devices) id: DeviceId,
    pub(in crate::devices) manufacturer: String,
    pub(in crate::devices) model: String,
    pub(in crate::devices) serial_number: String,
    pub(in crate::devices) assigned_user: Option<String>,
    pub(in crate::devices) last_seen_at: Option<Timestamp>,
}

macro_rules! named_columns {
    () => {
        (
            devices::id,
            devices::manufacturer,
            devices::model,
            devices::serial_number,
            devices::assigned_user,
            devices::last_seen_at,
        )
    };
}

/// Registered devices of a customer that have one of these ids, or one of these folded serial numbers.
pub(in crate::devices) fn named_devices(
    read: &mut Read<'_>,
    customer: CustomerId,
    (ids, serials): (&[DeviceId], &[String]),
) -> QueryResult<Vec<NamedDevice>> {
    let mut found: Vec<NamedDevice> = Vec::with_capacity(ids.len() + serials.len());
    if !ids.is_empty() {
        found = devices::table
            .filter(devices::id.eq_any(ids))
            .filter(devices::customer_id.eq(customer))
            .filter(devices::released_at.is_null())
            .select(named_columns!())
            .load(read.connection())?;
    }
    if !serials.is_empty() {
        let by_serial: Vec<NamedDevice> = devices::table
            .filter(devices::customer_id.eq(customer))
            .filter(devices::serial_folded.eq_any(serials))
            .filter(devices::released_at.is_null())
            .select(named_columns!())
            .load(read.connection())?;
        found.extend(by_serial);
    }
    Ok(found)
}

/// Says for whom devices are.
pub(in crate::devices) fn assign<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    assigned: &[(DeviceId, Option<&str>)],
) -> QueryResult<()> {
    let customer = proof.customer();
    // SQLite has no arrays, and a statement of its own for each row costs microseconds there.
    match tx.connection() {
        AnyConnection::Sqlite(inner) => assigned.iter().try_for_each(|(id, user)| {
            diesel::update(devices::table.filter(devices::id.eq(id)).filter(devices::customer_id.eq(customer)))
                .set(devices::assigned_user.eq(*user))
                .execute(inner)
                .map(drop)
        }),
        AnyConnection::Postgres(inner) => {
            let ids: Vec<String> = assigned.iter().map(|(id, _)| id.to_string()).collect();
            let users: Vec<Option<&str>> = assigned.iter().map(|(_, user)| *user).collect();
            diesel::sql_query(
                "UPDATE devices SET assigned_user = named.assigned \
                 FROM unnest($1::uuid[], $2) AS named (id, assigned) \
                 WHERE devices.id = named.id AND devices.customer_id = $3::uuid",
            )
            .bind::<Array<Text>, _>(ids)
            .bind::<Array<Nullable<Text>>, _>(users)
            .bind::<Text, _>(customer.to_string())
            .execute(inner)
            .map(drop)
        }
    }
}

/// Writes down when devices were seen last, and by whom they were used: guarded, so that nothing newer is lost.
pub(in crate::devices) fn check_in<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    seen: &[(DeviceId, &str, Timestamp)],
) -> QueryResult<()> {
    let customer = proof.customer();
    // As above.
    match tx.connection() {
        AnyConnection::Sqlite(inner) => seen.iter().try_for_each(|(id, user, at)| {
            diesel::update(devices::table.filter(devices::id.eq(id)).filter(devices::customer_id.eq(customer)))
                .filter(devices::last_seen_at.is_null().or(devices::last_seen_at.lt(*at)))
                .set((devices::last_seen_at.eq(*at), devices::last_seen_user.eq(*user)))
                .execute(inner)
                .map(drop)
        }),
        AnyConnection::Postgres(inner) => {
            let ids: Vec<String> = seen.iter().map(|(id, ..)| id.to_string()).collect();
            let users: Vec<&str> = seen.iter().map(|(_, user, _)| *user).collect();
            let moments: Vec<i64> = seen.iter().map(|(.., at)| at.micros()).collect();
            diesel::sql_query(
                "UPDATE devices SET last_seen_at = named.at, last_seen_user = named.seen FROM \
                 (SELECT id, seen, timestamptz 'epoch' + micros * interval '1 microsecond' AS at \
                 FROM unnest($1::uuid[], $2, $3) AS sent (id, seen, micros)) AS named \
                 WHERE devices.id = named.id AND devices.customer_id = $4::uuid \
                 AND (devices.last_seen_at IS NULL OR devices.last_seen_at < named.at)",
            )
            .bind::<Array<Text>, _>(ids)
            .bind::<Array<Text>, _>(users)
            .bind::<Array<BigInt>, _>(moments)
            .bind::<Text, _>(customer.to_string())
            .execute(inner)
            .map(drop)
        }
    }
}

#[derive(AsChangeset)]
#[diesel(table_name = devices)]
struct Changed<'c> {
    assigned_user: Option<Option<&'c str>>,
    display_name: Option<Option<&'c str>>,
    group_tag: Option<Option<&'c str>>,
}

/// Changes a registered device. What changes nothing at all must not be asked for.
pub(in crate::devices) fn change<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: DeviceId,
    change: &DeviceChange,
) -> QueryResult<()> {
    let changed = Changed {
        assigned_user: change.assigned_user.as_ref().map(Option::as_deref),
        display_name: change.display_name.as_ref().map(|name| name.as_ref().map(|name| name.as_str())),
        group_tag: change.group_tag.as_ref().map(|tag| tag.as_ref().map(|tag| tag.as_str())),
    };
    diesel::update(devices::table.filter(devices::id.eq(id)).filter(devices::customer_id.eq(proof.customer())))
        .set(changed)
        .execute(tx.connection())?;
    Ok(())
}

/// Writes down who checked the image on a device, and when; or that nobody did.
pub(in crate::devices) fn set_image_check<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: DeviceId,
    check: Option<(&str, Timestamp)>,
) -> QueryResult<()> {
    diesel::update(devices::table.filter(devices::id.eq(id)).filter(devices::customer_id.eq(proof.customer())))
        .set((
            devices::image_checked_by.eq(check.map(|(by, _)| by)),
            devices::image_checked_at.eq(check.map(|(_, at)| at)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
