//! Ending a partnership: what it leaves in force, the notices one may owe, the history.

use serde_json::json;

use crate::harness::{Actor, Centre, names, nothing};

struct Channel {
    provider: Actor,
    reseller: Actor,
}

async fn channel(centre: &Centre) -> Channel {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    Channel { provider, reseller }
}

#[actix_web::test]
async fn the_consequence_sheet_counts_and_lists_what_stays() {
    let centre = Centre::open().await;
    let Channel { provider, reseller } = channel(&centre).await;
    let fabrikam = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let contoso = centre.customer(&provider, "contoso", Some(&reseller)).await;
    centre.customer(&provider, "own", None).await;
    contoso.admin.delete(&format!("/v1/customers/{}/administrators/{}", contoso.id, reseller.id)).await.ok();
    provider.delete("/v1/relationships/invitationlink").await;
    provider.post("/v1/relationships/invitationlink/rotate", nothing()).await.ok();
    let again = json!({ "email": "again@norrsken.example", "mpnId": "6001234", "send": false });
    provider.post("/v1/relationships/invitations", again).await.ok();
    let file = b"Manufacturer,Model,Serial Number\nProseware,Cube,1\n";
    let registrations = format!("/v1/customers/{}/deviceRegistrations", fabrikam.id);
    reseller.upload(&registrations, file, &[]).await.ok();
    for (actor, other) in [(&provider, &reseller), (&reseller, &provider)] {
        let sheet = actor.get(&format!("/v1/relationships/{}/removal", other.id)).await.ok();
        assert_eq!(
            (&sheet["customers"], &sheet["liveGrants"], &sheet["runningRegistrations"]),
            (&json!(2), &json!(1), &json!(1))
        );
        let stays: Vec<_> = sheet["stays"].as_array().unwrap().iter().collect();
        let delegated = |name: &str| {
            stays.iter().find(|one| one["companyName"] == name).unwrap()["delegatedAdministration"].clone()
        };
        assert_eq!((delegated("fabrikam"), delegated("contoso")), (json!(true), json!(false)));
        // What is in a registration is for the gate to show.
        let running = &sheet["running"][0];
        assert_eq!(
            (&running["companyName"], running.get("fileName"), running.get("id")),
            (&json!("fabrikam"), None, None)
        );
        assert_eq!((&sheet["openInvitations"], &sheet["standingLinkActive"]), (&json!(1), &json!(true)));
        assert!(sheet["attestation"].as_str().unwrap().contains("good faith"));
    }
    centre.run_jobs().await;
    let sheet = provider.get(&format!("/v1/relationships/{}/removal", reseller.id)).await.ok();
    assert_eq!(sheet["runningRegistrations"], 0);
}

#[actix_web::test]
async fn drafts_of_the_notices_are_offered_before_and_after_and_none_is_sent() {
    let centre = Centre::open().await;
    let Channel { provider, reseller } = channel(&centre).await;
    for name in ["fabrikam", "contoso", "adatum"] {
        centre.customer(&provider, name, Some(&reseller)).await;
    }
    centre.run_jobs().await;
    let before = centre.mails_to("").len();
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    let drafts = provider.get(&format!("{removal}/notices?language=sv&size=2")).await.ok();
    let removed = provider.post(&removal, json!({ "attestation": true })).await.ok();
    assert_eq!(removed["notices"], format!("{removal}/notices"));
    let after = provider.get(&format!("{removal}/notices?language=sv&size=2")).await.ok();
    assert_eq!(drafts, after);
    assert_eq!(
        (&drafts["partner"]["name"], &drafts["partner"]["to"]),
        (&json!("norrsken"), &json!("admin@norrsken.example"))
    );
    assert!(drafts["partner"]["message"].as_str().unwrap().contains("northwind avslutar partnerskapet med norrsken"));
    let customers = &drafts["customers"];
    assert_eq!(names(customers), ["fabrikam", "contoso"]);
    let one = &customers["items"][0];
    assert_eq!(one["to"], "billing@fabrikam.example");
    assert!(one["message"].as_str().unwrap().contains("norrsken kan fortsätta administrera er organisation"), "{one}");
    assert!(one["mailto"].as_str().unwrap().starts_with("mailto:billing@fabrikam.example?subject="));
    let token = customers["continuationToken"].as_str().unwrap();
    let rest =
        provider.get(&format!("{removal}/notices?size=2&seekOperation=Next&continuationToken={token}")).await.ok();
    assert_eq!(names(&rest["customers"]), ["adatum"]);
    centre.run_jobs().await;
    assert_eq!(centre.mails_to("").len(), before, "nobody is told by us");
}

#[actix_web::test]
async fn inv_18_a_removal_touches_neither_customers_nor_grants_and_nothing_new_names_the_reseller() {
    let centre = Centre::open().await;
    let Channel { provider, reseller } = channel(&centre).await;
    let fabrikam = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let seen = async |actor: &Actor| {
        let customers = actor.get("/v1/customers").await.ok();
        let devices = actor.get(&format!("/v1/customers/{}/devices", fabrikam.id)).await;
        (names(&customers), customers["items"][0]["companyProfile"]["companyName"].clone(), devices.status)
    };
    let before = (seen(&provider).await, seen(&reseller).await);
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true, "reason": "Sold" })).await.ok();
    assert_eq!((seen(&provider).await, seen(&reseller).await), before);
    assert_eq!(
        reseller.register(&fabrikam.id, b"Manufacturer,Model,Serial Number\nProseware,Cube,1\n").await["state"],
        "finished"
    );
    let body = crate::harness::customer_body("newone", Some(&reseller.id));
    assert_eq!(provider.post("/v1/customers", body).await.refusal(), "400 resellerUnknown");
    let reminder = provider.get(&format!("/v1/relationships/{}/agreementreminder", reseller.id)).await;
    assert_eq!(reminder.refusal(), "404 partnershipMissing");
    let told = centre.event_kinds();
    assert_eq!(told.iter().filter(|kind| *kind == "partnership_removed").count(), 1);
    let trail = reseller.get("/v1/auditrecords").await.text;
    assert!(!trail.contains("remove_partner_relationship"), "the other side is told nothing");
}

