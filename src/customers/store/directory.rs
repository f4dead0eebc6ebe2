//! Further domains of customers, and consents for partners' applications.

use diesel::prelude::*;

use super::{read_back, written};
use crate::access::{CustomerId, PartnerId};
use crate::customers::model::{ApplicationGrant, CustomerDomainId, VerifiedDomain};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customer_domains (id) {
        id -> Id,
        customer_id -> Id,
        domain -> Text,
        details -> Text,
        added_by -> Id,
        added_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    application_consents (customer_id, partner_id, application_id) {
        customer_id -> Id,
        partner_id -> Id,
        application_id -> Id,
        details -> Text,
        consented_at -> Moment,
    }
}

crate::ids! {
    /// An application's id as a partner names it, here or elsewhere.
    NamedApplication,
}

/// The domains that were added for a customer, in that order.
pub(in crate::customers) fn domains_of(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<Vec<VerifiedDomain>> {
    let rows: Vec<String> = customer_domains::table
        .filter(customer_domains::customer_id.eq(customer))
        .order(customer_domains::id)
        .select(customer_domains::details)
        .load(read.connection())?;
    rows.iter().map(|details| read_back(details)).collect()
}

/// Whether a domain was added for a customer, whoever it is.
pub(in crate::customers) fn is_added(read: &mut Read<'_>, domain: &str) -> QueryResult<bool> {
    let row: Option<CustomerDomainId> = customer_domains::table
        .filter(customer_domains::domain.eq(domain))
        .select(customer_domains::id)
        .first(read.connection())
        .optional()?;
    Ok(row.is_some())
}

pub(in crate::customers) fn add(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    domain: &VerifiedDomain,
    by: PartnerId,
    now: Timestamp,
) -> QueryResult<CustomerDomainId> {
    let id = CustomerDomainId::fresh();
    diesel::insert_into(customer_domains::table)
        .values((
            customer_domains::id.eq(id),
            customer_domains::customer_id.eq(customer),
            customer_domains::domain.eq(&domain.name),
            customer_domains::details.eq(written(domain)?),
            customer_domains::added_by.eq(by),
            customer_domains::added_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// The consents that a partner has at a customer: for which application, to what.
pub(in crate::customers) fn consents_of(
    read: &mut Read<'_>,
    customer: CustomerId,
    partner: PartnerId,
) -> QueryResult<Vec<(NamedApplication, Vec<ApplicationGrant>)>> {
    let rows: Vec<(NamedApplication, String)> = application_consents::table
        .filter(application_consents::customer_id.eq(customer))
        .filter(application_consents::partner_id.eq(partner))
        .order(application_consents::application_id)
        .select((application_consents::application_id, application_consents::details))
        .load(read.connection())?;
    rows.into_iter().map(|(application, details)| Ok((application, read_back(&details)?))).collect()
}

/// Takes a consent back; whether there was one.
pub(in crate::customers) fn withdraw(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    partner: PartnerId,
    application: NamedApplication,
) -> QueryResult<bool> {
    let gone = diesel::delete(application_consents::table)
        .filter(application_consents::customer_id.eq(customer))
        .filter(application_consents::partner_id.eq(partner))
        .filter(application_consents::application_id.eq(application))
        .execute(tx.connection())?;
    Ok(gone == 1)
}

pub(in crate::customers) fn consent(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    partner: PartnerId,
    (application, grants): (NamedApplication, &[ApplicationGrant]),
    now: Timestamp,
) -> QueryResult<()> {
    withdraw(tx, customer, partner, application)?;
    diesel::insert_into(application_consents::table)
        .values((
            application_consents::customer_id.eq(customer),
            application_consents::partner_id.eq(partner),
            application_consents::application_id.eq(application),
            application_consents::details.eq(written(&grants)?),
            application_consents::consented_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}
