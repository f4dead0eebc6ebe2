//! Enrolments.

use diesel::prelude::*;

use super::companies;
use crate::access::PartnerId;
use crate::companies::model::{Enrollment, EnrollmentId, EnrollmentState};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    enrollments (id) {
        id -> Id,
        organisation_id -> Id,
        state -> Text,
        submitted_at -> Moment,
        decided_at -> Nullable<Moment>,
        reason -> Nullable<Text>,
    }
}

pub(in crate::companies) fn insert_enrollment(
    tx: &mut Tx<'_>,
    id: EnrollmentId,
    reseller: PartnerId,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(enrollments::table)
        .values((
            enrollments::id.eq(id),
            enrollments::organisation_id.eq(reseller),
            enrollments::state.eq(EnrollmentState::Submitted.as_str()),
            enrollments::submitted_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = enrollments)]
struct EnrollmentRow {
    id: EnrollmentId,
    organisation_id: PartnerId,
    state: String,
    submitted_at: Timestamp,
    decided_at: Option<Timestamp>,
    reason: Option<String>,
}

impl EnrollmentRow {
    fn enrollment(self) -> QueryResult<Enrollment> {
        Ok(Enrollment {
            id: self.id,
            reseller: self.organisation_id,
            state: word(self.state)?,
            submitted_at: self.submitted_at,
            decided_at: self.decided_at,
            reason: self.reason,
        })
    }
}

pub(in crate::companies) fn enrollment(read: &mut Read<'_>, id: EnrollmentId) -> QueryResult<Option<Enrollment>> {
    let row = enrollments::table.filter(enrollments::id.eq(id)).select(EnrollmentRow::as_select());
    row.first(read.connection()).optional()?.map(EnrollmentRow::enrollment).transpose()
}

pub(in crate::companies) fn enrollment_of(read: &mut Read<'_>, reseller: PartnerId) -> QueryResult<Option<Enrollment>> {
    let row = enrollments::table.filter(enrollments::organisation_id.eq(reseller)).select(EnrollmentRow::as_select());
    row.first(read.connection()).optional()?.map(EnrollmentRow::enrollment).transpose()
}

pub(in crate::companies) fn enrollments(
    read: &mut Read<'_>,
    after: Option<EnrollmentId>,
    limit: i64,
) -> QueryResult<Vec<Enrollment>> {
    let mut query = enrollments::table.select(EnrollmentRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(enrollments::id.gt(after));
    }
    let rows = query.order(enrollments::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(EnrollmentRow::enrollment).collect()
}

/// Guarded: a decision is made once.
pub(in crate::companies) fn decide(
    tx: &mut Tx<'_>,
    id: EnrollmentId,
    state: EnrollmentState,
    reason: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(enrollments::table)
        .filter(enrollments::id.eq(id))
        .filter(enrollments::state.eq(EnrollmentState::Submitted.as_str()))
        .set((enrollments::state.eq(state.as_str()), enrollments::decided_at.eq(now), enrollments::reason.eq(reason)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// The reseller of an enrolment and where to write to it.
pub(in crate::companies) fn contact(read: &mut Read<'_>, reseller: PartnerId) -> QueryResult<Option<(String, String)>> {
    companies::table
        .filter(companies::organisation_id.eq(reseller))
        .select((companies::name, companies::contact_email))
        .first(read.connection())
        .optional()
}

/// Decided enrolments, for the invariants.
pub(in crate::companies) fn approved_ids(read: &mut Read<'_>) -> QueryResult<Vec<EnrollmentId>> {
    enrollments::table
        .filter(enrollments::state.eq(EnrollmentState::Approved.as_str()))
        .select(enrollments::id)
        .load(read.connection())
}
