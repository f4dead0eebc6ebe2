//! What the forms of a subscription's page do: each one thing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use super::details::{DetailsQuery, page};
use super::{stopped, texts};
use crate::access::{Barred, ChangeSubscriptions, DesignateSupportContacts, PartnerId, Scope, Visitor};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::db::Tx;
use crate::platform::error::{Failure, Outcome, Refusal};
use crate::platform::http::{Error, IfMatch, status_of};
use crate::platform::portal::{Posted, fill, read_line, see_other};
use crate::subscriptions::actions::pages::designate_seen;
use crate::subscriptions::actions::{SubscriptionPatch, change_subscription};
use crate::subscriptions::model::orders::WantedReseller;
use crate::subscriptions::model::refusals::{ResellerOfRecordError, SaleError, SubscriptionError};
use crate::subscriptions::model::subscriptions::{MAX_FRIENDLY_NAME, SubscriptionChange, SubscriptionState};
use crate::subscriptions::model::support_contacts::SupportContactError;
use crate::subscriptions::portal::customers::{barred, text_of};
use crate::subscriptions::texts::{CustomerTexts, DraftLineTexts, SubscriptionTexts};

/// What can be done with a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Act {
    Licences,
    Name,
    Renewal,
    Status,
    Reseller,
    SupportContact,
}

impl Act {
    /// The last part of the address that its form is sent to.
    pub(super) fn word(self) -> &'static str {
        match self {
            Act::Licences => "licences",
            Act::Name => "name",
            Act::Renewal => "renewal",
            Act::Status => "status",
            Act::Reseller => "reseller",
            Act::SupportContact => "support-contact",
        }
    }

    /// Says that it was done.
    pub(super) fn done(self, text: &SubscriptionTexts) -> &'static str {
        match self {
            Act::Licences => text.done_licences,
            Act::Name => text.done_name,
            Act::Renewal => text.done_renewal,
            Act::Status => text.done_status,
            Act::Reseller => text.done_reseller,
            Act::SupportContact => text.done_contact,
        }
    }
}

/// A form as it was sent; each has some of these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// What the page showed.
    version: String,
    pub(super) quantity: String,
    pub(super) name: String,
    renew: String,
    to: String,
    confirm: String,
    pub(super) reseller: String,
    pub(super) contact: String,
}

/// What was wrong with a form, for the page that asks again.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) act: Act,
    pub(super) typed: Typed,
    pub(super) status: StatusCode,
    pub(super) sentence: Option<String>,
    /// The page was too old: that is about all of it.
    pub(super) stale: bool,
}

/// The words that sentences are made of.
struct Words {
    text: &'static SubscriptionTexts,
    customers: &'static CustomerTexts,
    lines: &'static DraftLineTexts,
}

/// What a form asks for.
enum Asked {
    Change(Box<SubscriptionPatch>),
    /// Nobody else: the provider itself.
    Contact(Option<PartnerId>),
}

impl Typed {
    fn read(&self, act: Act, words: &Words, visitor: &Visitor) -> Result<Asked, String> {
        let common = visitor.visit().frame().texts;
        let mut change = SubscriptionChange::default();
        let mut reseller = None;
        match act {
            Act::Licences => match self.quantity.trim() {
                "" => return Err(common.field_empty.to_owned()),
                typed => {
                    change.quantity = Some(typed.parse().map_err(|_| words.lines.quantity_wrong.to_owned())?);
                }
            },
            Act::Name => {
                change.friendly_name = Some(read_line::<MAX_FRIENDLY_NAME>(&self.name, common)?.into());
            }
            Act::Renewal => change.auto_renew = Some(self.renew == "on"),
            Act::Status if self.confirm.is_empty() => return Err(words.text.confirm_missing.to_owned()),
            Act::Status => {
                let resumes = self.to == SubscriptionState::Active.as_str();
                let state = if resumes { SubscriptionState::Active } else { SubscriptionState::Suspended };
                change.state = Some(state);
            }
            Act::Reseller => {
                let chosen = Some(self.reseller.trim()).filter(|id| !id.is_empty()).map(str::parse).transpose();
                let chosen = chosen.map_err(|_| words.customers.reseller_gone.to_owned())?;
                reseller = Some(chosen.map(WantedReseller::Partner));
            }
            Act::SupportContact => {
                let chosen = Some(self.contact.trim()).filter(|id| !id.is_empty()).map(str::parse).transpose();
                return chosen.map(Asked::Contact).map_err(|_| words.customers.reseller_gone.to_owned());
            }
        }
        let looked_at = IfMatch::shown(&self.version);
        Ok(Asked::Change(Box::new(SubscriptionPatch { change, reseller, looked_at, ..SubscriptionPatch::default() })))
    }
}

