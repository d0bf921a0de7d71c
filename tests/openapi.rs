//! The description of the API, and who may call what it describes.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use http::Method;
use pilotdeck_testkit::TestApp;
use serde_json::Value;

/// The operations of the description: method, path, and whether it asks for a credential.
pub(crate) async fn operations(app: &TestApp) -> Vec<(Method, String, bool)> {
    let document = app.anonymous().get("/api/openapi.json").await.expect(200).body;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            let asks = operation["security"].as_array().is_some_and(|ways| !ways.is_empty());
            operations.push((method, path.replace("{id}", "x"), asks));
        }
    }
    operations
}

#[tokio::test]
async fn the_description_covers_the_contract_and_needs_no_credential() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("/api/openapi.json").await.expect(200);
    assert_eq!(document.header("content-type"), "application/json");
    assert_eq!(document.body["openapi"], "3.1.0");
    let paths = document.body["paths"].as_object().unwrap();
    for path in [
        "/api/health",
        "/api/meta",
        "/api/auth/login",
        "/api/auth/logout",
        "/api/auth/me",
        "/api/auth/preferences",
        "/api/agent-keys",
        "/api/agent-keys/{id}",
        "/api/users",
        "/api/users/{id}",
        "/api/users/{id}/password",
        "/api/projects",
        "/api/projects/{id}",
        "/api/projects/reorder",
        "/api/projects/batch",
        "/api/stats",
        "/api/stats/tokens",
        "/api/stats/tokens/series",
        "/api/stats/overview",
        "/api/stats/runs",
        "/api/agent/runs/facets",
        "/api/agent/usage.csv",
        "/api/agent/runs",
        "/api/agent/runs/{id}",
        "/api/agent/events",
        "/api/agent/events/{id}",
        "/api/agent/actions",
        "/api/agent/profiles",
        "/api/agent/profiles/{id}",
        "/api/agent/capabilities",
        "/api/agent/capabilities/{id}",
        "/api/agent/usage",
        "/api/admin/backup",
        "/api/admin/restore",
        "/api/admin/deploy",
        "/api/admin/deploy/status",
        "/api/admin/deploy/log",
        "/api/stream",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
}

#[tokio::test]
async fn only_a_few_endpoints_are_public_and_the_description_says_which() {
    let app = TestApp::start().await;
    let mut public = Vec::new();
    for (method, path, asks) in operations(&app).await {
        let answer = app.anonymous().send(method.clone(), &path, None, Vec::new()).await;
        if !asks {
            public.push(format!("{method} {path}"));
        }
        let refused = answer.status == 401 && answer.code() != "invalid_credentials";
        assert_eq!(refused, asks, "{method} {path}: {answer}");
    }
    public.sort();
    assert_eq!(public, ["GET /api/health", "GET /api/meta", "POST /api/auth/login", "POST /api/auth/logout"]);
}

#[tokio::test]
async fn the_docs_page_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let page = app.anonymous().get("/api/docs").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    for (file, content_type) in
        [("docs.js", "text/javascript; charset=utf-8"), ("docs.css", "text/css; charset=utf-8")]
    {
        assert!(page.text().contains(&format!("/api/docs/{file}")), "{file}");
        let answer = app.anonymous().get(&format!("/api/docs/{file}")).await.expect(200);
        assert_eq!(answer.header("content-type"), content_type);
        assert!(!answer.text().contains("://"), "{file} names no other place");
    }
    assert!(!page.text().contains("://"), "{page}");
    app.anonymous().get("/api/docs/other.js").await.expect_failure(404, "not_found");
}

#[tokio::test]
async fn every_documented_schema_that_is_a_record_leaves_room_for_unknown_fields() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("/api/openapi.json").await.expect(200).body;
    for name in ["Project", "Run", "Event", "Profile", "Capability", "UsageRecord"] {
        let schema = &document["components"]["schemas"][name];
        assert!(!matches!(schema["additionalProperties"], Value::Null | Value::Bool(false)), "{name}");
    }
}
