//! What stands between the service and whoever wears it out or lies to it about itself.

use actix_web::test::TestRequest;
use partner_center::config::Names;
use serde_json::{Value, json};

use crate::harness::Centre;

#[actix_web::test]
async fn web_05_calls_under_names_that_are_not_ours_are_misdirected() {
    let also = |settings: &mut partner_center::config::Settings| {
        settings.http.listen = ([0, 0, 0, 0], 443).into();
        settings.http.also_hosts = Names::from(&["api.partnercenter.microsoft.com"][..]);
    };
    let centre = Centre::open_with(also).await;
    let call = |path: &str, host: &'static str| centre.call(TestRequest::get().uri(path).insert_header(("host", host)));
    for host in [
        "evil.example",
        "evil.example:443",
        "partners.test.evil.example",
        "partners.test:8080",
        "partners.test@evil.example",
        "evil.example, partners.test",
        "partners.test\tevil.example",
        "localhost",
        "127.0.0.1",
        "",
    ] {
        let told = call("/v1/indirectproviders", host).await;
        assert_eq!((told.refusal(), &told.body["code"]), ("421 hostUnknown".to_owned(), &json!(910_063)), "{host}");
        let page = call("/enrol", host).await;
        assert_eq!(page.status, 421, "{host}");
        assert!(page.header("content-type").starts_with("text/html") && page.header("set-cookie").is_empty(), "{host}");
    }
    assert_eq!(call("/v1.0/x", "evil.example").await.body["error"]["code"], "hostUnknown");
    let absolute = centre.get("https://evil.example/v1/indirectproviders").await;
    assert_eq!(absolute.refusal(), "421 hostUnknown");
    for host in ["partners.test", "Partners.Test:443", "api.partnercenter.microsoft.com"] {
        call("/v1/indirectproviders", host).await.ok();
    }
    centre.get("/v1/indirectproviders").await.ok();
}

#[actix_web::test]
async fn web_05_links_in_mails_begin_with_our_own_address_whatever_a_call_says() {
    let centre = Centre::open().await;
    let names = ["forwarded", "x-forwarded-host", "x-forwarded-server", "x-host", "x-original-url", "x-rewrite-url"];
    for (number, header) in names.into_iter().enumerate() {
        let domain = format!("reseller{number}.example");
        let body = json!({
            "companyName": "X", "country": "SE", "domain": domain,
            "mpnIds": { "global": format!("9{number}"), "locations": [format!("8{number}")], "onboarding": format!("8{number}") },
            "admin": { "email": format!("admin@{domain}"), "displayName": "A" },
        });
        let lie = if header == "forwarded" { "host=evil.example;proto=http" } else { "evil.example" };
        let request = TestRequest::post().uri("/v1/enrollments").insert_header((header, lie));
        centre.call(request.insert_header(("x-forwarded-proto", "http")).set_json(body)).await.ok();
        centre.run_jobs().await;
        let mails = centre.mails_to(&format!("admin@{domain}"));
        assert_eq!(mails.len(), 1, "{header}");
        assert!(mails[0].contains("https://partners.test") && !mails[0].contains("evil"), "{header}: {}", mails[0]);
    }
}

#[actix_web::test]
async fn who_calls_too_often_waits_while_others_do_not() {
    let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 5).await;
    let operator = centre.operator().await;
    // Setting up took one call of the operator's and two of nobody's.
    for _ in 0..4 {
        operator.get("/v1/enrollments").await.ok();
    }
    let told = operator.get("/v1/enrollments").await;
    assert_eq!(told.status, 429);
    let seconds: u32 = told.header("retry-after").parse().unwrap();
    assert!((1..=13).contains(&seconds), "{seconds}");
    let sentence = format!("Rate limit is exceeded. Try again in {seconds} seconds.");
    assert_eq!(told.body, json!({ "statusCode": 429, "message": sentence }));
    for _ in 0..3 {
        centre.get("/v1/indirectproviders").await.ok();
    }
    assert_eq!(centre.get("/v1/indirectproviders").await.body["statusCode"], 429);
    let token = centre.form("/common/oauth2/v2.0/token", "grant_type=refresh_token").await;
    assert_eq!((token.status, &token.body["error"]), (429, &Value::from("temporarily_unavailable")));
    let page = TestRequest::get().uri("/enrol").insert_header(("accept-language", "sv"));
    let page = centre.call(page).await;
    assert_eq!(page.status, 429);
    assert!(page.text.contains("För många anrop."), "{}", page.text);
    // Somebody else's network is counted apart.
    let elsewhere = TestRequest::get().uri("/v1/indirectproviders").peer_addr("203.0.113.9:1".parse().unwrap());
    centre.call(elsewhere).await.ok();
    for path in ["/healthz", "/readyz", "/style.css"] {
        for _ in 0..20 {
            assert_eq!(centre.get(path).await.status, 200, "{path}");
        }
    }
}

#[actix_web::test]
async fn aut_07_changing_a_forwarded_address_wins_no_new_allowance() {
    let centre = Centre::open_with(|settings| {
        settings.api.calls_per_minute = 5;
        settings.http.trusted_proxies = Names::from(&["10.0.0.1"][..]);
    })
    .await;
    let call = |peer: &str, forwarded: String| {
        let request = TestRequest::get().uri("/v1/indirectproviders").peer_addr(peer.parse().unwrap());
        centre.call(request.insert_header(("x-forwarded-for", forwarded)))
    };
    let mut passed = 0;
    for number in 0..50 {
        passed += u32::from(call("203.0.113.9:1", format!("198.51.100.{number}")).await.status == 200);
    }
    assert_eq!(passed, 5);
    // Behind the proxy each client has its own, whatever it wrote in front of the proxy's entry.
    for number in 0..10 {
        let status = call("10.0.0.1:1", format!("192.0.2.{number}, 198.51.100.7")).await.status;
        assert_eq!(status == 200, number < 5, "{number}: {status}");
    }
    assert_eq!(call("10.0.0.1:1", "198.51.100.8".to_owned()).await.status, 200);
}
