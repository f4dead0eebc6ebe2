//! The guide beside the upload: five steps, each way to obtain hardware hashes, and the scripts for it. Data that pages and
//! programs show.

mod texts;

use serde::Serialize;
use utoipa::ToSchema;

use self::texts::{ExpectedTexts, PreparationTexts, StepTexts, WayTexts};
use super::intake::template;
use super::model::{Audience, CUSTOMER_HEADING, FindingCode, PARTNER_HEADING};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::portal::Language;
use crate::platform::text::shorten;
use crate::words;

words! {
    /// The steps, in order.
    StepName {
        /// Obtain the hardware hash.
        Obtain = "obtain",
        /// Merge the files.
        Merge = "merge",
        /// Register the devices.
        Register = "register",
        /// Check the image.
        CheckImage = "check_image",
        /// Deliver the device.
        Deliver = "deliver",
    }
}

words! {
    /// The ways to obtain hardware hashes.
    WayName {
        /// The manufacturer's Autopilot file.
        OemFile = "oem_file",
        /// PowerShell on the device.
        PowerShell = "powershell",
        /// A flash drive, before setup.
        FlashDrive = "flash_drive",
        /// A Configuration Manager report.
        ConfigurationManager = "configuration_manager",
        /// Active Directory, over WinRM.
        ActiveDirectory = "active_directory",
    }
}

words! {
    /// Which devices a way is for.
    DeviceAge {
        /// Not set up yet.
        New = "new",
        /// In use.
        InUse = "in_use",
    }
}

words! {
    /// What a command is typed into.
    Shell {
        /// Windows PowerShell.
        Windows = "powershell",
        /// The command prompt.
        CommandPrompt = "cmd",
        /// A shell with Python 3.
        Python = "python",
        /// A query of a database.
        Sql = "sql",
    }
}

/// Something to type, and what for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// Where, and what for.
    pub lead: &'static str,
    /// What it is typed into.
    pub shell: Shell,
    /// What to type, a line each.
    pub text: &'static str,
}

/// A finding that is likely with files of a way.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    /// Its stable code.
    pub code: FindingCode,
    /// Where it comes from, and what to do.
    pub text: &'static str,
}

/// A way to obtain hardware hashes.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// Its stable name.
    pub name: WayName,
    /// Its title.
    pub title: &'static str,
    /// When to take it.
    pub lead: &'static str,
    /// Which devices it is for.
    pub devices: &'static [DeviceAge],
    /// What it needs.
    pub prerequisites: Vec<&'static str>,
    /// What to type, in order.
    pub commands: Vec<Command>,
    /// Which file comes out.
    pub file: &'static str,
    /// What a check of the file is likely to find.
    pub expected: Vec<Expected>,
    /// The scripts it takes, as addresses.
    pub downloads: Vec<String>,
}

/// A step.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its stable name.
    pub name: StepName,
    /// Its title.
    pub title: &'static str,
    /// What to do, a paragraph each.
    pub text: Vec<&'static str>,
    /// What to type, if anything.
    pub commands: Vec<Command>,
    /// The files it takes, as addresses.
    pub downloads: Vec<String>,
}

/// What devices in use need besides.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preparation {
    /// What is to be done.
    pub title: &'static str,
    /// How.
    pub text: &'static str,
}

/// A format that is always read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Format {
    /// Whose it is: `partner` or `customer`.
    pub audience: &'static str,
    /// Its heading, exactly.
    pub heading: &'static str,
    /// The address of its template.
    pub template: String,
}

/// The whole guide in a language.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Guide {
    /// The language's code.
    pub language: &'static str,
    /// The five steps.
    pub steps: Vec<Step>,
    /// The ways to obtain hardware hashes, the simplest first.
    pub ways: Vec<Way>,
    /// What devices in use need besides.
    pub devices_in_use: Vec<Preparation>,
    /// The formats that are always read.
    pub formats: Vec<Format>,
}

impl Guide {
    /// The guide in a language.
    pub fn of(language: Language) -> Self {
        let texts = PreparationTexts::of(language);
        let devices_in_use = vec![
            Preparation { title: texts.directories, text: texts.directories_how },
            Preparation { title: texts.services, text: texts.services_how },
            Preparation { title: texts.image, text: texts.image_how },
        ];
        let formats = TEMPLATES.iter().map(|template| Format {
            audience: template.audience,
            heading: template.heading,
            template: template.address(),
        });
        Self {
            language: language.code(),
            steps: steps(StepTexts::of(language)),
            ways: ways(language),
            devices_in_use,
            formats: formats.collect(),
        }
    }
}

