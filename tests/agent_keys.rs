//! Keys of agents: made, listed, revoked, and what a key's agent and projects mean for each call.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use pilotdeck_testkit::{Client, TestApp};
use serde_json::{Value, json};

use crate::legacy::SAMPLE;
use crate::restore::restore;
use crate::security::GOOD;

fn a_project(id: &str) -> Value {
    json!({ "id": id, "name": id })
}

/// Makes a key and gives somebody who has it, and its id.
pub(crate) async fn with_key(app: &TestApp, body: Value) -> (Client, String) {
    let made = app.sign_in().await.post("/api/agent-keys", body).await.expect(201).data();
    let key = made["key"].as_str().unwrap();
    (app.anonymous().with("x-pm-agent-token", key), made["id"].as_str().unwrap().to_owned())
}

/// A server with two projects, and a run, an event and a usage record in each and in none.
async fn two_projects() -> TestApp {
    let app = TestApp::start().await;
    for project in ["p1", "p2"] {
        app.post("/api/projects", a_project(project)).await.expect(201);
    }
    for (suffix, project) in [("1", json!("p1")), ("2", json!("p2")), ("0", Value::Null)] {
        let run = json!({ "id": format!("r{suffix}"), "projectId": project });
        app.post("/api/agent/runs", run).await.expect(201);
        let event = json!({ "id": format!("e{suffix}"), "projectId": project });
        app.post("/api/agent/events", event).await.expect(201);
        let usage = json!({ "id": format!("u{suffix}"), "projectId": project, "cost": 1 });
        app.post("/api/agent/usage", usage).await.expect(200);
    }
    app
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["data"].as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_key_is_told_once_listed_without_its_secret_and_stays_listed_when_revoked() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let body =
        json!({ "agentId": "claude", "name": "CI", "projectIds": ["p1"], "rights": ["report", "read"] });
    let made = admin.post("/api/agent-keys", body).await.expect(201).data();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(key.starts_with(&format!("pdk_{id}_")) && key.len() >= 4 + id.len() + 1 + 43, "{key}");
    admin
        .post("/api/agent-keys", json!({ "agentId": "b", "expiresAt": "2027-01-01T00:00:00Z" }))
        .await
        .expect(201);

    let listed = admin.get("/api/agent-keys").await.expect(200);
    assert!(!listed.text().contains(key), "the key is told once");
    let listed = listed.data();
    assert_eq!(listed[0]["agentId"], "b", "newest first");
    assert_eq!(listed[0]["expiresAt"], "2027-01-01T00:00:00.000000Z");
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("key");
    assert_eq!(listed[1], expected);
    assert_eq!(listed[1]["rights"], json!(["read", "report"]));
    assert_eq!(listed[1]["lastUsedAt"], Value::Null);

    admin.delete(&format!("/api/agent-keys/{id}")).await.expect(200);
    admin.delete(&format!("/api/agent-keys/{id}")).await.expect(200);
    admin.delete("/api/agent-keys/none").await.expect_failure(404, "not_found");
    let listed = admin.get("/api/agent-keys").await.expect(200).data();
    assert!(listed[1]["revokedAt"].is_string(), "{listed}");
    let told = admin.get("/api/agent/events?type=agent_key").await.expect(200);
    let titles: Vec<_> = told.body["data"].as_array().unwrap().iter().map(|event| &event["title"]).collect();
    assert_eq!(titles, ["Agent key made", "Agent key made", "Agent key revoked"]);
    assert!(!told.text().contains(key));
}

