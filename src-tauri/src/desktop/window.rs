//! The one window: what it may load, and nothing else (SECURITY.md T3).

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewWindowBuilder};

const LABEL: &str = "main";

/// Opens the window `tauri.conf.json` describes.
pub(super) fn open(handle: &AppHandle) -> tauri::Result<()> {
    let development = if tauri::is_dev() { handle.config().build.dev_url.clone() } else { None };
    let config = handle.config().app.windows.iter().find(|window| window.label == LABEL);
    let config = config.ok_or(tauri::Error::WindowNotFound)?;
    WebviewWindowBuilder::from_config(handle, config)?
        .on_navigation(move |url| {
            let ours = is_our_page(url, development.as_ref());
            if !ours {
                tracing::warn!("the window was kept from going to {}", url.scheme());
            }
            ours
        })
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .on_download(|_webview, _event| false)
        .build()?;
    Ok(())
}

/// Brings the window to the front.
pub(super) fn show(handle: &AppHandle) {
    if let Some(window) = handle.get_webview_window(LABEL) {
        let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!("the window could not be shown: {error}");
        }
    }
}

/// The embedded interface (`tauri://localhost`, on Windows `http://tauri.localhost`), or the development server of a
/// development build.
fn is_our_page(url: &Url, development: Option<&Url>) -> bool {
    let embedded = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    embedded || development.is_some_and(|development| development.origin() == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(url: &str) -> bool {
        is_our_page(&Url::parse(url).unwrap(), None)
    }

    #[test]
    fn the_window_stays_on_its_own_pages() {
        assert!(ours("tauri://localhost/projects/1"));
        for elsewhere in [
            "https://evil.example/",
            "http://localhost:8689/",
            "file:///etc/passwd",
            "data:text/html,x",
            "tauri://evil.example/",
            "about:blank",
            "javascript:alert(1)",
            "blob:tauri://localhost/x",
        ] {
            assert!(!ours(elsewhere), "{elsewhere}");
        }
        let development = Url::parse("http://localhost:5173").unwrap();
        assert!(is_our_page(&Url::parse("http://localhost:5173/x").unwrap(), Some(&development)));
        assert!(!is_our_page(&Url::parse("http://localhost:8689/x").unwrap(), Some(&development)));
    }
}
