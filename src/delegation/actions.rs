//! Use cases of delegated administration, and the gate.

use std::collections::HashMap;
use std::marker::PhantomData;

use diesel::QueryResult;

use super::model::{CreateCustomerError, EndError, Grant, GrantId, GrantOrigin, check_profile};
use super::store;
use crate::access::{self, AccessSettings, CustomerId, OrganisationId, OrganisationKind, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile, MpnId};
use crate::customers::{
    self, CustomerRecord, CustomerReference, DomainError, NewCustomer, Relationship, RelationshipKind,
    RelationshipMissing, check_customer_domain,
};
use crate::partnerships::{self, Association};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Kind, Outcome, Refusal};

/// The right to change a customer's devices, for the rest of the transaction that proved it: by a live grant, or because
/// whoever acts is that customer. Made by [`administer`] for a caller and by [`administer_for`] for work that goes on.
#[derive(Debug)]
pub struct Administers<'t> {
    customer: CustomerId,
    acting: OrganisationId,
    transaction: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl<'t> Administers<'t> {
    /// The customer.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Who acts.
    pub fn acting(&self) -> OrganisationId {
        self.acting
    }

    /// Whoever may change may also look.
    pub fn observes(&self) -> Observes<'t> {
        Observes { customer: self.customer, transaction: PhantomData }
    }
}

/// The right to look at a customer's devices, for the rest of the use of the database that proved it.
#[derive(Debug)]
pub struct Observes<'t> {
    customer: CustomerId,
    transaction: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl Observes<'_> {
    /// The customer.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }
}

/// Which of the two things that the gate asks for is missing.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// No relationship, or no such customer: the same answer.
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    /// A relationship without delegated administration.
    #[error(
        "You work with customer {customer}, but have no delegated administration of it{}. Ask its admin to grant it.",
        since(*.ended_at)
    )]
    Delegation {
        /// The customer.
        customer: CustomerId,
        /// When the last grant ended, if there was one.
        ended_at: Option<Timestamp>,
    },
}

fn since(ended_at: Option<Timestamp>) -> String {
    ended_at.map(|at| format!(" since {}", at.readable())).unwrap_or_default()
}

impl Refusal for GateError {
    fn code(&self) -> Code {
        match self {
            GateError::Relationship(error) => error.code(),
            GateError::Delegation { .. } => Code::new(900_308, "delegatedAdministrationMissing", Kind::Forbidden),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            GateError::Relationship(error) => error.parameters(),
            GateError::Delegation { customer, ended_at } => {
                let mut values =
                    vec![("customer", customer.to_string()), ("missing", "delegatedAdministration".to_owned())];
                values.extend(ended_at.map(|at| ("endedAt", at.to_string())));
                values
            }
        }
    }
}

/// Proves that the caller may change the devices of `customer` now.
///
/// # Errors
/// [`GateError`] says which of the two is missing and how to ask for it.
pub fn administer<'t>(
    tx: &mut Tx<'t>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<Administers<'t>, GateError> {
    let id = related(tx, me, customer)?;
    administer_for(tx, me.organisation(), id, now)
}

/// The same proof for work that goes on after the request, asked anew in each of its transactions.
///
/// # Errors
/// As [`administer`].
pub fn administer_for<'t>(
    tx: &mut Tx<'t>,
    acting: OrganisationId,
    customer: CustomerId,
    now: Timestamp,
) -> Outcome<Administers<'t>, GateError> {
    let own = OrganisationId::from(customer) == acting;
    let partner = PartnerId::from_uuid(acting.uuid());
    if !own && !store::touch_live(tx, partner, customer, now)? {
        return Err(missing(tx, partner, customer)?.into());
    }
    Ok(Administers { customer, acting, transaction: PhantomData })
}

