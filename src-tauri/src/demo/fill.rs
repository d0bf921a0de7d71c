//! Plays the month into a fresh database: each call at its own time.

use pilotdeck_domain::Timestamp;
use pilotdeck_services::{App, Clock, Error};

use super::month;
use super::plan::Call;
use super::team::Team;
use crate::failure::{Exit, Failure};

/// Whether this database holds the demo already.
pub(crate) async fn is_demo(app: &App) -> Result<bool, Failure> {
    let first = Team::load()?.projects.into_iter().next().map(|project| project.id).unwrap_or_default();
    match app.projects.get(first).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(not_filled(&error)),
    }
}

/// Fills an empty database that was opened with `clock`, which must stand at the month's beginning or before.
pub(crate) async fn fill(
    app: &App,
    clock: &Clock,
    end: Timestamp,
    progress: &dyn Fn(u64, u64),
) -> Result<(), Failure> {
    let team = Team::load()?;
    let steps = month::steps(&team, end);
    let total = steps.len() as u64;
    for (done, step) in steps.into_iter().enumerate() {
        clock.set(step.at);
        make(app, step.call).await.map_err(|error| not_filled(&error))?;
        progress(done as u64 + 1, total);
    }
    let ids: Vec<_> = team.projects.iter().map(|project| project.id.as_str()).collect();
    let order = super::plan::object(serde_json::json!({ "ids": ids }));
    app.projects.reorder(order).await.map_err(|error| not_filled(&error))?;
    clock.set(end);
    Ok(())
}

async fn make(app: &App, call: Call) -> Result<(), Error> {
    match call {
        Call::Profile(body) => app.profiles.create(body).await.map(drop),
        Call::Capability(body) => app.capabilities.create(body).await.map(drop),
        Call::Project(body) => app.projects.create(body).await.map(drop),
        Call::ChangeProject { id, patch } => app.projects.update(id, patch).await.map(drop),
        Call::Run(body) => app.runs.create(body).await.map(drop),
        Call::ChangeRun { id, patch } => app.runs.update(id, patch).await.map(drop),
        Call::Event(body) => app.events.create(body).await.map(drop),
        Call::Action(body) => app.actions.apply(body).await.map(drop),
        Call::Usage(body) => app.usage.record(body).await.map(drop),
    }
}

fn not_filled(error: &Error) -> Failure {
    Failure::new(Exit::Software, format!("the demo could not be written: {error}"))
}
