//! A server process: the one that is measured, or the bare one it is compared with.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::client::Request;

pub(crate) const AGENT_TOKEN: &str = "benchmark-agent-token-0123456789abcdef";
pub(crate) const ADMIN_TOKEN: &str = "benchmark-admin-token-fedcba9876543210";

/// Opening a large file may take its time, but not for ever.
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// A running server; ended when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From starting the process to its first answer to a health check.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts PilotDeck on `folder/pm.db`.
    pub(crate) fn start(program: &Path, folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PM_")) {
            command.env_remove(name);
        }
        command
            .current_dir(folder)
            .env("PM_PORT", port.to_string())
            .env("PM_DB_FILE", folder.join("pm.db"))
            .env("PM_AGENT_TOKEN", AGENT_TOKEN)
            .env("PM_ADMIN_TOKEN", ADMIN_TOKEN);
        Self::spawn(command, port, "/api/health", &folder.join("server.log"))
    }

    /// Starts this program again as the bare axum server.
    pub(crate) fn start_bare(folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare-axum", &port.to_string()]);
        Self::spawn(command, port, "/", &folder.join("bare.log"))
    }

    fn spawn(mut command: Command, port: u16, health: &str, log: &Path) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let output = File::create(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let program = command.get_program().to_owned();
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, address, started_in: Duration::ZERO };
        while !is_healthy(address, health) {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended at once ({status}): {}", program.display(), tail(log));
            }
            if started.elapsed() > START_LIMIT {
                bail!("{} gives no sign of life: {}", program.display(), tail(log));
            }
            sleep(Duration::from_micros(500));
        }
        server.started_in = started.elapsed();
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let asked = Instant::now();
        if cfg!(unix) {
            Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        } else {
            self.child.kill()?;
        }
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > STOP_LIMIT {
                bail!("the server does not stop");
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already stopped, or of no more use: either way there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An authorised request.
pub(crate) fn ask(request: &mut Request, method: &str, path: &str) {
    request.begin(method, path);
    request.header("X-PM-Agent-Token", AGENT_TOKEN);
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_healthy(address: SocketAddr, path: &str) -> bool {
    let asked = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b"200"))
    };
    asked().unwrap_or(false)
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(8).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
