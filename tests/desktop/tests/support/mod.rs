//! A real window with a database and a port of its own, the driver that clicks in it, and an agent outside.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder, Locator};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const TOKEN: &str = "desktop-test-agent-token";
const PATIENCE: Duration = Duration::from_secs(30);

/// The window's binary.
pub(crate) fn binary() -> PathBuf {
    let path = std::env::var_os("PILOTDECK_DESKTOP");
    PathBuf::from(
        path.expect("PILOTDECK_DESKTOP must name the window's binary: see this crate's documentation"),
    )
}

/// A port nobody has at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Where one window keeps what it has.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) port: u16,
}

impl Home {
    pub(crate) fn new() -> Home {
        Home { folder: tempfile::tempdir().unwrap(), port: free_port() }
    }

    pub(crate) fn db_file(&self) -> PathBuf {
        self.folder.path().join("data/pm.db")
    }

    /// A command that knows this home and nothing of the developer's own PilotDeck.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PM_")) {
            command.env_remove(name);
        }
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_DATA_HOME", "share"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
        ] {
            command.env(name, self.folder.path().join(folder));
        }
        command
            .env("PM_DB_FILE", self.db_file())
            .env("PM_PORT", self.port.to_string())
            .env("PM_AGENT_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .process_group(0);
        command
    }

    /// A window without a driver, once it answers.
    pub(crate) async fn start(&self) -> Process {
        let process = Process(self.command(&binary()).spawn().unwrap());
        let agent = Agent::new(self.port);
        until("the window answers", async || agent.try_send(Method::GET, "/api/health", None).await).await;
        process
    }
}

/// A child that does not outlive its test, nor do its own children: a window left over would stand in the next one's way.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Sends SIGTERM and waits.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.ended().await
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.0);
        let _ended_already = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _status = self.0.wait();
    }
}

/// A window and the driver that started it.
pub(crate) struct Driven {
    pub(crate) page: Client,
    _driver: Process,
}

impl Driven {
    pub(crate) async fn start(home: &Home) -> Driven {
        let port = free_port();
        // A session bus of its own: two windows of one bus are one instance, and one of them may still be ending.
        let driver = home
            .command(Path::new("dbus-run-session"))
            .args(["--", "WebKitWebDriver", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .spawn()
            .expect("WebKitWebDriver is in the package webkit2gtk-driver");
        let driver = Process(driver);
        let options = json!({ "webkitgtk:browserOptions": { "binary": binary(), "args": [] } });
        let capabilities = options.as_object().unwrap().clone();
        let address = format!("http://127.0.0.1:{port}");
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities);
        let page = until("the driver starts the window", async || {
            tokio::time::timeout(PATIENCE, builder.connect(&address)).await.ok()?.ok()
        })
        .await;
        Driven { page, _driver: driver }
    }

    /// Runs a command of the window as its page would.
    pub(crate) async fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let script = "const [command, args, done] = arguments; \
            window.__TAURI_INTERNALS__.invoke(command, args).then(ok => done({ ok }), error => done({ error }))";
        let answer = self.page.execute_async(script, vec![json!(command), arguments]).await.unwrap();
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["ok"].clone()),
        }
    }

    /// The value of an expression in the page.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.page.execute(&format!("return {expression}"), vec![]).await.unwrap()
    }

    /// Waits until this stands in the page.
    pub(crate) async fn sees(&self, css: &str) -> fantoccini::elements::Element {
        let found = self.page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css} does not appear ({error}); the page shows: {}", self.text().await),
        }
    }

    /// Clicks it, as soon as it stands still and nothing covers it.
    pub(crate) async fn click(&self, css: &str) {
        self.sees(css).await;
        until(css, async || self.page.find(Locator::Css(css)).await.ok()?.click().await.ok()).await;
    }

    /// Types into it, as soon as it takes keys.
    pub(crate) async fn types(&self, css: &str, text: &str) {
        self.sees(css).await;
        until(css, async || self.page.find(Locator::Css(css)).await.ok()?.send_keys(text).await.ok()).await;
    }

    /// Waits until the page shows this text.
    pub(crate) async fn reads(&self, text: &str) {
        let started = Instant::now();
        while !self.text().await.contains(text) {
            assert!(
                started.elapsed() < PATIENCE,
                "{text:?} does not appear; the page shows: {}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn text(&self) -> String {
        self.value("document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn close(self) {
        self.page.close().await.unwrap();
    }
}

/// Who posts from outside, with the agent token.
pub(crate) struct Agent {
    client: HttpClient<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    port: u16,
}

impl Agent {
    pub(crate) fn new(port: u16) -> Agent {
        Agent { client: HttpClient::builder(TokioExecutor::new()).build_http(), port }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.try_send(Method::GET, path, None).await.expect("the listener answers")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.try_send(Method::POST, path, Some(body)).await.expect("the listener answers")
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        until("an answer", async || self.try_send(Method::DELETE, path, None).await).await
    }

    async fn try_send(&self, method: Method, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let text = body.map_or_else(String::new, |body| body.to_string());
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}{path}", self.port))
            .header("content-type", "application/json")
            .header("x-pm-agent-token", TOKEN)
            .body(Full::from(text))
            .unwrap();
        let answer = self.client.request(request).await.ok()?;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&bytes).ok()?))
    }
}

/// Asks until there is an answer.
async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Types the path of a file into the native file dialog that is open, and accepts it.
pub(crate) async fn answer_file_dialog(path: &str) {
    let dialog = until("a file dialog", async || find_window("Save File|Open File|Save|Open").await).await;
    focus(&dialog).await;
    // The dialog proposes a name: it goes.
    xdotool(&["key", "--clearmodifiers", "ctrl+a"]);
    xdotool(&["type", "--clearmodifiers", "--delay", "15", path]);
    tokio::time::sleep(Duration::from_millis(400)).await;
    xdotool(&["key", "--clearmodifiers", "Return"]);
}

/// Presses a key in the native dialog of this title.
pub(crate) async fn press_in_dialog(title: &str, key: &str) {
    let dialog = until("a dialog", async || find_window(title).await).await;
    focus(&dialog).await;
    xdotool(&["key", "--clearmodifiers", key]);
}

async fn focus(window: &str) {
    // No window manager runs under the virtual display: nobody else hands out the focus.
    tokio::time::sleep(Duration::from_millis(400)).await;
    xdotool(&["windowraise", window]);
    xdotool(&["windowfocus", "--sync", window]);
    tokio::time::sleep(Duration::from_millis(200)).await;
}

async fn find_window(title: &str) -> Option<String> {
    let found = xdotool(&["search", "--onlyvisible", "--name", &format!("^({title})$")]);
    found.lines().next().map(str::to_owned)
}

fn xdotool(arguments: &[&str]) -> String {
    let output = Command::new("xdotool").args(arguments).output().expect("xdotool runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
