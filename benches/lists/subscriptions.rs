//! 1,000,000 subscriptions of one provider: ten of each customer, five of each order.

use partner_center::subscriptions::{import_offers, keep_house, read_file};

use super::*;

const SUBSCRIPTIONS: usize = 10 * CUSTOMERS;
const OF_ORDER: usize = 5;
/// Resellers that are of record of anything.
const OF_RECORD: usize = 100;
const ORDER: u128 = 11;
const SUBSCRIPTION: u128 = 12;
/// Of the demo's catalogue.
const OFFERS: [&str; 4] = [
    "c0ffee00-1000-4000-8000-000000000001",
    "c0ffee00-1000-4000-8000-000000000002",
    "FQ7TTC0ANORA:0001:FQ7TTC0K9P1A",
    "c0ffee00-1000-4000-8000-000000000004",
];
const DAY_OF_NONE: i64 = i32::MAX as i64;

fn customer_of(n: usize) -> usize {
    n / 10
}

fn reseller_of(n: usize) -> usize {
    customer_of(n) % OF_RECORD
}

/// One of twenty kinds; what is next to each other is of different kinds.
fn kind(n: usize) -> usize {
    n * 7_919 / 13 % 20
}

fn status(n: usize) -> &'static str {
    match kind(n) {
        0 => "suspended",
        1 => "deleted",
        _ => "active",
    }
}

fn renews(n: usize) -> bool {
    kind(n) > 3
}

/// When it was bought: within a year, so that its term still runs; what is not renewed may have ended up to 115 days ago.
fn begun(n: usize, now: Timestamp) -> Timestamp {
    let within = if status(n) == "active" && !renews(n) { 480 } else { 364 };
    let ago = (n * 7_907 / 17 % within) as u64;
    now.before(days(ago)).before(Duration::from_micros(n as u64))
}

fn ends(n: usize, now: Timestamp) -> Timestamp {
    begun(n, now).after(days(365))
}

fn has_reseller(n: usize) -> bool {
    n % 5 != 1
}

fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(24 * 60 * 60 * 1_000_000)
}

/// A stretch of time in which somebody was of record: its number, who, how many licences, from when, until when.
type Period = (i32, usize, usize, Timestamp, Option<Timestamp>);

/// Three of ten subscriptions changed once: half of them the reseller, the others the quantity.
fn periods(n: usize, now: Timestamp) -> Vec<Period> {
    if !has_reseller(n) {
        return Vec::new();
    }
    let (from, reseller) = (begun(n, now), reseller_of(n));
    let age = Duration::from_micros(u64::try_from(now.micros() - from.micros()).unwrap_or(0));
    let last = (status(n) == "deleted" || kind(n) == 7).then(|| from.after(age * 3 / 4));
    if n * 31 / 7 % 10 > 2 {
        return vec![(1, reseller, 10, from, last)];
    }
    let changed = from.after(age / 2);
    let before = if n.is_multiple_of(2) { (reseller + 1) % OF_RECORD } else { reseller };
    vec![(1, before, 5, from, Some(changed)), (2, reseller, 10, changed, last)]
}

