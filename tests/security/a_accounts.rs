//! A: accounts and passwords.

use http::Method;
use pilotdeck_testkit::{Client, TestApp};
use serde_json::json;

use super::{GOOD, Logged, files_with, login, password_hashes, proxied, sign_in};

const LEGACY_SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/legacy-sample.db");
/// SHA-256 of `admin`, as the older server kept it.
const SHA_OF_ADMIN: &str = "8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918";

async fn change_password(client: &Client, current: &str, new: &str) -> pilotdeck_testkit::Answer {
    client.post("/api/auth/password", json!({ "currentPassword": current, "newPassword": new })).await
}

#[tokio::test]
async fn a1_the_documented_login_works_from_this_machine_on_a_fresh_file() {
    let app = TestApp::start().await;
    for host in ["localhost:8689", "127.0.0.1:8689", "[::1]:8689"] {
        let answer = login(&app.anonymous().with("host", host), "admin").await.expect(200);
        assert!(answer.header("set-cookie").starts_with("pilotdeck_session="), "{host}");
        assert_eq!(answer.data()["mustChangePassword"], true);
        assert_eq!(answer.data()["user"]["username"], "admin");
    }
}

#[tokio::test]
async fn a2_the_default_password_is_refused_from_elsewhere_with_one_warning() {
    let logged = Logged::start();
    let app =
        TestApp::builder().config(|config| config.allowed_hosts.push("deck.example".into())).build().await;
    let callers = [
        proxied(&app.anonymous()),
        app.anonymous().with("host", "deck.example"),
        app.anonymous().with("via", "1.1 proxy"),
        app.anonymous().with("x-real-ip", "127.0.0.1"),
        app.anonymous().with("forwarded", "for=127.0.0.1"),
        app.anonymous().with("cf-connecting-ip", "127.0.0.1"),
    ];
    for (number, caller) in (1..).zip(&callers) {
        let answer = login(caller, "admin").await.expect_failure(403, "default_password_local_only");
        assert!(!answer.headers.contains_key("set-cookie"));
        assert_eq!(logged.warnings_with("default password was refused"), number, "one for each try");
    }
    login(&callers[0], "wrong").await.expect_failure(401, "invalid_credentials");
}

#[tokio::test]
async fn a2_a_restored_file_with_the_default_password_is_judged_at_its_first_login() {
    let app = super::with_password().build().await;
    let sample = std::fs::read(LEGACY_SAMPLE).unwrap();
    let octets = Some("application/octet-stream");
    app.admin().send(Method::POST, "/api/admin/restore", octets, sample).await.expect(200);
    // PM_ADMIN_PASSWORD stands in for the default password, also for one that comes with a backup.
    login(&proxied(&app.anonymous()), "admin").await.expect_failure(401, "invalid_credentials");
    login(&proxied(&app.anonymous()), GOOD).await.expect(200);

    let app = TestApp::start().await;
    let client = sign_in(&app, "admin").await;
    change_password(&client, "admin", GOOD).await.expect(200);
    let sample = std::fs::read(LEGACY_SAMPLE).unwrap();
    app.admin().send(Method::POST, "/api/admin/restore", octets, sample).await.expect(200);
    login(&proxied(&app.anonymous()), "admin").await.expect_failure(403, "default_password_local_only");
    assert_eq!(login(&app.anonymous(), "admin").await.expect(200).data()["mustChangePassword"], true);
}

#[tokio::test]
async fn a3_the_default_password_is_told_until_it_is_changed_and_cannot_be_set_again() {
    let logged = Logged::start();
    let app = TestApp::start().await;
    assert_eq!(logged.warnings_with("still the default"), 1, "a line in the log at start");
    let meta = async |client: &Client| client.get("/api/meta").await.expect(200).data()["auth"].clone();
    assert_eq!(meta(&app.anonymous()).await["mustChangePassword"], true);
    assert!(
        meta(&proxied(&app.anonymous())).await.get("mustChangePassword").is_none(),
        "told to local callers only"
    );

    let client = sign_in(&app, "admin").await;
    assert_eq!(client.get("/api/auth/me").await.expect(200).data()["mustChangePassword"], true);
    for again in ["admin", " admin ", "ADMIN"] {
        let refused = change_password(&client, "admin", again).await.expect_failure(400, "invalid_field");
        assert_eq!(refused.body["field"], "newPassword");
    }
    let changed = change_password(&client, "admin", GOOD).await.expect(200);
    assert_eq!(changed.data()["mustChangePassword"], false);
    assert_eq!(meta(&app.anonymous()).await["mustChangePassword"], false);
    login(&app.anonymous(), "admin").await.expect_failure(401, "invalid_credentials");
    let client = sign_in(&app, GOOD).await;
    assert_eq!(client.get("/api/auth/me").await.expect(200).data()["mustChangePassword"], false);

    let app = app.restart().await;
    assert_eq!(meta(&app.anonymous()).await["mustChangePassword"], false);
    assert_eq!(logged.warnings_with("still the default"), 1, "none at the second start");
}

