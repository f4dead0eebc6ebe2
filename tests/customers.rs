//! Customers, their administrators, temporary passwords.

use serde_json::json;

use crate::harness::{Actor, Centre, PASSWORD, customer_body, names, nothing};

async fn channel(centre: &Centre) -> (Actor, Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    (operator, provider, reseller)
}

#[actix_web::test]
async fn a_customer_is_created_from_the_body_that_dotnet_clients_send() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let body = json!({
        "Id": null, "CommerceId": null, "RelationshipToPartner": "unknown", "AllowDelegatedAccess": null,
        "AssociatedPartnerId": "6001234", "Links": null, "Attributes": { "ObjectType": "Customer" },
        "CompanyProfile": { "TenantId": null, "Domain": "Fabrikam.onmicrosoft.com", "CompanyName": "Fabrikam" },
        "BillingProfile": {
            "Id": null, "Email": "billing@fabrikam.example", "Culture": "sv-SE", "Language": "sv",
            "CompanyName": "Fabrikam", "DefaultAddress": { "Country": "SE", "City": "Umeå", "AddressLine1": "Storgatan 1" },
        },
    });
    let created = provider.post("/V1//Customers/", body).await;
    assert_eq!(created.status, 201);
    let created = created.ok();
    assert_eq!(created["companyProfile"]["domain"], "fabrikam.onmicrosoft.com");
    assert_eq!(created["associatedPartnerId"], reseller.id);
    assert_eq!(created["userCredentials"]["userName"], "admin");
    assert_eq!(created["attributes"]["objectType"], "Customer");
    let shown = provider.get("/v1/customers/fabrikam.onmicrosoft.com").await.ok();
    assert_eq!(shown["id"], created["id"]);
    assert!(shown.get("userCredentials").is_none());
    assert_eq!(shown["billingProfile"]["defaultAddress"]["city"], "Umeå");
}

#[actix_web::test]
async fn what_prevents_a_customer_is_named_and_leaves_nothing() {
    let centre = Centre::open().await;
    let (operator, provider, reseller) = channel(&centre).await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    let for_reseller = |id: &str| customer_body("fabrikam", Some(id));
    let mut without_name = customer_body("fabrikam", None);
    without_name["billingProfile"]["email"] = json!("");
    let mut bad_domain = customer_body("fabrikam", None);
    bad_domain["companyProfile"]["domain"] = json!("fabrikam");
    for (body, refusal) in [
        (for_reseller(&stranger.id), "400 resellerUnknown"),
        (for_reseller("6002234"), "400 resellerUnknown"),
        (for_reseller("777"), "400 resellerUnknown"),
        (for_reseller("someone"), "400 resellerUnknown"),
        (for_reseller("16001234"), "400 mpnIdNotOnboarded"),
        (for_reseller("26001234"), "400 mpnIdNotOnboarded"),
        (without_name, "400 propertyInvalid"),
        (bad_domain, "400 customerDomainMalformed"),
        (json!({ "companyProfile": {} }), "400 badRequest"),
    ] {
        assert_eq!(provider.post("/v1/customers", body.clone()).await.refusal(), refusal, "{body}");
    }
    let other_location = provider.post("/v1/customers", for_reseller("26001234")).await;
    assert_eq!(other_location.body["parameters"]["use"], "6001234");
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 0);
    let named = reseller.post("/v1/customers", customer_body("fabrikam", None)).await;
    assert_eq!(named.refusal(), "403 wrongOrganisation");
}

#[actix_web::test]
async fn a_lapsed_agreement_blocks_new_customers_only() {
    let centre = Centre::open().await;
    let (operator, provider, reseller) = channel(&centre).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    centre.advance(std::time::Duration::from_secs(1));
    let version = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa-2" });
    operator.post("/v1/agreements/mpa/versions", version).await.ok();
    let create = || provider.post("/v1/customers", customer_body("tailspin", Some(&reseller.id)));
    assert_eq!(create().await.refusal(), "403 ownAgreementMissing");
    provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    assert_eq!(create().await.refusal(), "403 resellerAgreementMissing");
    let file = b"Manufacturer,Model,Serial Number\nFabrikam,Falcon,F1\n";
    assert_eq!(reseller.register(&customer.id, file).await["state"], "finished");
    reseller.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    assert_eq!(create().await.status, 201);
}

