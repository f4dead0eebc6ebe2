//! Orders: whole or not at all, once however often they are sent, and never through what has ended.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::harness::catalogue::{ADD_ON, LEGACY_SUITE, MODERN_SUITE};
use crate::harness::chance::{Random, rounds, seed};
use crate::harness::selling::{Channel, ONBOARDED, id_of, line, order};
use crate::harness::{Actor, Answer, Centre, nothing};

type Rows = BTreeMap<String, Vec<String>>;

/// The tables in which a call changes something.
fn touched(before: &Rows, after: &Rows) -> Vec<String> {
    after.iter().filter(|(table, rows)| before.get(*table) != Some(rows)).map(|(table, _)| table.clone()).collect()
}

/// Makes a call fail at each kind of change in each table that it changes: then nothing has changed.
async fn fails_without_a_trace(
    channel: &Channel,
    prepare: impl AsyncFn() -> String,
    call: impl AsyncFn(&str) -> Answer,
) {
    let database = channel.centre.database();
    let prepared = prepare().await;
    let before = database.all_rows();
    let done = call(&prepared).await;
    assert!(done.status < 300, "{}", done.text);
    let tables = touched(&before, &database.all_rows());
    assert!(tables.contains(&"events".to_owned()) && tables.len() >= 3, "{tables:?}");
    for table in &tables {
        let mut failed = 0;
        for doing in ["INSERT", "UPDATE", "DELETE"] {
            let prepared = prepare().await;
            let before = database.all_rows();
            database.fail_at(doing, table);
            let answer = call(&prepared).await;
            database.mend(table);
            if answer.status >= 400 {
                failed += 1;
                assert_eq!(touched(&before, &database.all_rows()), Vec::<String>::new(), "{doing} {table}");
            }
        }
        assert!(failed > 0, "{table} changed, but nothing failed there");
    }
}

#[actix_web::test]
async fn sub_01_an_order_that_fails_at_any_statement_leaves_every_table_as_it_was() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 1, None).await;
    let mut add_on = line(ADD_ON, 1, Some(ONBOARDED));
    add_on["parentSubscriptionId"] = suite["id"].clone();
    let lines = [line(LEGACY_SUITE, 5, Some(ONBOARDED)), add_on.clone()];
    let nothing_to_prepare = async || String::new();
    let place = async |_: &str| channel.provider.post(&channel.path("/orders"), order(&lines)).await;
    fails_without_a_trace(&channel, nothing_to_prepare, place).await;
    // The same for add-ons to an order there is, for a cart, and for a change of each kind.
    let to_add = json!({ "lineItems": [add_on] });
    let add = async |_: &str| {
        let path = channel.path(&format!("/orders/{}", suite["orderId"].as_str().unwrap()));
        channel.provider.send("PATCH", &path, to_add.clone()).await
    };
    fails_without_a_trace(&channel, nothing_to_prepare, add).await;
    let fill = async || {
        let item = json!({ "catalogItemId": MODERN_SUITE, "quantity": 2, "participants": [{ "key": "transaction_reseller", "value": ONBOARDED }] });
        let cart = channel.provider.post(&channel.path("/carts"), json!({ "lineItems": [item] })).await.ok();
        channel.path(&format!("/carts/{}/checkout", id_of(&cart)))
    };
    fails_without_a_trace(&channel, fill, async |path: &str| channel.provider.post(path, nothing()).await).await;
    let buy = async || {
        let bought = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
        channel.of(&bought, "")
    };
    let change = async |path: &str| {
        let body = json!({ "quantity": 6, "partnerId": "", "friendlyName": "Head office" });
        channel.provider.send("PATCH", path, body).await
    };
    fails_without_a_trace(&channel, buy, change).await;
}

