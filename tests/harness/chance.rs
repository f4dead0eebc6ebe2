//! Chance that can be repeated, and how much of it a test takes.

/// A xorshift generator: the same seed, the same numbers.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Seeds next to each other shall not begin alike, and zero stays zero for ever.
        Self((seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (seed >> 29)).max(1))
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(end).unwrap()).unwrap()
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Happens in so many of 100 cases.
    pub fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

#[expect(clippy::disallowed_methods, reason = "the suite is told by the environment what to repeat, and how often")]
fn told(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is \"{text}\", not a number")))
}

/// A seed of this run, or the one in `SEED` to repeat another.
pub fn seed() -> u64 {
    told("SEED").unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 16)
}

/// How often: `in_suite`, but with `SOAK` that percentage of `in_soak`.
pub fn rounds(in_suite: usize, in_soak: usize) -> usize {
    let percent = usize::try_from(told("SOAK").unwrap_or(0)).unwrap();
    in_suite.max(in_soak * percent / 100)
}
