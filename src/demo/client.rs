//! A client of the REST API, as a script would write one: for the demo, the tests that kill the program, and benchmarks.

use std::time::Duration;

use serde_json::{Value, json};

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answer {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The text at a JSON pointer; empty if there is none.
    pub fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The error's sentence.
    pub fn sentence(&self) -> String {
        self.text("/description")
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Value> {
        self.body["items"].as_array().cloned().unwrap_or_default()
    }
}

/// What a call led to: an answer, or no answer at all.
pub type Call = Result<Answer, String>;

/// Calls a server, with a token if it has one.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { agent: config.into(), base: base.to_owned(), token: None }
    }

    /// The same client, signed in.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same client, which waits so long for an answer: large files take their time.
    pub fn with_patience(&self, patience: Duration) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(patience)).build();
        Self { agent: config.into(), ..self.clone() }
    }

    /// The access token, if it has one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// GET.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn get(&self, path: &str) -> Call {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        answer(request.call())
    }

    /// DELETE.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn delete(&self, path: &str) -> Call {
        let mut request = self.agent.delete(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        answer(request.call())
    }

    /// POST of JSON.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.send(path, "application/json", body.to_string().as_bytes())
    }

    /// PATCH with JSON.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn patch(&self, path: &str, body: &Value) -> Call {
        self.written(self.agent.patch(format!("{}{path}", self.base)), body)
    }

    /// PUT of JSON.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn put(&self, path: &str, body: &Value) -> Call {
        self.written(self.agent.put(format!("{}{path}", self.base)), body)
    }

    fn written(&self, mut request: ureq::RequestBuilder<ureq::typestate::WithBody>, body: &Value) -> Call {
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        answer(request.header("Content-Type", "application/json").send(body.to_string().as_bytes()))
    }

    /// POST of a file as multipart, with further text parts.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn upload(&self, path: &str, file_name: &str, file: &[u8], texts: &[(&str, &str)]) -> Call {
        let (content_type, body) = multipart(file_name, file, texts);
        self.send(path, &content_type, &body)
    }

    /// Redeems a refresh token of the built-in client: the access token, and the next refresh token.
    ///
    /// # Errors
    /// Why there is no answer, or the server's refusal.
    pub fn sign_in(&self, tenant: &str, refresh_token: &str) -> Result<(Client, String), String> {
        let form = format!("grant_type=refresh_token&client_id=partner-center-cli&refresh_token={refresh_token}");
        let path = format!("/{tenant}/oauth2/v2.0/token");
        let answer = self.send(&path, "application/x-www-form-urlencoded", form.as_bytes())?;
        if !answer.is_success() {
            return Err(answer.text("/error_description"));
        }
        Ok((self.with_token(&answer.text("/access_token")), answer.text("/refresh_token")))
    }

    /// Activates an account and signs it in: the client, and its next refresh token.
    ///
    /// # Errors
    /// Why there is no answer, or the server's refusal.
    pub fn activate(&self, code: &str, password: &str) -> Result<(Client, String), String> {
        let answer = self.post("/v1/accounts/activation", &json!({ "code": code, "password": password }))?;
        if !answer.is_success() {
            return Err(answer.sentence());
        }
        self.sign_in(&answer.text("/tenantId"), &answer.text("/refreshToken"))
    }

    /// POST of a body of any type.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn send(&self, path: &str, content_type: &str, body: &[u8]) -> Call {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Content-Type", content_type);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        answer(request.send(body))
    }
}

fn answer(outcome: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Call {
    let mut response = outcome.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

/// A multipart body (RFC 7578) with one file and further text parts: its content type and its bytes.
pub fn multipart(file_name: &str, file: &[u8], texts: &[(&str, &str)]) -> (String, Vec<u8>) {
    multipart_of(&[(file_name, file)], texts)
}

/// An upload of several files with texts beside them: content type and body.
pub fn multipart_of(files: &[(&str, &[u8])], texts: &[(&str, &str)]) -> (String, Vec<u8>) {
    let boundary = format!("partner-center-{}", uuid::Uuid::now_v7().simple());
    let mut body = Vec::with_capacity(files.iter().map(|(_, file)| file.len() + 512).sum());
    for (name, value) in texts {
        let part = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (file_name, file) in files {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: text/csv\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
