//! The list of a partner's customers.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{CustomerRow, customer_relationships, customers, record};
use crate::access::{CustomerId, PartnerId};
use crate::customers::model::{CustomerFilter, CustomerRecord};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::text::like_literal;

/// The customers with which `partner` has a relationship now, in order of their ids. The relationships of one partner are
/// read in that order from an index that also holds what is searched for, so a page is found without a look at the rows
/// that it leaves out: those of the caller itself, or of the reseller that the filter names.
pub(in crate::customers) fn customers_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    filter: &CustomerFilter,
    after: Option<CustomerId>,
    limit: i64,
) -> QueryResult<Vec<CustomerRecord>> {
    use customer_relationships as listed;
    let (of, through) = match filter.reseller {
        Some(reseller) => (reseller, Some(partner)),
        None => (partner, filter.provider),
    };
    let mut query = listed::table
        .filter(listed::partner_id.eq(of))
        .filter(listed::until.is_null())
        .select(listed::customer_id)
        .into_boxed();
    if let Some(provider) = through {
        query = query.filter(listed::provider_id.eq(provider));
    }
    if filter.reseller.is_some() {
        let own = diesel::alias!(customer_relationships as own);
        query = query.filter(exists(
            own.filter(own.field(listed::partner_id).eq(partner))
                .filter(own.field(listed::customer_id).eq(listed::customer_id))
                .filter(own.field(listed::until).is_null()),
        ));
        // Only providers have resellers, and no provider serves through another.
        if filter.provider.is_some() {
            return Ok(Vec::new());
        }
    }
    let patterns = [
        filter.name_begins.as_ref().map(|text| format!("{}%", like_literal(text))),
        filter.domain_begins.as_ref().map(|text| format!("%\n{}%", like_literal(text))),
        filter.holds.as_ref().map(|text| format!("%{}%", like_literal(text))),
    ];
    for pattern in patterns.into_iter().flatten() {
        query = query.filter(listed::searched.like(pattern).escape('\\'));
    }
    if let Some(after) = after {
        query = query.filter(listed::customer_id.gt(after));
    }
    // The page first, then what is on it: joined, a planner may walk everybody's customers in the order of their ids.
    let page: Vec<CustomerId> = query.order(listed::customer_id).limit(limit).load(read.connection())?;
    let mut found = Vec::with_capacity(page.len());
    // SQLite takes a bounded number of parameters.
    for some in page.chunks(5_000) {
        let rows: Vec<CustomerRow> = customers::table
            .filter(customers::organisation_id.eq_any(some))
            .order(customers::organisation_id)
            .select((
                customers::organisation_id,
                customers::company_name,
                customers::domain,
                customers::profile,
                customers::registration_number,
                customers::version,
                customers::created_at,
            ))
            .load(read.connection())?;
        found.extend(rows);
    }
    found.into_iter().map(record).collect()
}

/// Since when, and through which provider.
type Since = (Timestamp, Option<PartnerId>);

/// Since when `partner` works with each of `customers`, and through which provider.
pub(in crate::customers) fn relationships_with(
    read: &mut Read<'_>,
    partner: PartnerId,
    customers: &[CustomerId],
) -> QueryResult<Vec<(CustomerId, Since)>> {
    customer_relationships::table
        .filter(customer_relationships::partner_id.eq(partner))
        .filter(customer_relationships::until.is_null())
        .filter(customer_relationships::customer_id.eq_any(customers))
        .select((
            customer_relationships::customer_id,
            (customer_relationships::since, customer_relationships::provider_id),
        ))
        .load(read.connection())
}

/// Who serves which of `customers` through `provider`.
pub(in crate::customers) fn resellers_among(
    read: &mut Read<'_>,
    provider: PartnerId,
    customers: &[CustomerId],
) -> QueryResult<Vec<(CustomerId, PartnerId)>> {
    customer_relationships::table
        .filter(customer_relationships::provider_id.eq(provider))
        .filter(customer_relationships::until.is_null())
        .filter(customer_relationships::customer_id.eq_any(customers))
        .select((customer_relationships::customer_id, customer_relationships::partner_id))
        .load(read.connection())
}

pub(in crate::customers) fn resellers_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    limit: i64,
) -> QueryResult<Vec<PartnerId>> {
    customer_relationships::table
        .filter(customer_relationships::provider_id.eq(provider))
        .filter(customer_relationships::until.is_null())
        .select(customer_relationships::partner_id)
        .distinct()
        .order(customer_relationships::partner_id)
        .limit(limit)
        .load(read.connection())
}
