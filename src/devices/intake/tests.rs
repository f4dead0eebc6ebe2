use std::fmt::Write as _;
use std::io::Cursor;

use super::super::model::SAMPLE_VALUES;
use super::super::model::{
    Audience, CUSTOMER_HEADING, DeviceValues, FileFormat, HashCheck, PARTNER_HEADING, Shape,
};
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
            broken_hash(&[(16, b"Fabrikam\0"), (25, &[7; 256])]),
            "Line 2: the hash has no serial; the service will refuse it.",
        )
        .on(2)
        .at("Hardware Hash", "T0EUAQ"),
        case(
            C::HashFields,
            autopilot(&format!("FK1,,{},,", SampleDevice { tpm: false, ..fabrikam("FK1") }.hash())),
            "Line 2: no TPM: self-deploying mode will not work.",
        )
        .warns()
        .on(2)
        .at("Hardware Hash", "T0"),
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
