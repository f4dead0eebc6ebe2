//! The list of a partner's customers, one of them, and its setup info made anew.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde::Deserialize;

use super::form::{language_field, recipient_of};
use super::{PartnerOption, barred, message, text_of};
use crate::access::{Barred, CustomerId, Onlooker, Passwords, ReadCustomers, ResetSetupInfo, Scope, Visitor};
use crate::customers::{CustomerFilter, CustomerReference, RelationshipMissing};
use crate::delegation::{
    self, ADMIN_NAME, CustomerDetails, Decided, HandedOverPage, Right, SetupInfoCard, SetupInfoError, freshly_made,
};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal, Sure};
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{Control, Field, Frame, Posted, fill};
use crate::platform::text::{folded, shorten};
use crate::subscriptions::actions::listing::listing;
use crate::subscriptions::texts::CustomerTexts;

/// Customers on a page.
const PAGE: usize = 50;
/// Characters of a search at most.
const MAX_SEARCH: usize = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    reseller: String,
    after: String,
}

struct ShownCustomer {
    id: CustomerId,
    name: String,
    domain: String,
    since: String,
    partner: Option<String>,
    partner_label: &'static str,
    delegated: bool,
}

struct ShownDraft {
    id: String,
    name: String,
    until: String,
}

#[derive(Template)]
#[template(path = "subscriptions/templates/customers_page.html")]
struct CustomersPage {
    frame: Frame,
    text: &'static CustomerTexts,
    typed: String,
    resellers: Vec<PartnerOption>,
    searching: bool,
    rows: Vec<ShownCustomer>,
    drafts: Vec<ShownDraft>,
    may_create: bool,
    /// Preselects the reseller that the list is filtered by.
    new_query: String,
    paged: bool,
    first: String,
    next: Option<String>,
}

/// The address of the list with a search, and the place after which it goes on.
fn address(typed: &str, reseller: &str, after: Option<CustomerId>) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
    format!("/customers?q={}&reseller={}{after}", encoded(typed), encoded(reseller))
}

pub(super) async fn list(parts: Data<Parts>, visitor: Visitor, query: Query<ListQuery>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let typed: String = query.q.chars().filter(|c| !c.is_control()).take(MAX_SEARCH).collect();
    let typed = typed.trim().to_owned();
    let reseller = query.reseller.parse().ok();
    let after: Option<CustomerId> = query.after.parse().ok();
    let holds = Some(folded(&typed)).filter(|text| !text.is_empty());
    let search = CustomerFilter { holds, reseller, ..CustomerFilter::default() };
    let searching = search.holds.is_some() || search.reseller.is_some();
    let find = move |read: &mut Read<'_>, me: &Scope| -> Sure<_> {
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        Ok(listing(read, me, &search, after, limit, now)?)
    };
    let mut found = match visitor.read::<ReadCustomers, _, _, _>(&parts, find).await {
        Ok(found) => found,
        Err(stopped) => return barred(&visitor, &parts, stopped).await,
    };
    let Onlooker { frame, .. } = visitor.onlooker(&parts).await?;
    let text = text_of(&visitor);
    let chosen = reseller.map(|id: crate::access::PartnerId| id.to_string()).unwrap_or_default();
    let more = found.rows.len() > PAGE;
    found.rows.truncate(PAGE);
    let last = found.rows.last().map(|(row, _)| row.record.id);
    let mut resellers: Vec<PartnerOption> = found
        .resellers
        .iter()
        .filter_map(|id| found.partners.get(id))
        .map(|profile| PartnerOption::new(profile, &chosen))
        .collect();
    resellers.sort_by_cached_key(|option| option.text.to_lowercase());
    let rows = found.rows.into_iter().map(|(row, delegated)| ShownCustomer {
        id: row.record.id,
        name: row.record.company_name,
        domain: row.record.domain,
        since: row.since.readable(),
        partner: row
            .provider
            .or(row.reseller)
            .and_then(|id| found.partners.get(&id))
            .map(|profile| profile.name.clone()),
        partner_label: if row.provider.is_some() { text.provider } else { text.reseller },
        delegated,
    });
    let drafts = found.drafts.into_iter().map(|draft| ShownDraft {
        id: draft.id.to_string(),
        name: match draft.contents.customer.company_name.trim() {
            "" => text.draft_unnamed.to_owned(),
            name => name.to_owned(),
        },
        until: fill(text.draft_until, &[("until", &draft.expires_at.readable())]),
    });
    let page = CustomersPage {
        frame,
        text,
        searching,
        rows: rows.collect(),
        drafts: drafts.collect(),
        may_create: found.may_create,
        new_query: if chosen.is_empty() { String::new() } else { format!("?reseller={chosen}") },
        paged: after.is_some(),
        first: address(&typed, &chosen, None),
        next: last.filter(|_| more).map(|last| address(&typed, &chosen, Some(last))),
        resellers,
        typed,
    };
    visitor.visit().page(&page)
}

