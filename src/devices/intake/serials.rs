//! Serial numbers, product ids, sign-in names: what they cannot be.

use crate::platform::text::folded;

/// Texts that firmware shows when nobody wrote a serial number.
const PLACEHOLDERS: &[&str] = &[
    "to be filled by o.e.m.",
    "to be filled by oem",
    "default string",
    "system serial number",
    "none",
    "0",
    "n/a",
    "smbios_string_index_0",
    "not specified",
    "not applicable",
    "invalid",
];

/// Whether firmware shows this when nobody wrote a serial number.
pub(super) fn is_placeholder(serial: &str) -> bool {
    let mut letters = serial.chars();
    let first = letters.next();
    let is_monotonous = serial.len() > 2 && letters.all(|letter| Some(letter) == first);
    // The longest placeholder is shorter than this.
    is_monotonous || serial.len() <= 32 && PLACEHOLDERS.contains(&folded(serial).as_str())
}

/// `1.23E+11` or `1,23E+11`: a spreadsheet took it for a number.
pub(super) fn is_spreadsheet_number(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once("E+").or_else(|| text.split_once("e+")) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    is_digits(whole) && is_digits(fraction) && is_digits(exponent)
}

/// Whether it is digits only, and at least one.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `written` is `whole` without its leading zeros, or without some of them.
pub(super) fn lost_zeros(written: &str, whole: &str) -> bool {
    is_digits(written)
        && is_digits(whole)
        && written.len() < whole.len()
        && written.trim_start_matches('0') == whole.trim_start_matches('0')
}

/// Whether it is `name@domain`, in one of the domains if there are any.
pub(in crate::devices) fn is_sign_in_name(text: &str, domains: Option<&[String]>) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let labels_are_whole = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    let is_plain = !text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '<' | '>'));
    let is_ours = domains.is_none_or(|domains| domains.contains(&folded(domain)));
    !name.is_empty() && labels_are_whole && !domain.contains('@') && is_plain && is_ours
}

/// Digits of a serial number that are compared with those of others; makers use fewer.
const MAX_DIGITS: usize = 32;
/// Serial numbers of one length that are kept to be named.
const KEPT: usize = 100;

/// The serial numbers of digits in a file, by their length: those shorter than most may have lost zeros.
///
/// Only a few of each length are kept, those of a length that is rare enough to be suspicious.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    by_length: Vec<(u32, Vec<(u32, String)>)>,
}

impl Siblings {
    /// Takes note of an accepted row.
    pub(super) fn add(&mut self, line: u32, serial: &str) {
        if serial.len() > MAX_DIGITS || !is_digits(serial) {
            return;
        }
        if self.by_length.is_empty() {
            self.by_length.resize_with(MAX_DIGITS + 1, Default::default);
        }
        let (count, kept) = &mut self.by_length[serial.len()];
        *count = count.saturating_add(1);
        if kept.len() < KEPT {
            kept.push((line, serial.to_owned()));
        }
    }

    /// Those shorter than what more than half of them have.
    pub(super) fn shorter(self) -> Option<Shorter> {
        let all: u32 = self.by_length.iter().map(|(count, _)| *count).sum();
        let usual = self.by_length.iter().position(|(count, _)| *count >= 2 && *count > all / 2)?;
        let shorter = || self.by_length[..usual].iter();
        let count: u32 = shorter().map(|(count, _)| *count).sum();
        let mut kept: Vec<(u32, String)> = shorter().flat_map(|(_, kept)| kept.clone()).collect();
        kept.sort();
        let more = count.saturating_sub(u32::try_from(kept.len()).unwrap_or(u32::MAX));
        (count > 0).then_some(Shorter { usual, kept, more })
    }
}

/// Serial numbers that are shorter than most.
#[derive(Debug)]
pub(super) struct Shorter {
    /// The length that most have.
    pub usual: usize,
    /// Lines and serial numbers.
    pub kept: Vec<(u32, String)>,
    /// How many more there are.
    pub more: u32,
}
