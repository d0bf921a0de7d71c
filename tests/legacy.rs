//! A file of the older server answers as it did there, by the rules of the contract for its differences.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use pilotdeck_domain::Timestamp;
use pilotdeck_testkit::{Answer, TestApp, json};
use serde_json::Value;

pub(crate) const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/legacy-sample.db");
const EXPECTED: &str = include_str!("fixtures/legacy-sample.expected.json");
/// The day of the import; no record of the sample is of that day.
const NOW: &str = "2026-12-01T00:00:00Z";

const TIMES: [&str; 9] = [
    "createdAt",
    "updatedAt",
    "startedAt",
    "finishedAt",
    "ts",
    "lastUpdated",
    "dataLastUpdated",
    "projectUpdatedAt",
    "timestamp",
];
/// Text fields that the older server let hold anything.
const TEXTS: [&str; 5] = ["title", "description", "outputMode", "writebackPolicy", "promptPack"];

async fn imported() -> TestApp {
    let app = TestApp::builder().on_copy_of(SAMPLE);
    app.settings(|settings| settings.clock.set(Timestamp::parse(NOW).unwrap())).build().await
}

fn requests() -> Vec<Value> {
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    expected["requests"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_get_answers_what_the_older_server_answered() {
    let app = imported().await;
    let requests = requests();
    assert_eq!(requests.len(), 57);
    let mut differences = Vec::new();
    for request in requests {
        let path = request["path"].as_str().unwrap();
        let answer = app.get(path).await;
        assert_eq!(u64::from(answer.status), request["status"].as_u64().unwrap(), "{path}: {answer}");
        let (old, new) = prepared(path, request["body"].clone(), answer.json());
        compare(path, "", &old, &new, &Value::Null, &mut differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Takes out what the contract says is different by intent.
fn prepared(path: &str, mut old: Value, mut new: Value) -> (Value, Value) {
    let name = path.split('?').next().unwrap_or_default();
    match name {
        "/api/meta" => {
            old["data"].as_object_mut().unwrap().shift_remove("auth");
        }
        "/api/stats" => {
            let categories = old["data"]["byCategory"].as_object_mut().unwrap();
            let none = categories.shift_remove("未分类").unwrap();
            categories.insert("uncategorized".into(), none);
        }
        "/api/stats/tokens" => {
            let days = old["data"]["byDay"].as_array_mut().unwrap();
            let had_bad_day = days.iter().any(|row| row["day"] == "soon");
            days.retain(|row| row["day"] != "soon");
            let days = new["data"]["byDay"].as_array_mut().unwrap();
            let of_the_import =
                days.iter().position(|row| row["day"] == "2026-12-01").map(|place| days.remove(place));
            assert_eq!(of_the_import.is_some(), had_bad_day, "its record counts on the day of the import");
        }
        "/api/agent/usage" => {
            for list in [&mut old["data"], &mut new["data"]] {
                list.as_array_mut().unwrap().sort_by_key(|record| record["id"].as_str().unwrap().to_owned());
            }
        }
        "/api/agent/runs" if path.contains("status=success") => {
            assert_eq!(new["total"].as_u64(), Some(2), "`success` and `completed` are one word now");
            let known = old["data"][0]["id"].clone();
            new["data"].as_array_mut().unwrap().retain(|run| run["id"] == known);
            new["total"] = json!(1);
        }
        _ => {}
    }
    (old, new)
}

/// Every key of the old answer must be in the new one, and equal.
fn compare(path: &str, key: &str, old: &Value, new: &Value, beside: &Value, differences: &mut Vec<String>) {
    let mut differ = |why: &str| differences.push(format!("{path} {key}: {why}: {old} became {new}"));
    match (old, new) {
        (Value::Object(old), _) if old.contains_key("$nonfinite") => {
            if !new.is_null() {
                differ("not finite");
            }
        }
        (Value::Object(_) | Value::Number(_) | Value::Bool(_), Value::String(text))
            if TEXTS.contains(&key) =>
        {
            let compact = old.to_string();
            if *text != compact {
                differ("other type");
            }
        }
        (Value::Object(fields), Value::Object(answered)) => {
            for (name, value) in fields {
                match answered.get(name) {
                    Some(answer) => compare(path, name, value, answer, new, differences),
                    None => differences.push(format!("{path}: {name} is gone")),
                }
            }
        }
        (Value::Array(items), Value::Array(answered)) if items.len() == answered.len() => {
            for (item, answer) in items.iter().zip(answered) {
                compare(path, key, item, answer, &Value::Null, differences);
            }
        }
        (Value::Number(old), Value::Number(new)) => {
            let whole = |number: &serde_json::Number| !number.to_string().contains(['.', 'e', 'E']);
            let near = |one: f64, other: f64| (one - other).abs() <= 1e-6;
            let equal = if whole(old) && whole(new) {
                old.to_string() == new.to_string()
            } else {
                near(old.as_f64().unwrap(), new.as_f64().unwrap())
            };
            if !equal {
                differ("number");
            }
        }
        (Value::String(old_time), _) if TIMES.contains(&key) => match Timestamp::parse(old_time) {
            Some(instant) => {
                if new.as_str().and_then(Timestamp::parse) != Some(instant) {
                    differ("time");
                }
            }
            None => {
                let readable = new.as_str().and_then(Timestamp::parse).is_some();
                if !(readable || (key == "finishedAt" && new.is_null())) || beside["legacy"][key] != *old {
                    differ("unreadable time");
                }
            }
        },
        (Value::String(word), Value::String(answered)) if key == "status" && word == "success" => {
            if answered != "completed" {
                differ("status");
            }
        }
        _ if old == new => {}
        _ => differ("value"),
    }
}

#[tokio::test]
async fn the_first_good_login_replaces_the_wrapped_hash() {
    let app = imported().await;
    let sign_in = async |password: &str| {
        let body = json!({"username": "admin", "password": password});
        app.anonymous().post("/api/auth/login", body).await.status
    };
    assert_eq!(sign_in("wrong").await, 401);
    assert_eq!(sign_in(" admin ").await, 200, "the older server trimmed, and so do we for its hashes");
    assert_eq!(sign_in(" admin ").await, 401, "the hash is ours now");
    assert_eq!(sign_in("admin").await, 200);
}

#[tokio::test]
async fn no_bare_hash_of_the_older_server_is_left_in_the_file() {
    let app = imported().await;
    let folder = app.folder().to_owned();
    let hex = b"8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918";
    for name in ["pm.db", "pm.db-wal"] {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
        assert!(!bytes.windows(hex.len()).any(|window| window == hex), "{name}");
    }
}

#[tokio::test]
async fn a_stamp_that_an_agent_remembers_still_matches() {
    let app = imported().await;
    let old = "2026-11-22T19:01:35.334408";
    let patched =
        app.patch("/api/projects/proj-full", json!({"progress": 60, "ifUpdatedAt": old})).await.expect(200);
    assert!(patched.data()["updatedAt"].as_str().unwrap() > old);
    app.patch("/api/projects/proj-full", json!({"progress": 61, "ifUpdatedAt": old}))
        .await
        .expect_failure(409, "conflict");
}

#[tokio::test]
async fn a_record_with_odd_old_values_can_be_put_back_as_it_was_read() {
    let app = imported().await;
    for id in ["proj-odd", "proj-cost-neg", "proj-empty-name", "proj-bigint", "proj-time-bad"] {
        let path = format!("/api/projects/{id}");
        let before = app.get(&path).await.expect(200).data();
        let after = app.put(&path, before.clone()).await.expect(200).data();
        for (field, value) in before.as_object().unwrap().iter().filter(|(field, _)| *field != "updatedAt") {
            assert_eq!(after[field], *value, "{id}.{field}");
        }
    }
}

#[tokio::test]
async fn records_that_are_sent_again_change_nothing() {
    let app = imported().await;
    let known = [
        ("/api/agent/runs", json!({"id": "run-full", "title": "again"}), "/api/agent/runs/run-full"),
        ("/api/agent/events", json!({"id": "evt-full", "title": "again"}), "/api/agent/events/evt-full"),
        (
            "/api/agent/profiles",
            json!({"id": "agent-full", "name": "again"}),
            "/api/agent/profiles/agent-full",
        ),
    ];
    for (path, body, own) in known {
        let before = app.get(own).await.expect(200).data();
        let answer = app.post(path, body).await.expect(200);
        assert_eq!(answer.body["created"], false);
        assert_eq!((&answer.data(), &app.get(own).await.data()), (&before, &before));
    }
    let actions = json!({"projectId": "proj-full", "actions": [{"id": "act-1", "type": "set_status", "params": {"status": "cancelled"}}]});
    let answer = app.post("/api/agent/actions", actions).await.expect(200);
    assert_eq!(answer.data()["results"][0]["message"], "action exists");
    let answer = app.post("/api/agent/usage", json!({"id": "usage-1", "totalTokens": 1})).await.expect(200);
    assert_eq!(answer.data()["results"][0]["created"], false);
    assert_eq!(app.get("/api/projects/proj-full").await.data()["status"], "paused");
    assert_eq!(app.get("/api/stats/tokens").await.data()["totals"]["totalTokens"], 1867);
}

#[tokio::test]
async fn runs_are_found_by_their_session_and_projects_by_any_id() {
    let app = imported().await;
    assert_eq!(app.get("/api/agent/runs/ses_1").await.expect(200).data()["id"], "run-e8891aa2");
    assert_eq!(
        app.get("/api/projects/proj%2Fwith%2Fslash").await.expect(200).data()["id"],
        "proj/with/slash"
    );
}

#[tokio::test]
async fn what_was_imported_answers_the_same_after_backup_and_restore() {
    let app = imported().await;
    let before = answers(&app).await;
    let backup = app.admin().get("/api/admin/backup").await.expect(200).bytes;
    app.delete("/api/projects/proj-full").await.expect(200);
    app.post("/api/agent/usage", json!({"totalTokens": 9})).await.expect(200);
    crate::restore::restore(&app, backup).await.expect(200);
    for ((path, before), (_, after)) in before.into_iter().zip(answers(&app).await) {
        assert_eq!(after.text(), before.text(), "{path}");
    }
}

async fn answers(app: &TestApp) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for request in requests() {
        let path = request["path"].as_str().unwrap().to_owned();
        let answer = app.get(&path).await;
        answers.push((path, answer));
    }
    answers
}
