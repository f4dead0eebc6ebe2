//! Rows of registrations, as they are written: once.

use std::collections::HashSet;

use diesel::prelude::*;

use super::super::model::{CheckedRow, DeviceId, FindingCode, RegistrationId};
use super::registration_rows;
use crate::platform::db::{Read, Tx, copy_all};
use crate::platform::text::folded;

/// A row as it is written.
#[derive(Debug, Insertable)]
#[diesel(table_name = registration_rows, treat_none_as_default_value = false)]
pub(in crate::devices) struct NewRow {
    id: DeviceId,
    registration_id: RegistrationId,
    position: i32,
    file: i32,
    line: i32,
    manufacturer: String,
    model: String,
    serial_number: String,
    manufacturer_folded: String,
    serial_folded: String,
    product_id: Option<String>,
    hash_digest: Option<Vec<u8>>,
    is_verified: bool,
    group_tag: Option<String>,
    assigned_user: Option<String>,
    refused: Option<&'static str>,
}

impl NewRow {
    /// What is kept of a row: never its hash.
    pub(in crate::devices) fn of(registration: RegistrationId, row: &CheckedRow) -> Self {
        let device = row.device();
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let is_verified = row.proven().is_some();
        // Without one of the three only the directory knows which device a product id means, and by what it is claimed.
        let complete = is_verified
            || !(device.manufacturer.is_empty() || device.model.is_empty() || device.serial_number.is_empty());
        let key = |text: &str| if complete { folded(text) } else { String::new() };
        Self {
            id: DeviceId::fresh(),
            registration_id: registration,
            position: number(row.position),
            file: i32::from(row.file),
            line: number(row.line),
            manufacturer_folded: key(&device.manufacturer),
            serial_folded: key(&device.serial_number),
            manufacturer: device.manufacturer,
            model: device.model,
            serial_number: device.serial_number,
            product_id: some(device.product_id),
            hash_digest: row.hash.as_ref().map(|hash| hash.digest.to_vec()),
            is_verified,
            group_tag: some(device.group_tag),
            assigned_user: some(device.assigned_user),
            refused: row.refused.map(FindingCode::as_str),
        }
    }
}

/// Writes rows of a registration that is being received.
pub(in crate::devices) fn insert_rows(tx: &mut Tx<'_>, rows: &[NewRow]) -> QueryResult<()> {
    copy_all!(tx, registration_rows::table, rows)
}

/// Those among these positions whose rows the check did not refuse.
pub(in crate::devices) fn choosable(
    read: &mut Read<'_>,
    registration: RegistrationId,
    positions: &[i32],
) -> QueryResult<HashSet<i32>> {
    let mut found = HashSet::with_capacity(positions.len());
    for some in positions.chunks(5_000) {
        let there: Vec<i32> = registration_rows::table
            .filter(registration_rows::registration_id.eq(registration))
            .filter(registration_rows::refused.is_null())
            .filter(registration_rows::position.eq_any(some))
            .select(registration_rows::position)
            .load(read.connection())?;
        found.extend(there);
    }
    Ok(found)
}
