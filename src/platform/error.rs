//! What can go wrong, said once: the kind of problem, its stable code, a sentence, the values to act on.

use std::fmt;

/// The kind of a problem. It says nothing of HTTP; `platform::http` gives each kind its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request itself is wrong; sending it again unchanged cannot help.
    BadInput,
    /// Nobody is signed in, or the proof of it is no longer good.
    Unauthenticated,
    /// The caller is known and may not.
    Forbidden,
    /// There is no such thing for this caller.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// It collides with what is already there.
    Conflict,
    /// Larger than a limit.
    TooLarge,
    /// A media type or an encoding that is not read here.
    UnsupportedMedia,
    /// Well formed, but not possible.
    Unprocessable,
    /// It has changed since the caller looked.
    PreconditionFailed,
    /// The caller has to say which version it looked at.
    PreconditionRequired,
    /// Sent to a name that is not this service's.
    Misdirected,
    /// Too often.
    TooMany,
    /// Not now; try again soon.
    Unavailable,
    /// Our fault.
    Internal,
}

/// A stable code: a number for the compatible surface and a name for people and programs. Neither ever changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The number. Those from 910000 are ours; the others are the contract's.
    pub number: u32,
    /// The name, in camel case.
    pub name: &'static str,
    /// What kind of problem it is.
    pub kind: Kind,
}

impl Code {
    /// Declares a code.
    pub const fn new(number: u32, name: &'static str, kind: Kind) -> Self {
        Self { number, name, kind }
    }
}

/// A refusal that a person can act on: `Display` is the sentence, without internal text.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// The stable code.
    fn code(&self) -> Code;

    /// The values to act on, by name: an id, a limit, a link.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Further sentences, where there is more than one thing to say: one per finding in a file.
    fn details(&self) -> Vec<String> {
        Vec::new()
    }

    /// Seconds after which trying again makes sense, where that is known.
    fn retry_after(&self) -> Option<u32> {
        None
    }
}

/// Why an action did not happen: it was refused, or the database failed and nothing was written.
#[derive(Debug)]
pub enum Failure<R> {
    /// A rule said no.
    Refused(R),
    /// The database said no; the transaction is gone.
    Database(diesel::result::Error),
}

impl<R> Failure<R> {
    /// The same failure, its refusal told as a refusal of the use case that asked.
    pub fn widen<W: From<R>>(self) -> Failure<W> {
        match self {
            Failure::Refused(refusal) => Failure::Refused(refusal.into()),
            Failure::Database(error) => Failure::Database(error),
        }
    }
}

impl<R: Refusal> From<R> for Failure<R> {
    fn from(refusal: R) -> Self {
        Failure::Refused(refusal)
    }
}

impl<R> From<diesel::result::Error> for Failure<R> {
    fn from(error: diesel::result::Error) -> Self {
        Failure::Database(error)
    }
}

impl<R: fmt::Display> fmt::Display for Failure<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Database(error) => write!(f, "database: {error}"),
        }
    }
}

impl<R: std::error::Error> std::error::Error for Failure<R> {}

/// The refusal of an action that cannot be refused: only the database can fail it.
#[derive(Debug, thiserror::Error)]
pub enum Never {}

impl Refusal for Never {
    fn code(&self) -> Code {
        match *self {}
    }
}

/// A parameter that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadRequest(pub String);

impl Refusal for BadRequest {
    fn code(&self) -> Code {
        codes::BAD_REQUEST
    }
}

/// The outcome of an action.
pub type Outcome<T, R> = Result<T, Failure<R>>;

/// The outcome of an action that is never refused.
pub type Sure<T> = Outcome<T, Never>;

/// Codes that belong to no feature.
pub mod codes {
    use super::{Code, Kind};

    /// A body or a parameter that could not be read.
    pub const BAD_REQUEST: Code = Code::new(910_000, "badRequest", Kind::BadInput);
    /// No such path.
    pub const UNKNOWN_PATH: Code = Code::new(1000, "unknownPath", Kind::NotFound);
    /// The path exists, the method does not.
    pub const METHOD_NOT_ALLOWED: Code = Code::new(910_001, "methodNotAllowed", Kind::MethodNotAllowed);
    /// The body is larger than the limit.
    pub const TOO_LARGE: Code = Code::new(910_002, "bodyTooLarge", Kind::TooLarge);
    /// A content type or content encoding that is not read here.
    pub const UNSUPPORTED_MEDIA: Code = Code::new(910_003, "unsupportedMediaType", Kind::UnsupportedMedia);
    /// Something broke on our side; the request id finds it in the log.
    pub const INTERNAL: Code = Code::new(800_003, "internalError", Kind::Internal);
    /// The database is busy, locked or gone.
    pub const DATABASE_UNAVAILABLE: Code = Code::new(910_004, "databaseUnavailable", Kind::Unavailable);
    /// The client was too slow.
    pub const TIMED_OUT: Code = Code::new(910_005, "requestTimedOut", Kind::BadInput);

    /// A name that is not this service's.
    pub const HOST_UNKNOWN: Code = Code::new(910_063, "hostUnknown", Kind::Misdirected);
    /// A form that none of our pages sent.
    pub const FORM_FORGED: Code = Code::new(910_070, "formForged", Kind::Forbidden);

    /// A key that is taken, found only by the database: the actions' own refusals say more.
    pub const CONFLICT: Code = Code::new(910_007, "conflict", Kind::Conflict);
}
