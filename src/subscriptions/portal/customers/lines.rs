//! The form for the subscriptions of a draft. Lines are added and removed by buttons of the same form, so that nothing
//! typed is lost and no script is needed.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::draft::stopped;
use super::in_words::{cycle_in_words, line_in_words, refused_in_words, term_in_words};
use super::{text_of, with_mpn_id};
use crate::access::{Barred, CreateCustomers, Onlooker, PartnerId, Scope, Visitor};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, Refusal};
use crate::platform::http::{Error, IfMatch, status_of};
use crate::platform::portal::{Control, Field, Frame, OptionGroup, PortalTexts, Posted, fill, read_line, see_other};
use crate::subscriptions::actions::draft_lines::{LineChoices, change_lines, line_choices};
use crate::subscriptions::api::DecidedDrafts;
use crate::subscriptions::model::catalogue::{BillingCycle, Offer, Term};
use crate::subscriptions::model::draft_lines::{DraftLine, property_of};
use crate::subscriptions::model::drafts::{CustomerDraftId, DraftError, Lack, Missing};
use crate::subscriptions::model::orders::MAX_LINES;
use crate::subscriptions::model::refusals::LineError;
use crate::subscriptions::texts::{CustomerTexts, DraftLineTexts};

/// Lines that the form adds up to; drafts with more come from programs, and are shown.
const ADDED: usize = 20;

/// A line as it was typed.
#[derive(Clone, Debug, Default)]
struct TypedLine {
    offer: String,
    quantity: String,
    name: String,
    term: String,
    cycle: String,
    reseller: String,
    /// The place of another line.
    parent: String,
}

impl TypedLine {
    /// An empty line; the reseller of the customer is chosen in it, and can be cleared.
    fn empty(reseller: Option<PartnerId>) -> Self {
        Self { reseller: reseller.map(|id| id.to_string()).unwrap_or_default(), ..Self::default() }
    }

    fn of(line: &DraftLine) -> Self {
        Self {
            offer: line.offer_id.clone(),
            quantity: line.quantity.to_string(),
            name: line.friendly_name.clone().unwrap_or_default(),
            term: line.term.map(String::from).unwrap_or_default(),
            cycle: line.billing_cycle.map(String::from).unwrap_or_default(),
            reseller: line.reseller_of_record.map(|id| id.to_string()).unwrap_or_default(),
            parent: line.parent_line.map(|place| place.to_string()).unwrap_or_default(),
        }
    }

    fn is_blank(&self) -> bool {
        [&self.offer, &self.quantity, &self.name].iter().all(|typed| typed.trim().is_empty())
    }

    fn set(&mut self, field: &str, value: String) {
        match field {
            "offer" => self.offer = value,
            "quantity" => self.quantity = value,
            "name" => self.name = value,
            "term" => self.term = value,
            "cycle" => self.cycle = value,
            "reseller" => self.reseller = value,
            "parent" => self.parent = value,
            _ => {}
        }
    }
}

/// Which button was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Next,
    Add,
    Remove(usize),
}

/// The form as it was sent.
struct Typed {
    version: String,
    pressed: Pressed,
    lines: Vec<TypedLine>,
}

impl Typed {
    /// Fields are named by what they are and the place of their line.
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self { version: String::new(), pressed: Pressed::Next, lines: Vec::new() };
        for (name, value) in fields {
            match (name.as_str(), name.rsplit_once('-')) {
                ("version", _) => typed.version = value,
                ("press", _) => {
                    typed.pressed = match (value.as_str(), value.strip_prefix("remove-").map(str::parse)) {
                        ("add", _) => Pressed::Add,
                        (_, Some(Ok(place))) => Pressed::Remove(place),
                        _ => Pressed::Next,
                    }
                }
                (_, Some((field, place))) => {
                    let Some(place) = place.parse::<usize>().ok().filter(|place| *place < MAX_LINES) else { continue };
                    if typed.lines.len() <= place {
                        typed.lines.resize_with(place + 1, TypedLine::default);
                    }
                    typed.lines[place].set(field, value);
                }
                _ => {}
            }
        }
        typed
    }

    /// Leaves lines out; what was added to them is added to nothing then.
    fn keep(&mut self, stays: impl Fn(usize, &TypedLine) -> bool) {
        let mut places = HashMap::new();
        let mut kept: Vec<TypedLine> = Vec::new();
        for (place, line) in self.lines.iter().enumerate().filter(|(place, line)| stays(*place, line)) {
            places.insert(place.to_string(), kept.len().to_string());
            kept.push(line.clone());
        }
        for line in &mut kept {
            line.parent = places.get(&line.parent).cloned().unwrap_or_default();
        }
        self.lines = kept;
    }

    /// Chooses what each add-on is added to where only the lines beside it say so, and clears what is no add-on.
    fn join_add_ons(&mut self, offers: &HashMap<&str, &Offer>) {
        let chosen: Vec<Option<&Offer>> =
            self.lines.iter().map(|line| offers.get(line.offer.as_str()).copied()).collect();
        for (line, offer) in self.lines.iter_mut().zip(&chosen) {
            let Some(offer) = offer else { continue };
            if !offer.is_add_on {
                line.parent.clear();
            } else if line.parent.is_empty() {
                let fitting = chosen.iter().position(|base| base.is_some_and(|base| offer.adds_to(base)));
                line.parent = fitting.map(|place| place.to_string()).unwrap_or_default();
            }
        }
    }
}

