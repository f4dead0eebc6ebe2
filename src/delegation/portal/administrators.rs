//! The customer's page: who can administer us, since when, until when, with which roles and why; and the stop button.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig, get, post};
use askama::Template;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::MessagePage;
use crate::access::{AccessError, Barred, EndAdministration, PartnerId, ReadAdministrators, Scope, Visitor};
use crate::companies::CompanyProfile;
use crate::customers::{CustomerReference, RelationshipMissing};
use crate::delegation::actions::{self, Administrator, ToEnd, administration_link};
use crate::delegation::model::{EndError, GrantId, GrantOrigin, Granular, TenantOwner};
use crate::delegation::texts::AdministrationTexts;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::http::Error;
use crate::platform::portal::{Frame, Posted, fill, see_other};

pub(super) fn pages(config: &mut ServiceConfig) {
    config.route("/administrators", get().to(show)).route("/administrators/end", post().to(end));
}

/// One grant, as the page shows it.
struct Line {
    partner: PartnerId,
    name: String,
    relationship: Option<GrantId>,
    roles: Vec<&'static str>,
    since: String,
    until: String,
    why: String,
    end_text: String,
}

impl Line {
    fn new(administrator: Administrator, text: &AdministrationTexts) -> Self {
        let roles = match administrator.roles() {
            Some(roles) => roles.iter().map(|role| role.name()).collect(),
            None => vec![text.all_roles],
        };
        let Administrator { grant, granular, profile, .. } = administrator;
        let name = profile.map_or_else(|| grant.partner.to_string(), |profile| profile.name);
        let called = granular.as_ref().map(|one| one.terms.display_name.to_string()).unwrap_or_default();
        let why = match (grant.origin, &granular) {
            (GrantOrigin::CustomerCreated, None) => text.why_created.to_owned(),
            (GrantOrigin::CustomerCreated, Some(_)) => fill(text.why_default, &[("name", &called)]),
            (GrantOrigin::RelationshipRequest, _) => text.why_request.to_owned(),
            (GrantOrigin::DelegatedAdminRelationship, _) => fill(text.why_granular, &[("name", &called)]),
        };
        let extends = granular.as_ref().is_some_and(|one| one.terms.auto_extend);
        let until = match grant.ends_at {
            None => text.no_end.to_owned(),
            Some(end) if extends => format!("{}, {}", end.readable(), text.extended),
            Some(end) => end.readable(),
        };
        Self {
            partner: grant.partner,
            relationship: granular.map(|one| one.id),
            roles,
            since: grant.starts_at.readable(),
            until,
            why,
            end_text: fill(text.end_text, &[("partner", &name)]),
            name,
        }
    }
}

/// A request that waits for an answer.
struct Waiting {
    sentence: String,
    link: String,
}

#[derive(Template)]
#[template(path = "delegation/templates/administrators_page.html")]
struct AdministratorsPage {
    frame: Frame,
    text: &'static AdministrationTexts,
    lead: String,
    ended: Option<String>,
    waiting: Vec<Waiting>,
    lines: Vec<Line>,
    owners: Vec<String>,
}

/// What the page is made of.
struct Everything {
    administrators: Vec<Administrator>,
    waiting: Vec<(Granular, Option<CompanyProfile>)>,
    owners: Vec<(TenantOwner, Option<CompanyProfile>)>,
}

fn everything(read: &mut Read<'_>, me: &Scope, now: Timestamp) -> Outcome<Everything, RelationshipMissing> {
    let own = CustomerReference::new(&me.organisation().to_string());
    let administrators = actions::administrators(read, me, &own, now)?;
    let owners = actions::tenant_owners(read, me, &own)?;
    let waiting = match me.as_customer() {
        Some(customer) => actions::requests_to(read, customer, now)?,
        None => Vec::new(),
    };
    Ok(Everything { administrators, waiting, owners })
}

async fn page(parts: &Data<Parts>, visitor: &Visitor, ended: Option<String>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let onlooker = visitor.onlooker(parts).await?;
    let text = AdministrationTexts::of(visitor.visit().language());
    let found = visitor.read::<ReadAdministrators, _, _, _>(parts, move |read, me| everything(read, me, now)).await;
    let company = onlooker.company.clone().unwrap_or_default();
    let Everything { administrators, waiting, owners } = match found {
        Ok(found) => found,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(error)) => {
            let role = matches!(error, AccessError::RoleMissing { .. });
            let sentence =
                if role { text.role_missing.to_owned() } else { fill(text.not_customer, &[("company", &company)]) };
            let page =
                MessagePage { frame: onlooker.frame, title: text.title.to_owned(), sentence, next: None, good: false };
            return visitor.visit().page_with(StatusCode::FORBIDDEN, &page);
        }
        Err(barred) => return Err(barred.into()),
    };
    let values = [("customer", company.as_str())];
    let named = |name: Option<&str>, otherwise: String| name.map_or(otherwise, str::to_owned);
    let waiting = waiting.into_iter().map(|(one, profile)| {
        let partner = named(profile.as_ref().map(|profile| profile.name.as_str()), one.partner.to_string());
        let sentence = fill(text.asking, &[("partner", &partner), ("name", one.terms.display_name.as_str())]);
        let token = administration_link(&parts.keys, &one);
        Waiting { sentence, link: format!("/administration-requests/{}", token.expose_secret()) }
    });
    let owners = owners.into_iter().map(|(owner, profile)| {
        let partner = named(profile.as_ref().map(|profile| profile.name.as_str()), owner.partner.to_string());
        fill(text.owner, &[("partner", &partner), ("since", &owner.since.readable())])
    });
    let lines: Vec<Line> = administrators.into_iter().map(|one| Line::new(one, text)).collect();
    visitor.visit().page(&AdministratorsPage {
        frame: onlooker.frame,
        text,
        lead: fill(if lines.is_empty() { text.nobody } else { text.lead }, &values),
        ended,
        waiting: waiting.collect(),
        owners: owners.collect(),
        lines,
    })
}

async fn show(parts: Data<Parts>, visitor: Visitor) -> Result<HttpResponse, Error> {
    page(&parts, &visitor, None).await
}

#[derive(Deserialize)]
struct EndForm {
    partner: PartnerId,
    #[serde(default)]
    relationship: String,
    #[serde(default)]
    name: String,
}

async fn end(parts: Data<Parts>, visitor: Visitor, form: Posted<EndForm>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let EndForm { partner, relationship, name } = form.0;
    let what = relationship.parse().map_or(ToEnd::AllRoles, ToEnd::One);
    let outcome = visitor
        .write::<EndAdministration, _, EndError, _>(&parts, move |tx, me| {
            let own = CustomerReference::new(&me.organisation().to_string());
            actions::end_administration(tx, me, &own, partner, what, now)
        })
        .await;
    let text = AdministrationTexts::of(visitor.visit().language());
    match outcome {
        Ok(()) => page(&parts, &visitor, Some(fill(text.ended, &[("partner", &name)]))).await,
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        // What is there no more needs no end, and the page says who may end what is.
        Err(Barred::Refused(_) | Barred::NotAllowed(_)) => Ok(see_other("/administrators")),
        Err(barred) => Err(barred.into()),
    }
}
