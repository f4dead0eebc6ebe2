//! One subscription: what it is, what can be done with it, and who was its reseller of record.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::changes::{Act, Typed, Wrong};
use super::{credited, day, status_in_words, stopped, texts};
use crate::access::{Onlooker, PartnerId, ReadSubscriptions, Scope, Visitor};
use crate::companies::CompanyProfile;
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::http::Error;
use crate::platform::portal::{Control, Field, Frame, OptionGroup, fill};
use crate::subscriptions::actions::ShownSubscription;
use crate::subscriptions::actions::pages::{SubscriptionDetails, contact_mark, subscription_details};
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::{NextTerm, SubscriptionStatus};
use crate::subscriptions::portal::customers::in_words::{cycle_in_words, term_in_words};
use crate::subscriptions::portal::customers::with_mpn_id;
use crate::subscriptions::texts::{DraftLineTexts, SubscriptionTexts};

/// Periods of the history on a page.
const PERIODS: usize = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct DetailsQuery {
    /// What was done just now.
    pub(super) done: Option<Act>,
    /// The period of the history after which the page goes on.
    pub(super) after: i32,
}

/// Something that can be done: a form of its own.
struct Card {
    act: &'static str,
    title: &'static str,
    effect: String,
    version: String,
    /// What is sent besides what is typed.
    hidden: Option<(&'static str, &'static str)>,
    field: Option<Field>,
    /// What has to be ticked.
    confirm: Option<String>,
    button: &'static str,
    /// Whether somebody loses something by it.
    danger: bool,
    /// What is wrong, where no field says it.
    error: Option<String>,
}

struct Period {
    who: String,
    from: String,
    to: Option<String>,
    licences: i32,
    offer_earns: bool,
    active: bool,
}

#[derive(Template)]
#[template(path = "subscriptions/templates/subscription_page.html")]
struct DetailsPage {
    frame: Frame,
    text: &'static SubscriptionTexts,
    incentives: &'static crate::subscriptions::texts::IncentiveTexts,
    title: String,
    list: String,
    address: String,
    status: (&'static str, &'static str),
    facts: Vec<(&'static str, String)>,
    id: String,
    done: Option<&'static str>,
    wrong: Option<String>,
    failed: bool,
    /// Who answers, for the customer itself.
    answers: Option<String>,
    read_only: bool,
    cards: Vec<Card>,
    history: Vec<Period>,
    history_none: &'static str,
    history_next: Option<i32>,
}

/// Makes what a page shows of one subscription.
struct View<'a> {
    text: &'static SubscriptionTexts,
    lines: &'static DraftLineTexts,
    found: &'a SubscriptionDetails,
    now: Timestamp,
}

