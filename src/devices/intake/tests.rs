use std::fmt::Write as _;
use std::io::Cursor;

use super::super::model::SAMPLE_VALUES;
use super::super::model::{Audience, CUSTOMER_HEADING, DeviceValues, FileFormat, HashCheck, PARTNER_HEADING, Shape};
use super::samples::{Damage, SampleDevice, sealed_report};
use super::*;

/// What a check told.
#[derive(Default)]
struct Kept {
    rows: Vec<CheckedRow>,
    findings: Vec<Finding>,
}

impl Sink for Kept {
    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        self.rows.push(row);
        Ok(())
    }
    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.findings.push(finding);
        Ok(())
    }
}

const LIMIT: u32 = 1_000;

fn rules(audience: Audience) -> Rules {
    Rules { audience, max_rows: LIMIT, headerless: None, hash_check: HashCheck::Refuse, user_domains: None }
}

fn check_all(files: &[(&str, &[u8])], rules: &Rules) -> (Report, Kept) {
    let mut kept = Kept::default();
    let files = files
        .iter()
        .map(|(name, bytes)| Ok(FileToCheck { name: (*name).to_owned(), content: Cursor::new(bytes.to_vec()) }));
    let report = check(files, rules, &mut kept).unwrap();
    (report, kept)
}

fn check_one(text: impl AsRef<[u8]>, audience: Audience) -> (Report, Kept) {
    check_all(&[("devices.csv", text.as_ref())], &rules(audience))
}

/// `line CODE` of each finding, as errors `E` or warnings `W`, and whether all is refused.
fn told(text: impl AsRef<[u8]>, audience: Audience) -> Vec<String> {
    let (report, kept) = check_one(text, audience);
    let mut told: Vec<String> = kept
        .findings
        .iter()
        .map(|found| {
            format!(
                "{} {} {}",
                found.line.unwrap_or(0),
                if found.severity == Severity::Error { 'E' } else { 'W' },
                found.code
            )
        })
        .collect();
    if report.refused {
        told.push("refused".to_owned());
    }
    told
}

fn partner(rows: &str) -> String {
    format!("{PARTNER_HEADING}\r\n{rows}\r\n")
}

fn autopilot(rows: &str) -> String {
    format!("Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User\r\n{rows}\r\n")
}

fn fabrikam(serial: &str) -> SampleDevice {
    SampleDevice::new("Fabrikam", "Falcon 14 G2", serial)
}

fn hash(serial: &str) -> String {
    fabrikam(serial).hash()
}

/// A row of the diagnostics table: a file, and the exact answer.
struct Case {
    of: Audience,
    text: Vec<u8>,
    code: FindingCode,
    severity: Severity,
    line: Option<u32>,
    column: Option<&'static str>,
    value: Option<String>,
    sentence: String,
    refuses: bool,
}

fn case(code: FindingCode, text: impl AsRef<[u8]>, sentence: impl Into<String>) -> Case {
    Case {
        of: Audience::Partner,
        text: text.as_ref().to_vec(),
        code,
        severity: Severity::Error,
        line: None,
        column: None,
        value: None,
        sentence: sentence.into(),
        refuses: false,
    }
}

