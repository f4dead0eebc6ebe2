//! A browser on the pages of other features, and the person in it, if somebody is signed in.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use diesel::result::Error as DatabaseError;
use secrecy::ExposeSecret;

use super::super::guard::keep_refusal;
use super::super::model::{AccessError, AccessSettings, Permission, Stage};
use super::super::scope::{Conditions, Scope, session_scope, usual_proof};
use super::{Browser, Tenancy};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome, Refusal};
use crate::platform::http::{Error, count_anonymous};
use crate::platform::portal::{Frame, Visit};

/// Somebody who looks at a page, signed in or not. What is read and written for the person goes through it, so that who
/// it is is known in the same transaction.
pub struct Visitor {
    browser: Browser,
    conditions: Conditions,
    request: HttpRequest,
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut visitor = || {
            count_anonymous(request)?;
            let settings = request.app_data::<Data<AccessSettings>>().ok_or_else(Error::internal)?;
            let tenancy = *request.app_data::<Tenancy>().ok_or_else(Error::internal)?;
            let conditions = Conditions { proof: usual_proof(settings), tenancy };
            Ok(Self { browser: Browser::of(request, payload)?, conditions, request: request.clone() })
        };
        ready(visitor())
    }
}

/// Why something was not done for a visitor.
#[derive(Debug)]
pub enum Barred<R> {
    /// Nobody is signed in.
    NobodySignedIn,
    /// The person's company or roles do not allow it.
    NotAllowed(AccessError),
    /// The action refused.
    Refused(R),
    /// The database said no; nothing was written.
    Database(DatabaseError),
}

impl<R: Refusal> From<Barred<R>> for Error {
    fn from(barred: Barred<R>) -> Self {
        match barred {
            Barred::NobodySignedIn => AccessError::TokenMissing.into(),
            Barred::NotAllowed(error) => error.into(),
            Barred::Refused(refusal) => refusal.into(),
            Barred::Database(error) => Failure::<R>::Database(error).into(),
        }
    }
}

/// What stopped the work, with whom it was for.
enum Stopped<R> {
    NobodySignedIn,
    NotAllowed(AccessError, Box<Scope>),
    Refused(R),
}

/// Who looks at a page, as the page names them.
#[derive(Clone, Debug)]
pub struct Onlooker {
    /// The frame that names the person, if somebody is signed in.
    pub frame: Frame,
    /// What the person's organisation is called; `None` if nobody is signed in.
    pub company: Option<String>,
}

impl Visitor {
    /// The browser: its language and its forms.
    pub fn visit(&self) -> &Visit {
        &self.browser.visit
    }

    /// The request.
    pub fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Who looks, for the frame of a page.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn onlooker(&self, parts: &Parts) -> Result<Onlooker, Error> {
        let person = self.browser.person(parts, &[Stage::SignedIn], parts.clock.now()).await?;
        let company = person.as_ref().map(|person| person.organisation(self.browser.text));
        let frame = match &person {
            Some(person) => self.browser.frame(Some(person)),
            None => self.browser.visit.frame().with_entrance(false),
        };
        Ok(Onlooker { frame, company })
    }

    fn scope(&self, now: Timestamp) -> impl Fn(&mut Read<'_>) -> Result<Option<Scope>, DatabaseError> + Send + use<> {
        let cookie = self.browser.cookie.clone();
        let (conditions, ids) = (self.conditions, self.browser.ids);
        move |read| match &cookie {
            Some(cookie) => session_scope(read, cookie.expose_secret(), conditions, ids, now),
            None => Ok(None),
        }
    }

    /// Reads for whoever holds permission `P`.
    ///
    /// # Errors
    /// See [`Barred`].
    pub async fn read<P, T, R, F>(&self, parts: &Parts, work: F) -> Result<T, Barred<R>>
    where
        P: Permission,
        F: FnOnce(&mut Read<'_>, &Scope) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Refusal,
    {
        let scope = self.scope(parts.clock.now());
        let outcome = parts
            .db
            .read(move |read| {
                let scope = admitted::<P, R>(scope(read)?)?;
                work(read, &scope).map_err(stopped)
            })
            .await;
        self.told(parts, outcome).await
    }

    /// Reads for whoever is signed in: the action asks by itself what the person may see.
    ///
    /// # Errors
    /// See [`Barred`].
    pub async fn read_own<T, R, F>(&self, parts: &Parts, work: F) -> Result<T, Barred<R>>
    where
        F: FnOnce(&mut Read<'_>, &Scope) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Refusal,
    {
        let scope = self.scope(parts.clock.now());
        let outcome = parts
            .db
            .read(move |read| {
                let scope = scope(read)?.ok_or(Failure::Refused(Stopped::NobodySignedIn))?;
                work(read, &scope).map_err(stopped)
            })
            .await;
        self.told(parts, outcome).await
    }

    /// Writes for whoever holds permission `P`, in one transaction.
    ///
    /// # Errors
    /// See [`Barred`]; then nothing is written.
    pub async fn write<P, T, R, F>(&self, parts: &Parts, work: F) -> Result<T, Barred<R>>
    where
        P: Permission,
        F: Fn(&mut Tx<'_>, &Scope) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Refusal,
    {
        let scope = self.scope(parts.clock.now());
        let outcome = parts
            .db
            .write(move |tx| {
                let scope = admitted::<P, R>(scope(tx)?)?;
                work(tx, &scope).map_err(stopped)
            })
            .await;
        self.told(parts, outcome).await
    }

    async fn told<T, R: Refusal>(&self, parts: &Parts, outcome: Outcome<T, Stopped<R>>) -> Result<T, Barred<R>> {
        Err(match outcome {
            Ok(value) => return Ok(value),
            Err(Failure::Database(error)) => Barred::Database(error),
            Err(Failure::Refused(Stopped::NobodySignedIn)) => Barred::NobodySignedIn,
            Err(Failure::Refused(Stopped::Refused(refusal))) => Barred::Refused(refusal),
            Err(Failure::Refused(Stopped::NotAllowed(error, scope))) => {
                keep_refusal(&self.request, parts, *scope, error.code()).await;
                Barred::NotAllowed(error)
            }
        })
    }
}

fn admitted<P: Permission, R>(scope: Option<Scope>) -> Outcome<Scope, Stopped<R>> {
    let Some(scope) = scope else { return Err(Failure::Refused(Stopped::NobodySignedIn)) };
    match scope.may(&P::RULE) {
        Ok(()) => Ok(scope),
        Err(error) => Err(Failure::Refused(Stopped::NotAllowed(error, Box::new(scope)))),
    }
}

fn stopped<R>(failure: Failure<R>) -> Failure<Stopped<R>> {
    match failure {
        Failure::Refused(refusal) => Failure::Refused(Stopped::Refused(refusal)),
        Failure::Database(error) => Failure::Database(error),
    }
}
