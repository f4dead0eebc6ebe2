//! "Why can't I?": the answer agrees with what the real call answers, and tells nothing that it does not.

use partner_center::access::PERMISSIONS;
use serde_json::{Value, json};

use crate::harness::{Actor, Answer, Centre, customer_body, names, nothing};

async fn ask(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("/v1/why?action={query}")).await.ok()
}

/// The conditions that are not met.
fn missing(verdict: &Value) -> Vec<String> {
    let checks = verdict["checks"].as_array().unwrap();
    let open = checks.iter().filter(|check| check["holds"] == false);
    open.map(|check| check["what"].as_str().unwrap().to_owned()).collect()
}

/// Whether a real call got past every condition: what it says of the rest of the request does not matter.
fn got_through(answer: &Answer) -> bool {
    let name = answer.body["errorName"].as_str().unwrap_or_default();
    answer.status != 403 && !matches!(name, "relationshipMissing" | "partnershipMissing" | "administratorMissing")
}

/// A call for every permission, for a customer and a partner.
async fn call(actor: &Actor, permission: &str, customer: &str, partner: &str) -> Answer {
    let absent = uuid::Uuid::now_v7();
    let of_customer = |rest: &str| format!("/v1/customers/{customer}{rest}");
    match permission {
        "RunTheCentre" => actor.get("/v1/enrollments").await,
        "DecideEnrollments" => actor.post(&format!("/v1/enrollments/{absent}/approve"), nothing()).await,
        "ManageApplications" => actor.post("/v1/applications", json!({ "name": "x", "roles": ["sales_agent"] })).await,
        "ReadOwnEnrollment" => actor.get("/v1/enrollments/current").await,
        "SignAgreement" => actor.post("/v1/agreements/mpa/signatures", nothing()).await,
        "ReadAgreements" => actor.get("/v1/agreements/mpa/signatures").await,
        "InviteResellers" => actor.post("/v1/relationships/invitations", json!({ "email": "a@b.example" })).await,
        "ReadInvitations" => actor.get("/v1/relationships/invitations").await,
        "AnswerInvitations" => actor.post("/v1/invitations/inv_x/decline", nothing()).await,
        "ReadPartnerships" => actor.get("/v1/relationships").await,
        "RemovePartnerships" => actor.get(&format!("/v1/relationships/{partner}/removal")).await,
        "CreateCustomers" => {
            let name = format!("n{}", &absent.simple().to_string()[8..]);
            actor.post("/v1/customers", customer_body(&name, Some(partner))).await
        }
        "ReadCustomers" => actor.get(&of_customer("")).await,
        "PlaceOrders" => {
            let order = json!({ "lineItems": [{ "offerId": absent, "quantity": 1 }] });
            actor.post(&of_customer("/orders"), order).await
        }
        "ReadSubscriptions" => actor.get(&of_customer("/subscriptions")).await,
        "ChangeSubscriptions" => {
            actor.send("PATCH", &of_customer(&format!("/subscriptions/{absent}")), nothing()).await
        }
        "DesignateSupportContacts" => {
            let path = of_customer(&format!("/subscriptions/{absent}/supportcontact"));
            actor.put(&path, json!({ "supportTenantId": partner }), None).await
        }
        "ReadIncentives" => actor.get("/v1/incentives").await,
        "ChangeCustomers" => {
            let body = customer_body("fabrikam", None)["billingProfile"].clone();
            actor.put(&of_customer("/profiles/billing"), body, None).await
        }
        "ReadCatalogue" => actor.get("/v1/offers").await,
        "ReadAdministrators" => actor.get(&of_customer("/administrators")).await,
        "EndAdministration" => {
            let unknown = actor.delete(&of_customer(&format!("/administrators/{partner}"))).await;
            assert!(unknown.status < 500, "{}", unknown.text);
            unknown
        }
        "RequestAdministration" => actor.post("/v1.0/tenantRelationships/delegatedAdminRelationships", json!({})).await,
        "ReadAdministration" => actor.get("/v1.0/tenantRelationships/delegatedAdminRelationships").await,
        "AnswerAdministration" => actor.post("/v1/administrationrequests/links/gda_x/decline", nothing()).await,
        "EndCustomerRelationships" => actor.send("PATCH", &of_customer(""), json!({})).await,
        "GrantTenantOwner" => actor.post(&of_customer("/tenantowners"), json!({ "partnerId": partner })).await,
        "ReadTenantOwners" => actor.get(&of_customer("/tenantowners")).await,
        "RegisterDevices" => actor.upload(&of_customer("/deviceRegistrations"), b"x", &[]).await,
        "CheckInDevices" => actor.post("/v1/devicecheckins", json!({ "devices": [] })).await,
        "ManageDevicePolicies" => actor.post(&of_customer("/policies"), json!({ "name": "" })).await,
        "ReadDevices" => actor.get(&of_customer("/devices")).await,
        "ManageUsers" => {
            let body = json!({ "email": format!("{absent}@b.example"), "displayName": "x", "roles": ["global_admin"] });
            actor.post("/v1/users", body).await
        }
        "ReadUsers" => actor.get("/v1/users").await,
        "ReadAgreementVersions" => actor.get("/v1/agreements/mpa/versions").await,
        "ReadProfiles" => actor.get("/v1/profiles/legalbusiness").await,
        "ChangeProfiles" => actor.put("/v1/profiles/support", json!({ "email": "a@b.example" }), None).await,
        "ReadOwnListing" => actor.get("/v1/indirectproviders/current").await,
        "RequestListingChange" => {
            actor.post("/v1/indirectproviders/current/changerequests", json!({ "text": "Please." })).await
        }
        "RequestRelationships" => actor.post("/v1/relationshiprequests", json!({ "delegatedAdmin": false })).await,
        "ReadRelationshipRequests" => actor.get("/v1/relationshiprequests").await,
        "AnswerRelationshipRequests" => actor.post("/v1/relationshiprequests/links/req_x/approve", nothing()).await,
        "ReadCustomerDrafts" => actor.get("/v1/customerdrafts").await,
        // The person named is looked at once the gate is passed, and nothing is reset.
        "ResetSetupInfo" => {
            let nobody = json!({ "setupInfoTo": { "name": "", "email": "" } });
            actor.post(&of_customer("/setupinfo"), nobody).await
        }
        "ReadCustomerUsers" => actor.get(&of_customer("/users")).await,
        // No user of the customer can have such a name, and nobody is created.
        "ChangeCustomerUsers" => actor.post(&of_customer("/users"), json!({ "userPrincipalName": "" })).await,
        "ReadTrail" => actor.get("/v1/auditrecords").await,
        other => panic!("{other} needs a call here, so that /v1/why is held to what it answers"),
    }
}

