//! Ids in bodies: what belongs to others is as if it did not exist.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::world::World;
use crate::harness::{Answer, catalogue};

/// How each id-typed property of a request body is held to the rule.
const PROPERTIES: &[(&str, &str)] = &[
    ("POST /v1/customers associatedPartnerId", "tested below"),
    ("POST /v1/customerdrafts resellerId", "tested below"),
    ("PUT /v1/customerdrafts/{id} resellerId", "tested below"),
    ("POST /v1/customerdrafts lines.offerId", "the catalogue's: nothing is foreign"),
    ("PUT /v1/customerdrafts/{id} lines.offerId", "the catalogue's: nothing is foreign"),
    ("POST /v1/customerdrafts lines.resellerOfRecord", "tested below"),
    ("PUT /v1/customerdrafts/{id} lines.resellerOfRecord", "tested below"),
    ("POST /v1/customers/{customer}/orders lineItems.offerId", "the catalogue's: nothing is foreign"),
    ("POST /v1/customers/{customer}/orders lineItems.subscriptionId", "not read: an order makes its subscriptions"),
    ("POST /v1/customers/{customer}/orders lineItems.parentSubscriptionId", "tested below"),
    ("PATCH /v1/customers/{customer}/orders/{order} lineItems.offerId", "the catalogue's: nothing is foreign"),
    ("PATCH /v1/customers/{customer}/orders/{order} lineItems.subscriptionId", "marks a line that is left alone"),
    ("PATCH /v1/customers/{customer}/orders/{order} lineItems.parentSubscriptionId", "tested below"),
    ("POST /v1/customers/{customer}/carts lineItems.catalogItemId", "the catalogue's: nothing is foreign"),
    ("PUT /v1/customers/{customer}/carts/{cart} lineItems.catalogItemId", "the catalogue's: nothing is foreign"),
    ("POST /v1/customers/{customer}/carts lineItems.provisioningContext.parentSubscriptionId", "tested below"),
    (
        "PUT /v1/customers/{customer}/carts/{cart} lineItems.provisioningContext.parentSubscriptionId",
        "as in a new cart",
    ),
    ("PATCH /v1/customers/{customer}/subscriptions/{subscription} offerId", "the catalogue's: nothing is foreign"),
    ("PATCH /v1/customers/{customer}/subscriptions/{subscription} partnerId", "tested in subscriptions: sub_05"),
    (
        "PATCH /v1/customers/{customer}/subscriptions/{subscription} scheduledNextTermInstructions.product.productId",
        "the catalogue's: nothing is foreign",
    ),
    (
        "PATCH /v1/customers/{customer}/subscriptions/{subscription} scheduledNextTermInstructions.product.skuId",
        "the catalogue's: nothing is foreign",
    ),
    (
        "PATCH /v1/customers/{customer}/subscriptions/{subscription} scheduledNextTermInstructions.product.availabilityId",
        "the catalogue's: nothing is foreign",
    ),
    ("PUT /v1/customers/{customer}/subscriptions/{subscription}/supportcontact supportTenantId", "tested below"),
    (
        "PUT /v1/customers/{customer}/subscriptions/{subscription}/supportcontact supportMpnId",
        "compared with that of the company named, and found nothing by",
    ),
    ("POST /v1/relationships/invitations mpnId", "tested below"),
    (
        "POST /v1.0/tenantRelationships/delegatedAdminRelationships customer.tenantId",
        "tested in delegated_administration",
    ),
    (
        "PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/{id} customer.tenantId",
        "tested in delegated_administration",
    ),
    (
        "POST /v1.0/tenantRelationships/delegatedAdminRelationships accessDetails.unifiedRoles.roleDefinitionId",
        "every directory's: nothing is foreign",
    ),
    (
        "PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/{id} accessDetails.unifiedRoles.roleDefinitionId",
        "every directory's: nothing is foreign",
    ),
    (
        "POST /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments accessContainer.accessContainerId",
        "tested in delegated_administration",
    ),
    (
        "PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId} \
         accessContainer.accessContainerId",
        "not read: an assignment stays with its group",
    ),
    (
        "POST /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments \
         accessDetails.unifiedRoles.roleDefinitionId",
        "every directory's: nothing is foreign",
    ),
    (
        "PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId} \
         accessDetails.unifiedRoles.roleDefinitionId",
        "every directory's: nothing is foreign",
    ),
    ("POST /v1/customers/{customer}/tenantowners partnerId", "tested in delegated_administration"),
    ("POST /v1.0/$batch requests.id", "free text: names a call among the others"),
    ("POST /v1/relationshiprequests indirectResellerId", "tested below"),
    ("POST /v1/relationshiprequests indirectCloudSolutionProviderId", "tested below"),
    ("POST /v1/enrollments mpnIds", "tested below"),
    ("POST /v1/enrollments mpnIds.global", "tested below"),
    ("POST /v1/enrollments mpnIds.locations", "tested below"),
    ("POST /v1/enrollments mpnIds.onboarding", "tested below"),
    ("POST /{tenant}/oauth2/token client_id", "tested below"),
    ("POST /{tenant}/oauth2/v2.0/token client_id", "tested below"),
    ("PUT /v1/profiles/billing taxId", "free text"),
    ("POST /v1/customers/{customer}/applicationconsents applicationId", "kept as sent: nothing is found by it"),
    (
        "POST /v1/customers/{customer}/applicationconsents applicationGrants.enterpriseApplicationId",
        "kept as sent: nothing is found by it",
    ),
    ("POST /v1/customers/{customer}/users immutableId", "free text"),
    ("PATCH /v1/customers/{customer}/users/{id} immutableId", "free text"),
    (
        "POST /v1/customers/{customer}/users/{id}/licenseupdates licensesToAssign.skuId",
        "the catalogue's: which ones a customer has is tested in licenses",
    ),
    (
        "POST /v1/customers/{customer}/users/{id}/licenseupdates licensesToAssign.excludedPlans",
        "the catalogue's: the same for all",
    ),
    (
        "POST /v1/customers/{customer}/users/{id}/licenseupdates licensesToRemove",
        "the catalogue's: what the user does not have is not removed",
    ),
    ("POST /v1/customers/{customer}/agreements templateId", "the contract's: the same for all"),
    ("POST /v1/indirectproviders mpnId", "the operator's: nothing is foreign to it"),
    ("POST /v1/customers/{customer}/deviceRegistrations orderId", "free text"),
    ("POST /v1/customers/{customer}/devices/assignments assignments.id", "tested in device_use: ten_04"),
    ("POST /v1/customers/{customer}/devices/deregister devices", "tested in device_use: ten_04"),
    ("POST /v1/customers/{customer}/deviceRegistrations purchaseId", "free text"),
    ("POST /v1/customers/{customer}/deviceBatches batchId", "free text: a batch is a name within the customer"),
    ("PATCH /v1/customers/{customer}/DevicePolicyUpdates devices.id", "tested in device_batches"),
    ("POST /v1/devicedirectory/manifests orderId", "free text"),
    ("POST /v1/devicedirectory/manifests purchaseId", "free text"),
    ("POST /v1/offers/import offers.id", "the operator's: nothing is foreign to it"),
    ("POST /v1/offers/import offers.servicePlans.id", "the operator's: nothing is foreign to it"),
];

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => &document["components"]["schemas"][reference.rsplit('/').next().unwrap()],
        None => schema,
    }
}

