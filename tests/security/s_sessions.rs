//! S: login sessions.

#![expect(clippy::disallowed_methods, reason = "looks into the file beside the server")]

use pilotdeck_services::Secret;
use pilotdeck_testkit::{Client, TestApp};
use serde_json::json;

use super::{GOOD, cookie_of, files_with, login, sign_in, with_cookie, with_password};

const DAY: i64 = 24 * 60 * 60;

async fn is_signed_in(client: &Client) -> bool {
    let answer = client.get("/api/auth/me").await;
    if answer.status != 200 {
        answer.expect_failure(401, "not_signed_in");
        return false;
    }
    true
}

#[tokio::test]
async fn s1_the_file_does_not_know_the_cookie_and_another_key_ends_it() {
    let app = TestApp::builder()
        .settings(|settings| settings.secret_key = Secret::new("the first key"))
        .build()
        .await;
    let cookie = cookie_of(&login(&app.anonymous(), "admin").await.expect(200));
    assert_eq!(cookie.len(), 43, "256 bits in base64url: {cookie}");
    assert_eq!(files_with(&app, &cookie), Vec::<String>::new());
    assert!(!app.folder().join("pm.db.key").exists());

    let app = app.restart().await;
    assert!(is_signed_in(&with_cookie(&app.anonymous(), &cookie)).await, "a restart alone ends nothing");
    assert_eq!(files_with(&app, &cookie), Vec::<String>::new());
    let other = app.stop().await.settings(|settings| settings.secret_key = Secret::new("another key"));
    assert!(!is_signed_in(&with_cookie(&other.build().await.anonymous(), &cookie)).await);
}

#[cfg(unix)]
#[tokio::test]
async fn s1_without_a_configured_key_there_is_a_key_file_for_us_alone() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start().await;
    let client = sign_in(&app, "admin").await;
    let key = std::fs::metadata(app.folder().join("pm.db.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    let cookie = client.get("/api/auth/me").await.expect(200);
    assert!(!cookie.headers.contains_key("set-cookie"), "a session is set at login only");
}

#[tokio::test]
async fn s2_the_cookie_has_exactly_these_attributes() {
    let app = with_password()
        .config(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()])
        .build()
        .await;
    let attributes = async |client: Client| {
        let answer = login(&client, GOOD).await.expect(200);
        let cookie = answer.header("set-cookie").to_owned();
        let (name, rest) = cookie.split_once('=').unwrap();
        let (_, attributes) = rest.split_once("; ").unwrap();
        (name.to_owned(), attributes.to_owned())
    };
    let plain = attributes(app.anonymous()).await;
    assert_eq!(plain, ("pilotdeck_session".into(), "HttpOnly; SameSite=Strict; Path=/".into()));
    let secure = attributes(app.anonymous().with("x-forwarded-proto", "https")).await;
    assert_eq!(
        secure,
        ("__Host-pilotdeck_session".into(), "HttpOnly; SameSite=Strict; Path=/; Secure".into())
    );

    let cookie = login(&app.anonymous().with("x-forwarded-proto", "https"), GOOD).await;
    let cookie = cookie.header("set-cookie").split(';').next().unwrap().to_owned();
    let over_tls = app.anonymous().with("x-forwarded-proto", "https").with("cookie", &cookie);
    assert!(is_signed_in(&over_tls).await);
}

#[tokio::test]
async fn s2_an_untrusted_proxy_cannot_say_that_it_is_tls() {
    let app = with_password().build().await;
    let answer = login(&app.anonymous().with("x-forwarded-proto", "https"), GOOD).await.expect(200);
    assert!(answer.header("set-cookie").starts_with("pilotdeck_session="));
}

#[tokio::test]
async fn s3_a_session_ends_a_day_after_its_last_use() {
    let app = TestApp::start().await;
    let client = sign_in(&app, "admin").await;
    app.clock.advance(DAY);
    assert!(is_signed_in(&client).await);
    app.clock.advance(DAY + 1);
    assert!(!is_signed_in(&client).await);
    app.clock.advance(-DAY);
    assert!(!is_signed_in(&client).await, "a clock that goes back revives nothing");
}

