//! Adding a subscription for a customer there is: one line, ordered at once.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use super::{stopped, texts, title_of};
use crate::access::{Barred, Onlooker, PlaceOrders, Scope, Visitor};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, Refusal};
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{Control, Field, Frame, OptionGroup, PortalTexts, Posted, fill, read_line, see_other};
use crate::subscriptions::actions::pages::{OrderChoices, order_choices, order_once};
use crate::subscriptions::model::OrderId;
use crate::subscriptions::model::catalogue::{BillingCycle, Offer, Term};
use crate::subscriptions::model::draft_lines::property_of;
use crate::subscriptions::model::orders::{WantedLine, WantedReseller};
use crate::subscriptions::model::refusals::{LineError, OrderError, SaleError, SubscriptionError};
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::model::subscriptions::MAX_FRIENDLY_NAME;
use crate::subscriptions::portal::customers::in_words::{cycle_in_words, line_in_words, term_in_words};
use crate::subscriptions::portal::customers::{barred, text_of, with_mpn_id};
use crate::subscriptions::texts::{DraftLineTexts, SubscriptionTexts};

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// Made when the form was shown.
    form: String,
    offer: String,
    parent: String,
    quantity: String,
    term: String,
    cycle: String,
    reseller: String,
    name: String,
}

/// The fields of the form, each with what was typed and what is wrong with it.
struct Fields {
    offer: Field,
    /// Where there is something to add an add-on to.
    parent: Option<Field>,
    quantity: Field,
    term: Field,
    cycle: Field,
    reseller: Field,
    name: Field,
}

#[derive(Template)]
#[template(path = "subscriptions/templates/subscription_order_page.html")]
struct OrderPage {
    frame: Frame,
    text: &'static SubscriptionTexts,
    lines: &'static DraftLineTexts,
    title: String,
    list: String,
    lead: String,
    form: OrderId,
    fields: Fields,
    sells_nothing: bool,
    failed: bool,
    wrong: Option<String>,
}

fn plain(options: Vec<(String, String)>, nothing: &'static str) -> Control {
    Control::Grouped { nothing, groups: vec![OptionGroup { name: String::new(), options }] }
}

/// The offers by category.
fn offers(text: &DraftLineTexts, offers: &[Offer]) -> Control {
    let mut groups: Vec<OptionGroup> = Vec::new();
    for offer in offers {
        let (minimum, maximum) = (offer.minimum_quantity.to_string(), offer.maximum_quantity.to_string());
        let values = [("name", offer.name.as_str()), ("minimum", &minimum), ("maximum", &maximum)];
        let option = (offer.id.clone(), fill(text.option, &values));
        match groups.iter_mut().find(|group| group.name == offer.category) {
            Some(group) => group.options.push(option),
            None => groups.push(OptionGroup { name: offer.category.clone(), options: vec![option] }),
        }
    }
    Control::Grouped { nothing: text.choose, groups }
}