impl Case {
    fn of(self, of: Audience) -> Self {
        Self { of, ..self }
    }
    fn on(self, line: u32) -> Self {
        Self { line: Some(line), ..self }
    }
    fn at(self, column: &'static str, value: &str) -> Self {
        Self { column: Some(column), value: (!value.is_empty()).then(|| value.to_owned()), ..self }
    }
    fn warns(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
    fn refuses(self) -> Self {
        Self { refuses: true, ..self }
    }
}

fn table() -> Vec<Case> {
    use FindingCode as C;
    let shown = format!("{}…", &hash("FK1")[..12]);
    let shown = shown.as_str();
    let damaged = |damage: Damage| autopilot(&format!("FK1,,{},,", damage.on(&hash("FK1"))));
    let with_columns = |serial: &str, maker: &str, model: &str, id: &str| {
        format!(
            "Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model\n{serial},{id},{},{maker},{model}\n",
            hash("0004711")
        )
    };
    let inside = fabrikam("0004711").product_id;
    let broken_hash = |records: &[(u16, &[u8])]| {
        use base64::Engine;
        let bytes = sealed_report(records);
        format!("Hardware Hash\n{}\n", base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    let serial_missing = broken_hash(&[(16, b"Fabrikam\0"), (25, &[7; 256])]);
    let without_tpm = SampleDevice { tpm: false, ..fabrikam("FK1") }.hash();
    let long = "x".repeat(300);
    vec![
        case(C::FileEmpty, partner(""), "The file has a header but no devices.").refuses(),
        case(C::FileEmpty, "", "The file holds nothing.").refuses(),
        case(
            C::FileNotCsv,
            "PK\u{3}\u{4}",
            "This is an Excel workbook, not a CSV. Save it as \"CSV UTF-8\" – or better, send the file you were given, or \
             use a text editor and the template with the heading Manufacturer,Model,Serial Number.",
        )
        .refuses(),
        case(
            C::FileNotCsv,
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            "This is an Excel workbook, not a CSV. Save it as \"CSV UTF-8\" – or better, send the file you were given, or \
             use a text editor and the template with the heading Manufacturer,Model,Serial Number,Hardware Hash.",
        )
        .of(Audience::Customer)
        .refuses(),
        case(
            C::FileNotCsv,
            "%PDF-1.7",
            "This is a PDF, not a CSV. Send a text file with the heading Manufacturer,Model,Serial Number.",
        )
        .refuses(),
        case(C::FileNotCsv, partner("A,B,S1\r\nA,B,S\u{0}2"), "Line 3 holds a zero byte, so this is not a CSV.")
            .on(3)
            .refuses(),
        case(C::FileEncoding, b"Manufacturer,Model,Serial Number\nB\xfccher,M,S1\n", "Read as Windows-1252; check accents.")
            .warns(),
        case(
            C::FileEncoding,
            "Manufacturer,Model,Serial Number\nBücher,M,S1\nB".bytes().chain([0xFC]).chain("cher,M,S2\n".bytes()).collect::<Vec<_>>(),
            "Line 3 cannot be read as text (UTF-8).",
        )
        .on(3)
        .refuses(),
        case(
            C::FileTooLarge,
            partner(&(0..=LIMIT).fold(String::new(), |mut rows, n| {
                let _ = writeln!(rows, "A,B,S{n}x");
                rows
            })),
            "The file has more than 1000 rows, the limit. Split it; nothing was imported.",
        )
        .on(1002)
        .refuses(),
        case(
            C::FileTooLarge,
            partner(&format!("A,B,S1\r\nA,B,\"{}", "x\r\n".repeat(30_000))),
            "Line 3 is longer than 65536 bytes. Is a quote not closed?",
        )
        .on(3)
        .refuses(),
        case(
            C::FileTooLarge,
            format!("{PARTNER_HEADING}{}\n", ",x".repeat(30)),
            "The heading has 33 columns; at most 32 are read.",
        )
        .on(1)
        .refuses(),
        case(
            C::HeaderMissing,
            "Fabrikam,Falcon 14 G2,FK2400017\n",
            "There is no header row. Add one of these: Manufacturer,Model,Serial Number or Device Serial Number,Windows \
             Product ID,Hardware Hash.",
        )
        .on(1)
        .refuses(),
        case(
            C::HeaderUnknown,
            "Name,Colour\nA,B\n",
            "None of the columns names a device. Found: Name,Colour; needed: Hardware Hash, or Windows Product ID, or \
             Manufacturer,Model,Serial Number.",
        )
        .on(1)
        .refuses(),
        case(
            C::HeaderUnknown,
            "Serial Number,Model\nA,B\n",
            "The columns do not suffice to name a device. Found: Serial Number,Model; needed: \
             Manufacturer,Model,Serial Number.",
        )
        .of(Audience::Supplier)
        .on(1)
        .refuses(),
        case(
            C::HeaderIsExport,
            "displayName,serialNumber,manufacturer,model,enrolmentState\nA,S1,B,C,enrolled\n",
            "This is an export of registered devices, not a registration file. Send a file with the heading \
             Manufacturer,Model,Serial Number.",
        )
        .on(1)
        .refuses(),
        case(
            C::HeaderTranslated,
            format!("Geräteseriennummer,Windows-Produkt-ID,Hardwarehash\nFK1,,{}\n", hash("FK1")),
            "Read \"Geräteseriennummer\" as Serial Number.",
        )
        .warns()
        .on(1)
        .at("Geräteseriennummer", ""),
        case(
            C::HeaderDuplicate,
            "Manufacturer,Serial Number,Model,Notes,Serial Number\nA,S1,B,,S1\n",
            "\"Serial Number\" occurs in columns 2 and 5.",
        )
        .on(1)
        .at("Serial Number", "")
        .refuses(),
        case(
            C::ColumnIgnored,
            "Manufacturer,Model,Serial Number,Notes\nA,B,S1,x\n",
            "Column \"Notes\" is not used.",
        )
        .warns()
        .on(1)
        .at("Notes", ""),
        case(C::HashColumnMissing, partner("A,B,S1"), HASH_COLUMN_MISSING).of(Audience::Customer).on(1).refuses(),
        case(
            C::RowWidth,
            partner("VMware, Inc.,B,S1"),
            "Line 2 has 4 values, the header 3: a value holds the delimiter (maker \"VMware, Inc.\"?). Quote it.",
        )
        .on(2),
        case(C::RowWidth, partner("A,B,S1\r\nTotal: 5"), "Line 3 has 1 of 3 values: part of it is missing.").on(3),
        case(
            C::RowRepeatedHeader,
            partner("A,B,S1\r\nMANUFACTURER,model,Serial_Number\r\nA,B,S2"),
            "Line 3 repeats the header; skipped.",
        )
        .warns()
        .on(3),
        case(
            C::RowSample,
            partner("A,ContosoABC,S1"),
            "Line 2, Model: \"ContosoABC\" is the sample from the documentation. Replace it.",
        )
        .on(2)
        .at("Model", "ContosoABC")
        .refuses(),
        case(
            C::RowSample,
            autopilot("R9-ZNP67,,,,"),
            "Line 2, Device Serial Number: \"R9-ZNP67\" is the sample from the documentation. Replace it.",
        )
        .on(2)
        .at("Device Serial Number", "R9-ZNP67")
        .refuses(),
        case(
            C::CellNotText,
            partner(&format!("A,B,{long}")),
            "Line 2, Serial Number: a value has at most 256 characters.",
        )
        .on(2)
        .at("Serial Number", &format!("{}…", "x".repeat(12))),
        case(
            C::CellNotText,
            partner("A,B,S\u{7}1"),
            "Line 2, Serial Number: the value holds a control character.",
        )
        .on(2)
        .at("Serial Number", "S\u{FFFD}1"),
        case(
            C::CellNotText,
            partner("A,\"B,S1\r\nC,D\",S2"),
            "Line 2, Model: the value runs on to line 3. Is a quote not closed? Nothing of these lines is registered.",
        )
        .on(2)
        .at("Model", "B,S1\u{FFFD}\u{FFFD}C,D"),
        case(
            C::CellNotText,
            partner("A,B,S1\r\nC,D,\"S2\r\nE,F,S3"),
            "Lines 3 to 5 are one row, because a quote is not closed. Close it.",
        )
        .on(3),
        case(
            C::IdMissing,
            autopilot(",,,Kiosk,"),
            "Line 2 needs a hardware hash, a product id, or serial, manufacturer and model.",
        )
        .on(2)
        .at("Device Serial Number", ""),
        case(C::IdMissing, format!("{CUSTOMER_HEADING}\nA,B,S1,\n"), "Line 2 needs a hardware hash.")
            .of(Audience::Customer)
            .on(2)
            .at("Hardware Hash", ""),
        case(C::TupleIncomplete, partner("A,,S1"), "Line 2: serial and manufacturer given, model missing.")
            .on(2)
            .at("Model", ""),
        case(C::TupleIncomplete, autopilot("S1,,,,"), "Line 2: serial given, manufacturer and model missing.")
            .on(2)
            .at("Manufacturer", ""),
        case(
            C::SerialPlaceholder,
            partner("A,B,To be filled by O.E.M."),
            "Line 2: \"To be filled by O.E.M.\" is a firmware placeholder, not a serial.",
        )
        .on(2)
        .at("Serial Number", "To be filled by O.E.M."),
        case(
            C::SerialNumberFormat,
            partner("A,B,\"1,23E+11\""),
            "Line 2: a spreadsheet turned the serial into 1,23E+11. Re-export as text.",
        )
        .on(2)
        .at("Serial Number", "1,23E+11"),
        case(
            C::SerialLeadingZero,
            partner("A,B,0004711\r\nA,B,4712\r\nA,B,0004713"),
            "Line 3: leading zeros may be lost (\"4712\" has 4 digits, most serials of the file 7).",
        )
        .warns()
        .on(3)
        .at("Serial Number", "4712"),
        case(
            C::SerialLeadingZero,
            with_columns("4711", "Fabrikam", "Falcon 14 G2", ""),
            "Line 2: leading zeros may be lost (hash says 0004711).",
        )
        .warns()
        .on(2)
        .at("Device Serial Number", "4711"),
        case(
            C::PkidFormat,
            autopilot(",00329-00000-00003-AA123,,,"),
            "Line 2: product id must be 13 digits; \"00329-00000-00003-AA123\" is the id Windows shows, not the one on the \
             box label.",
        )
        .on(2)
        .at("Windows Product ID", "00329-00000-00003-AA123"),
        case(
            C::PkidFormat,
            autopilot(",3.55E+12,,,"),
            "Line 2: product id must be 13 digits; a spreadsheet turned it into 3.55E+12; re-export as text.",
        )
        .on(2)
        .at("Windows Product ID", "3.55E+12"),
        case(C::HashBase64, damaged(Damage::Illegal { position: 17 }), "Line 2: hash has an illegal character at position 17.")
            .on(2)
            .at("Hardware Hash", shown),
        case(
            C::HashOld,
            autopilot(&format!("FK1,,{},,", Damage::Old.on(&hash("FK1")))),
            "Line 2: this is the old 128-byte hash. Capture again on a supported Windows.",
        )
        .on(2)
        .at("Hardware Hash", &format!("{}…", &Damage::Old.on(&hash("FK1"))[..12])),
        case(
            C::HashMagic,
            autopilot("FK1,,dGhpcyBkZXZpY2UgaXMgYW5vdGhlcg==,,"),
            "Line 2: this is not a hardware hash (it decodes to \"this device is…\").",
        )
        .on(2)
        .at("Hardware Hash", "dGhpcyBkZXZp…"),
        case(C::HashTruncated, damaged(Damage::Cut { characters: 400 }), "Line 2: hash is cut off, 400 of 1060 characters.")
            .on(2)
            .at("Hardware Hash", shown),
        case(
            C::HashChecksum,
            damaged(Damage::Changed { position: 200 }),
            "Line 2: hash is damaged (checksum). Capture again.",
        )
        .on(2)
        .at("Hardware Hash", shown),
        case(C::HashFill, damaged(Damage::Filled), "Line 2: unexpected data after the hash.")
            .warns()
            .on(2)
            .at("Hardware Hash", shown),
        case(
            C::HashFields,
            &serial_missing,
            "Line 2: the hash has no serial; the service will refuse it.",
        )
        .on(2)
        .at("Hardware Hash", &format!("{}…", &serial_missing[14..26])),
        case(
            C::HashFields,
            autopilot(&format!("FK1,,{},,", without_tpm)),
            "Line 2: no TPM: self-deploying mode will not work.",
        )
        .warns()
        .on(2)
        .at("Hardware Hash", &format!("{}…", &without_tpm[..12])),
        case(
            C::HashSerialMismatch,
            with_columns("FK2", "", "", ""),
            "Line 2: hash belongs to serial 0004711, the file says FK2 – rows swapped?",
        )
        .on(2)
        .at("Device Serial Number", "FK2"),
        case(
            C::HashMakerMismatch,
            with_columns("0004711", "Fabrikam Inc.", "Falcon 14 G2", ""),
            "Line 2: maker \"Fabrikam Inc.\" – firmware says \"Fabrikam\". With the triple this would not be found.",
        )
        .warns()
        .on(2)
        .at("Manufacturer name", "Fabrikam Inc."),
        case(
            C::HashModelMismatch,
            with_columns("0004711", "", "Falcon 14", ""),
            "Line 2: model \"Falcon 14\" – firmware says \"Falcon 14 G2\". With the triple this would not be found.",
        )
        .warns()
        .on(2)
        .at("Device model", "Falcon 14"),
        case(
            C::HashPkidMismatch,
            with_columns("0004711", "", "", "3550000000001"),
            format!("Line 2: product id differs from the one in the hash ({inside})."),
        )
        .warns()
        .on(2)
        .at("Windows Product ID", "3550000000001"),
        case(
            C::DupInFile,
            partner("A,B,S1\r\nA,B,S2\r\nA,C,S1"),
            "Lines 2 and 4 are the same device; it is registered once.",
        )
        .on(4)
        .at("Serial Number", "S1"),
        case(
            C::DupInFile,
            autopilot(",3550000000017,,,\r\n,3550000000017,,,"),
            "Lines 2 and 3 are the same device: both have the product id 3550000000017.",
        )
        .on(3)
        .at("Windows Product ID", "3550000000017"),
        case(
            C::DupInFile,
            autopilot(&format!(
                ",,{},,\r\n,,{},,",
                hash("FK1"),
                SampleDevice { capture: 2, ..fabrikam("FK1") }.hash()
            )),
            "Lines 2 and 3 are the same device (captured twice).",
        )
        .on(3)
        .at("Device Serial Number", "FK1"),
        case(
            C::DupCase,
            partner("A,B,S1\r\nA,B,s1"),
            "Lines 2 and 3 differ only in capitals: only the one that equals the firmware's text will match.",
        )
        .warns()
        .on(3)
        .at("Serial Number", "s1"),
        case(C::UserFormat, autopilot(",3550000000017,,,anna"), "Line 2: \"anna\" is not a sign-in name of this customer.")
            .on(2)
            .at("Assigned User", "anna"),
        case(
            C::TagFormat,
            autopilot(",3550000000017,,Kiosk ,"),
            "Line 2: group tag has a trailing space; rules compare exactly. It is read as \"Kiosk\".",
        )
        .warns()
        .on(2)
        .at("Group Tag", "Kiosk "),
        case(
            C::TagFormat,
            autopilot(&format!(",3550000000017,,{},", "k".repeat(65))),
            "Line 2: group tag has 65 characters; other services keep 64.",
        )
        .warns()
        .on(2)
        .at("Group Tag", &format!("{}…", "k".repeat(40))),
    ]
}

const HASH_COLUMN_MISSING: &str = "A customer's file needs the Hardware Hash column. Ways to obtain it: the Autopilot file of \
     the devices' maker, PowerShell on the device (Get-WindowsAutopilotInfo), a flash drive during setup, or a Configuration \
     Manager report. Partners may register without hashes.";

#[test]
fn csv_5_every_row_of_the_diagnostics_table_has_its_exact_answer() {
    let mut wrong = Vec::new();
    for expected in table() {
        let (report, kept) = check_one(&expected.text, expected.of);
        let same = |found: &Finding| {
            found.code == expected.code
                && found.severity == expected.severity
                && found.file == 1
                && found.line == expected.line
                && found.column.as_deref() == expected.column
                && found.value == expected.value
                && found.sentence == expected.sentence
                && found.remedy == expected.code.remedy()
        };
        if !kept.findings.iter().any(same) || report.refused != expected.refuses {
            wrong.push(format!("{} {}\n  {:?} {}", expected.code, expected.sentence, kept.findings, report.refused));
        }
        let row = kept.rows.iter().any(|row| row.refused == Some(expected.code));
        let is_row =
            expected.severity == Severity::Error && (!expected.refuses || expected.code == FindingCode::RowSample);
        if row != is_row {
            wrong.push(format!("{}: a row refused for it: {row}\n{:?}", expected.code, kept.rows));
        }
        assert_eq!(report.counts.values().sum::<u32>() as usize, kept.findings.len());
        assert_eq!(report.rows as usize, kept.rows.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let seen: Vec<FindingCode> = table().iter().map(|case| case.code).collect();
    let elsewhere = [
        "DEVICE_NOT_FOUND",
        "DEVICE_ALREADY_REGISTERED",
        "DEVICE_CLAIMED_ELSEWHERE",
        "REL_MISSING",
        "NOT_CHOSEN",
        "VOIDED",
        "UNEXPECTED",
    ];
    for code in FindingCode::ALL {
        assert!(seen.contains(code) || elsewhere.contains(&code.as_str()), "{code} has no case");
        assert!(!code.remedy().is_empty());
    }
}

#[test]
fn wrong_rows_are_told_with_their_lines() {
    for (rows, expected) in [
        ("A,B,S1", vec![]),
        ("\"VMware, Inc.\",B,S1", vec![]),
        ("A,B,S1,,", vec!["2 E ROW_WIDTH"]),
        ("A,B,S1\nA,ContosoABC,000000000000", vec!["3 E ROW_SAMPLE", "3 E ROW_SAMPLE", "refused"]),
        ("A,B,1111111", vec!["2 E SERIAL_PLACEHOLDER"]),
        ("A,B,none", vec!["2 E SERIAL_PLACEHOLDER"]),
        ("A,B,0", vec!["2 E SERIAL_PLACEHOLDER"]),
        ("A,B,SMBIOS_STRING_INDEX_0", vec!["2 E SERIAL_PLACEHOLDER"]),
        ("A,B,1.23E+11", vec!["2 E SERIAL_NUMBER_FORMAT"]),
        ("A,B,", vec!["2 E TUPLE_INCOMPLETE"]),
        ("A,B,S1\nA,C,S1\nA,B,s1\nA,B,s1", vec!["3 E DUP_IN_FILE", "4 W DUP_CASE", "5 E DUP_IN_FILE"]),
        ("A,B,1\nA,B,22\nA,B,334", vec![]),
    ] {
        assert_eq!(told(partner(rows), Audience::Partner), expected, "{rows}");
    }
    let sample = "Manufacturer,Model,Serial Number,Notes\nA,B,S1,SpiralOrbit\n";
    assert_eq!(told(sample, Audience::Partner), ["1 W COLUMN_IGNORED", "2 E ROW_SAMPLE", "refused"]);
    let padded = "Manufacturer,Model,Serial Number,,\nA,B,S1,,\nA,B,S2\nVMware, Inc.,B,S3,\n";
    assert_eq!(told(padded, Audience::Partner), ["4 E ROW_WIDTH"]);
    let shifted = "Manufacturer,Model,Serial Number,Notes\nVMware, Inc.,B,S1,\n";
    assert_eq!(told(shifted, Audience::Partner), ["1 W COLUMN_IGNORED", "2 E ROW_WIDTH"]);
    let export = "Device name,Managed by,Ownership,Compliance\nA,B,C,D\n";
    assert_eq!(told(export, Audience::Partner), ["1 E HEADER_IS_EXPORT", "refused"]);
}

#[test]
fn another_services_sample_and_its_explanation_refuse_everything() {
    let text = "Device serial number,Windows product ID,Hardware hash,Manufacturer name,Device Model\r\n\
                R9-ZNP67,,,Contoso,X\r\n,,T0FzAQEAHAAAAAoAAAAAAAAAAAAAAAAAAAAAAAA,,\r\n\r\n\
                SAMPLE EXPLAINED (remove the following section before uploading),,,,\r\n\
                Row 1: a serial number, a manufacturer and a model\r\n";
    let (report, kept) = check_one(text, Audience::Partner);
    let lines: Vec<_> = kept.findings.iter().map(|found| (found.line, found.code)).collect();
    let sample = |line| (Some(line), FindingCode::RowSample);
    assert_eq!(lines, [sample(2), sample(3), sample(5)]);
    assert!(report.refused);
    assert_eq!((report.files[0].format.as_str(), report.files[0].skipped), ("Partner Center 5, older case", 2));
}

#[test]
fn every_known_format_is_recognised() {
    let hash = hash("FK1");
    let device = DeviceValues { serial_number: "FK1".to_owned(), ..DeviceValues::default() };
    let triple =
        DeviceValues { manufacturer: "Fabrikam".to_owned(), model: "Falcon 14 G2".to_owned(), ..device.clone() };
    let tagged = DeviceValues { group_tag: "Kiosk".to_owned(), ..device.clone() };
    let assigned = DeviceValues { assigned_user: "anna@fabrikam.example".to_owned(), ..tagged.clone() };
    let tagged_triple = DeviceValues { group_tag: "Kiosk".to_owned(), ..triple.clone() };
    for (format, heading, row, expected) in [
        ("MMD partner", PARTNER_HEADING, "Fabrikam,Falcon 14 G2,FK1".to_owned(), &triple),
        ("MMD self", CUSTOMER_HEADING, format!("Fabrikam,Falcon 14 G2,FK1,{hash}"), &triple),
        (
            "ConfigMgr query",
            "Manufacturer,Model,Serial_Number,HardwareHash",
            format!("Fabrikam,Falcon 14 G2,FK1,{hash}"),
            &triple,
        ),
        ("Autopilot 3", FileFormat::Autopilot.heading(), format!("FK1,,{hash}"), &device),
        (
            "Autopilot 4",
            "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag",
            format!("FK1,,{hash},Kiosk"),
            &tagged,
        ),
        ("Autopilot 5", FileFormat::Intune.heading(), format!("FK1,,{hash},Kiosk,anna@fabrikam.example"), &assigned),
        (
            "owner variant",
            "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Owner",
            format!("FK1,,{hash},Kiosk,Anna"),
            &tagged,
        ),
        ("Partner Center 5", FileFormat::PartnerCenter.heading(), "FK1,,,Fabrikam,Falcon 14 G2".to_owned(), &triple),
        (
            "Partner Center 5, older case",
            "Device serial number,Windows product ID,Hardware hash,Manufacturer name,Device Model",
            "FK1,,,Fabrikam,Falcon 14 G2".to_owned(),
            &triple,
        ),
        (
            "CIPP template",
            "\u{FEFF}SerialNumber,oemManufacturerName,modelName,productKey,hardwareHash,groupTag",
            "FK1,Fabrikam,Falcon 14 G2,,,Kiosk".to_owned(),
            &tagged_triple,
        ),
        (
            "RMM variant",
            "UploadedUtc,ComputerName,Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model",
            format!("2026-01-01,\"PC1\",FK1,,\"{hash}\",,"),
            &device,
        ),
        (
            "ConfigMgr report",
            "Textbox5,Textbox9\r\nWindows Autopilot Device Information,\"All, of them\"\r\n\r\n\
             Textbox1,Textbox2,Textbox3,Device_Serial_Number,Windows_Product_ID,Hardware_Hash",
            format!("Device Serial Number,Windows Product ID,Hardware Hash,FK1,,{hash}"),
            &device,
        ),
        (
            "translated",
            "Número de serie del dispositivo;Id. de producto de Windows;Hash de hardware",
            format!("FK1;;{hash}"),
            &device,
        ),
        (
            "translated",
            "Numéro de série de l’appareil,ID de produit Windows,Hachage matériel",
            format!("FK1,,{hash}"),
            &device,
        ),
        ("translated", "Serienummer van apparaat,Windows-product-id,Hardware-hash", format!("FK1,,{hash}"), &device),
        ("translated", "Tillverkare\tModell\tSerienummer", "Fabrikam\tFalcon 14 G2\tFK1".to_owned(), &triple),
        ("", "Hardware Hash,Serial Number", format!("{hash},FK1"), &device),
    ] {
        let (report, kept) = check_one(format!("{heading}\r\n{row}\r\n"), Audience::Partner);
        assert!(!report.refused, "{heading}: {:?}", kept.findings);
        assert_eq!(report.files[0].format, format, "{heading}");
        assert_eq!(kept.rows.len(), 1, "{heading}");
        assert_eq!((kept.rows[0].refused, &kept.rows[0].written), (None, expected), "{heading}: {:?}", kept.findings);
    }
}

#[test]
fn files_without_a_heading_are_read_only_as_their_sender_says() {
    let text = format!("FK1,,{},Kiosk\nFK2,,{},\n", hash("FK1"), hash("FK2"));
    assert_eq!(told(&text, Audience::Partner), ["1 E HEADER_MISSING", "refused"]);
    let rules = Rules { headerless: Some(Shape::Autopilot), ..rules(Audience::Customer) };
    let (report, kept) = check_all(&[("a.csv", text.as_bytes())], &rules);
    assert_eq!((report.files[0].format.as_str(), kept.findings.len()), ("headerless", 0));
    assert_eq!(kept.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(kept.rows[0].written.group_tag, "Kiosk");
    let rules = Rules { headerless: Some(Shape::Partner), ..rules };
    let (report, kept) = check_all(&[("a.csv", b"A,B,S1\n")], &rules);
    assert_eq!((report.refused, kept.findings[0].code), (true, FindingCode::HashColumnMissing));
    let rules = Rules { audience: Audience::Partner, ..rules };
    let (report, kept) = check_all(&[("a.csv", b"A,B,S1\nManufacturer,Serial Number,Model\nA,S2,B\n")], &rules);
    assert_eq!(report.files[0].format, "corporate identifiers");
    let serials: Vec<&str> = kept.rows.iter().map(|row| row.written.serial_number.as_str()).collect();
    assert_eq!((serials, kept.findings.len()), (vec!["S1", "S2"], 1));
}

#[test]
fn several_files_are_one_upload() {
    let files: [(&str, &[u8]); 4] = [
        ("a.csv", b"Manufacturer,Model,Serial Number\nA,B,S1\n"),
        ("b.xlsx", b"PK\x03\x04"),
        ("c.csv", b"Serial_Number;Model;Manufacturer\nS2;B;A\nS1;B;A\n"),
        ("d.csv", b"Colour\nred\n"),
    ];
    let (report, kept) = check_all(&files, &rules(Audience::Partner));
    assert!(report.refused);
    let told: Vec<_> = kept.findings.iter().map(|found| (found.file, found.code)).collect();
    assert_eq!(told, [(2, FindingCode::FileNotCsv), (3, FindingCode::DupInFile), (4, FindingCode::HeaderUnknown)]);
    assert_eq!(
        kept.findings[1].sentence,
        "Line 2 of a.csv and line 3 of c.csv are the same device; it is registered once."
    );
    let places: Vec<_> = kept.rows.iter().map(|row| (row.position, row.file, row.line)).collect();
    assert_eq!(places, [(1, 1, 2), (2, 3, 2), (3, 3, 3)]);
    assert_eq!((report.rows, report.refused_rows, report.files.len()), (3, 1, 4));
    let rules = Rules { max_rows: 2, ..rules(Audience::Partner) };
    let (report, kept) = check_all(&[files[0], files[2], files[0]], &rules);
    assert_eq!((report.refused, report.files.len(), kept.rows.len()), (true, 2, 2));
    let sentence = "The files have more than 2 rows together, the limit. Split them; nothing was imported.";
    assert_eq!(kept.findings[0].sentence, sentence);
}

#[test]
fn a_wrong_hash_can_be_let_pass() {
    let broken = Damage::Changed { position: 200 }.on(&hash("FK1"));
    let rules = Rules { hash_check: HashCheck::Warn, ..rules(Audience::Partner) };
    let heading = FileFormat::PartnerCenter.heading();
    let text = format!("{heading}\nFK1,,{broken},A,B\nFK2,,{broken},,\n,,{broken},,\n");
    let (report, kept) = check_all(&[("a.csv", text.as_bytes())], &rules);
    let told: Vec<_> =
        kept.findings.iter().map(|found| (found.line.unwrap_or(0), found.severity, found.code)).collect();
    assert_eq!(
        told,
        [
            (2, Severity::Warning, FindingCode::HashChecksum),
            (3, Severity::Warning, FindingCode::HashChecksum),
            (3, Severity::Error, FindingCode::TupleIncomplete),
            (4, Severity::Warning, FindingCode::HashChecksum),
            (4, Severity::Error, FindingCode::IdMissing),
        ]
    );
    assert_eq!((report.refused, kept.rows[0].refused, kept.rows[0].proven()), (false, None, None));
    assert!(!format!("{kept:?}", kept = kept.rows).contains(&broken));
}

#[test]
fn a_users_domain_is_one_of_the_customers() {
    let rules = Rules { user_domains: Some(vec!["fabrikam.example".to_owned()]), ..rules(Audience::Partner) };
    for (user, good) in [
        ("anna@fabrikam.example", true),
        ("Anna@Fabrikam.Example", true),
        ("anna@contoso.example", false),
        ("anna@@fabrikam.example", false),
        ("@fabrikam.example", false),
        ("anna@", false),
        ("an na@fabrikam.example", false),
    ] {
        let (_, kept) = check_all(&[("a.csv", autopilot(&format!(",3550000000017,,,{user}")).as_bytes())], &rules);
        assert_eq!(kept.rows[0].refused.is_none(), good, "{user}");
    }
}

#[test]
fn a_suppliers_manifest_needs_all_three_and_its_hashes_are_not_read() {
    let text = "Manufacturer,Model,Serial Number,Windows Product ID,Hardware Hash\nA,B,S1,3550000000017,x\nA,B,,3550000000018,\n";
    assert_eq!(told(text, Audience::Supplier), ["1 W COLUMN_IGNORED", "3 E TUPLE_INCOMPLETE"]);
}

#[test]
fn the_serial_in_the_hash_may_not_be_a_placeholder_either() {
    let text = format!("Hardware Hash\n{}\n", hash("Default string"));
    assert_eq!(told(text, Audience::Customer), ["2 E SERIAL_PLACEHOLDER"]);
}

#[test]
fn line_numbers_count_blank_lines_and_line_breaks_in_quotes() {
    for end in ["\n", "\r\n", "\r"] {
        let lines = [
            "",
            "Manufacturer,Model,Serial Number,Notes",
            "A,B,S1,",
            "",
            ",,",
            "A,B,S2,\"one",
            "two\"",
            "A,B,S3,",
            "",
            "A,B,S4,",
        ];
        let (report, kept) = check_one(lines.join(end), Audience::Partner);
        let lines: Vec<u32> = kept.rows.iter().map(|row| row.line).collect();
        assert_eq!((lines, report.files[0].skipped), (vec![3, 6, 8, 10], 4), "{end:?}");
    }
}

#[test]
fn a_separator_line_names_the_delimiter_and_keeps_the_line_numbers() {
    let (report, kept) = check_one("sep=;\r\nManufacturer;Model;Serial Number\r\nA;B, C;S1\r\n", Audience::Partner);
    assert_eq!((kept.rows[0].written.model.as_str(), kept.rows[0].line), ("B, C", 3));
    assert_eq!(report.files[0].delimiter, ";");
}

#[test]
fn values_are_kept_exactly_but_for_blanks_around_them() {
    let (_, kept) = check_one(partner("  Fabrikam , Falcon  14 - G2 ,'=FK"), Audience::Partner);
    let DeviceValues { manufacturer, model, serial_number, .. } = &kept.rows[0].written;
    assert_eq!((manufacturer.as_str(), model.as_str(), serial_number.as_str()), ("Fabrikam", "Falcon  14 - G2", "=FK"));
    for (written, read) in [("''=x", "'=x"), ("'x", "'x"), ("'", "'"), ("'+1", "+1"), ("=x", "=x")] {
        assert_eq!(write::unguarded(written), read);
    }
}

/// Gives the same few bytes for ever, and counts them.
struct Endless<'e> {
    start: &'e [u8],
    then: &'e [u8],
    given: &'e std::cell::Cell<u64>,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let from = if self.start.is_empty() { self.then } else { self.start };
        let mut count = 0;
        for piece in buffer.chunks_mut(from.len()) {
            piece.copy_from_slice(&from[..piece.len()]);
            count += piece.len();
            if !self.start.is_empty() {
                self.start = &self.start[piece.len()..];
                break;
            }
        }
        self.given.set(self.given.get() + count as u64);
        Ok(count)
    }
}

#[test]
fn csv_1_what_never_ends_is_given_up_soon() {
    for start in ["", "Manufacturer,Model,Serial Number\n"] {
        for then in ["x", ",", "\"", "\"\"", "\"x\n", "é"] {
            let given = std::cell::Cell::new(0);
            let content = Endless { start: start.as_bytes(), then: then.as_bytes(), given: &given };
            let mut kept = Kept::default();
            let files = std::iter::once(Ok(FileToCheck { name: "endless".to_owned(), content }));
            let report = check(files, &rules(Audience::Partner), &mut kept).unwrap();
            assert!(report.refused, "{start:?} {then:?}");
            assert!(given.get() < 400_000, "{start:?} {then:?}: {}", given.get());
        }
    }
}

/// A xorshift generator: the same seed, the same numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn text(&mut self, letters: &[char], longest: usize) -> String {
        let length = 1 + self.below(longest);
        let text: String = (0..length).map(|_| letters[self.below(letters.len())]).collect();
        text.trim().to_owned()
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests are told by the environment how often to repeat")]
fn rounds(in_suite: usize, in_soak: usize) -> usize {
    let percent: usize = std::env::var("SOAK").ok().map_or(0, |text| text.parse().unwrap());
    in_suite.max(in_soak * percent / 100)
}

/// Gives few bytes at a time, as networks do.
struct Trickle<'t>(&'t [u8], Random);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let longest = if self.1.below(3) == 0 { 5 } else { 60_000 };
        let most = 1 + self.1.below(longest);
        let count = most.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn csv_4_every_encoding_delimiter_and_line_end_gives_the_same_rows() {
    let rows = rounds(400, 1_000_000);
    let rules = Rules { max_rows: u32::MAX, ..rules(Audience::Partner) };
    let utf_16 = |text: &str, mark: bool, big: bool| -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let any: Vec<char> = "abcXYZ019 -_'\"=+@,;\t.ü€–日😀".chars().filter(|c| *c != '\t').collect();
    let western: Vec<char> = "abcXYZ019 -_'\"=+@,;.üøý".chars().collect();
    let mut seed = 20_261_122;
    for encoding in ["UTF-8", "marked UTF-8", "UTF-16LE", "UTF-16BE", "unmarked UTF-16LE", "Windows-1252"] {
        for delimiter in [",", ";", "\t"] {
            for end in ["\r\n", "\n", "\r"] {
                seed += 1;
                let mut random = Random(seed);
                let letters = if encoding == "Windows-1252" { &western } else { &any };
                let mut expected = Vec::with_capacity(rows);
                let mut text = ["Manufacturer", "Model", "Serial Number"].join(delimiter) + end;
                for number in 0..rows {
                    let serial = format!("{}x{number}", random.text(letters, 12)).trim().to_owned();
                    let values = [random.text(letters, 12) + "ü", random.text(letters, 20) + "m", serial];
                    let cells = values.each_ref().map(|value| {
                        let plain = !value.contains([',', ';', '"']) && random.below(4) > 0;
                        // Any quotes are those of this delimiter.
                        let value = write::guarded(value).into_owned();
                        if plain { value } else { format!("\"{}\"", value.replace('"', "\"\"")) }
                    });
                    text += &(cells.join(delimiter) + end);
                    expected.push(values);
                }
                let bytes = match encoding {
                    "UTF-8" => text.into_bytes(),
                    "marked UTF-8" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
                    "UTF-16LE" => utf_16(&text, true, false),
                    "UTF-16BE" => utf_16(&text, true, true),
                    "unmarked UTF-16LE" => utf_16(&text, false, false),
                    _ => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
                };
                let mut kept = Kept::default();
                let content = Trickle(&bytes, Random(seed));
                let files = std::iter::once(Ok(FileToCheck { name: "a.csv".to_owned(), content }));
                let report = check(files, &rules, &mut kept).unwrap();
                assert!(!report.refused, "{encoding} {delimiter:?} {end:?} {seed}: {:?}", kept.findings.first());
                assert!(encoding.ends_with(&report.files[0].encoding), "{encoding} {}", report.files[0].encoding);
                assert_eq!(kept.rows.len(), rows, "{encoding} {delimiter:?} {end:?}");
                for (number, (row, expected)) in kept.rows.iter().zip(&expected).enumerate() {
                    let DeviceValues { manufacturer, model, serial_number, .. } = &row.written;
                    let read = [manufacturer, model, serial_number];
                    assert_eq!(read, expected.each_ref(), "{encoding} {delimiter:?} {end:?} {seed} row {number}");
                    assert_eq!((row.line as usize, row.refused), (number + 2, None), "{expected:?}");
                }
            }
        }
    }
}

#[test]
fn csv_10_what_is_written_is_read_back() {
    let strings = rounds(4_000, 1_000_000);
    let letters: Vec<char> = "aZ09 '\"=+-@,;.ü日😀\u{A0}".chars().collect();
    let mut random = Random(7);
    let mut writer = FileWriter::begin(Vec::new(), RESULTS_HEADING).unwrap();
    let mut expected = Vec::new();
    for number in 0..strings / 4 {
        let written = DeviceValues {
            manufacturer: random.text(&letters, 8) + "m",
            model: random.text(&letters, 8) + "m",
            serial_number: format!("{}{number}", random.text(&letters, 8)),
            product_id: format!("{number:013}"),
            group_tag: random.text(&letters, 8),
            assigned_user: String::new(),
        };
        let row = CheckedRow {
            position: 1,
            file: 1,
            line: 5,
            written: DeviceValues { product_id: String::new(), ..written },
            hash: None,
            refused: None,
        };
        let outcome = Outcome {
            file: "a.csv",
            status: "failed",
            error: "Device not found",
            code: "DEVICE_NOT_FOUND",
            advice: "-",
        };
        writer.result(&row, &outcome).unwrap();
        expected.push(row.written);
    }
    let bytes = writer.end().unwrap();
    let rules = Rules { max_rows: u32::MAX, ..rules(Audience::Partner) };
    let (report, kept) = check_all(&[("results.csv", &bytes)], &rules);
    assert_eq!((report.files[0].format.as_str(), report.files[0].skipped), ("results file", 0));
    assert_eq!(kept.rows.len(), expected.len());
    for (row, expected) in kept.rows.iter().zip(&expected) {
        assert_eq!(&row.written, expected);
    }
    assert!(!kept.findings.iter().any(|found| found.code == FindingCode::ColumnIgnored));
}

#[test]
fn a_cleaned_file_of_each_format_is_read_as_that_format() {
    let text =
        format!("{}\nFK1,3550000000017,{},Kiosk,anna@fabrikam.example\n", FileFormat::Intune.heading(), hash("FK1"));
    let (_, kept) = check_one(text, Audience::Partner);
    for (format, name) in [
        (FileFormat::Partner, "MMD partner"),
        (FileFormat::Customer, "MMD self"),
        (FileFormat::Autopilot, "Autopilot 3"),
        (FileFormat::Intune, "Autopilot 5"),
        (FileFormat::PartnerCenter, "Partner Center 5"),
    ] {
        assert!(format.holds(&kept.rows[0]));
        let mut writer = FileWriter::begin(Vec::new(), format.heading()).unwrap();
        writer.row(format.of(kept.rows[0].clone())).unwrap();
        let bytes = writer.end().unwrap();
        let (report, again) = check_all(&[("clean.csv", &bytes)], &rules(Audience::Partner));
        assert_eq!((report.files[0].format.as_str(), report.refused_rows), (name, 0), "{:?}", again.findings);
        assert_eq!(again.rows[0].device().serial_number, "FK1");
    }
}

#[test]
fn a_template_left_as_it_is_is_refused_for_every_cell() {
    for (audience, cells) in [(Audience::Partner, 3), (Audience::Customer, 4), (Audience::Supplier, 3)] {
        let mut expected = vec!["2 E ROW_SAMPLE"; cells];
        expected.push("refused");
        assert_eq!(told(template(audience), audience), expected);
        assert!(template(audience).ends_with("\r\n"));
    }
    assert_eq!(template(Audience::Customer).lines().nth(1), Some(SAMPLE_VALUES.join(",").as_str()));
}

#[test]
fn findings_name_what_was_sent_without_its_control_characters() {
    for text in ["Manufacturer,Mo\u{1b}[2Jdel,Serial Number,N\u{7}otes\nA,B,C,D\n", "Maker\u{1b}[31m,Notes\nA,B\n"] {
        let (_, kept) = check_one(text, Audience::Partner);
        assert!(!kept.findings.is_empty());
        for found in kept.findings {
            let shown = [Some(found.sentence), found.column, found.value];
            assert!(!shown.iter().flatten().any(|text| text.contains(char::is_control)), "{shown:?}");
        }
    }
}

#[test]
fn no_alias_means_two_columns() {
    let names: Vec<&str> = aliases::names().collect();
    for (place, name) in names.iter().enumerate() {
        assert_eq!(&aliases::key(name), name);
        assert!(!names[..place].contains(name), "{name}");
    }
}

#[test]
fn noise_is_answered_and_every_row_accounted_for() {
    let text = autopilot(&format!(
        "FK1,3550000000017,{},Kiosk,anna@fabrikam.example\r\n\"FK2\",,{},,\r\nFK3,3550000000018,,\"a, b\",\r\n",
        hash("FK1"),
        hash("FK2")
    ));
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let pieces: [&[u8]; 12] = [
        b"\"",
        b",",
        b";",
        b"\t",
        b"\r",
        b"\n",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"'",
        b"SAMPLE EXPLAINED",
        b"\xc3\xbc",
    ];
    let mut random = Random(20_261_123);
    for round in 0..rounds(1_500, 1_000_000) {
        let mut bytes = if round % 3 == 0 { wide.clone() } else { text.clone().into_bytes() };
        for _ in 0..=random.below(6) {
            let from = random.below(bytes.len());
            let to = (from + random.below(4)).min(bytes.len());
            let piece = pieces[random.below(pieces.len())];
            bytes.splice(from..to, piece.iter().copied());
        }
        bytes.truncate(bytes.len() - random.below(bytes.len() / 2) * random.below(2));
        let rules = Rules { headerless: Some(Shape::Autopilot), ..rules(Audience::Partner) };
        let (report, kept) = check_all(&[("noise.csv", &bytes)], &rules);
        assert_eq!(report.rows as usize, kept.rows.len());
        let refused = kept.rows.iter().filter(|row| row.refused.is_some()).count();
        assert_eq!(report.refused_rows as usize, refused);
        for row in &kept.rows {
            let told =
                kept.findings.iter().any(|found| found.line == Some(row.line) && Some(found.code) == row.refused);
            assert!(row.refused.is_none() || told, "{row:?} {:?}", kept.findings);
            let values = [&row.written.serial_number, &row.written.group_tag, &row.written.product_id];
            assert!(values.iter().all(|value| !value.contains(char::is_control)), "{row:?}");
        }
        let is_long = |found: &Finding| found.value.as_ref().is_some_and(|value| value.chars().count() > 41);
        assert!(!kept.findings.iter().any(is_long), "{:?}", kept.findings);
    }
}
