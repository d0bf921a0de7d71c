//! Commands that read and write files of the person's choice. The page gets names, never paths (SECURITY.md T4).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use pilotdeck_domain::Map;
use pilotdeck_services::{App, Report};
use pilotdeck_shell::door::{Answer, files};
use pilotdeck_wire::admin::{RestoreData, restored_body};
use pilotdeck_wire::backups::inspected_body;
use pilotdeck_wire::{Code, DataBody, ErrorBody};
use serde::Serialize;
use tauri::{AppHandle, State};

use super::ask::{self, Question};

/// A file that was saved.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedFile {
    file_name: String,
}

/// The backup that was inspected last: only that one is restored.
#[derive(Default)]
pub(crate) struct Inspected(Mutex<Option<Chosen>>);

#[derive(Clone, PartialEq)]
struct Chosen {
    path: PathBuf,
    size: u64,
    changed_at: Option<SystemTime>,
}

impl Chosen {
    async fn of(path: PathBuf) -> Answer<Chosen> {
        let metadata = tokio::fs::metadata(&path).await.map_err(|error| unreadable(&error))?;
        Ok(Chosen { path, size: metadata.len(), changed_at: metadata.modified().ok() })
    }
}

#[tauri::command]
pub(crate) async fn save_backup(
    handle: AppHandle,
    app: State<'_, App>,
) -> Answer<Option<DataBody<SavedFile>>> {
    let Some(path) = ask::target(&handle, &app.backup.file_name(), "PilotDeck backup", "db").await? else {
        return Ok(None);
    };
    files::save_backup(&app, &path).await?;
    Ok(Some(saved(&path)))
}

#[tauri::command]
pub(crate) async fn save_stored_backup(
    handle: AppHandle,
    app: State<'_, App>,
    id: String,
) -> Answer<Option<DataBody<SavedFile>>> {
    // Opened first: a name that is not listed must not open a dialog.
    let stored = app.stored_backups.get(&id).await?;
    let Some(path) = ask::target(&handle, &id, "PilotDeck backup", "db").await? else { return Ok(None) };
    files::save_stream(stored, &path).await?;
    Ok(Some(saved(&path)))
}

#[tauri::command]
pub(crate) async fn save_usage(
    handle: AppHandle,
    app: State<'_, App>,
    filter: Option<Map>,
) -> Answer<Option<DataBody<SavedFile>>> {
    let export = files::usage_export(&app, filter).await?;
    let Some(path) = ask::target(&handle, "pilotdeck-usage.csv", "CSV", "csv").await? else {
        return Ok(None);
    };
    files::save_usage(export, &path).await?;
    Ok(Some(saved(&path)))
}

#[tauri::command]
pub(crate) async fn inspect_backup(
    handle: AppHandle,
    app: State<'_, App>,
    inspected: State<'_, Inspected>,
) -> Answer<Option<DataBody<Report>>> {
    let Some(path) = ask::source(&handle).await? else { return Ok(None) };
    let chosen = Chosen::of(path).await?;
    let outcome = app.backup.restore_file(&chosen.path, true).await?;
    *inspected.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(chosen);
    Ok(Some(inspected_body(outcome.report)))
}

#[tauri::command]
pub(crate) async fn restore_backup(
    handle: AppHandle,
    app: State<'_, App>,
    inspected: State<'_, Inspected>,
) -> Answer<DataBody<RestoreData>> {
    let chosen = inspected.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(chosen) = chosen else {
        return Err(ErrorBody::new(Code::BadRequest, "No file was inspected: choose one first"));
    };
    ask::confirmed(&handle, Question::Restore { name: &name_of(&chosen.path) }).await?;
    if Chosen::of(chosen.path.clone()).await? != chosen {
        return Err(ErrorBody::new(
            Code::BadRequest,
            "The file has changed since it was inspected: choose it again",
        ));
    }
    Ok(restored_body(app.backup.restore_file(&chosen.path, false).await?))
}

fn saved(path: &Path) -> DataBody<SavedFile> {
    DataBody::new(SavedFile { file_name: name_of(path) })
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(error: &std::io::Error) -> ErrorBody {
    ErrorBody::new(Code::BadRequest, format!("The file cannot be read: {error}"))
}
