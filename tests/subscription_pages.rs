//! The pages of subscriptions and of incentives.

use partner_center::platform::clock::days;
use serde_json::json;

use crate::harness::catalogue::{ADD_ON, GERMAN_ONLY, LEGACY_SUITE, MODERN_SUITE, UNPAID_TOOL};
use crate::harness::selling::{Channel, ONBOARDED, id_of};
use crate::harness::{Answer, Browser, Centre, PASSWORD, customer_body, hidden_fields};

async fn signed_in(centre: &Centre, name: &str) -> Browser {
    let browser = Browser::new(centre);
    let answer = browser.submit("/sign-in", &[("user_name", name), ("password", PASSWORD), ("for", "")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

async fn at_provider(channel: &Channel) -> Browser {
    signed_in(&channel.centre, "admin@northwind.example").await
}

fn list_of(channel: &Channel) -> String {
    format!("/customers/{}/subscriptions", channel.customer.id)
}

fn page_of(channel: &Channel, subscription: &serde_json::Value) -> String {
    format!("{}/{}", list_of(channel), id_of(subscription))
}

/// Sends one of the forms of a subscription's page, as it is shown now.
async fn press(browser: &Browser, page: &str, act: &str, fields: &[(&str, &str)]) -> Answer {
    browser.submit_to(page, &format!("{page}/{act}"), fields).await
}

#[track_caller]
fn tells(page: &Answer, sentences: &[&str]) {
    for sentence in sentences {
        assert!(page.text.contains(sentence), "{sentence}: {}", page.text);
    }
}

/// The forms of a subscription's page, by the last part of where they are sent.
fn forms(page: &Answer) -> Vec<&str> {
    let sent = page.text.split("action=\"/customers/").skip(1);
    sent.map(|form| form.split('"').next().unwrap().rsplit('/').next().unwrap()).collect()
}

#[actix_web::test]
async fn an_empty_list_says_what_to_do_and_an_order_fills_it() {
    let channel = Channel::open().await;
    let browser = at_provider(&channel).await;
    let list = list_of(&channel);
    let customer = browser.get(&format!("/customers/{}", channel.customer.id)).await;
    tells(&customer, &[&format!("href=\"{list}\"")]);
    tells(&browser.get("/customers").await, &[&format!("href=\"{list}/new\"")]);
    tells(&browser.get(&list).await, &["Subscriptions of fabrikam", "Nothing is sold to this customer yet."]);
    let new = format!("{list}/new");
    let form = browser.get(&new).await;
    tells(&form, &["Legacy suite (1–300)", "norrsken (MPN ID 6001234)", "fabrikam gets it"]);
    assert!(!form.text.contains("German only") && !form.text.contains("name=\"parent\""), "{}", form.text);
    let line = [("offer", LEGACY_SUITE), ("quantity", "25"), ("reseller", channel.reseller.id.as_str())];
    let placed = browser.submit_to(&new, &new, &line).await;
    assert_eq!((placed.status, placed.header("location")), (303, format!("{list}?ordered=yes")), "{}", placed.text);
    let filled = browser.get(&placed.header("location")).await;
    tells(
        &filled,
        &["The order is placed", "Legacy suite", ">25<", "norrsken (MPN ID 6001234)", "2027-11-21", "renews"],
    );
    let shown = channel.provider.get(&channel.path("/subscriptions")).await.ok();
    assert_eq!((&shown["totalCount"], &shown["items"][0]["partnerId"]), (&json!(1), &json!(ONBOARDED)));
    // Something to add an add-on to is there now.
    let parent = id_of(&shown["items"][0]).to_owned();
    tells(&browser.get(&new).await, &["name=\"parent\"", &parent]);
    let add_on =
        [("offer", ADD_ON), ("quantity", "5"), ("parent", parent.as_str()), ("term", "P1Y"), ("name", "A & B")];
    let added = browser.submit_to(&new, &new, &add_on).await;
    assert_eq!(added.status, 303, "{}", added.text);
    tells(&browser.get(&list).await, &["A &#38; B"]);
}

#[actix_web::test]
async fn a_customer_whose_country_is_written_small_is_offered_what_is_sold_there() {
    let channel = Channel::open().await;
    let mut body = customer_body("kleinholz", None);
    body["billingProfile"]["defaultAddress"] =
        json!({ "country": "de", "city": "Kiel", "addressLine1": "Holtenauer Str. 1", "postalCode": "24105" });
    let created = channel.provider.post("/v1/customers", body).await.ok();
    let new = format!("/customers/{}/subscriptions/new", id_of(&created));
    let browser = at_provider(&channel).await;
    tells(&browser.get(&new).await, &["German only"]);
    let placed = browser.submit_to(&new, &new, &[("offer", GERMAN_ONLY), ("quantity", "1")]).await;
    assert_eq!(placed.status, 303, "{}", placed.text);
}

#[actix_web::test]
async fn a_form_that_is_sent_twice_orders_once() {
    let channel = Channel::open().await;
    let browser = at_provider(&channel).await;
    let new = format!("{}/new", list_of(&channel));
    let shown = browser.get(&new).await;
    let kept = hidden_fields(&shown, &new);
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("offer", LEGACY_SUITE), ("quantity", "2"), ("name", "Twice")]);
    let send = async |fields: &[(&str, &str)]| {
        let request = actix_web::test::TestRequest::post().uri(&new).insert_header(("sec-fetch-site", "same-origin"));
        browser.call(request.set_form(fields)).await
    };
    assert_eq!(send(&fields).await.status, 303);
    let again = send(&fields).await;
    assert_eq!(again.status, 412);
    tells(&again, &["An order was placed for this customer after you opened this form", "value=\"Twice\""]);
    assert_eq!(channel.provider.get(&channel.path("/orders")).await.ok()["totalCount"], 1);
    // Whoever wants a second one says so by sending what is shown then.
    let kept = hidden_fields(&again, &new);
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("offer", LEGACY_SUITE), ("quantity", "2")]);
    assert_eq!(send(&fields).await.status, 303);
}

