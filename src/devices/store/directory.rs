//! The device directory, and imports into it.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::super::model::{CheckedRow, DeviceValues, ImportId, RequestId};
use crate::access::UserId;
use crate::platform::clock::Timestamp;
use crate::platform::db::{AnyConnection, Read, Tx};
use crate::platform::text::folded;

diesel::table! {
    use diesel::sql_types::*;
    directory_devices (manufacturer_folded, serial_folded) {
        manufacturer_folded -> Text,
        serial_folded -> Text,
        manufacturer -> Text,
        model -> Text,
        serial_number -> Text,
        product_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    directory_imports (id) {
        id -> Id,
        state -> Text,
        request_id -> Id,
        imported_by -> Nullable<Id>,
        row_count -> Integer,
        loaded_rows -> Integer,
        created_at -> Moment,
        finished_at -> Nullable<Moment>,
    }
}

/// An entry of the directory, as it is written.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = directory_devices, treat_none_as_default_value = false)]
pub(in crate::devices) struct NewEntry {
    manufacturer_folded: String,
    serial_folded: String,
    manufacturer: String,
    model: String,
    serial_number: String,
    product_id: Option<String>,
}

impl NewEntry {
    /// What there is one entry for.
    pub(in crate::devices) fn key(&self) -> (String, String) {
        (self.manufacturer_folded.clone(), self.serial_folded.clone())
    }

    pub(in crate::devices) fn of(row: &CheckedRow) -> Self {
        let DeviceValues { manufacturer, model, serial_number, product_id, .. } = row.device();
        Self {
            manufacturer_folded: folded(&manufacturer),
            serial_folded: folded(&serial_number),
            manufacturer,
            model,
            serial_number,
            product_id: Some(product_id).filter(|id| !id.is_empty()),
        }
    }
}

/// Adds or corrects entries of the directory, each another device: the newest manifest is right.
pub(in crate::devices) fn upsert_entries(tx: &mut Tx<'_>, entries: &[NewEntry]) -> QueryResult<()> {
    const CORRECT: &str = "ON CONFLICT (manufacturer_folded, serial_folded) DO UPDATE SET \
         manufacturer = excluded.manufacturer, model = excluded.model, serial_number = excluded.serial_number, \
         product_id = COALESCE(excluded.product_id, directory_devices.product_id)";
    let ids: Vec<&String> = entries.iter().filter_map(|entry| entry.product_id.as_ref()).collect();
    for some in ids.chunks(5_000) {
        // A product id names one device: whichever the newest manifest says.
        diesel::update(directory_devices::table.filter(directory_devices::product_id.eq_any(some)))
            .set(directory_devices::product_id.eq(None::<String>))
            .execute(tx.connection())?;
    }
    match tx.connection() {
        AnyConnection::Sqlite(inner) => {
            let insert = "INSERT INTO directory_devices \
                 (manufacturer_folded, serial_folded, manufacturer, model, serial_number, product_id) \
                 VALUES ($1, $2, $3, $4, $5, $6) ";
            entries.iter().try_for_each(|entry| {
                diesel::sql_query(format!("{insert}{CORRECT}"))
                    .bind::<Text, _>(&entry.manufacturer_folded)
                    .bind::<Text, _>(&entry.serial_folded)
                    .bind::<Text, _>(&entry.manufacturer)
                    .bind::<Text, _>(&entry.model)
                    .bind::<Text, _>(&entry.serial_number)
                    .bind::<Nullable<Text>, _>(&entry.product_id)
                    .execute(inner)
                    .map(drop)
            })
        }
        // By a table of the transaction's own, because COPY knows no ON CONFLICT.
        AnyConnection::Postgres(inner) => {
            use diesel::connection::SimpleConnection;
            inner.batch_execute("CREATE TEMPORARY TABLE arriving_entries (LIKE directory_devices) ON COMMIT DROP")?;
            diesel::copy_from(arriving_entries::table)
                .from_insertable(&entries.iter().map(Arriving::of).collect::<Vec<_>>()[..])
                .execute(inner)?;
            diesel::sql_query(format!("INSERT INTO directory_devices SELECT * FROM arriving_entries {CORRECT}"))
                .execute(inner)
                .map(drop)
        }
    }
}

diesel::table! {
    use diesel::sql_types::*;
    arriving_entries (manufacturer_folded, serial_folded) {
        manufacturer_folded -> Text,
        serial_folded -> Text,
        manufacturer -> Text,
        model -> Text,
        serial_number -> Text,
        product_id -> Nullable<Text>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = arriving_entries, treat_none_as_default_value = false)]
struct Arriving<'e> {
    manufacturer_folded: &'e str,
    serial_folded: &'e str,
    manufacturer: &'e str,
    model: &'e str,
    serial_number: &'e str,
    product_id: Option<&'e str>,
}

