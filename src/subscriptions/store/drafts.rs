//! The table of drafts of customers.

use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::subscriptions::model::drafts::{CustomerDraft, CustomerDraftId, DraftContents};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customer_drafts (id) {
        id -> Id,
        provider_id -> Id,
        created_by -> Nullable<Id>,
        contents -> Text,
        reseller_id -> Nullable<Id>,
        version -> Integer,
        created_at -> Moment,
        expires_at -> Moment,
        customer_id -> Nullable<Id>,
    }
}

use customer_drafts as drafts;

#[derive(Queryable, Insertable)]
#[diesel(table_name = customer_drafts)]
struct DraftRow {
    id: CustomerDraftId,
    provider_id: PartnerId,
    created_by: Option<UserId>,
    contents: String,
    reseller_id: Option<PartnerId>,
    version: i32,
    created_at: Timestamp,
    expires_at: Timestamp,
    customer_id: Option<CustomerId>,
}

fn written(contents: &DraftContents) -> QueryResult<String> {
    serde_json::to_string(contents).map_err(|error| diesel::result::Error::SerializationError(error.into()))
}

fn draft(row: DraftRow) -> QueryResult<CustomerDraft> {
    let contents = serde_json::from_str(&row.contents)
        .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
    Ok(CustomerDraft {
        id: row.id,
        provider: row.provider_id,
        created_by: row.created_by,
        contents,
        reseller: row.reseller_id,
        version: row.version,
        created_at: row.created_at,
        expires_at: row.expires_at,
        customer: row.customer_id,
    })
}

pub(in crate::subscriptions) fn insert(tx: &mut Tx<'_>, new: &CustomerDraft) -> QueryResult<()> {
    let row = DraftRow {
        id: new.id,
        provider_id: new.provider,
        created_by: new.created_by,
        contents: written(&new.contents)?,
        reseller_id: new.reseller,
        version: new.version,
        created_at: new.created_at,
        expires_at: new.expires_at,
        customer_id: new.customer,
    };
    diesel::insert_into(drafts::table).values(row).execute(tx.connection())?;
    Ok(())
}

/// A draft of a provider that has not expired, submitted or not.
pub(in crate::subscriptions) fn draft_of(
    read: &mut Read<'_>,
    provider: PartnerId,
    id: CustomerDraftId,
    now: Timestamp,
) -> QueryResult<Option<CustomerDraft>> {
    let row: Option<DraftRow> = drafts::table
        .filter(drafts::id.eq(id))
        .filter(drafts::provider_id.eq(provider))
        .filter(drafts::expires_at.gt(now))
        .first(read.connection())
        .optional()?;
    row.map(draft).transpose()
}

/// The drafts of a provider that wait to be submitted.
pub(in crate::subscriptions) fn drafts_of(
    read: &mut Read<'_>,
    provider: PartnerId,
    after: Option<CustomerDraftId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<CustomerDraft>> {
    let mut query = drafts::table
        .filter(drafts::provider_id.eq(provider))
        .filter(drafts::expires_at.gt(now))
        .filter(drafts::customer_id.is_null())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(drafts::id.gt(after));
    }
    let rows: Vec<DraftRow> = query.order(drafts::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(draft).collect()
}

/// Guarded by the version, which it raises.
pub(in crate::subscriptions) fn change(tx: &mut Tx<'_>, draft: &CustomerDraft) -> QueryResult<bool> {
    let changed = diesel::update(drafts::table)
        .filter(drafts::id.eq(draft.id))
        .filter(drafts::version.eq(draft.version))
        .filter(drafts::customer_id.is_null())
        .set((
            drafts::contents.eq(written(&draft.contents)?),
            drafts::reseller_id.eq(draft.reseller),
            drafts::version.eq(draft.version + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: one customer comes of a draft.
pub(in crate::subscriptions) fn use_up(
    tx: &mut Tx<'_>,
    draft: &CustomerDraft,
    customer: CustomerId,
) -> QueryResult<bool> {
    let changed = diesel::update(drafts::table)
        .filter(drafts::id.eq(draft.id))
        .filter(drafts::version.eq(draft.version))
        .filter(drafts::customer_id.is_null())
        .set(drafts::customer_id.eq(customer))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded by the version: what was changed or submitted in between is not removed.
pub(in crate::subscriptions) fn delete(tx: &mut Tx<'_>, draft: &CustomerDraft) -> QueryResult<bool> {
    let gone = diesel::delete(
        drafts::table
            .filter(drafts::id.eq(draft.id))
            .filter(drafts::version.eq(draft.version))
            .filter(drafts::customer_id.is_null()),
    )
    .execute(tx.connection())?;
    Ok(gone == 1)
}

pub(in crate::subscriptions) fn forget_expired(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::delete(drafts::table.filter(drafts::expires_at.le(now))).execute(tx.connection())?;
    Ok(())
}
