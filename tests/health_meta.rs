//! `/api/health` and `/api/meta` from outside (API.md §2, SECURITY.md G4).

use pilotdeck_testkit::{TestApp, a_project};
use serde_json::json;

#[tokio::test]
async fn health_needs_nothing_and_stands_at_top_level() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/api/health").await;
    let expected =
        json!({ "success": true, "status": "healthy", "timestamp": "2026-02-11T14:30:00.000000Z" });
    assert_eq!((answer.status, &answer.body), (200, &expected));
}

#[tokio::test]
async fn meta_tells_a_local_caller_what_the_server_is_and_can_do() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("Apollo")).await.expect(201);
    let meta = app.anonymous().get("/api/meta").await.expect(200).data();
    assert_eq!(meta["service"], "PilotDeck");
    assert_eq!(meta["apiBase"], "/api");
    assert_eq!(meta["projectCount"], 1);
    assert!(meta["dataLastUpdated"].is_string() && meta["version"].is_string(), "{meta}");
    assert_eq!(
        meta["enums"],
        json!({
            "status": ["planning", "in-progress", "paused", "completed", "cancelled"],
            "priority": ["low", "medium", "high", "urgent"],
            "runStatus": ["running", "completed", "failed", "cancelled"],
            "eventLevel": ["debug", "info", "warn", "error"],
            "eventType": ["note", "action", "result", "error", "milestone"],
            "action": ["set_status", "set_priority", "set_progress", "bump_progress", "append_note", "add_tag", "remove_tag"],
        })
    );
    assert_eq!(
        meta["auth"],
        json!({
            "agentTokenRequired": true, "adminTokenRequired": true, "agentHeader": "X-PM-Agent-Token",
            "adminHeader": "X-PM-Token", "openMode": false, "openProjects": false, "mustChangePassword": true,
        })
    );
    let abilities = meta["capabilities"].as_object().unwrap();
    assert!(abilities.len() == 13 && abilities.values().all(|able| *able == true), "{abilities:?}");
}

#[tokio::test]
async fn meta_on_a_fresh_file_has_no_last_change() {
    let app = TestApp::open().await;
    let meta = app.anonymous().get("/api/meta").await.expect(200).data();
    assert_eq!((&meta["dataLastUpdated"], &meta["projectCount"]), (&json!(null), &json!(0)));
    assert_eq!(
        (&meta["auth"]["openMode"], &meta["auth"]["agentTokenRequired"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn meta_leaves_counts_times_and_version_out_for_strangers_but_not_for_known_callers() {
    let app = TestApp::start().await;
    let stranger = app.anonymous().with("x-forwarded-for", "203.0.113.9");
    let meta = stranger.get("/api/meta").await.expect(200).data();
    for hidden in ["version", "projectCount", "dataLastUpdated"] {
        assert!(meta.get(hidden).is_none(), "{hidden} in {meta}");
    }
    assert!(meta["auth"].get("mustChangePassword").is_none(), "{meta}");
    for (known, name) in [(app.agent(), "agent"), (app.sign_in().await, "user"), (app.admin(), "admin")] {
        let meta = known.with("x-forwarded-for", "203.0.113.9").get("/api/meta").await.expect(200).data();
        assert!(meta["version"].is_string(), "{name}: {meta}");
        assert!(meta["auth"].get("mustChangePassword").is_none(), "{name} is not local");
    }
}
