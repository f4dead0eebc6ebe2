//! The key file: what must not be in the database, so that a stolen copy of the database opens nothing.

use std::fmt;
use std::io::Write;
use std::marker::PhantomData;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::{digest, hkdf, hmac, rand, signature};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

/// First words of the key file, so that a wrong file is recognised.
const HEADER: &str = "partner-center-key-1:";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("cannot use the key file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{0} is not a key file of partner-center; point keys.file at the right one, or restore it from a backup")]
    NotAKey(PathBuf),
}

/// Keys derived from the key file: for links, for signing tokens, and one for each other purpose.
pub struct Keys {
    master: hkdf::Prk,
    links: hmac::Key,
    forms: hmac::Key,
    audit: hmac::Key,
    successors: hmac::Key,
    epoch: i64,
    fingerprint: String,
}

/// A key that signs for a while.
pub struct SigningKey {
    /// Names it, in tokens and in the published key set.
    pub id: String,
    /// The Ed25519 private key as PKCS #8 (RFC 8410), for the token library.
    pub pkcs8: Vec<u8>,
    /// The Ed25519 public key.
    pub public: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.fingerprint)
    }
}

impl Keys {
    /// Reads the key file, making it (mode 0600) if there is none. Two programs starting at once get the same key.
    ///
    /// # Errors
    /// [`KeyError`] if the file cannot be read, made or understood.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        if !path.exists() {
            create(path).map_err(failed)?;
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let encoded = text.trim().strip_prefix(HEADER).ok_or_else(|| KeyError::NotAKey(path.to_owned()))?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| KeyError::NotAKey(path.to_owned()))?;
        let master: [u8; 32] = bytes.try_into().map_err(|_| KeyError::NotAKey(path.to_owned()))?;
        Ok(Self::from_master(&master))
    }

    /// Keys from 32 secret bytes.
    pub fn from_master(master: &[u8; 32]) -> Self {
        let master = hkdf::Salt::new(hkdf::HKDF_SHA256, b"partner-center").extract(master);
        let links = hmac::Key::new(hmac::HMAC_SHA256, &derived(&master, "links-1"));
        let forms = hmac::Key::new(hmac::HMAC_SHA256, &derived(&master, "portal-forms-1"));
        let audit = hmac::Key::new(hmac::HMAC_SHA256, &derived(&master, "audit-1"));
        let successors = hmac::Key::new(hmac::HMAC_SHA256, &derived(&master, "successors-1"));
        let fingerprint = ed25519(derived(&master, "token-signing-1")).id;
        Self { master, links, forms, audit, successors, epoch: 1, fingerprint }
    }

    /// 32 bytes that only the key file gives, for one purpose: the same in every epoch.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        derived(&self.master, purpose)
    }

    /// The signing key of a generation: generations follow each other in time, so nothing of them is stored.
    pub fn signing(&self, generation: i64) -> SigningKey {
        ed25519(self.derived(&format!("token-signing/{generation}")))
    }

    /// The same keys in another epoch of the database: links of earlier epochs are dead.
    pub fn in_epoch(self, epoch: i64) -> Self {
        Self { epoch, ..self }
    }

    /// Names the key file without revealing it: the database remembers which one it belongs to.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The token of a link to `id`: nothing of it is stored. A new `version` kills the links made before.
    pub fn link<P: LinkPurpose>(&self, id: Uuid, version: i32) -> SecretString {
        let tag = hmac::sign(&self.links, &link_message::<P>(self.epoch, id, version));
        let body = [id.as_bytes(), tag.as_ref()].concat();
        SecretString::from(format!("{}{}", P::PREFIX, URL_SAFE_NO_PAD.encode(body)))
    }

    /// Whether `token` is the link to its id in `version`. Takes the same time whatever the answer.
    pub fn proves<P: LinkPurpose>(&self, token: &LinkToken<P>, version: i32) -> bool {
        hmac::verify(&self.links, &link_message::<P>(self.epoch, token.id, version), &token.tag).is_ok()
    }

    /// The token of forms that are bound to `browser`.
    pub fn form_token(&self, browser: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.forms, browser))
    }

    /// The secret that takes the place of `secret`, and its digest. Whoever presents the old one again is told the same
    /// new one, although neither is stored.
    pub fn successor(&self, prefix: &str, secret: &str) -> (SecretString, Vec<u8>) {
        let text = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(hmac::sign(&self.successors, secret.as_bytes())));
        let digest = secret_digest(&text);
        (SecretString::from(text), digest)
    }

    /// Whether `token` is the one of forms that are bound to `browser`. Takes the same time whatever the answer.
    pub fn proves_form_token(&self, browser: &[u8], token: &str) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        hmac::verify(&self.forms, browser, &tag).is_ok()
    }

    /// The seal of a message of the audit trail. It is the same in every epoch: the trail goes on after a restore.
    pub fn audit_seal(&self, message: &[u8]) -> [u8; 32] {
        hmac::sign(&self.audit, message).as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }

    /// Whether `seal` is that of `message`. Takes the same time whatever the answer.
    pub fn is_audit_seal(&self, message: &[u8], seal: &[u8]) -> bool {
        hmac::verify(&self.audit, message, seal).is_ok()
    }
}

fn derived(master: &hkdf::Prk, purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    master
        .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut key))
        .expect("32 bytes is one block of the derivation");
    key
}

