//! `demo`: an invented month in an empty database, and more of it live. Somebody's own work is never touched unasked.

use pilotdeck_services::{App, Clock, Settings};
use tokio_util::sync::CancellationToken;

use super::data::holds_work;
use super::output::{Progress, say};
use super::serve::{announce, finish};
use crate::boot::{self, EndSignals, Server};
use crate::demo::{beginning, fill, is_demo, live};
use crate::failure::{Exit, Failure};
use crate::settings::{Listening, Values};

pub(super) async fn demo(values: &Values, live: bool, replace: bool) -> Result<(), Failure> {
    let listening = values.listening()?;
    let settings = values.services(super::db_file(values))?;
    if !settings.db_file.exists() {
        fill_new(settings.clone()).await?;
    }
    let app = boot::open(settings).await?;
    let shown = match prepare(&app, live, replace).await {
        Ok(()) if live => serve_live(&app, &listening).await,
        other => other,
    };
    app.close().await;
    shown
}

/// Leaves the demo in the database, or refuses.
async fn prepare(app: &App, live: bool, replace: bool) -> Result<(), Failure> {
    if !replace && is_demo(app).await? {
        say("The database holds the demo");
        return Ok(());
    }
    if !replace && holds_work(app).await.map_err(|error| Failure::of_service(&error))? {
        let again = if live { "demo --live --replace" } else { "demo --replace" };
        let sentence = format!(
            "{} holds work already: name another file with PM_DB_FILE, or use {again}, which keeps the old database beside it",
            app.settings.db_file.display()
        );
        return Err(Failure::new(Exit::CannotCreate, sentence));
    }
    // Stamps of a database only grow: in one that has lived, the month could not lie in the past. So it is made apart.
    let folder = boot::folder_of(&app.settings.db_file);
    let apart = tempfile::Builder::new().prefix(".pm_demo_").tempdir_in(folder);
    let apart = apart
        .map_err(|error| Failure::new(Exit::CannotCreate, format!("no folder for the demo: {error}")))?;
    let file = apart.path().join("demo.db");
    fill_new(Settings { db_file: file.clone(), ..(*app.settings).clone() }).await?;
    let outcome = app.backup.restore_file(&file, false).await.map_err(|error| Failure::of_service(&error))?;
    if let Some(previous) = outcome.previous_db_backup {
        say(&format!(
            "The database as it was before is kept as {previous}; its users and passwords are in there too"
        ));
    }
    Ok(())
}

/// Makes a database file with the month in it.
async fn fill_new(settings: Settings) -> Result<(), Failure> {
    let end = settings.clock.now();
    let clock = Clock::settable(beginning(end));
    let file = settings.db_file.clone();
    let app = boot::open(Settings { clock: clock.clone(), ..settings }).await?;
    let progress = Progress::new("Writing the demo");
    let filled = fill(&app, &clock, end, &|done, total| progress.report(done, total)).await;
    app.close().await;
    if let Err(failure) = filled {
        // Half a month would look like somebody's work next time.
        for path in [file.clone(), with_ending(&file, "-wal"), with_ending(&file, "-shm")] {
            let _may_not_be_there = std::fs::remove_file(path);
        }
        return Err(failure);
    }
    say(&format!("A month of work from {} to {}", beginning(end).day(), end.day()));
    Ok(())
}

fn with_ending(file: &std::path::Path, ending: &str) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

async fn serve_live(app: &App, listening: &Listening) -> Result<(), Failure> {
    let end = EndSignals::listen()?;
    let server = Server::start(app.clone(), listening).await?;
    announce(app, &server);
    say("Five agents are at work; they stop with the server");
    let stop = CancellationToken::new();
    let door = live::Door::new(server.port(), app.settings.agent_token.clone());
    let mut work = tokio::spawn(live::work(door, app.settings.clock.clone(), stop.clone()));
    end.asked().await;
    // The agents end their runs while the door is still open.
    stop.cancel();
    let patience = std::time::Duration::from_secs(2);
    let worked = tokio::time::timeout(patience, &mut work).await;
    finish(server).await;
    match worked {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(Failure::new(Exit::Software, format!("the live demo ended: {error}"))),
        Err(_too_slow) => Ok(()),
    }
}
