//! What a customer can buy of a product: its SKUs and their availabilities.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{AvailabilityView, SkuView};
use crate::access::{Allowed, ReadCatalogue, Scope};
use crate::customers::{CustomerReference, RelationshipMissing};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Code, Failure, Outcome, Refusal};
use crate::platform::http::{Collection, Error, Resource};
use crate::subscriptions::actions::{buyer, catalogue as actions};
use crate::subscriptions::model::catalogue::{CatalogueError, Offer};

/// The operations on a customer's products.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_skus).service(get_sku).service(list_availabilities).service(get_availability);
}

/// Why a product is not shown.
#[derive(Debug, thiserror::Error)]
enum ProductRefusal {
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

impl Refusal for ProductRefusal {
    fn code(&self) -> Code {
        match self {
            ProductRefusal::Relationship(error) => error.code(),
            ProductRefusal::Catalogue(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            ProductRefusal::Relationship(error) => error.parameters(),
            ProductRefusal::Catalogue(error) => error.parameters(),
        }
    }
}

/// The offers of a product, or of one of its SKUs, that are sold to a customer, and its country.
async fn sold(
    me: &Allowed<ReadCatalogue>,
    parts: &Data<Parts>,
    customer: &str,
    product: String,
    sku: Option<String>,
) -> Result<(Vec<Offer>, String), Error> {
    let now = parts.clock.now();
    let customer = CustomerReference::new(customer);
    let look = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, ProductRefusal> {
        let country = buyer(read, me, &customer, now).map_err(Failure::widen)?.country;
        let offers = match &sku {
            Some(sku) => actions::sku(read, &product, sku, &country),
            None => actions::product(read, &product, &country),
        };
        Ok((offers.map_err(Failure::widen)?, country))
    };
    me.read(parts, look).await
}

fn products_of(customer: &str) -> String {
    format!("/customers/{customer}/products")
}

/// The SKUs of a product that are sold to a customer.
#[utoipa::path(tag = "Catalogue",
    params(("customer", description = "Tenant id or domain"), ("product", description = "The product's id")),
    responses((status = 200, body = Collection<Resource<SkuView>>)))]
#[get("/v1/customers/{customer}/products/{product}/skus")]
async fn list_skus(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Collection<Resource<SkuView>>>, Error> {
    let (customer, product) = path.into_inner();
    let (offers, _) = sold(&me, &parts, &customer, product.clone(), None).await?;
    let products = products_of(&customer);
    let mut skus: Vec<&Offer> = Vec::new();
    for offer in &offers {
        if !skus.iter().any(|first| first.parts().1 == offer.parts().1) {
            skus.push(offer);
        }
    }
    let items = skus.into_iter().map(|offer| SkuView::new(offer, &products)).collect();
    Ok(Answer(Collection::whole(&format!("{products}/{product}/skus"), items)))
}

/// A SKU of a product.
#[utoipa::path(tag = "Catalogue",
    params(("customer", description = "Tenant id or domain"), ("product", description = "The product's id"),
        ("sku", description = "The SKU's id")),
    responses((status = 200, body = Resource<SkuView>)))]
#[get("/v1/customers/{customer}/products/{product}/skus/{sku}")]
async fn get_sku(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    path: Path<(String, String, String)>,
) -> Result<Answer<Resource<SkuView>>, Error> {
    let (customer, product, sku) = path.into_inner();
    let (offers, _) = sold(&me, &parts, &customer, product.clone(), Some(sku.clone())).await?;
    let first = offers.first().ok_or_else(|| CatalogueError::sku(&product, &sku))?;
    Ok(Answer(SkuView::new(first, &products_of(&customer))))
}

/// The availabilities of a SKU.
#[utoipa::path(tag = "Catalogue",
    params(("customer", description = "Tenant id or domain"), ("product", description = "The product's id"),
        ("sku", description = "The SKU's id")),
    responses((status = 200, body = Collection<Resource<AvailabilityView>>)))]
#[get("/v1/customers/{customer}/products/{product}/skus/{sku}/availabilities")]
async fn list_availabilities(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    path: Path<(String, String, String)>,
) -> Result<Answer<Collection<Resource<AvailabilityView>>>, Error> {
    let (customer, product, sku) = path.into_inner();
    let (offers, country) = sold(&me, &parts, &customer, product.clone(), Some(sku.clone())).await?;
    let products = products_of(&customer);
    let items = offers.iter().map(|offer| AvailabilityView::new(offer, &country, &products)).collect();
    Ok(Answer(Collection::whole(&format!("{products}/{product}/skus/{sku}/availabilities"), items)))
}

/// An availability of a SKU.
#[utoipa::path(tag = "Catalogue",
    params(("customer", description = "Tenant id or domain"), ("product", description = "The product's id"),
        ("sku", description = "The SKU's id"), ("availability", description = "The availability's id")),
    responses((status = 200, body = Resource<AvailabilityView>)))]
#[get("/v1/customers/{customer}/products/{product}/skus/{sku}/availabilities/{availability}")]
async fn get_availability(
    me: Allowed<ReadCatalogue>,
    parts: Data<Parts>,
    path: Path<(String, String, String, String)>,
) -> Result<Answer<Resource<AvailabilityView>>, Error> {
    let (customer, product, sku, availability) = path.into_inner();
    let (offers, country) = sold(&me, &parts, &customer, product, Some(sku.clone())).await?;
    let found = offers.iter().find(|offer| offer.parts().2.eq_ignore_ascii_case(&availability));
    let found = found.ok_or_else(|| CatalogueError::availability(&sku, &availability))?;
    Ok(Answer(AvailabilityView::new(found, &country, &products_of(&customer))))
}
