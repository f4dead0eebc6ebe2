//! Access tokens: signed JWTs that say who calls, never what the caller may do to a customer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::AccessError;
use crate::platform::clock::Timestamp;
use crate::platform::http::BaseUrl;
use crate::platform::keys::{Keys, sha256};

/// The resources that existing clients ask tokens for; any of them opens this service.
pub const RESOURCES: &[&str] = &[
    "https://api.partnercenter.microsoft.com",
    "https://graph.windows.net",
    "https://graph.microsoft.com",
    "https://api.partner.microsoft.com",
    "https://management.azure.com",
];

/// How far clocks may differ.
const LEEWAY_SECONDS: i64 = 30;

/// What an access token says (section 2.3 of the contract).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it.
    pub iss: String,
    /// The resource it is for.
    pub aud: String,
    /// The user, or the application where there is no user.
    pub sub: Uuid,
    /// The token's own id.
    pub jti: Uuid,
    /// Made at, in seconds.
    pub iat: i64,
    /// Good from, in seconds.
    pub nbf: i64,
    /// Good until, in seconds.
    pub exp: i64,
    /// The organisation the caller acts for.
    pub tid: Uuid,
    /// The client application.
    pub appid: String,
    /// The user; absent in app-only tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oid: Option<Uuid>,
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// `user_impersonation` for app+user; absent in app-only tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// How the user proved itself.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub amr: Vec<String>,
    /// The account's epoch when it was made: a raised epoch ends the token.
    #[serde(default)]
    pub epoch: i64,
    /// The version of the claims.
    pub ver: String,
}

/// Signs and verifies access tokens. Verified tokens are remembered by hash until they expire.
#[derive(Clone)]
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    issuer: String,
    verified: Arc<Mutex<HashMap<[u8; 32], Arc<Claims>>>>,
}

/// Tokens remembered at most: about 4 MB.
const REMEMBERED: usize = 10_000;

impl Tokens {
    /// Tokens signed with the keys of this installation.
    pub fn new(keys: &Keys, base: &BaseUrl) -> Self {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(keys.fingerprint().to_owned());
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[base.as_str()]);
        let mut audiences = RESOURCES.to_vec();
        audiences.push(base.as_str());
        validation.set_audience(&audiences);
        // Expiry is judged by the injected clock, below.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            header,
            signing: EncodingKey::from_ed_der(&keys.signing_pkcs8()),
            verifying: DecodingKey::from_ed_der(keys.signing_public()),
            validation,
            issuer: base.as_str().to_owned(),
            verified: Arc::default(),
        }
    }

    /// The audience for a resource or scope that a client named; the service itself if it named none. `None` for a
    /// resource that is not one of ours.
    pub fn audience(&self, named: Option<&str>) -> Option<String> {
        let Some(named) = named.filter(|named| !named.is_empty()) else { return Some(self.issuer.clone()) };
        let wanted = named.split_whitespace().find(|word| word.starts_with("http"));
        let Some(wanted) = wanted else { return Some(self.issuer.clone()) };
        let known = RESOURCES.iter().copied().chain([self.issuer.as_str()]);
        known.map(str::to_owned).find(|resource| {
            wanted.strip_prefix(resource.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The issuer of every token.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The signed form of `claims`.
    pub fn sign(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&self.header, claims, &self.signing)
            .expect("an Ed25519 key signs any claims that serialise")
    }

    /// The claims of `token`, if we made it and it is good at `now`.
    ///
    /// # Errors
    /// [`AccessError::TokenInvalid`] says in which way it is not.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, AccessError> {
        let digest = sha256(token.as_bytes());
        let remembered = self.cache().get(&digest).cloned();
        let claims = match remembered {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.read(token)?);
                let mut cache = self.cache();
                if cache.len() >= REMEMBERED {
                    cache.retain(|_, claims| claims.exp > now.seconds());
                }
                if cache.len() < REMEMBERED {
                    cache.insert(digest, claims.clone());
                }
                claims
            }
        };
        if claims.exp + LEEWAY_SECONDS <= now.seconds() {
            self.cache().remove(&digest);
            return Err(AccessError::TokenInvalid("it has expired"));
        }
        if claims.nbf - LEEWAY_SECONDS > now.seconds() {
            return Err(AccessError::TokenInvalid("it is not good yet"));
        }
        Ok(claims)
    }

    fn read(&self, token: &str) -> Result<Claims, AccessError> {
        let refused = |_| AccessError::TokenInvalid("it was not made here, or it was altered");
        let data = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).map_err(refused)?;
        if data.header.kid != self.header.kid || data.header.typ != self.header.typ {
            return Err(AccessError::TokenInvalid("it was not made here, or it was altered"));
        }
        Ok(data.claims)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Claims>>> {
        self.verified.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The times of a token made at `now` that lives for `life`.
pub fn life(now: Timestamp, life: Duration) -> (i64, i64) {
    (now.seconds(), now.after(life).seconds())
}
