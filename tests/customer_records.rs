//! What partners record of customers, and what they are held to when they do.

use serde_json::{Value, json};

use crate::harness::{Actor, Centre, Customer, customer_body, request};

struct Channel {
    centre: Centre,
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

impl Channel {
    async fn open() -> Self {
        let centre = Centre::open().await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
        Self { centre, operator, provider, reseller, customer }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/customers/{}{rest}", self.customer.id)
    }

    async fn end_delegation_of_reseller(&self) {
        let end = self.path(&format!("/administrators/{}", self.reseller.id));
        assert_eq!(self.customer.admin.delete(&end).await.status, 204);
    }
}

/// A body for a customer in another country.
fn body_in(country: &str, name: &str, address: Value) -> Value {
    let mut body = customer_body(name, None);
    body["billingProfile"]["defaultAddress"] = address;
    body["billingProfile"]["defaultAddress"]["country"] = json!(country);
    body
}

#[actix_web::test]
async fn a_domain_is_taken_or_free_and_the_answer_has_no_body() {
    let channel = Channel::open().await;
    let ask = |domain: &'static str| {
        let provider = channel.provider.clone();
        async move {
            let answer = provider.call(request("HEAD", &format!("/v1/domains/{domain}"))).await;
            assert!(domain.contains("..") || answer.text.is_empty(), "{}", answer.text);
            answer.status
        }
    };
    assert_eq!(ask("fabrikam.onmicrosoft.com").await, 200);
    assert_eq!(ask("FABRIKAM.onmicrosoft.com").await, 200);
    assert_eq!(ask("norrsken.example").await, 200);
    assert_eq!(ask("nobody.onmicrosoft.com").await, 404);
    assert_eq!(ask("no..domain").await, 400);
    assert_eq!(channel.customer.admin.call(request("HEAD", "/v1/domains/x.example")).await.status, 403);
}

#[actix_web::test]
async fn every_country_has_rules_in_the_flat_shape_of_the_contract() {
    let channel = Channel::open().await;
    let rules = channel.reseller.get("/v1/countryvalidationrules/us").await.ok();
    assert_eq!((rules["iso2Code"].clone(), rules["defaultCulture"].clone()), (json!("US"), json!("en-US")));
    assert!(rules["supportedStatesList"].as_array().unwrap().contains(&json!("WA")));
    for required in ["isStateRequired", "isPostalCodeRequired", "isCityRequired"] {
        assert_eq!(rules[required], true, "{required}");
    }
    assert_eq!(rules["countryCallingCodesList"], json!(["1"]));
    assert_eq!(rules["attributes"]["objectType"], "CountryInformation");
    let rules = channel.reseller.get("/v1/CountryValidationRules/BE").await.ok();
    assert_eq!(rules["supportedLanguagesList"], json!(["nl", "fr", "de"]));
    assert_eq!(rules["isVatIdSupported"], true);
    let nothing_special = channel.reseller.get("/v1/countryvalidationrules/KE").await.ok();
    assert_eq!(nothing_special["supportedStatesList"], json!([]));
    assert_eq!(nothing_special["countryCallingCodesList"], json!(["254"]));
    for wrong in ["ZZ", "Sweden", "46", "%20"] {
        let refused = channel.reseller.get(&format!("/v1/countryvalidationrules/{wrong}")).await;
        assert_eq!(refused.refusal(), "400 countryUnknown", "{wrong}");
    }
}

