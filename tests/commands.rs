//! The window's commands, named alike in every place that has to name them (SECURITY.md T2): the functions, the handler, the
//! manifest, the one capability and the interface. Reads the sources, so it needs no window.

#![expect(clippy::unwrap_used, reason = "reads the sources")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

type Names = BTreeSet<String>;

fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The words that stand between `start` and `end` wherever `start` stands.
fn between(text: &str, start: &str, end: &str) -> Names {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).map(str::to_owned).collect()
}

/// Functions under `#[tauri::command]`.
fn functions() -> Names {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/src/commands");
    let mut names = Names::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for rest in text.split("#[tauri::command]").skip(1) {
            let name = rest.split("fn ").nth(1).unwrap().split('(').next().unwrap();
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn t2_a_command_is_listed_allowed_handled_and_used_or_it_does_not_exist() {
    let functions = functions();
    assert!(functions.len() > 40, "{functions:?}");

    let build = source("src-tauri/build.rs");
    let listed = build.split("const COMMANDS").nth(1).unwrap().split("];").next().unwrap();
    assert_eq!(between(listed, "    \"", "\""), functions, "build.rs");

    let handler = source("src-tauri/src/desktop/mod.rs");
    let handler = handler.split("generate_handler![").nth(1).unwrap().split(']').next().unwrap();
    let handled: Names = between(handler, "commands::", ",")
        .iter()
        .map(|path| path.rsplit("::").next().unwrap().to_owned())
        .collect();
    assert_eq!(handled, functions, "the handler");

    let capability: Value = serde_json::from_str(&source("src-tauri/capabilities/main.json")).unwrap();
    let allowed = capability["permissions"].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
    let (core, own): (Names, Names) =
        allowed.map(str::to_owned).partition(|permission| permission.starts_with("core:"));
    let own: Names = own.iter().map(|one| one.strip_prefix("allow-").unwrap().replace('-', "_")).collect();
    assert_eq!(own, functions, "the capability");
    let expected = ["core:event:allow-listen", "core:event:allow-unlisten"].map(str::to_owned);
    assert_eq!(core, Names::from(expected), "nothing of Tauri's own but listening");
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert!(capability.get("remote").is_none());

    assert_eq!(used(), functions, "the interface");
}

/// What the interface asks the window for: the calls of both doors but those it knows the window does not have, and those that
/// only the window has.
fn used() -> Names {
    let types = source("ui/src/transport/types.ts");
    let calls = types.split("export interface Commands {").nth(1).unwrap().split("\n}").next().unwrap();
    let window = source("ui/src/transport/tauri.ts");
    let absent = window.split("new Set([").nth(1).unwrap().split("])").next().unwrap();
    let absent = between(&absent.replace("', '", "'\n'"), "'", "'");
    let files = source("ui/src/transport/tauriFiles.ts");
    calls
        .lines()
        .filter_map(|line| line.trim().split_once(": {").map(|(name, _)| name.to_owned()))
        .filter(|name| !absent.contains(name))
        .chain(asked(&window))
        .chain(asked(&files))
        .collect()
}

/// Names given to `ask` as text.
fn asked(text: &str) -> Names {
    text.split("ask")
        .skip(1)
        .filter_map(|rest| {
            let rest = rest.split_once("('").filter(|(between, _)| !between.contains(['\n', ')', ';']))?.1;
            Some(rest.split('\'').next()?.to_owned())
        })
        .collect()
}
