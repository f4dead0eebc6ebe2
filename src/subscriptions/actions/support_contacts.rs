//! Who answers a customer for a subscription: the provider that sold it, unless it designates one of its resellers.

use diesel::QueryResult;

use super::sight;
use super::subscriptions::one;
use crate::access::{PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies;
use crate::customers::CustomerReference;
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::subscriptions::model::SupportContactId;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionStatus};
use crate::subscriptions::model::support_contacts::{SupportContact, SupportContactError};
use crate::subscriptions::store::support_contacts::{self as store, ContactRow};

/// Who answers for a subscription.
pub(super) fn contact_of(read: &mut Read<'_>, subscription: &Subscription) -> QueryResult<SupportContact> {
    let row = store::live_of(read, subscription.id)?;
    contact(read, subscription, row)
}

fn contact(read: &mut Read<'_>, subscription: &Subscription, row: Option<ContactRow>) -> QueryResult<SupportContact> {
    let partner = row.as_ref().map_or(subscription.provider, |row| row.partner_id);
    let profile = companies::profiles(read, &[partner])?.remove(&partner);
    Ok(SupportContact {
        subscription: subscription.id,
        customer: subscription.customer,
        partner,
        name: profile.as_ref().map(|profile| profile.name.clone()).unwrap_or_default(),
        mpn_id: profile.and_then(|profile| profile.mpn_id),
        since: match row {
            Some(row) => row.since,
            None => store::last_end_of(read, subscription.id)?.unwrap_or(subscription.created_at),
        },
    })
}

/// Who answers for a subscription that the caller sees; the customer sees it too.
///
/// # Errors
/// [`SubscriptionError::Relationship`], [`SubscriptionError::Unknown`].
pub fn support_contact(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
) -> Outcome<SupportContact, SubscriptionError> {
    me.require_user().map_err(SubscriptionError::from)?;
    let sight = sight(read, me, reference).map_err(Failure::widen)?;
    let subscription = one(read, sight, id)?;
    Ok(contact_of(read, &subscription)?)
}

/// Designates who answers for a subscription: the provider `me` itself, or one of its active resellers, whose MPN ID has
/// to be that one's if it is given. Who answers already changes nothing.
///
/// # Errors
/// See [`SupportContactError`].
pub fn designate(
    tx: &mut Tx<'_>,
    me: &Scope,
    (reference, id): (&CustomerReference, &str),
    (partner, mpn_id): (PartnerId, Option<&str>),
    now: Timestamp,
) -> Outcome<SupportContact, SupportContactError> {
    let widen = |failure: Failure<SubscriptionError>| failure.widen::<SupportContactError>();
    let seen = sight(tx, me, reference).map_err(|failure| widen(failure.widen()))?;
    let subscription = one(tx, seen, id).map_err(widen)?.as_of(now);
    if subscription.provider != me.partner() {
        return Err(SupportContactError::from(SubscriptionError::NotTheSeller(subscription.id)).into());
    }
    let live = store::live_of(tx, subscription.id)?;
    if live.as_ref().map_or(me.partner(), |row| row.partner_id) != partner {
        let status = subscription.status(now);
        if !matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Suspended) {
            return Err(SupportContactError::from(SubscriptionError::NotUpdatable {
                property: "supportcontact",
                status,
            })
            .into());
        }
        // Copies of the service may differ about the time.
        let last = store::last_end_of(tx, subscription.id)?;
        let at = live.as_ref().map(|row| row.since).max(last).map_or(now, |last| now.max(last));
        if partner != me.partner() {
            let named = partnerships::associate(tx, me, partner, at);
            named.map_err(|failure| match failure {
                Failure::Refused(_) => SupportContactError::NotAReseller(partner).into(),
                Failure::Database(error) => Failure::Database(error),
            })?;
        }
        if let Some(row) = &live {
            store::end(tx, row.id, at)?;
        }
        if partner != me.partner() {
            store::insert(tx, &designation(&subscription, partner, me, at))?;
        }
        let event = Event::SupportContactDesignated {
            subscription: subscription.id.uuid(),
            customer: subscription.customer.uuid(),
            partner: partner.uuid(),
        };
        audit::record(tx, me, &event, now)?;
    }
    let row = store::live_of(tx, subscription.id)?;
    let contact = contact(tx, &subscription, row)?;
    let given = mpn_id.map(str::trim).filter(|given| !given.is_empty());
    match given.filter(|given| Some(*given) != contact.mpn_id.as_deref()) {
        Some(given) => Err(SupportContactError::MpnIdOfAnother {
            given: given.to_owned(),
            name: contact.name,
            mpn_id: contact.mpn_id.unwrap_or_default(),
        }
        .into()),
        None => Ok(contact),
    }
}

fn designation(subscription: &Subscription, partner: PartnerId, me: &Scope, since: Timestamp) -> ContactRow {
    ContactRow {
        id: SupportContactId::fresh(),
        subscription_id: subscription.id,
        customer_id: subscription.customer,
        provider_id: subscription.provider,
        partner_id: partner,
        designated_by: me.user_id(),
        since,
        until: None,
    }
}

/// How much of a provider's names a reseller: what stays when their partnership ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Subscriptions whose reseller of record it is.
    pub of_record: i64,
    /// Subscriptions it answers for.
    pub support_contacts: i64,
}

/// What of `provider`'s names `reseller`.
///
/// # Errors
/// Only the database's.
pub fn in_force(read: &mut Read<'_>, provider: PartnerId, reseller: PartnerId) -> QueryResult<InForce> {
    Ok(InForce {
        of_record: crate::subscriptions::store::associations::count_of_record(read, provider, reseller)?,
        support_contacts: store::count_of(read, provider, reseller)?,
    })
}
