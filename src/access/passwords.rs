//! Password hashing, behind a queue: each hash takes 19 MiB, so a crowd of sign-ins must not run at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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
    memory: Memory,
    /// Checked when the user is unknown, so that the answer takes as long.
    dummy: Arc<str>,
}

/// What hashes are made in, one for each made at once, kept for the next. Given back to the allocator, each would stay
/// with the arena of the thread it was used on, and there are many threads.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut blocks = kept().pop().unwrap_or_default();
        let made = work(&mut blocks);
        kept().push(blocks);
        made
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// A queue of its own.
    pub fn new() -> Self {
        let memory = Memory::default();
        let dummy = memory.with(|blocks| hash_in(blocks, "no user has this password")).into();
        Self { gate: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default(), memory, dummy }
    }

    /// The hash of `password`.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] if too many wait.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        Ok(self.queued(move |blocks| hash_in(blocks, password.expose_secret())).await?.0)
    }

    /// Whether `password` is the one behind `hash`. Without a hash the answer is no, after the same time.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] if too many wait.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<Verdict, PasswordError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let check = move |blocks: &mut Vec<Block>| matches_in(blocks, password.expose_secret(), &hash).unwrap_or(false);
        let (matches, place) = self.queued(check).await?;
        Ok(Verdict { matches: known && matches, _place: place })
    }

    async fn queued<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<(T, Place), PasswordError> {
        let place = Place::take(&self.waiting).ok_or(PasswordError::Busy)?;
        let turn = self.gate.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let memory = self.memory.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _held = turn;
            memory.with(work)
        });
        Ok((done.await.map_err(|_| PasswordError::Busy)?, place))
    }
}

/// Whether a password was right. Until it is dropped nobody takes the asker's place in the queue: who counts failures does
/// so first, so that of guesses made at once no more are looked at than were let in before the first was counted.
#[must_use]
pub struct Verdict {
    /// Whether it was.
    pub matches: bool,
    _place: Place,
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

fn hash_in(blocks: &mut Vec<Block>, password: &str) -> String {
    let mut made = || -> Option<PasswordHash> {
        let params = Params::default();
        let salt = Salt::new(&random_bytes::<16>()).ok()?;
        let hash = output(blocks, (Algorithm::default(), Version::default(), &params), password, (&salt, 32))?;
        Some(PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(&params).ok()?,
            salt: Some(salt),
            hash: Some(hash),
        })
    };
    made().expect("the default parameters hash any password of allowed length").to_string()
}

/// Whether the password is the one behind the hash; nothing if that is no hash of Argon2.
fn matches_in(blocks: &mut Vec<Block>, password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let (algorithm, params) = (Algorithm::try_from(hash.algorithm.as_str()).ok()?, Params::try_from(&hash).ok()?);
    let version = Version::try_from(hash.version?).ok()?;
    let expected = hash.hash?;
    let found = output(blocks, (algorithm, version, &params), password, (&hash.salt?, expected.len()))?;
    // Compared in constant time: the type promises it.
    Some(found == expected)
}

fn output(
    blocks: &mut Vec<Block>,
    (algorithm, version, params): (Algorithm, Version, &Params),
    password: &str,
    (salt, length): (&[u8], usize),
) -> Option<Output> {
    blocks.resize(params.block_count(), Block::new());
    let argon = Argon2::new(algorithm, version, params.clone());
    let mut buffer = [0; Output::MAX_LENGTH];
    let out = buffer.get_mut(..length)?;
    argon.hash_password_into_with_memory(password.as_bytes(), salt, out, blocks.as_mut_slice()).ok()?;
    Output::new(out).ok()
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
        let verify = async |password: &str, hash: Option<String>| {
            passwords.verify(password.to_owned().into(), hash).await.unwrap().matches
        };
        assert!(verify("correct horse", Some(hash.clone())).await);
        assert!(!verify("wrong horse", Some(hash)).await);
        assert!(!verify("no user has this password", None).await);
    }

    #[test]
    fn hashes_are_those_of_the_library_whatever_was_in_their_memory_before() {
        use argon2::password_hash::{PasswordHasher, PasswordVerifier};
        let memory = Memory::default();
        for password in ["correct horse", "wrong horse"] {
            let made = memory.with(|blocks| hash_in(blocks, password));
            let parsed = PasswordHash::new(&made).unwrap();
            assert!(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
            let salt = parsed.salt.unwrap();
            let again = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).unwrap();
            assert_eq!(made, again.to_string());
        }
        assert_eq!(memory.with(|blocks| matches_in(blocks, "x", "no hash")), None);
    }

    #[tokio::test]
    async fn aut_07_a_place_is_taken_until_the_verdict_was_looked_at() {
        let passwords = Passwords::new();
        let crowd = (0..QUEUE + AT_ONCE).map(|_| passwords.verify("guess".to_owned().into(), None));
        let verdicts = futures_util::future::join_all(crowd).await;
        assert!(verdicts.iter().all(|verdict| verdict.as_ref().is_ok_and(|verdict| !verdict.matches)));
        assert!(passwords.verify("guess".to_owned().into(), None).await.is_err());
        drop(verdicts);
        assert!(passwords.verify("guess".to_owned().into(), None).await.is_ok());
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
