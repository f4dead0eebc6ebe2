//! Tables of company profiles, MPN IDs, enrolments and agreements.

use diesel::prelude::*;

use super::model::{
    CompanyProfile, Enrollment, EnrollmentId, EnrollmentState, MpaVersion, MpnAccount, MpnAccountId, MpnClaim, MpnId,
    MpnKind, NewCompany, Signature, SignatureId,
};
use crate::access::{PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::folded;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    companies (organisation_id) {
        organisation_id -> Id,
        name -> Text,
        name_folded -> Text,
        country -> Text,
        contact_email -> Text,
        description -> Text,
        listed -> Bool,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    mpn_accounts (id) {
        id -> Id,
        organisation_id -> Id,
        mpn_id -> Text,
        kind -> Text,
        onboarded -> Bool,
        verified_at -> Nullable<Moment>,
    }
}

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

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Moment;
    mpa_versions (version) {
        version -> Text,
        title -> Text,
        document_url -> Text,
        effective_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    mpa_signatures (id) {
        id -> Id,
        organisation_id -> Id,
        version -> Text,
        user_id -> Id,
        signed_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(companies, mpn_accounts);

/// Who the directory shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// A provider: on the public list.
    Public,
    /// A reseller: known to its partners only.
    Private,
}

pub(super) fn insert_company(
    tx: &mut Tx<'_>,
    id: PartnerId,
    company: &NewCompany,
    listing: Listing,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(companies::table)
        .values((
            companies::organisation_id.eq(id),
            companies::name.eq(&company.name),
            companies::name_folded.eq(folded(&company.name)),
            companies::country.eq(company.country.as_str()),
            companies::contact_email.eq(company.contact_email.as_str()),
            companies::description.eq(&company.description),
            companies::listed.eq(listing == Listing::Public),
            companies::created_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type ProfileRow = (PartnerId, String, String, String, String, Option<String>);

fn profile((id, name, country, contact_email, description, mpn_id): ProfileRow) -> CompanyProfile {
    CompanyProfile { id, name, country, contact_email, description, mpn_id }
}

/// Companies with the verified MPN ID they onboarded with, in one query.
macro_rules! with_mpn_id {
    () => {
        companies::table
            .left_join(
                mpn_accounts::table.on(mpn_accounts::organisation_id
                    .eq(companies::organisation_id)
                    .and(mpn_accounts::onboarded.eq(true))
                    .and(mpn_accounts::verified_at.is_not_null())),
            )
            .select((
                companies::organisation_id,
                companies::name,
                companies::country,
                companies::contact_email,
                companies::description,
                mpn_accounts::mpn_id.nullable(),
            ))
    };
}

pub(super) fn profiles(read: &mut Read<'_>, ids: &[PartnerId]) -> QueryResult<Vec<CompanyProfile>> {
    let mut found = Vec::with_capacity(ids.len());
    // SQLite takes a bounded number of parameters.
    for some in ids.chunks(5_000) {
        let rows: Vec<ProfileRow> =
            with_mpn_id!().filter(companies::organisation_id.eq_any(some)).load(read.connection())?;
        found.extend(rows.into_iter().map(profile));
    }
    Ok(found)
}

pub(super) fn listed(read: &mut Read<'_>, after: Option<PartnerId>, limit: i64) -> QueryResult<Vec<CompanyProfile>> {
    let mut query = with_mpn_id!().filter(companies::listed.eq(true)).into_boxed();
    if let Some(after) = after {
        query = query.filter(companies::organisation_id.gt(after));
    }
    let rows: Vec<ProfileRow> = query.order(companies::organisation_id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(profile).collect())
}

pub(super) fn insert_mpn_account(
    tx: &mut Tx<'_>,
    company: PartnerId,
    mpn_id: &MpnId,
    kind: MpnKind,
    onboarded: bool,
    verified_at: Option<Timestamp>,
) -> QueryResult<()> {
    diesel::insert_into(mpn_accounts::table)
        .values((
            mpn_accounts::id.eq(MpnAccountId::fresh()),
            mpn_accounts::organisation_id.eq(company),
            mpn_accounts::mpn_id.eq(mpn_id.as_str()),
            mpn_accounts::kind.eq(kind.as_str()),
            mpn_accounts::onboarded.eq(onboarded),
            mpn_accounts::verified_at.eq(verified_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

pub(super) fn verified_mpn_account(read: &mut Read<'_>, mpn_id: &str) -> QueryResult<Option<MpnAccount>> {
    let row: Option<(PartnerId, String, bool)> = mpn_accounts::table
        .filter(mpn_accounts::mpn_id.eq(mpn_id))
        .filter(mpn_accounts::verified_at.is_not_null())
        .select((mpn_accounts::organisation_id, mpn_accounts::kind, mpn_accounts::onboarded))
        .first(read.connection())
        .optional()?;
    let account = |(company, kind, onboarded): (PartnerId, String, bool)| {
        Ok(MpnAccount { company, kind: word(kind)?, onboarded })
    };
    row.map(account).transpose()
}

pub(super) fn mpn_claims(read: &mut Read<'_>, companies: &[PartnerId]) -> QueryResult<Vec<(PartnerId, MpnClaim)>> {
    let mut claims = Vec::new();
    for some in companies.chunks(5_000) {
        let rows: Vec<(PartnerId, String, String, bool, Option<Timestamp>)> = mpn_accounts::table
            .filter(mpn_accounts::organisation_id.eq_any(some))
            .order(mpn_accounts::mpn_id)
            .select((
                mpn_accounts::organisation_id,
                mpn_accounts::mpn_id,
                mpn_accounts::kind,
                mpn_accounts::onboarded,
                mpn_accounts::verified_at,
            ))
            .load(read.connection())?;
        for (company, mpn_id, kind, onboarding, verified_at) in rows {
            claims.push((company, MpnClaim { mpn_id, kind: word(kind)?, onboarding, verified: verified_at.is_some() }));
        }
    }
    Ok(claims)
}

/// An MPN ID that `company` claims and another company has had verified.
pub(super) fn claim_of_another(read: &mut Read<'_>, company: PartnerId) -> QueryResult<Option<String>> {
    let claimed: Vec<String> = mpn_accounts::table
        .filter(mpn_accounts::organisation_id.eq(company))
        .select(mpn_accounts::mpn_id)
        .load(read.connection())?;
    mpn_accounts::table
        .filter(mpn_accounts::mpn_id.eq_any(claimed))
        .filter(mpn_accounts::verified_at.is_not_null())
        .filter(mpn_accounts::organisation_id.ne(company))
        .select(mpn_accounts::mpn_id)
        .first(read.connection())
        .optional()
}

pub(super) fn verify_claims(tx: &mut Tx<'_>, company: PartnerId, now: Timestamp) -> QueryResult<()> {
    diesel::update(mpn_accounts::table)
        .filter(mpn_accounts::organisation_id.eq(company))
        .set(mpn_accounts::verified_at.eq(now))
        .execute(tx.connection())?;
    Ok(())
}

pub(super) fn insert_enrollment(
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

pub(super) fn enrollment(read: &mut Read<'_>, id: EnrollmentId) -> QueryResult<Option<Enrollment>> {
    let row = enrollments::table.filter(enrollments::id.eq(id)).select(EnrollmentRow::as_select());
    row.first(read.connection()).optional()?.map(EnrollmentRow::enrollment).transpose()
}

pub(super) fn enrollment_of(read: &mut Read<'_>, reseller: PartnerId) -> QueryResult<Option<Enrollment>> {
    let row = enrollments::table.filter(enrollments::organisation_id.eq(reseller)).select(EnrollmentRow::as_select());
    row.first(read.connection()).optional()?.map(EnrollmentRow::enrollment).transpose()
}

pub(super) fn enrollments(
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
pub(super) fn decide(
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

pub(super) fn insert_version(tx: &mut Tx<'_>, version: &MpaVersion) -> QueryResult<()> {
    diesel::insert_into(mpa_versions::table)
        .values((
            mpa_versions::version.eq(&version.version),
            mpa_versions::title.eq(&version.title),
            mpa_versions::document_url.eq(&version.document_url),
            mpa_versions::effective_at.eq(version.effective_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type VersionRow = (String, String, String, Timestamp);

fn version_of((version, title, document_url, effective_at): VersionRow) -> MpaVersion {
    MpaVersion { version, title, document_url, effective_at }
}

pub(super) fn version(read: &mut Read<'_>, version: &str) -> QueryResult<Option<MpaVersion>> {
    let row: Option<VersionRow> =
        mpa_versions::table.filter(mpa_versions::version.eq(version)).first(read.connection()).optional()?;
    Ok(row.map(version_of))
}

/// The version in force: the newest whose date has come.
pub(super) fn current_version(read: &mut Read<'_>, now: Timestamp) -> QueryResult<Option<MpaVersion>> {
    let row: Option<VersionRow> = mpa_versions::table
        .filter(mpa_versions::effective_at.le(now))
        .order((mpa_versions::effective_at.desc(), mpa_versions::version.desc()))
        .first(read.connection())
        .optional()?;
    Ok(row.map(version_of))
}

pub(super) fn signature(read: &mut Read<'_>, company: PartnerId, version: &str) -> QueryResult<Option<Signature>> {
    let row: Option<(SignatureId, Timestamp)> = mpa_signatures::table
        .filter(mpa_signatures::organisation_id.eq(company))
        .filter(mpa_signatures::version.eq(version))
        .select((mpa_signatures::id, mpa_signatures::signed_at))
        .first(read.connection())
        .optional()?;
    Ok(row.map(|(id, signed_at)| Signature { id, version: version.to_owned(), signed_at }))
}

pub(super) fn signatures(
    read: &mut Read<'_>,
    company: PartnerId,
    after: Option<SignatureId>,
    limit: i64,
) -> QueryResult<Vec<Signature>> {
    let mut query = mpa_signatures::table
        .filter(mpa_signatures::organisation_id.eq(company))
        .select((mpa_signatures::id, mpa_signatures::version, mpa_signatures::signed_at))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(mpa_signatures::id.gt(after));
    }
    let rows: Vec<(SignatureId, String, Timestamp)> =
        query.order(mpa_signatures::id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(|(id, version, signed_at)| Signature { id, version, signed_at }).collect())
}

pub(super) fn insert_signature(
    tx: &mut Tx<'_>,
    signature: &Signature,
    company: PartnerId,
    user: UserId,
) -> QueryResult<()> {
    diesel::insert_into(mpa_signatures::table)
        .values((
            mpa_signatures::id.eq(signature.id),
            mpa_signatures::organisation_id.eq(company),
            mpa_signatures::version.eq(&signature.version),
            mpa_signatures::user_id.eq(user),
            mpa_signatures::signed_at.eq(signature.signed_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The reseller of an enrolment and where to write to it.
pub(super) fn contact(read: &mut Read<'_>, reseller: PartnerId) -> QueryResult<Option<(String, String)>> {
    companies::table
        .filter(companies::organisation_id.eq(reseller))
        .select((companies::name, companies::contact_email))
        .first(read.connection())
        .optional()
}

/// Decided enrolments, for the invariants.
pub(super) fn approved_ids(read: &mut Read<'_>) -> QueryResult<Vec<EnrollmentId>> {
    enrollments::table
        .filter(enrollments::state.eq(EnrollmentState::Approved.as_str()))
        .select(enrollments::id)
        .load(read.connection())
}
