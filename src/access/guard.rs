//! Guards: arguments of handlers that say who may call. Without one a handler reads and writes for nobody.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use uuid::Uuid;

use super::model::{AccessError, AccessSettings, Permission, Rule};
use super::scope::{Conditions, Credential, Proof, Scope, Tenancy, scope_of, usual_proof};
use super::tokens::Tokens;
use crate::audit::{self, Actor, RefusedCall};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Isolation, Read, Tx};
use crate::platform::error::{Code, Failure, Kind, Outcome, Refusal, Sure};
use crate::platform::http::{Admission, BodyDigest, CallLimit, Error, Reply, RequestIds, count_anonymous};
use crate::platform::idempotency::{self, InFlight, NamedCall, Surface};
use crate::platform::keys::sha256;
use crate::platform::text::shorten;

/// Signed in, acting for the company, holding permission `P`. It must be the first argument of its handler. Whatever the
/// handler reads or writes goes through it, so that who asks is known in the same transaction. A handler that does not
/// take it is public, and says so by taking [`Anyone`].
pub struct Allowed<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P: Permission> Allowed<P> {
    /// Reads for the caller.
    ///
    /// # Errors
    /// What `work` refuses, and whatever is wrong with the caller.
    pub async fn read<T, R, F>(&self, parts: &Parts, work: F) -> Result<T, Error>
    where
        F: FnOnce(&mut Read<'_>, &Scope) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Refusal,
    {
        self.caller.read(parts, Some(P::RULE), work).await
    }

    /// Writes for the caller: one transaction, in which the caller is looked at, the work is done and its answer is kept.
    /// A call that was answered before gets that answer and does nothing.
    ///
    /// # Errors
    /// What `work` refuses, and whatever is wrong with the caller; then nothing is written.
    pub async fn write<R, F>(&self, parts: &Parts, work: F) -> Result<HttpResponse, Error>
    where
        F: Fn(&mut Tx<'_>, &Scope) -> Outcome<Reply, R> + Send + 'static,
        R: Refusal,
    {
        self.caller.write(parts, Some(P::RULE), work).await
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = admit(Caller::of(request, None), request, Some(P::RULE));
        Box::pin(async move { Ok(Self { caller: admitted.await?, permission: PhantomData }) })
    }
}

/// As [`Allowed`], on paths that name no customer because they are about the tenant that the token is for: a token for a
/// customer's tenant is good here, and [`Scope::tenant_customer`] says whose it is.
pub struct InTenant<P>(Allowed<P>);

impl<P> std::ops::Deref for InTenant<P> {
    type Target = Allowed<P>;
    fn deref(&self) -> &Allowed<P> {
        &self.0
    }
}

impl<P: Permission> FromRequest for InTenant<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = Caller::of(request, None).map(|caller| Caller { is_in_tenant: true, ..caller });
        let admitted = admit(caller, request, Some(P::RULE));
        Box::pin(async move { Ok(Self(Allowed { caller: admitted.await?, permission: PhantomData })) })
    }
}

/// Signed in with a password at least, for what concerns nothing but the caller's own account. As [`Allowed`], the first
/// argument of its handler.
pub struct SignedIn {
    caller: Caller,
}

