//! The table of subscriptions.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{MultiBackend, Read};
use crate::subscriptions::model::SubscriptionId;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    subscriptions (id) {
        id -> Id,
        customer_id -> Id,
        provider_id -> Id,
        friendly_name -> Text,
        status -> Text,
        auto_renew -> Bool,
        ends_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    association_periods (subscription_id, number) {
        subscription_id -> Id,
        number -> Integer,
        reseller_id -> Id,
        until -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(subscriptions, association_periods);

use association_periods as periods;

/// What runs of a customer that `partner` sold, or is reseller of record of.
fn running(
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> subscriptions::BoxedQuery<'static, MultiBackend> {
    let of_record = periods::table
        .filter(periods::subscription_id.eq(subscriptions::id))
        .filter(periods::reseller_id.eq(partner))
        .filter(periods::until.is_null());
    subscriptions::table
        .filter(subscriptions::customer_id.eq(customer))
        .filter(subscriptions::status.eq("active"))
        // A term that ended and is not renewed has run out, whether or not anybody wrote that down.
        .filter(subscriptions::auto_renew.or(subscriptions::ends_at.gt(now)))
        .filter(subscriptions::provider_id.eq(partner).or(exists(of_record)))
        .into_boxed()
}

/// The subscriptions of a customer that run and that `partner` sold or is reseller of record of, with what they are called.
pub(in crate::subscriptions) fn active_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<(SubscriptionId, String)>> {
    running(partner, customer, now)
        .order(subscriptions::id)
        .limit(limit)
        .select((subscriptions::id, subscriptions::friendly_name))
        .load(read.connection())
}

/// How many those are.
pub(in crate::subscriptions) fn count_active_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<i64> {
    running(partner, customer, now).count().get_result(read.connection())
}
