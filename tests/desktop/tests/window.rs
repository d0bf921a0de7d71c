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
    window.sees("[data-testid=new-project-empty]").await;
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
