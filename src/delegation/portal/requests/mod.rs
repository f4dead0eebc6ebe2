//! The pages behind the link of a request for a relationship. The link leaves the address at once; opening a page changes
//! nothing.

mod tenant;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{AccessError, AnswerRelationshipRequests, Anyone, Barred, Onlooker, Visitor, later};
use crate::companies::Regions;
use crate::delegation::actions::requests as actions;
use crate::delegation::model::request_refusals::RequestAnswerError;
use crate::delegation::model::requests::{
    Asked, AskingLink, Choices, Obstacle, Parties, RequestSheet, RequestStanding,
};
use crate::delegation::texts::RequestTexts;
use crate::platform::Parts;
use crate::platform::error::{Code, Failure, Refusal, codes};
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{
    Field, Frame, KeptLink, Posted, country_name, fill, read_reason, reason_field, see_other,
};

/// The link of a request: kept while its reader signs in, or makes a tenant and activates the account.
pub const REQUEST_LINK: KeptLink = KeptLink { cookie: "relationship", page: "/relationship", days: Some(90) };

pub(super) fn pages(config: &mut ServiceConfig) {
    config
        .route("/relationships/{token}", get().to(keep_link))
        .route("/relationship", get().to(show_asked))
        .route("/relationship", post().to(open))
        .route("/relationship/answer", get().to(show_answer))
        .route("/relationship/approve", post().to(approve))
        .route("/relationship/decline", post().to(decline))
        .route("/relationship/later", later(REQUEST_LINK))
        .route("/relationship/new-tenant", get().to(tenant::show_form))
        .route("/relationship/new-tenant", post().to(tenant::make))
        .route("/relationship/new-tenant/made", get().to(tenant::show_made));
}

async fn keep_link(
    _anyone: Anyone,
    parts: Data<Parts>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    // A dot divides what is kept, so one in the token would be read as what the query asks.
    let token = if token.contains('.') { String::new() } else { token.into_inner() };
    REQUEST_LINK.keep(&parts.base, &AskingLink::kept(&token, Choices::read(request.query_string())))
}

/// Who asks for what, as every page behind the link shows it.
struct Asking {
    text: &'static RequestTexts,
    partner: String,
    provider: String,
    reseller: Option<String>,
    delegated_admin: bool,
    country: String,
    contact: String,
    description: String,
    sent_to: Option<String>,
    until: Option<String>,
}

impl Asking {
    fn new(visitor: &Visitor, asked: &Asked, parties: &Parties) -> Self {
        let asker = parties.asker(asked);
        let request = asked.request();
        Self {
            text: text_of(visitor),
            partner: asker.name.clone(),
            provider: parties.provider.name.clone(),
            reseller: parties.reseller.as_ref().map(|reseller| reseller.name.clone()),
            delegated_admin: asked.delegated_admin,
            country: country_name(&asker.country, visitor.visit().language()).to_owned(),
            contact: asker.contact_email.clone(),
            description: asker.description.clone(),
            sent_to: request.and_then(|request| request.email.as_ref()).map(|email| email.masked()),
            until: request.map(|request| request.expires_at.readable()),
        }
    }

    fn named(&self, text: &str) -> String {
        let partners = match &self.reseller {
            Some(reseller) => fill(self.text.and, &[("provider", &self.provider), ("reseller", reseller)]),
            None => self.provider.clone(),
        };
        let values = [
            ("partner", self.partner.as_str()),
            ("provider", &self.provider),
            ("reseller", self.reseller.as_deref().unwrap_or_default()),
            ("partners", &partners),
            ("contact", &self.contact),
        ];
        fill(text, &values)
    }

    /// Who would look after the customer.
    fn serves(&self) -> String {
        match &self.reseller {
            Some(_) => self.named(self.text.serves_two_tier),
            None => self.provider.clone(),
        }
    }

    fn administration(&self) -> &'static str {
        if self.delegated_admin { self.text.administration_yes } else { self.text.administration_no }
    }
}

/// What somebody who looks at a request can do next.
enum Next {
    SignIn,
    Look(String),
    /// Somebody else has to answer; why.
    Elsewhere(String),
}

#[derive(Template)]
#[template(path = "delegation/templates/request_page.html")]
struct RequestPage {
    frame: Frame,
    text: &'static RequestTexts,
    asking: Asking,
    next: Next,
}

#[derive(Template)]
#[template(path = "delegation/templates/request_answer_page.html")]
struct AnswerPage {
    frame: Frame,
    text: &'static RequestTexts,
    asking: Asking,
    company: String,
    /// What was refused, above everything.
    wrong: Option<String>,
    version: String,
    obstacles: Vec<String>,
    reason: Field,
}

