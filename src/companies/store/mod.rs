//! Tables of companies and their MPN IDs; below, those of enrolments, agreements, the providers list, profiles.

pub(super) mod agreements;
pub(super) mod enrollments;
pub(super) mod profiles;
pub(super) mod providers;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use super::model::{CompanyProfile, MpnAccount, MpnAccountId, MpnClaim, MpnId, MpnKind, MpnProfile, NewCompany};
use crate::access::PartnerId;
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
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
        version -> Integer,
        domain -> Text,
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
            companies::version.eq(1),
            companies::domain.eq(company.domain.as_str()),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type ProfileRow = (PartnerId, String, String, String, String, i32, Option<String>);

fn profile((id, name, country, contact_email, description, version, mpn_id): ProfileRow) -> CompanyProfile {
    CompanyProfile { id, name, country, contact_email, description, version, mpn_id }
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
                companies::version,
                mpn_accounts::mpn_id.nullable(),
            ))
    };
}
use with_mpn_id;

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

/// Those of `ids` whose folded name is like `name`, or whose verified MPN ID, the one they onboarded with, like `mpn_id`.
pub(super) fn named(
    read: &mut Read<'_>,
    ids: &[PartnerId],
    name: &str,
    mpn_id: Option<&str>,
) -> QueryResult<Vec<PartnerId>> {
    let mut found = Vec::new();
    // SQLite takes a bounded number of parameters.
    for some in ids.chunks(5_000) {
        let called: Vec<PartnerId> = companies::table
            .filter(companies::organisation_id.eq_any(some))
            .filter(companies::name_folded.like(name).escape('\\'))
            .select(companies::organisation_id)
            .load(read.connection())?;
        found.extend(called);
        let Some(mpn_id) = mpn_id else { continue };
        let numbered: Vec<PartnerId> = mpn_accounts::table
            .filter(mpn_accounts::organisation_id.eq_any(some))
            .filter(mpn_accounts::onboarded.eq(true))
            .filter(mpn_accounts::verified_at.is_not_null())
            .filter(mpn_accounts::mpn_id.like(mpn_id).escape('\\'))
            .select(mpn_accounts::organisation_id)
            .load(read.connection())?;
        found.extend(numbered);
    }
    Ok(found)
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

/// The company that an MPN ID names: verified, or `own` and claimed. Verified ones come first.
pub(super) fn mpn_profile(read: &mut Read<'_>, own: PartnerId, mpn_id: &str) -> QueryResult<Option<MpnProfile>> {
    let rows: Vec<(String, String, Option<Timestamp>)> = mpn_accounts::table
        .inner_join(companies::table.on(companies::organisation_id.eq(mpn_accounts::organisation_id)))
        .filter(mpn_accounts::mpn_id.eq(mpn_id))
        .filter(mpn_accounts::verified_at.is_not_null().or(mpn_accounts::organisation_id.eq(own)))
        .select((companies::name, mpn_accounts::mpn_id, mpn_accounts::verified_at))
        .limit(2)
        .load(read.connection())?;
    let found = rows.into_iter().max_by_key(|(.., verified_at)| verified_at.is_some());
    Ok(found.map(|(partner_name, mpn_id, _)| MpnProfile { partner_name, mpn_id }))
}

/// The MPN ID a company onboards with, verified or not.
pub(super) fn own_mpn_profile(read: &mut Read<'_>, own: PartnerId) -> QueryResult<Option<MpnProfile>> {
    let row: Option<(String, String)> = mpn_accounts::table
        .inner_join(companies::table.on(companies::organisation_id.eq(mpn_accounts::organisation_id)))
        .filter(mpn_accounts::organisation_id.eq(own))
        .filter(mpn_accounts::onboarded.eq(true))
        .select((companies::name, mpn_accounts::mpn_id))
        .first(read.connection())
        .optional()?;
    Ok(row.map(|(partner_name, mpn_id)| MpnProfile { partner_name, mpn_id }))
}

/// What the agreement's status of a company is decided by.
#[derive(QueryableByName)]
pub(super) struct Standing {
    /// The company's country.
    #[diesel(sql_type = Text)]
    pub(super) country: String,
    /// The asking company's country.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) own_country: Option<String>,
    /// Whether it is enrolled as indirect reseller, with approval.
    #[diesel(sql_type = Bool)]
    pub(super) enrolled: bool,
    /// Whether it has signed the agreement in force.
    #[diesel(sql_type = Bool)]
    pub(super) signed: bool,
}

/// Written out, because it is one round trip for five tables; its parameters appear in the order of their numbers.
const STANDING: &str = "SELECT company.country AS country, own.country AS own_country, \
     enrollments.id IS NOT NULL AS enrolled, \
     EXISTS (SELECT 1 FROM mpa_signatures WHERE mpa_signatures.organisation_id = company.organisation_id \
         AND mpa_signatures.version = (SELECT version FROM mpa_versions WHERE effective_at <= $1 \
             ORDER BY effective_at DESC, version DESC LIMIT 1)) AS signed \
     FROM companies AS company \
     LEFT JOIN companies AS own ON own.organisation_id = $2 \
     LEFT JOIN enrollments ON enrollments.organisation_id = company.organisation_id AND enrollments.state = 'approved' \
     WHERE ";

/// Where the company behind a verified MPN ID stands.
pub(super) fn standing_by_mpn(
    read: &mut Read<'_>,
    own: PartnerId,
    mpn_id: &str,
    now: Timestamp,
) -> QueryResult<Option<Standing>> {
    let verified = "company.organisation_id = (SELECT organisation_id FROM mpn_accounts \
                    WHERE mpn_id = $3 AND verified_at IS NOT NULL)";
    diesel::sql_query(format!("{STANDING}{verified}"))
        .bind::<Moment, _>(now)
        .bind::<Id, _>(own)
        .bind::<Text, _>(mpn_id)
        .get_result(read.connection())
        .optional()
}

/// Where a company stands.
pub(super) fn standing_of(
    read: &mut Read<'_>,
    own: PartnerId,
    company: PartnerId,
    now: Timestamp,
) -> QueryResult<Option<Standing>> {
    diesel::sql_query(format!("{STANDING}company.organisation_id = $3"))
        .bind::<Moment, _>(now)
        .bind::<Id, _>(own)
        .bind::<Id, _>(company)
        .get_result(read.connection())
        .optional()
}
