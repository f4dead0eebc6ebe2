//! Failed sign-ins: how many an account and a network may have. Guessing a password must not be worth the time; who knows
//! it is never kept waiting by their own successes, because only failures count.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::PeerNetwork;
use crate::platform::keys::sha256;
use crate::platform::text::folded;

/// How many failures are let pass, and how quickly they are forgotten.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    failures: u32,
    then_one_per: Duration,
}

/// A person mistypes a password a few times; 10 and then one a minute is 1,450 guesses a day at most.
const OF_ACCOUNT: Allowance = Allowance { failures: 10, then_one_per: Duration::from_secs(60) };
/// An office behind one address mistypes more often than one person, and a guesser tries many accounts from one address.
const OF_NETWORK: Allowance = Allowance { failures: 30, then_one_per: Duration::from_secs(10) };
/// Accounts and networks remembered at most, each: a few MiB. Those nearest to being forgotten anyway go first.
const REMEMBERED: usize = 100_000;

/// Too many failures. The same whether the account exists or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Too many sign-ins with this name or from this network have failed. Try again in {seconds} seconds.")]
pub struct TooManyAttempts {
    /// Seconds after which one more is let pass.
    pub seconds: u32,
}

impl Refusal for TooManyAttempts {
    fn code(&self) -> Code {
        Code::new(910_026, "tooManyAttempts", Kind::TooMany)
    }
    fn retry_after(&self) -> Option<u32> {
        Some(self.seconds)
    }
}

/// The failures of late, shared by the threads of a process; each process counts for itself.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<Mutex<Failures>>);

#[derive(Debug, Default)]
struct Failures {
    accounts: Buckets<[u8; 32]>,
    networks: Buckets<PeerNetwork>,
}

