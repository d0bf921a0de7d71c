//! The real window: what a person does in it, what an agent does to it, and how it ends.

#![cfg(target_os = "linux")]

mod support;

use std::net::TcpListener;

use serde_json::{Value, json};
use support::{Agent, Driven, Home, Process, binary};

#[tokio::test]
async fn a_project_made_in_the_window_shows_an_agent_at_work_without_a_reload() {
    let home = Home::new();
    let window = Driven::start(&home).await;
    window.click("[data-testid=nav-projects]").await;
    window.click("[data-testid=new-project-empty]").await;
    window.types("input[data-testid=project-name], [data-testid=project-name] input", "Harbour lights").await;
    window.click("[data-testid=project-save]").await;
    window.sees("[data-testid=project-title]").await;
    window.reads("Harbour lights").await;

    let agent = Agent::new(home.port);
    let (status, list) = agent.get("/api/projects").await;
    assert_eq!((status, list["total"].clone()), (200, json!(1)));
    let id = list["data"][0]["id"].as_str().unwrap().to_owned();
    window.page.execute("window.neverReloaded = true", vec![]).await.unwrap();

    let run = json!({ "id": "run-1", "projectId": id, "agentId": "tester", "title": "Light the lamps" });
    assert_eq!(agent.post("/api/agent/runs", run).await.0, 201);
    let event = json!({ "id": "evt-1", "runId": "run-1", "type": "milestone", "title": "Forty lamps lit" });
    assert_eq!(agent.post("/api/agent/events", event).await.0, 201);

    window.reads("Light the lamps").await;
    window.reads("Forty lamps lit").await;
    assert_eq!(window.value("window.neverReloaded").await, json!(true));
    window.close().await;
}

#[tokio::test]
async fn both_doors_give_one_answer_and_numbers_survive_the_way() {
    let home = Home::new();
    let window = Driven::start(&home).await;
    let agent = Agent::new(home.port);
    let body = json!({
        "id": "p 1/ü", "name": "Numbers", "budget": 0.1, "tags": ["a"],
        "mine": { "small": 1e-7, "large": 9007199254740991_i64, "float": 1234.5678, "huge": 1e300, "negative": -0.25, "list": [1, 2.5] },
    });
    let made = window.invoke("create_project", json!({ "body": body })).await.unwrap();
    assert_eq!(made["data"]["mine"], body["mine"]);

    let by_http = agent.get("/api/projects/p%201%2F%C3%BC").await.1;
    assert_eq!(window.invoke("get_project", json!({ "id": "p 1/ü" })).await.unwrap(), by_http);
    let by_http = agent.get("/api/projects?q=Numbers&limit=1").await.1;
    let by_command =
        window.invoke("list_projects", json!({ "filter": { "q": "Numbers", "limit": 1 } })).await;
    assert_eq!(by_command.unwrap(), by_http);

    let refused = window.invoke("get_project", json!({ "id": "nope" })).await.unwrap_err();
    assert_eq!(refused, agent.get("/api/projects/nope").await.1);
    let refused = window.invoke("create_project", json!({ "body": [1] })).await.unwrap_err();
    assert_eq!(refused["code"], "invalid_body");
    let refused = window.invoke("open_external", json!({ "url": "file:///etc/passwd" })).await.unwrap_err();
    assert_eq!((refused["code"].clone(), refused["field"].clone()), (json!("invalid_field"), json!("url")));

    let info = window.invoke("connection_info", json!({})).await.unwrap();
    assert_eq!(info["port"], json!(home.port));
    assert_eq!(info["agentTokenRequired"], json!(true));
    assert_eq!(info["databaseFile"], json!(home.db_file()));
    assert_eq!(info.get("listenerError"), None);
    window.close().await;
}

#[tokio::test]
async fn the_page_can_neither_leave_nor_do_what_is_not_allowed() {
    let home = Home::new();
    let window = Driven::start(&home).await;
    window.sees("[data-testid=overview] h2").await;
    let before = window.page.current_url().await.unwrap();

    for elsewhere in
        ["https://evil.example/", "file:///etc/passwd", &format!("http://127.0.0.1:{}/", home.port)]
    {
        window.page.execute("location.href = arguments[0]", vec![json!(elsewhere)]).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(window.page.current_url().await.unwrap(), before, "{elsewhere}");
    }
    assert_eq!(window.value("window.open('https://evil.example/')").await, Value::Null);
    assert_eq!(window.page.windows().await.unwrap().len(), 1);

    let call = format!("fetch('http://127.0.0.1:{}/api/health')", home.port);
    let script = format!("{call}.then(() => arguments[0]('reached'), () => arguments[0]('blocked'))");
    assert_eq!(window.page.execute_async(&script, vec![]).await.unwrap(), json!("blocked"));
    assert_eq!(window.value("typeof window.__TAURI__").await, json!("undefined"));

    let forbidden = [
        ("plugin:dialog|open", json!({ "options": {} })),
        ("plugin:event|emit", json!({ "event": "change", "payload": 1 })),
        ("plugin:window|create", json!({ "options": { "label": "other" } })),
        ("plugin:webview|create_webview_window", json!({ "options": { "label": "other" } })),
        ("plugin:app|version", json!({})),
        ("plugin:fs|read_text_file", json!({ "path": "/etc/passwd" })),
        ("no_such_command", json!({})),
    ];
    for (command, arguments) in forbidden {
        assert!(window.invoke(command, arguments).await.is_err(), "{command}");
    }
    window.close().await;
}

