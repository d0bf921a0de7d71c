//! Questions of the core to the person at the window, in native dialogs: a script in the page can neither open a path nor
//! answer yes (SECURITY.md T4).

use std::path::PathBuf;

use pilotdeck_shell::door::Answer;
use pilotdeck_wire::{Code, ErrorBody};
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt, FilePath, MessageDialogButtons, MessageDialogKind};

/// What is to be confirmed.
pub(super) enum Question<'a> {
    /// Everything in the database is replaced by what is in this file.
    Restore { name: &'a str },
}

/// Goes on when the person says yes.
pub(super) async fn confirmed(handle: &AppHandle, question: Question<'_>) -> Answer<()> {
    let Question::Restore { name } = question;
    let text = format!(
        "Replace everything in PilotDeck's database by what is in {name}? A copy of today's database is kept first."
    );
    let (say, said) = tokio::sync::oneshot::channel();
    handle
        .dialog()
        .message(text)
        .title("Restore the database")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::OkCancelCustom("Restore".to_owned(), "Cancel".to_owned()))
        .show(move |yes| {
            // Nobody listens any more when the page has gone.
            let _ = say.send(yes);
        });
    if said.await.unwrap_or(false) {
        Ok(())
    } else {
        Err(ErrorBody::new(Code::Forbidden, "It was not confirmed: nothing was replaced"))
    }
}

/// Where to save a file of this name. None: the dialog was closed.
pub(super) async fn target(
    handle: &AppHandle,
    name: &str,
    kind: &str,
    ending: &str,
) -> Answer<Option<PathBuf>> {
    let (say, said) = tokio::sync::oneshot::channel();
    handle.dialog().file().set_file_name(name).add_filter(kind, &[ending]).save_file(move |chosen| {
        let _ = say.send(chosen);
    });
    path(said.await.ok().flatten()).await
}

/// The file to read. None: the dialog was closed.
pub(super) async fn source(handle: &AppHandle) -> Answer<Option<PathBuf>> {
    let (say, said) = tokio::sync::oneshot::channel();
    // Backups may bear any name: older servers called theirs as they liked.
    handle.dialog().file().pick_file(move |chosen| {
        let _ = say.send(chosen);
    });
    path(said.await.ok().flatten()).await
}

async fn path(chosen: Option<FilePath>) -> Answer<Option<PathBuf>> {
    let path = chosen.map(FilePath::into_path).transpose();
    path.map_err(|error| {
        ErrorBody::new(Code::BadRequest, format!("This is no file on this machine: {error}"))
    })
}
