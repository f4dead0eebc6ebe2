//! Profiles that partners have changed.

use diesel::prelude::*;

use super::companies;
use super::enrollments::enrollments;
use crate::access::PartnerId;
use crate::companies::model::{CompanyRecord, ProfileKind};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    partner_profiles (organisation_id, kind) {
        organisation_id -> Id,
        kind -> Text,
        body -> Text,
        version -> Integer,
        changed_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(companies, partner_profiles, enrollments);

/// A profile as it is stored: its text, its version.
pub(in crate::companies) type StoredProfile = (String, i32);

type RecordRow = (String, String, String, String, Option<String>, Option<String>, Option<i32>);

/// A company with one of its profiles, if it has changed that; in one query.
pub(in crate::companies) fn company_with_profile(
    read: &mut Read<'_>,
    company: PartnerId,
    kind: ProfileKind,
) -> QueryResult<(CompanyRecord, Option<StoredProfile>)> {
    let row: RecordRow = companies::table
        .left_join(
            partner_profiles::table.on(partner_profiles::organisation_id
                .eq(companies::organisation_id)
                .and(partner_profiles::kind.eq(kind.as_str()))),
        )
        .left_join(enrollments::table.on(enrollments::organisation_id.eq(companies::organisation_id)))
        .filter(companies::organisation_id.eq(company))
        .select((
            companies::name,
            companies::country,
            companies::contact_email,
            companies::domain,
            enrollments::state.nullable(),
            partner_profiles::body.nullable(),
            partner_profiles::version.nullable(),
        ))
        .first(read.connection())?;
    let (name, country, contact_email, domain, enrolment, body, version) = row;
    let enrolment = enrolment.map(word).transpose()?;
    Ok((CompanyRecord { id: company, name, country, contact_email, domain, enrolment }, body.zip(version)))
}

/// Guarded: stores the profile at `version` if the one before it is still there.
pub(in crate::companies) fn store_profile(
    tx: &mut Tx<'_>,
    company: PartnerId,
    kind: ProfileKind,
    (body, version): (&str, i32),
    now: Timestamp,
) -> QueryResult<bool> {
    let stored = if version == 1 {
        diesel::insert_into(partner_profiles::table)
            .values((
                partner_profiles::organisation_id.eq(company),
                partner_profiles::kind.eq(kind.as_str()),
                partner_profiles::body.eq(body),
                partner_profiles::version.eq(version),
                partner_profiles::changed_at.eq(now),
            ))
            .execute(tx.connection())?
    } else {
        diesel::update(partner_profiles::table)
            .filter(partner_profiles::organisation_id.eq(company))
            .filter(partner_profiles::kind.eq(kind.as_str()))
            .filter(partner_profiles::version.eq(version - 1))
            .set((
                partner_profiles::body.eq(body),
                partner_profiles::version.eq(version),
                partner_profiles::changed_at.eq(now),
            ))
            .execute(tx.connection())?
    };
    Ok(stored == 1)
}
