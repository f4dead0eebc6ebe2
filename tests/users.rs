//! A company's users: invited, changed, suspended, restored, removed.

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Centre, PASSWORD};

const RESELLERS: &str = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";

async fn provider(centre: &Centre) -> Actor {
    let operator = centre.operator().await;
    centre.provider(&operator, "northwind").await
}

async fn find(admin: &Actor, name: &str) -> Value {
    let list = admin.get("/v1/users").await.ok();
    let items = list["items"].as_array().unwrap();
    items.iter().find(|user| user["userName"] == name).cloned().unwrap_or(Value::Null)
}

fn path(user: &Value) -> String {
    format!("/v1/users/{}", user["id"].as_str().unwrap())
}

fn etag(user: &Value) -> String {
    user["attributes"]["etag"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_colleague_is_invited_by_mail_and_acts_with_the_roles_given() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let invitation = json!({
        "email": "sam@northwind.example", "displayName": "Sam", "roles": ["sales_agent", "helpdesk_agent"], "language": "sv",
    });
    let invited = admin.post("/v1/users", invitation.clone()).await.ok();
    assert_eq!(invited["state"], "invited");
    // Twice is harmless; another set of roles is a change, and that is another call.
    assert_eq!(admin.post("/v1/users", invitation.clone()).await.ok()["id"], invited["id"]);
    let mut other = invitation;
    other["roles"] = json!(["admin_agent"]);
    assert_eq!(admin.post("/v1/users", other).await.refusal(), "409 userExists");
    let sam = centre.activate("sam@northwind.example").await;
    assert_eq!(centre.mails_to("sam@northwind.example").len(), 1);
    assert_eq!(sam.get(RESELLERS).await.status, 200);
    assert_eq!(sam.post("/v1/relationships/invitations", json!({ "email": "a@b.example" })).await.status, 201);
    assert_eq!(sam.get("/v1/users").await.status, 200);
    let cy = json!({ "email": "cy@northwind.example", "displayName": "Cy", "roles": ["helpdesk_agent"] });
    assert_eq!(sam.post("/v1/users", cy).await.refusal(), "403 roleMissing");
    for (body, refusal) in [
        (json!({ "email": "no", "displayName": "x", "roles": ["sales_agent"] }), "400 badRequest"),
        (json!({ "email": "x@y.example", "displayName": "x", "roles": [] }), "400 roleNeeded"),
        (json!({ "email": "x@y.example", "displayName": "x", "roles": ["king"] }), "400 badRequest"),
        (json!({ "email": "x@y.example", "displayName": "a\nb", "roles": ["sales_agent"] }), "400 badRequest"),
    ] {
        assert_eq!(admin.post("/v1/users", body.clone()).await.refusal(), refusal, "{body}");
    }
}

#[actix_web::test]
async fn aut_06_suspension_removal_and_new_roles_end_every_credential_at_once() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let sam = admin.colleague("sam@northwind.example", &["sales_agent"]).await;
    let refresh = |actor: &Actor| {
        let form =
            format!("grant_type=refresh_token&client_id=partner-center-cli&refresh_token={}", actor.refresh_token);
        let path = format!("/{}/oauth2/v2.0/token", actor.id);
        let centre = centre.clone();
        async move { centre.form(&path, &form).await.status }
    };
    let user = find(&admin, "sam@northwind.example").await;
    let changed = admin.patch(&path(&user), &etag(&user), json!({ "roles": ["helpdesk_agent"] })).await.ok();
    assert_eq!(sam.get(RESELLERS).await.refusal(), "401 tokenInvalid");
    assert_eq!(refresh(&sam).await, 400);
    let suspended = admin.patch(&path(&user), &etag(&changed), json!({ "state": "suspended" })).await.ok();
    assert_eq!(suspended["state"], "suspended");
    let first = json!({ "userName": "sam@northwind.example", "temporaryPassword": PASSWORD, "newPassword": "another one, longer" });
    assert_eq!(centre.post("/v1/accounts/password", first).await.status, 401);
    let restored = admin.patch(&path(&user), &etag(&suspended), json!({ "state": "active" })).await.ok();
    assert_eq!((restored["state"].as_str(), restored["roles"].clone()), (Some("active"), json!(["helpdesk_agent"])));
    assert_eq!(refresh(&sam).await, 400, "what ended stays ended");
    admin.delete(&path(&user)).await.ok();
    admin.delete(&path(&user)).await.ok();
    assert_eq!(find(&admin, "sam@northwind.example").await, Value::Null);
    let removed = admin.get("/v1/users?state=removed").await.ok();
    assert_eq!(removed["items"][0]["id"], user["id"]);
    let again = admin.patch(&path(&user), &etag(&removed["items"][0]), json!({ "state": "active" })).await.ok();
    assert_eq!(again["state"], "active");
}

