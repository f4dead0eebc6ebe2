//! Incentives: for how many licences, on how many days, which MPN ID is credited.

use std::collections::BTreeMap;
use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::catalogue::{LEGACY_SUITE, LEGACY_SUITE_PLUS, MODERN_SUITE, UNPAID_TOOL};
use crate::harness::chance::{Random, rounds, seed};
use crate::harness::selling::{Channel, ONBOARDED, id_of};
use crate::harness::{Actor, START};

async fn report(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("/v1/incentives?{query}")).await.ok()
}

/// Licence-days by MPN ID, offer, and whether it earns.
fn credited(report: &Value) -> BTreeMap<(String, String, bool), i64> {
    let items = report["items"].as_array().unwrap().iter();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items
        .map(|item| {
            let key = (text(item, "mpnId"), text(item, "offerId"), item["eligible"].as_bool().unwrap());
            (key, item["licenceDays"].as_i64().unwrap())
        })
        .collect()
}

#[actix_web::test]
async fn a_reseller_is_credited_for_each_licence_on_each_day_it_was_of_record() {
    let mut channel = Channel::open().await;
    // 2026-11-21, 08:00.
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    channel.buy(UNPAID_TOOL, 3, Some(ONBOARDED)).await;
    channel.buy(LEGACY_SUITE, 100, None).await;
    // A day counts once it is over.
    assert_eq!(report(&channel.provider, "").await["items"], json!([]));
    channel.wait(days(2)).await;
    channel.change(&suite, json!({ "quantity": 8 })).await.ok();
    channel.wait(days(3)).await;
    channel.change(&suite, json!({ "status": "suspended" })).await.ok();
    channel.wait(days(2)).await;
    let all = report(&channel.provider, "from=2026-11-01&to=2026-11-30").await;
    // Two days of 5, three of 8, none while it was suspended; seven days of the other, which earns nothing.
    assert_eq!((&all["eligibleLicenceDays"], &all["otherLicenceDays"]), (&json!(34), &json!(21)));
    assert_eq!((&all["from"], &all["to"]), (&json!("2026-11-01"), &json!("2026-11-27")));
    let first = &all["items"][0];
    assert_eq!((&first["resellerName"], &first["mpnId"]), (&json!("norrsken"), &json!(ONBOARDED)));
    assert_eq!((&first["offerName"], &first["eligible"]), (&json!("Legacy suite"), &json!(true)));
    // Days that are reported apart add up.
    let early = report(&channel.provider, "from=2026-11-01&to=2026-11-23").await;
    let late = report(&channel.provider, "from=2026-11-24&to=2026-11-30").await;
    assert_eq!(early["eligibleLicenceDays"].as_i64().unwrap() + late["eligibleLicenceDays"].as_i64().unwrap(), 34);
    // The reseller sees its own; a stranger nothing of it.
    assert_eq!(credited(&report(&channel.reseller, "from=2026-11-01").await), credited(&all));
    let stranger = channel.centre.provider(&channel.operator, "contoso").await;
    assert_eq!(
        report(&stranger, &format!("from=2026-11-01&resellerId={}", channel.reseller.id)).await["items"],
        json!([])
    );
    let of = format!("from=2026-11-01&resellerId={}", channel.reseller.id);
    assert_eq!(credited(&report(&channel.provider, &of).await), credited(&all));
    let periods = channel.provider.get("/v1/incentives/periods?from=2026-11-01&size=2").await.ok();
    assert_eq!((&periods["items"][0]["licenceDays"], &periods["totalCount"]), (&json!(10), &json!(2)));
    let next = format!(
        "/v1/incentives/periods?from=2026-11-01&size=2&continuationToken={}",
        periods["continuationToken"].as_str().unwrap()
    );
    let next = channel.provider.get(&next).await.ok();
    let days: Vec<i64> =
        next["items"].as_array().unwrap().iter().map(|item| item["licenceDays"].as_i64().unwrap()).collect();
    assert_eq!(days, [0, 21]);
}

