//! One script through both doors: what the window's commands answer is what HTTP answers, good or bad, byte for byte but for
//! the order of the keys. Two equal houses with stopped clocks, one per door; both must also end with equal contents.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use pilotdeck_domain::Map;
use pilotdeck_services::App;
use pilotdeck_shell::door::{Answer, events, meta, projects, runs};
use pilotdeck_testkit::{Client, TestApp};
use serde::Serialize;
use serde_json::{Value, json};

/// One operation, as the window's page names it; `{id}` and `filter` become path and query over HTTP.
struct Call {
    command: &'static str,
    id: &'static str,
    /// The filter, the body, or the ids.
    argument: Value,
}

fn call(command: &'static str, id: &'static str, argument: Value) -> Call {
    Call { command, id, argument }
}

/// What a page does in a day, slips included.
fn script() -> Vec<Call> {
    let none = || Value::Null;
    vec![
        call("get_meta", "", none()),
        call("list_projects", "", none()),
        call(
            "create_project",
            "",
            json!({ "id": "p1", "name": "Apollo", "progress": "40", "tags": [" a ", "b"], "mine": { "x": [1, null] } }),
        ),
        call(
            "create_project",
            "",
            json!({ "id": "p 2/ü", "name": "Zweites", "category": "x", "priority": "high", "budget": 0.1 }),
        ),
        call("create_project", "", json!({ "id": "p1", "name": "Again" })),
        call("create_project", "", json!({ "name": " " })),
        call("create_project", "", json!([1])),
        call("create_project", "", (0..70).fold(json!(1), |inner, _| json!({ "name": inner }))),
        call("get_project", "p1", none()),
        call("get_project", "p 2/ü", none()),
        call("get_project", "nope", none()),
        call("update_project", "p1", json!({ "progress": 85, "ifUpdatedAt": "2020-01-01T00:00:00Z" })),
        call("update_project", "p1", json!({ "progress": 85, "notes": "line\nline" })),
        call("update_project", "p1", json!({ "status": "bogus" })),
        call("update_project", "p1", json!({})),
        call("update_project", "nope", json!({ "progress": 1 })),
        call("list_projects", "", json!({ "q": "apollo" })),
        call("list_projects", "", json!({ "priority": "high", "limit": 1, "offset": 0 })),
        call("list_projects", "", json!({ "limit": 1, "tag": "" })),
        call("list_projects", "", json!({ "limit": "abc" })),
        call("reorder_projects", "", json!(["p 2/ü", "nope", "p1"])),
        call("reorder_projects", "", json!([["p1"]])),
        call("list_runs", "", json!({ "projectId": "p1" })),
        call("list_runs", "", json!({ "status": "success", "limit": 1 })),
        call("list_runs", "", json!({ "since": "yesterday" })),
        call("get_run", "run-1", none()),
        call("get_run", "nope", none()),
        call("list_events", "", json!({ "type": "milestone" })),
        call("list_events", "", json!({ "limit": 2, "runId": "run-1" })),
        call("list_events", "", json!({ "before": "not a cursor" })),
        call("get_event", "evt-2", none()),
        call("get_event", "nope", none()),
        call("delete_project", "p1", none()),
        call("delete_project", "p1", none()),
        call("get_run", "run-1", none()),
        call("list_projects", "", none()),
    ]
}

/// Agents have only one door.
async fn some_work(client: &Client) {
    for number in 1..=3 {
        let run = json!({ "id": format!("run-{number}"), "projectId": "p1", "status": "success", "metrics": { "n": number } });
        client.post("/api/agent/runs", run).await.expect(201);
        let event =
            json!({ "id": format!("evt-{number}"), "runId": "run-1", "type": "milestone", "title": "Done" });
        client.post("/api/agent/events", event).await.expect(201);
    }
}