impl Fields {
    fn new(choices: &OrderChoices, typed: &Typed, visitor: &Visitor) -> Self {
        let (text, lines) = (texts(visitor), DraftLineTexts::of(visitor.visit().language()));
        let optional = |name: &'static str, label, hint: &str, control, typed: &str| Field {
            required: false,
            ..Field::new(name, label, hint, control).with(typed)
        };
        let terms = Term::ALL.iter().map(|term| (String::from(*term), term_in_words(lines, *term).to_owned()));
        let cycles = BillingCycle::ALL.iter().map(|one| (String::from(*one), cycle_in_words(lines, *one).to_owned()));
        let resellers = choices.resellers.iter().filter(|profile| profile.mpn_id.is_some());
        let resellers = resellers.map(|profile| (profile.id.to_string(), with_mpn_id(profile)));
        let bases = choices.bases.iter().map(|base| {
            let one = &base.subscription;
            let name = if one.friendly_name == base.offer.name {
                one.friendly_name.clone()
            } else {
                format!("{} ({})", one.friendly_name, base.offer.name)
            };
            (one.id.to_string(), name)
        });
        let bases: Vec<(String, String)> = bases.collect();
        let parent = (!bases.is_empty()).then(|| {
            let control = plain(bases, text.order_no_parent);
            optional("parent", lines.parent, text.order_parent_hint, control, &typed.parent)
        });
        let line = Control::Line { kind: "text", autocomplete: "off" };
        let resellers = plain(resellers.collect(), lines.no_reseller);
        Self {
            offer: Field::new("offer", lines.offer, "", offers(lines, &choices.offers)).with(&typed.offer),
            parent,
            quantity: Field::new("quantity", lines.quantity, "", Control::Count).with(&typed.quantity),
            term: optional("term", lines.term, "", plain(terms.collect(), lines.usual), &typed.term),
            cycle: optional("cycle", lines.cycle, "", plain(cycles.collect(), lines.usual), &typed.cycle),
            reseller: optional("reseller", lines.reseller, lines.reseller_hint, resellers, &typed.reseller),
            name: optional("name", lines.name, lines.name_hint, line, &typed.name),
        }
    }

    /// What was typed, or nothing if a field is wrong; then the field says so.
    fn read(&mut self, typed: &Typed, visitor: &Visitor) -> Option<WantedLine> {
        let (common, lines) = (visitor.visit().frame().texts, DraftLineTexts::of(visitor.visit().language()));
        let required = |typed: &str| match typed.trim() {
            "" => Err(common.field_empty.to_owned()),
            typed => Ok(typed.to_owned()),
        };
        let offer = self.offer.take(required(&typed.offer));
        let digits = required(&typed.quantity);
        let quantity = digits.and_then(|digits| digits.parse().map_err(|_| lines.quantity_wrong.to_owned()));
        let quantity = self.quantity.take(quantity);
        let name = match typed.name.trim() {
            "" => Ok(None),
            name => read_line::<MAX_FRIENDLY_NAME>(name, common).map(|name| Some(name.into())),
        };
        let name = self.name.take(name);
        let term = self.term.take(chosen(&typed.term, common));
        let cycle = self.cycle.take(chosen(&typed.cycle, common));
        let gone = |_| text_of(visitor).reseller_gone.to_owned();
        let reseller = self.reseller.take(chosen(&typed.reseller, common).map_err(gone));
        let parent = match &mut self.parent {
            Some(field) => field.take(chosen(&typed.parent, common)),
            None => Some(None),
        };
        Some(WantedLine {
            offer: offer?,
            quantity: quantity?,
            friendly_name: name?,
            term: term?,
            billing_cycle: cycle?,
            reseller: reseller?.map(WantedReseller::Partner),
            parent: parent?,
            parent_line: None,
        })
    }

    /// Says beside its field what is wrong with the line.
    fn lacks(&mut self, error: &LineError, offers: &[Offer], visitor: &Visitor) {
        let lines = DraftLineTexts::of(visitor.visit().language());
        let names: HashMap<&str, &str> = offers.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
        let name = |id: &str| names.get(id).map_or_else(|| id.to_owned(), |name| (*name).to_owned());
        let field = match (property_of(error), &mut self.parent) {
            ("quantity", _) => &mut self.quantity,
            ("term", _) => &mut self.term,
            ("billingCycle", _) => &mut self.cycle,
            ("friendlyName", _) => &mut self.name,
            ("resellerOfRecord", _) => &mut self.reseller,
            ("parentLine", Some(parent)) => parent,
            _ => &mut self.offer,
        };
        field.error = Some(line_in_words(lines, text_of(visitor), error, name));
    }
}

/// What was chosen, if anything was.
fn chosen<T: std::str::FromStr>(typed: &str, common: &PortalTexts) -> Result<Option<T>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| common.field_empty.to_owned()),
    }
}

async fn choices(parts: &Parts, visitor: &Visitor, customer: &str) -> Result<OrderChoices, Barred<SubscriptionError>> {
    let (now, reference) = (parts.clock.now(), CustomerReference::new(customer));
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, SubscriptionError> {
        order_choices(read, me, &reference, now)
    };
    visitor.read::<PlaceOrders, _, _, _>(parts, find).await
}