#[actix_web::test]
async fn an_address_is_held_to_its_country_and_old_clients_get_a_boolean() {
    let channel = Channel::open().await;
    let path = "/v1/validations/address";
    let good = json!({
        "Country": "US", "State": "WA", "City": "Redmond", "PostalCode": "98052", "AddressLine1": "1 Microsoft Way",
        "Links": null,
    });
    let told = channel.provider.post(path, good.clone()).await.ok();
    assert_eq!(
        (told["status"].clone(), told["originalAddress"]["city"].clone()),
        (json!("Verified"), json!("Redmond"))
    );
    assert_eq!(told["suggestedAddresses"], json!([]));
    let bad = json!({ "country": "US", "state": "ZZ", "city": "Redmond", "postalCode": "9", "addressLine1": "x" });
    let told = channel.provider.post(path, bad.clone()).await.ok();
    let message = told["validationMessage"].as_str().unwrap();
    assert_eq!(told["status"], "InteractionRequired");
    assert!(message.contains("state: \"ZZ\"") && message.contains("postalCode: \"9\""), "{message}");
    let unknown = channel.provider.post(path, json!({ "country": "KE", "addressLine1": "x" })).await.ok();
    assert_eq!(unknown["status"], "NotValidated");
    assert_eq!(channel.provider.post(path, json!({ "addressLine1": "x" })).await.refusal(), "400 countryUnknown");
    for client in ["Partner Center Open .NET SDK", "Partner Center PowerShell"] {
        for (body, answer) in [(&good, "true"), (&bad, "false")] {
            let told = channel.provider.with("POST", path, &[("ms-partnercenter-client", client)], body.clone()).await;
            assert_eq!((told.status, told.text.as_str()), (200, answer), "{client}");
        }
    }
}

#[actix_web::test]
async fn a_customer_is_created_only_with_an_address_that_its_country_knows() {
    let channel = Channel::open().await;
    let create = |body: Value| {
        let provider = channel.provider.clone();
        async move { provider.post("/v1/customers", body).await }
    };
    let line = |rest: Value| {
        let mut address = json!({ "addressLine1": "x", "city": "x" });
        address.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        address
    };
    for (country, address, refusal, property) in [
        (
            "SE",
            line(json!({ "postalCode": "9032" })),
            "400 propertyInvalid",
            "billingProfile.defaultAddress.postalCode",
        ),
        ("GB", line(json!({ "postalCode": "x" })), "400 propertyInvalid", "billingProfile.defaultAddress.postalCode"),
        ("ZZ", line(json!({})), "400 propertyInvalid", "billingProfile.defaultAddress.country"),
        ("US", line(json!({ "postalCode": "98052" })), "400 propertyInvalid", "billingProfile.defaultAddress.state"),
        (
            "DE",
            line(json!({ "phoneNumber": "call me" })),
            "400 propertyInvalid",
            "billingProfile.defaultAddress.phoneNumber",
        ),
        ("PL", line(json!({})), "400 registrationNumberMissing", "companyProfile.organizationRegistrationNumber"),
    ] {
        let answer = create(body_in(country, "tailspin", address)).await;
        assert_eq!(answer.refusal(), refusal, "{country}");
        assert_eq!(answer.body["parameters"]["property"], property, "{}", answer.text);
    }
    let with_number = |country: &str, number: &str, phone: &str| {
        let mut body = body_in(country, "tailspin", line(json!({ "phoneNumber": phone })));
        body["companyProfile"]["organizationRegistrationNumber"] = json!(number);
        body
    };
    for (body, code) in [
        (with_number("PL", "12", "+48221234567"), 600_050),
        (with_number("PL", "1234567890", ""), 600_051),
        (with_number("SE", "556677-8899", ""), 600_002),
    ] {
        assert_eq!(create(body.clone()).await.body["code"], code, "{body}");
    }
    let created = create(with_number("PL", " 1234567890 ", "+48 22 123 45 67")).await.ok();
    assert_eq!(created["companyProfile"]["organizationRegistrationNumber"], "1234567890");
    let mut long = customer_body("x", None);
    long["companyProfile"]["domain"] = json!(format!("{}.onmicrosoft.com", "x".repeat(28)));
    assert_eq!(create(long).await.refusal(), "400 customerDomainPrefix");
    let mut own = customer_body("contoso", None);
    own["companyProfile"]["domain"] = json!("contoso.example");
    assert_eq!(create(own).await.status, 201);
}