#[actix_web::test]
async fn what_is_wrong_with_an_order_is_said_at_its_field_and_nothing_typed_is_lost() {
    let channel = Channel::open().await;
    let browser = at_provider(&channel).await;
    let new = format!("{}/new", list_of(&channel));
    let stranger = uuid::Uuid::now_v7().to_string();
    for (field, language, typed, sentence) in [
        ("offer", "en", vec![("quantity", "5")], "This field must be filled in."),
        ("quantity", "en", vec![("offer", LEGACY_SUITE), ("quantity", "three")], "Write a whole number"),
        ("quantity", "sv", vec![("offer", LEGACY_SUITE), ("quantity", "301")], "Legacy suite säljs med 1 till 300"),
        ("offer", "nl", vec![("offer", GERMAN_ONLY), ("quantity", "1")], "niet verkocht in het land"),
        ("term", "en", vec![("offer", UNPAID_TOOL), ("quantity", "1"), ("term", "P1M")], "sold for: 1 year"),
        ("offer", "en", vec![("offer", ADD_ON), ("quantity", "1")], "This offer is an add-on."),
        (
            "reseller",
            "en",
            vec![("offer", LEGACY_SUITE), ("quantity", "1"), ("reseller", &stranger)],
            "none of your active",
        ),
    ] {
        browser.get(&format!("{new}?lang={language}")).await;
        let mut typed = typed;
        typed.push(("name", "Kept & typed"));
        let answer = browser.submit_to(&new, &new, &typed).await;
        assert!((400..500).contains(&answer.status), "{field}: {}", answer.status);
        let (_, error) = answer.text.split_once(&format!("id=\"{field}-error\">")).unwrap_or(("", ""));
        assert!(error.split('<').next().unwrap().contains(sentence), "{field} {sentence}: {}", answer.text);
        tells(&answer, &["Kept &#38; typed"]);
    }
    assert_eq!(channel.provider.get(&channel.path("/subscriptions")).await.ok()["totalCount"], 0);
}

