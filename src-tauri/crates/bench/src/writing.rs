//! Writing to a small file, and the quick answers, beside a bare axum server under the same load.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::bodies::{self, project_id};
use crate::client::{Connection, Request};
use crate::contention;
use crate::load::{Load, Measured};
use crate::plan::{Bench, FEW, MANY, progress};
use crate::server::{Server, ask};

/// What is compared with the limits.
pub(crate) struct Written {
    pub(crate) health: Measured,
    pub(crate) bare_health: Measured,
    pub(crate) append: Measured,
    pub(crate) bare_append: Measured,
    /// Rows per second.
    pub(crate) batch: f64,
    pub(crate) usage: f64,
}

pub(crate) async fn measure_writing(bench: &mut Bench, folder: &Path) -> Result<Written> {
    let server = start(bench, folder).await?;
    let bare = Server::start_bare(folder)?;
    make_projects(&server).await?;

    progress("health and project list");
    let health = |path: &'static str| move |_, request: &mut Request| request.begin("GET", path);
    let bare_health = load(bench, &bare, ("bare axum, GET", "answers", 1), MANY, health("/")).await?;
    let health = load(bench, &server, ("health", "answers", 1), MANY, health("/api/health")).await?;
    bench.read(&server, "project list of 200", "/api/projects").await?;

    progress("events");
    load(bench, &server, ("append event", "events", 1), 1, append).await?;
    let appended = load(bench, &server, ("append event", "events", 1), MANY, append).await?;
    let bare_post = ("bare axum, POST of the same event", "answers", 1);
    let bare_append = load(bench, &bare, bare_post, MANY, append).await?;
    let batch = load(bench, &server, ("batch of 100 events", "events", 100), FEW, append_batch).await?;

    progress("actions and contended PATCH");
    for connections in [1, MANY] {
        load(bench, &server, ("action that changes a project", "actions", 1), connections, act).await?;
    }
    contend(bench, &server).await?;

    progress("usage");
    let usage = load(bench, &server, ("batch of 50 usage records", "records", 50), FEW, report_usage).await?;
    let past = ("batch of 50 usage records, a past month out of order", "records", 50);
    load(bench, &server, past, FEW, report_past_usage).await?;

    bare.stop()?;
    server.stop()?;
    let (batch, usage) = (batch.per_second() * 100.0, usage.per_second() * 50.0);
    Ok(Written { health, bare_health, append: appended, bare_append, batch, usage })
}

/// First start, then a restart: the first also makes the file and hashes a password.
async fn start(bench: &mut Bench, folder: &Path) -> Result<Server> {
    progress("start-up");
    let first = Server::start(&bench.program, folder)?;
    bench.note_start("first start", first.started_in);
    first.stop()?;
    let server = Server::start(&bench.program, folder)?;
    bench.note_start("restart on a small file", server.started_in);
    tokio::time::sleep(Duration::from_secs(2)).await;
    bench.note_memory(&server, "idle, small file");
    Ok(server)
}

async fn make_projects(server: &Server) -> Result<()> {
    let mut connection = Connection::open(server.address).await?;
    let mut request = Request::default();
    for number in 0..bodies::PROJECTS {
        ask(&mut request, "POST", "/api/projects");
        bodies::write_project(number, &mut request.body);
        connection.send(&request).await?.json()?;
    }
    Ok(())
}

/// Runs a load and reports it as `(what, unit, units per request)`.
async fn load(
    bench: &mut Bench,
    server: &Server,
    (what, unit, units): (&str, &str, u64),
    connections: usize,
    make: impl FnMut(u64, &mut Request) + 'static,
) -> Result<Measured> {
    let (measured, _) = Load::on(server, connections, bench.extent.each).run(0, make).await?;
    bench.report.add(what, unit, connections, &measured, units);
    Ok(measured)
}

/// One event; the bare server takes it at any path.
pub(crate) fn append(number: u64, request: &mut Request) {
    ask(request, "POST", "/api/agent/events");
    bodies::write_event(number, &mut request.body);
}

fn append_batch(number: u64, request: &mut Request) {
    ask(request, "POST", "/api/agent/events");
    bodies::write_events(number * 100, 100, &mut request.body);
}

fn report_past_usage(number: u64, request: &mut Request) {
    ask(request, "POST", "/api/agent/usage");
    bodies::write_past_usages(number * 50, 50, &mut request.body);
}

fn report_usage(number: u64, request: &mut Request) {
    ask(request, "POST", "/api/agent/usage");
    bodies::write_usages(number * 50, 50, &mut request.body);
}

/// Up and down by turns, so that every action changes its project.
fn act(number: u64, request: &mut Request) {
    let delta = if (number / bodies::PROJECTS).is_multiple_of(2) { 1 } else { -1 };
    let project = project_id(number % bodies::PROJECTS);
    ask(request, "POST", "/api/agent/actions");
    let _ = write!(
        request.body,
        r#"{{"projectId":"{project}","agentId":"agent-01","action":"bump_progress","params":{{"delta":{delta}}}}}"#
    );
}

async fn contend(bench: &mut Bench, server: &Server) -> Result<()> {
    let contended = contention::run(server, MANY, bench.extent.each).await?;
    let report = &mut bench.report;
    report.add("contended PATCH, one ifUpdatedAt a round", "answers", MANY, &contended.measured, 1);
    let rounds = contended.rounds;
    report.check(format!("one winner in each of {rounds} contended rounds"), contended.wrong_rounds == 0);
    report.check("no winning PATCH is lost", contended.lost_updates == 0);
    Ok(())
}
