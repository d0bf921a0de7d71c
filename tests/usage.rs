//! `/api/agent/usage` from outside (API.md §9).

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value, json};

use crate::support::{Caller, assert_shape, field_of_each, signed_in};

const PATH: &str = "/api/agent/usage";

#[tokio::test]
async fn one_record_is_answered_like_a_batch_of_one() {
    let app = signed_in().await;
    let made = app
        .post(PATH, json!({ "id": "u1", "inputTokens": "70", "outputTokens": 30.9, "cost": 0.02, "data": "raw", "own": 1 }))
        .await;
    assert_shape!(made);
    assert_shape!(app.get(PATH).await);
}

#[tokio::test]
async fn a_batch_answers_each_record_in_order() {
    let app = signed_in().await;
    let answer = app
        .post(
            PATH,
            json!({ "records": [
                { "id": "u1", "promptTokens": 70, "completionTokens": 30, "cost": 0.02 },
                { "id": "u1" },
                { "id": "u2", "cost": 1, "model": { "a": 1 } },
                "nonsense",
                { "id": "u3", "totalTokens": 7, "promptTokens": 1 },
            ]}),
        )
        .await;
    assert_shape!(answer);
    let empty = app.post(PATH, json!({ "records": [] })).await;
    assert_eq!((empty.status, &empty.body["data"]["received"]), (200, &json!(0)));
    let too_many = vec![json!({ "cost": 1 }); 1_001];
    for bad in [json!({ "records": { "cost": 1 } }), json!({ "records": too_many })] {
        let refused = app.post(PATH, bad).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!("records")));
    }
}

#[tokio::test]
async fn a_single_bad_record_is_the_failure_of_the_request() {
    let app = signed_in().await;
    assert_shape!(app.post(PATH, json!({ "id": "u1", "cost": -1 })).await);
    for (record, field) in [
        (json!({ "promptTokens": -1 }), Some("promptTokens")),
        (json!({ "promptTokens": 9_007_199_254_740_992_i64 }), Some("promptTokens")),
        (json!({ "totalTokens": "abc" }), Some("totalTokens")),
        (json!({ "cost": true }), Some("cost")),
        (json!({ "cost": 1e16 }), Some("cost")),
        (json!({ "cost": 1, "projectId": 7 }), Some("projectId")),
        (json!({ "cost": 1, "ts": "soon" }), Some("ts")),
        (json!({ "model": "m" }), None),
        (json!({}), None),
    ] {
        let answer = app.post(PATH, record.clone()).await;
        assert_eq!(answer.status, 400, "{record}: {}", answer.body);
        if let Some(field) = field {
            assert_eq!(answer.body["field"], json!(field), "{record}");
        }
    }
    assert_eq!(app.get(PATH).await.body["total"], json!(0));
}

#[tokio::test]
async fn a_known_id_is_answered_before_its_content_is_looked_at() {
    let app = signed_in().await;
    let made = app.post(PATH, json!({ "id": "u1", "cost": 1 })).await;
    let again = app.post(PATH, json!({ "id": "u1", "cost": "nonsense" })).await;
    let result = &again.body["data"]["results"][0];
    assert_eq!((again.status, &result["created"]), (200, &json!(false)));
    assert_eq!(result["data"], made.body["data"]["results"][0]["data"]);
    assert_eq!(app.get("/api/stats/tokens").await.body["data"]["totals"]["records"], json!(1));
}

#[tokio::test]
async fn defaults_and_aliases_are_filled_on_write() {
    let app = signed_in().await;
    let record = async |sent: Value| app.post(PATH, sent).await.body["data"]["results"][0]["data"].clone();
    assert_eq!(record(json!({ "cost": 1, "source": " " })).await["source"], json!("opencode"));
    assert_eq!(record(json!({ "cost": 1, "source": "cli" })).await["source"], json!("cli"));
    assert_eq!(record(json!({ "promptTokens": 2, "completionTokens": 3 })).await["totalTokens"], json!(5));
    assert_eq!(record(json!({ "promptTokens": 2, "totalTokens": 1 })).await["totalTokens"], json!(1));
    assert_eq!(record(json!({ "cost": 1, "data": [1, 2] })).await["data"], json!({ "raw": "[1,2]" }));
    assert_eq!(record(json!({ "cost": 1, "data": null })).await["data"], json!({}));
}

