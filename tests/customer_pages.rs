//! The pages of customers: the list, creating one, handing it over.

use serde_json::json;

use crate::harness::administration::{PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, only};
use crate::harness::catalogue::{ADD_ON, LEGACY_SUITE, MODERN_SUITE, UNPAID_TOOL};
use crate::harness::{Actor, Answer, Browser, Centre, Customer, PASSWORD, customer_body, hidden_fields, nothing};

const FORM: &[(&str, &str)] = &[
    ("company", "Fabrikam & Sons"),
    ("domain", "Fabrikam.onmicrosoft.com"),
    ("reseller", ""),
    ("country", "SE"),
    ("address1", "Storgatan 1"),
    ("postal", "903 25"),
    ("city", "Umeå"),
    ("email", "billing@fabrikam.example"),
    ("first", "Anna"),
    ("last", "Ek"),
    ("language", "sv"),
    ("to_name", ""),
    ("to_email", ""),
    ("to_language", "sv"),
];

fn typed<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let change = |(name, value): &(&'a str, &'a str)| {
        let changed = changes.iter().find(|(changed, _)| changed == name);
        (*name, changed.map_or(*value, |(_, value)| *value))
    };
    let known = FORM.iter().map(change);
    let new = changes.iter().filter(|(name, _)| !FORM.iter().any(|(known, _)| known == name));
    known.chain(new.copied()).collect()
}

async fn channel(centre: &Centre) -> (Actor, Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    (operator, provider, reseller)
}

async fn signed_in(centre: &Centre, name: &str) -> Browser {
    let browser = Browser::new(centre);
    let answer = browser.submit("/sign-in", &[("user_name", name), ("password", PASSWORD), ("for", "")]).await;
    assert_eq!((answer.status, answer.header("location").as_str()), (303, "/account"));
    browser
}

/// The review of the draft that a form was kept in; the form leads to its subscriptions.
fn review_of(sent: &Answer) -> String {
    let next = sent.header("location");
    next.strip_suffix("/subscriptions").unwrap_or_else(|| panic!("{next}: {}", sent.text)).to_owned()
}

fn password_on(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("id=\"setup-password\"").expect("a page with setup info");
    rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
}