fn steps(texts: &StepTexts) -> Vec<Step> {
    let step = |name, title, text: &[&'static str]| Step {
        name,
        title,
        text: text.to_vec(),
        commands: Vec::new(),
        downloads: Vec::new(),
    };
    vec![
        step(
            StepName::Obtain,
            texts.obtain,
            &[texts.obtain_what, texts.obtain_who, texts.obtain_again, texts.obtain_off],
        ),
        Step {
            commands: vec![
                Command { lead: texts.merge_powershell, shell: Shell::Windows, text: MERGE_WITH_POWERSHELL },
                Command { lead: texts.merge_python, shell: Shell::Python, text: MERGE_WITH_PYTHON },
            ],
            downloads: vec![MERGE_POWERSHELL.address(), MERGE_PYTHON.address()],
            ..step(StepName::Merge, texts.merge, &[texts.merge_here, texts.merge_script])
        },
        Step {
            downloads: TEMPLATES.iter().map(Template::address).collect(),
            ..step(
                StepName::Register,
                texts.register,
                &[
                    texts.register_where,
                    texts.register_heading,
                    texts.register_sample,
                    texts.register_exact,
                    texts.register_pending,
                ],
            )
        },
        step(StepName::CheckImage, texts.check, &[texts.check_supplier, texts.check_hand]),
        step(StepName::Deliver, texts.deliver, &[texts.deliver_licences, texts.deliver_user, texts.deliver_note]),
    ]
}

const NEW_AND_IN_USE: &[DeviceAge] = &[DeviceAge::New, DeviceAge::InUse];
const IN_USE: &[DeviceAge] = &[DeviceAge::InUse];

fn ways(language: Language) -> Vec<Way> {
    let texts = WayTexts::of(language);
    let expected = |codes: &[FindingCode]| codes.iter().filter_map(|&code| expected(language, code)).collect();
    let command = |lead, shell, text| Command { lead, shell, text };
    vec![
        Way {
            name: WayName::OemFile,
            title: texts.oem,
            lead: texts.oem_lead,
            devices: NEW_AND_IN_USE,
            prerequisites: vec![texts.oem_needs],
            commands: Vec::new(),
            file: texts.oem_file,
            expected: expected(&[
                FindingCode::TupleIncomplete,
                FindingCode::SerialLeadingZero,
                FindingCode::HashTruncated,
            ]),
            downloads: Vec::new(),
        },
        Way {
            name: WayName::PowerShell,
            title: texts.powershell,
            lead: texts.powershell_lead,
            devices: NEW_AND_IN_USE,
            prerequisites: vec![texts.windows, texts.administrator, texts.script],
            commands: vec![command(texts.powershell_run, Shell::Windows, CAPTURE_HERE)],
            file: texts.captured_file,
            expected: expected(&[FindingCode::HashFields, FindingCode::SerialPlaceholder, FindingCode::DupInFile]),
            downloads: vec![CAPTURE.address()],
        },
        Way {
            name: WayName::FlashDrive,
            title: texts.flash,
            lead: texts.flash_lead,
            devices: NEW_AND_IN_USE,
            prerequisites: vec![texts.windows, texts.flash_drive, texts.flash_setup],
            commands: vec![
                command(texts.flash_run, Shell::CommandPrompt, CAPTURE_BEFORE_SETUP),
                command(texts.flash_off, Shell::CommandPrompt, "shutdown /s /t 0"),
            ],
            file: texts.captured_file,
            expected: expected(&[FindingCode::HashFields, FindingCode::SerialPlaceholder, FindingCode::DupInFile]),
            downloads: vec![CAPTURE.address()],
        },
        Way {
            name: WayName::ConfigurationManager,
            title: texts.manager,
            lead: texts.manager_lead,
            devices: IN_USE,
            prerequisites: vec![texts.manager_client, texts.manager_reporting],
            commands: vec![command(texts.manager_run, Shell::Sql, CONFIGURATION_MANAGER.text)],
            file: texts.manager_file,
            expected: expected(&[
                FindingCode::ColumnIgnored,
                FindingCode::HashSerialMismatch,
                FindingCode::HashTruncated,
            ]),
            downloads: vec![CONFIGURATION_MANAGER.address()],
        },
        Way {
            name: WayName::ActiveDirectory,
            title: texts.directory,
            lead: texts.directory_lead,
            devices: IN_USE,
            prerequisites: vec![
                texts.windows,
                texts.directory_on,
                texts.directory_credential,
                texts.directory_firewall,
                texts.script,
            ],
            commands: vec![command(texts.directory_run, Shell::Windows, CAPTURE_OVER_THE_NETWORK)],
            file: texts.captured_file,
            expected: expected(&[FindingCode::DupInFile, FindingCode::HashFields, FindingCode::SerialPlaceholder]),
            downloads: vec![CAPTURE.address()],
        },
    ]
}

