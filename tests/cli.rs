//! The real program: what it prints, what it leaves behind, and the code it ends with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const TOKEN: &str = "cli-test-agent-token";

/// A folder of its own for each test.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn db_file(&self) -> PathBuf {
        self.path("data/pm.db")
    }

    /// The program, started in this folder and with none of the developer's settings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pilotdeck-server"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PM_")) {
            command.env_remove(name);
        }
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        command.env("PM_PORT", "0").env("PM_AGENT_TOKEN", TOKEN);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs and expects this exit code; gives both outputs.
    fn expect(&self, args: &[&str], code: i32) -> String {
        told(self.run(args), code, args)
    }

    fn serve(&self, args: &[&str]) -> Server {
        Server::start(self.command(args))
    }

    /// The names in the data folder.
    pub(crate) fn data_files(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path("data"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn told(output: Output, code: i32, what: &[&str]) -> String {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{what:?} said: {text}");
    text.into_owned()
}

/// A server at work.
pub(crate) struct Server {
    child: Child,
    port: u16,
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("Listening on ") {
            line.clear();
            assert!(
                stdout.read_line(&mut line).unwrap() > 0,
                "it ended before it listened: {:?}",
                child.wait()
            );
        }
        let (_, rest) = line.split_once("http://127.0.0.1:").unwrap();
        let port = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
        Server { child, port, _stdout: stdout }
    }

    /// One request with the agent token: status and JSON.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let headers = format!("X-PM-Agent-Token: {TOKEN}\r\nContent-Type: application/json\r\n");
        let (status, answer) = self.exchange(&format!("{method} {path}"), &headers, body.as_bytes());
        let text = String::from_utf8(answer).unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// One request of any kind: status and body. Each line of `headers` has its end.
    pub(crate) fn exchange(&self, what: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), answer.split_off(end + 4))
    }

    /// The process that was started.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and gives its exit code.
    #[cfg(unix)]
    pub(crate) fn terminate(self) -> Option<i32> {
        let process = self.process();
        self.terminate_by(process)
    }

    /// The same where another program runs the server as `process`, and ends when that ends.
    #[cfg(unix)]
    pub(crate) fn terminate_by(mut self, process: u32) -> Option<i32> {
        let process = rustix::process::Pid::from_raw(process.cast_signed()).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(started.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

fn legacy_sample() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/legacy-sample.db")
}

#[test]
fn help_and_version_are_told_and_nonsense_is_refused_with_64() {
    let home = Home::new();
    let help = home.expect(&["--help"], 0);
    for word in [
        "serve",
        "backup",
        "restore",
        "import",
        "inspect",
        "reset-password",
        "demo",
        "PM_PORT",
        "PM_AGENT_TOKEN",
    ] {
        assert!(help.contains(word), "{word} is not in the help");
    }
    assert!(!help.contains("deploy-runner"), "the deploy job is not for people");
    assert!(home.expect(&["--version"], 0).contains(env!("CARGO_PKG_VERSION")));
    for nonsense in [&["fly"][..], &["--wings"], &["backup"], &["--port=http"], &["inspect"]] {
        home.expect(nonsense, 64);
    }
    assert!(!home.path("data").exists(), "asking for help makes no database");
}

#[test]
fn the_readme_tells_every_setting_that_help_tells() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let help = Home::new().expect(&["--help"], 0);
    let settings: Vec<&str> = help
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .filter(|word| word.starts_with("PM_") || (word.starts_with("--") && word.len() > 2))
        .filter(|word| !["--help", "--version"].contains(word))
        .collect();
    assert!(settings.len() > 20, "{settings:?}");
    for setting in settings {
        assert!(readme.contains(&format!("`{setting}`")), "README does not tell {setting}");
    }
}

#[test]
fn a_wrong_variable_ends_with_78_and_is_named() {
    let home = Home::new();
    for (name, value) in [
        ("PM_PORT", "http"),
        ("PM_HOST", "nowhere"),
        ("PM_SYNCHRONOUS", "maybe"),
        ("PM_DEBUG", "2"),
        ("PM_AGENT_TOKEN_FILE", "/nowhere"),
        ("PM_TRUSTED_PROXIES", "proxy"),
    ] {
        let text = told(home.command(&[]).env(name, value).output().unwrap(), 78, &[name]);
        assert!(text.contains(name), "{text}");
    }
}

