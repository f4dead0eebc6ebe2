//! The form with which a customer makes its own tenant, from a request that it was sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use super::{asked, dead, kept};
use crate::access::{AccessSettings, NewPerson, Onlooker, Role, Visitor};
use crate::audit::System;
use crate::customers::{Address, BillingProfile, CustomerSettings, DomainError, NewCustomer};
use crate::delegation::actions::requests::{self as actions, NewTenant};
use crate::delegation::model::request_refusals::TenantError;
use crate::delegation::model::requests::{MAX_PREFIX, tenant_domain};
use crate::delegation::texts::TenantTexts;
use crate::partnerships::PartnershipSettings;
use crate::platform::Parts;
use crate::platform::error::{Failure, Refusal};
use crate::platform::http::{Error, RequestIds, status_of};
use crate::platform::portal::{
    Control, Field, Frame, Language, PortalTexts, Posted, countries, fill, is_country, read_email, read_line, see_other,
};
use crate::platform::text::shorten;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    company: String,
    country: String,
    address: String,
    postal_code: String,
    city: String,
    prefix: String,
    admin_name: String,
    admin_email: String,
}

/// The form as it is shown: each field with what was typed and what is wrong with it.
struct Fields {
    language: Language,
    text: &'static TenantTexts,
    common: &'static PortalTexts,
    suffix: String,
    company: Field,
    country: Field,
    address: Field,
    postal_code: Field,
    city: Field,
    prefix: Field,
    admin_name: Field,
    admin_email: Field,
}

impl Fields {
    fn new(language: Language, typed: &Typed, suffix: &str) -> Self {
        let (text, common) = (TenantTexts::of(language), PortalTexts::of(language));
        let line = |kind, autocomplete| Control::Line { kind, autocomplete };
        let field = |name, label, hint: &str, control, typed: &str| Field::new(name, label, hint, control).with(typed);
        let country = Control::Choice { nothing: common.choose, options: countries(language) };
        let named = fill(text.prefix_hint, &[("limit", &MAX_PREFIX.to_string()), ("suffix", suffix)]);
        let postal_code = line("text", "postal-code");
        Self {
            language,
            text,
            common,
            suffix: suffix.to_owned(),
            company: field("company", text.company, "", line("text", "organization"), &typed.company),
            country: field("country", text.country, "", country, &typed.country),
            address: field("address", text.address, "", line("text", "street-address"), &typed.address),
            postal_code: Field {
                required: false,
                ..field("postal_code", text.postal_code, text.postal_code_hint, postal_code, &typed.postal_code)
            },
            city: field("city", text.city, "", line("text", "address-level2"), &typed.city),
            prefix: field("prefix", text.prefix, &named, line("text", "off"), &typed.prefix),
            admin_name: field("admin_name", text.admin_name, "", line("text", "name"), &typed.admin_name),
            admin_email: field(
                "admin_email",
                text.admin_email,
                text.admin_email_hint,
                line("email", "email"),
                &typed.admin_email,
            ),
        }
    }

    /// What was typed as values, or nothing if a field is wrong; then the field says so.
    fn read(&mut self, typed: &Typed) -> Option<NewTenant> {
        let common = self.common;
        let company = self.company.take(read_line::<200>(&typed.company, common));
        let known = is_country(&typed.country).then(|| typed.country.clone());
        let country = self.country.take(known.ok_or_else(|| common.field_country.to_owned()));
        let address = self.address.take(read_line::<200>(&typed.address, common));
        let postal_code = match typed.postal_code.trim().is_empty() {
            true => Some(None),
            false => self.postal_code.take(read_line::<20>(&typed.postal_code, common)).map(Some),
        };
        let city = self.city.take(read_line::<100>(&typed.city, common));
        let domain = self.prefix.take(self.read_prefix(&typed.prefix));
        let display_name = self.admin_name.take(read_line::<100>(&typed.admin_name, common));
        let email = self.admin_email.take(read_email(&typed.admin_email, common))?;
        let (company, country) = (String::from(company?), country?);
        let billing = BillingProfile {
            email: email.as_str().to_owned(),
            culture: format!("{}-{country}", self.language.code()),
            language: self.language.code().to_owned(),
            company_name: company.clone(),
            default_address: Address {
                country,
                address_line1: address?.into(),
                postal_code: postal_code?.map(String::from),
                city: Some(city?.into()),
                ..Address::default()
            },
            ..BillingProfile::default()
        };
        let admin = NewPerson {
            email,
            display_name: display_name?.into(),
            roles: vec![Role::GlobalAdmin],
            language: self.language.code().to_owned(),
        };
        Some(NewTenant {
            customer: NewCustomer { company_name: company, domain: domain?, registration_number: None, billing },
            admin,
        })
    }

