//! Registrations themselves.

use diesel::prelude::*;

use super::super::model::{
    Mode, Registration, RegistrationDetails, RegistrationId, RegistrationState, Report, RequestId, Shape, Source,
};
use super::{device_files, device_findings, device_registrations, registration_rows};
use crate::access::{CustomerId, OrganisationId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::folded;

/// Inserts a registration that is being received: nobody sees it.
pub(in crate::devices) fn insert_registration(
    tx: &mut Tx<'_>,
    (id, request): (RegistrationId, RequestId),
    (customer, acting, user): (CustomerId, OrganisationId, Option<UserId>),
    details: &RegistrationDetails,
    now: Timestamp,
) -> QueryResult<()> {
    let own = id.to_string();
    let batch_name = details.batch_name.as_ref().or(details.order_id.as_ref()).unwrap_or(&own);
    let fold = |text: &Option<String>| text.as_deref().map(folded);
    diesel::insert_into(device_registrations::table)
        .values((
            device_registrations::id.eq(id),
            device_registrations::customer_id.eq(customer),
            device_registrations::registered_by.eq(acting),
            device_registrations::registered_by_user.eq(user),
            device_registrations::source.eq(details.source.as_str()),
            device_registrations::state.eq(RegistrationState::Receiving.as_str()),
            device_registrations::mode.eq(details.mode.as_str()),
            device_registrations::headerless.eq(details.headerless.map(Shape::as_str)),
            device_registrations::batch_name.eq(batch_name),
            device_registrations::batch_folded.eq(folded(batch_name)),
            device_registrations::order_id.eq(&details.order_id),
            device_registrations::order_folded.eq(fold(&details.order_id)),
            device_registrations::purchase_id.eq(&details.purchase_id),
            device_registrations::purchase_folded.eq(fold(&details.purchase_id)),
            device_registrations::request_id.eq(request),
            device_registrations::created_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Guarded: what was received becomes checked, refused or registering once.
pub(in crate::devices) fn complete(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    state: RegistrationState,
    report: &Report,
    now: Timestamp,
) -> QueryResult<bool> {
    let ended = matches!(state, RegistrationState::Refused).then_some(now);
    let changed = diesel::update(device_registrations::table)
        .filter(device_registrations::id.eq(id))
        .filter(device_registrations::state.eq(RegistrationState::Receiving.as_str()))
        .set((
            device_registrations::state.eq(state.as_str()),
            device_registrations::row_count.eq(i32::try_from(report.rows).unwrap_or(i32::MAX)),
            device_registrations::refused_rows.eq(i32::try_from(report.refused_rows).unwrap_or(i32::MAX)),
            device_registrations::finished_at.eq(ended),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

type RegistrationRow = (
    (RegistrationId, CustomerId, OrganisationId, Option<OrganisationId>, Option<UserId>),
    (String, String, String, Option<String>, String, Option<String>, Option<String>),
    (RequestId, i32, i32, Timestamp, Option<Timestamp>, i32, Option<Timestamp>),
);

fn registration_of(row: RegistrationRow) -> QueryResult<Registration> {
    let (
        (id, customer, registered_by, acting_for, registered_by_user),
        (source, state, mode, headerless, batch_name, order_id, purchase_id),
        (request, row_count, refused_rows, created_at, registered_at, settled_through, finished_at),
    ) = row;
    Ok(Registration {
        id,
        customer,
        registered_by,
        acting: acting_for.unwrap_or(registered_by),
        registered_by_user,
        source: word::<Source>(source)?,
        state: word::<RegistrationState>(state)?,
        mode: word::<Mode>(mode)?,
        headerless: headerless.map(word::<Shape>).transpose()?,
        batch_name,
        order_id,
        purchase_id,
        request,
        row_count,
        refused_rows,
        created_at,
        registered_at,
        settled_through,
        finished_at,
    })
}

macro_rules! columns {
    () => {
        (
            (
                device_registrations::id,
                device_registrations::customer_id,
                device_registrations::registered_by,
                device_registrations::acting_for,
                device_registrations::registered_by_user,
            ),
            (
                device_registrations::source,
                device_registrations::state,
                device_registrations::mode,
                device_registrations::headerless,
                device_registrations::batch_name,
                device_registrations::order_id,
                device_registrations::purchase_id,
            ),
            (
                device_registrations::request_id,
                device_registrations::row_count,
                device_registrations::refused_rows,
                device_registrations::created_at,
                device_registrations::registered_at,
                device_registrations::settled_through,
                device_registrations::finished_at,
            ),
        )
    };
}

/// A registration by id alone, and why it was stopped, if it was; nobody else changes it for the rest of the transaction. For the
/// registrar, which proves the delegation for the row's own organisation and customer.
pub(in crate::devices) fn lock(
    tx: &mut Tx<'_>,
    id: RegistrationId,
) -> QueryResult<Option<(Registration, Option<String>)>> {
    // A change that changes nothing takes the row's lock on either database.
    diesel::update(device_registrations::table.filter(device_registrations::id.eq(id)))
        .set(device_registrations::settled_through.eq(device_registrations::settled_through))
        .execute(tx.connection())?;
    let row: Option<(RegistrationRow, Option<String>)> = device_registrations::table
        .filter(device_registrations::id.eq(id))
        .select((columns!(), device_registrations::stopped))
        .first(tx.connection())
        .optional()?;
    row.map(|(row, stopped)| Ok((registration_of(row)?, stopped))).transpose()
}

/// A registration of a customer that was received as a whole.
pub(in crate::devices) fn registration(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: RegistrationId,
) -> QueryResult<Option<Registration>> {
    let row: Option<RegistrationRow> = device_registrations::table
        .filter(device_registrations::id.eq(id))
        .filter(device_registrations::customer_id.eq(customer))
        .filter(device_registrations::state.ne(RegistrationState::Receiving.as_str()))
        .select(columns!())
        .first(read.connection())
        .optional()?;
    row.map(registration_of).transpose()
}

/// The registrations of a customer, the newest first.
pub(in crate::devices) fn registrations(
    read: &mut Read<'_>,
    customer: CustomerId,
    after: Option<RegistrationId>,
    limit: i64,
) -> QueryResult<Vec<Registration>> {
    let mut query = device_registrations::table
        .filter(device_registrations::customer_id.eq(customer))
        .filter(device_registrations::state.ne(RegistrationState::Receiving.as_str()))
        .select(columns!())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(device_registrations::id.lt(after));
    }
    let rows: Vec<RegistrationRow> =
        query.order(device_registrations::id.desc()).limit(limit).load(read.connection())?;
    rows.into_iter().map(registration_of).collect()
}

/// The registrations of a device batch whose rows were to be registered, the oldest first.
pub(in crate::devices) fn registrations_of_batch(
    read: &mut Read<'_>,
    customer: CustomerId,
    name: &str,
    limit: i64,
) -> QueryResult<Vec<Registration>> {
    let rows: Vec<RegistrationRow> = device_registrations::table
        .filter(device_registrations::customer_id.eq(customer))
        .filter(device_registrations::batch_folded.eq(folded(name)))
        .filter(device_registrations::registered_at.is_not_null())
        .order(device_registrations::id)
        .limit(limit)
        .select(columns!())
        .load(read.connection())?;
    rows.into_iter().map(registration_of).collect()
}

/// Registrations of `organisation` that are still running.
pub(in crate::devices) fn running_by(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    limit: i64,
) -> QueryResult<Vec<Registration>> {
    let rows: Vec<RegistrationRow> = device_registrations::table
        .filter(device_registrations::registered_by.eq(organisation))
        .filter(device_registrations::finished_at.is_null())
        .filter(device_registrations::state.eq(RegistrationState::Registering.as_str()))
        .order(device_registrations::id)
        .limit(limit)
        .select(columns!())
        .load(read.connection())?;
    rows.into_iter().map(registration_of).collect()
}

/// Guarded: a dry run becomes registering once, by whoever registers it.
pub(in crate::devices) fn begin_registering(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    (acting, user): (OrganisationId, Option<UserId>),
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(device_registrations::table)
        .filter(device_registrations::id.eq(id))
        .filter(device_registrations::state.eq(RegistrationState::Checked.as_str()))
        .set((
            device_registrations::state.eq(RegistrationState::Registering.as_str()),
            device_registrations::registered_by.eq(acting),
            device_registrations::registered_by_user.eq(user),
            device_registrations::registered_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// The registrar goes on behind a position, for whoever asks for it.
pub(in crate::devices) fn resume(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    acting: OrganisationId,
    settled_through: i32,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::update(device_registrations::table.filter(device_registrations::id.eq(id)))
        .set((
            device_registrations::state.eq(RegistrationState::Registering.as_str()),
            device_registrations::acting_for.eq(acting),
            device_registrations::registered_at.eq(now),
            device_registrations::settled_through.eq(settled_through),
            device_registrations::stopped.eq(None::<String>),
            device_registrations::finished_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The registrar takes it back, for whoever asks for it.
pub(in crate::devices) fn void(
    tx: &mut Tx<'_>,
    id: RegistrationId,
    acting: OrganisationId,
    reason: &str,
) -> QueryResult<()> {
    diesel::update(device_registrations::table.filter(device_registrations::id.eq(id)))
        .set((
            device_registrations::state.eq(RegistrationState::Voided.as_str()),
            device_registrations::acting_for.eq(acting),
            device_registrations::stopped.eq(reason),
            device_registrations::finished_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Guarded: a registration ends once. What was voided stays so.
pub(in crate::devices) fn finish(tx: &mut Tx<'_>, id: RegistrationId, now: Timestamp) -> QueryResult<bool> {
    let target = device_registrations::table
        .filter(device_registrations::id.eq(id))
        .filter(device_registrations::finished_at.is_null());
    let voided = diesel::update(target.filter(device_registrations::state.eq(RegistrationState::Voided.as_str())))
        .set(device_registrations::finished_at.eq(now))
        .execute(tx.connection())?;
    let settled =
        diesel::update(target.filter(device_registrations::state.eq(RegistrationState::Registering.as_str())))
            .set((
                device_registrations::state.eq(RegistrationState::Settled.as_str()),
                device_registrations::finished_at.eq(now),
            ))
            .execute(tx.connection())?;
    Ok(voided + settled == 1)
}

pub(in crate::devices) fn set_settled_through(tx: &mut Tx<'_>, id: RegistrationId, through: i32) -> QueryResult<()> {
    diesel::update(device_registrations::table.filter(device_registrations::id.eq(id)))
        .set(device_registrations::settled_through.eq(through))
        .execute(tx.connection())?;
    Ok(())
}

/// The rest of the rows fails, for this reason.
pub(in crate::devices) fn stop(tx: &mut Tx<'_>, id: RegistrationId, reason: &str) -> QueryResult<()> {
    diesel::update(device_registrations::table.filter(device_registrations::id.eq(id)))
        .set(device_registrations::stopped.eq(reason))
        .execute(tx.connection())?;
    Ok(())
}

/// Registrations that registered nothing: cut off before `cut_off`, or checked or refused before `checked`.
pub(in crate::devices) fn idle(
    read: &mut Read<'_>,
    cut_off: Timestamp,
    checked: Timestamp,
    limit: i64,
) -> QueryResult<Vec<RegistrationId>> {
    let state = |state: RegistrationState| device_registrations::state.eq(state.as_str());
    let created = device_registrations::created_at;
    device_registrations::table
        .filter(
            state(RegistrationState::Receiving).and(created.lt(cut_off)).or(device_registrations::state
                .eq_any([RegistrationState::Checked.as_str(), RegistrationState::Refused.as_str()])
                .and(created.lt(checked))),
        )
        .order(created)
        .limit(limit)
        .select(device_registrations::id)
        .load(read.connection())
}

/// Removes some rows of a registration that registered nothing. Returns whether there may be more.
pub(in crate::devices) fn delete_some_rows(tx: &mut Tx<'_>, id: RegistrationId, limit: i64) -> QueryResult<bool> {
    let last: Vec<i32> = registration_rows::table
        .filter(registration_rows::registration_id.eq(id))
        .order(registration_rows::position)
        .limit(limit)
        .select(registration_rows::position)
        .load(tx.connection())?;
    let Some(last) = last.last() else { return Ok(false) };
    diesel::delete(
        registration_rows::table
            .filter(registration_rows::registration_id.eq(id))
            .filter(registration_rows::position.le(last)),
    )
    .execute(tx.connection())?;
    Ok(true)
}

/// Removes a registration without rows, with all that hangs on it. Its staged copies must be gone, or be forgotten with it.
pub(in crate::devices) fn delete_registration(tx: &mut Tx<'_>, id: RegistrationId) -> QueryResult<()> {
    diesel::delete(device_findings::table.filter(device_findings::subject_id.eq(id))).execute(tx.connection())?;
    diesel::delete(device_files::table.filter(device_files::subject_id.eq(id))).execute(tx.connection())?;
    diesel::delete(device_registrations::table.filter(device_registrations::id.eq(id))).execute(tx.connection())?;
    Ok(())
}
