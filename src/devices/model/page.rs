//! The devices page: in which state a device is, what the page is filtered by, what is changed on it.

use std::time::Duration;

use super::{DeviceId, RegistrationId, RowState};
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::{Line, shorten};
use crate::words;

/// A device that nobody used for longer than this is inactive (mission, section 4.7).
const IN_USE: Duration = days(7);

words! {
    /// The states of the devices page.
    DeviceStatus {
        /// Not done yet.
        Pending = "registration_pending",
        /// Could not be completed.
        Failed = "registration_failed",
        /// Registered, can be delivered.
        Ready = "ready_for_user",
        /// Used in the last seven days.
        Active = "active",
        /// Used, but not in the last seven days.
        Inactive = "inactive",
    }
}

impl DeviceStatus {
    /// As people read it.
    pub const fn title(self) -> &'static str {
        match self {
            DeviceStatus::Pending => RowState::Pending.title(),
            DeviceStatus::Failed => RowState::Failed.title(),
            DeviceStatus::Ready => RowState::Ready.title(),
            DeviceStatus::Active => "Active",
            DeviceStatus::Inactive => "Inactive",
        }
    }

    /// Of a registered device.
    pub fn of(last_seen_at: Option<Timestamp>, now: Timestamp) -> Self {
        match last_seen_at {
            None => DeviceStatus::Ready,
            Some(seen) if seen >= Self::in_use_since(now) => DeviceStatus::Active,
            Some(_) => DeviceStatus::Inactive,
        }
    }

    /// What was seen since then is active.
    pub fn in_use_since(now: Timestamp) -> Timestamp {
        now.before(IN_USE)
    }

    /// Whether a registered device can be in this state.
    pub const fn is_of_devices(self) -> bool {
        matches!(self, DeviceStatus::Ready | DeviceStatus::Active | DeviceStatus::Inactive)
    }
}

/// What the devices page is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct DeviceFilter {
    /// In this state.
    pub status: Option<DeviceStatus>,
    /// Whose serial number holds this, folded.
    pub serial: Option<String>,
    /// Assigned to this user, folded.
    pub user: Option<String>,
    /// Registered with this Order ID, folded.
    pub order_id: Option<String>,
    /// Registered with this Purchase ID, folded.
    pub purchase_id: Option<String>,
}

/// The same with the registrations that Order ID and Purchase ID stand for.
#[derive(Clone, Debug)]
pub struct Narrowed {
    /// What was asked for.
    pub filter: DeviceFilter,
    /// Those it can be of; any if absent.
    pub registrations: Option<Vec<RegistrationId>>,
}

/// What is changed of a device; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct DeviceChange {
    /// Whom it is handed over to; nobody if empty.
    pub assigned_user: Option<Option<String>>,
    /// What it is called.
    pub display_name: Option<Option<Line<MAX_DISPLAY_NAME>>>,
    /// The group it belongs to.
    pub group_tag: Option<Option<Line<MAX_GROUP_TAG>>>,
}

/// Characters of a device's name at most: what its operating system takes.
pub const MAX_DISPLAY_NAME: usize = 15;
/// Characters of a group tag at most: what other services keep.
pub const MAX_GROUP_TAG: usize = 64;
/// Characters of a sign-in name at most.
pub const MAX_SIGN_IN_NAME: usize = 320;
/// Devices in one call at most.
pub const MAX_DEVICES: usize = 1_000;

/// A text that is no sign-in name of the customer's.
#[derive(Debug, thiserror::Error)]
#[error(
    "\"{}\" is not a sign-in name of this customer. Use the sign-in name, such as name@domain, of a user of this customer.",
    shorten(.0, 100)
)]
pub struct NoSignInName(pub String);