/// What stands in `<option … selected>` of a select.
fn chosen(page: &Answer) -> Vec<String> {
    let options = page.text.split("<option value=\"").skip(1).filter(|option| option.contains("\" selected>"));
    options.map(|option| option.split('"').next().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_person_creates_a_customer_for_a_reseller_and_sees_its_password_once() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let started = browser.get(&format!("/customers/new?reseller={}", reseller.id)).await;
    assert!(chosen(&started).contains(&reseller.id), "{:?}", chosen(&started));
    assert!(started.text.contains("norrsken (MPN ID 6001234)") && started.text.contains("None: we serve the customer"));
    assert_eq!(provider.get("/v1/customerdrafts").await.ok()["totalCount"], 0, "looking changes nothing");
    let sent = browser.submit("/customers/new", &typed(&[("reseller", &reseller.id)])).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let review = review_of(&sent);
    let page = browser.get(&review).await;
    for told in [
        "Fabrikam &#38; Sons",
        "norrsken (MPN ID 6001234) is associated with the customer",
        "903 25 Umeå",
        "Sweden",
        "Submit",
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 0);
    assert!(browser.get("/customers").await.text.contains(&review));
    // Change keeps what was typed, and can clear the reseller.
    let change = format!("{review}/change");
    let form = browser.get(&change).await;
    assert!(form.text.contains("value=\"Fabrikam &#38; Sons\"") && chosen(&form).contains(&reseller.id));
    let version = hidden_fields(&form, &change).into_iter().find(|(name, _)| name == "version").unwrap().1;
    let changed = typed(&[("company", "Fabrikam AB"), ("reseller", &reseller.id), ("version", &version)]);
    assert_eq!(review_of(&browser.submit(&change, &changed).await), review);
    let stale = browser.submit(&change, &changed).await;
    assert_eq!(stale.status, 412);
    assert!(stale.text.contains("Somebody changed this draft"), "{}", stale.text);

    let submit = format!("{review}/submit");
    let done = browser.submit_to(&review, &submit, &[]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("Fabrikam AB is your customer now") && done.text.contains("norrsken can administer it"));
    assert!(done.text.contains("<script src=\"/copy.js\" defer></script>"));
    let password = password_on(&done);
    assert!(!centre.database().holds(&password));
    let first = json!({
        "userName": "admin@fabrikam.onmicrosoft.com", "temporaryPassword": password, "newPassword": PASSWORD,
    });
    centre.post("/v1/accounts/password", first).await.ok();
    // Sending the same form again shows no password, and the review leads to the customer.
    let list = browser.get("/customers").await;
    let token = crate::harness::form_token(&list);
    let again = browser
        .call(
            actix_web::test::TestRequest::post()
                .uri(&submit)
                .insert_header(("sec-fetch-site", "same-origin"))
                .set_form([("csrf", token.as_str()), ("version", "2")]),
        )
        .await;
    assert_eq!(again.status, 200);
    assert!(again.text.contains("was submitted before") && !again.text.contains("setup-password"), "{}", again.text);
    let customer = browser.get(&review).await.header("location");
    assert!(browser.get(&customer).await.text.contains("Fabrikam AB"));
    assert!(list.text.contains("fabrikam.onmicrosoft.com") && list.text.contains("<details class=\"record\">"));
    let shown = reseller.get("/v1/customers/fabrikam.onmicrosoft.com").await.ok();
    assert_eq!(shown["billingProfile"]["culture"], "sv-SE");
}

/// The fields of a line of the form for subscriptions.
fn line(place: usize, offer: &str, quantity: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields =
        vec![(format!("offer-{place}"), offer.to_owned()), (format!("quantity-{place}"), quantity.to_owned())];
    fields.extend(more.iter().map(|(name, value)| (format!("{name}-{place}"), (*value).to_owned())));
    fields
}

/// Sends the form for subscriptions, as shown with these lines, by one of its buttons.
async fn press(browser: &Browser, path: &str, button: &str, lines: &[Vec<(String, String)>]) -> Answer {
    let mut fields: Vec<(&str, &str)> =
        lines.iter().flatten().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("press", button));
    browser.submit_to(path, path, &fields).await
}

