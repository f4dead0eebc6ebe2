//! What applications ask for at the authorization endpoint (RFC 6749 section 4.1, OpenID Connect Core section 3).

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{ApplicationError, TokenError};
use crate::platform::text::shorten;
use crate::words;

words! {
    /// How the answer returns to the application.
    ResponseMode {
        /// In the address.
        Query = "query",
        /// Behind the `#` of the address.
        Fragment = "fragment",
        /// In a form that the browser posts.
        FormPost = "form_post",
    }
}

/// A request for authorization, checked, as it is kept until the person has answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes: one that the client registered.
    pub redirect_uri: String,
    /// The tenant named in the path.
    pub tenant: String,
    /// What is asked for.
    pub scope: String,
    /// The resource, where the first version of the protocol names one.
    pub resource: Option<String>,
    /// Given back unread.
    pub state: Option<String>,
    /// Goes into the id token.
    pub nonce: Option<String>,
    /// Whether an id token is wanted beside the code.
    pub id_token: bool,
    /// How the answer returns.
    pub response_mode: ResponseMode,
    /// SHA-256 of the verifier, in base64url (RFC 7636).
    pub code_challenge: Option<String>,
}

impl AuthorizationRequest {
    /// Whether an id token belongs into the answer of the token endpoint.
    pub fn is_openid(&self) -> bool {
        self.scope.split_whitespace().any(|word| word == "openid")
    }
}

/// Characters of a redirect URI at most.
const MAX_REDIRECT: usize = 400;

/// Whether browsers may be sent back to `uri`: https anywhere, http on the person's own machine, no fragment.
///
/// # Errors
/// [`ApplicationError::BadRedirect`].
pub fn check_redirect(uri: &str) -> Result<(), ApplicationError> {
    let bad = || ApplicationError::BadRedirect(shorten(uri, 100));
    let parsed = Url::parse(uri).ok().filter(|_| uri.len() <= MAX_REDIRECT).ok_or_else(bad)?;
    let safe = parsed.scheme() == "https" || is_loopback(&parsed);
    if safe && parsed.host().is_some() && parsed.fragment().is_none() { Ok(()) } else { Err(bad()) }
}

/// Whether `uri` leads to the person's own machine over http, as programs without a secret use it (RFC 8252 section 7.3).
pub fn is_loopback_redirect(uri: &str) -> bool {
    uri.len() <= MAX_REDIRECT && Url::parse(uri).is_ok_and(|parsed| is_loopback(&parsed) && parsed.fragment().is_none())
}

fn is_loopback(parsed: &Url) -> bool {
    let own_machine = match parsed.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    parsed.scheme() == "http" && own_machine
}

/// Whether `verifier` is the one behind `challenge` (RFC 7636 section 4.6, method S256).
///
/// # Errors
/// [`TokenError::InvalidGrant`] if it is not, or if only one of the two is there.
pub fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), TokenError> {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let proved = match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let digest = crate::platform::keys::sha256(verifier.as_bytes());
            URL_SAFE_NO_PAD.encode(digest) == challenge
        }
        _ => false,
    };
    if proved { Ok(()) } else { Err(TokenError::InvalidGrant) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_return_to_https_or_to_the_persons_own_machine() {
        for good in ["https://app.example/cb", "http://localhost:4000/", "http://127.0.0.1/cb", "http://[::1]:80/x"] {
            assert!(check_redirect(good).is_ok(), "{good}");
        }
        for bad in [
            "http://app.example/cb",
            "javascript:alert(1)",
            "https://app.example/#x",
            "/cb",
            "",
            "http://localhost.example/",
            "app://callback",
        ] {
            assert!(check_redirect(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_verifier_proves_its_own_challenge_only() {
        // The pair of RFC 7636 appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(check_verifier(Some(challenge), Some(verifier)).is_ok());
        assert!(check_verifier(None, None).is_ok());
        for (challenge, verifier) in [(Some(challenge), None), (None, Some(verifier)), (Some(challenge), Some("x"))] {
            assert!(check_verifier(challenge, verifier).is_err());
        }
    }
}
