//! The authorization endpoint and the page on which a person lets an application act.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::super::PUBLIC_CLIENT;
use super::super::actions::{self, Asker};
use super::super::api::methods;
use super::super::guard::Anyone;
use super::super::model::{
    AccessSettings, Account, AuthorizationError, AuthorizationId, AuthorizationRequest, ResponseMode, Stage,
};
use super::super::texts::AccountTexts;
use super::super::tokens::{Tokens, id_claims, life, user_claims};
use super::{Browser, MessagePage};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Refusal;
use crate::platform::error::{Failure, Outcome, Sure};
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{FormTargets, Frame, Posted, fill, see_other};

/// A request for authorization as RFC 6749 section 4.1.1 has it.
#[derive(Deserialize)]
pub(super) struct AuthorizeQuery {
    client_id: Option<String>,
    response_type: Option<String>,
    response_mode: Option<String>,
    redirect_uri: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
}

/// Characters of a value that is given back unread, at most.
const MAX_STATE: usize = 4_096;

/// Keeps the request, and sends the browser to sign in or to answer it.
pub(super) async fn ask(
    _anyone: Anyone,
    parts: Data<Parts>,
    tokens: Data<Tokens>,
    browser: Browser,
    tenant: Path<String>,
    query: Query<AuthorizeQuery>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let query = query.into_inner();
    let (client_id, redirect) = (query.client_id.unwrap_or_default(), query.redirect_uri.unwrap_or_default());
    let (asking, wanted) = (client_id.clone(), redirect.clone());
    let known = parts.db.read(move |read: &mut Read<'_>| actions::asker(read, &asking, &wanted)).await;
    match known {
        Ok(_) => {}
        // Nothing of the request can be trusted yet: the person is told, the address is not called.
        Err(Failure::Refused(refusal)) => return refused(&browser, &refusal),
        Err(failure) => return Err(failure.into()),
    }
    let types: Vec<&str> = query.response_type.as_deref().unwrap_or_default().split_whitespace().collect();
    let id_token = types.contains(&"id_token");
    let response_mode = match query.response_mode.as_deref() {
        None if id_token => Some(ResponseMode::Fragment),
        None => Some(ResponseMode::Query),
        Some(named) => named.parse().ok().filter(|mode| !(id_token && *mode == ResponseMode::Query)),
    };
    let request = AuthorizationRequest {
        client_id,
        redirect_uri: redirect,
        tenant: tenant.into_inner(),
        scope: query.scope.unwrap_or_default(),
        resource: query.resource,
        state: query.state,
        nonce: query.nonce,
        id_token,
        response_mode: response_mode.unwrap_or(ResponseMode::Query),
        code_challenge: query.code_challenge,
    };
    let named = request.resource.as_deref().or(Some(request.scope.as_str()));
    let plain = query.code_challenge_method.as_deref().is_some_and(|method| method != "S256");
    let long = [&request.state, &request.nonce, &request.code_challenge, &request.resource];
    let wrong = if !types.contains(&"code") || types.iter().any(|kind| !matches!(*kind, "code" | "id_token")) {
        Some(("unsupported_response_type", "Only response_type=code, with or without id_token, is offered."))
    } else if response_mode.is_none() {
        Some((
            "invalid_request",
            "response_mode must be query, fragment or form_post; an id_token never goes into a query.",
        ))
    } else if request.code_challenge.is_some() && (plain || query.code_challenge_method.is_none()) {
        Some(("invalid_request", "code_challenge_method must be S256."))
    } else if request.code_challenge.is_none() && request.client_id == PUBLIC_CLIENT {
        Some(("invalid_request", "A client without a secret must send a code_challenge (PKCE)."))
    } else if id_token && request.nonce.is_none() {
        Some(("invalid_request", "An id_token from here needs a nonce."))
    } else if tokens.audience(named).is_none() {
        Some(("invalid_target", "The resource or scope is none of this service."))
    } else if request.scope.len() > MAX_STATE || long.into_iter().flatten().any(|value| value.len() > MAX_STATE) {
        Some(("invalid_request", "state, nonce, scope, resource or code_challenge is too long."))
    } else if query.prompt.as_deref() == Some("none") {
        Some(("interaction_required", "The person has to answer here; prompt=none is not offered."))
    } else {
        None
    };
    if let Some((error, description)) = wrong {
        let mut request = request;
        request.state = request.state.filter(|state| state.len() <= MAX_STATE);
        return returned(
            &browser,
            &request,
            &[("error", error.to_owned()), ("error_description", description.to_owned())],
        );
    }
    let keep = move |tx: &mut Tx<'_>| -> Sure<AuthorizationId> { Ok(actions::keep_request(tx, &request, now)?) };
    let id = parts.db.write(keep).await?;
    let signed_in = browser.person(&parts, &[Stage::SignedIn], now).await?.is_some();
    let anew = query.prompt.as_deref() == Some("login");
    Ok(see_other(&if signed_in && !anew { format!("/consent/{id}") } else { format!("/sign-in?for={id}") }))
}

fn refused(browser: &Browser, refusal: &AuthorizationError) -> Result<HttpResponse, Error> {
    let text = browser.text;
    let sentence = match refusal {
        AuthorizationError::ClientUnknown => text.consent_unknown,
        AuthorizationError::RedirectUnknown => text.consent_redirect,
        AuthorizationError::RequestGone => text.consent_gone,
        AuthorizationError::OtherCompany => text.consent_other_company,
    };
    let frame = browser.frame(None);
    let title = frame.texts.failed_title;
    let page = MessagePage { frame, title, lead: sentence, link: None };
    browser.visit.page_with(status_of(refusal.code().kind), &page)
}

#[derive(Template)]
#[template(path = "access/templates/consent_page.html")]
struct ConsentPage<'a> {
    frame: Frame,
    text: &'static AccountTexts,
    id: AuthorizationId,
    title: String,
    application: &'a str,
    client_id: Option<&'a str>,
    target: &'a str,
    person: String,
}

