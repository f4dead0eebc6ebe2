//! Creating customers, and showing them to their partners.

use diesel::QueryResult;

use super::approvals::begin_default;
use super::grants::grant_everything;
use super::setup_info::{Handover, Terms, mail_setup_info};
use crate::access::{self, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, MpnId};
use crate::customers::{
    self, CustomerRecord, CustomerReference, DomainError, NewCustomer, RelationshipKind, RelationshipMissing,
    check_customer_domain, check_profile,
};
use crate::delegation::model::{
    CreateCustomerError, DEFAULT_ROLES, GrantOrigin, Right, SetupInfo, default_roles_of_reseller, groups_of,
};
use crate::delegation::store;
use crate::partnerships::{self, Association};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};

/// What a provider fills in to create a customer.
#[derive(Clone, Debug)]
pub struct CustomerForm {
    /// The customer.
    pub customer: NewCustomer,
    /// The reseller to associate: a tenant id, or an MPN ID as some clients send.
    pub reseller: Option<String>,
    /// Whether administration is granular, in the contract's default roles, instead of full.
    pub granular: bool,
}

/// Checks what needs no database, so that nothing is hashed for a form that cannot be accepted.
///
/// # Errors
/// See [`CreateCustomerError`].
pub fn check_form(form: &mut CustomerForm) -> Result<(), CreateCustomerError> {
    let customer = &mut form.customer;
    customer.domain = check_customer_domain(&customer.domain)?;
    let number = customer.registration_number.take().filter(|number| !number.trim().is_empty());
    customer.registration_number = number.map(|number| number.trim().to_owned());
    check_profile(&customer.company_name, customer.registration_number.as_deref(), &customer.billing)?;
    Ok(())
}

/// A new customer, and with whom it is associated.
#[derive(Clone, Debug)]
pub struct CreatedCustomer {
    /// The customer.
    pub record: CustomerRecord,
    /// The reseller.
    pub reseller: Option<PartnerId>,
    /// To whom its setup info goes, if somebody else than its creator gets it.
    pub setup_info: Option<SetupInfo>,
}

/// The customer's first admin signs in as this name at the customer's domain.
pub const ADMIN_NAME: &str = "admin";

/// Creates a customer with its admin, its relationships, and the grants that delegate its administration: to the
/// provider, and to the reseller if one is associated.
///
/// # Errors
/// See [`CreateCustomerError`]; then nothing is left.
pub fn create_customer(
    tx: &mut Tx<'_>,
    me: &Scope,
    form: &CustomerForm,
    handover: &Handover,
    terms: Terms<'_>,
    now: Timestamp,
) -> Outcome<CreatedCustomer, CreateCustomerError> {
    let provider = me.partner();
    if !companies::mpa_active(tx, provider, now)? {
        return Err(CreateCustomerError::OwnAgreementMissing.into());
    }
    let country = &form.customer.billing.default_address.country;
    customers::sells_in(tx, me, terms.regions, country, "billingProfile.defaultAddress.country")
        .map_err(Failure::widen)?;
    let reseller = match &form.reseller {
        None => None,
        Some(named) => Some(associate(tx, me, named, now)?.reseller()),
    };
    let record = customers::insert(tx, me, &form.customer, now).map_err(Failure::widen)?;
    let user_name = format!("{ADMIN_NAME}@{}", record.domain);
    if access::name_is_taken(tx, &user_name)? {
        return Err(CreateCustomerError::from(DomainError::Taken(record.domain)).into());
    }
    let hash = handover.password_hash();
    let admin =
        access::create_customer_admin(tx, record.id, &user_name, &record.company_name, hash, terms.access, now)?;

    let own_kind = if reseller.is_some() { RelationshipKind::Provider } else { RelationshipKind::Direct };
    customers::begin_relationship(tx, provider, record.id, own_kind, None, now)?;
    delegate(tx, me, form, provider, &record, now)?;
    if let Some(reseller) = reseller {
        customers::begin_relationship(tx, reseller, record.id, RelationshipKind::Reseller, Some(provider), now)?;
        delegate(tx, me, form, reseller, &record, now)?;
    }
    let event = Event::CustomerCreated { customer: record.id.uuid(), reseller: reseller.map(PartnerId::uuid) };
    audit::record(tx, me, &event, now)?;
    let setup_info = match handover {
        Handover::Shown(_) => None,
        Handover::Mailed(recipient) => Some(mail_setup_info(tx, me, record.id, admin, recipient, terms, now)?),
    };
    Ok(CreatedCustomer { record, reseller, setup_info })
}

/// What creating a customer grants to a partner of it (ruling 12 of the design).
fn delegate(
    tx: &mut Tx<'_>,
    me: &Scope,
    form: &CustomerForm,
    partner: PartnerId,
    record: &CustomerRecord,
    now: Timestamp,
) -> QueryResult<()> {
    if form.granular {
        let roles = if partner == me.partner() { &DEFAULT_ROLES[..] } else { default_roles_of_reseller() };
        return begin_default(tx, me, partner, record, roles, now);
    }
    grant_everything(tx, partner, record.id, GrantOrigin::CustomerCreated, now)
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

/// A customer as its partner sees it.
#[derive(Clone, Debug)]
pub struct CustomerDetails {
    /// The record.
    pub record: CustomerRecord,
    /// Whether the partner may administer it, in whatever roles.
    pub delegated: bool,
    /// Whether the caller may see its address and contacts.
    pub open: bool,
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
    let marks = [store::LIVE_GRANT, store::right_now(Right::ReadOrganization, &groups_of(me))];
    let (record, [delegated, open]) = customers::customer(read, me, reference, marks, now)?;
    Ok(CustomerDetails { record, delegated, open })
}