/// Why a device is not changed.
#[derive(Debug, thiserror::Error)]
pub enum DeviceChangeError {
    /// There is none.
    #[error(transparent)]
    Unknown(#[from] super::NoDevice),
    /// The user is none of the customer's.
    #[error(transparent)]
    User(#[from] NoSignInName),
}

impl Refusal for DeviceChangeError {
    fn code(&self) -> Code {
        match self {
            DeviceChangeError::Unknown(unknown) => unknown.code(),
            DeviceChangeError::User(_) => Code::new(910_460, "assignedUserFormat", Kind::Unprocessable),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DeviceChangeError::Unknown(_) => Vec::new(),
            DeviceChangeError::User(NoSignInName(user)) => {
                vec![("property", "assignedUser".to_owned()), ("value", shorten(user, 100))]
            }
        }
    }
}

/// Why there is no note to the user of a device.
#[derive(Debug, thiserror::Error)]
pub enum NoUserNote {
    /// There is no such device.
    #[error(transparent)]
    Unknown(#[from] super::NoDevice),
    /// Nobody gets it.
    #[error("Device {0} is assigned to nobody. Assign a user first: PATCH the device with assignedUser.")]
    NoUser(DeviceId),
    /// It was handed over.
    #[error("Device {0} is in use: the note is for a device that is ready for its user.")]
    InUse(DeviceId),
}

impl Refusal for NoUserNote {
    fn code(&self) -> Code {
        match self {
            NoUserNote::Unknown(unknown) => unknown.code(),
            NoUserNote::NoUser(_) => Code::new(910_461, "deviceUnassigned", Kind::Conflict),
            NoUserNote::InUse(_) => Code::new(910_462, "deviceInUse", Kind::Conflict),
        }
    }
}

/// What became of one device of a call with many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemOutcome {
    /// Done.
    Done,
    /// It was so already.
    Unchanged,
    /// The customer has no such device.
    Unknown,
    /// The customer has several with this serial number.
    Ambiguous,
    /// Neither id nor serial number, or both.
    Unnamed,
    /// The same device is named twice.
    Twice,
    /// The user is none of the customer's.
    User,
    /// Said to be seen in the future.
    Future,
    /// Said to be seen at what is no moment.
    Malformed,
}

impl ItemOutcome {
    /// The word for it; `done` is the word for what was asked.
    pub const fn word(self, done: &'static str) -> &'static str {
        match self {
            ItemOutcome::Done => done,
            ItemOutcome::Unchanged => "unchanged",
            ItemOutcome::Unknown => "deviceUnknown",
            ItemOutcome::Ambiguous => "deviceAmbiguous",
            ItemOutcome::Unnamed => "deviceNotNamed",
            ItemOutcome::Twice => "namedTwice",
            ItemOutcome::User => "assignedUserFormat",
            ItemOutcome::Future => "seenInFuture",
            ItemOutcome::Malformed => "seenAtMalformed",
        }
    }

    /// What is wrong and what to do, of what was not done.
    pub const fn sentence(self) -> Option<&'static str> {
        Some(match self {
            ItemOutcome::Done | ItemOutcome::Unchanged => return None,
            ItemOutcome::Unknown => {
                "This customer has no such registered device. Manufacturer, model and serial number match exactly, \
                 capitals included."
            }
            ItemOutcome::Ambiguous => {
                "This customer has several devices with this serial number. Name the device by its id."
            }
            ItemOutcome::Unnamed => "Name the device by its id or by its serial number, one of them.",
            ItemOutcome::Twice => "The same device is named above. Name it once.",
            ItemOutcome::User => "The user is no sign-in name, such as name@domain, in a domain of this customer.",
            ItemOutcome::Malformed => "seenAt is no moment. Write it as 2026-11-21T08:00:00Z.",
            ItemOutcome::Future => "seenAt is more than 5 minutes ahead. Set the clock of whoever reports it.",
        })
    }
}

/// Says for whom a device is, in a call with many.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The device.
    pub id: Option<DeviceId>,
    /// Or its serial number.
    pub serial_number: Option<String>,
    /// Whose it is to be; nobody's if absent.
    pub user: Option<String>,
}

/// A device was seen in use.
#[derive(Clone, Debug)]
pub struct CheckIn {
    /// As its firmware has it.
    pub manufacturer: String,
    /// As its firmware has it.
    pub model: String,
    /// As its firmware has it.
    pub serial_number: String,
    /// Who used it.
    pub user: String,
    /// When; nothing if what was sent is no moment.
    pub seen_at: Option<Timestamp>,
}

impl CheckIn {
    /// How far ahead the clock of whoever reports may be.
    const SKEW: Duration = Duration::from_secs(300);

    /// When it was seen.
    ///
    /// # Errors
    /// [`ItemOutcome::Malformed`], [`ItemOutcome::Future`].
    pub fn seen(&self, now: Timestamp) -> Result<Timestamp, ItemOutcome> {
        match self.seen_at {
            None => Err(ItemOutcome::Malformed),
            Some(at) if at > now.after(Self::SKEW) => Err(ItemOutcome::Future),
            Some(at) => Ok(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_active_up_to_seven_days_after_it_was_seen() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        assert_eq!(DeviceStatus::of(None, now), DeviceStatus::Ready);
        assert_eq!(DeviceStatus::of(Some(now), now), DeviceStatus::Active);
        assert_eq!(DeviceStatus::of(Some(now.before(days(7))), now), DeviceStatus::Active);
        let earlier = now.before(days(7) + Duration::from_micros(1));
        assert_eq!(DeviceStatus::of(Some(earlier), now), DeviceStatus::Inactive);
    }
}