/// Adds the catalogue, orders, subscriptions, resellers of record and support contacts.
pub fn fill(rows: &mut Rows, app: &App, provider: Uuid, now: Timestamp) {
    let parts = app.parts();
    let file = read_file(include_bytes!("../../src/demo/offers.json")).expect("a catalogue");
    let actor = System { organisation: None, request: RequestIds::fresh() };
    parts.db.write_now(Isolation::Serializable, &|tx| import_offers(tx, &actor, &file, now)).expect("imported");
    let [own, at] = [rows.id(provider), rows.at(now)];
    let customer = |rows: &Rows, n| rows.id(id(CUSTOMER, customer_of(n)));
    let orders = "orders (id, customer_id, provider_id, billing_cycle, version, created_by, created_at)";
    rows.insert(orders, SUBSCRIPTIONS / OF_ORDER, |rows, n| {
        format!("{}, {}, {own}, 'monthly', 1, NULL, {at}", rows.id(id(ORDER, n)), customer(rows, n * OF_ORDER))
    });
    let subscriptions = "subscriptions (id, customer_id, provider_id, order_id, offer_id, friendly_name, quantity, \
                         status, status_since, term, billing_cycle, auto_renew, reducible, started_at, ends_at, version, \
                         created_at)";
    rows.insert(subscriptions, SUBSCRIPTIONS, |rows, n| {
        let (id, order, of) = (rows.id(id(SUBSCRIPTION, n)), rows.id(id(ORDER, n / OF_ORDER)), customer(rows, n));
        let (begun, ends, offer) = (rows.at(begun(n, now)), rows.at(ends(n, now)), OFFERS[n % OFFERS.len()]);
        format!(
            "{id}, {of}, {own}, {order}, '{offer}', 'Nora 365', 10, '{}', {begun}, 'P1Y', 'monthly', {}, '[]', {begun}, \
             {ends}, 1, {begun}",
            status(n),
            renews(n)
        )
    });
    let lines =
        "order_lines (order_id, number, offer_id, quantity, friendly_name, term, billing_cycle, subscription_id)";
    rows.insert(lines, SUBSCRIPTIONS, |rows, n| {
        let (id, order) = (rows.id(id(SUBSCRIPTION, n)), rows.id(id(ORDER, n / OF_ORDER)));
        let offer = OFFERS[n % OFFERS.len()];
        format!("{order}, {}, '{offer}', 10, 'Nora 365', 'P1Y', 'monthly', {id}", n % OF_ORDER)
    });
    let all: Vec<(usize, Period)> =
        (0..SUBSCRIPTIONS).flat_map(|n| periods(n, now).into_iter().map(move |period| (n, period))).collect();
    let periods = "association_periods (subscription_id, number, association, customer_id, provider_id, reseller_id, mpn_id, \
                   offer_id, earns, quantity, active, associated_at, since, until, lapses_at, from_day, until_day, \
                   lapse_day)";
    rows.insert(periods, all.len(), |rows, place| {
        let (n, (number, reseller, quantity, since, until)) = all[place];
        let (id, of) = (rows.id(id(SUBSCRIPTION, n)), customer(rows, n));
        let (offer, at) = (n % OFFERS.len(), rows.at(since));
        let moment = |at: Option<Timestamp>| at.map_or("NULL".to_owned(), |at| rows.at(at));
        let lapses = (!renews(n)).then(|| ends(n, now));
        format!(
            "{id}, {number}, 1, {of}, {own}, {}, '{}', '{}', {}, {quantity}, {}, {at}, {at}, {}, {}, {}, {}, {}",
            rows.id(self::id(ORGANISATION, reseller)),
            60_000_000 + reseller,
            OFFERS[offer],
            offer != 3,
            until.is_some() || status(n) == "active",
            moment(until),
            moment(lapses),
            day(since),
            until.map_or(DAY_OF_NONE, day),
            lapses.map_or(DAY_OF_NONE, day)
        )
    });
    let contacts = "support_contacts (id, subscription_id, customer_id, provider_id, partner_id, since)";
    rows.insert(contacts, SUBSCRIPTIONS / 10, |rows, place| {
        let n = place * 10 + 5;
        let (id, of, customer) = (rows.id(id(13, n)), rows.id(id(SUBSCRIPTION, n)), customer(rows, n));
        format!("{id}, {of}, {customer}, {own}, {}, {at}", rows.id(self::id(ORGANISATION, reseller_of(n))))
    });
}

/// What is asked, the `n`th time.
type Asked<'a> = Box<dyn Fn(usize) -> TestRequest + 'a>;

/// Of another customer each time: one whose reseller is the first.
fn some_customer(n: usize) -> usize {
    n * 23 % (CUSTOMERS / OF_RECORD) * OF_RECORD
}

/// A subscription that runs, another each time.
fn some_subscription(n: usize) -> usize {
    let first = some_customer(n) * 10;
    (first..).find(|n| status(*n) == "active" && renews(*n)).unwrap_or(first)
}

