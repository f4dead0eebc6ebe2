//! Three associations and a permission that look alike: each changes its own table and nothing else.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::catalogue::{LEGACY_SUITE, UNPAID_TOOL};
use crate::harness::selling::{Channel, ONBOARDED, id_of};
use crate::harness::{Centre, customer_body};

/// What writes change besides: the trail, and mails to be sent with the queue that sends them.
const BESIDES: [&str; 3] = ["administration_notices", "events", "jobs"];

/// The rows of every table, as text.
fn rows(centre: &Centre) -> BTreeMap<String, Vec<String>> {
    let mut tables = centre.database().all_rows();
    tables.retain(|table, _| !BESIDES.contains(&table.as_str()));
    tables
}

/// The tables in which something differs.
fn differing(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    after.iter().filter(|(table, rows)| before.get(*table) != Some(rows)).map(|(table, _)| table.clone()).collect()
}

#[actix_web::test]
async fn dap_06_each_of_the_four_acts_changes_exactly_its_own_table() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, customer, .. } = &channel;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let tenant_owners = channel.path("/tenantowners");
    let support = channel.of(&suite, "/supportcontact");

    // Who is named is proved on the row of the partnership or of the relationship, which notes when: nothing else of it.
    let noted = |tables: Vec<String>| -> Vec<String> {
        tables.into_iter().filter(|table| table != "partnerships" && table != "customer_relationships").collect()
    };
    let before = rows(centre);
    channel.change(&suite, json!({ "partnerId": ONBOARDED })).await.ok();
    let after = rows(centre);
    assert_eq!(noted(differing(&before, &after)), ["association_periods"]);

    let named = json!({ "supportTenantId": reseller.id, "supportMpnId": ONBOARDED, "name": "anything" });
    provider.put(&support, named, None).await.ok();
    let (before, after) = (after, rows(centre));
    assert_eq!(noted(differing(&before, &after)), ["support_contacts"]);

    provider.post(&tenant_owners, json!({ "partnerId": reseller.id })).await.ok();
    let (before, after) = (after, rows(centre));
    assert_eq!(differing(&before, &after), ["tenant_owners"]);

    // Associating a customer is done when it is made: of what was there, nothing changes.
    let made = provider.post("/v1/customers", customer_body("tailspin", Some(&reseller.id))).await.ok();
    let (before, after) = (after, rows(centre));
    let own = ["administration_grants", "customer_relationships", "customers", "organisations", "user_roles", "users"];
    assert_eq!(differing(&before, &after).into_iter().filter(|table| table != "partnerships").collect::<Vec<_>>(), own);
    for table in own {
        let kept = before[table].iter().filter(|row| after[table].contains(row)).count();
        assert_eq!(kept, before[table].len(), "{table}");
    }

    // And each ends alone.
    channel.change(&suite, json!({ "partnerId": null })).await.ok();
    let (before, after) = (after, rows(centre));
    assert_eq!(differing(&before, &after), ["association_periods"]);
    let own = json!({ "supportTenantId": provider.id });
    provider.put(&support, own, None).await.ok();
    let (before, after) = (after, rows(centre));
    assert_eq!(differing(&before, &after), ["support_contacts"]);
    provider.delete(&format!("{tenant_owners}/{}", reseller.id)).await;
    let (before, after) = (after, rows(centre));
    assert_eq!(differing(&before, &after), ["tenant_owners"]);
    assert!(id_of(&made) != customer.id);
}

