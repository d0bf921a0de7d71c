//! Many clients, one stamp: in every round all send a PATCH with the same `ifUpdatedAt`, and exactly one may win.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::task::spawn_local;

use crate::bodies::project_id;
use crate::client::{Answer, Connection, Request};
use crate::load::{Measured, new_histogram};
use crate::process::find_cpu_time;
use crate::server::{Server, ask};

/// How the rounds ended.
pub(crate) struct Contended {
    pub(crate) measured: Measured,
    pub(crate) rounds: u64,
    /// Rounds without exactly one winner.
    pub(crate) wrong_rounds: u64,
    /// Winning writes that the record does not show at the end.
    pub(crate) lost_updates: u64,
}

pub(crate) async fn run(server: &Server, clients: usize, duration: Duration) -> Result<Contended> {
    let path = format!("/api/projects/{}", project_id(0));
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(Connection::open(server.address).await?);
    }
    let mut reader = Connection::open(server.address).await?;
    let mut stamp = stamp_of(&patch_freely(&mut reader, &path).await?.json()?)?;

    let mut latency = new_histogram()?;
    let (mut rounds, mut wins, mut wrong_rounds) = (0u64, 0u64, 0);
    let cpu = (find_cpu_time(server.pid()), find_cpu_time(std::process::id()));
    let started = Instant::now();
    while started.elapsed() < duration {
        rounds += 1;
        let body = format!(r#"{{"ifUpdatedAt":"{stamp}","rounds":{rounds}}}"#);
        let tasks: Vec<_> = connections
            .drain(..)
            .map(|connection| spawn_local(patch(connection, path.clone(), body.clone())))
            .collect();
        let mut winners = 0;
        for task in tasks {
            let (connection, answer, took) = task.await.context("a client broke off")??;
            connections.push(connection);
            latency.saturating_record(took.as_micros() as u64);
            if answer.status == 200 {
                winners += 1;
                stamp = stamp_of(&answer.json()?)?;
            } else {
                ensure!(answer.status == 409, "a contended PATCH was answered with {}", answer.status);
            }
        }
        wins += winners;
        wrong_rounds += u64::from(winners != 1);
    }
    let elapsed = started.elapsed();
    let used = |before: Option<Duration>, pid| Some(find_cpu_time(pid)? - before?);
    let measured = Measured {
        requests: rounds * clients as u64,
        elapsed,
        latency,
        refused: Default::default(),
        server_cpu: used(cpu.0, server.pid()),
        client_cpu: used(cpu.1, std::process::id()),
    };

    let mut request = Request::default();
    ask(&mut request, "GET", &path);
    let project = reader.send(&request).await?.json()?;
    let kept = project["data"]["rounds"].as_u64().unwrap_or(0);
    let lost_updates = u64::from(kept != rounds || stamp_of(&project)? != stamp) + wins.abs_diff(rounds);
    Ok(Contended { measured, rounds, wrong_rounds, lost_updates })
}

async fn patch(
    mut connection: Connection,
    path: String,
    body: String,
) -> Result<(Connection, Answer, Duration)> {
    let mut request = Request::default();
    ask(&mut request, "PATCH", &path);
    request.body = body.into_bytes();
    let sent = Instant::now();
    let answer = connection.send(&request).await?;
    Ok((connection, answer, sent.elapsed()))
}

async fn patch_freely(connection: &mut Connection, path: &str) -> Result<Answer> {
    let mut request = Request::default();
    ask(&mut request, "PATCH", path);
    request.body = br#"{"rounds":0}"#.to_vec();
    connection.send(&request).await
}

fn stamp_of(answer: &Value) -> Result<String> {
    answer["data"]["updatedAt"].as_str().map(str::to_owned).context("the project has no updatedAt")
}
