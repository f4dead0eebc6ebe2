//! A draft's last page: look at everything, then submit or cancel.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use super::in_words::{cycle_in_words, lacking_in_words, refused_in_words, term_in_words};
use super::{barred, message, text_of};
use crate::access::{Barred, CreateCustomers, Onlooker, Passwords, ReadCustomerDrafts, Scope, Visitor};
use crate::delegation::{ADMIN_NAME, CreatedCustomer, HandedOverPage, SetupInfoCard, freshly_made};
use crate::platform::Parts;
use crate::platform::clock::days;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Refusal;
use crate::platform::http::{Error, IfMatch, status_of};
use crate::platform::portal::{Frame, Posted, country_name, fill, see_other};
use crate::subscriptions::actions::draft_lines::NamedInLines;
use crate::subscriptions::actions::drafts::{self as actions, DraftState, Submitted};
use crate::subscriptions::api::DecidedDrafts;
use crate::subscriptions::model::draft_lines::DraftLine;
use crate::subscriptions::model::drafts::{CustomerDraftId, DraftError};
use crate::subscriptions::texts::{CustomerTexts, DraftLineTexts};

#[derive(Template)]
#[template(path = "subscriptions/templates/draft_page.html")]
struct DraftPage {
    frame: Frame,
    text: &'static CustomerTexts,
    step: u8,
    id: CustomerDraftId,
    version: i32,
    wrong: Option<String>,
    lacking: Vec<String>,
    company: String,
    registration: Option<String>,
    domain: String,
    address: Vec<String>,
    contact: Vec<String>,
    reseller: String,
    setup: String,
    lines_text: &'static DraftLineTexts,
    lines: Vec<LineView>,
}

/// What is ordered, as the review shows it.
struct LineView {
    title: String,
    offer: String,
    quantity: i32,
    term: &'static str,
    cycle: &'static str,
    parent: Option<String>,
    of_record: String,
}

fn line_views(text: &'static DraftLineTexts, lines: &[DraftLine], named: &NamedInLines) -> Vec<LineView> {
    let name = |line: &DraftLine| {
        named.offers.get(&line.offer_id).map_or_else(|| line.offer_id.clone(), |offer| offer.name.clone())
    };
    let number = |place: usize| fill(text.number, &[("number", &(place + 1).to_string())]);
    let view = |(place, line): (usize, &DraftLine)| {
        let offer = named.offers.get(&line.offer_id);
        let wanted = line.wanted();
        let judged = wanted.judge(None, &named.offers, None).ok();
        let term = line.term.or(judged.map(|judged| judged.term));
        let cycle = line.billing_cycle.or(judged.map(|judged| judged.billing_cycle));
        let of_record = match line.reseller_of_record.map(|id| named.resellers.get(&id)) {
            None => text.of_record_nobody.to_owned(),
            // Above everything it is said what is wrong with it.
            Some(None) => String::new(),
            Some(Some(profile)) => {
                let earns = offer.is_none_or(|offer| offer.earns_incentives);
                let mpn = profile.mpn_id.clone().unwrap_or_default();
                let sentence = if earns { text.of_record } else { text.of_record_unpaid };
                fill(sentence, &[("name", &profile.name), ("mpn", &mpn)])
            }
        };
        let called = line.friendly_name.as_deref().map(str::trim).filter(|called| !called.is_empty());
        LineView {
            title: format!("{}: {}", number(place), called.unwrap_or(&name(line))),
            offer: name(line),
            quantity: line.quantity,
            term: term.map(|term| term_in_words(text, term)).unwrap_or_default(),
            cycle: cycle.map(|cycle| cycle_in_words(text, cycle)).unwrap_or_default(),
            parent: line.parent_line.and_then(|base| Some(format!("{}: {}", number(base), name(lines.get(base)?)))),
            of_record,
        }
    };
    lines.iter().enumerate().map(view).collect()
}

/// The texts that are there, one a line.
fn lines(texts: &[Option<&str>]) -> Vec<String> {
    texts.iter().flatten().filter(|text| !text.trim().is_empty()).map(|text| (*text).to_owned()).collect()
}

