//! Use cases of customers.

pub mod directory;
pub mod records;

use std::collections::HashMap;

use diesel::QueryResult;

use super::model::{
    BillingProfile, CustomerFilter, CustomerKey, CustomerRecord, DomainError, ListedCustomer, Mark, Relationship,
    RelationshipId, RelationshipKind, RelationshipMissing,
};
use super::store;
use crate::access::{self, AccessError, CustomerId, OrganisationKind, PartnerId, Scope};
use crate::companies::{self, CompanyProfile, Domain};
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::text::{like_literal, shorten};

/// A customer to be recorded.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// Its company name.
    pub company_name: String,
    /// Its domain, checked.
    pub domain: String,
    /// Its number in the company register, where companies have to give one.
    pub registration_number: Option<String>,
    /// Its billing profile.
    pub billing: BillingProfile,
}

/// Records a customer that the provider `me` creates.
///
/// # Errors
/// [`DomainError::Taken`].
pub fn insert(tx: &mut Tx<'_>, me: &Scope, new: &NewCustomer, now: Timestamp) -> Outcome<CustomerRecord, DomainError> {
    let record = prepare(tx, new, now)?;
    store::insert(tx, &record, me.organisation())?;
    Ok(record)
}

/// Records a customer that makes its own tenant.
///
/// # Errors
/// [`DomainError::Taken`].
pub fn insert_own(tx: &mut Tx<'_>, new: &NewCustomer, now: Timestamp) -> Outcome<CustomerRecord, DomainError> {
    let record = prepare(tx, new, now)?;
    store::insert(tx, &record, record.id.into())?;
    Ok(record)
}

fn prepare(tx: &mut Tx<'_>, new: &NewCustomer, now: Timestamp) -> Outcome<CustomerRecord, DomainError> {
    if access::organisation_by_domain(tx, &new.domain)?.is_some() || store::directory::is_added(tx, &new.domain)? {
        return Err(DomainError::Taken(new.domain.clone()).into());
    }
    let organisation = access::create_organisation(tx, OrganisationKind::Customer, &new.domain, now)?;
    Ok(CustomerRecord {
        id: CustomerId::from_uuid(organisation.uuid()),
        company_name: new.company_name.clone(),
        domain: new.domain.clone(),
        registration_number: new.registration_number.clone(),
        billing: new.billing.clone(),
        version: 1,
        created_at: now,
    })
}

/// The record of a customer that asks about itself.
///
/// # Errors
/// Only the database's.
pub fn own_record(read: &mut Read<'_>, own: CustomerId) -> QueryResult<Option<CustomerRecord>> {
    store::by_id(read, own)
}

/// Begins a partner's relationship with a customer.
///
/// # Errors
/// Only the database's; two live relationships of the same two are refused by it.
pub fn begin_relationship(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    kind: RelationshipKind,
    provider: Option<PartnerId>,
    now: Timestamp,
) -> QueryResult<()> {
    let id = RelationshipId::fresh();
    store::insert_relationship(tx, &Relationship { id, partner, customer, kind, provider, since: now })
}

/// A customer as a path names it: by tenant id, or by domain as some clients do.
#[derive(Clone, Debug)]
pub struct CustomerReference(String);

impl CustomerReference {
    /// As it stands in the path.
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    /// As it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key(&self) -> Option<CustomerKey> {
        match self.0.parse() {
            Ok(id) => Some(CustomerKey::Id(id)),
            Err(_) => Domain::try_from(self.0.clone()).ok().map(CustomerKey::Domain),
        }
    }

    /// The id it names, whether or not the caller has to do with it: to be proved before anything is done with it.
    ///
    /// # Errors
    /// Only the database's.
    pub fn resolve(&self, read: &mut Read<'_>) -> QueryResult<Option<CustomerId>> {
        match self.key() {
            Some(CustomerKey::Id(id)) => Ok(Some(id)),
            Some(CustomerKey::Domain(domain)) => store::id_by_domain(read, domain.as_str()),
            None => Ok(None),
        }
    }
}

/// The relationship that the caller's company has with a customer.
///
/// # Errors
/// [`RelationshipMissing`], the same for a customer that does not exist.
pub fn live_relationship(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
) -> Outcome<Relationship, RelationshipMissing> {
    let missing = || RelationshipMissing(customer.as_str().to_owned());
    let id = customer.resolve(read)?.ok_or_else(missing)?;
    Ok(store::live_relationship(read, me.partner(), id)?.ok_or_else(missing)?)
}