/// What is wrong with an order as a whole.
#[derive(Default)]
struct Wrong {
    status: StatusCode,
    sentence: Option<String>,
}

async fn page(
    parts: &Parts,
    visitor: &Visitor,
    choices: &OrderChoices,
    (form, fields): (OrderId, Fields),
    wrong: Wrong,
) -> Result<HttpResponse, Error> {
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let text = texts(visitor);
    let company = choices.whose.name.clone().unwrap_or_default();
    let page = OrderPage {
        frame,
        text,
        lines: DraftLineTexts::of(visitor.visit().language()),
        title: title_of(text, choices.whose.name.as_deref()),
        list: super::list::address(&choices.whose.customer.to_string()),
        lead: fill(text.order_lead, &[("company", &company)]),
        form,
        fields,
        sells_nothing: choices.offers.is_empty(),
        failed: wrong.status.is_client_error(),
        wrong: wrong.sentence,
    };
    visitor.visit().page_with(wrong.status, &page)
}

pub(super) async fn show(parts: Data<Parts>, visitor: Visitor, customer: Path<String>) -> Result<HttpResponse, Error> {
    let choices = match choices(&parts, &visitor, &customer).await {
        Ok(choices) => choices,
        Err(why) => return stopped(&visitor, &parts, &customer, why).await,
    };
    let fields = Fields::new(&choices, &Typed::default(), &visitor);
    page(&parts, &visitor, &choices, (OrderId::fresh(), fields), Wrong::default()).await
}

pub(super) async fn place(
    parts: Data<Parts>,
    settings: Data<SubscriptionSettings>,
    visitor: Visitor,
    customer: Path<String>,
    form: Posted<Typed>,
) -> Result<HttpResponse, Error> {
    let (now, typed, text) = (parts.clock.now(), form.0, texts(&visitor));
    let choices = match choices(&parts, &visitor, &customer).await {
        Ok(choices) => choices,
        Err(why) => return stopped(&visitor, &parts, &customer, why).await,
    };
    let mut fields = Fields::new(&choices, &typed, &visitor);
    // A form that does not say when it was shown is older than any order.
    let shown = typed.form.parse().unwrap_or_else(|_| OrderId::from_uuid(uuid::Uuid::nil()));
    let Some(line) = fields.read(&typed, &visitor) else {
        let wrong = Wrong { status: StatusCode::BAD_REQUEST, sentence: None };
        return page(&parts, &visitor, &choices, (shown, fields), wrong).await;
    };
    let reference = CustomerReference::new(&customer);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<(), OrderError> {
        order_once(tx, me, &reference, &line, shown, &settings, now).map(drop)
    };
    let refusal = match visitor.write::<PlaceOrders, _, _, _>(&parts, work).await {
        Ok(()) => {
            let list = super::list::address(&choices.whose.customer.to_string());
            return Ok(see_other(&format!("{list}?ordered=yes")));
        }
        Err(Barred::Refused(refusal)) => refusal,
        Err(other) => return barred(&visitor, &parts, other).await,
    };
    let status = status_of(refusal.code().kind);
    let (form, wrong) = match refusal {
        OrderError::Version(_) => {
            let sentence = Some(text.order_stale.to_owned());
            (OrderId::fresh(), Wrong { status: StatusCode::PRECONDITION_FAILED, sentence })
        }
        OrderError::Line { error, .. } => {
            fields.lacks(&error, &choices.offers, &visitor);
            (shown, Wrong { status, sentence: None })
        }
        OrderError::Sale(SaleError::OwnAgreementMissing) => {
            (shown, Wrong { status, sentence: Some(text_of(&visitor).own_unsigned.to_owned()) })
        }
        OrderError::Sale(SaleError::CustomerAgreementMissing(_)) => {
            (shown, Wrong { status, sentence: Some(text.agreement_first.to_owned()) })
        }
        other => (shown, Wrong { status, sentence: Some(other.to_string()) }),
    };
    page(&parts, &visitor, &choices, (form, fields), wrong).await
}
