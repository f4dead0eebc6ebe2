//! A database for every test: a copy of a migrated SQLite file, or a PostgreSQL database made from a migrated template.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};
use partner_center::platform::db::{Db, DbSettings};
use uuid::Uuid;

/// The PostgreSQL server to test on, if it is to be that.
pub fn server() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the suite is told by the environment which database to use")]
    std::env::var("TEST_DATABASE_URL").ok()
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// A lock that ends with the connection that holds it.
pub enum Lock {
    Sqlite { _held: diesel::SqliteConnection },
    Postgres { _held: PgConnection },
}

pub enum TestDatabase {
    Sqlite { url: String, file: PathBuf },
    Postgres { url: String, name: String, server: String },
}

impl TestDatabase {
    /// A migrated database.
    pub fn create() -> Self {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let name = format!("pc_test_{}", Uuid::now_v7().simple());
        match server() {
            None => {
                let template = TEMPLATE.get_or_init(|| {
                    let file = std::env::temp_dir().join(format!("pc-template-{}.db", Uuid::now_v7()));
                    migrate(&format!("sqlite://{}", file.display()));
                    file.display().to_string()
                });
                let file = std::env::temp_dir().join(format!("{name}.db"));
                std::fs::copy(template, &file).unwrap();
                Self::Sqlite { url: format!("sqlite://{}", file.display()), file }
            }
            Some(server) => {
                let template = TEMPLATE.get_or_init(|| {
                    let template = format!("pc_template_{}", Uuid::now_v7().simple());
                    run(&server, &format!("CREATE DATABASE {template}"));
                    migrate(&sibling(&server, &template));
                    template
                });
                run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
                Self::Postgres { url: sibling(&server, &name), name, server }
            }
        }
    }

    /// An empty database, not migrated.
    pub fn create_empty() -> Self {
        let name = format!("pc_empty_{}", Uuid::now_v7().simple());
        match server() {
            None => {
                let file = std::env::temp_dir().join(format!("{name}.db"));
                Self::Sqlite { url: format!("sqlite://{}", file.display()), file }
            }
            Some(server) => {
                run(&server, &format!("CREATE DATABASE {name}"));
                Self::Postgres { url: sibling(&server, &name), name, server }
            }
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite { url, .. } | Self::Postgres { url, .. } => url,
        }
    }

    /// Whether a text is anywhere in the database: the files of SQLite, every row of PostgreSQL.
    pub fn holds(&self, needle: &str) -> bool {
        match self {
            Self::Sqlite { file, .. } => ["", "-wal"].iter().any(|suffix| {
                let bytes = std::fs::read(format!("{}{suffix}", file.display())).unwrap_or_default();
                String::from_utf8_lossy(&bytes).contains(needle)
            }),
            Self::Postgres { url, .. } => {
                let mut connection = PgConnection::establish(url).unwrap();
                let tables: Vec<Name> =
                    diesel::sql_query("SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'")
                        .load(&mut connection)
                        .unwrap();
                tables.iter().any(|Name { name }| {
                    let query =
                        format!("SELECT '{name}' AS name FROM {name} t WHERE t::text LIKE '%{needle}%' LIMIT 1");
                    !diesel::sql_query(query).load::<Name>(&mut connection).unwrap().is_empty()
                })
            }
        }
    }