/// Whether a domain belongs to an organisation here, whatever its capitals.
///
/// # Errors
/// [`DomainError::Malformed`].
pub fn domain_is_taken(read: &mut Read<'_>, domain: &str) -> Outcome<bool, DomainError> {
    let malformed = || DomainError::Malformed(shorten(domain, 80));
    let domain = Domain::try_from(domain.to_owned()).map_err(|_| malformed())?;
    let domain = domain.as_str();
    Ok(access::organisation_by_domain(read, domain)?.is_some() || store::directory::is_added(read, domain)?)
}

/// The record of one of the caller's customers, and which of `marks` hold of it now, in one query.
///
/// # Errors
/// [`RelationshipMissing`], the same for a customer that does not exist.
pub fn customer(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    marks: [Mark; 2],
    now: Timestamp,
) -> Outcome<(CustomerRecord, [bool; 2]), RelationshipMissing> {
    let found = match customer.key() {
        Some(key) => store::customer_of(read, me.partner(), &key, marks, now)?,
        None => None,
    };
    Ok(found.ok_or_else(|| RelationshipMissing(customer.as_str().to_owned()))?)
}

/// The customers of the caller's company that a filter lets through. Of partners it has nothing to do with there are none.
///
/// # Errors
/// [`AccessError::AppOnlyRefused`]: by partner a person asks, as in the contract.
pub fn customers(
    read: &mut Read<'_>,
    me: &Scope,
    filter: &CustomerFilter,
    after: Option<CustomerId>,
    limit: i64,
) -> Outcome<Vec<CustomerRecord>, AccessError> {
    if filter.names_a_partner() {
        me.require_user()?;
    }
    Ok(store::lists::customers_of(read, me.partner(), filter, after, limit)?)
}

/// The customers of the caller's company that a filter lets through, each with how the company works with it.
///
/// # Errors
/// Only the database's.
pub fn listed(
    read: &mut Read<'_>,
    me: &Scope,
    filter: &CustomerFilter,
    after: Option<CustomerId>,
    limit: i64,
) -> QueryResult<Vec<ListedCustomer>> {
    let records = store::lists::customers_of(read, me.partner(), filter, after, limit)?;
    let ids: Vec<CustomerId> = records.iter().map(|record| record.id).collect();
    let mut own: HashMap<CustomerId, (Timestamp, Option<PartnerId>)> =
        store::lists::relationships_with(read, me.partner(), &ids)?.into_iter().collect();
    let mut resellers: HashMap<CustomerId, PartnerId> =
        store::lists::resellers_among(read, me.partner(), &ids)?.into_iter().collect();
    let listed = |record: CustomerRecord| {
        let (since, provider) = own.remove(&record.id)?;
        Some(ListedCustomer { reseller: resellers.remove(&record.id), record, since, provider })
    };
    Ok(records.into_iter().filter_map(listed).collect())
}

/// The resellers that serve customers through the caller's company, partners still or not; at most `limit`.
///
/// # Errors
/// Only the database's.
pub fn resellers_served_through(read: &mut Read<'_>, me: &Scope, limit: i64) -> QueryResult<Vec<PartnerId>> {
    store::lists::resellers_through(read, me.partner(), limit)
}

/// The partners that have a relationship with a customer, with their profiles.
///
/// # Errors
/// Only the database's.
pub fn partners_of(
    read: &mut Read<'_>,
    customer: CustomerId,
) -> QueryResult<Vec<(Relationship, Option<CompanyProfile>)>> {
    let rows = store::live_relationships_of(read, customer)?;
    let ids: Vec<PartnerId> = rows.iter().map(|row| row.partner).collect();
    let mut profiles = companies::profiles(read, &ids)?;
    Ok(rows.into_iter().map(|row| (row.clone(), profiles.remove(&row.partner))).collect())
}

/// The relationship of a partner with a customer, both known by id already.
///
/// # Errors
/// Only the database's.
pub fn between(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId) -> QueryResult<Option<Relationship>> {
    store::live_relationship(read, partner, customer)
}

