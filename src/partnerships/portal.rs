//! The pages behind an invitation's link. The link's token leaves the address at once; opening a page changes nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, ServiceConfig, get, post};
use askama::Template;
use serde::Deserialize;

use super::actions::{self, Accepted};
use super::model::{AnswerError, AnswerSheet, AnswerStanding, Asked, AskingLink};
use super::texts::InvitationTexts;
use crate::access::{AccessError, AnswerInvitations, Anyone, Barred, Onlooker, Visitor, later};
use crate::companies::{CompanyProfile, Regions, Shortcoming};
use crate::platform::Parts;
use crate::platform::error::{Code, Failure, Refusal, codes};
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{
    Field, Frame, KeptLink, Posted, country_name, fill, read_reason, reason_field, see_other,
};

/// The link of an invitation: kept while its reader signs in, or enrols and waits for the approval.
pub const INVITATION_LINK: KeptLink = KeptLink { cookie: "invitation", page: "/invitation", days: Some(90) };

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config
        .route("/invitations/{token}", get().to(keep_link))
        .route("/invitation", get().to(show_asked))
        .route("/invitation", post().to(open))
        .route("/invitation/answer", get().to(show_answer))
        .route("/invitation/accept", post().to(accept))
        .route("/invitation/decline", post().to(decline))
        .route("/invitation/later", later(INVITATION_LINK));
}

async fn keep_link(_anyone: Anyone, parts: Data<Parts>, token: Path<String>) -> Result<HttpResponse, Error> {
    INVITATION_LINK.keep(&parts.base, &token)
}

/// Who asks, as every page behind the link shows it.
struct Asking {
    name: String,
    country: String,
    contact: String,
    description: String,
    sent_to: Option<String>,
    until: Option<String>,
}

impl Asking {
    fn new(visitor: &Visitor, asked: &Asked, provider: &CompanyProfile) -> Self {
        let invitation = asked.invitation();
        Self {
            name: provider.name.clone(),
            country: country_name(&provider.country, visitor.visit().language()).to_owned(),
            contact: provider.contact_email.clone(),
            description: provider.description.clone(),
            sent_to: invitation.map(|invitation| invitation.email.masked()),
            until: invitation.map(|invitation| invitation.expires_at.readable()),
        }
    }

    fn named(&self, text: &str) -> String {
        fill(text, &[("provider", &self.name), ("contact", &self.contact)])
    }
}

/// What somebody who looks at an invitation can do next.
enum Next {
    SignIn,
    Look(String),
    /// Somebody else has to answer; why.
    Elsewhere(String),
}

#[derive(Template)]
#[template(path = "partnerships/templates/invitation_page.html")]
struct InvitationPage {
    frame: Frame,
    text: &'static InvitationTexts,
    asking: Asking,
    next: Next,
}

#[derive(Template)]
#[template(path = "partnerships/templates/answer_page.html")]
struct AnswerPage {
    frame: Frame,
    text: &'static InvitationTexts,
    asking: Asking,
    company: String,
    /// What was refused, above everything.
    wrong: Option<String>,
    version: String,
    lacking: Vec<String>,
    /// Whether the company itself can do something about all of it.
    can_be_done: bool,
    agreement_missing: bool,
    reason: Field,
}

impl AnswerPage {
    fn for_company(&self, text: &str) -> String {
        fill(text, &[("company", &self.company)])
    }
}

/// A page that says how it ended.
#[derive(Template)]
#[template(path = "partnerships/templates/answered_page.html")]
struct AnsweredPage {
    frame: Frame,
    text: &'static InvitationTexts,
    title: String,
    sentence: String,
    good: bool,
    agreement_missing: bool,
}

fn text_of(visitor: &Visitor) -> &'static InvitationTexts {
    InvitationTexts::of(visitor.visit().language())
}

