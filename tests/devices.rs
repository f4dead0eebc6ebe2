//! Registrations, the registrar, the gate.

use partner_center::access::{CustomerId, OrganisationId};
use partner_center::delegation;
use partner_center::platform::db::Isolation;
use partner_center::platform::error::Outcome;
use serde_json::{Value, json};

use crate::harness::{Actor, Centre, Customer};

struct Channel {
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

async fn channel(centre: &Centre) -> Channel {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    Channel { operator, provider, reseller, customer }
}

fn file(rows: &[&str]) -> Vec<u8> {
    let mut text = "Manufacturer,Model,Serial Number\n".to_owned();
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text.into_bytes()
}

/// `line title` of every row that failed, `line ready` of the others.
async fn outcomes(actor: &Actor, customer: &str, registration: &Value) -> Vec<String> {
    let id = registration["id"].as_str().unwrap();
    let rows = actor.get(&format!("/v1/customers/{customer}/deviceRegistrations/{id}/rows")).await.ok();
    let shown = |row: &Value| {
        let outcome = row["error"]["title"].as_str().unwrap_or_else(|| row["status"].as_str().unwrap());
        format!("{} {outcome}", row["line"])
    };
    rows["items"].as_array().unwrap().iter().map(shown).collect()
}

#[actix_web::test]
async fn every_row_gets_one_outcome_and_values_match_exactly() {
    let centre = Centre::open().await;
    let Channel { operator, provider, reseller, customer } = channel(&centre).await;
    let manifest = file(&["Fabrikam,Falcon,F1", "Fabrikam,Falcon,F2", "Fabrikam,Falcon,F3", "Litware Inc.,Slate,L1"]);
    operator.upload("/v1/devicedirectory/manifests", &manifest, &[]).await.ok();
    let other = centre.customer(&provider, "tailspin", Some(&reseller)).await;
    reseller.register(&other.id, &file(&["Fabrikam,Falcon,F3"])).await;

    let rows = file(&[
        "Fabrikam,Falcon,F1",
        "Fabrikam,falcon,F2",
        "Fabrikam,Falcon,F9",
        "Fabrikam,Falcon,F3",
        "Proseware,Cube,P1",
        "Proseware,Cube,Default string",
        "Fabrikam,Falcon,F1",
    ]);
    let first = reseller.register(&customer.id, &rows).await;
    assert_eq!(
        outcomes(&reseller, &customer.id, &first).await,
        [
            "2 Ready for user",
            "3 Device not found",
            "4 Device not found",
            "5 Device claimed by another organization",
            "6 Ready for user",
            "7 Device not found",
            "8 Unexpected error",
        ]
    );
    let second = reseller.register(&customer.id, &file(&["Fabrikam,Falcon,F1"])).await;
    assert_eq!(outcomes(&reseller, &customer.id, &second).await, ["2 Device already registered"]);
}

#[actix_web::test]
async fn a_claim_elsewhere_is_told_only_after_a_full_match_and_never_with_a_name() {
    let centre = Centre::open().await;
    let Channel { provider, reseller, customer, .. } = channel(&centre).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    provider.register(&other.id, &file(&["Proseware,Cube,P1"])).await;
    let guess = reseller.register(&customer.id, &file(&["Proseware,Another,P1"])).await;
    assert_eq!(outcomes(&reseller, &customer.id, &guess).await, ["2 Device not found"]);
    let known = reseller.register(&customer.id, &file(&["Proseware,Cube,P1"])).await;
    assert_eq!(outcomes(&reseller, &customer.id, &known).await, ["2 Device claimed by another organization"]);
    let shown = reseller.get(&format!("/v1/customers/{}/devices", customer.id)).await;
    assert!(!shown.text.contains("tailspin"), "{}", shown.text);
}

#[actix_web::test]
async fn csv_6_a_sample_cell_refuses_the_whole_file_and_nothing_is_registered() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let wrong = [
        file(&["Fabrikam,Falcon,F1", "Fabrikam,ContosoABC,F2"]),
        b"Manufacturer,Model\nA,B\n".to_vec(),
        b"PK\x03\x04 and so on".to_vec(),
        file(&[]),
    ];
    for bytes in &wrong {
        let refused = reseller.upload(&path, bytes, &[]).await;
        assert_eq!(refused.refusal(), "422 deviceFileRefused");
        assert_eq!(refused.body["parameters"]["heading"], "Manufacturer,Model,Serial Number");
    }
    let refused = reseller.upload(&path, &wrong[0], &[]).await;
    assert_eq!(
        refused.body["data"],
        json!(["Line 3, Model: \"ContosoABC\" is the sample from the documentation. Replace it."])
    );
    // Refused files are kept for a while, with what was found in them.
    let kept = reseller.get(&path).await.ok();
    assert_eq!(kept["totalCount"], 5);
    for registration in kept["items"].as_array().unwrap() {
        assert_eq!(registration["state"], "refused");
    }
    assert_eq!(reseller.get(&format!("/v1/customers/{}/devices", customer.id)).await.ok()["totalCount"], 0);
}

