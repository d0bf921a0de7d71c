//! `/api/users` and `/api/auth/preferences` from outside. What a viewer may not do is in `security/users_roles.rs`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use pilotdeck_testkit::{Answer, Client, TestApp};
use serde_json::{Value, json};

use crate::security::GOOD;

pub(crate) async fn login_as(app: &TestApp, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    app.anonymous().post("/api/auth/login", body).await
}

pub(crate) async fn sign_in_as(app: &TestApp, username: &str, password: &str) -> Client {
    let answer = login_as(app, username, password).await.expect(200);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    app.anonymous().with("cookie", &cookie)
}

/// Makes a user with the password [`GOOD`] and gives the entry.
pub(crate) async fn create(admin: &Client, username: &str, role: &str) -> Value {
    let body = json!({ "username": username, "password": GOOD, "role": role });
    admin.post("/api/users", body).await.expect(201).data()
}

pub(crate) fn path_of(user: &Value) -> String {
    format!("/api/users/{}", user["id"].as_str().unwrap())
}

/// The entry of the one who asks.
async fn own_entry(admin: &Client) -> Value {
    let users = admin.get("/api/users").await.expect(200).data();
    users.as_array().unwrap().iter().find(|user| user["isSelf"] == true).unwrap().clone()
}

#[tokio::test]
async fn a_user_that_was_made_is_listed_and_can_sign_in() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let mut made = create(&admin, " ada ", "viewer").await;
    assert!(made["id"].as_str().unwrap().starts_with("user-"));
    made["id"].take();
    let expected = json!({
        "id": null, "username": "ada", "role": "viewer", "disabled": false, "createdAt": "2026-02-11T14:30:00.000000Z",
        "updatedAt": "2026-02-11T14:30:00.000000Z", "lastLoginAt": null, "sessions": 0, "isSelf": false,
    });
    assert_eq!(made, expected);
    let ada = sign_in_as(&app, "ada", GOOD).await;
    let me = ada.get("/api/auth/me").await.expect(200).data();
    assert_eq!((&me["user"]["role"], &me["mustChangePassword"]), (&json!("viewer"), &json!(false)));

    let listed = admin.get("/api/users").await.expect(200);
    let users = listed.data();
    let names: Vec<_> = users.as_array().unwrap().iter().map(|user| user["username"].clone()).collect();
    assert_eq!(names, ["ada", "admin"]);
    assert_eq!((&users[0]["sessions"], &users[1]["sessions"]), (&json!(1), &json!(1)));
    assert_eq!((&users[0]["isSelf"], &users[1]["isSelf"]), (&json!(false), &json!(true)));
    assert_eq!(users[0]["lastLoginAt"], "2026-02-11T14:30:00.000000Z");
    assert!(!listed.text().contains("argon2"));
}

#[tokio::test]
async fn a_bad_user_is_refused_with_the_field_that_is_wrong() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let too_long = "x".repeat(65);
    let wrong = [
        (json!({ "password": GOOD, "role": "viewer" }), "missing_field", "username"),
        (json!({ "username": "  ", "password": GOOD, "role": "viewer" }), "missing_field", "username"),
        (
            json!({ "username": "a\u{202e}b", "password": GOOD, "role": "viewer" }),
            "invalid_field",
            "username",
        ),
        (json!({ "username": too_long, "password": GOOD, "role": "viewer" }), "invalid_field", "username"),
        (json!({ "username": 7, "password": GOOD, "role": "viewer" }), "invalid_field", "username"),
        (json!({ "username": "ada", "role": "viewer" }), "missing_field", "password"),
        (json!({ "username": "ada", "password": "short", "role": "viewer" }), "invalid_field", "password"),
        (
            json!({ "username": "ada", "password": "Password1", "role": "viewer" }),
            "invalid_field",
            "password",
        ),
        (
            json!({ "username": "ada lovelace", "password": "Ada Lovelace", "role": "viewer" }),
            "invalid_field",
            "password",
        ),
        (json!({ "username": "ada", "password": GOOD }), "missing_field", "role"),
        (json!({ "username": "ada", "password": GOOD, "role": "owner" }), "invalid_field", "role"),
    ];
    for (body, code, field) in wrong {
        let refused = admin.post("/api/users", body.clone()).await.expect_failure(400, code);
        assert_eq!(refused.body["field"], field, "{body}");
    }
    assert_eq!(admin.get("/api/users").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_is_taken_in_every_spelling() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    create(&admin, "Ärger", "viewer").await;
    for name in ["Ärger", "äRGER", " ärger ", "ADMIN"] {
        let body = json!({ "username": name, "password": GOOD, "role": "viewer" });
        admin.post("/api/users", body).await.expect_failure(409, "user_exists");
    }
}

