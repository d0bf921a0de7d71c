//! SECURITY.md C: what agents wrote is shown, never run.

use pilotdeck_testkit::{TestApp, json};

#[tokio::test]
async fn c5_no_cell_of_an_export_begins_like_a_formula() {
    let app = TestApp::start().await;
    for (number, start) in ["=", "+", "-", "@", "\t", "\r"].into_iter().enumerate() {
        let text = format!("{start}HYPERLINK(1)");
        let record = json!({
            "id": format!("u{number}"), "cost": 1, "projectId": text, "runId": text, "agentId": text,
            "workspace": text, "sessionId": text, "source": text, "model": text,
        });
        app.post("/api/agent/usage", record).await.expect(200);
    }
    let table = app.get("/api/agent/usage.csv").await.expect(200);
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(table.header("content-disposition").starts_with("attachment; "));
    let text = table.text();
    assert_eq!(text.matches("'=HYPERLINK(1)").count(), 7, "{text}");
    assert_eq!(text.matches("HYPERLINK").count(), 6 * 7);
    for cell in text.split([',', '\n']) {
        let cell = cell.trim_start_matches('"');
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']) || cell == "\r", "{cell:?}");
    }
}