#[actix_web::test]
async fn the_answer_agrees_with_the_real_call_for_every_permission() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let ended = centre.customer(&provider, "tailspin", Some(&reseller)).await;
    ended.admin.delete(&format!("/v1/customers/{}/administrators/{}", ended.id, reseller.id)).await;
    let script = provider.application(&["sales_agent"]).await;
    let helpdesk = reseller.application(&["helpdesk_agent"]).await;
    let absent = uuid::Uuid::now_v7().to_string();
    let actors = [
        ("operator", &operator),
        ("provider", &provider),
        ("provider's script", &script),
        ("reseller", &reseller),
        ("reseller's script", &helpdesk),
        ("stranger", &stranger),
        ("customer", &customer.admin),
    ];
    let mut answered = (0, 0);
    for rule in PERMISSIONS {
        for (who, actor) in actors {
            for about in [&customer.id, &ended.id, &absent] {
                for other in [&reseller.id, &provider.id, &stranger.id] {
                    // A customer whose administration is ended has it ended: once is enough to compare.
                    if rule.name == "EndAdministration" && (who, other) == ("customer", &reseller.id) {
                        continue;
                    }
                    let verdict = ask(actor, &format!("{}&customerId={about}&partnerId={other}", rule.name)).await;
                    let real = call(actor, rule.name, about, other).await;
                    let allowed = verdict["allowed"].as_bool().unwrap();
                    // A reseller that is none of one's own is named in a property, so that refusal is one of the body.
                    let through = got_through(&real) && real.refusal() != "400 resellerUnknown";
                    assert_eq!(allowed, through, "{} as {who}: {verdict} but {}", rule.name, real.text);
                    answered = if allowed { (answered.0 + 1, answered.1) } else { (answered.0, answered.1 + 1) };
                    assert_eq!(missing(&verdict).is_empty(), allowed);
                    if !allowed && real.status == 403 && missing(&verdict).len() == 1 {
                        let sentence = verdict["sentence"].as_str().unwrap();
                        let start = real.sentence().chars().take(30).collect::<String>();
                        assert!(sentence.contains(&start), "{sentence} / {}", real.sentence());
                    }
                }
            }
        }
    }
    assert!(answered.0 > 100 && answered.1 > 100, "{answered:?}");
}

#[actix_web::test]
async fn an_unknown_and_a_foreign_customer_are_the_same_answer_in_the_words_of_the_gate() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let other = centre.provider(&operator, "contoso").await;
    let customer = centre.customer(&other, "fabrikam", None).await;
    let absent = uuid::Uuid::now_v7().to_string();
    let masked = async |action: &str, id: &str| {
        let verdict = ask(&provider, &format!("{action}&customerId={id}")).await;
        verdict.to_string().replace(id, "ID")
    };
    for action in ["registerDevices", "READDEVICES", "readCustomers"] {
        let told = masked(action, &absent).await;
        assert_eq!(masked(action, &customer.id).await, told);
        assert!(told.contains("You work with no customer ID"), "{told}");
    }
    let real = provider.get(&format!("/v1/customers/{absent}/devices")).await;
    let verdict = ask(&provider, &format!("readDevices&customerId={absent}")).await;
    assert_eq!(verdict["sentence"], format!("No. {}", real.sentence()));
    let check = verdict["checks"].as_array().unwrap().last().unwrap();
    assert_eq!(
        check["ask"],
        json!({
            "method": "POST", "path": "/v1/relationshiprequests",
            "who": "you; a Global admin of the customer approves it",
        })
    );
    // By domain as well, as paths take it.
    let by_domain = masked("readDevices", "fabrikam.onmicrosoft.com").await;
    assert_eq!(by_domain, masked("readDevices", "nobody.onmicrosoft.com").await);
}