pub(super) async fn show(
    _anyone: Anyone,
    parts: Data<Parts>,
    browser: Browser,
    id: Path<AuthorizationId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let id = *id;
    let Some(person) = browser.person(&parts, &[Stage::SignedIn], now).await? else {
        return Ok(see_other(&format!("/sign-in?for={id}")));
    };
    let own = person.account.organisation;
    let find = move |read: &mut Read<'_>| -> Outcome<(AuthorizationRequest, Asker), AuthorizationError> {
        let request = actions::kept_request(read, id, now)?;
        let asker = actions::asker(read, &request.client_id, &request.redirect_uri)?;
        if let Asker::Application(owner, _) = &asker
            && *owner != own
        {
            return Err(AuthorizationError::OtherCompany.into());
        }
        Ok((request, asker))
    };
    let (request, asker) = match parts.db.read(find).await {
        Ok(found) => found,
        Err(Failure::Refused(refusal)) => return refused(&browser, &refusal),
        Err(failure) => return Err(failure.into()),
    };
    let text = browser.text;
    let (name, title) = match &asker {
        Asker::BuiltIn => (text.consent_built_in, text.consent_title_built_in.to_owned()),
        Asker::Application(_, application) => {
            let name = application.name.as_str();
            (name, fill(text.consent_title, &[("application", name)]))
        }
    };
    let target = origin(&request.redirect_uri);
    let page = ConsentPage {
        frame: browser.frame(Some(&person)),
        text,
        id,
        title,
        application: name,
        client_id: matches!(asker, Asker::Application(..)).then_some(request.client_id.as_str()),
        target: &target,
        person: format!("{} · {}", person.account.user_name, person.organisation(text)),
    };
    let mut response = browser.visit.page(&page)?;
    // Browsers apply the content policy to where a form's answer redirects, too.
    response.extensions_mut().insert(FormTargets(vec![target]));
    Ok(response)
}

/// Scheme, host and port of a checked redirect URI.
fn origin(redirect: &str) -> String {
    Url::parse(redirect).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

#[derive(Deserialize)]
pub(super) struct Answer {
    answer: String,
}

pub(super) async fn answer(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    tokens: Data<Tokens>,
    browser: Browser,
    id: Path<AuthorizationId>,
    form: Posted<Answer>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let id = *id;
    let Some(person) = browser.person(&parts, &[Stage::SignedIn], now).await? else {
        return Ok(see_other(&format!("/sign-in?for={id}")));
    };
    if form.0.answer != "allow" {
        return match parts.db.write(move |tx| actions::disagree(tx, id, now)).await {
            Ok(request) => returned(&browser, &request, &[("error", "access_denied".to_owned())]),
            Err(Failure::Refused(refusal)) => refused(&browser, &refusal),
            Err(failure) => Err(failure.into()),
        };
    }
    let (user, second_factor) = (person.account.id, person.session.second_factor);
    let actor = browser.holder(&person.account);
    let agree = move |tx: &mut Tx<'_>| -> Outcome<(AuthorizationRequest, Account, SecretString), AuthorizationError> {
        actions::agree(tx, id, user, second_factor, &actor, now)
    };
    match parts.db.write(agree).await {
        Ok((request, account, code)) => {
            let mut values = vec![("code", code.expose_secret().to_owned())];
            if request.id_token {
                let minutes = std::time::Duration::from_secs(settings.access_token_minutes * 60);
                values.push(("id_token", id_token(&tokens, &request, &account, second_factor, now, minutes)));
            }
            returned(&browser, &request, &values)
        }
        Err(Failure::Refused(refusal)) => refused(&browser, &refusal),
        Err(failure) => Err(failure.into()),
    }
}

fn id_token(
    tokens: &Tokens,
    request: &AuthorizationRequest,
    account: &Account,
    second_factor: bool,
    now: Timestamp,
    minutes: std::time::Duration,
) -> String {
    let claims = user_claims(
        tokens,
        account,
        account.organisation,
        &request.client_id,
        methods(second_factor),
        life(now, minutes),
    );
    tokens.sign(&id_claims(&claims, request.nonce.clone()), now)
}

#[derive(Template)]
#[template(path = "access/templates/return_page.html")]
struct ReturnPage<'a> {
    frame: Frame,
    text: &'static AccountTexts,
    target: &'a str,
    values: Vec<(&'a str, String)>,
}

/// Takes an answer back to the application, in the way it asked for.
fn returned(
    browser: &Browser,
    request: &AuthorizationRequest,
    values: &[(&'static str, String)],
) -> Result<HttpResponse, Error> {
    let mut values: Vec<(&str, String)> = values.to_vec();
    if let Some(state) = &request.state {
        values.push(("state", state.clone()));
    }
    let mut target = Url::parse(&request.redirect_uri).map_err(|_| Error::internal())?;
    let target = match request.response_mode {
        ResponseMode::Query => {
            target.query_pairs_mut().extend_pairs(&values);
            target
        }
        ResponseMode::Fragment => {
            let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&values).finish();
            target.set_fragment(Some(&encoded));
            target
        }
        ResponseMode::FormPost => {
            // Pages run no script, so the person presses the button.
            let page =
                ReturnPage { frame: browser.frame(None), text: browser.text, target: &request.redirect_uri, values };
            let mut response = browser.visit.page_with(StatusCode::OK, &page)?;
            response.extensions_mut().insert(FormTargets(vec![origin(&request.redirect_uri)]));
            return Ok(response);
        }
    };
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, target.as_str())).finish())
}