fn asked(now: Timestamp) -> Vec<(&'static str, bool, Asked<'static>)> {
    let get = |path: String| TestRequest::get().uri(&path);
    let of = |n| format!("/v1/customers/{}", id(CUSTOMER, some_customer(n)));
    let one = |n| {
        let n = some_subscription(n);
        format!("/v1/customers/{}/subscriptions/{}", id(CUSTOMER, customer_of(n)), id(SUBSCRIPTION, n))
    };
    let date = |ago| now.before(days(ago)).to_string()[..10].to_owned();
    let month = format!("from={}&to={}", date(31), date(1));
    let early = format!("from={}&to={}", date(330), date(300));
    let first = id(ORGANISATION, 0);
    let fixed = |path: String| -> Asked<'static> { Box::new(move |_| TestRequest::get().uri(&path)) };
    // As the list's tokens name a place.
    let far = |n: usize| {
        let place = [&1_i32.to_be_bytes()[..], id(SUBSCRIPTION, n).as_bytes()].concat();
        format!("&seekOperation=Next&continuationToken={}", URL_SAFE_NO_PAD.encode(place))
    };
    let [middle, end] = [far(SUBSCRIPTIONS / 2), far(SUBSCRIPTIONS - 50_000)];
    let periods = format!("/v1/incentives/periods?{month}&size=50");
    let order = move |n| {
        let line = |offer: usize| json!({ "offerId": OFFERS[offer], "quantity": 5, "partnerIdOnRecord": "60000000" });
        let body = json!({ "billingCycle": "monthly", "lineItems": [line(0), line(1)] });
        TestRequest::post().uri(&format!("{}/orders", of(n))).set_json(body)
    };
    let more = move |n| TestRequest::patch().uri(&one(n)).set_json(json!({ "quantity": 11 }));
    vec![
        ("of a customer", true, Box::new(move |n| get(format!("{}/subscriptions", of(n))))),
        ("of a customer, reseller", false, Box::new(move |n| get(format!("{}/subscriptions", of(n))))),
        ("of a customer by MPN ID", true, Box::new(move |n| get(format!("{}/subscriptions?mpn_id=60000000", of(n))))),
        ("one of them", true, Box::new(move |n| get(one(n)))),
        ("one of them, reseller", false, Box::new(move |n| get(one(n)))),
        ("its resellers of record", true, Box::new(move |n| get(format!("{}/associations", one(n))))),
        ("its support contact", true, Box::new(move |n| get(format!("{}/supportcontact", one(n))))),
        ("incentives of a reseller", true, fixed(format!("/v1/incentives?{month}&resellerId={first}"))),
        ("incentives, reseller", false, fixed(format!("/v1/incentives?{month}"))),
        ("the same, 11 months ago", false, fixed(format!("/v1/incentives?{early}"))),
        ("incentives of all", true, fixed(format!("/v1/incentives?{month}"))),
        ("the same, 11 months ago, all", true, fixed(format!("/v1/incentives?{early}"))),
        ("periods", true, fixed(periods.clone())),
        ("periods, half through", true, fixed(format!("{periods}{middle}"))),
        ("periods, near the end", true, fixed(format!("{periods}{end}"))),
        ("periods of a reseller", true, fixed(format!("{periods}&resellerId={first}"))),
        ("periods of a reseller, end", true, fixed(format!("{periods}&resellerId={first}{end}"))),
        ("periods, reseller", false, fixed(periods.clone())),
        ("periods, reseller, end", false, fixed(format!("{periods}{end}"))),
        ("consequence sheet", true, fixed(format!("/v1/relationships/{first}/removal"))),
        ("calendar", true, fixed("/v1/calendar?kind=subscription&size=50".to_owned())),
        (
            "calendar of a customer",
            true,
            Box::new(move |n| {
                get(format!("/v1/calendar?kind=subscription&customerId={}", id(CUSTOMER, some_customer(n))))
            }),
        ),
        ("an order of two lines", true, Box::new(order)),
        ("a licence more", true, Box::new(more)),
    ]
}

/// Calls what is asked of subscriptions as the provider, and as the reseller of whom the second token is.
pub async fn measure<S>(database: &str, app: &App, service: &S, tokens: [&str; 2], now: Timestamp)
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    for (what, as_provider, request) in asked(now) {
        let token = tokens[usize::from(!as_provider)];
        let (mut times, mut shown) = (Vec::new(), 1);
        for n in 0..MEASURED {
            let begun = Instant::now();
            let answer = call(service, request(n), token).await;
            times.push(begun.elapsed());
            shown = answer["items"].as_array().map_or(1, Vec::len);
        }
        println!("{:<50} {shown:>6} {:>10.1?}", format!("{database}: {what}"), median(times));
    }
    let parts = app.parts();
    let mut times = Vec::new();
    for _ in 0..MEASURED {
        let begun = Instant::now();
        keep_house(&parts.db, &parts.clock).await.expect("kept");
        times.push(begun.elapsed());
    }
    println!("{:<50} {:>6} {:>10.1?}", format!("{database}: terms looked through"), 0, median(times));
}

/// The token of somebody at the first reseller: an account made elsewhere, which is moved there before it signs in.
pub async fn reseller<S>(rows: &mut Rows, app: &App, service: &S, operator: &str) -> String
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let refresh = listed(app, service, operator, "Fabrikam", "100002").await;
    let of = rows.id(id(ORGANISATION, 0));
    (rows.connection)(&format!("UPDATE users SET organisation_id = {of} WHERE user_name = 'admin@fabrikam.example'"));
    let (_, token) = redeemed(service, &refresh).await;
    token
}
