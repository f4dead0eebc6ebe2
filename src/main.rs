//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use partner_center::app::{self, StartError};
use partner_center::audit::Mark;
use partner_center::commands::DeviceCheck;
use partner_center::config::Settings;
use partner_center::devices::{Audience, FileFormat, Shape};
use partner_center::platform::telemetry;
use partner_center::{commands, demo};

/// A self-hosted partner centre: resellers, customers, delegated administration, devices.
#[derive(Parser)]
#[command(name = "partner-center", version, about)]
struct CommandLine {
    /// Settings file (TOML); config/example.toml names every setting.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: AnyCommand,
}

#[derive(Subcommand)]
enum AnyCommand {
    #[command(flatten)]
    OfService(Command),
    /// Files of devices. Needs no database, no settings and no account.
    #[command(subcommand)]
    Devices(Devices),
}

#[derive(Subcommand)]
enum Command {
    /// Serve; creates and migrates the database.
    Serve,
    /// Serve an invented channel, play the main story against it, and keep serving.
    Demo,
    /// What only the operator does.
    #[command(subcommand)]
    Operator(Operator),
    /// Bring the database's schema up to date, and nothing else.
    Migrate,
    /// Check the invariants of the data; exit code 1 if one is broken.
    Doctor,
    /// The audit trail.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Subcommand)]
enum Devices {
    /// Check files before they are uploaded, and say what to mend; exit code 1 if a row would be refused.
    Check(FilesToCheck),
}

#[derive(Args)]
struct FilesToCheck {
    /// CSV files, checked together as one upload.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// They are a customer's own: each device needs its hardware hash.
    #[arg(long)]
    customer: bool,
    /// The columns of files without a heading: `partner` (manufacturer, model, serial) or `autopilot` (serial, product
    /// id, hash, group tag).
    #[arg(long, value_name = "COLUMNS")]
    headerless: Option<Shape>,
    /// Show every finding, not the first few of each kind.
    #[arg(long)]
    all: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
    /// Write the rows that can be registered to this new file.
    #[arg(long, value_name = "FILE")]
    cleaned: Option<PathBuf>,
    /// The format of that file: partner, customer, autopilot, intune or partner_center; as who registers if absent.
    #[arg(long, requires = "cleaned")]
    format: Option<FileFormat>,
    /// Rows at most, as the service is set.
    #[arg(long, default_value_t = 100_000)]
    max_rows: u32,
}

impl From<FilesToCheck> for DeviceCheck {
    fn from(wanted: FilesToCheck) -> Self {
        let FilesToCheck { files, customer, headerless, all, json, cleaned, format, max_rows } = wanted;
        let (audience, usual) = match customer {
            true => (Audience::Customer, FileFormat::Customer),
            false => (Audience::Partner, FileFormat::Partner),
        };
        let cleaned = cleaned.map(|path| (path, format.unwrap_or(usual)));
        Self { files, audience, headerless, max_rows, all, json, cleaned }
    }
}

#[derive(Subcommand)]
enum Audit {
    /// Prove that no event was edited, deleted, inserted or moved; exit code 1 if one was.
    Verify {
        /// A head written down earlier, which must still be part of the trail.
        #[arg(long, value_name = "SEQUENCE:HASH")]
        since: Option<Mark>,
    },
}

#[derive(Subcommand)]
enum Operator {
    /// Create an operator's account and print its activation code.
    Create(Person),
    /// Load a supplier's manifest (CSV) into the device directory.
    ImportDirectory {
        /// A file with the heading Manufacturer,Model,Serial Number.
        file: PathBuf,
    },
    /// Import offers into the catalogue; the same file again changes nothing.
    ImportOffers {
        /// JSON, a list of offers; or CSV with columns named as their properties.
        file: PathBuf,
    },
}

#[derive(Args)]
struct Person {
    /// The mailbox, which becomes the sign-in name.
    #[arg(long)]
    email: String,
    /// The person's name.
    #[arg(long)]
    name: String,
}

fn main() -> ExitCode {
    let CommandLine { config, command } = CommandLine::parse();
    match run(config, command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("partner-center: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Option<PathBuf>, command: AnyCommand) -> Result<ExitCode, StartError> {
    let command = match command {
        AnyCommand::OfService(command) => command,
        AnyCommand::Devices(Devices::Check(wanted)) => {
            let is_good = commands::check_devices(&wanted.into(), &mut std::io::stdout().lock())?;
            return Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    };
    let settings = Settings::load(config.as_deref()).map_err(|error| StartError::Setting(error.to_string()))?;
    let quiet = matches!(command, Command::Demo) && settings.log.filter == "info";
    let filter = if quiet { "warn" } else { &settings.log.filter };
    telemetry::start(settings.log.format, filter).map_err(StartError::Setting)?;
    let said = match command {
        Command::Serve => return serving(app::serve(settings)),
        Command::Demo => return serving(demo::run(settings)),
        Command::Operator(Operator::Create(person)) => commands::create_operator(&settings, person.email, person.name)?,
        Command::Operator(Operator::ImportDirectory { file }) => commands::import_directory(&settings, &file)?,
        Command::Operator(Operator::ImportOffers { file }) => commands::import_offers(&settings, &file)?,
        Command::Migrate => commands::migrate(&settings)?,
        Command::Doctor => {
            let report = commands::doctor(&settings)?;
            println!("{report}");
            return Ok(if report.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Audit(Audit::Verify { since }) => {
            let report = commands::verify_trail(&settings, since.as_ref())?;
            println!("{report}");
            return Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    };
    println!("{said}");
    Ok(ExitCode::SUCCESS)
}

fn serving(service: impl Future<Output = Result<(), StartError>>) -> Result<ExitCode, StartError> {
    actix_web::rt::System::new().block_on(service).map(|()| ExitCode::SUCCESS)
}
