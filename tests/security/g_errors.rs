//! SECURITY.md G4, B4: what failures tell.

use pilotdeck_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn g4_an_internal_error_tells_an_id_and_nothing_else() {
    let app = TestApp::start().await;
    // The database is closed under the server: every call that needs it fails inside.
    app.app.close().await;
    for (method, path) in [
        ("GET", "/api/projects"),
        ("GET", "/api/projects/p1"),
        ("GET", "/api/stats"),
        ("GET", "/api/agent/runs"),
        ("GET", "/api/agent/events"),
        ("GET", "/api/agent/usage"),
        ("GET", "/api/agent/profiles"),
        ("GET", "/api/agent/capabilities"),
        ("DELETE", "/api/projects/p1"),
        ("POST", "/api/agent/events"),
    ] {
        let answer = app.call(method, path).await;
        assert!(answer.status >= 500, "{method} {path}: {answer}");
        if answer.status == 500 {
            assert_eq!(answer.body["error"], "Internal error", "{method} {path}");
            assert!(answer.body["requestId"].as_str().is_some_and(|id| id.starts_with("req-")), "{answer}");
        }
        let text = answer.text().to_lowercase();
        for leak in ["sqlite", "select", "/tmp", "pm.db", ".rs", "closed"] {
            assert!(!text.contains(leak), "{method} {path} tells {leak}: {answer}");
        }
    }
    let health = app.get("/api/health").await.expect(200);
    assert_eq!(health.body["status"], "degraded");
}

#[tokio::test]
async fn g4_failures_name_no_file_of_this_machine() {
    let app = TestApp::start().await;
    for answer in [
        app.admin().post("/api/admin/restore", json!({})).await,
        app.admin().post("/api/admin/deploy", json!({})).await,
        app.admin()
            .send(
                http::Method::POST,
                "/api/admin/restore",
                Some("application/octet-stream"),
                b"junk".to_vec(),
            )
            .await,
    ] {
        assert!((400..500).contains(&answer.status), "{answer}");
        assert!(!answer.text().contains(app.folder().to_str().unwrap()), "{answer}");
    }
}