/// What there is to say when a draft is not there to be worked on.
pub(super) async fn stopped(
    parts: &Parts,
    decided: &DecidedDrafts,
    visitor: &Visitor,
    id: CustomerDraftId,
    stopped: Barred<DraftError>,
) -> Result<HttpResponse, Error> {
    let text = text_of(visitor);
    match stopped {
        Barred::Refused(DraftError::Unknown(_)) => {
            let back = Some(("/customers".to_owned(), text.to_list));
            let told = (text.draft_gone_title, text.draft_gone.to_owned());
            message(visitor, parts, StatusCode::NOT_FOUND, told, back).await
        }
        Barred::Refused(DraftError::Submitted(customer)) => Ok(see_other(&format!("/customers/{customer}"))),
        Barred::Refused(refusal) => {
            let told = (status_of(refusal.code().kind), refused_in_words(text, &refusal));
            Box::pin(page(parts, decided, visitor, id, Some(told))).await
        }
        other => barred(visitor, parts, other).await,
    }
}

async fn page(
    parts: &Parts,
    decided: &DecidedDrafts,
    visitor: &Visitor,
    id: CustomerDraftId,
    wrong: Option<(StatusCode, String)>,
) -> Result<HttpResponse, Error> {
    let (now, known) = (parts.clock.now(), decided.clone());
    let find = move |read: &mut Read<'_>, me: &Scope| actions::draft(read, me, id, known.terms(), now);
    let state = match visitor.read::<ReadCustomerDrafts, _, _, _>(parts, find).await {
        Ok(state) => state,
        Err(barred) => return Box::pin(stopped(parts, decided, visitor, id, barred)).await,
    };
    let DraftState { draft, reseller, named, missing } = state;
    if let Some(customer) = draft.customer {
        return Ok(see_other(&format!("/customers/{customer}")));
    }
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let text = text_of(visitor);
    let lines_text = DraftLineTexts::of(visitor.visit().language());
    let billing = draft.contents.billing();
    let address = &billing.default_address;
    let place = lines(&[address.postal_code.as_deref(), address.city.as_deref()]).join(" ");
    let country = country_name(&address.country, visitor.visit().language());
    let person = lines(&[billing.first_name.as_deref(), billing.last_name.as_deref()]).join(" ");
    let (status, wrong) = wrong.map_or((StatusCode::OK, None), |(status, sentence)| (status, Some(sentence)));
    let shown = DraftPage {
        text,
        step: 3,
        id,
        version: draft.version,
        wrong,
        lacking: missing.iter().map(|one| lacking_in_words((text, lines_text), &named, one)).collect(),
        company: draft.contents.customer.company_name.clone(),
        registration: draft.contents.customer.organization_registration_number.clone(),
        domain: draft.contents.customer.domain.clone(),
        address: lines(&[
            Some(&address.address_line1),
            address.address_line2.as_deref(),
            Some(&place),
            address.state.as_deref(),
            Some(country),
        ]),
        contact: lines(&[Some(&person), Some(&billing.email), address.phone_number.as_deref()]),
        reseller: match &reseller {
            Some(profile) => {
                let mpn = profile.mpn_id.clone().unwrap_or_default();
                fill(text.review_reseller, &[("name", &profile.name), ("mpn", &mpn)])
            }
            None if draft.reseller.is_some() => text.reseller_gone.to_owned(),
            None => text.review_direct.to_owned(),
        },
        setup: match &draft.contents.setup_info_to {
            Some(to) => fill(text.review_mailed, &[("name", &to.name), ("email", &to.email)]),
            None => text.review_shown.to_owned(),
        },
        lines_text,
        lines: line_views(lines_text, &draft.contents.lines, &named),
        frame,
    };
    visitor.visit().page_with(status, &shown)
}

