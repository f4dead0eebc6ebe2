//! Release requests: whoever wants a device asks whoever holds it, and neither learns who the other is.

use super::{DeviceId, RegistrationId};
use crate::access::{CustomerId, OrganisationId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

ids! {
    /// One request to release a device.
    ReleaseRequestId,
}

words! {
    /// What became of a release request.
    ReleaseState {
        /// Not answered yet.
        Open = "open",
        /// The device is deregistered: the row can be retried.
        Released = "released",
        /// The holder keeps it.
        Declined = "declined",
    }
}

/// Requests that a customer makes in a day at most: each is mail to somebody it does not know.
pub const REQUESTS_A_DAY: i64 = 20;

/// A release request, as nobody sees it whole.
#[derive(Clone, Debug)]
pub struct ReleaseRequest {
    /// Its id.
    pub id: ReleaseRequestId,
    /// The customer for whom it is asked.
    pub asker: CustomerId,
    /// Who asked.
    pub asked_by: OrganisationId,
    /// The user who asked; an application if absent.
    pub asked_by_user: Option<UserId>,
    /// The customer that has the device.
    pub holder: CustomerId,
    /// The device.
    pub device: DeviceId,
    /// The registration of the row that failed.
    pub registration: RegistrationId,
    /// The row.
    pub position: i32,
    /// Manufacturer, model and serial number in that row.
    pub wanted: [String; 3],
    /// Manufacturer, model and serial number of the device.
    pub held: [String; 3],
    /// Where it stands.
    pub state: ReleaseState,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it was answered.
    pub decided_at: Option<Timestamp>,
}

/// Why a release request is not made or answered.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// No such row.
    #[error("Registration {0} of this customer has no row {1}.")]
    NoRow(RegistrationId, i32),
    /// The row failed for another reason, or not at all.
    #[error(
        "Row {0} did not fail because another organization claimed its device, so there is nobody to ask. Look at its \
         error for what to do."
    )]
    NotClaimed(i32),
    /// Nobody else has the device any more.
    #[error("No other organization holds the device of row {0} now. Retry the row.")]
    Free(i32),
    /// Too many.
    #[error(
        "This customer asked for {REQUESTS_A_DAY} devices in the last 24 hours, which is all it may. Ask again later."
    )]
    TooMany,
    /// No such request to this customer.
    #[error("This customer was asked for no device in a request {0}.")]
    Unknown(ReleaseRequestId),
    /// Answered otherwise.
    #[error("Release request {0} was answered already: it is {1}.")]
    Answered(ReleaseRequestId, ReleaseState),
}

impl Refusal for ReleaseError {
    fn code(&self) -> Code {
        match self {
            ReleaseError::NoRow(..) => Code::new(910_470, "rowUnknown", Kind::NotFound),
            ReleaseError::NotClaimed(_) => Code::new(910_471, "rowNotClaimedElsewhere", Kind::Conflict),
            ReleaseError::Free(_) => Code::new(910_472, "deviceNotHeld", Kind::Conflict),
            ReleaseError::TooMany => Code::new(910_473, "releaseRequestsTooMany", Kind::TooMany),
            ReleaseError::Unknown(_) => Code::new(910_474, "releaseRequestUnknown", Kind::NotFound),
            ReleaseError::Answered(..) => Code::new(910_475, "releaseRequestAnswered", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            ReleaseError::NoRow(_, row) | ReleaseError::NotClaimed(row) | ReleaseError::Free(row) => {
                vec![("row", row.to_string())]
            }
            ReleaseError::TooMany => vec![("allowed", REQUESTS_A_DAY.to_string())],
            ReleaseError::Unknown(_) => Vec::new(),
            ReleaseError::Answered(_, state) => vec![("state", state.to_string())],
        }
    }
}
