//! One's own account: what it is, its password, its second factor.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::super::actions;
use super::super::attempts::Attempts;
use super::super::guard::Anyone;
use super::super::model::{Account, FactorError, OrganisationKind, Role, Stage};
use super::super::passwords::Passwords;
use super::super::texts::AccountTexts;
use super::links::hashed;
use super::sign_in::{CodeForm, retry_after};
use super::{Browser, FormPage, MessagePage, Person, set_session};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome, Sure};
use crate::platform::http::{Error, PeerNetwork};
use crate::platform::portal::{Control, Field, Frame, Posted, fill, see_other};

impl Role {
    /// What the role is called on pages, in every language.
    fn title(self) -> &'static str {
        match self {
            Role::GlobalAdmin => "Global admin",
            Role::UserManagementAdmin => "User management admin",
            Role::AdminAgent => "Admin agent",
            Role::SalesAgent => "Sales agent",
            Role::HelpdeskAgent => "Helpdesk agent",
        }
    }
}

impl OrganisationKind {
    /// What the kind is called on pages.
    fn title(self, text: &'static AccountTexts) -> &'static str {
        match self {
            OrganisationKind::Operator => text.kind_operator,
            OrganisationKind::Provider => text.kind_provider,
            OrganisationKind::Reseller => text.kind_reseller,
            OrganisationKind::Customer => text.kind_customer,
        }
    }
}

#[derive(Template)]
#[template(path = "access/templates/account_page.html")]
struct AccountPage<'a> {
    frame: Frame,
    text: &'static AccountTexts,
    name: &'a str,
    user_name: &'a str,
    company: String,
    roles: Vec<&'static str>,
    factor: String,
    has_factor: bool,
}