#[actix_web::test]
async fn subscriptions_are_added_line_by_line_and_both_associations_are_reviewed_apart() {
    let centre = Centre::open().await.with_catalogue();
    let (_, provider, reseller) = channel(&centre).await;
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let sent = browser.submit("/customers/new", &typed(&[("reseller", &reseller.id)])).await;
    let path = sent.header("location");
    let first = browser.get(&path).await;
    for told in ["Legacy suite (1–300)", "<optgroup label=\"Office\">", "Subscription 1", "Next: Review"] {
        assert!(first.text.contains(told), "{told}: {}", first.text);
    }
    assert!(!first.text.contains("German only") && !first.text.contains("Withdrawn"), "{}", first.text);
    assert_eq!(chosen(&first), [reseller.id.as_str()], "the reseller is chosen, and can be cleared");
    // Lines come and go, and what was typed stays.
    let suite = line(0, LEGACY_SUITE, "25", &[("name", "Office & more"), ("reseller", &reseller.id)]);
    let added = press(&browser, &path, "add", std::slice::from_ref(&suite)).await;
    assert_eq!(added.status, 200);
    assert!(
        added.text.contains("Subscription 2") && added.text.contains("value=\"Office &#38; more\""),
        "{}",
        added.text
    );
    assert_eq!(chosen(&added), [LEGACY_SUITE, &reseller.id, &reseller.id]);
    let tool = line(1, UNPAID_TOOL, "three", &[("reseller", "")]);
    let add_on = line(2, ADD_ON, "5", &[("reseller", "")]);
    let removed = press(&browser, &path, "remove-1", &[suite.clone(), tool.clone(), add_on.clone()]).await;
    assert_eq!(chosen(&removed), [LEGACY_SUITE, &reseller.id, ADD_ON, "0"], "an add-on finds what it is added to");
    assert!(removed.text.contains("Subscription 1: Legacy suite"), "{}", removed.text);
    let wrong = press(&browser, &path, "next", &[suite.clone(), tool, add_on.clone()]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("id=\"quantity-1-error\">Write a whole number"), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"three\"") && wrong.text.contains("value=\"Office &#38; more\""));
    let tool = line(1, UNPAID_TOOL, "3", &[("reseller", &reseller.id)]);
    // An empty line is left out.
    let empty = line(3, "", "", &[("reseller", &reseller.id)]);
    let kept = press(&browser, &path, "next", &[suite, tool, add_on, empty]).await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    let review = kept.header("location");
    let page = browser.get(&review).await;
    for told in [
        "norrsken (MPN ID 6001234) is associated with the customer: it can administer",
        "Subscription 1: Office &#38; more",
        "norrsken (MPN ID 6001234) is associated with this subscription: it manages it and is credited",
        "Subscription 2: Unpaid tool",
        "The offer earns no incentives.",
        "No reseller is associated with this subscription.",
        "<dd>Subscription 1: Legacy suite</dd>",
        "Change subscriptions",
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert_eq!(centre.database().texts("SELECT friendly_name AS name FROM subscriptions").len(), 0);
    let again = browser.get(&path).await;
    assert!(
        again.text.contains("value=\"25\"")
            && again.text.contains("Subscription 3")
            && !again.text.contains("Subscription 4")
    );
    let done = browser.submit_to(&review, &format!("{review}/submit"), &[]).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(
        done.text.contains("norrsken can administer it from now on. 3 subscriptions were ordered."),
        "{}",
        done.text
    );
    assert_eq!(centre.database().texts("SELECT friendly_name AS name FROM subscriptions").len(), 3);
    assert_eq!(centre.database().texts("SELECT mpn_id AS name FROM association_periods").len(), 2);
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 1);
    // The page of a submitted draft leads to its customer.
    assert!(browser.get(&path).await.header("location").starts_with("/customers/"));
}

#[actix_web::test]
async fn what_is_wrong_with_a_subscription_is_said_at_its_field_in_the_persons_language() {
    let centre = Centre::open().await.with_catalogue();
    let (_, provider, _) = channel(&centre).await;
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let path = browser.submit("/customers/new", &typed(&[])).await.header("location");
    let stranger = uuid::Uuid::now_v7().to_string();
    let suite = line(0, MODERN_SUITE, "1", &[]);
    for (second, field, language, sentence) in [
        (line(1, "", "5", &[]), "offer", "en", "This field must be filled in."),
        (line(1, "nothing", "5", &[]), "offer", "nl", "Deze aanbieding wordt niet meer verkocht"),
        (line(1, LEGACY_SUITE, "", &[]), "quantity", "en", "This field must be filled in."),
        (line(1, LEGACY_SUITE, "0", &[]), "quantity", "sv", "Legacy suite säljs med 1 till 300 licenser."),
        (line(1, UNPAID_TOOL, "1", &[("term", "P1M")]), "term", "nl", "Deze aanbieding wordt verkocht voor: 1 jaar."),
        (line(1, UNPAID_TOOL, "1", &[("cycle", "annual")]), "cycle", "sv", "Erbjudandet debiteras: Varje månad."),
        (
            line(1, ADD_ON, "1", &[]),
            "parent",
            "en",
            "This offer is an add-on. Choose the subscription that it is added to: ",
        ),
        (line(1, ADD_ON, "1", &[("parent", "0")]), "parent", "sv", "Erbjudandet är ett tillägg."),
        (line(1, LEGACY_SUITE, "1", &[("name", "a\tb")]), "name", "en", "This must be one line"),
        (line(1, LEGACY_SUITE, "1", &[("reseller", "x")]), "reseller", "nl", "Dit bedrijf is geen actieve"),
    ] {
        browser.get(&format!("{path}?lang={language}")).await;
        let answer = press(&browser, &path, "next", &[suite.clone(), second]).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
        let (_, error) = answer.text.split_once(&format!("id=\"{field}-1-error\">")).unwrap_or(("", ""));
        assert!(error.starts_with(sentence), "{field}: {error:.200} {}", answer.text);
    }
    browser.get(&format!("{path}?lang=en")).await;
    let refused = press(&browser, &path, "next", &[line(0, LEGACY_SUITE, "1", &[("reseller", &stranger)])]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("none of your active indirect resellers"), "{}", refused.text);
    let draft = provider.get("/v1/customerdrafts").await.ok()["items"][0].clone();
    let api = format!("/v1/customerdrafts/{}", draft["id"].as_str().unwrap());
    assert!(provider.get(&api).await.ok().get("lines").is_none(), "nothing wrong is kept");
    // What somebody else changed meanwhile is told, and nothing typed is lost.
    let shown = browser.get(&path).await;
    let version = hidden_fields(&shown, &path).into_iter().find(|(name, _)| name == "version").unwrap().1;
    let kept = press(&browser, &path, "next", &[line(0, LEGACY_SUITE, "7", &[])]).await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    let mut stale = line(0, LEGACY_SUITE, "8", &[]);
    stale.push(("version".into(), version));
    let told = press(&browser, &path, "next", &[stale]).await;
    assert_eq!(told.status, 412);
    assert!(told.text.contains("Somebody changed this draft") && told.text.contains("value=\"8\""), "{}", told.text);
    // A draft whose lines became wrong says so above its review and beside the field.
    let form = browser.get(&path.replace("/subscriptions", "/change")).await;
    assert!(form.text.contains("Next: Subscriptions"));
    provider.colleague("helga@northwind.example", &["helpdesk_agent"]).await;
    let helpdesk = signed_in(&centre, "helga@northwind.example").await;
    assert_eq!(helpdesk.get(&path).await.status, 403);
}

