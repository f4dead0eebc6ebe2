//! REST of what clients ask before they create a customer (section 7 of the contract).

use actix_web::http::header::HeaderMap;
use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse, get, head, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{AccessError, Allowed, ReadCustomers};
use crate::customers::actions;
use crate::customers::model::{Address, CountryRules, CountryUnknown};
use crate::platform::Parts;
use crate::platform::error::Outcome;
use crate::platform::http::{Error, Lenient, Resource, resource};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(check_domain).service(country_rules).service(validate_address);
}

/// Whether a domain is taken: 200 if an organisation has it, 404 if it is free.
#[utoipa::path(tag = "Customers", params(("domain", description = "Such as fabrikam.onmicrosoft.com")),
    responses((status = 200, description = "Taken"), (status = 404, description = "Free")))]
#[head("/v1/domains/{domain}")]
async fn check_domain(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    domain: Path<String>,
) -> Result<HttpResponse, Error> {
    let taken = me.read(&parts, move |read, _| actions::domain_is_taken(read, &domain)).await?;
    // With a type the answer counts as ours and stays without a body.
    let answer = if taken { &mut HttpResponse::Ok() } else { &mut HttpResponse::NotFound() };
    Ok(answer.content_type("application/json").finish())
}

/// What addresses and companies of a country have to say.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CountryRulesView {
    iso2_code: &'static str,
    default_culture: &'static str,
    is_state_required: bool,
    supported_states_list: Vec<&'static str>,
    supported_languages_list: Vec<&'static str>,
    supported_cultures_list: Vec<&'static str>,
    is_postal_code_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code_regex: Option<String>,
    is_city_required: bool,
    is_vat_id_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat_id_regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_id_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_id_sample: Option<&'static str>,
    is_tax_id_supported: bool,
    is_tax_id_optional: bool,
    phone_number_regex: String,
    country_calling_codes_list: Vec<&'static str>,
    /// Whether a company of this country has to give organizationRegistrationNumber, and a telephone number with it.
    is_registration_number_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_number_sample: Option<&'static str>,
}

impl CountryRulesView {
    fn new(rules: &CountryRules) -> Self {
        let cultures = rules.cultures();
        let states = rules.states();
        let vat = rules.vat_id();
        // As people write a form: a sign for each digit.
        let format = |sample: &str| sample.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
        Self {
            iso2_code: rules.code(),
            default_culture: cultures.first().copied().unwrap_or_default(),
            is_state_required: !states.is_empty(),
            supported_states_list: states,
            supported_languages_list: rules.languages(),
            supported_cultures_list: cultures,
            is_postal_code_required: rules.needs_all(),
            postal_code_regex: rules.postal_code(),
            is_city_required: rules.needs_all(),
            is_vat_id_supported: vat.is_some(),
            tax_id_format: vat.as_ref().map(|(_, sample)| format(sample)),
            tax_id_sample: vat.as_ref().map(|(_, sample)| *sample),
            is_tax_id_supported: vat.is_some(),
            is_tax_id_optional: true,
            vat_id_regex: vat.map(|(pattern, _)| pattern),
            phone_number_regex: rules.phone_number(),
            country_calling_codes_list: vec![rules.calling_code()],
            is_registration_number_required: rules.registration_sample().is_some(),
            registration_number_sample: rules.registration_sample(),
        }
    }
}

/// The rules that addresses and companies of a country follow.
#[utoipa::path(tag = "Customers", params(("iso2", description = "Two letters, such as SE")),
    responses((status = 200, body = Resource<CountryRulesView>)))]
#[get("/v1/countryvalidationrules/{iso2}")]
async fn country_rules(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    iso2: Path<String>,
) -> Result<Answer<Resource<CountryRulesView>>, Error> {
    let rules = me
        .read(&parts, move |_, _| -> Outcome<_, CountryUnknown> {
            Ok(CountryRules::of(&iso2).ok_or_else(|| CountryUnknown::named(&iso2))?)
        })
        .await?;
    Ok(Answer(resource("CountryInformation", CountryRulesView::new(&rules))))
}

/// What is known of an address.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ValidatedAddress {
    original_address: Address,
    /// None: an address is held to the rules of its country, and not looked up.
    suggested_addresses: Vec<Address>,
    /// `Verified` if it follows the rules of its country, `NotValidated` if none are known, else `InteractionRequired`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_message: Option<String>,
}

/// Clients whose reader takes a bare boolean (section 7 of the contract).
const WANT_A_BOOLEAN: [&str; 2] = ["Partner Center Open .NET SDK", "Partner Center PowerShell"];

fn wants_a_boolean(headers: &HeaderMap) -> bool {
    let client = headers.get("ms-partnercenter-client").and_then(|value| value.to_str().ok()).unwrap_or_default();
    WANT_A_BOOLEAN.iter().any(|known| known.eq_ignore_ascii_case(client.trim()))
}

/// Hold an address to the rules of its country.
#[utoipa::path(tag = "Customers", request_body = Address, responses((status = 200, body = Resource<ValidatedAddress>)))]
#[post("/v1/validations/address")]
async fn validate_address(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    request: HttpRequest,
    body: Lenient<Address>,
) -> Result<HttpResponse, Error> {
    let address = body.0;
    // It reads nothing, but who asks is known before it is answered.
    me.read(&parts, |_, _| -> Outcome<(), AccessError> { Ok(()) }).await?;
    let rules = CountryRules::of(&address.country).ok_or_else(|| CountryUnknown::named(&address.country))?;
    let faults = rules.faults(&address);
    if wants_a_boolean(request.headers()) {
        return Ok(HttpResponse::Ok().json(faults.is_empty()));
    }
    let told = faults.iter().map(|fault| format!("{}: {}.", fault.field, fault.reason)).collect::<Vec<_>>().join(" ");
    let status = match (faults.is_empty(), rules.knows_addresses()) {
        (false, _) => "InteractionRequired",
        (true, true) => "Verified",
        (true, false) => "NotValidated",
    };
    let validated = ValidatedAddress {
        original_address: address,
        suggested_addresses: Vec::new(),
        status,
        validation_message: (!told.is_empty()).then_some(told),
    };
    Ok(HttpResponse::Ok().json(resource("AddressValidationResponse", validated)))
}
