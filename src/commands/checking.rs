//! `devices check`: what the service would say of device files, for people without an account. No database, no settings.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::setting;
use crate::app::StartError;
use crate::devices::{
    Audience, CheckedRow, FileFormat, FileReport, FileToCheck, FileWriter, Finding, HashCheck, Report, Rules, Severity,
    Shape, Sink, check,
};

/// Findings of one code that are shown where not all are asked for: enough to see what is meant.
const SHOWN_OF_A_CODE: u32 = 5;

/// What to check, and how to tell.
#[derive(Clone, Debug)]
pub struct DeviceCheck {
    /// The files, one upload together.
    pub files: Vec<PathBuf>,
    /// Whose they are.
    pub audience: Audience,
    /// The columns of files without a heading.
    pub headerless: Option<Shape>,
    /// Rows at most.
    pub max_rows: u32,
    /// Whether to show every finding.
    pub all: bool,
    /// Whether to tell programs rather than people.
    pub json: bool,
    /// Where to write the rows that can be registered.
    pub cleaned: Option<(PathBuf, FileFormat)>,
}

/// Keeps the findings to show, and writes the rows that can be registered.
struct Desk {
    all: bool,
    findings: Vec<Finding>,
    errors: u32,
    warnings: u32,
    shown: BTreeMap<String, u32>,
    cleaned: Option<Cleaned>,
}

/// A cleaned file in the making.
struct Cleaned {
    path: PathBuf,
    format: FileFormat,
    writer: FileWriter<BufWriter<File>>,
    rows: u32,
    left_out: u32,
}

impl Cleaned {
    fn begin(path: &Path, format: FileFormat) -> Result<Self, StartError> {
        // Never over a file that is there: it may be one of those to check.
        let begun = File::create_new(path).and_then(|file| FileWriter::begin(BufWriter::new(file), format.heading()));
        let writer = begun.map_err(|error| setting(format!("{}: {error}", path.display())))?;
        Ok(Self { path: path.to_owned(), format, writer, rows: 0, left_out: 0 })
    }

    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        if !self.format.holds(&row) {
            self.left_out += 1;
            return Ok(());
        }
        self.rows += 1;
        self.writer.row(self.format.of(row))
    }
}

impl Sink for Desk {
    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        match &mut self.cleaned {
            Some(cleaned) if row.refused.is_none() => cleaned.row(row),
            _ => Ok(()),
        }
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        let shown = self.shown.entry(finding.code.to_string()).or_default();
        if self.all || *shown < SHOWN_OF_A_CODE {
            *shown += 1;
            self.findings.push(finding);
        }
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'t> {
    can_be_registered: u32,
    rows: u32,
    refused_rows: u32,
    errors: u32,
    warnings: u32,
    counts: BTreeMap<&'static str, u32>,
    files: &'t [FileReport],
    findings: &'t [Finding],
}

/// Checks files of devices and tells `out` what the service would say. Whether there were no errors.
///
/// # Errors
/// Names the file that cannot be read or written.
pub fn check_devices(wanted: &DeviceCheck, out: &mut dyn Write) -> Result<bool, StartError> {
    let rules = Rules {
        audience: wanted.audience,
        max_rows: wanted.max_rows,
        headerless: wanted.headerless,
        hash_check: HashCheck::Refuse,
        user_domains: None,
    };
    // All are opened before anything is written: a misspelt name is found at once.
    let opened: Vec<FileToCheck<File>> = wanted.files.iter().map(|path| open(path)).collect::<Result<_, _>>()?;
    let cleaned = wanted.cleaned.as_ref().map(|(path, format)| Cleaned::begin(path, *format)).transpose()?;
    let mut desk =
        Desk { all: wanted.all, findings: Vec::new(), errors: 0, warnings: 0, shown: BTreeMap::new(), cleaned };
    let report = check(opened.into_iter().map(Ok), &rules, &mut desk).map_err(setting)?;
    let cleaned = desk.cleaned.take().map(|cleaned| finish(cleaned, &report)).transpose()?;
    let told = if wanted.json { tell_programs(&report, &desk, out) } else { tell_people(&report, &desk, cleaned, out) };
    told.map_err(setting)?;
    Ok(desk.errors == 0)
}

fn open(path: &Path) -> Result<FileToCheck<File>, StartError> {
    let content = File::open(path).map_err(|error| setting(format!("{}: {error}", path.display())))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(FileToCheck { name, content })
}

