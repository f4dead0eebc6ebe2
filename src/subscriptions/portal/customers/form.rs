//! The form that fills in a draft of a customer. What is wrong is told beside the fields, and nothing is kept until all
//! of it is right.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::draft::stopped;
use super::in_words::{lacking_in_words, refused_in_words};
use super::{PartnerOption, barred};
use crate::access::{Barred, CreateCustomers, Onlooker, PartnerId, Scope, Visitor};
use crate::companies::Domain;
use crate::delegation::{CreateCustomerError, RecipientForm};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, Refusal, Sure};
use crate::platform::http::{Error, IfMatch, status_of};
use crate::platform::portal::{
    Control, Field, Frame, Language, PortalTexts, Posted, countries, fill, is_country, read_email, read_line, see_other,
};
use crate::platform::text::{Line, shorten};
use crate::subscriptions::actions::draft_lines::NamedInLines;
use crate::subscriptions::actions::drafts::{self as actions, DraftState};
use crate::subscriptions::actions::listing::resellers_to_choose;
use crate::subscriptions::api::DecidedDrafts;
use crate::subscriptions::model::drafts::{CustomerDraftId, DraftContents, DraftError, Missing};
use crate::subscriptions::texts::{CustomerTexts, DraftLineTexts};

/// What was typed, still unread.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    version: String,
    company: String,
    registration: String,
    domain: String,
    reseller: String,
    country: String,
    address1: String,
    address2: String,
    postal: String,
    city: String,
    state: String,
    email: String,
    first: String,
    last: String,
    phone: String,
    language: String,
    to_name: String,
    to_email: String,
    to_language: String,
}

impl Typed {
    /// What a draft holds, as it was typed.
    fn of(state: &DraftState) -> Self {
        let contents = state.draft.contents.clone();
        let (billing, to) = (contents.customer.billing_profile, contents.setup_info_to.unwrap_or_default());
        let address = billing.default_address;
        Self {
            version: state.draft.version.to_string(),
            company: contents.customer.company_name,
            registration: contents.customer.organization_registration_number.unwrap_or_default(),
            domain: contents.customer.domain,
            reseller: state.draft.reseller.map(|id| id.to_string()).unwrap_or_default(),
            country: address.country,
            address1: address.address_line1,
            address2: address.address_line2.unwrap_or_default(),
            postal: address.postal_code.unwrap_or_default(),
            city: address.city.unwrap_or_default(),
            state: address.state.unwrap_or_default(),
            email: billing.email,
            first: billing.first_name.unwrap_or_default(),
            last: billing.last_name.unwrap_or_default(),
            phone: address.phone_number.unwrap_or_default(),
            language: billing.language,
            to_name: to.name,
            to_email: to.email,
            to_language: to.language.unwrap_or_default(),
        }
    }
}

/// A choice among the portal's languages.
pub(super) fn language_field(label: &'static str, name: &'static str, typed: &str, usual: Language) -> Field {
    let options = Language::ALL.iter().map(|language| (language.code(), language.own_name())).collect();
    let typed = if typed.is_empty() { usual.code() } else { typed };
    Field::new(name, label, "", Control::Choice { nothing: "—", options }).with(typed)
}

/// Who gets the setup info: nobody else, if neither name nor address is typed.
///
/// # Errors
/// What is wrong with the name, and with the address.
pub(super) fn recipient_of(
    name: &str,
    email: &str,
    language: &str,
    common: &PortalTexts,
) -> Result<Option<RecipientForm>, (Option<String>, Option<String>)> {
    if name.trim().is_empty() && email.trim().is_empty() {
        return Ok(None);
    }
    match (read_line::<100>(name, common), read_email(email, common)) {
        (Ok(name), Ok(email)) => Ok(Some(RecipientForm {
            name: name.into(),
            email: email.as_str().to_owned(),
            language: Language::from_tag(language).map(|language| language.code().to_owned()),
        })),
        (name, email) => Err((name.err(), email.err())),
    }
}

/// The form as it is shown: each field with what was typed and what is wrong with it.
struct Fields {
    text: &'static CustomerTexts,
    common: &'static PortalTexts,
    company: Field,
    registration: Field,
    domain: Field,
    reseller_error: Option<String>,
    country: Field,
    address1: Field,
    address2: Field,
    postal: Field,
    city: Field,
    state: Field,
    email: Field,
    first: Field,
    last: Field,
    phone: Field,
    language: Field,
    to_name: Field,
    to_email: Field,
    to_language: Field,
    /// What is wrong with no field in particular.
    general: Vec<String>,
}