impl SignedIn {
    /// As [`Allowed::read`].
    ///
    /// # Errors
    /// As [`Allowed::read`].
    pub async fn read<T, R, F>(&self, parts: &Parts, work: F) -> Result<T, Error>
    where
        F: FnOnce(&mut Read<'_>, &Scope) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Refusal,
    {
        self.caller.read(parts, None, work).await
    }

    /// As [`Allowed::write`].
    ///
    /// # Errors
    /// As [`Allowed::write`].
    pub async fn write<R, F>(&self, parts: &Parts, work: F) -> Result<HttpResponse, Error>
    where
        F: Fn(&mut Tx<'_>, &Scope) -> Outcome<Reply, R> + Send + 'static,
        R: Refusal,
    {
        self.caller.write(parts, None, work).await
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = admit(Caller::of(request, Some(Proof::Password)), request, None);
        Box::pin(async move { Ok(Self { caller: admitted.await? }) })
    }
}

fn admit(
    caller: Result<Caller, Error>,
    request: &HttpRequest,
    rule: Option<Rule>,
) -> impl Future<Output = Result<Caller, Error>> + use<> {
    let admission = Admission::announce(request);
    let parts = request.app_data::<Data<Parts>>().cloned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    async move {
        let (caller, parts) = (caller?, parts.ok_or(AccessError::TokenMissing)?);
        if !reads {
            // Whoever may not call sends its body in vain; the transaction of the work asks again.
            caller.read(&parts, rule, |_, _| Ok::<_, Failure<AccessError>>(())).await?;
        }
        admission.grant();
        Ok(caller)
    }
}

/// The handler is public on purpose.
pub struct Anyone {
    /// The call.
    pub request: RequestIds,
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ids = RequestIds::from_request(request, payload).into_inner();
        let anyone = Self { request: ids.unwrap_or_else(|never| match never {}) };
        std::future::ready(count_anonymous(request).map(|()| anyone))
    }
}

/// Somebody with a good credential, not yet looked up.
struct Caller {
    credential: Credential,
    conditions: Conditions,
    ids: RequestIds,
    /// `{customer}` of the path, if it has one.
    customer: Option<String>,
    /// Whether the path is about the tenant that the token is for, whichever that is.
    is_in_tenant: bool,
    request: HttpRequest,
}

/// What stopped a call, and whose it was, if that was known by then.
struct Stopped {
    error: Error,
    caller: Option<Box<Scope>>,
}

fn stopped<R: Refusal>(failure: Failure<R>, caller: Option<&Scope>) -> Failure<Stopped> {
    match failure {
        Failure::Refused(refusal) => {
            Failure::Refused(Stopped { error: refusal.into(), caller: caller.cloned().map(Box::new) })
        }
        Failure::Database(error) => Failure::Database(error),
    }
}

/// Whether a refusal is one that the trail keeps: the caller may not, or may not know.
fn is_kept(code: Code) -> bool {
    code.kind == Kind::Forbidden || code.name == "relationshipMissing"
}

/// Characters of a value of the path that the trail keeps at most. Tokens are longer, and none is kept.
const KEPT_VALUE: usize = 40;

impl Caller {
    fn of(request: &HttpRequest, proof: Option<Proof>) -> Result<Self, Error> {
        let parts = request.app_data::<Data<Parts>>().ok_or(AccessError::TokenMissing)?;
        let tokens = request.app_data::<Data<Tokens>>().ok_or(AccessError::TokenMissing)?;
        let settings = request.app_data::<Data<AccessSettings>>().ok_or(AccessError::TokenMissing)?;
        let tenancy = *request.app_data::<Tenancy>().ok_or(AccessError::TokenMissing)?;
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(AccessError::TokenMissing)?;
        let claims = tokens.verify(token, parts.clock.now())?;
        request.app_data::<CallLimit>().map_or(Ok(()), |limit| limit.count_tenant(claims.tid))?;
        Ok(Self {
            credential: Credential::Token(claims),
            conditions: Conditions { proof: proof.unwrap_or_else(|| usual_proof(settings)), tenancy },
            ids: RequestIds::of(request),
            customer: request.match_info().get("customer").map(str::to_owned),
            is_in_tenant: false,
            request: request.clone(),
        })
    }

    fn lookup(
        &self,
        rule: Option<Rule>,
        now: Timestamp,
    ) -> impl Fn(&mut Read<'_>) -> Outcome<Scope, Stopped> + Send + use<> {
        let (credential, conditions, ids) = (self.credential.clone(), self.conditions, self.ids);
        let (customer, is_in_tenant) = (self.customer.clone(), self.is_in_tenant);
        let stays = move |scope: &Scope| match is_in_tenant {
            true => Ok(()),
            false => scope.stays_in_tenant(customer.as_deref()),
        };
        move |read| {
            let scope = scope_of(read, &credential, conditions, ids, now).map_err(|failure| stopped(failure, None))?;
            let checked = rule.map_or(Ok(()), |rule| scope.may(&rule)).and_then(|()| stays(&scope));
            checked.map_err(|refusal| stopped(Failure::Refused(refusal), Some(&scope)))?;
            Ok(scope)
        }
    }

