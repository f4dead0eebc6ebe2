//! Devices at Graph's paths, with tokens for the customer's tenant.

use std::time::Duration;

use actix_web::test::TestRequest;
use partner_center::devices::samples::SampleDevice;
use serde_json::{Value, json};

use crate::harness::administration::only;
use crate::harness::{Actor, Centre, Customer, nothing};

const IMPORTED: &str = "/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities";
const DEVICES: &str = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities";
const SETTINGS: &str = "/v1.0/deviceManagement/windowsAutopilotSettings";
/// The built-in role that may look at devices, and no more.
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

struct Channel {
    provider: Actor,
    reseller: Actor,
    /// The reseller with a token for the customer's tenant.
    inside: Actor,
    customer: Customer,
}

/// The same person with a token for the tenant of a customer.
async fn inside(centre: &Centre, partner: &Actor, customer: &str) -> Actor {
    let refresh_token = partner.sign_in_again().await.refresh_token;
    let mut actor = centre.sign_in(customer, &refresh_token).await;
    actor.id.clone_from(&partner.id);
    actor
}

async fn channel(centre: &Centre) -> Channel {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let inside = inside(centre, &reseller, &customer.id).await;
    Channel { provider, reseller, inside, customer }
}

/// A device as scripts send it: with its hash.
fn captured(serial: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.importedWindowsAutopilotDeviceIdentity",
        "orderIdentifier": "Sales",
        "serialNumber": serial,
        "productKey": "",
        "hardwareIdentifier": SampleDevice::new("Proseware", "Cube", serial).hash(),
        "state": { "deviceImportStatus": "pending", "deviceRegistrationId": "", "deviceErrorCode": 0, "deviceErrorName": "" },
    })
}