impl Fields {
    fn new(language: Language, typed: &Typed) -> Self {
        let (text, common) = (CustomerTexts::of(language), PortalTexts::of(language));
        let line = |kind, autocomplete| Control::Line { kind, autocomplete };
        let required = |name, label, control: Control, typed: &str| Field::new(name, label, "", control).with(typed);
        // A customer's details are not those of the person who types them.
        let optional = |name, label, typed: &str| {
            let field = Field::new(name, label, common.optional, line("text", "off")).with(typed);
            Field { required: false, ..field }
        };
        let country = Control::Choice { nothing: common.choose, options: countries(language) };
        let mut fields = Self {
            text,
            common,
            company: required("company", text.company, line("text", "off"), &typed.company),
            registration: Field {
                hint: text.registration_hint.to_owned(),
                ..optional("registration", text.registration, &typed.registration)
            },
            domain: Field::new("domain", text.domain, text.domain_hint, line("text", "off")).with(&typed.domain),
            reseller_error: None,
            country: required("country", text.country, country, &typed.country),
            address1: required("address1", text.address1, line("text", "off"), &typed.address1),
            address2: optional("address2", text.address2, &typed.address2),
            postal: optional("postal", text.postal, &typed.postal),
            city: optional("city", text.city, &typed.city),
            state: optional("state", text.state, &typed.state),
            email: required("email", text.email, line("email", "off"), &typed.email),
            first: optional("first", text.first, &typed.first),
            last: optional("last", text.last, &typed.last),
            phone: optional("phone", text.phone, &typed.phone),
            language: language_field(text.language, "language", &typed.language, language),
            to_name: optional("to_name", text.to_name, &typed.to_name),
            to_email: optional("to_email", text.to_email, &typed.to_email),
            to_language: language_field(text.to_language, "to_language", &typed.to_language, language),
            general: Vec::new(),
        };
        fields.to_email.control = line("email", "off");
        fields
    }

    /// What was typed put into `contents`, or nothing if a field is wrong; then the field says so.
    fn read(&mut self, typed: &Typed, mut contents: DraftContents) -> Option<(DraftContents, Option<PartnerId>)> {
        let common = self.common;
        let company = self.company.take(read_line::<200>(&typed.company, common));
        let registration = self.registration.take(read_optional(&typed.registration, common));
        let domain = self.domain.take(self.read_domain(&typed.domain));
        let known = is_country(&typed.country).then(|| typed.country.clone());
        let country = self.country.take(known.ok_or_else(|| common.field_country.to_owned()));
        let address1 = self.address1.take(read_line::<200>(&typed.address1, common));
        let address2 = self.address2.take(read_optional(&typed.address2, common));
        let postal = self.postal.take(read_optional(&typed.postal, common));
        let city = self.city.take(read_optional(&typed.city, common));
        let state = self.state.take(read_optional(&typed.state, common));
        let email = self.email.take(read_email(&typed.email, common));
        let first = self.first.take(read_optional(&typed.first, common));
        let last = self.last.take(read_optional(&typed.last, common));
        let phone = self.phone.take(read_optional(&typed.phone, common));
        let language = Language::from_tag(&typed.language).ok_or_else(|| common.field_empty.to_owned());
        let language = self.language.take(language);
        let to = match recipient_of(&typed.to_name, &typed.to_email, &typed.to_language, common) {
            Ok(to) => Some(to),
            Err((name, email)) => {
                (self.to_name.error, self.to_email.error) = (name, email);
                None
            }
        };
        let reseller = match typed.reseller.trim() {
            "" => Some(None),
            named => named.parse().ok().map(Some),
        };
        if reseller.is_none() {
            self.reseller_error = Some(self.text.reseller_gone.to_owned());
        }
        let (company, country, language) = (String::from(company?), country?, language?);
        contents.customer.domain = domain?.into();
        contents.customer.organization_registration_number = registration?;
        let billing = &mut contents.customer.billing_profile;
        billing.email = email?.as_str().to_owned();
        billing.culture = format!("{}-{country}", language.code());
        language.code().clone_into(&mut billing.language);
        billing.company_name.clone_from(&company);
        (billing.first_name, billing.last_name) = (first?, last?);
        let address = &mut billing.default_address;
        address.country = country;
        address.address_line1 = address1?.into();
        (address.address_line2, address.postal_code) = (address2?, postal?);
        (address.city, address.state, address.phone_number) = (city?, state?, phone?);
        contents.customer.company_name = company;
        contents.setup_info_to = to?;
        Some((contents, reseller?))
    }