#[actix_web::test]
async fn sub_02_one_order_comes_of_64_that_are_sent_at_once() {
    let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
    let channel = Channel::at(centre).await;
    let other = channel.centre.second_copy().await;
    let somewhere =
        |place: usize| if place.is_multiple_of(2) { channel.provider.clone() } else { channel.provider.at(&other) };
    let wanted = order(&[line(LEGACY_SUITE, 5, Some(ONBOARDED)), line(MODERN_SUITE, 1, None)]);
    for _ in 0..rounds(1, 50) {
        let before = channel.provider.get(&channel.path("/subscriptions")).await.ok()["totalCount"].as_i64().unwrap();
        let id = uuid::Uuid::now_v7().to_string();
        let orders = channel.path("/orders");
        let sent = (0..64).map(|place| {
            let (actor, id, wanted, orders) = (somewhere(place), id.clone(), wanted.clone(), orders.clone());
            async move { actor.with("POST", &orders, &[("ms-requestid", &id)], wanted).await }
        });
        let answers = join_all(sent).await;
        let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
        let first = made.first().expect("one of them is taken");
        assert!(made.iter().all(|answer| answer.body["id"] == first.body["id"]));
        // Those in between are told that it is under way.
        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409 | 503)), "{:?}", answers[0].text);
        let after = channel.provider.get(&channel.path("/subscriptions")).await.ok()["totalCount"].as_i64().unwrap();
        assert_eq!(after - before, 2);
        let mut changed = wanted.clone();
        changed["lineItems"][0]["quantity"] = json!(6);
        let reused = channel.provider.with("POST", &orders, &[("ms-requestid", &id)], changed).await;
        assert_eq!(reused.status, 409, "{}", reused.text);
        // A cart needs no request id: it is ordered once.
        let item = json!({ "catalogItemId": LEGACY_SUITE, "quantity": 2 });
        let cart = channel.provider.post(&channel.path("/carts"), json!({ "lineItems": [item] })).await.ok();
        let checkout = channel.path(&format!("/carts/{}/checkout", id_of(&cart)));
        let sent = (0..64).map(|place| {
            let (actor, checkout) = (somewhere(place), checkout.clone());
            async move { actor.post(&checkout, nothing()).await }
        });
        let answers = join_all(sent).await;
        let made: Vec<&Value> =
            answers.iter().filter(|answer| answer.status == 201).map(|answer| &answer.body).collect();
        assert!(!made.is_empty() && made.iter().all(|body| *body == made[0]));
        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 503)));
        let total = channel.provider.get(&channel.path("/subscriptions")).await.ok()["totalCount"].as_i64().unwrap();
        assert_eq!(total - after, 1);
    }
}

/// What names the reseller, and since when: nothing of it may be newer than the end.
fn newest_naming(centre: &Centre) -> Vec<String> {
    let postgres = centre.database().url().starts_with("postgres");
    let micros = |column: &str| match postgres {
        true => format!("CAST(CAST(extract(epoch FROM {column}) * 1000000 AS bigint) AS text)"),
        false => format!("CAST({column} AS text)"),
    };
    let query = format!(
        "SELECT {} AS name FROM association_periods UNION ALL SELECT {} AS name FROM support_contacts",
        micros("associated_at"),
        micros("since")
    );
    centre.database().texts(&query)
}