#[tokio::test]
async fn a_disabled_user_is_out_at_once_and_refused_like_a_wrong_password() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let ada = create(&admin, "ada", "admin").await;
    let client = sign_in_as(&app, "ada", GOOD).await;
    let changed = admin.patch(&path_of(&ada), json!({ "disabled": true })).await.expect(200).data();
    assert_eq!((&changed["disabled"], &changed["sessions"]), (&json!(true), &json!(0)));
    client.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    let refused = login_as(&app, "ada", GOOD).await.expect_failure(401, "invalid_credentials");
    let wrong = login_as(&app, "admin", "wrong").await.expect_failure(401, "invalid_credentials");
    assert_eq!(refused.body, wrong.body);

    let app = app.restart().await;
    login_as(&app, "ada", GOOD).await.expect_failure(401, "invalid_credentials");
    let admin = app.sign_in().await;
    admin.patch(&path_of(&ada), json!({ "disabled": false })).await.expect(200);
    let client = client.at(app.addresses()[0]);
    client.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    sign_in_as(&app, "ada", GOOD).await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let own = path_of(&own_entry(&admin).await);
    create(&admin, "eve", "viewer").await;
    for patch in [
        json!({ "role": "viewer" }),
        json!({ "disabled": true }),
        json!({ "role": "viewer", "disabled": true }),
    ] {
        admin.patch(&own, patch).await.expect_failure(409, "last_admin");
    }
    let ada = create(&admin, "ada", "admin").await;
    let demoted = admin.patch(&own, json!({ "role": "viewer" })).await.expect(200).data();
    assert_eq!(demoted["role"], "viewer");
    admin.get("/api/users").await.expect_failure(403, "forbidden");
    let ada_client = sign_in_as(&app, "ada", GOOD).await;
    ada_client.patch(&path_of(&ada), json!({ "disabled": true })).await.expect_failure(409, "last_admin");
}

#[tokio::test]
async fn a_bad_change_is_refused_and_an_unknown_user_is_not_found() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let own = path_of(&own_entry(&admin).await);
    for (patch, field) in [
        (json!({ "role": "owner" }), "role"),
        (json!({ "role": null }), "role"),
        (json!({ "disabled": "yes" }), "disabled"),
    ] {
        let refused = admin.patch(&own, patch.clone()).await.expect_failure(400, "invalid_field");
        assert_eq!(refused.body["field"], field, "{patch}");
    }
    admin.patch(&own, json!({ "disable": true })).await.expect_failure(400, "invalid_body");
    let nobody = "/api/users/user-nobody";
    admin.patch(nobody, json!({ "role": "viewer" })).await.expect_failure(404, "user_not_found");
    let password = json!({ "password": GOOD });
    admin.post(&format!("{nobody}/password"), password).await.expect_failure(404, "user_not_found");
}