/// A line as it is shown: each field with what was typed and what is wrong with it.
struct LineFields {
    place: usize,
    title: String,
    offer: Field,
    quantity: Field,
    name: Field,
    term: Field,
    cycle: Field,
    reseller: Field,
    /// Of an add-on.
    parent: Option<Field>,
    remove: String,
}

/// What all lines are made of.
struct Form<'a> {
    text: &'static DraftLineTexts,
    customers: &'static CustomerTexts,
    common: &'static PortalTexts,
    choices: &'a LineChoices,
    offers: HashMap<&'a str, &'a Offer>,
}

impl<'a> Form<'a> {
    fn new(visitor: &Visitor, choices: &'a LineChoices) -> Self {
        let language = visitor.visit().language();
        let known = choices.state.named.offers.values().chain(&choices.offers);
        Self {
            text: DraftLineTexts::of(language),
            customers: text_of(visitor),
            common: PortalTexts::of(language),
            choices,
            offers: known.map(|offer| (offer.id.as_str(), offer)).collect(),
        }
    }

    fn offer_name(&self, id: &str) -> String {
        self.offers.get(id).map_or_else(|| id.to_owned(), |offer| offer.name.clone())
    }

    fn fields(&self, place: usize, lines: &[TypedLine]) -> LineFields {
        let (text, typed) = (self.text, &lines[place]);
        let number = (place + 1).to_string();
        let field = |name: &str, label, hint: &str, control, typed: &str| {
            Field::new(format!("{name}-{place}"), label, hint, control).with(typed)
        };
        let optional = |name: &str, label, hint: &str, control, typed: &str| Field {
            required: false,
            ..field(name, label, hint, control, typed)
        };
        let plain =
            |nothing, options| Control::Grouped { nothing, groups: vec![OptionGroup { name: String::new(), options }] };
        let terms = Term::ALL.iter().map(|term| (String::from(*term), term_in_words(text, *term).to_owned()));
        let cycles = BillingCycle::ALL.iter().map(|one| (String::from(*one), cycle_in_words(text, *one).to_owned()));
        let resellers = self.choices.resellers.iter().map(|profile| (profile.id.to_string(), with_mpn_id(profile)));
        let is_add_on = self.offers.get(typed.offer.as_str()).is_some_and(|offer| offer.is_add_on);
        let bases = || {
            let others = lines.iter().enumerate().filter(|(other, line)| *other != place && !line.offer.is_empty());
            let option = |(other, line): (usize, &TypedLine)| {
                let number = (other + 1).to_string();
                let named = fill(text.number, &[("number", &number)]);
                (other.to_string(), format!("{named}: {}", self.offer_name(&line.offer)))
            };
            others.map(option).collect()
        };
        let line = Control::Line { kind: "text", autocomplete: "off" };
        LineFields {
            place,
            title: fill(text.number, &[("number", &number)]),
            offer: field("offer", text.offer, "", self.offer_control(&typed.offer), &typed.offer),
            quantity: field("quantity", text.quantity, "", Control::Count, &typed.quantity),
            name: optional("name", text.name, text.name_hint, line, &typed.name),
            term: optional("term", text.term, "", plain(text.usual, terms.collect()), &typed.term),
            cycle: optional("cycle", text.cycle, "", plain(text.usual, cycles.collect()), &typed.cycle),
            reseller: optional(
                "reseller",
                text.reseller,
                text.reseller_hint,
                plain(text.no_reseller, resellers.collect()),
                &typed.reseller,
            ),
            parent: is_add_on.then(|| {
                field("parent", text.parent, text.parent_hint, plain(self.common.choose, bases()), &typed.parent)
            }),
            remove: fill(text.remove, &[("number", &number)]),
        }
    }

