//! Pages of companies: enrolling as indirect reseller.

mod agreement;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig, get, post};
use askama::Template;
use serde::Deserialize;

use crate::access::{AccessSettings, Anyone, NewPerson, Role};
use crate::audit::System;
use crate::companies::actions::enrollments as actions;
use crate::companies::model::{Domain, EnrollError, MAX_LOCATIONS, MpnClaims, MpnId, NewCompany};
use crate::companies::texts::EnrolTexts;
use crate::platform::Parts;
use crate::platform::error::{Failure, Refusal};
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{
    Control, Field, Frame, Language, PortalTexts, Posted, Visit, countries, fill, is_country, read_email, read_line,
    see_other,
};
use crate::platform::text::{Country, shorten};

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config
        .route("/agreement", get().to(agreement::show))
        .route("/agreement", post().to(agreement::sign))
        .route("/enrol", get().to(show_form))
        .route("/enrol", post().to(enrol))
        .route("/enrol/submitted", get().to(show_submitted));
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    company: String,
    country: String,
    domain: String,
    global: String,
    locations: String,
    onboarding: String,
    admin_name: String,
    admin_email: String,
}

/// The form as it is shown: each field with what was typed and what is wrong with it.
struct Fields {
    language: Language,
    text: &'static EnrolTexts,
    common: &'static PortalTexts,
    company: Field,
    country: Field,
    domain: Field,
    global: Field,
    locations: Field,
    onboarding: Field,
    admin_name: Field,
    admin_email: Field,
}

impl Fields {
    fn new(language: Language, typed: &Typed) -> Self {
        let (text, common) = (EnrolTexts::of(language), PortalTexts::of(language));
        let line = |kind, autocomplete| Control::Line { kind, autocomplete };
        let limit = MAX_LOCATIONS.to_string();
        let country = Control::Choice { nothing: common.choose, options: countries(language) };
        let email = line("email", "email");
        Self {
            language,
            text,
            common,
            company: Field::new("company", text.company, text.company_hint, line("text", "organization"))
                .with(&typed.company),
            country: Field::new("country", text.country, text.country_hint, country).with(&typed.country),
            domain: Field::new("domain", text.domain, text.domain_hint, line("text", "off")).with(&typed.domain),
            global: Field::new("global", text.global, text.global_hint, line("text", "off")).with(&typed.global),
            locations: Field::new(
                "locations",
                text.locations,
                fill(text.locations_hint, &[("limit", &limit)]),
                Control::Lines { rows: 4 },
            )
            .with(&typed.locations),
            onboarding: Field::new("onboarding", text.onboarding, text.onboarding_hint, line("text", "off"))
                .with(&typed.onboarding),
            admin_name: Field::new("admin_name", text.admin_name, text.admin_name_hint, line("text", "name"))
                .with(&typed.admin_name),
            admin_email: Field::new("admin_email", text.admin_email, text.admin_email_hint, email)
                .with(&typed.admin_email),
        }
    }

    /// What was typed as values, or nothing if a field is wrong; then the field says so.
    fn read(&mut self, typed: &Typed) -> Option<(NewCompany, MpnClaims)> {
        let common = self.common;
        let name = self.company.take(read_line::<200>(&typed.company, common));
        let country = self.country.take(read_country(&typed.country, common));
        let domain = self.domain.take(self.read_domain(&typed.domain));
        let global = self.global.take(self.read_mpn_id(&typed.global));
        let locations = self.locations.take(self.read_locations(&typed.locations));
        let onboarding = self.onboarding.take(self.read_mpn_id(&typed.onboarding));
        let display_name = self.admin_name.take(read_line::<100>(&typed.admin_name, common));
        let email = self.admin_email.take(read_email(&typed.admin_email, common));
        let contact_email = email.clone()?;
        let admin = NewPerson {
            email: email?,
            display_name: display_name?.into(),
            roles: vec![Role::GlobalAdmin],
            language: self.language.code().to_owned(),
        };
        let company = NewCompany {
            name: name?.into(),
            country: country?,
            domain: domain?,
            contact_email,
            description: String::new(),
            admin,
        };
        Some((company, MpnClaims { global: global?, locations: locations?, onboarding: onboarding? }))
    }