#[actix_web::test]
async fn what_is_wrong_is_said_at_its_field_in_the_persons_language_and_nothing_is_kept() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    provider.post("/v1/customers", customer_body("tailspin", None)).await.ok();
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let stranger = uuid::Uuid::now_v7().to_string();
    for (field, value, language, sentence) in [
        ("company", " ", "en", "This field must be filled in."),
        ("domain", "fabrikam", "sv", "”fabrikam” är ingen domän som"),
        ("domain", "tailspin.onmicrosoft.com", "nl", "tailspin.onmicrosoft.com is hier al van een organisatie."),
        ("country", "XX", "sv", "Välj ett land i listan."),
        ("country", "US", "nl", "Uw bedrijf verkoopt in de eigen regio"),
        ("email", "x", "nl", "Dit is geen e-mailadres"),
        ("reseller", stranger.as_str(), "sv", "Företaget är ingen av era aktiva"),
        ("to_name", "Anna", "en", ""),
        ("to_email", "anna", "en", "This is not an e-mail address"),
        ("city", "a\tb", "en", "This must be one line without control characters."),
    ] {
        let path = format!("/customers/new?lang={language}");
        let token = crate::harness::form_token(&browser.get(&path).await);
        let mut fields = typed(&[(field, value)]);
        fields.push(("csrf", &token));
        let request = actix_web::test::TestRequest::post().uri("/customers/new");
        let answer = browser.call(request.insert_header(("sec-fetch-site", "same-origin")).set_form(fields)).await;
        assert_eq!(answer.status, 400, "{field} {value}: {}", answer.text);
        let wrong = if field == "to_name" { "to_email" } else { field };
        let (_, error) = answer.text.split_once(&format!("id=\"{wrong}-error\">")).unwrap_or(("", ""));
        assert!(!error.is_empty() && error.starts_with(sentence), "{field} {value}: {error:.160}");
        assert!(field == "company" || answer.text.contains("value=\"Fabrikam &#38; Sons\""), "{field}");
        assert!(field == "country" || chosen(&answer).contains(&"SE".to_owned()), "{field}");
    }
    assert_eq!(provider.get("/v1/customerdrafts").await.ok()["totalCount"], 0);
    assert!(!centre.event_kinds().iter().any(|kind| kind.starts_with("customer_draft")));
}

