//! One script through both doors: what the window's commands answer is what HTTP answers, good or bad, byte for byte but for
//! the order of the keys. Two equal houses with stopped clocks, one per door; both must also end with equal contents.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use pilotdeck_domain::Map;
use pilotdeck_services::App;
use pilotdeck_shell::door::{
    Answer, agent_keys, agents, backups, database, events, meta, preferences, projects, runs, stats, usage,
    users,
};
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
        call(
            "batch_projects",
            "",
            json!({ "ops": [{ "id": "p1", "patch": { "progress": 7 } }, { "id": "nope", "patch": {} }, 3] }),
        ),
        call("batch_projects", "", json!({ "ops": "x" })),
        call("list_runs", "", json!({ "status": ["success", "failed"], "order": "asc", "q": "run" })),
        call("get_run_facets", "", json!({ "projectId": "p1" })),
        call("get_run_figures", "", json!({ "ids": ["run-1", "nope"] })),
        call("get_run_figures", "", none()),
        call("list_events", "", json!({ "order": "desc", "level": ["info", "error"], "q": "done" })),
        call("get_event_facets", "", json!({ "projectId": ["p1"] })),
        call("get_event_facets", "", json!({ "since": "soon" })),
        call("list_usage", "", json!({ "limit": 2 })),
        call("get_token_stats", "", json!({ "tz": "Europe/Berlin", "projectId": "p1" })),
        call("get_token_stats", "", json!({ "tz": "Nowhere/Land" })),
        call("get_token_series", "", json!({ "by": "model", "tz": "Asia/Kolkata" })),
        call("get_token_series", "", none()),
        call("get_overview", "", json!({ "tz": "UTC" })),
        call("create_profile", "", json!({ "id": "prof", "name": "Claude", "skills": ["rust"] })),
        call("create_profile", "", json!({ "id": "prof", "name": "again" })),
        call("create_profile", "", json!({ "id": "x", "name": 3, "skills": 7 })),
        call("list_profiles", "", json!({ "enabled": true })),
        call("get_profile", "prof", none()),
        call("update_profile", "prof", json!({ "enabled": false })),
        call("update_profile", "prof", json!({ "enabled": true, "ifUpdatedAt": "2020-01-01T00:00:00Z" })),
        call("delete_profile", "prof", none()),
        call("delete_profile", "prof", none()),
        call("create_capability", "", json!({ "id": "cap", "name": "Small steps", "promptPack": "# One" })),
        call("list_capabilities", "", none()),
        call("get_capability", "cap", none()),
        call("update_capability", "cap", json!({ "promptPack": 3 })),
        call("delete_capability", "cap", none()),
        call("get_capability", "cap", none()),
        call("list_backups", "", none()),
        call("inspect_stored_backup", "nope", none()),
        call("restore_stored_backup", "..", none()),
        call("get_restore_progress", "", none()),
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

/// What each command is over HTTP.
const ROUTES: [(&str, &str, &str); 33] = [
    ("list_projects", "GET", "/api/projects"),
    ("get_project", "GET", "/api/projects/{id}"),
    ("create_project", "POST", "/api/projects"),
    ("update_project", "PATCH", "/api/projects/{id}"),
    ("delete_project", "DELETE", "/api/projects/{id}"),
    ("reorder_projects", "POST", "/api/projects/reorder"),
    ("batch_projects", "POST", "/api/projects/batch"),
    ("list_runs", "GET", "/api/agent/runs"),
    ("get_run", "GET", "/api/agent/runs/{id}"),
    ("get_run_facets", "GET", "/api/agent/runs/facets"),
    ("get_run_figures", "GET", "/api/stats/runs"),
    ("list_events", "GET", "/api/agent/events"),
    ("get_event", "GET", "/api/agent/events/{id}"),
    ("get_event_facets", "GET", "/api/agent/events/facets"),
    ("list_usage", "GET", "/api/agent/usage"),
    ("get_token_stats", "GET", "/api/stats/tokens"),
    ("get_token_series", "GET", "/api/stats/tokens/series"),
    ("get_overview", "GET", "/api/stats/overview"),
    ("list_profiles", "GET", "/api/agent/profiles"),
    ("get_profile", "GET", "/api/agent/profiles/{id}"),
    ("create_profile", "POST", "/api/agent/profiles"),
    ("update_profile", "PATCH", "/api/agent/profiles/{id}"),
    ("delete_profile", "DELETE", "/api/agent/profiles/{id}"),
    ("list_capabilities", "GET", "/api/agent/capabilities"),
    ("get_capability", "GET", "/api/agent/capabilities/{id}"),
    ("create_capability", "POST", "/api/agent/capabilities"),
    ("update_capability", "PATCH", "/api/agent/capabilities/{id}"),
    ("delete_capability", "DELETE", "/api/agent/capabilities/{id}"),
    ("list_backups", "GET", "/api/admin/backups"),
    ("inspect_stored_backup", "POST", "/api/admin/backups/{id}/inspect"),
    ("restore_stored_backup", "POST", "/api/admin/backups/{id}/restore"),
    ("get_restore_progress", "GET", "/api/admin/restore"),
    ("get_meta", "GET", "/api/meta"),
];

