//! Pages of accounts: signing in, the second factor, passwords, one's own account, consent to an application.

mod account;
mod consent;
mod later;
mod links;
mod sign_in;
mod visitor;

use std::future::{Ready, ready};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig, get, post};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::actions;
use super::model::{
    AccessSettings, Account, AuthorizationId, MAX_PASSWORD, MIN_PASSWORD, OrganisationKind, Session, Stage,
};
use super::scope::{Holder, Tenancy};
use super::texts::AccountTexts;

use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Sure;
use crate::platform::http::{Error, RequestIds};
use crate::platform::portal::{
    Control, Field, Frame, KeptLink, NavigationLink, SESSION_COOKIE, SignedIn, Visit, cookie_name, fill, see_other,
};
pub use later::later;
pub use visitor::{Barred, Onlooker, Visitor};

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::sign_in))
        .route("/sign-in/code", get().to(sign_in::show_code))
        .route("/sign-in/code", post().to(sign_in::prove_code))
        .route("/sign-in/password", get().to(sign_in::show_new_password))
        .route("/sign-in/password", post().to(sign_in::replace_temporary_password))
        .route("/sign-out", post().to(sign_in::sign_out))
        .route("/activate/{code}", get().to(links::keep_activation))
        .route("/activate", get().to(links::show_activation))
        .route("/activate", post().to(links::activate))
        .route("/forgot-password", get().to(links::show_forgot))
        .route("/forgot-password", post().to(links::send_reset))
        .route("/reset-password/{code}", get().to(links::keep_reset))
        .route("/reset-password", get().to(links::show_reset))
        .route("/reset-password", post().to(links::reset))
        .route("/account", get().to(account::show))
        .route("/account/password", get().to(account::show_password))
        .route("/account/password", post().to(account::change_password))
        .route("/account/second-factor", get().to(account::show_factor))
        .route("/account/second-factor", post().to(account::set_factor))
        .route("/{tenant}/oauth2/authorize", get().to(consent::ask))
        .route("/{tenant}/oauth2/v2.0/authorize", get().to(consent::ask))
        .route("/consent/{id}", get().to(consent::show))
        .route("/consent/{id}", post().to(consent::answer));
}

/// A browser on one of these pages, with the session that its cookie may stand for.
pub(super) struct Browser {
    visit: Visit,
    text: &'static AccountTexts,
    cookie: Option<SecretString>,
    ids: RequestIds,
    /// The page of a link that the browser keeps: where a sign-in goes on from here.
    kept: Option<&'static str>,
}

/// Links that are kept while a person signs in or enrols first: a sign-in goes on to the page of the first that a browser
/// has. Pages of this service, named here and not by whoever makes a link.
#[derive(Clone, Copy, Debug)]
pub struct AfterSignIn(pub &'static [KeptLink]);

impl FromRequest for Browser {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Self::of(request, payload))
    }
}

/// A session with the account it is for.
struct Person {
    session: Session,
    account: Account,
    kind: OrganisationKind,
    domain: String,
}

impl Person {
    /// What the person's organisation is called: by its domain, which the operator has none of.
    fn organisation(&self, text: &'static AccountTexts) -> String {
        match self.kind {
            OrganisationKind::Operator => text.kind_operator.to_owned(),
            _ => self.domain.clone(),
        }
    }
}

impl Browser {
    fn of(request: &HttpRequest, payload: &mut Payload) -> Result<Self, Error> {
        let visit = Visit::from_request(request, payload).into_inner()?;
        let base = request.app_data::<Data<Parts>>().map(|parts| parts.base.clone());
        let name = base.as_ref().map(|base| cookie_name(base, SESSION_COOKIE)).unwrap_or_default();
        let cookie = request.cookie(&name).map(|cookie| cookie.value().to_owned().into());
        let kept = request.app_data::<AfterSignIn>().zip(base.as_ref()).and_then(|(links, base)| {
            let mut kept = links.0.iter().filter(|link| link.of(request, base).is_some());
            kept.next().map(|link| link.page)
        });
        Ok(Self { text: AccountTexts::of(visit.language()), visit, cookie, ids: RequestIds::of(request), kept })
    }

    /// Whoever proved to hold `account`.
    fn holder(&self, account: &Account) -> Holder {
        Holder::of(account, self.ids)
    }