    fn read_domain(&self, typed: &str) -> Result<Domain, String> {
        if typed.trim().is_empty() {
            return Err(self.common.field_empty.to_owned());
        }
        let wrong = |_| fill(self.text.domain_wrong, &[("value", &shorten(typed, 80))]);
        Domain::try_from(typed.to_owned()).map_err(wrong)
    }

    /// Says beside its field what is missing or wrong.
    fn lacks(&mut self, language: Language, missing: &Missing) {
        let texts = (self.text, DraftLineTexts::of(language));
        let sentence = lacking_in_words(texts, &NamedInLines::default(), missing);
        let field = match missing.property.rsplit('.').next().unwrap_or_default() {
            "companyName" => &mut self.company,
            "organizationRegistrationNumber" => &mut self.registration,
            "domain" => &mut self.domain,
            "country" => &mut self.country,
            "addressLine1" => &mut self.address1,
            "addressLine2" => &mut self.address2,
            "postalCode" => &mut self.postal,
            "city" => &mut self.city,
            "state" | "region" => &mut self.state,
            "phoneNumber" => &mut self.phone,
            "language" | "culture" => &mut self.language,
            "email" if missing.property.starts_with("customer.") => &mut self.email,
            "resellerId" => {
                self.reseller_error = Some(sentence);
                return;
            }
            _ => {
                self.general.push(sentence);
                return;
            }
        };
        field.error = Some(sentence);
    }
}

fn read_optional(typed: &str, common: &PortalTexts) -> Result<Option<String>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    read_line::<200>(typed, common).map(|line: Line<200>| Some(line.into()))
}

#[derive(Template)]
#[template(path = "subscriptions/templates/customer_form_page.html")]
struct FormPage {
    frame: Frame,
    text: &'static CustomerTexts,
    step: u8,
    fields: Fields,
    resellers: Vec<PartnerOption>,
    version: String,
    action: String,
    back: String,
    wrong: bool,
}

/// Which draft a form is about: a new one, or one that exists.
#[derive(Clone, Copy)]
enum About {
    New,
    Draft(CustomerDraftId),
}

async fn form_page(
    parts: &Parts,
    visitor: &Visitor,
    about: About,
    (typed, fields): (&Typed, Fields),
    wrong: Option<StatusCode>,
) -> Result<HttpResponse, Error> {
    let find = |read: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(resellers_to_choose(read, me)?) };
    let resellers = match visitor.read::<CreateCustomers, _, _, _>(parts, find).await {
        Ok(resellers) => resellers,
        Err(stopped) => return barred(visitor, parts, stopped).await,
    };
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    let (action, back) = match about {
        About::New => ("/customers/new".to_owned(), "/customers".to_owned()),
        About::Draft(id) => (format!("/customers/drafts/{id}/change"), format!("/customers/drafts/{id}")),
    };
    let page = FormPage {
        frame,
        text: fields.text,
        step: 1,
        resellers: resellers.iter().map(|profile| PartnerOption::new(profile, &typed.reseller)).collect(),
        version: typed.version.clone(),
        action,
        back,
        wrong: wrong.is_some(),
        fields,
    };
    visitor.visit().page_with(wrong.unwrap_or(StatusCode::OK), &page)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NewQuery {
    reseller: String,
}

/// The empty form; the reseller from which it was started is chosen in it.
pub(super) async fn show_new(
    parts: Data<Parts>,
    visitor: Visitor,
    query: Query<NewQuery>,
) -> Result<HttpResponse, Error> {
    let typed = Typed { reseller: query.into_inner().reseller, ..Typed::default() };
    let fields = Fields::new(visitor.visit().language(), &typed);
    form_page(&parts, &visitor, About::New, (&typed, fields), None).await
}

/// A draft that lacks something is not kept: the form says what, and keeps what was typed. Of lines the next page tells.
fn complete(state: DraftState) -> Outcome<CustomerDraftId, DraftError> {
    let missing: Vec<Missing> = state.missing.into_iter().filter(|one| !one.is_of_lines()).collect();
    match missing.is_empty() {
        true => Ok(state.draft.id),
        false => Err(DraftError::Incomplete(missing).into()),
    }
}

