//! Enrolments.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use uuid::Uuid;

use super::companies;
use crate::access::PartnerId;
use crate::companies::model::{Application, Enrollment, EnrollmentId, EnrollmentState, MpnClaim};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
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

/// An enrolment beside one of its company's MPN IDs.
#[derive(QueryableByName)]
struct ClaimRow {
    #[diesel(sql_type = Id)]
    id: EnrollmentId,
    #[diesel(sql_type = Id)]
    organisation_id: PartnerId,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Moment)]
    submitted_at: Timestamp,
    #[diesel(sql_type = Nullable<Moment>)]
    decided_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Text)]
    company_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    mpn_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    onboarded: Option<bool>,
    #[diesel(sql_type = Nullable<Moment>)]
    verified_at: Option<Timestamp>,
}

/// A page of enrolments with company and claims: written out, because it is one round trip for three tables.
pub(in crate::companies) fn applications(
    read: &mut Read<'_>,
    after: Option<EnrollmentId>,
    limit: i64,
) -> QueryResult<Vec<Application>> {
    let rows: Vec<ClaimRow> = diesel::sql_query(
        "SELECT page.id, page.organisation_id, page.state, page.submitted_at, page.decided_at, page.reason, \
         companies.name AS company_name, \
         mpn_accounts.mpn_id, mpn_accounts.kind, mpn_accounts.onboarded, mpn_accounts.verified_at \
         FROM (SELECT * FROM enrollments WHERE id > $1 ORDER BY id LIMIT $2) AS page \
         JOIN companies ON companies.organisation_id = page.organisation_id \
         LEFT JOIN mpn_accounts ON mpn_accounts.organisation_id = page.organisation_id \
         ORDER BY page.id, mpn_accounts.mpn_id",
    )
    .bind::<Id, _>(after.unwrap_or(EnrollmentId::from_uuid(Uuid::nil())))
    .bind::<BigInt, _>(limit)
    .load(read.connection())?;
    let mut found: Vec<Application> = Vec::new();
    for row in rows {
        let claim = match (row.mpn_id, row.kind) {
            (Some(mpn_id), Some(kind)) => Some(MpnClaim {
                mpn_id,
                kind: word(kind)?,
                onboarding: row.onboarded.unwrap_or_default(),
                verified: row.verified_at.is_some(),
            }),
            _ => None,
        };
        match found.last_mut().filter(|last| last.enrollment.id == row.id) {
            Some(last) => last.claims.extend(claim),
            None => found.push(Application {
                enrollment: Enrollment {
                    id: row.id,
                    reseller: row.organisation_id,
                    state: word(row.state)?,
                    submitted_at: row.submitted_at,
                    decided_at: row.decided_at,
                    reason: row.reason,
                },
                company_name: row.company_name,
                claims: claim.into_iter().collect(),
            }),
        }
    }
    Ok(found)
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

/// Where the enrolments of some companies stand.
pub(in crate::companies) fn states_of(
    read: &mut Read<'_>,
    of: &[PartnerId],
) -> QueryResult<Vec<(PartnerId, EnrollmentState)>> {
    let mut found = Vec::with_capacity(of.len());
    // SQLite takes a bounded number of parameters.
    for some in of.chunks(5_000) {
        let rows: Vec<(PartnerId, String)> = enrollments::table
            .filter(enrollments::organisation_id.eq_any(some))
            .select((enrollments::organisation_id, enrollments::state))
            .load(read.connection())?;
        for (company, state) in rows {
            found.push((company, word(state)?));
        }
    }
    Ok(found)
}