#[tokio::test]
async fn s3_a_session_in_daily_use_ends_after_a_week_restarts_or_not() {
    let mut app = TestApp::start().await;
    let cookie = cookie_of(&login(&app.anonymous(), "admin").await);
    for day in 1..=7 {
        app.clock.advance(DAY);
        assert!(is_signed_in(&with_cookie(&app.anonymous(), &cookie)).await, "day {day}");
        if day == 3 {
            app = app.restart().await;
        }
    }
    app.clock.advance(1);
    assert!(!is_signed_in(&with_cookie(&app.anonymous(), &cookie)).await, "7 d + 1 s");
}

#[tokio::test]
async fn s3_a_login_ends_the_session_it_came_with() {
    let app = TestApp::start().await;
    let old = sign_in(&app, "admin").await;
    let new = cookie_of(&login(&old, "admin").await.expect(200));
    assert!(!is_signed_in(&old).await);
    let new = with_cookie(&app.anonymous(), &new);
    login(&new, "wrong").await.expect_failure(401, "invalid_credentials");
    assert!(is_signed_in(&new).await, "a failed login ends nothing");
}

#[tokio::test]
async fn s3_a_user_has_at_most_twenty_sessions() {
    let app = TestApp::start().await;
    let mut clients = Vec::new();
    for _ in 0..21 {
        clients.push(sign_in(&app, "admin").await);
    }
    assert!(!is_signed_in(&clients[0]).await, "the oldest is out");
    for client in &clients[1..] {
        assert!(is_signed_in(client).await);
    }
}

#[tokio::test]
async fn s3_made_up_and_broken_cookies_are_nobodys() {
    let app = TestApp::start().await;
    sign_in(&app, "admin").await;
    for cookie in ["", "x", &"A".repeat(43), &"A".repeat(4000), "a=b; c", "../../pm.db"] {
        assert!(!is_signed_in(&with_cookie(&app.anonymous(), cookie)).await, "{cookie}");
    }
}

#[tokio::test]
async fn s4_logging_out_ends_the_session_at_the_server() {
    let app = TestApp::start().await;
    let (client, other) = (sign_in(&app, "admin").await, sign_in(&app, "admin").await);
    let answer = client.call("POST", "/api/auth/logout").await.expect(200);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert!(!is_signed_in(&client).await, "the kept cookie is worth nothing");
    client.get("/api/projects").await.expect_failure(401, "not_signed_in");
    assert!(is_signed_in(&other).await);
}

#[tokio::test]
async fn s4_a_changed_password_ends_the_others_and_gives_a_new_cookie() {
    let app = TestApp::start().await;
    let (mine, other) = (sign_in(&app, "admin").await, sign_in(&app, "admin").await);
    let change = json!({ "currentPassword": "admin", "newPassword": GOOD });
    let changed = mine.post("/api/auth/password", change.clone()).await.expect(200);
    assert!(!is_signed_in(&mine).await && !is_signed_in(&other).await);
    assert!(is_signed_in(&with_cookie(&app.anonymous(), &cookie_of(&changed))).await);
    mine.post("/api/auth/password", change).await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn s4_sessions_are_listed_and_ended_one_by_one() {
    let app = TestApp::start().await;
    let mine = sign_in(&app, "admin").await;
    app.clock.advance(60);
    let other = sign_in(&app, "admin").await;
    let listed = mine.get("/api/auth/sessions").await.expect(200).data();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[0]["isCurrent"], &listed[1]["isCurrent"]),
        (&json!(false), &json!(true)),
        "newest first"
    );
    let path = format!("/api/auth/sessions/{}", listed[0]["id"].as_str().unwrap());
    mine.delete(&path).await.expect(200);
    assert!(!is_signed_in(&other).await && is_signed_in(&mine).await);
    mine.delete(&path).await.expect_failure(404, "not_found");
    app.agent().get("/api/auth/sessions").await.expect_failure(401, "not_signed_in");
}

#[tokio::test]
async fn s5_sessions_end_at_a_restore_and_are_in_no_backup() {
    let app = TestApp::start().await;
    let client = sign_in(&app, "admin").await;
    let backup = app.admin().get("/api/admin/backup").await.expect(200).bytes;
    let file = app.folder().join("downloaded");
    std::fs::write(&file, &backup).unwrap();
    let conn =
        rusqlite::Connection::open_with_flags(&file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let rows: i64 = conn.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
    let octets = Some("application/octet-stream");
    app.admin().send(http::Method::POST, "/api/admin/restore", octets, backup).await.expect(200);
    assert!(!is_signed_in(&client).await);
    sign_in(&app, "admin").await;
}
