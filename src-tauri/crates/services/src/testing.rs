//! What the unit tests of this crate share: an app on a file of its own, and bodies from `json!`.

use std::ops::Deref;

use pilotdeck_domain::{Document, Map, Timestamp, Value};
use tempfile::TempDir;

use crate::{App, Clock, Settings};

/// An app whose folder lives as long as it.
pub(crate) struct TestApp {
    app: App,
    _folder: TempDir,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// A fresh app with a clock that stands still.
pub(crate) async fn app() -> TestApp {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().join("pm.db"));
    settings.clock = Clock::settable(time("2026-02-11T14:30:00Z"));
    TestApp { app: App::open(settings).await.unwrap(), _folder: folder }
}

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn body(json: Value) -> Map {
    match json {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// A field of a record.
pub(crate) fn field(document: &Document, name: &str) -> Value {
    document
        .to_map()
        .get(name)
        .cloned()
        .unwrap_or_else(|| panic!("{name} is absent in {}", document.as_str()))
}