#[actix_web::test]
async fn each_form_of_a_subscription_does_its_own_thing_and_nothing_else() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let browser = at_provider(&channel).await;
    let page = page_of(&channel, &suite);
    let first = browser.get(&page).await;
    tells(&first, &["Legacy suite", "1 year, until 2027-11-21", "Sold by", "northwind, since 2026-11-21"]);
    tells(&first, &["No reseller was ever associated", "Your own company"]);
    assert_eq!(forms(&first), ["licences", "name", "reseller", "support-contact", "renewal", "status"]);

    let reseller = channel.reseller.id.as_str();
    for (act, fields, told, property, value) in [
        ("licences", vec![("quantity", "8")], "The number of licences is changed.", "quantity", json!(8)),
        ("name", vec![("name", " Office & more ")], "Office &#38; more", "friendlyName", json!("Office & more")),
        ("renewal", vec![], "Ends with its term", "autoRenewEnabled", json!(false)),
        ("reseller", vec![("reseller", reseller)], "norrsken (MPN ID 6001234)", "partnerId", json!(ONBOARDED)),
        ("status", vec![("confirm", "yes")], "Take up again", "status", json!("suspended")),
        ("status", vec![("confirm", "yes")], "Yes, suspend", "status", json!("active")),
    ] {
        let before = channel.again(&suite).await;
        let done = press(&browser, &page, act, &fields).await;
        assert_eq!((done.status, done.header("location")), (303, format!("{page}?done={act}")), "{}", done.text);
        tells(&browser.get(&done.header("location")).await, &["role=\"status\"", told]);
        let mut after = channel.again(&suite).await;
        assert_eq!(after[property], value, "{act}");
        // Everything else is as before.
        let mut before = before;
        for changed in [property, "attributes", "actions", "suspensionReasons", "renewalTermDuration", "links"] {
            before[changed] = json!(null);
            after[changed] = json!(null);
        }
        for free in ["cancellationAllowedUntilDate", "refundableQuantity", "scheduledNextTermInstructions"] {
            before[free] = json!(null);
            after[free] = json!(null);
        }
        assert_eq!(before, after, "{act}");
    }
    let contact = channel.of(&suite, "/supportcontact");
    assert_eq!(channel.provider.get(&contact).await.ok()["name"], "northwind", "being of record is not answering");
    let done = press(&browser, &page, "support-contact", &[("contact", reseller)]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(channel.provider.get(&contact).await.ok()["name"], "norrsken");
    let cleared = press(&browser, &page, "reseller", &[("reseller", "")]).await;
    assert_eq!(cleared.status, 303, "{}", cleared.text);
    assert!(channel.again(&suite).await.get("partnerId").is_none());
    assert_eq!(channel.provider.get(&contact).await.ok()["name"], "norrsken", "and the other way round");
    let back = press(&browser, &page, "support-contact", &[("contact", "")]).await;
    assert_eq!(back.status, 303);
    assert_eq!(channel.provider.get(&contact).await.ok()["name"], "northwind");
    // Who was of record stays to be seen.
    let last = browser.get(&page).await;
    tells(&last, &["<th scope=\"row\">norrsken (MPN ID 6001234)</th>", "2026-11-21 08:00 UTC"]);
}

#[actix_web::test]
async fn sub_03_a_page_that_is_too_old_changes_nothing_and_keeps_what_was_typed() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let browser = at_provider(&channel).await;
    let page = page_of(&channel, &suite);
    let shown = browser.get(&page).await;
    let stale = async |act: &str, field: (&str, &str)| {
        let kept = hidden_fields(&shown, &format!("{page}/{act}"));
        let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(field);
        let request = actix_web::test::TestRequest::post().uri(&format!("{page}/{act}")).set_form(fields);
        browser.call(request.insert_header(("sec-fetch-site", "same-origin"))).await
    };
    channel.change(&suite, json!({ "quantity": 6 })).await.ok();
    let answer = stale("licences", ("quantity", "77")).await;
    assert_eq!(answer.status, 412);
    tells(&answer, &["Somebody changed this subscription after you opened the page", "value=\"77\"", "<dd>6</dd>"]);
    assert_eq!(channel.again(&suite).await["quantity"], 6);
    // Sent again from there, it is done.
    let kept = hidden_fields(&answer, &format!("{page}/licences"));
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("quantity", "77"));
    let request = actix_web::test::TestRequest::post().uri(&format!("{page}/licences")).set_form(fields);
    assert_eq!(browser.call(request.insert_header(("sec-fetch-site", "same-origin"))).await.status, 303);
    assert_eq!(channel.again(&suite).await["quantity"], 77);
    // Who answers has a mark of its own.
    let named = json!({ "supportTenantId": channel.reseller.id });
    channel.provider.put(&channel.of(&suite, "/supportcontact"), named, None).await.ok();
    let answer = stale("support-contact", ("contact", "")).await;
    assert_eq!(answer.status, 412, "{}", answer.text);
    assert_eq!(channel.provider.get(&channel.of(&suite, "/supportcontact")).await.ok()["name"], "norrsken");
}