/// Leaky buckets: for each key the moment at which all its failures will have leaked away.
#[derive(Debug)]
struct Buckets<K>(HashMap<K, Timestamp>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Copy> Buckets<K> {
    /// When the bucket will be empty. Never later than a full one takes, should the clock have been set back.
    fn empty_at(&self, key: &K, allowance: Allowance, now: Timestamp) -> Timestamp {
        let latest = now.after(allowance.then_one_per * allowance.failures);
        self.0.get(key).map_or(now, |empty| (*empty).clamp(now, latest))
    }

    /// How long until one more failure fits in.
    fn wait(&self, key: &K, allowance: Allowance, now: Timestamp) -> Duration {
        let room = now.after(allowance.then_one_per * (allowance.failures - 1));
        let late = self.empty_at(key, allowance, now).micros().saturating_sub(room.micros());
        Duration::from_micros(u64::try_from(late).unwrap_or(0))
    }

    fn add(&mut self, key: K, allowance: Allowance, now: Timestamp) {
        let empty = self.empty_at(&key, allowance, now).after(allowance.then_one_per);
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        self.0.insert(key, empty);
    }

    fn take_back(&mut self, key: &K, allowance: Allowance) {
        if let Some(empty) = self.0.get_mut(key) {
            *empty = empty.before(allowance.then_one_per);
        }
    }

    /// Forgets what has leaked away, and the emptier half of the rest if that is not enough.
    fn make_room(&mut self, now: Timestamp) {
        self.0.retain(|_, empty| *empty > now);
        if self.0.len() >= REMEMBERED {
            let mut moments: Vec<Timestamp> = self.0.values().copied().collect();
            let middle = moments.len() / 2;
            let (_, median, _) = moments.select_nth_unstable(middle);
            let median = *median;
            self.0.retain(|_, empty| *empty > median);
        }
    }
}

impl Attempts {
    /// Whether a sign-in may be tried: asked right before the password is looked at, with nothing waited for in between.
    ///
    /// # Errors
    /// [`TooManyAttempts`], whether the account exists or not.
    pub fn check(&self, account: &str, network: &PeerNetwork, now: Timestamp) -> Result<(), TooManyAttempts> {
        self.failures().check(&name_digest(account), network, now)
    }

    /// Counts a failure.
    pub fn failed(&self, account: &str, network: &PeerNetwork, now: Timestamp) {
        self.failures().add(name_digest(account), *network, now);
    }

    /// As [`Self::check`], and counts a failure in advance: for short codes, of which many could be tried at once while
    /// the first is looked at. Whoever was right takes it back with [`Self::succeeded`].
    ///
    /// # Errors
    /// [`TooManyAttempts`].
    pub fn begin(&self, account: &str, network: &PeerNetwork, now: Timestamp) -> Result<(), TooManyAttempts> {
        let (account, mut failures) = (name_digest(account), self.failures());
        failures.check(&account, network, now)?;
        failures.add(account, *network, now);
        Ok(())
    }

    /// Takes back what [`Self::begin`] counted.
    pub fn succeeded(&self, account: &str, network: &PeerNetwork) {
        let mut failures = self.failures();
        failures.accounts.take_back(&name_digest(account), OF_ACCOUNT);
        failures.networks.take_back(network, OF_NETWORK);
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failures {
    fn check(&self, account: &[u8; 32], network: &PeerNetwork, now: Timestamp) -> Result<(), TooManyAttempts> {
        let wait = self.accounts.wait(account, OF_ACCOUNT, now).max(self.networks.wait(network, OF_NETWORK, now));
        if wait.is_zero() {
            return Ok(());
        }
        let seconds = wait.as_micros().div_ceil(1_000_000);
        Err(TooManyAttempts { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) })
    }

    fn add(&mut self, account: [u8; 32], network: PeerNetwork, now: Timestamp) {
        self.accounts.add(account, OF_ACCOUNT, now);
        self.networks.add(network, OF_NETWORK, now);
    }
}

/// A name of fixed length, whatever was typed.
fn name_digest(account: &str) -> [u8; 32] {
    sha256(folded(account.trim()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_248_000_000_000);

    fn network(number: u32) -> PeerNetwork {
        PeerNetwork::of_address(std::net::Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn aut_07_an_account_has_ten_failures_then_one_a_minute_from_wherever() {
        let attempts = Attempts::default();
        for number in 0..10 {
            attempts.check("anna@a.example", &network(number), NOW).unwrap();
            attempts.failed("anna@a.example", &network(number), NOW);
        }
        for (name, after, wait) in [
            ("anna@a.example", 0, Some(60)),
            (" ANNA@a.example ", 0, Some(60)),
            ("anna@a.example", 59, Some(1)),
            ("anna@a.example", 60, None),
            ("bertil@a.example", 0, None),
        ] {
            let told = attempts.check(name, &network(99), NOW.after(Duration::from_secs(after)));
            assert_eq!(told.err().map(|told| told.seconds), wait, "{name} after {after}");
        }
        let later = NOW.after(Duration::from_secs(60));
        attempts.failed("anna@a.example", &network(99), later);
        assert_eq!(attempts.check("anna@a.example", &network(99), later), Err(TooManyAttempts { seconds: 60 }));
        // All is forgotten after ten quiet minutes.
        let much_later = later.after(Duration::from_secs(600));
        assert!((0..10).all(|_| {
            let allowed = attempts.check("anna@a.example", &network(98), much_later).is_ok();
            attempts.failed("anna@a.example", &network(98), much_later);
            allowed
        }));
    }

    #[test]
    fn aut_07_a_network_has_thirty_failures_then_one_in_ten_seconds_with_whatever_name() {
        let attempts = Attempts::default();
        let mut passed = 0;
        for guess in 0..100_000_u32 {
            // A guess each millisecond: 100 seconds in all.
            let now = NOW.after(Duration::from_millis(u64::from(guess)));
            let name = format!("user{guess}@a.example");
            if attempts.check(&name, &network(1), now).is_ok() {
                passed += 1;
                attempts.failed(&name, &network(1), now);
            }
        }
        assert!((30..=40).contains(&passed), "{passed}");
        attempts.check("user0@a.example", &network(2), NOW).unwrap();
    }

    #[test]
    fn aut_07_what_was_counted_in_advance_is_taken_back_by_a_success() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            attempts.begin("anna@a.example", &network(1), NOW).unwrap();
            attempts.succeeded("anna@a.example", &network(1));
        }
        let begun = (0..100).filter(|_| attempts.begin("anna@a.example", &network(1), NOW).is_ok()).count();
        assert_eq!(begun, 10);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_a_clock_set_back_keeps_nobody_out() {
        let mut buckets = Buckets::default();
        for number in 0..(REMEMBERED as u32 * 2) {
            buckets.add(number, OF_ACCOUNT, NOW);
        }
        assert!(buckets.0.len() <= REMEMBERED);
        let mut buckets = Buckets::default();
        for _ in 0..10 {
            buckets.add(1, OF_ACCOUNT, NOW);
        }
        let day_before = NOW.before(Duration::from_secs(86_400));
        assert_eq!(buckets.wait(&1, OF_ACCOUNT, day_before), Duration::from_secs(60));
    }
}