#[actix_web::test]
async fn ten_08_the_last_global_admin_cannot_leave_even_in_parallel() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let me = find(&admin, "admin@northwind.example").await;
    assert_eq!(admin.delete(&path(&me)).await.refusal(), "409 lastGlobalAdmin");
    for change in [json!({ "state": "suspended" }), json!({ "roles": ["admin_agent"] })] {
        assert_eq!(admin.patch(&path(&me), &etag(&me), change).await.refusal(), "409 lastGlobalAdmin");
    }
    let second = admin.colleague("zoe@northwind.example", &["global_admin"]).await;
    let zoe = find(&admin, "zoe@northwind.example").await;
    // Each removes the other at the same moment: one of the two stays.
    let (first, other) = (path(&zoe), path(&me));
    let outcomes = futures_util::future::join(admin.delete(&first), second.delete(&other)).await;
    let removed = [outcomes.0.status, outcomes.1.status].iter().filter(|status| **status == 204).count();
    assert_eq!(removed, 1, "{outcomes:?}");
}

#[actix_web::test]
async fn a_user_management_admin_manages_users_but_makes_no_global_admin() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let uma = admin.colleague("uma@northwind.example", &["user_management_admin"]).await;
    let agent = json!({ "email": "al@northwind.example", "displayName": "Al", "roles": ["admin_agent"] });
    let al = uma.post("/v1/users", agent).await.ok();
    let chief = json!({ "email": "bo@northwind.example", "displayName": "Bo", "roles": ["global_admin"] });
    assert_eq!(uma.post("/v1/users", chief).await.refusal(), "403 globalAdminOnly");
    let promoted = uma.patch(&path(&al), &etag(&al), json!({ "roles": ["global_admin"] })).await;
    assert_eq!(promoted.refusal(), "403 globalAdminOnly");
    let own = find(&admin, "uma@northwind.example").await;
    let promoted = uma.patch(&path(&own), &etag(&own), json!({ "roles": ["global_admin"] })).await;
    assert_eq!(promoted.refusal(), "403 globalAdminOnly");
    let boss = find(&admin, "admin@northwind.example").await;
    assert_eq!(uma.delete(&path(&boss)).await.refusal(), "403 globalAdminOnly");
    assert_eq!(uma.delete(&path(&al)).await.status, 204);
}

#[actix_web::test]
async fn a_change_names_the_version_it_was_made_for() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let user = admin
        .post("/v1/users", json!({ "email": "al@northwind.example", "displayName": "Al", "roles": ["admin_agent"] }))
        .await
        .ok();
    let name = json!({ "displayName": "Alma" });
    assert_eq!(admin.send("PATCH", &path(&user), name.clone()).await.refusal(), "428 etagMissing");
    let changed = admin.patch(&path(&user), &etag(&user), name.clone()).await.ok();
    assert_eq!(changed["displayName"], "Alma");
    assert_eq!(admin.patch(&path(&user), &etag(&user), name).await.refusal(), "412 etagStale");
}

#[actix_web::test]
async fn ten_01_users_of_another_company_are_unknown() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let (north, south) = (centre.provider(&operator, "northwind").await, centre.provider(&operator, "southwind").await);
    let theirs = find(&south, "admin@southwind.example").await;
    let absent = json!({ "id": uuid::Uuid::now_v7().to_string(), "attributes": { "etag": "1" } });
    for target in [&theirs, &absent] {
        let path = path(target);
        for answer in [
            north.get(&path).await,
            north.patch(&path, "1", json!({ "displayName": "x" })).await,
            north.delete(&path).await,
            north.post(&format!("{path}/activation"), json!({})).await,
            north.delete(&format!("{path}/secondfactor")).await,
        ] {
            assert_eq!(answer.refusal(), "404 userUnknown");
        }
    }
    assert_eq!(south.get(RESELLERS).await.status, 200);
}

#[actix_web::test]
async fn an_activation_sent_again_kills_the_first_code() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let user = admin
        .post("/v1/users", json!({ "email": "al@northwind.example", "displayName": "Al", "roles": ["admin_agent"] }))
        .await
        .ok();
    centre.run_jobs().await;
    let first = centre.token_mailed_to("al@northwind.example", "act_");
    centre.advance(days(13));
    let admin = admin.sign_in_again().await;
    admin.post(&format!("{}/activation", path(&user)), json!({})).await.ok();
    centre.run_jobs().await;
    let second = centre.token_mailed_to("al@northwind.example", "act_");
    let activate = |code: &str| centre.post("/v1/accounts/activation", json!({ "code": code, "password": PASSWORD }));
    assert_eq!(activate(&first).await.refusal(), "400 activationCodeInvalid");
    centre.advance(days(2));
    assert_eq!(activate(&second).await.status, 200);
    let admin = admin.sign_in_again().await;
    let again = admin.post(&format!("{}/activation", path(&user)), json!({})).await;
    assert_eq!(again.refusal(), "409 userStateUnreachable");
}
