//! Licences of a customer's users: seats come from its subscriptions, and are never given twice.

use partner_center::commands::examine;
use partner_center::config::Names;
use partner_center::platform::clock::{Timestamp, days};
use serde_json::{Value, json};

use crate::harness::{Actor, Answer, Centre, Customer};

/// An offer of the new commerce in two availabilities, a legacy one, and one without licences.
const SUITE: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0K59J";
const SUITE_OTHERWISE: &str = "CFQ7TTC0LDPB:0001:CFQ7TTC0K000";
const INTUNE: &str = "51e95709-dc35-4780-9040-22278cb7c0e1";
const AZURE: &str = "MS-AZR-0145P";

const INTUNE_PLAN: &str = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5";
const PREMIUM_PLAN: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";

struct Channel {
    centre: Centre,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

impl Channel {
    async fn open() -> Self {
        Self::open_requiring(&[]).await
    }

    async fn open_requiring(required: &[&str]) -> Self {
        let required = Names::from(required);
        let centre = Centre::open_with(|settings| settings.subscriptions.required_service_plans = required).await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
        let plan = |id: &str, name: &str| json!({ "id": id, "name": name, "displayName": name });
        let channel = Self { centre, provider, reseller, customer };
        let suite = [plan(INTUNE_PLAN, "INTUNE_A"), plan(PREMIUM_PLAN, "AAD_PREMIUM")];
        channel.offer(SUITE, "Business Suite (E3)", "Licenses", &suite);
        channel.offer(SUITE_OTHERWISE, "Business Suite (E3)", "Licenses", &suite);
        channel.offer(INTUNE, "Intune", "Licenses", &suite[..1]);
        channel.offer(AZURE, "Azure", "Usage-based", &[]);
        channel
    }

    fn sqlite(&self) -> bool {
        self.centre.database().url().starts_with("sqlite")
    }

    fn id(&self, id: &str) -> String {
        if self.sqlite() { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'") }
    }

    fn at(&self, at: Timestamp) -> String {
        if self.sqlite() { at.micros().to_string() } else { format!("'{at}'") }
    }

    fn flag(&self, flag: bool) -> &'static str {
        match (self.sqlite(), flag) {
            (true, true) => "1",
            (true, false) => "0",
            (false, true) => "true",
            (false, false) => "false",
        }
    }

    fn offer(&self, id: &str, name: &str, unit: &str, plans: &[Value]) {
        let details = json!({
            "id": id, "name": name, "category": "x", "minimumQuantity": 1, "maximumQuantity": 1000, "unitType": unit,
            "terms": ["P1Y"], "billingCycles": ["monthly"], "isAutoRenewable": true, "earnsIncentives": true,
            "servicePlans": plans, "isAvailable": true,
        });
        let (no, now) = (self.flag(false), self.at(self.centre.clock.now()));
        self.centre.database().break_with(&format!(
            "INSERT INTO offers (id, category, rank, name, product_id, is_add_on, details, imported_at) \
             VALUES ('{id}', 'x', 0, '{name}', '{id}', {no}, '{details}', {now})"
        ));
    }

    /// A subscription of the customer that ends in 30 days; its id.
    fn sell(&self, offer: &str, quantity: i32, status: &str, auto_renew: bool) -> String {
        let (order, subscription) = (uuid::Uuid::now_v7().to_string(), uuid::Uuid::now_v7().to_string());
        let (customer, provider) = (self.id(&self.customer.id), self.id(&self.provider.id));
        let now = self.centre.clock.now();
        let (ends, now) = (self.at(now.after(days(30))), self.at(now));
        let (order, renew) = (self.id(&order), self.flag(auto_renew));
        let id = self.id(&subscription);
        self.centre.database().break_with(&format!(
            "INSERT INTO orders (id, customer_id, provider_id, billing_cycle, version, created_at) \
             VALUES ({order}, {customer}, {provider}, 'monthly', 1, {now}); \
             INSERT INTO subscriptions (id, customer_id, provider_id, order_id, offer_id, friendly_name, quantity, status, \
             status_since, term, billing_cycle, auto_renew, reducible, started_at, ends_at, version, created_at) \
             VALUES ({id}, {customer}, {provider}, {order}, '{offer}', 'x', {quantity}, '{status}', {now}, 'P1Y', \
             'monthly', {renew}, '[]', {now}, {ends}, 1, {now}); \
             INSERT INTO order_lines (order_id, number, offer_id, quantity, friendly_name, term, billing_cycle, \
             subscription_id) VALUES ({order}, 0, '{offer}', {quantity}, 'x', 'P1Y', 'monthly', {id})"
        ));
        subscription
    }

