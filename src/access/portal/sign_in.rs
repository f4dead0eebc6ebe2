//! Signing in and out.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::super::actions;
use super::super::attempts::Attempts;
use super::super::guard::Anyone;
use super::super::model::{AccessSettings, Account, AuthorizationId, FactorError, Stage, UserState, check_password};
use super::super::passwords::Passwords;
use super::{Browser, FormPage, MessagePage, clear_session, stage_of};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome, Sure};
use crate::platform::http::{Error, PeerNetwork};
use crate::platform::portal::{Control, Field, Posted, fill, see_other};

#[derive(Deserialize)]
pub(super) struct SignInQuery {
    /// The application's request that the person comes from: an id of ours, never an address.
    #[serde(rename = "for")]
    authorization: Option<AuthorizationId>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SignInForm {
    user_name: String,
    password: SecretString,
    #[serde(rename = "for")]
    authorization: String,
}

fn sign_in_form(browser: &Browser, typed: &SignInForm, wrong: Option<String>) -> FormPage {
    let text = browser.text;
    let email = Control::Line { kind: "text", autocomplete: "username" };
    FormPage {
        frame: browser.frame(None),
        title: text.sign_in_title,
        lead: String::new(),
        wrong,
        action: "/sign-in",
        hidden: vec![("for", typed.authorization.clone())],
        fields: vec![
            Field::new("user_name", text.user_name, text.user_name_hint, email).with(&typed.user_name),
            browser.password_field("password", text.password, "current-password"),
        ],
        button: text.sign_in_title,
        links: vec![("/forgot-password", text.forgot), ("/enrol", text.enrol)],
    }
}

pub(super) async fn show(_anyone: Anyone, browser: Browser, query: Query<SignInQuery>) -> Result<HttpResponse, Error> {
    let authorization = query.authorization.map(|id| id.to_string()).unwrap_or_default();
    let typed = SignInForm { authorization, ..SignInForm::default() };
    browser.form(StatusCode::OK, sign_in_form(&browser, &typed, None))
}

/// Why a password was not taken, for the page that asks again.
pub(super) enum NotProved {
    /// Unknown, wrong, suspended, expired: one answer, after the same time.
    Refused,
    TooMany(u32),
    Busy,
}

impl NotProved {
    pub(super) fn sentence(&self, browser: &Browser) -> (StatusCode, String) {
        let text = browser.text;
        match self {
            NotProved::Refused => (StatusCode::UNAUTHORIZED, text.refused.to_owned()),
            NotProved::Busy => (StatusCode::SERVICE_UNAVAILABLE, text.busy.to_owned()),
            NotProved::TooMany(seconds) => {
                (StatusCode::TOO_MANY_REQUESTS, fill(text.too_many, &[("seconds", &seconds.to_string())]))
            }
        }
    }