    fn read_domain(&self, typed: &str) -> Result<Domain, String> {
        let wrong = |_| fill(self.text.domain_wrong, &[("value", &shorten(typed, 80))]);
        if typed.trim().is_empty() {
            return Err(self.common.field_empty.to_owned());
        }
        Domain::try_from(typed.to_owned()).map_err(wrong)
    }

    fn read_mpn_id(&self, typed: &str) -> Result<MpnId, String> {
        if typed.trim().is_empty() {
            return Err(self.common.field_empty.to_owned());
        }
        let wrong = |_| fill(self.text.mpn_wrong, &[("value", &shorten(typed.trim(), 40))]);
        MpnId::try_from(typed.to_owned()).map_err(wrong)
    }

    fn read_locations(&self, typed: &str) -> Result<Vec<MpnId>, String> {
        let lines: Vec<&str> = typed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return Err(self.common.field_empty.to_owned());
        }
        if lines.len() > MAX_LOCATIONS {
            let values = [("limit", &*MAX_LOCATIONS.to_string()), ("count", &*lines.len().to_string())];
            return Err(fill(self.text.too_many_locations, &values));
        }
        lines.into_iter().map(|line| self.read_mpn_id(line)).collect()
    }

    /// Says a refusal beside the field that it is about.
    fn refused(&mut self, refusal: &EnrollError) {
        let (field, sentence, value) = match refusal {
            EnrollError::DomainTaken(domain) => (&mut self.domain, self.text.domain_taken, domain.as_str()),
            EnrollError::MpnIdTwice(id) => (&mut self.locations, self.text.mpn_twice, id.as_str()),
            EnrollError::OnboardingIsGlobal(id) => (&mut self.onboarding, self.text.onboarding_global, id.as_str()),
            EnrollError::OnboardingIsNoLocation(id) => {
                (&mut self.onboarding, self.text.onboarding_unknown, id.as_str())
            }
            EnrollError::MpnIdOfAnother(id) => (&mut self.global, self.text.mpn_of_another, id.as_str()),
        };
        field.error = Some(fill(sentence, &[("value", value)]));
    }
}

fn read_country(typed: &str, common: &PortalTexts) -> Result<Country, String> {
    let known = is_country(typed).then(|| Country::try_from(typed.to_owned()).ok()).flatten();
    known.ok_or_else(|| common.field_country.to_owned())
}

#[derive(Template)]
#[template(path = "companies/templates/enrol_page.html")]
struct EnrolPage {
    frame: Frame,
    text: &'static EnrolTexts,
    fields: Fields,
    wrong: bool,
}

impl EnrolPage {
    fn new(visit: &Visit, fields: Fields, wrong: bool) -> Self {
        Self { frame: visit.frame(), text: fields.text, fields, wrong }
    }
}

async fn show_form(_anyone: Anyone, visit: Visit) -> Result<HttpResponse, Error> {
    visit.page(&EnrolPage::new(&visit, Fields::new(visit.language(), &Typed::default()), false))
}

/// Submits the enrolment; what is wrong with it is told on the form, which keeps what was typed.
async fn enrol(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    visit: Visit,
    form: Posted<Typed>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let mut fields = Fields::new(visit.language(), &form.0);
    let Some((company, claims)) = fields.read(&form.0) else {
        return visit.page_with(StatusCode::BAD_REQUEST, &EnrolPage::new(&visit, fields, true));
    };
    let actor = System { organisation: None, request: anyone.request };
    let submitted =
        parts.db.write(move |tx| actions::submit_enrollment(tx, &actor, &company, &claims, &settings, now)).await;
    match submitted {
        Ok(_) => Ok(see_other("/enrol/submitted")),
        Err(Failure::Refused(refusal)) => {
            fields.refused(&refusal);
            visit.page_with(status_of(refusal.code().kind), &EnrolPage::new(&visit, fields, true))
        }
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Template)]
#[template(path = "companies/templates/enrolled_page.html")]
struct SubmittedPage {
    frame: Frame,
    text: &'static EnrolTexts,
}

async fn show_submitted(_anyone: Anyone, visit: Visit) -> Result<HttpResponse, Error> {
    visit.page(&SubmittedPage { frame: visit.frame(), text: EnrolTexts::of(visit.language()) })
}