    /// Changes what a subscription is, as its owner would.
    fn set(&self, subscription: &str, what: &str) {
        let id = self.id(subscription);
        self.centre.database().break_with(&format!("UPDATE subscriptions SET {what} WHERE id = {id}"));
    }

    async fn user(&self, name: &str) -> String {
        let body = json!({
            "userPrincipalName": format!("{name}@fabrikam.onmicrosoft.com"), "displayName": name, "usageLocation": "SE",
        });
        let made = self.reseller.post(&format!("/v1/customers/{}/users", self.customer.id), body).await.ok();
        made["id"].as_str().unwrap().to_owned()
    }

    fn path(&self, user: &str, rest: &str) -> String {
        format!("/v1/customers/{}/users/{user}{rest}", self.customer.id)
    }

    async fn skus(&self) -> Vec<Value> {
        let list = self.reseller.get(&format!("/v1/customers/{}/subscribedskus", self.customer.id)).await.ok();
        list["items"].as_array().unwrap().clone()
    }

    /// The id of what is called so.
    async fn sku(&self, name: &str) -> String {
        let skus = self.skus().await;
        let sku = skus.iter().find(|sku| sku["productSku"]["name"] == name).unwrap();
        sku["productSku"]["id"].as_str().unwrap().to_owned()
    }

    /// Active, consumed, suspended, warning, total and available units of what is called so, and how it stands.
    async fn units(&self, name: &str) -> (Vec<i64>, String) {
        let skus = self.skus().await;
        let sku = skus.iter().find(|sku| sku["productSku"]["name"] == name).unwrap();
        let parts = ["active", "consumed", "suspended", "warning", "total", "available"];
        let units = parts.map(|part| sku[format!("{part}Units")].as_i64().unwrap());
        (units.to_vec(), sku["capabilityStatus"].as_str().unwrap().to_owned())
    }

    async fn update(&self, user: &str, body: Value) -> Answer {
        self.reseller.post(&self.path(user, "/licenseupdates"), body).await
    }

    async fn assign(&self, user: &str, sku: &str) -> Answer {
        self.update(user, json!({ "licensesToAssign": [{ "skuId": sku }] })).await
    }

    /// The names of what a user has licences of.
    async fn licenses(&self, user: &str) -> Vec<String> {
        let list = self.reseller.get(&self.path(user, "/licenses")).await.ok();
        let items = list["items"].as_array().unwrap();
        items.iter().map(|one| one["productSku"]["name"].as_str().unwrap().to_owned()).collect()
    }