impl<'e> Arriving<'e> {
    fn of(entry: &'e NewEntry) -> Self {
        Self {
            manufacturer_folded: &entry.manufacturer_folded,
            serial_folded: &entry.serial_folded,
            manufacturer: &entry.manufacturer,
            model: &entry.model,
            serial_number: &entry.serial_number,
            product_id: entry.product_id.as_deref(),
        }
    }
}

/// An import into the directory.
#[derive(Clone, Debug, Queryable)]
pub(in crate::devices) struct ImportView {
    pub(in crate::devices) id: ImportId,
    pub(in crate::devices) state: String,
    pub(in crate::devices) row_count: i32,
    pub(in crate::devices) loaded_rows: i32,
    pub(in crate::devices) created_at: Timestamp,
    pub(in crate::devices) finished_at: Option<Timestamp>,
}

macro_rules! import_columns {
    () => {
        (
            directory_imports::id,
            directory_imports::state,
            directory_imports::row_count,
            directory_imports::loaded_rows,
            directory_imports::created_at,
            directory_imports::finished_at,
        )
    };
}

pub(in crate::devices) fn insert_import(
    tx: &mut Tx<'_>,
    (id, request): (ImportId, RequestId),
    user: Option<uuid::Uuid>,
    rows: u32,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(directory_imports::table)
        .values((
            directory_imports::id.eq(id),
            directory_imports::state.eq("loading"),
            directory_imports::request_id.eq(request),
            directory_imports::imported_by.eq(user.map(UserId::from_uuid)),
            directory_imports::row_count.eq(i32::try_from(rows).unwrap_or(i32::MAX)),
            directory_imports::loaded_rows.eq(0),
            directory_imports::created_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

pub(in crate::devices) fn import(read: &mut Read<'_>, id: ImportId) -> QueryResult<Option<ImportView>> {
    directory_imports::table
        .filter(directory_imports::id.eq(id))
        .select(import_columns!())
        .first(read.connection())
        .optional()
}

/// Imports, the newest first.
pub(in crate::devices) fn imports(
    read: &mut Read<'_>,
    after: Option<ImportId>,
    limit: i64,
) -> QueryResult<Vec<ImportView>> {
    let mut query = directory_imports::table.select(import_columns!()).into_boxed();
    if let Some(after) = after {
        query = query.filter(directory_imports::id.lt(after));
    }
    query.order(directory_imports::id.desc()).limit(limit).load(read.connection())
}

/// An import has come up to this row; it is over if that was the last.
pub(in crate::devices) fn set_loaded(
    tx: &mut Tx<'_>,
    id: ImportId,
    (rows, state): (i32, &'static str),
    finished: Option<Timestamp>,
) -> QueryResult<()> {
    diesel::update(directory_imports::table.filter(directory_imports::id.eq(id)))
        .set((
            directory_imports::loaded_rows.eq(rows),
            directory_imports::state.eq(state),
            directory_imports::finished_at.eq(finished),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Imports that are under way.
pub(in crate::devices) fn unfinished_imports(read: &mut Read<'_>) -> QueryResult<Vec<ImportId>> {
    directory_imports::table
        .filter(directory_imports::state.eq("loading"))
        .select(directory_imports::id)
        .load(read.connection())
}
