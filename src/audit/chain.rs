//! The chain of seals: what a seal covers, and what a walk along it finds.

use std::fmt;
use std::str::FromStr;

use super::store::EventRow;
use super::store::chain::Head;
use crate::platform::keys::Keys;

/// A message in which no two lists of parts look alike: each part says whether it is there, and how long it is.
struct Message(Vec<u8>);

impl Message {
    fn new(purpose: &str) -> Self {
        let mut message = Self(Vec::with_capacity(640));
        message.part(Some(purpose.as_bytes()));
        message
    }

    fn part(&mut self, part: Option<&[u8]>) {
        match part {
            None => self.0.push(0),
            Some(bytes) => {
                self.0.push(1);
                self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
                self.0.extend_from_slice(bytes);
            }
        }
    }
}

/// What the seal of an event in `sequence` covers: the seal before it and every column.
fn message(previous: &[u8], sequence: i64, row: &EventRow) -> Vec<u8> {
    // Taken apart, so that a new column cannot be forgotten here.
    let EventRow {
        id,
        at,
        kind,
        actor_organisation_id,
        actor_user_id,
        actor_application_id,
        subject_id,
        organisation_id,
        customer_id,
        data,
        request_id,
        correlation_id,
        repeats,
        refusal_key,
        seal_from,
        sequence: _,
        hash: _,
    } = row;
    let mut message = Message::new("event-1");
    message.part(Some(previous));
    message.part(Some(&sequence.to_be_bytes()));
    message.part(Some(id.uuid().as_bytes()));
    message.part(Some(&at.micros().to_be_bytes()));
    message.part(Some(kind.as_bytes()));
    for id in [actor_organisation_id, actor_user_id, actor_application_id, organisation_id, customer_id] {
        message.part(id.map(|id| id.uuid().into_bytes()).as_ref().map(|bytes| &bytes[..]));
    }
    for id in [subject_id, request_id, correlation_id] {
        message.part(Some(id.uuid().as_bytes()));
    }
    message.part(Some(data.as_bytes()));
    message.part(Some(&repeats.to_be_bytes()));
    message.part(refusal_key.as_deref());
    message.part(seal_from.map(|at| at.micros().to_be_bytes()).as_ref().map(|bytes| &bytes[..]));
    message.0
}

/// The seal of an event in `sequence`, after one whose seal is `previous`.
pub(super) fn seal(keys: &Keys, previous: &[u8], sequence: i64, row: &EventRow) -> [u8; 32] {
    keys.audit_seal(&message(previous, sequence, row))
}

fn head_message(sequence: i64, hash: &[u8]) -> Vec<u8> {
    let mut message = Message::new("head-1");
    message.part(Some(&sequence.to_be_bytes()));
    message.part(Some(hash));
    message.0
}

/// The head of a chain whose last seal is `hash`.
pub(super) fn head(keys: &Keys, sequence: i64, hash: &[u8]) -> Head {
    let tag = keys.audit_seal(&head_message(sequence, hash)).to_vec();
    Head { sequence, hash: hash.to_vec(), tag }
}

/// Whether somebody who holds the key file made this head.
pub(super) fn is_genuine(keys: &Keys, head: &Head) -> bool {
    keys.is_audit_seal(&head_message(head.sequence, &head.hash), &head.tag)
}

/// What comes before the first event.
pub(super) fn beginning(keys: &Keys) -> [u8; 32] {
    keys.audit_seal(&Message::new("beginning-1").0)
}

/// A head that somebody wrote down: `SEQUENCE:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The place of the event that was the last then.
    pub sequence: i64,
    /// Its seal.
    pub hash: Vec<u8>,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.sequence)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is no [`Mark`].
#[derive(Debug, thiserror::Error)]
#[error(
    "\"{0}\" is no head of a trail: it has the form SEQUENCE:HASH, with 64 hexadecimal digits, as `audit verify` prints it"
)]
pub struct NotAMark(String);

impl FromStr for Mark {
    type Err = NotAMark;
    fn from_str(text: &str) -> Result<Self, NotAMark> {
        let read = || {
            let (sequence, hash) = text.trim().split_once(':')?;
            let digits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            let byte = |at: usize| u8::from_str_radix(hash.get(at..at + 2)?, 16).ok();
            let hash = (0..hash.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>().filter(|_| digits)?;
            Some(Mark { sequence: sequence.parse().ok().filter(|sequence| *sequence >= 0)?, hash })
        };
        read().ok_or_else(|| NotAMark(crate::platform::text::shorten(text, 100)))
    }
}

/// Sentences kept at most: a chain that is broken everywhere needs no more.
const FINDINGS: usize = 100;
/// Seals that may come before the next event once the chain is broken.
const PREVIOUS: usize = 6;

/// A walk along the chain, event by event.
pub(super) struct Walk<'k> {
    keys: &'k Keys,
    since: Option<&'k Mark>,
    since_seen: bool,
    /// The place of the last event seen.
    pub(super) last: i64,
    /// What the next seal may follow: one value in a whole chain. After a break both what is there and what should be, so
    /// that only what was changed is named. Unknown after a gap.
    previous: Vec<Vec<u8>>,
    /// What is wrong, as sentences.
    pub(super) broken: Vec<String>,
    /// How much is wrong.
    pub(super) findings: usize,
}

