//! The database beside the program: rows by the thousand through its own command line tool, and single durable commits.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

const TABLES: [&str; 2] = ["registration_rows", "devices"];

impl Database {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Gives commands to `psql` or `sqlite3`, and returns what it prints.
    fn tool(&self, commands: &[String]) -> String {
        let mut tool = match self {
            Self::Sqlite(file) => {
                let mut tool = Command::new("sqlite3");
                tool.args(["-batch", "-bail", "-cmd", ".timeout 30000", "-cmd", "PRAGMA synchronous = FULL"]);
                // As much as a connection of the program has.
                tool.args(["-cmd", "PRAGMA cache_size = -8000"]).arg(file).args(commands);
                tool
            }
            Self::Postgres(url) => {
                let mut tool = Command::new("psql");
                tool.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url]);
                tool.args(commands.iter().flat_map(|command| ["-c", command]));
                tool
            }
        };
        let output = tool.stderr(Stdio::inherit()).output().expect("psql and sqlite3 are installed");
        assert!(output.status.success(), "{commands:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn run(&self, sql: &str) {
        self.tool(&[sql.to_owned()]);
    }

    /// Loads the directory.
    pub fn fill_directory(&self, csv: &Path) {
        self.tool(&[self.loading("directory_devices", csv)]);
        if let Self::Postgres(_) = self {
            self.run("VACUUM ANALYZE directory_devices");
        }
    }

    fn loading(&self, table: &str, csv: &Path) -> String {
        match self {
            Self::Sqlite(_) => format!(".import --csv {} {table}", csv.display()),
            Self::Postgres(_) => format!("\\copy {table} FROM '{}' CSV", csv.display()),
        }
    }

    /// What was written before is on disk, so that nobody pays for it later.
    pub fn settle_down(&self) {
        self.run(match self {
            Self::Sqlite(_) => "PRAGMA wal_checkpoint(TRUNCATE)",
            Self::Postgres(_) => "CHECKPOINT",
        });
    }

    /// Forgets all registrations.
    pub fn clear(&self) {
        let tables =
            ["devices", "failed_rows", "settlements", "registration_rows", "device_files", "device_registrations"];
        match self {
            Self::Sqlite(_) => self.run(&tables.map(|table| format!("DELETE FROM {table};")).concat()),
            Self::Postgres(_) => self.run(&format!("TRUNCATE {} CASCADE", tables.join(", "))),
        }
    }

    /// How long the database's own tool takes to load the rows of a registration, and its devices, as they are in the end.
    pub fn load_again(&self, registration: &str, folder: &Path) -> Duration {
        let files = TABLES.map(|table| folder.join(format!("{table}.csv")));
        let targets = match self {
            Self::Sqlite(_) => self.twins(registration, &files),
            Self::Postgres(_) => self.take_out(registration, &files),
        };
        self.settle_down();
        let commands: Vec<String> =
            targets.iter().zip(&files).map(|(target, file)| self.loading(target, file)).collect();
        let begun = Instant::now();
        self.tool(&commands);
        let took = begun.elapsed();
        if let Self::Sqlite(_) = self {
            self.run(&targets.iter().map(|twin| format!("DROP TABLE {twin};")).collect::<String>());
        }
        took
    }

    /// Takes the rows out of their tables, into files.
    fn take_out(&self, registration: &str, files: &[PathBuf]) -> Vec<String> {
        for (table, file) in TABLES.iter().zip(files) {
            let rows = format!("SELECT * FROM {table} WHERE registration_id = '{registration}' ORDER BY id");
            self.run(&format!("\\copy ({rows}) TO '{}' CSV", file.display()));
        }
        for table in TABLES {
            self.run(&format!(
                "SET session_replication_role = replica; DELETE FROM {table} WHERE registration_id = '{registration}'"
            ));
            self.run(&format!("VACUUM ANALYZE {table}"));
        }
        TABLES.map(str::to_owned).to_vec()
    }

    /// Makes tables of the same columns and indexes. What `.import` reads are texts, so ids become texts of the same
    /// length, and what is absent an empty text.
    fn twins(&self, registration: &str, files: &[PathBuf]) -> Vec<String> {
        let twin = |table: &str| format!("import_{table}");
        let renamed = |sql: &str| {
            TABLES.iter().fold(sql.to_owned(), |sql, table| {
                sql.replace(&format!("\"{table}\""), &twin(table))
                    .replace(&format!(" {table} ("), &format!(" {} (", twin(table)))
                    .replace(&format!("INDEX {table}"), &format!("INDEX {}", twin(table)))
            })
        };
        let sql = TABLES.map(|table| format!("'{table}'")).join(", ");
        let sql = self.tool(&[format!(
            "SELECT sql || ';' FROM sqlite_master WHERE tbl_name IN ({sql}) AND sql IS NOT NULL ORDER BY type DESC"
        )]);
        let sql = renamed(&sql).replace("BLOB", "TEXT").replace("STRICT", "");
        self.run(&sql.replace("released_at IS NULL", "released_at = ''"));
        for (table, file) in TABLES.iter().zip(files) {
            let columns = self.tool(&[format!(
                "SELECT group_concat(CASE WHEN name = 'id' THEN 'printf(''%016d'', row_number() OVER (ORDER BY id))' \
                 WHEN type = 'BLOB' THEN 'substr(hex(' || name || '), 1, length(' || name || '))' ELSE name END, ', ') \
                 FROM pragma_table_info('{table}')"
            )]);
            let id = registration.replace('-', "");
            let rows = format!("SELECT {} FROM {table} WHERE registration_id = x'{id}' ORDER BY id", columns.trim());
            self.tool(&[".mode csv".to_owned(), format!(".once {}", file.display()), rows]);
        }
        TABLES.map(twin).to_vec()
    }

    /// Commits one row, as durably as the program does.
    pub fn committing(&self) -> Box<dyn FnMut()> {
        self.run("CREATE TABLE bench_commits (number integer)");
        const COMMIT: &str = "INSERT INTO bench_commits VALUES (1)";
        match self {
            Self::Sqlite(file) => {
                let mut connection = SqliteConnection::establish(&file.display().to_string()).expect("opens");
                connection.batch_execute("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 30000").expect("taken");
                Box::new(move || connection.batch_execute(COMMIT).expect("written"))
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(url).expect("opens");
                Box::new(move || connection.batch_execute(COMMIT).expect("written"))
            }
        }
    }
}
