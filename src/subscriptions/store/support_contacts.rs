//! The table of support contacts.

use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::subscriptions::model::{SubscriptionId, SupportContactId};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    support_contacts (id) {
        id -> Id,
        subscription_id -> Id,
        customer_id -> Id,
        provider_id -> Id,
        partner_id -> Id,
        designated_by -> Nullable<Id>,
        since -> Moment,
        until -> Nullable<Moment>,
    }
}

/// A reseller that answers for a subscription.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = support_contacts)]
pub(in crate::subscriptions) struct ContactRow {
    pub id: SupportContactId,
    pub subscription_id: SubscriptionId,
    pub customer_id: CustomerId,
    pub provider_id: PartnerId,
    pub partner_id: PartnerId,
    pub designated_by: Option<UserId>,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

pub(in crate::subscriptions) fn insert(tx: &mut Tx<'_>, new: &ContactRow) -> QueryResult<()> {
    diesel::insert_into(support_contacts::table).values(new.clone()).execute(tx.connection())?;
    Ok(())
}

/// Guarded: ends a designation that has not ended.
pub(in crate::subscriptions) fn end(tx: &mut Tx<'_>, id: SupportContactId, at: Timestamp) -> QueryResult<bool> {
    let ended = diesel::update(support_contacts::table)
        .filter(support_contacts::id.eq(id))
        .filter(support_contacts::until.is_null())
        .set(support_contacts::until.eq(at))
        .execute(tx.connection())?;
    Ok(ended == 1)
}

/// Who answers for a subscription, if it is not the provider.
pub(in crate::subscriptions) fn live_of(
    read: &mut Read<'_>,
    subscription: SubscriptionId,
) -> QueryResult<Option<ContactRow>> {
    support_contacts::table
        .filter(support_contacts::subscription_id.eq(subscription))
        .filter(support_contacts::until.is_null())
        .first(read.connection())
        .optional()
}

/// When the last designation for a subscription ended: since then it is the provider, if it is nobody else.
pub(in crate::subscriptions) fn last_end_of(
    read: &mut Read<'_>,
    subscription: SubscriptionId,
) -> QueryResult<Option<Timestamp>> {
    let ends: Option<Option<Timestamp>> = support_contacts::table
        .filter(support_contacts::subscription_id.eq(subscription))
        .filter(support_contacts::until.is_not_null())
        .order(support_contacts::until.desc())
        .select(support_contacts::until)
        .first(read.connection())
        .optional()?;
    Ok(ends.flatten())
}

/// For how many of a provider's subscriptions a reseller answers.
pub(in crate::subscriptions) fn count_of(
    read: &mut Read<'_>,
    provider: PartnerId,
    partner: PartnerId,
) -> QueryResult<i64> {
    support_contacts::table
        .filter(support_contacts::provider_id.eq(provider))
        .filter(support_contacts::partner_id.eq(partner))
        .filter(support_contacts::until.is_null())
        .count()
        .get_result(read.connection())
}

/// All of them in pages, for the invariants.
pub(in crate::subscriptions) fn all(
    read: &mut Read<'_>,
    after: Option<SupportContactId>,
    limit: i64,
) -> QueryResult<Vec<ContactRow>> {
    let mut query = support_contacts::table.into_boxed();
    if let Some(after) = after {
        query = query.filter(support_contacts::id.gt(after));
    }
    query.order(support_contacts::id).limit(limit).load(read.connection())
}
