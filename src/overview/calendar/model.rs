//! Entries of the calendar, and which of them are wanted.

use uuid::Uuid;

use crate::access::{CustomerId, PartnerId};
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;
use crate::words;

words! {
    /// What lapses.
    EntryKind {
        /// An open invitation to a reseller.
        Invitation = "invitation",
        /// A request for a relationship that waits for a customer.
        RelationshipRequest = "relationshipRequest",
        /// A request for granular administration that waits for a customer.
        AdministrationRequest = "administrationRequest",
        /// Granular administration that is in force.
        Administration = "administration",
        /// A subscription that is not renewed.
        Subscription = "subscription",
        /// The agreement that one has signed: another version takes its place.
        Agreement = "agreement",
    }
}

/// Something that lapses.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// When.
    pub(super) at: Timestamp,
    /// What.
    pub(super) kind: EntryKind,
    /// Which: orders entries of one moment.
    pub(super) id: Uuid,
    /// How people call it: a mailbox, a display name, a version.
    pub(super) title: String,
    /// With which customer.
    pub(super) customer: Option<CustomerId>,
    /// With which partner, as a customer sees it.
    pub(super) partner: Option<PartnerId>,
    /// Whether it is extended then instead of ending.
    pub(super) extends: bool,
}

impl Entry {
    /// The order of the calendar.
    pub(super) fn place(&self) -> (Timestamp, Uuid) {
        (self.at, self.id)
    }
}

/// From when, and before when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// From this moment on.
    pub(super) from: Timestamp,
    /// Before this one.
    pub(super) until: Timestamp,
}

/// Days ahead that are shown unless somebody asks for others.
const USUAL_DAYS: u64 = 90;
/// Days that one calendar spans at most.
const MAX_DAYS: u64 = 1_100;

/// Which entries are wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// When they lapse.
    pub(super) window: Window,
    /// Of these kinds; all if empty.
    pub(super) kinds: Vec<EntryKind>,
    /// With this customer alone.
    pub(super) customer: Option<CustomerId>,
}

impl Wanted {
    /// Whether entries of this kind are.
    pub(super) fn wants(&self, kind: EntryKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// Why a calendar is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum CalendarError {
    #[error("{parameter} is \"{text}\"; write a day as 2026-11-21.")]
    DayMalformed { parameter: &'static str, text: String },
    #[error("to lies before from, or more than {MAX_DAYS} days after it. Ask for less at a time.")]
    WindowRefused,
    #[error("kind is \"{0}\"; it is {all}, or several of them separated by commas.", all = all_kinds())]
    KindUnknown(String),
    #[error("customerId is \"{0}\"; it must be the tenant id of a customer.")]
    CustomerMalformed(String),
}

fn all_kinds() -> String {
    EntryKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

impl Refusal for CalendarError {
    fn code(&self) -> Code {
        match self {
            CalendarError::DayMalformed { .. } => Code::new(910_530, "calendarDayMalformed", Kind::BadInput),
            CalendarError::WindowRefused => Code::new(910_531, "calendarWindowRefused", Kind::BadInput),
            CalendarError::KindUnknown(_) => Code::new(910_532, "calendarKindUnknown", Kind::BadInput),
            CalendarError::CustomerMalformed(_) => Code::new(910_533, "calendarCustomerMalformed", Kind::BadInput),
        }
    }
}

fn day(parameter: &'static str, text: &str) -> Result<Timestamp, CalendarError> {
    let malformed = || CalendarError::DayMalformed { parameter, text: shorten(text, 40) };
    let date = chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| malformed())?;
    let start = date.and_hms_opt(0, 0, 0).ok_or_else(malformed)?;
    Some(Timestamp::from_chrono(start.and_utc())).filter(|at| at.is_storable()).ok_or_else(malformed)
}

impl Window {
    /// The days from `from` to `to`, both whole; the next 90 if they are not named.
    pub(super) fn read(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Self, CalendarError> {
        let from = from.map(|text| day("from", text)).transpose()?.unwrap_or(now);
        let until = to.map(|text| day("to", text)).transpose()?.map(|day| day.after(days(1)));
        let until = until.unwrap_or_else(|| from.after(days(USUAL_DAYS)));
        if until <= from || until > from.after(days(MAX_DAYS)) || !until.is_storable() {
            return Err(CalendarError::WindowRefused);
        }
        Ok(Self { from, until })
    }
}

/// The kinds that a parameter names.
pub(super) fn read_kinds(text: Option<&str>) -> Result<Vec<EntryKind>, CalendarError> {
    let named = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
    let kind = |word: &str| {
        let known = EntryKind::ALL.iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word));
        known.copied().ok_or_else(|| CalendarError::KindUnknown(shorten(word, 40)))
    };
    named.map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_of_whole_days_and_bounded() {
        let now = Timestamp::from_micros(1_795_248_000_000_000);
        let usual = Window::read(None, None, now).unwrap();
        assert_eq!((usual.from, usual.until), (now, now.after(days(90))));
        let one = Window::read(Some("2026-12-01"), Some("2026-12-01"), now).unwrap();
        assert_eq!(one.until, one.from.after(days(1)));
        for (from, to) in [
            ("2026-12-02", "2026-12-01"),
            ("2026-12-01", "2036-12-01"),
            ("x", "2026-12-01"),
            ("9999-12-31", "9999-12-31"),
        ] {
            assert!(Window::read(Some(from), Some(to), now).is_err(), "{from} {to}");
        }
        assert_eq!(read_kinds(Some("Invitation, agreement")).unwrap(), [EntryKind::Invitation, EntryKind::Agreement]);
        assert!(read_kinds(Some("party")).is_err());
    }
}