#[tokio::test]
async fn a_password_that_is_reset_ends_the_sessions_of_its_user() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let ada = create(&admin, "ada", "viewer").await;
    let client = sign_in_as(&app, "ada", GOOD).await;
    let path = format!("{}/password", path_of(&ada));
    let weak =
        admin.post(&path, json!({ "password": "1234567890" })).await.expect_failure(400, "invalid_field");
    assert_eq!(weak.body["field"], "password");
    admin.post(&path, json!({})).await.expect_failure(400, "missing_field");
    client.get("/api/auth/me").await.expect(200);
    let done = admin.post(&path, json!({ "password": "another good one" })).await.expect(200);
    assert_eq!(done.body, json!({ "success": true }));
    client.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    login_as(&app, "ada", GOOD).await.expect_failure(401, "invalid_credentials");
    sign_in_as(&app, "ada", "another good one").await;
    admin.get("/api/auth/me").await.expect(200);
    let own = format!("{}/password", path_of(&own_entry(&admin).await));
    admin.post(&own, json!({ "password": GOOD })).await.expect_failure(403, "forbidden");
}

#[tokio::test]
async fn a_backup_brings_back_who_was_disabled_and_what_they_prefer() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    let ada = create(&admin, "ada", "viewer").await;
    sign_in_as(&app, "ada", GOOD)
        .await
        .put("/api/auth/preferences", json!({ "theme": "dark", "n": 1.50 }))
        .await
        .expect(200);
    admin.patch(&path_of(&ada), json!({ "disabled": true })).await.expect(200);
    let backup = app.admin().get("/api/admin/backup").await.expect(200).bytes;
    admin.patch(&path_of(&ada), json!({ "disabled": false })).await.expect(200);
    sign_in_as(&app, "ada", GOOD).await.put("/api/auth/preferences", json!({})).await.expect(200);

    let octets = Some("application/octet-stream");
    app.admin().send(http::Method::POST, "/api/admin/restore", octets, backup).await.expect(200);
    login_as(&app, "ada", GOOD).await.expect_failure(401, "invalid_credentials");
    let admin = app.sign_in().await;
    admin.patch(&path_of(&ada), json!({ "disabled": false })).await.expect(200);
    let ada = sign_in_as(&app, "ada", GOOD).await;
    let preferences = ada.get("/api/auth/preferences").await.expect(200).data();
    assert_eq!(preferences.to_string(), r#"{"theme":"dark","n":1.5}"#);
}

#[tokio::test]
async fn preferences_are_an_object_of_each_person() {
    let app = TestApp::start().await;
    let admin = app.sign_in().await;
    create(&admin, "ada", "viewer").await;
    let ada = sign_in_as(&app, "ada", GOOD).await;
    assert_eq!(ada.get("/api/auth/preferences").await.expect(200).data(), json!({}));
    let wanted = json!({ "theme": "dark", "columns": ["a", { "b": null }], "语言": "中文" });
    assert_eq!(ada.put("/api/auth/preferences", wanted.clone()).await.expect(200).data(), wanted);
    assert_eq!(
        admin.get("/api/auth/preferences").await.expect(200).data(),
        json!({}),
        "another person's are others"
    );
    let app = app.restart().await;
    let ada = sign_in_as(&app, "ada", GOOD).await;
    assert_eq!(ada.get("/api/auth/preferences").await.expect(200).data(), wanted);
    ada.put("/api/auth/preferences", json!({})).await.expect(200);
    assert_eq!(ada.get("/api/auth/preferences").await.expect(200).data(), json!({}));

    let large = json!({ "text": "x".repeat(16 * 1024) });
    ada.put("/api/auth/preferences", large).await.expect_failure(413, "too_large");
    let most = json!({ "text": "x".repeat(16 * 1024 - 11) });
    ada.put("/api/auth/preferences", most).await.expect(200);
    ada.put("/api/auth/preferences", json!(["list"])).await.expect_failure(400, "invalid_body");
    app.anonymous().get("/api/auth/preferences").await.expect_failure(401, "not_signed_in");
    app.agent().put("/api/auth/preferences", json!({})).await.expect_failure(401, "not_signed_in");
}
