//! The demo's team at work now: a few agents that post runs, events, actions and usage through the real HTTP door.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use pilotdeck_domain::Map;
use pilotdeck_services::{Clock, Secret};
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::plan::{self, Call, Dice, Outcome, RunIdea, Step};
use super::team::{Agent, Team};
use crate::failure::Failure;

/// Where the door is, and what opens it.
#[derive(Clone)]
pub(crate) struct Door {
    client: Client<HttpConnector, Full<Bytes>>,
    address: String,
    token: Option<Secret>,
}

impl Door {
    pub(crate) fn new(port: u16, token: Option<Secret>) -> Door {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Door { client, address: format!("http://127.0.0.1:{port}"), token }
    }

    async fn send(&self, method: Method, path: &str, body: &Map) -> anyhow::Result<StatusCode> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("x-pm-agent-token", token.expose());
        }
        let request = request.body(Full::from(serde_json::to_vec(body)?))?;
        let answer = self.client.request(request).await.context("the server did not answer")?;
        let status = answer.status();
        // Read to the end, so that the connection can be used again.
        answer.into_body().collect().await.context("the answer broke off")?;
        Ok(status)
    }

    async fn make(&self, call: &Call) -> anyhow::Result<StatusCode> {
        let (method, path, body) = match call {
            Call::Run(body) => (Method::POST, "/api/agent/runs".to_owned(), body),
            Call::ChangeRun { id, patch } => (Method::PATCH, format!("/api/agent/runs/{id}"), patch),
            Call::Event(body) => (Method::POST, "/api/agent/events".to_owned(), body),
            Call::Action(body) => (Method::POST, "/api/agent/actions".to_owned(), body),
            Call::Usage(body) => (Method::POST, "/api/agent/usage".to_owned(), body),
            Call::Profile(body) => (Method::POST, "/api/agent/profiles".to_owned(), body),
            Call::Capability(body) => (Method::POST, "/api/agent/capabilities".to_owned(), body),
            Call::Project(body) => (Method::POST, "/api/projects".to_owned(), body),
            Call::ChangeProject { id, patch } => (Method::PATCH, format!("/api/projects/{id}"), patch),
        };
        self.send(method, &path, body).await
    }
}

/// Keeps every agent of the team at work until `stop`; then each ends its run and this returns.
pub(crate) async fn work(door: Door, clock: Clock, stop: CancellationToken) -> Result<(), Failure> {
    let team = Arc::new(Team::load()?);
    let mut agents = tokio::task::JoinSet::new();
    for number in 0..team.agents.len() {
        let (team, door, clock, stop) = (team.clone(), door.clone(), clock.clone(), stop.clone());
        agents.spawn(async move { agent(&team, &team.agents[number], &door, &clock, &stop).await });
    }
    while agents.join_next().await.is_some() {}
    Ok(())
}

async fn agent(team: &Team, agent: &Agent, door: &Door, clock: &Clock, stop: &CancellationToken) {
    let mut dice: Dice = Dice::seed_from_u64(rand::random());
    let busy: Vec<_> = team.projects.iter().filter(|project| project.ends == "in-progress").collect();
    while !stop.is_cancelled() {
        let project = *plan::pick(&mut dice, &busy);
        let outcome = if dice.random_bool(0.12) { Outcome::Failed } else { Outcome::Completed };
        let idea = RunIdea {
            id: format!("run-live-{:016x}", plan::fresh(&mut dice)),
            project,
            agent,
            task: plan::pick(&mut dice, &project.tasks).as_str(),
            start: clock.now().plus_seconds(dice.random_range(1..9)),
            seconds: dice.random_range(40..150),
            outcome,
            bump: u32::from(dice.random_bool(0.3)),
            events: dice.random_range(10..26),
        };
        let steps = plan::run(&mut dice, &idea);
        if let Err(error) = perform(door, &idea, steps, clock, stop).await {
            tracing::warn!("live demo: {error:#}");
            // The server is going away or busy: do not knock in a loop.
            tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(Duration::from_secs(5)) => {} }
        }
    }
}

async fn perform(
    door: &Door,
    idea: &RunIdea<'_>,
    steps: Vec<Step>,
    clock: &Clock,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let mut begun = false;
    for step in steps {
        let wait = u64::try_from(step.at.micros() - clock.now().micros()).unwrap_or(0);
        tokio::select! {
            () = stop.cancelled() => {
                if begun {
                    door.make(&cancelled(idea, clock)).await?;
                }
                return Ok(());
            }
            () = tokio::time::sleep(Duration::from_micros(wait)) => {}
        }
        let status = door.make(&step.call).await?;
        begun = true;
        // A project that somebody deleted makes its action fail; that is life, not a reason to stop.
        if !status.is_success() && status != StatusCode::NOT_FOUND {
            anyhow::bail!("the server answered {status}");
        }
    }
    Ok(())
}

fn cancelled(idea: &RunIdea<'_>, clock: &Clock) -> Call {
    let patch = plan::object(json!({
        "status": Outcome::Cancelled.word(), "finishedAt": clock.now(), "summary": "The live demo was stopped",
    }));
    Call::ChangeRun { id: idea.id.clone(), patch }
}
