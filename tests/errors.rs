//! Every failure is JSON with a code, whatever was wrong with the request (API.md §1.1, §1.2, §1.6, §12).

use http::Method;
use pilotdeck_testkit::{TestApp, a_project};
use serde_json::json;

#[tokio::test]
async fn what_is_not_there_is_json_for_every_method() {
    let app = TestApp::start().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        for path in ["/api", "/api/", "/api/nothing", "/api/projects/", "/api/projects/a/b", "/api/health/"] {
            let answer = app.call(method, path).await.expect_failure(404, "not_found");
            assert_eq!(answer.header("content-type"), "application/json", "{method} {path}");
            assert!(answer.body["message"].is_string());
        }
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let app = TestApp::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/api/projects", "GET,HEAD,POST"),
        ("PUT", "/api/agent/runs/r1", "GET,HEAD,PATCH"),
        ("DELETE", "/api/agent/runs/r1", "GET,HEAD,PATCH"),
        ("GET", "/api/auth/login", "POST"),
        ("POST", "/", "GET,HEAD"),
        ("POST", "/projects", "GET,HEAD"),
    ] {
        let answer = app.call(method, path).await.expect_failure(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        let answer = app.call("OPTIONS", path).await.expect(204);
        assert_eq!((answer.header("allow"), answer.bytes.len()), (allowed, 0), "OPTIONS {path}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    for path in ["/api/health", "/api/projects", "/", "/api/nothing"] {
        let (get, head) = (app.get(path).await, app.call("HEAD", path).await);
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused_and_write_nothing() {
    let app = TestApp::start().await;
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    for (body, code) in [
        ("{", "invalid_json"),
        ("{\"name\":NaN}", "invalid_json"),
        ("{\"name\":1e999}", "invalid_json"),
        ("{\"name\":\"\\ud800\"}", "invalid_json"),
        (deep.as_str(), "invalid_json"),
        ("[]", "invalid_body"),
        ("\"text\"", "invalid_body"),
        ("7", "invalid_body"),
        ("null", "invalid_body"),
    ] {
        for path in [
            "/api/projects",
            "/api/agent/runs",
            "/api/agent/events",
            "/api/agent/usage",
            "/api/agent/actions",
        ] {
            let answer = app.post_text(path, body).await;
            assert_eq!((answer.status, answer.code()), (400, code), "{path} {body}: {answer}");
        }
    }
    assert_eq!(app.get("/api/agent/runs").await.body["total"], 0);
    assert_eq!(app.get("/api/agent/events").await.body["total"], 0);
}

#[tokio::test]
async fn no_body_is_an_empty_object_whatever_type_it_says() {
    let app = TestApp::start().await;
    let answer = app.send(Method::POST, "/api/projects", None, Vec::new()).await;
    let answer = answer.expect_failure(400, "missing_field");
    assert_eq!(answer.body["field"], "name");
    app.send(Method::POST, "/api/agent/events", Some("text/plain"), Vec::new()).await.expect(201);
}

#[tokio::test]
async fn queries_that_cannot_be_read_are_refused_with_the_name_of_the_parameter() {
    let app = TestApp::start().await;
    for (path, field) in [
        ("/api/projects?limit=abc", "limit"),
        ("/api/agent/runs?limit=2.5", "limit"),
        ("/api/agent/runs?offset=1e2", "offset"),
        ("/api/agent/events?since=yesterday", "since"),
        ("/api/agent/profiles?enabled=perhaps", "enabled"),
        ("/api/agent/usage?until=soon", "until"),
        ("/api/agent/events?before=%00", "before"),
    ] {
        let answer = app.get(path).await.expect_failure(400, "invalid_parameter");
        assert_eq!(answer.body["field"], field, "{path}");
    }
    for path in ["/api/projects?limit=&unknown=1", "/api/agent/runs?limit=999999", "/api/agent/runs?limit=-3"]
    {
        app.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn ids_in_paths_are_decoded_once() {
    let app = TestApp::start().await;
    app.post("/api/projects", json!({ "id": "a/b c%20ü", "name": "Odd" })).await.expect(201);
    let answer = app.get("/api/projects/a%2Fb%20c%2520%C3%BC").await.expect(200);
    assert_eq!(answer.data()["id"], "a/b c%20ü");
    app.get("/api/projects/%FF").await.expect_failure(400, "invalid_parameter");
    app.get("/api/projects/none%20such").await.expect_failure(404, "project_not_found");
}

#[tokio::test]
async fn the_refusal_of_a_caller_without_credential_names_the_ways_in() {
    let app = TestApp::open().await;
    app.post("/api/projects", a_project("Apollo")).await.expect_failure(401, "not_signed_in");
    let answer = app.get("/api/projects").await.expect_failure(401, "not_signed_in");
    for way in ["Sign in", "X-PM-Agent-Token", "PM_AGENT_OPEN_PROJECTS=1"] {
        assert!(answer.text().contains(way), "{way}: {answer}");
    }
}
