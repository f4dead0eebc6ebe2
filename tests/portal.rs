//! Pages: their languages, their forms, and what nobody can make them do.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use partner_center::app::OTHER_PATHS;
use serde_json::json;

use crate::harness::{Answer, Browser, Centre, PASSWORD, form_token, nothing, request};

const ENROLMENT: &[(&str, &str)] = &[
    ("company", "Norrsken AB"),
    ("country", "SE"),
    ("domain", "norrsken.example"),
    ("global", "1600"),
    ("locations", "1601\r\n1602\r\n\r\n"),
    ("onboarding", "1602"),
    ("admin_name", "Nils Norr"),
    ("admin_email", "Nils@Norrsken.example"),
];

/// The enrolment with some fields changed.
fn enrolment<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let change = |(name, value): &(&'a str, &'a str)| {
        let changed = changes.iter().find(|(changed, _)| changed == name);
        (*name, changed.map_or(*value, |(_, value)| *value))
    };
    ENROLMENT.iter().map(change).collect()
}

#[actix_web::test]
async fn a_reseller_enrols_with_the_form_and_is_told_what_comes_next() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let browser = Browser::new(&centre);
    let sent = browser.submit("/enrol", ENROLMENT).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/enrol/submitted".to_owned()), "{}", sent.text);
    let next = browser.get("/enrol/submitted").await;
    assert!(next.text.contains("gets a mail with a code"), "{}", next.text);
    let listed = operator.get("/v1/enrollments").await.ok();
    let enrollment = &listed["items"][0];
    assert_eq!((&enrollment["companyName"], &enrollment["state"]), (&json!("Norrsken AB"), &json!("submitted")));
    let onboards: Vec<_> =
        enrollment["mpnIds"].as_array().unwrap().iter().filter(|id| id["onboarding"] == true).collect();
    assert_eq!((onboards.len(), &onboards[0]["mpnId"]), (1, &json!("1602")));
    centre.activate("nils@norrsken.example").await;
    // The same form once more: the domain is taken now, and the form says so beside it.
    let again = browser.submit("/enrol", ENROLMENT).await;
    assert_eq!(again.status, 409);
    assert!(again.text.contains("norrsken.example already belongs to an organisation here"), "{}", again.text);
}

#[actix_web::test]
async fn what_is_wrong_with_a_form_is_said_beside_the_field_and_what_was_typed_stays() {
    let centre = Centre::open().await;
    let browser = Browser::new(&centre);
    let many = "1\n".repeat(51);
    let long = "x".repeat(201);
    for (field, typed, language, sentence) in [
        ("company", " ", "en", "This field must be filled in."),
        ("company", long.as_str(), "sv", "Texten har 201 tecken; högst 200 är tillåtna."),
        ("country", "XX", "en", "Choose a country from the list."),
        ("country", "", "nl", "Kies een land uit de lijst."),
        ("domain", "norrsken", "en", "&#34;norrsken&#34; is no domain such as"),
        ("global", "12a", "sv", "”12a” är inget MPN-id"),
        ("locations", "1601\n16 02", "en", "&#34;16 02&#34; is no MPN ID"),
        ("locations", many.as_str(), "en", "At most 50 locations are taken in one enrolment; these are 51."),
        ("locations", "1601\n1600\n1602", "en", "The MPN ID 1600 is named twice."),
        ("onboarding", "1600", "nl", "1600 is het globale account."),
        ("onboarding", "1603", "en", "1603 is not among the locations named."),
        ("admin_name", "", "sv", "Fältet måste fyllas i."),
        ("admin_email", "nils", "en", "This is not an e-mail address"),
    ] {
        let path = format!("/enrol?lang={language}");
        let answer = browser.submit(&path, &enrolment(&[(field, typed)])).await;
        assert_eq!(answer.status, 400, "{field} {typed:.20}");
        let (_, error) = answer.text.split_once(&format!("id=\"{field}-error\">")).unwrap_or(("", ""));
        assert!(error.starts_with(sentence), "{field} {typed:.20}: {error:.120}");
        assert!(answer.text.contains(&format!("aria-describedby=\"{field}-hint {field}-error\"")), "{field}");
        assert_eq!(answer.text.matches("aria-invalid").count(), 1, "{field}");
        assert!(field == "company" || answer.text.contains("value=\"Norrsken AB\""), "{field}");
        assert!(field == "country" || answer.text.contains("<option value=\"SE\" selected>"), "{field}");
    }
    assert!(centre.event_kinds().is_empty());
}

