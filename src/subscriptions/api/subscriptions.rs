//! REST of subscriptions.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, get, patch};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::words::{billing_cycle, link, links_of_offer, sent, status, term};
use crate::access::{Allowed, ChangeSubscriptions, PartnerId, ReadSubscriptions, Scope, UserId};
use crate::customers::CustomerReference;
use crate::delegation::{self, Right};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{
    Collection, Error, IfMatch, Lenient, Page, PageQuery, Reply, Resource, resource, versioned,
};
use crate::subscriptions::actions::{self, ShownSubscription, SubscriptionPatch, WantedSubscriptions};
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::catalogue::{BillingCycle, Offer, Term, UnitType, offer_id};
use crate::subscriptions::model::orders::WantedReseller;
use crate::subscriptions::model::provisioning::ProvisioningError;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::{NextTerm, SubscriptionChange, SubscriptionState, SubscriptionStatus};
use crate::subscriptions::model::{OrderId, SubscriptionId};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_subscriptions)
        .service(get_subscription)
        .service(change_subscription)
        .service(list_add_ons)
        .service(provisioning_status)
        .service(association_history);
}

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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SubscriptionQuery {
    /// Those of this order.
    order_id: Option<String>,
    /// Those whose reseller of record has this MPN ID.
    mpn_id: Option<String>,
}

async fn listed(
    me: &Allowed<ReadSubscriptions>,
    parts: &Parts,
    customer: &str,
    wanted: WantedSubscriptions,
    page: &Page,
) -> Result<Answer<Collection<Resource<SubscriptionView>>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(customer);
    let limits = (page.after_id()?, page.fetch());
    let find =
        move |read: &mut Read<'_>, me: &Scope| actions::subscriptions(read, me, &reference, &wanted, limits, now);
    let rows = me.read(parts, find).await?;
    let key = |row: &ShownSubscription| row.subscription.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, page, key, |row| view(row, now))))
}

/// The subscriptions of a customer that one sold, manages as its reseller, or is reseller of record of; of one's own
/// organisation all.
#[utoipa::path(tag = "Subscriptions", params(("customer", description = "Tenant id or domain"), SubscriptionQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<SubscriptionView>>)))]
#[get("/v1/customers/{customer}/subscriptions")]
async fn list_subscriptions(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    customer: Path<String>,
    query: Query<SubscriptionQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<SubscriptionView>>>, Error> {
    let SubscriptionQuery { order_id, mpn_id } = query.into_inner();
    // An order that cannot be one has no subscriptions.
    let order = order_id.filter(|id| !id.is_empty()).map(|id| id.parse().unwrap_or_else(|_| OrderId::fresh()));
    let mpn_id = mpn_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    listed(&me, &parts, &customer, WantedSubscriptions { order, mpn_id, parent: None }, &page).await
}

/// The add-ons of a subscription.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path), PageQuery),
    responses((status = 200, body = Collection<Resource<SubscriptionView>>)))]
#[get("/v1/customers/{customer}/subscriptions/{subscription}/addons")]
async fn list_add_ons(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    page: Page,
) -> Result<Answer<Collection<Resource<SubscriptionView>>>, Error> {
    let (customer, id) = path.into_inner();
    let shown = found(&me, &parts, &customer, id).await?;
    let parent = Some(shown.subscription.id);
    listed(&me, &parts, &customer, WantedSubscriptions { parent, ..WantedSubscriptions::default() }, &page).await
}

async fn found(
    me: &Allowed<ReadSubscriptions>,
    parts: &Parts,
    customer: &str,
    id: String,
) -> Result<ShownSubscription, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(customer);
    me.read(parts, move |read, me| actions::subscription(read, me, &reference, &id, now)).await
}

/// A subscription.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path)),
    responses((status = 200, body = Resource<SubscriptionView>)))]
#[get("/v1/customers/{customer}/subscriptions/{subscription}")]
async fn get_subscription(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<SubscriptionView>>, Error> {
    let (customer, id) = path.into_inner();
    let shown = found(&me, &parts, &customer, id).await?;
    Ok(Answer(view(shown, parts.clock.now())))
}

/// The etag that clients send back in the body.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentAttributes {
    pub(super) etag: Option<String>,
}

/// A product of the next term.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NextProductBody {
    product_id: Option<String>,
    sku_id: Option<String>,
    availability_id: Option<String>,
    #[schema(value_type = Option<String>)]
    billing_cycle: Option<Value>,
    term_duration: Option<String>,
}

/// Instructions for the next term.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NextTermBody {
    product: Option<NextProductBody>,
    quantity: Option<i32>,
}

impl NextTermBody {
    fn read(self) -> Result<NextTerm, Error> {
        let product = self.product.unwrap_or_default();
        let given = [product.product_id, product.sku_id, product.availability_id];
        let parts: Vec<String> = given.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        Ok(NextTerm {
            // A legacy offer has no parts.
            offer: (!parts.is_empty()).then(|| offer_id(&parts.join(":"))),
            quantity: self.quantity,
            term: term(product.term_duration.as_deref())?,
            billing_cycle: billing_cycle(product.billing_cycle.as_ref())?,
        })
    }
}

