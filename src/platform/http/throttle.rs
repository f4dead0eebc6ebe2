//! How often one may call. It keeps a client that runs wild from taking the service away from the others; each process
//! counts for itself.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::HttpRequest;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use uuid::Uuid;

use super::errors::Error;
use super::peer::PeerNetwork;
use crate::platform::error::{Code, Kind, Refusal};

/// Whom a call is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Counted {
    Tenant(Uuid),
    Network(PeerNetwork),
    /// Everybody for whom there is no room any more.
    Rest,
}

/// Keys remembered at most: some 10 MiB.
const MAX_KEYS: usize = 100_000;
/// After so many calls those that have been idle are forgotten.
const SWEEP_EVERY: u32 = 4_096;

/// The limit of calls per minute, shared by the threads of a process.
#[derive(Clone)]
pub struct CallLimit(Option<Arc<Counters>>);

struct Counters {
    limiter: DefaultKeyedRateLimiter<Counted>,
    clock: DefaultClock,
    calls: AtomicU32,
}

/// Too many calls.
#[derive(Debug, thiserror::Error)]
#[error("Rate limit is exceeded. Try again in {0} seconds.")]
pub struct TooManyCalls(u32);

impl Refusal for TooManyCalls {
    fn code(&self) -> Code {
        Code::new(910_064, "rateLimitExceeded", Kind::TooMany)
    }
    fn retry_after(&self) -> Option<u32> {
        Some(self.0)
    }
}

impl CallLimit {
    /// A limit for each tenant and each network; none if 0.
    pub fn per_minute(calls: u32) -> Self {
        Self(NonZeroU32::new(calls).map(|calls| {
            Arc::new(Counters {
                limiter: RateLimiter::keyed(Quota::per_minute(calls)),
                clock: DefaultClock::default(),
                calls: AtomicU32::new(0),
            })
        }))
    }

    /// Counts a call of somebody whose token is good.
    ///
    /// # Errors
    /// [`TooManyCalls`].
    pub fn count_tenant(&self, tenant: Uuid) -> Result<(), TooManyCalls> {
        self.count(Counted::Tenant(tenant))
    }

    /// Counts a call of nobody in particular.
    ///
    /// # Errors
    /// [`TooManyCalls`].
    pub fn count_network(&self, network: PeerNetwork) -> Result<(), TooManyCalls> {
        self.count(Counted::Network(network))
    }

    fn count(&self, whom: Counted) -> Result<(), TooManyCalls> {
        let Some(counters) = &self.0 else { return Ok(()) };
        if counters.calls.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            counters.limiter.retain_recent();
            counters.limiter.shrink_to_fit();
        }
        let whom = if counters.limiter.len() < MAX_KEYS { whom } else { Counted::Rest };
        counters.limiter.check_key(&whom).map_err(|early| {
            let wait = early.wait_time_from(counters.clock.now());
            TooManyCalls(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1))
        })
    }
}

/// Counts a call that comes without a token.
///
/// # Errors
/// [`TooManyCalls`], as an answer.
pub fn count_anonymous(request: &HttpRequest) -> Result<(), Error> {
    match request.app_data::<CallLimit>() {
        Some(limit) => Ok(limit.count_network(PeerNetwork::of(request))?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    #[test]
    fn everybody_is_counted_apart_and_0_counts_nobody() {
        let limit = CallLimit::per_minute(3);
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        for _ in 0..3 {
            limit.count_tenant(one).unwrap();
        }
        let told = limit.count_tenant(one).unwrap_err();
        assert!((1..=20).contains(&told.0), "{told}");
        limit.count_tenant(other).unwrap();
        limit.count_network(PeerNetwork::of_address(Ipv4Addr::LOCALHOST.into())).unwrap();
        let off = CallLimit::per_minute(0);
        assert!((0..10_000).all(|_| off.count_tenant(one).is_ok()));
    }

    #[test]
    fn the_memory_of_callers_is_bounded() {
        let limit = CallLimit::per_minute(1);
        for number in 0..(MAX_KEYS as u32 + 10_000) {
            let _ = limit.count_network(PeerNetwork::of_address(IpAddr::V4(Ipv4Addr::from_bits(number))));
        }
        assert!(limit.0.unwrap().limiter.len() <= MAX_KEYS + 1);
    }
}