#[actix_web::test]
async fn a_customer_outside_the_region_of_its_provider_is_refused() {
    let channel = Channel::open().await;
    let address = json!({ "addressLine1": "x", "city": "Seattle", "state": "WA", "postalCode": "98101" });
    let refused = channel.provider.post("/v1/customers", body_in("US", "tailspin", address.clone())).await;
    assert_eq!(
        (refused.refusal(), refused.body["code"].clone()),
        ("400 customerOutsideRegion".to_owned(), json!(20_000))
    );
    let values = &refused.body["parameters"];
    assert_eq!((&values["customerCountry"], &values["providerCountry"]), (&json!("US"), &json!("SE")));
    let neighbour = json!({ "addressLine1": "x", "city": "Oslo", "postalCode": "0150" });
    assert_eq!(channel.provider.post("/v1/customers", body_in("no", "tailspin", neighbour)).await.status, 201);
    let mut billing = customer_body("fabrikam", None)["billingProfile"].clone();
    billing["defaultAddress"] = address;
    billing["defaultAddress"]["country"] = json!("US");
    let moved = channel.reseller.put(&channel.path("/profiles/billing"), billing, None).await;
    assert_eq!(moved.refusal(), "400 customerOutsideRegion");
}

#[actix_web::test]
async fn a_billing_profile_is_replaced_by_who_saw_the_latest_one() {
    let channel = Channel::open().await;
    let path = channel.path("/profiles/billing");
    let shown = channel.reseller.get(&path).await.ok();
    assert_eq!((shown["attributes"]["etag"].clone(), shown["companyName"].clone()), (json!("1"), json!("fabrikam")));
    assert_eq!(shown["attributes"]["objectType"], "CustomerBillingProfile");
    let whole = channel.provider.get(&channel.path("")).await.ok();
    assert_eq!(whole["billingProfile"], shown);
    // As .NET does it: what it was shown, in Pascal case, with the etag in the body.
    let mut sent = json!({
        "Email": "invoices@fabrikam.example", "Culture": "sv-SE", "Language": "sv", "CompanyName": "Fabrikam AB",
        "FirstName": null, "Id": channel.customer.id, "Links": { "Self": null }, "Attributes": { "Etag": "1" },
        "DefaultAddress": { "Country": "SE", "AddressLine1": "Storgatan 2", "PostalCode": "903 25", "State": "" },
    });
    let changed = channel.provider.put(&path, sent.clone(), None).await.ok();
    assert_eq!(
        (changed["attributes"]["etag"].clone(), changed["companyName"].clone()),
        (json!("2"), json!("Fabrikam AB"))
    );
    assert_eq!(channel.reseller.get(&path).await.ok(), changed);
    let stale = channel.reseller.put(&path, sent.clone(), None).await;
    assert_eq!(stale.refusal(), "412 etagStale");
    assert_eq!(channel.reseller.put(&path, sent.clone(), Some("\"1\"")).await.refusal(), "412 etagStale");
    // The same again changes nothing; without an etag the change proceeds.
    assert_eq!(channel.reseller.put(&path, sent.clone(), Some("2")).await.ok()["attributes"]["etag"], "2");
    sent["Attributes"] = Value::Null;
    sent["Email"] = json!("bills@fabrikam.example");
    assert_eq!(channel.reseller.put(&path, sent.clone(), None).await.ok()["attributes"]["etag"], "3");
    let changes = channel.centre.event_kinds().iter().filter(|kind| *kind == "customer_billing_changed").count();
    assert_eq!(changes, 2);
    for (property, value, named) in [
        ("Email", json!("x"), "email"),
        ("Language", json!(""), "language"),
        ("DefaultAddress", json!({ "Country": "SE" }), "defaultAddress.addressLine1"),
        (
            "DefaultAddress",
            json!({ "Country": "SE", "AddressLine1": "x", "PostalCode": "1" }),
            "defaultAddress.postalCode",
        ),
    ] {
        let mut part = sent.clone();
        part[property] = value;
        let refused = channel.provider.put(&path, part, None).await;
        assert_eq!(
            (refused.refusal().as_str(), &refused.body["parameters"]["property"]),
            ("400 propertyInvalid", &json!(named))
        );
    }
    let helpdesk = channel.provider.colleague("help@northwind.example", &["helpdesk_agent"]).await;
    assert_eq!(helpdesk.put(&path, sent, None).await.refusal(), "403 roleMissing");
    assert_eq!(helpdesk.get(&path).await.status, 200);
    let stranger = channel.centre.provider(&channel.operator, "trey").await;
    assert_eq!(stranger.get(&path).await.refusal(), "404 relationshipMissing");
}

