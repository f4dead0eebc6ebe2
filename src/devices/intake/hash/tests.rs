use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::*;
use crate::devices::samples::{Damage, SampleDevice, sealed_bytes, sealed_report};

fn falcon() -> SampleDevice {
    SampleDevice::new("Fabrikam", "Falcon 14 G2", "FK2400017")
}

fn unfilled() -> SampleDevice {
    SampleDevice { filled: false, ..falcon() }
}

/// The sentence, for line 5.
fn fault(text: &str) -> String {
    match verify(text) {
        Ok(verified) => panic!("{verified:?}"),
        Err(fault) => fault.sentence(5),
    }
}

fn sealed(records: &[(u16, &[u8])]) -> String {
    STANDARD.encode(sealed_report(records))
}

/// Numbers that look like chance and are the same in each run.
fn chance() -> impl FnMut(usize) -> usize {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |end| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or(0) % end
    }
}

#[test]
fn a_whole_hash_says_which_device_it_is_of() {
    for filled in [true, false] {
        let device = SampleDevice { filled, ..falcon() };
        let verified = verify(&device.hash()).unwrap();
        let identity = verified.identity;
        assert_eq!(identity.manufacturer, "Fabrikam");
        assert_eq!(identity.model, "Falcon 14 G2");
        assert_eq!(identity.serial_number, "FK2400017");
        assert_eq!(identity.product_id, device.product_id);
        assert_eq!(identity.uuid, Some(device.uuid));
        assert_eq!(verified.warnings, []);
        assert_eq!(verified.digest, sha256(&device.report()));
    }
    assert_eq!(falcon().hash().len(), 4_000);
    assert!(falcon().hash().ends_with("AAAA"));
}

#[test]
fn two_captures_of_a_device_differ_and_have_one_identity() {
    let (first, second) = (falcon().hash(), SampleDevice { capture: 2, ..falcon() }.hash());
    assert_ne!(first, second);
    let (first, second) = (verify(&first).unwrap(), verify(&second).unwrap());
    assert_eq!(first.identity, second.identity);
    assert_ne!(first.digest, second.digest);
}

#[test]
fn the_unfilled_form_may_have_lost_its_padding() {
    let mut endings = [false; 3];
    for extra in 0..3 {
        let model = "M".repeat(10 + extra);
        let report = SampleDevice { model, ..unfilled() }.report();
        endings[report.len() % 3] = true;
        assert!(verify(&STANDARD.encode(&report)).is_ok());
        assert!(verify(&STANDARD_NO_PAD.encode(&report)).is_ok());
    }
    assert_eq!(endings, [true; 3]);
}

#[test]
fn every_change_of_one_character_in_the_used_part_is_caught() {
    let mut below = chance();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for device in [falcon(), unfilled()] {
        let hash = device.hash();
        let used = unfilled().hash().trim_end_matches('=').len();
        for _ in 0..2_000 {
            let at = below(used);
            let mut changed = hash.clone().into_bytes();
            while changed[at] == hash.as_bytes()[at] {
                changed[at] = alphabet[below(alphabet.len())];
            }
            let changed = String::from_utf8(changed).unwrap();
            // The last character that is used has bits of the fill as well.
            let caught = verify(&changed).map_or(true, |verified| verified.warnings == [HashFault::Fill]);
            assert!(caught, "changed at {at}");
            assert!(at + 1 >= used || verify(&changed).is_err(), "changed at {at}");
        }
    }
}

#[test]
fn every_cut_is_caught() {
    for device in [falcon(), unfilled()] {
        let hash = device.hash();
        let whole = unfilled().hash().trim_end_matches('=').len();
        for characters in 0..hash.len() {
            let result = verify(&hash[..characters]);
            let complete = characters >= whole && (!device.filled || characters % 4 == 0);
            assert_eq!(result.is_ok(), complete, "{characters} of {}: {result:?}", hash.len());
        }
    }
}

#[test]
fn hash_base64_names_the_place() {
    let hash = falcon().hash();
    assert_eq!(
        fault(&Damage::Illegal { position: 1_204 }.on(&hash)),
        "Line 5: hash has an illegal character at position 1204."
    );
    for position in [1, 2, 4, 31, 32, 33, 1_600, 3_999, 4_000] {
        assert_eq!(verify(&Damage::Illegal { position }.on(&hash)), Err(HashFault::Base64 { position }));
    }
    // Blanks, other alphabets and padding where none belongs are illegal too.
    assert_eq!(verify(&format!("{} {}", &hash[..76], &hash[76..])), Err(HashFault::Base64 { position: 77 }));
    assert_eq!(verify(&format!("T0{}", "_".repeat(98))), Err(HashFault::Base64 { position: 3 }));
    assert_eq!(verify(&format!("{hash}=")), Err(HashFault::Base64 { position: 4_001 }));
    assert_eq!(verify(&format!("{hash}====")), Err(HashFault::Base64 { position: 4_001 }));
    assert_eq!(verify("T0é"), Err(HashFault::Base64 { position: 3 }));
    assert_eq!(verify("T0HbAé"), Err(HashFault::Base64 { position: 6 }));
    assert_eq!(verify("====").unwrap_err().code(), FindingCode::HashBase64);
}

#[test]
fn hash_base64_names_a_cut_group() {
    let cut = Damage::Cut { characters: 3_999 }.on(&falcon().hash());
    assert_eq!(fault(&cut), "Line 5: hash ends within a group of four characters; it has 3999.");
    assert_eq!(verify(&cut).unwrap_err().code(), FindingCode::HashBase64);
    assert_eq!(verify("notAHashx"), Err(HashFault::CutGroup { characters: 9 }));
}