/// Ends the cleaned file, or takes it away if it would be a part of a whole that is refused; says which.
fn finish(cleaned: Cleaned, report: &Report) -> Result<String, StartError> {
    let Cleaned { path, writer, rows, left_out, format } = cleaned;
    let failed = |error: io::Error| setting(format!("{}: {error}", path.display()));
    writer.end().map_err(failed)?;
    if report.refused || rows == 0 {
        fs::remove_file(&path).map_err(failed)?;
        return Ok("The cleaned file was not written: there is no row for it.".to_owned());
    }
    let verb = if rows == 1 { "was" } else { "were" };
    let left_out = match left_out {
        0 => String::new(),
        _ => format!(" {} could not be: {format} has no column for what names the device.", counted(left_out, "row")),
    };
    Ok(format!("{} {verb} written to the cleaned file.{left_out}", counted(rows, "row")))
}

fn tell_programs(report: &Report, desk: &Desk, out: &mut dyn Write) -> io::Result<()> {
    let told = Told {
        can_be_registered: usable(report),
        rows: report.rows,
        refused_rows: report.refused_rows,
        errors: desk.errors,
        warnings: desk.warnings,
        counts: report.counts.iter().map(|(code, count)| (code.as_str(), *count)).collect(),
        files: &report.files,
        findings: &desk.findings,
    };
    serde_json::to_writer_pretty(&mut *out, &told)?;
    writeln!(out)
}

fn usable(report: &Report) -> u32 {
    if report.refused { 0 } else { report.rows - report.refused_rows }
}

fn tell_people(report: &Report, desk: &Desk, cleaned: Option<String>, out: &mut dyn Write) -> io::Result<()> {
    for (number, file) in (1_u16..).zip(&report.files) {
        tell_file(file, out)?;
        let mut last = None;
        for finding in desk.findings.iter().filter(|finding| finding.file == number) {
            let what = match finding.severity {
                Severity::Error => "ERROR  ",
                Severity::Warning => "warning",
            };
            writeln!(out, "  {what}  {}  [{}]", finding.sentence, finding.code)?;
            let place = [("column", &finding.column), ("value", &finding.value)];
            let place: Vec<String> = place
                .iter()
                .filter_map(|(what, text)| text.as_ref().map(|text| format!("{what} \"{text}\"")))
                .collect();
            if !place.is_empty() {
                writeln!(out, "           {}", place.join(", "))?;
            }
            // The same advice again and again is not read.
            if last != Some(finding.code) {
                writeln!(out, "           -> {}", finding.remedy)?;
            }
            last = Some(finding.code);
        }
        writeln!(out)?;
    }
    let hidden: Vec<String> = report
        .counts
        .iter()
        .filter_map(|(code, count)| {
            let more = count - desk.shown.get(code.as_str()).copied().unwrap_or(0);
            (more > 0).then(|| format!("{more} more of {code}"))
        })
        .collect();
    if !hidden.is_empty() {
        writeln!(out, "Not shown: {}. --all shows everything.\n", hidden.join(", "))?;
    }
    writeln!(out, "{}, {}.", counted(desk.errors, "error"), counted(desk.warnings, "warning"))?;
    writeln!(out, "{}", verdict(report))?;
    cleaned.map_or(Ok(()), |cleaned| writeln!(out, "{cleaned}"))
}

fn tell_file(file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let FileReport { name, format, encoding, delimiter, rows, skipped } = file;
    if encoding.is_empty() {
        return writeln!(out, "{name}: not read");
    }
    let format = if format.is_empty() { "columns of its own" } else { format };
    let delimiter = match delimiter.as_str() {
        "," => "commas",
        ";" => "semicolons",
        "\t" => "tabs",
        _ => "nothing",
    };
    write!(out, "{name}: {format}, {encoding}, separated by {delimiter}, {}", counted(*rows, "row"))?;
    if *skipped > 0 {
        write!(out, ", {} skipped", counted(*skipped, "line"))?;
    }
    writeln!(out)
}

