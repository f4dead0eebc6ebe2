//! What the pages of subscriptions show and change, each gathered in one use of the database.

use std::collections::HashMap;

use diesel::QueryResult;

use super::associations::history;
use super::listing::resellers_to_choose;
use super::orders::{Buyer, buyer, place_order};
use super::sight;
use super::subscriptions::{ShownSubscription, WantedSubscriptions, sees, shown_one, subscriptions};
use super::support_contacts::{contact_of, designate, support_contact};
use crate::access::{
    ChangeSubscriptions, CustomerId, DesignateSupportContacts, OrganisationKind, PartnerId, PlaceOrders, Scope,
};
use crate::companies::{self, CompanyProfile};
use crate::customers::{self, CustomerReference};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::EtagError;
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::catalogue::{Offer, OfferFilter};
use crate::subscriptions::model::orders::{Order, WantedLine};
use crate::subscriptions::model::refusals::{OrderError, SubscriptionError};
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::model::subscriptions::SubscriptionStatus;
use crate::subscriptions::model::support_contacts::{SupportContact, SupportContactError};
use crate::subscriptions::model::{OrderId, SubscriptionId};
use crate::subscriptions::store::{catalogue, orders as store_of_orders};

/// Offers, and subscriptions to add something to, that a form has to choose from at most.
const CHOICES: i64 = 1_000;

/// Whose subscriptions a page shows.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The customer.
    pub customer: CustomerId,
    /// What it is called; nothing for a reseller that knows it by a subscription alone.
    pub name: Option<String>,
    /// Whether it is the caller's own organisation.
    pub own: bool,
    /// Whether the caller may order for it.
    pub may_order: bool,
}

fn whose(read: &mut Read<'_>, me: &Scope, reference: &CustomerReference, customer: CustomerId) -> QueryResult<Whose> {
    let own = me.as_customer().is_some();
    let known = own
        || match customers::live_relationship(read, me, reference) {
            Ok(_) => true,
            Err(Failure::Refused(_)) => false,
            Err(Failure::Database(error)) => return Err(error),
        };
    let name = if known { customers::names(read, &[customer])?.remove(&customer) } else { None };
    Ok(Whose { customer, name, own, may_order: known && me.holds::<PlaceOrders>() })
}

fn profiles(
    read: &mut Read<'_>,
    partners: impl Iterator<Item = PartnerId>,
) -> QueryResult<HashMap<PartnerId, CompanyProfile>> {
    let mut partners: Vec<PartnerId> = partners.collect();
    partners.sort_unstable();
    partners.dedup();
    companies::profiles(read, &partners)
}

/// A page of a customer's subscriptions.
#[derive(Clone, Debug)]
pub struct SubscriptionListing {
    /// Whose they are.
    pub whose: Whose,
    /// Those that the caller sees.
    pub rows: Vec<ShownSubscription>,
    /// Their resellers of record.
    pub partners: HashMap<PartnerId, CompanyProfile>,
}

/// The subscriptions of a customer that the caller sees, with names.
///
/// # Errors
/// [`SubscriptionError::Relationship`].
pub fn subscription_listing(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    page: (Option<SubscriptionId>, i64),
    now: Timestamp,
) -> Outcome<SubscriptionListing, SubscriptionError> {
    let customer = sees(read, me, reference).map_err(Failure::widen)?;
    let whose = whose(read, me, reference, customer)?;
    let rows = subscriptions(read, me, reference, &WantedSubscriptions::default(), page, now)?;
    let of_record = rows.iter().filter_map(|row| row.of_record().map(|of_record| of_record.reseller));
    let partners = profiles(read, of_record)?;
    Ok(SubscriptionListing { whose, rows, partners })
}

/// What the caller may do with a subscription as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct MayDo {
    /// Change it.
    pub change: bool,
    /// Say who is its reseller of record.
    pub associate: bool,
    /// Say who answers for it.
    pub designate: bool,
}

/// Everything about one subscription.
#[derive(Clone, Debug)]
pub struct SubscriptionDetails {
    /// Whose it is.
    pub whose: Whose,
    /// The subscription.
    pub shown: ShownSubscription,
    /// What it is added to, if the caller sees that.
    pub parent: Option<ShownSubscription>,
    /// What it is to become at the next term, if that is another offer.
    pub next_offer: Option<Offer>,
    /// Who answers for it.
    pub contact: SupportContact,
    /// A page of its history.
    pub history: Vec<AssociationPeriod>,
    /// Every partner that is named.
    pub partners: HashMap<PartnerId, CompanyProfile>,
    /// What the caller may do.
    pub may: MayDo,
    /// Active resellers to choose from, if the caller may choose one.
    pub resellers: Vec<CompanyProfile>,
}