    /// The offers by category. One that was chosen and is not sold any more stays to be seen.
    fn offer_control(&self, chosen: &str) -> Control {
        let mut groups: Vec<OptionGroup> = Vec::new();
        let listed = |id: &str| self.choices.offers.iter().any(|offer| offer.id == id);
        let gone = self.offers.get(chosen).filter(|offer| !listed(&offer.id)).copied();
        for offer in self.choices.offers.iter().chain(gone) {
            let limits = [
                ("name", offer.name.as_str()),
                ("minimum", &offer.minimum_quantity.to_string()),
                ("maximum", &offer.maximum_quantity.to_string()),
            ];
            let option = (offer.id.clone(), fill(self.text.option, &limits));
            match groups.iter_mut().find(|group| group.name == offer.category) {
                Some(group) => group.options.push(option),
                None => groups.push(OptionGroup { name: offer.category.clone(), options: vec![option] }),
            }
        }
        Control::Grouped { nothing: self.text.choose, groups }
    }

    /// The line that was typed, or nothing if a field is wrong; then the field says so.
    fn read(&self, typed: &TypedLine, fields: &mut LineFields) -> Option<DraftLine> {
        let common = self.common;
        let required = |typed: &str| match typed.trim() {
            "" => Err(common.field_empty.to_owned()),
            typed => Ok(typed.to_owned()),
        };
        let offer = fields.offer.take(required(&typed.offer));
        let digits = required(&typed.quantity);
        let quantity = digits.and_then(|digits| digits.parse().map_err(|_| self.text.quantity_wrong.to_owned()));
        let quantity = fields.quantity.take(quantity);
        let name = match typed.name.trim() {
            "" => Ok(None),
            name => read_line::<254>(name, common).map(|name| Some(name.into())),
        };
        let name = fields.name.take(name);
        let term = fields.term.take(chosen(&typed.term, common));
        let cycle = fields.cycle.take(chosen(&typed.cycle, common));
        let gone = |_| self.customers.reseller_gone.to_owned();
        let reseller = fields.reseller.take(chosen(&typed.reseller, common).map_err(gone));
        Some(DraftLine {
            offer_id: offer?,
            quantity: quantity?,
            friendly_name: name?,
            term: term?,
            billing_cycle: cycle?,
            reseller_of_record: reseller?,
            parent_line: typed.parent.parse().ok(),
        })
    }

    /// Says beside its field what is wrong with a line.
    fn lacks(&self, fields: &mut LineFields, error: &LineError) {
        let sentence = line_in_words(self.text, self.customers, error, |id| self.offer_name(id));
        let field = match (property_of(error), &mut fields.parent) {
            ("quantity", _) => &mut fields.quantity,
            ("term", _) => &mut fields.term,
            ("billingCycle", _) => &mut fields.cycle,
            ("friendlyName", _) => &mut fields.name,
            ("resellerOfRecord", _) => &mut fields.reseller,
            ("parentLine", Some(parent)) => parent,
            _ => &mut fields.offer,
        };
        field.error = Some(sentence);
    }
}

/// What was chosen, if anything was.
fn chosen<T: std::str::FromStr>(typed: &str, common: &PortalTexts) -> Result<Option<T>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| common.field_empty.to_owned()),
    }
}

#[derive(Template)]
#[template(path = "subscriptions/templates/lines_page.html")]
struct LinesPage {
    frame: Frame,
    text: &'static CustomerTexts,
    lines_text: &'static DraftLineTexts,
    step: u8,
    id: CustomerDraftId,
    version: String,
    lead: String,
    lines: Vec<LineFields>,
    sells_nothing: bool,
    may_add: bool,
    wrong: bool,
    /// What is wrong with no field in particular.
    general: Vec<String>,
}

/// What is wrong with a form, for the page that asks again.
#[derive(Default)]
struct Wrong {
    /// The version that the person looked at, unless somebody changed the draft since.
    version: Option<String>,
    status: StatusCode,
    general: Vec<String>,
    in_lines: Vec<(usize, LineError)>,
}

impl Wrong {
    /// What a draft lacks in its lines.
    fn of(status: StatusCode, missing: Vec<Missing>, text: &DraftLineTexts) -> Self {
        let mut wrong = Self { status, ..Self::default() };
        for one in missing {
            match one.lack {
                Lack::Line { place, error } => wrong.in_lines.push((place, error)),
                Lack::CustomerAgreement => wrong.general.push(text.agreement_first.to_owned()),
                _ => {}
            }
        }
        wrong
    }
}

async fn choices(
    parts: &Parts,
    decided: &DecidedDrafts,
    visitor: &Visitor,
    id: CustomerDraftId,
) -> Result<LineChoices, Barred<DraftError>> {
    let (now, known) = (parts.clock.now(), decided.clone());
    let find = move |read: &mut Read<'_>, me: &Scope| line_choices(read, me, id, known.terms(), now);
    visitor.read::<CreateCustomers, _, _, _>(parts, find).await
}