fn dead(visitor: &Visitor, parts: &Parts, frame: Frame) -> Result<HttpResponse, Error> {
    let text = text_of(visitor);
    let page = AnsweredPage {
        frame,
        text,
        title: text.dead_title.to_owned(),
        sentence: text.dead_text.to_owned(),
        good: false,
        agreement_missing: false,
    };
    let mut response = visitor.visit().page_with(StatusCode::NOT_FOUND, &page)?;
    // No later sign-in leads here again.
    INVITATION_LINK.forget(&parts.base, &mut response)?;
    Ok(response)
}

/// The link that the browser keeps; one that proves nothing, if it keeps none.
fn kept(visitor: &Visitor, parts: &Parts) -> AskingLink {
    AskingLink::parse(&INVITATION_LINK.of(visitor.request(), &parts.base).unwrap_or_default())
}

/// Shows who asks, to whomever holds the link, and how to go on.
async fn show_asked(parts: Data<Parts>, regions: Data<Regions>, visitor: Visitor) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let link = kept(&visitor, &parts);
    let Onlooker { frame, company } = visitor.onlooker(&parts).await?;
    let text = text_of(&visitor);
    let next = match &company {
        None => Next::SignIn,
        Some(company) => match sheet(&visitor, &parts, &regions, &link).await {
            // Answered already: there is a page that says so.
            Ok(sheet) if sheet.standing != AnswerStanding::Open => return Ok(see_other("/invitation/answer")),
            Ok(sheet) => Next::Look(fill(text.signed_in_lead, &[("company", &sheet.company)])),
            Err(Barred::NotAllowed(error)) => {
                let lacks_role = matches!(error, AccessError::RoleMissing { .. });
                let why = if lacks_role { text.role_missing } else { text.not_a_reseller };
                Next::Elsewhere(fill(why, &[("company", company)]))
            }
            Err(Barred::NobodySignedIn) => Next::SignIn,
            Err(Barred::Refused(_)) => return dead(&visitor, &parts, frame),
            Err(barred) => return Err(barred.into()),
        },
    };
    let keys = parts.keys.clone();
    let (asked, provider) = match parts.db.read(move |read| actions::asked(read, &keys, &link, now)).await {
        Ok(found) => found,
        Err(Failure::Refused(_)) => return dead(&visitor, &parts, frame),
        Err(failure) => return Err(failure.into()),
    };
    visitor.visit().page(&InvitationPage { frame, text, asking: Asking::new(&visitor, &asked, &provider), next })
}

async fn sheet(
    visitor: &Visitor,
    parts: &Data<Parts>,
    regions: &Data<Regions>,
    link: &AskingLink,
) -> Result<AnswerSheet, Barred<AnswerError>> {
    let (now, keys, regions, link) = (parts.clock.now(), parts.keys.clone(), regions.clone(), link.clone());
    visitor
        .read::<AnswerInvitations, _, _, _>(parts, move |read, me| {
            actions::sheet(read, me, &keys, &link, &regions, now)
        })
        .await
}