#[actix_web::test]
async fn web_01_only_the_browser_that_was_shown_a_form_can_send_it() {
    let centre = Centre::open().await;
    let (mine, other) = (Browser::new(&centre), Browser::new(&centre));
    let token = form_token(&mine.get("/enrol").await);
    let foreign = form_token(&other.get("/enrol").await);
    assert_ne!(token, foreign);
    let cookie = mine.cookies.borrow()["__Host-visit"].clone();
    let form = |token: Option<&str>| {
        let mut fields = ENROLMENT.to_vec();
        fields.extend(token.map(|token| ("csrf", token)));
        TestRequest::post().uri("/enrol").set_form(fields)
    };
    let changed = format!("{}A", &token[1..]);
    let twice = {
        let mut fields = ENROLMENT.to_vec();
        fields.extend([("csrf", token.as_str()), ("csrf", token.as_str())]);
        TestRequest::post().uri("/enrol").set_form(fields)
    };
    for (what, request) in [
        ("no token", form(None)),
        ("an empty token", form(Some(""))),
        ("another browser's token", form(Some(&foreign))),
        ("a changed token", form(Some(&changed))),
        ("the cookie as token", form(Some(&cookie))),
        ("two tokens", twice),
        ("another site's page", form(Some(&token)).insert_header(("origin", "https://evil.example"))),
        ("the same host without TLS", form(Some(&token)).insert_header(("origin", "http://partners.test"))),
        ("no origin, but no same-origin either", form(Some(&token)).insert_header(("origin", "null"))),
        ("cross-site", form(Some(&token)).insert_header(("sec-fetch-site", "cross-site"))),
        ("same-site", form(Some(&token)).insert_header(("sec-fetch-site", "same-site"))),
    ] {
        let answer = mine.call(request).await;
        assert_eq!(answer.status, 403, "{what}: {}", answer.text);
        assert!(answer.text.contains("This form is too old or came from another site."), "{what}: {}", answer.text);
    }
    // The token of one sign-in is not taken in another.
    mine.cookies.borrow_mut().insert("__Host-session".to_owned(), "one".to_owned());
    assert_eq!(mine.call(form(Some(&token))).await.status, 403);
    mine.cookies.borrow_mut().remove("__Host-session");
    // Without the cookie a token is worth nothing.
    assert_eq!(centre.call(form(Some(&token))).await.status, 403);
    assert!(centre.event_kinds().is_empty());
    let right = form(Some(&token)).insert_header(("origin", "https://partners.test"));
    assert_eq!(mine.call(right.insert_header(("sec-fetch-site", "same-origin"))).await.status, 303);
}

#[actix_web::test]
async fn web_01_no_page_takes_a_form_without_a_token() {
    let centre = Centre::open().await;
    let takes = |method: &&str| !matches!(*method, "GET" | "HEAD");
    for (path, methods) in OTHER_PATHS {
        for method in methods.iter().filter(|method| takes(method)) {
            let path = path.replace("{id}", &uuid::Uuid::now_v7().to_string());
            let form = request(method, &path).set_form([("csrf", "AAAA")]);
            let answer = centre.call(form).await;
            assert_eq!(answer.status, 403, "{method} {path}: take the form as Posted<T>");
        }
    }
}

#[actix_web::test]
async fn the_cookie_of_forms_comes_with_the_first_form_and_stays() {
    let centre = Centre::open().await;
    let browser = Browser::new(&centre);
    assert_eq!(browser.get("/").await.header("set-cookie"), "");
    let set = browser.get("/enrol").await.header("set-cookie");
    for part in ["__Host-visit=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Domain") && !set.contains("Max-Age"), "{set}");
    assert_eq!(browser.get("/enrol").await.header("set-cookie"), "");
    browser.cookies.borrow_mut().insert("__Host-visit".to_owned(), "guessable".to_owned());
    assert!(browser.get("/enrol").await.header("set-cookie").contains("__Host-visit="));
    let plain = Centre::open_with(|settings| settings.http.public_base_url = None).await;
    let set = plain.get("/enrol").await.header("set-cookie");
    assert!(set.starts_with("visit=") && !set.contains("Secure"), "{set}");
}

#[actix_web::test]
async fn a_language_is_chosen_once_and_remembered() {
    let centre = Centre::open().await;
    let browser = Browser::new(&centre);
    let page = browser.get("/").await.text;
    assert!(page.contains("<html lang=\"en\">") && page.contains("href=\"?lang=sv\""), "{page}");
    let chosen = browser.get("/enrol?from=mail&lang=sv").await;
    assert!(chosen.text.contains("<html lang=\"sv\">"), "{}", chosen.text);
    assert!(chosen.text.contains("href=\"?from=mail&#38;lang=nl\""), "{}", chosen.text);
    assert!(browser.get("/").await.text.contains("Kanalens partnercenter"));
    assert!(browser.get("/nothing").await.text.contains("Sidan finns inte."));
    let dutch = TestRequest::get().uri("/").insert_header(("accept-language", "nl-BE, en;q=0.5"));
    assert!(centre.call(dutch).await.text.contains("Het partnercentrum van dit kanaal"));
}