#[actix_web::test]
async fn each_missing_piece_is_named_with_whom_to_ask() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let find = |verdict: &Value, what: &str| {
        let checks = verdict["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["what"] == what).unwrap_or_else(|| panic!("{what}: {verdict}"))
    };
    // Not partners yet.
    let verdict = ask(&provider, &format!("createCustomers&partnerId={}", reseller.id)).await;
    assert_eq!(missing(&verdict), ["partnership"]);
    assert_eq!(find(&verdict, "partnership")["ask"]["path"], "/v1/relationships/invitations");
    // Whether a stranger has signed is not told.
    assert!(!verdict.to_string().contains("partnerAgreement"));
    centre.partner(&provider, &reseller).await;
    let agreement = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/2" });
    operator.post("/v1/agreements/mpa/versions", agreement).await.ok();
    let verdict = ask(&provider, &format!("createCustomers&partnerId={}", reseller.id)).await;
    assert_eq!(missing(&verdict), ["agreement", "partnerAgreement"]);
    assert_eq!(find(&verdict, "partnerAgreement")["ask"]["who"], "a Global admin of the reseller");
    assert!(verdict["sentence"].as_str().unwrap().ends_with("One more condition is not met."));
    for actor in [&provider, &reseller] {
        actor.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    }
    let verdict = ask(&provider, &format!("createCustomers&partnerId={}", reseller.id)).await;
    assert_eq!((&verdict["allowed"], missing(&verdict)), (&json!(true), vec![]));
    // A grant that ended says since when.
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let path = format!("/v1/customers/{}", customer.id);
    assert_eq!(names(&customer.admin.get(&format!("{path}/administrators")).await.ok()).len(), 2);
    customer.admin.delete(&format!("{path}/administrators/{}", reseller.id)).await;
    let verdict = ask(&reseller, &format!("registerDevices&customerId={}", customer.id)).await;
    assert_eq!(missing(&verdict), ["delegatedAdministration"]);
    assert!(verdict["sentence"].as_str().unwrap().contains("since 2026-11-21 08:00 UTC"), "{verdict}");
    // A role, an application.
    let script = reseller.application(&["helpdesk_agent"]).await;
    let verdict = ask(&script, "removePartnerships").await;
    assert_eq!(missing(&verdict), ["role", "user"]);
    assert!(find(&verdict, "role")["sentence"].as_str().unwrap().contains("admin_agent"));
    // Another kind of organisation.
    let verdict = ask(&customer.admin, "createCustomers").await;
    assert_eq!(missing(&verdict), ["organisation"]);
    assert_eq!(verdict["sentence"], "No. This is for a provider; you act for a customer.");
}

#[actix_web::test]
async fn accepting_waits_for_the_approved_enrolment() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    let reseller = centre.activate("admin@norrsken.example").await;
    let token = centre.invite(&provider, "a@norrsken.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    let verdict = ask(&reseller, "answerInvitations").await;
    assert_eq!(missing(&verdict), ["enrolment", "mpnId"]);
    assert_eq!(reseller.post(&accept, nothing()).await.refusal(), "403 enrollmentNotApproved");
    let approve = format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap());
    operator.post(&approve, nothing()).await.ok();
    assert_eq!(missing(&ask(&reseller, "AnswerInvitations").await), Vec::<String>::new());
    assert_eq!(reseller.post(&accept, nothing()).await.status, 201);
}

#[actix_web::test]
async fn a_question_that_cannot_be_read_is_told_what_can_be_asked() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let unknown = operator.get("/v1/why?action=fly").await;
    assert_eq!(unknown.refusal(), "400 actionUnknown");
    assert!(unknown.sentence().contains("registerDevices"), "{}", unknown.sentence());
    assert_eq!(operator.get("/v1/why").await.refusal(), "400 actionMissing");
    let partner = operator.get("/v1/why?action=removePartnerships&partnerId=x").await;
    assert_eq!(partner.refusal(), "400 partnerIdMalformed");
    assert_eq!(centre.get("/v1/why?action=fly").await.refusal(), "401 tokenMissing");
}

#[actix_web::test]
async fn whoever_signed_in_without_the_second_factor_learns_that_it_is_missing() {
    let centre = Centre::open_with(|settings| {
        settings.access.second_factor = partner_center::access::SecondFactorRule::Required
    })
    .await;
    let operator = centre.first_operator().await;
    assert_eq!(operator.get("/v1/enrollments").await.status, 401);
    let verdict = ask(&operator, "runTheCentre").await;
    assert_eq!(verdict["allowed"], false);
    assert_eq!(missing(&verdict), ["secondFactor"]);
    assert!(verdict.to_string().contains("/v1/accounts/secondfactor"));
}
