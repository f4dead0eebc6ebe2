//! Versions of the partner agreement, and signatures.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use uuid::Uuid;

use crate::access::{PartnerId, UserId};
use crate::companies::model::{MpaVersion, Signature, SignatureId};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{Read, Tx};

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

pub(in crate::companies) fn insert_version(tx: &mut Tx<'_>, version: &MpaVersion) -> QueryResult<()> {
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

pub(in crate::companies) fn version(read: &mut Read<'_>, version: &str) -> QueryResult<Option<MpaVersion>> {
    let row: Option<VersionRow> =
        mpa_versions::table.filter(mpa_versions::version.eq(version)).first(read.connection()).optional()?;
    Ok(row.map(version_of))
}

/// The version in force: the newest whose date has come.
pub(in crate::companies) fn current_version(read: &mut Read<'_>, now: Timestamp) -> QueryResult<Option<MpaVersion>> {
    let row: Option<VersionRow> = mpa_versions::table
        .filter(mpa_versions::effective_at.le(now))
        .order((mpa_versions::effective_at.desc(), mpa_versions::version.desc()))
        .first(read.connection())
        .optional()?;
    Ok(row.map(version_of))
}

/// Versions in the order in which they come into force, after the one whose date and name are `after`.
pub(in crate::companies) fn versions(
    read: &mut Read<'_>,
    after: Option<&(Timestamp, String)>,
    limit: i64,
) -> QueryResult<Vec<MpaVersion>> {
    let mut query = mpa_versions::table.into_boxed();
    if let Some((date, name)) = after {
        let same_date = mpa_versions::effective_at.eq(*date).and(mpa_versions::version.gt(name.clone()));
        query = query.filter(mpa_versions::effective_at.gt(*date).or(same_date));
    }
    let rows: Vec<VersionRow> =
        query.order((mpa_versions::effective_at, mpa_versions::version)).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(version_of).collect())
}

pub(in crate::companies) fn signature(
    read: &mut Read<'_>,
    company: PartnerId,
    version: &str,
) -> QueryResult<Option<Signature>> {
    let row: Option<(SignatureId, UserId, Timestamp)> = mpa_signatures::table
        .filter(mpa_signatures::organisation_id.eq(company))
        .filter(mpa_signatures::version.eq(version))
        .select((mpa_signatures::id, mpa_signatures::user_id, mpa_signatures::signed_at))
        .first(read.connection())
        .optional()?;
    Ok(row.map(|(id, user, signed_at)| Signature { id, version: version.to_owned(), user, signed_at }))
}

/// A signature beside the version in force; either may be missing.
#[derive(QueryableByName)]
struct SignatureRow {
    #[diesel(sql_type = Nullable<Text>)]
    version: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    document_url: Option<String>,
    #[diesel(sql_type = Nullable<Moment>)]
    effective_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Id>)]
    id: Option<SignatureId>,
    #[diesel(sql_type = Nullable<Text>)]
    signed_version: Option<String>,
    #[diesel(sql_type = Nullable<Id>)]
    user_id: Option<UserId>,
    #[diesel(sql_type = Nullable<Moment>)]
    signed_at: Option<Timestamp>,
}

impl SignatureRow {
    fn in_force(&self) -> Option<MpaVersion> {
        let (version, title) = (self.version.clone()?, self.title.clone()?);
        Some(MpaVersion { version, title, document_url: self.document_url.clone()?, effective_at: self.effective_at? })
    }

    fn signature(self) -> Option<Signature> {
        Some(Signature { id: self.id?, version: self.signed_version?, user: self.user_id?, signed_at: self.signed_at? })
    }
}

/// The version in force and a page of a company's signatures: written out, because it is one round trip for both.
pub(in crate::companies) fn in_force_and_signatures(
    read: &mut Read<'_>,
    company: PartnerId,
    after: Option<SignatureId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<(Option<MpaVersion>, Vec<Signature>)> {
    let rows: Vec<SignatureRow> = diesel::sql_query(
        "SELECT in_force.version, in_force.title, in_force.document_url, in_force.effective_at, \
         signed.id, signed.version AS signed_version, signed.user_id, signed.signed_at \
         FROM (SELECT 1 AS one) AS always \
         LEFT JOIN (SELECT version, title, document_url, effective_at FROM mpa_versions \
             WHERE effective_at <= $1 ORDER BY effective_at DESC, version DESC LIMIT 1) AS in_force ON 1 = 1 \
         LEFT JOIN (SELECT id, version, user_id, signed_at FROM mpa_signatures \
             WHERE organisation_id = $2 AND id > $3 ORDER BY id LIMIT $4) AS signed ON 1 = 1 \
         ORDER BY signed.id",
    )
    .bind::<Moment, _>(now)
    .bind::<Id, _>(company)
    .bind::<Id, _>(after.unwrap_or(SignatureId::from_uuid(Uuid::nil())))
    .bind::<BigInt, _>(limit)
    .load(read.connection())?;
    let in_force = rows.first().and_then(SignatureRow::in_force);
    Ok((in_force, rows.into_iter().filter_map(SignatureRow::signature).collect()))
}

pub(in crate::companies) fn insert_signature(
    tx: &mut Tx<'_>,
    signature: &Signature,
    company: PartnerId,
) -> QueryResult<()> {
    diesel::insert_into(mpa_signatures::table)
        .values((
            mpa_signatures::id.eq(signature.id),
            mpa_signatures::organisation_id.eq(company),
            mpa_signatures::version.eq(&signature.version),
            mpa_signatures::user_id.eq(signature.user),
            mpa_signatures::signed_at.eq(signature.signed_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// What some companies have signed, and when: oldest first.
pub(in crate::companies) fn signatures_of(
    read: &mut Read<'_>,
    of: &[PartnerId],
) -> QueryResult<Vec<(PartnerId, String, Timestamp)>> {
    let mut found = Vec::with_capacity(of.len());
    // SQLite takes a bounded number of parameters.
    for some in of.chunks(5_000) {
        let rows: Vec<(PartnerId, String, Timestamp)> = mpa_signatures::table
            .filter(mpa_signatures::organisation_id.eq_any(some))
            .order(mpa_signatures::id)
            .select((mpa_signatures::organisation_id, mpa_signatures::version, mpa_signatures::signed_at))
            .load(read.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Versions that come into force in a stretch of time, in order of their dates.
pub(in crate::companies) fn coming(
    read: &mut Read<'_>,
    from: Timestamp,
    until: Timestamp,
    limit: i64,
) -> QueryResult<Vec<MpaVersion>> {
    let rows: Vec<VersionRow> = mpa_versions::table
        .filter(mpa_versions::effective_at.ge(from))
        .filter(mpa_versions::effective_at.lt(until))
        .order((mpa_versions::effective_at, mpa_versions::version))
        .limit(limit)
        .load(read.connection())?;
    Ok(rows.into_iter().map(version_of).collect())
}