#[tokio::test]
async fn only_administrators_manage_keys_and_a_bad_key_is_named() {
    let app = TestApp::start().await;
    for client in [app.anonymous(), app.agent(), app.admin()] {
        client.get("/api/agent-keys").await.expect_failure(401, "not_signed_in");
        client.post("/api/agent-keys", json!({ "agentId": "a" })).await.expect_failure(401, "not_signed_in");
    }
    let admin = app.sign_in().await;
    let viewer = json!({ "username": "vera", "password": GOOD, "role": "viewer" });
    admin.post("/api/users", viewer).await.expect(201);
    let login = json!({ "username": "vera", "password": GOOD });
    let login = app.anonymous().post("/api/auth/login", login).await.expect(200);
    let viewer = app.anonymous().with("cookie", login.header("set-cookie").split(';').next().unwrap());
    viewer.get("/api/agent-keys").await.expect_failure(403, "forbidden");
    viewer.post("/api/agent-keys", json!({ "agentId": "a" })).await.expect_failure(403, "forbidden");
    let refused = admin.post("/api/agent-keys", json!({})).await.expect_failure(400, "missing_field");
    assert_eq!(refused.body["field"], "agentId");
    for (body, field) in [
        (json!({ "agentId": "a", "rights": ["admin"] }), "rights[0]"),
        (json!({ "agentId": "a", "projectIds": [] }), "projectIds"),
        (json!({ "agentId": "a", "expiresAt": "2020-01-01" }), "expiresAt"),
        (json!({ "agentId": "a", "project_ids": ["p1"] }), "project_ids"),
    ] {
        let refused = admin.post("/api/agent-keys", body).await.expect_failure(400, "invalid_field");
        assert_eq!(refused.body["field"], field);
    }
    assert_eq!(admin.get("/api/agent-keys").await.expect(200).data(), json!([]));
}

#[tokio::test]
async fn the_last_use_of_a_key_is_told_to_the_minute_and_survives_a_restart() {
    let app = TestApp::start().await;
    let (agent, _) = with_key(&app, json!({ "agentId": "a" })).await;
    let last_used = async |app: &TestApp| {
        app.sign_in().await.get("/api/agent-keys").await.expect(200).data()[0]["lastUsedAt"].clone()
    };
    agent.get("/api/agent/runs").await.expect(200);
    assert_eq!(last_used(&app).await, pilotdeck_testkit::START);
    app.clock.advance(59);
    agent.get("/api/agent/runs").await.expect(200);
    assert_eq!(last_used(&app).await, pilotdeck_testkit::START);
    app.clock.advance(1);
    agent.get("/api/agent/runs").await.expect(200);
    let app = app.restart().await;
    assert_eq!(last_used(&app).await, "2026-02-11T14:31:00.000000Z");
}

#[tokio::test]
async fn records_of_a_key_carry_its_agent() {
    let app = TestApp::start().await;
    app.post("/api/projects", a_project("p1")).await.expect(201);
    let (agent, _) = with_key(&app, json!({ "agentId": "claude" })).await;
    let run =
        agent.post("/api/agent/runs", json!({ "id": "r1", "projectId": "p1" })).await.expect(201).data();
    assert_eq!(run["agentId"], "claude");
    let event = agent.post("/api/agent/events", json!({ "id": "e1" })).await.expect(201).data();
    assert_eq!(event["agentId"], "claude");
    let body = json!({ "records": [{ "id": "u1", "cost": 1 }, { "id": "u2", "cost": 1, "agentId": null }] });
    let usage = agent.post("/api/agent/usage", body).await.expect(200).data();
    for result in usage["results"].as_array().unwrap() {
        assert_eq!(result["data"]["agentId"], "claude");
    }
    let body = json!({ "projectId": "p1", "action": "append_note", "params": { "note": "done" } });
    let done = agent.post("/api/agent/actions", body).await.expect(200).data();
    assert_eq!(done["event"]["agentId"], "claude");
    assert!(done["project"]["notes"].as_str().unwrap().ends_with("(claude) done"));
    let body = json!({ "type": "update_status", "payload": {}, "runId": "r1" });
    let kept = agent.post("/api/agent/actions", body).await.expect(201).data();
    assert_eq!(kept["event"]["agentId"], "claude");
    let run = agent.patch("/api/agent/runs/ses_1", json!({ "status": "completed" })).await.expect(201).data();
    assert_eq!(run["agentId"], "claude");
}