#[actix_web::test]
async fn what_is_wrong_with_a_change_is_said_beside_its_field() {
    let mut channel = Channel::open().await;
    let suite = channel.buy(MODERN_SUITE, 5, None).await;
    let browser = at_provider(&channel).await;
    let page = page_of(&channel, &suite);
    tells(&browser.get(&page).await, &["From 1 to 300. 5 can be given back until 2026-11-28 08:00 UTC."]);
    channel.wait(days(8)).await;
    let browser = at_provider(&channel).await;
    tells(&browser.get(&page).await, &["None can be given back now"]);
    for (act, language, fields, id, sentence) in [
        ("licences", "en", vec![("quantity", "")], "quantity-error", "This field must be filled in."),
        ("licences", "nl", vec![("quantity", "veel")], "quantity-error", "Schrijf een geheel getal"),
        ("licences", "sv", vec![("quantity", "900")], "quantity-error", "Modern suite säljs med 1 till 300"),
        ("licences", "en", vec![("quantity", "3")], "quantity-error", "2 fewer does not go: 0 can be given back now."),
        ("name", "en", vec![("name", "")], "name-error", "This field must be filled in."),
        ("status", "en", vec![], "status-error", "Tick the box to confirm."),
        ("reseller", "en", vec![("reseller", "x")], "reseller-error", "none of your active indirect resellers"),
        ("support-contact", "sv", vec![("contact", "x")], "contact-error", "ingen av era aktiva"),
    ] {
        browser.get(&format!("{page}?lang={language}")).await;
        let answer = press(&browser, &page, act, &fields).await;
        assert_eq!(answer.status, 400, "{act}: {}", answer.text);
        let (_, error) = answer.text.split_once(&format!("id=\"{id}\">")).unwrap_or(("", ""));
        assert!(error.split('<').next().unwrap().contains(sentence), "{act} {sentence}: {}", answer.text);
        let typed = fields.first().map_or("", |(_, typed)| typed);
        assert!(act != "licences" || answer.text.contains(&format!("value=\"{typed}\"")), "{typed}: {}", answer.text);
    }
    assert_eq!(channel.again(&suite).await["quantity"], 5);
    assert_eq!(browser.get(&format!("{}/{}", list_of(&channel), uuid::Uuid::now_v7())).await.status, 404);
}