fn is_id(name: &str, schema: &Value) -> bool {
    let words = ["Id", "Ids", "_id", "_ids"];
    let named = name == "id" || words.iter().any(|word| name.ends_with(word));
    let typed = schema.to_string();
    // A format, or a reference to a type whose name says so.
    named || typed.contains("\"uuid\"") || typed.contains("Id\"")
}

/// Names of id-typed properties, however deep.
fn collect(document: &Value, schema: &Value, path: &str, depth: u32, found: &mut BTreeSet<String>) {
    assert!(depth < 20, "a schema that contains itself");
    let schema = resolved(document, schema);
    for part in ["allOf", "oneOf", "anyOf"] {
        for one in schema[part].as_array().into_iter().flatten() {
            collect(document, one, path, depth + 1, found);
        }
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], path, depth + 1, found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let full = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if is_id(name, property) {
            found.insert(full.clone());
        }
        collect(document, property, &full, depth + 1, found);
    }
}

#[test]
fn ten_04_every_id_in_a_request_body_is_known_to_the_test() {
    let document: Value = serde_json::from_str(&partner_center::app::openapi().to_json().unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(|map| map.values()) {
                let mut ids = BTreeSet::new();
                collect(&document, &content["schema"], "", 0, &mut ids);
                found.extend(ids.into_iter().map(|id| format!("{} {path} {id}", method.to_uppercase())));
            }
        }
    }
    let known: BTreeSet<String> = PROPERTIES.iter().map(|(property, _)| (*property).to_owned()).collect();
    assert_eq!(found, known, "say in PROPERTIES how a new one is held to the rule, and test it");
}