fn counted(count: u32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn verdict(report: &Report) -> String {
    match (report.refused, report.refused_rows, usable(report)) {
        (true, ..) => {
            "Nothing of this can be registered until the errors are mended: one wrong file, or one sample left \
                       in, refuses the whole upload."
                .to_owned()
        }
        (false, 0, usable) => format!("All is well: {} can be registered.", counted(usable, "row")),
        (false, refused, usable) => format!(
            "{} can be registered, {refused} cannot. Mend them, or upload the rest without them.",
            counted(usable, "row")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, gone at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder = std::env::temp_dir().join(format!("partner-center-check-{}", uuid::Uuid::now_v7()));
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn file(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::write(&path, text).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn wanted(files: Vec<PathBuf>) -> DeviceCheck {
        let (audience, headerless, cleaned) = (Audience::Partner, None, None);
        DeviceCheck { files, audience, headerless, max_rows: 100, all: false, json: false, cleaned }
    }

    fn told(wanted: &DeviceCheck) -> (bool, String) {
        let mut out = Vec::new();
        let is_good = check_devices(wanted, &mut out).unwrap();
        (is_good, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_supplier_reads_what_to_mend_and_where() {
        let folder = Folder::new();
        let rows: String = (0..7).map(|n| format!("Fabrikam,,FK{n}\n")).collect();
        let file = folder.file("devices.csv", &format!("Manufacturer,Model,Serial Number\nA,B,S1\n{rows}A,B,0\n"));
        let (is_good, text) = told(&wanted(vec![file.clone()]));
        let expected = "\
devices.csv: MMD partner, UTF-8, separated by commas, 9 rows
  ERROR    Line 3: serial and manufacturer given, model missing.  [TUPLE_INCOMPLETE]
           column \"Model\"
           -> Give serial, manufacturer and model together, exactly as the firmware has them, or a hardware hash.
  ERROR    Line 4: serial and manufacturer given, model missing.  [TUPLE_INCOMPLETE]
           column \"Model\"
  ERROR    Line 5: serial and manufacturer given, model missing.  [TUPLE_INCOMPLETE]
           column \"Model\"
  ERROR    Line 6: serial and manufacturer given, model missing.  [TUPLE_INCOMPLETE]
           column \"Model\"
  ERROR    Line 7: serial and manufacturer given, model missing.  [TUPLE_INCOMPLETE]
           column \"Model\"
  ERROR    Line 10: \"0\" is a firmware placeholder, not a serial.  [SERIAL_PLACEHOLDER]
           column \"Serial Number\", value \"0\"
           -> Take the serial from the device's label, or ask its maker to write it into the firmware.

Not shown: 2 more of TUPLE_INCOMPLETE. --all shows everything.

8 errors, 0 warnings.
1 row can be registered, 8 cannot. Mend them, or upload the rest without them.
";
        assert_eq!((is_good, text.as_str()), (false, expected));
        let (_, all) = told(&DeviceCheck { all: true, ..wanted(vec![file]) });
        assert_eq!(all.matches("TUPLE_INCOMPLETE").count(), 7);
    }

    #[test]
    fn programs_are_told_the_same() {
        let folder = Folder::new();
        let file = folder.file("devices.csv", "Manufacturer;Model;Serial Number;Notes\nA;B;S1;x\n");
        let (is_good, text) = told(&DeviceCheck { json: true, ..wanted(vec![file]) });
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(is_good);
        assert_eq!((&told["canBeRegistered"], &told["warnings"]), (&1.into(), &1.into()));
        assert_eq!(told["files"][0]["delimiter"], ";");
        assert_eq!(told["findings"][0]["sentence"], "Column \"Notes\" is not used.");
    }

    #[test]
    fn a_cleaned_file_holds_what_can_be_registered_and_never_replaces_one() {
        let folder = Folder::new();
        let file = folder.file("devices.csv", "Serial Number;Model;Manufacturer\nS1;B;\"A, Inc.\"\n;B;A\n");
        let path = folder.0.join("clean.csv");
        let clean = |format| DeviceCheck { cleaned: Some((path.clone(), format)), ..wanted(vec![file.clone()]) };
        assert!(told(&clean(FileFormat::Partner)).1.ends_with("1 row was written to the cleaned file.\n"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "Manufacturer,Model,Serial Number\r\n\"A, Inc.\",B,S1\r\n");
        assert!(check_devices(&clean(FileFormat::Partner), &mut Vec::new()).is_err());
        fs::remove_file(&path).unwrap();
        let said = told(&clean(FileFormat::Customer)).1;
        assert!(said.ends_with("The cleaned file was not written: there is no row for it.\n"), "{said}");
        assert!(!path.exists());
    }

    #[test]
    fn a_sample_left_in_refuses_everything() {
        let folder = Folder::new();
        let file = folder.file("devices.csv", "Manufacturer,Model,Serial Number\nA,B,S1\nSpiralOrbit,B,S2\n");
        let path = folder.0.join("clean.csv");
        let wanted = DeviceCheck { cleaned: Some((path.clone(), FileFormat::Partner)), ..wanted(vec![file]) };
        let (is_good, text) = told(&wanted);
        assert!(!is_good && text.contains("Nothing of this can be registered until the errors are mended"), "{text}");
        assert!(!path.exists());
        let missing = DeviceCheck { files: vec![folder.0.join("none.csv")], ..wanted };
        assert!(check_devices(&missing, &mut Vec::new()).unwrap_err().to_string().contains("none.csv"));
    }
}