#[actix_web::test]
async fn what_somebody_may_not_do_is_no_form() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    let page = page_of(&channel, &suite);
    // The customer reads, and is told who answers.
    let admin = signed_in(&channel.centre, "admin@fabrikam.onmicrosoft.com").await;
    let own = admin.get("/subscriptions").await.header("location");
    assert_eq!(own, list_of(&channel));
    let listed = admin.get(&own).await;
    tells(&listed, &["Legacy suite", "norrsken (MPN ID 6001234)"]);
    assert!(!listed.text.contains("Add subscription"), "{}", listed.text);
    let read = admin.get(&page).await;
    tells(&read, &["northwind answers you for this subscription", "/administrators", "norrsken (MPN ID 6001234)"]);
    assert_eq!(forms(&read), Vec::<&str>::new());
    assert_eq!(admin.get(&format!("{own}/new")).await.status, 403);
    // The reseller manages the subscription, and neither names itself nor who answers.
    let agent = signed_in(&channel.centre, "admin@norrsken.example").await;
    let managed = agent.get(&page).await;
    assert_eq!(forms(&managed), ["licences", "name", "renewal", "status"]);
    assert_eq!(press(&agent, &page, "licences", &[("quantity", "6")]).await.status, 303);
    assert_eq!(channel.again(&suite).await["quantity"], 6);
    // A helpdesk agent looks.
    channel.provider.colleague("help@northwind.example", &["helpdesk_agent"]).await;
    let helpdesk = signed_in(&channel.centre, "help@northwind.example").await;
    let looked = helpdesk.get(&page).await;
    tells(&looked, &["Your roles let you look at this subscription, not change it."]);
    assert_eq!(forms(&looked), Vec::<&str>::new());
    assert!(!helpdesk.get(&list_of(&channel)).await.text.contains("Add subscription"));
    // Nobody else learns that there is such a customer.
    channel.centre.provider(&channel.operator, "contoso").await;
    let stranger = signed_in(&channel.centre, "admin@contoso.example").await;
    for path in [&page, &list_of(&channel), &format!("{}/new", list_of(&channel))] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text.contains("fabrikam"), "{}", answer.text);
    }
    let nobody = Browser::new(&channel.centre);
    for path in [&page, &list_of(&channel), "/subscriptions", "/incentives", "/incentives/file"] {
        assert_eq!(nobody.get(path).await.header("location"), "/sign-in", "{path}");
    }
}

#[actix_web::test]
async fn incentives_are_added_up_by_reseller_and_downloaded_as_a_file() {
    let channel = Channel::open().await;
    let browser = at_provider(&channel).await;
    tells(&browser.get("/incentives?from=2026-11-01&to=2026-11-30").await, &["Nothing is credited for these days."]);
    channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    channel.buy(UNPAID_TOOL, 3, Some(ONBOARDED)).await;
    channel.centre.advance(days(2));
    let browser = at_provider(&channel).await;
    tells(&browser.get("/customers").await, &["href=\"/incentives\""]);
    let page = browser.get("/incentives?from=2026-11-01&to=2026-11-30").await;
    tells(&page, &["Licence-days from 2026-11-01 to 2026-11-22", "norrsken", ONBOARDED, ">10<", ">6<", "<tfoot>"]);
    let (_, rest) = page.text.split_once("href=\"/incentives/file?").expect("a link to the file");
    let file = format!("/incentives/file?{}", rest.split('"').next().unwrap().replace("&#38;", "&"));
    let file = browser.get(&file).await;
    assert_eq!((file.status, file.header("content-type").as_str()), (200, "text/csv; charset=utf-8"));
    tells(&file, &["norrsken,6001234", ",true,10", ",false,6"]);
    for (query, sentence) in [
        ("from=yesterday", "Write a day such as 2026-11-21."),
        ("from=2026-11-30&to=2026-11-01", "This day lies after the last one."),
        ("from=1990-01-01&to=2026-11-01", "more than ten years"),
    ] {
        let wrong = browser.get(&format!("/incentives?{query}")).await;
        assert_eq!(wrong.status, 400, "{query}");
        tells(&wrong, &["id=\"from-error\"", sentence]);
    }
    tells(&browser.get("/incentives?from=yesterday").await, &["value=\"yesterday\""]);
    assert_eq!(browser.get("/incentives/file?from=yesterday").await.header("location"), "/incentives");
    let other = browser.get(&format!("/incentives?from=2026-11-01&reseller={}", uuid::Uuid::now_v7())).await;
    tells(&other, &["Nothing is credited for these days."]);
    let agent = signed_in(&channel.centre, "admin@norrsken.example").await;
    tells(
        &agent.get("/incentives?from=2026-11-01").await,
        &["your company was reseller of record", "northwind", ">10<"],
    );
    let admin = signed_in(&channel.centre, "admin@fabrikam.onmicrosoft.com").await;
    assert_eq!(admin.get("/incentives").await.status, 403);
}