/// Every tag of a document with its attributes' names; what stands in quotes is left out.
fn tags(html: &str) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let mut tag = String::new();
        let mut quoted = false;
        let mut length = after.len();
        for (place, letter) in after.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    length = place;
                    break;
                }
                _ if quoted => {}
                letter => tag.push(letter),
            }
        }
        tags.insert(tag);
        rest = &after[length..];
    }
    tags
}

/// 300 attempts to become part of a page.
fn payloads() -> Vec<String> {
    let cores = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<a href=javascript:alert(1)>x</a>",
        "<form action=https://evil.example><button>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "<base href=https://evil.example/>",
        "<style>*{display:none}</style>",
        "<link rel=stylesheet href=//evil.example>",
        " onfocus=alert(1) autofocus ",
        " onmouseover=alert(1) x=",
        "<details open ontoggle=alert(1)>",
        "<math><mtext></mtext><mglyph><style><img onerror=alert(1)>",
        "<object data=javascript:alert(1)>",
        "<body onload=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<!--<script>alert(1)//-->",
        "{{ 7*7 }}{% include \"/etc/passwd\" %}",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ];
    let around = [
        ("", ""),
        ("\">", "<\""),
        ("'>", "<'"),
        ("</textarea>", ""),
        ("</option></select>", ""),
        ("</title>", "<title>"),
        ("--><p>", "<!--"),
        ("\"", "\""),
        ("'", "'"),
        ("`", "`"),
        ("\\\"", "//"),
        ("&#34;>", ""),
        ("{value}", "{limit}"),
        ("</p></main>", ""),
        ("]]>", "<![CDATA["),
    ];
    cores.iter().flat_map(|core| around.iter().map(move |(before, after)| format!("{before}{core}{after}"))).collect()
}

#[actix_web::test]
async fn web_02_what_people_typed_never_becomes_part_of_a_page() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let browser = Browser::new(&centre);
    let payloads = payloads();
    assert_eq!(payloads.len(), 300);
    let token = form_token(&browser.get("/enrol").await);
    let send = |typed: &str| {
        let mut fields: Vec<(&str, &str)> = ENROLMENT.iter().map(|(name, _)| (*name, typed)).collect();
        fields.push(("csrf", &token));
        browser.call(TestRequest::post().uri("/enrol").set_form(fields))
    };
    let all_wrong = send("").await;
    let mut expected = tags(&all_wrong.text);
    // Where only some fields are wrong, the others look like the fresh form's.
    expected.extend(tags(&browser.get("/enrol").await.text));
    for payload in &payloads {
        let answer = send(payload).await;
        assert_eq!(answer.status, 400, "{payload}");
        let found = tags(&answer.text);
        let surplus: Vec<_> = found.difference(&expected).collect();
        assert!(surplus.is_empty(), "{payload}: {surplus:?}");
    }
    let mut expected = BTreeSet::new();
    // What a provider says about itself stands on the page of its invitations: all 300 in a few providers.
    let mut texts: Vec<String> = vec!["Licences".to_owned()];
    for payload in &payloads {
        match texts.last_mut() {
            Some(last) if texts_fit(last, payload) => last.push_str(payload),
            _ => texts.push(payload.clone()),
        }
    }
    for (number, text) in texts.iter().enumerate() {
        let email = format!("admin@p{number}.example");
        let name: String = text.chars().take(150).collect();
        let body = json!({
            "name": name, "country": "SE", "domain": format!("p{number}.example"), "contactEmail": email,
            "description": text, "mpnId": (number + 1).to_string(), "admin": { "email": email, "displayName": "A" },
        });
        operator.post("/v1/indirectproviders", body).await.ok();
        let provider = centre.activate(&email).await;
        provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
        let invited = provider
            .post("/v1/relationships/invitations", json!({ "email": "lars@lamna.example", "send": false }))
            .await
            .ok();
        let link = invited["link"].as_str().unwrap().strip_prefix("https://partners.test").unwrap().to_owned();
        let page = Browser::new(&centre).follow(&link).await;
        assert_eq!(page.status, 200, "{}", page.text);
        if number == 0 {
            expected = tags(&page.text);
        }
        assert_eq!(tags(&page.text), expected, "{text}");
    }
}

fn texts_fit(text: &str, payload: &str) -> bool {
    text != "Licences" && text.chars().count() + payload.chars().count() < 1000
}