impl AnswerPage {
    fn for_company(&self, text: &str) -> String {
        fill(text, &[("company", &self.company)])
    }
}

/// A page that says how it ended.
#[derive(Template)]
#[template(path = "delegation/templates/request_answered_page.html")]
struct AnsweredPage {
    frame: Frame,
    text: &'static RequestTexts,
    title: String,
    sentences: Vec<String>,
    good: bool,
}

fn text_of(visitor: &Visitor) -> &'static RequestTexts {
    RequestTexts::of(visitor.visit().language())
}

fn dead(visitor: &Visitor, parts: &Parts, frame: Frame) -> Result<HttpResponse, Error> {
    let text = text_of(visitor);
    let (title, sentences) = (text.dead_title.to_owned(), vec![text.dead_text.to_owned()]);
    let page = AnsweredPage { frame, text, title, sentences, good: false };
    let mut response = visitor.visit().page_with(StatusCode::NOT_FOUND, &page)?;
    // No later sign-in leads here again.
    REQUEST_LINK.forget(&parts.base, &mut response)?;
    Ok(response)
}

/// The link that the browser keeps; one that proves nothing, if it keeps none.
fn kept(visitor: &Visitor, parts: &Parts) -> AskingLink {
    AskingLink::from_kept(&REQUEST_LINK.of(visitor.request(), &parts.base).unwrap_or_default())
}