pub(super) async fn show(_anyone: Anyone, parts: Data<Parts>, browser: Browser) -> Result<HttpResponse, Error> {
    let Some(person) = browser.person(&parts, &[Stage::SignedIn], parts.clock.now()).await? else {
        return Ok(see_other("/sign-in"));
    };
    let id = person.account.id;
    let roles = parts.db.read(move |read: &mut Read<'_>| -> Sure<_> { Ok(actions::roles_of(read, id)?) }).await?;
    let text = browser.text;
    let since = person.account.second_factor.since;
    let page = AccountPage {
        frame: browser.frame(Some(&person)),
        text,
        name: &person.account.display_name,
        user_name: &person.account.user_name,
        company: match person.kind {
            OrganisationKind::Operator => text.kind_operator.to_owned(),
            kind => format!("{} ({})", person.domain, kind.title(text)),
        },
        roles: roles.into_iter().map(Role::title).collect(),
        factor: match since {
            Some(since) => fill(text.account_factor_set, &[("since", &since.readable())]),
            None => text.account_factor_none.to_owned(),
        },
        has_factor: since.is_some(),
    };
    browser.visit.page(&page)
}

fn password_form(browser: &Browser, person: &Person, present: Option<String>, new: Option<String>) -> FormPage {
    let text = browser.text;
    let mut fields = vec![
        browser.password_field("present", text.present_password, "current-password"),
        browser.password_field("password", text.new_password, "new-password"),
    ];
    fields[0].error = present;
    fields[1].error = new;
    FormPage {
        frame: browser.frame(Some(person)),
        title: text.account_password,
        lead: text.account_password_lead.to_owned(),
        wrong: None,
        action: "/account/password",
        hidden: Vec::new(),
        fields,
        button: browser.visit.frame().texts.save,
        links: vec![("/account", browser.visit.frame().texts.back)],
    }
}

pub(super) async fn show_password(
    _anyone: Anyone,
    parts: Data<Parts>,
    browser: Browser,
) -> Result<HttpResponse, Error> {
    match browser.person(&parts, &[Stage::SignedIn], parts.clock.now()).await? {
        Some(person) => browser.form(StatusCode::OK, password_form(&browser, &person, None, None)),
        None => Ok(see_other("/sign-in")),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PasswordChange {
    present: SecretString,
    password: SecretString,
}

pub(super) async fn change_password(
    _anyone: Anyone,
    parts: Data<Parts>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    browser: Browser,
    form: Posted<PasswordChange>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let Some(person) = browser.person(&parts, &[Stage::SignedIn], now).await? else {
        return Ok(see_other("/sign-in"));
    };
    let text = browser.text;
    let name = person.account.user_name.clone();
    if let Err(refusal) = attempts.check(&name, &network, now) {
        let sentence = fill(text.too_many, &[("seconds", &refusal.seconds.to_string())]);
        let page = password_form(&browser, &person, Some(sentence), None);
        let mut response = browser.form(StatusCode::TOO_MANY_REQUESTS, page)?;
        retry_after(&mut response, Some(refusal.seconds));
        return Ok(response);
    }
    let PasswordChange { present, password } = form.0;
    let verdict = passwords.verify(present.clone(), person.account.password_hash.clone()).await?;
    if !verdict.matches {
        attempts.failed(&name, &network, now);
        let wrong = Some(text.present_password_wrong.to_owned());
        return browser.form(StatusCode::BAD_REQUEST, password_form(&browser, &person, wrong, None));
    }
    drop(verdict);
    if present.expose_secret() == password.expose_secret() {
        let wrong = Some(text.password_unchanged.to_owned());
        return browser.form(StatusCode::BAD_REQUEST, password_form(&browser, &person, None, wrong));
    }
    let Some(hash) = hashed(&passwords, password).await? else {
        let wrong = Some(browser.password_length());
        return browser.form(StatusCode::BAD_REQUEST, password_form(&browser, &person, None, wrong));
    };
    let (account, actor) = (person.account.clone(), browser.holder(&person.account));
    let second_factor = person.session.second_factor;
    let change = move |tx: &mut Tx<'_>| -> Outcome<SecretString, super::super::model::ActivationError> {
        let changed = actions::set_password(tx, &account, &hash, &actor, now)?;
        Ok(actions::continue_session(tx, &changed, second_factor, now)?)
    };
    let secret = match parts.db.write(change).await {
        Ok(secret) => secret,
        // Somebody changed the account in between: sign in anew.
        Err(Failure::Refused(_)) => return Ok(see_other("/sign-in")),
        Err(failure) => return Err(failure.into()),
    };
    let page = MessagePage {
        frame: browser.frame(Some(&person)),
        title: text.password_changed,
        lead: text.account_password_lead,
        link: Some(("/account", text.account_title)),
    };
    // The page's forms were made for the old session's cookie: it has none but the sign-out, which the next page renews.
    let mut response = browser.visit.page(&page)?;
    set_session(&mut response, &parts, &secret)?;
    Ok(response)
}

#[derive(Template)]
#[template(path = "access/templates/factor_page.html")]
struct FactorPage {
    frame: Frame,
    text: &'static AccountTexts,
    picture: String,
    secret: String,
    code: Field,
}

const MAY_SET_FACTOR: &[Stage] = &[Stage::EnrolFactor, Stage::SignedIn];

/// The secret as a picture: black on white, whatever the page's colours, because cameras want it so.
fn picture(address: &str) -> String {
    let Ok(code) = QrCode::new(address) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    drawn.find("<svg").map(|start| drawn[start..].to_owned()).unwrap_or_default()
}

async fn factor_page(
    parts: &Parts,
    browser: &Browser,
    person: &Person,
    wrong: Option<String>,
) -> Result<FactorPage, Error> {
    let (keys, user) = (parts.keys.clone(), person.account.id);
    let offered = parts.db.read(move |read| actions::offer_second_factor(read, &keys, user)).await?;
    let text = browser.text;
    let mut code = Field::new("code", text.code, "", Control::Code { digits: true });
    code.error = wrong;
    let secret: Vec<char> = offered.secret.expose_secret().chars().collect();
    let groups: Vec<String> = secret.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(FactorPage {
        frame: browser.frame(Some(person)),
        text,
        picture: picture(offered.address.expose_secret()),
        secret: groups.join(" "),
        code,
    })
}

/// Whoever has a second factor shows it before setting up another: a session without that proof may not.
fn may_set_factor(account: &Account, proved: bool) -> bool {
    account.second_factor.since.is_none() || proved
}

pub(super) async fn show_factor(_anyone: Anyone, parts: Data<Parts>, browser: Browser) -> Result<HttpResponse, Error> {
    let person = browser.person(&parts, MAY_SET_FACTOR, parts.clock.now()).await?;
    match person.filter(|person| may_set_factor(&person.account, person.session.second_factor)) {
        Some(person) => browser.visit.page(&factor_page(&parts, &browser, &person, None).await?),
        None => Ok(see_other("/sign-in")),
    }
}

#[derive(Template)]
#[template(path = "access/templates/recovery_page.html")]
struct RecoveryPage {
    frame: Frame,
    text: &'static AccountTexts,
    codes: Vec<String>,
    next: String,
}

pub(super) async fn set_factor(
    _anyone: Anyone,
    parts: Data<Parts>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    browser: Browser,
    form: Posted<CodeForm>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let person = browser.person(&parts, MAY_SET_FACTOR, now).await?;
    let Some(person) = person.filter(|person| may_set_factor(&person.account, person.session.second_factor)) else {
        return Ok(see_other("/sign-in"));
    };
    let name = person.account.id.to_string();
    if let Err(refusal) = attempts.check(&name, &network, now) {
        let sentence = fill(browser.text.too_many, &[("seconds", &refusal.seconds.to_string())]);
        let page = factor_page(&parts, &browser, &person, Some(sentence)).await?;
        let mut response = browser.visit.page_with(StatusCode::TOO_MANY_REQUESTS, &page)?;
        retry_after(&mut response, Some(refusal.seconds));
        return Ok(response);
    }
    let (keys, user, code) = (parts.keys.clone(), person.account.id, form.0.code);
    let actor = browser.holder(&person.account);
    let confirm = move |tx: &mut Tx<'_>| -> Outcome<(Vec<SecretString>, SecretString), FactorError> {
        let (account, codes) = actions::confirm_second_factor(tx, &keys, user, &code, &actor, now)?;
        Ok((codes, actions::continue_session(tx, &account, true, now)?))
    };
    match parts.db.write(confirm).await {
        Ok((codes, secret)) => {
            // Shown this once: a link to the page in another language would lose the codes.
            let page = RecoveryPage {
                frame: Frame { languages: Vec::new(), ..browser.frame(Some(&person)) },
                text: browser.text,
                codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect(),
                next: browser.next_page(Stage::SignedIn, person.session.authorization),
            };
            let mut response = browser.visit.page(&page)?;
            set_session(&mut response, &parts, &secret)?;
            Ok(response)
        }
        Err(Failure::Refused(_)) => {
            attempts.failed(&name, &network, now);
            let wrong = Some(browser.text.code_wrong.to_owned());
            let page = factor_page(&parts, &browser, &person, wrong).await?;
            browser.visit.page_with(StatusCode::BAD_REQUEST, &page)
        }
        Err(failure) => Err(failure.into()),
    }
}