/// An answer without ids of its own: links and ids differ in two answers that say the same.
fn told(answer: &Answer, sent: &str) -> String {
    let mut text = answer.text.replace(sent, "<sent>");
    for name in ["ms-requestid", "ms-correlationid"] {
        text = text.replace(&answer.header(name), "<request>");
    }
    let Ok(mut body) = serde_json::from_str::<BTreeMap<String, Value>>(&text) else {
        return format!("{} {text}", answer.status);
    };
    if answer.status < 300 {
        for made in ["id", "tenantId", "link", "message", "html", "mailto", "email", "eligibility"] {
            body.remove(made);
        }
    }
    format!("{} {body:?}", answer.status)
}

#[actix_web::test]
async fn ten_04_an_id_of_others_in_a_body_is_as_if_absent() {
    let world = &World::build().await;
    let provider = &world.company(1).admin;
    let absent = uuid::Uuid::now_v7().to_string();
    let before = world.company(2).admin.get("/v1/customers").await.text;

    // A reseller to associate, by tenant id and by MPN ID: no partner of the caller's, whatever else it may be.
    let associate = |reseller: String| {
        let body = world.customer_for("newcustomer", &reseller);
        async move { told(&provider.post("/v1/customers", body).await, &reseller) }
    };
    let (unknown, unknown_mpn) = (associate(absent.clone()).await, associate("999999".to_owned()).await);
    assert!(unknown.starts_with("400"), "{unknown}");
    for stranger in [2, 4, 5, 7, 8, 9, 0] {
        let id = world.company(stranger).admin.id.clone();
        assert_eq!(associate(id).await, unknown, "{stranger}");
    }
    for mpn_id in ["6002000", "6005000", "16005000", "26005000"] {
        assert_eq!(associate(mpn_id.to_owned()).await, unknown_mpn, "{mpn_id}");
    }

    // The resellers of a draft and of its lines, when it is begun and when it is changed.
    let begun = provider.post("/v1/customerdrafts", json!({})).await.ok();
    let draft = format!("/v1/customerdrafts/{}", begun["id"].as_str().unwrap());
    let name = |reseller: String| {
        let line = json!({ "offerId": "any", "quantity": 1, "resellerOfRecord": reseller });
        let bodies = [json!({ "resellerId": reseller }), json!({ "lines": [line] })];
        let draft = draft.clone();
        async move {
            let mut all = Vec::new();
            for body in bodies {
                let made = provider.post("/v1/customerdrafts", body.clone()).await;
                let changed = provider.put(&draft, body, Some("1")).await;
                all.extend([told(&made, &reseller), told(&changed, &reseller)]);
            }
            all
        }
    };
    let unknown = name(absent.clone()).await;
    assert!(unknown.iter().all(|told| told.starts_with("400")), "{unknown:?}");
    for stranger in [2, 4, 5, 7, 8, 9, 0] {
        assert_eq!(name(world.company(stranger).admin.id.clone()).await, unknown, "{stranger}");
    }

    // The reseller of record of a line of it.
    let record = |reseller: String| {
        let line = json!({ "offerId": catalogue::LEGACY_SUITE, "quantity": 1, "resellerOfRecord": reseller });
        let (body, draft) = (json!({ "lines": [line] }), draft.clone());
        async move {
            let made = provider.post("/v1/customerdrafts", body.clone()).await;
            let changed = provider.put(&draft, body, Some("1")).await;
            [told(&made, &reseller), told(&changed, &reseller)]
        }
    };
    let unknown = record(absent.clone()).await;
    assert!(unknown.iter().all(|told| told.starts_with("400")), "{unknown:?}");
    for stranger in [2, 4, 5, 7, 8, 9, 0] {
        assert_eq!(record(world.company(stranger).admin.id.clone()).await, unknown, "{stranger}");
    }

    // Who answers for a subscription, and what an add-on is added to: of others it is as if there were none.
    let ([own, foreign], of_own) = world.sold();
    let designate = |partner: String| {
        let path = format!("{of_own}/subscriptions/{own}/supportcontact");
        async move { told(&provider.put(&path, json!({ "supportTenantId": partner }), None).await, &partner) }
    };
    let unknown = designate(absent.clone()).await;
    assert!(unknown.starts_with("400"), "{unknown}");
    for stranger in [2, 4, 5, 7, 8, 9, 0] {
        assert_eq!(designate(world.company(stranger).admin.id.clone()).await, unknown, "{stranger}");
    }
    let order = world.order_of_provider_a();
    let add = |parent: String| {
        let (of_own, order) = (of_own.clone(), order.clone());
        let line = json!({ "offerId": catalogue::ADD_ON, "quantity": 1, "parentSubscriptionId": parent });
        let item = json!({ "catalogItemId": catalogue::ADD_ON, "quantity": 1, "provisioningContext": { "parentSubscriptionId": parent } });
        async move {
            let ordered = provider.post(&format!("{of_own}/orders"), json!({ "lineItems": [line] })).await;
            let added =
                provider.send("PATCH", &format!("{of_own}/orders/{order}"), json!({ "lineItems": [line] })).await;
            let cart = provider.post(&format!("{of_own}/carts"), json!({ "lineItems": [item] })).await.ok();
            let checkout = format!("{of_own}/carts/{}/checkout", cart["id"].as_str().unwrap());
            let bought = provider.post(&checkout, json!({})).await;
            [&ordered, &added, &bought].map(|answer| told(answer, &parent))
        }
    };
    let unknown = add(absent.clone()).await;
    assert!(unknown.iter().all(|told| told.contains("orderAddOnWithoutParent")), "{unknown:?}");
    assert_eq!(add(foreign.clone()).await, unknown);

    // The only company that may accept an invitation: said of a company one does not know, or of nobody.
    let invite = |email: &'static str, mpn_id: &'static str| async move {
        let body = json!({ "email": email, "mpnId": mpn_id, "send": false });
        told(&provider.post("/v1/relationships/invitations", body).await, mpn_id)
    };
    let unknown = invite("a@guest.example", "999999").await;
    assert!(unknown.starts_with("201"), "{unknown}");
    assert_eq!(invite("b@guest.example", "6005000").await, unknown);

    // With whom a relationship is asked for: whoever is no active partner.
    for (asker, property, strangers) in
        [(1, "indirectResellerId", [4, 5, 7, 2, 8, 0]), (3, "indirectCloudSolutionProviderId", [2, 4, 6, 7, 8, 0])]
    {
        let asker = &world.company(asker).admin;
        let ask = |id: String| async move {
            let body = json!({ "delegatedAdmin": true, property: id });
            told(&asker.post("/v1/relationshiprequests", body).await, &id)
        };
        let unknown = ask(absent.clone()).await;
        assert!(unknown.starts_with("400"), "{unknown}");
        for stranger in strangers {
            assert_eq!(ask(world.company(stranger).admin.id.clone()).await, unknown, "{property} {stranger}");
        }
    }

    // MPN IDs of an enrolment are claims: that somebody else has one is for the operator to see, not for the company.
    let enroll = |name: &'static str, [global, location]: [&'static str; 2]| {
        let body = json!({
            "companyName": "Newcomer", "country": "SE", "domain": format!("{name}.example"),
            "mpnIds": { "global": global, "locations": [location], "onboarding": location },
            "admin": { "email": format!("admin@{name}.example"), "displayName": "N" },
        });
        let centre = world.centre.clone();
        async move { centre.post("/v1/enrollments", body).await }
    };
    let unknown = told(&enroll("newcomer", ["9990001", "9990002"]).await, "newcomer");
    for (name, ids) in [
        ("copycat", ["16005000", "9990012"]),
        ("copydog", ["9990021", "6005000"]),
        ("copycow", ["16005000", "6005000"]),
    ] {
        let answer = enroll(name, ids).await;
        assert_eq!(told(&answer, name), unknown, "{ids:?}");
    }

    // The id of somebody else's application opens nothing without its secret, in whichever version and tenant.
    let theirs =
        world.company(2).admin.get("/v1/applications").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    for endpoint in ["oauth2/token", "oauth2/v2.0/token"] {
        for grant in ["client_credentials", "refresh_token&refresh_token=pcr_x", "authorization_code&code=x"] {
            let ask = |client: String| async move {
                let form = format!("grant_type={grant}&client_id={client}&client_secret=pcs_x");
                told(&world.centre.form(&format!("/{}/{endpoint}", provider.id), &form).await, &client)
            };
            let (foreign, unknown) = (ask(theirs.clone()).await, ask(absent.clone()).await);
            assert!(unknown.starts_with('4'), "{unknown}");
            assert_eq!(foreign, unknown, "{endpoint} {grant}");
        }
    }
    assert_eq!(world.company(2).admin.get("/v1/customers").await.text, before);
}
