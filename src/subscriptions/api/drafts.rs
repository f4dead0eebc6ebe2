//! REST of drafts of customers.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::decided::DecidedDrafts;
use crate::access::{Allowed, CreateCustomers, CustomerId, PartnerId, Passwords, ReadCustomerDrafts, Scope};
use crate::delegation::{CUSTOMER_SECRETS, CustomerView, RecipientForm, freshly_made};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, Sure};
use crate::platform::http::{
    Collection, Error, IfMatch, Json, Page, PageQuery, Reply, Resource, etag, resource, versioned,
};
use crate::subscriptions::actions::drafts::{self as actions, DraftState, Submitted};
use crate::subscriptions::model::draft_lines::DraftLine;
use crate::subscriptions::model::drafts::{
    CustomerDraft, CustomerDraftId, DraftContents, DraftCustomer, DraftError, Missing,
};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_draft)
        .service(list_drafts)
        .service(get_draft)
        .service(change_draft)
        .service(cancel_draft)
        .service(submit_draft);
}

/// A draft of a customer: everything may be left out until it is submitted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CustomerDraftBody {
    customer: Option<DraftCustomer>,
    /// One of one's active resellers, by tenant id.
    reseller_id: Option<PartnerId>,
    /// This person gets the setup info by a link that reveals it once; whoever submits, if absent.
    setup_info_to: Option<RecipientForm>,
    /// What is ordered for the customer, in the same transaction: at most 100 lines.
    #[schema(max_items = 100)]
    lines: Option<Vec<DraftLine>>,
}

impl CustomerDraftBody {
    fn read(self) -> (DraftContents, Option<PartnerId>) {
        let (customer, lines) = (self.customer.unwrap_or_default(), self.lines.unwrap_or_default());
        (DraftContents { customer, setup_info_to: self.setup_info_to, lines }, self.reseller_id)
    }
}

/// The reseller of a draft.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DraftReseller {
    id: PartnerId,
    name: String,
    /// Of the location it onboarded with.
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<String>,
}

/// A draft.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerDraftView {
    id: CustomerDraftId,
    customer: DraftCustomer,
    #[serde(skip_serializing_if = "Option::is_none")]
    reseller_id: Option<PartnerId>,
    /// Who that is, as long as it is a partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    reseller: Option<DraftReseller>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_info_to: Option<RecipientForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<DraftLine>,
    /// What is missing before it can be submitted.
    missing: Vec<Missing>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The customer that came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
}

fn view(state: DraftState) -> Resource<CustomerDraftView> {
    let DraftState { draft, reseller, missing, .. } = state;
    let reseller = reseller.map(|profile| DraftReseller { id: profile.id, name: profile.name, mpn_id: profile.mpn_id });
    let tag = etag(draft.version);
    let shown = CustomerDraftView {
        id: draft.id,
        customer: draft.contents.customer,
        reseller_id: draft.reseller,
        reseller,
        setup_info_to: draft.contents.setup_info_to,
        lines: draft.contents.lines,
        missing,
        created_at: draft.created_at,
        expires_at: draft.expires_at,
        customer_id: draft.customer,
    };
    versioned("CustomerDraft", tag, shown)
}

/// Begin a draft of a customer. It is kept for 7 days.
#[utoipa::path(tag = "Customers", request_body = CustomerDraftBody, responses((status = 201, body = Resource<CustomerDraftView>)))]
#[post("/v1/customerdrafts")]
async fn create_draft(
    me: Allowed<CreateCustomers>,
    parts: Data<Parts>,
    decided: DecidedDrafts,
    body: Json<CustomerDraftBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (contents, reseller) = body.0.read();
    me.write(&parts, move |tx, me| {
        actions::create_draft(tx, me, &contents, reseller, decided.terms(), now)
            .map(|state| Reply::created(&view(state)))
    })
    .await
}

/// A draft in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedDraft {
    id: CustomerDraftId,
    company_name: String,
    domain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reseller_id: Option<PartnerId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// The drafts of one's own company that wait to be submitted.