async fn by_http(client: &Client, call: &Call) -> Value {
    let (method, path) = match call.command {
        "list_projects" => ("GET", "/api/projects"),
        "get_project" => ("GET", "/api/projects/{id}"),
        "create_project" => ("POST", "/api/projects"),
        "update_project" => ("PATCH", "/api/projects/{id}"),
        "delete_project" => ("DELETE", "/api/projects/{id}"),
        "reorder_projects" => ("POST", "/api/projects/reorder"),
        "list_runs" => ("GET", "/api/agent/runs"),
        "get_run" => ("GET", "/api/agent/runs/{id}"),
        "list_events" => ("GET", "/api/agent/events"),
        "get_event" => ("GET", "/api/agent/events/{id}"),
        "get_meta" => ("GET", "/api/meta"),
        other => panic!("{other} has no route"),
    };
    let path = path.replace("{id}", &encoded(call.id));
    let answer = match (method, call.command) {
        ("GET", _) => client.get(&(path + &query(&call.argument))).await,
        ("DELETE", _) => client.delete(&path).await,
        ("PATCH", _) => client.patch(&path, call.argument.clone()).await,
        (_, "reorder_projects") => client.post(&path, json!({ "ids": call.argument })).await,
        _ => client.post(&path, call.argument.clone()).await,
    };
    answer.json()
}

async fn by_command(app: &App, call: &Call) -> Value {
    let filter = || call.argument.as_object().cloned();
    let id = || call.id.to_owned();
    match call.command {
        "list_projects" => told(projects::list_projects(app, filter()).await),
        "get_project" => told(projects::get_project(app, id()).await),
        "create_project" => told(projects::create_project(app, &call.argument).await),
        "update_project" => told(projects::update_project(app, id(), &call.argument).await),
        "delete_project" => told(projects::delete_project(app, id()).await),
        "reorder_projects" => told(projects::reorder_projects(app, call.argument.clone()).await),
        "list_runs" => told(runs::list_runs(app, filter()).await),
        "get_run" => told(runs::get_run(app, id()).await),
        "list_events" => told(events::list_events(app, filter()).await),
        "get_event" => told(events::get_event(app, id()).await),
        "get_meta" => told(meta::get_meta(app).await),
        other => panic!("{other} has no command"),
    }
}

/// The text Tauri sends to the page, read again.
fn told<T: Serialize>(answer: Answer<T>) -> Value {
    let text = match answer {
        Ok(body) => serde_json::to_string(&body),
        Err(body) => serde_json::to_string(&body),
    };
    serde_json::from_str(&text.expect("bodies can be written")).expect("and read")
}

fn query(filter: &Value) -> String {
    let none = Map::new();
    let pairs = filter.as_object().unwrap_or(&none).iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", encoded(&text))
    });
    format!("?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

#[tokio::test]
async fn both_doors_answer_alike_and_leave_alike() {
    let (served, commanded) = (TestApp::start().await, TestApp::start().await);
    for (number, call) in script().iter().enumerate() {
        if call.command == "list_runs" && call.argument["projectId"] == "p1" {
            some_work(&served).await;
            some_work(&commanded).await;
        }
        let http = by_http(&served, call).await;
        let command = by_command(&commanded.app, call).await;
        assert_eq!(command, http, "step {number}, {} {} {}", call.command, call.id, call.argument);
        served.clock.advance(1);
        commanded.clock.advance(1);
    }
    for path in ["/api/projects", "/api/agent/runs", "/api/agent/events"] {
        assert_eq!(commanded.get(path).await.json(), served.get(path).await.json(), "{path}");
    }
}

#[tokio::test]
async fn numbers_of_any_size_pass_both_doors_unchanged() {
    let app = TestApp::start().await;
    let text = r#"{"id":"p1","name":"Precise","mine":[0.1,1e-7,123456789012345678901234567890.123456789,-0.0,1.50]}"#;
    let body: Value = serde_json::from_str(text).expect("it is JSON");
    let made = told(projects::create_project(&app.app, &body).await);
    let shown = made["data"]["mine"].to_string();
    assert_eq!(shown, "[0.1,1e-7,123456789012345678901234567890.123456789,-0.0,1.50]");
    assert_eq!(app.get("/api/projects/p1").await.json()["data"]["mine"].to_string(), shown);
}