#[actix_web::test]
async fn the_provider_answers_for_a_subscription_until_it_designates_a_reseller_and_the_customer_sees_who() {
    let channel = Channel::open().await;
    let Channel { centre, operator, provider, reseller, customer, .. } = &channel;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let path = channel.of(&suite, "/supportcontact");
    let first = provider.get(&path).await.ok();
    assert_eq!((&first["supportTenantId"], &first["name"]), (&json!(provider.id), &json!("northwind")));
    assert_eq!(first["links"]["self"]["uri"], path.strip_prefix("/v1").unwrap());
    let stranger = centre.reseller(operator, "sundsvall", "6009999").await;
    let put = async |id: &str, mpn_id: &str| {
        let body = json!({ "SupportTenantId": id, "SupportMpnId": mpn_id, "Name": null, "Links": null });
        provider.put(&path, body, None).await
    };
    assert_eq!(put(&stranger.id, "6009999").await.refusal(), "400 supportContactNotAReseller");
    let absent = uuid::Uuid::now_v7().to_string();
    assert_eq!(put(&absent, "6009999").await.refusal(), "400 supportContactNotAReseller");
    assert_eq!(put(&reseller.id, "6009999").await.refusal(), "400 supportContactMpnId");
    let designated = put(&reseller.id, ONBOARDED).await.ok();
    assert_eq!(designated["name"], "norrsken");
    for actor in [&customer.admin, reseller, provider] {
        assert_eq!(actor.get(&path).await.ok(), designated);
    }
    let script = provider.application(&["sales_agent"]).await;
    assert_eq!(script.get(&path).await.body["code"], 900_329);
    // Whom it was designated to says nothing of who is credited.
    assert!(channel.again(&suite).await.get("partnerId").is_none());
    let by_reseller = reseller.put(&path, json!({ "supportTenantId": provider.id }), None).await;
    assert_eq!(by_reseller.status, 403);
    let events = centre.event_kinds().len();
    put(&reseller.id, "").await.ok();
    assert_eq!(centre.event_kinds().len(), events);
    // Since when it is the provider again.
    centre.advance(std::time::Duration::from_secs(3_500));
    let again = put(&provider.id, "").await.ok();
    assert_eq!((&again["name"], &again["since"]), (&json!("northwind"), &json!("2026-11-21T08:58:20.000000Z")));
}

#[actix_web::test]
async fn what_names_a_reseller_stays_when_the_partnership_ends_and_nothing_new_can_name_it() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, .. } = &channel;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    let tool = channel.buy(UNPAID_TOOL, 1, None).await;
    let contact = json!({ "supportTenantId": reseller.id });
    provider.put(&channel.of(&suite, "/supportcontact"), contact.clone(), None).await.ok();
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    let sheet = provider.get(&removal).await.ok();
    assert_eq!((&sheet["subscriptionsOfRecord"], &sheet["supportContacts"]), (&json!(1), &json!(1)));
    centre.run_jobs().await;
    let mails = crate::harness::mail_files(&centre.mail_folder()).len();
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    centre.run_jobs().await;
    assert_eq!(crate::harness::mail_files(&centre.mail_folder()).len(), mails);

    assert_eq!(channel.again(&suite).await["partnerId"], ONBOARDED);
    let still = provider.get(&channel.of(&suite, "/supportcontact")).await.ok();
    assert_eq!(still["supportTenantId"], json!(reseller.id));
    // It goes on managing and being credited, also when its quantity changes.
    let more = reseller.send("PATCH", &channel.of(&suite, ""), json!({ "quantity": 6 })).await.ok();
    assert_eq!(more["partnerId"], ONBOARDED);
    let named = channel.change(&tool, json!({ "partnerId": ONBOARDED })).await;
    assert_eq!(named.refusal(), "404 mpnIdUnknown");
    let designated = provider.put(&channel.of(&tool, "/supportcontact"), contact, None).await;
    assert_eq!(designated.refusal(), "400 supportContactNotAReseller");
    // Until somebody changes it.
    assert!(channel.change(&suite, json!({ "partnerId": "" })).await.ok().get("partnerId").is_none());
    assert_eq!(channel.change(&suite, json!({ "partnerId": ONBOARDED })).await.refusal(), "404 mpnIdUnknown");
    let own = json!({ "supportTenantId": provider.id });
    assert_eq!(provider.put(&channel.of(&suite, "/supportcontact"), own, None).await.ok()["name"], "northwind");
}