#[tokio::test]
async fn a4_every_stored_hash_is_argon2id_at_the_agreed_cost() {
    let app = TestApp::start().await;
    let ours = |hash: &String| hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$");
    assert!(password_hashes(&app).iter().all(ours), "the first password");
    let client = sign_in(&app, "admin").await;
    change_password(&client, "admin", GOOD).await.expect(200);
    let hashes = password_hashes(&app);
    assert!(hashes.len() == 1 && hashes.iter().all(ours), "a changed one: {hashes:?}");
    assert!(files_with(&app, GOOD).is_empty());
}

#[tokio::test]
async fn a4_a_weaker_hash_is_replaced_at_login() {
    let app = TestApp::start().await;
    // argon2id of `correct horse` at m=64, t=1.
    let weak = weak_hash_of_correct_horse();
    let stopped = app.stop().await;
    let conn =
        rusqlite::Connection::open_with_flags(stopped.db_file(), rusqlite::OpenFlags::default()).unwrap();
    assert_eq!(conn.execute("UPDATE users SET password_hash = ?1", [&weak]).unwrap(), 1);
    drop(conn);
    let app = stopped.build().await;
    login(&app.anonymous(), "wrong horse").await.expect_failure(401, "invalid_credentials");
    assert_eq!(password_hashes(&app), [weak]);
    sign_in(&app, "correct horse").await;
    assert!(password_hashes(&app)[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    sign_in(&app, "correct horse").await;
}

fn weak_hash_of_correct_horse() -> String {
    use argon2::password_hash::PasswordHasher;
    use argon2::{Algorithm, Argon2, Params, Version};
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
    weak.hash_password(b"correct horse").unwrap().to_string()
}

#[tokio::test]
async fn a5_an_older_hash_never_stays_bare_and_is_replaced_at_login() {
    let app = TestApp::start().await;
    let sample = std::fs::read(LEGACY_SAMPLE).unwrap();
    let octets = Some("application/octet-stream");
    app.admin().send(Method::POST, "/api/admin/restore", octets, sample).await.expect(200);
    assert!(password_hashes(&app)[0].starts_with("legacy-sha256$$argon2id$"));
    assert_eq!(files_with(&app, SHA_OF_ADMIN), Vec::<String>::new());

    login(&app.anonymous(), "Admin").await.expect_failure(401, "invalid_credentials");
    login(&app.anonymous(), SHA_OF_ADMIN).await.expect_failure(401, "invalid_credentials");
    login(&app.anonymous(), " admin ").await.expect(200);
    assert!(password_hashes(&app)[0].starts_with("$argon2id$"));
    login(&app.anonymous(), "admin").await.expect(200);
    login(&app.anonymous(), " admin ").await.expect_failure(401, "invalid_credentials");
}

#[tokio::test]
async fn a5_a_file_of_the_older_server_opened_in_place_is_wrapped_too() {
    let app = TestApp::builder().on_copy_of(LEGACY_SAMPLE).build().await;
    assert!(password_hashes(&app)[0].starts_with("legacy-sha256$$argon2id$"));
    let bare = files_with(&app, SHA_OF_ADMIN);
    assert!(
        bare.iter().all(|file| file.contains("pm.db.legacy.")),
        "only in the copy that is kept: {bare:?}"
    );
    login(&app.anonymous(), "admin").await.expect(200);
    assert!(password_hashes(&app)[0].starts_with("$argon2id$"));
}

#[tokio::test]
async fn a6_new_passwords_keep_the_rules_and_need_the_current_one() {
    let app = TestApp::start().await;
    let client = sign_in(&app, "admin").await;
    for bad in ["1234567", &"x".repeat(257), "          "] {
        assert_eq!(change_password(&client, "admin", bad).await.status, 400, "{bad}");
    }
    change_password(&client, "wrong", GOOD).await.expect_failure(401, "invalid_credentials");
    let long = format!(" {} 🙂", "a b".repeat(20));
    change_password(&client, "admin", &long).await.expect(200);
    login(&app.anonymous(), &long).await.expect(200);
    login(&app.anonymous(), long.trim()).await.expect_failure(401, "invalid_credentials");
}

#[tokio::test]
async fn a7_an_unknown_user_and_a_wrong_password_read_the_same() {
    let app = TestApp::start().await;
    let unknown =
        app.anonymous().post("/api/auth/login", json!({ "username": "nobody", "password": "x" })).await;
    let wrong = login(&app.anonymous(), "x").await;
    assert_eq!((unknown.status, &unknown.body), (wrong.status, &wrong.body));
}

#[tokio::test]
async fn a7_more_logins_than_can_wait_are_told_to_come_back() {
    let app = TestApp::start().await;
    let tries: Vec<_> = (0..60)
        .map(|_| {
            let client = app.anonymous();
            tokio::spawn(async move { login(&client, "wrong").await })
        })
        .collect();
    let mut busy = 0;
    for one in tries {
        match one.await.unwrap() {
            answer if answer.status == 503 => busy += 1,
            answer => drop(answer.expect_failure(401, "invalid_credentials")),
        }
    }
    assert!(busy > 0, "two run and sixteen wait");
    login(&app.anonymous(), "admin").await.expect(200);
}
