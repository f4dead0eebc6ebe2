//! The list of customers as its page shows it, and whom a new customer can be associated with.

use std::collections::HashMap;

use diesel::QueryResult;

use super::drafts::drafts;
use crate::access::{CreateCustomers, CustomerId, OrganisationKind, PartnerId, ReadCustomerDrafts, Scope};
use crate::companies::{self, CompanyProfile};
use crate::customers::{self, CustomerFilter, ListedCustomer};
use crate::delegation;
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::subscriptions::model::drafts::CustomerDraft;

/// Partners that a page offers for a choice at most.
const CHOICES: i64 = 1_000;
/// Drafts that the list's page reminds of at most.
const DRAFTS: i64 = 10;

/// A page of the caller's customers.
#[derive(Clone, Debug)]
pub struct CustomerListing {
    /// The customers, each with whether the caller administers it.
    pub rows: Vec<(ListedCustomer, bool)>,
    /// The partners that the rows and the filter name.
    pub partners: HashMap<PartnerId, CompanyProfile>,
    /// The resellers to filter by, partners still or not.
    pub resellers: Vec<PartnerId>,
    /// Drafts that wait to be submitted.
    pub drafts: Vec<CustomerDraft>,
    /// Whether the caller may create customers.
    pub may_create: bool,
}

/// A page of the caller's customers that a filter lets through.
///
/// # Errors
/// Only the database's.
pub fn listing(
    read: &mut Read<'_>,
    me: &Scope,
    filter: &CustomerFilter,
    after: Option<CustomerId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<CustomerListing> {
    let listed = customers::listed(read, me, filter, after, limit)?;
    let ids: Vec<CustomerId> = listed.iter().map(|row| row.record.id).collect();
    let live = delegation::administered_among(read, me, &ids, now)?;
    let resellers = match me.kind() {
        OrganisationKind::Provider => customers::resellers_served_through(read, me, CHOICES)?,
        _ => Vec::new(),
    };
    let mut named = resellers.clone();
    named.extend(listed.iter().filter_map(|row| row.provider.or(row.reseller)));
    let drafts = if me.holds::<ReadCustomerDrafts>() { drafts(read, me, None, DRAFTS, now)? } else { Vec::new() };
    Ok(CustomerListing {
        partners: companies::profiles(read, &named)?,
        rows: listed.into_iter().map(|row| (row.clone(), live.contains(&row.record.id))).collect(),
        resellers,
        drafts,
        may_create: me.holds::<CreateCustomers>(),
    })
}

/// The active resellers of the caller's company, by name.
///
/// # Errors
/// Only the database's.
pub fn resellers_to_choose(read: &mut Read<'_>, me: &Scope) -> QueryResult<Vec<CompanyProfile>> {
    let rows = partnerships::partnerships(read, me, None, None, CHOICES)?;
    let mut resellers: Vec<CompanyProfile> = rows.into_iter().filter_map(|(_, profile)| profile).collect();
    resellers.sort_by_cached_key(|profile| profile.name.to_lowercase());
    Ok(resellers)
}
