//! The interface's files beside the API (API.md §12). What is built in `ui/dist` differs from tree to tree, so these tests ask
//! for the index only, which is either there or answered with a line of HTML.

use pilotdeck_testkit::TestApp;

#[tokio::test]
async fn the_interface_answers_where_no_file_is_meant() {
    let app = TestApp::start().await;
    let index = app.anonymous().get("/").await.expect(200);
    assert_eq!(index.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(index.header("cache-control"), "no-cache");
    for path in ["/projects", "/projects/p1", "/API/projects", "/index.html", "/?x=1"] {
        let answer = app.anonymous().get(path).await;
        if path == "/index.html" && answer.status == 404 {
            continue; // The interface is not built.
        }
        assert_eq!((answer.status, answer.text()), (200, index.text()), "{path}");
    }
}

#[tokio::test]
async fn a_missing_file_is_not_answered_with_the_interface() {
    let app = TestApp::start().await;
    for path in [
        "/assets/missing.js",
        "/assets/missing",
        "/logo.png",
        "/a/b.css",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        let answer = app.anonymous().get(path).await.expect_failure(404, "not_found");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
    for path in ["/%61pi/health", "/%2Fapi/health", "/%FF"] {
        let answer = app.anonymous().get(path).await;
        assert!(
            answer.status == 404 || answer.header("content-type").starts_with("text/html"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_file_the_browser_has_is_not_sent_again() {
    let app = TestApp::start().await;
    let first = app.anonymous().get("/").await.expect(200);
    let tag = first.header("etag");
    if tag.is_empty() {
        return; // The interface is not built.
    }
    let second = app.anonymous().with("if-none-match", tag).get("/").await.expect(304);
    assert_eq!((second.bytes.len(), second.header("etag")), (0, tag));
    app.anonymous().with("if-none-match", "\"other\"").get("/").await.expect(200);
}
