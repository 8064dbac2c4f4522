//! One PostgreSQL server per test run, or the one named by `TEST_DATABASE_URL`.
//!
//! nextest runs every test in a process of its own; all processes of one run share the server
//! that the first of them starts. Under another runner each process starts its own. The server
//! lives in a temporary folder without fsync. A watchdog shell stops it and removes the folder
//! when the runner is gone, however it ends.

use crate::StoreUrl;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr as _;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Databases of one process are told apart by a counter, those of several by the process id.
static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
static SERVER: OnceCell<Result<PgConnectOptions, String>> = OnceCell::const_new();

#[expect(clippy::disallowed_methods, reason = "switches of the test run, read in tests only")]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) async fn database() -> Result<StoreUrl, String> {
    if env("ML_TEST_POSTGRES").as_deref() == Some("off") {
        return Err("ML_TEST_POSTGRES is off".to_owned());
    }
    let server = SERVER.get_or_init(server).await.clone()?;
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("t_{}_{number}", std::process::id());
    let mut conn = PgConnection::connect_with(&server).await.map_err(|e| e.to_string())?;
    // The name is made of numbers only.
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    conn.execute(AssertSqlSafe(sql)).await.map_err(|e| e.to_string())?;
    conn.close().await.map_err(|e| e.to_string())?;
    Ok(StoreUrl::Postgres(Box::new(server.database(&name))))
}

async fn server() -> Result<PgConnectOptions, String> {
    if let Some(url) = env("TEST_DATABASE_URL") {
        return PgConnectOptions::from_str(&url)
            .map_err(|_| "TEST_DATABASE_URL cannot be read".to_owned());
    }
    let bin = binaries().ok_or("no PostgreSQL binaries; install PostgreSQL 14 or newer")?;
    let (run, runner) = match env("NEXTEST_RUN_ID") {
        Some(run) => (run, std::os::unix::process::parent_id()),
        None => (format!("pid-{}", std::process::id()), std::process::id()),
    };
    let dir = std::env::temp_dir().join(format!("ml-postgres-{run}"));
    if fs::create_dir(&dir).is_ok() {
        start(&bin, &dir, runner).inspect_err(|why| {
            // The other processes of the run stop waiting.
            let _ = fs::write(dir.join("failed"), why);
        })?;
    }
    let options = PgConnectOptions::new_without_pgpass()
        .socket(&dir)
        .port(5432)
        .username("postgres")
        .database("postgres");
    for _ in 0..1_200 {
        if let Ok(why) = fs::read_to_string(dir.join("failed")) {
            return Err(why);
        }
        if let Ok(conn) = PgConnection::connect_with(&options).await {
            conn.close().await.map_err(|error| error.to_string())?;
            return Ok(options);
        }
        #[expect(clippy::disallowed_methods, reason = "waits for another program to start")]
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Err("the PostgreSQL server did not start within 30 seconds".to_owned())
}

/// The newest installation, the PATH first.
fn binaries() -> Option<PathBuf> {
    let complete = |dir: &Path| ["postgres", "initdb"].iter().all(|name| dir.join(name).is_file());
    let path = env("PATH").unwrap_or_default();
    let mut installed: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    installed.sort_unstable();
    std::env::split_paths(&path)
        .chain(installed.into_iter().rev().map(|(_, dir)| dir))
        .find(|dir| complete(dir))
        // A linked binary looks for its libraries beside itself.
        .and_then(|dir| fs::canonicalize(dir.join("postgres")).ok())
        .and_then(|binary| binary.parent().map(Path::to_path_buf))
}

/// User and group id of user postgres: the server refuses to run as root.
fn unprivileged() -> Option<(u32, u32)> {
    let me = fs::metadata("/proc/self").ok()?;
    if std::os::unix::fs::MetadataExt::uid(&me) != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn command(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some((uid, gid)) = unprivileged() {
        command.uid(uid).gid(gid);
    }
    command
}

fn start(bin: &Path, dir: &Path, runner: u32) -> Result<(), String> {
    let said = |what: &'static str| move |error: std::io::Error| format!("{what}: {error}");
    if let Some((uid, gid)) = unprivileged() {
        std::os::unix::fs::chown(dir, Some(uid), Some(gid)).map_err(said("chown"))?;
    }
    let data = dir.join("data");
    let done = command(&bin.join("initdb"), dir)
        .arg("-D")
        .arg(&data)
        .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"])
        .status()
        .map_err(said("initdb"))?;
    if !done.success() {
        return Err(format!("initdb failed in {}", dir.display()));
    }
    let server = command(&bin.join("postgres"), dir)
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(dir)
        .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off"])
        .args(["-c", "synchronous_commit=off", "-c", "max_connections=300"])
        .process_group(0)
        .spawn()
        .map_err(said("postgres"))?;
    watch(dir, runner, server.id()).map_err(said("watchdog"))
}

/// Statics are never dropped, so a small shell waits for the end of the runner.
fn watch(dir: &Path, runner: u32, server: u32) -> std::io::Result<()> {
    let script = "while kill -0 \"$1\" 2>/dev/null; do sleep 1; done; \
                  kill -QUIT \"$2\" 2>/dev/null; sleep 1; rm -rf \"$3\"";
    Command::new("/bin/sh")
        .args(["-c", script, "watchdog"])
        .arg(runner.to_string())
        .arg(server.to_string())
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map(|_| ())
}