#[actix_web::test]
async fn a_billing_profile_changed_twice_at_once_is_changed_by_one() {
    let channel = Channel::open().await;
    let path = channel.path("/profiles/billing");
    let changes = (0..8).map(|n| {
        let mut body = customer_body("fabrikam", None)["billingProfile"].clone();
        body["companyName"] = json!(format!("Fabrikam {n}"));
        body["attributes"] = json!({ "etag": "1" });
        channel.provider.put(&path, body, None)
    });
    let changes: Vec<_> = changes.collect();
    let answers = futures_util::future::join_all(changes).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.refusal() == "412 etagStale"));
    assert_eq!(channel.provider.get(&path).await.ok()["attributes"]["etag"], "2");
}

#[actix_web::test]
async fn the_directory_of_a_customer_is_shown_to_who_administers_it() {
    let channel = Channel::open().await;
    let company = channel.reseller.get(&channel.path("/profiles/company")).await.ok();
    assert_eq!(
        (company["tenantId"].clone(), company["email"].clone()),
        (json!(channel.customer.id), json!("billing@fabrikam.example"))
    );
    assert_eq!(company["address"]["city"], "Umeå");
    let organization = channel.reseller.get(&channel.path("/organization")).await.ok();
    let expected = json!([{
        "displayName": "fabrikam", "street": "Storgatan 1", "postalCode": "903 25", "city": "Umeå",
        "countryLetterCode": "SE", "technicalNotificationMails": ["billing@fabrikam.example"],
    }]);
    assert_eq!(organization, expected);
    let domains = channel.reseller.get(&channel.path("/customdomains")).await.ok();
    assert_eq!(domains, json!(["fabrikam.onmicrosoft.com"]));
    let services = channel.reseller.get(&channel.path("/managedservices")).await.ok();
    assert_eq!(
        services["items"][0]["links"]["adminService"]["uri"],
        format!("/customers/{}/devices", channel.customer.id)
    );

    channel.end_delegation_of_reseller().await;
    let company = channel.reseller.get(&channel.path("/profiles/company")).await.ok();
    assert_eq!(company["companyName"], "fabrikam");
    assert!(company.get("email").is_none() && company.get("address").is_none());
    for path in ["/organization", "/customDomains"] {
        let refused = channel.reseller.get(&channel.path(path)).await;
        assert_eq!(refused.refusal(), "403 delegatedAdministrationMissing", "{path}");
    }
    assert_eq!(channel.reseller.get(&channel.path("/managedservices")).await.ok()["totalCount"], 0);
    assert_eq!(channel.provider.get(&channel.path("/managedservices")).await.ok()["totalCount"], 1);
    let status = channel.reseller.get(&channel.path("/validationStatus?type=account")).await.ok();
    assert_eq!((status["type"].clone(), status["status"].clone()), (json!("account"), json!("allowed")));
    let other = channel.reseller.get(&channel.path("/validationStatus?type=tax")).await;
    assert_eq!(other.refusal(), "400 validationTypeUnknown");
}

