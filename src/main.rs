//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use partner_center::app::{self, StartError};
use partner_center::audit::Mark;
use partner_center::config::Settings;
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
    command: Command,
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

fn run(config: Option<PathBuf>, command: Command) -> Result<ExitCode, StartError> {
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