#[test]
fn hash_old_is_named() {
    let old = Damage::Old.on(&falcon().hash());
    assert_eq!(old.len(), 172);
    assert_eq!(fault(&old), "Line 5: this is the old 128-byte hash. Capture again on a supported Windows.");
    let begins_alike = STANDARD.encode([&b"OA\xdb\x03"[..], &[7; 124]].concat());
    assert_eq!(verify(&begins_alike), Err(HashFault::Old));
}

#[test]
fn hash_magic_shows_a_text_and_never_all_of_it() {
    assert_eq!(
        fault("dGhpc2RldmljZWlzYW5tbWRkZXZpY2U"),
        "Line 5: this is not a hardware hash (it decodes to \"thisdeviceisan…\")."
    );
    assert_eq!(fault("RksyNDAw"), "Line 5: this is not a hardware hash (it decodes to \"FK2400\").");
    assert_eq!(fault(&Damage::Magic.on(&falcon().hash())), "Line 5: this is not a hardware hash.");
    assert_eq!(fault(&"A".repeat(8_193)), "Line 5: this is not a hardware hash.");
    assert_eq!(fault(&"=".repeat(100_000)), "Line 5: this is not a hardware hash.");
}

#[test]
fn hash_truncated_says_how_much_there_should_be() {
    let hash = unfilled().hash();
    let cut = Damage::Cut { characters: 39 }.on(&hash);
    assert_eq!(fault(&cut), format!("Line 5: hash is cut off, 39 of {} characters.", hash.len()));
    let last = hash.trim_end_matches('=').len() - 4;
    assert_eq!(verify(&hash[..last]), Err(HashFault::Truncated { characters: last, needed: hash.len() }));
    assert_eq!(verify("T0E="), Err(HashFault::Truncated { characters: 4, needed: 56 }));
}

#[test]
fn hash_checksum_is_damage_of_any_kind() {
    let hash = falcon().hash();
    for position in [5, 6, 400, 1_000] {
        let changed = Damage::Changed { position }.on(&hash);
        assert_eq!(fault(&changed), "Line 5: hash is damaged (checksum). Capture again.");
    }
    // A length that leads beyond the text is damage if the text is of full size.
    assert_eq!(verify(&format!("{}//{}", &hash[..4], &hash[6..])), Err(HashFault::Checksum));
    // What is sealed and yet cannot be walked was made by hand.
    for length in [[0, 0], [3, 0], [200, 0], [255, 255]] {
        let records = [&[14, 0], &length[..], b"FK2400017\0"].concat();
        assert_eq!(verify(&STANDARD.encode(sealed_bytes(&records))), Err(HashFault::Checksum));
    }
}

#[test]
fn hash_fill_is_a_warning() {
    let verified = verify(&Damage::Filled.on(&falcon().hash())).unwrap();
    let [fill] = &verified.warnings[..] else { panic!("{verified:?}") };
    assert_eq!(fill.sentence(5), "Line 5: unexpected data after the hash.");
    assert_eq!((fill.code(), fill.severity()), (FindingCode::HashFill, Severity::Warning));
}

#[test]
fn hash_fields_must_be_inside() {
    let no_serial = SampleDevice { serial_number: String::new(), ..falcon() };
    assert_eq!(fault(&no_serial.hash()), "Line 5: the hash has no serial; the service will refuse it.");
    let no_maker = SampleDevice { manufacturer: String::new(), ..falcon() };
    assert_eq!(fault(&no_maker.hash()), "Line 5: the hash has no manufacturer; the service will refuse it.");
    let no_tpm = verify(&SampleDevice { tpm: false, ..falcon() }.hash()).unwrap();
    let [warning] = &no_tpm.warnings[..] else { panic!("{no_tpm:?}") };
    assert_eq!(warning.sentence(5), "Line 5: no TPM: self-deploying mode will not work.");
    assert_eq!((warning.code(), warning.severity()), (FindingCode::HashFields, Severity::Warning));
}

#[test]
fn what_may_be_missing_is_empty() {
    let bare = SampleDevice { model: String::new(), product_id: String::new(), uuid: [0xff; 16], ..falcon() };
    let identity = verify(&bare.hash()).unwrap().identity;
    assert_eq!((identity.model.as_str(), identity.product_id.as_str(), identity.uuid), ("", "", None));
    let windows_id = SampleDevice { product_id: "00329-00000-00003-AA123".to_owned(), ..falcon() };
    assert_eq!(verify(&windows_id.hash()).unwrap().identity.product_id, "");
}

#[test]
fn texts_are_read_as_firmware_writes_them() {
    let read = |serial: &[u8]| {
        let text = sealed(&[(14, serial), (14, b"ANOTHER\0"), (900, b"unknown"), (16, b"Fabrikam")]);
        verify(&text).map(|verified| verified.identity.serial_number)
    };
    assert_eq!(read(b"FK2400017").unwrap(), "FK2400017");
    assert_eq!(read(b" FK 24-00 \0\0\0garbage").unwrap(), "FK 24-00");
    assert_eq!(read("Ünïcode\0".as_bytes()).unwrap(), "Ünïcode");
    assert_eq!(read(b"K\xd6LN\0").unwrap(), "KÖLN");
    // Not a text: the next record of the type counts.
    assert_eq!(read(b"FK\n24\0").unwrap(), "ANOTHER");
    assert_eq!(read(&[b'A'; 257]).unwrap(), "ANOTHER");
    assert_eq!(read(b"SMBIOS_STRING_INDEX_0\0").unwrap(), "ANOTHER");
    assert_eq!(read(b"").unwrap(), "ANOTHER");
}

#[test]
fn a_report_without_records_is_of_no_device() {
    assert_eq!(verify(&sealed(&[])), Err(HashFault::SerialMissing));
}
