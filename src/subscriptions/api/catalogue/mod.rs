//! REST of the catalogue.

mod import;
mod products;
mod views;

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path, Query};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use self::views::{CategoryView, OfferView};
use crate::access::{Allowed, ReadCatalogue, Scope};
use crate::customers::{CustomerReference, RelationshipMissing};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, Sure};
use crate::platform::http::{Collection, Error, IndexPage, IndexQuery, Resource};
use crate::subscriptions::actions::{buyer, catalogue as actions};
use crate::subscriptions::model::catalogue::{OfferFilter, market};

/// The operations of the catalogue.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(import::import_offers)
        .service(list_offers)
        .service(get_offer)
        .service(list_add_ons)
        .service(list_categories)
        .service(list_customer_offers)
        .service(list_customer_categories);
    products::routes(config);
}

type OfferPage = Result<Answer<Collection<Resource<OfferView>>>, Error>;
type CategoryPage = Result<Answer<Collection<Resource<CategoryView>>>, Error>;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MarketQuery {
    /// Two letters of ISO 3166-1: only what is sold there.
    country: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OffersQuery {
    /// Two letters of ISO 3166-1: only what is sold there.
    country: Option<String>,
    /// Only the offers of this category.
    offer_category_id: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CategoryQuery {
    /// Only the offers of this category.
    offer_category_id: Option<String>,
}

/// A category that was named: clients send an empty one for none.
fn category(named: Option<String>) -> Option<String> {
    named.filter(|category| !category.is_empty())
}

/// The offers that are sold.
#[utoipa::path(tag = "Catalogue", params(OffersQuery, IndexQuery),
    responses((status = 200, body = Collection<Resource<OfferView>>)))]
#[get("/v1/offers")]
async fn list_offers(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    query: Query<OffersQuery>,
    page: IndexPage,
) -> OfferPage {
    let OffersQuery { country, offer_category_id } = query.into_inner();
    let country = market(country.as_deref())?;
    let filter =
        OfferFilter { country: country.clone(), category: category(offer_category_id), ..OfferFilter::default() };
    let (offset, limit) = (page.offset(), page.fetch());
    let list = move |read: &mut Read<'_>, _: &Scope| -> Sure<_> { Ok(actions::offers(read, &filter, offset, limit)?) };
    let rows = me.read(&parts, list).await?;
    let show = |row| OfferView::new(row, country.as_deref());
    Ok(Answer(Collection::indexed(rows, &page, show)))
}

/// One offer, sold still or not.
#[utoipa::path(tag = "Catalogue", params(("id", description = "Its id, with `:` as it is or encoded"), MarketQuery),
    responses((status = 200, body = Resource<OfferView>)))]
#[get("/v1/offers/{id}")]
async fn get_offer(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    id: Path<String>,
    query: Query<MarketQuery>,
) -> Result<Answer<Resource<OfferView>>, Error> {
    let country = market(query.country.as_deref())?;
    let sold_in = country.clone();
    let offer = me.read(&parts, move |read, _| actions::offer(read, &id, sold_in.as_deref())).await?;
    Ok(Answer(OfferView::new(offer, country.as_deref())))
}

/// What can be added to an offer.
#[utoipa::path(tag = "Catalogue", params(("id", description = "The offer's id"), MarketQuery, IndexQuery),
    responses((status = 200, body = Collection<Resource<OfferView>>)))]
#[get("/v1/offers/{id}/addons")]
async fn list_add_ons(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    id: Path<String>,
    query: Query<MarketQuery>,
    page: IndexPage,
) -> OfferPage {
    let country = market(query.country.as_deref())?;
    let (sold_in, offset, limit) = (country.clone(), page.offset(), page.fetch());
    let add_ons = move |read: &mut Read<'_>, _: &Scope| actions::add_ons(read, &id, sold_in, offset, limit);
    let rows = me.read(&parts, add_ons).await?;
    let show = |row| OfferView::new(row, country.as_deref());
    Ok(Answer(Collection::indexed(rows, &page, show)))
}

/// The categories of the offers that are sold.
#[utoipa::path(tag = "Catalogue", params(MarketQuery, IndexQuery),
    responses((status = 200, body = Collection<Resource<CategoryView>>)))]
#[get("/v1/offercategories")]
async fn list_categories(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    query: Query<MarketQuery>,
    page: IndexPage,
) -> CategoryPage {
    let country = market(query.country.as_deref())?;
    let filter = OfferFilter { country: country.clone(), ..OfferFilter::default() };
    let (offset, limit) = (page.offset(), page.fetch());
    let list =
        move |read: &mut Read<'_>, _: &Scope| -> Sure<_> { Ok(actions::categories(read, &filter, offset, limit)?) };
    let rows = me.read(&parts, list).await?;
    let show = |row| CategoryView::new(row, country.as_deref());
    Ok(Answer(Collection::indexed(rows, &page, show)))
}

/// The offers that are sold to a customer.
#[utoipa::path(tag = "Catalogue",
    params(("customer", description = "Tenant id or domain"), CategoryQuery, IndexQuery),
    responses((status = 200, body = Collection<Resource<OfferView>>)))]
#[get("/v1/customers/{customer}/offers")]
async fn list_customer_offers(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    customer: Path<String>,
    query: Query<CategoryQuery>,
    page: IndexPage,
) -> OfferPage {
    let category = category(query.into_inner().offer_category_id);
    let customer = CustomerReference::new(&customer);
    let (offset, limit, now) = (page.offset(), page.fetch(), parts.clock.now());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RelationshipMissing> {
        let country = buyer(read, me, &customer, now)?.country;
        let filter = OfferFilter { country: Some(country.clone()), category, ..OfferFilter::default() };
        Ok((actions::offers(read, &filter, offset, limit)?, country))
    };
    let (rows, country) = me.read(&parts, list).await?;
    Ok(Answer(Collection::indexed(rows, &page, |row| OfferView::new(row, Some(&country)))))
}

/// The categories of the offers that are sold to a customer.
#[utoipa::path(tag = "Catalogue", params(("customer", description = "Tenant id or domain"), IndexQuery),
    responses((status = 200, body = Collection<Resource<CategoryView>>)))]
#[get("/v1/customers/{customer}/offercategories")]
async fn list_customer_categories(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    customer: Path<String>,
    page: IndexPage,
) -> CategoryPage {
    let customer = CustomerReference::new(&customer);
    let (offset, limit, now) = (page.offset(), page.fetch(), parts.clock.now());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RelationshipMissing> {
        let country = buyer(read, me, &customer, now)?.country;
        let filter = OfferFilter { country: Some(country.clone()), ..OfferFilter::default() };
        Ok((actions::categories(read, &filter, offset, limit)?, country))
    };
    let (rows, country) = me.read(&parts, list).await?;
    Ok(Answer(Collection::indexed(rows, &page, |row| CategoryView::new(row, Some(&country)))))
}