#[actix_web::test]
async fn a_domain_belongs_to_one_customer_also_when_created_twice_at_once() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let creations = (0..8).map(|_| provider.post("/v1/customers", customer_body("fabrikam", None)));
    let answers = futures_util::future::join_all(creations).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().filter(|a| a.status != 201).all(|a| a.refusal() == "409 customerDomainTaken"));
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 1);
}

#[actix_web::test]
async fn tmp_02_a_temporary_password_is_good_for_one_sign_in_also_in_parallel() {
    const CLIENTS: usize = 64;
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let created = provider.post("/v1/customers", customer_body("fabrikam", None)).await.ok();
    let first = json!({
        "userName": "admin@fabrikam.onmicrosoft.com",
        "temporaryPassword": created["userCredentials"]["password"],
        "newPassword": PASSWORD,
    });
    let tries = (0..CLIENTS).map(|_| centre.post("/v1/accounts/password", first.clone()));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let lost = ["401 firstSignInRefused", "429 tooManyAttempts"];
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| lost.contains(&a.refusal().as_str())));
    centre.advance(std::time::Duration::from_secs(60 * 60));
    let unknown = json!({ "userName": "nobody@x.example", "temporaryPassword": "x", "newPassword": PASSWORD });
    assert_eq!(centre.post("/v1/accounts/password", unknown).await.refusal(), "401 firstSignInRefused");
}

#[actix_web::test]
async fn tmp_02_a_temporary_password_expires() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let created = provider.post("/v1/customers", customer_body("fabrikam", None)).await.ok();
    centre.advance(partner_center::platform::clock::days(90));
    let first = json!({
        "userName": "admin@fabrikam.onmicrosoft.com",
        "temporaryPassword": created["userCredentials"]["password"],
        "newPassword": PASSWORD,
    });
    assert_eq!(centre.post("/v1/accounts/password", first).await.refusal(), "401 firstSignInRefused");
}

#[actix_web::test]
async fn tmp_01_no_temporary_password_is_in_the_database_or_in_a_mail() {
    const CREATIONS: usize = 50;
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let mut canaries = std::collections::BTreeSet::new();
    for number in 0..CREATIONS {
        let created = provider.post("/v1/customers", customer_body(&format!("fabrikam{number}"), None)).await.ok();
        canaries.insert(created["userCredentials"]["password"].as_str().unwrap().to_owned());
    }
    assert_eq!(canaries.len(), CREATIONS);
    centre.run_jobs().await;
    let mails = crate::harness::mail_files(&centre.mail_folder());
    let mails: Vec<String> = mails.iter().map(|mail| std::fs::read_to_string(mail).unwrap()).collect();
    assert!(centre.database().holds("fabrikam49.onmicrosoft.com"), "the search itself must see");
    assert!(mails.iter().any(|mail| mail.contains("To: ")), "the search itself must see");
    for canary in &canaries {
        assert!(!centre.database().holds(canary) && !mails.iter().any(|mail| mail.contains(canary)), "{canary}");
    }
}

#[actix_web::test]
async fn unknown_and_unrelated_customers_are_the_same_answer() {
    let centre = Centre::open().await;
    let (operator, provider, _) = channel(&centre).await;
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let stranger = centre.provider(&operator, "trey").await;
    let absent = uuid::Uuid::now_v7().to_string();
    for path in ["", "/relationships", "/devices", "/deviceRegistrations"] {
        let unrelated = stranger.get(&format!("/v1/customers/{}{path}", customer.id)).await;
        let unknown = stranger.get(&format!("/v1/customers/{absent}{path}")).await;
        assert_eq!(unrelated.refusal(), "404 relationshipMissing", "{path}");
        assert_eq!(unrelated.text.replace(&customer.id, "X"), unknown.text.replace(&absent, "X"), "{path}");
    }
    let by_domain = stranger.get("/v1/customers/fabrikam.onmicrosoft.com").await;
    assert_eq!(by_domain.refusal(), "404 relationshipMissing");
}