#[actix_web::test]
async fn inv_18_nothing_that_names_a_reseller_is_newer_than_the_removal_of_its_partnership() {
    let seed = seed();
    let mut chance = Random::new(seed);
    let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
    let channel = Channel::at(centre).await;
    let other = channel.centre.second_copy().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let removal = format!("/v1/relationships/{}/removal", channel.reseller.id);
    let standing = channel.provider.get("/v1/relationships/invitationlink").await.ok();
    let token = standing["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let accept = format!("/v1/invitations/{token}/accept");
    let (mut before, mut late) = (0, 0);
    for round in 0..rounds(12, 1_000) {
        if round > 0 {
            channel.reseller.post(&accept, nothing()).await.ok();
        }
        channel.change(&suite, json!({ "partnerId": "" })).await.ok();
        let own = json!({ "supportTenantId": channel.provider.id });
        channel.provider.put(&channel.of(&suite, "/supportcontact"), own, None).await.ok();
        let calls: Vec<(Actor, usize)> = (0..12)
            .map(|_| {
                let actor = if chance.happens(50) { channel.provider.clone() } else { channel.provider.at(&other) };
                (actor, chance.below(4))
            })
            .collect();
        let channel = &channel;
        let suite = &suite;
        let naming = calls.iter().map(|(actor, what)| async move {
            match what {
                0 => actor.post(&channel.path("/orders"), order(&[line(LEGACY_SUITE, 1, Some(ONBOARDED))])).await,
                1 => actor.send("PATCH", &channel.of(suite, ""), json!({ "partnerId": ONBOARDED })).await,
                2 => {
                    let body = json!({ "supportTenantId": channel.reseller.id });
                    actor.put(&channel.of(suite, "/supportcontact"), body, None).await
                }
                _ => {
                    let item = json!({ "catalogItemId": LEGACY_SUITE, "quantity": 1, "participants": [{ "key": "transaction_reseller", "value": ONBOARDED }] });
                    let cart = actor.post(&channel.path("/carts"), json!({ "lineItems": [item] })).await;
                    match cart.status {
                        201 => actor.post(&channel.path(&format!("/carts/{}/checkout", id_of(&cart.body))), nothing()).await,
                        _ => cart,
                    }
                }
            }
        });
        let first = chance.below(8);
        let ending = async {
            for _ in 0..first {
                channel.provider.get(&channel.path("/subscriptions?size=1")).await;
            }
            let removed = channel.provider.post(&removal, json!({ "attestation": true })).await;
            assert!(removed.status < 300, "seed {seed}, round {round}: {}", removed.text);
            newest_naming(&channel.centre).len()
        };
        let (answers, at_the_end) = join(join_all(naming), ending).await;
        assert_eq!(newest_naming(&channel.centre).len(), at_the_end, "seed {seed}, round {round}");
        for answer in answers {
            let taken = answer.status < 300;
            let refused = matches!(answer.refusal().as_str(), "404 mpnIdUnknown" | "400 supportContactNotAReseller")
                || answer.status == 503;
            assert!(taken || refused, "seed {seed}, round {round}: {}", answer.text);
            before += usize::from(taken);
            late += usize::from(refused);
        }
        channel.centre.run_jobs().await;
    }
    println!("seed {seed}: {before} before, {late} too late");
    assert!(before > 0 && late > 0, "seed {seed}: {before} before, {late} too late");
    // The doctor compares each with its partnership (I8).
}

#[actix_web::test]
async fn nothing_is_sold_after_the_end_of_the_relationship_with_the_customer() {
    let seed = seed();
    let mut chance = Random::new(seed);
    let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
    let channel = Channel::at(centre).await;
    let other = channel.centre.second_copy().await;
    let (mut before, mut late, mut refused_ends) = (0, 0, 0);
    for round in 0..rounds(8, 1_000) {
        let name = format!("tailspin{round}");
        let made = channel.provider.post("/v1/customers", crate::harness::customer_body(&name, None)).await.ok();
        let path = format!("/v1/customers/{}", id_of(&made));
        let orders = format!("{path}/orders");
        let calls: Vec<Actor> = (0..6)
            .map(|_| if chance.happens(50) { channel.provider.clone() } else { channel.provider.at(&other) })
            .collect();
        let buying = calls.iter().map(|actor| {
            let (orders, path) = (&orders, &path);
            async move {
                let placed = actor.post(orders, order(&[line(LEGACY_SUITE, 1, None)])).await;
                if placed.status == 201 {
                    let id = placed.body["lineItems"][0]["subscriptionId"].as_str().unwrap();
                    let suspended = actor
                        .send("PATCH", &format!("{path}/subscriptions/{id}"), json!({ "status": "suspended" }))
                        .await;
                    assert!(matches!(suspended.status, 200 | 404 | 503), "{}", suspended.text);
                }
                placed
            }
        });
        let ending = async {
            loop {
                let ended = channel.provider.send("PATCH", &path, json!({ "relationshipToPartner": "none" })).await;
                match ended.status {
                    200 => return,
                    503 => {}
                    // Ruling 11: something still runs.
                    _ => {
                        assert_eq!(ended.refusal(), "400 subscriptionsActive", "seed {seed}, round {round}");
                        refused_ends += 1;
                    }
                }
            }
        };
        let (answers, ()) = join(join_all(buying), ending).await;
        for answer in answers {
            let refused = answer.refusal() == "404 relationshipMissing" || answer.status == 503;
            assert!(answer.status == 201 || refused, "seed {seed}, round {round}: {}", answer.text);
            before += usize::from(answer.status == 201);
            late += usize::from(refused);
        }
        let left = "SELECT 'x' AS name FROM subscriptions JOIN customer_relationships AS r ON r.customer_id = subscriptions.customer_id \
             AND r.partner_id = subscriptions.provider_id WHERE r.until IS NOT NULL \
             AND (subscriptions.created_at > r.until OR subscriptions.status = 'active')";
        assert_eq!(channel.centre.database().texts(left).len(), 0, "seed {seed}, round {round}");
        channel.centre.run_jobs().await;
    }
    println!("seed {seed}: {before} before, {late} too late, {refused_ends} ends refused");
    assert!(before + late > 0);
}