/// One subscription with all that its page shows; the history goes on after the period `after`.
///
/// # Errors
/// [`SubscriptionError::Relationship`], [`SubscriptionError::Unknown`].
pub fn subscription_details(
    read: &mut Read<'_>,
    me: &Scope,
    (reference, id): (&CustomerReference, &str),
    (after, limit): (i32, i64),
    now: Timestamp,
) -> Outcome<SubscriptionDetails, SubscriptionError> {
    let sight = sight(read, me, reference).map_err(Failure::widen)?;
    let whose = whose(read, me, reference, sight.customer)?;
    let shown = shown_one(read, sight, id, now)?;
    let parent = match shown.subscription.parent {
        None => None,
        Some(parent) => match shown_one(read, sight, &parent.to_string(), now) {
            Ok(parent) => Some(parent),
            // Who is of record of an add-on alone does not see what it is added to.
            Err(Failure::Refused(_)) => None,
            Err(Failure::Database(error)) => return Err(error.into()),
        },
    };
    let next = shown.subscription.next_term.as_ref().and_then(|next| next.offer.clone());
    let next_offer = match next {
        Some(offer) => catalogue::offers_among(read, &[offer])?.pop(),
        None => None,
    };
    let contact = contact_of(read, &shown.subscription)?;
    let history = history(read, me, &shown.subscription, after, limit)?;
    let seller = me.kind() == OrganisationKind::Provider && me.partner() == shown.subscription.provider;
    let lives = matches!(shown.status, SubscriptionStatus::Active | SubscriptionStatus::Suspended);
    let change = me.holds::<ChangeSubscriptions>();
    let may = MayDo {
        change: change && shown.status != SubscriptionStatus::Deleted,
        associate: change && seller && lives,
        designate: me.holds::<DesignateSupportContacts>() && seller && lives,
    };
    let chooses = may.associate || may.designate;
    let resellers = if chooses { resellers_to_choose(read, me)? } else { Vec::new() };
    let named = history.iter().map(|period| period.of_record.reseller);
    let of_record = shown.of_record().map(|of_record| of_record.reseller);
    let named = named.chain(of_record).chain([shown.subscription.provider, contact.partner]);
    let partners = profiles(read, named)?;
    Ok(SubscriptionDetails { whose, shown, parent, next_offer, contact, history, partners, may, resellers })
}

/// The mark of who answers, which changes whenever that does.
pub fn contact_mark(contact: &SupportContact) -> String {
    format!("{} {}", contact.partner, contact.since)
}

/// Designates who answers, unless somebody else did since `seen` was shown.
///
/// # Errors
/// As [`designate`]; [`SubscriptionError::Version`] in it.
pub fn designate_seen(
    tx: &mut Tx<'_>,
    me: &Scope,
    (reference, id): (&CustomerReference, &str),
    partner: PartnerId,
    seen: &str,
    now: Timestamp,
) -> Outcome<SupportContact, SupportContactError> {
    let live = support_contact(tx, me, reference, id).map_err(Failure::widen)?;
    if contact_mark(&live) != seen && live.partner != partner {
        let stale = SubscriptionError::Version(EtagError::Stale(String::new()));
        return Err(SupportContactError::from(stale).into());
    }
    designate(tx, me, (reference, id), (partner, None), now)
}

/// What a form for an order offers.
#[derive(Clone, Debug)]
pub struct OrderChoices {
    /// For whom.
    pub whose: Whose,
    /// What is sold where the customer is, in the order of the catalogue.
    pub offers: Vec<Offer>,
    /// Who can be reseller of record, by name.
    pub resellers: Vec<CompanyProfile>,
    /// What an add-on can be added to.
    pub bases: Vec<ShownSubscription>,
}

/// What can be ordered for a customer of the caller's.
///
/// # Errors
/// [`SubscriptionError::Relationship`].
pub fn order_choices(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<OrderChoices, SubscriptionError> {
    let Buyer { customer, country } = buyer(read, me, reference, now).map_err(Failure::widen)?;
    let whose = whose(read, me, reference, customer)?;
    let sold_there = OfferFilter { country: Some(country), ..OfferFilter::default() };
    let offers = catalogue::offers_listed(read, &sold_there, 0, CHOICES)?;
    let wanted = WantedSubscriptions::default();
    let mut bases = subscriptions(read, me, reference, &wanted, (None, CHOICES), now)?;
    bases.retain(|one| one.status == SubscriptionStatus::Active && !one.offer.is_add_on);
    let resellers = resellers_to_choose(read, me)?;
    Ok(OrderChoices { whose, offers, resellers, bases })
}

/// Places one order from a form that was made ready as `form`, unless another was placed for the customer since: a form
/// that is sent twice orders once.
///
/// # Errors
/// As [`place_order`]; [`OrderError::Version`].
pub fn order_once(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    line: &WantedLine,
    form: OrderId,
    settings: &SubscriptionSettings,
    now: Timestamp,
) -> Outcome<Order, OrderError> {
    let customer = buyer(tx, me, reference, now).map_err(Failure::widen)?.customer;
    // Ids are made in order of time.
    if !store_of_orders::orders_of(tx, Some(me.partner()), customer, None, (Some(form), 1))?.is_empty() {
        return Err(OrderError::Version(EtagError::Stale(form.to_string())).into());
    }
    place_order(tx, me, reference, (std::slice::from_ref(line), None), settings, now)
}