#[actix_web::test]
async fn cancelling_leaves_nothing_and_a_named_person_gets_a_link() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let review = review_of(&browser.submit("/customers/new", &typed(&[])).await);
    assert!(browser.get(&review).await.text.contains("No reseller is associated"));
    let cancelled = browser.submit_to(&review, &format!("{review}/cancel"), &[]).await;
    assert_eq!((cancelled.status, cancelled.header("location").as_str()), (303, "/customers"));
    let gone = browser.get(&review).await;
    assert_eq!(gone.status, 404);
    assert!(gone.text.contains("This draft is gone"));
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 0);
    let to = [("to_name", "Anna Ek"), ("to_email", "anna@fabrikam.example"), ("to_language", "nl")];
    let review = review_of(&browser.submit("/customers/new", &typed(&to)).await);
    assert!(browser.get(&review).await.text.contains("Anna Ek (anna@fabrikam.example) gets a link"));
    let done = browser.submit_to(&review, &format!("{review}/submit"), &[]).await;
    assert!(
        done.text.contains("A link was mailed to Anna Ek") && !done.text.contains("setup-password"),
        "{}",
        done.text
    );
    centre.run_jobs().await;
    assert!(centre.mails_to("anna@fabrikam.example")[0].contains("Hallo Anna Ek"));
}

#[actix_web::test]
async fn the_list_is_searched_by_name_or_domain_filtered_by_reseller_and_turned_by_pages() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    for number in 0..53 {
        let mut body = customer_body(&format!("shop{number:02}"), (number == 7).then_some(reseller.id.as_str()));
        body["companyProfile"]["companyName"] = json!(format!("Butik {number:02} 100%"));
        body["setupInfoTo"] = json!({ "name": "Anna", "email": "anna@shops.example" });
        provider.post("/v1/customers", body).await.ok();
    }
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let count = |page: &Answer| page.text.matches("<details class=\"record\">").count();
    let first = browser.get("/customers").await;
    assert_eq!(count(&first), 50);
    let (_, next) = first.text.split_once("<a class=\"button secondary\" href=\"").unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let second = browser.get(&next).await;
    assert_eq!(count(&second), 3, "{next}");
    assert!(second.text.contains("First page") && !second.text.contains("Next page"));
    for (query, found) in [
        ("q=BUTIK%200", 10),
        ("q=shop5", 3),
        ("q=100%25", 50),
        ("q=%25", 50),
        ("q=_", 0),
        ("q=nobody", 0),
        ("q=%00", 50),
        ("after=x", 50),
    ] {
        assert_eq!(count(&browser.get(&format!("/customers?{query}")).await), found, "{query}");
    }
    let filtered = format!("/customers?q=&reseller={}", reseller.id);
    let page = browser.get(&filtered).await;
    assert_eq!((count(&page), chosen(&page)), (1, vec![reseller.id.clone()]));
    assert!(page.text.contains("shop07.onmicrosoft.com") && page.text.contains("<dd>norrsken</dd>"));
    assert!(page.text.contains(&format!("/customers/new?reseller={}", reseller.id)));
    // The filter stays when the partnership ends.
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    assert_eq!(count(&browser.get(&filtered).await), 1);
    // The reseller sees its own, with the provider, and creates none.
    let own = signed_in(&centre, "admin@norrsken.example").await;
    let page = own.get("/customers?lang=sv").await;
    assert_eq!(count(&page), 1);
    assert!(
        page.text.contains("<dt>Indirekt leverantör</dt><dd>northwind</dd>") && !page.text.contains("/customers/new")
    );
    let barred = own.get("/customers/new?lang=en").await;
    assert_eq!(barred.status, 403);
    assert!(barred.text.contains("customers are created by indirect providers"), "{}", barred.text);
}