#[actix_web::test]
async fn what_was_sold_as_earning_goes_on_earning_whatever_is_imported_later() {
    let mut channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    channel.wait(days(1)).await;
    let mut offers = crate::harness::catalogue::small_catalogue();
    offers[0]["earnsIncentives"] = json!(false);
    channel.centre.import_offers(&offers);
    channel.change(&suite, json!({ "quantity": 7 })).await.ok();
    channel.buy(LEGACY_SUITE, 2, Some(ONBOARDED)).await;
    channel.wait(days(1)).await;
    let all = report(&channel.provider, "from=2026-11-01").await;
    assert_eq!((&all["eligibleLicenceDays"], &all["otherLicenceDays"]), (&json!(12), &json!(2)));
}

#[actix_web::test]
async fn a_report_is_a_file_that_spreadsheets_open_and_its_dates_are_checked() {
    let mut channel = Channel::open().await;
    channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    channel.wait(days(1)).await;
    let file = channel.provider.get("/v1/incentives?from=2026-11-01&format=csv").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").contains("incentives-2026-11-01-2026-11-21.csv"));
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(
        lines,
        [
            "From,To,ResellerId,ResellerName,MpnId,ProviderId,ProviderName,OfferId,OfferName,Eligible,LicenceDays"
                .to_owned(),
            format!(
                "2026-11-01,2026-11-21,{},norrsken,6001234,{},northwind,{LEGACY_SUITE},Legacy suite,true,5",
                channel.reseller.id, channel.provider.id
            ),
        ]
    );
    let refused = async |query: &str| channel.provider.get(&format!("/v1/incentives?{query}")).await.refusal();
    assert_eq!(refused("from=2026-11-02&to=2026-11-01").await, "400 incentivesDaysReversed");
    assert_eq!(refused("from=1990-01-01&to=2026-11-01").await, "400 incentivesTooLong");
    assert_eq!(refused("from=yesterday").await, "400 incentivesDateMalformed");
    assert_eq!(refused("to=0000-01-01").await, "400 incentivesDateMalformed");
    assert_eq!(refused("format=xlsx").await, "400 incentivesFormatUnknown");
    assert_eq!(channel.customer.admin.get("/v1/incentives").await.status, 403);
}

/// One subscription as a person would keep book of it, day by day.
#[derive(Clone, Debug)]
struct Book {
    id: String,
    offer: &'static str,
    quantity: i64,
    runs: bool,
    of_record: Option<&'static str>,
    /// The last day of a term that is not renewed, by its number.
    lapses: Option<i64>,
}

const OFFERS: [(&str, bool); 4] =
    [(LEGACY_SUITE, true), (LEGACY_SUITE_PLUS, true), (MODERN_SUITE, true), (UNPAID_TOOL, false)];

fn earns(offer: &str) -> bool {
    OFFERS.iter().any(|(id, earns)| *id == offer && *earns)
}

/// The number of the day on which a moment lies.
fn day(micros: i64) -> i64 {
    micros.div_euclid(86_400_000_000)
}

#[actix_web::test]
async fn incentives_are_those_of_a_book_kept_day_by_day() {
    for _ in 0..rounds(3, 200) {
        let seed = seed();
        kept_day_by_day(seed).await;
    }
}