    /// Who this is, if the browser has come as far as `stages` allow.
    async fn person(&self, parts: &Parts, stages: &'static [Stage], now: Timestamp) -> Result<Option<Person>, Error> {
        let Some(cookie) = self.cookie.clone() else { return Ok(None) };
        let find = move |read: &mut Read<'_>| -> Sure<Option<Person>> {
            let Some(session) = actions::session(read, cookie.expose_secret(), now)? else { return Ok(None) };
            let Some((account, kind, domain)) = actions::whose(read, session.user)? else { return Ok(None) };
            Ok(Some(Person { session, account, kind, domain }))
        };
        let found = parts.db.read(find).await?;
        Ok(found.filter(|person| stages.contains(&person.session.stage)))
    }

    /// The frame of a page for somebody.
    fn frame(&self, person: Option<&Person>) -> Frame {
        let frame = self.visit.frame();
        match person {
            None => frame.with_entrance(false),
            // Half-way in: the page itself says how it goes on, and leaving it may lose what it shows.
            Some(person) if person.session.stage != Stage::SignedIn => Frame { entrance: None, ..frame },
            Some(person) => {
                let name = person.account.display_name.clone();
                let text = self.text;
                let pages: &[(&'static str, &'static str)] = match person.kind {
                    OrganisationKind::Operator => &[],
                    OrganisationKind::Provider | OrganisationKind::Reseller => &[
                        ("/customers", text.customers),
                        ("/administration", text.administration),
                        ("/incentives", text.incentives),
                        ("/calendar", text.calendar),
                    ],
                    OrganisationKind::Customer => &[
                        ("/administrators", text.administrators),
                        ("/subscriptions", text.subscriptions),
                        ("/calendar", text.calendar),
                    ],
                };
                let account = ("/account", text.account_title);
                let link = |&(path, text): &(&'static str, &'static str)| NavigationLink { path, text };
                let navigation = pages.iter().chain([&account]).map(link).collect();
                frame.signed_in(SignedIn { name, company: person.organisation(self.text) }, navigation)
            }
        }
    }

    fn password_field(&self, name: &'static str, label: &'static str, autocomplete: &'static str) -> Field {
        let hint = match autocomplete {
            "new-password" => fill(self.text.new_password_hint, &[("least", &MIN_PASSWORD.to_string())]),
            _ => String::new(),
        };
        Field::new(name, label, hint, Control::Secret { autocomplete })
    }

    fn password_length(&self) -> String {
        let (least, most) = (MIN_PASSWORD.to_string(), MAX_PASSWORD.to_string());
        fill(self.text.password_length, &[("least", &least), ("most", &most)])
    }

    /// Shows a form.
    fn form(&self, status: StatusCode, form: FormPage) -> Result<HttpResponse, Error> {
        self.visit.page_with(status, &form)
    }

    /// Where a browser goes on that has come to `stage`.
    fn next_page(&self, stage: Stage, authorization: Option<AuthorizationId>) -> String {
        match (stage, authorization) {
            (Stage::SecondFactor, _) => "/sign-in/code".to_owned(),
            (Stage::EnrolFactor, _) => "/account/second-factor".to_owned(),
            (Stage::NewPassword, _) => "/sign-in/password".to_owned(),
            (Stage::SignedIn, Some(id)) => format!("/consent/{id}"),
            (Stage::SignedIn, None) => self.kept.unwrap_or("/account").to_owned(),
        }
    }

    /// Begins the next stage of the session and sends the browser where it goes on from there.
    async fn enter(
        &self,
        parts: &Parts,
        account: Account,
        stage: Stage,
        second_factor: bool,
        authorization: Option<AuthorizationId>,
        now: Timestamp,
    ) -> Result<HttpResponse, Error> {
        let actor = self.holder(&account);
        let begin = move |tx: &mut Tx<'_>| -> Sure<SecretString> {
            Ok(actions::begin_session(tx, &account, stage, second_factor, authorization, &actor, now)?)
        };
        let secret = parts.db.write(begin).await?;
        let mut response = see_other(&self.next_page(stage, authorization));
        set_session(&mut response, parts, &secret)?;
        Ok(response)
    }
}

/// The session's cookie: gone with the browser, and with the session it stands for.
fn set_session(response: &mut HttpResponse, parts: &Parts, secret: &SecretString) -> Result<(), Error> {
    let cookie = session_cookie(parts, secret.expose_secret().to_owned()).finish();
    response.add_cookie(&cookie).map_err(|_| Error::internal())
}

fn clear_session(response: &mut HttpResponse, parts: &Parts) -> Result<(), Error> {
    let mut cookie = session_cookie(parts, String::new()).finish();
    cookie.make_removal();
    response.add_cookie(&cookie).map_err(|_| Error::internal())
}

fn session_cookie(parts: &Parts, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(cookie_name(&parts.base, SESSION_COOKIE), value)
        .path("/")
        .secure(parts.base.is_https())
        .http_only(true)
        .same_site(SameSite::Lax)
}

/// A page that is one form.
#[derive(Template)]
#[template(path = "access/templates/form_page.html")]
struct FormPage {
    frame: Frame,
    title: &'static str,
    lead: String,
    /// What went wrong, above the form.
    wrong: Option<String>,
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    button: &'static str,
    links: Vec<(&'static str, &'static str)>,
}

/// A page that says something, and where to go on.
#[derive(Template)]
#[template(path = "access/templates/message_page.html")]
struct MessagePage<'a> {
    frame: Frame,
    title: &'a str,
    lead: &'a str,
    link: Option<(&'a str, &'a str)>,
}

/// What the settings ask of a password that was right: the next stage.
async fn stage_of(parts: &Parts, account: &Account, settings: &Data<AccessSettings>) -> Result<Stage, Error> {
    let (account, settings) = (account.clone(), settings.clone());
    let find =
        move |read: &mut Read<'_>| -> Sure<Stage> { Ok(actions::stage_after_password(read, &account, &settings)?) };
    Ok(parts.db.read(find).await?)
}