#[actix_web::test]
async fn who_may_not_is_told_whom_to_ask_and_nobody_signs_in_first() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let nobody = Browser::new(&centre);
    for path in ["/customers", "/customers/new", "/customers/x", "/customers/drafts/x"] {
        let answer = nobody.get(path).await;
        let malformed = path.ends_with("drafts/x");
        assert_eq!(answer.status, if malformed { 404 } else { 303 }, "{path}");
    }
    provider.colleague("helga@northwind.example", &["helpdesk_agent"]).await;
    let helpdesk = signed_in(&centre, "helga@northwind.example").await;
    let list = helpdesk.get("/customers").await;
    assert!(list.status == 200 && !list.text.contains("/customers/new"));
    let barred = helpdesk.get("/customers/new").await;
    assert_eq!(barred.status, 403);
    assert!(barred.text.contains("Global admin or User management admin of your company"), "{}", barred.text);
    let draft = provider.post("/v1/customerdrafts", nothing()).await.ok();
    let review = format!("/customers/drafts/{}", draft["id"].as_str().unwrap());
    assert!(helpdesk.get(&review).await.text.contains("customer.companyName is required"));
    let refused = helpdesk.submit_to(&review, &format!("{review}/submit"), &[]).await;
    assert_eq!(refused.status, 403);
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let shown = helpdesk.get(&format!("/customers/{}", customer.id)).await;
    assert!(shown.status == 200 && !shown.text.contains("/setup-info"));
    let admin = Browser::new(&centre);
    let who = [("user_name", "admin@fabrikam.onmicrosoft.com"), ("password", PASSWORD), ("for", "")];
    assert_eq!(admin.submit("/sign-in", &who).await.status, 303);
    assert_eq!(admin.get("/customers").await.status, 403);
}

#[actix_web::test]
async fn lost_setup_info_is_reset_on_the_page_of_the_customer() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let made = provider.post("/v1/customers", customer_body("fabrikam", None)).await.ok();
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let page = format!("/customers/{}", made["id"].as_str().unwrap());
    let reset = format!("{page}/setup-info");
    let wrong = browser.submit_to(&page, &reset, &[("to_name", "Anna"), ("to_email", "x")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("id=\"to_email-error\">This is not an e-mail address"), "{}", wrong.text);
    let shown = browser.submit_to(&page, &reset, &[]).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let first = json!({
        "userName": "admin@fabrikam.onmicrosoft.com", "temporaryPassword": password_on(&shown), "newPassword": PASSWORD,
    });
    let first = centre.post("/v1/accounts/password", first).await.ok();
    let id = made["id"].as_str().unwrap().to_owned();
    let admin = centre.sign_in(&id, first["refreshToken"].as_str().unwrap()).await;
    only(&provider, &Customer { id, admin }, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR).await;
    let refused = browser.submit_to(&page, &reset, &[]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("has a password of its own"), "{}", refused.text);
    let absent = browser.get(&format!("/customers/{}", uuid::Uuid::now_v7())).await;
    assert_eq!(absent.status, 404);
    assert!(absent.text.contains("No such customer"));
}

#[actix_web::test]
async fn a_country_that_asks_for_a_registration_number_is_told_it_in_a_field_of_its_own() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let browser = signed_in(&centre, "admin@northwind.example").await;
    let polish = [("country", "PL"), ("postal", "00-001"), ("city", "Warszawa"), ("phone", "+48 22 000 00 00")];
    let asked = browser.submit("/customers/new", &typed(&polish)).await;
    assert_eq!(asked.status, 400);
    assert!(asked.text.contains("id=\"registration-error\""), "{}", asked.text);
    let numbered = [&polish[..], &[("registration", "PL123-456-78-90")]].concat();
    let kept = browser.submit("/customers/new", &typed(&numbered)).await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    let review = review_of(&kept);
    assert!(browser.get(&review).await.text.contains("PL123-456-78-90"));
    assert!(browser.get(&format!("{review}/change")).await.text.contains("value=\"PL123-456-78-90\""));
    assert_eq!(browser.submit_to(&review, &format!("{review}/submit"), &[]).await.status, 200);
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 1);
}