/// The first POST of somebody signed in: the invitation is opened.
async fn open(
    parts: Data<Parts>,
    regions: Data<Regions>,
    visitor: Visitor,
    _form: Posted<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let opened = visitor
        .write::<AnswerInvitations, _, _, _>(&parts, move |tx, me| {
            actions::open(tx, me, &keys, &link, &regions, now).map(|_| ())
        })
        .await;
    match opened {
        Ok(()) => Ok(see_other("/invitation/answer")),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        // The page before says why.
        Err(Barred::NotAllowed(_) | Barred::Refused(_)) => Ok(see_other("/invitation")),
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
    let link = kept(visitor, parts);
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let sheet = match sheet(visitor, parts, regions, &link).await {
        Ok(sheet) => sheet,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => return Ok(see_other("/invitation")),
        Err(Barred::Refused(_)) => return dead(visitor, parts, frame),
        Err(barred) => return Err(barred.into()),
    };
    let (text, company) = (text_of(visitor), sheet.company.clone());
    let asking = Asking::new(visitor, &sheet.asked, &sheet.provider);
    let agreement_missing = sheet.lacking.contains(&Shortcoming::AgreementMissing);
    match sheet.standing {
        AnswerStanding::Open => {}
        AnswerStanding::Partners(since) => {
            let since = since.readable();
            let values = [("company", company.as_str()), ("provider", asking.name.as_str()), ("since", since.as_str())];
            let (title, sentence) = (asking.named(text.partners_title), fill(text.partners_text, &values));
            let page = AnsweredPage { frame, text, title, sentence, good: true, agreement_missing };
            return visitor.visit().page(&page);
        }
        AnswerStanding::Declined => {
            let (title, sentence) = (text.declined_title.to_owned(), asking.named(text.declined_text));
            let page = AnsweredPage { frame, text, title, sentence, good: false, agreement_missing: false };
            return visitor.visit().page(&page);
        }
    }
    let lacking = |one: &Shortcoming| match one {
        Shortcoming::MpnIdUnknown => Some(text.lacking_mpn_unknown),
        Shortcoming::MpnIdGlobal => Some(text.lacking_mpn_global),
        Shortcoming::MpnIdNeverOnboarded => Some(text.lacking_mpn_location),
        Shortcoming::NotEnrolled => Some(text.lacking_enrolment),
        Shortcoming::RegionDiffers => Some(text.lacking_region),
        Shortcoming::AgreementMissing => None,
    };
    let mut reason = reason_field(text.decline_reason, text.decline_hint, &[("provider", &asking.name)]);
    let mut status = StatusCode::OK;
    let mut sentence = None;
    if let Some(wrong) = wrong {
        status = status_of(wrong.code.kind);
        sentence = (wrong.code.name == "invitationChanged").then(|| asking.named(text.changed));
        reason = reason.with(&wrong.typed);
        reason.error = wrong.reason;
    }
    let page = AnswerPage {
        frame,
        text,
        wrong: sentence,
        version: sheet.version,
        lacking: sheet.lacking.iter().filter_map(lacking).map(|text| asking.named(text)).collect(),
        can_be_done: sheet.lacking.iter().filter(|one| one.prevents_accepting()).all(|one| one.remedy().is_some()),
        agreement_missing,
        reason,
        company,
        asking,
    };
    visitor.visit().page_with(status, &page)
}

async fn show_answer(parts: Data<Parts>, regions: Data<Regions>, visitor: Visitor) -> Result<HttpResponse, Error> {
    answer_page(&parts, &regions, &visitor, None).await
}

/// Where an answer leads: to the page that says how it ended, or back to the one that asks.
async fn answered(
    parts: &Data<Parts>,
    regions: &Data<Regions>,
    visitor: &Visitor,
    outcome: Result<(), Barred<AnswerError>>,
    typed: String,
) -> Result<HttpResponse, Error> {
    match outcome {
        Ok(()) => Ok(see_other("/invitation/answer")),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        Err(Barred::NotAllowed(_)) => Ok(see_other("/invitation")),
        Err(Barred::Refused(refusal)) => {
            let wrong = Wrong { code: refusal.code(), reason: None, typed };
            answer_page(parts, regions, visitor, Some(wrong)).await
        }
        Err(barred) => Err(barred.into()),
    }
}

async fn accept(
    parts: Data<Parts>,
    regions: Data<Regions>,
    visitor: Visitor,
    form: Posted<AnswerForm>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), kept(&visitor, &parts));
    let (version, known) = (form.0.version, regions.clone());
    let outcome = visitor
        .write::<AnswerInvitations, _, _, _>(&parts, move |tx, me| {
            let accepted = actions::accept(tx, me, &keys, &link, Some(&version), &known, now)?;
            let (Accepted::New(_) | Accepted::Already(_)) = accepted;
            Ok::<_, Failure<AnswerError>>(())
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
        .write::<AnswerInvitations, _, _, _>(&parts, move |tx, me| {
            actions::decline(tx, me, &keys, &link, reason.as_deref(), Some(&version), now)
        })
        .await;
    answered(&parts, &regions, &visitor, outcome, typed).await
}
