//! Pages behind the links in mails: activation, password reset. The link's token leaves the address at once.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::super::actions::{self, Activation, PasswordReset};
use super::super::guard::Anyone;
use super::super::model::{AccessSettings, Account, ActivationError, UserState, check_password};
use super::super::passwords::Passwords;
use super::sign_in::PasswordForm;
use super::{Browser, FormPage, MessagePage, stage_of};
use crate::audit::System;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::error::{Failure, Outcome, Sure};
use crate::platform::http::Error;
use crate::platform::keys::LinkToken;
use crate::platform::portal::{Control, Field, KeptLink, Posted, fill, see_other};

/// The link of an activation mail, while its page is open.
const ACTIVATION: KeptLink = KeptLink { cookie: "link", page: "/activate", days: None };
/// The link of a reset mail.
const RESET: KeptLink = KeptLink { cookie: "link", page: "/reset-password", days: None };

pub(super) async fn keep_activation(
    _anyone: Anyone,
    parts: Data<Parts>,
    code: Path<String>,
) -> Result<HttpResponse, Error> {
    ACTIVATION.keep(&parts.base, &code)
}

pub(super) async fn keep_reset(_anyone: Anyone, parts: Data<Parts>, code: Path<String>) -> Result<HttpResponse, Error> {
    RESET.keep(&parts.base, &code)
}