#[tokio::test]
async fn a_limited_key_reads_its_projects_and_nothing_else() {
    let app = two_projects().await;
    let (one, _) = with_key(&app, json!({ "agentId": "a", "projectIds": ["p1"] })).await;
    for (path, own) in [("runs", "r1"), ("events", "e1"), ("usage", "u1")] {
        for query in ["", "?projectId=", "?projectId=p1", "?agentId=&projectId=&projectId=p1"] {
            let listed = one.get(&format!("/api/agent/{path}{query}")).await.expect(200);
            assert_eq!(ids(&listed.body), [own], "{path}{query}");
        }
        for query in ["?projectId=p2", "?projectId=p1&projectId=p2", "?project%49d=p2"] {
            one.get(&format!("/api/agent/{path}{query}")).await.expect_failure(403, "forbidden");
        }
    }
    for path in ["/api/projects/p1", "/api/agent/runs/r1", "/api/agent/events/e1"] {
        one.get(path).await.expect(200);
    }
    for path in [
        "/api/projects/p2",
        "/api/projects/%70%32",
        "/api/projects/none",
        "/api/agent/runs/r2",
        "/api/agent/runs/r0",
        "/api/agent/events/e2",
        "/api/agent/events/e0",
        "/api/projects",
        "/api/stats",
        "/api/stats/overview",
        "/api/stats/runs?ids=r1",
        "/api/agent/runs/facets",
        "/api/agent/events/facets?projectId=p1",
        "/api/agent/profiles",
        "/api/agent/capabilities",
        "/api/stats/tokens?projectId=p2",
        "/api/agent/usage.csv?projectId=p2",
        "/api/stream?projectId=p2",
    ] {
        one.get(path).await.expect_failure(403, "forbidden");
    }
    let sums = one.get("/api/stats/tokens").await.expect(200).data();
    assert_eq!(sums["totals"]["records"], 1);
    assert_eq!(sums["byProject"].as_array().unwrap().len(), 1);
    let series = one.get("/api/stats/tokens/series?by=project").await.expect(200).data();
    assert!(series.as_array().unwrap().iter().all(|row| row["key"] == "p1"), "{series}");
    let table = one.get("/api/agent/usage.csv").await.expect(200).text();
    assert!(table.contains("u1") && !table.contains("u2") && !table.contains("u0"), "{table}");

    let (both, _) = with_key(&app, json!({ "agentId": "a", "projectIds": ["p1", "p2"] })).await;
    for (path, expected) in [("runs", ["r2", "r1"]), ("events", ["e1", "e2"])] {
        let listed = both.get(&format!("/api/agent/{path}")).await.expect(200);
        assert_eq!(ids(&listed.body), expected, "{path}");
    }
    let refused = both.get("/api/agent/usage").await.expect_failure(400, "invalid_parameter");
    assert_eq!(refused.body["field"], "projectId");
    assert_eq!(ids(&both.get("/api/agent/usage?projectId=p2").await.expect(200).body), ["u2"]);
}