/// Who asks for what behind the kept link, if it is good.
async fn asked(visitor: &Visitor, parts: &Parts) -> Result<Option<(Asked, Parties)>, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(visitor, parts));
    match parts.db.read(move |read| actions::asked(read, &keys, &link, now)).await {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// Shows who asks for what, to whomever holds the link, and how to go on.
async fn show_asked(parts: Data<Parts>, regions: Data<Regions>, visitor: Visitor) -> Result<HttpResponse, Error> {
    let Onlooker { frame, company } = visitor.onlooker(&parts).await?;
    let text = text_of(&visitor);
    let next = match &company {
        None => Next::SignIn,
        Some(company) => match sheet(&visitor, &parts, &regions).await {
            // Answered already: there is a page that says so.
            Ok(sheet) if sheet.standing != RequestStanding::Open => return Ok(see_other("/relationship/answer")),
            Ok(sheet) => Next::Look(fill(text.signed_in_lead, &[("company", &sheet.company)])),
            Err(Barred::NotAllowed(error)) => {
                let lacks_role = matches!(error, AccessError::RoleMissing { .. });
                let why = if lacks_role { text.role_missing } else { text.not_a_customer };
                Next::Elsewhere(fill(why, &[("company", company)]))
            }
            Err(Barred::NobodySignedIn) => Next::SignIn,
            Err(Barred::Refused(_)) => return dead(&visitor, &parts, frame),
            Err(barred) => return Err(barred.into()),
        },
    };
    let Some((asked, parties)) = asked(&visitor, &parts).await? else { return dead(&visitor, &parts, frame) };
    let asking = Asking::new(&visitor, &asked, &parties);
    visitor.visit().page(&RequestPage { frame, text, asking, next })
}

async fn sheet(
    visitor: &Visitor,
    parts: &Data<Parts>,
    regions: &Data<Regions>,
) -> Result<RequestSheet, Barred<RequestAnswerError>> {
    let (now, keys, regions, link) = (parts.clock.now(), parts.keys.clone(), regions.clone(), kept(visitor, parts));
    visitor
        .read::<AnswerRelationshipRequests, _, _, _>(parts, move |read, me| {
            actions::sheet(read, me, &keys, &link, &regions, now)
        })
        .await
}

/// The first POST of somebody signed in: the request is opened.
async fn open(
    parts: Data<Parts>,
    visitor: Visitor,
    _form: Posted<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let opened = visitor
        .write::<AnswerRelationshipRequests, _, _, _>(&parts, move |tx, me| actions::open(tx, me, &keys, &link, now))
        .await;
    match opened {
        Ok(()) => Ok(see_other("/relationship/answer")),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        // The page before says why.
        Err(Barred::NotAllowed(_) | Barred::Refused(_)) => Ok(see_other("/relationship")),
        Err(barred) => Err(barred.into()),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AnswerForm {
    version: String,
    reason: String,
}

/// What stood in the way of an answer, for the page that asks again.
struct Wrong {
    code: Code,
    reason: Option<String>,
    typed: String,
}

async fn answer_page(
    parts: &Data<Parts>,
    regions: &Data<Regions>,
    visitor: &Visitor,
    wrong: Option<Wrong>,
) -> Result<HttpResponse, Error> {
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let sheet = match sheet(visitor, parts, regions).await {
        Ok(sheet) => sheet,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => return Ok(see_other("/relationship")),
        Err(Barred::Refused(_)) => return dead(visitor, parts, frame),
        Err(barred) => return Err(barred.into()),
    };
    let (text, company) = (text_of(visitor), sheet.company.clone());
    let asking = Asking::new(visitor, &sheet.asked, &sheet.parties);
    if let Some(page) = answered_page(&frame, &asking, &sheet) {
        return visitor.visit().page(&page);
    }
    let mut reason = reason_field(text.decline_reason, text.decline_hint, &[("partner", &asking.partner)]);
    let mut status = StatusCode::OK;
    let mut sentence = None;
    if let Some(wrong) = wrong {
        status = status_of(wrong.code.kind);
        sentence = (wrong.code.name == "relationshipRequestChanged").then(|| text.changed.to_owned());
        reason = reason.with(&wrong.typed);
        reason.error = wrong.reason;
    }
    let obstacle = |obstacle: &Obstacle| match obstacle {
        Obstacle::AgreementMissing(name) => fill(text.obstacle_agreement, &[("name", name)]),
        Obstacle::RegionDiffers(..) => asking.named(text.obstacle_region),
    };
    let page = AnswerPage {
        frame,
        text,
        wrong: sentence,
        version: sheet.version,
        obstacles: sheet.obstacles.iter().map(obstacle).collect(),
        reason,
        company,
        asking,
    };
    visitor.visit().page_with(status, &page)
}

/// The page that says how it ended, if it has.
fn answered_page(frame: &Frame, asking: &Asking, sheet: &RequestSheet) -> Option<AnsweredPage> {
    let text = asking.text;
    let (title, sentences, good) = match sheet.standing {
        RequestStanding::Open => return None,
        RequestStanding::Approved(since) => {
            let title = fill(text.approved_title, &[("company", &sheet.company), ("partner", &asking.partner)]);
            let then = if asking.delegated_admin { text.approved_administers } else { text.approved_sells };
            let sentences = vec![fill(text.approved_text, &[("since", &since.readable())]), asking.named(then)];
            (title, sentences, true)
        }
        RequestStanding::Declined => (text.declined_title.to_owned(), vec![asking.named(text.declined_text)], false),
    };
    Some(AnsweredPage { frame: frame.clone(), text, title, sentences, good })
}

async fn show_answer(parts: Data<Parts>, regions: Data<Regions>, visitor: Visitor) -> Result<HttpResponse, Error> {
    answer_page(&parts, &regions, &visitor, None).await
}

/// Where an answer leads: to the page that says how it ended, or back to the one that asks.
async fn answered(
    parts: &Data<Parts>,
    regions: &Data<Regions>,
    visitor: &Visitor,
    outcome: Result<(), Barred<RequestAnswerError>>,
    typed: String,
) -> Result<HttpResponse, Error> {
    match outcome {
        Ok(()) => Ok(see_other("/relationship/answer")),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => Ok(see_other("/relationship")),
        Err(Barred::Refused(refusal)) => {
            let wrong = Wrong { code: refusal.code(), reason: None, typed };
            answer_page(parts, regions, visitor, Some(wrong)).await
        }
        Err(barred) => Err(barred.into()),
    }
}

async fn approve(
    parts: Data<Parts>,
    regions: Data<Regions>,
    visitor: Visitor,
    form: Posted<AnswerForm>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let (version, known) = (form.0.version, regions.clone());
    let outcome = visitor
        .write::<AnswerRelationshipRequests, _, _, _>(&parts, move |tx, me| {
            actions::approve(tx, me, &keys, &link, Some(&version), &known, now).map(|_| ())
        })
        .await;
    answered(&parts, &regions, &visitor, outcome, String::new()).await
}

async fn decline(
    parts: Data<Parts>,
    regions: Data<Regions>,
    visitor: Visitor,
    form: Posted<AnswerForm>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let AnswerForm { version, reason: typed } = form.0;
    let common = visitor.visit().frame().texts;
    let reason = match read_reason(&typed, common) {
        Ok(reason) => reason,
        Err(sentence) => {
            let wrong = Wrong { code: codes::BAD_REQUEST, reason: Some(sentence), typed };
            return answer_page(&parts, &regions, &visitor, Some(wrong)).await;
        }
    };
    let outcome = visitor
        .write::<AnswerRelationshipRequests, _, _, _>(&parts, move |tx, me| {
            actions::decline(tx, me, &keys, &link, reason.as_deref(), Some(&version), now)
        })
        .await;
    answered(&parts, &regions, &visitor, outcome, typed).await
}