#[actix_web::test]
async fn dap_1_the_gate_opens_for_a_live_grant_and_the_customer_only() {
    let centre = Centre::open().await;
    let Channel { operator, provider, reseller, customer } = channel(&centre).await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    let partner_only = centre.reseller(&operator, "lamna", "6003234").await;
    centre.partner(&provider, &partner_only).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let rows = file(&["Fabrikam,Falcon,F1"]);
    for (actor, expected) in [
        (&provider, "201 (no error)"),
        (&reseller, "201 (no error)"),
        (&stranger, "404 relationshipMissing"),
        (&partner_only, "404 relationshipMissing"),
        (&operator, "403 wrongOrganisation"),
        // The gate lets a customer in; its file needs hashes, which are not read yet.
        (&customer.admin, "422 deviceFileRefused"),
    ] {
        assert_eq!(actor.upload(&path, &rows, &[]).await.refusal(), expected);
    }
    let end = format!("/v1/customers/{}/administrators/{}", customer.id, reseller.id);
    customer.admin.delete(&end).await;
    assert_eq!(reseller.upload(&path, &rows, &[]).await.refusal(), "403 delegatedAdministrationMissing");
    for path in ["devices", "deviceRegistrations"] {
        let shown = reseller.get(&format!("/v1/customers/{}/{path}", customer.id)).await;
        assert_eq!(shown.refusal(), "403 delegatedAdministrationMissing");
    }
    assert_eq!(provider.upload(&path, &rows, &[]).await.status, 201);
    centre.run_jobs().await;
}

#[actix_web::test]
async fn dap_2_a_lapse_between_upload_and_processing_stops_the_rest_and_says_so_on_each_row() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let made = reseller.upload(&path, &file(&["Fabrikam,Falcon,F1", "Fabrikam,Falcon,F2"]), &[]).await.ok();
    let end = format!("/v1/customers/{}/administrators/{}", customer.id, reseller.id);
    customer.admin.delete(&end).await;
    centre.run_jobs().await;
    let rows = customer.admin.get(&format!("{path}/{}/rows", made["id"].as_str().unwrap())).await.ok();
    for row in rows["items"].as_array().unwrap() {
        assert_eq!(row["status"], "Registration failed");
        assert_eq!(row["error"]["code"], "REL_MISSING");
    }
    assert_eq!(rows["totalCount"], 2);
}

#[actix_web::test]
async fn dap_2_removing_the_partnership_leaves_the_registration_running() {
    let centre = Centre::open().await;
    let Channel { provider, reseller, customer, .. } = channel(&centre).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let made = reseller.upload(&path, &file(&["Fabrikam,Falcon,F1"]), &[]).await.ok();
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    assert_eq!(provider.get(&removal).await.ok()["runningRegistrations"], 1);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    centre.run_jobs().await;
    let settled = reseller.get(&format!("{path}/{}", made["id"].as_str().unwrap())).await.ok();
    assert_eq!(settled["state"], "finished");
}

