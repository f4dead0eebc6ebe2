//! A set rate, shared by whoever wants to begin something.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

/// How often something may begin. Unlike a rate limiter it lets one look without taking a turn: who finds nothing to do
/// leaves the turn to the next.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    free: Mutex<Option<Instant>>,
}

/// The right to begin now. Dropped without [`Turn::take`], it is the next one's.
#[derive(Debug)]
pub struct Turn<'p> {
    interval: Duration,
    free: MutexGuard<'p, Option<Instant>>,
}

impl Pace {
    /// At most `count` in each second, evenly.
    pub fn per_second(count: u32) -> Self {
        let interval = Duration::from_nanos(1_000_000_000_u64.div_ceil(u64::from(count.max(1))));
        Self { interval, free: Mutex::default() }
    }

    /// Waits for a turn, in the order of asking. Nobody else gets one until it is taken or dropped.
    pub async fn turn(&self) -> Turn<'_> {
        let free = self.free.lock().await;
        if let Some(moment) = *free {
            tokio::time::sleep_until(moment).await;
        }
        Turn { interval: self.interval, free }
    }
}

impl Turn<'_> {
    /// Begins: the next turn comes an interval later.
    pub fn take(mut self) {
        *self.free = Some(next(*self.free, Instant::now(), self.interval));
    }
}

/// When the turn after one that is taken at `now` may come, if that one was free from `free` on. Rests are not saved up.
fn next(free: Option<Instant>, now: Instant, interval: Duration) -> Instant {
    free.map_or(now, |free| free.max(now)) + interval
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_8_turns_come_at_the_set_rate_and_rests_are_not_saved_up() {
        for rate in [1_u32, 5, 7, 1000] {
            let interval = Pace::per_second(rate).interval;
            let start = Instant::now();
            let (mut free, mut now, mut begun) = (None, start, Vec::new());
            for step in 0..rate * 3 {
                // Whoever comes early waits; in the middle nobody comes for an hour.
                now = free.unwrap_or(now).max(now);
                if step == rate {
                    now += Duration::from_secs(3600);
                }
                begun.push(now);
                free = Some(next(free, now, interval));
            }
            for (place, moment) in begun.iter().enumerate() {
                let within = begun[place..].iter().filter(|later| **later < *moment + Duration::from_secs(1)).count();
                assert!(within <= rate as usize, "{within} within a second at {rate}");
            }
            let total = begun[begun.len() - 1] - start - Duration::from_secs(3600);
            assert_eq!(total, interval * (rate * 3 - 1), "a backlog drains as fast as it may");
        }
    }

    #[tokio::test]
    async fn mail_8_a_turn_that_is_not_taken_is_the_next_ones() {
        let pace = Pace::per_second(1);
        drop(pace.turn().await);
        let turn = pace.turn().await;
        assert!(turn.free.is_none(), "nothing was begun, so nobody waits");
        turn.take();
        assert!(pace.free.lock().await.is_some());
    }
}
