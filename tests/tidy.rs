//! Rules about the code itself: who may import whom, headers, migrations, and one list of commands in four places.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The code of a file: without comments, and without its tests, which may do as they like.
fn code_lines(file: &Path) -> Vec<String> {
    let is_test = |part: std::path::Component<'_>| {
        matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "testing.rs"))
    };
    if file.strip_prefix(root()).unwrap().components().any(is_test) {
        return Vec::new();
    }
    let text = fs::read_to_string(file).unwrap();
    let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    code.filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect()
}

/// Every file below `folder` with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "nothing found: the rule would hold of itself");
    found
}

/// The names in the dependency tables of a manifest; those for tests are free.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut is_dependency_table = false;
    let mut names = BTreeSet::new();
    for line in read(manifest).lines().map(str::trim) {
        if line.starts_with('[') {
            is_dependency_table = line.ends_with("dependencies]")
                && !line.contains("dev-dependencies")
                && !line.starts_with("[workspace");
        } else if is_dependency_table && !line.starts_with('#') && !line.is_empty() {
            names.insert(line.split(['.', ' ', '=']).next().unwrap().to_owned());
        }
    }
    names
}

#[test]
fn rooms_import_only_the_rooms_below_them() {
    let arrows: [(&str, &[&str]); 5] = [
        ("domain", &[]),
        ("storage", &["domain"]),
        ("services", &["domain", "storage"]),
        ("wire", &["domain", "services"]),
        ("api", &["domain", "services", "wire"]),
    ];
    for (room, allowed) in arrows {
        let ours: BTreeSet<_> = dependencies(&format!("src-tauri/crates/{room}/Cargo.toml"))
            .into_iter()
            .filter_map(|name| name.strip_prefix("pilotdeck-").map(str::to_owned))
            .collect();
        for name in &ours {
            assert!(allowed.contains(&name.as_str()), "{room} must not import {name}");
        }
    }
    let shell = dependencies("Cargo.toml");
    assert!(!shell.contains("pilotdeck-storage"), "the shells reach the database through services");
}

#[test]
fn rooms_keep_out_what_is_not_theirs() {
    let forbidden: [(&str, &[&str]); 6] = [
        ("src-tauri/crates/domain/Cargo.toml", &["rusqlite", "axum", "tauri", "tokio", "hyper", "http"]),
        ("src-tauri/crates/storage/Cargo.toml", &["axum", "tauri", "tokio", "hyper", "http"]),
        ("src-tauri/crates/services/Cargo.toml", &["rusqlite", "axum", "tauri", "hyper", "http"]),
        ("src-tauri/crates/wire/Cargo.toml", &["rusqlite", "axum", "tauri", "hyper", "http"]),
        ("src-tauri/crates/api/Cargo.toml", &["rusqlite", "tauri"]),
        ("Cargo.toml", &["rusqlite", "axum"]),
    ];
    for (manifest, names) in forbidden {
        let found = dependencies(manifest);
        for name in names {
            assert!(!found.contains(*name), "{manifest} must not name {name}");
        }
    }
}

/// (folder, words that must not stand in its code, why)
const WORDS: [(&str, &[&str], &str); 5] = [
    (
        "src-tauri/crates/domain/src",
        &["std::fs", "std::env", "SystemTime", "Utc::now", "Instant::now"],
        "domain is pure",
    ),
    (
        "src-tauri/crates/services/src",
        &["StatusCode", "INSERT INTO ", "DELETE FROM ", "SELECT * "],
        "services know neither HTTP nor SQL",
    ),
    (
        "src-tauri/src/commands",
        &["pilotdeck_api", "pilotdeck_storage", "axum", "hyper"],
        "commands know no HTTP and no tables",
    ),
    (
        "src-tauri/src/desktop",
        &["pilotdeck_api", "pilotdeck_storage", "axum"],
        "the window starts the listener through boot",
    ),
    (
        "src-tauri/src/door",
        &["pilotdeck_api", "pilotdeck_storage", "tauri::", "axum::"],
        "the door is what both sides of parity share",
    ),
];

#[test]
fn no_room_names_what_it_must_not_know() {
    for (folder, words, why) in WORDS {
        for file in files(folder, "rs") {
            for line in code_lines(&file) {
                for word in words {
                    assert!(!line.contains(word), "{} names {word}: {why}\n{line}", file.display());
                }
            }
        }
    }
}

#[test]
fn every_file_says_what_it_holds() {
    let ours = files("src-tauri", "rs").into_iter().chain(files("tests", "rs"));
    for file in ours {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not begin with //!", file.display());
    }
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut numbers: Vec<u32> = files("migrations", "sql")
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap();
            let (number, what) =
                name.split_once('_').unwrap_or_else(|| panic!("{name} is not NNNN_what.sql"));
            assert!(number.len() == 4 && what.len() > 4, "{name} is not NNNN_what.sql");
            number.parse().unwrap_or_else(|_| panic!("{name} is not NNNN_what.sql"))
        })
        .collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u32), "{numbers:?}");
}

#[test]
fn there_is_one_sqlite() {
    let lock = read("Cargo.lock");
    assert_eq!(
        lock.matches("name = \"libsqlite3-sys\"").count(),
        1,
        "two of them in one process corrupt files"
    );
}

/// The quoted words between `start` and `end` in `text`.
fn quoted(text: &str, start: &str, end: &str) -> BTreeSet<String> {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start}"));
    let (list, _) = rest.split_once(end).unwrap_or_else(|| panic!("no {end}"));
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn each_command_is_written_listed_allowed_and_handled() {
    let listed = quoted(&read("src-tauri/build.rs"), "const COMMANDS: &[&str] = &[", "];");
    let allowed: BTreeSet<_> = quoted(&read("src-tauri/capabilities/main.json"), "\"permissions\": [", "]")
        .into_iter()
        .filter_map(|permission| permission.strip_prefix("allow-").map(|name| name.replace('-', "_")))
        .collect();
    let handled: BTreeSet<_> = read("src-tauri/src/desktop/mod.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("commands::")?.strip_suffix(','))
        .filter_map(|path| path.rsplit("::").next().map(str::to_owned))
        .collect();
    let written: BTreeSet<_> = files("src-tauri/src/commands", "rs")
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            let names = text.split("#[tauri::command]").skip(1).map(|rest| {
                let name = rest.split_once("fn ").unwrap().1;
                name.split(['(', '<']).next().unwrap().to_owned()
            });
            names.collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(listed, written, "build.rs and commands/");
    assert_eq!(listed, allowed, "build.rs and the capability");
    assert_eq!(listed, handled, "build.rs and the invoke handler");
}

#[test]
fn the_window_may_do_no_more_than_its_commands_and_listening() {
    let capability = read("src-tauri/capabilities/main.json");
    let others: Vec<_> = quoted(&capability, "\"permissions\": [", "]")
        .into_iter()
        .filter(|permission| !permission.starts_with("allow-"))
        .collect();
    assert_eq!(others, ["core:event:allow-listen", "core:event:allow-unlisten"]);
    assert!(!capability.contains("remote"), "no page from elsewhere has any permission");
    assert_eq!(files("src-tauri/capabilities", "json").len(), 1);
}