    async fn read<T, R, F>(&self, parts: &Parts, rule: Option<Rule>, work: F) -> Result<T, Error>
    where
        F: FnOnce(&mut Read<'_>, &Scope) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Refusal,
    {
        let lookup = self.lookup(rule, parts.clock.now());
        let outcome = parts
            .db
            .read(move |read| {
                let scope = lookup(read)?;
                work(read, &scope).map_err(|failure| stopped(failure, Some(&scope)))
            })
            .await;
        match outcome {
            Ok(value) => Ok(value),
            Err(failure) => Err(self.told(parts, failure).await),
        }
    }

    async fn write<R, F>(&self, parts: &Parts, rule: Option<Rule>, work: F) -> Result<HttpResponse, Error>
    where
        F: Fn(&mut Tx<'_>, &Scope) -> Outcome<Reply, R> + Send + 'static,
        R: Refusal,
    {
        let now = parts.clock.now();
        let named = self.named_call();
        let in_flight = self.request.app_data::<Data<InFlight>>();
        let _flight = match (&named, in_flight) {
            (Some(named), Some(calls)) => Some(calls.begin(named)?),
            _ => None,
        };
        let lookup = self.lookup(rule, now);
        let outcome = parts
            .db
            .write(move |tx| {
                let scope = lookup(tx)?;
                let work = |tx: &mut Tx<'_>| work(tx, &scope).map_err(|failure| stopped(failure, Some(&scope)));
                let Some(named) = &named else { return work(tx) };
                let earlier = idempotency::earlier_answer(tx, named, now);
                if let Some(earlier) = earlier.map_err(|failure| stopped(failure, Some(&scope)))? {
                    return Ok(earlier);
                }
                let reply = work(tx)?;
                idempotency::keep_answer(tx, named, &reply, now)?;
                Ok(reply)
            })
            .await;
        match outcome {
            Ok(reply) => Ok(reply.into_response()),
            Err(failure) => Err(self.told(parts, failure).await),
        }
    }

    /// The answer to a call that was stopped, after the trail has kept it if it is to.
    async fn told(&self, parts: &Parts, failure: Failure<Stopped>) -> Error {
        match failure {
            Failure::Refused(Stopped { error, caller }) => {
                if let Some(caller) = caller.filter(|_| is_kept(error.problem().code)) {
                    keep_refusal(&self.request, parts, *caller, error.problem().code).await;
                }
                error
            }
            Failure::Database(error) => Error::from(Failure::<AccessError>::Database(error)),
        }
    }

    /// The call, if the client gave it a name by which it may be repeated.
    fn named_call(&self) -> Option<NamedCall> {
        let header = |name: &str| self.request.headers().get(name).map(|value| value.as_bytes().to_vec());
        let name = header("ms-requestid").or_else(|| header("idempotency-key")).filter(|name| !name.is_empty())?;
        let Credential::Token(claims) = &self.credential;
        let caller: [Uuid; 2] = [claims.sub, claims.tid];
        let request = &self.request;
        let mut call = Vec::with_capacity(256);
        for part in [
            caller[0].as_bytes().as_slice(),
            caller[1].as_bytes(),
            request.method().as_str().as_bytes(),
            request.uri().path().as_bytes(),
            request.uri().query().unwrap_or_default().as_bytes(),
            &name.to_ascii_lowercase(),
        ] {
            call.extend_from_slice(&(part.len() as u64).to_be_bytes());
            call.extend_from_slice(part);
        }
        let read = request.extensions().get::<BodyDigest>().copied();
        let surface = read.map_or(Surface::Extension, |body| body.surface);
        Some(NamedCall { call: sha256(&call), body: read.map_or([0; 32], |body| body.digest), surface })
    }
}

/// Writes a refusal into the trail, in a transaction of its own. Whether that succeeds does not change the answer.
pub(super) async fn keep_refusal(request: &HttpRequest, parts: &Parts, caller: Scope, code: Code) {
    let values: Vec<String> = request
        .match_info()
        .iter()
        .map(|(name, value)| match value.chars().count() {
            length if length > KEPT_VALUE => format!("{name}=…"),
            _ => format!("{name}={}", value.to_ascii_lowercase()),
        })
        .collect();
    let call = RefusedCall {
        caller: caller.user().or(caller.application()).unwrap_or_default(),
        operation: format!("{} {}", request.method(), request.match_pattern().unwrap_or_default()),
        object: shorten(&values.join(", "), 200),
        refusal: code.name,
    };
    let now = parts.clock.now();
    // Guarded updates and a unique key decide over a single row; serializable would refuse to count side by side.
    let kept = parts
        .db
        .write_isolated(Isolation::ReadCommitted, move |tx| -> Sure<_> {
            Ok(audit::record_refusal(tx, &caller, &call, now)?)
        })
        .await;
    if let Err(error) = kept {
        tracing::warn!(%error, "a refusal could not be written into the trail");
    }
}
