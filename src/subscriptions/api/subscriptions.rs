//! REST of subscriptions.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, get, patch};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{AssociationView, SubscriptionView, association, view};
use super::words::{billing_cycle, sent, status, term};
use crate::access::{Allowed, ChangeSubscriptions, ReadSubscriptions, Scope};
use crate::companies::MpnId;
use crate::customers::CustomerReference;
use crate::delegation::{self, Right};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{Collection, Error, IfMatch, Lenient, Page, PageQuery, Reply, Resource, resource};
use crate::subscriptions::actions::{self, ShownSubscription, SubscriptionPatch, WantedSubscriptions};
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::catalogue::offer_id;
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
    // Nor has anybody an MPN ID that is none.
    let mpn_id = mpn_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let mpn_id = mpn_id.map(|id| MpnId::try_from(id).map_or_else(|_| "-".to_owned(), |id| id.as_str().to_owned()));
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
