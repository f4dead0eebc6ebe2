//! Writes that can be sent twice by accident: what was answered the first time is kept with the write itself, in its
//! transaction, and answered again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::prelude::*;

use super::clock::Timestamp;
use super::db::Tx;
use super::error::{Code, Kind, Refusal};
use super::http::Reply;

mod table {
    diesel::table! {
        use diesel::sql_types::*;
        use crate::platform::db::types::Moment;
        answered_calls (call) {
            call -> Binary,
            body -> Binary,
            status -> Integer,
            answer -> Nullable<Text>,
            location -> Nullable<Text>,
            answered_at -> Moment,
        }
    }
}
use table::answered_calls;

/// How long an answer is kept (design, ruling 10).
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A write that names itself by `MS-RequestId` or `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedCall {
    /// Digest of caller, method, path and the id it sent.
    pub call: [u8; 32],
    /// Digest of its body.
    pub body: [u8; 32],
    /// Which surface it came by.
    pub surface: Surface,
}

/// Which conventions a path follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The contract's.
    Compatible,
    /// Our own.
    Extension,
}

/// Why a named write is not done.
#[derive(Debug, thiserror::Error)]
pub enum RepeatError {
    /// The same id, another body, on a path of the contract.
    #[error("This request id was already used for another body. Send a new id with each new request.")]
    Reused,
    /// The same on a path of ours.
    #[error("This idempotency key was already used for another body. Send a new key with each new request.")]
    KeyReused,
    /// The first one is still being answered.
    #[error("A request with this id is being answered at this moment. Wait for its answer, or ask again shortly.")]
    InFlight,
}

impl Refusal for RepeatError {
    fn code(&self) -> Code {
        match self {
            RepeatError::Reused => Code::new(910_060, "requestIdReused", Kind::Conflict),
            RepeatError::KeyReused => Code::new(910_061, "idempotencyKeyReused", Kind::Unprocessable),
            RepeatError::InFlight => Code::new(910_062, "requestInFlight", Kind::Conflict),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        matches!(self, RepeatError::InFlight).then_some(1)
    }
}

type AnswerRow = (Vec<u8>, i32, Option<String>, Option<String>, Timestamp);

/// What was answered to this call before, if it was made before.
///
/// # Errors
/// [`RepeatError`] if it was made with another body.
pub fn earlier_answer(
    tx: &mut Tx<'_>,
    named: &NamedCall,
    now: Timestamp,
) -> super::error::Outcome<Option<Reply>, RepeatError> {
    let row: Option<AnswerRow> = answered_calls::table
        .filter(answered_calls::call.eq(&named.call[..]))
        .select((
            answered_calls::body,
            answered_calls::status,
            answered_calls::answer,
            answered_calls::location,
            answered_calls::answered_at,
        ))
        .first(tx.connection())
        .optional()?;
    let Some((body, status, answer, location, answered_at)) = row else { return Ok(None) };
    if now >= answered_at.after(KEPT) {
        diesel::delete(answered_calls::table.filter(answered_calls::call.eq(&named.call[..])))
            .execute(tx.connection())?;
        return Ok(None);
    }
    if body != named.body {
        return Err(match named.surface {
            Surface::Compatible => RepeatError::Reused.into(),
            Surface::Extension => RepeatError::KeyReused.into(),
        });
    }
    Ok(Some(Reply::kept(u16::try_from(status).unwrap_or(200), answer, location)))
}

/// Keeps the answer of a call, without its secrets.
///
/// # Errors
/// Only the database's.
pub fn keep_answer(tx: &mut Tx<'_>, named: &NamedCall, reply: &Reply, now: Timestamp) -> QueryResult<()> {
    diesel::insert_into(answered_calls::table)
        .values((
            answered_calls::call.eq(&named.call[..]),
            answered_calls::body.eq(&named.body[..]),
            answered_calls::status.eq(i32::from(reply.status)),
            answered_calls::answer.eq(reply.keepable_body()),
            answered_calls::location.eq(reply.location.clone()),
            answered_calls::answered_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Forgets answers that need not be kept any more.
///
/// # Errors
/// Only the database's.
pub fn forget_old(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<usize> {
    let end = now.before(KEPT);
    diesel::delete(answered_calls::table.filter(answered_calls::answered_at.le(end))).execute(tx.connection())
}

/// The named writes that this process is answering.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<HashSet<[u8; 32]>>>);

impl InFlight {
    /// Begins a call. It is over when the value is dropped.
    ///
    /// # Errors
    /// [`RepeatError::InFlight`] if it is being answered already.
    pub fn begin(&self, named: &NamedCall) -> Result<Flight, RepeatError> {
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(named.call) {
            return Err(RepeatError::InFlight);
        }
        Ok(Flight { calls: self.clone(), call: named.call })
    }
}

/// A call being answered.
#[derive(Debug)]
pub struct Flight {
    calls: InFlight,
    call: [u8; 32],
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.calls.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.call);
    }
}