#[tokio::test]
async fn a_limited_key_changes_its_projects_and_nothing_else() {
    let app = two_projects().await;
    let (one, _) = with_key(&app, json!({ "agentId": "a", "projectIds": ["p1"] })).await;
    one.patch("/api/projects/p1", json!({ "progress": 5 })).await.expect(200);
    one.put("/api/projects/p1", json!({ "progress": 6 })).await.expect(200);
    for answer in [
        one.patch("/api/projects/p2", json!({ "progress": 5 })).await,
        one.put("/api/projects/p2", json!({ "progress": 5 })).await,
        one.delete("/api/projects/p2").await,
        one.post("/api/projects", a_project("p3")).await,
        one.post("/api/projects/reorder", json!({ "ids": ["p2"] })).await,
        one.post("/api/agent/profiles", json!({})).await,
        one.delete("/api/agent/capabilities/c1").await,
    ] {
        answer.expect_failure(403, "forbidden");
    }
    let ops = json!({ "ops": [
        { "id": "p2", "patch": { "progress": 50 } }, { "id": "p1", "patch": { "progress": 7 } }, { "patch": {} },
    ]});
    let done = one.post("/api/projects/batch", ops).await.expect(200).data();
    let statuses: Vec<_> =
        done["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [403, 200, 400]);
    assert_eq!(done["results"][0]["code"], "forbidden");

    let actions = json!({ "actions": [
        { "projectId": "p2", "type": "set_progress", "params": { "progress": 50 } },
        { "projectId": "none", "type": "set_progress", "params": { "progress": 50 } },
        { "projectId": "p1", "runId": "r2", "type": "set_progress", "params": { "progress": 50 } },
        { "projectId": "p1", "agentId": "b", "type": "set_progress", "params": { "progress": 50 } },
        { "id": "e2", "projectId": "p1", "type": "set_progress", "params": { "progress": 50 } },
        { "projectId": "p1", "type": "set_progress", "params": { "progress": 8 } },
    ]});
    let done = one.post("/api/agent/actions", actions).await.expect(200).data();
    let statuses: Vec<_> =
        done["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 200]);
    assert!(done["results"][4]["event"].is_null() && done["results"][4]["project"].is_null());
    let flat = json!({ "projectId": "p2", "action": "add_tag", "params": { "tag": "x" } });
    one.post("/api/agent/actions", flat).await.expect_failure(403, "forbidden");
    for proposal in [
        json!({ "type": "t", "payload": {}, "runId": "r2" }),
        json!({ "type": "t", "payload": {}, "projectId": "p2" }),
        json!({ "type": "t", "payload": {}, "projectId": "p1", "runId": "r2" }),
        json!({ "type": "t", "payload": {}, "id": "e2" }),
    ] {
        one.post("/api/agent/actions", proposal).await.expect_failure(403, "forbidden");
    }
    let other = app.get("/api/projects/p2").await.expect(200).data();
    assert_eq!((&other["progress"], &other["tags"]), (&json!(0), &json!([])), "nothing was written");
    assert_eq!(app.get("/api/projects/p1").await.expect(200).data()["progress"], 8);
    assert_eq!(app.get("/api/agent/events?projectId=p2").await.expect(200).body["total"], 1);
}

#[tokio::test]
async fn a_limited_key_reports_into_its_projects_and_nowhere_else() {
    let app = two_projects().await;
    let (one, _) = with_key(&app, json!({ "agentId": "a", "projectIds": ["p1"] })).await;
    for body in [json!({ "id": "n1" }), json!({ "id": "n2", "projectId": "p1" })] {
        let run = one.post("/api/agent/runs", body).await.expect(201).data();
        assert_eq!(run["projectId"], "p1");
    }
    for body in [
        json!({ "id": "n3", "projectId": "p2" }),
        json!({ "id": "n4", "projectId": "" }),
        json!({ "id": "r2" }),
    ] {
        one.post("/api/agent/runs", body).await.expect_failure(403, "forbidden");
    }
    one.patch("/api/agent/runs/n1", json!({ "status": "completed" })).await.expect(200);
    for (id, patch) in [
        ("r2", json!({ "title": "x" })),
        ("r2", json!({ "projectId": "p1" })),
        ("r0", json!({ "projectId": "p1" })),
        ("n1", json!({ "projectId": "p2" })),
        ("n1", json!({ "projectId": null })),
    ] {
        one.patch(&format!("/api/agent/runs/{id}"), patch).await.expect_failure(403, "forbidden");
    }
    let events = json!({ "events": [
        { "runId": "r1" }, { "projectId": "p1" }, {},
        { "projectId": "p2" }, { "runId": "r2" }, { "runId": "r2", "projectId": "p1" }, { "id": "e2" }, { "agentId": "b" },
    ]});
    let done = one.post("/api/agent/events", events).await.expect(200).data();
    let results = done["results"].as_array().unwrap();
    assert!(results[..3].iter().all(|result| result["data"]["projectId"] == "p1"), "{done}");
    assert!(results[3..].iter().all(|result| result["status"] == 403 && result["data"].is_null()), "{done}");
    for body in [json!({ "projectId": "p2" }), json!({ "id": "e2" }), json!({ "runId": "r2" })] {
        one.post("/api/agent/events", body).await.expect_failure(403, "forbidden");
    }
    let records = json!({ "records": [
        { "id": "n1", "cost": 1 }, { "id": "n2", "cost": 1, "runId": "r1" },
        { "id": "n3", "cost": 1, "projectId": "p2" }, { "id": "n4", "cost": 1, "runId": "r2" }, { "id": "u2" },
        { "id": "n5", "cost": 1, "agentId": "b" },
    ]});
    let done = one.post("/api/agent/usage", records).await.expect(200).data();
    let results = done["results"].as_array().unwrap();
    assert!(results[..2].iter().all(|result| result["data"]["projectId"] == "p1"), "{done}");
    assert!(results[2..].iter().all(|result| result["status"] == 403 && result["data"].is_null()), "{done}");
    one.post("/api/agent/usage", json!({ "cost": 1, "projectId": "p2" }))
        .await
        .expect_failure(403, "forbidden");
    for (path, expected) in [("runs", 1), ("events", 1), ("usage", 1)] {
        let there = app.get(&format!("/api/agent/{path}?projectId=p2")).await.expect(200);
        assert_eq!(there.body["data"].as_array().unwrap().len(), expected, "nothing was written: {path}");
    }
    assert_eq!(app.get("/api/agent/runs/r2").await.expect(200).data()["title"], Value::Null);

    let (both, _) = with_key(&app, json!({ "agentId": "a", "projectIds": ["p1", "p2"] })).await;
    both.post("/api/agent/events", json!({})).await.expect_failure(403, "forbidden");
    both.post("/api/agent/events", json!({ "runId": "r2" })).await.expect(201);
}

#[tokio::test]
async fn a_limited_key_hears_its_projects_alone_and_a_revoked_one_nothing_more() {
    let app = two_projects().await;
    let (one, id) = with_key(&app, json!({ "agentId": "a", "projectIds": ["p1"] })).await;
    let mut stream = one.stream("").await.ready().await;
    app.post("/api/agent/events", json!({ "id": "n0" })).await.expect(201);
    app.post("/api/agent/events", json!({ "id": "n2", "projectId": "p2" })).await.expect(201);
    app.post("/api/agent/profiles", json!({ "id": "a1" })).await.expect(201);
    app.post("/api/projects/reorder", json!({ "ids": ["p2"] })).await.expect(200);
    app.patch("/api/projects/p2", json!({ "progress": 1 })).await.expect(200);
    app.patch("/api/projects/p1", json!({ "progress": 1 })).await.expect(200);
    app.post("/api/agent/events", json!({ "id": "n1", "projectId": "p1" })).await.expect(201);
    assert_eq!(stream.next().await.data["id"], "p1");
    assert_eq!(stream.next().await.data["id"], "n1");
    app.sign_in().await.delete(&format!("/api/agent-keys/{id}")).await.expect(200);
    app.post("/api/agent/events", json!({ "id": "n3", "projectId": "p1" })).await.expect(201);
    assert!(stream.find_next().await.is_none(), "the stream ends");
}

#[tokio::test]
async fn keys_survive_backup_and_restore_and_files_from_before_them_have_none() {
    let app = TestApp::start().await;
    let (agent, _) =
        with_key(&app, json!({ "agentId": "a", "projectIds": ["p1"], "rights": ["report"] })).await;
    let listed = app.sign_in().await.get("/api/agent-keys").await.expect(200).data();
    let file = app.admin().get("/api/admin/backup").await.expect(200).bytes;
    let report = restore(&app, file).await.expect(200).data();
    assert_eq!(report["report"]["rows"]["agent_keys"], 1);
    agent.post("/api/agent/events", json!({})).await.expect(201);
    let restored = app.sign_in().await.get("/api/agent-keys").await.expect(200).data();
    for field in ["id", "name", "agentId", "projectIds", "rights", "createdAt", "expiresAt"] {
        assert_eq!(restored[0][field], listed[0][field], "{field}");
    }
    restore(&app, std::fs::read(SAMPLE).unwrap()).await.expect(200);
    agent.post("/api/agent/events", json!({})).await.expect_failure(401, "unauthorized");
}