#[actix_web::test]
async fn a_customer_sees_and_ends_who_administers_it_and_only_itself() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let own = format!("/v1/customers/{}/administrators", customer.id);
    let foreign = format!("/v1/customers/{}/administrators", other.id);
    assert_eq!(customer.admin.get(&foreign).await.refusal(), "404 relationshipMissing");
    assert_eq!(provider.get(&own).await.refusal(), "403 wrongOrganisation");
    let end = format!("{own}/{}", reseller.id);
    assert_eq!(other.admin.delete(&end).await.refusal(), "404 relationshipMissing");
    for _ in 0..2 {
        assert_eq!(customer.admin.delete(&end).await.status, 204);
    }
    assert_eq!(names(&customer.admin.get(&own).await.ok()), ["northwind"]);
    let nobody = format!("{own}/{}", uuid::Uuid::now_v7());
    assert_eq!(customer.admin.delete(&nobody).await.refusal(), "404 administratorMissing");
    let shown = reseller.get(&format!("/v1/customers/{}", customer.id)).await.ok();
    assert_eq!(shown["allowDelegatedAccess"], false);
    assert!(shown["companyProfile"].get("address").is_none());
}

#[actix_web::test]
async fn the_list_is_filtered_by_name_domain_reseller_and_provider_also_after_the_partnership() {
    let centre = Centre::open().await;
    let (operator, provider, reseller) = channel(&centre).await;
    let other = centre.provider(&operator, "trey").await;
    centre.partner(&other, &reseller).await;
    centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    centre.customer(&provider, "fab100", None).await;
    centre.customer(&other, "fabother", Some(&reseller)).await;
    centre.customer(&other, "contoso", None).await;
    let listed = async |actor: &Actor, field: &str, value: &str| {
        let filter = format!(
            "%7B%22Field%22%3A%22{field}%22%2C%22Value%22%3A%22{value}%22%2C%22Operator%22%3A%22starts_with%22%7D"
        );
        let list = actor.get(&format!("/v1/customers?filter={filter}")).await.ok();
        let items = list["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["companyProfile"]["companyName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&provider, "CompanyName", "FAB").await, ["fabrikam", "fab100"]);
    assert_eq!(listed(&provider, "CompanyName", "rikam").await, Vec::<String>::new());
    assert_eq!(listed(&provider, "CompanyName", "%25").await, Vec::<String>::new());
    assert_eq!(listed(&provider, "Domain", "Fab100.on").await, ["fab100"]);
    assert_eq!(listed(&reseller, "IndirectCloudSolutionProvider", &provider.id).await, ["fabrikam"]);
    assert_eq!(listed(&reseller, "IndirectCloudSolutionProvider", &other.id).await, ["fabother"]);
    assert_eq!(listed(&reseller, "CompanyName", "fab").await, ["fabrikam", "fabother"]);
    // Of others nothing is found, whoever they are.
    assert_eq!(listed(&provider, "IndirectReseller", &other.id).await, Vec::<String>::new());
    assert_eq!(listed(&other, "IndirectReseller", &reseller.id).await, ["fabother"]);
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    assert_eq!(listed(&provider, "IndirectReseller", &reseller.id.to_uppercase()).await, ["fabrikam"]);
    let script = provider.application(&["sales_agent"]).await;
    assert_eq!(listed(&script, "CompanyName", "fab1").await, ["fab100"]);
    let filter = format!(
        "%7B%22Field%22%3A%22IndirectReseller%22%2C%22Value%22%3A%22{}%22%2C%22Operator%22%3A%22starts_with%22%7D",
        reseller.id
    );
    assert_eq!(script.get(&format!("/v1/customers?filter={filter}")).await.refusal(), "403 appOnlyRefused");
    assert_eq!(provider.get("/v1/customers?filter=x").await.refusal(), "400 badRequest");
}