#[actix_web::test]
async fn get_windows_autopilot_info_online_imports_waits_cleans_up_and_finds_the_device() {
    let centre = Centre::open().await;
    let Channel { inside, .. } = channel(&centre).await;
    let made = inside.post(IMPORTED, captured("P1")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.ok();
    assert_eq!(made["state"]["deviceImportStatus"], "unknown");
    let id = made["id"].as_str().unwrap().to_owned();
    let waiting = inside.get(IMPORTED).await.ok();
    assert_eq!(waiting["value"][0]["state"]["deviceImportStatus"], "unknown");
    centre.run_jobs().await;

    let done = inside.get(&format!("{IMPORTED}/{id}")).await.ok();
    let state = &done["state"];
    assert_eq!(
        (state["deviceImportStatus"].as_str(), state["deviceErrorCode"].as_i64(), state["deviceErrorName"].as_str()),
        (Some("complete"), Some(0), Some("None"))
    );
    assert_eq!(state["deviceRegistrationId"], id.as_str());
    assert_eq!(done["groupTag"], "Sales");
    assert!(done["hardwareIdentifier"].is_null(), "a hash never comes back");
    assert_eq!(inside.delete(&format!("{IMPORTED}/{id}")).await.status, 204);
    assert_eq!(inside.delete(&format!("{IMPORTED}/{id}")).await.refusal(), "404 importedDeviceUnknown");
    assert_eq!(inside.get(IMPORTED).await.ok()["value"], json!([]));

    let found = inside.get(&format!("{DEVICES}?$filter=contains(serialNumber,'p1')&$top=999")).await.ok();
    let device = &found["value"][0];
    assert_eq!((device["id"].as_str(), device["enrollmentState"].as_str()), (Some(id.as_str()), Some("notContacted")));
    assert_eq!((device["manufacturer"].as_str(), device["model"].as_str()), (Some("Proseware"), Some("Cube")));
    let none = inside.get(&format!("{DEVICES}?$filter=contains(serialNumber,'x')")).await.ok();
    assert_eq!(none["value"], json!([]));
    assert_eq!(inside.get(&format!("{DEVICES}?$filter=model%20eq%20'x'")).await.status, 400);
}

#[actix_web::test]
async fn several_devices_are_imported_at_once_and_failures_say_why() {
    let centre = Centre::open().await;
    let Channel { provider, inside, customer, .. } = channel(&centre).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let elsewhere = self::inside(&centre, &provider, &other.id).await;
    elsewhere.post(IMPORTED, captured("P3")).await.ok();
    inside.post(IMPORTED, captured("P2")).await.ok();
    centre.run_jobs().await;

    let damaged = json!({ "serialNumber": "P4", "hardwareIdentifier": "bm90IGEgaGFzaA==" });
    let body = json!({ "importedWindowsAutopilotDeviceIdentities":
        [captured("P1"), captured("P2"), captured("P3"), damaged, { "serialNumber": "P5" }] });
    let imported = inside.post(&format!("{IMPORTED}/import"), body).await;
    assert_eq!(imported.status, 200, "{}", imported.text);
    let imported = imported.ok();
    let ids: Vec<&str> = imported["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    centre.run_jobs().await;
    let listed = inside.get("/beta/deviceManagement/importedWindowsAutopilotDeviceIdentities").await.ok();
    let told: Vec<String> = ids
        .iter()
        .map(|id| {
            let found = listed["value"].as_array().unwrap().iter().find(|one| one["id"] == **id).unwrap();
            let state = &found["state"];
            let text = |name: &str| state[name].as_str().unwrap().to_owned();
            let serial = found["serialNumber"].as_str().unwrap();
            format!("{serial} {} {} {}", text("deviceImportStatus"), state["deviceErrorCode"], text("deviceErrorName"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "P1 complete 0 None",
            "P2 error 806 ZtdDeviceAlreadyAssigned",
            "P3 error 808 ZtdDeviceAssignedToOtherTenant",
            "P4 error 802 InvalidZtdHardwareHash",
            "P5 error 0 MissingZtdSerialNumberAndProductKey",
        ]
    );
    // Removing a failed one dismisses it on the devices page.
    let failed = async || {
        let lines = customer.admin.get(&format!("/v1/customers/{}/devices", customer.id)).await.ok();
        lines["items"].as_array().unwrap().iter().filter(|line| line["status"] == "Registration failed").count()
    };
    assert_eq!(failed().await, 4);
    assert_eq!(inside.delete(&format!("{IMPORTED}/{}", ids[4])).await.status, 204);
    assert_eq!(failed().await, 3);
    assert_eq!(inside.post(&format!("{IMPORTED}/import"), nothing()).await.refusal(), "400 noDevices");
}

#[actix_web::test]
async fn lists_come_in_pages_whose_links_are_followed_as_they_are() {
    let centre = Centre::open().await;
    let Channel { inside, .. } = channel(&centre).await;
    let all: Vec<Value> = (0..5).map(|n| captured(&format!("P{n}"))).collect();
    inside.post(&format!("{IMPORTED}/import"), json!({ "importedWindowsAutopilotDeviceIdentities": all })).await.ok();
    centre.run_jobs().await;
    for path in [IMPORTED, DEVICES] {
        let (mut seen, mut next) = (Vec::new(), Some(format!("{path}?$top=2&$select=id,serialNumber")));
        while let Some(path) = next {
            let page = inside.get(&path).await.ok();
            for one in page["value"].as_array().unwrap() {
                assert!(one["model"].is_null());
                seen.push(one["serialNumber"].as_str().unwrap().to_owned());
            }
            let link = page["@odata.nextLink"].as_str();
            next = link.map(|link| link.strip_prefix("https://partners.test").unwrap().to_owned());
        }
        assert_eq!(seen, ["P0", "P1", "P2", "P3", "P4"], "{path}");
    }
}

#[actix_web::test]
async fn a_device_gets_a_user_a_tag_and_a_name_also_by_a_script_that_leaves_out_the_quotes() {
    let centre = Centre::open().await;
    let Channel { inside, .. } = channel(&centre).await;
    inside.post(IMPORTED, captured("P1")).await.ok();
    centre.run_jobs().await;
    let id = inside.get(DEVICES).await.ok()["value"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("{DEVICES}/{id}");
    let loose = async |text: &'static str| {
        let path = format!("{one}/UpdateDeviceProperties");
        let asked = TestRequest::post().uri(&path).insert_header(("content-type", "application/json"));
        inside.call(asked.set_payload(text)).await
    };
    let said = loose(
        "{ userPrincipalName: \"anna@fabrikam.onmicrosoft.com\", addressableUserName: \"Anna: hello\", groupTag: \"Lager\", }",
    );
    assert_eq!(said.await.status, 204);
    let shown = async || {
        let device = inside.get(&one).await.ok();
        ["userPrincipalName", "addressableUserName", "groupTag", "displayName"]
            .map(|name| device[name].as_str().unwrap_or("-").to_owned())
    };
    assert_eq!(shown().await, ["anna@fabrikam.onmicrosoft.com", "Anna: hello", "Lager", "-"]);
    // What is not said stays.
    assert_eq!(loose("{\"displayName\":\"FAB-1\"}").await.status, 204);
    assert_eq!(shown().await, ["anna@fabrikam.onmicrosoft.com", "Anna: hello", "Lager", "FAB-1"]);
    assert_eq!(inside.post(&format!("{one}/unassignUserFromDevice"), nothing()).await.status, 204);
    assert_eq!(shown().await, ["-", "-", "Lager", "FAB-1"]);
    let user = json!({ "userPrincipalName": "bo@fabrikam.onmicrosoft.com", "addressableUserName": "Bo" });
    assert_eq!(inside.post(&format!("{one}/assignUserToDevice"), user).await.status, 204);
    assert_eq!(shown().await, ["bo@fabrikam.onmicrosoft.com", "Bo", "Lager", "FAB-1"]);

    assert_eq!(loose("{ displayName: \"a name that is too long\" }").await.refusal(), "400 deviceValueRefused");
    assert_eq!(loose("{ userPrincipalName: \"bo@elsewhere.example\" }").await.refusal(), "400 deviceValueRefused");
    assert_eq!(loose("{ displayName: }").await.status, 400);
    let absent = format!("{DEVICES}/{}/assignUserToDevice", uuid::Uuid::now_v7());
    let user = json!({ "userPrincipalName": "bo@fabrikam.onmicrosoft.com" });
    assert_eq!(inside.post(&absent, user).await.refusal(), "404 deviceUnknown");
    assert_eq!(inside.delete(&one).await.status, 204);
    assert_eq!(inside.get(&one).await.refusal(), "404 deviceUnknown");
    assert!(centre.event_kinds().contains(&"device_properties_changed".to_owned()));
}

#[actix_web::test]
async fn synchronising_is_asked_for_once_in_ten_minutes() {
    let centre = Centre::open().await;
    let Channel { inside, .. } = channel(&centre).await;
    assert!(inside.get(SETTINGS).await.ok()["lastSyncDateTime"].is_null());
    let sync = format!("{SETTINGS}/sync");
    assert_eq!(inside.post(&sync, nothing()).await.status, 204);
    let refused = inside.post(&sync, nothing()).await;
    assert_eq!((refused.status, refused.header("retry-after").as_str()), (429, "600"));
    centre.advance(Duration::from_secs(600));
    assert_eq!(inside.post(&sync, nothing()).await.status, 204);
    assert!(inside.get(SETTINGS).await.ok()["lastSyncDateTime"].is_string());
}

#[actix_web::test]
async fn dap_1_graphs_device_paths_open_for_a_token_of_the_customers_tenant_while_the_grant_lives() {
    let centre = Centre::open().await;
    let Channel { provider, reseller, inside, customer } = channel(&centre).await;
    let tenant = format!("/v1/customers/{}", customer.id);
    // The customer itself, and its application; a partner with a token for its own tenant names no customer.
    assert_eq!(customer.admin.get(DEVICES).await.status, 200);
    let script = customer.admin.application(&["global_admin"]).await;
    assert_eq!(script.post(IMPORTED, captured("P1")).await.status, 201);
    centre.run_jobs().await;
    assert_eq!(script.get(DEVICES).await.ok()["value"].as_array().unwrap().len(), 1);
    for path in [IMPORTED, DEVICES, SETTINGS] {
        assert_eq!(reseller.get(path).await.refusal(), "400 customerTenantMissing", "{path}");
    }
    assert_eq!(reseller.post(IMPORTED, captured("P2")).await.refusal(), "400 customerTenantMissing");
    // Elsewhere a token for a customer's tenant opens nothing but that customer.
    assert_eq!(inside.get("/v1/customers").await.refusal(), "403 wrongTenantToken");
    assert_eq!(inside.get(&format!("{tenant}/devices")).await.status, 200);

    let reading = self::inside(&centre, &provider, &customer.id).await;
    only(&provider, &customer, GLOBAL_READER).await;
    assert_eq!(reading.get(DEVICES).await.status, 200);
    assert_eq!(reading.post(IMPORTED, captured("P2")).await.refusal(), "403 administrationRoleMissing");
    assert_eq!(reading.post(&format!("{SETTINGS}/sync"), nothing()).await.refusal(), "403 administrationRoleMissing");

    customer.admin.delete(&format!("{tenant}/administrators/{}", reseller.id)).await;
    for path in [IMPORTED, DEVICES, SETTINGS] {
        assert_eq!(inside.get(path).await.refusal(), "401 tenantClosed", "{path}");
    }
    assert_eq!(inside.post(IMPORTED, captured("P2")).await.refusal(), "401 tenantClosed");
}