/// An answer of every kind: pages, forms, refusals, files and the API.
async fn answers_of_every_kind(centre: &Centre) -> Vec<(&'static str, Answer)> {
    let browser = Browser::new(centre);
    let mut answers = vec![
        ("sent form", browser.submit("/enrol", ENROLMENT).await),
        ("refused form", browser.submit("/enrol", &[]).await),
        ("forged form", centre.form("/enrol", "company=x").await),
        ("posted JSON", centre.post("/enrol", nothing()).await),
        ("wrong host", centre.call(TestRequest::get().uri("/").insert_header(("host", "evil.example"))).await),
    ];
    for path in [
        "/",
        "/enrol",
        "/enrol/submitted",
        "/style.css",
        "/nothing",
        "/invitations/inv_nothing",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/v1/indirectproviders",
        "/v1/customers",
        "/v1/nothing",
        "/v1.0/nothing",
        "/common/oauth2/token",
        "/sign-in",
        "/account",
    ] {
        answers.push((path, centre.get(path).await));
    }
    answers
}

#[actix_web::test]
async fn web_02_no_answer_runs_anything() {
    let centre = Centre::open().await;
    for (what, answer) in answers_of_every_kind(&centre).await {
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{what}: {policy}");
        assert!(!policy.contains("unsafe"), "{what}: {policy}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        if answer.header("content-type").starts_with("text/html") {
            for inline in ["<script", " style=", "<style", "javascript:", " onclick"] {
                assert!(!answer.text.contains(inline), "{what}: {inline}");
            }
        }
    }
    assert_eq!(centre.call(request("DELETE", "/enrol")).await.header("allow"), "GET, POST");
}

#[actix_web::test]
async fn web_03_no_answer_can_be_framed() {
    let centre = Centre::open().await;
    for (what, answer) in answers_of_every_kind(&centre).await {
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
    }
}

#[actix_web::test]
async fn inv_11_opening_pages_changes_nothing() {
    let centre = Centre::open().await;
    for path in ["/", "/enrol", "/enrol/submitted", "/enrol?company=x&lang=sv"] {
        for method in ["GET", "HEAD"] {
            assert_eq!(centre.call(request(method, path)).await.status, 200, "{method} {path}");
        }
    }
    assert!(centre.event_kinds().is_empty());
}

/// The contrast of two colours such as `#0b5cad` (WCAG 2.2, section 1.4.3).
fn contrast(one: &str, other: &str) -> f64 {
    let channel = |colour: &str, from: usize| {
        let part = f64::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let light =
        |colour: &str| 0.2126 * channel(colour, 1) + 0.7152 * channel(colour, 3) + 0.0722 * channel(colour, 5) + 0.05;
    let (one, other) = (light(one), light(other));
    one.max(other) / one.min(other)
}

#[actix_web::test]
async fn every_text_stands_out_from_its_ground_by_day_and_by_night() {
    let style = Centre::open().await.get("/style.css").await.text;
    let schemes: Vec<&str> = style.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(schemes.len(), 2, "light and dark");
    for scheme in schemes {
        let colour = |name: &str| {
            let (_, rest) = scheme.split_once(&format!("--{name}: ")).unwrap_or_else(|| panic!("no colour {name}"));
            rest[..7].to_owned()
        };
        for (text, grounds, least) in [
            ("ink", &["paper", "panel", "danger-panel", "good-panel", "warn-panel"][..], 4.5),
            ("quiet", &["paper", "panel"], 4.5),
            ("accent", &["paper", "panel"], 4.5),
            ("accent-strong", &["paper", "panel"], 4.5),
            ("on-accent", &["accent", "accent-strong"], 4.5),
            ("danger", &["paper", "danger-panel"], 4.5),
            ("good", &["paper", "good-panel"], 4.5),
            ("warn", &["paper", "warn-panel"], 4.5),
            // The edges of fields and the mark of the focus are no text.
            ("edge", &["paper", "panel"], 3.0),
        ] {
            for ground in grounds {
                let found = contrast(&colour(text), &colour(ground));
                assert!(found >= least, "{text} on {ground}: {found:.2}");
            }
        }
    }
}

#[actix_web::test]
async fn the_header_offers_the_way_in_until_it_names_the_person() {
    let centre = Centre::open().await;
    centre.operator().await;
    let browser = Browser::new(&centre);
    let (sign_in, account) =
        ("<p class=\"entrance\"><a href=\"/sign-in\"", "<p class=\"entrance\"><a href=\"/account\"");
    for path in ["/", "/enrol", "/sign-in", "/forgot-password"] {
        assert!(browser.get(path).await.text.contains(sign_in), "{path}");
    }
    let entered = browser.submit("/sign-in", &[("user_name", "olga@operator.example"), ("password", PASSWORD)]).await;
    assert_eq!((entered.status, entered.header("location").as_str()), (303, "/account"), "{}", entered.text);
    let own = browser.get("/account").await;
    assert!(own.text.contains("action=\"/sign-out\"") && !own.text.contains("entrance"), "{}", own.text);
    let first = browser.get("/").await;
    assert!(first.text.contains(account) && !first.text.contains(sign_in), "{}", first.text);
}
