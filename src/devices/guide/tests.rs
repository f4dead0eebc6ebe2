use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output};

use super::*;

fn script(name: &str) -> &'static str {
    Script::named(name).unwrap().text
}

#[test]
fn every_language_has_the_same_guide() {
    let english = Guide::of(Language::English);
    for &language in Language::ALL {
        let guide = Guide::of(language);
        assert_eq!(guide.steps.iter().map(|step| step.name).collect::<Vec<_>>(), StepName::ALL);
        assert_eq!(guide.ways.iter().map(|way| way.name).collect::<Vec<_>>(), WayName::ALL);
        for (way, same) in guide.ways.iter().zip(&english.ways) {
            assert_eq!(way.prerequisites.len(), same.prerequisites.len());
            let codes = |way: &Way| way.expected.iter().map(|expected| expected.code).collect::<Vec<_>>();
            assert_eq!((codes(way).len(), codes(way)), (3, codes(same)));
        }
    }
}

#[test]
fn new_devices_have_three_ways_and_devices_in_use_five() {
    let ways = Guide::of(Language::English).ways;
    let of = |age| ways.iter().filter(|way| way.devices.contains(&age)).count();
    assert_eq!((of(DeviceAge::New), of(DeviceAge::InUse)), (3, 5));
}

#[test]
fn commands_call_scripts_with_parameters_they_have() {
    let guide = Guide::of(Language::English);
    let commands =
        guide.steps.iter().flat_map(|step| &step.commands).chain(guide.ways.iter().flat_map(|way| &way.commands));
    let mut calls = 0;
    for command in commands {
        for line in command.text.lines() {
            let Some(called) = SCRIPTS.iter().find(|script| line.contains(script.name)) else { continue };
            calls += 1;
            let arguments = line.split_once(called.name).unwrap().1;
            for parameter in arguments.split(' ').filter(|word| word.starts_with('-')) {
                let declared = match parameter.strip_prefix("--") {
                    Some(_) => called.text.contains(&format!("\"{parameter}\"")),
                    None => called.text.contains(&format!("] ${}", &parameter[1..])),
                };
                assert!(declared, "{} has no {parameter}", called.name);
            }
        }
    }
    assert_eq!(calls, 5);
}

#[test]
fn windows_powershell_reads_the_scripts_in_whatever_code_page_it_has() {
    for script in SCRIPTS {
        assert!(script.text.is_ascii(), "{}", script.name);
    }
}

#[test]
fn powershell_scripts_write_the_customers_heading_and_utf_8_and_take_no_cells_apart() {
    assert!(script("capture.ps1").contains(&format!("$heading = '{CUSTOMER_HEADING}'")));
    for name in ["capture.ps1", "merge.ps1"] {
        let text = script(name);
        assert!(text.contains("System.Text.UTF8Encoding($false)"), "{name}");
        // Commands that would write UTF-16, or lose quotes.
        for harmful in ["Out-File", "Set-Content", "Add-Content", "Export-Csv", "Import-Csv", "ConvertTo-Csv", "-split"]
        {
            assert!(!text.contains(harmful), "{name} uses {harmful}");
        }
    }
    assert!(script("merge.ps1").contains("Where-Object { $_.FullName -ne $output }"));
}

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("partner-center-guide-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let file = self.0.join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    }
    fn read(&self, name: &str) -> String {
        String::from_utf8(std::fs::read(self.0.join(name)).unwrap()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The two scripts that merge do the same. Each is run if this machine has what runs it, and the test says what it has not.
fn merging(name: &str) -> Option<impl Fn(&Folder) -> Output> {
    let powershell = name.ends_with(".ps1");
    let program = if powershell { "pwsh" } else { "python3" };
    if Process::new(program).arg("--version").output().is_err() {
        println!("{program} is not on this machine: {name} was not run");
        return None;
    }
    let text = script(name);
    let name = name.to_owned();
    Some(move |folder: &Folder| {
        let file = folder.write(&name, text);
        let mut process = Process::new(program);
        process.current_dir(&folder.0);
        match powershell {
            true => process.args(["-NoProfile", "-File"]).arg(file).args(["-OutputFile", "merged.csv"]),
            false => process.arg(file).args(["--output", "merged.csv", "."]),
        };
        process.output().unwrap()
    })
}

fn utf_16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn merging_keeps_quotes_reads_every_encoding_and_skips_its_own_output() {
    for run in ["merge.py", "merge.ps1"].into_iter().filter_map(merging) {
        let folder = Folder::new();
        folder.write(
            "a.csv",
            utf_16("Manufacturer,Model,Serial Number\r\n\"VMware, Inc.\",\"7\"\" tablet\",F1\r\n\r\n,,\r\n"),
        );
        folder.write("b.csv", "\u{feff}\"Manufacturer\",\"Model\",\"Serial Number\"\nKöln,M,F2");
        folder.write(
            "c.csv",
            b"sep=,\r\nManufacturer,Model,Serial Number\r\nK\xf6ln,M,F3\r\nManufacturer,Model,Serial Number\r\n",
        );
        folder.write("d.csv", &utf_16("Manufacturer,Model,Serial Number\nX,Y,F4\n")[2..]);
        folder.write("notes.txt", "not a device file");
        let expected = "Manufacturer,Model,Serial Number\r\n\"VMware, Inc.\",\"7\"\" tablet\",F1\r\nKöln,M,F2\r\nKöln,M,F3\r\nX,Y,F4\r\n";
        for time in ["first", "second"] {
            let output = run(&folder);
            assert!(output.status.success(), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stdout).starts_with("4 rows of 4 files"), "{output:?}");
            assert_eq!(folder.read("merged.csv"), expected, "the {time} time");
        }
    }
}

#[test]
fn files_with_different_headings_are_not_merged_and_the_refusal_names_both() {
    for run in ["merge.py", "merge.ps1"].into_iter().filter_map(merging) {
        let folder = Folder::new();
        folder.write("a.csv", "Manufacturer,Model,Serial Number\nF,M,1\n");
        folder.write("b.csv", "Device Serial Number,Windows Product ID,Hardware Hash\n2,,\n");
        let output = run(&folder);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("The headings differ, so nothing was merged."), "{said}");
        assert!(said.contains("a.csv has 'Manufacturer,Model,Serial Number', b.csv has 'Device Serial"), "{said}");
        assert!(!Path::exists(&folder.0.join("merged.csv")));
    }
}