impl View<'_> {
    fn shown(&self) -> &ShownSubscription {
        &self.found.shown
    }

    fn company(&self, id: PartnerId) -> String {
        self.found.partners.get(&id).map(|profile| profile.name.clone()).unwrap_or_default()
    }

    fn term(&self) -> &'static str {
        term_in_words(self.lines, self.shown().subscription.term)
    }

    fn next_term(&self, next: &NextTerm) -> String {
        let text = self.text;
        let offer = self.found.next_offer.as_ref().map(|offer| offer.name.clone());
        let quantity = next.quantity.map(|quantity| format!("{}: {quantity}", text.licences));
        let term = next.term.map(|term| term_in_words(self.lines, term).to_owned());
        let cycle = next.billing_cycle.map(|cycle| cycle_in_words(self.lines, cycle).to_owned());
        [offer, quantity, term, cycle].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let (text, shown) = (self.text, self.shown());
        let one = &shown.subscription;
        let until = day(one.ends_at);
        let mut facts = vec![
            (text.offer, shown.offer.name.clone()),
            (text.licences, one.quantity.to_string()),
            (text.term, fill(text.term_text, &[("term", self.term()), ("until", &until)])),
        ];
        let lives = matches!(shown.status, SubscriptionStatus::Active | SubscriptionStatus::Suspended);
        if lives {
            let renewal = match (one.auto_renew, shown.offer.is_auto_renewable) {
                (true, _) if shown.status == SubscriptionStatus::Suspended => text.renewal_suspended.to_owned(),
                (true, _) => text.renewal_on.to_owned(),
                (false, true) => text.renewal_off.to_owned(),
                (false, false) => fill(text.not_renewable, &[("until", &until)]),
            };
            facts.push((text.renewal, renewal));
        }
        facts.extend(one.next_term.as_ref().map(|next| (text.next_term, self.next_term(next))));
        facts.push((text.charged, cycle_in_words(self.lines, one.billing_cycle).to_owned()));
        let parent = self.found.parent.as_ref();
        facts.extend(parent.map(|parent| (text.added_to, parent.subscription.friendly_name.clone())));
        facts.push((text.sold_by, self.company(one.provider)));
        let of_record = shown.of_record().map(|of_record| credited(&self.found.partners, of_record));
        facts.push((text.of_record, of_record.unwrap_or_else(|| text.nobody.to_owned())));
        let contact = &self.found.contact;
        let since = day(contact.since);
        facts.push((text.contact, fill(text.since, &[("name", &contact.name), ("since", &since)])));
        facts
    }

    /// What the person may do now, each with its effect.
    fn cards(&self, wrong: Option<&Wrong>) -> Vec<Card> {
        let may = self.found.may;
        let status = self.shown().status;
        let lives = matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Suspended);
        let renews = self.shown().subscription.auto_renew || self.shown().offer.is_auto_renewable;
        let possible = [
            (may.change && status == SubscriptionStatus::Active, Act::Licences),
            (may.change, Act::Name),
            (may.associate, Act::Reseller),
            (may.designate, Act::SupportContact),
            (may.change && status == SubscriptionStatus::Active && renews, Act::Renewal),
            (may.change && lives, Act::Status),
        ];
        let cards = possible.into_iter().filter(|(can, _)| *can);
        cards.map(|(_, act)| self.card(act, wrong.filter(|wrong| wrong.act == act))).collect()
    }

    fn card(&self, act: Act, wrong: Option<&Wrong>) -> Card {
        let typed = wrong.map(|wrong| &wrong.typed);
        let mut card = match act {
            Act::Licences => self.licences(typed),
            Act::Name => self.name(typed),
            Act::Renewal => self.renewal(),
            Act::Status => self.status(),
            Act::Reseller => self.reseller(typed),
            Act::SupportContact => self.contact(typed),
        };
        let error = wrong.and_then(|wrong| wrong.sentence.clone()).filter(|_| wrong.is_some_and(|wrong| !wrong.stale));
        match &mut card.field {
            Some(field) => field.error = error,
            None => card.error = error,
        }
        card
    }

    fn plain(&self, act: Act, title: &'static str, effect: String, button: &'static str) -> Card {
        let version = self.shown().etag();
        let (act, danger) = (act.word(), false);
        Card { act, title, effect, version, hidden: None, field: None, confirm: None, button, danger, error: None }
    }

    fn licences(&self, typed: Option<&Typed>) -> Card {
        let (text, shown) = (self.text, self.shown());
        let offer = &shown.offer;
        let (minimum, maximum) = (offer.minimum_quantity.to_string(), offer.maximum_quantity.to_string());
        let mut hint = fill(text.quantity_limits, &[("minimum", &minimum), ("maximum", &maximum)]);
        if offer.is_new_commerce() {
            let back = shown.subscription.returnable_at(self.now);
            let count: i32 = back.iter().map(|some| some.quantity).sum();
            hint.push(' ');
            // The first to run out is what somebody has to know.
            hint.push_str(&match back.iter().map(|some| some.until()).min() {
                Some(until) => fill(text.quantity_back, &[("count", &count.to_string()), ("until", &until.readable())]),
                None => text.quantity_no_back.to_owned(),
            });
        }
        let now = shown.subscription.quantity.to_string();
        let field = Field::new("quantity", text.quantity, hint, Control::Count);
        let field = field.with(typed.map_or(&now, |typed| &typed.quantity));
        let card = self.plain(Act::Licences, text.licences, text.quantity_effect.to_owned(), text.quantity_save);
        Card { field: Some(field), ..card }
    }

    fn name(&self, typed: Option<&Typed>) -> Card {
        let text = self.text;
        let line = Control::Line { kind: "text", autocomplete: "off" };
        let now = &self.shown().subscription.friendly_name;
        let field = Field::new("name", text.name_label, "", line).with(typed.map_or(now, |typed| &typed.name));
        let card = self.plain(Act::Name, text.name, text.name_effect.to_owned(), text.name_save);
        Card { field: Some(field), ..card }
    }

    fn renewal(&self) -> Card {
        let (text, one) = (self.text, &self.shown().subscription);
        let until = day(one.ends_at);
        let values = [("until", until.as_str()), ("term", self.term())];
        let (effect, button, wanted) = match one.auto_renew {
            true => (text.lapse_effect, text.lapse, "off"),
            false => (text.renew_effect, text.renew, "on"),
        };
        let card = self.plain(Act::Renewal, text.renewal, fill(effect, &values), button);
        Card { hidden: Some(("renew", wanted)), ..card }
    }

    fn status(&self) -> Card {
        let (text, shown) = (self.text, self.shown());
        let named = [("name", shown.subscription.friendly_name.as_str())];
        let (title, effect, confirm, button, wanted) = match shown.status {
            SubscriptionStatus::Suspended => {
                (text.resume_title, text.resume_effect, text.resume_confirm, text.resume, "active")
            }
            _ => (text.suspend_title, text.suspend_effect, text.suspend_confirm, text.suspend, "suspended"),
        };
        let card = self.plain(Act::Status, title, effect.to_owned(), button);
        let danger = shown.status != SubscriptionStatus::Suspended;
        Card { danger, hidden: Some(("to", wanted)), confirm: Some(fill(confirm, &named)), ..card }
    }

    /// The active resellers, and who is chosen although it is none of them any more.
    fn choices(&self, chosen: Option<PartnerId>, with_mpn: bool) -> Vec<(String, String)> {
        let active = &self.found.resellers;
        let gone = chosen.filter(|id| active.iter().all(|profile| profile.id != *id));
        let gone = gone.and_then(|id| self.found.partners.get(&id));
        let fits = |profile: &&CompanyProfile| !with_mpn || profile.mpn_id.is_some();
        active.iter().filter(fits).chain(gone).map(|one| (one.id.to_string(), with_mpn_id(one))).collect()
    }

    fn reseller(&self, typed: Option<&Typed>) -> Card {
        let text = self.text;
        let chosen = self.shown().of_record().map(|of_record| of_record.reseller);
        let groups = vec![OptionGroup { name: String::new(), options: self.choices(chosen, true) }];
        let control = Control::Grouped { nothing: self.lines.no_reseller, groups };
        let now = chosen.map(|id| id.to_string()).unwrap_or_default();
        let field = Field::new("reseller", text.of_record, "", control);
        let field = Field { required: false, ..field.with(typed.map_or(&now, |typed| &typed.reseller)) };
        let effect = if self.shown().offer.earns_incentives { text.reseller_effect } else { text.reseller_unpaid };
        let card = self.plain(Act::Reseller, text.of_record, effect.to_owned(), text.reseller_save);
        Card { field: Some(field), ..card }
    }

    fn contact(&self, typed: Option<&Typed>) -> Card {
        let (text, contact) = (self.text, &self.found.contact);
        let chosen = Some(contact.partner).filter(|id| *id != self.shown().subscription.provider);
        let groups = vec![OptionGroup { name: String::new(), options: self.choices(chosen, false) }];
        // The empty value stands for the provider itself.
        let control = Control::Grouped { nothing: text.contact_own, groups };
        let now = chosen.map(|id| id.to_string()).unwrap_or_default();
        let field = Field::new("contact", text.contact, "", control);
        let field = Field { required: false, ..field.with(typed.map_or(&now, |typed| &typed.contact)) };
        let card = self.plain(Act::SupportContact, text.contact, text.contact_effect.to_owned(), text.contact_save);
        Card { field: Some(field), version: contact_mark(contact), ..card }
    }

    fn period(&self, period: &AssociationPeriod) -> Period {
        Period {
            who: credited(&self.found.partners, &period.of_record),
            from: period.since.readable(),
            to: period.until.map(Timestamp::readable),
            licences: period.quantity,
            offer_earns: period.earns,
            active: period.active,
        }
    }
}

