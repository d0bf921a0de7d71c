//! SECURITY.md from outside, a module per letter, each test named after its rule. Here: what they share.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod a_accounts;
mod b_listening;
mod c_content;
pub(crate) mod d_deploy;
mod g_errors;
mod g_files;
mod k_keys;
mod l_limits;
mod r_restore;
mod s_sessions;
mod users_roles;
mod w_host_origin;

use std::io::Write;
use std::sync::{Arc, Mutex};

use pilotdeck_services::Secret;
use pilotdeck_testkit::{Answer, Client, TestApp, TestAppBuilder};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tracing::subscriber::DefaultGuard;

/// A password that keeps every rule.
pub(crate) const GOOD: &str = "correct horse 🐴";

/// A server whose admin has a real password, so that signing in works from anywhere.
pub(crate) fn with_password() -> TestAppBuilder {
    TestApp::builder().settings(|settings| settings.admin_password = Secret::new(GOOD))
}

pub(crate) async fn login(client: &Client, password: &str) -> Answer {
    client.post("/api/auth/login", json!({ "username": "admin", "password": password })).await
}

/// The value of the session cookie that an answer sets.
#[track_caller]
pub(crate) fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    cookie.split_once("pilotdeck_session=").unwrap_or_else(|| panic!("no cookie: {answer}")).1.to_owned()
}

/// Signs in and gives the client with its cookie.
pub(crate) async fn sign_in(app: &TestApp, password: &str) -> Client {
    let answer = login(&app.anonymous(), password).await.expect(200);
    with_cookie(&app.anonymous(), &cookie_of(&answer))
}

pub(crate) fn with_cookie(client: &Client, value: &str) -> Client {
    client.clone().with("cookie", &format!("pilotdeck_session={value}"))
}

/// As behind a proxy on this machine: the peer is loopback, the caller is not.
pub(crate) fn proxied(client: &Client) -> Client {
    client.clone().with("x-forwarded-for", "192.0.2.7")
}

/// The password hashes in the file.
pub(crate) fn password_hashes(app: &TestApp) -> Vec<String> {
    let conn = Connection::open_with_flags(app.db_file(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = conn.prepare("SELECT password_hash FROM users").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The files in the data folder that contain `text`, WAL and all.
pub(crate) fn files_with(app: &TestApp, text: &str) -> Vec<String> {
    let files = std::fs::read_dir(app.folder()).unwrap().map(|entry| entry.unwrap().path());
    let hits = files.filter(|file| {
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    });
    hits.map(|file| file.display().to_string()).collect()
}

/// What is logged on this thread while it lives.
pub(crate) struct Logged {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: DefaultGuard,
}

impl Logged {
    pub(crate) fn start() -> Logged {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&text);
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || Sink(Arc::clone(&sink)))
            .finish();
        Logged { text, _guard: tracing::subscriber::set_default(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn warnings_with(&self, word: &str) -> usize {
        self.text().lines().filter(|line| line.contains(" WARN ") && line.contains(word)).count()
    }
}

struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