/// Proves that the caller may look at the devices of `customer` now.
///
/// # Errors
/// As [`administer`].
pub fn observe<'t>(
    read: &mut Read<'t>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<Observes<'t>, GateError> {
    if me.as_customer().is_some() {
        let own = related(read, me, customer)?;
        return Ok(Observes { customer: own, transaction: PhantomData });
    }
    let (record, delegated) =
        customers::customer(read, me, customer, store::LIVE_GRANT, now).map_err(Failure::widen)?;
    if !delegated {
        return Err(missing(read, me.partner(), record.id)?.into());
    }
    Ok(Observes { customer: record.id, transaction: PhantomData })
}

fn related(read: &mut Read<'_>, me: &Scope, customer: &CustomerReference) -> Outcome<CustomerId, GateError> {
    if let Some(own) = me.as_customer() {
        return match customer.resolve(read)? {
            Some(id) if id == own => Ok(own),
            _ => Err(GateError::from(RelationshipMissing(customer.as_str().to_owned())).into()),
        };
    }
    Ok(customers::live_relationship(read, me, customer).map_err(Failure::widen)?.customer)
}

fn missing(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId) -> QueryResult<GateError> {
    let ended_at = store::between(read, partner, customer)?.first().and_then(|grant| grant.ends_at);
    Ok(GateError::Delegation { customer, ended_at })
}

/// What a provider fills in to create a customer.
#[derive(Clone, Debug)]
pub struct CustomerForm {
    /// The customer.
    pub customer: NewCustomer,
    /// The reseller to associate: a tenant id, or an MPN ID as some clients send.
    pub reseller: Option<String>,
}

/// Checks what needs no database, so that nothing is hashed for a form that cannot be accepted.
///
/// # Errors
/// See [`CreateCustomerError`].
pub fn check_form(form: &mut CustomerForm) -> Result<(), CreateCustomerError> {
    form.customer.domain = check_customer_domain(&form.customer.domain)?;
    check_profile(&form.customer.company_name, &form.customer.billing)
}

/// A new customer, and with whom it is associated.
#[derive(Clone, Debug)]
pub struct CreatedCustomer {
    /// The customer.
    pub record: CustomerRecord,
    /// The reseller.
    pub reseller: Option<PartnerId>,
}

/// The customer's first admin signs in as this name at the customer's domain.
pub const ADMIN_NAME: &str = "admin";

