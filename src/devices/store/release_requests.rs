//! Release requests.

use diesel::prelude::*;

use super::super::model::{DeviceId, FindingCode, RegistrationId, ReleaseRequest, ReleaseRequestId, ReleaseState};
use super::directory::directory_devices;
use super::{device_registrations, devices, failed_rows, registration_rows};
use crate::access::{CustomerId, OrganisationId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    release_requests (id) {
        id -> Id,
        asker_id -> Id,
        asked_by -> Id,
        asked_by_user -> Nullable<Id>,
        row_id -> Id,
        device_id -> Id,
        holder_id -> Id,
        state -> Text,
        created_at -> Moment,
        decided_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(release_requests, devices);
diesel::allow_tables_to_appear_in_same_query!(release_requests, registration_rows);

/// A row that may have found its device claimed elsewhere.
#[derive(Clone, Debug)]
pub(in crate::devices) struct ClaimedRow {
    pub(in crate::devices) row: DeviceId,
    /// Whether it failed for that.
    pub(in crate::devices) is_claimed: bool,
    manufacturer: String,
    model: String,
    serial_number: String,
    key: (String, String),
    product_id: Option<String>,
    is_verified: bool,
}

/// A row of a registration of a customer.
pub(in crate::devices) fn row_at(
    read: &mut Read<'_>,
    customer: CustomerId,
    (registration, position): (RegistrationId, i32),
) -> QueryResult<Option<ClaimedRow>> {
    type Found = ((DeviceId, Option<String>), (String, String, String), (String, String, Option<String>, bool));
    let found: Option<Found> = registration_rows::table
        .inner_join(device_registrations::table.on(device_registrations::id.eq(registration_rows::registration_id)))
        .left_join(failed_rows::table.on(failed_rows::row_id.eq(registration_rows::id)))
        .filter(device_registrations::customer_id.eq(customer))
        .filter(registration_rows::registration_id.eq(registration))
        .filter(registration_rows::position.eq(position))
        .select((
            (registration_rows::id, failed_rows::code.nullable()),
            (registration_rows::manufacturer, registration_rows::model, registration_rows::serial_number),
            (
                registration_rows::manufacturer_folded,
                registration_rows::serial_folded,
                registration_rows::product_id,
                registration_rows::is_verified,
            ),
        ))
        .first(read.connection())
        .optional()?;
    let row = |((row, code), values, key): Found| {
        let (manufacturer, model, serial_number) = values;
        let (manufacturer_folded, serial_folded, product_id, is_verified) = key;
        ClaimedRow {
            row,
            is_claimed: code.as_deref() == Some(FindingCode::DeviceClaimedElsewhere.as_str()),
            manufacturer,
            model,
            serial_number,
            key: (manufacturer_folded, serial_folded),
            product_id,
            is_verified,
        }
    };
    Ok(found.map(row))
}

/// Who holds a device.
#[derive(Clone, Debug, Queryable)]
pub(in crate::devices) struct Held {
    pub(in crate::devices) device: DeviceId,
    pub(in crate::devices) holder: CustomerId,
    pub(in crate::devices) registered_by: OrganisationId,
    pub(in crate::devices) registered_by_user: Option<UserId>,
}

/// The device that a row means, if another customer than `asker` holds it now and the values match in full (design, ruling 4).
pub(in crate::devices) fn held_elsewhere(
    read: &mut Read<'_>,
    asker: CustomerId,
    row: &ClaimedRow,
) -> QueryResult<Option<Held>> {
    let mut key = row.key.clone();
    let mut values = (row.manufacturer.clone(), row.model.clone(), row.serial_number.clone());
    if key.1.is_empty() {
        type Known = ((String, String), (String, String, String));
        let known: Option<Known> = directory_devices::table
            .filter(directory_devices::product_id.eq(&row.product_id))
            .select((
                (directory_devices::manufacturer_folded, directory_devices::serial_folded),
                (directory_devices::manufacturer, directory_devices::model, directory_devices::serial_number),
            ))
            .first(read.connection())
            .optional()?;
        let Some(known) = known else { return Ok(None) };
        (key, values) = known;
    }
    let mut query = devices::table
        .inner_join(device_registrations::table.on(device_registrations::id.eq(devices::registration_id)))
        .filter(devices::manufacturer_folded.eq(key.0))
        .filter(devices::serial_folded.eq(key.1))
        .filter(devices::released_at.is_null())
        .filter(devices::customer_id.ne(asker))
        .select((devices::id, devices::customer_id, devices::registered_by, device_registrations::registered_by_user))
        .into_boxed();
    if !row.is_verified {
        query = query
            .filter(devices::manufacturer.eq(values.0))
            .filter(devices::model.eq(values.1))
            .filter(devices::serial_number.eq(values.2));
    }
    query.first(read.connection()).optional()
}

/// How many requests a customer made since then.
pub(in crate::devices) fn requests_since(read: &mut Read<'_>, asker: CustomerId, since: Timestamp) -> QueryResult<i64> {
    release_requests::table
        .filter(release_requests::asker_id.eq(asker))
        .filter(release_requests::created_at.gt(since))
        .count()
        .get_result(read.connection())
}

/// What is written of a request.
#[derive(Debug, Insertable)]
#[diesel(table_name = release_requests, treat_none_as_default_value = false)]
pub(in crate::devices) struct NewRequest {
    pub(in crate::devices) id: ReleaseRequestId,
    pub(in crate::devices) asker_id: CustomerId,
    pub(in crate::devices) asked_by: OrganisationId,
    pub(in crate::devices) asked_by_user: Option<UserId>,
    pub(in crate::devices) row_id: DeviceId,
    pub(in crate::devices) device_id: DeviceId,
    pub(in crate::devices) holder_id: CustomerId,
    pub(in crate::devices) state: &'static str,
    pub(in crate::devices) created_at: Timestamp,
}

pub(in crate::devices) fn insert_request(tx: &mut Tx<'_>, new: &NewRequest) -> QueryResult<()> {
    diesel::insert_into(release_requests::table).values(new).execute(tx.connection()).map(drop)
}

type RequestRow = (
    (ReleaseRequestId, CustomerId, OrganisationId, Option<UserId>, CustomerId),
    (DeviceId, RegistrationId, i32),
    (String, String, String),
    (String, String, String),
    (String, Timestamp, Option<Timestamp>, Option<Timestamp>),
);

macro_rules! requests {
    () => {
        release_requests::table
            .inner_join(devices::table.on(devices::id.eq(release_requests::device_id)))
            .inner_join(registration_rows::table.on(registration_rows::id.eq(release_requests::row_id)))
            .select((
                (
                    release_requests::id,
                    release_requests::asker_id,
                    release_requests::asked_by,
                    release_requests::asked_by_user,
                    release_requests::holder_id,
                ),
                (devices::id, registration_rows::registration_id, registration_rows::position),
                (registration_rows::manufacturer, registration_rows::model, registration_rows::serial_number),
                (devices::manufacturer, devices::model, devices::serial_number),
                (
                    release_requests::state,
                    release_requests::created_at,
                    release_requests::decided_at,
                    devices::released_at,
                ),
            ))
    };
}

fn request_of(row: RequestRow) -> QueryResult<ReleaseRequest> {
    let ((id, asker, asked_by, asked_by_user, holder), of, wanted, held, (state, created_at, decided, freed)) = row;
    let (device, registration, position) = of;
    let state: ReleaseState = word(state)?;
    let (state, decided_at) = match (state, freed) {
        // Deregistered in another way: what was asked for has come true.
        (ReleaseState::Open, Some(freed)) => (ReleaseState::Released, Some(freed)),
        _ => (state, decided),
    };
    Ok(ReleaseRequest {
        id,
        asker,
        asked_by,
        asked_by_user,
        holder,
        device,
        registration,
        position,
        wanted: wanted.into(),
        held: held.into(),
        state,
        created_at,
        decided_at,
    })
}

/// The open request of a customer for a device.
pub(in crate::devices) fn open_request(
    read: &mut Read<'_>,
    asker: CustomerId,
    device: DeviceId,
) -> QueryResult<Option<ReleaseRequest>> {
    let row: Option<RequestRow> = requests!()
        .filter(release_requests::asker_id.eq(asker))
        .filter(release_requests::device_id.eq(device))
        .filter(release_requests::state.eq(ReleaseState::Open.as_str()))
        .first(read.connection())
        .optional()?;
    row.map(request_of).transpose()
}

/// By id alone: whoever asks proves by it that it is the holder's, or mails what the notification says.
pub(in crate::devices) fn release_request(
    read: &mut Read<'_>,
    id: ReleaseRequestId,
) -> QueryResult<Option<ReleaseRequest>> {
    let row: Option<RequestRow> =
        requests!().filter(release_requests::id.eq(id)).first(read.connection()).optional()?;
    row.map(request_of).transpose()
}

/// What a customer was asked for, the newest first.
pub(in crate::devices) fn received_requests(
    read: &mut Read<'_>,
    holder: CustomerId,
    after: Option<ReleaseRequestId>,
    limit: i64,
) -> QueryResult<Vec<ReleaseRequest>> {
    let mut query = requests!().filter(release_requests::holder_id.eq(holder)).into_boxed();
    if let Some(after) = after {
        query = query.filter(release_requests::id.lt(after));
    }
    let rows: Vec<RequestRow> = query.order(release_requests::id.desc()).limit(limit).load(read.connection())?;
    rows.into_iter().map(request_of).collect()
}

/// What a customer asked others for, the newest first.
pub(in crate::devices) fn sent_requests(
    read: &mut Read<'_>,
    asker: CustomerId,
    after: Option<ReleaseRequestId>,
    limit: i64,
) -> QueryResult<Vec<ReleaseRequest>> {
    let mut query = requests!().filter(release_requests::asker_id.eq(asker)).into_boxed();
    if let Some(after) = after {
        query = query.filter(release_requests::id.lt(after));
    }
    let rows: Vec<RequestRow> = query.order(release_requests::id.desc()).limit(limit).load(read.connection())?;
    rows.into_iter().map(request_of).collect()
}

/// Guarded: a request is answered once.
pub(in crate::devices) fn answer_request(
    tx: &mut Tx<'_>,
    id: ReleaseRequestId,
    state: ReleaseState,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(release_requests::table)
        .filter(release_requests::id.eq(id))
        .filter(release_requests::state.eq(ReleaseState::Open.as_str()))
        .set((release_requests::state.eq(state.as_str()), release_requests::decided_at.eq(now)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}
