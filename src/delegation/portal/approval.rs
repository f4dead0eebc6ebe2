//! The pages behind a link that asks for granular administration. The token leaves the address at once; opening a page
//! changes nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, ServiceConfig, get, post};
use askama::Template;
use serde::Deserialize;

use super::MessagePage;
use crate::access::{AccessError, AnswerAdministration, Anyone, Barred, Onlooker, Visitor, later};
use crate::companies::CompanyProfile;
use crate::delegation::actions::{self, ApprovalSheet};
use crate::delegation::model::{AdministrationAnswerError, AdministrationLink, Granular, GranularStatus};
use crate::delegation::texts::AdministrationTexts;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Failure, Refusal};
use crate::platform::http::{Error, status_of};
use crate::platform::keys::LinkToken;
use crate::platform::portal::{Frame, KeptLink, Posted, country_name, fill, see_other};

/// The link of a request: kept while its reader signs in.
pub const ADMINISTRATION_LINK: KeptLink =
    KeptLink { cookie: "administration", page: "/administration-request", days: Some(1) };

pub(super) fn pages(config: &mut ServiceConfig) {
    config
        .route("/administration-requests/{token}", get().to(keep_link))
        .route("/administration-request", get().to(show))
        .route("/administration-request/approve", post().to(approve))
        .route("/administration-request/decline", post().to(decline))
        .route("/administration-request/later", later(ADMINISTRATION_LINK));
}

async fn keep_link(_anyone: Anyone, parts: Data<Parts>, token: Path<String>) -> Result<HttpResponse, Error> {
    ADMINISTRATION_LINK.keep(&parts.base, &token)
}

fn kept(visitor: &Visitor, parts: &Parts) -> LinkToken<AdministrationLink> {
    LinkToken::parse(&ADMINISTRATION_LINK.of(visitor.request(), &parts.base).unwrap_or_default())
}

/// What somebody who looks at the request can do.
enum Next {
    SignIn,
    /// With the version that was looked at.
    Answer(String),
    /// Somebody or something else is needed; why.
    Elsewhere(String),
}

#[derive(Template)]
#[template(path = "delegation/templates/approval_page.html")]
struct ApprovalPage {
    frame: Frame,
    text: &'static AdministrationTexts,
    title: String,
    called: String,
    country: String,
    contact: String,
    lasts: String,
    lapses: String,
    roles: Vec<&'static str>,
    wrong: Option<&'static str>,
    next: Next,
}

fn approval_page(
    visitor: &Visitor,
    frame: Frame,
    one: &Granular,
    partner: &CompanyProfile,
    next: Next,
    wrong: Option<&'static str>,
) -> ApprovalPage {
    let text = AdministrationTexts::of(visitor.visit().language());
    let days = fill(text.request_days, &[("days", &one.terms.days.to_string())]);
    ApprovalPage {
        frame,
        text,
        title: fill(text.request_title, &[("partner", &partner.name)]),
        called: one.terms.display_name.to_string(),
        country: country_name(&partner.country, visitor.visit().language()).to_owned(),
        contact: partner.contact_email.clone(),
        lasts: if one.terms.auto_extend { format!("{days}, {}", text.extended) } else { days },
        lapses: one.lapses_at.map(Timestamp::readable).unwrap_or_default(),
        roles: one.terms.roles.iter().map(|role| role.name()).collect(),
        wrong,
        next,
    }
}

fn dead(visitor: &Visitor, parts: &Parts, frame: Frame) -> Result<HttpResponse, Error> {
    let text = AdministrationTexts::of(visitor.visit().language());
    let (title, sentence) = (text.dead_title.to_owned(), text.dead_text.to_owned());
    let page = MessagePage { frame, title, sentence, next: None, good: false };
    let mut response = visitor.visit().page_with(StatusCode::NOT_FOUND, &page)?;
    // No later sign-in leads here again.
    ADMINISTRATION_LINK.forget(&parts.base, &mut response)?;
    Ok(response)
}