/// The form that makes setup info anew.
struct ResetForm {
    sentence: String,
    name: Field,
    email: Field,
    language: Field,
}

#[derive(Template)]
#[template(path = "subscriptions/templates/customer_page.html")]
struct CustomerPage {
    frame: Frame,
    text: &'static CustomerTexts,
    id: CustomerId,
    name: String,
    domain: String,
    delegated: bool,
    contact: Option<String>,
    reset: Option<ResetForm>,
    wrong: Option<String>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct ResetTyped {
    to_name: String,
    to_email: String,
    to_language: String,
}

/// What was wrong with a reset, for the page that asks again.
#[derive(Default)]
struct Wrong {
    status: StatusCode,
    sentence: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

async fn customer_page(
    parts: &Parts,
    visitor: &Visitor,
    named: &str,
    typed: &ResetTyped,
    wrong: Wrong,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(named);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RelationshipMissing> {
        let details = delegation::customer(read, me, &reference, now)?;
        let may_reset = details.delegated && me.holds::<ResetSetupInfo>();
        let may_reset = may_reset
            && match delegation::has_right(read, me, &reference, Right::ResetAdminPassword, now) {
                Ok(_) => true,
                Err(Failure::Refused(_)) => false,
                Err(Failure::Database(error)) => return Err(error.into()),
            };
        Ok((details, may_reset))
    };
    let text = text_of(visitor);
    let (details, may_reset) = match visitor.read::<ReadCustomers, _, _, _>(parts, find).await {
        Ok(found) => found,
        Err(Barred::Refused(_)) => {
            let back = Some(("/customers".to_owned(), text.to_list));
            return message(visitor, parts, StatusCode::NOT_FOUND, (text.unknown_title, text.unknown.to_owned()), back)
                .await;
        }
        Err(stopped) => return barred(visitor, parts, stopped).await,
    };
    let CustomerDetails { record, delegated, open } = details;
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let line = |kind, autocomplete| Control::Line { kind, autocomplete };
    let mut name = Field::new("to_name", text.to_name, "", line("text", "off")).with(&typed.to_name);
    let mut email = Field::new("to_email", text.to_email, "", line("email", "off")).with(&typed.to_email);
    (name.required, email.required) = (false, false);
    (name.error, email.error) = (wrong.name, wrong.email);
    let user = format!("{ADMIN_NAME}@{}", record.domain);
    let reset = ResetForm {
        sentence: fill(text.reset_text, &[("user", &user)]),
        name,
        email,
        language: language_field(text.to_language, "to_language", &typed.to_language, visitor.visit().language()),
    };
    let page = CustomerPage {
        frame,
        text,
        id: record.id,
        name: record.company_name,
        domain: record.domain,
        delegated,
        contact: open.then_some(record.billing.email),
        reset: Some(reset).filter(|_| may_reset),
        wrong: wrong.sentence,
    };
    visitor.visit().page_with(wrong.status, &page)
}

pub(super) async fn show(parts: Data<Parts>, visitor: Visitor, customer: Path<String>) -> Result<HttpResponse, Error> {
    customer_page(&parts, &visitor, &customer, &ResetTyped::default(), Wrong::default()).await
}

/// Makes setup info anew: another password, shown this one time, or a link to one.
pub(super) async fn reset(
    parts: Data<Parts>,
    decided: Decided,
    passwords: Data<Passwords>,
    visitor: Visitor,
    customer: Path<String>,
    form: Posted<ResetTyped>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (typed, text, language) = (form.0, text_of(&visitor), visitor.visit().language());
    let common = visitor.visit().frame().texts;
    let to = match recipient_of(&typed.to_name, &typed.to_email, &typed.to_language, common) {
        Ok(to) => to,
        Err((name, email)) => {
            let sentence = Some(common.form_has_errors.to_owned());
            let wrong = Wrong { status: StatusCode::BAD_REQUEST, sentence, name, email };
            return customer_page(&parts, &visitor, &customer, &typed, wrong).await;
        }
    };
    // Nothing is hashed for whoever may not.
    let may = |_: &mut Read<'_>, _: &Scope| -> Sure<()> { Ok(()) };
    if let Err(stopped) = visitor.read::<ResetSetupInfo, _, _, _>(&parts, may).await {
        return barred(&visitor, &parts, stopped).await;
    }
    let made = if to.is_some() { None } else { Some(freshly_made(&passwords).await?) };
    let password: Option<SecretString> = made.as_ref().map(|(password, _)| password.clone());
    let hash = made.map(|(_, hash)| hash);
    let reference = CustomerReference::new(&customer);
    let work = move |tx: &mut Tx<'_>, me: &Scope| {
        let terms = decided.terms();
        let reset = delegation::reset_setup_info(tx, me, &reference, to.as_ref(), hash.as_deref(), terms, now)?;
        let name = crate::customers::names(tx, &[reset.customer])?.remove(&reset.customer).unwrap_or_default();
        Ok((reset, name))
    };
    let (done, company) = match visitor.write::<ResetSetupInfo, _, SetupInfoError, _>(&parts, work).await {
        Ok(done) => done,
        Err(Barred::Refused(refusal)) => {
            let Code { kind, .. } = refusal.code();
            let wrong = Wrong { status: status_of(kind), sentence: Some(refused(text, &refusal)), ..Wrong::default() };
            return customer_page(&parts, &visitor, &customer, &typed, wrong).await;
        }
        Err(stopped) => return barred(&visitor, &parts, stopped).await,
    };
    let Onlooker { mut frame, .. } = visitor.onlooker(&parts).await?;
    frame.languages.clear();
    let setup = match (&done.setup_info, password, done.expires_at) {
        (Some(info), ..) => SetupInfoCard::mailed(language, info),
        (None, Some(password), Some(until)) => SetupInfoCard::shown(language, &parts, done.user_name, &password, until),
        (None, ..) => return Err(Error::internal()),
    };
    let page = HandedOverPage {
        frame,
        title: fill(text.reset_done, &[("company", &company)]),
        lead: None,
        setup,
        links: vec![(format!("/customers/{}", done.customer), text.details), ("/customers".to_owned(), text.to_list)],
    };
    visitor.visit().page(&page)
}

/// A refusal in the person's language.
fn refused(text: &CustomerTexts, refusal: &SetupInfoError) -> String {
    match refusal {
        SetupInfoError::Gate(_) => text.reset_gate.to_owned(),
        SetupInfoError::AccountMissing(user) => fill(text.reset_missing, &[("user", user)]),
        SetupInfoError::AccountIsOwn(user) => fill(text.reset_own, &[("user", user)]),
        SetupInfoError::TooOften(_) => text.reset_often.to_owned(),
        SetupInfoError::Recipient(error) => shorten(&error.to_string(), 200),
    }
}
