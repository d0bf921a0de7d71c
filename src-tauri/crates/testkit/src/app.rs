//! The server under test.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use pilotdeck_api::{ApiConfig, bind, serve};
use pilotdeck_domain::Timestamp;
use pilotdeck_services::{App, Clock, Secret, Settings};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::Client;

/// The agent token, unless a test says otherwise.
pub const AGENT_TOKEN: &str = "agent-token-of-the-tests";
/// The admin token, unless a test says otherwise.
pub const ADMIN_TOKEN: &str = "admin-token-of-the-tests";
/// Where the clock stands at the start.
pub const START: &str = "2026-02-11T14:30:00.000000Z";

/// A running server with a folder of its own. Derefs to a client with the agent token, which all endpoints but the admin
/// and sign-in ones take. Dropped, it shuts down and the folder goes away.
pub struct TestApp {
    /// The services behind the server, for looking at what HTTP does not show.
    pub app: App,
    /// Stands still until it is moved.
    pub clock: Clock,
    client: Client,
    addresses: Vec<SocketAddr>,
    settings: Settings,
    config: ApiConfig,
    folder: TempDir,
    shutdown: DropGuard,
    served: JoinHandle<()>,
}

/// What a test wants different.
pub struct TestAppBuilder {
    settings: Settings,
    config: ApiConfig,
    folder: TempDir,
}

impl TestApp {
    /// A server with an agent token and an admin token, as [`TestApp::builder`] makes it.
    pub async fn start() -> TestApp {
        TestApp::builder().build().await
    }

    /// A server without an agent token: open mode.
    pub async fn open() -> TestApp {
        TestApp::builder().open_mode().build().await
    }

    /// Begins with a fresh folder, both tokens, a clock at [`START`].
    pub fn builder() -> TestAppBuilder {
        let folder = tempfile::Builder::new().prefix("pilotdeck-test-").tempdir().unwrap();
        let mut settings = Settings::new(folder.path().join("pm.db"));
        settings.agent_token = Secret::new(AGENT_TOKEN);
        settings.admin_token = Secret::new(ADMIN_TOKEN);
        settings.clock = Clock::settable(Timestamp::parse(START).unwrap());
        TestAppBuilder { settings, config: ApiConfig { port: 0, ..ApiConfig::default() }, folder }
    }

    /// Somebody without any credential.
    pub fn anonymous(&self) -> Client {
        Client::new(self.addresses[0])
    }

    /// An agent with the token.
    pub fn agent(&self) -> Client {
        self.client.clone()
    }

    /// Somebody with the admin token.
    pub fn admin(&self) -> Client {
        self.anonymous().with("x-pm-token", ADMIN_TOKEN)
    }

    /// The first user, signed in with the default password.
    pub async fn sign_in(&self) -> Client {
        let answer = self
            .anonymous()
            .post("/api/auth/login", json!({ "username": "admin", "password": "admin" }))
            .await;
        let answer = answer.expect(200);
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        self.anonymous().with("cookie", &cookie)
    }

    /// The addresses it listens on, 127.0.0.1 first.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The port of all of them.
    pub fn port(&self) -> u16 {
        self.addresses[0].port()
    }

    /// The database file.
    pub fn db_file(&self) -> &Path {
        &self.settings.db_file
    }

    /// The folder of the database file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Shuts down in order and starts again on the same files.
    pub async fn restart(self) -> TestApp {
        self.stop().await.build().await
    }

    /// Shuts down in order; what is left can be built again.
    pub async fn stop(self) -> TestAppBuilder {
        let TestApp { app, settings, config, folder, shutdown, served, .. } = self;
        drop(shutdown);
        served.await.expect("the server ends");
        app.close().await;
        TestAppBuilder { settings, config, folder }
    }
}

impl Deref for TestApp {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestAppBuilder {
    /// No agent token: local programs may post without.
    #[must_use]
    pub fn open_mode(self) -> TestAppBuilder {
        self.settings(|settings| settings.agent_token = None)
    }

    /// Another agent token.
    #[must_use]
    pub fn agent_token(self, token: &str) -> TestAppBuilder {
        self.settings(|settings| settings.agent_token = Secret::new(token))
    }

    /// No admin token.
    #[must_use]
    pub fn without_admin_token(self) -> TestAppBuilder {
        self.settings(|settings| settings.admin_token = None)
    }

    /// Starts on a copy of this file.
    #[must_use]
    pub fn on_copy_of(self, file: impl AsRef<Path>) -> TestAppBuilder {
        std::fs::copy(file, &self.settings.db_file).expect("the file to start on");
        self
    }

    /// Any setting of the services.
    #[must_use]
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> TestAppBuilder {
        change(&mut self.settings);
        self
    }

    /// Any setting of the door.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut ApiConfig)) -> TestAppBuilder {
        change(&mut self.config);
        self
    }

    /// The database file it will use.
    pub fn db_file(&self) -> PathBuf {
        self.settings.db_file.clone()
    }

    /// Starts it.
    pub async fn build(self) -> TestApp {
        let TestAppBuilder { settings, config, folder } = self;
        let app = App::open(settings.clone()).await.expect("the app opens");
        let listeners = bind(&config).await.expect("a free port");
        let addresses = listeners.addresses().to_vec();
        let shutdown = CancellationToken::new();
        let served = tokio::spawn(serve(app.clone(), config.clone(), listeners, shutdown.clone()));
        let client = match &settings.agent_token {
            Some(token) => Client::new(addresses[0]).with("x-pm-agent-token", token.expose()),
            None => Client::new(addresses[0]),
        };
        TestApp {
            app,
            clock: settings.clock.clone(),
            client,
            addresses,
            settings,
            config,
            folder,
            shutdown: shutdown.drop_guard(),
            served,
        }
    }
}