#[tokio::test]
async fn a_taken_port_leaves_the_window_open_and_says_so() {
    let home = Home::new();
    let _stranger = TcpListener::bind(("127.0.0.1", home.port)).unwrap();
    let window = Driven::start(&home).await;
    window.sees("#app").await;

    let info = window.invoke("connection_info", json!({})).await.unwrap();
    let error = info["listenerError"].as_str().unwrap();
    assert!(error.contains(&home.port.to_string()) && error.contains("in use"), "{error}");
    let list = window.invoke("list_projects", json!({})).await.unwrap();
    assert_eq!(list["total"], json!(0), "the window works without its listener");
    window.close().await;
}

#[tokio::test]
async fn a_second_start_gives_way_and_sigterm_ends_the_first_in_order() {
    let home = Home::new();
    let mut window = home.start().await;
    let agent = Agent::new(home.port);
    assert_eq!(agent.post("/api/agent/events", json!({ "title": "Before the end" })).await.0, 201);

    let mut second = Process(home.command(&binary()).spawn().unwrap());
    assert_eq!(second.ended().await.code(), Some(0), "the second start shows the first window and ends");
    assert_eq!(agent.get("/api/health").await.0, 200, "the first one goes on");

    assert_eq!(window.terminate().await.code(), Some(0));
    let log = home.db_file().with_extension("db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0, "the end checkpoints");
}

/// Faults of the page, which nobody sees in a window without developer tools.
const NOTE_FAULTS: &str = "
    window.faults = [];
    const note = fault => window.faults.push(String(fault) + (fault?.stack ?? ''));
    addEventListener('error', event => note(event.error ?? event.message));
    addEventListener('unhandledrejection', event => note(event.reason));
    const plain = console.error;
    console.error = (...parts) => { parts.forEach(note); plain(...parts); };
";

#[tokio::test]
async fn every_screen_opens_and_shows_what_agents_reported() {
    let home = Home::new();
    let window = Driven::start(&home).await;
    let agent = Agent::new(home.port);
    assert_eq!(agent.post("/api/projects", json!({ "id": "p1", "name": "Lighthouse" })).await.0, 201);
    let run = json!({ "id": "run-1", "projectId": "p1", "agentId": "keeper", "title": "Trim the wick" });
    assert_eq!(agent.post("/api/agent/runs", run).await.0, 201);
    let usage = json!({ "id": "u1", "runId": "run-1", "projectId": "p1", "agentId": "keeper", "model": "opus", "totalTokens": 100, "cost": 1.25 });
    assert_eq!(agent.post("/api/agent/usage", usage).await.0, 200);
    assert_eq!(
        agent.post("/api/agent/events", json!({ "runId": "run-1", "title": "Wick trimmed" })).await.0,
        201
    );
    assert_eq!(agent.post("/api/agent/profiles", json!({ "name": "Keeper of the light" })).await.0, 201);

    window.page.execute(NOTE_FAULTS, vec![]).await.unwrap();
    for (place, told) in [
        ("overview", "Trim the wick"),
        ("projects", "Lighthouse"),
        ("runs", "Trim the wick"),
        ("timeline", "Wick trimmed"),
        ("usage", "$1.25"),
        ("agents", "Keeper of the light"),
        ("ops", "pm.db"),
        ("connect", "Wick trimmed"),
        ("settings", "Settings"),
    ] {
        window.click(&format!("[data-testid=nav-{place}]")).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(window.value("window.faults").await, json!([]), "{place}");
        window.reads(told).await;
        let failed = window.value("document.querySelector('main [role=alert]')?.innerText ?? null").await;
        assert_eq!(failed, Value::Null, "{place}");
    }
    window.close().await;
}

/// The dialogs are the system's own: keys reach them through the display, as a person's would.
#[tokio::test]
async fn a_backup_is_saved_and_restored_through_native_dialogs() {
    let home = Home::new();
    let window = Driven::start(&home).await;
    let agent = Agent::new(home.port);
    assert_eq!(agent.post("/api/projects", json!({ "id": "p1", "name": "Lighthouse" })).await.0, 201);
    let file = home.db_file().with_file_name("saved.db");
    let path = file.to_str().unwrap();

    window.click("[data-testid=nav-ops]").await;
    window.click("[data-testid=backup-save]").await;
    support::answer_file_dialog(path).await;
    window.reads("saved.db saved").await;
    assert_eq!(std::fs::read(&file).unwrap()[..15], *b"SQLite format 3");

    assert_eq!(agent.delete("/api/projects/p1").await.0, 200);
    window.click("[data-testid=restore-choose]").await;
    support::answer_file_dialog(path).await;
    window.sees("[data-testid=restore-report]").await;
    window.types("input[data-testid=restore-word], [data-testid=restore-word] input", "restore").await;
    window.click("[data-testid=restore-now]").await;
    // The question of the core itself; a script in the page cannot answer it.
    support::press_in_dialog("Restore the database", "Return").await;
    window.reads("The database of before is kept as pm.db.bak").await;
    assert_eq!(agent.get("/api/projects/p1").await.0, 200);
    window.close().await;
}