#[actix_web::test]
async fn csv_12_of_two_organisations_that_claim_one_device_at_once_one_wins() {
    let centre = Centre::open().await;
    let Channel { provider, reseller, customer, .. } = channel(&centre).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let rows: Vec<String> = (0..200).map(|n| format!("Proseware,Cube,P{n}")).collect();
    let rows = file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let of = |id: &str| format!("/v1/customers/{id}/deviceRegistrations");
    reseller.upload(&of(&customer.id), &rows, &[]).await.ok();
    provider.upload(&of(&other.id), &rows, &[]).await.ok();
    // Two copies of the registrar share the work.
    futures_util::future::join(centre.run_jobs(), centre.run_jobs()).await;
    let counts = |list: Value| list["items"][0]["counts"].clone();
    let (a, b) = (counts(reseller.get(&of(&customer.id)).await.ok()), counts(provider.get(&of(&other.id)).await.ok()));
    let total = |name: &str| a[name].as_i64().unwrap() + b[name].as_i64().unwrap();
    assert_eq!((total("ready"), total("failed"), total("pending")), (200, 200, 0));
}

#[actix_web::test]
async fn reg_1_a_registration_of_several_chunks_settles_every_row_once() {
    const ROWS: usize = 2_345;
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let rows: Vec<String> = (0..ROWS).map(|n| format!("Proseware,Cube,P{n}")).collect();
    let settled = reseller.register(&customer.id, &file(&rows.iter().map(String::as_str).collect::<Vec<_>>())).await;
    assert_eq!(settled["counts"], json!({ "pending": 0, "ready": ROWS, "failed": 0, "leftOut": 0 }));
    let path = format!("/v1/customers/{}/devices?size=1000", customer.id);
    let mut seen = 0;
    let mut page = reseller.get(&path).await.ok();
    loop {
        seen += page["totalCount"].as_u64().unwrap();
        let Some(token) = page["continuationToken"].as_str() else { break };
        page = reseller.get(&format!("{path}&continuationToken={token}")).await.ok();
    }
    assert_eq!(seen, ROWS as u64);
}

#[actix_web::test]
async fn two_rows_that_differ_only_in_capitals_make_one_device() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let settled = reseller.register(&customer.id, &file(&["Proseware,Cube,p1", "Proseware,Cube,P1"])).await;
    assert_eq!(outcomes(&reseller, &customer.id, &settled).await, ["2 Ready for user", "3 Device already registered"]);
}

#[actix_web::test]
async fn deregistering_frees_the_device_for_another_organisation() {
    let centre = Centre::open().await;
    let Channel { provider, reseller, customer, .. } = channel(&centre).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let rows = file(&["Proseware,Cube,P1"]);
    reseller.register(&customer.id, &rows).await;
    let devices = format!("/v1/customers/{}/devices", customer.id);
    let id = reseller.get(&devices).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        provider.delete(&format!("/v1/customers/{}/devices/{id}", other.id)).await.refusal(),
        "404 deviceUnknown"
    );
    assert_eq!(reseller.delete(&format!("{devices}/{id}")).await.status, 204);
    assert_eq!(reseller.delete(&format!("{devices}/{id}")).await.refusal(), "404 deviceUnknown");
    let claimed = provider.register(&other.id, &rows).await;
    assert_eq!(claimed["state"], "finished");
}

#[actix_web::test]
async fn an_unknown_manufacturer_can_be_made_to_fail() {
    let centre =
        Centre::open_with(|settings| settings.devices.unmatched = partner_center::devices::Unmatched::Fail).await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let settled = reseller.register(&customer.id, &file(&["Proseware,Cube,P1"])).await;
    assert_eq!(outcomes(&reseller, &customer.id, &settled).await, ["2 Device not found"]);
}

