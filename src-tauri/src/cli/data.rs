//! The tools for the database file: backup, restore, import, inspect.

use std::path::{Path, PathBuf};

use pilotdeck_domain::{EventFilter, ProjectFilter, RunFilter};
use pilotdeck_services::{App, Error, Report, SourceKind, inspect_file};

use super::output::say;
use crate::boot;
use crate::failure::{Exit, Failure};
use crate::settings::Values;

pub(super) async fn backup(values: &Values, out: &Path) -> Result<(), Failure> {
    if out.symlink_metadata().is_ok() {
        return Err(Failure::new(
            Exit::CannotCreate,
            format!("{} exists already: name a new file", out.display()),
        ));
    }
    if !boot::folder_of(&absolute(out)?).is_dir() {
        return Err(Failure::new(Exit::CannotCreate, format!("{} is in no existing folder", out.display())));
    }
    let db_file = existing(values)?;
    let written = pilotdeck_services::backup_file(&db_file, &absolute(out)?).await;
    let size = written.map_err(|error| not_made(out, &error))?;
    say(&format!("Backup written to {} ({})", out.display(), bytes(size)));
    Ok(())
}

pub(super) async fn restore(values: &Values, from: &Path) -> Result<(), Failure> {
    check_source(from)?;
    let app = open(values).await?;
    let restored = app.backup.restore_file(from, false).await;
    app.close().await;
    let outcome = restored.map_err(|error| Failure::of_service(&error))?;
    tell(&outcome.report);
    say(&format!("Restored into {}", outcome.db_file));
    if let Some(previous) = outcome.previous_db_backup {
        say(&format!("The database as it was before is kept as {previous}"));
    }
    Ok(())
}

pub(super) async fn import(values: &Values, from: &Path) -> Result<(), Failure> {
    check_source(from)?;
    let app = open(values).await?;
    let imported = import_into(&app, from).await;
    app.close().await;
    let report = imported?;
    tell(&report);
    say(&format!("Imported into {}; {} is unchanged", super::db_file(values).display(), from.display()));
    Ok(())
}

async fn import_into(app: &App, from: &Path) -> Result<Report, Failure> {
    if holds_work(app).await.map_err(|error| Failure::of_service(&error))? {
        let sentence = "the database holds projects or runs already: import needs an empty one; to replace it, use restore";
        return Err(Failure::new(Exit::CannotCreate, sentence));
    }
    let settings = &app.settings;
    let report = inspect_file(from, settings).await.map_err(|error| Failure::of_service(&error))?;
    if report.kind != SourceKind::Legacy {
        let sentence = format!(
            "{} is no database of the older server; to restore a backup, use restore",
            from.display()
        );
        return Err(Failure::new(Exit::Data, sentence));
    }
    let outcome = app.backup.restore_file(from, false).await;
    Ok(outcome.map_err(|error| Failure::of_service(&error))?.report)
}

/// Whether somebody's work would be lost if this database were replaced.
pub(super) async fn holds_work(app: &App) -> Result<bool, Error> {
    Ok(app.projects.list(ProjectFilter::default()).await?.total > 0
        || app.runs.list(RunFilter::default()).await?.total > 0
        || !app.events.list(EventFilter::default()).await?.documents.is_empty())
}

pub(super) async fn inspect(values: &Values, file: &Path, as_json: bool) -> Result<(), Failure> {
    check_source(file)?;
    let settings = values.services(super::db_file(values))?;
    let report = inspect_file(file, &settings).await.map_err(|error| Failure::of_service(&error))?;
    if !as_json {
        tell(&report);
        return Ok(());
    }
    let text = serde_json::to_string_pretty(&report);
    say(&text.map_err(|error| Failure::new(Exit::Software, error.to_string()))?);
    Ok(())
}

/// What was found in a file, for a person.
fn tell(report: &Report) {
    let kind = match report.kind {
        SourceKind::PilotDeck => "PilotDeck database",
        SourceKind::Legacy => "database of the older server",
    };
    say(&format!("{kind}, version {}, {}", report.version, bytes(report.size)));
    for (table, rows) in &report.rows {
        say(&format!("  {rows:>9}  {table}"));
    }
    for (heading, reasons) in [("Changed on the way in", &report.changed), ("Not taken", &report.refused)] {
        if !reasons.is_empty() {
            say(&format!("{heading}:"));
        }
        for (reason, rows) in reasons {
            say(&format!("  {rows:>9}  {reason}"));
        }
    }
    if !report.left_behind.is_empty() {
        say(&format!("Tables that are not ours and stay behind: {}", report.left_behind.join(", ")));
    }
    if let Some(time) = report.newest_event {
        say(&format!("Newest event: {time}"));
    }
}

async fn open(values: &Values) -> Result<App, Failure> {
    boot::open(values.services(super::db_file(values))?).await
}

/// A backup of a database that is not there is a mistake, not an empty backup.
fn existing(values: &Values) -> Result<PathBuf, Failure> {
    let file = super::db_file(values);
    if file.exists() {
        return Ok(file);
    }
    Err(Failure::new(Exit::Io, format!("there is no database {}: set PM_DB_FILE", file.display())))
}

fn check_source(file: &Path) -> Result<(), Failure> {
    match std::fs::metadata(file) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(Failure::new(Exit::Io, format!("{} is no file", file.display()))),
        Err(error) => Err(Failure::new(Exit::Io, format!("{} cannot be read: {error}", file.display()))),
    }
}

fn not_made(out: &Path, error: &Error) -> Failure {
    let failure = Failure::of_service(error);
    Failure::new(failure.exit, format!("{} could not be written: {}", out.display(), failure.message))
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", path.display())))
}

/// A size for a person.
fn bytes(size: u64) -> String {
    match size {
        0..10_000 => format!("{size} bytes"),
        10_000..10_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        _ => format!("{:.1} MB", size as f64 / 1e6),
    }
}
