//! The main story, end to end, in process.

use serde_json::json;

use crate::harness::{Centre, customer_body, names, nothing};

const RESELLERS: &str = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";
const PROVIDERS: &str = "/v1/relationships?relationship_type=IsIndirectResellerOf";

#[actix_web::test]
async fn the_main_story_runs_from_the_operator_to_a_removed_partnership() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;

    let token = centre.invite(&provider, "arvid@norrsken.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    assert_eq!(reseller.post(&accept, nothing()).await.status, 201);
    let listed = provider.get(RESELLERS).await.ok();
    assert_eq!(
        listed["items"][0],
        json!({
            "id": reseller.id, "name": "norrsken", "relationshipType": "is_indirect_cloud_solution_provider_of",
            "state": "Active", "mpnId": "6001234", "location": "SE",
            "attributes": { "objectType": "PartnerRelationship" },
        })
    );
    assert_eq!(names(&reseller.get(PROVIDERS).await.ok()), ["northwind"]);

    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let administrators = format!("/v1/customers/{}/administrators", customer.id);
    assert_eq!(names(&customer.admin.get(&administrators).await.ok()), ["northwind", "norrsken"]);
    for partner in [&provider, &reseller] {
        let seen = partner.get(&format!("/v1/customers/{}", customer.id)).await.ok();
        assert_eq!(seen["allowDelegatedAccess"], true);
    }

    let manifest = "Manufacturer,Model,Serial Number\nFabrikam,Falcon,F1\nFabrikam,Falcon,F2\n";
    operator.upload("/v1/devicedirectory/manifests", manifest.as_bytes(), &[]).await.ok();
    let text = "Manufacturer,Model,Serial Number\r\nFabrikam,Falcon,F1\r\nFabrikam,Falcon,F9\r\n";
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let registration = reseller.register(&customer.id, &utf_16).await;
    assert_eq!(registration["state"], "finishedWithErrors");
    assert_eq!(registration["counts"], json!({ "pending": 0, "ready": 1, "failed": 1, "leftOut": 0 }));
    let devices = format!("/v1/customers/{}/devices", customer.id);
    let listed = reseller.get(&devices).await.ok();
    assert_eq!(listed["items"][0]["status"], "Ready for user");
    assert_eq!(listed["items"][0]["registeredBy"], "norrsken");
    assert_eq!(listed["items"][1]["status"], "Registration failed");
    assert_eq!(listed["items"][1]["error"]["title"], "Device not found");

    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    assert_eq!(stranger.upload(&path, &utf_16, &[]).await.refusal(), "404 relationshipMissing");
    let end = format!("{administrators}/{}", reseller.id);
    assert_eq!(customer.admin.delete(&end).await.status, 204);
    let refused = reseller.upload(&path, &utf_16, &[]).await;
    assert_eq!(refused.refusal(), "403 delegatedAdministrationMissing");
    assert_eq!(refused.body["parameters"]["missing"], "delegatedAdministration");

    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    let sheet = provider.get(&removal).await.ok();
    assert_eq!(sheet["customers"], 1);
    assert_eq!(sheet["stays"][0]["delegatedAdministration"], false);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    assert_eq!(provider.get(RESELLERS).await.ok()["totalCount"], 0);
    assert_eq!(reseller.get(PROVIDERS).await.ok()["totalCount"], 0);
    assert_eq!(reseller.get("/v1/customers").await.ok()["totalCount"], 1);
    assert_eq!(names(&customer.admin.get(&administrators).await.ok()), ["northwind"]);
    let next = provider.post("/v1/customers", customer_body("tailspin", Some(&reseller.id))).await;
    assert_eq!(next.refusal(), "400 resellerUnknown");
}