    fn read_prefix(&self, typed: &str) -> Result<String, String> {
        if typed.trim().is_empty() {
            return Err(self.common.field_empty.to_owned());
        }
        let values = [("value", &*shorten(typed.trim(), 40)), ("limit", &MAX_PREFIX.to_string())];
        tenant_domain(typed, &self.suffix).ok_or_else(|| fill(self.text.prefix_wrong, &values))
    }

    /// Says a refusal beside the field that it is about; `false` if it is about none.
    fn refused(&mut self, refusal: &TenantError) -> bool {
        match refusal {
            TenantError::Domain(
                DomainError::Taken(domain) | DomainError::Malformed(domain) | DomainError::Prefix { domain },
            ) => {
                self.prefix.error = Some(fill(self.text.domain_taken, &[("value", domain)]));
            }
            TenantError::Limit(_) => self.admin_email.error = Some(self.text.too_many_mails.to_owned()),
            TenantError::Link(_) => return false,
        }
        true
    }
}

#[derive(Template)]
#[template(path = "delegation/templates/tenant_page.html")]
struct TenantPage {
    frame: Frame,
    text: &'static TenantTexts,
    introduction: String,
    fields: Fields,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "delegation/templates/tenant_made_page.html")]
struct MadePage {
    frame: Frame,
    text: &'static TenantTexts,
}

async fn form(
    parts: &Parts,
    visitor: &Visitor,
    status: StatusCode,
    fields: Fields,
    wrong: bool,
) -> Result<HttpResponse, Error> {
    let Onlooker { frame, company } = visitor.onlooker(parts).await?;
    let Some((asked, parties)) = asked(visitor, parts).await? else { return dead(visitor, parts, frame) };
    // Whoever is signed in has an organisation already; the request's page says who can answer.
    if company.is_some() {
        return Ok(see_other("/relationship"));
    }
    let text = fields.text;
    let introduction = fill(text.introduction, &[("partner", &parties.asker(&asked).name)]);
    visitor.visit().page_with(status, &TenantPage { frame, text, introduction, fields, wrong })
}

pub(super) async fn show_form(
    parts: Data<Parts>,
    settings: Data<CustomerSettings>,
    visitor: Visitor,
) -> Result<HttpResponse, Error> {
    let fields = Fields::new(visitor.visit().language(), &Typed::default(), &settings.domain_suffix);
    form(&parts, &visitor, StatusCode::OK, fields, false).await
}

/// Makes the tenant; what is wrong is told on the form, which keeps what was typed.
pub(super) async fn make(
    parts: Data<Parts>,
    settings: Data<CustomerSettings>,
    access: Data<AccessSettings>,
    limits: Data<PartnershipSettings>,
    ids: RequestIds,
    visitor: Visitor,
    typed: Posted<Typed>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let mut fields = Fields::new(visitor.visit().language(), &typed.0, &settings.domain_suffix);
    let Some(new) = fields.read(&typed.0) else {
        return form(&parts, &visitor, StatusCode::BAD_REQUEST, fields, true).await;
    };
    if visitor.onlooker(&parts).await?.company.is_some() {
        return Ok(see_other("/relationship"));
    }
    let (keys, link) = (parts.keys.clone(), kept(&visitor, &parts));
    let actor = System { organisation: None, request: ids };
    let made =
        parts.db.write(move |tx| actions::create_tenant(tx, &actor, &keys, &link, &new, (&access, &limits), now)).await;
    match made {
        Ok(_) => Ok(see_other("/relationship/new-tenant/made")),
        Err(Failure::Refused(refusal)) => match fields.refused(&refusal) {
            true => form(&parts, &visitor, status_of(refusal.code().kind), fields, true).await,
            false => Ok(see_other("/relationship")),
        },
        Err(failure) => Err(failure.into()),
    }
}

pub(super) async fn show_made(parts: Data<Parts>, visitor: Visitor) -> Result<HttpResponse, Error> {
    let Onlooker { frame, .. } = visitor.onlooker(&parts).await?;
    let text = TenantTexts::of(visitor.visit().language());
    visitor.visit().page(&MadePage { frame, text })
}
