//! Subscriptions and their resellers of record, as the contract shows them: section 9.1.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::words::{link, links_of_offer};
use crate::access::{PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::http::{Resource, versioned};
use crate::subscriptions::actions::ShownSubscription;
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::catalogue::{BillingCycle, Offer, Term, UnitType};
use crate::subscriptions::model::subscriptions::{NextTerm, SubscriptionStatus};
use crate::subscriptions::model::{OrderId, SubscriptionId};

/// A product, by its parts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NextProduct {
    product_id: String,
    sku_id: String,
    availability_id: String,
    billing_cycle: BillingCycle,
    term_duration: Term,
}

/// What is different from the next term on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NextTermView {
    product: NextProduct,
    quantity: i32,
}

/// Licences that can be given back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RefundableDetail {
    quantity: i32,
    #[schema(value_type = String, format = DateTime)]
    allowed_until_date_time: Timestamp,
}

/// How many licences can be given back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RefundableQuantity {
    total_quantity: i32,
    details: Vec<RefundableDetail>,
}

/// A subscription.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubscriptionView {
    id: SubscriptionId,
    entitlement_id: SubscriptionId,
    offer_id: String,
    offer_name: String,
    friendly_name: String,
    #[schema(value_type = Object)]
    product_type: Value,
    quantity: i32,
    unit_type: UnitType,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_subscription_id: Option<SubscriptionId>,
    #[schema(value_type = String, format = DateTime)]
    creation_date: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    effective_start_date: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    commitment_end_date: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_allowed_until_date: Option<Timestamp>,
    status: SubscriptionStatus,
    auto_renew_enabled: bool,
    billing_type: &'static str,
    billing_cycle: BillingCycle,
    is_trial: bool,
    is_microsoft_product: bool,
    attention_needed: bool,
    action_taken: bool,
    actions: Vec<&'static str>,
    term_duration: Term,
    /// Empty if no term follows by itself.
    renewal_term_duration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refundable_quantity: Option<RefundableQuantity>,
    /// The MPN ID of the reseller of record.
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_id: Option<String>,
    suspension_reasons: Vec<&'static str>,
    contract_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_next_term_instructions: Option<NextTermView>,
    order_id: OrderId,
    #[schema(value_type = Object)]
    links: Value,
}

/// What the contract calls how something is charged.
fn billing_type(offer: &Offer) -> &'static str {
    match offer.unit_type {
        UnitType::Licenses => "license",
        UnitType::UsageBased => "usage",
        UnitType::None => "none",
    }
}

fn next_term(shown: &ShownSubscription) -> Option<NextTermView> {
    let next = shown.subscription.next_term.clone()?;
    let id = next.offer.as_deref().unwrap_or(&shown.subscription.offer);
    let mut parts = id.splitn(3, ':').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    Some(NextTermView {
        product: NextProduct {
            product_id: part(),
            sku_id: part(),
            availability_id: part(),
            billing_cycle: next.billing_cycle.unwrap_or(shown.subscription.billing_cycle),
            term_duration: next.term.unwrap_or(shown.subscription.term),
        },
        quantity: next.quantity.unwrap_or(shown.subscription.quantity),
    })
}

pub(super) fn view(shown: ShownSubscription, now: Timestamp) -> Resource<SubscriptionView> {
    let (etag, scheduled) = (shown.etag(), next_term(&shown));
    let partner_id = shown.of_record().map(|of_record| of_record.mpn_id.clone());
    let ShownSubscription { subscription: one, offer, status, .. } = shown;
    let cancellable = one.cancellable_until().filter(|until| *until > now);
    let live = matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Suspended);
    let mut actions = match status {
        SubscriptionStatus::Active => vec!["Edit", "Suspend"],
        SubscriptionStatus::Suspended => vec!["Edit", "Reactivate"],
        _ => Vec::new(),
    };
    actions.extend(cancellable.filter(|_| live).map(|_| "Cancel"));
    let details: Vec<RefundableDetail> = one
        .returnable_at(now)
        .into_iter()
        .map(|some| RefundableDetail { quantity: some.quantity, allowed_until_date_time: some.until() })
        .collect();
    let refundable_quantity = (offer.is_new_commerce() && live)
        .then(|| RefundableQuantity { total_quantity: details.iter().map(|some| some.quantity).sum(), details });
    let own = format!("/customers/{}/subscriptions/{}", one.customer, one.id);
    let mut links = json!({ "self": link(own) });
    links_of_offer(&one.customer, &offer, &mut links);
    if let Some(parent) = one.parent {
        links["parentSubscription"] = link(format!("/customers/{}/subscriptions/{parent}", one.customer));
    }
    let kind = if offer.is_new_commerce() { "OnlineServicesNCE" } else { "OnlineServices" };
    let view = SubscriptionView {
        id: one.id,
        entitlement_id: one.id,
        billing_type: billing_type(&offer),
        is_trial: offer.is_trial,
        unit_type: offer.unit_type,
        offer_name: offer.name,
        offer_id: one.offer,
        friendly_name: one.friendly_name,
        product_type: json!({ "id": kind, "displayName": "Online services" }),
        quantity: one.quantity,
        parent_subscription_id: one.parent,
        creation_date: one.created_at,
        effective_start_date: one.started_at,
        commitment_end_date: one.ends_at,
        cancellation_allowed_until_date: cancellable.filter(|_| live),
        status,
        auto_renew_enabled: one.auto_renew,
        billing_cycle: one.billing_cycle,
        is_microsoft_product: true,
        attention_needed: false,
        action_taken: false,
        actions,
        term_duration: one.term,
        renewal_term_duration: match &one.next_term {
            _ if !one.auto_renew => String::new(),
            Some(NextTerm { term: Some(term), .. }) => term.to_string(),
            _ => one.term.to_string(),
        },
        refundable_quantity,
        partner_id,
        suspension_reasons: if status == SubscriptionStatus::Suspended { vec!["Partner"] } else { Vec::new() },
        contract_type: "subscription",
        scheduled_next_term_instructions: scheduled,
        order_id: one.order,
        links,
    };
    versioned("Subscription", etag, view)
}

/// A stretch of time in which a subscription had one reseller of record.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssociationView {
    subscription_id: SubscriptionId,
    reseller_id: PartnerId,
    mpn_id: String,
    offer_id: String,
    /// Whether the offer earns incentives.
    eligible: bool,
    quantity: i32,
    /// Whether the subscription ran; nothing is credited while it is suspended.
    active: bool,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Absent while it lasts.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Timestamp>,
    /// When the reseller became the one of record.
    #[schema(value_type = String, format = DateTime)]
    associated_at: Timestamp,
    /// Who decided that; of one's own company only.
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_by: Option<UserId>,
}

pub(super) fn association(period: AssociationPeriod, told: bool) -> AssociationView {
    AssociationView {
        subscription_id: period.subscription,
        reseller_id: period.of_record.reseller,
        mpn_id: period.of_record.mpn_id,
        offer_id: period.offer,
        eligible: period.earns,
        quantity: period.quantity,
        active: period.active,
        from: period.since,
        to: period.until,
        associated_at: period.associated_at,
        associated_by: period.associated_by.filter(|_| told),
    }
}
