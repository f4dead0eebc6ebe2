//! Access tokens: signed JWTs that say who calls, never what the caller may do to a customer.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{AccessError, Account, OrganisationId};
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

/// The scope of every user's token.
const USER_SCOPE: &str = "user_impersonation";

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
    /// How the client proved itself: `0` not at all, `1` by a secret.
    pub appidacr: String,
    /// The user; absent in app-only tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oid: Option<Uuid>,
    /// The user's sign-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// The same, under the name that older clients read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// What the person is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
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
    keys: Arc<Keys>,
    base: String,
    audiences: Arc<Vec<String>>,
    ready: Arc<Mutex<Vec<Arc<ReadyKey>>>>,
    verified: Arc<Mutex<HashMap<[u8; 32], Arc<Claims>>>>,
}

/// A signing key as the token library wants it.
struct ReadyKey {
    generation: i64,
    id: String,
    public: [u8; 32],
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// Tokens remembered at most: about 4 MB.
const REMEMBERED: usize = 10_000;

/// Seconds a signing key is used before the next takes over: 30 days. Generations are counted from 1970, so every copy
/// of the service changes at the same moment, without a word between them.
const GENERATION: i64 = 30 * 24 * 60 * 60;

impl Tokens {
    /// Tokens signed with the keys of this installation.
    pub fn new(keys: Arc<Keys>, base: &BaseUrl) -> Self {
        let audiences = RESOURCES.iter().map(|resource| (*resource).to_owned()).chain([base.as_str().to_owned()]);
        Self {
            keys,
            base: base.as_str().to_owned(),
            audiences: Arc::new(audiences.collect()),
            ready: Arc::default(),
            verified: Arc::default(),
        }
    }

    fn key(&self, generation: i64) -> Arc<ReadyKey> {
        let mut ready = self.ready.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = ready.iter().find(|key| key.generation == generation) {
            return known.clone();
        }
        let key = self.keys.signing(generation);
        let made = Arc::new(ReadyKey {
            generation,
            signing: EncodingKey::from_ed_der(&key.pkcs8),
            verifying: DecodingKey::from_ed_der(&key.public),
            id: key.id,
            public: key.public,
        });
        // The three that count at any time, and those of the next change.
        if ready.len() >= 6 {
            ready.remove(0);
        }
        ready.push(made.clone());
        made
    }

    /// The keys whose signatures count at `now`: the one in use, the one before it and the one after it, because tokens
    /// outlive the change and clocks differ.
    fn keys_around(&self, now: Timestamp) -> [Arc<ReadyKey>; 3] {
        let generation = now.seconds().div_euclid(GENERATION);
        [self.key(generation), self.key(generation - 1), self.key(generation + 1)]
    }