#[actix_web::test]
async fn sub_06_associations_are_ended_and_begun_anew_and_never_overlap() {
    let channel = Channel::open().await;
    let other = channel.centre.reseller(&channel.operator, "sundsvall", "6009999").await;
    channel.centre.partner(&channel.provider, &other).await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    let steps = [
        json!({ "quantity": 7 }),
        json!({ "status": "suspended" }),
        json!({ "partnerId": "6009999" }),
        json!({ "status": "active" }),
        json!({ "partnerId": "" }),
        json!({ "quantity": 9 }),
        json!({ "partnerId": ONBOARDED }),
        json!({ "autoRenewEnabled": false }),
        json!({ "friendlyName": "Head office" }),
    ];
    for step in steps {
        channel.centre.advance(std::time::Duration::from_secs(60));
        channel.change(&suite, step).await.ok();
    }
    let history = channel.provider.get(&channel.of(&suite, "/associations?size=100")).await.ok();
    let periods: Vec<(String, i64, bool, String, String)> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|period| {
            let minute = |name: &str| period[name].as_str().map_or("…".to_owned(), |at| at[11..16].to_owned());
            let (mpn_id, quantity) = (period["mpnId"].as_str().unwrap(), period["quantity"].as_i64().unwrap());
            (mpn_id.to_owned(), quantity, period["active"].as_bool().unwrap(), minute("from"), minute("to"))
        })
        .collect();
    let told: Vec<String> =
        periods.iter().map(|(id, n, active, from, to)| format!("{id} {n} {active} {from}-{to}")).collect();
    assert_eq!(
        told,
        [
            "6001234 5 true 08:00-08:01",
            "6001234 7 true 08:01-08:02",
            "6001234 7 false 08:02-08:03",
            "6009999 7 false 08:03-08:04",
            "6009999 7 true 08:04-08:05",
            "6001234 9 true 08:07-08:08",
            "6001234 9 true 08:08-…",
        ]
    );
    // The doctor, who comes at the end of every test, sees if somebody edits that.
    let page = channel.provider.get(&channel.of(&suite, "/associations?size=3")).await.ok();
    let token = page["continuationToken"].as_str().unwrap();
    let next = format!("/associations?size=3&seekOperation=Next&continuationToken={token}");
    let next = channel.provider.get(&channel.of(&suite, &next)).await.ok();
    assert_eq!(next["items"][0], history["items"][3]);
    // A reseller pages through its own part, wherever it begins.
    channel.change(&suite, json!({ "partnerId": "6009999" })).await.ok();
    let own = other.get(&channel.of(&suite, "/associations?size=1")).await.ok();
    assert_eq!((&own["totalCount"], &own["items"][0]["mpnId"]), (&json!(1), &json!("6009999")));
    assert!(own["continuationToken"].is_string());
}

#[actix_web::test]
async fn the_doctor_finds_associations_that_were_edited_and_contacts_without_a_partnership() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    channel.centre.advance(std::time::Duration::from_secs(60));
    channel.change(&suite, json!({ "quantity": 7 })).await.ok();
    let contact = json!({ "supportTenantId": channel.reseller.id });
    channel.provider.put(&channel.of(&suite, "/supportcontact"), contact, None).await.ok();
    let database = channel.centre.database();
    let later = match crate::harness::database::server() {
        Some(_) => "since + interval '2 minutes'",
        None => "since + 120000000",
    };
    for (broken, mended, found) in [
        (
            format!("UPDATE association_periods SET until = {later} WHERE number = 1"),
            "UPDATE association_periods SET until = (SELECT since FROM association_periods WHERE number = 2) WHERE number = 1",
            "I12: period 2",
        ),
        (
            "UPDATE association_periods SET number = 3 WHERE number = 2".to_owned(),
            "UPDATE association_periods SET number = 2 WHERE number = 3",
            "I12: period 3",
        ),
        (
            "UPDATE association_periods SET quantity = 8 WHERE number = 2".to_owned(),
            "UPDATE association_periods SET quantity = 7 WHERE number = 2",
            "is not what it is",
        ),
        (
            "UPDATE partnerships SET ended_at = started_at".to_owned(),
            "UPDATE partnerships SET ended_at = NULL",
            "became support contact of subscription",
        ),
    ] {
        database.break_with(&broken);
        let told = partner_center::commands::examine(channel.centre.db(), None, "test".to_owned()).unwrap().to_string();
        assert!(told.contains(found), "{broken}: {told}");
        database.break_with(mended);
    }
}