async fn kept_day_by_day(seed: u64) {
    let mut chance = Random::new(seed);
    let mut channel = Channel::open().await;
    let other = channel.centre.reseller(&channel.operator, "sundsvall", "6009999").await;
    channel.centre.partner(&channel.provider, &other).await;
    let mut books: Vec<Book> = Vec::new();
    let mut counted: BTreeMap<i64, BTreeMap<(String, String, bool), i64>> = BTreeMap::new();
    let first_day = day(START.micros());
    for step in 0..60 {
        let told = format!("SEED={seed}, step {step}");
        let whom = |chance: &mut Random| *chance.one_of(&[None, Some(ONBOARDED), Some("6009999")]);
        match chance.below(10) {
            0 | 1 if books.len() < 4 => {
                let (offer, _) = *chance.one_of(&OFFERS);
                let (quantity, of_record) = (1 + chance.below(20), whom(&mut chance));
                let made = channel.buy(offer, i32::try_from(quantity).unwrap(), of_record).await;
                let quantity = i64::try_from(quantity).unwrap();
                let id = id_of(&made).to_owned();
                books.push(Book { id, offer, quantity, runs: true, of_record, lapses: None });
            }
            2..=7 if !books.is_empty() => {
                let place = chance.below(books.len());
                let book = &mut books[place];
                let body = match chance.below(6) {
                    0 if book.runs && book.lapses.is_none() => {
                        book.quantity += 1 + i64::try_from(chance.below(5)).unwrap();
                        json!({ "quantity": book.quantity })
                    }
                    1 if book.runs && book.lapses.is_none() && book.offer != MODERN_SUITE && book.quantity > 1 => {
                        book.quantity -= 1;
                        json!({ "quantity": book.quantity })
                    }
                    // A term that ends while it is suspended ends it: another story.
                    2 if book.lapses.is_none() && book.offer != MODERN_SUITE => {
                        book.runs = !book.runs;
                        json!({ "status": if book.runs { "active" } else { "suspended" } })
                    }
                    3 if book.offer == LEGACY_SUITE && book.runs && book.lapses.is_none() => {
                        book.offer = LEGACY_SUITE_PLUS;
                        json!({ "offerId": LEGACY_SUITE_PLUS })
                    }
                    4 if book.runs && book.offer == MODERN_SUITE && book.lapses.is_none() => {
                        let shown =
                            channel.provider.get(&channel.path(&format!("/subscriptions/{}", book.id))).await.ok();
                        let end = shown["commitmentEndDate"].as_str().unwrap();
                        let end = chrono::DateTime::parse_from_rfc3339(end).unwrap();
                        book.lapses = Some(day(end.timestamp_micros()));
                        json!({ "autoRenewEnabled": false })
                    }
                    _ if book.lapses.is_none() => {
                        book.of_record = whom(&mut chance);
                        json!({ "partnerId": book.of_record })
                    }
                    _ => json!({ "friendlyName": format!("Step {step}") }),
                };
                let path = channel.path(&format!("/subscriptions/{}", book.id));
                let changed = channel.provider.send("PATCH", &path, body.clone()).await;
                assert!(changed.status == 200, "{told} {body}: {}", changed.text);
            }
            _ => {
                let hours = 1 + chance.below(60);
                for _ in 0..hours {
                    let (before, hour) = (day(channel.centre.clock.now().micros()), Duration::from_secs(3_600));
                    channel.centre.advance(hour);
                    let now = day(channel.centre.clock.now().micros());
                    // At the end of each day somebody writes down what there is.
                    if now != before {
                        let today = counted.entry(before).or_default();
                        for book in
                            books.iter().filter(|book| book.runs && book.lapses.is_none_or(|last| before < last))
                        {
                            let Some(mpn_id) = book.of_record else { continue };
                            let key = (mpn_id.to_owned(), book.offer.to_owned(), earns(book.offer));
                            *today.entry(key).or_default() += book.quantity;
                        }
                    }
                }
                channel.wait(Duration::from_millis(1)).await;
                channel.centre.run_jobs().await;
            }
        }
    }
    let today = day(channel.centre.clock.now().micros());
    for _ in 0..5 {
        let from = first_day + i64::try_from(chance.below(20)).unwrap();
        let to = from + i64::try_from(chance.below(60)).unwrap();
        let mut expected: BTreeMap<(String, String, bool), i64> = BTreeMap::new();
        for (_, day) in counted.range(from..=to) {
            for (key, licence_days) in day {
                *expected.entry(key.clone()).or_default() += licence_days;
            }
        }
        let date = |day: i64| chrono::DateTime::from_timestamp(day * 86_400, 0).unwrap().format("%Y-%m-%d").to_string();
        let query = format!("from={}&to={}", date(from), date(to));
        let told = format!("SEED={seed}, {query}, today {}", date(today));
        assert_eq!(credited(&report(&channel.provider, &query).await), expected, "{told}");
        let mut own = expected.clone();
        own.retain(|(mpn_id, ..), _| mpn_id == ONBOARDED);
        assert_eq!(credited(&report(&channel.reseller, &query).await), own, "{told}");
        let periods = channel.provider.get(&format!("/v1/incentives/periods?{query}&size=500")).await.ok();
        let sum: i64 =
            periods["items"].as_array().unwrap().iter().map(|item| item["licenceDays"].as_i64().unwrap()).sum();
        assert_eq!(sum, expected.values().sum::<i64>(), "{told}");
    }
}
