//! Whatever stands in a cell for a hardware hash, and whatever a sealed report holds: an answer, and never a wrong one.

#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use partner_center::devices::hash::{HashFault, Verified, verify};
use partner_center::devices::samples::sealed_bytes;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        hold(&verify(text));
    }
    // Chance does not find a SHA-256, so records are also sealed before they are read.
    let report = sealed_bytes(&data[..data.len().min(6_000)]);
    let result = verify(&STANDARD.encode(&report));
    hold(&result);
    let sealed = matches!(
        result,
        Ok(_) | Err(HashFault::Checksum | HashFault::SerialMissing | HashFault::MakerMissing | HashFault::Old)
    );
    assert!(sealed, "{result:?}");
    // One change of what was verified is always told.
    if result.is_ok() {
        let mut changed = report;
        let at = data.len() % changed.len();
        changed[at] ^= 1 << (data.len() % 8);
        assert!(verify(&STANDARD.encode(&changed)).is_err(), "a change at {at} was not told");
    }
});

fn hold(result: &Result<Verified, HashFault>) {
    match result {
        Ok(Verified { identity, warnings, .. }) => {
            assert!(!identity.serial_number.is_empty() && !identity.manufacturer.is_empty());
            let texts = [&identity.serial_number, &identity.manufacturer, &identity.model, &identity.product_id];
            for text in texts {
                assert!(!text.contains(char::is_control) && text.trim() == text && text.chars().count() <= 256);
            }
            warnings.iter().for_each(told);
        }
        Err(fault) => told(fault),
    }
}

fn told(fault: &HashFault) {
    let sentence = fault.sentence(7);
    assert!(sentence.starts_with("Line 7: ") && sentence.len() < 200, "{sentence}");
    assert!(!sentence.contains(char::is_control), "{sentence:?}");
}
