//! The second factor: codes of an authenticator (RFC 6238) and recovery codes. The authenticator's secret is derived from
//! the key file, the account and a version, so a stolen copy of the database holds none.

use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret, Totp};

use super::model::{Account, SecondFactor, UserId};
use super::passwords::readable_secret;
use crate::platform::clock::Timestamp;
use crate::platform::keys::{Keys, secret_digest};

/// What an authenticator is given, once.
pub struct Enrolment {
    /// The secret in Base32, to be typed.
    pub secret: SecretString,
    /// The same as an `otpauth://` address, to be scanned.
    pub address: SecretString,
}

fn authenticator(keys: &Keys, user: UserId, version: i32, account: &str) -> Totp {
    let seed = keys.derived(&format!("second-factor/{user}/{version}"));
    // RFC 4226 section 4: 160 bits. The library allows for one step of clock difference to either side.
    Builder::new()
        .with_secret(Secret::from(seed[..20].to_vec()))
        .with_account_name(account)
        .with_issuer(Some("Partner Center"))
        .build_noncompliant()
}

/// What sets up the next second factor of `account`. Asking changes nothing: the same again until it is confirmed.
pub fn next_enrolment(keys: &Keys, account: &Account) -> Enrolment {
    let next = account.second_factor.version + 1;
    let totp = authenticator(keys, account.id, next, &account.user_name);
    let secret = totp.secret().to_base32();
    let address = totp.to_url().unwrap_or_default();
    Enrolment { secret: secret.into(), address: address.into() }
}

/// The factor that `code` confirms, if it is a code of the one offered by [`next_enrolment`].
pub fn confirmed(keys: &Keys, account: &Account, code: &str, now: Timestamp) -> Option<SecondFactor> {
    let version = account.second_factor.version + 1;
    let step = step_of(keys, account, version, code, now)?;
    Some(SecondFactor { version, since: Some(now), last_step: step })
}

/// The time step that `code` belongs to, if it is one of the account's authenticator and its step was not used yet.
pub fn fresh_step(keys: &Keys, account: &Account, code: &str, now: Timestamp) -> Option<i64> {
    account.second_factor.since?;
    step_of(keys, account, account.second_factor.version, code, now)
        .filter(|step| *step > account.second_factor.last_step)
}

fn step_of(keys: &Keys, account: &Account, version: i32, code: &str, now: Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = authenticator(keys, account.id, version, &account.user_name);
    let time = u64::try_from(now.seconds()).ok()?;
    totp.check(&digits, time).and_then(|step| i64::try_from(step).ok())
}

/// Recovery codes that a person is given at once.
const RECOVERY_CODES: usize = 10;

/// New recovery codes, and the digests that may be stored of them. Each has 80 random bits, so its SHA-256 is enough.
pub fn recovery_codes() -> (Vec<SecretString>, Vec<Vec<u8>>) {
    let codes: Vec<SecretString> = (0..RECOVERY_CODES).map(|_| readable_secret()).collect();
    let digests = codes.iter().map(|code| recovery_digest(code.expose_secret())).collect();
    (codes, digests)
}

/// What is compared of a recovery code, however it was typed.
pub fn recovery_digest(code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    secret_digest(&plain.to_ascii_uppercase())
}
