//! People who make calls.

use actix_web::test::TestRequest;
use partner_center::access::{NewPerson, Role, create_operator};
use partner_center::audit::System;
use partner_center::demo::client::multipart_of;
use partner_center::platform::db::Isolation;
use partner_center::platform::error::Sure;
use partner_center::platform::http::RequestIds;
use partner_center::platform::text::EmailAddress;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Answer, Centre, nothing, request, upload};

/// Every actor's password.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody signed in.
#[derive(Clone)]
pub struct Actor {
    centre: Centre,
    /// The tenant id of the actor's organisation.
    pub id: String,
    pub token: String,
    pub refresh_token: String,
}

/// A customer with its admin.
#[derive(Clone)]
pub struct Customer {
    pub id: String,
    pub admin: Actor,
}

impl Actor {
    /// The same person, calling another copy of the program.
    pub fn at(&self, copy: &Centre) -> Actor {
        Actor { centre: copy.clone(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(TestRequest::delete().uri(path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(TestRequest::post().uri(path).set_json(body)).await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.call(TestRequest::patch().uri(path).insert_header(("if-match", etag)).set_json(body)).await
    }

    /// A call with headers of the test's own.
    pub async fn with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut asked = request(method, path);
        for header in headers {
            asked = asked.insert_header(*header);
        }
        self.call(asked.set_json(body)).await
    }

    /// Another user of the same company, signed in; the actor must be allowed to invite.
    pub async fn colleague(&self, email: &str, roles: &[&str]) -> Actor {
        let invited = json!({ "email": email, "displayName": email, "roles": roles });
        self.post("/v1/users", invited).await.ok();
        self.centre.activate(email).await
    }

    pub async fn upload(&self, path: &str, file: &[u8], texts: &[(&str, &str)]) -> Answer {
        self.call(upload(path, "devices.csv", file, texts)).await
    }

    /// Uploads a file with headers of the caller's own.
    pub async fn upload_with(&self, path: &str, file: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut request = upload(path, "devices.csv", file, &[]);
        for header in headers {
            request = request.insert_header(*header);
        }
        self.call(request).await
    }

    /// Uploads several files at once.
    pub async fn upload_files(&self, path: &str, files: &[(&str, &[u8])], texts: &[(&str, &str)]) -> Answer {
        let (content_type, body) = multipart_of(files, texts);
        self.call(TestRequest::post().uri(path).insert_header(("content-type", content_type)).set_payload(body)).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call(request(method, path).set_json(body)).await
    }

    /// Replaces something; with an etag, only the version that has it.
    pub async fn put(&self, path: &str, body: Value, etag: Option<&str>) -> Answer {
        let mut request = TestRequest::put().uri(path).set_json(body);
        if let Some(etag) = etag {
            request = request.insert_header(("if-match", etag));
        }
        self.call(request).await
    }

    pub async fn call(&self, request: TestRequest) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        self.centre.call(request.insert_header(("authorization", bearer))).await
    }

    /// The same organisation, called by an application alone.
    pub async fn application(&self, roles: &[&str]) -> Actor {
        let made = self.post("/v1/applications", json!({ "name": "Script", "roles": roles })).await.ok();
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            made["id"].as_str().unwrap(),
            made["secret"].as_str().unwrap()
        );
        let token = self.centre.form("/common/oauth2/v2.0/token", &form).await.ok();
        Actor {
            token: token["access_token"].as_str().unwrap().to_owned(),
            refresh_token: String::new(),
            ..self.clone()
        }
    }

    /// Gives the actor a new access token.
    pub async fn sign_in_again(&self) -> Actor {
        self.centre.sign_in(&self.id, &self.refresh_token).await
    }

    /// Registers devices of a customer and runs the queue; the registration as it stands then.
    pub async fn register(&self, customer: &str, file: &[u8]) -> Value {
        let path = format!("/v1/customers/{customer}/deviceRegistrations");
        let made = self.upload(&path, file, &[]).await.ok();
        self.centre.run_jobs().await;
        self.get(&format!("{path}/{}", made["id"].as_str().unwrap())).await.ok()
    }
}

impl Centre {
    /// Redeems a refresh token.
    pub async fn sign_in(&self, tenant: &str, refresh_token: &str) -> Actor {
        let form = format!("grant_type=refresh_token&client_id=partner-center-cli&refresh_token={refresh_token}");
        let answer = self.form(&format!("/{tenant}/oauth2/v2.0/token"), &form).await.ok();
        Actor {
            centre: self.clone(),
            id: tenant.to_owned(),
            token: answer["access_token"].as_str().unwrap().to_owned(),
            refresh_token: answer["refresh_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Activates the account whose code was mailed to `email`.
    pub async fn activate(&self, email: &str) -> Actor {
        self.run_jobs().await;
        let code = self.token_mailed_to(email, "act_");
        self.activate_with(&code).await
    }

    async fn activate_with(&self, code: &str) -> Actor {
        let body = json!({ "code": code, "password": PASSWORD });
        let signed_in = self.post("/v1/accounts/activation", body).await.ok();
        self.sign_in(signed_in["tenantId"].as_str().unwrap(), signed_in["refreshToken"].as_str().unwrap()).await
    }

    /// The operator, with an agreement in force.
    pub async fn operator(&self) -> Actor {
        let operator = self.first_operator().await;
        let agreement = json!({ "version": "1", "title": "MPA", "documentUrl": "https://partners.test/mpa" });
        operator.post("/v1/agreements/mpa/versions", agreement).await.ok();
        operator
    }

    /// The operator's first user, and nothing else yet.
    pub async fn first_operator(&self) -> Actor {
        let email = EmailAddress::try_from("olga@operator.example".to_owned()).unwrap();
        let person = NewPerson {
            email,
            display_name: "Olga".to_owned(),
            roles: vec![Role::GlobalAdmin],
            language: "en".to_owned(),
        };
        let keys = self.app.parts().keys.clone();
        let actor = System { organisation: None, request: RequestIds::fresh() };
        let (settings, now) = (Default::default(), self.clock.now());
        let made: Sure<_> = self
            .db()
            .write_now(Isolation::Serializable, &|tx| Ok(create_operator(tx, &keys, &actor, &person, &settings, now)?));
        self.activate_with(made.unwrap().expose_secret()).await
    }

    /// A provider that has signed the agreement. `name` is one lower-case word.
    pub async fn provider(&self, operator: &Actor, name: &str) -> Actor {
        let email = format!("admin@{name}.example");
        let number: u64 = name.bytes().fold(7, |sum, b| (sum * 31 + u64::from(b)) % 900_000) + 100_000;
        let body = json!({
            "name": name, "country": "SE", "domain": format!("{name}.example"), "contactEmail": email,
            "description": "Licences", "mpnId": number.to_string(),
            "admin": { "email": email, "displayName": name },
        });
        operator.post("/v1/indirectproviders", body).await.ok();
        let provider = self.activate(&email).await;
        provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
        provider
    }

    /// The enrolment of a reseller with location MPN ID `location`; its global one is `1` before it.
    pub async fn enroll(&self, name: &str, location: &str) -> Answer {
        self.enroll_in("SE", name, location).await
    }

    /// The same, in a country.
    pub async fn enroll_in(&self, country: &str, name: &str, location: &str) -> Answer {
        let body = json!({
            "companyName": name, "country": country, "domain": format!("{name}.example"),
            "mpnIds": { "global": format!("1{location}"), "locations": [location, format!("2{location}")], "onboarding": location },
            "admin": { "email": format!("admin@{name}.example"), "displayName": name },
        });
        self.post("/v1/enrollments", body).await
    }

    /// A reseller that is enrolled and has signed the agreement.
    pub async fn reseller(&self, operator: &Actor, name: &str, location: &str) -> Actor {
        self.reseller_in("SE", operator, name, location).await
    }

    /// The same, in a country.
    pub async fn reseller_in(&self, country: &str, operator: &Actor, name: &str, location: &str) -> Actor {
        let enrolled = self.enroll_in(country, name, location).await.ok();
        let approve = format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap());
        operator.post(&approve, nothing()).await.ok();
        let reseller = self.activate(&format!("admin@{name}.example")).await;
        reseller.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
        reseller
    }

    /// The token of an invitation that `provider` sends to `email`.
    pub async fn invite(&self, provider: &Actor, email: &str) -> String {
        provider.post("/v1/relationships/invitations", json!({ "email": email })).await.ok();
        self.run_jobs().await;
        self.token_mailed_to(email, "inv_")
    }

    /// Makes the two partners.
    pub async fn partner(&self, provider: &Actor, reseller: &Actor) {
        let token = self.invite(provider, &format!("purchasing@{}.example", reseller.id)).await;
        reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.ok();
    }

    /// A customer that `provider` creates, for `reseller` if one is given; its admin has changed the password.
    pub async fn customer(&self, provider: &Actor, name: &str, reseller: Option<&Actor>) -> Customer {
        let body = customer_body(name, reseller.map(|reseller| reseller.id.as_str()));
        let created = provider.post("/v1/customers", body).await.ok();
        let id = created["id"].as_str().unwrap().to_owned();
        let first = json!({
            "userName": format!("admin@{name}.onmicrosoft.com"),
            "temporaryPassword": created["userCredentials"]["password"],
            "newPassword": PASSWORD,
        });
        let signed_in = self.post("/v1/accounts/password", first).await.ok();
        let admin = self.sign_in(&id, signed_in["refreshToken"].as_str().unwrap()).await;
        Customer { id, admin }
    }
}

/// The body that creates a customer.
pub fn customer_body(name: &str, reseller: Option<&str>) -> Value {
    let mut body = json!({
        "companyProfile": { "domain": format!("{name}.onmicrosoft.com"), "companyName": name },
        "billingProfile": {
            "email": format!("billing@{name}.example"), "culture": "sv-SE", "language": "sv", "companyName": name,
            "defaultAddress": { "country": "SE", "city": "Umeå", "addressLine1": "Storgatan 1", "postalCode": "903 25" },
        },
    });
    if let Some(reseller) = reseller {
        body["associatedPartnerId"] = json!(reseller);
    }
    body
}