#[actix_web::test]
async fn a_manifest_with_a_bad_row_loads_nothing() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let manifest = file(&["Fabrikam,Falcon,F1", "Fabrikam,,F2"]);
    let refused = operator.upload("/v1/devicedirectory/manifests", &manifest, &[]).await;
    assert_eq!(refused.refusal(), "422 deviceFileRefused");
    assert_eq!(refused.body["parameters"]["line"], "3");
    let good = file(&["Fabrikam,Falcon,F1"]);
    for _ in 0..2 {
        assert_eq!(operator.upload("/v1/devicedirectory/manifests", &good, &[]).await.ok()["devices"], 1);
    }
}

#[actix_web::test]
async fn order_and_purchase_ids_are_free_text_up_to_256_characters() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let rows = file(&["Proseware,Cube,P1"]);
    let made = reseller.upload(&path, &rows, &[("orderId", " Ö/4711 \"x\" "), ("purchaseId", &"å".repeat(256))]).await;
    let made = made.ok();
    assert_eq!(made["orderId"], "Ö/4711 \"x\"");
    assert_eq!(made["purchaseId"], "å".repeat(256));
    let refused = reseller.upload(&path, &rows, &[("orderId", &"å".repeat(257))]).await;
    assert_eq!(refused.sentence(), "orderId has 257 characters; at most 256 are allowed.");
    let unknown = reseller.upload(&path, &rows, &[("colour", "red")]).await;
    assert!(unknown.sentence().contains("\"colour\" is not known"), "{}", unknown.sentence());
    centre.run_jobs().await;
}

#[actix_web::test]
async fn dap_3_whoever_took_the_time_before_the_ending_and_asks_after_it_is_refused() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let acting: OrganisationId = reseller.id.parse().unwrap();
    let id: CustomerId = customer.id.parse().unwrap();
    let before = centre.clock.now();
    let prove = || -> Outcome<CustomerId, delegation::GateError> {
        centre.db().write_now(Isolation::Serializable, &|tx| {
            Ok(delegation::administer_for(tx, acting, id, before)?.customer())
        })
    };
    assert!(prove().is_ok());
    centre.advance(std::time::Duration::from_secs(60));
    let end = format!("/v1/customers/{}/administrators/{}", customer.id, reseller.id);
    customer.admin.delete(&end).await;
    assert!(prove().is_err());
}

#[actix_web::test]
async fn reg_5_a_registration_that_is_given_up_leaves_no_row_pending() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let made = reseller.upload(&path, &file(&["Proseware,Cube,P1"]), &[]).await.ok();
    // A job that killed its worker at every attempt.
    centre.database().break_with("UPDATE jobs SET attempts = 8 WHERE kind = 'register_devices'");
    centre.run_jobs().await;
    let shown = reseller.get(&format!("{path}/{}", made["id"].as_str().unwrap())).await.ok();
    assert_eq!(shown["state"], "finishedWithErrors");
    assert_eq!(outcomes(&reseller, &customer.id, &made).await, ["2 Unexpected error"]);
}

#[actix_web::test]
async fn the_consequence_sheet_counts_only_what_both_have_to_do_with() {
    let centre = Centre::open().await;
    let Channel { operator, provider, reseller, customer } = channel(&centre).await;
    let other = centre.provider(&operator, "trey").await;
    centre.partner(&other, &reseller).await;
    let foreign = centre.customer(&other, "tailspin", Some(&reseller)).await;
    for id in [&customer.id, &foreign.id] {
        let path = format!("/v1/customers/{id}/deviceRegistrations");
        reseller.upload(&path, &file(&[&format!("Proseware,Cube,{id}")]), &[]).await.ok();
    }
    let sheet = provider.get(&format!("/v1/relationships/{}/removal", reseller.id)).await.ok();
    assert_eq!((sheet["customers"].clone(), sheet["runningRegistrations"].clone()), (json!(1), json!(1)));
    centre.run_jobs().await;
}
