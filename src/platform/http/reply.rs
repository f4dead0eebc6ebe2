//! What a write answers, as a value: it is kept with the write, so that a repeated call gets the same.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use serde::Serialize;
use serde_json::{Value, json};

/// Seconds after which whoever was told 202 looks for the result.
const RETRY_SECONDS: &str = "1";

/// The answer of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, if there is one: JSON.
    pub body: Option<String>,
    /// Where the result is found, of a write that goes on in the background.
    pub location: Option<String>,
    secrets: &'static [&'static str],
}

impl Reply {
    /// 200 with a body.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::with(StatusCode::OK, body)
    }

    /// 201 with what was made.
    pub fn created(body: &impl Serialize) -> Self {
        Self::with(StatusCode::CREATED, body)
    }

    /// 202: the result is found at `location`.
    pub fn accepted(location: String) -> Self {
        Self { status: StatusCode::ACCEPTED.as_u16(), body: None, location: Some(location), secrets: &[] }
    }

    /// 204.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT.as_u16(), body: None, location: None, secrets: &[] }
    }

    /// With the address of what was made.
    pub fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// As it was kept.
    pub fn kept(status: u16, body: Option<String>, location: Option<String>) -> Self {
        Self { status, body, location, secrets: &[] }
    }

    fn with(status: StatusCode, body: &impl Serialize) -> Self {
        // Answers are types of our own: text keys and finite numbers.
        let body = serde_json::to_string(body).expect("an answer serialises");
        Self { status: status.as_u16(), body: Some(body), location: None, secrets: &[] }
    }

    /// Names, as JSON pointers, what is shown this one time: it is never kept, and a repeated call says so.
    pub fn secret(self, pointers: &'static [&'static str]) -> Self {
        Self { secrets: pointers, ..self }
    }

    /// What may be kept of the body: everything but the secrets.
    pub fn keepable_body(&self) -> Option<String> {
        let body = self.body.as_ref()?;
        if self.secrets.is_empty() {
            return Some(body.clone());
        }
        let mut value: Value = serde_json::from_str(body).ok()?;
        for pointer in self.secrets {
            let (parent, name) = pointer.rsplit_once('/')?;
            if let Some(Value::Object(object)) = value.pointer_mut(parent) {
                object.remove(name);
            }
        }
        value["secretAvailable"] = json!(false);
        Some(value.to_string())
    }

    /// As it leaves.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if status == StatusCode::ACCEPTED {
            response.insert_header((RETRY_AFTER, RETRY_SECONDS));
        }
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        match self.body {
            Some(body) => response.insert_header((CONTENT_TYPE, "application/json")).body(body),
            None => response.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmp_04_what_is_kept_of_an_answer_holds_no_secret() {
        let made = json!({ "id": 1, "userCredentials": { "userName": "admin", "password": "hunter2" } });
        let reply = Reply::created(&made).secret(&["/userCredentials/password"]);
        assert!(reply.body.as_ref().unwrap().contains("hunter2"));
        let kept: Value = serde_json::from_str(&reply.keepable_body().unwrap()).unwrap();
        assert_eq!(kept, json!({ "id": 1, "userCredentials": { "userName": "admin" }, "secretAvailable": false }));
    }
}