#[actix_web::test]
async fn what_kind_of_customer_it_is_is_stated_and_taken_back() {
    let channel = Channel::open().await;
    let path = channel.path("/qualifications");
    assert_eq!(channel.reseller.get(&path).await.ok()["totalCount"], 0);
    assert_eq!(channel.reseller.get(&channel.path("/qualification")).await.ok()["qualification"], "none");
    let education =
        json!({ "Qualification": "Education", "EducationSegment": "K12", "Website": "https://school.example" });
    let stated = channel.reseller.post(&path, education.clone()).await.ok();
    assert_eq!(
        (stated["qualification"].clone(), stated["educationSegment"].clone()),
        (json!("education"), json!("K12"))
    );
    assert_eq!(channel.provider.post(&path, education).await.ok(), stated);
    channel.provider.post(&path, json!({ "qualification": "state_owned_entity" })).await.ok();
    let government = json!({ "qualification": "GovernmentCommunityCloud" });
    assert_eq!(channel.provider.post(&path, government).await.refusal(), "400 validationCodeMissing");
    let list = channel.reseller.get(&path).await.ok();
    let listed: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["qualification"].as_str().unwrap()).collect();
    assert_eq!(listed, ["education", "state_owned_entity"]);
    for (sent, refusal) in [("charity", "400 qualificationUnknown"), ("none", "400 qualificationEmpty")] {
        assert_eq!(channel.provider.post(&path, json!({ "qualification": sent })).await.refusal(), refusal);
    }
    let one =
        channel.provider.put(&channel.path("/qualification"), json!({ "qualification": "nonprofit" }), None).await;
    assert_eq!(one.ok()["qualification"], "nonprofit");
    assert_eq!(channel.reseller.get(&path).await.ok()["totalCount"], 1);
    assert_eq!(channel.reseller.get(&channel.path("/qualification")).await.ok()["qualification"], "nonprofit");
    channel.provider.put(&channel.path("/qualification"), json!({ "qualification": "none" }), None).await.ok();
    assert_eq!(channel.reseller.get(&path).await.ok()["totalCount"], 0);
    let events = channel.centre.event_kinds();
    assert_eq!(events.iter().filter(|kind| *kind == "customer_qualified").count(), 4);
    let script = channel.provider.application(&["sales_agent"]).await;
    assert_eq!(script.get(&path).await.refusal(), "403 appOnlyRefused");
}

#[actix_web::test]
async fn an_agreement_that_a_customer_accepted_is_recorded_once() {
    let channel = Channel::open().await;
    let all = channel.reseller.get("/v1/agreements?agreementType=*").await.ok();
    assert_eq!(all["totalCount"], 2);
    let usual = channel.reseller.get("/v1/agreements").await.ok();
    assert_eq!(usual["items"][0]["agreementType"], "MicrosoftCloudAgreement");
    assert_eq!(channel.reseller.get("/v1/agreements?agreementType=x").await.refusal(), "400 agreementTypeUnknown");
    let template = "117a77b0-9360-443b-8795-c6dedc750cf9";
    let document = format!("/v1/agreementtemplates/{template}/document?language=sv-SE&country=SE");
    let document = channel.reseller.get(&document).await.ok();
    assert_eq!((document["language"].clone(), document["country"].clone()), (json!("sv-SE"), json!("SE")));
    assert!(document["displayUri"].as_str().unwrap().starts_with("https://"));
    let unknown = channel.reseller.get("/v1/agreementtemplates/x/document").await;
    assert_eq!(unknown.refusal(), "404 agreementTemplateUnknown");

    let path = channel.path("/agreements");
    let body = json!({
        "PrimaryContact": { "FirstName": "Frida", "LastName": "Fors", "Email": "frida@fabrikam.example" },
        "TemplateId": template, "DateAgreed": "2026-11-20T08:00:00", "Type": "MicrosoftCustomerAgreement", "UserId": null,
    });
    for (property, value, refusal) in [
        ("DateAgreed", json!("2026-12-24T08:00:00Z"), "400 agreedInFuture"),
        ("DateAgreed", json!("0001-01-01T00:00:00"), "400 badRequest"),
        ("DateAgreed", json!("yesterday"), "400 badRequest"),
        ("TemplateId", json!(channel.customer.id), "404 agreementTemplateUnknown"),
        ("Type", json!("MicrosoftCloudAgreement"), "400 agreementTypeWrong"),
        ("PrimaryContact", json!({ "FirstName": "Frida" }), "400 badRequest"),
    ] {
        let mut wrong = body.clone();
        wrong[property] = value;
        assert_eq!(channel.provider.post(&path, wrong).await.refusal(), refusal, "{property}");
    }
    let recorded = channel.provider.post(&path, body.clone()).await;
    assert_eq!(recorded.status, 201);
    let recorded = recorded.ok();
    assert_eq!(
        (recorded["templateId"].clone(), recorded["primaryContact"]["firstName"].clone()),
        (json!(template), json!("Frida"))
    );
    assert_eq!(recorded["attributes"]["objectType"], "Agreement");
    let again = channel.reseller.post(&path, body).await;
    assert_eq!(
        (again.refusal(), again.body["code"].clone()),
        ("409 customerAgreementExists".to_owned(), json!(600_061))
    );
    let listed = channel.reseller.get(&path).await.ok();
    assert_eq!((listed["totalCount"].clone(), listed["items"][0]["id"].clone()), (json!(1), recorded["id"].clone()));
    assert!(recorded["userId"].is_string());
    assert!(listed["items"][0].get("userId").is_none(), "who works at the provider is not the reseller's to know");
    let other = channel.reseller.get(&format!("{path}?agreementType=MicrosoftCloudAgreement")).await.ok();
    assert_eq!(other["totalCount"], 0);
    let signed = channel.reseller.get(&channel.path("/directSignedMicrosoftCustomerAgreementStatus")).await.ok();
    assert_eq!(signed["isSigned"], false);
    assert!(channel.centre.event_kinds().contains(&"customer_agreement_confirmed".to_owned()));
}