    /// The public keys, as a JSON Web Key Set (RFC 7517, RFC 8037).
    pub fn key_set(&self, now: Timestamp) -> serde_json::Value {
        let keys = self.keys_around(now).map(|key| {
            serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id,
                "x": URL_SAFE_NO_PAD.encode(key.public),
            })
        });
        serde_json::json!({ "keys": keys })
    }

    /// The audience for a resource or scope that a client named; the service itself if it named none. `None` for a
    /// resource that is not one of ours.
    pub fn audience(&self, named: Option<&str>) -> Option<String> {
        let Some(named) = named.filter(|named| !named.is_empty()) else { return Some(self.base.clone()) };
        let wanted = named.split_whitespace().find(|word| word.starts_with("http"));
        let Some(wanted) = wanted else { return Some(self.base.clone()) };
        self.audiences
            .iter()
            .find(|resource| {
                let rest = wanted.strip_prefix(resource.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .cloned()
    }

    /// The scope of a user's token for `audience`. Words that named the resource are given back as they were asked for,
    /// because by them MSAL finds the token again that it keeps; otherwise every call would redeem a refresh token.
    pub fn granted_scope(&self, asked: Option<&str>, audience: &str) -> String {
        let asked = || asked.unwrap_or_default().split_whitespace();
        let named: Vec<&str> = asked().filter(|word| self.names(word, audience)).collect();
        if named.is_empty() {
            return USER_SCOPE.to_owned();
        }
        let own = format!("{audience}/{USER_SCOPE}");
        let about_user = asked().filter(|word| matches!(*word, "openid" | "profile"));
        let mut words: Vec<&str> = std::iter::once(own.as_str()).chain(named).chain(about_user).collect();
        let mut known = HashSet::new();
        words.retain(|word| known.insert(*word));
        words.join(" ")
    }

    fn names(&self, word: &str, audience: &str) -> bool {
        word.starts_with("http") && self.audience(Some(word)).as_deref() == Some(audience)
    }

    /// The issuer of the tokens for a tenant.
    pub fn issuer(&self, tenant: impl std::fmt::Display) -> String {
        format!("{}/{tenant}/v2.0", self.base)
    }

    /// The signed form of `claims`.
    pub fn sign(&self, claims: &impl Serialize, now: Timestamp) -> String {
        let key = self.key(now.seconds().div_euclid(GENERATION));
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, claims, &key.signing).expect("an Ed25519 key signs any claims that serialise")
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
                let claims = Arc::new(self.read(token, now)?);
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

    fn read(&self, token: &str, now: Timestamp) -> Result<Claims, AccessError> {
        let refused = || AccessError::TokenInvalid("it was not made here, or it was altered");
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        let key = self.keys_around(now).into_iter().find(|key| header.kid.as_ref() == Some(&key.id));
        let key = key.ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_audience(&self.audiences);
        // Expiry is judged by the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let data = jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation).map_err(|_| refused())?;
        // An id token is signed with the same keys, but it opens nothing.
        let ours = data.header.typ.as_deref() == Some("JWT") && data.claims.iss == self.issuer(data.claims.tid);
        if ours { Ok(data.claims) } else { Err(refused()) }
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Claims>>> {
        self.verified.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The claims of a user's token for no particular resource.
pub fn user_claims(
    tokens: &Tokens,
    account: &Account,
    tenant: OrganisationId,
    client: &str,
    methods: Vec<String>,
    (issued, expires): (i64, i64),
) -> Claims {
    Claims {
        iss: tokens.issuer(tenant),
        aud: client.to_owned(),
        sub: account.id.uuid(),
        jti: Uuid::now_v7(),
        iat: issued,
        nbf: issued,
        exp: expires,
        tid: tenant.uuid(),
        appid: client.to_owned(),
        appidacr: "0".to_owned(),
        oid: Some(account.id.uuid()),
        upn: Some(account.user_name.clone()),
        unique_name: Some(account.user_name.clone()),
        name: Some(account.display_name.clone()),
        scp: Some(USER_SCOPE.to_owned()),
        amr: methods,
        epoch: account.epoch,
        ver: "1.0".to_owned(),
    }
}

/// What an id token says: who signed in, for the client, and nothing that opens anything (OpenID Connect Core section 2).
#[derive(Debug, Serialize)]
pub struct IdClaims {
    iss: String,
    aud: String,
    sub: Uuid,
    oid: Option<Uuid>,
    tid: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    preferred_username: Option<String>,
    upn: Option<String>,
    name: Option<String>,
    amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    ver: &'static str,
}

/// The id token beside an access token.
pub fn id_claims(claims: &Claims, nonce: Option<String>) -> IdClaims {
    IdClaims {
        iss: claims.iss.clone(),
        aud: claims.appid.clone(),
        sub: claims.sub,
        oid: claims.oid,
        tid: claims.tid,
        iat: claims.iat,
        nbf: claims.nbf,
        exp: claims.exp,
        preferred_username: claims.upn.clone(),
        upn: claims.upn.clone(),
        name: claims.name.clone(),
        amr: claims.amr.clone(),
        nonce,
        ver: "2.0",
    }
}

/// The times of a token made at `now` that lives for `life`.
pub fn life(now: Timestamp, life: Duration) -> (i64, i64) {
    (now.seconds(), now.after(life).seconds())
}