#[test]
#[cfg(unix)]
fn the_server_makes_a_private_database_below_the_current_folder_and_ends_in_order() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let server = home.serve(&[]);
    let (status, event) = server.send("POST", "/api/agent/events", &json!({ "title": "Kept" }));
    assert_eq!(status, 201);
    assert_eq!(server.terminate(), Some(0));

    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.path("data")), 0o700);
    for name in home.data_files() {
        assert_eq!(mode(home.path("data").join(&name)), 0o600, "{name}");
    }
    let log = home.path("data/pm.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0, "the end checkpoints");

    let server = home.serve(&["serve"]);
    let path = format!("/api/agent/events/{}", event["id"].as_str().unwrap());
    assert_eq!(server.send("GET", &path, &Value::Null).1["data"], event["data"]);
}

#[test]
#[cfg(unix)]
fn what_was_acknowledged_before_the_end_is_there_after_it() {
    let home = Home::new();
    let server = home.serve(&[]);
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let port = server.port;
            std::thread::spawn(move || {
                let mut acknowledged = Vec::new();
                for number in 0..10_000 {
                    let id = format!("evt-{writer}-{number}");
                    if post_event(port, &id) != Some(201) {
                        break;
                    }
                    acknowledged.push(id);
                }
                acknowledged
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(server.terminate(), Some(0));
    let acknowledged: Vec<String> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());

    let server = home.serve(&[]);
    for id in acknowledged {
        assert_eq!(server.send("GET", &format!("/api/agent/events/{id}"), &Value::Null).0, 200, "{id}");
    }
}

/// The status of one post; none when the connection failed.
fn post_event(port: u16, id: &str) -> Option<u16> {
    let body = json!({ "id": id }).to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(
        stream,
        "POST /api/agent/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-PM-Agent-Token: {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let home = Home::new();
    let server = home.serve(&[]);
    let port = server.port;
    let posting = std::thread::spawn(move || {
        // Posts until nobody answers any more.
        (0..)
            .map(|number| format!("kill-{number}"))
            .take_while(|id| post_event(port, id) == Some(201))
            .collect::<Vec<_>>()
    });
    std::thread::sleep(Duration::from_millis(700));
    drop(server); // SIGKILL
    let acknowledged = posting.join().unwrap();
    assert!(!acknowledged.is_empty());
    let again = home.serve(&[]);
    for id in &acknowledged {
        let (status, _) = again.send("GET", &format!("/api/agent/events/{id}"), &Value::Null);
        assert_eq!(status, 200, "{id} of {} was acknowledged and is gone", acknowledged.len());
    }
}

#[test]
fn a_second_server_on_one_file_ends_with_75() {
    let home = Home::new();
    let _server = home.serve(&[]);
    let text = home.expect(&["serve"], 75);
    assert!(text.contains("another PilotDeck"), "{text}");
    home.expect(&["reset-password"], 75);
}

#[test]
fn a_backup_is_written_while_the_server_serves() {
    let home = Home::new();
    let _server = home.serve(&[]);
    let text = home.expect(&["backup", "--out", "copy.db"], 0);
    assert!(text.contains("copy.db"), "{text}");
    let text = home.expect(&["inspect", "copy.db"], 0);
    assert!(text.contains("users"), "{text}");
}

#[test]
fn a_taken_port_ends_with_69_on_either_loopback_address() {
    let home = Home::new();
    for address in ["127.0.0.1", "::1"] {
        let Ok(stranger) = TcpListener::bind((address, 0)) else { continue };
        let port = stranger.local_addr().unwrap().port().to_string();
        let text = home.expect(&["--port", &port], 69);
        assert!(text.contains(&port) && text.contains("in use"), "{text}");
    }
}

#[test]
fn b2_a_wider_address_is_refused_with_78_until_password_and_token_are_safe() {
    let home = Home::new();
    let wide = |tokens: &[(&str, &str)]| {
        let mut command = home.command(&["serve"]);
        command.env("PM_HOST", "0.0.0.0").env_remove("PM_AGENT_TOKEN").envs(tokens.iter().copied());
        command
    };
    let text = told(wide(&[]).output().unwrap(), 78, &["fresh"]);
    assert!(text.contains("PM_ADMIN_PASSWORD") && text.contains("PM_AGENT_TOKEN"), "{text}");

    let weak = wide(&[("PM_ADMIN_PASSWORD", "short")]).output().unwrap();
    assert!(told(weak, 78, &["weak password"]).contains("PM_ADMIN_PASSWORD"));

    let long = "a-token-of-twenty-eight-signs";
    std::fs::remove_dir_all(home.path("data")).unwrap();
    let password = ("PM_ADMIN_PASSWORD", "correct horse battery");
    let text = told(wide(&[password, ("PM_AGENT_TOKEN", "short")]).output().unwrap(), 78, &["short token"]);
    assert!(text.contains("16 characters"), "{text}");
    let equal = [password, ("PM_AGENT_TOKEN", long), ("PM_ADMIN_TOKEN", long)];
    assert!(told(wide(&equal).output().unwrap(), 78, &["equal tokens"]).contains("equal"));
    let mut command = wide(&[password, ("PM_AGENT_TOKEN", long)]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("Listening on http://0.0.0.0:"), "{line}");
}

#[test]
#[cfg(unix)]
fn a_backup_brings_back_what_was_deleted_and_the_old_database_is_kept() {
    let home = Home::new();
    let server = home.serve(&[]);
    assert_eq!(server.send("POST", "/api/projects", &json!({ "id": "p1", "name": "Apollo" })).0, 201);
    assert_eq!(server.terminate(), Some(0));
    let text = home.expect(&["backup", "--out", "copy.db"], 0);
    assert!(text.contains("copy.db"), "{text}");
    home.expect(&["backup", "--out", "copy.db"], 73);
    home.expect(&["backup", "--out", "no/such/folder/copy.db"], 73);

    let server = home.serve(&[]);
    assert_eq!(server.send("DELETE", "/api/projects/p1", &Value::Null).0, 200);
    assert_eq!(server.terminate(), Some(0));
    let text = home.expect(&["restore", "--from", "copy.db"], 0);
    assert!(text.contains("pm.db.bak."), "{text}");
    assert!(home.data_files().iter().any(|name| name.starts_with("pm.db.bak.")), "{:?}", home.data_files());

    let server = home.serve(&[]);
    assert_eq!(server.send("GET", "/api/projects/p1", &Value::Null).1["data"]["name"], "Apollo");
}

#[test]
fn files_that_are_no_database_of_ours_are_refused_with_65_and_missing_ones_with_74() {
    let home = Home::new();
    std::fs::write(home.path("letter.txt"), "Dear database").unwrap();
    for command in [
        &["inspect", "letter.txt"][..],
        &["restore", "--from", "letter.txt"],
        &["import", "--from", "letter.txt"],
    ] {
        home.expect(command, 65);
    }
    for command in [
        &["inspect", "nowhere.db"][..],
        &["restore", "--from", "nowhere.db"],
        &["backup", "--out", "copy.db"],
    ] {
        let fresh = Home::new();
        fresh.expect(command, 74);
    }
    let damaged = Home::new();
    std::fs::create_dir(damaged.path("data")).unwrap();
    std::fs::write(damaged.db_file(), vec![7; 8192]).unwrap();
    damaged.expect(&["serve"], 65);
    assert_eq!(std::fs::read(damaged.db_file()).unwrap(), vec![7; 8192], "it is not written to");
}

#[test]
fn a_database_of_the_older_server_is_inspected_and_imported_into_an_empty_one_only() {
    let home = Home::new();
    let sample = legacy_sample();
    let sample_text = sample.to_str().unwrap();
    let before = std::fs::read(&sample).unwrap();

    let report: Value = serde_json::from_str(&home.expect(&["inspect", "--json", sample_text], 0)).unwrap();
    assert_eq!(report["kind"], "legacy");
    assert!(!home.path("data").exists(), "looking makes no database");
    let text = home.expect(&["import", "--from", sample_text], 0);
    assert!(text.contains("older server") && text.contains("projects"), "{text}");
    assert_eq!(std::fs::read(&sample).unwrap(), before);

    let text = home.expect(&["import", "--from", sample_text], 73);
    assert!(text.contains("restore"), "{text}");
    let server = home.serve(&[]);
    let list = server.send("GET", "/api/projects", &Value::Null).1;
    assert_eq!(list["total"], report["rows"]["projects"]);
    drop(server);

    home.expect(&["backup", "--out", "ours.db"], 0);
    let other = Home::new();
    let ours = home.path("ours.db");
    let text = other.expect(&["import", "--from", ours.to_str().unwrap()], 65);
    assert!(text.contains("use restore"), "{text}");
}

#[test]
fn a_reset_password_signs_in_and_the_old_one_does_not() {
    let home = Home::new();
    drop(home.serve(&[]));
    let text = home.expect(&["reset-password"], 0);
    let password =
        text.lines().find_map(|line| line.strip_prefix("The new password of admin is ")).unwrap().to_owned();
    let server = home.serve(&[]);
    let sign_in = |password: &str| {
        server.send("POST", "/api/auth/login", &json!({ "username": "admin", "password": password })).0
    };
    assert_eq!((sign_in(&password), sign_in("admin")), (200, 401));
    drop(server);

    home.expect(&["reset-password", "--user", "nobody"], 64);
    let mut command = home.command(&["reset-password", "--stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("a password from a pipe\n".as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let server = home.serve(&[]);
    let body = json!({ "username": "admin", "password": "a password from a pipe" });
    assert_eq!(server.send("POST", "/api/auth/login", &body).0, 200);
}

#[test]
fn the_demo_fills_an_empty_database_with_a_month_and_leaves_work_alone() {
    let home = Home::new();
    let text = home.expect(&["demo"], 0);
    assert!(text.contains("100 %"), "{text}");
    home.expect(&["demo"], 0);
    let server = home.serve(&[]);
    let total = |path: &str| server.send("GET", path, &Value::Null).1["total"].as_u64().unwrap();
    assert_eq!(
        (total("/api/projects"), total("/api/agent/runs"), total("/api/agent/profiles")),
        (12, 150, 5)
    );
    let running = server.send("GET", "/api/agent/runs?status=running", &Value::Null).1;
    assert_eq!(running["total"], 3);
    let stats = server.send("GET", "/api/stats/tokens", &Value::Null).1;
    assert!(stats["data"]["byDay"].as_array().unwrap().len() > 20, "the month has its days");
    drop(server);

    let busy = Home::new();
    let server = busy.serve(&[]);
    assert_eq!(server.send("POST", "/api/projects", &json!({ "name": "Mine" })).0, 201);
    drop(server);
    let text = busy.expect(&["demo"], 73);
    assert!(text.contains("--replace"), "{text}");
    let text = busy.expect(&["demo", "--replace"], 0);
    assert!(text.contains("pm.db.bak."), "{text}");
}

#[test]
#[cfg(unix)]
fn the_live_demo_goes_on_posting_and_ends_its_runs_with_the_server() {
    let home = Home::new();
    let server = home.serve(&["demo", "--live"]);
    let runs =
        |server: &Server| server.send("GET", "/api/agent/runs", &Value::Null).1["total"].as_u64().unwrap();
    let started = Instant::now();
    while runs(&server) == 150 {
        assert!(started.elapsed() < Duration::from_secs(30), "nobody starts to work");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(server.terminate(), Some(0));
    let server = home.serve(&[]);
    let cancelled = server.send("GET", "/api/agent/runs?status=running", &Value::Null).1;
    assert_eq!(cancelled["total"], 3, "only those of the month are still open");
}