#[actix_web::test]
async fn history_stays_and_a_later_acceptance_is_a_new_partnership() {
    let centre = Centre::open().await;
    let Channel { provider, reseller } = channel(&centre).await;
    let removal = format!("/v1/relationships/{}/removal", provider.id);
    reseller.post(&removal, json!({ "attestation": true, "reason": "Another provider" })).await.ok();
    centre.advance(std::time::Duration::from_secs(60));
    let link = provider.get("/v1/relationships/invitationlink").await.ok();
    let token = link["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.ok();
    let seen_by_reseller = reseller.get(&format!("/v1/relationships/{}/history", provider.id)).await.ok();
    let seen_by_provider = provider.get(&format!("/v1/relationships/{}/history", reseller.id)).await.ok();
    for seen in [&seen_by_reseller, &seen_by_provider] {
        assert_eq!(seen["totalCount"], 2);
        let (first, second) = (&seen["items"][0], &seen["items"][1]);
        assert_ne!(first["partnershipId"], second["partnershipId"]);
        assert_eq!(
            (&first["endedBy"], &first["endedAt"]),
            (&json!(reseller.id), &json!("2026-11-21T08:00:00.000000Z"))
        );
        assert!(first["invitationId"].is_string() && second.get("invitationId").is_none());
        assert!(second.get("endedAt").is_none());
    }
    assert_eq!(seen_by_reseller["items"][0]["reason"], "Another provider");
    assert_eq!(seen_by_reseller["items"][0]["attestationVersion"], "1");
    // Why one side left is that side's matter.
    assert!(seen_by_provider["items"][0].get("reason").is_none());
}

#[actix_web::test]
async fn the_list_shows_enrolment_agreement_and_mpn_id_and_is_searched() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let norrsken = centre.reseller(&operator, "norrsken", "6002001").await;
    let nordlys = centre.reseller(&operator, "nordlys", "6002002").await;
    for reseller in [&norrsken, &nordlys] {
        centre.partner(&provider, reseller).await;
    }
    let next = json!({ "version": "2", "title": "MPA 2", "documentUrl": "https://partners.test/mpa2" });
    centre.advance(std::time::Duration::from_secs(60));
    operator.post("/v1/agreements/mpa/versions", next).await.ok();
    nordlys.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    let listed = provider.get("/v1/relationships/partners").await.ok();
    assert_eq!(names(&listed), ["norrsken", "nordlys"]);
    let (first, second) = (&listed["items"][0], &listed["items"][1]);
    assert_eq!(
        (&first["mpnId"], &first["enrollment"], &first["location"]),
        (&json!("6002001"), &json!("approved"), &json!("SE"))
    );
    assert_eq!((&first["agreement"]["active"], &first["agreement"]["version"]), (&json!(false), &json!("1")));
    assert_eq!((&second["agreement"]["active"], &second["agreement"]["version"]), (&json!(true), &json!("2")));
    assert_eq!(second["agreement"]["signedAt"], "2026-11-21T08:01:00.000000Z");
    for (search, found) in [
        ("NOR", vec!["norrsken", "nordlys"]),
        ("lys", vec!["nordlys"]),
        ("6002001", vec!["norrsken"]),
        ("2001", vec![]),
        ("%25", vec![]),
        ("_", vec![]),
        ("", vec!["norrsken", "nordlys"]),
    ] {
        let list = provider.get(&format!("/v1/relationships/partners?search={search}")).await.ok();
        assert_eq!(names(&list), found, "{search}");
    }
    let reminder = provider.get(&format!("/v1/relationships/{}/agreementreminder?language=nl", norrsken.id)).await.ok();
    assert_eq!(reminder["to"], "admin@norrsken.example");
    assert!(reminder["message"].as_str().unwrap().contains("https://partners.test/agreement"), "{reminder}");
    let signed = provider.get(&format!("/v1/relationships/{}/agreementreminder", nordlys.id)).await;
    assert_eq!(signed.refusal(), "409 agreementAlreadySigned");
    let filter = "%7B%22Field%22%3A%22Name%22%2C%22Value%22%3A%22Nord%22%2C%22Operator%22%3A%22starts_with%22%7D";
    let contract = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";
    assert_eq!(names(&provider.get(&format!("{contract}&filter={filter}")).await.ok()), ["nordlys"]);
    assert_eq!(provider.get(&format!("{contract}&filter=x")).await.refusal(), "400 badRequest");
    let own = provider.get(contract).await.ok();
    let mut keys: Vec<&str> = own["items"][0].as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["attributes", "id", "location", "mpnId", "name", "relationshipType", "state"]);
    assert_eq!(names(&norrsken.get("/v1/relationships/partners").await.ok()), ["northwind"]);
}