/// What can be changed of a subscription; clients send the rest of it too, links and nulls and all.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SubscriptionBody {
    quantity: Option<i32>,
    friendly_name: Option<String>,
    /// active, suspended or deleted.
    #[schema(value_type = Option<String>)]
    status: Option<Value>,
    auto_renew_enabled: Option<bool>,
    /// A longer term begins at once.
    term_duration: Option<String>,
    /// Cannot be changed in a term.
    #[schema(value_type = Option<String>)]
    billing_cycle: Option<Value>,
    /// One of the offers it can be upgraded to.
    offer_id: Option<String>,
    /// The MPN ID of the reseller of record; "" or null for nobody.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    partner_id: Option<Option<String>>,
    /// From the next term on; null for no change.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NextTermBody>)]
    scheduled_next_term_instructions: Option<Option<NextTermBody>>,
    attributes: Option<SentAttributes>,
}

impl SubscriptionBody {
    fn read(self, looked_at: IfMatch) -> Result<SubscriptionPatch, Error> {
        let said = status(self.status.as_ref())?;
        let state =
            said.and_then(|said| SubscriptionState::ALL.iter().copied().find(|state| state.as_str() == said.as_str()));
        let next_term = match self.scheduled_next_term_instructions {
            None => None,
            Some(None) => Some(None),
            Some(Some(body)) => Some(Some(body.read()?)),
        };
        let change = SubscriptionChange {
            quantity: self.quantity,
            friendly_name: self.friendly_name,
            state,
            auto_renew: self.auto_renew_enabled,
            term: term(self.term_duration.as_deref())?,
            billing_cycle: billing_cycle(self.billing_cycle.as_ref())?,
            offer: self.offer_id.filter(|id| !id.trim().is_empty()).map(|id| offer_id(&id)),
            next_term,
        };
        let named = |id: String| Some(id.trim().to_owned()).filter(|id| !id.is_empty()).map(WantedReseller::MpnId);
        Ok(SubscriptionPatch {
            change,
            echoed: said.filter(|_| state.is_none()),
            reseller: self.partner_id.map(|id| id.and_then(named)),
            sent_etag: self.attributes.and_then(|attributes| attributes.etag),
            looked_at,
        })
    }
}

/// Change a subscription: quantity, name, status, renewal, term, offer, reseller of record. What is left out stays.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path)),
    request_body = SubscriptionBody, responses((status = 200, body = Resource<SubscriptionView>)))]
#[patch("/v1/customers/{customer}/subscriptions/{subscription}")]
async fn change_subscription(
    me: Allowed<ChangeSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    looked_at: IfMatch,
    body: Lenient<SubscriptionBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let (reference, patch) = (CustomerReference::new(&customer), body.0.read(looked_at)?);
    me.write(&parts, move |tx, me| {
        actions::change_subscription(tx, me, &reference, &id, &patch, now).map(|shown| Reply::ok(&view(shown, now)))
    })
    .await
}

/// How far a subscription is set up.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProvisioningView {
    sku_id: String,
    status: &'static str,
    quantity: i32,
    #[schema(value_type = String, format = DateTime)]
    end_date: Timestamp,
}

/// How far a subscription of a customer that one administers is set up: it is, from the order on.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path)),
    responses((status = 200, body = Resource<ProvisioningView>)))]
#[get("/v1/customers/{customer}/subscriptions/{subscription}/provisioningstatus")]
async fn provisioning_status(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<ProvisioningView>>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<ShownSubscription, ProvisioningError> {
        me.require_user().map_err(SubscriptionError::from).map_err(ProvisioningError::from)?;
        let shown = actions::subscription(read, me, &reference, &id, now).map_err(Failure::widen)?;
        delegation::has_right(read, me, &reference, Right::ReadProvisioning, now).map_err(Failure::widen)?;
        Ok(shown)
    };
    let shown = me.read(&parts, find).await?;
    let status = match shown.status {
        SubscriptionStatus::Active | SubscriptionStatus::Expired => "success",
        _ => "none",
    };
    let one = shown.subscription;
    let sku_id = one.offer;
    let view = ProvisioningView { sku_id, status, quantity: one.quantity, end_date: one.ends_at };
    Ok(Answer(resource("SubscriptionProvisioningStatus", view)))
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

/// Who was reseller of record of a subscription, from when to when, of how many licences; oldest first.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path), PageQuery),
    responses((status = 200, body = Collection<Resource<AssociationView>>)))]
#[get("/v1/customers/{customer}/subscriptions/{subscription}/associations")]
async fn association_history(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    page: Page,
) -> Result<Answer<Collection<Resource<AssociationView>>>, Error> {
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let after = page.after_number()?.and_then(|number| i32::try_from(number).ok()).unwrap_or_default();
    let limit = page.fetch();
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<(Vec<AssociationPeriod>, bool), SubscriptionError> {
        let rows = actions::association_history(read, me, &reference, &id, after, limit)?;
        let seller = rows.first().is_some_and(|row| me.as_customer().is_none() && row.provider == me.partner());
        Ok((rows, seller))
    };
    let (rows, told) = me.read(&parts, find).await?;
    let key = |row: &AssociationPeriod| i64::from(row.number).to_be_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| resource("ResellerAssociation", association(row, told)))))
}