/// Whether a partner has a relationship with a customer in which something new can be sold. The row is touched, so that an
/// ending at the same moment comes wholly before or after.
///
/// # Errors
/// Only the database's.
pub fn sell(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId, now: Timestamp) -> QueryResult<bool> {
    store::touch_live(tx, partner, customer, now)
}

/// Ends a partner's relationship with a customer; what it may administer is ended elsewhere. `false` if there was none.
///
/// # Errors
/// Only the database's.
pub fn end_relationship(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    store::end_relationship(tx, partner, customer, now)
}

/// A page of the customers that `reseller` serves through `provider`.
///
/// # Errors
/// Only the database's.
pub fn associated_with(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    after: Option<CustomerId>,
    limit: i64,
) -> QueryResult<Vec<CustomerRecord>> {
    store::lists::customers_of(read, reseller, &CustomerFilter::of_provider(provider), after, limit)
}

/// How many customers `reseller` serves through `provider`, and of how many `mark` is true at `now`.
///
/// # Errors
/// Only the database's.
pub fn count_associated(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    mark: Mark,
    now: Timestamp,
) -> QueryResult<(i64, i64)> {
    store::count_associated(read, provider, reseller, mark, now)
}

/// Those of `customers` that `reseller` serves through `provider`.
///
/// # Errors
/// Only the database's.
pub fn served_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    customers: &[CustomerId],
) -> QueryResult<Vec<CustomerId>> {
    store::served_through(read, provider, reseller, customers)
}

/// The names of `customers`, by id, in one query. To be asked about customers that the caller already knows by id.
///
/// # Errors
/// Only the database's.
pub fn names(read: &mut Read<'_>, customers: &[CustomerId]) -> QueryResult<HashMap<CustomerId, String>> {
    Ok(store::names(read, customers)?.into_iter().collect())
}

/// The customers that the caller's organisation has or had to do with and whose name holds `part`, whatever its capitals;
/// at most `limit`.
///
/// # Errors
/// Only the database's.
pub fn named(read: &mut Read<'_>, me: &Scope, part: &str, limit: i64) -> QueryResult<Vec<CustomerId>> {
    let whose = match (me.kind(), me.as_customer()) {
        (OrganisationKind::Operator, _) => store::Whose::All,
        (_, Some(own)) => store::Whose::Itself(own),
        _ => store::Whose::Partner(me.partner()),
    };
    store::named(read, whose, &format!("%{}%", like_literal(part)), limit)
}

/// When which partner had a relationship with which customer: for the invariants.
pub struct RelationshipPeriods(HashMap<(PartnerId, CustomerId), Vec<Period>>);

/// From when, until when if it has ended.
type Period = (Timestamp, Option<Timestamp>);

impl RelationshipPeriods {
    /// All of them, in pages.
    ///
    /// # Errors
    /// Only the database's.
    pub fn load(read: &mut Read<'_>) -> QueryResult<Self> {
        let mut periods: HashMap<_, Vec<_>> = HashMap::new();
        let mut after = None;
        loop {
            let page = store::periods(read, after, 10_000)?;
            let Some((last, ..)) = page.last() else { return Ok(Self(periods)) };
            after = Some(*last);
            for (_, partner, customer, since, until) in page {
                periods.entry((partner, customer)).or_default().push((since, until));
            }
        }
    }

    /// Whether `partner` had a relationship with `customer` at `at`.
    pub fn include(&self, partner: PartnerId, customer: CustomerId, at: Timestamp) -> bool {
        let periods = self.0.get(&(partner, customer)).map(Vec::as_slice).unwrap_or_default();
        periods.iter().any(|(since, until)| *since <= at && until.is_none_or(|until| at <= until))
    }
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let periods = partnerships::Periods::load(read)?;
    let wrong = store::wrongly_searched(read)?;
    let mut broken: Vec<String> = wrong
        .into_iter()
        .map(|id| format!("relationship {id} is not found by the customer's name and domain"))
        .collect();
    let mut after = None;
    loop {
        let page = store::through_providers(read, after, 10_000)?;
        let Some(last) = page.last() else { return Ok(broken) };
        after = Some(last.id);
        for Relationship { partner, customer, provider, since, .. } in page {
            if provider.is_some_and(|provider| !periods.include(provider, partner, since)) {
                broken.push(format!(
                    "I8: reseller {partner} was associated with customer {customer} without a partnership at that time"
                ));
            }
        }
    }
}