pub(super) async fn review(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
) -> Result<HttpResponse, Error> {
    page(&parts, &decided, &visitor, *id, None).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct VersionForm {
    version: String,
}

/// Submits the draft and shows the setup info, this one time.
pub(super) async fn submit(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    passwords: Data<Passwords>,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
    form: Posted<VersionForm>,
) -> Result<HttpResponse, Error> {
    let (now, id) = (parts.clock.now(), *id);
    let known = decided.clone();
    let look = move |read: &mut Read<'_>, me: &Scope| {
        actions::draft(read, me, id, known.terms(), now)
            .map(|state| (state.wants_password(), state.reseller, state.draft.contents.lines.len()))
    };
    let (wants_password, reseller, ordered) = match visitor.read::<CreateCustomers, _, _, _>(&parts, look).await {
        Ok(seen) => seen,
        Err(barred) => return stopped(&parts, &decided, &visitor, id, barred).await,
    };
    let made = if wants_password { Some(freshly_made(&passwords).await?) } else { None };
    let password = made.as_ref().map(|(password, _)| password.clone());
    let (hash, seen) = (made.map(|(_, hash)| hash), IfMatch::shown(&form.0.version));
    let password_days = decided.terms().customers.access.temporary_password_days;
    let known = decided.clone();
    let work = move |tx: &mut Tx<'_>, me: &Scope| {
        actions::submit_draft(tx, me, id, &seen, hash.as_deref(), known.terms(), now)
    };
    let submitted = match visitor.write::<CreateCustomers, _, _, _>(&parts, work).await {
        Ok(submitted) => submitted,
        Err(barred) => return stopped(&parts, &decided, &visitor, id, barred).await,
    };
    let (text, language) = (text_of(&visitor), visitor.visit().language());
    let created = match submitted {
        Submitted::New(created) => *created,
        Submitted::Already(details, _) => {
            let sentence = fill(text.done_before, &[("company", &details.record.company_name)]);
            let link = Some((format!("/customers/{}", details.record.id), text.details));
            return message(&visitor, &parts, StatusCode::OK, (text.step_done, sentence), link).await;
        }
    };
    let CreatedCustomer { record, setup_info, .. } = created;
    let setup = match (&setup_info, password) {
        (Some(info), _) => SetupInfoCard::mailed(language, info),
        (None, Some(password)) => {
            let until = now.after(days(password_days));
            let user_name = format!("{ADMIN_NAME}@{}", record.domain);
            SetupInfoCard::shown(language, &parts, user_name, &password, until)
        }
        (None, None) => return Err(Error::internal()),
    };
    let Onlooker { mut frame, .. } = visitor.onlooker(&parts).await?;
    // The page cannot be shown again, in whichever language.
    frame.languages.clear();
    let lines_text = DraftLineTexts::of(language);
    let lead = [
        reseller.map(|profile| fill(text.done_reseller, &[("name", &profile.name)])),
        match ordered {
            0 => None,
            1 => Some(lines_text.ordered_one.to_owned()),
            many => Some(fill(lines_text.ordered, &[("count", &many.to_string())])),
        },
    ];
    let lead = lead.into_iter().flatten().collect::<Vec<_>>().join(" ");
    visitor.visit().page(&HandedOverPage {
        frame,
        title: fill(text.done_title, &[("company", &record.company_name)]),
        lead: Some(lead).filter(|lead| !lead.is_empty()),
        setup,
        links: vec![(format!("/customers/{}", record.id), text.details), ("/customers".to_owned(), text.to_list)],
    })
}

/// Cancels the entire operation: nothing is left.
pub(super) async fn cancel(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
    form: Posted<VersionForm>,
) -> Result<HttpResponse, Error> {
    let (now, id, seen) = (parts.clock.now(), *id, IfMatch::shown(&form.0.version));
    let work = move |tx: &mut Tx<'_>, me: &Scope| actions::cancel_draft(tx, me, id, &seen, now);
    match visitor.write::<CreateCustomers, _, _, _>(&parts, work).await {
        Ok(()) => Ok(see_other("/customers")),
        Err(barred) => stopped(&parts, &decided, &visitor, id, barred).await,
    }
}
