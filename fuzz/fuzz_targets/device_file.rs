//! Whatever is sent as device files: each row and each finding is accounted for, and how the bytes arrive changes nothing.

#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use partner_center::devices::{
    Audience, CheckedRow, FileToCheck, Finding, HashCheck, Report, Rules, Severity, Shape, Sink, check,
};

const MAX_ROWS: u32 = 200;

fuzz_target!(|data: &[u8]| {
    // The first byte says by which rules, so that one corpus covers them all.
    let Some((&how, content)) = data.split_first() else { return };
    let rules = Rules {
        audience: [Audience::Partner, Audience::Customer, Audience::Supplier][usize::from(how & 3) % 3],
        max_rows: MAX_ROWS,
        headerless: [None, None, Some(Shape::Partner), Some(Shape::Autopilot)][usize::from(how >> 2 & 3)],
        hash_check: if how & 16 == 0 { HashCheck::Refuse } else { HashCheck::Warn },
        user_domains: (how & 32 != 0).then(|| vec!["fabrikam.example".to_owned()]),
    };
    let (first, second) = content.split_at(content.len() / 2);
    let files = if how & 64 == 0 { vec![content] } else { vec![first, second] };
    let whole = run(&files, &rules, usize::MAX);
    whole.hold(files.len());
    if how & 128 != 0 {
        assert!(whole == run(&files, &rules, 1 + content.len() % 7), "what is found depends on how the bytes arrive");
    }
});

fn run(files: &[&[u8]], rules: &Rules, at_once: usize) -> Seen {
    let mut seen = Seen::default();
    let name = |place: usize| format!("{place}.csv");
    let files = files.iter().enumerate();
    let files = files.map(|(place, rest)| Ok(FileToCheck { name: name(place), content: Pieces { rest, at_once } }));
    seen.report = check(files, rules, &mut seen.told).expect("neither the input nor the sink fails");
    seen
}

/// Gives only so many bytes at once, as a network does.
struct Pieces<'a> {
    rest: &'a [u8],
    at_once: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.rest.len().min(buffer.len()).min(self.at_once);
        let (piece, rest) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.rest = rest;
        Ok(length)
    }
}

#[derive(Default, PartialEq)]
struct Seen {
    report: Report,
    told: Told,
}

#[derive(Default, PartialEq)]
struct Told {
    rows: Vec<CheckedRow>,
    findings: Vec<Finding>,
}

impl Sink for Told {
    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        self.rows.push(row);
        Ok(())
    }
    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.findings.push(finding);
        Ok(())
    }
}

impl Seen {
    fn hold(&self, files: usize) {
        let Seen { report, told: Told { rows, findings } } = self;
        assert!(rows.len() <= MAX_ROWS as usize);
        assert_eq!(report.rows as usize, rows.len());
        assert_eq!(report.rows, report.files.iter().map(|file| file.rows).sum::<u32>());
        assert_eq!(report.refused_rows as usize, rows.iter().filter(|row| row.refused.is_some()).count());
        assert_eq!(report.counts.values().sum::<u32>() as usize, findings.len());
        assert!(report.files.len() <= files);
        // A file of which nothing came has a finding that says why.
        assert!(!rows.is_empty() || !findings.is_empty());
        let mut last = (0, 0);
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(row.position as usize, place + 1);
            assert!((row.file, row.line) > last, "rows are told in order");
            last = (row.file, row.line);
            if let Some(code) = row.refused {
                let of_row = |finding: &&Finding| (finding.file, finding.line) == (row.file, Some(row.line));
                let mut why = findings.iter().filter(of_row).filter(|finding| finding.severity == Severity::Error);
                assert!(why.any(|finding| finding.code == code), "{code} of line {} is not told", row.line);
            }
            let written = &row.written;
            for value in [&written.manufacturer, &written.model, &written.serial_number, &written.product_id] {
                assert!(row.refused.is_some() || !value.contains(char::is_control), "{value:?}");
            }
        }
        for finding in findings {
            assert!((1..=files).contains(&usize::from(finding.file)) && finding.line != Some(0));
            for text in [&finding.sentence, &finding.remedy] {
                assert!(!text.is_empty() && text.len() < 4_000, "{text:?}");
            }
            let value = finding.value.as_deref().unwrap_or_default();
            assert!(value.chars().count() <= 200, "{value:?} is not shortened");
            let column = finding.column.as_deref().unwrap_or_default();
            for text in [finding.sentence.as_str(), value, column] {
                assert!(!text.contains(char::is_control), "{text:?}");
            }
        }
    }
}
