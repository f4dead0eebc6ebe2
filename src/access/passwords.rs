//! Password hashing, behind a queue: each hash takes 19 MiB, so a crowd of sign-ins must not run at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::model::PasswordError;
use crate::platform::keys::random_bytes;

/// Hashes made at once.
const AT_ONCE: usize = 4;
/// Sign-ins that wait; more are told to come back.
const QUEUE: usize = 64;

/// Makes and checks password hashes: Argon2id with the library's parameters, which are OWASP's.
#[derive(Clone)]
pub struct Passwords {
    gate: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// Checked when the user is unknown, so that the answer takes as long.
    dummy: Arc<str>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// A queue of its own.
    pub fn new() -> Self {
        Self {
            gate: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::default(),
            dummy: hash_now("no user has this password").into(),
        }
    }

    /// The hash of `password`.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] if too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        self.queued(move || hash_now(password.expose_secret())).await
    }

    /// Whether `password` is the one behind `hash`. Without a hash the answer is no, after the same time.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] if too many wait.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let matches = self
            .queued(move || {
                PasswordHash::new(&hash).is_ok_and(|parsed| {
                    Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok()
                })
            })
            .await?;
        Ok(known && matches)
    }

    async fn queued<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
        let place = Place::take(&self.waiting).ok_or(PasswordError::Busy)?;
        let turn = self.gate.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        done.await.map_err(|_| PasswordError::Busy)
    }
}

/// A place in the queue, given back on every way out.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        if waiting.fetch_add(1, Ordering::SeqCst) >= QUEUE + AT_ONCE {
            waiting.fetch_sub(1, Ordering::SeqCst);
            return None;
        }
        Some(Self(waiting.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn hash_now(password: &str) -> String {
    let salt = random_bytes::<16>();
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("the default parameters hash any password of allowed length")
        .to_string()
}

/// A temporary password.
pub fn temporary_password() -> SecretString {
    readable_secret()
}

/// 80 random bits in groups that survive being read aloud.
pub(super) fn readable_secret() -> SecretString {
    // No 0, O, 1, I, l: they are confused on paper.
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letters: Vec<char> =
        random_bytes::<16>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    SecretString::from(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned().into()).await.unwrap();
        assert!(passwords.verify("correct horse".to_owned().into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".to_owned().into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("no user has this password".to_owned().into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_crowd_is_told_to_come_back() {
        let passwords = Passwords::new();
        let crowd = (0..200).map(|_| passwords.hash("crowd".to_owned().into()));
        let outcomes = futures_util::future::join_all(crowd).await;
        let served = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(served, QUEUE + AT_ONCE);
    }
}