/// The account behind a kept link, if the link is good.
async fn linked(parts: &Parts, request: &HttpRequest, kind: Kind, now: Timestamp) -> Result<Option<Account>, Error> {
    let link = if kind == Kind::Activation { ACTIVATION } else { RESET };
    let (keys, token) = (parts.keys.clone(), link.of(request, &parts.base).unwrap_or_default());
    let find = move |read: &mut crate::platform::db::Read<'_>| -> Outcome<Account, ActivationError> {
        match kind {
            Kind::Activation => actions::account_to_activate(read, &keys, &LinkToken::<Activation>::parse(&token), now),
            Kind::Reset => actions::account_to_reset(read, &keys, &LinkToken::<PasswordReset>::parse(&token), now),
        }
    };
    match parts.db.read(find).await {
        Ok(account) => Ok(Some(account)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Activation,
    Reset,
}

fn dead(browser: &Browser) -> Result<HttpResponse, Error> {
    let text = browser.text;
    let page = MessagePage {
        frame: browser.frame(None),
        title: text.link_dead,
        lead: text.link_dead_help,
        link: Some(("/forgot-password", text.forgot)),
    };
    browser.visit.page_with(StatusCode::NOT_FOUND, &page)
}

fn form(browser: &Browser, kind: Kind, account: &Account, wrong: Option<String>) -> FormPage {
    let text = browser.text;
    let mut field = browser.password_field("password", text.new_password, "new-password");
    field.error = wrong;
    let (title, lead, action) = match kind {
        Kind::Activation => (text.activate_title, text.activate_lead, "/activate"),
        Kind::Reset => (text.reset_title, text.reset_lead, "/reset-password"),
    };
    FormPage {
        frame: browser.frame(None),
        title,
        lead: fill(lead, &[("name", &account.user_name)]),
        wrong: None,
        action,
        hidden: Vec::new(),
        fields: vec![field],
        button: text.proceed,
        links: Vec::new(),
    }
}

async fn show(parts: &Parts, request: &HttpRequest, browser: &Browser, kind: Kind) -> Result<HttpResponse, Error> {
    match linked(parts, request, kind, parts.clock.now()).await? {
        Some(account) if kind == Kind::Activation && account.state == UserState::Active => Ok(see_other("/sign-in")),
        Some(account) => browser.form(StatusCode::OK, form(browser, kind, &account, None)),
        None => dead(browser),
    }
}

pub(super) async fn show_activation(
    _anyone: Anyone,
    parts: Data<Parts>,
    request: HttpRequest,
    browser: Browser,
) -> Result<HttpResponse, Error> {
    show(&parts, &request, &browser, Kind::Activation).await
}

pub(super) async fn show_reset(
    _anyone: Anyone,
    parts: Data<Parts>,
    request: HttpRequest,
    browser: Browser,
) -> Result<HttpResponse, Error> {
    show(&parts, &request, &browser, Kind::Reset).await
}

pub(super) async fn activate(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    request: HttpRequest,
    browser: Browser,
    typed: Posted<PasswordForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let Some(account) = linked(&parts, &request, Kind::Activation, now).await? else { return dead(&browser) };
    if account.state == UserState::Active {
        return Ok(see_other("/sign-in"));
    }
    let Some(hash) = hashed(&passwords, typed.0.password).await? else {
        let wrong = Some(browser.password_length());
        return browser.form(StatusCode::BAD_REQUEST, form(&browser, Kind::Activation, &account, wrong));
    };
    let (activating, actor) = (account.clone(), browser.holder(&account));
    let activated = parts.db.write(move |tx| actions::prove_mailbox(tx, &activating, &hash, &actor, now)).await;
    match activated {
        Ok(account) => {
            let stage = stage_of(&parts, &account, &settings).await?;
            browser.enter(&parts, account, stage, false, None, now).await
        }
        Err(Failure::Refused(ActivationError::AddressHasAccount(name))) => {
            let text = browser.text;
            let page = MessagePage {
                frame: browser.frame(None),
                title: text.activate_title,
                lead: &fill(text.address_has_account, &[("name", &name)]),
                link: Some(("/sign-in", text.sign_in_title)),
            };
            browser.visit.page_with(StatusCode::CONFLICT, &page)
        }
        Err(Failure::Refused(_)) => dead(&browser),
        Err(failure) => Err(failure.into()),
    }
}

pub(super) async fn reset(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    request: HttpRequest,
    browser: Browser,
    typed: Posted<PasswordForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let Some(account) = linked(&parts, &request, Kind::Reset, now).await? else { return dead(&browser) };
    let Some(hash) = hashed(&passwords, typed.0.password).await? else {
        let wrong = Some(browser.password_length());
        return browser.form(StatusCode::BAD_REQUEST, form(&browser, Kind::Reset, &account, wrong));
    };
    let actor = browser.holder(&account);
    let change = move |tx: &mut Tx<'_>| actions::set_password(tx, &account, &hash, &actor, now);
    match parts.db.write(change).await {
        Ok(account) => {
            let stage = stage_of(&parts, &account, &settings).await?;
            browser.enter(&parts, account, stage, false, None, now).await
        }
        Err(Failure::Refused(_)) => dead(&browser),
        Err(failure) => Err(failure.into()),
    }
}

/// The hash of a password that keeps the rules.
pub(super) async fn hashed(passwords: &Passwords, password: SecretString) -> Result<Option<String>, Error> {
    if check_password(password.expose_secret()).is_err() {
        return Ok(None);
    }
    Ok(Some(passwords.hash(password).await?))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ForgotForm {
    user_name: String,
}

pub(super) async fn show_forgot(_anyone: Anyone, browser: Browser) -> Result<HttpResponse, Error> {
    let text = browser.text;
    let name = Control::Line { kind: "text", autocomplete: "username" };
    let page = FormPage {
        frame: browser.frame(None),
        title: text.reset_title,
        lead: text.forgot_lead.to_owned(),
        wrong: None,
        action: "/forgot-password",
        hidden: Vec::new(),
        fields: vec![Field::new("user_name", text.user_name, text.user_name_hint, name)],
        button: text.forgot_send,
        links: vec![("/sign-in", browser.visit.frame().texts.back)],
    };
    browser.form(StatusCode::OK, page)
}

/// Says the same whether there is such an account or not.
pub(super) async fn send_reset(
    _anyone: Anyone,
    parts: Data<Parts>,
    browser: Browser,
    typed: Posted<ForgotForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (actor, name) = (System { organisation: None, request: browser.ids }, typed.0.user_name);
    parts.db.write(move |tx| -> Sure<()> { Ok(actions::request_reset(tx, &name, &actor, now)?) }).await?;
    let text = browser.text;
    let page = MessagePage {
        frame: browser.frame(None),
        title: text.forgot_sent_title,
        lead: text.forgot_sent,
        link: Some(("/sign-in", text.sign_in_title)),
    };
    browser.visit.page(&page)
}
