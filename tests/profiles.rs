//! `/api/agent/profiles` from outside (API.md §9).

use serde_json::json;

use crate::support::{assert_shape, field_of_each, signed_in};

const PATH: &str = "/api/agent/profiles";

#[tokio::test]
async fn a_new_profile_has_every_known_field_and_keeps_the_unknown_ones() {
    let app = signed_in().await;
    let made = app.post(PATH, json!({ "id": "x1", "name": " ", "own": [1, { "b": 1.0 }] })).await;
    assert_shape!(made);
    assert_eq!(app.get(&format!("{PATH}/x1")).await.body["data"], made.body["data"]);
    let unnamed = app.post(PATH, json!({})).await;
    assert!(unnamed.body["id"].as_str().unwrap().starts_with("agent-"), "{}", unnamed.body);
}

#[tokio::test]
async fn a_repeated_profile_is_answered_with_the_stored_one() {
    let app = signed_in().await;
    let made = app.post(PATH, json!({ "id": "x1", "name": "One" })).await;
    let again = app.post(PATH, json!({ "id": "x1", "enabled": "not looked at" })).await;
    assert_shape!(again);
    assert_eq!(again.body["data"], made.body["data"]);
}

#[tokio::test]
async fn a_patch_of_a_profile_changes_what_is_sent_and_a_stale_one_nothing() {
    let app = signed_in().await;
    let made = app.post(PATH, json!({ "id": "x1", "name": "One", "own": 1 })).await;
    let patch = json!({ "enabled": "off", "id": "x2", "ifUpdatedAt": made.body["data"]["updatedAt"] });
    let patched = app.patch(&format!("{PATH}/x1"), patch.clone()).await;
    assert_shape!(patched);
    let stale = app.patch(&format!("{PATH}/x1"), patch).await;
    assert_eq!((stale.status, &stale.body["code"]), (409, &json!("conflict")));
    assert_eq!(stale.body["current"], patched.body["data"]);
}

#[tokio::test]
async fn a_profile_that_breaks_a_rule_is_refused_with_the_name_of_the_field() {
    let app = signed_in().await;
    app.post(PATH, json!({ "id": "x1" })).await;
    for (body, field) in [
        (json!({ "name": 7 }), "name"),
        (json!({ "description": {} }), "description"),
        (json!({ "enabled": "perhaps" }), "enabled"),
        (json!({ "skills": 7 }), "skills"),
        (json!({ "meta": [] }), "meta"),
    ] {
        for answer in
            [app.post(PATH, body.clone()).await, app.patch(&format!("{PATH}/x1"), body.clone()).await]
        {
            assert_eq!(
                (answer.status, &answer.body["field"]),
                (400, &json!(field)),
                "{body}: {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn a_deleted_profile_is_gone_for_every_call() {
    let app = signed_in().await;
    app.post(PATH, json!({ "id": "x1" })).await;
    let path = format!("{PATH}/x1");
    assert_shape!(app.delete(&path).await);
    for answer in [app.delete(&path).await, app.get(&path).await, app.patch(&path, json!({})).await] {
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("profile_not_found")));
    }
    let put = app.put(&path, json!({})).await;
    assert_eq!((put.status, &put.body["code"]), (405, &json!("method_not_allowed")));
}

#[tokio::test]
async fn the_list_of_profiles_is_last_changed_first_and_filters_by_enabled() {
    let app = signed_in().await;
    assert_shape!(app.get(PATH).await);
    for id in ["a", "b", "c"] {
        app.post(PATH, json!({ "id": id, "enabled": id != "b" })).await;
    }
    app.patch(&format!("{PATH}/a"), json!({})).await;
    let ids = async |query: &str| {
        let answer = app.get(&format!("{PATH}{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        (field_of_each(&answer, "id").join(" "), answer.body["total"].as_u64().unwrap())
    };
    assert_eq!(ids("").await, ("a c b".into(), 3));
    assert_eq!(ids("?enabled=Yes").await, ("a c".into(), 2));
    assert_eq!(ids("?enabled=0").await, ("b".into(), 1));
    assert_eq!(ids("?enabled=").await, ("a c b".into(), 3));
    let bad = app.get(&format!("{PATH}?enabled=perhaps")).await;
    assert_eq!((bad.status, &bad.body["code"]), (400, &json!("invalid_parameter")));
    let first = app.get(&format!("{PATH}?limit=2")).await;
    let cursor = first.body["nextCursor"].as_str().unwrap();
    app.post(PATH, json!({ "id": "newcomer" })).await;
    let second = app.get(&format!("{PATH}?limit=2&cursor={cursor}")).await;
    assert_eq!(field_of_each(&second, "id"), ["b"]);
}