#[utoipa::path(tag = "Customers", params(PageQuery), responses((status = 200, body = Collection<Resource<ListedDraft>>)))]
#[get("/v1/customerdrafts")]
async fn list_drafts(
    me: Allowed<ReadCustomerDrafts>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<Resource<ListedDraft>>>, Error> {
    let now = parts.clock.now();
    let (after, limit) = (page.after_id()?, page.fetch());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(actions::drafts(read, me, after, limit, now)?) };
    let rows = me.read(&parts, list).await?;
    let key = |row: &CustomerDraft| row.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |draft| {
        let tag = etag(draft.version);
        let DraftCustomer { company_name, domain, .. } = draft.contents.customer;
        let (reseller_id, created_at, expires_at) = (draft.reseller, draft.created_at, draft.expires_at);
        versioned(
            "CustomerDraft",
            tag,
            ListedDraft { id: draft.id, company_name, domain, reseller_id, created_at, expires_at },
        )
    })))
}

/// A draft of one's own company, with what it still lacks.
#[utoipa::path(tag = "Customers", responses((status = 200, body = Resource<CustomerDraftView>)))]
#[get("/v1/customerdrafts/{id}")]
async fn get_draft(
    me: Allowed<ReadCustomerDrafts>,
    parts: Data<Parts>,
    decided: DecidedDrafts,
    id: Path<CustomerDraftId>,
) -> Result<Answer<Resource<CustomerDraftView>>, Error> {
    let now = parts.clock.now();
    let state = me.read(&parts, move |read, me| actions::draft(read, me, *id, decided.terms(), now)).await?;
    Ok(Answer(view(state)))
}

/// Replace what a draft holds; what is left out is cleared.
#[utoipa::path(tag = "Customers", request_body = CustomerDraftBody, responses((status = 200, body = Resource<CustomerDraftView>)))]
#[put("/v1/customerdrafts/{id}")]
async fn change_draft(
    me: Allowed<CreateCustomers>,
    parts: Data<Parts>,
    decided: DecidedDrafts,
    id: Path<CustomerDraftId>,
    seen: IfMatch,
    body: Json<CustomerDraftBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (contents, reseller) = body.0.read();
    me.write(&parts, move |tx, me| {
        actions::change_draft(tx, me, *id, &seen, (&contents, reseller), decided.terms(), now)
            .map(|state| Reply::ok(&view(state)))
    })
    .await
}

/// Cancel a draft: nothing is left of it.
#[utoipa::path(tag = "Customers", responses((status = 204)))]
#[delete("/v1/customerdrafts/{id}")]
async fn cancel_draft(
    me: Allowed<CreateCustomers>,
    parts: Data<Parts>,
    id: Path<CustomerDraftId>,
    seen: IfMatch,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::cancel_draft(tx, me, *id, &seen, now).map(|()| Reply::no_content())).await
}

/// Submit a draft: the customer with its relationships, grants and subscriptions, all or nothing. Twice gives the same customer, and the
/// password no second time.
#[utoipa::path(tag = "Customers",
    responses((status = 201, body = Resource<CustomerView>), (status = 200, body = Resource<CustomerView>)))]
#[post("/v1/customerdrafts/{id}/submit")]
async fn submit_draft(
    me: Allowed<CreateCustomers>,
    parts: Data<Parts>,
    decided: DecidedDrafts,
    passwords: Data<Passwords>,
    id: Path<CustomerDraftId>,
    seen: IfMatch,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let id = *id;
    let known = decided.clone();
    let look = move |read: &mut Read<'_>, me: &Scope| -> Outcome<bool, DraftError> {
        Ok(actions::draft(read, me, id, known.terms(), now)?.wants_password())
    };
    // Nothing is hashed for a draft that cannot be submitted, or whose setup info somebody else gets.
    let made = if me.read(&parts, look).await? { Some(freshly_made(&passwords).await?) } else { None };
    let submit = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, DraftError> {
        let terms = decided.terms();
        let hash = made.as_ref().map(|(_, hash)| hash.as_str());
        Ok(match actions::submit_draft(tx, me, id, &seen, hash, terms, now)? {
            Submitted::New(created) => {
                let shown = created.setup_info.is_none();
                let password = made.as_ref().map(|(password, _)| password);
                let reply = Reply::created(&resource("Customer", CustomerView::created(*created, password)));
                if shown { reply.secret(CUSTOMER_SECRETS) } else { reply }
            }
            Submitted::Already(details, reseller) => {
                Reply::ok(&resource("Customer", CustomerView::created_before(details.record, reseller)))
            }
        })
    };
    me.write(&parts, submit).await
}