#[actix_web::test]
async fn customers_are_searched_by_name_or_domain_and_filters_are_joined() {
    let channel = Channel::open().await;
    let (centre, provider) = (&channel.centre, &channel.provider);
    let mut umea = customer_body("norrbygg", None);
    umea["companyProfile"]["companyName"] = json!("Åre BYGG 100%");
    provider.post("/v1/customers", umea).await.ok();
    centre.customer(provider, "fab100", None).await;
    let stranger = centre.provider(&channel.operator, "trey").await;
    centre.customer(&stranger, "fabother", None).await;
    let listed = async |actor: &Actor, query: &str| {
        let list = actor.get(&format!("/v1/customers?{query}")).await.ok();
        let items = list["items"].as_array().unwrap().clone();
        let domain =
            |item: &Value| item["companyProfile"]["domain"].as_str().unwrap().split('.').next().unwrap().to_owned();
        items.iter().map(domain).collect::<Vec<_>>()
    };
    assert_eq!(listed(provider, "search=FAB").await, ["fabrikam", "fab100"]);
    assert_eq!(listed(provider, "search=bygg").await, ["norrbygg"]);
    assert_eq!(listed(provider, "search=%C3%85RE").await, ["norrbygg"]);
    assert_eq!(listed(provider, "search=0%25").await, ["norrbygg"]);
    assert_eq!(listed(provider, "search=rikam.onm").await, ["fabrikam"]);
    assert_eq!(listed(provider, "search=_").await, Vec::<String>::new());
    assert_eq!(listed(provider, "search=%20").await.len(), 3);
    assert_eq!(listed(&channel.reseller, "search=fab").await, ["fabrikam"]);
    let one = |field: &str, value: &str| json!({ "Field": field, "Value": value, "Operator": "starts_with" });
    let joined = json!({
        "LeftFilter": one("IndirectReseller", &channel.reseller.id), "RightFilter": one("CompanyName", "Fab"), "Operator": "and",
    });
    let encoded: String = joined.to_string().bytes().map(|b| format!("%{b:02X}")).collect();
    assert_eq!(listed(provider, &format!("filter={encoded}")).await, ["fabrikam"]);
    assert_eq!(listed(provider, &format!("filter={encoded}&search=fab100")).await, Vec::<String>::new());
    let pages = provider.get("/v1/customers?search=fab&size=1").await.ok();
    let next = format!("/v1{}", pages["links"]["next"]["uri"].as_str().unwrap());
    let token = pages["continuationToken"].as_str().unwrap();
    assert!(next.contains("search=fab"), "{next}");
    let second = provider.with("GET", &next, &[("ms-continuationtoken", token)], Value::Null).await.ok();
    assert_eq!(second["items"][0]["companyProfile"]["domain"], "fab100.onmicrosoft.com");
    assert!(second.get("continuationToken").is_none());
    assert_eq!(provider.get(&format!("/v1/customers?search={}", "x".repeat(254))).await.refusal(), "400 badRequest");
}