fn expected(language: Language, code: FindingCode) -> Option<Expected> {
    let texts = ExpectedTexts::of(language);
    let text = match code {
        FindingCode::TupleIncomplete => texts.tuple_incomplete,
        FindingCode::SerialLeadingZero => texts.serial_leading_zero,
        FindingCode::HashTruncated => texts.hash_truncated,
        FindingCode::HashFields => texts.hash_fields,
        FindingCode::SerialPlaceholder => texts.serial_placeholder,
        FindingCode::DupInFile => texts.dup_in_file,
        FindingCode::ColumnIgnored => texts.column_ignored,
        FindingCode::HashSerialMismatch => texts.hash_serial_mismatch,
        _ => return None,
    };
    Some(Expected { code, text })
}

const MERGE_WITH_POWERSHELL: &str = "\
Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass
.\\merge.ps1 -Path .\\captures -OutputFile .\\merged.csv";
const MERGE_WITH_PYTHON: &str = "python3 merge.py --output merged.csv captures";
// The policy of this one window, and nothing that outlives it.
const CAPTURE_HERE: &str = "\
Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass
.\\capture.ps1 -OutputFile .\\hashes.csv";
const CAPTURE_BEFORE_SETUP: &str =
    "powershell -ExecutionPolicy Bypass -File D:\\capture.ps1 -OutputFile D:\\hashes.csv";
const CAPTURE_OVER_THE_NETWORK: &str = "\
Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass
$names = (Get-ADComputer -Filter 'Enabled -eq $true' -SearchBase 'OU=Laptops,DC=fabrikam,DC=example').Name
.\\capture.ps1 -ComputerName $names -Credential (Get-Credential) -OutputFile .\\hashes.csv";

/// A script to download.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// Its file name.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it says.
    pub text: &'static str,
}

impl Script {
    fn address(&self) -> String {
        format!("/v1/devices/scripts/{}", self.name)
    }

    /// The script of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<&'static Script, GuideFileUnknown> {
        let found = SCRIPTS.iter().copied().find(|script| script.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| GuideFileUnknown::new(name, SCRIPTS.map(|script| script.name)))
    }
}

const PLAIN: &str = "text/plain; charset=utf-8";

static CAPTURE: Script = Script { name: "capture.ps1", media_type: PLAIN, text: include_str!("scripts/capture.ps1") };
static MERGE_POWERSHELL: Script =
    Script { name: "merge.ps1", media_type: PLAIN, text: include_str!("scripts/merge.ps1") };
static MERGE_PYTHON: Script =
    Script { name: "merge.py", media_type: "text/x-python; charset=utf-8", text: include_str!("scripts/merge.py") };
static CONFIGURATION_MANAGER: Script = Script {
    name: "configuration-manager.sql",
    media_type: "application/sql; charset=utf-8",
    text: include_str!("scripts/configuration-manager.sql"),
};

/// The scripts to download.
pub static SCRIPTS: [&Script; 4] = [&CAPTURE, &MERGE_POWERSHELL, &MERGE_PYTHON, &CONFIGURATION_MANAGER];

/// A template to download.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    audience: &'static str,
    heading: &'static str,
    for_whom: Audience,
    /// Its file name.
    pub name: &'static str,
}

impl Template {
    fn address(&self) -> String {
        format!("/v1/devices/templates/{}", self.name)
    }

    /// The template of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<&'static Template, GuideFileUnknown> {
        let found = TEMPLATES.iter().find(|template| template.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| GuideFileUnknown::new(name, TEMPLATES.each_ref().map(|template| template.name)))
    }

    /// The heading and the sample row, which has to be replaced.
    pub fn text(&self) -> String {
        template(self.for_whom)
    }
}

/// The templates to download.
pub static TEMPLATES: [Template; 2] = [
    Template { audience: "partner", heading: PARTNER_HEADING, for_whom: Audience::Partner, name: "partner.csv" },
    Template { audience: "customer", heading: CUSTOMER_HEADING, for_whom: Audience::Customer, name: "customer.csv" },
];

/// There is no such script or template.
#[derive(Debug, thiserror::Error)]
#[error("The guide has no file {wanted}. It has: {there}.")]
pub struct GuideFileUnknown {
    wanted: String,
    there: String,
}

impl GuideFileUnknown {
    fn new<const N: usize>(wanted: &str, there: [&str; N]) -> Self {
        Self { wanted: shorten(wanted, 40), there: there.join(", ") }
    }
}

impl Refusal for GuideFileUnknown {
    fn code(&self) -> Code {
        Code::new(910_490, "guideFileUnknown", Kind::NotFound)
    }
}

#[cfg(test)]
mod tests;