fn ed25519(seed: [u8; 32]) -> SigningKey {
    const PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let pair = signature::Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes are an Ed25519 seed");
    let public: [u8; 32] =
        signature::KeyPair::public_key(&pair).as_ref().try_into().expect("an Ed25519 public key has 32 bytes");
    let id = URL_SAFE_NO_PAD.encode(&sha256(&public)[..9]);
    SigningKey { id, pkcs8: [&PREFIX[..], &seed[..]].concat(), public }
}

fn link_message<P: LinkPurpose>(epoch: i64, id: Uuid, version: i32) -> Vec<u8> {
    [&epoch.to_be_bytes()[..], P::PREFIX.as_bytes(), b"\0", id.as_bytes(), &version.to_be_bytes()].concat()
}

fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        super::private_folder(folder)?;
    }
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{HEADER}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()))?;
    file.sync_all()?;
    // A link fails if the name is taken: whoever comes second uses the first one's key.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What a link is for. The purpose is in the prefix and in the key, so a link of one kind opens nothing of another.
pub trait LinkPurpose {
    /// What the token begins with, such as `inv_`.
    const PREFIX: &'static str;
}

/// A token as somebody presented it: a claim, until [`Keys::proves`] says otherwise.
pub struct LinkToken<P> {
    id: Uuid,
    tag: Vec<u8>,
    purpose: PhantomData<P>,
}

impl<P> Clone for LinkToken<P> {
    fn clone(&self) -> Self {
        Self { id: self.id, tag: self.tag.clone(), purpose: PhantomData }
    }
}

impl<P: LinkPurpose> LinkToken<P> {
    /// Reads a token. Anything malformed becomes a token that proves nothing, so that it is answered like an unknown one.
    pub fn parse(text: &str) -> Self {
        let body = text.strip_prefix(P::PREFIX).and_then(|body| URL_SAFE_NO_PAD.decode(body).ok());
        let (id, tag) = match body {
            Some(body) if body.len() == 48 => (Uuid::from_slice(&body[..16]).unwrap_or_default(), body[16..].to_vec()),
            _ => (Uuid::nil(), Vec::new()),
        };
        Self { id, tag, purpose: PhantomData }
    }

    /// The id it claims to be for.
    pub fn id(&self) -> Uuid {
        self.id
    }
}

/// `N` bytes from the system's random source.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

/// SHA-256.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, data).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// Names a list of values: another list, however its parts are divided, has another name.
pub fn name_of(parts: &[&[u8]]) -> String {
    let mut named = Vec::with_capacity(512);
    for part in parts {
        named.extend_from_slice(&(part.len() as u64).to_be_bytes());
        named.extend_from_slice(part);
    }
    URL_SAFE_NO_PAD.encode(&sha256(&named)[..18])
}

/// A new random secret of 256 bits that begins with `prefix`, and the digest that may be stored of it.
pub fn new_secret(prefix: &str) -> (SecretString, Vec<u8>) {
    let secret = SecretString::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>())));
    let digest = secret_digest(secret.expose_secret());
    (secret, digest)
}

/// What is stored of a random secret. Enough, because nobody guesses 256 bits.
pub fn secret_digest(secret: &str) -> Vec<u8> {
    sha256(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Invitation;
    impl LinkPurpose for Invitation {
        const PREFIX: &'static str = "inv_";
    }
    struct Activation;
    impl LinkPurpose for Activation {
        const PREFIX: &'static str = "act_";
    }

    #[test]
    fn inv_01_a_link_with_one_changed_character_proves_nothing() {
        let keys = Keys::from_master(&[7; 32]);
        let link = keys.link::<Invitation>(Uuid::now_v7(), 1);
        let text = link.expose_secret();
        assert!(keys.proves(&LinkToken::<Invitation>::parse(text), 1));
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(!keys.proves(&LinkToken::<Invitation>::parse(&changed), 1), "position {position}");
        }
    }

    #[test]
    fn inv_02_a_link_works_for_its_own_purpose_and_version_only() {
        let keys = Keys::from_master(&[7; 32]);
        let id = Uuid::now_v7();
        let link = keys.link::<Invitation>(id, 1);
        let moved = link.expose_secret().replacen("inv_", "act_", 1);
        assert!(!keys.proves(&LinkToken::<Activation>::parse(&moved), 1));
        assert!(!keys.proves(&LinkToken::<Invitation>::parse(link.expose_secret()), 2));
        let later = Keys::from_master(&[7; 32]).in_epoch(2);
        assert!(!later.proves(&LinkToken::<Invitation>::parse(link.expose_secret()), 1));
        let other = Keys::from_master(&[8; 32]);
        assert!(!other.proves(&LinkToken::<Invitation>::parse(link.expose_secret()), 1));
    }

    #[test]
    fn inv_10_values_divided_otherwise_have_another_name() {
        let names = [
            name_of(&[b"ab", b"c"]),
            name_of(&[b"a", b"bc"]),
            name_of(&[b"abc"]),
            name_of(&[b"abc", b""]),
            name_of(&[b"", b"abc"]),
        ];
        assert_eq!(names.iter().collect::<std::collections::HashSet<_>>().len(), names.len());
        assert_eq!(names[0], name_of(&[b"ab", b"c"]));
    }

    #[test]
    fn the_key_file_is_private_and_made_once() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("pc-keys-{}", Uuid::now_v7()));
        let path = folder.join("partner-center.key");
        let first = Keys::load_or_create(&path).unwrap();
        let second = Keys::load_or_create(&path).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "something else").unwrap();
        assert!(matches!(Keys::load_or_create(&path), Err(KeyError::NotAKey(_))));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