/// Where a form leads: to the subscriptions, or back to the form.
async fn sent(
    parts: &Parts,
    decided: &DecidedDrafts,
    visitor: &Visitor,
    about: About,
    (typed, mut fields): (&Typed, Fields),
    outcome: Result<CustomerDraftId, Barred<DraftError>>,
) -> Result<HttpResponse, Error> {
    match (outcome, about) {
        (Ok(id), _) => Ok(see_other(&format!("/customers/drafts/{id}/subscriptions"))),
        (Err(Barred::Refused(DraftError::Incomplete(missing))), _) => {
            let language = visitor.visit().language();
            missing.iter().for_each(|one| fields.lacks(language, one));
            form_page(parts, visitor, about, (typed, fields), Some(StatusCode::BAD_REQUEST)).await
        }
        (Err(Barred::Refused(DraftError::Create(CreateCustomerError::ResellerUnknown(_)))), _) => {
            fields.reseller_error = Some(fields.text.reseller_gone.to_owned());
            form_page(parts, visitor, about, (typed, fields), Some(StatusCode::BAD_REQUEST)).await
        }
        (Err(Barred::Refused(refusal @ (DraftError::Property { .. } | DraftError::Create(_)))), _) => {
            let status = status_of(refusal.code().kind);
            fields.general.push(refused_in_words(fields.text, &refusal));
            form_page(parts, visitor, about, (typed, fields), Some(status)).await
        }
        (Err(other), About::Draft(id)) => stopped(parts, decided, visitor, id, other).await,
        (Err(other), About::New) => barred(visitor, parts, other).await,
    }
}

/// Keeps a new draft and goes on to its subscriptions.
pub(super) async fn begin(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    form: Posted<Typed>,
) -> Result<HttpResponse, Error> {
    let (now, typed) = (parts.clock.now(), form.0);
    let mut fields = Fields::new(visitor.visit().language(), &typed);
    let Some((contents, reseller)) = fields.read(&typed, DraftContents::default()) else {
        return form_page(&parts, &visitor, About::New, (&typed, fields), Some(StatusCode::BAD_REQUEST)).await;
    };
    let known = decided.clone();
    let work = move |tx: &mut Tx<'_>, me: &Scope| {
        complete(actions::create_draft(tx, me, &contents, reseller, known.terms(), now)?)
    };
    let outcome = visitor.write::<CreateCustomers, _, _, _>(&parts, work).await;
    sent(&parts, &decided, &visitor, About::New, (&typed, fields), outcome).await
}

async fn existing(
    parts: &Parts,
    decided: &DecidedDrafts,
    visitor: &Visitor,
    id: CustomerDraftId,
) -> Result<DraftState, Barred<DraftError>> {
    let (now, known) = (parts.clock.now(), decided.clone());
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<DraftState, DraftError> {
        let state = actions::draft(read, me, id, known.terms(), now)?;
        match state.draft.customer {
            Some(customer) => Err(DraftError::Submitted(customer).into()),
            None => Ok(state),
        }
    };
    visitor.read::<CreateCustomers, _, _, _>(parts, find).await
}

pub(super) async fn show_change(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
) -> Result<HttpResponse, Error> {
    let state = match existing(&parts, &decided, &visitor, *id).await {
        Ok(state) => state,
        Err(other) => return stopped(&parts, &decided, &visitor, *id, other).await,
    };
    let typed = Typed::of(&state);
    let fields = Fields::new(visitor.visit().language(), &typed);
    form_page(&parts, &visitor, About::Draft(*id), (&typed, fields), None).await
}

/// Keeps the draft as it was changed and goes on to its subscriptions.
pub(super) async fn change(
    parts: Data<Parts>,
    decided: DecidedDrafts,
    visitor: Visitor,
    id: Path<CustomerDraftId>,
    form: Posted<Typed>,
) -> Result<HttpResponse, Error> {
    let (now, id, typed) = (parts.clock.now(), *id, form.0);
    let state = match existing(&parts, &decided, &visitor, id).await {
        Ok(state) => state,
        Err(other) => return stopped(&parts, &decided, &visitor, id, other).await,
    };
    let mut fields = Fields::new(visitor.visit().language(), &typed);
    let Some((contents, reseller)) = fields.read(&typed, state.draft.contents) else {
        return form_page(&parts, &visitor, About::Draft(id), (&typed, fields), Some(StatusCode::BAD_REQUEST)).await;
    };
    let (seen, known) = (IfMatch::shown(&typed.version), decided.clone());
    let work = move |tx: &mut Tx<'_>, me: &Scope| {
        complete(actions::change_draft(tx, me, id, &seen, (&contents, reseller), known.terms(), now)?)
    };
    let outcome = visitor.write::<CreateCustomers, _, _, _>(&parts, work).await;
    sent(&parts, &decided, &visitor, About::Draft(id), (&typed, fields), outcome).await
}