#[tokio::test]
async fn the_list_is_newest_first_filtered_and_paged() {
    let app = signed_in().await;
    let records = json!({ "records": [
        { "id": "a", "cost": 1, "ts": "2026-02-01", "projectId": "p1", "agentId": "x", "model": "m" },
        { "id": "b", "cost": 1, "ts": "2026-02-03", "workspace": "w", "sessionId": "s" },
        { "id": "c", "cost": 1, "ts": "2026-02-02T00:00:00+08:00", "source": "cli", "runId": "r" },
    ]});
    app.post(PATH, records).await;
    let ids = async |query: &str| {
        let answer = app.get(&format!("{PATH}{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let ids = field_of_each(&answer, "id");
        assert_eq!(answer.body["total"], json!(ids.len()), "total = number returned");
        ids.join(" ")
    };
    assert_eq!(ids("").await, "b c a");
    for (query, id) in [
        ("?projectId=p1", "a"),
        ("?agentId=x", "a"),
        ("?model=m", "a"),
        ("?workspace=w", "b"),
        ("?sessionId=s", "b"),
        ("?source=cli", "c"),
        ("?runId=r", "c"),
        ("?since=2026-02-01T16:00:00Z&until=2026-02-02", "c"),
        ("?until=2026-02-01T00:00:00Z", "a"),
        ("?limit=1&offset=1", "c"),
    ] {
        assert_eq!(ids(query).await, id, "{query}");
    }
    let first = app.get(&format!("{PATH}?limit=2")).await;
    assert_eq!(first.body["hasMore"], json!(true));
    let cursor = first.body["nextCursor"].as_str().unwrap();
    assert_eq!(field_of_each(&app.get(&format!("{PATH}?limit=2&cursor={cursor}")).await, "id"), ["a"]);
    for bad in ["since=soon", "until=7", "limit=x", "offset=1.5"] {
        assert_eq!(app.get(&format!("{PATH}?{bad}")).await.status, 400, "{bad}");
    }
}

async fn csv(app: &Caller, query: &str) -> Vec<String> {
    let answer = app.app.get(&format!("{PATH}.csv?{query}")).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=pilotdeck-usage-20260211.csv");
    let text = String::from_utf8(answer.bytes).unwrap();
    let lines: Vec<_> = text.split("\r\n").map(str::to_owned).collect();
    assert_eq!(lines.last().map(String::as_str), Some(""), "the last row is ended too");
    lines[..lines.len() - 1].to_vec()
}

const HEAD: &str = "ts,id,projectId,runId,agentId,workspace,sessionId,source,model,promptTokens,completionTokens,totalTokens,cost";

#[tokio::test]
async fn usage_is_downloaded_as_a_table_that_no_spreadsheet_runs() {
    let app = signed_in().await;
    assert_eq!(csv(&app, "").await, [HEAD]);
    let records = json!({ "records": [
        { "id": "u1", "ts": "2026-02-01T10:00:00Z", "projectId": "p1", "agentId": "=cmd|' /C calc'!A1", "model": "a,\"b\"", "promptTokens": 70, "completionTokens": 30, "cost": 0.02 },
        { "id": "+u2", "ts": "2026-02-02T10:00:00Z", "workspace": "-x", "sessionId": "@s", "source": "\tcli", "runId": "\r1", "cost": 1e-7 },
        { "id": "u3", "ts": "2026-02-03T10:00:00Z", "workspace": "一\n二", "totalTokens": 9_007_199_254_740_991_i64 },
    ]});
    assert_eq!(app.post(PATH, records).await.body["data"]["failed"], json!(0));
    assert_eq!(
        csv(&app, "limit=1&offset=2").await,
        [
            HEAD,
            "2026-02-03T10:00:00.000000Z,u3,,,,\"一\n二\",,opencode,,0,0,9007199254740991,0",
            "2026-02-02T10:00:00.000000Z,'+u2,,\"'\r1\",,'-x,'@s,'\tcli,,0,0,0,0.0000001",
            "2026-02-01T10:00:00.000000Z,u1,p1,,'=cmd|' /C calc'!A1,,,opencode,\"a,\"\"b\"\"\",70,30,100,0.02",
        ],
        "all that match, whatever the page"
    );
    assert_eq!(csv(&app, "projectId=p1").await.len(), 2);
    assert_eq!(csv(&app, "since=2026-02-02T10:00:00Z&until=2026-02-02").await.len(), 2);
    let refused = app.get(&format!("{PATH}.csv?since=soon")).await;
    assert_eq!((refused.status, &refused.body["field"]), (400, &json!("since")));
}

#[tokio::test]
async fn a_table_longer_than_one_piece_has_each_record_once() {
    let app = signed_in().await;
    // All at one time: only the order of arrival tells them apart.
    for start in [0, 600] {
        let records: Vec<_> =
            (start..start + 600).map(|id| json!({ "id": format!("u{id}"), "cost": 1 })).collect();
        assert_eq!(app.post(PATH, json!({ "records": records })).await.status, 200);
    }
    let lines = csv(&app, "").await;
    let ids: std::collections::BTreeSet<_> =
        lines[1..].iter().map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!((lines.len(), ids.len()), (1_201, 1_200));
}