    /// The texts that a query names `name`.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let rows: Vec<Name> = match self {
            Self::Sqlite { file, .. } => {
                let mut connection = diesel::SqliteConnection::establish(&file.display().to_string()).unwrap();
                diesel::sql_query(query).load(&mut connection).unwrap()
            }
            Self::Postgres { url, .. } => {
                diesel::sql_query(query).load(&mut PgConnection::establish(url).unwrap()).unwrap()
            }
        };
        rows.into_iter().map(|row| row.name).collect()
    }

    /// The names of all tables but those of migrations.
    pub fn tables(&self) -> Vec<String> {
        self.texts(match self {
            Self::Sqlite { .. } => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                 AND name NOT LIKE '__diesel%' ORDER BY name"
            }
            Self::Postgres { .. } => {
                "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' \
                 AND tablename NOT LIKE '\\_\\_diesel%' ORDER BY tablename"
            }
        })
    }

    /// Every row of every table, as text, in an order of its own.
    pub fn all_rows(&self) -> BTreeMap<String, Vec<String>> {
        let rows = |table: &String| match self {
            Self::Sqlite { .. } => {
                let columns = self.texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
                let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                format!("SELECT {} AS name FROM {table}", quoted.join(" || ',' || "))
            }
            Self::Postgres { .. } => format!("SELECT t::text AS name FROM {table} t"),
        };
        let sorted = |table: String| {
            let mut found = self.texts(&rows(&table));
            found.sort_unstable();
            (table, found)
        };
        self.tables().into_iter().map(sorted).collect()
    }

    /// Makes every change of a kind in a table fail until [`TestDatabase::mend`].
    pub fn fail_at(&self, doing: &str, table: &str) {
        self.break_with(&match self {
            Self::Postgres { .. } => format!(
                "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'on purpose'; END $$; \
                 CREATE TRIGGER broken AFTER {doing} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
            ),
            Self::Sqlite { .. } => {
                format!("CREATE TRIGGER broken AFTER {doing} ON {table} BEGIN SELECT RAISE(ABORT, 'on purpose'); END")
            }
        });
    }

    /// From now on no row of `table` is inserted whose `column` is `value`.
    pub fn fail_when(&self, table: &str, column: &str, value: &str) {
        self.break_with(&match self {
            Self::Postgres { .. } => format!(
                "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'on purpose'; END $$; \
                 CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.{column} = '{value}') \
                 EXECUTE FUNCTION fail()"
            ),
            Self::Sqlite { .. } => format!(
                "CREATE TRIGGER broken BEFORE INSERT ON {table} WHEN NEW.{column} = '{value}' \
                 BEGIN SELECT RAISE(ABORT, 'on purpose'); END"
            ),
        });
    }

    /// From now on `sql` is run with each insertion into `table` for which `condition` holds.
    pub fn whenever_inserted(&self, table: &str, condition: &str, sql: &str) {
        self.break_with(&match self {
            Self::Postgres { .. } => format!(
                "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {sql}; RETURN NEW; END $$; \
                 CREATE TRIGGER meddling AFTER INSERT ON {table} FOR EACH ROW WHEN ({condition}) \
                 EXECUTE FUNCTION meddle()"
            ),
            Self::Sqlite { .. } => {
                format!("CREATE TRIGGER meddling AFTER INSERT ON {table} WHEN {condition} BEGIN {sql}; END")
            }
        });
    }

    /// Ends what [`TestDatabase::fail_at`] began.
    pub fn mend(&self, table: &str) {
        self.break_with(&match self {
            Self::Postgres { .. } => format!("DROP TRIGGER broken ON {table}"),
            Self::Sqlite { .. } => "DROP TRIGGER broken".to_owned(),
        });
    }

    /// Holds what every writer needs until the value is dropped.
    pub fn lock(&self) -> Lock {
        match self {
            Self::Sqlite { file, .. } => {
                let mut connection = diesel::SqliteConnection::establish(&file.display().to_string()).unwrap();
                connection.batch_execute("BEGIN IMMEDIATE").unwrap();
                Lock::Sqlite { _held: connection }
            }
            Self::Postgres { url, .. } => {
                let mut connection = PgConnection::establish(url).unwrap();
                connection.batch_execute("BEGIN; LOCK TABLE organisations IN ACCESS EXCLUSIVE MODE").unwrap();
                Lock::Postgres { _held: connection }
            }
        }
    }

    /// Runs SQL, for what no action does: breaking things.
    pub fn break_with(&self, sql: &str) {
        match self {
            _ if sql.is_empty() => {}
            Self::Sqlite { file, .. } => {
                let mut connection = diesel::SqliteConnection::establish(&file.display().to_string()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                connection.batch_execute(sql).unwrap();
            }
            Self::Postgres { url, .. } => run(url, sql),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match self {
            Self::Sqlite { file, .. } => {
                for suffix in ["", "-wal", "-shm", ".lock"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
                }
            }
            // WITH (FORCE): the pool of the test may still hold its connections.
            Self::Postgres { name, server, .. } => run(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")),
        }
    }
}

/// Opens a database as the program does.
pub fn open(url: &str) -> Db {
    Db::open(&settings(url)).unwrap()
}

pub fn settings(url: &str) -> DbSettings {
    DbSettings { url: url.to_owned(), pool: 4, wait: Duration::from_secs(30) }
}

fn migrate(url: &str) {
    drop(open(url));
    if let Some(file) = url.strip_prefix("sqlite://") {
        // The template is copied as one file, so nothing may be left in the log beside it.
        let mut connection = diesel::SqliteConnection::establish(file).unwrap();
        connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE").unwrap();
    }
}

fn run(url: &str, sql: &str) {
    PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
}

fn sibling(server: &str, name: &str) -> String {
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}