async fn by_http(client: &Client, call: &Call) -> Value {
    let (_, method, path) = ROUTES.iter().find(|(command, ..)| *command == call.command).expect("a route");
    let path = path.replace("{id}", &encoded(call.id));
    // The admin token opens admin calls, and no others.
    let admin = client.clone().with("x-pm-token", pilotdeck_testkit::ADMIN_TOKEN);
    let client = if path.starts_with("/api/admin/") { &admin } else { client };
    let answer = match (*method, call.command) {
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
        "batch_projects" => told(projects::batch_projects(app, &call.argument).await),
        "get_run_facets" => told(runs::get_run_facets(app, filter()).await),
        "get_run_figures" => told(stats::get_run_figures(app, filter()).await),
        "get_event_facets" => told(events::get_event_facets(app, filter()).await),
        "list_usage" => told(usage::list_usage(app, filter()).await),
        "get_token_stats" => told(stats::get_token_stats(app, filter()).await),
        "get_token_series" => told(stats::get_token_series(app, filter()).await),
        "get_overview" => told(stats::get_overview(app, filter()).await),
        "list_profiles" => told(agents::list_profiles(app, filter()).await),
        "get_profile" => told(agents::get_profile(app, id()).await),
        "create_profile" => told(agents::create_profile(app, &call.argument).await),
        "update_profile" => told(agents::update_profile(app, id(), &call.argument).await),
        "delete_profile" => told(agents::delete_profile(app, id()).await),
        "list_capabilities" => told(agents::list_capabilities(app, filter()).await),
        "get_capability" => told(agents::get_capability(app, id()).await),
        "create_capability" => told(agents::create_capability(app, &call.argument).await),
        "update_capability" => told(agents::update_capability(app, id(), &call.argument).await),
        "delete_capability" => told(agents::delete_capability(app, id()).await),
        "list_backups" => told(backups::list_backups(app).await),
        "inspect_stored_backup" => told(backups::inspect_stored_backup(app, call.id).await),
        "restore_stored_backup" => told(backups::restore_stored_backup(app, call.id).await),
        "get_restore_progress" => told(Ok(backups::get_restore_progress(app))),
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
    let mut pairs = Vec::new();
    for (name, value) in filter.as_object().unwrap_or(&none) {
        let many = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        pairs.extend(many.iter().map(|value| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={}", encoded(&text))
        }));
    }
    format!("?{}", pairs.join("&"))
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

/// What the window does as its owner, where a browser needs an administrator's session: the same effect, seen from outside.
#[tokio::test]
async fn the_window_may_do_what_an_administrator_may() {
    let app = TestApp::start().await;
    let person = json!({ "username": "ada", "password": "a long enough one", "role": "viewer" });
    let made = told(users::create_user(&app.app, &person).await);
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    let changed = told(users::update_user(&app.app, &id, &json!({ "disabled": true })).await);
    assert_eq!(changed["data"]["disabled"], true);
    assert_eq!(told(users::update_user(&app.app, &id, &json!({})).await)["code"], "invalid_body");
    let reset = json!({ "password": "another long one" });
    assert_eq!(told(users::reset_user_password(&app.app, &id, &reset).await)["success"], true);
    assert_eq!(told(users::reset_user_password(&app.app, "nope", &reset).await)["code"], "user_not_found");
    let seen = app.sign_in().await.get("/api/users").await.json();
    assert_eq!(seen["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(told(users::list_users(&app.app).await)["data"].as_array().map(Vec::len), Some(2));

    let key = told(agent_keys::create_agent_key(&app.app, &json!({ "agentId": "claude" })).await);
    let secret = key["data"]["key"].as_str().expect("a key");
    let by_key = app.anonymous().with("x-pm-agent-token", secret);
    by_key.get("/api/projects").await.expect(200);
    let id = key["data"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(told(agent_keys::revoke_agent_key(&app.app, id.clone()).await)["success"], true);
    by_key.get("/api/projects").await.expect(401);
    assert_eq!(told(agent_keys::revoke_agent_key(&app.app, "nope".into()).await)["code"], "not_found");
    assert!(told::<_>(Ok(agent_keys::list_agent_keys(&app.app)))["data"][0]["revokedAt"].is_string());

    let wished = json!({ "theme": "dark" });
    assert_eq!(told(preferences::set_preferences(&app.app, &wished).await)["data"], wished);
    assert_eq!(told(preferences::get_preferences(&app.app).await)["data"], wished);
    assert_eq!(told(preferences::set_preferences(&app.app, &json!([1])).await)["code"], "invalid_body");

    let figures = told(database::get_database_figures(&app.app).await);
    assert_eq!(figures["data"]["rows"]["users"], 2);
    assert_eq!(told(database::check_integrity(&app.app).await)["data"]["ok"], true);
}