/// How it ended, for the customer's admin.
fn answered(visitor: &Visitor, frame: Frame, sheet: &ApprovalSheet) -> Result<HttpResponse, Error> {
    let text = AdministrationTexts::of(visitor.visit().language());
    let until = sheet.relationship.ends_at.map(Timestamp::readable).unwrap_or_default();
    let values = [
        ("partner", sheet.partner.name.as_str()),
        ("name", sheet.relationship.terms.display_name.as_str()),
        ("until", until.as_str()),
    ];
    let good = sheet.status == GranularStatus::Active;
    let (title, sentence) =
        if good { (text.approved_title, text.approved_text) } else { (text.declined_title, text.declined_text) };
    visitor.visit().page(&MessagePage {
        frame,
        title: fill(title, &values),
        sentence: fill(sentence, &values),
        next: Some(("/administrators".to_owned(), text.title)),
        good,
    })
}

async fn page(
    parts: &Data<Parts>,
    visitor: &Visitor,
    refused: Option<AdministrationAnswerError>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(visitor, parts));
    let Onlooker { frame, company } = visitor.onlooker(parts).await?;
    let text = AdministrationTexts::of(visitor.visit().language());
    let status = refused.as_ref().map_or(StatusCode::OK, |refusal| status_of(refusal.code().kind));
    let wrong = matches!(refused, Some(AdministrationAnswerError::Changed)).then_some(text.changed);
    if let Some(company) = &company {
        let (keys, link) = (keys.clone(), link.clone());
        let sheet = visitor
            .read::<AnswerAdministration, _, _, _>(parts, move |read, me| {
                actions::approval_sheet(read, me, &keys, &link, now)
            })
            .await;
        match sheet {
            Ok(sheet) if sheet.status != GranularStatus::ApprovalPending => return answered(visitor, frame, &sheet),
            Ok(sheet) => {
                let next = if sheet.related {
                    Next::Answer(sheet.version())
                } else {
                    Next::Elsewhere(fill(text.without_relationship, &[("partner", &sheet.partner.name)]))
                };
                let page = approval_page(visitor, frame, &sheet.relationship, &sheet.partner, next, wrong);
                return visitor.visit().page_with(status, &page);
            }
            Err(Barred::Refused(_)) => return dead(visitor, parts, frame),
            Err(Barred::NobodySignedIn) => {}
            Err(Barred::NotAllowed(error)) => {
                let role = matches!(error, AccessError::RoleMissing { .. });
                let why = if role { text.role_missing } else { text.not_customer };
                let next = Next::Elsewhere(fill(why, &[("company", company)]));
                return public(parts, visitor, frame, next).await;
            }
            Err(barred) => return Err(barred.into()),
        }
    }
    public(parts, visitor, frame, Next::SignIn).await
}

/// What anybody with the link sees.
async fn public(parts: &Data<Parts>, visitor: &Visitor, frame: Frame, next: Next) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(visitor, parts));
    match parts.db.read(move |read| actions::asked_administration(read, &keys, &link, now)).await {
        Ok((one, partner)) => visitor.visit().page(&approval_page(visitor, frame, &one, &partner, next, None)),
        Err(Failure::Refused(_)) => dead(visitor, parts, frame),
        Err(failure) => Err(failure.into()),
    }
}

async fn show(parts: Data<Parts>, visitor: Visitor) -> Result<HttpResponse, Error> {
    page(&parts, &visitor, None).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AnswerForm {
    version: String,
}

async fn after(
    parts: &Data<Parts>,
    visitor: &Visitor,
    outcome: Result<(), Barred<AdministrationAnswerError>>,
) -> Result<HttpResponse, Error> {
    match outcome {
        Ok(()) => Ok(see_other("/administration-request")),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => Ok(see_other("/administration-request")),
        Err(Barred::Refused(refusal)) => page(parts, visitor, Some(refusal)).await,
        Err(barred) => Err(barred.into()),
    }
}

async fn approve(parts: Data<Parts>, visitor: Visitor, form: Posted<AnswerForm>) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let version = form.0.version;
    let outcome = visitor
        .write::<AnswerAdministration, _, _, _>(&parts, move |tx, me| {
            actions::approve_administration(tx, me, &keys, &link, Some(&version), now)
        })
        .await;
    after(&parts, &visitor, outcome).await
}

async fn decline(parts: Data<Parts>, visitor: Visitor, form: Posted<AnswerForm>) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let version = form.0.version;
    let outcome = visitor
        .write::<AnswerAdministration, _, _, _>(&parts, move |tx, me| {
            actions::decline_administration(tx, me, &keys, &link, Some(&version), now)
        })
        .await;
    after(&parts, &visitor, outcome).await
}