pub(super) async fn show(
    parts: Data<Parts>,
    visitor: Visitor,
    path: Path<(String, String)>,
    query: Query<DetailsQuery>,
) -> Result<HttpResponse, Error> {
    let (customer, id) = path.into_inner();
    page(&parts, &visitor, (&customer, &id), &query, None).await
}

/// The page; after a form that was refused, with what was typed and what is wrong.
pub(super) async fn page(
    parts: &Parts,
    visitor: &Visitor,
    (customer, id): (&str, &str),
    query: &DetailsQuery,
    wrong: Option<Wrong>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (reference, wanted, after) = (CustomerReference::new(customer), id.to_owned(), query.after);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, SubscriptionError> {
        let limit = i64::try_from(PERIODS + 1).unwrap_or(i64::MAX);
        subscription_details(read, me, (&reference, &wanted), (after, limit), now)
    };
    let mut found = match visitor.read::<ReadSubscriptions, _, _, _>(parts, find).await {
        Ok(found) => found,
        Err(why) => return stopped(visitor, parts, customer, why).await,
    };
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let (text, language) = (texts(visitor), visitor.visit().language());
    let more = found.history.len() > PERIODS;
    found.history.truncate(PERIODS);
    let history_next = found.history.last().filter(|_| more).map(|period| period.number);
    let view = View { text, lines: DraftLineTexts::of(language), found: &found, now };
    let cards = view.cards(wrong.as_ref());
    // What has no form any more is said above all.
    let told = |wrong: &Wrong| wrong.stale || cards.iter().all(|card| card.act != wrong.act.word());
    let general = wrong.as_ref().filter(|wrong| told(wrong)).and_then(|wrong| wrong.sentence.clone());
    let list = super::list::address(&found.whose.customer.to_string());
    let own = found.whose.own;
    let seller_or_customer = own || found.may.associate || found.may.designate;
    let page = DetailsPage {
        frame,
        text,
        incentives: crate::subscriptions::texts::IncentiveTexts::of(language),
        title: found.shown.subscription.friendly_name.clone(),
        address: format!("{list}/{}", found.shown.subscription.id),
        list,
        status: status_in_words(text, found.shown.status),
        facts: view.facts(),
        id: found.shown.subscription.id.to_string(),
        done: query.done.filter(|_| wrong.is_none()).map(|act| act.done(text)),
        failed: wrong.is_some(),
        wrong: general,
        answers: own.then(|| fill(text.answers_you, &[("name", &found.contact.name)])),
        read_only: !own && cards.is_empty(),
        history: found.history.iter().map(|period| view.period(period)).collect(),
        history_none: if seller_or_customer { text.history_none } else { text.history_none_own },
        history_next,
        cards,
    };
    let status = wrong.map_or(StatusCode::OK, |wrong| wrong.status);
    visitor.visit().page_with(status, &page)
}