#[actix_web::test]
async fn a_domain_of_the_customers_own_is_added_by_who_administers_it() {
    let channel = Channel::open().await;
    let path = channel.path("/verifieddomain");
    let domain = |name: &str| {
        json!({
            "VerifiedDomainName": name,
            "Domain": {
                "AuthenticationType": "managed", "Capability": "Email", "IsDefault": false, "IsInitial": false, "Name": name,
                "RootDomain": null, "Status": "Verified", "VerificationMethod": "DnsRecord",
            },
            "DomainFederationSettings": null,
        })
    };
    let added = channel.reseller.post(&path, domain("Fabrikam.example")).await;
    assert_eq!(added.status, 201);
    let added = added.ok();
    assert_eq!((added["name"].clone(), added["status"].clone()), (json!("fabrikam.example"), json!("Verified")));
    assert_eq!(added["authenticationType"], "Managed");
    assert_eq!(channel.reseller.post(&path, domain("fabrikam.example")).await.ok(), added);
    let domains = channel.reseller.get(&channel.path("/customDomains")).await.ok();
    assert_eq!(domains, json!(["fabrikam.onmicrosoft.com", "fabrikam.example"]));
    assert_eq!(channel.provider.call(request("HEAD", "/v1/domains/fabrikam.example")).await.status, 200);
    // It is the customer's: nobody else's customer begins with it, and no path or sign-in knows it.
    let mut other = customer_body("x", None);
    other["companyProfile"]["domain"] = json!("fabrikam.example");
    assert_eq!(channel.provider.post("/v1/customers", other).await.refusal(), "409 customerDomainTaken");
    assert_eq!(channel.provider.get("/v1/customers/fabrikam.example").await.refusal(), "404 relationshipMissing");
    let mut differing = domain("contoso.example");
    differing["Domain"]["Name"] = json!("tailspin.example");
    let mut federated = domain("contoso.example");
    federated["Domain"]["AuthenticationType"] = json!("Federated");
    for (body, refusal) in [
        (domain("norrsken.example"), "409 customerDomainTaken"),
        (domain("more.onmicrosoft.com"), "400 domainNotOwn"),
        (domain("contoso"), "400 customerDomainMalformed"),
        (differing, "400 domainNamesDiffer"),
        (federated.clone(), "400 federationSettingsWrong"),
    ] {
        assert_eq!(channel.reseller.post(&path, body).await.refusal(), refusal);
    }
    federated["DomainFederationSettings"] = json!({ "IssuerUri": "https://sts.contoso.example" });
    assert_eq!(channel.reseller.post(&path, federated).await.ok()["authenticationType"], "Federated");
    channel.end_delegation_of_reseller().await;
    let refused = channel.reseller.post(&path, domain("late.example")).await;
    assert_eq!(refused.refusal(), "403 delegatedAdministrationMissing");
}

#[actix_web::test]
async fn a_consent_for_an_application_is_recorded_and_taken_back() {
    let channel = Channel::open().await;
    let path = channel.path("/applicationconsents");
    let application = uuid::Uuid::now_v7().to_string();
    let body = json!({
        "applicationId": application,
        "applicationGrants": [{ "enterpriseApplicationId": uuid::Uuid::now_v7().to_string(), "scope": "User.Read,Mail.Read" }],
    });
    for _ in 0..2 {
        let consented = channel.reseller.post(&path, body.clone()).await;
        assert_eq!((consented.status, &consented.body["applicationId"]), (201, &json!(application)));
    }
    let mut nothing = body.clone();
    nothing["applicationGrants"] = json!([]);
    assert_eq!(channel.reseller.post(&path, nothing).await.refusal(), "400 consentEmpty");
    let one = format!("{path}/{application}");
    assert_eq!(channel.provider.delete(&one).await.refusal(), "404 consentUnknown");
    assert_eq!(channel.reseller.delete(&one).await.status, 200);
    assert_eq!(channel.reseller.delete(&one).await.refusal(), "404 consentUnknown");
    let kinds = channel.centre.event_kinds();
    let count = |wanted: &str| kinds.iter().filter(|kind| *kind == wanted).count();
    assert_eq!((count("application_consented"), count("application_consent_withdrawn")), (1, 1));
    channel.end_delegation_of_reseller().await;
    assert_eq!(channel.reseller.post(&path, body).await.refusal(), "403 delegatedAdministrationMissing");
}