/// The form with `lines`; `fields` where they were read already.
async fn page(
    parts: &Parts,
    visitor: &Visitor,
    choices: &LineChoices,
    (lines, fields): (&[TypedLine], Option<Vec<LineFields>>),
    wrong: Wrong,
) -> Result<HttpResponse, Error> {
    let form = Form::new(visitor, choices);
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let mut fields = fields.unwrap_or_else(|| (0..lines.len()).map(|place| form.fields(place, lines)).collect());
    for (place, error) in &wrong.in_lines {
        if let Some(fields) = fields.get_mut(*place) {
            form.lacks(fields, error);
        }
    }
    let draft = &choices.state.draft;
    let page = LinesPage {
        frame,
        text: form.customers,
        lines_text: form.text,
        step: 2,
        id: draft.id,
        version: wrong.version.unwrap_or_else(|| draft.version.to_string()),
        lead: fill(form.text.lead, &[("company", &draft.contents.customer.company_name)]),
        sells_nothing: choices.offers.is_empty(),
        may_add: lines.len() < ADDED,
        wrong: wrong.status.is_client_error(),
        general: wrong.general,
        lines: fields,
    };
    visitor.visit().page_with(wrong.status, &page)
}

pub(super) async fn show(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
) -> Result<HttpResponse, Error> {
    let mut choices = match choices(&parts, &decided, &visitor, *id).await {
        Ok(choices) => choices,
        Err(other) => return stopped(&parts, &decided, &visitor, *id, other).await,
    };
    let draft = &choices.state.draft;
    let mut lines: Vec<TypedLine> = draft.contents.lines.iter().map(TypedLine::of).collect();
    if lines.is_empty() {
        lines.push(TypedLine::empty(draft.reseller));
    }
    let text = DraftLineTexts::of(visitor.visit().language());
    let wrong = Wrong::of(StatusCode::OK, std::mem::take(&mut choices.state.missing), text);
    page(&parts, &visitor, &choices, (&lines, None), wrong).await
}

/// Adds a line, removes one, or keeps them all and goes on to the review.
pub(super) async fn change(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
    form: Posted<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let (now, id, mut typed) = (parts.clock.now(), *id, Typed::read(form.0));
    let found = match choices(&parts, &decided, &visitor, id).await {
        Ok(choices) => choices,
        Err(other) => return stopped(&parts, &decided, &visitor, id, other).await,
    };
    let form = Form::new(&visitor, &found);
    match typed.pressed {
        Pressed::Next => typed.keep(|_, line| !line.is_blank()),
        Pressed::Remove(gone) => typed.keep(|place, _| place != gone),
        Pressed::Add if typed.lines.len() < ADDED => typed.lines.push(TypedLine::empty(found.state.draft.reseller)),
        Pressed::Add => {}
    }
    typed.join_add_ons(&form.offers);
    if typed.pressed != Pressed::Next {
        return page(
            &parts,
            &visitor,
            &found,
            (&typed.lines, None),
            Wrong { version: Some(typed.version), ..Wrong::default() },
        )
        .await;
    }
    let mut fields: Vec<LineFields> = (0..typed.lines.len()).map(|place| form.fields(place, &typed.lines)).collect();
    let read: Vec<Option<DraftLine>> =
        typed.lines.iter().zip(&mut fields).map(|(line, fields)| form.read(line, fields)).collect();
    let Some(lines) = read.into_iter().collect::<Option<Vec<DraftLine>>>() else {
        let wrong = Wrong { status: StatusCode::BAD_REQUEST, version: Some(typed.version), ..Wrong::default() };
        return page(&parts, &visitor, &found, (&typed.lines, Some(fields)), wrong).await;
    };
    let (seen, known) = (IfMatch::shown(&typed.version), decided.clone());
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<(), DraftError> {
        change_lines(tx, me, id, &seen, &lines, known.terms(), now)
    };
    let outcome = visitor.write::<CreateCustomers, _, _, _>(&parts, work).await;
    let wrong = match outcome {
        Ok(()) => return Ok(see_other(&format!("/customers/drafts/{id}"))),
        Err(Barred::Refused(DraftError::Incomplete(missing))) => {
            Wrong { version: Some(typed.version), ..Wrong::of(StatusCode::BAD_REQUEST, missing, form.text) }
        }
        Err(Barred::Refused(
            refusal @ (DraftError::Version(_) | DraftError::Create(_) | DraftError::Property { .. }),
        )) => {
            let sentence = refused_in_words(form.customers, &refusal);
            Wrong { status: status_of(refusal.code().kind), general: vec![sentence], ..Wrong::default() }
        }
        Err(other) => return stopped(&parts, &decided, &visitor, id, other).await,
    };
    page(&parts, &visitor, &found, (&typed.lines, Some(fields)), wrong).await
}
