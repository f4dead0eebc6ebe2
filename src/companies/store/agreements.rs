//! Versions of the partner agreement, and signatures.

use diesel::prelude::*;

use crate::access::{PartnerId, UserId};
use crate::companies::model::{MpaVersion, Signature, SignatureId};
use crate::platform::clock::Timestamp;
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

pub(in crate::companies) fn signatures(
    read: &mut Read<'_>,
    company: PartnerId,
    after: Option<SignatureId>,
    limit: i64,
) -> QueryResult<Vec<Signature>> {
    let mut query = mpa_signatures::table
        .filter(mpa_signatures::organisation_id.eq(company))
        .select((mpa_signatures::id, mpa_signatures::version, mpa_signatures::user_id, mpa_signatures::signed_at))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(mpa_signatures::id.gt(after));
    }
    let rows: Vec<(SignatureId, String, UserId, Timestamp)> =
        query.order(mpa_signatures::id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(|(id, version, user, signed_at)| Signature { id, version, user, signed_at }).collect())
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
