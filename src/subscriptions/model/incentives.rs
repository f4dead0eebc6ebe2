//! Reports of incentives: pure rules.

use chrono::NaiveDate;

use crate::platform::error::{Code, Kind, Refusal};

/// Days of one report at most: ten years.
pub const MAX_DAYS: i64 = 3_660;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum IncentivesError {
    /// It ends before it begins.
    #[error("from ({from}) lies after to ({to}). Swap them.")]
    DaysReversed {
        /// The first day.
        from: NaiveDate,
        /// The last.
        to: NaiveDate,
    },
    /// Too many days.
    #[error("From {from} to {to} is more than ten years. Ask for a shorter time.")]
    TooLong {
        /// The first day.
        from: NaiveDate,
        /// The last.
        to: NaiveDate,
    },
    /// No date.
    #[error("{parameter} is \"{text}\"; write it as 2026-11-21.")]
    DateMalformed {
        /// Which.
        parameter: &'static str,
        /// As it was given.
        text: String,
    },
    /// No such file.
    #[error("format is \"{0}\"; it is json or csv.")]
    FormatUnknown(String),
}

impl Refusal for IncentivesError {
    fn code(&self) -> Code {
        match self {
            IncentivesError::DaysReversed { .. } => Code::new(910_680, "incentivesDaysReversed", Kind::BadInput),
            IncentivesError::TooLong { .. } => Code::new(910_681, "incentivesTooLong", Kind::BadInput),
            IncentivesError::DateMalformed { .. } => Code::new(910_682, "incentivesDateMalformed", Kind::BadInput),
            IncentivesError::FormatUnknown(_) => Code::new(910_683, "incentivesFormatUnknown", Kind::BadInput),
        }
    }
}