/// Does what one of the forms asks for, and nothing else.
pub(super) async fn change(
    parts: Data<Parts>,
    visitor: Visitor,
    path: Path<(String, String, Act)>,
    form: Posted<Typed>,
) -> Result<HttpResponse, Error> {
    let (customer, id, act) = path.into_inner();
    let (now, typed, language) = (parts.clock.now(), form.0, visitor.visit().language());
    let words = Words { text: texts(&visitor), customers: text_of(&visitor), lines: DraftLineTexts::of(language) };
    let query = DetailsQuery::default();
    let asked = match typed.read(act, &words, &visitor) {
        Ok(asked) => asked,
        Err(sentence) => {
            let (status, sentence) = (StatusCode::BAD_REQUEST, Some(sentence));
            let wrong = Wrong { act, typed, status, sentence, stale: false };
            return page(&parts, &visitor, (&customer, &id), &query, Some(wrong)).await;
        }
    };
    let (reference, wanted, seen) = (CustomerReference::new(&customer), id.clone(), typed.version.clone());
    let outcome = match asked {
        Asked::Change(patch) => {
            let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<(), SupportContactError> {
                change_subscription(tx, me, &reference, &wanted, &patch, now).map(drop).map_err(Failure::widen)
            };
            visitor.write::<ChangeSubscriptions, _, _, _>(&parts, work).await
        }
        Asked::Contact(partner) => {
            let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<(), SupportContactError> {
                let partner = partner.unwrap_or_else(|| me.partner());
                designate_seen(tx, me, (&reference, &wanted), partner, &seen, now).map(drop)
            };
            visitor.write::<DesignateSupportContacts, _, _, _>(&parts, work).await
        }
    };
    let refusal = match outcome {
        Ok(()) => {
            let address = super::list::address(&customer);
            return Ok(see_other(&format!("{address}/{id}?done={}", act.word())));
        }
        Err(Barred::Refused(refusal)) => refusal,
        Err(other) => return barred(&visitor, &parts, other).await,
    };
    let stale = matches!(&refusal, SupportContactError::Subscription(SubscriptionError::Version(_)));
    let status = if stale { StatusCode::PRECONDITION_FAILED } else { status_of(refusal.code().kind) };
    let sentence = match refusal {
        SupportContactError::Subscription(
            gone @ (SubscriptionError::Relationship(_) | SubscriptionError::Unknown(_)),
        ) => return stopped(&visitor, &parts, &customer, Barred::Refused(gone)).await,
        SupportContactError::Subscription(error) => words.refused(&error),
        SupportContactError::NotAReseller(_) => words.customers.reseller_gone.to_owned(),
        other @ SupportContactError::MpnIdOfAnother { .. } => other.to_string(),
    };
    let wrong = Wrong { act, typed, status, sentence: Some(sentence), stale };
    page(&parts, &visitor, (&customer, &id), &query, Some(wrong)).await
}

impl Words {
    /// A refusal in the person's language.
    fn refused(&self, error: &SubscriptionError) -> String {
        use SubscriptionError as E;
        let Words { text, customers, lines } = self;
        match error {
            E::Version(_) => text.stale.to_owned(),
            E::Quantity { minimum, maximum, offer, .. } => {
                let (minimum, maximum) = (minimum.to_string(), maximum.to_string());
                fill(lines.quantity_limits, &[("offer", offer), ("minimum", &minimum), ("maximum", &maximum)])
            }
            E::ReturnWindow { fewer, possible } => {
                let (fewer, possible) = (fewer.to_string(), possible.to_string());
                fill(text.too_many_back, &[("fewer", &fewer), ("possible", &possible)])
            }
            E::Deleted(_)
            | E::SuspendedQuantity
            | E::NotUpdatable { .. }
            | E::StatusChange { .. }
            | E::PartnerNotUpdatable(_) => text.not_now.to_owned(),
            E::ParentInactive(_) => text.parent_first.to_owned(),
            E::ResellerOfRecord(ResellerOfRecordError::AgreementMissing(_)) => customers.reseller_unsigned.to_owned(),
            E::ResellerOfRecord(ResellerOfRecordError::ProgramInactive(_)) => lines.reseller_unapproved.to_owned(),
            E::ResellerOfRecord(_) => customers.reseller_gone.to_owned(),
            E::Sale(SaleError::OwnAgreementMissing) => customers.own_unsigned.to_owned(),
            E::Sale(SaleError::SellerGone(_)) => text.seller_gone.to_owned(),
            E::Sale(SaleError::CustomerAgreementMissing(_)) => text.agreement_first.to_owned(),
            other => other.to_string(),
        }
    }
}
