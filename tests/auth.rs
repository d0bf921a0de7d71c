//! `/api/auth/*` from outside: API.md §3. Safety is in `security/a_accounts.rs` and `security/s_sessions.rs`.

use http::Method;
use pilotdeck_testkit::{Answer, TestApp};
use serde_json::{Value, json};

async fn login(app: &TestApp, body: Value) -> Answer {
    app.anonymous().post("/api/auth/login", body).await
}

#[tokio::test]
async fn signing_in_tells_who_it_is_and_sets_the_cookie() {
    let app = TestApp::start().await;
    let answer = login(&app, json!({ "username": "  admin ", "password": "admin" })).await.expect(200);
    let mut user = answer.data()["user"].clone();
    let id = user["id"].take();
    assert!(id.as_str().unwrap().starts_with("user-"), "{id}");
    let data =
        json!({ "user": { "id": null, "username": "admin", "role": "admin" }, "mustChangePassword": true });
    assert_eq!((&user, &answer.data()["mustChangePassword"]), (&data["user"], &data["mustChangePassword"]));
    assert!(answer.header("set-cookie").starts_with("pilotdeck_session="));
    assert!(!answer.text().contains("argon2"));
}

#[tokio::test]
async fn me_tells_the_same_as_the_login() {
    let app = TestApp::start().await;
    let answer = login(&app, json!({ "username": "admin", "password": "admin" })).await.expect(200);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let me = app.anonymous().with("cookie", &cookie).get("/api/auth/me").await.expect(200);
    assert_eq!(me.data(), answer.data());
    let among_others = format!("theme=dark; {cookie}; lang=en");
    app.anonymous().with("cookie", &among_others).get("/api/auth/me").await.expect(200);
}

#[tokio::test]
async fn without_a_session_nobody_is_signed_in() {
    let app = TestApp::start().await;
    app.anonymous().get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    app.agent().get("/api/auth/me").await.expect_failure(401, "not_signed_in");
    let password = json!({ "currentPassword": "admin", "newPassword": "a long enough one" });
    app.agent().post("/api/auth/password", password).await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn a_login_needs_two_texts() {
    let app = TestApp::start().await;
    let missing = [
        (json!({}), "username"),
        (json!({ "username": " ", "password": "admin" }), "username"),
        (json!({ "username": "admin" }), "password"),
        (json!({ "username": "admin", "password": null }), "password"),
        (json!({ "username": "admin", "password": "" }), "password"),
    ];
    for (body, field) in missing {
        let refused = login(&app, body.clone()).await.expect_failure(400, "missing_field");
        assert_eq!(refused.body["field"], field, "{body}");
    }
    for (body, field) in [
        (json!({ "username": 1, "password": "admin" }), "username"),
        (json!({ "username": "admin", "password": ["admin"] }), "password"),
    ] {
        let refused = login(&app, body.clone()).await.expect_failure(400, "invalid_field");
        assert_eq!(refused.body["field"], field, "{body}");
    }
    app.anonymous().post_text("/api/auth/login", "{").await.expect_failure(400, "invalid_json");
    app.anonymous().post_text("/api/auth/login", "[]").await.expect_failure(400, "invalid_body");
    let form = b"username=admin&password=admin".to_vec();
    let form_type = Some("application/x-www-form-urlencoded");
    let refused = app.anonymous().send(Method::POST, "/api/auth/login", form_type, form).await;
    refused.expect_failure(415, "unsupported_media_type");
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_are_refused_alike() {
    let app = TestApp::start().await;
    let wrong = login(&app, json!({ "username": "admin", "password": "no" })).await;
    let wrong = wrong.expect_failure(401, "invalid_credentials");
    let unknown = login(&app, json!({ "username": "nobody", "password": "admin" })).await;
    assert_eq!(unknown.expect_failure(401, "invalid_credentials").body, wrong.body);
    assert!(!wrong.headers.contains_key("set-cookie"));
    let trimmed = login(&app, json!({ "username": "admin", "password": " admin " })).await;
    trimmed.expect_failure(401, "invalid_credentials");
}

#[tokio::test]
async fn signing_out_succeeds_with_and_without_a_session() {
    let app = TestApp::start().await;
    let client = app.sign_in().await;
    client.call("POST", "/api/auth/logout").await.expect(200);
    client.post("/api/auth/logout", json!({})).await.expect(200);
    let answer = app.anonymous().call("POST", "/api/auth/logout").await.expect(200);
    assert_eq!(answer.body, json!({ "success": true }));
    client.get("/api/auth/me").await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn a_password_change_names_what_is_wrong() {
    let app = TestApp::start().await;
    let client = app.sign_in().await;
    let change = async |body: Value| client.post("/api/auth/password", body).await;
    let missing =
        change(json!({ "newPassword": "a long enough one" })).await.expect_failure(400, "missing_field");
    assert_eq!(missing.body["field"], "currentPassword");
    let short = change(json!({ "currentPassword": "admin", "newPassword": "short" })).await;
    assert_eq!(short.expect_failure(400, "invalid_field").body["field"], "newPassword");
    let wrong = change(json!({ "currentPassword": "wrong", "newPassword": "a long enough one" })).await;
    wrong.expect_failure(401, "invalid_credentials");
    let done =
        change(json!({ "currentPassword": "admin", "newPassword": "a long enough one" })).await.expect(200);
    assert_eq!(done.data()["user"]["username"], "admin");
    assert!(done.header("set-cookie").starts_with("pilotdeck_session="));
}

#[tokio::test]
async fn other_methods_are_refused_in_json() {
    let app = TestApp::start().await;
    for (method, path) in
        [("GET", "/api/auth/login"), ("POST", "/api/auth/me"), ("PUT", "/api/auth/password")]
    {
        let refused = app.anonymous().call(method, path).await.expect_failure(405, "method_not_allowed");
        assert!(!refused.header("allow").is_empty(), "{method} {path}");
    }
}