/// Creates a customer with its admin, its relationships, and the grants that delegate its administration: to the
/// provider, and to the reseller if one is associated. `password_hash` is that of the temporary password.
///
/// # Errors
/// See [`CreateCustomerError`]; then nothing is left.
pub fn create_customer(
    tx: &mut Tx<'_>,
    me: &Scope,
    form: &CustomerForm,
    password_hash: &str,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<CreatedCustomer, CreateCustomerError> {
    let provider = me.partner();
    if !companies::mpa_active(tx, provider, now)? {
        return Err(CreateCustomerError::OwnAgreementMissing.into());
    }
    let reseller = match &form.reseller {
        None => None,
        Some(named) => Some(associate(tx, me, named, now)?.reseller()),
    };
    let record = customers::insert(tx, me, &form.customer, now).map_err(Failure::widen)?;
    let user_name = format!("{ADMIN_NAME}@{}", record.domain);
    if access::name_is_taken(tx, &user_name)? {
        return Err(CreateCustomerError::from(DomainError::Taken(record.domain)).into());
    }
    access::create_customer_admin(tx, record.id, &user_name, &record.company_name, password_hash, settings, now)?;

    let own_kind = if reseller.is_some() { RelationshipKind::Provider } else { RelationshipKind::Direct };
    customers::begin_relationship(tx, provider, record.id, own_kind, None, now)?;
    grant_everything(tx, provider, record.id, now)?;
    if let Some(reseller) = reseller {
        customers::begin_relationship(tx, reseller, record.id, RelationshipKind::Reseller, Some(provider), now)?;
        grant_everything(tx, reseller, record.id, now)?;
    }
    let event = Event::CustomerCreated { customer: record.id.uuid(), reseller: reseller.map(PartnerId::uuid) };
    audit::record(tx, me, &event, now)?;
    Ok(CreatedCustomer { record, reseller })
}

/// The right to associate the reseller that the form names. Whoever is no active partner is "unknown", so that nothing
/// can be found out about others.
fn associate(tx: &mut Tx<'_>, me: &Scope, named: &str, now: Timestamp) -> Outcome<Association, CreateCustomerError> {
    me.require_user().map_err(|_| CreateCustomerError::AppOnlyRefused)?;
    let unknown = || CreateCustomerError::ResellerUnknown(crate::platform::text::shorten(named, 40));
    let reseller = match (named.parse::<PartnerId>(), MpnId::try_from(named.to_owned())) {
        (Ok(id), _) => id,
        (_, Ok(mpn_id)) => {
            let account = companies::mpn_account(tx, &mpn_id)?.ok_or_else(unknown)?;
            let partner = partnerships::active_between(tx, me.partner(), account.company)?.is_some();
            if partner && !account.onboarded {
                let profile = companies::profiles(tx, &[account.company])?.remove(&account.company);
                let onboarded = profile.and_then(|profile| profile.mpn_id).unwrap_or_default();
                let given = named.to_owned();
                return Err(CreateCustomerError::MpnIdNotOnboarded { given, onboarded }.into());
            }
            account.company
        }
        _ => return Err(unknown().into()),
    };
    let association = match partnerships::associate(tx, me, reseller, now) {
        Ok(association) => association,
        Err(Failure::Refused(_)) => return Err(unknown().into()),
        Err(Failure::Database(error)) => return Err(error.into()),
    };
    if !companies::mpa_active(tx, reseller, now)? {
        return Err(CreateCustomerError::ResellerAgreementMissing(named.to_owned()).into());
    }
    Ok(association)
}

fn grant_everything(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId, now: Timestamp) -> QueryResult<()> {
    let grant = Grant {
        id: GrantId::fresh(),
        partner,
        customer,
        origin: GrantOrigin::CustomerCreated,
        starts_at: now,
        ends_at: None,
    };
    store::insert(tx, &grant)
}

/// A customer as its partner sees it.
#[derive(Clone, Debug)]
pub struct CustomerDetails {
    /// The record.
    pub record: CustomerRecord,
    /// Whether the partner may administer it.
    pub delegated: bool,
}

/// One of the caller's customers.
///
/// # Errors
/// [`RelationshipMissing`], the same for a customer that does not exist.
pub fn customer(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<CustomerDetails, RelationshipMissing> {
    let (record, delegated) = customers::customer(read, me, reference, store::LIVE_GRANT, now)?;
    Ok(CustomerDetails { record, delegated })
}

/// A partner that can administer a customer.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The grant.
    pub grant: Grant,
    /// The partner's name and country.
    pub profile: Option<CompanyProfile>,
    /// Its relationship, if it still has one.
    pub relationship: Option<Relationship>,
}

/// Who can administer the caller's own organisation.
///
/// # Errors
/// [`RelationshipMissing`] if `customer` is not the caller's own organisation.
pub fn administrators(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<Vec<Administrator>, RelationshipMissing> {
    let own = own_organisation(read, me, customer)?;
    let grants = store::live_of_customer(read, own, now)?;
    let mut partners: HashMap<PartnerId, (Relationship, Option<CompanyProfile>)> = customers::partners_of(read, own)?
        .into_iter()
        .map(|(relationship, profile)| (relationship.partner, (relationship, profile)))
        .collect();
    let administrator = |grant: Grant| match partners.remove(&grant.partner) {
        Some((relationship, profile)) => Administrator { grant, profile, relationship: Some(relationship) },
        None => Administrator { grant, profile: None, relationship: None },
    };
    Ok(grants.into_iter().map(administrator).collect())
}

fn own_organisation(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
) -> Outcome<CustomerId, RelationshipMissing> {
    let named = customer.resolve(read)?;
    match me.as_customer() {
        Some(own) if named == Some(own) && me.kind() == OrganisationKind::Customer => Ok(own),
        _ => Err(RelationshipMissing(customer.as_str().to_owned()).into()),
    }
}

/// Ends a partner's administration of the caller's own organisation, for the next request and for running work. The
/// other partners' grants stay, and so does the sales relationship. Twice changes nothing.
///
/// # Errors
/// See [`EndError`].
pub fn end_administration(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    partner: PartnerId,
    now: Timestamp,
) -> Outcome<(), EndError> {
    let own = own_organisation(tx, me, customer).map_err(Failure::widen)?;
    if store::between(tx, partner, own)?.is_empty() {
        return Err(EndError::NoAdministrator(partner).into());
    }
    let at = store::last_use(tx, partner, own)?.map_or(now, |last| last.max(now));
    if store::end(tx, partner, own, me.user_id(), at)? > 0 {
        let event = Event::AdministrationEnded { customer: own.uuid(), partner: partner.uuid() };
        audit::record(tx, me, &event, now)?;
    }
    Ok(())
}

/// How many customers `reseller` serves through `provider`, and how many of them it can administer.
///
/// # Errors
/// Only the database's.
pub fn count_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    now: Timestamp,
) -> QueryResult<(i64, i64)> {
    customers::count_associated(read, provider, reseller, store::LIVE_GRANT, now)
}

/// A page of the customers that `reseller` serves through `provider`, and whether it can administer each.
///
/// # Errors
/// Only the database's.
pub fn served_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    after: Option<CustomerId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<(CustomerRecord, bool)>> {
    let records = customers::associated_with(read, provider, reseller, after, limit)?;
    let ids: Vec<CustomerId> = records.iter().map(|record| record.id).collect();
    let live = store::live_among(read, reseller, &ids, now)?;
    Ok(records.into_iter().map(|record| (record.clone(), live.contains(&record.id))).collect())
}

/// When which partner could administer which customer: for the invariants.
pub struct GrantPeriods(HashMap<(PartnerId, CustomerId), Vec<Period>>);

/// From when, until when if it has ended.
type Period = (Timestamp, Option<Timestamp>);

impl GrantPeriods {
    /// All of them, in pages.
    ///
    /// # Errors
    /// Only the database's.
    pub fn load(read: &mut Read<'_>) -> QueryResult<Self> {
        let mut periods: HashMap<_, Vec<_>> = HashMap::new();
        let mut after = None;
        loop {
            let page = store::all(read, after, 10_000)?;
            let Some(last) = page.last() else { return Ok(Self(periods)) };
            after = Some(last.id);
            for grant in &page {
                periods.entry((grant.partner, grant.customer)).or_default().push((grant.starts_at, grant.ends_at));
            }
        }
    }

    /// Whether `acting` could administer `customer` at `at`, by a grant or by being it.
    pub fn include(&self, acting: OrganisationId, customer: CustomerId, at: Timestamp) -> bool {
        let partner = PartnerId::from_uuid(acting.uuid());
        let periods = self.0.get(&(partner, customer)).map(Vec::as_slice).unwrap_or_default();
        acting == customer.into() || periods.iter().any(|(start, end)| *start <= at && end.is_none_or(|end| at <= end))
    }
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let periods = GrantPeriods::load(read)?;
    let backwards =
        periods.0.iter().filter(|(_, list)| list.iter().any(|(start, end)| end.is_some_and(|end| end < *start)));
    Ok(backwards
        .map(|((partner, customer), _)| format!("a grant of {partner} over {customer} ends before it starts"))
        .collect())
}

/// Whether `partner` holds a live grant over `customer`: what a token for the customer's tenant is worth. It opens no
/// device; [`administer`] does.
///
/// # Errors
/// Only the database's.
pub fn holds_grant(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId, now: Timestamp) -> QueryResult<bool> {
    Ok(!store::live_among(read, partner, &[customer], now)?.is_empty())
}

/// Whether `partner` holds a grant over `customer`, or held one. Asked by the customer itself.
///
/// # Errors
/// Only the database's.
pub fn has_held_grant(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId) -> QueryResult<bool> {
    Ok(!store::between(read, partner, customer)?.is_empty())
}