impl<'k> Walk<'k> {
    pub(super) fn new(keys: &'k Keys, since: Option<&'k Mark>) -> Self {
        let beginning = beginning(keys).to_vec();
        let since_seen = since.is_some_and(|mark| mark.sequence == 0 && mark.hash == beginning);
        Self { keys, since, since_seen, last: 0, previous: vec![beginning], broken: Vec::new(), findings: 0 }
    }

    fn finds(&mut self, sentence: String) {
        self.findings += 1;
        if self.broken.len() < FINDINGS {
            self.broken.push(sentence);
        }
    }

    /// The next event in the order of places.
    pub(super) fn step(&mut self, row: &EventRow) {
        let (sequence, id) = (row.sequence.unwrap_or_default(), row.id);
        if sequence <= self.last {
            return self.finds(format!("event {id} has the place {sequence}, which was never given: it was inserted"));
        }
        let expected = self.last + 1;
        if sequence > expected {
            let missing = match sequence - 1 {
                only if only == expected => format!("sequence {only} is missing"),
                until => format!("sequences {expected} to {until} are missing"),
            };
            self.finds(format!("{missing} before event {id}: deleted, or moved elsewhere"));
            self.previous.clear();
        }
        self.last = sequence;
        let stored = row.hash.clone().unwrap_or_default();
        if self.since.is_some_and(|mark| mark.sequence == sequence && mark.hash == stored) {
            self.since_seen = true;
        }
        let follows = |previous: &Vec<u8>| self.keys.is_audit_seal(&message(previous, sequence, row), &stored);
        if self.previous.is_empty() || self.previous.iter().any(follows) {
            self.previous = vec![stored];
            return;
        }
        let due: Vec<Vec<u8>> =
            self.previous.iter().map(|previous| seal(self.keys, previous, sequence, row).to_vec()).collect();
        self.previous.extend(due);
        self.previous.push(stored);
        let surplus = self.previous.len().saturating_sub(PREVIOUS);
        self.previous.drain(..surplus);
        self.finds(format!("sequence {sequence}, event {id}: not what was sealed; it was edited, inserted or moved"));
    }

    /// After the last event: does the head say so too?
    pub(super) fn end(&mut self, head: Option<&Head>) {
        match head {
            None if self.last > 0 => self.finds("the head of the trail is missing: deleted".to_owned()),
            None => {}
            Some(head) if !is_genuine(self.keys, head) => {
                let sequence = head.sequence;
                self.finds(format!(
                    "the head of the trail (sequence {sequence}) was not written by this service: edited"
                ));
            }
            Some(head) if head.sequence > self.last => {
                let (from, until) = (self.last + 1, head.sequence);
                self.finds(format!("sequences {from} to {until} are missing at the end: the tail was cut"));
            }
            Some(head) if head.sequence < self.last => {
                let (from, until) = (head.sequence + 1, self.last);
                self.finds(format!("sequences {from} to {until} come after the head of the trail: inserted"));
            }
            Some(head) if !self.previous.contains(&head.hash) => {
                let sequence = head.sequence;
                self.finds(format!("the head of the trail is not the seal of sequence {sequence}: edited"));
            }
            Some(_) => {}
        }
        if let Some(mark) = self.since.filter(|_| !self.since_seen) {
            self.finds(format!("the head you wrote down, {mark}, is not part of this trail: it was cut or replaced"));
        }
        if self.findings > self.broken.len() {
            self.broken.push(format!("… and {} more", self.findings - self.broken.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let mark = Mark { sequence: 42, hash: (0..32).collect() };
        assert_eq!(mark.to_string().parse::<Mark>().unwrap(), mark);
        for wrong in ["", "42", "42:", "42:00", "x:", &format!("-1:{}", "00".repeat(32)), &"é".repeat(40)] {
            assert!(wrong.parse::<Mark>().is_err(), "{wrong}");
        }
        assert!(format!("1:{}", "+1".repeat(32)).parse::<Mark>().is_err());
    }
}