    pub(super) fn retry_after(&self) -> Option<u32> {
        match self {
            NotProved::Refused => None,
            NotProved::Busy => Some(3),
            NotProved::TooMany(seconds) => Some(*seconds),
        }
    }
}

/// The account whose name and password these are. The answer takes as long for a name that nobody has.
pub(super) async fn proved_account(
    parts: &Parts,
    passwords: &Passwords,
    (attempts, network): (&Attempts, &PeerNetwork),
    user_name: &str,
    password: SecretString,
    now: Timestamp,
) -> Result<Result<Account, NotProved>, Error> {
    let name = user_name.to_owned();
    let find = move |read: &mut Read<'_>| -> Sure<Option<Account>> { Ok(actions::account_by_name(read, &name)?) };
    let account = parts.db.read(find).await?;
    // Right before the hash: of guesses made at once no more than wait for it get past.
    if let Err(refusal) = attempts.check(user_name, network, now) {
        return Ok(Err(NotProved::TooMany(refusal.seconds)));
    }
    let expired =
        |account: &Account| account.password_is_temporary && account.password_expires_at.is_none_or(|end| now >= end);
    let account = account.filter(|account| account.state == UserState::Active && !expired(account));
    let known = account.as_ref().and_then(|account| account.password_hash.clone());
    let Ok(verdict) = passwords.verify(password, known).await else { return Ok(Err(NotProved::Busy)) };
    match account.filter(|_| verdict.matches) {
        Some(account) => Ok(Ok(account)),
        None => {
            attempts.failed(user_name, network, now);
            Ok(Err(NotProved::Refused))
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a handler's arguments are what it reads of the request")]
pub(super) async fn sign_in(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    browser: Browser,
    form: Posted<SignInForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let form = form.0;
    let limits = (attempts.get_ref(), &network);
    let password = form.password.clone();
    match proved_account(&parts, &passwords, limits, &form.user_name, password, now).await? {
        Ok(account) => {
            let stage = stage_of(&parts, &account, &settings).await?;
            browser.enter(&parts, account, stage, false, form.authorization.parse().ok(), now).await
        }
        Err(refused) => {
            let (status, sentence) = refused.sentence(&browser);
            let mut response = browser.form(status, sign_in_form(&browser, &form, Some(sentence)))?;
            retry_after(&mut response, refused.retry_after());
            Ok(response)
        }
    }
}

pub(super) fn retry_after(response: &mut HttpResponse, seconds: Option<u32>) {
    if let Some(seconds) = seconds {
        use actix_web::http::header::{HeaderValue, RETRY_AFTER};
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

fn code_form(browser: &Browser, wrong: Option<String>) -> FormPage {
    let text = browser.text;
    let mut code = Field::new("code", text.code, "", Control::Code { digits: false });
    code.error = wrong;
    FormPage {
        frame: browser.frame(None),
        title: text.code_title,
        lead: text.code_lead.to_owned(),
        wrong: None,
        action: "/sign-in/code",
        hidden: Vec::new(),
        fields: vec![code],
        button: text.proceed,
        links: vec![("/sign-in", browser.visit.frame().texts.back)],
    }
}

pub(super) async fn show_code(_anyone: Anyone, parts: Data<Parts>, browser: Browser) -> Result<HttpResponse, Error> {
    match browser.person(&parts, &[Stage::SecondFactor], parts.clock.now()).await? {
        Some(_) => browser.form(StatusCode::OK, code_form(&browser, None)),
        None => Ok(see_other("/sign-in")),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CodeForm {
    pub(super) code: String,
}

pub(super) async fn prove_code(
    _anyone: Anyone,
    parts: Data<Parts>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    browser: Browser,
    form: Posted<CodeForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let Some(person) = browser.person(&parts, &[Stage::SecondFactor], now).await? else {
        return Ok(see_other("/sign-in"));
    };
    let user = person.account.id;
    let counted = user.to_string();
    if let Err(refusal) = attempts.begin(&counted, &network, now) {
        let seconds = refusal.seconds;
        let sentence = fill(browser.text.too_many, &[("seconds", &seconds.to_string())]);
        let mut response = browser.form(StatusCode::TOO_MANY_REQUESTS, code_form(&browser, Some(sentence)))?;
        retry_after(&mut response, Some(seconds));
        return Ok(response);
    }
    let (keys, code, actor) = (parts.keys.clone(), form.0.code, browser.holder(&person.account));
    let session = person.session.id;
    let prove = move |tx: &mut Tx<'_>| -> Outcome<Account, FactorError> {
        let account = actions::prove_second_factor(tx, &keys, user, &code, &actor, now)?;
        actions::end_session(tx, session)?;
        Ok(account)
    };
    let proved = parts.db.write(prove).await;
    if !matches!(proved, Err(Failure::Refused(_))) {
        attempts.succeeded(&counted, &network);
    }
    match proved {
        Ok(account) => browser.enter(&parts, account, Stage::SignedIn, true, person.session.authorization, now).await,
        Err(Failure::Refused(_)) => {
            let wrong = Some(browser.text.code_wrong.to_owned());
            browser.form(StatusCode::BAD_REQUEST, code_form(&browser, wrong))
        }
        Err(failure) => Err(failure.into()),
    }
}

fn new_password_form(browser: &Browser, wrong: Option<String>) -> FormPage {
    let text = browser.text;
    let mut field = browser.password_field("password", text.new_password, "new-password");
    field.error = wrong;
    FormPage {
        frame: browser.frame(None),
        title: text.new_password_title,
        lead: text.new_password_lead.to_owned(),
        wrong: None,
        action: "/sign-in/password",
        hidden: Vec::new(),
        fields: vec![field],
        button: text.proceed,
        links: Vec::new(),
    }
}

pub(super) async fn show_new_password(
    _anyone: Anyone,
    parts: Data<Parts>,
    browser: Browser,
) -> Result<HttpResponse, Error> {
    match browser.person(&parts, &[Stage::NewPassword], parts.clock.now()).await? {
        Some(_) => browser.form(StatusCode::OK, new_password_form(&browser, None)),
        None => Ok(see_other("/sign-in")),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PasswordForm {
    pub(super) password: SecretString,
}

pub(super) async fn replace_temporary_password(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    browser: Browser,
    form: Posted<PasswordForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let Some(person) = browser.person(&parts, &[Stage::NewPassword], now).await? else {
        return Ok(see_other("/sign-in"));
    };
    let password = form.0.password;
    if check_password(password.expose_secret()).is_err() {
        let wrong = Some(browser.password_length());
        return browser.form(StatusCode::BAD_REQUEST, new_password_form(&browser, wrong));
    }
    if passwords.verify(password.clone(), person.account.password_hash.clone()).await?.matches {
        let wrong = Some(browser.text.password_unchanged.to_owned());
        return browser.form(StatusCode::BAD_REQUEST, new_password_form(&browser, wrong));
    }
    let hash = passwords.hash(password).await?;
    let (account, actor) = (person.account.clone(), browser.holder(&person.account));
    // Of two browsers with one temporary password the second finds its session ended with it.
    let change = move |tx: &mut Tx<'_>| actions::set_password(tx, &account, &hash, &actor, now);
    match parts.db.write(change).await {
        Ok(account) => {
            let stage = stage_of(&parts, &account, &settings).await?;
            browser.enter(&parts, account, stage, false, person.session.authorization, now).await
        }
        Err(Failure::Refused(_)) => Ok(see_other("/sign-in")),
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Signs out, and says so. Twice is as once.
pub(super) async fn sign_out(
    _anyone: Anyone,
    parts: Data<Parts>,
    browser: Browser,
    _form: Posted<Nothing>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let every = &[Stage::SecondFactor, Stage::EnrolFactor, Stage::NewPassword, Stage::SignedIn];
    if let Some(person) = browser.person(&parts, every, now).await? {
        let id = person.session.id;
        parts.db.write(move |tx| -> Sure<()> { Ok(actions::end_session(tx, id)?) }).await?;
    }
    let text = browser.text;
    let page = MessagePage {
        frame: browser.frame(None),
        title: text.signed_out,
        lead: "",
        link: Some(("/sign-in", text.sign_in_title)),
    };
    let mut response = browser.visit.page(&page)?;
    clear_session(&mut response, &parts)?;
    Ok(response)
}