    fn changes(&self) -> usize {
        self.centre.event_kinds().iter().filter(|kind| *kind == "licenses_changed").count()
    }
}

#[actix_web::test]
async fn licences_are_assigned_and_taken_away_and_every_unit_is_counted() {
    let channel = Channel::open().await;
    assert!(channel.skus().await.is_empty());
    channel.sell(SUITE, 2, "active", true);
    channel.sell(SUITE_OTHERWISE, 1, "active", true);
    channel.sell(SUITE, 4, "suspended", true);
    channel.sell(SUITE, 8, "deleted", true);
    channel.sell(INTUNE, 5, "active", true);
    channel.sell(AZURE, 1, "active", true);
    let names: Vec<Value> = channel.skus().await.iter().map(|sku| sku["productSku"]["name"].clone()).collect();
    assert_eq!(names, ["Business Suite (E3)", "Intune"]);
    assert_eq!(channel.sku("Intune").await, INTUNE);
    let suite = channel.sku("Business Suite (E3)").await;
    let shown = &channel.skus().await[0];
    assert_eq!(
        shown["productSku"],
        json!({ "id": suite, "name": "Business Suite (E3)", "skuPartNumber": "BUSINESS_SUITE_E3", "targetType": "User",
            "licenseGroupId": "group1" })
    );
    assert_eq!(
        shown["servicePlans"][0],
        json!({ "id": INTUNE_PLAN, "displayName": "INTUNE_A", "serviceName": "INTUNE_A", "capabilityStatus": "Success",
            "targetType": "User" })
    );
    assert_eq!(channel.units("Business Suite (E3)").await, (vec![3, 0, 4, 0, 3, 3], "Enabled".to_owned()));

    let (anna, bo) = (channel.user("anna").await, channel.user("bo").await);
    let body = json!({
        "LicensesToAssign": [
            { "SkuId": suite.to_uppercase(), "ExcludedPlans": null, "Attributes": null },
            { "SkuId": INTUNE, "ExcludedPlans": [] },
        ],
        "LicensesToRemove": null, "LicenseWarnings": null,
    });
    let answer = channel.update(&anna, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let told = answer.ok();
    assert_eq!(told["licensesToAssign"], json!([{ "skuId": suite }, { "skuId": INTUNE, "excludedPlans": [] }]));
    assert_eq!((&told["licenseWarnings"], &told["licensesToRemove"]), (&json!([]), &json!([])));
    channel.assign(&bo, &suite).await.ok();
    assert_eq!(channel.licenses(&anna).await, ["Business Suite (E3)", "Intune"]);
    assert_eq!(channel.licenses(&bo).await, ["Business Suite (E3)"]);
    assert_eq!(channel.units("Business Suite (E3)").await, (vec![3, 2, 4, 0, 3, 1], "Enabled".to_owned()));

    // One for the other, in one call.
    let swap = json!({ "licensesToAssign": [{ "skuId": INTUNE }], "licensesToRemove": [suite] });
    channel.update(&bo, swap).await.ok();
    assert_eq!(channel.licenses(&bo).await, ["Intune"]);
    assert_eq!(channel.units("Business Suite (E3)").await, (vec![3, 1, 4, 0, 3, 2], "Enabled".to_owned()));
    assert_eq!(channel.units("Intune").await, (vec![5, 2, 0, 0, 5, 3], "Enabled".to_owned()));
    assert_eq!(channel.changes(), 3);

    // The same again changes nothing, nor does taking away what is not there.
    channel.assign(&bo, INTUNE).await.ok();
    let nothing = json!({ "licensesToRemove": [suite, uuid::Uuid::now_v7()] });
    assert_eq!(channel.update(&bo, nothing).await.status, 201);
    assert_eq!(channel.update(&bo, json!({})).await.status, 201);
    assert_eq!(channel.units("Intune").await.0[1], 2);
    assert_eq!(channel.changes(), 3);
}

#[actix_web::test]
async fn no_more_licences_are_assigned_than_there_are() {
    let channel = Channel::open().await;
    channel.sell(SUITE, 1, "active", true);
    channel.sell(INTUNE, 1, "active", true);
    let suite = channel.sku("Business Suite (E3)").await;
    let (anna, bo) = (channel.user("anna").await, channel.user("bo").await);
    channel.assign(&anna, &suite).await.ok();
    let both = json!({ "licensesToAssign": [{ "skuId": INTUNE }, { "skuId": suite }] });
    let refused = channel.update(&bo, both).await;
    assert_eq!((refused.refusal().as_str(), &refused.body["code"]), ("400 licensesExhausted", &json!(60012)));
    let said = refused.sentence();
    assert!(said.contains("1 active licences, and 1 are assigned") && said.contains("buy more"), "{said}");
    // All of it or nothing.
    assert!(channel.licenses(&bo).await.is_empty());
    assert_eq!(channel.units("Intune").await.0[1], 0);
    channel.update(&anna, json!({ "licensesToRemove": [suite] })).await.ok();
    channel.assign(&bo, &suite).await.ok();
    assert_eq!(channel.assign(&anna, &suite).await.refusal(), "400 licensesExhausted");
}

#[actix_web::test]
async fn licences_are_not_oversold_in_parallel() {
    const CLIENTS: usize = 64;
    const SEATS: usize = 10;
    let channel = Channel::open().await;
    let copy = channel.centre.second_copy().await;
    channel.sell(SUITE, 10, "active", true);
    let suite = channel.sku("Business Suite (E3)").await;
    let mut users = Vec::new();
    for number in 0..CLIENTS {
        users.push(channel.user(&format!("p{number}")).await);
    }
    let body = json!({ "licensesToAssign": [{ "skuId": suite }] });
    let tries = users.iter().enumerate().map(|(number, user)| {
        let somewhere = if number % 2 == 0 { channel.reseller.clone() } else { channel.reseller.at(&copy) };
        let (path, body) = (channel.path(user, "/licenseupdates"), body.clone());
        async move { somewhere.post(&path, body).await }
    });
    let answers = futures_util::future::join_all(tries).await;
    let given = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(given, SEATS);
    assert!(answers.iter().filter(|answer| answer.status != 201).all(|a| a.refusal() == "400 licensesExhausted"));
    let (units, word) = channel.units("Business Suite (E3)").await;
    assert_eq!((units, word.as_str()), (vec![10, 10, 0, 0, 10, 0], "Enabled"));

    // Giving back and taking at once.
    let holders: Vec<&String> =
        users.iter().zip(&answers).filter(|(_, answer)| answer.status == 201).map(|(user, _)| user).collect();
    let moves = users.iter().map(|user| {
        let body = match holders.contains(&user) {
            true => json!({ "licensesToRemove": [suite] }),
            false => json!({ "licensesToAssign": [{ "skuId": suite }] }),
        };
        channel.update(user, body)
    });
    futures_util::future::join_all(moves).await;
    let mut held = 0;
    for user in &users {
        held += channel.licenses(user).await.len();
    }
    let (units, _) = channel.units("Business Suite (E3)").await;
    assert!(held <= SEATS && units[1] == i64::try_from(held).unwrap(), "{held} {units:?}");
}

#[actix_web::test]
async fn licences_that_were_assigned_stay_when_there_are_fewer_and_the_list_says_so() {
    let channel = Channel::open().await;
    let subscription = channel.sell(INTUNE, 2, "active", false);
    let (anna, bo, eva) = (channel.user("anna").await, channel.user("bo").await, channel.user("eva").await);
    channel.assign(&anna, INTUNE).await.ok();
    channel.assign(&bo, INTUNE).await.ok();
    for (what, units, word) in [
        ("quantity = 1", [1, 2, 0, 1, 2, 0], "Warning"),
        ("status = 'suspended'", [0, 2, 1, 2, 2, 0], "Suspended"),
        ("status = 'deleted'", [0, 2, 0, 2, 2, 0], "Suspended"),
        ("status = 'active', quantity = 3", [3, 2, 0, 0, 3, 1], "Enabled"),
    ] {
        channel.set(&subscription, what);
        assert_eq!(channel.units("Intune").await, (units.to_vec(), word.to_owned()), "{what}");
        assert_eq!(channel.licenses(&anna).await, ["Intune"], "{what}");
        if units[5] == 0 {
            assert_eq!(channel.assign(&eva, INTUNE).await.refusal(), "400 licensesExhausted", "{what}");
        }
    }
    // It ends by the clock; renewing itself it does not.
    channel.centre.advance(days(30));
    let channel = Channel { reseller: channel.reseller.sign_in_again().await, ..channel };
    assert_eq!(channel.units("Intune").await, (vec![0, 2, 0, 2, 2, 0], "Suspended".to_owned()));
    assert_eq!(channel.assign(&eva, INTUNE).await.refusal(), "400 licensesExhausted");
    channel.set(&subscription, &format!("auto_renew = {}", channel.flag(true)));
    channel.assign(&eva, INTUNE).await.ok();
    channel.update(&anna, json!({ "licensesToRemove": [INTUNE] })).await.ok();
    assert_eq!(channel.units("Intune").await, (vec![3, 2, 0, 0, 3, 1], "Enabled".to_owned()));
}

#[actix_web::test]
async fn a_licence_leaves_out_the_plans_that_are_excluded() {
    let channel = Channel::open().await;
    channel.sell(SUITE, 1, "active", true);
    let suite = channel.sku("Business Suite (E3)").await;
    let anna = channel.user("anna").await;
    let with = |excluded: &[&str]| json!({ "licensesToAssign": [{ "skuId": suite, "excludedPlans": excluded }] });
    let plans = async || {
        let list = channel.reseller.get(&channel.path(&anna, "/licenses")).await.ok();
        let plans = list["items"][0]["servicePlans"].as_array().unwrap();
        plans.iter().map(|plan| plan["capabilityStatus"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let foreign = channel.update(&anna, with(&[suite.as_str()])).await;
    assert_eq!(foreign.refusal(), "400 licensePlanUnknown");
    assert!(foreign.sentence().contains("INTUNE_A"), "{}", foreign.sentence());
    channel.update(&anna, with(&[INTUNE_PLAN])).await.ok();
    assert_eq!(plans().await, ["Disabled", "Success"]);
    channel.update(&anna, with(&[INTUNE_PLAN])).await.ok();
    assert_eq!(channel.changes(), 1);
    // Other plans take no other seat.
    channel.update(&anna, with(&[PREMIUM_PLAN])).await.ok();
    assert_eq!(plans().await, ["Success", "Disabled"]);
    assert_eq!((channel.changes(), channel.units("Business Suite (E3)").await.0[1]), (2, 1));
}

#[actix_web::test]
async fn what_cannot_be_assigned_is_named() {
    let channel = Channel::open().await;
    channel.sell(SUITE, 5, "active", true);
    let suite = channel.sku("Business Suite (E3)").await;
    let anna = channel.user("anna").await;
    let many: Vec<Value> = (0..101).map(|_| json!(uuid::Uuid::now_v7())).collect();
    for (body, refusal) in [
        (json!({ "licensesToAssign": [{ "skuId": INTUNE }] }), "400 licenseSkuUnknown"),
        (json!({ "licensesToAssign": [{ "skuId": suite }], "licensesToRemove": [suite] }), "400 licenseNamedTwice"),
        (json!({ "licensesToRemove": many }), "400 licensesTooMany"),
        (json!({ "licensesToAssign": [{ "skuId": "E3" }] }), "400 badRequest"),
        (json!({ "licensesToAssign": [{}] }), "400 badRequest"),
    ] {
        assert_eq!(channel.update(&anna, body.clone()).await.refusal(), refusal, "{body:.90}");
    }
    let path = channel.path(&anna, "");
    channel.reseller.send("PATCH", &path, json!({ "usageLocation": "" })).await.ok();
    assert_eq!(channel.assign(&anna, &suite).await.refusal(), "400 usageLocationMissing");
    channel.reseller.send("PATCH", &path, json!({ "usageLocation": "SE" })).await.ok();
    channel.assign(&anna, &suite).await.ok();
    let absent = uuid::Uuid::now_v7().to_string();
    assert_eq!(channel.assign(&absent, &suite).await.refusal(), "404 customerUserUnknown");
    // Licences of one customer are none of another's.
    let other = channel.centre.customer(&channel.provider, "tailspin", None).await;
    let body =
        json!({ "userPrincipalName": "bo@tailspin.onmicrosoft.com", "displayName": "Bo", "usageLocation": "SE" });
    let users = format!("/v1/customers/{}/users", other.id);
    let bo = channel.provider.post(&users, body).await.ok();
    let update = format!("{users}/{}/licenseupdates", bo["id"].as_str().unwrap());
    let body = json!({ "licensesToAssign": [{ "skuId": suite }] });
    assert_eq!(channel.provider.post(&update, body.clone()).await.refusal(), "400 licenseSkuUnknown");
    let crossed = format!("{users}/{anna}/licenseupdates");
    assert_eq!(channel.provider.post(&crossed, body).await.refusal(), "404 customerUserUnknown");
}

#[actix_web::test]
async fn one_group_of_licences_is_here_and_the_other_is_empty() {
    let channel = Channel::open().await;
    channel.sell(INTUNE, 1, "active", true);
    let anna = channel.user("anna").await;
    channel.assign(&anna, INTUNE).await.ok();
    let skus = format!("/v1/customers/{}/subscribedskus", channel.customer.id);
    for path in [skus, channel.path(&anna, "/licenses")] {
        for (query, count) in [
            ("", 1),
            ("?licenseGroupIds=group1", 1),
            ("?licenseGroupIds=group2", 0),
            ("?licenseGroupIds=Group2&licenseGroupIds=Group1", 1),
        ] {
            let list = channel.reseller.get(&format!("{path}{query}")).await.ok();
            assert_eq!(list["totalCount"], count, "{path}{query}");
        }
        let unknown = channel.reseller.get(&format!("{path}?licenseGroupIds=group3")).await;
        assert_eq!(unknown.refusal(), "400 badRequest", "{path}");
    }
}

#[actix_web::test]
async fn removing_a_user_frees_its_licences_and_restoring_it_brings_none_back() {
    let channel = Channel::open().await;
    channel.sell(INTUNE, 1, "active", true);
    let (anna, bo) = (channel.user("anna").await, channel.user("bo").await);
    channel.assign(&anna, INTUNE).await.ok();
    channel.reseller.delete(&channel.path(&anna, "")).await.ok();
    assert_eq!(channel.units("Intune").await.0[1], 0);
    assert_eq!((channel.changes(), channel.licenses(&anna).await.len()), (2, 0));
    assert_eq!(channel.assign(&anna, INTUNE).await.refusal(), "409 customerUserRemoved");
    channel.assign(&bo, INTUNE).await.ok();
    channel.reseller.send("PATCH", &channel.path(&anna, ""), json!({ "state": "active" })).await.ok();
    assert!(channel.licenses(&anna).await.is_empty());
    assert_eq!(channel.units("Intune").await.0[1], 1);
}

#[actix_web::test]
async fn licences_are_applied_missing_or_not_checked() {
    let channel = Channel::open_requiring(&["intune_a", "AAD_PREMIUM"]).await;
    let subscription = channel.sell(SUITE, 1, "active", true);
    channel.sell(INTUNE, 1, "active", true);
    let suite = channel.sku("Business Suite (E3)").await;
    let anna = channel.user("anna").await;
    let check = async || {
        let told = channel.reseller.get(&channel.path(&anna, "/licensecheck")).await.ok();
        (told["licenses"].as_str().unwrap().to_owned(), told["missingServicePlans"].clone())
    };
    let missing = |plans: Value| ("missing".to_owned(), plans);
    assert_eq!(check().await, missing(json!(["intune_a", "AAD_PREMIUM"])));
    channel.assign(&anna, INTUNE).await.ok();
    assert_eq!(check().await, missing(json!(["AAD_PREMIUM"])));
    channel.assign(&anna, &suite).await.ok();
    assert_eq!(check().await, ("applied".to_owned(), json!([])));
    let without = json!({ "licensesToAssign": [{ "skuId": suite, "excludedPlans": [PREMIUM_PLAN] }] });
    channel.update(&anna, without).await.ok();
    assert_eq!(check().await, missing(json!(["AAD_PREMIUM"])));
    channel.assign(&anna, &suite).await.ok();
    // What is suspended brings nothing.
    channel.set(&subscription, "status = 'suspended'");
    assert_eq!(check().await, missing(json!(["AAD_PREMIUM"])));

    let channel = Channel::open().await;
    let bo = channel.user("bo").await;
    let told = channel.reseller.get(&channel.path(&bo, "/licensecheck")).await.ok();
    assert_eq!((&told["licenses"], &told["missingServicePlans"]), (&json!("not_checked"), &json!([])));
}

#[actix_web::test]
async fn the_doctor_counts_licences_again() {
    let channel = Channel::open().await;
    channel.sell(INTUNE, 2, "active", true);
    let anna = channel.user("anna").await;
    channel.assign(&anna, INTUNE).await.ok();
    let diagnosis = |sql: &str| {
        channel.centre.database().break_with(sql);
        examine(channel.centre.db(), None, "test".to_owned()).unwrap().to_string()
    };
    assert!(diagnosis("").contains("every invariant holds"));
    let (at, nothing) = (channel.at(channel.centre.clock.now()), "NULL");
    for (broken, mended, found) in [
        (
            "UPDATE consumed_licenses SET consumed = 2".to_owned(),
            "UPDATE consumed_licenses SET consumed = 1".to_owned(),
            "are not as many",
        ),
        (
            format!("UPDATE customer_users SET removed_at = {at}"),
            format!("UPDATE customer_users SET removed_at = {nothing}"),
            "was removed, or is of another customer",
        ),
    ] {
        let sick = diagnosis(&broken);
        assert!(sick.contains(found), "{sick}");
        let well = diagnosis(&mended);
        assert!(well.contains("every invariant holds"), "{well}");
    }
}
